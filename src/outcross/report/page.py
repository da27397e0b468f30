"""A history as one self-contained page: verdicts, charts, texts and numbers. It loads nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from outcross.core.version import VERSION
from outcross.lab.files import write_atomically
from outcross.lab.stage import stage
from outcross.report import palette
from outcross.report.about import About, about
from outcross.report.drawing import Drawing, draw
from outcross.report.judgements import stages, tally
from outcross.report.numerals import estimate, number, plural
from outcross.report.panels import Panel, Series, panels, shown_generations
from outcross.report.sources import linked, sources
from outcross.report.writing import rows

if TYPE_CHECKING:
    from jinja2 import Environment

    from outcross.lab.history import History

FEW = 10
"""Fewer replicates than this get a word of caution."""

WORSE = {"falls": "worse when it falls", "rises": "worse when it rises", "moves": "worse when it moves either way"}
"""What the page says of a metric's direction."""


def write_page(history: History, path: Path) -> Path:
    """Write a history as one HTML page that needs no network.

    Parameters
    ----------
    history
        What is shown.
    path
        A file that ends in ``.html``, or a folder, which gets an ``index.html``.

    Raises
    ------
    OutputRefused
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from outcross.lab.chain import Chain
    >>> history = Chain("gaussian", "normal", "replace", ["variance"], sample_size=10).run(2, 5, engine="serial")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_page(history, Path(folder)).name
    'index.html'
    """
    file = path if path.suffix.lower() in (".html", ".htm") else path / "index.html"
    return write_atomically(file, page(history).encode())


def page(history: History) -> str:
    """Return the page as text.

    Examples
    --------
    >>> from outcross.lab.chain import Chain
    >>> history = Chain("gaussian", "normal", "replace", ["variance"], sample_size=10).run(2, 5, engine="serial")
    >>> page(history).startswith("<!doctype html>")
    True
    """
    from markupsafe import Markup

    environment = _environment()
    script = environment.get_template("page.js").render()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template("page.html").render(
        _contents(history), script=Markup(script), script_hash=f"sha256-{digest}"
    )


@final
@dataclass(frozen=True)
class Card:
    """A chart with what must be said beside it.

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


def _contents(history: History) -> dict[str, Any]:
    """Everything that the templates are given."""
    plan, facts = history.plan, history.facts
    policies = [about("policy", words) for words in history.policies]
    verdicts = history.verdicts()
    shown = panels(history)
    cards = [Card(panel, about("metric", panel.metric), draw(panel)) for panel in shown]
    passages = rows(history.excerpts, history.policies)
    arranged = stages(verdicts, history.policies)
    definitions = [ruling.about for stage in arranged for ruling in stage.rulings]
    theory = [
        About(one.metric, source=one.theory.source)
        for panel in shown
        for one in panel.series
        if one.theory is not None and one.theory.source != "derivation"
    ]
    plain = [panel for panel in shown if not panel.is_histogram]
    columns = shown_generations(max((panel.generations for panel in plain), default=0))
    means = [group for panel in plain for group in _groups(panel, columns)]
    cells = [cell for group in means for row in group["rows"] for cell in row["cells"]]
    return {
        "title": f"{plan.model}: {plural(plan.generations, 'generation')} under {', '.join(history.policies)}",
        "plan": plan,
        "facts": facts,
        "why": facts.why[:1].upper() + facts.why[1:],
        "command": plan.command(),
        "toml": plan.to_toml(),
        "in_memory": plan.data.startswith("<"),
        "cautions": _cautions(history),
        "palette": palette,
        "policies": policies,
        "places": {words: place for place, words in enumerate(history.policies)},
        "reached": [stage(verdict for verdict in verdicts if verdict.policy == words) for words in history.policies],
        "tallies": [tally(verdicts, words) for words in history.policies],
        "titles": {ruling.about.words: ruling.title for stage in arranged for ruling in stage.rulings},
        "stages": arranged,
        "cards": cards,
        "any_theory": any(panel.has_theory for panel in shown),
        "any_band": plan.replicates > 1,
        "numbers": _script_data({"policies": history.policies, "panels": [card.drawing.numbers for card in cards]}),
        "passages": passages,
        "columns": columns,
        "means": means,
        "reasons": list(dict.fromkeys(cell.reason for cell in cells if cell.reason)),
        "binned": [panel.metric for panel in shown if panel.is_histogram],
        "sources": sources([*policies, *(card.about for card in cards), *definitions, *theory]),
        "sections": _sections(bool(passages)),
        "versions": {"outcross": VERSION, "Python": platform.python_version(), "NumPy": np.__version__},
    }


def _sections(texts: bool) -> list[tuple[str, str]]:
    found = [
        ("run", "Run"),
        ("verdicts", "Verdicts"),
        ("charts", "Charts"),
        ("texts", "Texts"),
        ("table", "Numbers"),
        ("repeat", "Repeat"),
        ("sources", "Sources"),
    ]
    return [(anchor, name) for anchor, name in found if texts or anchor != "texts"]


def _cautions(history: History) -> list[str]:
    """What a reader must keep in mind."""
    plan, found = history.plan, []
    if plan.replicates == 1:
        found.append(
            "One replicate is an anecdote, not a result: nothing here has an interval, and another seed may "
            "tell another story. Ask for ten replicates or more."
        )
    elif plan.replicates < FEW:
        found.append(
            f"Only {plural(plan.replicates, 'replicate')}: the intervals assume that means are roughly "
            "normal, which so few cannot show. Take narrow intervals with care."
        )
    if history.facts.records >= 0 and plan.replicates > 1:
        found.append(
            "The intervals speak of this corpus and of this division into training and held-out records: the "
            "replicates share them. Other human data would differ by more."
        )
    for policy, outcome in history.outcomes.items():
        if outcome.generations and outcome.generations - 1 < plan.generations:
            reason = f", because {plan.until}" if plan.until else ""
            found.append(f"{policy} stopped at generation {outcome.generations - 1} of {plan.generations}{reason}.")
    return found


def _groups(panel: Panel, columns: Sequence[int]) -> list[dict[str, Any]]:
    """The rows of one metric in the table of means, one group a label."""
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


def _script_data(data: Any) -> Any:
    """JSON that can stand inside a script element: nothing in it can end the element."""
    from markupsafe import Markup

    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("outcross.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "plural": plural,
        "estimate": estimate,
        "linked": linked,
        "lowered": _lowered,
    }
    return environment


def _lowered(text: str) -> str:
    """A title inside a sentence: its first letter small, unless it is a name or an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
