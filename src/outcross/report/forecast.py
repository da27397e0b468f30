"""A forecast as one page: the answer, what is left by generation, what would keep it, what it rests on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from outcross.guard.titles import called, practice
from outcross.report.gauges import percent, said
from outcross.report.numerals import number, plural
from outcross.report.sheet import Table, render_sheet
from outcross.report.templating import write

if TYPE_CHECKING:
    from outcross.core.measure import Measure
    from outcross.guard.forecast.result import Forecast

FIRST = ("types", "tail_mass")
ROWS = 12
"""Generations of the table, at most."""


def write_forecast(forecast: Forecast, path: Path) -> Path:
    """Write the page, to a file that ends in ``.html`` or into a folder as ``index.html``.

    Examples
    --------
    See `outcross.guard.forecast.forecast.forecast`.
    """
    return write(forecast_page(forecast), path)


def forecast_page(forecast: Forecast) -> str:
    """Return the page as text.

    Examples
    --------
    >>> from outcross.core.measure import Measure
    >>> from outcross.guard.forecast.result import Forecast
    >>> left = {"types": (Measure(1.0, 1, 1), Measure(0.7, 0.6, 0.8))}
    >>> "different words" in forecast_page(Forecast("cats", 10, 100, "replace", (0, 1), left))
    True
    """
    return render_sheet("forecast.html", _contents(forecast))


def _contents(forecast: Forecast) -> dict[str, Any]:
    left = forecast.left
    return {
        "found": forecast,
        "sentences": tuple(_sentences(forecast)),
        "words": {_title(name): left[name] for name in FIRST if name in left},
        "groups": {_title(name): row for name, row in left.items() if name not in FIRST},
        "numbers": _table(forecast),
        "asked": any(one.value is not None or one.reason != "not asked" for one in _inverse(forecast)),
        "made": [
            ("Corpus", f"{plural(forecast.documents, 'document')}, {plural(forecast.words, 'word')}"),
            ("Policy", forecast.policy),
            ("Generations", forecast.generations[-1]),
            ("Seed", forecast.seed),
        ],
    }


def _title(name: str) -> str:
    title = called(name)
    return title[:1].upper() + title[1:]


def _inverse(forecast: Forecast) -> tuple[Measure, Measure]:
    return forecast.least_human, forecast.fresh_records


def _sentences(forecast: Forecast) -> list[str]:
    """What is left in the end, against what training on the corpus alone leaves; and what would keep it."""
    last = forecast.generations[-1]
    parts = [
        f"{_said(row[-1])} of {called(name)}"
        for name, row in forecast.left.items()
        if name in FIRST and row[-1].value is not None
    ]
    found = []
    if parts:
        found.append(
            f"After {plural(last, 'generation')} {practice(forecast.policy)}, {' and '.join(parts)} will be left."
        )
    tail = forecast.left.get("tail_mass")
    if tail is not None and last > 1 and tail[1].value is not None:
        found.append(
            f"A model that is trained on the corpus alone leaves {_said(tail[1])} of the tail: a sample of its size "
            "cannot hold every rare word."
        )
    least, fresh = _inverse(forecast)
    if least.value is not None:
        more = "" if fresh.value is None else f", or {number(fresh.value)} new human records a generation"
        found.append(
            f"To keep {percent(forecast.keep)} of that, {_said(least)} of every training set must be human{more}."
        )
    return found


def _said(measure: Measure) -> str:
    value, span = said(measure)
    return f"{value} ({span})" if span else value


def _table(forecast: Forecast) -> Table:
    count = len(forecast.generations)
    step = max(1, -(-count // ROWS))
    places = sorted({*range(0, count, step), count - 1})
    rows = tuple((forecast.generations[i], *(row[i] for row in forecast.left.values())) for i in places)
    return Table(("generation", *(called(name) for name in forecast.left)), rows)
