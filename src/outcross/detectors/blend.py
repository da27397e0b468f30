"""Several detectors that are heard together: the mean of their scores, each on its own scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput, BadSetting
from outcross.core.part import build
from outcross.core.provenance import Origin
from outcross.core.seed import Seed

USUAL = ("ngram_linear", "stylometric", "likelihood(contrast=true)")


@final
@dataclass(frozen=True)
class Blend(Detector):
    """Do several detectors together find it synthetic?

    Detectors that look at different things are wrong about different texts, so their mean is right more often than the
    best of them; the more so, the less any of them knows alone. It costs as much as all of them together.

    Parameters
    ----------
    of
        The words of the detectors.

    Notes
    -----
    Scores are standardised by centre and spread over the training texts, half of the weight on each origin. A text that
    one of them cannot score has none.

    Examples
    --------
    >>> data = Labelled.of(["so late, sorry!", "sorry, so tired", "it is vital.", "it is key."], [0, 0, 1, 1])
    >>> scores = Blend(of=("ngram_linear", "token_odds")).fit(data, Seed(0)).score(Documents.of(["so sorry!", "it is"]))
    >>> bool(scores[0] < scores[1])
    True
    """

    of: tuple[str, ...] = USUAL

    definition = "mean of the standardised scores of several detectors"
    source = "the sum rule: Kittler, Hatef, Duin and Matas, IEEE PAMI 20 (1998), eq. 11"

    def check(self) -> None:
        """Refuse fewer than two detectors, and words that build none."""
        if len(self.of) < 2:
            raise BadSetting(f"blend: of names two detectors or more, not {len(self.of)}")
        self.members()

    def members(self) -> tuple[Detector, ...]:
        """Return the detectors."""
        return tuple(build("detector", words) for words in self.of)

    @property
    def needs(self) -> frozenset[Origin]:
        """Documents of both origins: their scores are standardised by them."""
        return frozenset({Origin.HUMAN, Origin.SYNTHETIC})

    def fit(self, data: Labelled, seed: Seed) -> Scorer:
        """Return all detectors fitted to the same documents.

        Raises
        ------
        BadInput
            If a kind of document is missing, or one of them scores all texts alike.
        """
        scorers = tuple(one.fit(data, seed.child("blend", place)) for place, one in enumerate(self.members()))
        scales = np.array([_scale(scorer.score(data.documents), data) for scorer in scorers])
        return _Fitted(scorers, scales)

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> Scorer:
        """Return the scorer whose arrays these are.

        Raises
        ------
        BadInput
            If they are not those of such a scorer.
        """
        try:
            scales = np.asarray(arrays["scales"], dtype=np.float64).reshape(len(self.of), 2)
        except (KeyError, ValueError, TypeError):
            raise BadInput(f"these are not the arrays of a blend of {len(self.of)} detectors") from None
        scorers = []
        for place, one in enumerate(self.members()):
            own = {key.partition("/")[2]: array for key, array in arrays.items() if key.startswith(f"{place}/")}
            scorers.append(one.restore(own))
        return _Fitted(tuple(scorers), scales)


def _scale(scores: Floats, data: Labelled) -> tuple[float, float]:
    """Centre and spread of the scores, where both origins weigh the same."""
    parts = [scores[places][np.isfinite(scores[places])] for places in (data.humans, data.machines)]
    if not all(map(len, parts)):
        raise BadInput("blend: no text of one origin has a score")
    centre = float(np.mean([part.mean() for part in parts]))
    spread = float(np.sqrt(np.mean([((part - centre) ** 2).mean() for part in parts])))
    return centre, spread or 1.0


@final
@dataclass(frozen=True, eq=False)
class _Fitted(Scorer):
    scorers: tuple[Scorer, ...]
    scales: Floats

    def score(self, documents: Documents) -> Floats:
        every = np.stack([scorer.score(documents) for scorer in self.scorers])
        mean: Floats = ((every - self.scales[:, :1]) / self.scales[:, 1:]).mean(axis=0)
        return mean

    def arrays(self) -> dict[str, NDArray[Any]]:
        own = {f"{place}/{key}": array for place, one in enumerate(self.scorers) for key, array in one.arrays().items()}
        return {"scales": self.scales, **own}
