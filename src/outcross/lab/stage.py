"""Early or late? Two stages that the Nature paper tells apart, read off the verdicts of one policy."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import final

from outcross.core.part import parts
from outcross.core.verdict import Answer, Definition, Verdict


@final
class Stage(StrEnum):
    """How far has it gone, in the words of Shumailov et al., Nature 631 (2024)?

    Examples
    --------
    >>> print(Stage.EARLY.sentence)
    Early collapse: the tails are lost, and most of the spread is still there.
    """

    NONE = "none"
    EARLY = "early"
    LATE = "late"
    CANNOT_TELL = "cannot tell"

    @property
    def sentence(self) -> str:
        """The stage in plain words."""
        return {
            Stage.NONE: "Neither early nor late collapse: tails and spread are there.",
            Stage.EARLY: "Early collapse: the tails are lost, and most of the spread is still there.",
            Stage.LATE: "Late collapse: next to no spread is left, or modes that were apart have become one.",
            Stage.CANNOT_TELL: "Early or late collapse, or neither: the verdicts leave it open.",
        }[self]


def stage(verdicts: Iterable[Verdict]) -> Stage:
    """Return the stage of one policy from its verdicts, by the stage that each definition tells of.

    Parameters
    ----------
    verdicts
        Verdicts of one policy.

    Returns
    -------
    Stage
        ``late`` where a late definition holds; ``early`` where an early one holds and a late one surely does not;
        ``none`` where both surely do not.

    Examples
    --------
    >>> lost = Verdict("tail_loss", "replace", Answer.YES, "types: fewer.")
    >>> spread = Verdict("variance_collapse", "replace", Answer.NO, "variance: as before.")
    >>> print(stage([lost, spread]), stage([lost]))
    early cannot tell
    """
    answers: dict[str, set[Answer]] = {}
    for verdict in verdicts:
        definition = parts("verdict").get(verdict.definition.partition("(")[0])
        if definition is not None and issubclass(definition, Definition):
            answers.setdefault(definition.stage, set()).add(verdict.answer)
    early, late = answers.get("early", set()), answers.get("late", set())
    if Answer.YES in late:
        return Stage.LATE
    if Answer.NO not in late:
        return Stage.CANNOT_TELL
    if Answer.YES in early:
        return Stage.EARLY
    return Stage.NONE if early == {Answer.NO} else Stage.CANNOT_TELL
