"""What a check-up of a corpus has found: the answer in three sentences, and what each of them rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

from outcross.evidence.marks.survey import Marks
from outcross.evidence.prevalence import Prevalence
from outcross.guard.forecast.result import Forecast
from outcross.guard.mix.plan import MixPlan
from outcross.guard.watch.change import Change


@final
@dataclass(frozen=True, slots=True)
class Size:
    """How large a set of texts is.

    Parameters
    ----------
    name
        What it is called.
    documents, words
        Its size.
    copies
        How many of the documents are copies of another one.

    Examples
    --------
    >>> Size("cats.jsonl", 10, 100).copies
    0
    """

    name: str
    documents: int
    words: int
    copies: int = 0


@final
@dataclass(frozen=True, slots=True)
class Example:
    """Something that one can read: a word or a passage that is lost, gained, repeated, marked.

    Parameters
    ----------
    kind
        ``lost word``, ``gained word``, ``copy``, ``mark``, ``most synthetic``, ``most human``.
    text
        The word or the passage.
    says
        What is to be seen, in a few words: how often in each, which mark, which score.

    Examples
    --------
    >>> Example("lost word", "quince", "31 a million words, now none").kind
    'lost word'
    """

    kind: str
    text: str
    says: str


@final
@dataclass(frozen=True)
class Checkup:
    """How much of a corpus is synthetic, what is lost, how long it can go on, and what to train on instead.

    Parameters
    ----------
    corpus, human, synthetic
        What was looked at: the corpus, and the references where there are any. Those that were taken from a vault, or
        from the corpus itself, are called ``the human records of NAME``.
    answer
        Three sentences: how much is synthetic; what is lost and how long it can go on; what to do.
    declared
        Number of documents by the origin that their own columns, or the vault, claim; ``unknown`` for no claim.
    marks
        The declared marks in the texts.
    prevalence
        How much is synthetic, and what supports it. Where it cannot be told it says why and what is needed.
    shortcuts
        What else than its author would tell a synthetic reference from a human one, a sentence each.
    changes
        What is lost against the human reference; empty without one.
    examples
        What one can read.
    forecast
        How long present practice can go on, at its worst where it is not known how much is synthetic (the first note
        then says so); None where there is too little to forecast from.
    plan
        The mix to train on instead; None where there are no human records to anchor it with.
    command
        The very command that builds it, ready to be typed; None where there is no plan.
    untold
        What could not be told, and what it would need: (what, what it needs).
    seconds
        How long the check took.
    seed
        The same seed gives the same answers.

    Examples
    --------
    See `outcross.guard.check.check.check`.
    """

    corpus: Size
    human: Size | None
    synthetic: Size | None
    answer: tuple[str, str, str]
    declared: Mapping[str, int]
    marks: Marks
    prevalence: Prevalence
    shortcuts: tuple[str, ...]
    changes: tuple[Change, ...]
    examples: tuple[Example, ...]
    forecast: Forecast | None
    plan: MixPlan | None
    command: str | None
    untold: tuple[tuple[str, str], ...]
    seconds: float
    seed: int

    def page(self, path: str | Path) -> Path:
        """Write the check-up as one page and return its path."""
        from outcross.report.check import write_check

        return write_check(self, Path(path))

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, ready for JSON."""
        return {
            "answer": list(self.answer),
            "corpus": asdict(self.corpus),
            "human": None if self.human is None else asdict(self.human),
            "synthetic": None if self.synthetic is None else asdict(self.synthetic),
            "declared": dict(self.declared),
            "marks": self.marks.to_dict(),
            "prevalence": self.prevalence.to_dict(),
            "shortcuts": list(self.shortcuts),
            "changes": [change.to_dict() for change in self.changes],
            "examples": [asdict(example) for example in self.examples],
            "forecast": None if self.forecast is None else self.forecast.to_dict(),
            "mix": None if self.plan is None else self.plan.to_dict(),
            "command": self.command,
            "untold": [{"what": what, "needs": needs} for what, needs in self.untold],
            "seconds": self.seconds,
            "seed": self.seed,
        }
