"""A model with some settings changed, or another model in its place: written as one string, or as a mapping."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from outcross.core.errors import BadSetting, UnknownPart, nearest
from outcross.core.model import Model
from outcross.core.part import build, part_name, settings, words

Change = str | Mapping[str, Any] | Model
"""``"components=2"`` or ``{"components": 2}`` changes settings; ``"kde"`` or a model takes the model's place."""


def variant(model: Model, change: Change, why: str = "change") -> Model:
    """Return the model with a change made to it.

    Parameters
    ----------
    model
        The model.
    change
        Settings that differ, or another model.
    why
        What the change is for, to begin an error message with.

    Raises
    ------
    UnknownPart
        If the model has no such setting, or there is no such model; the nearest name is offered.
    BadSetting
        If a value is out of range, or nothing is changed.

    Examples
    --------
    >>> mixture = build("model", "mixture(components=1, iterations=2)")
    >>> print(variant(mixture, "components=3"))
    mixture(components=3, iterations=2)
    >>> print(variant(mixture, "gaussian"))
    gaussian
    """
    changed = _variant(model, change, why)
    if changed == model:
        raise BadSetting(f"{why}: {words(model)} is not changed by '{change}'")
    if changed.reads[0] is not model.reads[0]:
        kinds = f"{changed.reads[0].__name__.lower()}, and {words(model)} {model.reads[0].__name__.lower()}"
        raise BadSetting(f"{why}: {words(changed)} reads {kinds}")
    return changed


def _variant(model: Model, change: Change, why: str) -> Model:
    if isinstance(change, Model):
        return change
    if isinstance(change, str):
        given = _assignments(change)
        if not given:
            other = build("model", change)
            return other if isinstance(other, Model) else model
        _require(model, given, why)
        kept = {name: text for name, text in _assignments(words(model)[len(part_name(type(model))) :]).items()}
        text = ", ".join(f"{name}={value}" for name, value in (kept | given).items())
        built: Model = build("model", f"{part_name(type(model))}({text})")
        return built
    _require(model, change, why)
    return replace(model, **change)  # type: ignore[type-var]  # parts are dataclasses


def _assignments(text: str) -> dict[str, str]:
    """Setting to value, as written: of ``a=1, b=2`` or ``(a=1, b=2)``; empty where the text is something else."""
    source = f"_{text}" if text.startswith("(") else f"_({text})"
    try:
        tree = ast.parse(source, mode="eval").body
    except SyntaxError:
        return {}
    if not isinstance(tree, ast.Call) or tree.args:
        return {}
    return {one.arg: ast.get_source_segment(source, one.value) or "" for one in tree.keywords if one.arg is not None}


def _require(model: Model, names: Mapping[str, Any], why: str) -> None:
    known = settings(model)
    for name in names:
        if name not in known:
            hint = nearest(name, known) or "; it has no settings"
            raise UnknownPart(f"{why}: {part_name(type(model))} has no setting '{name}'{hint}")
