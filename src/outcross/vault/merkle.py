"""Merkle trees as RFC 9162 (Certificate Transparency 2.0) defines them in section 2.1: one hash for a whole list, short
proofs that an entry is in it, and that a longer list begins with a shorter one. Hashes are SHA-256: 32 bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import final

from outcross.core.errors import BadInput, NotProven

EMPTY = sha256().digest()
"""The root of the tree of nothing."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of an entry: a zero byte before it, so that no entry can pass for an inner node (section 2.1.1).

    Examples
    --------
    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    r"""Return the hash of an inner node from those of its two children (section 2.1.1).

    Examples
    --------
    >>> node_hash(leaf_hash(b""), leaf_hash(b"\0")).hex()[:16]
    'fac54203e7cc696c'
    """
    return sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root of the tree over leaf hashes, in their order (section 2.1.1).

    Raises
    ------
    BadInput
        If one of them is not of 32 bytes.

    Examples
    --------
    >>> a, b, c = (leaf_hash(data) for data in (b"a", b"b", b"c"))
    >>> root([a, b, c]) == node_hash(node_hash(a, b), c)
    True
    """
    return Frontier().extend(leaf_hashes).root()


@final
@dataclass(frozen=True)
class Frontier:
    """What has to be kept of a tree so that it can grow: one hash for each one bit of its size, whatever its size.

    Parameters
    ----------
    size
        How many leaves there are.
    peaks
        The roots of the full subtrees that the leaves fill, from the largest to the smallest.

    Raises
    ------
    BadInput
        If there are not as many peaks as the size has one bits, or one is not of 32 bytes.

    Examples
    --------
    >>> hashes = [leaf_hash(bytes([i])) for i in range(7)]
    >>> frontier = Frontier().extend(hashes[:5]).append(hashes[5]).append(hashes[6])
    >>> frontier.size, len(frontier.peaks), frontier.root() == root(hashes)
    (7, 3, True)
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise BadInput(f"a tree of {self.size} leaves does not have {len(self.peaks)} peaks")
        _check_hashes(self.peaks)

    def append(self, leaf: bytes) -> Frontier:
        """Return the frontier of the tree with one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """Return the frontier of the tree with more leaf hashes: a million in about a second."""
        level = list(leaf_hashes)
        _check_hashes(level)
        size = self.size + len(level)
        old, new = list(self.peaks), list[bytes]()
        for height in range(size.bit_length()):
            if self.size >> height & 1:  # the peak of this height is the left neighbour of the first new node
                level.insert(0, old.pop())
            if len(level) % 2:
                new.append(level.pop())
            level = _parents(level)
        return Frontier(size, tuple(reversed(new)))

    def joined(self, height: int, subtree: bytes) -> Frontier:
        """Return the frontier of the tree with ``2 ** height`` more leaves, of which the root alone is known.

        Raises
        ------
        BadInput
            If a full subtree of that height does not begin here.
        """
        if self.size % (1 << height):
            raise BadInput(f"no full subtree of {1 << height} leaves begins behind {self.size} leaves")
        peaks, size = list(self.peaks), self.size
        while size >> height & 1:
            subtree, height = node_hash(peaks.pop(), subtree), height + 1
            size -= 1 << (height - 1)
        return Frontier(size + (1 << height), (*peaks, subtree))

    def root(self) -> bytes:
        """Return the root of the tree: the peaks folded together, the smallest first."""
        if not self.peaks:
            return EMPTY
        *larger, whole = self.peaks
        for peak in reversed(larger):
            whole = node_hash(peak, whole)
        return whole


def subtrees(leaf_hashes: Sequence[bytes], start: int) -> list[tuple[int, bytes]]:
    """Which full subtrees do leaves fill that begin at this index of a tree? Height and root of each, from the left.

    So several workers can hash parts of one tree: `Frontier.joined` puts them together.

    Examples
    --------
    >>> hashes = [leaf_hash(bytes([i])) for i in range(9)]
    >>> frontier = Frontier().extend(hashes[:3])
    >>> for height, subtree in subtrees(hashes[3:], 3):
    ...     frontier = frontier.joined(height, subtree)
    >>> frontier == Frontier().extend(hashes)
    True
    """
    found = []
    at, stop = start, start + len(leaf_hashes)
    while at < stop:
        height = (stop - at).bit_length() - 1
        if at:
            height = min(height, (at & -at).bit_length() - 1)
        found.append((height, root(leaf_hashes[at - start : at - start + (1 << height)])))
        at += 1 << height
    return found


def inclusion_path(leaf_hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Which hashes lead from a leaf to the root, from its sibling upwards (section 2.1.3.1).

    Raises
    ------
    BadInput
        If there is no leaf of that index, or a hash is not of 32 bytes.

    Examples
    --------
    >>> hashes = [leaf_hash(bytes([i])) for i in range(3)]
    >>> inclusion_path(hashes, 2) == (node_hash(*hashes[:2]),)
    True
    """
    if not 0 <= index < len(leaf_hashes):
        raise BadInput(f"there is no leaf {index} in a tree of {len(leaf_hashes)}")
    level = list(leaf_hashes)
    _check_hashes(level)
    path = []
    while len(level) > 1:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        # the last of an odd number has no sibling: it moves up as it is
        level = _parents(level) + level[len(level) & ~1 :]
        index >>= 1
    return tuple(path)


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Which root a tree of that size has if the leaf hash stands at that index and the path is right (section 2.1.3.2).

    Raises
    ------
    BadInput
        If no tree of that size has such a leaf or a path of that length, or a hash is not of 32 bytes.

    Examples
    --------
    >>> hashes = [leaf_hash(bytes([i])) for i in range(9)]
    >>> root_from_path(hashes[5], 5, 9, inclusion_path(hashes, 5)) == root(hashes)
    True
    """
    if not 0 <= index < size:
        raise BadInput(f"there is no leaf {index} in a tree of {size}")
    _check_hashes((leaf, *path))
    node, last, hashed = index, size - 1, leaf
    for sibling in path:
        if not last:
            raise BadInput(f"the path is too long for leaf {index} of {size}: {len(path)} hashes")
        if node & 1 or node == last:
            hashed = node_hash(sibling, hashed)
            while node and not node & 1:  # the levels on which this node had no sibling
                node, last = node >> 1, last >> 1
        else:
            hashed = node_hash(hashed, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise BadInput(f"the path is too short for leaf {index} of {size}: {len(path)} hashes")
    return hashed


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes) -> None:
    """Check that a leaf hash stands at an index of the tree with the expected root (section 2.1.3.2).

    Raises
    ------
    NotProven
        If the path does not prove it, for whatever reason.

    Examples
    --------
    >>> hashes = [leaf_hash(bytes([i])) for i in range(9)]
    >>> verify_inclusion(hashes[5], 5, 9, inclusion_path(hashes, 5), root(hashes))
    >>> verify_inclusion(hashes[4], 5, 9, inclusion_path(hashes, 5), root(hashes))
    Traceback (most recent call last):
    ...
    outcross.core.errors.NotProven: the path does not lead from leaf 5 to the root of the tree of 9
    """
    try:
        found = root_from_path(leaf, index, size, path)
    except BadInput as error:
        raise NotProven(str(error)) from None
    if found != expected:
        raise NotProven(f"the path does not lead from leaf {index} to the root of the tree of {size}")


def consistency_path(leaf_hashes: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """Which hashes prove that the tree begins with the one it was at an older size (section 2.1.4.1).

    Nothing has to be proved of no leaves, and of all of them: the path is empty.

    Raises
    ------
    BadInput
        If the older size is larger, or a hash is not of 32 bytes.

    Examples
    --------
    >>> hashes = [leaf_hash(bytes([i])) for i in range(3)]
    >>> consistency_path(hashes, 2) == (hashes[2],)
    True
    """
    if not 0 <= old_size <= len(leaf_hashes):
        raise BadInput(f"a tree of {len(leaf_hashes)} was never of size {old_size}")
    return _subproof(leaf_hashes, old_size, True) if old_size else ()


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes] = ()
) -> None:
    """Check that the tree of the new root begins with the leaves of the tree of the old root (section 2.1.4.2).

    Raises
    ------
    NotProven
        If the path does not prove it, for whatever reason.

    Examples
    --------
    >>> hashes = [leaf_hash(bytes([i])) for i in range(9)]
    >>> verify_consistency(6, root(hashes[:6]), 9, root(hashes), consistency_path(hashes, 6))
    >>> verify_consistency(9, root(hashes), 6, root(hashes[:6]))
    Traceback (most recent call last):
    ...
    outcross.core.errors.NotProven: a tree of 6 does not continue one of 9
    """
    if not 0 <= old_size <= new_size:
        raise NotProven(f"a tree of {new_size} does not continue one of {old_size}")
    try:
        _check_hashes((old_root, new_root, *path))
        found = _roots(old_size, old_root, new_size, new_root, path)
    except BadInput as error:
        raise NotProven(str(error)) from None
    if found != (old_root, new_root):
        raise NotProven(f"the tree of {new_size} does not begin with the tree of {old_size} that was seen")


def _roots(old_size: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Both roots as the path says they are."""
    if old_size in (0, size):
        if path:
            raise BadInput(f"nothing is to be proved from {old_size} to {size}, and yet the path is not empty")
        return (old_root, old_root) if old_size else (EMPTY, root if size else EMPTY)
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    # a full tree is itself the first hash, which is left out of the path
    first, *others = path if node else (old_root, *path)
    old = new = first
    for sibling in others:
        if not last:
            raise BadInput(f"the path is too long from {old_size} to {size}: {len(path)} hashes")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise BadInput(f"the path is too short from {old_size} to {size}: {len(path)} hashes")
    return old, new


def _subproof(leaves: Sequence[bytes], old_size: int, known: bool) -> tuple[bytes, ...]:
    """SUBPROOF of section 2.1.4.1; `known` is whether these leaves began the old tree, whose root the verifier has."""
    if old_size == len(leaves):
        return () if known else (root(leaves),)
    left = 1 << (len(leaves) - 1).bit_length() - 1  # the largest power of two below their number
    if old_size <= left:
        return (*_subproof(leaves[:left], old_size, known), root(leaves[left:]))
    return (*_subproof(leaves[left:], old_size - left, False), root(leaves[:left]))


def _parents(level: list[bytes]) -> list[bytes]:
    """The nodes above a level, the last of an odd number left out. `node_hash` written out: a call costs as much."""
    nodes = iter(level)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(nodes, nodes, strict=False)]


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if not set(map(len, hashes)) <= {32}:
        raise BadInput("a hash of a Merkle tree is SHA-256: 32 bytes")
