"""A file of generated texts, stamped; and a file of any texts, searched for one's own: a block of rows at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from outcross.core.errors import BadInput, BadSetting
from outcross.core.progress import tell
from outcross.corpus.sink import sink
from outcross.corpus.stream import ROWS, blocks
from outcross.vault.labels.register import Output, Register
from outcross.vault.labels.stamp import Stamp

if TYPE_CHECKING:
    import polars as pl

OWN, GENERATOR, ADDED = "own_output", "own_output_generator", "own_output_added"
"""The columns that are written beside the rows of a search."""

EXAMPLES = 5
"""Texts that a search shows."""

EXCERPT = 80
"""Characters of each."""

TEXTS = (
    "id",
    "created",
    "origin",
    "generator",
    "generator_digest",
    "license",
    "evidence",
    "digital_source_type",
    "text_sha256",
)
"""The columns of a stamp that are texts."""


@final
@dataclass(frozen=True)
class Stamped:
    """How many rows of a file were stamped, and how many have no text, and so no stamp.

    Examples
    --------
    See `label_table`.
    """

    texts: int
    empty: int


@final
@dataclass(frozen=True)
class Own:
    """What a search for one's own outputs found in a file.

    Parameters
    ----------
    texts, empty
        How many rows have a text, and how many have none.
    own
        How many texts are one's own outputs.
    short
        How many are too, but too short to tell who wrote them.
    generators
        How many each model wrote.
    examples
        The first ones: number of the row, generator, when it was registered, and the beginning of the text.
    notes
        What could not be read of the register.

    Examples
    --------
    See `own_outputs`.
    """

    texts: int
    empty: int
    own: int
    short: int
    generators: Mapping[str, int]
    examples: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]

    @property
    def share(self) -> float:
        """The share of texts that are one's own outputs; never less are a machine's."""
        return self.own / self.texts


def label_table(path: Path, out: Path, one: Stamp, parents: str | None = None, rows: int = ROWS) -> Stamped:
    r"""Stamp the texts of a file; memory does not grow with it. What is written appears whole or not at all.

    Parameters
    ----------
    path
        Texts: JSON lines, Parquet, CSV, as `outcross.corpus.stream.blocks` reads them.
    out
        Where the rows are written, with the columns of a stamp beside them: ``.parquet``, ``.jsonl`` or ``.csv``. In
        CSV the parents are a list in JSON.
    one
        What is said of the texts; they are registered a block at a time, before they are written.
    parents
        Column of what each text was derived from: an id, or a list of ids.
    rows
        Rows of a block.

    Raises
    ------
    BadInput
        If the file cannot be read, has no text in it, or says otherwise.
    BadSetting
        If ``out`` is the register, or no table.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "texts.jsonl")
    >>> _ = path.write_text('{"text": "It is important to note that cats sleep.", "prompt": "Cats?"}\n')
    >>> label_table(path, path.with_name("stamped.jsonl"), Stamp(generator="my-model"))
    Stamped(texts=1, empty=0)
    >>> json.loads(path.with_name("stamped.jsonl").read_text())["origin"]
    'synthetic'
    """
    if one.register is not None and out.resolve() == one.register.path.resolve():
        raise BadSetting(f"'{out}' is the register: write the texts to another file")
    wanted = [one.text] if parents is None else [one.text, parents]
    texts = start = 0
    with sink(out) as add:
        for frame in blocks(path, wanted, rows, rest=True):
            stamped, count = _stamped(frame, one, parents, start)
            add(_for_csv(stamped) if out.suffix.lower() == ".csv" else stamped)
            start, texts = start + frame.height, texts + count
            tell("label", start, start)
        if not texts:
            raise BadInput(f"{path.name} is empty: there is no text in it")
    return Stamped(texts, start - texts)


def own_outputs(path: Path, register: Register, text: str = "text", out: Path | None = None, rows: int = ROWS) -> Own:
    r"""Find one's own outputs among the texts of a file; memory does not grow with it.

    Parameters
    ----------
    path, rows
        As in `label_table`.
    register
        Of one's own outputs.
    text
        Column of the texts.
    out
        Where to write the rows with three columns more: ``own_output`` (null where there is no text, or one that was
        registered and is too short to tell), ``own_output_generator`` and ``own_output_added``.

    Raises
    ------
    BadInput
        If a file cannot be read, or has no text in it.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "texts.jsonl")
    >>> _ = path.write_text('{"text": "It is important to note that cats sleep a lot, day and night."}\n')
    >>> register = Register(path.with_name("outputs.jsonl"))
    >>> _ = register.add(["It is important to note that cats sleep a lot, day and night."], generator="my-model")
    >>> found = own_outputs(path, register)
    >>> found.own, found.share, dict(found.generators)
    (1, 1.0, {'my-model': 1})
    """
    if out is not None and out.resolve() == register.path.resolve():
        raise BadSetting(f"'{out}' is the register: write the rows to another file")
    generators: Counter[str] = Counter()
    examples: list[Mapping[str, Any]] = []
    texts = short = start = 0
    with nullcontext() if out is None else sink(out) as add:
        for frame in blocks(path, [text], rows, rest=add is not None):
            there = _texts(frame, text, path.name)
            found = dict(zip(there, register.known(list(there.values())), strict=True))
            for row, output in found.items():
                if output is None or output.short:
                    short += output is not None
                    continue
                generators[output.generator] += 1
                if len(examples) < EXAMPLES:
                    examples.append(_example(start + row + 1, output, there[row]))
            if add is not None:
                add(_beside(frame, found))
            start, texts = start + frame.height, texts + len(there)
            tell("look up", start, start)
        if not texts:
            raise BadInput(f"{path.name} is empty: there is no text in it")
    by_name = dict(generators.most_common())
    return Own(texts, start - texts, generators.total(), short, by_name, tuple(examples), register.notes)


def _texts(frame: pl.DataFrame, column: str, name: str) -> dict[int, str]:
    """The texts of a block by row; a row without one is left out."""
    import polars as pl

    cells = frame[column]
    if cells.dtype not in (pl.String, pl.Null):
        raise BadInput(f"the column '{column}' of {name} is of {cells.dtype}, not of texts; name another with --text")
    return {row: cell for row, cell in enumerate(cells) if cell}


def _stamped(frame: pl.DataFrame, one: Stamp, parents: str | None, start: int) -> tuple[pl.DataFrame, int]:
    """The rows with the columns of a stamp, and how many have one; all other columns stay as they are."""
    import polars as pl

    schema: dict[str, Any] = {name: pl.String for name in TEXTS}
    schema |= {"generation": pl.Int64, "confidence": pl.Float64, "parents": pl.List(pl.String)}
    there = _texts(frame, one.text, "the table")
    said = frame.select(_typed(frame, name, kind) for name, kind in schema.items() if name in frame.columns)
    records = said.to_dicts() if said.width else [{} for _ in range(frame.height)]
    for row, text in there.items():
        records[row][one.text] = text
    named = "parents" if parents is None else parents
    if named in frame.columns:
        for row, cell in enumerate(frame[named].to_list()):
            records[row]["parents"] = _ids(cell, f"record {start + row + 1}")
    stamped = one.on([records[row] for row in there], [start + row + 1 for row in there])
    new = iter(stamped)
    cells = [next(new) if row in there else records[row] for row in range(frame.height)]
    columns = [pl.Series(name, [cell.get(name) for cell in cells], kind) for name, kind in schema.items()]
    kept = [name for name in ("id", "created") if name in frame.columns and not frame[name].null_count()]
    return frame.with_columns(column for column in columns if column.name not in kept), len(there)


def _typed(frame: pl.DataFrame, name: str, kind: Any) -> pl.Series:
    """A column as what it is in a stamp; parents are read cell by cell."""
    import polars as pl

    column = frame[name]
    if name == "parents":
        return pl.Series(name, [None] * frame.height, kind)
    try:
        return column.cast(kind)
    except pl.exceptions.PolarsError:
        raise BadInput(f"the column '{name}' is of {column.dtype}, where a record has {kind}") from None


def _ids(cell: Any, name: str) -> list[Any] | None:
    """Parents in a cell: an id or a record, a list of them, or such a list in JSON, as CSV has it."""
    if isinstance(cell, str) and cell.startswith("["):
        try:
            cell = json.loads(cell)
        except ValueError:
            raise BadInput(f"{name}: cannot read the parents {cell!r:.80}: they are no list in JSON") from None
    if cell is None or cell == "":
        return None
    several = cell if isinstance(cell, list) else [cell]
    return [one if isinstance(one, str | dict) else str(one) for one in several]


def _for_csv(frame: pl.DataFrame) -> pl.DataFrame:
    """CSV has no lists."""
    import polars as pl

    nested = next((name for name, kind in frame.schema.items() if kind.is_nested() and name != "parents"), None)
    if nested is not None:
        raise BadSetting(f"the column '{nested}' holds more than one value a cell: write .parquet or .jsonl, not .csv")
    lists = [None if cell is None else json.dumps(cell) for cell in frame["parents"].to_list()]
    return frame.with_columns(pl.Series("parents", lists, pl.String))


def _beside(frame: pl.DataFrame, found: Mapping[int, Output | None]) -> pl.DataFrame:
    import polars as pl

    outputs = [found.get(row) for row in range(frame.height)]
    own = [
        None if row not in found or (output is not None and output.short) else output is not None
        for row, output in enumerate(outputs)
    ]
    return frame.with_columns(
        pl.Series(OWN, own, pl.Boolean),
        pl.Series(GENERATOR, [None if output is None else output.generator for output in outputs], pl.String),
        pl.Series(ADDED, [None if output is None else output.added for output in outputs], pl.String),
    )


def _example(row: int, output: Output, text: str) -> dict[str, Any]:
    words = " ".join(text.split())
    shown = words if len(words) <= EXCERPT else f"{words[:EXCERPT]}..."
    return {"row": row, "generator": output.generator, "added": output.added, "text": shown}
