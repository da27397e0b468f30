"""Mean and covariance as the summary of a metric, and the determinant of a covariance that may have collapsed."""

from __future__ import annotations

from typing import Any

import numpy as np

from outcross.core.batch import Batch, Floats, HasMoments
from outcross.core.errors import BadInput
from outcross.core.metric import Metric
from outcross.core.part import part_name
from outcross.core.statistics import Moments
from outcross.metrics._checks import require_records, require_same, unreadable


def moments_of(metric: Metric[Any], batch: Batch) -> Moments:
    """Return count, mean and scatter of a batch; of a law: of infinitely many records.

    Raises
    ------
    BadInput
        If the batch has no moments, or no record.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.records import Rows
    >>> moments_of(build("metric", "variance"), Rows(np.array([[[0.0], [2.0]]]))).mean.tolist()
    [[1.0]]
    """
    if not isinstance(batch, HasMoments):
        raise unreadable(metric, batch)
    require_records(metric, batch)
    moments = batch.moments()
    if not moments.count > 0:
        raise BadInput(f"{part_name(type(metric))} needs at least one record, and there is none")
    return moments


def log_det(covariance: Floats) -> Floats:
    """Return the logarithm of the determinant of each covariance, minus infinity where it is singular.

    A collapsed covariance is rarely singular to the last digit: rounding leaves a tiny determinant of either sign. So
    the rank is taken to working precision, of the correlation matrix, where units of measurement do not matter.

    Parameters
    ----------
    covariance
        Shape (R, d, d).

    Examples
    --------
    >>> log_det(np.array([[[4.0]], [[0.0]]])).round(4).tolist()
    [1.3863, -inf]
    >>> log_det(np.array([[[1.0, 2.0], [2.0, 4.0]]])).tolist()
    [-inf]
    """
    dim = covariance.shape[1]
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    with np.errstate(divide="ignore"):
        log: Floats = np.log(np.maximum(variance, 0)).sum(axis=1)
    if dim == 1:
        return log
    inverse = np.zeros_like(variance)
    np.divide(1, np.sqrt(np.maximum(variance, 0)), out=inverse, where=variance > 0)
    correlation = covariance * inverse[:, :, None] * inverse[:, None]
    full = np.linalg.matrix_rank(correlation, hermitian=True) == dim
    correlation[~full] = np.eye(dim)
    return np.where(full, log + np.linalg.slogdet(correlation)[1], -np.inf)


def log_det_ratio(sample: Moments, reference: Moments) -> Floats:
    """Return the log ratio of the determinants of two covariances; NaN where that of the reference is 0.

    Examples
    --------
    >>> one, other = (Moments(np.inf, np.zeros((1, 1)), np.array([[[s]]])) for s in (1.0, 0.0))
    >>> log_det_ratio(other, one).tolist(), log_det_ratio(one, other).tolist()
    ([-inf], [nan])
    """
    require_same("dimensions", sample.dim, reference.dim)
    whole = log_det(reference.covariance())
    return log_det(sample.covariance()) - np.where(np.isfinite(whole), whole, np.nan)
