"""Signed statements: DSSE version 1 (https://github.com/secure-systems-lab/dsse) around an in-toto statement.

An envelope is written in one form of bytes, and no other is opened: a blank that was added, or a bit of padding that
was changed, is found like any other change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import final

from outcross.core.errors import BadInput, NotProven
from outcross.vault import _base64
from outcross.vault.keys import Key, PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
"""What is inside of every envelope."""

_FORM = re.compile(
    rf'\{{"payload":"([A-Za-z0-9+/=]*)","payloadType":"{re.escape(PAYLOAD_TYPE)}",'
    r'"signatures":\[\{"keyid":"([0-9a-f]{64})","sig":"([A-Za-z0-9+/=]{88})"\}\]\}'
)


@final
@dataclass(frozen=True)
class Envelope:
    """An envelope that was read, and not verified yet.

    Parameters
    ----------
    payload
        The statement.
    keyid
        Whose signature it says to be: the fingerprint of a public key, as 64 hexadecimal digits.
    signature
        The 64 bytes of the signature of `pae`.

    Examples
    --------
    >>> Envelope.of(sealed(b"{}", Key.of_seed(bytes(32)))).payload
    b'{}'
    """

    payload: bytes
    keyid: str
    signature: bytes

    def render(self) -> bytes:
        """Return the envelope as JSON: the one form that is opened."""
        signature = f'{{"keyid":"{self.keyid}","sig":"{_base64.encode(self.signature)}"}}'
        payload = _base64.encode(self.payload)
        return f'{{"payload":"{payload}","payloadType":"{PAYLOAD_TYPE}","signatures":[{signature}]}}'.encode("ascii")

    @classmethod
    def of(cls, envelope: bytes) -> Envelope:
        """Read what `render` writes, and nothing else.

        Raises
        ------
        BadInput
            If it is not an envelope, or not in its one form.
        """
        form = _FORM.fullmatch(envelope.decode("ascii")) if envelope.isascii() else None
        if form is None:
            raise BadInput("not a signed statement (DSSE) in the one form that is written")
        payload, keyid, signature = form.groups()
        return cls(_base64.decode(payload), keyid, _base64.decode(signature))


def pae(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Return what is signed: the payload and its type with their lengths (Pre-Authentication Encoding of DSSE).

    Examples
    --------
    >>> pae(b"hello world", "http://example.com/HelloWorld")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sealed(payload: bytes, key: Key) -> bytes:
    """Return the signed envelope of an in-toto statement.

    Examples
    --------
    >>> key = Key.of_seed(bytes(32))
    >>> open_envelope(sealed(b'{"_type":"..."}', key), key.public)
    b'{"_type":"..."}'
    """
    return Envelope(payload, key.public.fingerprint, key.sign(pae(payload))).render()


def open_envelope(envelope: bytes, key: PublicKey) -> bytes:
    """Return the statement of an envelope that the key has signed.

    Raises
    ------
    NotProven
        If it is not an envelope in its one form, or not signed by that key.

    Examples
    --------
    >>> key = Key.of_seed(bytes(32))
    >>> open_envelope(sealed(b"{}", key) + b" ", key.public)
    Traceback (most recent call last):
    ...
    outcross.core.errors.NotProven: not a signed statement (DSSE) in the one form that is written
    """
    try:
        read = Envelope.of(envelope)
    except BadInput as error:
        raise NotProven(str(error)) from None
    if read.keyid != key.fingerprint:
        raise NotProven(f"the statement is signed by the key {read.keyid[:16]}, not by {key.fingerprint[:16]}")
    key.verify(read.signature, pae(read.payload))
    return read.payload
