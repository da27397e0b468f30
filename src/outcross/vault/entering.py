"""The unit of work of an `add`, a pure function: a shard of an input becomes data files, a quarantine, a summary."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
import orjson

from outcross.core.provenance import Provenance
from outcross.corpus.fields import Fields
from outcross.corpus.intake import Intake, Rejected, take_in
from outcross.corpus.shards import Shard
from outcross.vault.catalog import prefixes
from outcross.vault.known import Known
from outcross.vault.labelling import labelled
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

    def __call__(self, shard: Shard, stem: Path) -> Mapping[str, Any]:
        """Write the data files and the quarantine of a shard, and return what they hold."""
        known = Known.load(self.folder)
        name = Path(shard.path).name
        sieve = Sieve(known, self.correct)
        rejected: list[Rejected] = []
        parts: list[dict[str, Any]] = []
        for frame in gathered(self._entered(take_in(shard, self.fields), name, sieve, rejected)):
            path = stem.with_name(f"{stem.name}.{len(parts)}.parquet")
            parts.append(saved(frame, path))
        quarantine = None
        if rejected:
            quarantine = f"{stem.name}.quarantine.jsonl"
            stem.with_name(quarantine).write_bytes(b"".join(map(line_of, rejected)))
        kinds: dict[str, int] = {}
        for one in rejected:
            kinds[one.kind] = kinds.get(one.kind, 0) + 1
        return {
            "parts": parts,
            "rows": sum(part["rows"] for part in parts),
            "skipped": sieve.skipped,
            "rejected": kinds,
            "example": line_of(rejected[0]).decode() if rejected else None,
            "quarantine": quarantine,
            "orphans": sieve.orphans,
        }

    def _entered(
        self, intakes: Iterator[Intake], name: str, sieve: Sieve, rejected: list[Rejected]
    ) -> Iterator[pl.DataFrame]:
        for intake in intakes:
            rejected += intake.rejected
            frame, wrong = labelled(intake.frame, self.told, self.claimed)
            rejected += [Rejected(name, line, reason, "bad-label", b"") for line, reason in wrong]
            frame, refused = sieve.sift(completed(frame, name, self.added, self.run))
            rejected += [Rejected(name, line, reason, kind, b"") for line, kind, reason in refused]
            yield frame


def completed(frame: pl.DataFrame, name: str, added: str, run: str | None) -> pl.DataFrame:
    """Return labelled records as rows of a vault, with digests, and an id where they have none.

    An id that is not given is made of the name of the file, the line, and the text, so that the same line of the same
    file gets the same id again. The column ``line`` stays.

    Examples
    --------
    >>> import polars as pl
    >>> rows = completed(pl.DataFrame({"line": [7], "text": ["a cat"], "origin": ["human"]}), "cats.txt", "2026", None)
    >>> rows["id"].to_list()
    ['d5b5d4a9-7-bf1d2f5a']
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
        place = known.find(frame["id"])
        there = place >= 0
        at = np.maximum(place, 0)
        same = there & (known.texts[at] == prefixes(frame["text_sha256"])) if len(known.ids) else there
        taken = there & ~same
        machine = (frame["origin"] == "human").to_numpy() & known.written_by_machine(frame) & ~same
        refused = [(line, "machine-output", MACHINE) for line in frame.filter(pl.Series(machine))["line"]]
        gone = taken & (known.versions[at] < 0) if len(known.ids) else taken
        refused += [(line, "id-withdrawn", GONE) for line in frame.filter(pl.Series(gone & ~machine))["line"]]
        same |= gone
        taken &= ~gone
        if self._correct and taken.any():
            versions = np.where(taken, known.versions[at] + 1, 1).astype(np.int32)
            frame = frame.with_columns(pl.Series("version", versions))
        elif taken.any():
            ids = frame.filter(pl.Series(taken & ~machine)).select("line", "id").iter_rows()
            refused += [(line, "id-taken", TAKEN.format(name)) for line, name in ids]
            same |= taken
        self.skipped += int((there & ~taken).sum())
        frame = frame.filter(pl.Series(~(same | machine)))
        return self._settled(frame), refused

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


GONE = "its id is that of a record that was withdrawn"
MACHINE = "it claims to be human, and its text is among the known machine outputs"
TAKEN = "the id '{}' is in the vault with another text; a correction makes it a new version"


def gathered(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Yield rows as the data files that they are to become: of at most `ROWS` rows, and about `BYTES` of text."""
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


def saved(frame: pl.DataFrame, path: Path) -> dict[str, Any]:
    """Write rows, with their leaves, as a data file that lasts, and return what it holds.

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
    digest, size = write_part(frame, path)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    counts = frame.filter(pl.col("kind") == RECORD).group_by("origin", "generation", "group").len()
    told = [list(row) for row in counts.sort("origin", "generation", "group").iter_rows()]
    return {"file": path.name, "sha256": digest, "size": size, "rows": frame.height, "counts": told}


def line_of(rejected: Rejected) -> bytes:
    """Return a rejected row as a line of the quarantine."""
    told: dict[str, Any] = {
        "file": rejected.file, "line": rejected.line, "kind": rejected.kind, "reason": rejected.reason
    }  # fmt: skip
    if rejected.raw:
        try:
            told["raw"] = rejected.raw.decode()
        except UnicodeDecodeError:
            told["raw_latin1"] = rejected.raw.decode("latin-1")
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)
