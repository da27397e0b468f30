"""Checkpoints of a log (https://c2sp.org/tlog-checkpoint): its name, its size and its root, signed as a note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from outcross.core.errors import BadInput, NotProven
from outcross.vault import _base64, note
from outcross.vault.keys import Key, PublicKey
from outcross.vault.merkle import EMPTY


@final
@dataclass(frozen=True)
class Checkpoint:
    r"""What a log commits to: that many entries, under that root.

    Parameters
    ----------
    origin
        The name of the log, such as ``example.org/corpus``.
    size
        How many entries the log has.
    root
        The root of the Merkle tree over them: 32 bytes.
    extensions
        Further lines, which nobody but their writer understands.

    Raises
    ------
    BadInput
        If the origin or a further line is empty or more than a line, the size is negative, or the root is not one.

    Examples
    --------
    >>> checkpoint = Checkpoint("example.org/corpus", 1, bytes(32))
    >>> checkpoint.text()
    'example.org/corpus\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n'
    >>> key = Key.of_seed(bytes(32))
    >>> Checkpoint.verified(checkpoint.signed(key), key.public) == checkpoint
    True
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not all(line and "\n" not in line for line in (self.origin, *self.extensions)):
            raise BadInput("the origin of a checkpoint, and each of its further lines, is one line that is not empty")
        if not 0 <= self.size < 1 << 64:
            raise BadInput(f"a log does not have {self.size} entries")
        if len(self.root) != len(EMPTY) or (not self.size and self.root != EMPTY):
            raise BadInput(f"{self.root.hex() or 'nothing'} is not the root of a log of {self.size} entries")

    def text(self) -> str:
        """Return the lines that are signed."""
        lines = (self.origin, str(self.size), _base64.encode(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def of(cls, text: str) -> Checkpoint:
        """Read what `text` writes, and nothing else.

        Raises
        ------
        BadInput
            If it is not the text of a checkpoint.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop():
            raise BadInput("not the text of a checkpoint: three whole lines at least")
        origin, size, root, *extensions = lines
        return cls(origin, whole_number(size), _base64.decode(root), tuple(extensions))

    def signed(self, key: Key) -> str:
        """Return the checkpoint as a note, signed under the log's own name.

        Raises
        ------
        BadInput
            If the origin has a space, a plus or a control character, and so cannot name a key.
        """
        return note.sign(self.text(), self.origin, key)

    @classmethod
    def verified(
        cls, signed: str, public: PublicKey, origin: str | None = None, *, witnessed: bool = False
    ) -> Checkpoint:
        """Return the checkpoint of a note that the key has signed under the log's own name.

        Parameters
        ----------
        signed
            The note.
        public
            The key of the log.
        origin
            The name that the log must have; without one, whichever log the key signs for.
        witnessed
            Whether lines of other keys may stand beside the log's own; see `note.verify`.

        Raises
        ------
        NotProven
            If it is not one, of another log, not signed by that key, or (unless `witnessed`) by others too.
        """
        try:
            checkpoint = cls.of(note.Note.of(signed).text)
        except BadInput as error:
            raise NotProven(str(error)) from None
        if origin not in (None, checkpoint.origin):
            raise NotProven(f"the checkpoint is of the log '{checkpoint.origin}', not of '{origin}'")
        note.verify(signed, checkpoint.origin, public, witnessed=witnessed)
        return checkpoint


def whole_number(text: str) -> int:
    """Return a number from its decimal digits: no sign, no leading zero, 64 bits at most.

    Raises
    ------
    BadInput
        If it is not one.

    Examples
    --------
    >>> whole_number("20852163")
    20852163
    """
    number = int(text) if text.isdecimal() and len(text) <= 20 else -1
    if str(number) != text or number >= 1 << 64:
        raise BadInput(f"not a whole number: '{text[:60]}'")
    return number
