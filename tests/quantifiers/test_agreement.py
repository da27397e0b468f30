"""Where QuaPy and ppi-python have the same method, the number is the same."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate
from quapy.method.aggregative import ACC, EMQ, PACC, DyS
from sklearn.base import BaseEstimator, ClassifierMixin

from outcross.core.batch import Floats
from outcross.core.part import build
from outcross.core.quantifier import Sample, Scores
from outcross.quantifiers.ppi import Ppi

CASES = [(share, seed) for share in (0.0, 0.1, 0.45, 0.9, 1.0) for seed in range(4)]


class Given(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose one feature is the probability that it gives."""

    classes_ = np.array([0, 1])

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, X: Floats, y: Floats) -> Given:
        return self

    def predict_proba(self, X: Floats) -> Floats:
        return np.concatenate([1 - X, X], axis=1)

    def predict(self, X: Floats) -> NDArray[np.int64]:
        return (X[:, 0] >= 0.5).astype(np.int64)


def probabilities(share: float, seed: int) -> tuple[Floats, Floats, Floats]:
    """Of a target, of humans and of synthetic references; not calibrated, so that no method is favoured."""
    rng = np.random.default_rng(seed)
    origins = (rng.random(700) < share).astype(np.float64), np.zeros(400), np.ones(250)
    odds = [2.5 * (kind - 0.4) + 1.3 * rng.normal(size=len(kind)) for kind in origins]
    target, human, synthetic = (1 / (1 + np.exp(-one)) for one in odds)
    return target, human, synthetic


def theirs(kind: type, rows: tuple[Floats, Floats, Floats], **settings: object) -> float:
    """QuaPy's estimate of the share of class 1, given the references to adjust with."""
    target, human, synthetic = rows
    method = kind(Given(), fit_classifier=False, val_split=None, **settings)
    method.fit(np.concatenate([human, synthetic])[:, None], np.repeat([0, 1], [len(human), len(synthetic)]))
    return float(method.predict(target[:, None])[1])


def ours(words: str, rows: tuple[Floats, Floats, Floats], prior: float = 0.5) -> float:
    return float(build("quantifier", words).estimate(Scores(*map(Sample, rows), prior=prior))[0])


@pytest.mark.parametrize(("share", "seed"), CASES)
@pytest.mark.parametrize(("words", "kind"), [("adjusted_count", ACC), ("probabilistic_adjusted_count", PACC)])
def test_adjusted_counts_are_those_of_quapy(words: str, kind: type, share: float, seed: int) -> None:
    rows = probabilities(share, seed)
    assert ours(words, rows) == pytest.approx(theirs(kind, rows, solver="exact-raise"), abs=1e-9)
    assert ours(words, rows) == pytest.approx(theirs(kind, rows), abs=1e-4)  # its default searches numerically


@pytest.mark.parametrize(("share", "seed"), CASES)
def test_em_is_that_of_quapy_where_it_has_converged(share: float, seed: int) -> None:
    """QuaPy stops once a step is below 1e-4, which is up to 1e-3 away; here it goes on."""
    rows = probabilities(share, seed)
    target, prior = rows[0], 250 / 650
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EMQ, "MAX_ITER", 100_000)
        expected = EMQ.EM(np.array([1 - prior, prior]), np.stack([1 - target, target], axis=1), epsilon=1e-12)[0][1]
    assert ours("em", rows, prior) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("share", [0.1, 0.45, 0.9])
def test_hellinger_matching_is_that_of_quapy_on_the_same_bins(share: float) -> None:
    """Pooled references that fill [0, 1] evenly have bins of equal width, which are QuaPy's."""
    rng = np.random.default_rng(7)
    pooled = (np.arange(800) + 0.5) / 800
    synthetic = rng.random(800) < pooled**1.5
    target = np.where(rng.random(900) < share, rng.choice(pooled[synthetic], 900), rng.choice(pooled[~synthetic], 900))
    rows = target, pooled[~synthetic], pooled[synthetic]
    found = ours("distribution_matching(bins=8, by=hellinger, smoothing=0)", rows)
    assert found == pytest.approx(theirs(DyS, rows, n_bins=8, divergence="HD", tol=1e-9), abs=1e-6)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
@pytest.mark.parametrize(("labels", "rest"), [(100, 1000), (400, 300)])
@pytest.mark.parametrize("distance", [0.0, 1.0, 6.0])
def test_estimate_and_interval_are_those_of_ppi_python(share: float, labels: int, rest: int, distance: float) -> None:
    rng = np.random.default_rng(11)
    truth = (rng.random(labels + rest) < share).astype(np.float64)
    predicted = 1 / (1 + np.exp(-distance * (truth - 0.4) - rng.normal(size=len(truth))))
    y, f, g = truth[:labels], predicted[:labels], predicted[labels:]
    scores = Scores(Sample(g), Sample(g), Sample(g), Sample(f), y)
    assert Ppi().estimate(scores)[0] == pytest.approx(ppi_mean_pointestimate(y, f, g)[0], abs=1e-12)
    found = Ppi().measure(scores, 0.9)
    low, high = ppi_mean_ci(y, f, g, alpha=0.1)
    assert (found.low, found.high) == pytest.approx((low[0], high[0]), abs=1e-12)
