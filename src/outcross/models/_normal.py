"""Normal densities and factors of covariances that may have collapsed, for the models made of normals."""

from __future__ import annotations

import numpy as np

from outcross.core.batch import Floats


def factor(covariance: Floats) -> Floats:
    """F with F F' = covariance, shape (..., d, d); by eigenvalues where a collapsed covariance has no Cholesky one."""
    root: Floats
    if covariance.shape[-1] == 1:
        root = np.sqrt(covariance)
        return root
    try:
        root = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 0))[..., None, :]
    return root


def log_density(values: Floats, mean: Floats, covariance: Floats) -> Floats:
    """Log density of rows (R or 1, n, d) under normals (R, d) and (R, d, d), shape (R, n).

    It is minus infinity off the support of a singular normal.
    """
    variances, axes = np.linalg.eigh(covariance)
    scales = np.sqrt(np.maximum(variances, 0))
    gap = values - mean[:, None]
    log: Floats = np.zeros(gap.shape[:2])
    with np.errstate(divide="ignore", invalid="ignore"):
        for axis in range(values.shape[2]):
            offset = (gap @ axes[:, :, axis, None])[:, :, 0]
            scale = scales[:, axis, None]
            score = np.divide(offset, scale, out=np.zeros_like(offset), where=offset != 0)
            log -= 0.5 * score**2 + np.log(scale)
    log -= 0.5 * values.shape[2] * np.log(2 * np.pi)
    log[np.isnan(log)] = -np.inf
    return log
