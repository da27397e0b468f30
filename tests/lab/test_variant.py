"""A model with a change made to it."""

from __future__ import annotations

import pytest

from outcross.core.errors import BadSetting, UnknownPart
from outcross.core.part import build, words
from outcross.lab.variant import Change, variant

MIXTURE = build("model", "mixture(components=1, iterations=2)")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("components=3", "mixture(components=3, iterations=2)"),
        ("iterations=100", "mixture(components=1)"),
        ("iterations=500, tolerance=1e-6", "mixture(components=1, iterations=500, tolerance=1e-06)"),
        ({"components": 2}, "mixture(iterations=2)"),
        ("kde", "kde"),
        ("mixture(components=4)", "mixture(components=4)"),
        (build("model", "gaussian"), "gaussian"),
    ],
)
def test_settings_are_changed_and_others_kept(change: Change, found: str) -> None:
    assert words(variant(MIXTURE, change)) == found


@pytest.mark.parametrize("change", ["component=3", {"component": 3}])
def test_a_setting_that_is_not_there_is_named(change: Change) -> None:
    with pytest.raises(UnknownPart, match="rich: mixture has no setting 'component'; did you mean 'components'"):
        variant(MIXTURE, change, "rich")


@pytest.mark.parametrize("change", ["components=1", {"iterations": 2}, "mixture(components=1, iterations=2)"])
def test_a_change_of_nothing_is_refused(change: Change) -> None:
    with pytest.raises(BadSetting, match="is not changed by"):
        variant(MIXTURE, change)


def test_what_reads_other_records_is_refused() -> None:
    with pytest.raises(BadSetting, match="ngram reads texts"):
        variant(MIXTURE, "ngram")


@pytest.mark.parametrize("change", ["components=0", {"components": -1}, "components=two", "components=", "2"])
def test_a_bad_value_is_refused(change: Change) -> None:
    with pytest.raises(BadSetting):
        variant(MIXTURE, change)


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(UnknownPart, match="did you mean 'mixture'"):
        variant(MIXTURE, "mixtur")
