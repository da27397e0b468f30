"""What was watched as one page: the answer, the gates, what is left of each number, the series, words to read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from outcross.core.measure import Measure
from outcross.guard.titles import called
from outcross.guard.watch.thresholds import LEVELS
from outcross.report.definitions import definitions, row_of
from outcross.report.gauges import percent, tenths
from outcross.report.numerals import number, plural
from outcross.report.sheet import Table, render_sheet
from outcross.report.templating import write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from outcross.guard.watch.change import Change
    from outcross.guard.watch.gate import Gate
    from outcross.guard.watch.thresholds import Threshold
    from outcross.guard.watch.watched import Watch

STATUS = {"pass": "pass", "warn": "warn", "fail": "fail", "could not tell": "untold"}
WORDS = 24
"""Lost or gained words that are shown."""
CHARTS = 12
"""Charts of a series, at most: those that a threshold asks for first."""


def write_watch(watch: Watch, path: Path) -> Path:
    """Write the page, to a file that ends in ``.html`` or into a folder as ``index.html``.

    Examples
    --------
    See `outcross.guard.watch.watch.watch`.
    """
    return write(watch_page(watch), path)


def watch_page(watch: Watch) -> str:
    """Return the page as text.

    Examples
    --------
    See `outcross.guard.watch.watch.watch`.
    """
    return render_sheet("watch.html", _contents(watch))


def _contents(watch: Watch) -> dict[str, Any]:
    told = [one for one in watch.changes if one.change.value is not None]
    ratios = [one for one in told if one.scale == "ratio"]
    return {
        "watch": watch,
        "gates": [(STATUS[gate.answer], f"{_title(gate.metric)}: {gate.sentence}") for gate in watch.told],
        "ratios": [(_title(one.metric), one.change, _moved(one, watch.gates)) for one in ratios],
        "axis": max([1.25, *(min(one.change.high or 0.0, 2.0) for one in ratios)]),
        "differences": _table(watch, [one for one in told if one.scale == "difference"], "difference"),
        "numbers": _table(watch, ratios, "ratio"),
        "unknown": [(_title(one.metric), one.change.reason) for one in watch.changes if one.change.value is None],
        "series": _series(watch),
        "told": _told(watch),
        "lost": [one for one in watch.examples if one.kind == "lost word"][:WORDS],
        "gained": [one for one in watch.examples if one.kind == "gained word"][:WORDS],
        "made": [
            ("Compared", plural(len(watch.changes), "number")),
            ("All intervals together", percent(watch.level)),
            ("Thresholds", watch.thresholds.name),
            ("Seconds", round(watch.seconds, 1)),
        ],
        "thresholds": _thresholds(watch),
        "snapshots": Table(
            ("snapshot", "documents", "SHA-256"),
            tuple((name, one.documents, one.digest) for name, one in zip(watch.names, watch.snapshots, strict=True)),
        ),
        "sources": definitions(watch.changes, _title),
    }


def _title(metric: str) -> str:
    """What a number is called, as a title."""
    title = called(metric)
    return title[:1].upper() + title[1:]


def _moved(change: Change, gates: Iterable[Gate]) -> str:
    """From what to what, and where it would fail."""
    unit = f" {change.unit.removeprefix('share ')}" if change.unit not in ("", "probability") else ""
    bounds = {
        gate.threshold.level: gate.threshold.bound
        for gate in gates
        if gate.change is change and gate.threshold.kind == "loss"
    }
    asked = "".join(f"; {level}s beyond {percent(bound)}" for level, bound in bounds.items())
    shown = tenths if change.unit.startswith("share") or change.unit == "probability" else number
    return f"{shown(change.old.value)} → {shown(change.new.value)}{unit}{asked}"


def _table(watch: Watch, changes: list[Change], how: str) -> Table | None:
    rows = tuple(row_of(one, _title(one.metric)) for one in changes)
    return Table(("number", watch.names[0], watch.names[-1], how), rows) if rows else None


def _thresholds(watch: Watch) -> Table:
    """What was asked, a metric a row."""
    asked = watch.thresholds.asked
    rows = tuple(
        (
            _title(metric),
            *(
                ", ".join(_bound(one) for one in asked if (one.metric, one.level) == (metric, level)) or "—"
                for level in LEVELS
            ),
        )
        for metric in dict.fromkeys(one.metric for one in asked)
    )
    return Table(("number", "warns", "fails"), rows)


def _bound(one: Threshold) -> str:
    how = "beyond a loss of" if one.kind == "loss" else one.kind
    return (
        f"{how} {one.bound:g}{', or if in doubt' if one.sure else ''}{', where it can be told' if one.optional else ''}"
    )


def _series(watch: Watch) -> dict[str, list[Measure]]:
    """What is left of each number at each snapshot; what is asked for comes first."""
    if len(watch.against_first) < 2:
        return {}
    asked = {gate.metric for gate in watch.gates}
    found: dict[str, list[Measure]] = {}
    for change in sorted(watch.changes, key=lambda one: one.metric not in asked):
        row = [one for one in (_of(one.changes, change.metric) for one in watch.against_first) if one is not None]
        whole = len(row) == len(watch.against_first) and change.change.value is not None
        if change.scale == "ratio" and whole and len(found) < CHARTS:
            found[_title(change.metric)] = [Measure(1.0, 1.0, 1.0), *row]
    return found


def _of(changes: Iterable[Change], metric: str) -> Measure | None:
    return next((one.change for one in changes if one.metric == metric), None)


def _told(watch: Watch) -> Table | None:
    """The answer at each snapshot of a series."""
    if len(watch.against_first) < 2:
        return None
    rows = tuple(
        (f"{place}: {first.new}", first.answer, step.answer)
        for place, (first, step) in enumerate(zip(watch.against_first, watch.steps, strict=True), 1)
    )
    return Table(("snapshot", f"against {watch.names[0]}", "against the one before"), rows)
