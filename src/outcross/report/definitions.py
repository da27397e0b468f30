"""What numbers are and where they are from, as a table: once for all groups and quantiles of a number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from outcross.report.sheet import Table, named, shown
from outcross.report.sources import linked

if TYPE_CHECKING:
    from outcross.guard.watch.change import Change


def definitions(changes: Iterable[Change], called: Callable[[str], str] = named) -> Table:
    """Return the definition and the source of each number that says them, by what it is called.

    Examples
    --------
    >>> from outcross.core.measure import Measure
    >>> from outcross.guard.watch.change import Change
    >>> one = Measure(1.0)
    >>> both = [Change(f"length@{which}", one, one, one, definition="Words of a text.") for which in ("p10", "p90")]
    >>> definitions(both).rows
    (('length', 'Words of a text.', Markup('—')),)
    """
    found: dict[str, tuple[Any, ...]] = {}
    for one in changes:
        name = called(one.metric.partition("@")[0])
        if one.definition or one.source:
            found.setdefault(name, (name, one.definition or "—", linked(shown(one.source or "—"))))
    return Table(("number", "definition", "source"), tuple(found.values()))
