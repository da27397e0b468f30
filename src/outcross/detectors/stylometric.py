"""A fixed vector of style: lengths of words and sentences, marks, function words, richness of vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.detectors._logistic import Dense, check_classes, logistic
from outcross.detectors._style import FEATURES, style

FARTHEST = 5.0
"""Features are held within so many standard deviations: one odd text decides nothing."""


@final
@dataclass(frozen=True)
class Stylometric(Detector):
    """Does it have the style of a machine, by what stylometry has measured for a century?

    Logistic regression with an L2 penalty on standardised features of style, which `features` names. All are rates, or
    estimates that are unbiased for any length, so a longer text does not have larger ones; what a short text cannot
    show (the spread of sentence lengths of one sentence) counts as average.

    Parameters
    ----------
    penalty
        The L2 penalty, 1/C in scikit-learn's words, on standardised features.

    Examples
    --------
    >>> human, synthetic = ["Late!! So tired...", "No. Why?"], ["It is, in fact, vital.", "It is, thus, key."]
    >>> scorer = Stylometric().fit(Labelled.of(human + synthetic, [0, 0, 1, 1]), Seed(0))
    >>> (scorer.score(Documents.of(["Tired!", "That is, indeed, so."])) > 0).tolist()
    [False, True]
    """

    penalty: Annotated[float, Between(0, above=True)] = 1.0

    definition = "log odds by a penalised logistic regression on standardised rates of style"
    source = "Mosteller and Wallace, Inference and Disputed Authorship (1964); each feature has its own beside it"

    @staticmethod
    def features() -> tuple[str, ...]:
        """Return the names of the features.

        Examples
        --------
        >>> Stylometric.features()[:2]
        ('mean word length', 'variance of word length')
        """
        return FEATURES

    def fit(self, data: Labelled, seed: Seed) -> Scorer:
        """Return the detector fitted to texts of both origins, which weigh the same; nothing is drawn at random.

        Raises
        ------
        BadInput
            If there are no human or no synthetic texts.
        """
        check_classes("stylometric", data)
        found = _styles(data.documents)
        known = np.isfinite(found)
        number = np.maximum(1, known.sum(axis=0))
        mean = np.where(known, found, 0).sum(axis=0) / number
        spread = np.sqrt((np.where(known, found - mean, 0) ** 2).sum(axis=0) / number)
        spread[spread < 1e-9] = np.inf  # the same in all texts: it says nothing
        weights, intercept = logistic(Dense(_standard(found, mean, spread)), data.synthetic, self.penalty)
        return _Fitted(mean, spread, weights, intercept)

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> Scorer:
        """Return the scorer whose arrays these are.

        Raises
        ------
        BadInput
            If they are not those of such a scorer.
        """
        wanted = {"mean": len(FEATURES), "spread": len(FEATURES), "weights": len(FEATURES), "intercept": 1}
        held = {name: np.asarray(arrays.get(name, [])) for name in wanted}
        if any(held[name].shape != (size,) or held[name].dtype.kind != "f" for name, size in wanted.items()):
            raise BadInput(f"these are not the arrays of a stylometric detector: {wanted} numbers are wanted")
        return _Fitted(held["mean"], held["spread"], held["weights"], float(held["intercept"][0]))


@final
@dataclass(frozen=True, eq=False)
class _Fitted(Scorer):
    mean: Floats
    spread: Floats
    weights: Floats
    intercept: float

    def score(self, documents: Documents) -> Floats:
        found = _styles(documents)
        standard = _standard(found, self.mean, self.spread)
        scores = (standard * self.weights).sum(axis=1) + self.intercept  # row by row: no other text has a say
        return np.where(np.isfinite(found).any(axis=1), scores, np.nan)

    def arrays(self) -> dict[str, NDArray[Any]]:
        line = np.array([self.intercept])
        return {"mean": self.mean, "spread": self.spread, "weights": self.weights, "intercept": line}


def _styles(documents: Documents) -> Floats:
    """The features of each text, shape (n, features)."""
    return np.array([style(text) for text in documents.texts]).reshape(documents.size, len(FEATURES))


def _standard(found: Floats, mean: Floats, spread: Floats) -> Floats:
    """Features in standard deviations from the mean of the training texts; 0 where a text does not show them."""
    return np.nan_to_num(np.clip((found - mean) / spread, -FARTHEST, FARTHEST), nan=0.0)
