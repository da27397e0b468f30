"""Published experiments, at their published sizes where a test can afford it: what was found there is found here."""

import numpy as np
import pytest

from outcross.core.part import build
from outcross.core.seed import Seed
from outcross.lab.chain import Chain
from outcross.lab.theory import categorical
from outcross.lab.trial import Experiment, Trial, run_trial
from outcross.lab.truth import Truth


def run(
    model: str,
    population: str,
    policies: list[str],
    metrics: list[str],
    n: int,
    generations: int,
    replicates: int = 100,
) -> dict[str, dict[str, np.ndarray]]:
    history = Chain(model, population, policies, metrics, n).run(generations, replicates, engine="serial")
    return {policy: {metric: history.values(policy, metric) for metric in metrics} for policy in policies}


@pytest.mark.parametrize("dim", [1, 3, 10, 31])
@pytest.mark.parametrize("n", [10, 32, 100, 316, 1000])
def test_kazdan_gaussian(dim: int, n: int) -> None:
    """From arXiv 2410.16713, Figure 2: 100 seeds, 100 iterations. Replace loses volume and drifts; accumulate does not.

    With the unbiased covariance the expected variance stays while the typical volume shrinks: the median of the log
    determinant is looked at. Where n <= dim the first fit is singular, and so are all after it: whatever is written
    lies in the plane of the first n records. Of d = 100, which takes long, `benchmarks/published_grid.py` has the rows.
    """
    found = run("gaussian(ddof=1)", f"normal(dim={dim})", ["replace", "accumulate"], ["log_det", "mean_drift"], n, 100)
    volume = {policy: np.median(found[policy]["log_det"][:, 100]) for policy in found}
    drift = {policy: np.median(found[policy]["mean_drift"][:, 100]) for policy in found}
    if n <= dim:
        assert volume["replace"] == volume["accumulate"] == -np.inf
    else:
        assert volume["replace"] < volume["accumulate"]
    assert drift["replace"] > 3 * drift["accumulate"]
    assert drift["accumulate"] < 3 * dim * (np.pi**2 / 6) / n


@pytest.mark.parametrize("dim", [1, 3])
@pytest.mark.parametrize("n", [10, 100, 300])
def test_kazdan_kde(dim: int, n: int) -> None:
    """From arXiv 2410.16713, Figure 5: the density estimate blurs without end under replace, slowly otherwise."""
    found = run("kde(bandwidth=0.5)", f"normal(dim={dim})", ["replace", "accumulate", "subsample"], ["variance"], n, 40)
    last = {policy: found[policy]["variance"][:, 40].mean() for policy in found}
    assert max(last["accumulate"], last["subsample"]) < 3
    assert last["replace"] > (3 if n >= 100 else 1.5)


@pytest.mark.parametrize(("p", "n"), [(0.001, 10_000), (0.01, 100)])
def test_suresh_bernoulli(p: float, n: int) -> None:
    """From arXiv 2412.17646: a symbol's survival lies within the bounds of section 3, and on the exact curve."""
    values = run("categorical", f"bernoulli(p={p})", ["replace"], ["survival(type=1)"], n, 60, 4000)
    alive = values["replace"]["survival(type=1)"].mean(axis=0)[1:]
    generations = np.arange(1, 61)
    low, high = categorical.survival_bounds(generations, n, p)
    error = np.sqrt(np.maximum(alive * (1 - alive), 1e-4) / 4000)
    assert (alive >= low - 4 * error).all()
    assert (alive <= np.minimum(high, 1) + 4 * error).all()


@pytest.mark.parametrize("exponent_shift", [(1.0, 2.7), (2.0, 5.0)])
def test_suresh_zipf_mandelbrot(exponent_shift: tuple[float, float]) -> None:
    """From arXiv 2412.17646: 1,000 types by Zipf-Mandelbrot; types are lost as the survival curves of each say."""
    exponent, shift = exponent_shift
    population = f"zipf(types=1000, exponent={exponent}, shift={shift})"
    types = run("categorical", population, ["replace"], ["types"], 1000, 30, 400)["replace"]["types"]
    law = build("population", population).law().values[0]
    one_step = (1 - (1 - law) ** 1000).sum()
    assert abs(types[:, 1].mean() - one_step) < 4 * types[:, 1].std() / 20
    assert (np.diff(types.mean(axis=0)) < 0).all()


def test_nature_two_gaussians_are_lost_within_50_refits() -> None:
    """Nature 631: a mixture of two Gaussians fitted to its own samples misperceives them within 50 refits."""
    found = run("mixture(components=2)", "two_normals", ["replace"], ["modes", "wasserstein"], 100, 50, 60)["replace"]
    lost = np.nanmedian(found["modes"][:, 50]) / np.nanmedian(found["modes"][:, 1])
    distance = np.median(found["wasserstein"][:, 50]) / np.median(found["wasserstein"][:, 1])
    assert lost != pytest.approx(1, abs=0.2)
    assert distance > 5


def test_mean_of_a_survival_history_is_a_probability() -> None:
    truth = Truth.of_population(build("population", "bernoulli(p=0.01)"), Seed(0))
    one = Experiment(
        build("model", "categorical"),
        (build("policy", "replace"),),
        (build("metric", "survival(type=1)"),),
        truth,
        100,
        10,
        "statistics",
    )
    values = run_trial(one, Trial(0, 0, 200, 0)).values["survival(type=1)"]
    assert set(np.unique(values)) == {0.0, 1.0}
    assert (np.diff(values, axis=1) <= 0).all()
