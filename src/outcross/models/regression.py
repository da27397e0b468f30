"""Linear regression that relabels its own inputs: the model whose accumulated error has a finite limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.errors import BadInput
from outcross.core.model import Fitted, Model, Scored
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.statistics import Linear, LogProbs


@final
@dataclass(frozen=True)
class Regression(Model):
    """Least squares without intercept; the last column is the label, the others are the inputs.

    A fitted model writes new labels for the inputs it was trained on, in their order: record i of a sample has the
    inputs of training record i (Mobahi et al. 2020; Dohmatob et al. 2024; Gerstgrasser et al. 2024). A sample
    larger than the training set begins again at its first record, a smaller one takes its first records; so every
    generation of a chain has the design of the human records, whether synthetic records replace them or join them.

    Parameters
    ----------
    noise
        Standard deviation of the label noise, known and the same in every generation.

    Examples
    --------
    >>> rows = Rows(np.array([[[1.0, 2.0], [2.0, 4.0]]]))
    >>> fitted = Regression(noise=0.0).fit(rows, Seed(0))
    >>> fitted.law().coefficients.tolist(), fitted.sample(3, Seed(1)).values.tolist()
    ([[2.0]], [[[1.0, 2.0], [2.0, 4.0], [1.0, 2.0]]])
    """

    noise: Annotated[float, Between(0)] = 1.0

    reads = (Rows,)
    batched = True

    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> FittedRegression:
        """Return the least-squares coefficients, with the design they were fitted on.

        Raises
        ------
        BadInput
            If there are fewer than two columns, or fewer records than inputs.
        """
        if not isinstance(data, Rows):
            raise BadInput(f"a regression is fitted to rows of numbers, not to {type(data).__name__.lower()}")
        inputs = data.dim - 1
        if inputs < 1:
            raise BadInput("a regression needs rows of at least two numbers: inputs, and the label last")
        if data.size < inputs:
            raise BadInput(f"a regression on {inputs} inputs needs as many records, not {data.size}")
        design, label = data.values[:, :, :-1], data.values[:, :, -1:]
        weighted = design if data.weight is None else design * data.weight[:, None]
        transposed = weighted.transpose(0, 2, 1)
        return FittedRegression(_solve(transposed @ design, transposed @ label)[:, :, 0], design, self.noise)


@final
@dataclass(frozen=True)
class FittedRegression(Scored):
    """Coefficients, and the inputs for which labels are written.

    Parameters
    ----------
    coefficients
        Shape (R, d).
    design
        Inputs of the training records, shape (R, n, d).
    noise
        Standard deviation of the label noise.

    Examples
    --------
    >>> FittedRegression(np.ones((2, 3)), np.ones((2, 10, 3)), 1.0).sample(5, Seed(0)).values.shape
    (2, 5, 4)
    """

    coefficients: Floats
    design: Floats
    noise: float

    def law(self) -> Linear:
        """Return the law."""
        return Linear(self.coefficients, self.noise)

    def sample(self, n: int, seed: Seed) -> Rows:
        """Return new labels for the first n inputs, beginning again at the first where there are fewer."""
        design = self.design[:, np.arange(n) % self.design.shape[1]]
        noise = self.noise * seed.generator().standard_normal((len(design), n, 1))
        return Rows(np.concatenate([design, _predict(design, self.coefficients) + noise], axis=2))

    def log_prob(self, data: Batch) -> LogProbs:
        """Return log densities of the label given the inputs; the inputs themselves have no law."""
        if not isinstance(data, Rows):
            raise BadInput(f"a regression scores rows of numbers, not {type(data).__name__.lower()}")
        residual = (data.values[:, :, -1:] - _predict(data.values[:, :, :-1], self.coefficients))[:, :, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            score = np.where(residual == 0, 0.0, residual / self.noise)
            log = -0.5 * score**2 - np.log(self.noise) - 0.5 * np.log(2 * np.pi)
        return LogProbs(np.where(np.isnan(log), -np.inf, log), np.ones((1, data.size)))


def _predict(design: Floats, coefficients: Floats) -> Floats:
    label: Floats = design @ coefficients[:, :, None]
    return label


def _solve(gram: Floats, moment: Floats) -> Floats:
    """Least squares from the normal equations; the shortest solution where the inputs are dependent."""
    try:
        return np.asarray(np.linalg.solve(gram, moment), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(gram, hermitian=True) @ moment, dtype=np.float64)
