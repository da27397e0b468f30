"""Frozen dataclasses as plain JSON and back, by their own annotations: what is written beside the arrays of a file."""

from __future__ import annotations

import dataclasses
import typing
from types import UnionType
from typing import Any

from outcross.core.errors import BadInput


def as_plain(value: object) -> Any:
    """Return dataclasses, tuples and mappings as dictionaries and lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [as_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): as_plain(one) for key, one in value.items()}
    return value


def from_plain(kind: Any, plain: Any) -> Any:
    """Return the value of this type that `as_plain` gave, checked on the way.

    Raises
    ------
    BadInput
        If it is no such value.
    """
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (UnionType, typing.Union):
        if plain is None and type(None) in inner:
            return None
        return from_plain(next(one for one in inner if one is not type(None)), plain)
    if dataclasses.is_dataclass(kind) and isinstance(plain, dict):
        hints = typing.get_type_hints(kind)
        names = {field.name for field in dataclasses.fields(kind)}
        if names == plain.keys():
            return kind(**{name: from_plain(hints[name], plain[name]) for name in plain})  # type: ignore[operator]
    if origin is tuple and isinstance(plain, list):
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(from_plain(inner[0], one) for one in plain)
        if len(inner) == len(plain):
            return tuple(from_plain(one, held) for one, held in zip(inner, plain, strict=True))
    if origin is dict and isinstance(plain, dict):
        return {key: from_plain(inner[1], one) for key, one in plain.items()}
    if kind is float and isinstance(plain, int | float) and not isinstance(plain, bool):
        return float(plain)
    if kind in (int, str, bool) and type(plain) is kind:
        return plain
    raise BadInput(f"a {getattr(kind, '__name__', kind)} is wanted, not {str(plain)[:60]!r}")
