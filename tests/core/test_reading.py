"""Readings say why a value is missing, and say nothing where none is."""

import numpy as np
import pytest

from outcross.core.errors import BadSetting
from outcross.core.metric import Reading


def test_a_missing_value_needs_a_reason() -> None:
    with pytest.raises(BadSetting, match="must say why"):
        Reading(np.array([1.0, np.nan]))
    assert Reading(np.array([1.0, np.nan]), "no record").reason == "no record"


@pytest.mark.parametrize("values", [[1.0, 2.0], [np.inf, -np.inf], []])
def test_a_reason_without_a_missing_value_is_forgotten(values: list[float]) -> None:
    assert Reading(np.array(values), "no record").reason == ""
