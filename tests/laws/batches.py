"""Small batches of every kind, for the laws of whatever reads batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Batch, Floats, Law
from outcross.core.laws import Mixture, Poisson
from outcross.core.records import Rows, Symbols
from outcross.core.statistics import Counts, Linear, LogProbs, Moments, Normal, Probabilities
from outcross.core.text import Texts, Vocabulary

R = 3
"""Replicates of a sample, where the kind has replicates."""

RNG = np.random.default_rng(20240724)
GROUPS = ("group", "yellow", "blue")
VOCABULARY = Vocabulary.of(
    ["the cat sat on a mat and saw that no dog was there so it slept until noon while rain fell"]
)


@dataclass(frozen=True)
class Example:
    """Two samples of R replicates that can be joined (unless they are laws), and a reference of one replicate."""

    name: str
    one: Batch
    other: Batch
    reference: Batch

    def __str__(self) -> str:
        return self.name

    @property
    def is_law(self) -> bool:
        return isinstance(self.one, Law)


def rows(replicates: int, n: int, dim: int, grouped: bool = False, counts: bool = False) -> Rows:
    values = RNG.poisson(2.0, (replicates, n, dim)).astype(float) if counts else RNG.normal(size=(replicates, n, dim))
    if not grouped:
        return Rows(values)
    return Rows(values, group=RNG.integers(len(GROUPS), size=(replicates, n)), names=GROUPS)


def symbols(replicates: int, n: int, labels: tuple[str, ...] = (), types: int = 6) -> Symbols:
    shares = 1 / np.arange(1.0, types + 1)
    return Symbols(RNG.choice(types, size=(replicates, n), p=shares / shares.sum()), types, labels)


def texts(n: int, grouped: bool = False) -> Texts:
    """Texts in which some words are frequent and some come once or never."""
    shares = 1 / np.arange(1.0, len(VOCABULARY) + 1) ** 1.5
    lengths = RNG.integers(8, 30, size=n)
    codes = [RNG.choice(len(shares), size=length, p=shares / shares.sum()).astype(np.int32) for length in lengths]
    made = Texts.from_codes(codes, VOCABULARY)
    return replace(made, group=RNG.integers(len(GROUPS), size=(1, n)), names=GROUPS) if grouped else made


def log_probs(replicates: int, n: int) -> LogProbs:
    tokens = RNG.integers(5, 20, size=(replicates, n)).astype(float)
    return LogProbs(-tokens * RNG.gamma(4.0, 0.5, size=(replicates, n)), tokens, np.ceil(tokens / 2))


def covariances(*shape: int, dim: int) -> Floats:
    root = RNG.normal(size=(*shape, dim, dim))
    return root @ np.swapaxes(root, -1, -2) + 0.5 * np.eye(dim)


def normal(replicates: int, dim: int) -> Normal:
    return Normal(RNG.normal(size=(replicates, dim)), covariances(replicates, dim=dim))


def mixture(replicates: int, dim: int) -> Mixture:
    weights = RNG.dirichlet([3.0, 3.0], size=replicates)
    return Mixture(weights, RNG.normal(size=(replicates, 2, dim)), covariances(replicates, 2, dim=dim))


def probabilities(replicates: int, labels: tuple[str, ...] = (), types: int = 6) -> Probabilities:
    return Probabilities(RNG.dirichlet(np.ones(types), size=replicates), labels)


def counts(replicates: int, labels: tuple[str, ...] = ()) -> Counts:
    return symbols(replicates, 200, labels, types=len(labels) or 6).counts()


def linear(replicates: int) -> Linear:
    return Linear(RNG.normal(size=(replicates, 2)), 1.0)


EXAMPLES = (
    Example("rows-1", rows(R, 120, 1), rows(R, 90, 1), rows(1, 200, 1)),
    Example("rows-3", rows(R, 80, 3), rows(R, 50, 3), rows(1, 120, 3)),
    Example("rows-grouped", *(rows(r, n, 2, grouped=True) for r, n in ((R, 60), (R, 40), (1, 110)))),
    Example("rows-counts", *(rows(r, n, 2, counts=True) for r, n in ((R, 60), (R, 40), (1, 110)))),
    Example("symbols", symbols(R, 100), symbols(R, 80), symbols(1, 300)),
    Example("symbols-named", *(symbols(r, n, GROUPS, 3) for r, n in ((R, 100), (R, 80), (1, 300)))),
    Example("texts", texts(30), texts(20), texts(40)),
    Example("texts-grouped", *(texts(n, grouped=True) for n in (30, 20, 40))),
    Example("log-probs", log_probs(R, 90), log_probs(R, 60), log_probs(1, 150)),
    Example("counts", counts(R), counts(R), counts(1)),
    Example("counts-named", counts(R, GROUPS), counts(R, GROUPS), counts(1, GROUPS)),
    Example("moments", rows(R, 50, 2).moments(), rows(R, 30, 2).moments(), rows(1, 90, 2).moments()),
    Example("normal-1", normal(R, 1), normal(R, 1), normal(1, 1)),
    Example("normal-3", normal(R, 3), normal(R, 3), normal(1, 3)),
    Example("mixture-1", mixture(R, 1), mixture(R, 1), mixture(1, 1)),
    Example("mixture-2", mixture(R, 2), mixture(R, 2), mixture(1, 2)),
    Example("poisson", *(Poisson(RNG.gamma(2.0, size=(r, 2))) for r in (R, R, 1))),
    Example("probabilities", probabilities(R), probabilities(R), probabilities(1)),
    Example("probabilities-named", *(probabilities(r, GROUPS, 3) for r in (R, R, 1))),
    Example("linear", linear(R), linear(R), linear(1)),
)

EMPTY: Mapping[str, Batch] = {
    "rows": Rows(np.zeros((2, 0, 2))),
    "symbols": Symbols(np.zeros((2, 0), dtype=np.int64), 3),
    "symbols-named": Symbols(np.zeros((2, 0), dtype=np.int64), 3, GROUPS),
    "texts": Texts.of([], VOCABULARY),
    "log-probs": LogProbs(np.zeros((2, 0)), np.zeros((2, 0))),
    "counts": Counts(np.zeros((2, 3)), GROUPS),
    "moments": Moments(0.0, np.zeros((2, 2)), np.zeros((2, 2, 2))),
}
"""Batches without a record."""


def arrays(batch: Batch) -> dict[str, NDArray[np.generic]]:
    """Copies of the arrays that a batch is made of."""
    return {name: np.array(array) for name, array in batch.arrays().items()}


def only(batch: Batch, replicate: int) -> Batch:
    """One replicate of a batch."""
    cut = slice(replicate, replicate + 1)
    if isinstance(batch, Moments):
        return replace(batch, mean=batch.mean[cut], scatter=batch.scatter[cut])
    if isinstance(batch, Texts):
        return batch
    parts = {name: array[cut] for name, array in batch.arrays().items() if array.ndim and len(array) == R}
    return replace(batch, **parts)  # type: ignore[type-var]


def repeated(batch: Batch) -> Batch:
    """A batch of one replicate as R equal ones."""
    if isinstance(batch, Law):
        return batch.spread(R)
    if isinstance(batch, Texts):
        return batch
    if isinstance(batch, Moments):
        return replace(batch, mean=np.repeat(batch.mean, R, 0), scatter=np.repeat(batch.scatter, R, 0))
    return replace(batch, **{name: np.repeat(array, R, axis=0) for name, array in batch.arrays().items()})  # type: ignore[type-var]
