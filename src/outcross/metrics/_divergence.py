"""Kullback and Leibler's divergence in closed form, between normal laws and between frequencies of types."""

from __future__ import annotations

from typing import Any

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.errors import BadInput
from outcross.core.metric import Metric, Reading
from outcross.core.part import part_name
from outcross.core.statistics import Moments, Normal
from outcross.metrics._checks import reading, require_same
from outcross.metrics._moments import log_det
from outcross.metrics._shares import Shares

Known = Moments | Shares
"""A normal law by its mean and covariance, or the frequencies of types."""


def known(metric: Metric[Any], batch: Batch) -> Known:
    """Return the mean and covariance of a normal law, or the frequencies of types.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.statistics import Probabilities
    >>> known(build("metric", "kl"), Probabilities(np.array([[0.5, 0.5]]))).law
    True
    """
    return batch.moments() if isinstance(batch, Normal) else Shares.of(metric, batch)


def unlike(metric: Metric[Any]) -> BadInput:
    """Return the error for a law of numbers that is compared with frequencies of types.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> print(unlike(build("metric", "kl")))
    kl compares two normal laws, or types with types
    """
    return BadInput(f"{part_name(type(metric))} compares two normal laws, or types with types")


def divergence(metric: Metric[Any], p: Known, q: Known) -> Reading:
    """Return KL(P||Q) of each replicate; infinite where P has mass and Q has none.

    Raises
    ------
    BadInput
        If one is a normal law and the other has types.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> one, other = Shares(np.array([[0.5, 0.5]]), law=True), Shares(np.array([[1.0, 0.0]]), law=True)
    >>> divergence(build("metric", "kl"), one, other).values.tolist()
    [inf]
    """
    if isinstance(p, Moments) and isinstance(q, Moments):
        require_same("dimensions", p.dim, q.dim)
        return reading(_of_normals(p, q), "both covariances are singular")
    if isinstance(p, Shares) and isinstance(q, Shares):
        require_same("types", p.types, q.types)
        return reading(_of_shares(p.frequencies(), q.frequencies()), "no record, so no shares")
    raise unlike(metric)


def _of_normals(p: Moments, q: Moments) -> Floats:
    """Infinite where one of the two is singular; NaN where both are, for their supports may or may not be the same."""
    spread, scale = p.covariance(), q.covariance()
    log_spread, log_scale = log_det(spread), log_det(scale)
    flat_p, flat_q = np.isinf(log_spread), np.isinf(log_scale)
    inverse = np.linalg.inv(np.where(flat_q[:, None, None], np.eye(q.dim), scale))
    gap = p.mean - q.mean
    away = (gap[:, None] @ inverse @ gap[:, :, None])[:, 0, 0]
    logs = np.where(flat_q, 0, log_scale) - np.where(flat_p, 0, log_spread)
    finite = 0.5 * ((inverse * spread).sum(axis=(1, 2)) - p.dim + away + logs)
    return np.where(flat_p & flat_q, np.nan, np.where(flat_p | flat_q, np.inf, np.maximum(finite, 0)))


def _of_shares(p: Floats, q: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p == 0, 0, p * (np.log(p) - np.log(q)))
    divergence: Floats = terms.sum(axis=1)
    return np.maximum(divergence, 0)
