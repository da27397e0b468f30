"""Share of one group: by name, also where it has died out, and with a hint where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.errors import BadInput
from outcross.core.part import build, words
from outcross.core.records import Rows, Symbols
from outcross.core.statistics import Counts
from outcross.metrics.group_share import GroupShare
from tests.metrics.reading import read, reading

CATS = ("yellow", "blue")


def test_by_name() -> None:
    cats = Symbols(np.array([[0, 0, 1, 0], [1, 1, 1, 0]]), 2, CATS)
    assert read(GroupShare(group="blue"), cats).tolist() == [0.25, 0.75]


def test_of_rows() -> None:
    rows = Rows(np.zeros((2, 4, 1)), group=np.array([[0, 0, 0, 1], [1, 1, 1, 1]]), names=CATS)
    assert read(GroupShare(group="blue"), rows).tolist() == [0.25, 1.0]


def test_a_group_that_only_the_reference_has_is_gone() -> None:
    human = Counts(np.array([[9.0, 1.0]]), CATS)
    assert read(GroupShare(group="blue"), Counts(np.array([[5.0]]), ("yellow",)), human).tolist() == [0.0]


def test_types_without_a_name_go_by_their_code() -> None:
    assert read(GroupShare(group="2"), Symbols(np.array([[0, 2]]), 3)).tolist() == [0.5]


def test_an_unknown_group() -> None:
    with pytest.raises(BadInput, match="no group is called 'blu'; did you mean 'blue'"):
        read(GroupShare(group="blu"), Symbols(np.array([[0, 1]]), 2, CATS))


def test_without_groups_it_is_missing() -> None:
    assert reading(GroupShare(group="blue"), Rows(np.zeros((1, 5, 1)))).reason == "no groups are known"


def test_names_with_spaces() -> None:
    metric = build("metric", "group_share(group='blue cats')")
    assert metric == GroupShare(group="blue cats")
    assert build("metric", words(metric)) == metric
