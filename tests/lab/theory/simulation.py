"""Chains of generations in plain NumPy, sample by sample: what the closed forms are held against.

Nothing of the package is used here. `R` replicates run side by side; generation 0 is the real distribution.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rule = Callable[[list[Array], int, np.random.Generator], tuple[Array, Array]]
"""From the blocks so far (the first is real), the number of the refit and a generator: training samples and weights."""


def agree(samples: Array, expected: object, least: float = 1e-12) -> None:
    """Check that the mean over the last axis is what is expected, within 4 standard errors."""
    mean = samples.mean(axis=-1)
    error = samples.std(axis=-1, ddof=1) / np.sqrt(samples.shape[-1])
    away = np.abs(mean - np.asarray(expected)) / np.maximum(error, least)
    assert np.all(away < 4), f"{np.round(away, 2)} standard errors: {mean} against {expected}"


def replace(blocks: list[Array], t: int, rng: np.random.Generator) -> tuple[Array, Array]:
    return _alike(blocks[-1])


def accumulate(blocks: list[Array], t: int, rng: np.random.Generator) -> tuple[Array, Array]:
    return _alike(np.concatenate(blocks, axis=1))


def subsample(blocks: list[Array], t: int, rng: np.random.Generator) -> tuple[Array, Array]:
    pool = np.concatenate(blocks, axis=1)
    return _alike(rng.permuted(pool, axis=1)[:, : blocks[0].shape[1]])


def mix(n_real: int, weight: float) -> Rule:
    """New real samples with this weight together, and the last block's first ones with the rest."""

    def rule(blocks: list[Array], t: int, rng: np.random.Generator) -> tuple[Array, Array]:
        if t == 1:
            return _alike(blocks[0])
        replicates, n = blocks[0].shape
        samples = np.concatenate([rng.normal(size=(replicates, n_real)), blocks[-1][:, : n - n_real]], axis=1)
        return samples, np.repeat([weight / n_real, (1 - weight) / (n - n_real)], [n_real, n - n_real])

    return rule


def _alike(samples: Array) -> tuple[Array, Array]:
    return samples, np.full(samples.shape[1], 1 / samples.shape[1])


def gaussians(
    rule: Rule,
    n: int,
    refits: int,
    replicates: int,
    *,
    ddof: int = 0,
    known: float | None = None,
    kernel: float = 0.0,
    factor: float = 0.0,
    size: Callable[[int], int] | None = None,
    seed: int = 0,
) -> tuple[Array, Array]:
    """Means and variances of the fitted models, each of shape (refits + 1, replicates).

    `known` is a variance that every model is given instead of a fitted one; `kernel` is the bandwidth of a kernel
    density estimate (then the samples are drawn from that), `factor` the same over the samples' standard deviation;
    `size` gives how many samples refit t sees, where that is not n.
    """
    rng = np.random.default_rng(seed)
    size = size or (lambda t: n)
    mean, variance = np.zeros((refits + 1, replicates)), np.ones((refits + 1, replicates))
    blocks = [rng.normal(size=(replicates, size(1)))]
    for t in range(1, refits + 1):
        samples, weights = rule(blocks, t, rng)
        m = samples.shape[1]
        mean[t] = samples @ weights
        spread = ((samples - mean[t][:, None]) ** 2) @ weights
        bandwidth = np.sqrt(kernel**2 + factor**2 * spread * m / (m - 1))
        variance[t] = spread * m / (m - ddof) + bandwidth**2 if known is None else known
        if kernel or factor:
            centres = np.take_along_axis(samples, rng.integers(m, size=(replicates, size(t + 1))), axis=1)
            blocks.append(centres + bandwidth[:, None] * rng.normal(size=centres.shape))
        else:
            noise = rng.normal(size=(replicates, size(t + 1)))
            blocks.append(mean[t][:, None] + np.sqrt(variance[t])[:, None] * noise)
    return mean, variance


def categoricals(rule: str, law: Array, n: int, refits: int, replicates: int, real: int = 0, seed: int = 0) -> Array:
    """Fitted probabilities, shape (refits + 1, replicates, K).

    `rule` is replace, accumulate, subsample, fixed (that many samples are new real ones) or independent (each is real
    with probability real / n).
    """
    rng = np.random.default_rng(seed)
    shares = np.empty((refits + 1, replicates, len(law)))
    shares[0] = law
    pool = np.zeros((replicates, len(law)), dtype=np.int64)
    for t in range(1, refits + 1):
        before = shares[t - 1]
        if rule == "fixed" and t > 1:
            counts = rng.multinomial(real, shares[0]) + rng.multinomial(n - real, before)
        elif rule == "independent":
            counts = rng.multinomial(n, real / n * law + (1 - real / n) * before)
        else:
            counts = rng.multinomial(n, before)
        pool += counts
        if rule == "accumulate":
            counts = pool
        elif rule == "subsample":
            counts = np.array([rng.multivariate_hypergeometric(row, n) for row in pool])
        shares[t] = counts / counts.sum(axis=1, keepdims=True)
    return shares
