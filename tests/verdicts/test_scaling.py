"""The exponent of the risk over the sample size, by generation."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.verdict import Answer, Trace
from outcross.lab.chain import Chain
from outcross.verdicts.scaling_law_change import ScalingLawChange

SIZES = (25, 50, 100, 200)


def chains(later: float, replicates: int = 30, seed: int = 0) -> dict[int, dict[str, Trace]]:
    """Risk 1/n in the first generation, n to the power -later in the last."""
    rng = np.random.default_rng(seed)
    found = {}
    for n in SIZES:
        mean = np.array([np.nan, 1 / n, n**-later])
        found[n] = {"kl": Trace("kl", np.arange(3), mean * rng.lognormal(0, 0.1, (replicates, 3)))}
    return found


@pytest.mark.parametrize(
    ("later", "answer"), [(1.0, Answer.NO), (0.95, Answer.NO), (0.5, Answer.YES), (1.5, Answer.YES)]
)
def test_the_change_of_the_exponent_is_found(later: float, answer: Answer) -> None:
    verdict = ScalingLawChange().across("replace", chains(later))
    assert verdict.answer is answer
    change = verdict.evidence[1].measure
    assert change.low is not None and change.high is not None
    assert change.low < 1 - later < change.high


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    inside = []
    for seed in range(400):
        change = ScalingLawChange().across("replace", chains(0.8, 5, seed)).evidence[1].measure
        assert change.low is not None and change.high is not None
        inside.append(change.low < 0.2 < change.high)
    assert abs(np.mean(inside) - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 400)


def test_two_sizes_or_no_common_metric_cannot_tell() -> None:
    found = chains(0.5)
    assert ScalingLawChange().across("replace", {n: found[n] for n in SIZES[:2]}).answer is Answer.CANNOT_TELL
    found[SIZES[0]] = {"types": found[SIZES[0]]["kl"]}
    assert "doubl" in ScalingLawChange().across("replace", found).sentence


def test_recursive_gaussians_lose_no_scaling() -> None:
    """E W2^2 is about (3/2) t/n at every generation: shifted, not bent (theory, section 1)."""
    traces = {
        n: Chain("gaussian(ddof=1)", "normal", "replace", ["wasserstein"], n).run(4, 3000, engine="serial")
        for n in (100, 200, 400, 800)
    }
    verdict = ScalingLawChange().across("replace", {n: history.traces("replace") for n, history in traces.items()})
    assert verdict.answer is Answer.NO
    exponent = verdict.evidence[0].measure
    assert exponent.low is not None and exponent.high is not None and exponent.low < -1 < exponent.high
