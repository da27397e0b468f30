"""Taking in real files: every record that can be read, and every one that cannot with its line and the reason."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from outcross.core.errors import BadInput
from outcross.corpus.batches import BOM, HELD, LONGEST, batches, foreign, pieces
from outcross.corpus.fields import FIELDS, TEXT, Fields
from outcross.corpus.files import COMPRESSED, suffix
from outcross.corpus.footer import row_groups
from outcross.corpus.frames import one_line
from outcross.corpus.hub import load
from outcross.corpus.objects import objects, values
from outcross.corpus.parquet import among, apart, needed, slices
from outcross.corpus.plain import SUFFIX
from outcross.corpus.rejected import RAW, Intake, Rejected, Unfit
from outcross.corpus.separated import Separated
from outcross.corpus.shards import LINES, Shard
from outcross.corpus.table import no_column
from outcross.corpus.typed import doubtful, of_objects, of_table

if TYPE_CHECKING:
    from outcross.core.batch import Ints

__all__ = ["Intake", "Rejected", "from_dataset", "take_in"]

STEP = 2_000
"""Records that are worked on at once: few enough that their memory is used again, not given back and asked for."""

T = TypeVar("T")

Row = tuple[int, dict[str, Any] | Unfit, bytes]
"""The number of an object, the object or what is wrong with it, and its bytes."""


def take_in(
    shard: Shard,
    fields: Fields | None = None,
    rows: int = 10_000,
    *,
    columns: Collection[str] | None = None,
    lines: Ints | None = None,
) -> Iterator[Intake]:
    r"""Yield the records of a part of an input, a block at a time; whatever is broken is rejected, and stops nothing.

    A record's text is kept as it is. Blank lines are no records and are passed over. Of a text file, a record is a
    paragraph, or a line where no blank line divides two; of a folder of texts, a file, whose name goes into the
    metadata as ``file``. In CSV and Parquet an empty cell says nothing; in JSON ``null`` is kept in the metadata.
    What is no number (``NaN``) is the text ``"NaN"`` in the metadata, bytes are ``{"base64": ...}``, dates ISO 8601.

    Parameters
    ----------
    shard
        The part, of `outcross.corpus.shards.shards`.
    fields
        Which column is which field of a record.
    rows
        Records of a block, at most.
    columns
        The fields that are wanted, to save time: what else a Parquet file has is not read, but for what may be the
        reason to reject a record. If the texts are not wanted, a record without one is not rejected. None for all.
    lines
        The records that are wanted, by line, sorted; what is wrong with the others is told all the same. None for all.

    Raises
    ------
    MissingInput
        If a table has no column of texts.
    BadInput
        If two columns of a table have one name.

    Examples
    --------
    >>> import tempfile
    >>> from outcross.corpus.shards import shards
    >>> path = Path(tempfile.mkdtemp(), "cats.jsonl")
    >>> _ = path.write_text('{"text": "a cat", "mass": 4.5}\n{"text": "a d\n')
    >>> [intake] = take_in(shards([path])[0])
    >>> intake.frame.rows(), [(one.line, one.kind) for one in intake.rejected]
    ([('a cat', 1, '{"mass":4.5}')], [(2, 'broken-line')])
    """
    fields = fields or Fields()
    nothing = True
    for intake in _joined(_taken(shard, fields, rows, columns, lines), rows):
        if intake.frame.height or intake.rejected or lines is not None:
            nothing = False
            yield intake
    if nothing and shard.first == 1 and not _more(shard):
        name = Path(shard.path).name
        yield _only(Rejected(shard.path, 1, f"{name} is empty: there is no record in it", "empty"))


def _taken(
    shard: Shard, fields: Fields, rows: int, columns: Collection[str] | None, lines: Ints | None
) -> Iterator[Intake]:
    if not shard.names and suffix(Path(shard.path)) == ".parquet":
        return _parquet(shard, fields, rows, columns, lines)
    found = _whole_records(shard, fields, rows)
    return found if lines is None else (_chosen(intake, lines) for intake in found)


def _chosen(intake: Intake, lines: Ints) -> Intake:
    return Intake(intake.frame.filter(among(intake.frame["line"], lines)), intake.rejected)


def _whole_records(shard: Shard, fields: Fields, rows: int) -> Iterator[Intake]:
    path = Path(shard.path)
    if shard.names:
        return _texts(shard, fields, rows)
    kind = suffix(path)
    try:
        if not path.is_file():
            raise BadInput(f"{path.name} is no file, or not there any more")
        head = next(pieces(path, size=RAW), b"")
    except BadInput as error:
        return iter([_only(Rejected(shard.path, shard.first, str(error), "unreadable"))])
    other = foreign(head)
    if other is not None:
        found = [_only(Rejected(shard.path, 1, f"{path.name} is {other}", "not-utf8", head[:RAW]))]
        return iter(found if shard.first == 1 else [])
    if kind in LINES or (kind == ".json" and _by_lines(head)):
        return _lines(shard, fields, rows)
    if kind == ".json":
        return _json(shard, fields, rows)
    return _paragraphs(shard, fields, rows) if kind == SUFFIX else _csv(shard, fields, rows)


def _more(shard: Shard) -> bool:
    """Whether a file goes on after a part of it."""
    path = Path(shard.path)
    return suffix(path) in LINES and path.is_file() and path.stat().st_size > shard.stop


def _joined(intakes: Iterator[Intake], rows: int) -> Iterator[Intake]:
    """Small blocks as larger ones."""
    held: list[Intake] = []
    height = weight = 0
    for intake in intakes:
        if held and (height + intake.frame.height > rows or weight >= HELD):
            yield _one(held)
            held, height, weight = [], 0, 0
        held.append(intake)
        height += intake.frame.height
        weight += int(intake.frame.estimated_size())
    if held:
        yield _one(held)


def _one(intakes: list[Intake]) -> Intake:
    import polars as pl

    if len(intakes) == 1:
        return intakes[0]
    frame = pl.concat([intake.frame for intake in intakes], how="diagonal")
    order = [name for name in (TEXT, "line", *FIELDS) if name in frame.columns]
    return Intake(frame.select(list(dict.fromkeys(order))), tuple(chain.from_iterable(one.rejected for one in intakes)))


def _only(*rejected: Rejected) -> Intake:
    import polars as pl

    kinds = {"text": pl.String, "line": pl.Int64, "metadata": pl.String}
    return Intake(pl.DataFrame(schema=kinds), rejected)


def _ordered(intake: Intake, rejected: list[Rejected]) -> Intake:
    return Intake(intake.frame, tuple(sorted((*intake.rejected, *rejected), key=lambda one: one.line)))


def _batches(shard: Shard, rows: int) -> Iterator[tuple[int, list[bytes]] | Rejected]:
    path = Path(shard.path)
    stop = shard.stop if suffix(path) in LINES and path.suffix.lower() not in COMPRESSED else None
    return batches(shard.path, pieces(path, shard.start, stop), shard.first, rows)


def _lines(shard: Shard, fields: Fields, rows: int) -> Iterator[Intake]:
    for batch in _batches(shard, min(rows, STEP)):
        if isinstance(batch, Rejected):
            yield _only(batch)
            continue
        first, lines = batch
        numbers, found, unfit = objects(first, lines)
        rejected = [error.at(shard.path, number, lines[number - first]) for number, error in unfit.items()]

        def raw(place: int, lines: list[bytes] = lines, numbers: list[int] = numbers, first: int = first) -> bytes:
            return lines[numbers[place] - first]

        yield _ordered(of_objects(shard.path, numbers, found, raw, fields), rejected)


def _by_lines(head: bytes) -> bool:
    """Whether the first line of a file is one whole JSON object, and another line follows."""
    import orjson

    line, end, rest = head.removeprefix(BOM).lstrip().partition(b"\n")
    try:
        return bool(end) and bool(rest.strip()) and isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _json(shard: Shard, fields: Fields, rows: int) -> Iterator[Intake]:
    """A file of JSON; where it breaks, the rest is rejected."""
    number = 0

    def whole() -> Iterator[Row]:
        nonlocal number
        try:
            for row in values(pieces(Path(shard.path))):
                number = row[0]
                yield row
        except BadInput as error:
            yield number + 1, Unfit("damaged", str(error)), b""

    return _objects(shard.path, whole(), fields, rows)


def _objects(file: str, given: Iterator[Row], fields: Fields, rows: int) -> Iterator[Intake]:
    for block in _blocks(given, min(rows, STEP), lambda row: len(row[2])):
        good = [(number, found, raw) for number, found, raw in block if not isinstance(found, Unfit)]
        rejected = [found.at(file, number, raw) for number, found, raw in block if isinstance(found, Unfit)]
        raws = [raw for _, _, raw in good]
        taken = of_objects(file, [one[0] for one in good], [one[1] for one in good], raws.__getitem__, fields)
        yield _ordered(taken, rejected)


def _blocks(given: Iterator[T], rows: int, weigh: Callable[[T], int]) -> Iterator[list[T]]:
    """Items in lists of no more than so many, and of about so many bytes."""
    held: list[T] = []
    weight = 0
    for one in given:
        held.append(one)
        weight += weigh(one)
        if len(held) >= rows or weight >= HELD:
            yield held
            held, weight = [], 0
    if held:
        yield held


def _paragraphs(shard: Shard, fields: Fields, rows: int) -> Iterator[Intake]:
    rejected: list[Rejected] = []

    def numbered() -> Iterator[tuple[int, bytes]]:
        for batch in _batches(shard, rows):
            if isinstance(batch, Rejected):
                rejected.append(batch)
            else:
                for number, line in enumerate(batch[1], batch[0]):
                    yield number, (line.removeprefix(BOM) if number == 1 else line).removesuffix(b"\r")

    divided = _divided(numbered())
    rejected.clear()  # the first look may have met what the second will
    held: list[tuple[int, bytes]] = []

    def records() -> Iterator[Row]:
        size = 0
        for number, line in chain(numbered(), [(0, b"")]):
            blank = not line.strip()
            if held and (blank or not divided):
                raw = b"\n".join(text for _, text in held)
                long = Unfit("too-long", f"the paragraph has {size:,} bytes, more than {LONGEST:,}")
                yield _text_row(held[0][0], raw, {}) if size <= LONGEST else (held[0][0], long, raw[:RAW])
                held.clear()
                size = 0
            if not blank:
                size += len(line) + 1
                if size <= LONGEST or not held:
                    held.append((number, line))

    for intake in _objects(shard.path, records(), _plain(fields), rows):
        yield _ordered(intake, rejected)
        rejected.clear()
    if rejected:
        yield _only(*rejected)


def _divided(lines: Iterator[tuple[int, bytes]]) -> bool:
    """Whether a blank line lies between two lines of text."""
    state = 0
    for _, line in lines:
        blank = not line.strip()
        if state == 2 and not blank:
            return True
        state = state if state == 0 and blank else 2 if blank else 1
    return False


def _plain(fields: Fields) -> Fields:
    """The names of columns of what has none of its own: the text is ``text``, whatever it is called elsewhere."""
    return Fields({name: column for name, column in fields.columns.items() if name != TEXT})


def _text_row(number: int, raw: bytes, more: dict[str, Any]) -> Row:
    try:
        return number, {TEXT: raw.decode(), **more}, raw
    except UnicodeDecodeError as error:
        said = f"not UTF-8: byte {raw[error.start]:#04x} at position {error.start + 1}"
        return number, Unfit("not-utf8", said), raw


def _texts(shard: Shard, fields: Fields, rows: int) -> Iterator[Intake]:
    folder = Path(shard.path)

    def records() -> Iterator[tuple[Rejected | None, Row]]:
        for number, name in enumerate(shard.names, shard.first):
            shown = os.fsencode(name).decode("utf-8", "backslashreplace")
            found = _whole(folder / name, number, shown)
            error = found[1]
            file = str(folder / shown)
            yield (error.at(file, number, found[2]) if isinstance(error, Unfit) else None), found

    for block in _blocks(records(), rows, lambda one: len(one[1][2])):
        rejected = [one for one, _ in block if one is not None]
        good = [(number, row, raw) for _, (number, row, raw) in block if not isinstance(row, Unfit)]
        names = {number: row["file"] for number, row, _ in good}
        raws = [raw for _, _, raw in good]
        numbers = [one[0] for one in good]
        taken = of_objects(shard.path, numbers, [one[1] for one in good], raws.__getitem__, _plain(fields))
        named = [
            Rejected(str(folder / names[one.line]), one.line, one.reason, one.kind, one.raw) for one in taken.rejected
        ]
        yield _ordered(Intake(taken.frame), [*named, *rejected])


def _whole(path: Path, number: int, shown: str) -> Row:
    """A text file as one record."""
    read: list[bytes] = []
    size = 0
    try:
        for piece in pieces(path):
            read.append(piece)
            size += len(piece)
            if size > LONGEST:
                said = f"the text has more than {LONGEST:,} bytes"
                return number, Unfit("too-long", said), read[0]
    except BadInput as error:
        return number, Unfit("damaged" if read else "unreadable", str(error)), b"".join(read)
    raw = b"".join(read)
    other = foreign(raw[:8])
    if other is not None:
        return number, Unfit("not-utf8", f"{path.name} is {other}"), raw
    return _text_row(number, raw.removeprefix(BOM), {"file": shown})


def _csv(shard: Shard, fields: Fields, rows: int) -> Iterator[Intake]:
    import polars as pl

    separator = b"\t" if suffix(Path(shard.path)) == ".tsv" else b","
    table = Separated(shard.path, _batches(shard, rows), separator)
    pending = iter(table)
    head = next(pending, None)
    if head is None or isinstance(head[2], Unfit):
        if head is not None and isinstance(head[2], Unfit):
            table.rejected.append(head[2].at(shard.path, head[0], head[1]))
        if table.rejected:
            yield _only(*table.rejected)
        return
    names = [name.removeprefix("\ufeff").strip() or f"column {place}" for place, name in enumerate(head[2], 1)]
    _usable(shard.path, names, fields)
    for block in _blocks(pending, rows, lambda row: len(row[1])):
        rejected = list(table.rejected)
        table.rejected.clear()
        good: list[tuple[int, bytes, list[str]]] = []
        for number, raw, cells in block:
            if isinstance(cells, Unfit):
                rejected.append(cells.at(shard.path, number, raw))
            elif len(cells) != len(names):
                said = f"{len(cells):,} cells, and {len(names):,} columns"
                rejected.append(Rejected(shard.path, number, said, "ragged", raw[:RAW]))
            else:
                good.append((number, raw, cells))
        columns = zip(*(cells for _, _, cells in good), strict=True) if good else [()] * len(names)
        frame = pl.DataFrame([pl.Series(n, c, dtype=pl.String) for n, c in zip(names, columns, strict=True)])
        frame = frame.with_columns(pl.when(pl.all() != "").then(pl.all()))
        numbers = pl.Series([number for number, _, _ in good], dtype=pl.Int64)
        raws = [raw for _, raw, _ in good]
        yield _ordered(of_table(shard.path, frame, numbers, fields, raws.__getitem__), rejected)
    if table.rejected:
        yield _only(*table.rejected)


def _usable(file: str, names: list[str], fields: Fields) -> None:
    """Refuse a table that has no texts, or two columns of one name."""
    for place, name in enumerate(names):
        if name in names[:place]:
            raise BadInput(f"{Path(file).name} has two columns called '{name[:60]}': rename one of them")
    if fields.column(TEXT) not in names:
        error = no_column(fields.column(TEXT), names)
        raise type(error)(f"{Path(file).name}: {error}")


def _parquet(
    shard: Shard, fields: Fields, rows: int, columns: Collection[str] | None, lines: Ints | None
) -> Iterator[Intake]:
    import polars as pl

    path = Path(shard.path)
    try:
        if not path.is_file():
            raise BadInput(f"{path.name} is no file, or not there any more")
        groups = row_groups(path)
        with one_line(path.name, "Parquet"):
            names = pl.read_parquet_schema(path)
    except BadInput as error:
        if shard.first == 1:
            yield _only(Rejected(shard.path, 1, str(error), "unreadable"))
        return
    _usable(shard.path, list(names), fields)
    edges = [0]
    for group in groups:
        edges.append(edges[-1] + group)
    read = list(names) if columns is None else needed(names, fields, columns)
    for found in slices(path, shard.start, shard.stop, edges, rows, read):
        if isinstance(found, Rejected):
            yield _only(found)
            continue
        at, frame = found
        numbers = pl.int_range(at + 1, at + 1 + frame.height, eager=True)
        if lines is None:
            yield of_table(shard.path, frame, numbers, fields)
            continue
        wanted = among(numbers, lines)
        texts = frame.select(fields.column(TEXT))
        odd = ~wanted & doubtful(texts.to_series())
        others = of_table(shard.path, texts.filter(odd), numbers.filter(odd), fields)
        taken = of_table(shard.path, apart(frame.filter(wanted)), numbers.filter(wanted), fields)
        yield _ordered(taken, list(others.rejected))


def from_dataset(dataset: Any, fields: Fields | None = None, rows: int = 10_000) -> Iterator[Intake]:
    """Yield the records of a data set of the library ``datasets``, or of the hub by its address (``hf:NAME``).

    Parameters
    ----------
    dataset
        A ``Dataset``, an ``IterableDataset``, or the address ``hf:NAME[:CONFIG][/SPLIT]``, which is fetched.
    fields
        Which column is which field of a record.
    rows
        Records of a block, at most.

    Raises
    ------
    BadInput
        If it is several, by their splits, or holds nothing.
    MissingInput
        If it has no column of texts.

    Examples
    --------
    >>> next(from_dataset({"train": [], "test": []}))
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: dict is several data sets; give one of them: train, test
    """
    import polars as pl

    fields = fields or Fields()
    file = dataset if isinstance(dataset, str) else "dataset"
    given = load(dataset.removeprefix("hf:")) if isinstance(dataset, str) else dataset
    if isinstance(given, Mapping):
        raise BadInput(f"{type(given).__name__} is several data sets; give one of them: {', '.join(map(str, given))}")
    at = 0
    for table in given.with_format("arrow").iter(batch_size=rows):  # as it is stored: no picture or sound is decoded
        frame = cast(pl.DataFrame, pl.from_arrow(table))
        if not at:
            _usable(file, frame.columns, fields)
        numbers = pl.int_range(at + 1, at + 1 + frame.height, eager=True)
        at += frame.height
        yield of_table(file, frame, numbers, fields)
    if not at:
        raise BadInput(f"{file} is empty: there is no record in it")
