"""The Gaussian mixture: the same fits as scikit-learn's, and the modes that its chains forget."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.mixture import GaussianMixture

from outcross.core.errors import BadInput
from outcross.core.laws import Mixture as MixtureLaw
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.models import _em
from outcross.models.mixture import FittedMixture, Mixture
from outcross.populations.two_normals import TwoNormals
from tests.models.chains import chain


def modes(replicates: int, n: int, dim: int, components: int, apart: float, seed: int = 0) -> Rows:
    """Clusters of different shapes."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(replicates, components, dim)) * apart
    roots = rng.normal(size=(replicates, components, dim, dim)) + np.eye(dim)
    label = rng.integers(components, size=(replicates, n))
    row = np.arange(replicates)[:, None]
    noise = rng.normal(size=(replicates, n, dim))
    return Rows(centres[row, label] + np.einsum("rnde,rne->rnd", roots[row, label], noise))


@pytest.mark.parametrize(("dim", "components"), [(1, 2), (2, 2), (2, 3)])
def test_likelihood_is_that_of_scikit_learn(dim: int, components: int) -> None:
    """Same tolerance, other starting points: nearly always the same likelihood, and hardly ever a worse one."""
    rows = modes(40, 300, dim, components, apart=3.0)
    ours = Mixture(components=components).fit(rows, Seed(0)).log_prob(rows).values.mean(axis=1)
    theirs = [GaussianMixture(components, random_state=0).fit(values).score(values) for values in rows.values]
    assert abs(np.median(ours - theirs)) < 1e-3
    assert (ours < np.array(theirs) - 0.01).mean() <= 0.05


@pytest.mark.parametrize("dim", [1, 3])
@pytest.mark.parametrize("iterations", [1, 5])
def test_iterations_are_those_of_scikit_learn(dim: int, iterations: int) -> None:
    """From the same start, EM takes the same steps."""
    rows = modes(1, 200, dim, 2, apart=1.0)
    start = Mixture(iterations=1).fit(modes(1, 200, dim, 2, apart=1.0, seed=1), Seed(0))
    law = start.law()
    theirs = GaussianMixture(
        2, tol=0.0, max_iter=iterations, weights_init=law.weights[0], means_init=law.means[0],
        precisions_init=np.linalg.inv(law.covariances[0]),
    )  # fmt: skip
    with pytest.warns(match="converge"):
        theirs.fit(rows.values[0])
    ours = Mixture(iterations=iterations, tolerance=0.0, carry_on=True).fit(rows, Seed(0), start).law()
    np.testing.assert_allclose(ours.weights[0], theirs.weights_, rtol=1e-7)
    np.testing.assert_allclose(ours.means[0], theirs.means_, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(ours.covariances[0], theirs.covariances_, rtol=1e-7, atol=1e-9)


def test_every_iteration_raises_the_likelihood() -> None:
    rows = modes(10, 200, 2, 3, apart=1.0)
    models = [Mixture(components=3, iterations=i, tolerance=0.0, regularisation=0.0) for i in (1, 2, 4, 8, 16)]
    found = np.array([model.fit(rows, Seed(0)).log_prob(rows).values.mean(axis=1) for model in models])
    assert (np.diff(found, axis=0) >= -1e-9).all()
    assert (found[-1] > found[0]).all()


def test_densities_and_samples_are_those_of_scipy() -> None:
    law = MixtureLaw(np.array([[0.3, 0.7]]), np.array([[[-1.0], [2.0]]]), np.array([[[[0.25]], [[4.0]]]]))
    fitted = FittedMixture(law)
    points = np.linspace(-6, 9, 31)
    parts = stats.norm([-1.0, 2.0], [0.5, 2.0])
    known = parts.pdf(points[:, None]) @ [0.3, 0.7]
    np.testing.assert_allclose(fitted.log_prob(Rows(points[None, :, None])).values[0], np.log(known), rtol=1e-12)
    np.testing.assert_allclose(law.cdf(points)[0], parts.cdf(points[:, None]) @ [0.3, 0.7], rtol=1e-12)
    draws = fitted.sample(50_000, Seed(0)).values[0, :, 0]
    assert stats.kstest(draws, lambda x: law.cdf(x)[0]).pvalue > 1e-4
    assert abs(np.corrcoef(draws[:-1] > 0, draws[1:] > 0)[0, 1]) < 4 / np.sqrt(len(draws)), "modes come in random order"


def test_samples_in_three_dimensions() -> None:
    law = Mixture().fit(modes(1, 300, 3, 2, apart=3.0), Seed(0)).law()
    draws, known = FittedMixture(law).sample(100_000, Seed(1)).moments(), law.moments()
    spread = np.sqrt(np.diagonal(known.covariance(), axis1=1, axis2=2))
    assert (np.abs(draws.mean - known.mean) < 4 * spread / np.sqrt(100_000)).all()
    np.testing.assert_allclose(draws.covariance(), known.covariance(), atol=0.02 * spread.max() ** 2)


def test_the_split_into_blocks_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = modes(7, 50, 1, 2, apart=1.0)
    whole = Mixture().fit(rows, Seed(0)).law()
    monkeypatch.setattr(_em, "_BLOCK", 200)
    split = Mixture().fit(rows, Seed(0)).law()
    assert all(np.array_equal(array, split.arrays()[name]) for name, array in whole.arrays().items())


@pytest.mark.parametrize("shift", [0.0, 1e8])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_units_do_not_matter(shift: float, scale: float) -> None:
    plain = modes(3, 200, 2, 2, apart=2.0)
    moved = Rows((plain.values + shift) * scale)
    plain = Rows(moved.values / scale - shift)  # the digits that the shift costs are not the fit's fault
    one, other = (Mixture(regularisation=0.0).fit(rows, Seed(0)).law() for rows in (plain, moved))
    np.testing.assert_allclose(one.weights, other.weights, rtol=1e-5)
    np.testing.assert_allclose((one.means + shift) * scale, other.means, rtol=1e-6)
    np.testing.assert_allclose(one.covariances * scale**2, other.covariances, rtol=1e-4, atol=1e-6 * scale**2)


def test_carrying_on_keeps_the_modes_in_their_places() -> None:
    rows = modes(5, 300, 1, 2, apart=3.0)
    first = Mixture().fit(rows, Seed(0))
    swapped = FittedMixture(MixtureLaw(*(array[:, ::-1] for array in first.law().arrays().values())))
    again = Mixture(carry_on=True).fit(rows, Seed(0), swapped).law()
    np.testing.assert_allclose(again.means, swapped.law().means, atol=0.05)
    np.testing.assert_allclose(Mixture().fit(rows, Seed(0), swapped).law().means, first.law().means)


@pytest.mark.parametrize(
    "values", [[3.0, 3.0, 3.0], [0.1] * 7, [1.0, 2.0], [0.0] * 50 + [1.0] * 50, [0.0] * 99 + [1e9]]
)
@pytest.mark.parametrize("regularisation", [0.0, 1e-6])
def test_data_without_spread_have_a_fit(values: list[float], regularisation: float) -> None:
    rows = Rows(np.array(values)[None, :, None])
    law = Mixture(regularisation=regularisation).fit(rows, Seed(0)).law()
    assert all(np.isfinite(array).all() for array in law.arrays().values())
    assert (law.covariances >= regularisation).all()
    np.testing.assert_allclose(law.moments().mean, rows.moments().mean, rtol=1e-9)
    assert np.isfinite(FittedMixture(law).log_prob(rows).values).all()


def test_too_few_records_are_refused() -> None:
    with pytest.raises(BadInput, match="3 Gaussians"):
        Mixture(components=3).fit(Rows(np.zeros((1, 2, 1))), Seed(0))


def test_two_gaussians_are_misperceived_within_50_refits_and_then_are_a_point() -> None:
    """Shumailov et al., Nature 631 (2024): misperceived within 50 refits, point-like by 2000; here by 500."""
    truth = TwoNormals(separation=4.0).law().moments().covariance()[0, 0, 0]
    left, variance = [], []
    for fit in chain("mixture", "replace", "two_normals(separation=4.0)", 50, 40, 500):
        left.append(fit.law().cdf([0.0])[:, 0])
        variance.append(fit.law().moments().covariance()[:, 0, 0])
    assert np.abs(variance[0] / truth - 1).mean() < 0.25
    assert np.abs(left[0] - 0.5).max() < 0.25
    assert np.median(variance[49]) < 0.5 * truth
    assert (np.abs(left[49] - 0.5) > 0.25).mean() > 0.5, "one mode has taken most of the other's records"
    assert np.max(variance[499]) < 1e-3 * truth
