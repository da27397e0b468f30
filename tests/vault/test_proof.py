"""Proofs as files: read as they are written, and nothing in them may change."""

from __future__ import annotations

import base64

import pytest

from outcross.core.errors import BadInput, NotProven, OutcrossError
from outcross.vault.checkpoint import Checkpoint
from outcross.vault.keys import Key
from outcross.vault.merkle import inclusion_path, leaf_hash, root
from outcross.vault.proof import TlogProof

KEY = Key.of_seed(bytes(32))
LEAVES = [leaf_hash(bytes([i])) for i in range(13)]
SIGNED = Checkpoint("example.org/corpus", 13, root(LEAVES)).signed(KEY)
PROOFS = [TlogProof(index, inclusion_path(LEAVES, index), SIGNED) for index in range(13)]
TEXT = PROOFS[6].text()


def test_the_form_is_that_of_the_specification() -> None:
    proof = TlogProof(6, PROOFS[6].path, SIGNED, b"some \xff bytes")
    lines = proof.text().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == "extra " + base64.b64encode(b"some \xff bytes").decode()
    assert lines[2] == "index 6"
    assert [base64.b64decode(line) for line in lines[3:7]] == list(PROOFS[6].path)
    assert lines[7] == ""
    assert "\n".join(lines[8:]) == SIGNED
    assert TlogProof.of(proof.text()) == proof


@pytest.mark.parametrize("index", range(13))
def test_every_entry_is_proved(index: int) -> None:
    proof = TlogProof.of(PROOFS[index].text())
    assert proof == PROOFS[index]
    assert proof.verify(LEAVES[index], KEY.public, "example.org/corpus").size == 13
    with pytest.raises(NotProven):
        proof.verify(LEAVES[index - 1], KEY.public)


def test_a_log_of_one_entry_has_an_empty_path() -> None:
    proof = TlogProof(0, (), Checkpoint("example.org/corpus", 1, LEAVES[0]).signed(KEY))
    assert TlogProof.of(proof.text()) == proof
    proof.verify(LEAVES[0], KEY.public)


def test_no_bit_of_a_proof_may_change() -> None:
    data = TEXT.encode()
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((BadInput, NotProven)):
            TlogProof.of(changed.decode(errors="surrogateescape")).verify(LEAVES[6], KEY.public)


def test_no_byte_of_a_proof_may_go_or_come() -> None:
    for i in range(len(TEXT)):
        for changed in (TEXT[:i] + TEXT[i + 1 :], TEXT[:i], TEXT[:i] + " " + TEXT[i:], TEXT[:i] + "\n" + TEXT[i:]):
            with pytest.raises((BadInput, NotProven)):
                TlogProof.of(changed).verify(LEAVES[6], KEY.public)


def test_lines_may_not_be_swapped() -> None:
    lines = TEXT.split("\n")
    for i in range(len(lines) - 1):
        changed = "\n".join([*lines[:i], lines[i + 1], lines[i], *lines[i + 2 :]])
        with pytest.raises((BadInput, NotProven)):
            TlogProof.of(changed).verify(LEAVES[6], KEY.public)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1",
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("index 6\n", ""),
        TEXT.replace("index 6", "index 06"),
        TEXT.replace("index 6", "index -6"),
        TEXT.replace("index 6", "index  6"),
        TEXT.replace("index 6", "index"),
        TEXT.replace("index 6", "index 18446744073709551616"),
        TEXT.replace("index 6", "index 6\nextra AAAA"),
        TEXT.replace("index 6", "extra \nindex 6"),
        TEXT.replace("index 6", "extra AAA\nindex 6"),
        TEXT.replace("index 6", "index 6\nAAAA"),
        TEXT.replace("index 6", "index 6" + ("\n" + "A" * 43 + "=") * 65),
        TEXT.replace("\n", "\r\n"),
        TEXT.rpartition("—")[0],
    ],
)
def test_what_is_no_proof(text: str) -> None:
    with pytest.raises(BadInput):
        TlogProof.of(text)


@pytest.mark.parametrize(("index", "path", "extra"), [(-1, (), None), (0, (b"short",), None), (0, (), b"")])
def test_what_cannot_be_a_proof(index: int, path: tuple[bytes, ...], extra: bytes | None) -> None:
    with pytest.raises(BadInput):
        TlogProof(index, path, SIGNED, extra)


def test_the_checkpoint_of_another_log_or_key_proves_nothing() -> None:
    for public, origin in ((Key.of_seed(b"1" * 32).public, None), (KEY.public, "example.org/other")):
        with pytest.raises(NotProven):
            PROOFS[6].verify(LEAVES[6], public, origin)
    longer = Checkpoint("example.org/corpus", 12, root(LEAVES[:12])).signed(KEY)
    with pytest.raises(OutcrossError):
        TlogProof(6, PROOFS[6].path, longer).verify(LEAVES[6], KEY.public)
