"""Scoring a corpus of any size, on any engine: a job that survives kills, each shard a pure function of itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import orjson

from outcross.core.detector import Scorer
from outcross.core.documents import Documents
from outcross.core.engine import Engine
from outcross.core.errors import BadInput, BadSetting, MissingInput, nearest
from outcross.core.part import as_part
from outcross.corpus.documents import Columns
from outcross.corpus.fields import FIELDS, METADATA, TEXT, Fields
from outcross.corpus.files import existing
from outcross.corpus.intake import take_in
from outcross.corpus.jobs import Job, open_job, run_job
from outcross.corpus.rejected import Rejected
from outcross.corpus.shards import Shard, shards
from outcross.corpus.share import Share
from outcross.corpus.stream import ROWS
from outcross.evidence.distinct import Distinct
from outcross.evidence.judging import ANSWER, PROBABILITY, REASON, SCORE, Answers, Judge, Scores, even
from outcross.evidence.score_summary import ScoreSummary
from outcross.evidence.trained import TrainedDetector
from outcross.lab.files import write_atomically

if TYPE_CHECKING:
    import polars as pl

SUMMARY = "summary.json"
"""The file with the summary of the whole."""

FILES = 100
"""Files whose first records are looked at before the work, at most."""


def score_corpus(
    judge: TrainedDetector | Scorer,
    inputs: Path | Sequence[Path],
    out: Path,
    columns: Columns | None = None,
    by: Sequence[str] = (),
    *,
    engine: Engine | str = "processes",
    share: Share | None = None,
) -> ScoreSummary | None:
    r"""Score every document of files and folders, a shard at a time; after a kill, the same call goes on.

    Into the folder comes, for each shard, a table of what was said (``00000.parquet``: ``file``, ``line`` and ``id`` of
    each document, the columns that were named, and ``score``; or, of a trained detector, ``synthetic_probability``,
    ``synthetic_answer`` and ``synthetic_reason``), what could not be read (``00000.quarantine.jsonl``), and the counts
    of the shard; and ``summary.json``. The bytes do not depend on the engine, and memory does not grow with the corpus.

    Parameters
    ----------
    judge
        A trained detector, which answers, or what `Detector.fit` gives, which only scores.
    inputs
        What `outcross.corpus.shards.shards` reads.
    out
        The folder of the job, which all workers share.
    columns
        Which column is what; see `Columns`. Sources may not be in another table.
    by
        Columns to sum up by, beside the whole: the origin, the group, the domain.
    engine
        Who does the work.
    share
        Which share of it is done by this call; all by default.

    Returns
    -------
    ScoreSummary, or None
        What was said; None where other shares have not done theirs.

    Raises
    ------
    BadInput
        If there is no text, or the folder is that of other work.
    MissingInput
        If no record has a column that was named: seen before the work if none of the first ones of a file has it.

    Examples
    --------
    >>> import tempfile
    >>> from outcross.core.documents import Labelled
    >>> from outcross.core.part import build
    >>> from outcross.core.seed import Seed
    >>> data = Labelled.of(["so late, sorry!", "it is vital."] * 2, [0, 1] * 2)
    >>> scorer = build("detector", "ngram_linear").fit(data, Seed(0))
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "cats.jsonl").write_text('{"text": "it is a cat", "lang": "en"}\n{"text": "sorry!", "la\n')
    >>> summary = score_corpus(scorer, folder / "cats.jsonl", folder / "scored", by=["lang"], engine="serial")
    >>> summary.whole.texts, list(summary.by["lang"]), summary.rejected
    (1, ['en'], {'broken-line': 1})
    """
    chosen = columns or Columns()
    if chosen.beside is not None:
        raise BadSetting("sources in another table are looked up in one process: score the table into a file")
    paths = [inputs] if isinstance(inputs, Path) else list(inputs)
    parts = shards(paths)
    answers: Judge = Answers(judge) if isinstance(judge, TrainedDetector) else Scores(judge)
    work = Scoring(answers, chosen, tuple(dict.fromkeys(by)))
    if own := {"file", "line", SCORE, PROBABILITY, ANSWER, REASON} & set(work.named):
        raise BadSetting(f"'{min(own)}' is a column that scoring writes itself: rename that of the corpus")
    described = {
        "inputs": [_identity(path) for path in paths],
        "judge": answers.digest(),
        "columns": asdict(chosen),
        "by": list(work.by),
    }
    if not out.exists():
        _check_begun(work, parts)
    open_job(out, described)
    job = Job(out, parts, work)
    told = run_job(job, as_part(Engine, engine), share)
    if told is None:
        return None
    _check_named(work, told)
    summary = ScoreSummary.merged(_summaries(job))
    if not summary.whole.texts:
        raise BadInput("there is no text in what was to be scored")
    write_atomically(out / SUMMARY, orjson.dumps(summary.to_dict(), option=orjson.OPT_INDENT_2) + b"\n")
    return summary


@final
@dataclass(frozen=True)
class Scoring:
    """The work of a job: a shard in, a table, a quarantine and counts out.

    Parameters
    ----------
    judge
        What scores.
    columns
        Which column is what.
    by
        Columns to sum up by.

    Examples
    --------
    See `score_corpus`.
    """

    judge: Judge
    columns: Columns
    by: tuple[str, ...]

    def __call__(self, shard: Shard, stem: Path) -> dict[str, Any]:
        """Score a shard; return which of the columns that were named it has."""
        import polars as pl

        rejected: list[Rejected] = []
        frames, hashes, there = [], [], set[str]()
        for frame in even(self.read(shard, rejected)):
            texts = frame[TEXT].to_list()
            known, told = self._said(frame, texts)
            there |= known
            frames.append(told)
            hashes.append(Distinct.of(texts))
        kinds: Counter[str] = Counter()
        for one in rejected:
            kinds[one.kind] += one.count
        if frames:
            table = pl.concat(frames, how="diagonal_relaxed", rechunk=True)
            table.insert_column(0, pl.lit(shard.path).alias("file")).write_parquet(stem.with_suffix(".parquet"))
            found = ScoreSummary.of(table, self.judge.number, self.by, kinds, Distinct.merged(hashes))
        else:
            found = ScoreSummary.merged([])
        if rejected:
            from outcross.vault.entering import line_of

            stem.with_suffix(".quarantine.jsonl").write_bytes(b"".join(map(line_of, rejected)))
        stem.with_suffix(".counts.json").write_bytes(orjson.dumps(found.plain()))
        return {"there": sorted(there), "texts": found.whole.texts}

    @property
    def named(self) -> list[str]:
        """The columns that must be there, beside the text."""
        wanted = [self.columns.group, self.columns.source, self.columns.domain, *self.by]
        return list(dict.fromkeys(name for name in wanted if name is not None))

    def read(self, shard: Shard, rejected: list[Rejected]) -> Iterator[pl.DataFrame]:
        """Yield the records of a shard; what cannot be read is added to ``rejected``."""
        for intake in take_in(shard, Fields({TEXT: self.columns.text}), ROWS):
            rejected += intake.rejected
            if intake.frame.height:
                yield intake.frame

    def _said(self, frame: pl.DataFrame, texts: list[str]) -> tuple[set[str], pl.DataFrame]:
        """The rows without their texts, with the columns that were named and with what is said of them."""
        import polars as pl

        beside = {name: _column(frame, name) for name in self.named}
        there = {name for name, cells in beside.items() if cells is not None}
        domain, source = self.columns.domain, self.columns.source
        domains, sources = (None if name is None else _texts(beside[name], frame.height) for name in (domain, source))
        documents = Documents(tuple(texts), sources)
        said = self.judge.said(documents, domains)
        ids = frame["id"] if "id" in frame.columns else None
        cells = {"id": ids, **{name: found for name, found in beside.items() if name != source}}
        none = pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
        named = [(none if found is None else found).rename(name) for name, found in cells.items()]
        return there, pl.DataFrame([frame["line"], *named, *said])


def _column(frame: pl.DataFrame, name: str) -> pl.Series | None:
    """A column by the name that it has in the file, as text; None where it is nowhere."""
    import polars as pl

    if name in FIELDS and name in frame.columns:
        return frame[name].cast(pl.String)
    cells = [None if said is None else orjson.loads(said).get(name) for said in frame[METADATA].to_list()]
    if all(cell is None for cell in cells):
        return None
    return pl.Series(
        [cell if cell is None or isinstance(cell, str) else _text(cell) for cell in cells], dtype=pl.String
    )


def _text(cell: object) -> str:
    return orjson.dumps(cell, option=orjson.OPT_SORT_KEYS).decode()


def _texts(cells: pl.Series | None, height: int) -> tuple[str, ...]:
    return ("",) * height if cells is None else tuple(cells.fill_null("").to_list())


def _identity(given: Path) -> list[list[Any]]:
    """What tells whether an input is still the same: path, size and time of change of each file."""
    path = existing(given)
    found = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    return [[str(one), one.stat().st_size, one.stat().st_mtime_ns] for one in found]


def _summaries(job: Job[Shard]) -> Iterator[ScoreSummary]:
    """The counts of all shards in their order, one at a time."""
    for place in range(len(job.tasks)):
        yield ScoreSummary.restore(orjson.loads(job.stem(place).with_suffix(".counts.json").read_bytes()))


def _check_begun(work: Scoring, parts: Sequence[Shard]) -> None:
    """Refuse a column that the first records of none of the files have: better now than after hours."""
    missing, seen = set(work.named), set[str]()
    for shard in [one for one in parts if one.first == 1][:FILES]:
        if not missing:
            return
        frame = next(work.read(shard, []), None)
        if frame is not None:
            missing -= {name for name in missing if _column(frame, name) is not None}
            seen |= set(frame.columns).union(*map(orjson.loads, frame[METADATA].drop_nulls().head(100)))
    if missing and seen:
        name = min(missing)
        raise MissingInput(f"no record has '{name}'{nearest(name, seen)}")


def _check_named(work: Scoring, told: Sequence[dict[str, Any]]) -> None:
    """Refuse a column that was named and is nowhere."""
    there = {name for one in told for name in one["there"]}
    missing = [name for name in work.named if name not in there]
    if missing and any(one["texts"] for one in told):
        raise MissingInput(f"no record has '{missing[0]}'")
