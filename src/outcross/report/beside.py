"""Several runs as one self-contained page: one chart a metric, one curve an arm. It loads nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outcross.core.version import VERSION
from outcross.report import palette
from outcross.report.about import About
from outcross.report.cards import card, groups
from outcross.report.panels import Panel, panels, shown_generations
from outcross.report.sources import sources
from outcross.report.templating import render, script_data, write

if TYPE_CHECKING:
    from outcross.lab.beside import Beside


def write_beside(found: Beside, path: Path) -> Path:
    """Write the page, to a file that ends in ``.html`` or into a folder as ``index.html``.

    Examples
    --------
    See `outcross.lab.beside.Beside`.
    """
    return write(beside_page(found), path)


def beside_page(found: Beside) -> str:
    """Return the page as text.

    Examples
    --------
    >>> from outcross.lab.beside import Beside
    >>> from outcross.lab.chain import Chain
    >>> runs = {f"n={n}": Chain("gaussian", "normal", "replace", ["variance"], sample_size=n).run(2, 5, engine="serial")
    ...         for n in (10, 20)}
    >>> "n=20: replace" in beside_page(Beside(runs))
    True
    """
    return render("beside.html", _contents(found))


def joined(found: Beside) -> Iterator[Panel]:
    """Yield one panel a metric that all runs have, its series named by arm.

    Examples
    --------
    See `beside_page`.
    """
    of_runs = {name: panels(history) for name, history in found.histories.items()}
    first = next(iter(of_runs.values()))
    for panel in first:
        alike = {name: [one for one in shown if one.metric == panel.metric] for name, shown in of_runs.items()}
        if all(alike.values()):
            series = (replace(one, policy=f"{name}: {one.policy}") for name, p in alike.items() for one in p[0].series)
            yield Panel(panel.metric, tuple(series))


def _contents(found: Beside) -> dict[str, Any]:
    shown = list(joined(found))
    cards = [card(panel, ()) for panel in shown]
    plain = [panel for panel in shown if not panel.is_histogram]
    columns = shown_generations(max((panel.generations for panel in plain), default=0))
    means = [group for panel in plain for group in groups(panel, columns)]
    cells = [cell for group in means for row in group["rows"] for cell in row["cells"]]
    return {
        "title": f"{len(found.histories)} runs side by side",
        "runs": found.histories,
        "arms": found.arms,
        "palette": palette,
        "policies": [About(arm) for arm in found.arms],
        "places": {arm: place for place, arm in enumerate(found.arms)},
        "cards": cards,
        "any_theory": any(panel.has_theory for panel in shown),
        "any_band": any(history.plan.replicates > 1 for history in found.histories.values()),
        "numbers": script_data({"policies": found.arms, "panels": [one.drawing.numbers for one in cards]}),
        "columns": columns,
        "means": means,
        "reasons": list(dict.fromkeys(cell.reason for cell in cells if cell.reason)),
        "binned": [panel.metric for panel in shown if panel.is_histogram],
        "sources": sources([one.about for one in cards]),
        "version": VERSION,
    }
