"""The part grammar."""

from dataclasses import dataclass
from typing import final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcross.core.errors import BadSetting, UnknownPart
from outcross.core.inventory import Inventory
from outcross.core.part import SHELVES, build, example, find, parts, words
from outcross.core.policy import Policy
from outcross.core.recipe import Recipe
from outcross.policies.anchor import Anchor
from outcross.policies.filtered import Filtered


@pytest.mark.parametrize("kind", SHELVES)
def test_every_part_has_a_working_example(kind: str) -> None:
    for name, part in parts(kind).items():
        built = build(kind, example(part))
        assert type(built) is part
        assert build(kind, words(built)) == built
        assert words(built).partition("(")[0] == name


@given(st.floats(0, 1))
def test_numbers_survive(real: float) -> None:
    assert build("policy", words(Anchor(real))) == Anchor(real)


@pytest.mark.parametrize(
    "text",
    [
        "anchor(real=0.1",
        "anchor(0.1)",
        "anchor real",
        "",
        "anchor(real=0.1)(x=1)",
        "anchor(real=0.1, real=0.2)",
        "anchor(**x)",
        "1",
        "anchor(real=)",
        "anchor(real=__import__('os'))",
        "anchor(real=1+1)",
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises((BadSetting, UnknownPart)):
        build("policy", text)


@pytest.mark.parametrize("value", ["1.5", "-0.1", "yes", "true", "none", "nan", "[0.1]"])
def test_out_of_range_or_type(value: str) -> None:
    with pytest.raises(BadSetting, match="real"):
        build("policy", f"anchor(real={value})")


def test_missing_setting_shows_an_example() -> None:
    with pytest.raises(BadSetting, match=r"anchor needs real, for example anchor\(real=0\.5\)"):
        build("policy", "anchor")


def test_nearest_names() -> None:
    with pytest.raises(UnknownPart, match="did you mean 'accumulate'"):
        find("policy", "acumulate")
    with pytest.raises(UnknownPart, match="did you mean 'real'"):
        build("policy", "anchor(reel=0.1)")
    with pytest.raises(UnknownPart, match="did you mean 'policy'"):
        parts("polcy")


def test_nested_parts() -> None:
    built = build("policy", "filtered(policy=balance(policy=anchor(real=0.1)), keep=0.5)")
    assert isinstance(built, Filtered)
    assert words(built) == "filtered(policy=balance(policy=anchor(real=0.1)), keep=0.5)"


@final
@dataclass(frozen=True)
class Stranger(Policy):
    """A policy of another package."""

    source = "nowhere"

    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        """Nothing."""
        return Recipe((), 0)


def test_strangers_come_in_by_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    class Point:
        name = "stranger"

        @staticmethod
        def load() -> type[Policy]:
            return Stranger

    def points(group: str) -> list[Point]:
        return [Point()] if group == "outcross.policies" else []

    parts.cache_clear()
    monkeypatch.setattr("outcross.core.part.entry_points", points)
    try:
        assert build("policy", "stranger") == Stranger()
    finally:
        parts.cache_clear()
