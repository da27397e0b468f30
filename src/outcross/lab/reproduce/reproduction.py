"""A published experiment that was done again: run its plans, hold what came of them against what was published."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, final

from outcross.core.engine import Engine
from outcross.core.errors import BadSetting, OutputRefused
from outcross.core.part import parts
from outcross.core.verdict import Answer
from outcross.lab.chain import Chain
from outcross.lab.files import write_atomically
from outcross.lab.history import History
from outcross.lab.plan import Plan
from outcross.lab.reproduce.catalogue import published_experiment
from outcross.lab.reproduce.comparison import Comparison, compare
from outcross.lab.reproduce.published import PublishedExperiment, Scale

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[int, int], None]


@final
@dataclass(frozen=True)
class Reproduction:
    """What came of doing a published experiment again.

    Parameters
    ----------
    experiment
        What was published.
    size
        Name of the scale.
    histories
        Name of a plan to what came of it.

    Examples
    --------
    >>> found = reproduce("poisson-survival", engine="serial")
    >>> found.scale.time
    'a second'
    >>> found.table.columns[:4]
    ['claim', 'relation', 'plan', 'policy']
    """

    experiment: PublishedExperiment
    size: str
    histories: Mapping[str, History] = field(repr=False)

    @property
    def scale(self) -> Scale:
        """The plans, and in what they differ from the paper."""
        return self.experiment.scale(self.size)

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Every claim of the paper, published beside ours."""
        return compare(self.experiment.claims, self.scale, self.histories)

    @property
    def sentence(self) -> str:
        """How many comparisons agree, in one sentence."""
        counts = {answer: sum(one.answer is answer for one in self.comparisons) for answer in Answer}
        return (
            f"Of {len(self.comparisons)} comparisons {counts[Answer.YES]} agree, {counts[Answer.NO]} do not, and of "
            f"{counts[Answer.CANNOT_TELL]} it cannot be told."
        )

    @property
    def table(self) -> pl.DataFrame:
        """Published beside ours, one row a reading; what is not known is null."""
        import polars as pl

        rows = [
            (
                found.claim.says, found.claim.relation, row.point.plan, row.point.policy, row.point.metric,
                row.point.generation, row.published, row.point.low, row.point.high, found.claim.unit or None,
                row.ours.value, row.ours.low, row.ours.high, row.ours.n, row.ratio,
                str(found.answer), found.sentence, row.point.note or None,
            )
            for found in self.comparisons
            for row in found.rows
        ]  # fmt: skip
        words, number, whole = pl.String, pl.Float64, pl.Int64
        schema = {
            "claim": words, "relation": words, "plan": words, "policy": words, "metric": words, "generation": whole,
            "published": number, "published_low": number, "published_high": number, "unit": words,
            "ours": number, "low": number, "high": number, "n": whole, "ratio": number,
            "agrees": words, "why": words, "note": words,
        }  # fmt: skip
        return pl.DataFrame(rows, schema=schema, orient="row")

    def report(self, folder: str | Path) -> Path:
        """Write ``index.html`` and ``comparison.csv`` into a folder, and the page of each plan; return the first.

        Raises
        ------
        OutputRefused
            If they cannot be written.
        """
        from outcross.report.reproduction import reproduction_page

        place = Path(folder)
        for name, history in self.histories.items():
            history.report(place / name / "index.html")
        buffer = io.BytesIO()
        self.table.write_csv(buffer)
        write_atomically(place / "comparison.csv", buffer.getvalue())
        return write_atomically(place / "index.html", reproduction_page(self).encode())


def reproduce(
    experiment: str | PublishedExperiment,
    scale: str = "small",
    *,
    only: Iterable[str] = (),
    data: str | None = None,
    test: str | None = None,
    engine: str | Engine = "processes",
    out: str | Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    announce: Callable[[str], None] | None = None,
) -> Reproduction:
    """Do a published experiment again.

    Parameters
    ----------
    experiment
        One of the `catalogue`, or its name.
    scale
        ``small`` or ``full``.
    only
        Names of the plans to run; none for all.
    data, test
        Human data, and held-out human data of their own, in place of those of the plans.
    engine
        Who does the work.
    out
        A folder to keep the runs in, one in it for each plan, so that they can be resumed after a kill.
    resume
        Go on with the runs in ``out``; those that are finished are not run again.
    progress
        Told how many of how many fitted generations of all plans are done.
    announce
        Told in sentences which plan is run and how.

    Raises
    ------
    UnknownPart
        If there is no such experiment, scale or plan.
    BadSetting, BadInput
        If the plans cannot be run, or not on these data.
    OutputRefused
        If ``out`` holds other runs, or cannot be written.

    Examples
    --------
    >>> found = reproduce("poisson-survival", only=["rate-1"], engine="serial")
    >>> sorted({str(one.answer) for one in found.comparisons if one.rows[0].point.plan == "rate-1"})
    ['yes']
    """
    if isinstance(experiment, str):
        experiment = published_experiment(experiment)
    plans = chosen_plans(experiment, scale, only, data, test)
    folder = None if out is None else Path(out)
    if resume and folder is None:
        raise BadSetting("there is nothing to resume: name the folder of the run with out=")
    if folder is not None:
        _refuse_taken(folder, plans, resume)
    total = sum(_work(plan) for plan in plans.values())
    done, histories = 0, {}
    for place, (name, plan) in enumerate(plans.items(), 1):
        if announce is not None:
            announce(f"plan {name} ({place} of {len(plans)})")
        histories[name] = Chain.from_plan(plan).run(
            plan.generations,
            plan.replicates,
            plan.seed,
            plan.exact,
            engine=engine,
            out=None if folder is None else folder / name,
            resume=resume,
            progress=None if progress is None else _from(progress, done, total),
            announce=announce,
        )
        done += _work(plan)
    return Reproduction(experiment, scale, histories)


def chosen_plans(
    experiment: PublishedExperiment,
    scale: str,
    only: Iterable[str] = (),
    data: str | None = None,
    test: str | None = None,
) -> dict[str, Plan]:
    """Return the plans of an experiment at a scale, on other data if some are given.

    Raises
    ------
    BadSetting
        If other data are given and a plan draws from a population, whose law the published numbers are about.

    Examples
    --------
    >>> chosen_plans(published_experiment("gaussian"), "small")["n100"].data
    'normal'
    """
    given = {name: value for name, value in (("data", data), ("test", test)) if value is not None}
    plans = experiment.scale(scale).plans(only)
    drawn = [plan.data for plan in plans.values() if plan.data.partition("(")[0] in parts("population")]
    if given and drawn:
        raise BadSetting(f"{experiment.name} draws from the population {drawn[0]}; it takes no other data")
    return experiment.scale(scale).plans(only, **given)


def _work(plan: Plan) -> int:
    return plan.generations * plan.replicates * len(plan.policy)


def _from(progress: Progress, before: int, total: int) -> Progress:
    def advance(done: int, _: int) -> None:
        progress(before + done, total)

    return advance


def _refuse_taken(folder: Path, plans: Iterable[str], resume: bool) -> None:
    """Refuse a folder that has something else in it, before anything is computed."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not resume:
        raise OutputRefused(f"'{folder}' is not empty; add --resume to go on with what is in it, or name another")
    if not any((folder / name / "run.json").is_file() for name in plans):
        raise OutputRefused(f"'{folder}' holds no run of this experiment; name another folder with --out")
