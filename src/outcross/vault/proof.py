"""Proofs as files (https://c2sp.org/tlog-proof): where an entry stands in a log, the hashes from it to the root, and
the signed checkpoint of that root. Whoever has the entry and the log's public key needs nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from outcross.core.errors import BadInput
from outcross.vault import _base64
from outcross.vault.checkpoint import Checkpoint, whole_number
from outcross.vault.keys import PublicKey
from outcross.vault.merkle import verify_inclusion
from outcross.vault.note import Note

FIRST_LINE = "c2sp.org/tlog-proof@v1"
"""What every proof begins with."""

SUFFIX = ".tlog-proof"
"""How the file of a proof is named."""


@final
@dataclass(frozen=True)
class TlogProof:
    """That an entry is in a log.

    Parameters
    ----------
    index
        Which entry of the log it is, from 0.
    path
        The hashes from the entry's sibling to the root's child; see `inclusion_path`.
    checkpoint
        The signed note of the log's checkpoint, as it is.
    extra
        Bytes that some application needs. Nothing signs them.

    Raises
    ------
    BadInput
        If a hash of the path is not of 32 bytes, the index is negative, the extra bytes are there and empty, or the
        checkpoint is not a signed one.

    Examples
    --------
    >>> from outcross.vault.keys import Key
    >>> from outcross.vault.merkle import inclusion_path, leaf_hash, root
    >>> hashes, key = [leaf_hash(bytes([i])) for i in range(5)], Key.of_seed(bytes(32))
    >>> signed = Checkpoint("example.org/corpus", 5, root(hashes)).signed(key)
    >>> proof = TlogProof(2, inclusion_path(hashes, 2), signed)
    >>> TlogProof.of(proof.text()) == proof
    True
    >>> proof.verify(hashes[2], key.public, "example.org/corpus").size
    5
    >>> proof.verify(hashes[3], key.public, "example.org/corpus")
    Traceback (most recent call last):
    ...
    outcross.core.errors.NotProven: the path does not lead from leaf 2 to the root of the tree of 5
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index < 1 << 64:
            raise BadInput(f"a log has no entry {self.index}")
        if len(self.path) > 64 or not set(map(len, self.path)) <= {32}:
            raise BadInput("the path of a proof is at most 64 hashes of 32 bytes")
        if self.extra is not None and not self.extra:
            raise BadInput("the extra bytes of a proof are left out where there are none")
        Checkpoint.of(Note.of(self.checkpoint).text)

    def text(self) -> str:
        """Return the proof as the text of a file."""
        return "\n".join((*self._lines(), "", self.checkpoint))

    @classmethod
    def of(cls, text: str) -> TlogProof:
        """Read what `text` writes, and nothing else.

        Raises
        ------
        BadInput
            If it is not the text of a proof.
        """
        head, _, checkpoint = text.partition("\n\n")
        first, *lines = head.split("\n")
        if first != FIRST_LINE:
            raise BadInput(f"not a proof: it begins with '{first[:60]}' instead of '{FIRST_LINE}'")
        extra = _base64.decode(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
        if not lines or not lines[0].startswith("index "):
            raise BadInput("not a proof: it does not say which entry it is of")
        return cls(whole_number(lines[0][6:]), tuple(map(_base64.decode, lines[1:])), checkpoint, extra)

    def verify(
        self, leaf: bytes, public: PublicKey, origin: str | None = None, *, witnessed: bool = False
    ) -> Checkpoint:
        """Check that the log has an entry of that leaf hash at the index, and return the checkpoint that says so.

        Raises
        ------
        NotProven
            If the checkpoint is not signed by that key, is of another log than the named one, or the path does not lead
            to its root.
        """
        checkpoint = Checkpoint.verified(self.checkpoint, public, origin, witnessed=witnessed)
        verify_inclusion(leaf, self.index, checkpoint.size, self.path, checkpoint.root)
        return checkpoint

    def _lines(self) -> Iterator[str]:
        yield FIRST_LINE
        if self.extra is not None:
            yield f"extra {_base64.encode(self.extra)}"
        yield f"index {self.index}"
        yield from map(_base64.encode, self.path)
