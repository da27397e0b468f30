"""A history as one self-contained page: verdicts, charts, texts and numbers. It loads nothing."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from outcross.core.version import VERSION
from outcross.lab.stage import stage
from outcross.report import palette
from outcross.report.about import About, about
from outcross.report.cards import card, groups
from outcross.report.gallery import gallery
from outcross.report.judgements import stages, tally
from outcross.report.numerals import plural
from outcross.report.panels import panels, shown_generations
from outcross.report.sources import sources
from outcross.report.templating import render, script_data, write
from outcross.report.writing import rows

if TYPE_CHECKING:
    from outcross.lab.history import History

LONGEST_HEAD = 60
"""Characters of a model's words that fit into a headline; of longer ones it has the name alone."""

FEW = 10
"""Fewer replicates than this get a word of caution."""


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
    return write(page(history), path)


def page(history: History) -> str:
    """Return the page as text.

    Examples
    --------
    >>> from outcross.lab.chain import Chain
    >>> history = Chain("gaussian", "normal", "replace", ["variance"], sample_size=10).run(2, 5, engine="serial")
    >>> page(history).startswith("<!doctype html>")
    True
    """
    return render("page.html", _contents(history))


def _contents(history: History) -> dict[str, Any]:
    """Everything that the templates are given."""
    plan, facts = history.plan, history.facts
    policies = [about("policy", words) for words in history.policies]
    verdicts = history.verdicts()
    shown = panels(history)
    cards = [card(panel, facts.notes) for panel in shown]
    passages = rows(history.excerpts, history.policies)
    pictures = gallery(history.pictures, history.policies)
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
    means = [group for panel in plain for group in groups(panel, columns)]
    cells = [cell for group in means for row in group["rows"] for cell in row["cells"]]
    return {
        "title": f"{plan.model}: {plural(plan.generations, 'generation')} under {', '.join(history.policies)}",
        "headed": plan.model if len(plan.model) <= LONGEST_HEAD else plan.model.partition("(")[0],
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
        "numbers": script_data({"policies": history.policies, "panels": [card.drawing.numbers for card in cards]}),
        "gallery": pictures,
        "passages": passages,
        "columns": columns,
        "means": means,
        "reasons": list(dict.fromkeys(cell.reason for cell in cells if cell.reason)),
        "binned": [panel.metric for panel in shown if panel.is_histogram],
        "sources": sources([*policies, *(card.about for card in cards), *definitions, *theory]),
        "sections": _sections(texts=bool(passages), pictures=bool(pictures.shelves)),
        "versions": {"outcross": VERSION, "Python": platform.python_version(), "NumPy": np.__version__},
    }


def _sections(*, texts: bool, pictures: bool) -> list[tuple[str, str]]:
    absent = {anchor for anchor, there in (("texts", texts), ("pictures", pictures)) if not there}
    found = [
        ("run", "Run"),
        ("verdicts", "Verdicts"),
        ("charts", "Charts"),
        ("pictures", "Pictures"),
        ("texts", "Texts"),
        ("table", "Numbers"),
        ("repeat", "Repeat"),
        ("sources", "Sources"),
    ]
    return [(anchor, name) for anchor, name in found if anchor not in absent]


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
