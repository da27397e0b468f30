"""Checkpoints: the example of the specification, one form of each, and nobody else's."""

from __future__ import annotations

import pytest

from outcross.core.errors import BadInput, NotProven
from outcross.vault import note
from outcross.vault.checkpoint import Checkpoint, whole_number
from outcross.vault.keys import Key
from outcross.vault.merkle import EMPTY

# The text of the example of https://c2sp.org/tlog-checkpoint.
EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
KEY, OTHER = Key.of_seed(bytes(32)), Key.of_seed(b"1" * 32)
SIGNED = Checkpoint.of(EXAMPLE).signed(KEY)


def test_the_example_of_the_specification() -> None:
    checkpoint = Checkpoint.of(EXAMPLE)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e")
    assert checkpoint.text() == EXAMPLE


def test_further_lines_are_kept() -> None:
    checkpoint = Checkpoint.of(EXAMPLE + "one\ntwo three\n")
    assert checkpoint.extensions == ("one", "two three")
    assert Checkpoint.verified(checkpoint.signed(KEY), KEY.public) == checkpoint


def test_an_empty_log_has_the_empty_root() -> None:
    empty = Checkpoint("a", 0, EMPTY)
    assert Checkpoint.of(empty.text()) == empty
    with pytest.raises(BadInput, match="root"):
        Checkpoint("a", 0, bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        EXAMPLE[:-1],
        EXAMPLE + "\n",
        EXAMPLE + "no end",
        EXAMPLE + "one\n\ntwo\n",
        "\n" + EXAMPLE,
        EXAMPLE.replace("example.com/behind-the-sofa", ""),
        EXAMPLE.replace("2085", "02085"),
        EXAMPLE.replace("2085", "-2085"),
        EXAMPLE.replace("2085", "+2085"),
        EXAMPLE.replace("2085", "20_85"),
        EXAMPLE.replace("2085", " 2085"),
        EXAMPLE.replace("2085", "٢085"),
        EXAMPLE.replace("20852163", "1e3"),
        EXAMPLE.replace("20852163", "18446744073709551616"),
        EXAMPLE.replace("20852163", "9" * 5000),
        EXAMPLE.replace("q2I=", "q2J="),  # a bit of the padding
        EXAMPLE.replace("q2I=", "q2I"),
        EXAMPLE.replace("q2I=", "q2I=="),
        EXAMPLE.replace("CsUY", ""),
        EXAMPLE.replace("/", "_"),
        EXAMPLE.replace("\n", "\r\n"),
        "\n".join(EXAMPLE.split("\n")[:2]) + "\n",
    ],
)
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(BadInput):
        Checkpoint.of(text)
    if text.endswith("\n") and text.strip("\n"):
        with pytest.raises((NotProven, BadInput)):
            Checkpoint.verified(note.sign(text, "example.com/behind-the-sofa", KEY), KEY.public)


def test_no_bit_of_a_signed_checkpoint_may_change() -> None:
    data = SIGNED.encode()
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(NotProven):
            Checkpoint.verified(changed.decode(errors="surrogateescape"), KEY.public)


def test_another_key_another_log_and_another_name() -> None:
    assert Checkpoint.verified(SIGNED, KEY.public, "example.com/behind-the-sofa").size == 20852163
    with pytest.raises(NotProven, match="not signed"):
        Checkpoint.verified(SIGNED, OTHER.public)
    with pytest.raises(NotProven, match=r"of the log 'example.com/behind-the-sofa', not of 'example.com/corpus'"):
        Checkpoint.verified(SIGNED, KEY.public, "example.com/corpus")
    with pytest.raises(NotProven, match="not signed"):
        Checkpoint.verified(note.sign(EXAMPLE, "example.com/other", KEY), KEY.public)


def test_witnesses_are_let_in_where_they_may() -> None:
    witness = note.sign(EXAMPLE, "witness.example", OTHER).rpartition("\n\n")[2]
    assert Checkpoint.verified(SIGNED + witness, KEY.public, witnessed=True).size == 20852163
    with pytest.raises(NotProven):
        Checkpoint.verified(SIGNED + witness, KEY.public)


@pytest.mark.parametrize("origin", ["", "two\nlines"])
def test_what_is_no_origin(origin: str) -> None:
    with pytest.raises(BadInput):
        Checkpoint(origin, 1, bytes(32))


def test_a_name_that_no_key_can_have_is_not_signed() -> None:
    with pytest.raises(BadInput, match="word"):
        Checkpoint("my corpus", 1, bytes(32)).signed(KEY)


@pytest.mark.parametrize("size", [-1, 1 << 64])
def test_what_is_no_size(size: int) -> None:
    with pytest.raises(BadInput, match="entries"):
        Checkpoint("a", size, bytes(32))


def test_whole_numbers() -> None:
    assert [whole_number(text) for text in ("0", "7", "18446744073709551615")] == [0, 7, (1 << 64) - 1]
    for text in ("", "-0", "00", "٧", "²", "1.0", "0x1"):
        with pytest.raises(BadInput, match="whole number"):
            whole_number(text)
