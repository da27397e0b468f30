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


def kl_normal(p: Moments, q: Moments) -> Floats:
    """Return KL(P||Q) of normal laws, shape (R,); infinite where one is singular and the other is not.

    NaN where both are singular: whether they share their support cannot be told to working precision.

    Examples
    --------
    >>> one, other = (Moments(np.inf, np.array([[m]]), np.ones((1, 1, 1))) for m in (0.0, 2.0))
    >>> kl_normal(one, other).tolist()
    [2.0]
    """
    require_same("dimensions", p.dim, q.dim)
    log_p, log_q = log_det(p.covariance()), log_det(q.covariance())
    full_p, full_q = np.isfinite(log_p), np.isfinite(log_q)
    inverse = np.linalg.inv(np.where(full_q[:, None, None], q.covariance(), np.eye(q.dim)))
    gap = p.mean - q.mean
    away = np.einsum("rd,rde,re->r", gap, np.broadcast_to(inverse, (len(gap), p.dim, p.dim)), gap)
    spread = np.einsum("rde,red->r", p.covariance(), np.broadcast_to(inverse, p.covariance().shape))
    return ...
