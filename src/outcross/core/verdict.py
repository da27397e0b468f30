"""What a verdict is: one published definition of collapse, judged on the traces of a chain, with its evidence."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, final

from outcross.core.batch import Floats, Ints
from outcross.core.measure import Measure
from outcross.core.part import Part


@final
class Answer(StrEnum):
    """Does the definition hold? ``cannot tell`` is an answer.

    Examples
    --------
    >>> str(Answer.CANNOT_TELL)
    'cannot tell'
    """

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot tell"


@final
@dataclass(frozen=True)
class Trace:
    """One metric of one policy over generations.

    Parameters
    ----------
    metric
        The metric's words.
    generations
        Shape (T,).
    values
        Shape (R, T), NaN where missing.

    Examples
    --------
    >>> import numpy as np
    >>> Trace("variance", np.arange(3), np.ones((5, 3))).at(2).value
    1.0
    """

    metric: str
    generations: Ints
    values: Floats

    def at(self, generation: int) -> Measure:
        """Return the mean over replicates at a generation."""
        where = self.generations == generation
        if not where.any():
            return Measure.missing(f"{self.metric} was not measured at generation {generation}")
        return Measure.mean_of(self.values[:, where])


@final
@dataclass(frozen=True)
class Evidence:
    """One number that a verdict rests on.

    Examples
    --------
    >>> print(Evidence("variance at generation 9, relative to generation 0", Measure(0.5, 0.4, 0.6, 10)))
    variance at generation 9, relative to generation 0: 0.5 [0.4, 0.6]
    """

    what: str
    measure: Measure

    def __str__(self) -> str:
        return f"{self.what}: {self.measure}"


@final
@dataclass(frozen=True)
class Verdict:
    """Does one published definition of collapse hold for one policy, since when, and on what evidence?

    Parameters
    ----------
    definition
        Name of the definition (a verdict part's words).
    policy
        Words of the policy that was judged.
    answer
        Yes, no, or cannot tell.
    sentence
        The verdict in plain words, numbers included.
    evidence
        The numbers it rests on.
    since
        First generation from which it held, where that is known.

    Examples
    --------
    >>> verdict = Verdict("tail_loss", "replace", Answer.YES, "Types are lost from generation 1 on.", (), 1)
    >>> print(verdict)
    replace, tail_loss: yes. Types are lost from generation 1 on.
    """

    definition: str
    policy: str
    answer: Answer
    sentence: str
    evidence: tuple[Evidence, ...] = ()
    since: int | None = None

    def __str__(self) -> str:
        return f"{self.policy}, {self.definition}: {self.answer}. {self.sentence}"


class Definition(Part):
    """A published definition of model collapse.

    Attributes
    ----------
    title
        A short name for people.
    definition
        What is claimed, in one sentence.
    source
        The paper that defines it.
    stage
        ``early``, ``late`` or ``either``: which collapse it tells of.
    """

    kind = "verdict"
    title: ClassVar[str]
    definition: ClassVar[str]
    source: ClassVar[str]
    stage: ClassVar[str]

    @abstractmethod
    def judge(self, policy: str, traces: Mapping[str, Trace]) -> Verdict:
        """Judge one policy's chain from its traces by metric.

        Metrics that were not measured are absent; then the answer is ``cannot tell`` and says which to ask for.
        """
