"""A check-up of a corpus as one page: the answer in three sentences, and then what each of them rests on."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outcross.core.measure import Measure
from outcross.core.provenance import Origin
from outcross.guard.titles import called, practice, stratum_title
from outcross.report.definitions import definitions, row_of
from outcross.report.gauges import exactly, percent, said, tenths
from outcross.report.numerals import number, plural
from outcross.report.sheet import Table, render_sheet, sentence
from outcross.report.templating import write

if TYPE_CHECKING:
    from outcross.core.recipe import Draw
    from outcross.guard.check.checkup import Checkup, Example, Size
    from outcross.guard.mix.plan import MixPlan
    from outcross.guard.watch.change import Change

WORDS, PASSAGES = 12, 2
"""Lost or gained words, and passages of each kind, that are shown."""
HALF = 0.5
"""The share at which a line is drawn across what is left: from there on more is lost than kept."""
CHARTS = 6
"""Charts of what is left; of many groups those that lose most."""
KINDS = 12
"""Kinds of marks, and strata of a recipe, that are told apart."""


def write_check(checkup: Checkup, path: Path) -> Path:
    """Write the page, to a file that ends in ``.html`` or into a folder as ``index.html``.

    Examples
    --------
    See `outcross.guard.check.check.check`.
    """
    return write(check_page(checkup), path)


def check_page(checkup: Checkup) -> str:
    """Return the page as text.

    Examples
    --------
    See `outcross.guard.check.check.check`.
    """
    return render_sheet("check.html", _contents(checkup))


def _contents(checkup: Checkup) -> dict[str, Any]:
    plan, changes = checkup.plan, checkup.changes
    return {
        "found": checkup,
        "size": _size(checkup.corpus),
        "references": [f"{kind}: {_size(one)}" for kind, one in _references(checkup)],
        "claims": _claims(checkup),
        "marked": _marked(checkup),
        "marks": _marks(checkup),
        "checks": [
            ("pass" if check.passed else "fail" if check.grave else "warn", sentence(check.sentence))
            for check in checkup.prevalence.diagnostics
        ],
        "examples": {kind: list(_of(checkup, kind)) for kind in dict.fromkeys(one.kind for one in checkup.examples)},
        "ratios": [(_called(one.metric), one.change, _moved(one)) for one in _telling(changes)],
        "axis": max([1.25, *(min(one.change.high or 0.0, 2.0) for one in _telling(changes))]),
        "changed": _table([one for one in changes if _known(one) and one.scale == "difference"], "difference"),
        "rest": _table([one for one in _ratios(changes) if one not in _telling(changes)], "ratio"),
        "incomparable": [(_called(one.metric), one.change.reason) for one in changes if _missed(one)],
        "practice": "" if checkup.forecast is None else practice(checkup.forecast.policy),
        "left": None
        if checkup.forecast is None
        else {_called(n): checkup.forecast.left[n] for n in _drawable(checkup)},
        "undrawn": 0 if checkup.forecast is None else len(checkup.forecast.left) - len(_drawable(checkup)),
        "half": HALF,
        "inverse": list(_inverse(checkup)),
        "mixed": None if plan is None else _parts(plan),
        "drawn": None if plan is None else _drawn(plan),
        "floors": None
        if plan is None or not plan.groups
        else Table(("human records of each group", "at least"), tuple(plan.groups.items())[:KINDS]),
        "floor": None if plan is None else _floor(plan),
        "unlabelled": []
        if plan is None
        else [(stratum_title(one), share, "") for one, share in plan.unlabelled.items()][:KINDS],
        "made": _made(checkup),
        "sources": definitions(changes, _called),
    }


def _size(size: Size) -> str:
    copies = f", {exactly(size.copies)} of them copies" if size.copies else ""
    return f"{_several(size.documents, 'document')}{copies}, {_several(size.words, 'word')}"


def _several(count: int, one: str) -> str:
    """A count to the last one, with its noun."""
    return f"{exactly(count)} {one}{'' if count == 1 else 's'}"


def _references(checkup: Checkup) -> Iterator[tuple[str, Size]]:
    for kind, one in (("human", checkup.human), ("synthetic", checkup.synthetic)):
        if one is not None:
            yield f"{kind} reference {one.name}", one


def _claims(checkup: Checkup) -> list[tuple[str, str, float]]:
    """Documents by what is claimed of them."""
    names = {Origin.UNKNOWN: "no claim"}
    order = [*Origin, *checkup.declared]
    counts = {kind: checkup.declared[kind] for kind in dict.fromkeys(order) if kind in checkup.declared}
    return [(names.get(Origin(kind), kind) if kind in list(Origin) else kind, kind, n) for kind, n in counts.items()]


def _marked(checkup: Checkup) -> str:
    marks = checkup.marks
    if not marks.records:
        return "No document was looked through for marks."
    if not marks.marked:
        return f"None of {_several(marks.records, 'document')} bears a mark of its origin, which proves nothing."
    damaged = f"; in {exactly(marks.damaged)} a mark is damaged" if marks.damaged else ""
    share = percent(marks.marked / marks.records)
    bear = "bears a mark of its origin" if marks.marked == 1 else "bear a mark of their origin"
    return f"{exactly(marks.marked)} of {_several(marks.records, 'document')} ({share}) {bear}{damaged}."


def _marks(checkup: Checkup) -> list[tuple[str, list[tuple[str, int]]]]:
    """Of which kinds the marks are and what they say: a title, and names with their counts."""
    told = (("Kinds", checkup.marks.kinds), ("They say", checkup.marks.says))
    return [(title, list(counts.items())[:KINDS]) for title, counts in told if counts]


def _of(checkup: Checkup, kind: str) -> Iterator[Example]:
    most = WORDS if kind.endswith("word") else PASSAGES
    return iter([one for one in checkup.examples if one.kind == kind][:most])


def _called(metric: str) -> str:
    """What a number is called in the answer, as a title."""
    title = called(metric)
    return title[:1].upper() + title[1:]


def _moved(change: Change) -> str:
    """From what to what, and whether that is for the worse."""
    worse = "surely worse" if change.surely_worse else ""
    share = change.unit.startswith("share") or change.unit == "probability"
    shown = tenths if share else number
    unit = f" {change.unit.removeprefix('share ')}" if change.unit not in ("", "probability") else ""
    return ", ".join(filter(None, (f"{shown(change.old.value)} → {shown(change.new.value)}{unit}", worse)))


def _known(change: Change) -> bool:
    return change.change.value is not None


def _missed(change: Change) -> bool:
    """Whether a number was to be compared and could not; of the share that is declared, the page has said it all."""
    return not _known(change) and change.metric != "synthetic_share"


def _ratios(changes: tuple[Change, ...]) -> list[Change]:
    """What is told as a ratio, what is surely worse first."""
    known = [one for one in changes if _known(one) and one.scale == "ratio"]
    return sorted(known, key=lambda one: not one.surely_worse)


def _telling(changes: tuple[Change, ...]) -> list[Change]:
    """What is drawn: of a group or a quantile only what is surely worse."""
    return [one for one in _ratios(changes) if one.surely_worse or "@" not in one.metric]


def _table(changes: list[Change], how: str) -> Table | None:
    rows = tuple(row_of(one, _called(one.metric)) for one in changes)
    return Table(("number", "reference", "corpus", how), rows) if rows else None


def _drawable(checkup: Checkup) -> list[str]:
    """Which curves are drawn: those of all words, and of the groups those that end lowest."""
    left = checkup.forecast.left if checkup.forecast else {}
    ends = {name: row[-1].value if row and "@" in name else 0.0 for name, row in left.items()}
    last = {name: 2.0 if end is None else end for name, end in ends.items()}
    return sorted(left, key=lambda name: ("@" in name, last[name]))[:CHARTS]


def _inverse(checkup: Checkup) -> Iterator[tuple[str, str, str]]:
    """What would keep the tail: (what, how much, the interval or why it cannot be told)."""
    forecast = checkup.forecast
    if forecast is None:
        return
    for what, measure, unit in (
        ("of every training set must be human", forecast.least_human, "share"),
        ("new human records a generation", forecast.fresh_records, "number"),
    ):
        value, span = said(measure, "share" if unit == "share" else "number")
        if measure.value is None:
            yield what, "Cannot tell", measure.reason
        else:
            yield what, value, span


def _parts(plan: MixPlan) -> list[tuple[str, str, float]]:
    """What the mix consists of, strata of one origin and generation together."""
    found: dict[tuple[str, str], float] = {}
    for draw in plan.recipe.draws:
        name, kind = _kind(draw)
        found[name, kind] = found.get((name, kind), 0) + draw.quota
    if len(found) <= KINDS:
        return [(name, kind, count) for (name, kind), count in found.items()]
    kinds = dict.fromkeys(kind for _, kind in found)
    return [(kind, kind, sum(count for (_, one), count in found.items() if one == kind)) for kind in kinds]


def _kind(draw: Draw) -> tuple[str, str]:
    if draw.fresh:
        return "human, new", "human"
    origins = list(dict.fromkeys(stratum.origin for stratum in draw.strata))
    if len(origins) != 1:
        return " or ".join(origins) or "unknown", "unknown"
    depths = {stratum.generation for stratum in draw.strata}
    told = origins[0] is Origin.SYNTHETIC and len(depths) == 1
    return f"{origins[0]}{f', generation {min(depths)}' if told else ''}", str(origins[0])


def _drawn(plan: MixPlan) -> Table:
    rows = [
        (_strata(draw), plan.inventory.total(draw.strata), draw.quota, percent(draw.quota / (plan.recipe.size or 1)))
        for draw in plan.recipe.draws
        if draw.quota
    ]
    rest = rows[KINDS:]
    if len(rest) > 1:
        drawn = sum(row[2] for row in rest)
        told = (f"{len(rest)} more", sum(row[1] for row in rest), drawn, percent(drawn / (plan.recipe.size or 1)))
        rows = [*rows[:KINDS], told]
    return Table(("records", "there are", "drawn", "of the mix"), tuple(rows))


def _strata(draw: Draw) -> str:
    if draw.fresh:
        return "human, never drawn before"
    names = [stratum_title(one) for one in draw.strata]
    return names[0] + (f" and {plural(len(names) - 1, 'other stratum', 'other strata')}" if names[1:] else "")


def _floor(plan: MixPlan) -> str:
    size = plan.recipe.size
    share = percent(plan.floor / size) if size else "—"
    surely = "by their labels" if plan.confidence >= 1 else f"with {percent(plan.confidence)} confidence"
    return f"At least {exactly(plan.floor)} of {_several(size, 'record')} ({share}) are human, {surely}."


def _made(checkup: Checkup) -> list[tuple[str, Any]]:
    libraries = ", ".join(f"{name} {version(name)}" for name in ("outcross", "polars", "numpy"))
    seconds = Measure(checkup.seconds).value or 0.0
    return [
        ("Corpus", checkup.corpus.name),
        *(
            (f"{kind.capitalize()} reference", "none" if one is None else one.name)
            for kind, one in (("human", checkup.human), ("synthetic", checkup.synthetic))
        ),
        ("Share estimated by", checkup.prevalence.method or "nothing"),
        ("Seed", str(checkup.seed)),
        ("Took", f"{seconds:.1f} s" if seconds < 100 else plural(round(seconds / 60), "minute")),
        ("Versions", f"{libraries}, Python {platform.python_version()}"),
    ]
