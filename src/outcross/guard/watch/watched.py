"""What watching a corpus has found: what has changed, which gates hold, and what that means for a pipeline."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from outcross.guard.check.checkup import Example
from outcross.guard.watch.change import Change
from outcross.guard.watch.gate import Answer, Gate, as_read, worst
from outcross.guard.watch.thresholds import Thresholds

if TYPE_CHECKING:
    from outcross.guard.snapshot.snapshot import Snapshot

NAMED = 4
"""Metrics that a sentence names."""

EXIT_CODES: dict[Answer, int] = {"pass": 0, "warn": 0, "fail": 1, "could not tell": 3}


@final
@dataclass(frozen=True, slots=True)
class Comparison:
    """One snapshot beside another.

    Parameters
    ----------
    old, new
        What they are called.
    changes
        What is compared.
    gates
        What the thresholds say of it.

    Examples
    --------
    >>> Comparison("may", "june", (), ()).answer
    'could not tell'
    """

    old: str
    new: str
    changes: tuple[Change, ...]
    gates: tuple[Gate, ...]

    @property
    def answer(self) -> Answer:
        """The answer of all gates together."""
        return worst(self.gates)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "old": self.old,
            "new": self.new,
            "answer": self.answer,
            "changes": [change.to_dict() for change in self.changes],
            "gates": [gate.to_dict() for gate in self.gates],
        }


@final
@dataclass(frozen=True)
class Watch:
    """Has this corpus lost what an earlier one had, and may it pass?

    The newest snapshot decides, against the first; those between are told. Their comparisons are tests in a fixed
    order, walked back from the newest, so that each can be made at the full level (Westfall and Krishen, J. Stat. Plan.
    Inference 99, 2001): `since` is where the newest failure began.

    Parameters
    ----------
    snapshots
        The baseline, and what came after it, in order.
    names
        What they are called.
    against_first, steps
        Each later snapshot beside the first, and beside the one before it.
    thresholds
        What was asked.
    examples
        Words that the newest has surely lost, or gained, against the first.
    level
        Confidence level at which all intervals of one comparison hold together.
    seconds
        How long it took.

    Examples
    --------
    See `outcross.guard.watch.watch.watch`.
    """

    snapshots: tuple[Snapshot, ...]
    names: tuple[str, ...]
    against_first: tuple[Comparison, ...]
    steps: tuple[Comparison, ...]
    thresholds: Thresholds
    examples: tuple[Example, ...] = ()
    level: float = 0.95
    seconds: float = 0.0

    @staticmethod
    def asks(thresholds: str | Path | None = None) -> Thresholds:
        """Return the thresholds that hold: those of a file, or the usual ones."""
        return Thresholds.usual() if thresholds is None else Thresholds.read(thresholds)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What has changed from the first to the newest snapshot."""
        return self.against_first[-1].changes

    @property
    def gates(self) -> tuple[Gate, ...]:
        """What the thresholds say of that."""
        return self.against_first[-1].gates

    @property
    def told(self) -> tuple[Gate, ...]:
        """The gates as people read them: what does not pass first, and of warning and failure only the graver."""
        return as_read(self.gates)

    @property
    def answer(self) -> Answer:
        """The answer of all gates together."""
        return worst(self.gates)

    @property
    def passed(self) -> bool:
        """Whether the newest snapshot may pass: nothing failed, and all that decides could be told."""
        return self.exit_code == 0

    @property
    def exit_code(self) -> int:
        """What a process ends with: 0 passed, 1 a gate failed, 3 could not tell."""
        return EXIT_CODES[self.answer]

    @property
    def since(self) -> str | None:
        """Name of the first snapshot from which on all fail; None where the newest does not."""
        failing = None
        for one in reversed(self.against_first):
            if one.answer != "fail":
                break
            failing = one.new
        return failing

    @property
    def sentence(self) -> str:
        """The answer in a sentence."""
        old, new = self.names[0], self.names[-1]
        if self.answer == "fail":
            since = f", nor does any since {self.since}" if self.since not in (new, None) else ""
            return (
                f"{new} does not pass{since}. Against {old} it is surely beyond what is allowed: {self._those('fail')}."
            )
        if self.answer == "could not tell":
            return f"Whether {new} may pass could not be told against {old}: {self._those('could not tell')}."
        if self.answer == "warn":
            return f"{new} passes with a warning against {old}: {self._those('warn')}."
        maybe = self._those("pass") if any(gate.possibly for gate in self.gates) else ""
        more = f", though possibly {maybe}" if maybe else ""
        return f"{new} passes: against {old}, nothing is surely beyond what is allowed{more}."

    def _those(self, answer: Answer) -> str:
        """The metrics that decided on an answer, with their numbers; of those that pass, the doubtful ones."""
        own = [gate for gate in self.gates if gate.answer == answer and (gate.possibly or answer != "pass")]
        said = list(dict.fromkeys(gate.short for gate in own if gate.decides or answer != "could not tell"))
        more = f" and {len(said) - NAMED} more" if len(said) > NAMED else ""
        return (", ".join(said[:NAMED]) + more) or "no threshold could be held against anything"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, ready for JSON."""
        return {
            "answer": self.answer,
            "passed": self.passed,
            "exit_code": self.exit_code,
            "sentence": self.sentence,
            "since": self.since,
            "level": self.level,
            "snapshots": [
                {"name": name, "sha256": one.digest, "documents": one.documents, "rejected": dict(one.rejected)}
                for name, one in zip(self.names, self.snapshots, strict=True)
            ],
            "against_first": [one.to_dict() for one in self.against_first],
            "steps": [one.to_dict() for one in self.steps],
            "examples": [asdict(one) for one in self.examples],
            "thresholds": self.thresholds.toml(),
            "seconds": self.seconds,
        }

    def markdown(self) -> str:
        """Return it as Markdown."""
        from outcross.guard.watch.markdown import markdown

        return markdown(self)

    def junit(self) -> str:
        """Return it as JUnit XML, one test case a gate."""
        from outcross.guard.watch.junit import junit

        return junit(f"{self.names[0]} → {self.names[-1]}", self.gates, self.seconds)

    def page(self, path: str | Path) -> Path:
        """Write it as one page and return its path."""
        from outcross.report.watch import write_watch

        return write_watch(self, Path(path))

    def save_snapshot(self, path: str | Path) -> Path:
        """Keep the newest snapshot, to be the baseline of the next one; return its path."""
        self.snapshots[-1].save(path)
        return Path(path)
