"""What was watched as Markdown, for the summary of a job or a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from outcross.core.measure import Measure

if TYPE_CHECKING:
    from outcross.guard.watch.watched import Watch

MARKS = {"pass": "✅ pass", "warn": "⚠️ warn", "fail": "❌ fail", "could not tell": "❔ could not tell"}


def markdown(watch: Watch) -> str:
    """Return the answer, the gates and all changes.

    Examples
    --------
    See `outcross.guard.watch.watched.Watch`.
    """
    return "\n".join(_lines(watch)) + "\n"


def _lines(watch: Watch) -> Iterator[str]:
    yield f"### {MARKS[watch.answer]}"
    yield ""
    yield _cell(watch.sentence)
    yield ""
    yield from _table(["Gate", "Answer", "Found"], [[g.name, MARKS[g.answer], g.sentence] for g in watch.told])
    if len(watch.against_first) > 1:
        yield ""
        yield f"Each against {_cell(watch.names[0])}, and against the one before:"
        yield ""
        rows = [
            [one.new, MARKS[one.answer], MARKS[step.answer]]
            for one, step in zip(watch.against_first, watch.steps, strict=True)
        ]
        yield from _table(["Snapshot", f"against {watch.names[0]}", "against the one before"], rows)
    yield ""
    yield "<details><summary>All changes</summary>"
    yield ""
    rows = [[one.metric, _shown(one.old), _shown(one.new), _shown(one.change), one.unit] for one in watch.changes]
    yield from _table(["Metric", watch.names[0], watch.names[-1], "Change", "Unit"], rows)
    yield ""
    yield "</details>"


def _table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(_cell(cell) for cell in row)} |"


def _cell(text: str) -> str:
    """Text of others, that neither ends a cell nor is taken for Markdown or HTML."""
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace("\\", "\\\\")
    for sign in "|*`[]":
        plain = plain.replace(sign, f"\\{sign}")
    return plain


def _shown(measure: Measure) -> str:
    return str(measure) if measure.value is not None else f"could not tell: {measure.reason}"
