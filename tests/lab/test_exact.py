"""The exact path: chosen by itself, switchable, and equal in distribution to sampling."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from outcross.core.errors import BadSetting
from outcross.core.part import build
from outcross.core.seed import Seed
from outcross.lab.exact import choose_path
from outcross.lab.trial import Experiment, Trial, run_trial
from outcross.lab.truth import Truth


def experiment(model: str, population: str, policy: str, metric: str, generations: int = 5) -> Experiment:
    truth = Truth.of_population(build("population", population), Seed(0))
    return Experiment(
        build("model", model), (build("policy", policy),), (build("metric", metric),), truth, 12, generations
    )


@pytest.mark.parametrize(
    ("model", "population", "policy", "level"),
    [
        ("gaussian", "normal", "replace", "statistics"),
        ("gaussian", "normal(dim=20)", "replace", "statistics"),
        ("gaussian", "normal", "accumulate", "statistics"),
        ("gaussian", "normal", "weighted", "statistics"),
        ("gaussian", "normal", "anchor(real=0.25)", "mixed"),
        ("gaussian", "normal", "subsample", "records"),
        ("gaussian", "normal", "filtered(policy=replace, keep=0.5)", "records"),
        ("categorical", "zipf(types=10)", "subsample", "statistics"),
        ("categorical", "zipf(types=10)", "anchor(real=0.25)", "statistics"),
        ("kde(bandwidth=0.1)", "normal", "replace", "records"),
    ],
)
def test_the_path_is_chosen(model: str, population: str, policy: str, level: str) -> None:
    metric = "entropy" if model == "categorical" else "variance"
    found, why = choose_path(experiment(model, population, policy, metric), None)
    assert (found, why.split(":")[0].split(",")[0]) == (level, "sampled" if level == "records" else "exact")


def test_it_can_be_told() -> None:
    one = experiment("gaussian", "normal", "replace", "variance")
    assert choose_path(one, False)[0] == "records"
    with pytest.raises(BadSetting, match="the exact path is not open: subsample needs records"):
        choose_path(experiment("gaussian", "normal", "subsample", "variance"), True)


@pytest.mark.parametrize(
    ("model", "population", "policy", "metric"),
    [
        ("gaussian(ddof=1)", "normal", "replace", "variance"),
        ("gaussian(ddof=1)", "normal", "replace", "mean_drift"),
        ("gaussian", "normal(dim=3)", "replace", "log_det"),
        ("gaussian", "normal(dim=15)", "replace", "variance"),
        ("gaussian", "normal", "accumulate", "variance"),
        ("gaussian", "normal", "weighted", "mean_drift"),
        ("gaussian", "normal", "anchor(real=0.25)", "variance"),
        ("gaussian", "normal", "fresh(real=0.25)", "variance"),
        ("categorical", "zipf(types=10)", "replace", "entropy"),
        ("categorical", "zipf(types=10)", "subsample", "entropy"),
        ("categorical", "zipf(types=10)", "anchor(real=0.25)", "entropy"),
        ("poisson", "poisson(rate=2.0)", "replace", "variance"),
    ],
)
def test_equal_in_distribution(model: str, population: str, policy: str, metric: str) -> None:
    """Two samples of 3,000 replicates at generation 5: Kolmogorov-Smirnov, at a level that one in a thousand fails."""
    one = experiment(model, population, policy, metric)
    level, _ = choose_path(one, True)
    ends = []
    for path, start in ((level, 0), ("records", 100_000)):
        outcome = run_trial(dataclasses.replace(one, level=path), Trial(0, start, 3000, 5))
        ends.append(outcome.values[metric][:, -1])
    jitter = np.random.default_rng(0).normal(0, 1e-9, (2, 3000))
    assert stats.ks_2samp(ends[0] + jitter[0], ends[1] + jitter[1]).pvalue > 0.001
