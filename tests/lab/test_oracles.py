"""Every closed form against simulated chains, drawn record by record and on the exact path.

The tolerance is four standard errors of the mean over replicates, at every generation at once.
"""

import dataclasses

import numpy as np
import pytest

from outcross.core.errors import BadSetting
from outcross.core.measure import Measure
from outcross.core.part import build
from outcross.core.seed import Seed
from outcross.lab.exact import choose_path
from outcross.lab.expected import expected
from outcross.lab.plan import Plan
from outcross.lab.trial import Experiment, Trial, run_trial
from outcross.lab.truth import Truth

NORMAL = ["variance", "std", "mean_drift", "wasserstein", "kl", "reverse_kl", "log_det"]
MANY = 2000

CASES = [
    # model, population, policy, metrics, n, generations
    ("gaussian(ddof=1)", "normal", "replace", NORMAL, 20, 12),
    ("gaussian(ddof=0)", "normal(sd=2.0)", "replace", NORMAL, 20, 12),
    ("gaussian(ddof=1)", "normal(dim=3)", "replace", ["variance", "mean_drift", "log_det", "det"], 30, 8),
    ("gaussian(ddof=0)", "normal", "replace(multiple=true)", NORMAL, 20, 8),
    ("gaussian(ddof=0)", "normal", "accumulate", NORMAL, 20, 12),
    ("gaussian(known_variance=1.0)", "normal", "accumulate", NORMAL, 20, 12),
    ("gaussian(known_variance=1.0)", "normal", "replace", NORMAL, 20, 12),
    ("gaussian(ddof=0)", "normal", "subsample", NORMAL, 20, 10),
    ("gaussian(ddof=0)", "normal", "fresh(real=0.2)", NORMAL, 20, 20),
    ("gaussian(ddof=0)", "normal", "weighted", NORMAL, 40, 20),
    ("kde(bandwidth=0.3)", "normal", "replace", ["variance"], 20, 12),
    ("categorical", "zipf(types=20)", "replace", ["heterozygosity", "types"], 30, 10),
    ("categorical", "zipf(types=20)", "accumulate", ["heterozygosity"], 30, 10),
    ("categorical", "zipf(types=20)", "fresh(real=0.2)", ["heterozygosity"], 30, 15),
    ("regression", "linear(dim=5)", "replace", ["excess_risk"], 30, 6),
    ("regression", "linear(dim=5)", "accumulate", ["excess_risk"], 30, 8),
    ("regression", "linear(dim=5)", "replace(multiple=true)", ["excess_risk"], 30, 6),
    ("poisson", "poisson(rate=0.05)", "replace", ["survival"], 20, 10),
    ("poisson", "poisson(rate=1.0)", "replace", ["survival", "mean_drift"], 1, 40),
    ("poisson", "poisson(rate=10.0)", "replace", ["survival"], 1, 40),
    ("categorical", "bernoulli(p=0.01)", "replace", ["survival(type=1)", "heterozygosity"], 100, 60),
]


def experiment(model: str, population: str, policy: str, metrics: list[str], n: int, generations: int) -> Experiment:
    truth = Truth.of_population(build("population", population), Seed(7))
    parts = tuple(build("metric", metric) for metric in metrics)
    return Experiment(build("model", model), (build("policy", policy),), parts, truth, n, generations)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}-{case[2]}")
@pytest.mark.parametrize("exact", [False, True], ids=["sampled", "exact"])
def test_closed_forms(case: tuple[str, str, str, list[str], int, int], exact: bool) -> None:
    one = experiment(*case)
    try:
        level, _ = choose_path(one, exact)
    except BadSetting:
        pytest.skip("the exact path is not open")
    outcome = run_trial(dataclasses.replace(one, level=level), Trial(0, 0, MANY, 11))
    plan = Plan(data=case[1], model=case[0], policy=(case[2],))
    initial = {
        name: Measure.mean_of(values[:, 0]) if not np.isnan(values[:, 0]).all() else Measure.missing("-")
        for name, values in outcome.values.items()
    }
    curves = expected(plan, one.sample_size, {case[2]: one.generations}, initial)
    checked = 0
    for (_, metric), curve in curves.items():
        if curve.kind != "exact":
            continue
        values = outcome.values[metric][:, 1:]
        error = values.std(axis=0, ddof=1) / np.sqrt(MANY)
        least = 1 / MANY if metric.startswith("survival") else 1e-12  # one chain of MANY, where all or none survive
        off = np.abs(values.mean(axis=0) - curve.values[1:]) / np.maximum(error, least)
        assert off.max() < 4, (metric, values.mean(axis=0), curve.values[1:], off)
        checked += 1
    assert checked, "no closed form was found for this case"
