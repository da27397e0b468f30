"""Settings of a part: what range is allowed, how a value is checked and printed.

A range is written where the setting is declared, ``real: Annotated[float, Between(0, 1)]``; from there come the check,
the error message, the reference page and the laws that try the values just outside it.
"""

from __future__ import annotations

import dataclasses
import math
import typing
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, final, get_args, get_origin

from outcross.core.errors import BadSetting


@final
@dataclass(frozen=True, slots=True)
class Between:
    """A closed range of numbers; ``above`` and ``below`` make an end open.

    Examples
    --------
    >>> Between(0, 1).allows(0.5), Between(0, 1).allows(1.5), Between(0, above=True).allows(0)
    (True, False, False)
    >>> print(Between(0, 1), Between(0, above=True), Between(2))
    in [0, 1] > 0 >= 2
    """

    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    below: bool = False

    def allows(self, value: float) -> bool:
        """Whether the value lies in the range (NaN never does)."""
        over = value > self.low if self.above else value >= self.low
        under = value < self.high if self.below else value <= self.high
        return over and under

    def __str__(self) -> str:
        low, high = _plain(self.low), _plain(self.high)
        if math.isinf(self.high):
            return f"{'>' if self.above else '>='} {low}"
        if math.isinf(self.low):
            return f"{'<' if self.below else '<='} {high}"
        return f"in {'(' if self.above else '['}{low}, {high}{')' if self.below else ']'}"


@final
@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a part class: its name, type, range and default.

    Examples
    --------
    >>> Setting("real", float, (Between(0, 1),), dataclasses.MISSING).required
    True
    """

    name: str
    type: Any
    ranges: tuple[Between, ...]
    default: Any

    @property
    def alternatives(self) -> tuple[Any, ...]:
        """The types that a value may have."""
        return _alternatives(self.type)

    @property
    def optional(self) -> bool:
        """Whether it may be none."""
        return type(None) in self.alternatives

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is dataclasses.MISSING

    def check(self, part: str, value: object) -> object:
        """Return the value as its type (``2`` for a float becomes ``2.0``), or raise `BadSetting`."""
        for wanted in _alternatives(self.type):
            found = _as(wanted, value)
            if found is not _NO:
                self._check_range(part, found)
                return found
        raise BadSetting(f"{part}: {self.name} must be {self.describe()}, not {value!r}")

    def _check_range(self, part: str, value: object) -> None:
        for allowed in self.ranges:
            if isinstance(value, int | float) and not isinstance(value, bool) and not allowed.allows(value):
                raise BadSetting(f"{part}: {self.name} must be {allowed}, not {value!r}")

    def describe(self) -> str:
        """Return the type and range in words, as help and reference pages show it."""
        names = [_type_name(kind) for kind in _alternatives(self.type)]
        return " ".join([" or ".join(names), *map(str, self.ranges)])


_NO = object()


def _as(wanted: Any, value: object) -> object:
    """The value as the wanted type, or `_NO`."""
    if get_origin(wanted) is Literal:
        return value if value in get_args(wanted) else _NO
    if get_origin(wanted) is tuple:
        inner = get_args(wanted)[0]
        if not isinstance(value, list | tuple):
            return _NO
        items = tuple(_as(inner, item) for item in value)
        return _NO if any(item is _NO for item in items) else items
    if wanted is type(None):
        return value if value is None else _NO
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if wanted is int and isinstance(value, bool):
        return _NO
    return value if isinstance(wanted, type) and isinstance(value, wanted) else _NO


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    union = get_origin(annotation) in (Union, UnionType)
    return get_args(annotation) if union else (annotation,)


def _type_name(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(repr(choice) for choice in get_args(kind))
    if get_origin(kind) is tuple:
        return f"list of {_type_name(get_args(kind)[0])}"
    if kind is type(None):
        return "none"
    names = {int: "whole number", float: "number", bool: "true or false", str: "text"}
    return names.get(kind, getattr(kind, "__name__", str(kind)).lower())


def _plain(number: float) -> str:
    return f"{number:g}"


def settings_of(part: type) -> tuple[Setting, ...]:
    """Return the settings of a part class, in the order in which they were declared.

    Examples
    --------
    >>> from outcross.policies.anchor import Anchor
    >>> [(s.name, s.describe()) for s in settings_of(Anchor)]
    [('real', 'number in [0, 1]')]
    """
    return _settings_of(part)


@cache
def _settings_of(part: type) -> tuple[Setting, ...]:
    hints = typing.get_type_hints(part, include_extras=True)
    found = []
    for field in dataclasses.fields(part):
        annotation = hints[field.name]
        extras: list[Any] = []
        if get_origin(annotation) is typing.Annotated:
            annotation, *extras = get_args(annotation)
        ranges = tuple(extra for extra in extras if isinstance(extra, Between))
        found.append(Setting(field.name, annotation, ranges, field.default))
    return tuple(found)
