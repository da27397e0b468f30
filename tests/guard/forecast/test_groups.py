"""Groups: against the variance of Wright and Fisher, and under policies that guard them."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.part import as_part
from outcross.core.policy import Policy
from outcross.core.seed import Seed
from outcross.guard.forecast import groups
from outcross.guard.forecast.groups import forecast_groups

SIZES = {"yellow": 90, "blue": 10}


def _width(policy: str) -> float:
    last = forecast_groups(SIZES, as_part(Policy, policy), 8, 0.95, Seed(0))["group_share@blue"][8]
    assert last.low is not None and last.high is not None
    return last.high - last.low


def test_the_spread_is_that_of_wright_and_fisher() -> None:
    sizes = np.array([90.0, 10.0])
    shares = groups._shares(("yellow", "blue"), sizes, as_part(Policy, "replace"), 8, Seed(0))
    for t in (1, 8):
        expected = 0.09 * (1 - (1 - 1 / 100) ** t)
        found = shares[t, :, 1]
        assert abs(found.mean() - 0.1) < 4 * np.sqrt(expected / groups.CHAINS)
        assert abs(found.var() / expected - 1) < 4 * np.sqrt(2.5 / groups.CHAINS)  # some kurtosis


def test_guarding_them_keeps_them() -> None:
    assert _width("balance(policy=replace)") < 0.7 * _width("replace")
    assert _width("accumulate") < _width("replace")


@pytest.mark.parametrize("sizes", [{}, {"one": 5}, {str(i): 2 for i in range(60)}])
def test_no_groups_or_one_label_each_are_not_forecast(sizes: dict[str, int]) -> None:
    assert forecast_groups(sizes, as_part(Policy, "replace"), 3, 0.95, Seed(0)) == {}


def test_a_policy_that_looks_at_records_says_so() -> None:
    found = forecast_groups(SIZES, as_part(Policy, "filtered(policy=replace, keep=0.5)"), 3, 0.95, Seed(0))
    assert found["group_share@blue"][3].value is None
    assert "groups are followed as counts" in found["group_share@blue"][3].reason
