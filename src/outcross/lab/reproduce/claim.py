"""What a paper says it found, so that a run can be held against it: where to look, what was there, which relation."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, final

from outcross.core.errors import BadSetting, UnknownPart, nearest

Relation = Literal["equal", "within", "order", "shape"]
"""What must hold for a run to agree.

``equal``: the published value is our expectation. ``within``: our mean lies between two published values. ``order``:
each reading is larger than the next. ``shape``: the readings of one course all fall, or all rise, as published.
"""
RELATIONS: tuple[Relation, ...] = ("equal", "within", "order", "shape")
SHARED = ("policy", "metric", "generation", "value", "low", "high", "note")
"""What a claim may say once for all of its readings."""
THEORY = "theory"
"""Stands for a value that the paper gives as a formula: it is taken at the settings of the plan that was run."""


@final
@dataclass(frozen=True)
class Point:
    """One published reading, and where ours is found.

    Parameters
    ----------
    plan, policy, metric
        Where to look.
    generation
        Of the model that is looked at; generation 1 is the first model fitted to human data. None for the last.
    value
        What was published: a number, ``theory``, or None where the paper shows it without a number.
    low, high
        For ``within``: the range.
    note
        What must be known of the number.

    Examples
    --------
    >>> Point("replace", "replace", "variance", 5, 1.0).where
    'replace, variance, generation 5'
    """

    plan: str = ""
    policy: str = ""
    metric: str = ""
    generation: int | None = None
    value: float | str | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.value, str) and self.value != THEORY:
            raise BadSetting(f"a published value is a number or '{THEORY}', not '{self.value}'")
        for name in ("policy", "metric"):
            if not getattr(self, name):
                raise BadSetting(f"a published reading must say of which {name} it is")

    @property
    def where(self) -> str:
        """Policy, metric and generation in words."""
        when = "last generation" if self.generation is None else f"generation {self.generation}"
        return f"{self.policy}, {self.metric}, {when}"


@final
@dataclass(frozen=True)
class Claim:
    """A sentence of a paper, its readings, and the relation in which ours must stand to them.

    Parameters
    ----------
    says
        What was found, in a sentence.
    relation
        See `Relation`.
    points
        The readings. For ``order`` the largest first, for ``shape`` in the order of generations.
    place
        Where in the paper.
    unit
        Of the numbers.
    plans
        The plans that the claim is about, each by itself; empty for every plan of a scale. Points that name a plan of
        their own are compared across plans instead.
    falls
        For ``shape``: whether the course falls; otherwise it rises.

    Examples
    --------
    >>> claim = Claim.of({"says": "Replace loses more.", "relation": "order", "metric": "variance",
    ...                   "readings": [{"policy": "accumulate"}, {"policy": "replace"}]})
    >>> [point.policy for point in claim.points]
    ['accumulate', 'replace']
    """

    says: str
    relation: Relation
    points: tuple[Point, ...]
    place: str = ""
    unit: str = ""
    plans: tuple[str, ...] = ()
    falls: bool = False

    def __post_init__(self) -> None:
        if self.relation not in RELATIONS:
            raise BadSetting(f"a relation is one of {', '.join(RELATIONS)}, not '{self.relation}'")
        if self.relation in ("order", "shape") and len(self.points) < 2:
            raise BadSetting(f"a claim about {self.relation} needs two readings or more")
        for point in self.points:
            if self.relation == "equal" and point.value is None:
                raise BadSetting(f"a claim that values are equal needs a value ({point.where})")
            if self.relation == "within" and point.low is None and point.high is None:
                raise BadSetting(f"a claim that values lie within a range needs low or high ({point.where})")

    @property
    def crosses(self) -> bool:
        """Whether its readings come from several plans."""
        return any(point.plan for point in self.points)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Claim:
        """Return the claim that an entry ``[[published]]`` makes; policy, metric, ... stand for all of its readings.

        Raises
        ------
        BadSetting, UnknownPart
            If it is not one, or has an entry that claims do not have.
        """
        entries = dict(given)
        readings = entries.pop("readings", [{}])
        shared = {name: entries.pop(name) for name in SHARED if name in entries}
        points = tuple(_point(shared | dict(reading)) for reading in readings)
        plans = entries.pop("plan", ())
        relation = entries.pop("relation", "")
        says = entries.pop("says", "")
        if not says:
            raise BadSetting("a published claim must say what was found (says = ...)")
        refuse_unknown("a published claim", entries, ("place", "unit", "falls", *SHARED))
        return cls(says, relation, points, plans=(plans,) if isinstance(plans, str) else tuple(plans), **entries)


def _point(given: dict[str, Any]) -> Point:
    refuse_unknown("a published reading", given, [field.name for field in dataclasses.fields(Point)])
    return Point(**{name: _number(name, value) for name, value in given.items()})


def _number(name: str, value: Any) -> Any:
    numeric = name in ("value", "low", "high") and isinstance(value, int) and not isinstance(value, bool)
    return float(value) if numeric else value


def refuse_unknown(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse an entry that is not known, and offer the nearest that is.

    Examples
    --------
    >>> refuse_unknown("a claim", ["plase"], ["place"])
    Traceback (most recent call last):
    ...
    outcross.core.errors.UnknownPart: a claim has no entry 'plase'; did you mean 'place'?
    """
    names = list(known)
    for name in given:
        if name not in names:
            raise UnknownPart(f"{what} has no entry '{name}'{nearest(name, names)}")
