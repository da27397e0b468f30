"""Expectation-maximisation for mixtures of normals, many replicates at once (Dempster, Laird and Rubin 1977).

Given its responsibilities a mixture of normals is an exponential family. So an iteration is two matrix products over
the features ``(1, x_i, x_i x_j)``: natural parameters times features are the log densities (E-step), responsibilities
times features are the expected features, from which the parameters follow (M-step). The records are standardised
first, so that nothing is lost to cancellation, and replicates that have converged leave the batch. Nothing is random:
a replicate is fitted alike alone and in a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.laws import Mixture

_BLOCK = 2**17
"""Responsibilities worked on at a time: with their temporaries they fit a second-level cache, and memory is bounded."""
_ROUNDING = 1e-12
"""Least variance of a component, relative to its mean square about the centre of all records: below is rounding."""
_NOTHING = 1e-200
"""Least variance of all, so that records without any spread have a density."""
_EMPTY = 10 * np.finfo(np.float64).eps
"""Added to the share of a component, so that an empty one does not divide by 0."""
_KMEANS_ROUNDS = 100
_KMEANS_TOLERANCE = 1e-4


@final
@dataclass(frozen=True)
class Effort:
    """How many iterations, down to which gain in mean log-likelihood, and what is added to the variances."""

    iterations: int
    tolerance: float
    regularisation: float


def fit_mixture(
    values: Floats, weight: Floats | None, components: int, effort: Effort, start: Mixture | None = None
) -> Mixture:
    """The mixture fitted to rows (R, n, d), from ``start`` on; k-means is where it starts otherwise."""
    replicates, n, _ = values.shape
    share = np.full(n, 1 / n) if weight is None else weight / weight.sum()
    step = max(1, _BLOCK // (n * components))
    blocks = [slice(first, first + step) for first in range(0, replicates, step)]
    fits = [_fit(values[b], share, components, effort, None if start is None else _take(start, b)) for b in blocks]
    return Mixture(
        np.concatenate([fit.weights for fit in fits]),
        np.concatenate([fit.means for fit in fits]),
        np.concatenate([fit.covariances for fit in fits]),
    )


def _fit(values: Floats, share: Floats, components: int, effort: Effort, start: Mixture | None) -> Mixture:
    """Standardise the records of each replicate, fit, and put the mixture back into their units."""
    centre = (share @ values)[:, None]
    scale = np.sqrt(share @ (values - centre) ** 2)[:, None]
    scale[scale == 0] = 1
    features = _features((values - centre) / scale)
    ridge = (np.sqrt(effort.regularisation) / scale) ** 2
    units = scale[:, :, :, None] * scale[:, :, None]
    if start is None:
        mixture = _maximisation(_kmeans(features, share, components, values.shape[2]), features, share, ridge)
    else:
        mixture = Mixture(start.weights, (start.means - centre) / scale, start.covariances / units)
    mixture = _iterate(mixture, features, share, ridge, effort)
    return Mixture(mixture.weights, centre + mixture.means * scale, mixture.covariances * units)


def _features(values: Floats) -> Floats:
    """Rows (R, n, d) as ``(1, x_i, x_i x_j for i <= j)``, shape (R, 1 + d + d (d + 1) / 2, n)."""
    replicates, n, dim = values.shape
    first, second = np.triu_indices(dim)
    features = np.empty((replicates, 1 + dim + len(first), n))
    features[:, 0] = 1
    features[:, 1 : 1 + dim] = values.transpose(0, 2, 1)
    np.multiply(features[:, 1 + first], features[:, 1 + second], out=features[:, 1 + dim :])
    return features


def _iterate(mixture: Mixture, features: Floats, share: Floats, ridge: Floats, effort: Effort) -> Mixture:
    """E-steps and M-steps until the mean log-likelihood gains less than the tolerance, replicate by replicate."""
    found = Mixture(mixture.weights.copy(), mixture.means.copy(), mixture.covariances.copy())
    active = np.arange(len(features))
    before = np.full(len(features), -np.inf)
    for _ in range(effort.iterations):
        responsibilities, likelihood = _expectation(mixture, features, share)
        mixture = _maximisation(responsibilities, features, share, ridge)
        found.weights[active], found.means[active] = mixture.weights, mixture.means
        found.covariances[active] = mixture.covariances
        gaining = np.abs(likelihood - before) >= effort.tolerance
        if not gaining.any():
            break
        before = likelihood[gaining]
        if not gaining.all():
            mixture, features, ridge = _take(mixture, gaining), features[gaining], ridge[gaining]
            active = active[gaining]
    return found


def _expectation(mixture: Mixture, features: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Responsibilities (R, k, n), and the mean log-likelihood (R,)."""
    scores = _natural(mixture) @ features
    top = scores.max(axis=1, keepdims=True)
    scores -= top
    np.exp(scores, out=scores)
    total = scores.sum(axis=1, keepdims=True)
    scores /= total
    return scores, (np.log(total) + top)[:, 0] @ share


def _natural(mixture: Mixture) -> Floats:
    """The natural parameters, shape (R, k, F): log weighted density = natural parameters times features."""
    dim = mixture.dim
    first, second = np.triu_indices(dim)
    precision, log_determinant = _inverse(mixture.covariances)
    linear = (precision @ mixture.means[..., None])[..., 0]
    with np.errstate(divide="ignore"):
        constant = np.log(mixture.weights) - 0.5 * (log_determinant + dim * np.log(2 * np.pi))
    constant -= 0.5 * (linear * mixture.means).sum(axis=2)
    quadratic = precision[:, :, first, second] * np.where(first == second, -0.5, -1.0)
    return np.concatenate([constant[..., None], linear, quadratic], axis=2)


def _inverse(covariances: Floats) -> tuple[Floats, Floats]:
    if covariances.shape[-1] == 1:  # by far the most frequent case, and LAPACK is slow on a matrix of one number
        return 1 / covariances, np.log(covariances[..., 0, 0])
    return np.asarray(np.linalg.inv(covariances), dtype=np.float64), np.linalg.slogdet(covariances)[1]


def _maximisation(responsibilities: Floats, features: Floats, share: Floats, ridge: Floats) -> Mixture:
    """The mixture of highest likelihood given responsibilities (R, k, n), which are used up."""
    responsibilities *= share
    expected = responsibilities @ features.transpose(0, 2, 1)
    dim = ridge.shape[2]
    first, second = np.triu_indices(dim)
    weights = expected[:, :, 0] + _EMPTY
    expected = expected[:, :, 1:] / weights[:, :, None]
    means = expected[:, :, :dim]
    square = np.empty((*means.shape, dim))
    square[:, :, first, second] = square[:, :, second, first] = expected[:, :, dim:]
    covariances = square - means[..., None] * means[..., None, :]
    axes = np.arange(dim)
    covariances[:, :, axes, axes] += _ROUNDING * square[:, :, axes, axes] + ridge + _NOTHING
    return Mixture(weights / weights.sum(axis=1, keepdims=True), means, covariances)


def _kmeans(features: Floats, share: Floats, components: int, dim: int) -> Floats:
    """Hard responsibilities by Lloyd's algorithm (1982), begun at a deterministic partition."""
    moving = np.ones((len(features), 1, 1), dtype=bool)
    centres = _centres(_partition(features, share, components, dim), features, share, dim)
    for _ in range(_KMEANS_ROUNDS):
        moved = _centres(_nearest(centres, features), features, share, dim)
        shift = ((moved - centres) ** 2).sum(axis=(1, 2), keepdims=True)
        centres = np.where(moving, moved, centres)
        moving &= shift > _KMEANS_TOLERANCE
        if not moving.any():
            break
    return _nearest(centres, features)


def _nearest(centres: Floats, features: Floats) -> Floats:
    """Hard responsibilities of the nearest centre, shape (R, k, n); a record equally near to two belongs to both."""
    natural = np.concatenate([-0.5 * (centres**2).sum(axis=2, keepdims=True), centres], axis=2)
    scores = natural @ features[:, : natural.shape[2]]
    hard: Floats = (scores == scores.max(axis=1, keepdims=True)).astype(np.float64)
    return hard


def _centres(hard: Floats, features: Floats, share: Floats, dim: int) -> Floats:
    expected = (hard * share) @ features[:, : 1 + dim].transpose(0, 2, 1)
    centres: Floats = expected[:, :, 1:] / (expected[:, :, :1] + _EMPTY)
    return centres


def _partition(features: Floats, share: Floats, components: int, dim: int) -> Floats:
    """Hard responsibilities by cutting the widest part at its mean, across its main axis, until there are k parts.

    Su and Dy (2007), "In search of deterministic methods for initializing K-means and Gaussian mixture clustering".
    """
    replicates, _, n = features.shape
    rows, none = np.arange(replicates), np.zeros((replicates, 1, dim))
    hard = np.zeros((replicates, components, n))
    hard[:, 0] = 1
    for part in range(1, components):
        parts = _maximisation(hard[:, :part].copy(), features, share, none)
        widest = (parts.weights * np.trace(parts.covariances, axis1=2, axis2=3)).argmax(axis=1)
        axis = _signed(np.linalg.eigh(parts.covariances[rows, widest])[1][:, None, :, -1])
        beyond = axis @ features[:, 1 : 1 + dim] > axis @ parts.means[rows, widest][:, :, None]
        hard[:, part] = hard[rows, widest] * beyond[:, 0]
        hard[rows, widest] -= hard[:, part]
    return hard


def _signed(axis: Floats) -> Floats:
    """The axis, pointing along its longest coordinate: an eigenvector has no sign of its own."""
    longest = np.abs(axis).argmax(axis=2, keepdims=True)
    return axis * np.sign(np.take_along_axis(axis, longest, axis=2))


def _take(mixture: Mixture, index: slice | NDArray[np.bool_]) -> Mixture:
    return Mixture(mixture.weights[index], mixture.means[index], mixture.covariances[index])
