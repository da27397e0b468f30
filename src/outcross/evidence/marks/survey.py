"""Looking through whole files for marks: how many records have one, of which kinds, and what they declare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, final

from outcross.core.errors import BadInput, BadSetting
from outcross.core.progress import tell
from outcross.corpus.sink import sink
from outcross.corpus.stream import blocks
from outcross.evidence.marks.finding import find_marks, strip_marks
from outcross.evidence.marks.mark import Mark
from outcross.evidence.marks.places import Place, files_of, is_table, pieces, texts_in, texts_of

if TYPE_CHECKING:
    import polars as pl

MARKS = "marks"
"""The column in which the marks of a record are written, as JSON; null where it has none."""

ROWS = 1_000

_COLUMNS = {
    "file": str,
    "row": int,
    "kind": str,
    "start": int,
    "length": int,
    "pieces": int,
    "says": str,
    "origin": str,
    "confidence": float,
    "valid": bool,
    "detail": str,
}


@final
@dataclass(frozen=True)
class Marks:
    """What marks were found in how many records.

    Parameters
    ----------
    records, marked
        How many records were looked through, and how many have a mark.
    kinds, says, origins
        How many records have a mark of each kind; with each declaration; with each origin that a mark gives
        (``none`` where it gives none). Sentences (``statement``) are counted as a kind, not among the other two.
    damaged
        How many records have a mark that is cut off or cannot be read.
    examples
        One of each kind: where it is, and the mark.

    Examples
    --------
    >>> found = Marks.of([find_marks("A cat."), find_marks('<meta name="ai-generated" content="yes">')])
    >>> found.records, found.marked, found.kinds
    (2, 1, {'disclosure': 1})
    """

    records: int = 0
    marked: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    says: Mapping[str, int] = field(default_factory=dict)
    origins: Mapping[str, int] = field(default_factory=dict)
    damaged: int = 0
    examples: Mapping[str, tuple[str, Mark]] = field(default_factory=dict)

    @staticmethod
    def of(found: Iterable[Sequence[Mark]]) -> Marks:
        """Count the marks of records, one sequence a record."""
        return Marks.counted((None, marks) for marks in found)

    @staticmethod
    def counted(found: Iterable[tuple[Place | None, Sequence[Mark]]]) -> Marks:
        """Count the marks of records whose places are known."""
        records = marked = damaged = 0
        kinds: Counter[str] = Counter()
        says: Counter[str] = Counter()
        origins: Counter[str] = Counter()
        examples: dict[str, tuple[str, Mark]] = {}
        for place, marks in found:
            records += 1
            if not marks:
                continue
            marked += 1
            damaged += any(not mark.valid for mark in marks)
            declared = [mark for mark in marks if mark.kind != "statement"]
            kinds.update(dict.fromkeys((mark.kind for mark in marks), 1))  # once a record, in their order
            says.update(dict.fromkeys((mark.says for mark in declared if mark.says is not None), 1))
            origins.update(dict.fromkeys((str(mark.origin or "none") for mark in declared), 1))
            for mark in marks:
                examples.setdefault(mark.kind, ("" if place is None else str(place), mark))
        common = dict(says.most_common(1000))
        return Marks(records, marked, dict(kinds.most_common()), common, dict(origins.most_common()), damaged, examples)

    def to_dict(self) -> dict[str, object]:
        """Return it as what JSON knows."""
        return {
            "records": self.records,
            "marked": self.marked,
            "damaged": self.damaged,
            "kinds": dict(self.kinds),
            "says": dict(self.says),
            "origins": dict(self.origins),
            "examples": {kind: {"place": place, **mark.to_dict()} for kind, (place, mark) in self.examples.items()},
        }


def survey(
    paths: Sequence[str | Path], column: str = "text", out: Path | None = None, strip: Path | None = None
) -> Marks:
    r"""Look through files for marks; memory does not grow with them.

    Parameters
    ----------
    paths
        Files and folders, see `outcross.evidence.marks.places.marks_in`.
    column
        The column of the texts, in tables.
    out
        Write every mark there, one a row: the ``file``, the ``row``, and what `Mark.to_dict` gives. JSON lines, Parquet
        or CSV; with no row where there is no mark.
    strip
        Write the records there without their marks, which stand in the column ``marks`` as JSON: Parquet, JSON lines or
        CSV. A file that is one text is one record, with its name as ``file``.

    Raises
    ------
    BadInput
        If there is no record, or a file cannot be read. Nothing is written then.
    BadSetting
        If a file that is read would be written over, or has a column ``marks`` already.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.jsonl")
    >>> _ = path.write_text('{"text": "a cat"}\n{"text": "a dog<meta name=\'ai-generated\' content=\'yes\'>"}\n')
    >>> found = survey([path], strip=path.with_name("clean.jsonl"))
    >>> found.records, found.origins
    (2, {'synthetic': 1})
    """
    _kept(paths, out, strip)
    with ExitStack() as stack:
        found = _plain(paths, column) if strip is None else _stripped(paths, column, strip, stack)
        found = found if out is None else _written(found, out, stack)
        counted = Marks.counted(_told(found))
        if not counted.records:
            raise BadInput(f"there is no text in {', '.join(str(path) for path in paths)}")
    return counted


def _kept(paths: Sequence[str | Path], out: Path | None, strip: Path | None) -> None:
    """Refuse to write over what is read, and both results to one file."""
    read = {file.resolve() for path in paths for file in files_of(Path(path))}
    for target in (out, strip):
        if target is not None and target.resolve() in read:
            raise BadSetting(f"'{target}' is a file that is read: name another one")
    if out is not None and strip is not None and out.resolve() == strip.resolve():
        raise BadSetting(f"the marks and the stripped records cannot both be written to '{out}'")


def _plain(paths: Sequence[str | Path], column: str) -> Iterator[tuple[Place | None, Sequence[Mark]]]:
    for path in paths:
        for place, text in texts_in(path, column):
            yield place, find_marks(text)


def _told(found: Iterable[tuple[Place | None, Sequence[Mark]]]) -> Iterator[tuple[Place | None, Sequence[Mark]]]:
    for number, one in enumerate(found, 1):
        yield one
        if not number % ROWS:
            tell("marks", number, number)


def _written(
    found: Iterable[tuple[Place | None, Sequence[Mark]]], out: Path, stack: ExitStack
) -> Iterator[tuple[Place | None, Sequence[Mark]]]:
    """The same, and every mark as a row of the table, which is there even where no mark is."""
    import polars as pl

    add = stack.enter_context(sink(out))
    add(pl.DataFrame(schema=_COLUMNS))
    held: list[dict[str, object]] = []
    for place, marks in found:
        for mark in marks:
            where = {} if place is None else {"file": str(place.file), "row": place.row}
            held.append({**where, **mark.to_dict()})
        if len(held) >= ROWS:
            add(pl.DataFrame(held, schema=_COLUMNS))
            held = []
        yield place, marks
    if held:
        add(pl.DataFrame(held, schema=_COLUMNS))


def _stripped(
    paths: Sequence[str | Path], column: str, strip: Path, stack: ExitStack
) -> Iterator[tuple[Place | None, Sequence[Mark]]]:
    """The same, and every record without its marks as a row of the table."""
    import polars as pl

    add = stack.enter_context(sink(strip))
    head: list[str] = []
    for file in (file for path in paths for file in files_of(Path(path))):
        row = 0
        for block in _frames(file, column):
            if MARKS in block.columns:
                raise BadSetting(f"{file.name} has a column '{MARKS}' already: it has been stripped before")
            head = head or block.columns
            if strip.suffix.lower() == ".csv" and block.columns != head:
                raise BadInput(f"{file.name} has other columns than what stands before it: write .jsonl or .parquet")
            texts = texts_of(block, column, file.name, row)
            done = [strip_marks(text) for text in texts]
            if any(marks for _, marks in done):
                clean = [None if cell is None else text for cell, (text, _) in zip(block[column], done, strict=True)]
                block = block.with_columns(pl.Series(column, clean, pl.String))
            add(block.with_columns(pl.Series(MARKS, [_json(marks) for _, marks in done], pl.String)))
            for _, marks in done:
                row += 1
                yield Place(file, row), marks


def _frames(file: Path, column: str) -> Iterator[pl.DataFrame]:
    import polars as pl

    if is_table(file):
        yield from blocks(file, [column], rest=True)
    else:
        for piece in pieces(file, errors="strict"):
            yield pl.DataFrame({column: [piece], "file": [str(file)]})


def _json(marks: Sequence[Mark]) -> str | None:
    import orjson

    return orjson.dumps([mark.to_dict() for mark in marks]).decode() if marks else None
