"""The tidy outcome of a chain: generation, replicate, policy, metric, value; and what can be asked of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.errors import BadInput, BadSetting, MissingInput, OutputRefused, nearest
from outcross.core.measure import Measure
from outcross.core.part import parts
from outcross.core.setting import settings_of
from outcross.core.tracker import Tracker
from outcross.core.verdict import Definition, Trace, Verdict
from outcross.lab.expected import expected
from outcross.lab.files import write_atomically
from outcross.lab.pictures import Picture
from outcross.lab.plan import Plan
from outcross.lab.stage import Stage, stage
from outcross.lab.theory.curves import Curve
from outcross.lab.trial import Excerpt, Outcome

if TYPE_CHECKING:
    import polars as pl

STOPPED = "stopped before"
"""Why a replicate has no value at a generation that it did not reach."""


@final
@dataclass(frozen=True)
class Facts:
    """What was found out on the way to a history, so that its page can say it.

    Parameters
    ----------
    path
        ``exact`` or ``sampled``.
    why
        Why that path was taken, in one sentence.
    data
        Name of the data.
    digest
        Digest of the data's content.
    source
        Where the data come from and under which licence.
    notes
        What was left out when reading, and the like.
    records, heldout
        How many human records there are to train on and to compare with; -1 for a population, which has no end.
    sample_size
        n, the records of a generation.
    version
        The version of outcross that ran it.

    Examples
    --------
    >>> Facts("sampled", "sampled, as asked", "normal", "0123", sample_size=100).records
    -1
    """

    path: str
    why: str
    data: str
    digest: str
    source: str = ""
    notes: tuple[str, ...] = ()
    records: int = -1
    heldout: int = 0
    sample_size: int = 0
    version: str = ""


@final
@dataclass(frozen=True)
class History:
    """What happened to each metric, under each policy, in each replicate, generation by generation.

    Parameters
    ----------
    plan
        What was run, so that it can be run again.
    facts
        What was found out about the data and the path taken.
    outcomes
        Words of a policy to what its trials found.

    Examples
    --------
    >>> from outcross.lab.chain import Chain
    >>> history = Chain("gaussian", "normal", "replace", ["variance"], sample_size=10).run(3, 20, engine="serial")
    >>> history.table.columns
    ['policy', 'replicate', 'generation', 'metric', 'value', 'reason']
    >>> history.measure("replace", "variance", 0).value
    1.0
    """

    plan: Plan
    facts: Facts
    outcomes: Mapping[str, Outcome] = field(repr=False)

    @property
    def policies(self) -> tuple[str, ...]:
        """Words of the policies, in the order of the plan."""
        return tuple(self.outcomes)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of what was measured, in the order of the plan."""
        return tuple(dict.fromkeys(name for outcome in self.outcomes.values() for name in outcome.values))

    @property
    def excerpts(self) -> tuple[Excerpt, ...]:
        """Pieces of text by policy and generation."""
        return tuple(excerpt for outcome in self.outcomes.values() for excerpt in outcome.excerpts)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Pictures by policy and generation."""
        return tuple(picture for outcome in self.outcomes.values() for picture in outcome.pictures)

    @property
    def table(self) -> pl.DataFrame:
        """One row a policy, replicate, generation and metric; a missing value is null and has a reason."""
        import polars as pl

        frames = [
            _frame(policy, name, values, outcome.reached, outcome.reasons.get(name, ""))
            for policy, outcome in self.outcomes.items()
            for name, values in outcome.values.items()
        ]
        if not frames:
            raise BadInput("the history is empty: no metric was measured")
        return pl.concat(frames)

    def values(self, policy: str, metric: str) -> Floats:
        """Return the values of a metric under a policy, shape (replicates, generations + 1), NaN where missing.

        Raises
        ------
        BadSetting
            If that policy was not run or that metric not measured; the nearest name is offered.
        """
        if policy not in self.outcomes:
            raise BadSetting(f"this history has no policy '{policy}'{nearest(policy, self.outcomes)}")
        found = self.outcomes[policy].values
        if metric not in found:
            raise BadSetting(f"this history has no metric '{metric}'{nearest(metric, found)}")
        return found[metric]

    def last(self, policy: str) -> int:
        """Return the last generation of a policy that every replicate reached."""
        reached = self.outcomes[policy].reached.all(axis=0)
        return int(np.flatnonzero(reached)[-1]) if reached.any() else 0

    def measure(self, policy: str, metric: str, generation: int) -> Measure:
        """Return the mean over replicates, with its interval, at one generation.

        It is missing where some replicates had stopped early: a mean over the others would be one of survivors.
        """
        values = self.values(policy, metric)
        if not 0 <= generation < values.shape[1]:
            last = values.shape[1] - 1
            return Measure.missing(f"generation {generation} was not reached; the last is {last}")
        outcome = self.outcomes[policy]
        return self._measure(values[:, generation], outcome.reached[:, generation], outcome.reasons.get(metric, ""))

    @staticmethod
    def _measure(values: Floats, reached: NDArray[np.bool_], reason: str) -> Measure:
        if not reached.all():
            return Measure.missing(f"{(~reached).sum()} of {len(reached)} replicates had stopped before")
        if np.isnan(values).all():
            return Measure.missing(reason or "no replicate has a value")
        return Measure.mean_of(values)

    def summary(self) -> pl.DataFrame:
        """Return the mean over replicates with its 95 % interval: one row a policy, metric and generation."""
        import polars as pl

        rows = []
        for policy, outcome in self.outcomes.items():
            reached = outcome.reached
            for name, values in outcome.values.items():
                for generation in range(values.shape[1]):
                    m = self._measure(values[:, generation], reached[:, generation], outcome.reasons.get(name, ""))
                    rows.append((policy, name, generation, m.value, m.low, m.high, m.n, m.reason or None))
        schema = {
            "policy": pl.String,
            "metric": pl.String,
            "generation": pl.Int64,
            "mean": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "n": pl.Int64,
            "reason": pl.String,
        }
        return pl.DataFrame(rows, schema=schema, orient="row")

    def traces(self, policy: str) -> dict[str, Trace]:
        """Return every metric of one policy as a trace, up to the last generation that every replicate reached."""
        end = self.last(policy) + 1
        outcome = self.outcomes[policy]
        return {name: Trace(name, np.arange(end), values[:, :end]) for name, values in outcome.values.items()}

    def verdicts(self) -> list[Verdict]:
        """Return every published definition of collapse, judged for every policy, each with its evidence."""
        found = [part for part in parts("verdict").values() if not any(s.required for s in settings_of(part))]
        definitions: list[Definition] = [part() for part in found]  # type: ignore[misc]
        return [definition.judge(policy, self.traces(policy)) for policy in self.policies for definition in definitions]

    def stages(self) -> dict[str, Stage]:
        """Return how far it has gone under each policy: neither, early or late collapse, as the Nature paper has it."""
        verdicts = self.verdicts()
        return {policy: stage(v for v in verdicts if v.policy == policy) for policy in self.policies}

    def theory(self) -> dict[tuple[str, str], Curve]:
        """Return the closed forms that apply: (policy, metric) to the expected curve from generation 0 on."""
        last = {policy: outcome.generations - 1 for policy, outcome in self.outcomes.items()}
        initial = {name: self.measure(self.policies[0], name, 0) for name in self.metrics}
        return expected(self.plan, self.facts.sample_size, last, initial)

    def report(self, path: str | Path) -> Path:
        """Write the history as one self-contained page and return its path."""
        from outcross.report.page import write_page

        return write_page(self, Path(path))

    def charts(self, directory: str | Path) -> list[Path]:
        """Write every chart as SVG and PNG into a folder and return the files."""
        from outcross.report.charts import save_charts

        return list(save_charts(self, Path(directory)))

    def track(self, *trackers: str | Tracker, name: str = "outcross") -> None:
        """Send the history to experiment trackers, like ``"mlflow"`` or ``"wandb(mode=offline)"``.

        Each policy is a run with the mean over replicates and its interval, each of at most 20 replicates a run beside
        it; steps are generations.

        Parameters
        ----------
        trackers
            Trackers, or their words.
        name
            What the runs are grouped under.

        Raises
        ------
        MissingLibrary
            If a tracker's library is not installed; then nothing is sent.
        OutputRefused
            If a tracker did not take it; the others have got theirs.
        """
        from outcross.lab.tracking import track

        track(self, trackers, name)

    def save(self, directory: str | Path) -> Path:
        """Save the history: ``history.parquet``, ``plan.toml``, ``facts.json``, and what people are shown of it.

        Texts are in ``excerpts.jsonl``, pictures in ``pictures.jsonl`` (PNG files in base 64).

        Raises
        ------
        OutputRefused
            If it cannot be written, nothing is left half written; or if the folder holds the run of another plan.
        """
        folder = Path(directory)
        refuse_another_plan(folder, self.plan)
        write_atomically(folder / "plan.toml", self.plan.to_toml().encode())
        write_atomically(folder / "facts.json", _json(_plain(self.facts), indent=1))
        write_atomically(folder / "excerpts.jsonl", _lines([_plain(excerpt) for excerpt in self.excerpts]))
        if self.pictures:
            write_atomically(folder / "pictures.jsonl", _lines([picture.plain() for picture in self.pictures]))
        write_atomically(folder / "history.parquet", _parquet(self.table))
        return folder

    @classmethod
    def load(cls, directory: str | Path) -> History:
        """Load a history that was saved.

        Raises
        ------
        MissingInput
            If there is no finished run in that directory.
        """
        import polars as pl

        folder = Path(directory)
        if not (folder / "history.parquet").is_file():
            raise MissingInput(f"there is no finished run in '{folder}' (no history.parquet)")
        try:
            plan = Plan.read(folder / "plan.toml")
            facts = json.loads((folder / "facts.json").read_text())
            outcomes = _outcomes(pl.read_parquet(folder / "history.parquet"))
            for excerpt in _records(folder / "excerpts.jsonl"):
                outcomes[excerpt["policy"]].excerpts.append(Excerpt(**excerpt))
            drawn = folder / "pictures.jsonl"
            for picture in map(Picture.read, _records(drawn) if drawn.is_file() else ()):
                outcomes[picture.policy].pictures.append(picture)
            return cls(plan, Facts(**(facts | {"notes": tuple(facts["notes"])})), outcomes)
        except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
            raise BadInput(f"the run in '{folder}' cannot be read: {str(error).splitlines()[0]}") from error


def _json(record: Mapping[str, Any], indent: int | None = None) -> bytes:
    """An object as JSON. What is no character (half of a surrogate pair) is written as an escape."""
    return json.dumps(record, indent=indent, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _lines(records: Sequence[Mapping[str, Any]]) -> bytes:
    """One JSON object a line."""
    return b"".join(_json(record) + b"\n" for record in records)


def _records(path: Path) -> list[dict[str, Any]]:
    """The objects that `_lines` wrote."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def _frame(policy: str, name: str, values: Floats, reached: NDArray[np.bool_], reason: str) -> pl.DataFrame:
    import polars as pl

    replicates, generations = values.shape
    frame = pl.DataFrame(
        {
            "replicate": np.repeat(np.arange(replicates), generations),
            "generation": np.tile(np.arange(generations), replicates),
            "value": values.ravel(),
            "reached": reached.ravel(),
        }
    )
    why = pl.when(pl.col("reached")).then(pl.lit(reason or "no value")).otherwise(pl.lit(STOPPED))
    return frame.with_columns(pl.col("value").fill_nan(None)).select(
        pl.lit(policy).alias("policy"),
        "replicate",
        "generation",
        pl.lit(name).alias("metric"),
        "value",
        pl.when(pl.col("value").is_null()).then(why).otherwise(None).alias("reason"),
    )


def _outcomes(table: pl.DataFrame) -> dict[str, Outcome]:
    """The arrays back from the table; rows are in the order in which they were written."""
    import polars as pl

    outcomes: dict[str, Outcome] = {}
    for (policy, name), frame in table.group_by("policy", "metric", maintain_order=True):
        generations = int(frame["generation"].max()) + 1  # type: ignore[arg-type]
        outcome = outcomes.setdefault(str(policy), Outcome())
        values = frame["value"].fill_null(float("nan")).to_numpy().reshape(-1, generations)
        outcome.values[str(name)] = values
        short = (frame["reason"] == STOPPED).fill_null(False).to_numpy().reshape(values.shape)
        if short.any():
            outcome.ends = generations - 1 - short.sum(axis=1)
        reasons = frame.filter(pl.col("reason").is_not_null() & (pl.col("reason") != STOPPED))["reason"]
        if len(reasons):
            outcome.reasons[str(name)] = str(reasons[0])
    return outcomes


def _parquet(table: pl.DataFrame) -> bytes:
    import io

    buffer = io.BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()


def refuse_another_plan(folder: Path, plan: Plan) -> None:
    """Refuse a folder that holds the finished run of another plan.

    Examples
    --------
    >>> refuse_another_plan(Path("nowhere"), Plan())
    """
    kept = folder / "plan.toml"
    if (folder / "history.parquet").exists() and kept.is_file() and Plan.read(kept) != plan:
        raise OutputRefused(f"'{folder}' holds the run of another plan; name another folder")


def _plain(value: Any) -> dict[str, Any]:
    import dataclasses

    return dataclasses.asdict(value)


def join_outcomes(outcomes: Sequence[Outcome]) -> Outcome:
    """Join the outcomes of blocks of replicates, in order; blocks that stopped earlier are missing after that.

    Examples
    --------
    >>> one, two = Outcome({"m": np.zeros((2, 3))}), Outcome({"m": np.ones((1, 2))})
    >>> join_outcomes([one, two]).values["m"].tolist()
    [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 1.0, nan]]
    """
    if len(outcomes) == 1:
        return outcomes[0]
    width = max(outcome.generations for outcome in outcomes)
    whole = Outcome()
    if any(outcome.generations < width for outcome in outcomes):
        whole.ends = np.concatenate([np.full(len(outcome.reached), outcome.generations - 1) for outcome in outcomes])
    for name in dict.fromkeys(name for outcome in outcomes for name in outcome.values):
        blocks = []
        for outcome in outcomes:
            rows = outcome.values[name].T  # by generation, as trials write them: long runs to copy
            short = width - len(rows)
            blocks.append(np.pad(rows, ((0, short), (0, 0)), constant_values=np.nan) if short else rows)
            if name in outcome.reasons:
                whole.reasons.setdefault(name, outcome.reasons[name])
        whole.values[name] = np.concatenate(blocks, axis=1).T
    for outcome in outcomes:
        whole.excerpts.extend(outcome.excerpts)
        whole.pictures.extend(outcome.pictures)
    return whole
