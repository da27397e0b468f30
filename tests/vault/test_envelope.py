"""Signed statements: the encoding of the specification, another implementation, and one form of bytes."""

from __future__ import annotations

import base64
import json

import pytest

from outcross.core.errors import BadInput, NotProven
from outcross.vault.envelope import PAYLOAD_TYPE, Envelope, open_envelope, pae, sealed
from outcross.vault.keys import Key

KEY, OTHER = Key.of_seed(bytes(32)), Key.of_seed(b"1" * 32)
STATEMENT = json.dumps({"_type": "https://in-toto.io/Statement/v1", "subject": [], "predicate": {"note": "é"}}).encode()
SEALED = sealed(STATEMENT, KEY)


def test_the_encoding_is_that_of_the_specification() -> None:
    """The example of the protocol: lengths are of bytes, not of characters."""
    assert pae(b"hello world", "http://example.com/HelloWorld") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("é".encode(), "é") == b"DSSEv1 2 \xc3\xa9 2 \xc3\xa9"
    assert pae(b"") == b"DSSEv1 28 application/vnd.in-toto+json 0 "


@pytest.mark.parametrize("payload", [STATEMENT, b"", b"a", b"ab", b"abc", bytes(range(256))])
def test_what_was_sealed_is_opened(payload: bytes) -> None:
    assert open_envelope(sealed(payload, KEY), KEY.public) == payload
    assert sealed(payload, KEY) == sealed(payload, KEY)


def test_an_envelope_is_json_that_others_read() -> None:
    told = json.loads(SEALED)
    assert base64.b64decode(told["payload"]) == STATEMENT
    assert told["payloadType"] == PAYLOAD_TYPE
    assert [signature["keyid"] for signature in told["signatures"]] == [KEY.public.fingerprint]


def test_an_envelope_may_be_read_before_its_key_is_known() -> None:
    read = Envelope.of(SEALED)
    assert (read.payload, read.keyid) == (STATEMENT, KEY.public.fingerprint)
    assert read.render() == SEALED


@pytest.mark.parametrize("payload", [b"a", b"{}", b"abc", STATEMENT])
def test_no_bit_of_an_envelope_may_change(payload: bytes) -> None:
    data = sealed(payload, KEY)
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(NotProven):
            open_envelope(bytes(changed), KEY.public)


def test_no_byte_of_an_envelope_may_go_or_come() -> None:
    for i in range(len(SEALED) + 1):
        for changed in (SEALED[:i] + b" " + SEALED[i:], SEALED[:i] + b"\n" + SEALED[i:], SEALED[: i - 1] + SEALED[i:]):
            if changed != SEALED:
                with pytest.raises(NotProven):
                    open_envelope(changed, KEY.public)


def rendered(**changes: object) -> bytes:
    return json.dumps({**json.loads(SEALED), **changes}, separators=(",", ":")).encode()


def test_the_same_json_in_another_form_is_refused() -> None:
    told = json.loads(SEALED)
    signature = told["signatures"][0]
    assert rendered() == SEALED
    for other in (
        json.dumps(told).encode(),
        json.dumps(dict(reversed(told.items())), separators=(",", ":")).encode(),
        rendered(payload=told["payload"].rstrip("=")),
        rendered(payload=base64.urlsafe_b64encode(b"\xff\xfe").decode()),
        rendered(more=1),
        rendered(signatures=[signature, signature]),
        rendered(signatures=[]),
        rendered(signatures=[{"sig": signature["sig"]}]),
        rendered(signatures=[{**signature, "keyid": signature["keyid"].upper()}]),
        rendered(payloadType="application/vnd.in-toto\\u002bjson"),
        rendered(payloadType="application/json"),
        SEALED + b"\n",
        b"\xef\xbb\xbf" + SEALED,
        SEALED + SEALED,
        b"",
        b"null",
    ):
        with pytest.raises(NotProven, match=r"one form|canonical"):
            open_envelope(other, KEY.public)
        with pytest.raises(BadInput):
            Envelope.of(other)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(
        NotProven, match=f"by the key {KEY.public.fingerprint[:16]}, not by {OTHER.public.fingerprint[:16]}"
    ):
        open_envelope(SEALED, OTHER.public)
    forged = Envelope(STATEMENT, KEY.public.fingerprint, OTHER.sign(pae(STATEMENT))).render()
    with pytest.raises(NotProven, match="signature"):
        open_envelope(forged, KEY.public)


def test_a_signature_of_the_bare_payload_is_none() -> None:
    with pytest.raises(NotProven):
        open_envelope(Envelope(STATEMENT, KEY.public.fingerprint, KEY.sign(STATEMENT)).render(), KEY.public)


def test_another_implementation_opens_ours_and_we_open_its() -> None:
    dsse = pytest.importorskip("securesystemslib.dsse")
    signer = pytest.importorskip("securesystemslib.signer")
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    raw = {"public": KEY.public.raw.hex()}
    theirs = signer.SSlibKey(KEY.public.fingerprint, "ed25519", "ed25519", raw)
    assert dsse.Envelope.from_dict(json.loads(SEALED)).verify([theirs], 1) == {theirs.keyid: theirs}

    envelope = dsse.Envelope(STATEMENT, PAYLOAD_TYPE, {})
    envelope.sign(signer.CryptoSigner(Ed25519PrivateKey.from_private_bytes(bytes(32)), theirs))
    told = envelope.to_dict()
    in_our_form = json.dumps(
        {**told, "signatures": [dict(sorted(told["signatures"][0].items()))]}, separators=(",", ":")
    )
    assert in_our_form.encode() == SEALED
    assert open_envelope(in_our_form.encode(), KEY.public) == STATEMENT
