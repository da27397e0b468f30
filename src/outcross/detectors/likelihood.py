"""How likely does a language model find the words? Machines write what language models expect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadSetting
from outcross.core.model import Model
from outcross.core.part import as_part
from outcross.core.provenance import Origin
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.text import tokenize
from outcross.core.tokens import TokenScores
from outcross.detectors import _language as language
from outcross.detectors._language import READ, USUAL, Language
from outcross.detectors._reading import beginnings

Statistic = Literal["perplexity", "log_rank", "entropy", "lrr"]


@final
@dataclass(frozen=True)
class Likelihood(Detector):
    """One number of a text by a language model: how likely its words are, or how high they rank.

    A published model is used as it is (zero-shot). Any other is fitted to the human documents; words that only one
    training document has count as ``<unk>``.

    Parameters
    ----------
    model
        The language model; none for ``ngram``, that of words and their two predecessors.
    statistic
        ``perplexity``: mean log probability of the tokens. ``log_rank``: minus the mean log rank. ``entropy``: minus
        the mean entropy of the next token; the sign is that of the expectation that machines write where models are
        sure (GLTR), which does not hold for every generator. ``lrr``: log probability over log rank.
    contrast
        Whether a second model is fitted to the synthetic documents: the score is then the log-likelihood ratio per
        word, that of the synthetic model over that of the human one. A published model is fine-tuned for it, twice.
    characters
        So many characters of a text are read, from its beginning.

    Notes
    -----
    Saved, a detector with an n-gram model holds its training texts, as codes of their words.

    Examples
    --------
    >>> texts = ["a cat sat here", "the cat ran off", "it is key to note", "it is key to act"] * 2
    >>> data = Labelled.of(texts, ["human", "human", "synthetic", "synthetic"] * 2)
    >>> scorer = Likelihood(contrast=True).fit(data, Seed(0))
    >>> scores = scorer.score(Documents.of(["the cat sat", "it is key to sit", ""]))
    >>> bool(scores[0] < 0 < scores[1]), bool(np.isnan(scores[2]))
    (True, True)
    """

    model: Model | None = None
    statistic: Statistic = "perplexity"
    contrast: bool = False
    characters: Annotated[int, Between(1)] = READ

    definition = "mean log probability of a text's tokens by a language model, or a statistic of their ranks or entropy"
    source = (
        "Gehrmann, Strobelt and Rush, GLTR, ACL 2019 (demonstrations); Solaiman et al., arXiv 1908.09203 (2019); "
        "lrr: Su et al., DetectLLM, Findings of EMNLP 2023, eq. 1"
    )

    def check(self) -> None:
        """Refuse models of other things than texts, and statistics that have no contrast."""
        language.check_reads_texts(self, self.model)
        if self.contrast and self.statistic != "perplexity":
            raise BadSetting(f"likelihood: a contrast is one of probabilities, not of {self.statistic}; leave one out")

    @property
    def needs(self) -> frozenset[Origin]:
        """Human documents, unless the model is published; for a contrast both kinds."""
        return frozenset({Origin.HUMAN, Origin.SYNTHETIC}) if self.contrast else language.needed(self._model())

    def fit(self, data: Labelled, seed: Seed) -> LikelihoodScorer:
        """Return the detector with its model, or models; a published one is only read."""
        model = self._model()
        if not self.contrast:
            return LikelihoodScorer(self, language.learned(model, data, Origin.HUMAN, seed.child("human")))
        human, synthetic = (
            language.fitted_to(model, data, origin, seed.child(origin)) for origin in (Origin.HUMAN, Origin.SYNTHETIC)
        )
        return LikelihoodScorer(self, human, synthetic)

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> LikelihoodScorer:
        """Return the scorer whose arrays these are."""
        human = language.restored(self._model(), arrays, "human/")
        synthetic = language.restored(self._model(), arrays, "synthetic/") if self.contrast else None
        return LikelihoodScorer(self, human, synthetic)

    def _model(self) -> Model:
        return as_part(Model, self.model or USUAL)


@final
@dataclass(frozen=True, eq=False)
class LikelihoodScorer(Scorer):
    """The statistic of texts by a language model.

    Parameters
    ----------
    settings
        Which statistic.
    human
        The published model, or that of human documents.
    synthetic
        The model of synthetic documents, for a contrast.

    Examples
    --------
    See `Likelihood`.
    """

    settings: Likelihood
    human: Language
    synthetic: Language | None = None

    def score(self, documents: Documents) -> Floats:
        """Return the statistic of each text, shape (n,); NaN where it has no token, or none that is possible."""
        texts = beginnings(documents.texts, self.settings.characters)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.synthetic is not None:
                words = np.array([len(tokenize(text)) for text in texts])
                return language.finite((self.synthetic.log_prob(texts)[0] - self.human.log_prob(texts)[0]) / words)
            if self.settings.statistic == "perplexity":
                values, tokens = self.human.log_prob(texts)
                return language.finite(values / tokens)
        found = [statistic(scores, self.settings.statistic) for scores in self.human.token_scores(texts)]
        return np.array(found, dtype=np.float64)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the models: the digest of a published one, else what it was fitted to."""
        synthetic = {} if self.synthetic is None else self.synthetic.arrays("synthetic/")
        return self.human.arrays("human/") | synthetic


def statistic(scores: TokenScores, name: Statistic) -> float:
    """Return a statistic of the tokens of one text; NaN where it has none, or it divides by 0.

    Examples
    --------
    >>> scores = TokenScores(np.log([0.5, 0.25]), np.log([1.0, 2.0]), np.array([-1.0, -2.0]), np.ones(2))
    >>> [round(statistic(scores, name), 3) for name in ("perplexity", "log_rank", "entropy", "lrr")]
    [-1.04, -0.347, -1.5, 3.0]
    """
    if not scores.size:
        return np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        match name:
            case "perplexity":
                value = scores.log_prob.mean()
            case "log_rank":
                value = -scores.log_rank.mean()
            case "entropy":
                value = scores.mean.mean()
            case "lrr":
                value = -scores.log_prob.sum() / scores.log_rank.sum()
    return float(language.finite(value))
