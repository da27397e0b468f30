"""Signed notes against those of other implementations: the tests of Go's sumdb/note, and a note of its public log."""

from __future__ import annotations

import base64

import pytest

from outcross.core.errors import BadInput, NotProven
from outcross.vault.checkpoint import Checkpoint
from outcross.vault.keys import Key, PublicKey
from outcross.vault.note import MOST, Note, key_id, of_vkey, sign, verify, vkey

# golang.org/x/mod/sumdb/note, note_test.go: two keys, both private ones known, and what they sign.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
BY_PETER = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
BY_ENOCH = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
NOTE = f"{TEXT}\n{BY_PETER}"

# A checkpoint of the checksum database of Go, and its published key.
SUMDB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
SUMDB_NOTE = """go.sum database tree
65209736
5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=

— sum.golang.org Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYspg3dxXABkGZZKdsQ8=
"""

NAME, PUBLIC = of_vkey(PETER)


def test_we_sign_as_others_do() -> None:
    assert sign(TEXT, "PeterNeumann", Key.of_seed(PETER_SEED)) == NOTE
    assert sign(TEXT, "EnochRoot", Key.of_seed(bytes(32))) == f"{TEXT}\n{BY_ENOCH}"


def test_we_verify_what_others_sign() -> None:
    assert verify(NOTE, NAME, PUBLIC) == TEXT
    text = verify(SUMDB_NOTE, *of_vkey(SUMDB))
    checkpoint = Checkpoint.of(text)
    assert (checkpoint.origin, checkpoint.size) == ("go.sum database tree", 65209736)
    assert checkpoint.text() == text


@pytest.mark.parametrize("word", [PETER, ENOCH, SUMDB])
def test_keys_are_written_as_others_do(word: str) -> None:
    name, public = of_vkey(word)
    assert vkey(name, public) == word
    assert key_id(name, public).hex() == word.split("+")[1]


def test_no_part_of_a_key_is_a_key() -> None:
    for start in range(len(PETER) + 1):
        for end in range(start, len(PETER) + 1):
            if (start, end) != (0, len(PETER)):
                with pytest.raises(BadInput):
                    of_vkey(PETER[start:end])


@pytest.mark.parametrize(
    "word",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # a key too long
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # another kind of key
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER + "\n",
        PETER.replace("Peter", "Peter "),
        PETER.replace("N", "\udc80", 1),
    ],
)
def test_what_is_no_key(word: str) -> None:
    with pytest.raises(BadInput):
        of_vkey(word)


def test_no_byte_of_a_key_may_change() -> None:
    for i, character in enumerate(PETER):
        with pytest.raises(BadInput):
            of_vkey(PETER[:i] + chr(ord(character) + 1) + PETER[i + 1 :])


def test_no_bit_of_a_note_may_change() -> None:
    data = NOTE.encode()
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(NotProven):
            verify(changed.decode(errors="surrogateescape"), NAME, PUBLIC)


def test_no_byte_of_a_note_may_go_or_come() -> None:
    for i in range(len(NOTE)):
        for changed in (NOTE[:i] + NOTE[i + 1 :], NOTE[:i], NOTE[:i] + " " + NOTE[i:], NOTE[:i] + "\n" + NOTE[i:]):
            with pytest.raises(NotProven):
                verify(changed, NAME, PUBLIC)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        TEXT,
        TEXT + "\n",
        f"{TEXT}\n{BY_PETER[:-1]}",
        f"\x01{TEXT}\n{BY_PETER}",
        f"\udcff{TEXT}\n{BY_PETER}",
        f"{TEXT}\n{BY_PETER.replace('PeterNeumann', 'Bad Name')}",
        f"{TEXT}\n{BY_PETER.replace('PeterNeumann', 'Bad+Name')}",
        NOTE.replace("PeterNeumann", "Bad\u00a0Name"),
        f"{TEXT}\n{BY_PETER.replace('PeterNeumann', '')}",
        f"{TEXT}\n{BY_PETER}Unexpected line.\n",
        f"{TEXT}\n— PeterNeumann AAAA\n",
        f"{TEXT}\n— PeterNeumann x08go/ZJkuB=\n",
        f"{TEXT}\r\n\r\n{BY_PETER}",
        f"\n\n{BY_PETER}",
    ],
)
def test_what_is_no_note(note: str) -> None:
    with pytest.raises(BadInput):
        Note.of(note)
    with pytest.raises(NotProven):
        verify(note, NAME, PUBLIC)


def test_bits_of_padding_may_not_change() -> None:
    assert BY_PETER.endswith("nAM=\n")
    for last in "NOP":  # the same bytes, in Base 64 that is not canonical
        with pytest.raises(BadInput, match="canonical"):
            Note.of(NOTE.replace("nAM=\n", f"nA{last}=\n"))


def test_witnesses_are_let_in_where_they_may() -> None:
    for note in (f"{NOTE}{BY_ENOCH}", f"{TEXT}\n{BY_ENOCH}{BY_PETER}"):
        assert verify(note, NAME, PUBLIC, witnessed=True) == TEXT
        assert verify(note, *of_vkey(ENOCH), witnessed=True) == TEXT
        with pytest.raises(NotProven, match="2 signatures"):
            verify(note, NAME, PUBLIC)


def test_one_of_ours_that_is_wrong_is_enough() -> None:
    wrong = BY_PETER.replace("ZJkuBS", "ZJkuBT")
    assert wrong != BY_PETER
    with pytest.raises(NotProven):
        verify(f"{NOTE}{wrong}", NAME, PUBLIC, witnessed=True)


def test_a_note_of_another_is_not_ours() -> None:
    with pytest.raises(NotProven, match=r"not signed by the key EnochRoot\+af0cfe78"):
        verify(NOTE, *of_vkey(ENOCH), witnessed=True)
    with pytest.raises(NotProven, match="not signed"):
        verify(NOTE, "AnotherName", PUBLIC)


def test_there_are_not_too_many_signatures() -> None:
    verify(f"{TEXT}\n{BY_PETER * MOST}", NAME, PUBLIC, witnessed=True)
    with pytest.raises(NotProven, match="at most"):
        verify(f"{TEXT}\n{BY_PETER * (MOST + 1)}", NAME, PUBLIC, witnessed=True)


def test_the_last_empty_line_ends_the_text() -> None:
    text = f"{NOTE}\n\nand more\n"
    assert verify(sign(text, "EnochRoot", Key.of_seed(bytes(32))), *of_vkey(ENOCH)) == text


@pytest.mark.parametrize("text", ["", "\n", "no end", "a\ttab\n", "a\rreturn\n", "\ud800\n"])
def test_what_is_not_signed(text: str) -> None:
    with pytest.raises(BadInput):
        sign(text, "EnochRoot", Key.of_seed(bytes(32)))


def test_no_error_quotes_a_private_key() -> None:
    encoded = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    for word in (f"PRIVATE+KEY+PeterNeumann+c74f20a3+{encoded}", f"PeterNeumann+c74f20a3+{encoded}", encoded):
        for read in (of_vkey, PublicKey.of):
            with pytest.raises(BadInput) as caught:
                read(word)
            assert encoded[:10] not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "a\x85b", "\ud800"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(BadInput):
        sign("text\n", name, Key.of_seed(bytes(32)))
    with pytest.raises(NotProven):
        verify(NOTE, name, PUBLIC)
