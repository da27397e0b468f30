"""The lines of a file, or of a part of it, in batches, whatever is in them and however they end."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from outcross.core.errors import BadInput
from outcross.corpus.files import COMPRESSED, opened
from outcross.corpus.rejected import RAW, Rejected

PIECE = 2**22
"""Bytes that are read at once."""

HELD = 2**25
"""Bytes of the lines of a batch, roughly."""

LONGEST = 2**26
"""Bytes of a line, at most: a longer one is passed over without being held."""

BOM = b"\xef\xbb\xbf"
"""The byte order mark of UTF-8."""

_OTHER = {
    b"\xff\xfe": "in UTF-16; convert it to UTF-8 first",
    b"\xfe\xff": "in UTF-16; convert it to UTF-8 first",
    b"\x00\x00\xfe\xff": "in UTF-32; convert it to UTF-8 first",
    b"{\x00": "in UTF-16; convert it to UTF-8 first",
    b"[\x00": "in UTF-16; convert it to UTF-8 first",
    b"\x00{": "in UTF-16; convert it to UTF-8 first",
    b"\x00[": "in UTF-16; convert it to UTF-8 first",
    b"\x1f\x8b": "compressed with gzip: its name must end in .gz",
    b"\x28\xb5\x2f\xfd": "compressed with Zstandard: its name must end in .zst",
    b"PAR1\x15": "Parquet: its name must end in .parquet",
    b"PK\x03\x04": "a ZIP archive: unpack it first",
    b"BZh91AY&SY": "compressed with bzip2: unpack it first",
    b"\xfd7zXZ": "compressed with xz: unpack it first",
}
"""How files begin that are no text in UTF-8, whatever they are called."""


def foreign(head: bytes) -> str | None:
    r"""Return what a file is that is no text in UTF-8, by its first bytes; None where nothing speaks against it.

    Examples
    --------
    >>> foreign(b"\xff\xfe{\x00"), foreign(b'{"text"')
    ('in UTF-16; convert it to UTF-8 first', None)
    """
    return next((said for start, said in _OTHER.items() if head.startswith(start)), None)


def pieces(path: Path, start: int = 0, stop: int | None = None, size: int = PIECE) -> Iterator[bytes]:
    """Yield the bytes of a file, unpacked where it is compressed, or those of a part of it.

    What a damaged compressed file gives before it breaks is yielded first.

    Parameters
    ----------
    path
        The file.
    start, stop
        The part, in bytes; a compressed file is always read whole. To its end where ``stop`` is None.
    size
        Bytes of a piece, at most.

    Raises
    ------
    BadInput
        If it cannot be read, or ends too early.

    Examples
    --------
    >>> next(pieces(Path(__file__), 3, 10))
    b'The lin'
    """
    with opened(path) as file:
        if path.suffix.lower() in COMPRESSED:
            # one step at a time, so that no step that fails takes with it what was read before
            yield from iter(lambda: cast(io.BufferedIOBase, file).read1(size), b"")
            return
        file.seek(start)
        at = start
        while piece := file.read(size if stop is None else min(size, stop - at)):
            at += len(piece)
            yield piece
        if stop is not None and at < stop:
            raise BadInput(f"{path.name} ends at byte {at:,}, not at {stop:,}: it was cut while it was read")


def batches(
    file: str, read: Iterable[bytes], first: int = 1, rows: int = 10_000
) -> Iterator[tuple[int, list[bytes]] | Rejected]:
    r"""Yield the lines of a file in batches, each with the number of its first line; blank ones are counted, and there.

    Lines end at a line feed, as in JSON Lines, and at nothing else. Memory is bounded: a batch has about 32 MiB, and
    of a line of more than 64 MiB the start is kept in what says that it was rejected.

    Parameters
    ----------
    file
        The path of the file, for what is rejected.
    read
        Its bytes, in pieces.
    first
        The number of the first line.
    rows
        Lines of a batch, at most.

    Examples
    --------
    >>> list(batches("cats.txt", [b"a cat\na ", b"dog\n\na bird"], rows=2))
    [(1, [b'a cat', b'a dog']), (3, [b'', b'a bird'])]
    """
    number = first
    held: list[bytes] = []
    weight = skipped = 0
    part = bytearray()  # of a line that has not ended yet
    pending = iter(read)
    while True:
        trouble: BadInput | None = None
        try:
            piece = next(pending, None)
        except BadInput as error:
            piece, trouble = None, error
        if piece is None:
            break
        head, *whole = piece.split(b"\n")
        if not skipped:
            part += head
        if skipped or len(part) > LONGEST:
            skipped += len(head) if skipped else len(part)
            del part[RAW:]
        if not whole:
            continue
        if skipped:
            yield from _cut(number, held, rows)
            number += len(held)
            yield _too_long(file, number, bytes(part), skipped)
            number, held, weight, skipped = number + 1, [], 0, 0
        else:
            held.append(bytes(part))
            weight += len(part)
        *lines, last = whole
        part = bytearray(last)
        held += lines
        weight += len(piece)
        if len(held) >= rows or weight >= HELD:
            keep = len(held) % rows if weight < HELD else 0
            done = held[: len(held) - keep]
            yield from _cut(number, done, rows)
            number += len(done)
            held, weight = held[len(done) :], 0
    if part and trouble is None and not skipped:
        held.append(bytes(part))
    yield from _cut(number, held, rows)
    number += len(held)
    if skipped:
        yield _too_long(file, number, bytes(part), skipped)
    if trouble is not None:
        kind = "damaged" if number > first or part else "unreadable"
        yield Rejected(file, number, str(trouble), kind, bytes(part[:RAW]))


def _cut(first: int, lines: list[bytes], rows: int) -> Iterator[tuple[int, list[bytes]]]:
    for at in range(0, len(lines), rows):
        yield first + at, lines[at : at + rows]


def _too_long(file: str, number: int, head: bytes, size: int) -> Rejected:
    reason = f"the line has {size:,} bytes, more than {LONGEST:,}"
    return Rejected(file, number, reason, "too-long", head[:RAW])
