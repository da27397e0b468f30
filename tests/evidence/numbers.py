"""Documents that are numbers, and a scorer that reads them: what is tested is the share, not the detector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Scorer
from outcross.core.documents import Documents, Labelled


@final
@dataclass(frozen=True)
class Reader(Scorer):
    """The score of a text is the number that it is; an empty text has none."""

    def score(self, documents: Documents) -> Floats:
        """Read the numbers."""
        return np.array([float(text) if text else np.nan for text in documents.texts])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Nothing was learned."""
        return {}


def numbers(rng: np.random.Generator, human: int, synthetic: int, apart: float = 2.5) -> Labelled:
    """Normal scores, the synthetic ones so many standard deviations higher."""
    origin = np.repeat([False, True], [human, synthetic])
    scores = rng.normal(size=human + synthetic) + apart * origin
    return Labelled.of([repr(float(score)) for score in scores], origin.tolist())
