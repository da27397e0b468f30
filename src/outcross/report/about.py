"""What a part says of itself, for the page: the question it answers, its definition and its source."""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import dataclass
from typing import final

from outcross.core.errors import OutcrossError
from outcross.core.metric import View
from outcross.core.part import build, find, part_name

SCORED = (View.HELDOUT, View.HINDSIGHT, View.OWN)
"""Views of records as some model scores them."""


@final
@dataclass(frozen=True)
class About:
    """What people should know of a part; what it does not say is empty.

    Parameters
    ----------
    words
        The part's words.
    line
        The question it answers, or what it does, in one sentence.
    definition, source, unit
        As its class says.
    collapse
        ``falls``, ``rises`` or ``moves``.
    title, stage
        For definitions of collapse.
    scored
        Whether it is a metric that looks at how probable a model finds records.

    Examples
    --------
    >>> About("my_metric").source
    ''
    """

    words: str
    line: str = ""
    definition: str = ""
    source: str = ""
    unit: str = ""
    collapse: str = ""
    title: str = ""
    stage: str = ""
    scored: bool = False


def about(kind: str, words: str) -> About:
    """Return what a part says of itself.

    A part that is not installed here (a history may come from another machine) is known by its words alone.

    Examples
    --------
    >>> about("policy", "anchor(real=0.1)").line
    "Keep a fixed share of human records in every generation's training set."
    >>> about("metric", "somebody_elses").definition
    ''
    """
    made: object = None
    try:
        made = build(kind, words)
        part: type | None = type(made)
    except OutcrossError:
        made = part = _class_of(kind, words)
    if part is None:
        return About(words)
    said = {name: getattr(made, name, "") for name in ("definition", "source", "unit", "collapse", "title", "stage")}
    scored = getattr(part, "view", None) in SCORED
    told = {name: value for name, value in said.items() if isinstance(value, str)}
    return About(words, _line(part), **told, scored=scored)


def _class_of(kind: str, words: str) -> type | None:
    """The class, where only the settings cannot be read."""
    try:
        return find(kind, words.partition("(")[0])
    except OutcrossError:
        return None


def _line(part: type) -> str:
    """The first sentence of the part's file, which asks its question; of its class where the file holds more."""
    module = sys.modules.get(part.__module__)
    own = part.__module__.rpartition(".")[2] == part_name(part)
    text = (module.__doc__ if module is not None and own else None) or inspect.getdoc(part) or ""
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    return re.split(r"(?<=[.?!])\s+(?=[A-Z`])", paragraph)[0]
