"""A chart with what must be said beside it, and the same numbers as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from outcross.report.about import About, about
from outcross.report.drawing import Drawing, draw
from outcross.report.numerals import number
from outcross.report.panels import Panel, Series

COUNTED = ("log-probabilit", "perplexity")
"""A note that speaks of these belongs beside the charts that rest on them."""

WORSE = {"falls": "worse when it falls", "rises": "worse when it rises", "moves": "worse when it moves either way"}
"""What the page says of a metric's direction."""


@final
@dataclass(frozen=True)
class Card:
    """A chart with what must be said beside it.

    Parameters
    ----------
    panel, about, drawing
        What is shown, what is known of the metric, and how it is drawn.
    counted
        How the model's log-probabilities are counted, where they matter.

    Examples
    --------
    >>> panel = Panel("variance", (Series("replace", "variance", *(np.ones(2),) * 3, np.full(2, 9), {}),))
    >>> card = Card(panel, about("metric", "variance"), draw(panel))
    >>> card.worse, card.wide
    ('worse when it falls', False)
    """

    panel: Panel
    about: About
    drawing: Drawing
    counted: tuple[str, ...] = ()

    @property
    def worse(self) -> str:
        """Which direction is the bad one."""
        return WORSE.get(self.about.collapse, "")

    @property
    def wide(self) -> bool:
        """Whether it takes the whole width of the page."""
        return len(self.drawing.facets) > 1

    @property
    def gutter(self) -> int:
        """Room for what stands to the left of the axis, in characters."""
        return max((len(text) for facet in self.drawing.facets for _, text in facet.up), default=1)

    @property
    def upward(self) -> str:
        """What runs upwards, where the tick marks do not say it."""
        return "generation ↑" if self.panel.is_histogram else ""

    @property
    def spoken(self) -> tuple[str, ...]:
        """What each plot shows, for those who do not see it."""
        if self.panel.is_histogram:
            return tuple(
                f"{self.panel.metric} under {facet.title}: histograms by generation; bins from "
                f"{self.panel.labels[0]} to {self.panel.labels[-1]}."
                for facet in self.drawing.facets
            )
        return tuple(
            f"{self.panel.metric} {label}: {'; '.join(map(_course, self.panel.of(label)))}."
            for label in self.panel.labels
        )

    @property
    def theory(self) -> tuple[str, ...]:
        """What the dashed curves are, each said once."""
        kinds = {"exact": "the expectation itself", "bound": "a bound", "first order": "for large samples"}
        forms: dict[str, list[str]] = {}
        for one in self.panel.series:
            if one.theory is not None:
                form = one.theory
                said = f"{form.name.rstrip('.')} ({kinds.get(form.kind, form.kind)}; {form.source})"
                forms.setdefault(said, []).append(f"{one.policy} {one.label}".strip())
        everywhere = len(forms) == 1 and all(one.theory is not None for one in self.panel.series)
        return tuple(f"Dashed{'' if everywhere else ', ' + ', '.join(whose)}: {said}." for said, whose in forms.items())


def _course(one: Series) -> str:
    """A curve in words: from where to where."""
    known = np.flatnonzero(~np.isnan(one.mean))
    if not len(known):
        return f"{one.policy}: no value"
    first, last = int(known[0]), int(known[-1])
    start, end = number(one.mean[first]), number(one.mean[last])
    return f"{one.policy}: {start} at generation {first}, {end} at generation {last}"


def card(panel: Panel, notes: Sequence[str]) -> Card:
    """Return the chart of a panel, with those of the notes that speak of how its numbers are counted.

    Examples
    --------
    >>> card(Panel("types", ()), ()).about.collapse
    'falls'
    """
    known = about("metric", panel.metric)
    counted = [note for note in notes if known.scored and any(term in note.lower() for term in COUNTED)]
    return Card(panel, known, draw(panel), tuple(counted))


def groups(panel: Panel, columns: Sequence[int]) -> list[dict[str, Any]]:
    """Return the rows of one metric in the table of means, one group a label.

    Examples
    --------
    >>> groups(Panel("types", ()), [0])
    []
    """
    return [
        {
            "metric": f"{panel.metric}@{label}" if label else panel.metric,
            "rows": [
                {"policy": one.policy, "cells": [one.at(generation) for generation in columns]}
                for one in panel.of(label)
            ],
        }
        for label in panel.labels
    ]
