"""A detector small enough to train in a test, and texts that it can tell apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.seed import Seed

HUMAN = "i was the so late and dog cat ran over very bad road with my old red car no idea why it did stop then"
MACHINE = "it is the important to note and that overall key aspects delve into rich tapestry of with crucial as well"


def texts_of(rng: np.random.Generator, n: int, shift: float, words: int = 120) -> list[str]:
    """Texts of both vocabularies; of the machine's with probability 0.5 + shift / 2."""
    human, machine = HUMAN.split(), MACHINE.split()
    flags = rng.random((n, words)) < 0.5 + shift / 2
    drawn = np.where(flags, rng.choice(machine, (n, words)), rng.choice(human, (n, words)))
    return [" ".join(row) for row in drawn.tolist()]


def both(rng: np.random.Generator, n: int, shift: float = 0.2, words: int = 120) -> tuple[list[str], list[str]]:
    """As many human and synthetic texts, one after the other, with their labels."""
    texts = [
        text
        for pair in zip(texts_of(rng, n, -shift, words), texts_of(rng, n, shift, words), strict=True)
        for text in pair
    ]
    return texts, ["human", "synthetic"] * n


@final
@dataclass(frozen=True)
class Letters(Detector):
    """The difference of mean letter frequencies, a nearest-mean classifier."""

    definition = "projection on the difference of mean letter frequencies"
    source = "Fisher (1936)"

    def fit(self, data: Labelled, seed: Seed) -> LetterScorer:
        table = letters(data.documents)
        known = ~np.isnan(table[:, 0])
        return LetterScorer(table[known & data.synthetic].mean(axis=0) - table[known & ~data.synthetic].mean(axis=0))

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> LetterScorer:
        return LetterScorer(arrays["weight"])


@final
@dataclass(frozen=True, eq=False)
class LetterScorer(Scorer):
    weight: Floats

    def score(self, documents: Documents) -> Floats:
        scores: Floats = letters(documents) @ self.weight
        return scores

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"weight": self.weight}


@final
@dataclass(frozen=True)
class Constant(Detector):
    """The same score for all; it learns nothing."""

    definition = "nothing"
    source = "none"
    needs = frozenset()

    def fit(self, data: Labelled, seed: Seed) -> LetterScorer:
        return LetterScorer(np.zeros(26))

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> LetterScorer:
        return LetterScorer(arrays["weight"])


def letters(documents: Documents) -> Floats:
    """Share of each letter, shape (n, 26); NaN for texts without one."""
    table = np.full((documents.size, 26), np.nan)
    for row, text in enumerate(documents.texts):
        codes = np.frombuffer(text.lower().encode("ascii", "ignore"), dtype=np.uint8)
        counts = np.bincount(codes, minlength=128)[97:123].astype(np.float64)
        if counts.sum():
            table[row] = counts / counts.sum()
    return table
