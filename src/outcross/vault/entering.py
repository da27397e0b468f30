"""The unit of work of an `add`, a pure function: a shard of an input becomes data files, a quarantine, a summary."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
import orjson

from outcross.core.provenance import Provenance
from outcross.corpus.fields import Fields
from outcross.corpus.intake import Intake, Rejected, from_dataset, take_in
from outcross.corpus.shards import Shard
from outcross.vault.catalog import claims_of, prefixes
from outcross.vault.known import Known
from outcross.vault.labelling import in_unicode, labelled
from outcross.vault.merkle import subtrees
from outcross.vault.part import ROWS, write_part
from outcross.vault.record import RECORD, digested, shaped, with_leaves

if TYPE_CHECKING:
    import polars as pl

BYTES = 2**26
"""Characters of the texts of a data file, roughly, at most."""


@final
@dataclass(frozen=True)
class Entering:
    """How records enter: what is said of all of them, and what is known already.

    Parameters
    ----------
    folder
        Where the arrays of `Known` lie.
    fields
        Which column is which field.
    told, claimed
        See `outcross.vault.labelling.labelled`.
    added
        When, in ISO 8601, UTC.
    run
        The chain that they belong to; None for no chain.
    correct
        Whether a record whose id is taken, with another text, is a new version.

    Examples
    --------
    See `outcross.vault.vault.Vault.ingest`.
    """

    folder: Path
    fields: Fields
    told: Provenance
    claimed: bool
    added: str
    run: str | None = None
    correct: bool = False

    def __call__(self, task: Shard | str, stem: Path) -> Mapping[str, Any]:
        """Write the data files and the quarantine of a shard, or of a data set of the hub; return what they hold."""
        known = Known.load(self.folder)
        name = task if isinstance(task, str) else Path(task.path).name
        intakes = from_dataset(task, self.fields) if isinstance(task, str) else take_in(task, self.fields)
        sieve = Sieve(known, self.correct)
        rejected: list[Rejected] = []
        parts: list[dict[str, Any]] = []
        given: set[str] = set()
        start = 0 if isinstance(task, str) else task.first - 1  # where its rows are in the tree, if none is left out
        for frame in gathered(self._entered(intakes, name, sieve, rejected, given)):
            path = stem.with_name(f"{stem.name}.{len(parts)}.parquet")
            parts.append(saved(frame, path, start))
            start += frame.height
        quarantine = None
        if rejected:
            quarantine = f"{stem.name}.quarantine.jsonl"
            stem.with_name(quarantine).write_bytes(b"".join(map(line_of, rejected)))
        kinds: dict[str, int] = {}
        for one in rejected:
            kinds[one.kind] = kinds.get(one.kind, 0) + one.count
        return {
            "parts": parts,
            "rows": sum(part["rows"] for part in parts),
            "skipped": sieve.skipped,
            "rejected": kinds,
            "example": line_of(replace(rejected[0], raw=b"")).decode() if rejected else None,  # a log forgets nothing
            "quarantine": quarantine,
            "orphans": sieve.orphans,
            "given": sorted(given),
        }

    def _entered(
        self, intakes: Iterator[Intake], name: str, sieve: Sieve, rejected: list[Rejected], given: set[str]
    ) -> Iterator[pl.DataFrame]:
        for intake in intakes:
            rejected += intake.rejected
            given |= {one for one in self.fields.columns if _has(intake.frame, one)}
            frame, wrong = labelled(intake.frame, self.told, self.claimed)
            rejected += [Rejected(name, line, reason, "bad-label", b"") for line, reason in wrong]
            frame, refused = sieve.sift(completed(frame, name, self.added, self.run))
            rejected += [Rejected(name, line, reason, kind, b"") for line, kind, reason in refused]
            yield frame


def _has(frame: pl.DataFrame, name: str) -> bool:
    return name in frame.columns and frame[name].null_count() < frame.height


def completed(frame: pl.DataFrame, name: str, added: str, run: str | None) -> pl.DataFrame:
    """Return labelled records as rows of a vault, with digests, and an id where they have none.

    An id that is not given is made of the name of the file, the line, and the text, so that the same line of the same
    file gets the same id again. The column ``line`` stays.

    Examples
    --------
    >>> import polars as pl
    >>> rows = completed(pl.DataFrame({"line": [7], "text": ["a cat"], "origin": ["human"]}), "cats.txt", "2026", None)
    >>> rows["id"].to_list()
    ['0cfa456f-7-51e46741']
    """
    import polars as pl

    rows = digested(
        shaped(
            frame.with_columns(kind=pl.lit(RECORD), version=pl.lit(1), added=pl.lit(added), run=pl.lit(run, pl.String))
        )
    )
    if rows["id"].null_count():
        mark = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
        text = pl.col("raw_sha256").bin.encode("hex").str.slice(0, 8)
        made = pl.concat_str(pl.lit(mark), pl.col("line").cast(pl.String), text, separator="-")
        rows = rows.with_columns(pl.col("id").fill_null(made))
    return rows


@final
class Sieve:
    """What may not enter: ids that are taken, and texts of machines that are said to be human.

    Parameters
    ----------
    known
        What is known.
    correct
        See `Entering`.

    Examples
    --------
    >>> import polars as pl
    >>> from outcross.vault.catalog import Catalog
    >>> text = "one two three four five six seven eight nine ten"
    >>> known = Known.of(Catalog(), prefixes(pl.Series([hashlib.sha256(text.encode()).digest()])))
    >>> rows = pl.DataFrame({"line": [1], "text": [text], "origin": ["human"]})
    >>> kept, refused = Sieve(known, correct=False).sift(completed(rows, "cats.txt", "2026", None))
    >>> kept.height, refused[0][1]
    (0, 'machine-output')
    """

    def __init__(self, known: Known, correct: bool) -> None:
        self._known, self._correct = known, correct
        self.skipped = 0
        self.orphans = 0

    def sift(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[tuple[int, str, str]]]:
        """Return the rows that may enter, and those that may not as (line, kind, reason).

        What is in the vault already, with the same id and the same text, is skipped and counted.
        """
        import polars as pl

        known = self._known
        if not len(known.ids) and not len(known.outputs) and frame["parents"].null_count() == frame.height:
            return frame, []
        place = known.find(frame["id"])
        there = place >= 0
        at = np.maximum(place, 0)
        same = there & (known.texts[at] == prefixes(frame["text_sha256"])) if len(known.ids) else there
        if self._correct and len(known.claims):
            same &= known.claims[at] == claims_of(frame)
        gone = there & (known.versions[at] < 0) if len(known.ids) else there
        same &= ~gone
        taken = there & ~same & ~gone
        own = frame["origin"].is_in(["human", "unknown"]).to_numpy() & known.was_withdrawn(frame) & ~there
        machine = (frame["origin"] == "human").to_numpy() & known.written_by_machine(frame) & ~same
        refused = [(line, "machine-output", MACHINE) for line in frame.filter(pl.Series(machine))["line"]]
        refused += [(line, "id-withdrawn", GONE) for line in frame.filter(pl.Series(gone & ~machine))["line"]]
        refused += [(line, "text-withdrawn", TAKEN_BACK) for line in frame.filter(pl.Series(own & ~machine))["line"]]
        self.skipped += int(same.sum())
        same |= gone | own
        if self._correct and taken.any():
            versions = np.where(taken, known.versions[at] + 1, 1).astype(np.int32)
            frame = frame.with_columns(pl.Series("version", versions))
        elif taken.any():
            ids = frame.filter(pl.Series(taken & ~machine)).select("line", "id").iter_rows()
            refused += [(line, "id-taken", TAKEN.format(name)) for line, name in ids]
            same |= taken
        frame, fallen = self._with_live_parents(frame.filter(pl.Series(~(same | machine))))
        return self._settled(frame), refused + fallen

    def _with_live_parents(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[tuple[int, str, str]]]:
        """The rows without those that come from a record that was withdrawn."""
        import polars as pl

        if frame["parents"].null_count() == frame.height or not (self._known.versions < 0).any():
            return frame, []
        links = frame.select("line", "parents").explode("parents").drop_nulls()
        place = self._known.find(links["parents"])
        fallen = links.filter(pl.Series((place >= 0) & (self._known.versions[np.maximum(place, 0)] < 0)))
        refused = [(line, "parent-withdrawn", FALLEN.format(name)) for line, name in fallen.unique("line").iter_rows()]
        return frame.filter(~frame["line"].is_in(fallen["line"].implode())), refused

    def _settled(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows with the depth that their parents give them, as far as these are known."""
        import polars as pl

        if frame["parents"].null_count() == frame.height:
            return frame
        links = frame.select("line", "parents").explode("parents").drop_nulls()
        place = self._known.find(links["parents"])
        self.orphans += int((place < 0).sum())
        depth = np.where(place >= 0, self._known.generations[np.maximum(place, 0)] if len(self._known.ids) else 0, -1)
        deepest = links.with_columns(pl.Series("depth", depth + 1)).group_by("line").agg(pl.col("depth").max())
        joined = frame.join(deepest, on="line", how="left", maintain_order="left")
        grown = pl.max_horizontal("generation", pl.col("depth").fill_null(0)).cast(pl.Int32)
        rows = joined.with_columns(
            generation=pl.when(pl.col("origin") == "human").then(0).otherwise(grown).cast(pl.Int32)
        )
        return rows.drop("depth")


FALLEN = "its parent '{}' was withdrawn"
TAKEN_BACK = "its text is that of a record that was withdrawn"
GONE = "its id is that of a record that was withdrawn"
MACHINE = "it claims to be human, and its text is among the known machine outputs"
TAKEN = "the id '{}' is in the vault with another text; a correction (--correct) makes it a new version"


def gathered(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Yield rows as the data files that they are to become: of at most `ROWS` rows, and about `BYTES` of text.

    Examples
    --------
    >>> import polars as pl
    >>> [frame.height for frame in gathered(iter([pl.DataFrame({"text": ["a cat"] * 40_000})] * 2))]
    [65536, 14464]
    """
    import polars as pl

    held: list[pl.DataFrame] = []
    rows = size = 0
    for frame in frames:
        while frame.height:
            room = min(ROWS - rows, frame.height)
            piece, frame = frame.slice(0, room), frame.slice(room)
            held.append(piece)
            rows += piece.height
            size += int(piece["text"].str.len_bytes().sum() or 0)
            if rows == ROWS or size >= BYTES:
                yield pl.concat(held)
                held, rows, size = [], 0, 0
    if held:
        yield pl.concat(held)


def saved(frame: pl.DataFrame, path: Path, start: int = 0) -> dict[str, Any]:
    """Write rows, with their leaves, as a data file, and return what it holds.

    Parameters
    ----------
    frame, path
        The rows, and where to.
    start
        Where the first of them will be in the tree, as far as can be told: the tree is hashed here for that place.

    Examples
    --------
    >>> import polars as pl, tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.parquet")
    >>> frame = shaped(pl.DataFrame({"id": ["a"], "kind": ["record"], "origin": ["human"], "generation": [0]}))
    >>> saved(frame, path)["counts"]
    [['human', 0, None, 1]]
    """
    import polars as pl

    frame = with_leaves(frame.drop("line", strict=False)).rechunk()
    path.unlink(missing_ok=True)  # what lies there may have its name in a vault, too: another file must take its place
    digest, size = write_part(frame, path)
    counts = frame.filter(pl.col("kind") == RECORD).group_by("origin", "generation", "group").len()
    told = [list(row) for row in counts.sort("origin", "generation", "group").iter_rows()]
    nodes = [[height, node.hex()] for height, node in subtrees(frame["leaf"].to_list(), start)]
    tree = {"start": start, "nodes": nodes}
    return {"file": path.name, "sha256": digest, "size": size, "rows": frame.height, "counts": told, "tree": tree}


def line_of(rejected: Rejected) -> bytes:
    r"""Return a rejected row as a line of the quarantine.

    Examples
    --------
    >>> line_of(Rejected("cats.jsonl", 3, "not JSON", "broken-line", b"[text"))
    b'{"file":"cats.jsonl","line":3,"kind":"broken-line","reason":"not JSON","raw":"[text"}\n'
    """
    told: dict[str, Any] = {
        "file": in_unicode(rejected.file), "line": rejected.line, "kind": rejected.kind, "reason": rejected.reason
    }  # fmt: skip
    if rejected.raw:
        try:
            told["raw"] = rejected.raw.decode()
        except UnicodeDecodeError:
            told["raw_latin1"] = rejected.raw.decode("latin-1")
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)
