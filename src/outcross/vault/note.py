"""Signed notes (https://c2sp.org/signed-note): a text, an empty line, and a line for each signature. What transparency
logs and their witnesses exchange. Of each note one form of bytes is read, and no other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import final

from outcross.core.errors import BadInput, NotProven
from outcross.vault import _base64
from outcross.vault.keys import Key, PublicKey

ED25519 = b"\x01"
"""The type of a signature, as the specification assigns it."""

MOST = 100
"""No note with more signatures is read."""

_MARK = "— "


@final
@dataclass(frozen=True)
class Signature:
    """One line below a note.

    Parameters
    ----------
    name
        Who says to have signed.
    key_id
        4 bytes that tell the keys of one name apart; see `key_id`.
    signature
        What the key made of the text.

    Examples
    --------
    >>> Signature("example.org/log", b"1234", b"...").line()
    '— example.org/log MTIzNC4uLg=='
    """

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """Return the line, without its end."""
        return f"{_MARK}{self.name} {_base64.encode(self.key_id + self.signature)}"


@final
@dataclass(frozen=True)
class Note:
    r"""A note that was read, and not verified yet.

    Examples
    --------
    >>> note = Note.of(sign("All is well.\n", "example.org/log", Key.of_seed(bytes(32))))
    >>> note.text, [signature.name for signature in note.signatures]
    ('All is well.\n', ['example.org/log'])
    """

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def of(cls, note: str) -> Note:
        """Read a note.

        Raises
        ------
        BadInput
            If it is not a note, or not in the one form that a note has.
        """
        _check_characters(note)
        body, empty_line, below = note.rpartition("\n\n")
        if not empty_line or not body or not below.endswith("\n"):
            raise BadInput("not a signed note: an empty line and whole lines of signatures end one")
        lines = below[:-1].split("\n")
        if len(lines) > MOST:
            raise BadInput(f"a note with {len(lines)} signatures is not read: {MOST} at most")
        return cls(body + "\n", tuple(map(_signature, lines)))


def key_id(name: str, public: PublicKey) -> bytes:
    """Return the 4 bytes that tell the keys of one name apart.

    Examples
    --------
    >>> key_id("example.org/log", Key.of_seed(bytes(32)).public).hex()
    '4e933303'
    """
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public.raw).digest()[:4]


def sign(text: str, name: str, key: Key) -> str:
    r"""Return the note of a text, signed by the key of that name.

    Raises
    ------
    BadInput
        If the text does not end with a line end, has a control character, or the name has a space or a plus.

    Examples
    --------
    >>> note = sign("All is well.\n", "example.org/log", Key.of_seed(bytes(32)))
    >>> verify(note, "example.org/log", Key.of_seed(bytes(32)).public)
    'All is well.\n'
    """
    _check_name(name)
    _check_characters(text)
    if not text.endswith("\n") or text == "\n":
        raise BadInput("the text of a note ends with a line end")
    signature = Signature(name, key_id(name, key.public), key.sign(text.encode()))
    return f"{text}\n{signature.line()}\n"


def verify(note: str, name: str, public: PublicKey, *, witnessed: bool = False) -> str:
    r"""Return the text of a note that the key of that name has signed.

    Parameters
    ----------
    note
        The note.
    name
        The name of the key.
    public
        The key.
    witnessed
        Whether lines of other keys may stand beside it: they are not verified, and anybody can add one. The
        specification lets them pass; where nothing at all may change unnoticed they are refused.

    Raises
    ------
    NotProven
        If it is not a note, not signed by that key, or signed by others too when nobody else may.

    Examples
    --------
    >>> note = sign("All is well.\n", "example.org/log", Key.of_seed(bytes(32)))
    >>> verify(note.replace("well", "lost"), "example.org/log", Key.of_seed(bytes(32)).public)
    Traceback (most recent call last):
    ...
    outcross.core.errors.NotProven: the signature is not of these bytes by the key 139e3940e64b5491
    """
    try:
        _check_name(name)
        read = Note.of(note)
    except BadInput as error:
        raise NotProven(str(error)) from None
    ours = [line for line in read.signatures if (line.name, line.key_id) == (name, key_id(name, public))]
    if not ours:
        raise NotProven(f"the note is not signed by the key {name}+{key_id(name, public).hex()}")
    if not witnessed and len(read.signatures) > 1:
        raise NotProven(f"the note has {len(read.signatures)} signatures, where one is expected")
    for line in ours:
        public.verify(line.signature, read.text.encode())
    return read.text


def vkey(name: str, public: PublicKey) -> str:
    """Return a key and its name as the one word that other tools for signed notes take.

    Raises
    ------
    BadInput
        If the name has a space or a plus.

    Examples
    --------
    >>> vkey("example.org/log", Key.of_seed(bytes(32)).public)
    'example.org/log+4e933303+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop'
    """
    _check_name(name)
    return f"{name}+{key_id(name, public).hex()}+{_base64.encode(ED25519 + public.raw)}"


def of_vkey(text: str) -> tuple[str, PublicKey]:
    """Return the name and the key of a word that `vkey` wrote.

    Raises
    ------
    BadInput
        If it is not such a word, or names a key of another kind.

    Examples
    --------
    >>> name, public = of_vkey(vkey("example.org/log", Key.of_seed(bytes(32)).public))
    >>> name, public == Key.of_seed(bytes(32)).public
    ('example.org/log', True)
    """
    name, _, rest = text.partition("+")  # no error quotes the text: somebody may have taken the private key for it
    encoded = _base64.decode(rest.partition("+")[2])
    if encoded[:1] != ED25519:
        raise BadInput("not a public key of Ed25519 for signed notes: name+8 hexadecimal digits+Base 64")
    public = PublicKey(encoded[1:])
    if vkey(name, public) != text:
        raise BadInput("the key for signed notes is damaged: its digits are not those of its name and key")
    return name, public


def _signature(line: str) -> Signature:
    if not line.startswith(_MARK):
        raise BadInput(f"not the signature line of a note: '{line[:60]}'")
    name, space, encoded = line.removeprefix(_MARK).partition(" ")
    _check_name(name)
    signed = _base64.decode(encoded)
    if not space or len(signed) < 5:
        raise BadInput(f"not the signature line of a note: '{line[:60]}'")
    return Signature(name, signed[:4], signed[4:])


def _check_name(name: str) -> None:
    _check_characters(name)
    if not name or "+" in name or any(character.isspace() for character in name):
        raise BadInput(f"the name of a key is a word without spaces and plus signs, not '{name[:60]}'")


def _check_characters(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadInput("not a signed note: it is not valid Unicode") from None
    if any(character < " " and character != "\n" for character in text):
        raise BadInput("not a signed note: it has a control character")
