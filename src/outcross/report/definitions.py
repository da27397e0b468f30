"""What numbers are and where they are from, as a table: once for all groups and quantiles of a number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from outcross.report.sheet import Table, named, shown
from outcross.report.sources import linked

if TYPE_CHECKING:
    from outcross.core.measure import Measure
    from outcross.guard.watch.change import Change


def row_of(change: Change, name: str) -> tuple[str, Measure, Measure, Measure]:
    """Return a row of a table of changes: small shares that are compared as a difference are told in per cent.

    Examples
    --------
    >>> from outcross.core.measure import Measure
    >>> from outcross.guard.watch.change import Change
    >>> one = Change("copies", Measure(0.0), Measure(0.5), Measure(0.5), scale="difference", unit="share of documents")
    >>> row_of(one, "copies")[0], row_of(one, "copies")[2].value
    ('copies, in per cent', 50.0)
    """
    if change.scale == "ratio" or not change.unit.startswith("share"):
        return name, change.old, change.new, change.change
    return f"{name}, in per cent", _hundredfold(change.old), _hundredfold(change.new), _hundredfold(change.change)


def _hundredfold(share: Measure) -> Measure:
    value, low, high = (None if one is None else 100 * one for one in (share.value, share.low, share.high))
    return replace(share, value=value, low=low, high=high)


def definitions(changes: Iterable[Change], called: Callable[[str], str] = named) -> Table:
    """Return the definition and the source of each number that says them, by what it is called.

    Examples
    --------
    >>> from outcross.core.measure import Measure
    >>> from outcross.guard.watch.change import Change
    >>> one = Measure(1.0)
    >>> both = [Change(f"length@{which}", one, one, one, definition="Words of a text.") for which in ("p10", "p90")]
    >>> definitions(both).rows
    ((Markup('length <code>length</code>'), 'Words of a text.', Markup('—')),)
    """
    from markupsafe import Markup

    found: dict[str, tuple[Any, ...]] = {}
    for one in changes:
        metric = one.metric.partition("@")[0]
        name = Markup("{} <code>{}</code>").format(shown(called(metric)), shown(metric))
        if one.definition or one.source:
            found.setdefault(name, (name, one.definition or "—", linked(shown(one.source or "—"))))
    return Table(("number", "definition", "source"), tuple(found.values()))
