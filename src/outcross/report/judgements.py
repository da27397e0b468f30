"""The verdicts of a history as a matrix: definitions by stage, policies side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from outcross.core.verdict import Answer, Evidence, Verdict
from outcross.report.about import About, about

STAGES = {
    "early": (
        "Early",
        "The rare goes first. Shumailov et al., Nature 631 (2024), call it early collapse when a model begins to lose "
        "what lies in the tails of the human distribution.",
    ),
    "late": (
        "Late",
        "Little of the original is left. Shumailov et al., Nature 631 (2024), call it late collapse when what a model "
        "has converged to hardly resembles the human distribution, often with much less variance.",
    ),
    "either": ("Early or late", "Definitions that speak of error or of what is made up, at whatever stage."),
}
"""What each stage is called, and what it means."""


@final
@dataclass(frozen=True)
class Ruling:
    """One definition, judged for every policy.

    Parameters
    ----------
    about
        What the definition says of itself.
    verdicts
        One a policy, in the order of the history; None where a policy was not judged.

    Examples
    --------
    >>> Ruling(About("tail_loss", title="Tail loss"), (None,)).title
    'Tail loss'
    """

    about: About
    verdicts: tuple[Verdict | None, ...]

    @property
    def grounds(self) -> tuple[tuple[tuple[str, ...], Verdict], ...]:
        """Policies with what was found of them; those of which the same is said stand together."""
        found: dict[tuple[str, tuple[Evidence, ...]], list[Verdict]] = {}
        for verdict in self.verdicts:
            if verdict is not None:
                found.setdefault((verdict.sentence, verdict.evidence), []).append(verdict)
        return tuple((tuple(one.policy for one in alike), alike[0]) for alike in found.values())

    @property
    def title(self) -> str:
        """A short name for people."""
        return self.about.title or self.about.words


@final
@dataclass(frozen=True)
class Stage:
    """The rulings on one stage.

    Examples
    --------
    >>> Stage("Early", "", ()).rulings
    ()
    """

    name: str
    meaning: str
    rulings: tuple[Ruling, ...]


@final
@dataclass(frozen=True)
class Tally:
    """How the definitions answer for one policy.

    Parameters
    ----------
    yes, no, open
        How many of each answer.
    first
        The verdict that held first, where that is known.

    Examples
    --------
    >>> Tally(0, 2, 1, None).judged
    3
    """

    yes: int
    no: int
    open: int
    first: Verdict | None

    @property
    def judged(self) -> int:
        """How many definitions were judged."""
        return self.yes + self.no + self.open


def stages(verdicts: Sequence[Verdict], policies: Sequence[str]) -> tuple[Stage, ...]:
    """Return the verdicts by stage and definition.

    Examples
    --------
    >>> verdict = Verdict("tail_loss", "replace", Answer.YES, "Types are lost.")
    >>> [(stage.name, len(stage.rulings)) for stage in stages([verdict], ["replace"])][-1][1]
    1
    """
    by_definition: dict[str, dict[str, Verdict]] = {}
    for verdict in verdicts:
        by_definition.setdefault(verdict.definition, {})[verdict.policy] = verdict
    by_stage: dict[str, list[Ruling]] = {stage: [] for stage in STAGES}
    for definition, found in by_definition.items():
        said = about("verdict", definition)
        stage = said.stage if said.stage in STAGES else "either"
        by_stage[stage].append(Ruling(said, tuple(found.get(policy) for policy in policies)))
    return tuple(Stage(*STAGES[stage], tuple(rulings)) for stage, rulings in by_stage.items() if rulings)


def tally(verdicts: Sequence[Verdict], policy: str) -> Tally:
    """Return how the definitions answer for one policy.

    Examples
    --------
    >>> tally([Verdict("tail_loss", "replace", Answer.YES, "Types are lost.", (), 3)], "replace").first.since
    3
    """
    own = [verdict for verdict in verdicts if verdict.policy == policy]
    yes, no, unsure = (
        sum(verdict.answer is answer for verdict in own) for answer in (Answer.YES, Answer.NO, Answer.CANNOT_TELL)
    )
    dated = [verdict for verdict in own if verdict.answer is Answer.YES and verdict.since is not None]
    return Tally(yes, no, unsure, min(dated, key=lambda verdict: verdict.since or 0, default=None))
