"""Rows of files as records: their texts, the fields of a record in their types, and all else as metadata."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from outcross.corpus.cast import as_json, cast, merged, no_text, plain
from outcross.corpus.fields import FIELDS, METADATA, TEXT, Fields
from outcross.corpus.rejected import RAW, Intake, Unfit

if TYPE_CHECKING:
    import polars as pl

_LOST = r"\de\+?(?:1[89]|[2-9]\d|\d{3})"
"""How a whole number of more than 64 bits is written after it was taken for a float."""


def of_objects(
    file: str, numbers: Sequence[int], rows: list[dict[str, Any]], raw: Callable[[int], bytes], fields: Fields
) -> Intake:
    """Return JSON objects as records; the objects are used up.

    Parameters
    ----------
    file
        The path of the file, for what is rejected.
    numbers
        Their lines.
    rows
        The objects.
    raw
        The bytes of an object, by its place.
    fields
        Which column is which field.

    Examples
    --------
    >>> rows = [{"text": "a cat", "id": 17, "url": "a"}, {"text": ""}]
    >>> intake = of_objects("cats.jsonl", [1, 2], rows, lambda place: b"", Fields())
    >>> intake.frame.rows(), intake.rejected[0].kind
    ([('a cat', 1, '17', '{"url":"a"}')], 'no-text')
    """
    import polars as pl

    bad: dict[int, Unfit] = {}
    there: set[str] = set().union(*rows)
    named = {name: fields.column(name) for name in FIELDS if fields.column(name) in there}
    cells = {column: [row.pop(column, None) for row in rows] for column in dict.fromkeys(named.values())}
    column = fields.column(TEXT)
    texts: list[str | None] = list(cells.get(column, [None] * len(rows)))
    for place, text in enumerate(texts):
        if type(text) is not str or not text or text.isspace():
            bad[place], texts[place] = no_text(column, text) or Unfit("no-text", ""), None
    columns = [pl.Series(TEXT, texts, dtype=pl.String), pl.Series("line", numbers, dtype=pl.Int64)]
    for name, column in named.items():
        if name not in (TEXT, METADATA):
            columns.append(_field(name, column, cells[column], raw, bad))
    own = fields.column(METADATA)
    said = pl.Series(METADATA, _said(rows, cells.get(own), own, bad), dtype=pl.Binary).cast(pl.String)
    lost = [at for at in said.str.contains(_LOST).fill_null(False).arg_true().to_list() if at not in bad]
    if lost:
        again = [_again(raw(at), named.values(), own) for at in lost]
        said = said.scatter(lost, pl.Series(again, dtype=pl.String))
    return _kept(file, numbers, pl.DataFrame([*columns, said]), raw, bad)


def of_table(
    file: str, frame: pl.DataFrame, numbers: pl.Series, fields: Fields, raw: Callable[[int], bytes] | None = None
) -> Intake:
    """Return the rows of a table as records, a column at a time wherever its type allows; an empty cell says nothing.

    Parameters
    ----------
    file
        The path of the file, for what is rejected.
    frame
        The rows.
    numbers
        Their lines.
    fields
        Which column is which field.
    raw
        The bytes of a row, by its place; the row as JSON where there are none.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"text": ["a cat", None], "mass": [4.5, 3.0]})
    >>> intake = of_table("cats.parquet", frame, pl.Series([1, 2]), Fields())
    >>> intake.frame.rows(), intake.rejected[0].raw
    ([('a cat', 1, '{"mass":4.5}')], b'{"mass":3.0,"text":null}')
    """
    import polars as pl

    def row(place: int) -> bytes:
        return as_json(plain(frame.row(place, named=True)))

    raw = raw or row
    bad: dict[int, Unfit] = {}
    named = {name: fields.column(name) for name in FIELDS if fields.column(name) in frame.columns}
    columns = [numbers.cast(pl.Int64).rename("line")]
    if TEXT in named:  # it may have been left out of what was read, where nobody wants it
        columns.insert(0, _texts(frame[fields.column(TEXT)], bad))
    for name, column in named.items():
        if name not in (TEXT, METADATA):
            whole = _whole(name, frame[column])
            columns.append(_field(name, column, frame[column].to_list(), raw, bad) if whole is None else whole)
    rest = frame.drop(set(named.values()))
    own = named.get(METADATA)
    if own is not None and not rest.width and _all_settled(frame[own]):
        columns.append(frame[own].rename(METADATA))
    elif own is not None or any(kind.is_nested() or kind in (pl.Binary, pl.Object) for kind in rest.dtypes):
        rows = _iso(rest).to_dicts() if rest.width else [{} for _ in range(frame.height)]
        cells = ({key: plain(cell) for key, cell in row.items() if cell is not None} for row in rows)
        owns = None if own is None else [plain(cell) for cell in frame[own].to_list()]
        said = _said(list(cells), owns, own or METADATA, bad)
        columns.append(pl.Series(METADATA, said, dtype=pl.Binary).cast(pl.String))
    else:
        columns.append(_encoded(rest, frame.height))
    return _kept(file, numbers, pl.DataFrame(columns), raw, bad)


def doubtful(column: pl.Series) -> pl.Series:
    """Return which texts must be looked at to know that they are some.

    Most texts begin with a letter of ASCII, which is seen at once; others are searched for one that is no space.

    Examples
    --------
    >>> import polars as pl
    >>> doubtful(pl.Series(["a cat", " ", None, "été"])).to_list()
    [False, True, True, True]
    """
    import polars as pl

    if column.dtype != pl.String:
        return pl.repeat(True, len(column), eager=True)
    return ~column.is_between(pl.lit("!"), pl.lit("\x7f"), closed="left").fill_null(False)


def _kept(
    file: str,
    numbers: Sequence[int] | pl.Series,
    frame: pl.DataFrame,
    raw: Callable[[int], bytes],
    bad: dict[int, Unfit],
) -> Intake:
    import polars as pl

    if not bad:
        return Intake(frame)
    mask = pl.Series([True]).new_from_index(0, frame.height).scatter(list(bad), False)
    return Intake(frame.filter(mask), tuple(bad[at].at(file, int(numbers[at]), raw(at)[:RAW]) for at in sorted(bad)))


def _field(name: str, column: str, values: list[Any], raw: Callable[[int], bytes], bad: dict[int, Unfit]) -> pl.Series:
    """One field, at once where all is text, else value by value."""
    import polars as pl

    kind = _kind(name)
    if kind == pl.String:
        try:
            return pl.Series(name, values, dtype=kind, strict=True)
        except (TypeError, OverflowError):
            pass
    found: list[Any] = []
    for place, value in enumerate(values):
        try:
            found.append(cast(name, _full(value, column, raw, place)))
        except Unfit as error:
            bad.setdefault(place, error)
            found.append(None)
    return pl.Series(name, found, dtype=kind)


def _kind(name: str) -> pl.DataType:
    import polars as pl

    kinds: dict[type, pl.DataType] = {int: pl.Int64(), float: pl.Float64(), list: pl.List(pl.String())}
    return kinds.get(FIELDS[name], pl.String())


def _full(value: Any, column: str, raw: Callable[[int], bytes], place: int) -> Any:
    """A number as it was written, where it may have been a whole one of more than 64 bits."""
    from outcross.corpus.objects import exact

    if isinstance(value, float) and abs(value) >= 2**63 and value != float("inf"):
        try:
            return exact(raw(place)).get(column, value)
        except Unfit:
            return value
    return value


def _said(rows: list[dict[str, Any]], owns: list[Any] | None, own: str, bad: dict[int, Unfit]) -> list[bytes | None]:
    """What is left of rows as JSON, with the metadata of their own; None where that is nothing."""
    import orjson

    if owns is None:
        if not any(rows):
            return [None] * len(rows)
        try:
            return [orjson.dumps(row, option=orjson.OPT_SORT_KEYS) if row else None for row in rows]
        except orjson.JSONEncodeError:  # a number of more than 64 bits, or more levels than it writes: row by row
            owns = [None] * len(rows)
    found: list[bytes | None] = []
    for place, (row, value) in enumerate(zip(rows, owns, strict=True)):
        if not row and isinstance(value, str) and _settled(value):
            found.append(value.encode())
            continue
        try:
            whole = merged(row, value, own)
            found.append(as_json(whole) if whole else None)
        except Unfit as error:
            bad.setdefault(place, error)
            found.append(None)
    return found


def _all_settled(column: pl.Series) -> bool:
    """Whether a column can be taken as it is: what is said in it is in its final form, cell by cell."""
    import polars as pl

    return column.dtype == pl.String and all(map(_settled, column.drop_nulls().to_list()))


def _settled(text: str) -> bool:
    """Whether a text is an object already in the form in which it would be written: then nothing in it is lost."""
    import orjson

    try:
        value = orjson.loads(text)
        return (
            isinstance(value, dict)
            and bool(value)
            and orjson.dumps(value, option=orjson.OPT_SORT_KEYS) == text.encode()
        )
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, UnicodeEncodeError):
        return False


def _again(raw: bytes, used: Collection[str], own: str) -> str:
    """What is said of a record beside its fields, with whole numbers of any size as they were written."""
    from outcross.corpus.objects import exact

    row = exact(raw)
    rest = {key: value for key, value in row.items() if key not in used}
    return as_json(merged(rest, row.get(own), own)).decode()


def _texts(column: pl.Series, bad: dict[int, Unfit]) -> pl.Series:
    import polars as pl

    if column.dtype in (pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
    if column.dtype == pl.String:
        at = doubtful(column).arg_true()
        odd = column.gather(at)
        none = at.filter(odd.is_null() | ~odd.str.contains(r"[^\s\x1c-\x1f]").fill_null(True))
        for place in none.to_list():
            bad[place] = no_text(column.name, column[place]) or Unfit("no-text", f"'{column.name}' is empty")
        return column.rename(TEXT)
    found: list[str | None] = []
    for place, value in enumerate(column.to_list()):
        error = None
        if isinstance(value, bytes):
            try:
                value = value.decode()
            except UnicodeDecodeError as failed:
                error = Unfit(
                    "not-utf8", f"'{column.name}' is bytes that are not UTF-8, at position {failed.start + 1}"
                )
        error = error or no_text(column.name, value)
        if error is not None:
            bad[place] = error
        found.append(None if error else value)
    return pl.Series(TEXT, found, dtype=pl.String)


def _whole(name: str, column: pl.Series) -> pl.Series | None:
    """A field at once, if its type allows; None if it must be looked at value by value."""
    import polars as pl

    kind = column.dtype
    wanted = FIELDS[name]
    if kind == pl.Null:
        return column.cast(_kind(name)).rename(name)
    if wanted is str and (kind.is_integer() or kind in (pl.String, pl.Categorical, pl.Enum)):
        return column.cast(pl.String).rename(name)
    if wanted is str and kind in (pl.Date, pl.Time, pl.Datetime):
        return _dates(column).rename(name)
    if wanted is int and kind.is_integer() and not (column < 0).any() and not (column > 2**63 - 1).any():
        return column.cast(pl.Int64).rename(name)
    if wanted is float and kind.is_numeric() and not kind.is_decimal():
        numbers = column.cast(pl.Float64).fill_nan(None)
        return numbers.rename(name) if not ((numbers < 0) | (numbers > 1)).any() else None
    if (
        wanted is list
        and kind == pl.List(pl.String)
        and not column.list.eval(pl.element().is_null().any()).list.any().any()
    ):
        return column.rename(name)
    return None


def _encoded(frame: pl.DataFrame, height: int) -> pl.Series:
    """Plain columns as one JSON object a row, keys in order, empty cells left out, without a loop over rows."""
    import polars as pl

    none = pl.Series(METADATA, [None], dtype=pl.String).new_from_index(0, height)
    frame = _iso(frame).select(sorted(frame.columns))
    if not frame.width:
        return none
    members = []
    for name, kind in frame.schema.items():
        column = pl.col(name)
        if kind.is_decimal() or kind in (pl.Categorical, pl.Enum):
            column = column.cast(pl.String)
        if kind.is_float():
            shown = pl.when(column.is_nan()).then(pl.lit("NaN")).when(column > 0).then(pl.lit("Infinity"))
            odd = pl.struct(shown.otherwise(pl.lit("-Infinity")).alias(name)).struct.json_encode()
            member = pl.when(column.is_finite()).then(pl.struct(column).struct.json_encode()).otherwise(odd)
        else:
            member = pl.struct(column).struct.json_encode()
        inner = member.str.slice(1).str.head(-1)
        members.append(pl.when(column.is_not_null()).then(inner).alias(name))
    joined = pl.concat_str(members, separator=",", ignore_nulls=True)
    said = pl.when(joined != "").then(pl.concat_str(pl.lit("{"), joined, pl.lit("}")))
    return frame.select(said.alias(METADATA))[METADATA]


def _iso(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates, times and durations as texts in ISO 8601."""
    import polars as pl

    kinds = (pl.Date, pl.Time, pl.Datetime, pl.Duration)
    return frame.with_columns([_dates(frame[name]) for name, kind in frame.schema.items() if kind in kinds])


def _dates(column: pl.Series) -> pl.Series:
    return column.dt.to_string("iso:strict")
