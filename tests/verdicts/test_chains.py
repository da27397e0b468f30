"""Verdicts of chains whose fate theory knows."""

from __future__ import annotations

import math

import numpy as np

from outcross.core.verdict import Answer
from outcross.lab.stage import Stage, stage
from tests.verdicts.traces import verdicts_of


def test_gaussians_that_replace_their_data_lose_all_variance() -> None:
    found = verdicts_of("gaussian", "normal", "replace", ["variance", "tail_mass", "coverage"], 20, 200)
    assert found["variance_collapse"].answer is Answer.YES
    # E log s_t^2 = t (psi(9.5) - log 10) = -0.105 t (theory, section 1): a tenth is left at t = 22
    since = found["variance_collapse"].since
    assert since is not None and 20 <= since <= 30
    assert found["tail_loss"].answer is Answer.YES
    assert found["tail_loss"].since is not None and found["tail_loss"].since < since
    assert stage(found.values()) is Stage.LATE


def test_gaussians_that_accumulate_their_data_keep_it() -> None:
    found = verdicts_of("gaussian", "normal", "accumulate", ["variance", "wasserstein", "kl"], 20, 200)
    assert found["variance_collapse"].answer is Answer.NO
    assert found["risk_increase"].answer is Answer.YES
    assert found["catastrophic_increase"].answer is Answer.NO
    limit = math.sin(math.pi / math.sqrt(20)) / (math.pi / math.sqrt(20))
    variance = next(
        e.measure.value for e in found["variance_collapse"].evidence if e.what == "variance at generation 200"
    )
    assert variance is not None and abs(variance - limit) < 0.1


def test_the_mean_variance_stays_and_the_typical_one_does_not() -> None:
    """With ddof=1 the expected variance is 1 for ever, and every chain goes to 0 (theory, section 1)."""
    found = verdicts_of("gaussian(ddof=1)", "normal", "replace", ["variance"], 10, 60, replicates=2000)
    assert found["variance_collapse"].answer is Answer.YES


def test_early_comes_before_late() -> None:
    found = verdicts_of("gaussian", "normal", "replace", ["variance", "tail_mass"], 100, 20)
    assert found["tail_loss"].answer is Answer.YES and found["variance_collapse"].answer is Answer.NO
    assert stage(found.values()) is Stage.EARLY


def test_types_die_out_and_one_is_left() -> None:
    found = verdicts_of("categorical", "zipf(types=50)", "replace", ["types", "heterozygosity"], 20, 120)
    assert found["tail_loss"].since == 1
    assert found["variance_collapse"].answer is Answer.YES
    kept = verdicts_of("categorical", "zipf(types=50)", "accumulate", ["types", "heterozygosity"], 20, 120)
    assert kept["variance_collapse"].answer is Answer.NO


def test_regression_risk_grows_without_bound_only_where_data_are_replaced() -> None:
    def divergence(policy: str) -> Answer:
        return verdicts_of("regression", "linear", policy, ["excess_risk"], 20, 40, replicates=1000)[
            "divergence"
        ].answer

    assert divergence("accumulate") is Answer.NO
    assert divergence("replace") is not Answer.NO


def test_verdicts_are_deterministic() -> None:
    once, again = (
        verdicts_of("gaussian", "normal", "replace", ["variance", "wasserstein"], 20, 10, replicates=20) for _ in "ab"
    )
    assert once == again
    assert np.all([str(verdict) for verdict in once.values()])
