"""Squared distances between points, some rows at a time: fast in many dimensions, exact where two points are one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from outcross.core.batch import Floats

BLOCK = 2**20
"""Number of distances that are held at once."""

FEW = 8
"""Up to so many dimensions differences are taken one dimension after another; beyond, a matrix product is faster."""

NEAR = 1e-4
"""A product loses digits where a squared distance is below this share of the squared lengths: it is taken again."""

TIE = 1e-9
"""Distances that differ by less than this share are the same: they were rounded in different ways."""


def squared_distances(points: Floats, others: Floats) -> Iterator[Floats]:
    """Yield the squared distances of points (m, d) to others (n, d), a block of rows after another.

    Examples
    --------
    >>> np.concatenate(list(squared_distances(np.array([[0.0], [3.0]]), np.array([[0.0], [1.0]])))).tolist()
    [[0.0, 1.0], [9.0, 4.0]]
    """
    rows = max(1, BLOCK // len(others))
    if others.shape[1] > FEW:
        centre = others.mean(axis=0)
        points, others = points - centre, others - centre
    lengths = np.einsum("nd,nd->n", others, others)
    for start in range(0, len(points), rows):
        block = points[start : start + rows]
        yield _by_product(block, others, lengths) if others.shape[1] > FEW else _by_difference(block, others)


def squared_radii(points: Floats, k: int) -> Floats:
    """Return the squared distance of each point to its k-th nearest neighbour among the others; ties lie within.

    Examples
    --------
    >>> squared_radii(np.array([[0.0], [1.0], [5.0]]), 1).round(6).tolist()
    [1.0, 1.0, 16.0]
    """
    nearest = [np.partition(block, k, axis=1)[:, k] for block in squared_distances(points, points)]  # [0] is itself
    return np.concatenate(nearest) * (1 + TIE)


def _by_difference(points: Floats, others: Floats) -> Floats:
    squares: Floats = np.zeros((len(points), len(others)))
    for one, other in zip(points.T, others.T, strict=True):
        squares += np.square(one[:, None] - other)
    return squares


def _by_product(points: Floats, others: Floats, lengths: Floats) -> Floats:
    """|x|^2 + |y|^2 - 2xy, and once more by difference where that cancels."""
    both = np.einsum("md,md->m", points, points)[:, None] + lengths
    squares: Floats = both - 2 * (points @ others.T)
    row, column = np.nonzero(squares < NEAR * both)
    at_once = max(1, BLOCK // points.shape[1])
    for start in range(0, len(row), at_once):
        i, j = row[start : start + at_once], column[start : start + at_once]
        difference = points[i] - others[j]
        squares[i, j] = np.einsum("pd,pd->p", difference, difference)
    return squares
