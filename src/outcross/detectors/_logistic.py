"""Logistic regression with an L2 penalty, both classes weighing the same, by L-BFGS (Liu and Nocedal 1989)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats, Ints
from outcross.core.documents import Flags, Labelled
from outcross.core.errors import BadInput

STEPS = 120
"""Steps at most: labels that mean nothing take them all, real ones mostly fewer."""
MEMORY = 10
"""How many steps the curvature is taken from."""
CLOSE = 1e-3
"""The gradient, against that at the start, at which the fit is done: the AUC no longer changes in the third digit."""


class Rows(Protocol):
    """n documents by their features."""

    @property
    def width(self) -> int:
        """The number of features."""

    def times(self, weights: Floats) -> Floats:
        """Return the weighted sum of each document's features, shape (n,)."""

    def against(self, residuals: Floats) -> Floats:
        """Return the weighted sum of the documents, shape (width,)."""


@final
@dataclass(frozen=True, eq=False)
class Sparse:
    """Documents by those of their features that are not 0 (compressed sparse rows).

    Parameters
    ----------
    values, columns
        The features that are not 0, document by document, and which they are; one may be there twice, and adds up.
    starts
        Where each document starts, and the end, shape (n + 1,).
    width
        The number of features.
    """

    values: NDArray[np.float32]
    columns: NDArray[np.int32]
    starts: Ints
    width: int

    def times(self, weights: Floats) -> Floats:
        """Return the weighted sum of each document's features, shape (n,)."""
        found = np.zeros(len(self.starts) - 1)
        filled = self.starts[1:] > self.starts[:-1]
        if filled.any():
            found[filled] = np.add.reduceat(weights.take(self.columns) * self.values, self.starts[:-1][filled])
        return found

    def against(self, residuals: Floats) -> Floats:
        """Return the weighted sum of the documents, shape (width,)."""
        spread = np.repeat(residuals, np.diff(self.starts))
        spread *= self.values
        found: Floats = np.bincount(self.columns, weights=spread, minlength=self.width).astype(np.float64, copy=False)
        return found


@final
@dataclass(frozen=True, eq=False)
class Dense:
    """Documents by all of their features, shape (n, width)."""

    values: Floats

    @property
    def width(self) -> int:
        """The number of features."""
        return int(self.values.shape[1])

    def times(self, weights: Floats) -> Floats:
        """Return the weighted sum of each document's features, shape (n,)."""
        found: Floats = self.values @ weights
        return found

    def against(self, residuals: Floats) -> Floats:
        """Return the weighted sum of the documents, shape (width,)."""
        found: Floats = residuals @ self.values
        return found


def check_classes(name: str, data: Labelled) -> None:
    """Refuse data in which one of the classes is missing, or has nothing in its texts."""
    for kind, places in (("human", data.humans), ("synthetic", data.machines)):
        if not any(data.documents.texts[int(place)].strip() for place in places):
            why = "none of them says anything" if len(places) else "there are none"
            raise BadInput(f"{name} learns from human and synthetic texts; of {kind} ones {why}")


def logistic(rows: Rows, synthetic: Flags, penalty: float) -> tuple[Floats, float]:
    """Return weights and intercept: the log odds of being synthetic, in an even mixture, are linear in the features.

    Minimises ``sum_i c_i log(1 + exp(-y_i z_i)) + penalty/2 |w|^2`` with ``c_i = n / (2 n_class)``; the intercept is
    not penalised. ``1 / penalty`` is what scikit-learn calls C.
    """
    n = len(synthetic)
    counts = np.array([(~synthetic).sum(), synthetic.sum()])
    share = 0.5 / counts[synthetic.astype(np.int64)]
    ridge = penalty / n

    def value(at: Floats) -> tuple[float, Floats]:
        z = rows.times(at[:-1]) + at[-1]
        loss = float(share @ (np.logaddexp(0, z) - synthetic * z)) + ridge / 2 * float(at[:-1] @ at[:-1])
        residuals = share * (1 / (1 + np.exp(-np.clip(z, -500, 500))) - synthetic)
        return loss, np.append(rows.against(residuals) + ridge * at[:-1], residuals.sum())

    found = _least(value, np.zeros(rows.width + 1))
    return found[:-1], float(found[-1])


class _Objective(Protocol):
    def __call__(self, at: Floats, /) -> tuple[float, Floats]:
        """Return the value and the gradient."""


def _least(objective: _Objective, at: Floats) -> Floats:
    """Where a smooth convex function is least."""
    loss, slope = objective(at)
    done = CLOSE * float(np.abs(slope).max(initial=0))
    steps: list[tuple[Floats, Floats]] = []
    for _ in range(STEPS):
        if np.abs(slope).max(initial=0) <= done:
            break
        step = _direction(slope, steps)
        size = 1.0 if steps else 1 / max(float(np.linalg.norm(slope)), 1e-300)
        down = float(slope @ step)
        while True:
            there = at + size * step
            next_loss, next_slope = objective(there)
            if next_loss <= loss + 1e-4 * size * down:
                break
            size /= 2
            if size < 1e-12:  # no longer any lower, in floating point
                return at
        move, bend = there - at, next_slope - slope
        if move @ bend > 0:
            steps = [*steps[-MEMORY + 1 :], (move, bend)]
        at, loss, slope = there, next_loss, next_slope
    return at


def _direction(slope: Floats, steps: list[tuple[Floats, Floats]]) -> Floats:
    """Downhill, by the curvature of the last steps (the two-loop recursion)."""
    step = -slope
    passed: list[float] = []
    for move, bend in reversed(steps):
        passed.append(float(move @ step) / float(move @ bend))
        step = step - passed[-1] * bend
    if steps:
        move, bend = steps[-1]
        step = step * float(move @ bend) / float(bend @ bend)
    for (move, bend), alpha in zip(steps, reversed(passed), strict=True):
        step = step + (alpha - float(bend @ step) / float(move @ bend)) * move
    return step
