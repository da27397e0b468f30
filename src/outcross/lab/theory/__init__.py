"""Closed forms and published bounds for chains of model generations: what a simulated curve is compared with.

One module a policy or a model: `gaussian` and `categorical` under replace; `accumulate`, `subsample`,
`replace_multiple`, `fresh`, `weighted` for models that keep mean and variance; `kde`, `poisson`, `regression`;
`wright_fisher` for what takes linear algebra, `unseen` for Good and Turing. Generation 0 is the real distribution, `t`
counts refits.
"""

from outcross.lab.theory import _adapters as _adapters  # so that every curve is known
from outcross.lab.theory import (
    accumulate,
    categorical,
    curves,
    fresh,
    gaussian,
    kde,
    poisson,
    regression,
    replace_multiple,
    subsample,
    unseen,
    weighted,
    wright_fisher,
)

__all__ = [
    "accumulate",
    "categorical",
    "curves",
    "fresh",
    "gaussian",
    "kde",
    "poisson",
    "regression",
    "replace_multiple",
    "subsample",
    "unseen",
    "weighted",
    "wright_fisher",
]
