"""Is a text likelier than what a model would have written in its place? The curvature of probability, in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.model import Model
from outcross.core.provenance import Origin
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.tokens import TokenScores
from outcross.detectors import _language as language
from outcross.detectors._language import READ, Language
from outcross.detectors._reading import beginnings


@final
@dataclass(frozen=True)
class FastDetect(Detector):
    """By how many standard deviations is a text likelier than texts that a model draws token by token in its place?

    The discrepancy is ``(log p(x) - sum mean) / sqrt(sum variance)``; mean and variance are those of log p of the next
    token as the observer draws it, given the tokens before as they are. It is analytic: nothing is drawn.

    Parameters
    ----------
    model
        p, the scoring model: ``transformer(base='...')`` is used as it was published, any other is fitted to the human
        documents.
    observer
        q, which draws (the paper's sampling or reference model), with the tokeniser of the model; none for the model
        itself.
    characters
        So many characters of a text are read, from its beginning.

    Notes
    -----
    The published code leaves out the first token, which has no context there; here it comes after the token that
    begins texts, and counts. With one model for both parts the paper's figures are lower than with two.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> data = Labelled.of(["the cat sat", "the dog sat", "the cat ran"], ["human"] * 3)
    >>> scorer = build("detector", "fast_detect(model=ngram(order=2))").fit(data, Seed(0))
    >>> scores = scorer.score(Documents.of(["the cat sat", "sat sat the", ""]))
    >>> bool(scores[0] > scores[1]), bool(np.isnan(scores[2]))
    (True, True)
    """

    model: Model
    observer: Model | None = None
    characters: Annotated[int, Between(1)] = READ

    definition = "standard deviations by which a text is likelier than what the observer would draw token by token"
    source = "Bao et al., Fast-DetectGPT, ICLR 2024 (arXiv 2310.05130): the analytic conditional probability curvature"

    def check(self) -> None:
        """Refuse models of other things than texts."""
        language.check_reads_texts(self, self.model, self.observer)

    @property
    def needs(self) -> frozenset[Origin]:
        """None with published models, else human documents."""
        return language.needed(self.model, self.observer)

    def fit(self, data: Labelled, seed: Seed) -> FastDetectScorer:
        """Return the detector with its models; published ones are only read."""
        model = language.learned(self.model, data, Origin.HUMAN, seed.child("model"))
        if self.observer is None:
            return FastDetectScorer(self, model)
        return FastDetectScorer(
            self, model, language.learned(self.observer, data, Origin.HUMAN, seed.child("observer"))
        )

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> FastDetectScorer:
        """Return the scorer whose arrays these are."""
        model = language.restored(self.model, arrays, "model/")
        observer = None if self.observer is None else language.restored(self.observer, arrays, "observer/")
        return FastDetectScorer(self, model, observer)


@final
@dataclass(frozen=True, eq=False)
class FastDetectScorer(Scorer):
    """The discrepancy of texts by a language model.

    Parameters
    ----------
    settings
        How much is read.
    model, observer
        The models.

    Examples
    --------
    See `FastDetect`.
    """

    settings: FastDetect
    model: Language
    observer: Language | None = None

    def score(self, documents: Documents) -> Floats:
        """Return the discrepancy of each text, shape (n,); NaN where it has no token, or none could be another.

        Raises
        ------
        BadInput
            If model and observer do not cut texts into the same tokens.
        """
        texts = beginnings(documents.texts, self.settings.characters)
        return np.array([discrepancy(scores) for scores in self.model.token_scores(texts, self.observer)])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the models: the digest of a published one, else what it was fitted to."""
        observer = {} if self.observer is None else self.observer.arrays("observer/")
        return self.model.arrays("model/") | observer


def discrepancy(scores: TokenScores) -> float:
    """Return ``(log p(x) - sum mean) / sqrt(sum variance)``; NaN where the variance is 0.

    Examples
    --------
    >>> discrepancy(TokenScores(np.array([-1.0, -2.0]), np.zeros(2), np.array([-2.0, -3.0]), np.array([1.0, 3.0])))
    1.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (scores.log_prob.sum() - scores.mean.sum()) / np.sqrt(scores.variance.sum())
    return float(language.finite(value))
