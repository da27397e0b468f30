"""Which curve is drawn beside which chain, in the units of the data, and when none is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.testing import assert_allclose

from outcross.lab.theory import categorical, gaussian, kde, poisson, replace_multiple, unseen, weighted, wright_fisher
from outcross.lab.theory.curves import Curve, Setting, curve, describes
from tests.lab.theory.simulation import agree

N = 10
T = np.arange(7)


def found(
    model: str,
    policy: str,
    metric: str,
    *,
    settings: Mapping[str, object] | None = None,
    rule: Mapping[str, object] | None = None,
    truth: Mapping[str, object] | None = None,
    initial: Mapping[str, float] | None = None,
    of: Mapping[str, object] | None = None,
    n: int = N,
) -> Curve | None:
    """The curve of a chain with these settings of model, policy, population and metric."""
    setting = Setting(settings or {}, rule or {}, {} if truth is None else truth, n, T, initial or {}, of or {})
    return curve(model, policy, metric, setting)


def values(*names: str, **settings) -> np.ndarray:  # type: ignore[no-untyped-def]
    result = found(*names, **settings)
    assert result is not None
    assert result.values.shape == T.shape
    assert result.name
    assert result.source
    return result.values


PLANE = {"name": "normal", "dim": 2, "sd": 3.0}


def plane(
    rule: str, ddof: int, known: float | None, n_real: int = 4, weight: float = 0.4
) -> tuple[np.ndarray, np.ndarray]:
    """Two-dimensional chains of samples with standard deviation 3: squared distances of means, mean variances."""
    rng = np.random.default_rng(7)
    R, sd = 10_000, 3.0
    blocks = [sd * rng.normal(size=(R, N, 2))]
    drift, spread = [np.zeros(R)], [np.full(R, sd**2)]
    cov = np.broadcast_to(sd**2 * np.eye(2), (R, 2, 2))
    for t in T[1:]:
        weights = None
        x = blocks[-1]
        if rule == "accumulate":
            x = np.concatenate(blocks, axis=1)
        elif rule == "subsample":
            pool = np.concatenate(blocks, axis=1)
            order = np.argsort(rng.random(pool.shape[:2]), axis=1)[:, :N]
            x = np.take_along_axis(pool, order[:, :, None], axis=1)
        elif rule in ("fresh", "weighted") and t > 1:
            x = np.concatenate([sd * rng.normal(size=(R, n_real, 2)), blocks[-1][:, : N - n_real]], axis=1)
            if rule == "weighted":
                weights = np.repeat([weight / n_real, (1 - weight) / (N - n_real)], [n_real, N - n_real])
        m = x.shape[1]
        weights = np.full(m, 1 / m) if weights is None else weights
        mean = np.einsum("rnd,n->rd", x, weights)
        gap = x - mean[:, None]
        if known is None:
            cov = np.einsum("rnd,rne,n->rde", gap, gap, weights) * m / (m - ddof)
        size = N * (t + 1) if rule == "multiple" else N
        noise = rng.normal(size=(R, size, 2)) @ np.linalg.cholesky(cov).transpose(0, 2, 1)
        blocks.append(mean[:, None] + noise)
        drift.append(np.sum(mean**2, axis=1))
        spread.append(np.trace(cov, axis1=1, axis2=2) / 2)
    return np.array(drift), np.array(spread)


@pytest.mark.parametrize("known", [None, 9.0])
@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("rule", ["replace", "multiple", "accumulate", "subsample", "fresh", "weighted"])
def test_gaussian_in_two_dimensions(rule: str, ddof: int, known: float | None) -> None:
    policy = "replace" if rule == "multiple" else rule
    rules = {"multiple": {"multiple": True}, "fresh": {"real": 0.4}, "weighted": {"real": 0.4, "ratio": 1.5}}
    chosen = {"settings": {"ddof": ddof, "dim": None, "known_variance": known}, "rule": rules.get(rule), "truth": PLANE}
    drift, spread = plane(rule, ddof, known)
    agree(spread, values("gaussian", policy, "variance", **chosen), least=1e-9)
    agree(drift, values("gaussian", policy, "mean_drift", **chosen))


@pytest.mark.parametrize("ddof", [0, 1])
def test_gaussian_beyond_two_moments(ddof: int) -> None:
    line = {"settings": {"ddof": ddof}, "truth": {"name": "normal", "sd": 3.0}}
    assert_allclose(values("gaussian", "replace", "std", **line), 3 * np.asarray(gaussian.std(T, N, ddof)))
    assert_allclose(
        values("gaussian", "replace", "wasserstein", **line), 9 * np.asarray(gaussian.wasserstein(T, N, ddof))
    )
    flat = {"settings": {"ddof": ddof}, "truth": PLANE}
    assert_allclose(values("gaussian", "replace", "det", **flat), gaussian.determinant(T, N, 2, ddof))
    assert_allclose(values("gaussian", "replace", "log_det", **flat), gaussian.log_determinant(T, N, 2, ddof))
    assert_allclose(values("gaussian", "replace", "kl", **flat), gaussian.kl(T, N, ddof, 2))
    assert_allclose(values("gaussian", "replace", "reverse_kl", **flat), gaussian.reverse_kl(T, N, ddof, 2))
    sizes = replace_multiple.sizes(T, N)
    many = line | {"rule": {"multiple": True}}
    assert_allclose(values("gaussian", "replace", "std", **many), 3 * np.asarray(gaussian.std(T, sizes, ddof)))
    assert found("gaussian", "replace", "kl", **many) is None


def test_the_measured_start_goes_before_the_settings() -> None:
    assert values("gaussian", "replace", "variance", truth={"sd": 3.0}, initial={"variance": 4.0})[0] == 4
    assert (
        values("gaussian", "replace", "variance", truth={"name": "two_normals", "sd": 3.0}, initial={"variance": 13.0})[
            0
        ]
        == 13
    )


@pytest.mark.parametrize("bandwidth", [0.5, "scott", "silverman"])
def test_kde(bandwidth: object) -> None:
    chosen = {"settings": {"bandwidth": bandwidth}, "truth": PLANE}
    factors = {"scott": N ** (-1 / 6), "silverman": (N * 4 / 4) ** (-1 / 6)}
    if isinstance(bandwidth, str):
        variance = kde.rule_variance(T, N, factors[bandwidth])
        drift = kde.rule_mean_variance(T, N, factors[bandwidth])
    else:
        variance, drift = kde.variance(T, N, 0.5 / 3), kde.mean_variance(T, N, 0.5 / 3)
    assert_allclose(values("kde", "replace", "variance", **chosen), 9 * np.asarray(variance))
    assert_allclose(values("kde", "replace", "mean_drift", **chosen), 2 * 9 * np.asarray(drift))
    assert found("kde", "replace", "variance", rule={"multiple": True}, **chosen) is None  # type: ignore[arg-type]


LAW = np.array([0.6, 0.3, 0.1])
H0 = 1 - np.sum(LAW**2)
TYPES = {"probabilities": LAW}


def test_categorical() -> None:
    sizes = replace_multiple.sizes(T, N)
    for policy, rule, expected in (
        ("replace", {}, categorical.heterozygosity(T, N)),
        ("replace", {"multiple": True}, gaussian.variance(T, sizes, ddof=0)),
        ("weighted", {"real": 0.4, "ratio": 1.5}, weighted.variance(T, 4, 6, 0.4)),
    ):
        assert_allclose(
            values("categorical", policy, "heterozygosity", rule=rule, truth=TYPES), H0 * np.asarray(expected)
        )
    for policy, rule in (("accumulate", {}), ("subsample", {}), ("fresh", {"real": 0.3})):
        assert_allclose(
            values("categorical", policy, "heterozygosity", rule=rule, truth=TYPES)[:2], [H0, H0 * (1 - 1 / N)]
        )
    assert_allclose(values("categorical", "replace", "heterozygosity", initial={"heterozygosity": 0.5})[0], 0.5)
    assert_allclose(values("categorical", "replace", "types", truth=TYPES), wright_fisher.expected_types(T, N, LAW))
    survival = values("categorical", "replace", "survival", truth=TYPES, of={"type": 2})
    assert_allclose(survival, wright_fisher.survival(T, N, 0.1))
    assert_allclose(values("categorical", "replace", "unseen_mass", truth=TYPES)[0], unseen.good_turing(N, LAW))


def test_where_the_exact_chain_is_too_large_a_bound_takes_its_place() -> None:
    late = Setting({}, {}, TYPES, 100_000, np.array([0, 3000]), {}, {"type": 2})
    for metric in ("types", "survival"):
        exact = found("categorical", "replace", metric, truth=TYPES, of={"type": 2})
        bound = curve("categorical", "replace", metric, late)
        assert exact is not None
        assert bound is not None
        assert (exact.kind, bound.kind) == ("exact", "bound")
        assert bound.name.startswith("Lower bound")
        assert np.all(np.diff(bound.values) < 0)


def test_poisson() -> None:
    truth = {"name": "poisson", "rate": 2.0, "dim": 3}
    rng = np.random.default_rng(8)
    rates = np.full((len(T), 5000, 3), 2.0)
    for t in T[1:]:
        rates[t] = rng.poisson(N * rates[t - 1]) / N
    agree(np.sum((rates - 2) ** 2, axis=2), values("poisson", "replace", "mean_drift", truth=truth))
    agree(rates.mean(axis=2), values("poisson", "replace", "variance", truth=truth))
    assert_allclose(
        values("poisson", "replace", "mean_drift", truth=truth), 3 * np.asarray(poisson.mean_variance(T, N, 2.0))
    )
    total = np.full((5000, 1), 0.0)
    rate, seen = np.full((len(T), 5000), 2.0), 0
    for t in T[1:]:
        total, seen = total + rng.poisson(N * rate[t - 1])[:, None], seen + N
        rate[t] = total[:, 0] / seen
    agree((rate - 2) ** 2, values("poisson", "accumulate", "mean_drift", truth={"rate": 2.0}))
    for policy, rule in (("subsample", {}), ("fresh", {"real": 0.3}), ("weighted", {"real": 0.4, "ratio": 1.5})):
        assert_allclose(values("poisson", policy, "mean_drift", rule=rule, truth=truth)[:2], [0, 3 * 2 / N])


def test_regression_with_another_noise_than_the_truth() -> None:
    d, real, own, rows = 3, 0.5, 1.5, 12
    truth, settings = {"name": "linear", "dim": d, "noise": real}, {"noise": own}
    rng = np.random.default_rng(9)
    design = rng.normal(size=(10_000, rows, d))
    inverse = np.linalg.pinv(design)
    for rule in ("replace", "multiple", "accumulate"):
        fit, blocks, error = np.zeros((10_000, d)), [], [np.zeros(10_000)]
        for t in T[1:]:
            noise = (real if t == 1 else own) * rng.normal(size=(10_000, rows))
            blocks.append(np.einsum("rij,rj->ri", design, fit) + noise / np.sqrt(t if rule == "multiple" else 1))
            labels = np.mean(blocks, axis=0) if rule == "accumulate" else blocks[-1]
            fit = np.einsum("rij,rj->ri", inverse, labels)
            error.append(np.sum(fit**2, axis=1))
        policy = "accumulate" if rule == "accumulate" else "replace"
        chosen = {"settings": settings, "rule": {"multiple": rule == "multiple"}, "truth": truth, "n": rows}
        agree(np.array(error), values("regression", policy, "excess_risk", **chosen))


@pytest.mark.parametrize(
    ("names", "settings"),
    [
        (("gaussian", "anchor", "variance"), {"truth": PLANE}),
        (("gaussian", "replace", "entropy"), {"truth": PLANE}),
        (("gaussian", "replace", "variance"), {}),  # the real variance is not known
        (("gaussian", "replace", "wasserstein"), {"truth": PLANE}),
        (("gaussian", "replace", "std"), {"truth": {"name": "two_normals"}, "initial": {"variance": 2.0}}),
        (("gaussian", "replace", "log_det"), {"settings": {"known_variance": 9.0}, "truth": PLANE}),
        (("gaussian", "replace", "kl"), {"truth": PLANE, "n": 4}),
        (("gaussian", "weighted", "variance"), {"rule": {"real": 0.6, "fresh": False}, "truth": PLANE}),
        (("gaussian", "fresh", "variance"), {"truth": PLANE}),
        (("kde", "replace", "variance"), {"settings": {"bandwidth": "mine"}, "truth": PLANE}),
        (("categorical", "replace", "heterozygosity"), {"settings": {"temperature": 0.5}, "truth": TYPES}),
        (("categorical", "replace", "types"), {"rule": {"multiple": True}, "truth": TYPES}),
        (("categorical", "replace", "types"), {"truth": {"name": "zipf"}}),
        (("categorical", "replace", "survival"), {"truth": TYPES}),
        (("categorical", "replace", "survival"), {"truth": TYPES, "of": {"type": 3}}),
        (("poisson", "replace", "mean_drift"), {"truth": {"name": "normal", "rate": 1.0}}),
        (("regression", "subsample", "excess_risk"), {"truth": {"name": "linear", "dim": 2, "noise": 1.0}}),
        (("regression", "replace", "excess_risk"), {"truth": {"name": "linear", "dim": 9, "noise": 1.0}}),
    ],
)
def test_no_curve_where_none_applies(names: tuple[str, str, str], settings: dict[str, object]) -> None:
    assert found(*names, **settings) is None  # type: ignore[arg-type]


def test_no_curve_for_a_finite_corpus() -> None:
    assert curve("gaussian", "replace", "variance", Setting({}, {}, None, N, T, {"variance": 1.0})) is None


def test_a_number_is_spread_over_the_generations() -> None:
    @describes(model="of the test", policy="replace", metric="constant", kind="first order", source="here")
    def constant(setting: Setting) -> float:
        """Always a half."""
        return 0.5

    result = found("of the test", "replace", "constant")
    assert result is not None
    assert (result.kind, result.source, result.name) == ("first order", "here", "Always a half.")
    assert_allclose(result.values, np.full(len(T), 0.5))
