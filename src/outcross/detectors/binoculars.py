"""Is a text as surprising to one model as another model's guesses are? Perplexity over cross-perplexity."""

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
class Binoculars(Detector):
    """How surprising is a text, measured by how surprising one model's next tokens are to another?

    The ratio is ``log-perplexity by the performer / cross-entropy of the observer's next token under the performer``.
    A low one is synthetic, so the score is minus the ratio: a prompt that makes surprising text likely ("a capybara
    that is an astrophysicist") makes both large.

    Parameters
    ----------
    performer
        Whose perplexity it is: in the paper the instruction-tuned one of a pair. ``transformer(base='...')`` is used as
        it was published, any other is fitted to the human documents.
    observer
        Whose next token the performer is asked about: in the paper the base model of the pair. It has the performer's
        tokeniser, and should be close to it without being the same.
    characters
        So many characters of a text are read, from its beginning.

    Notes
    -----
    The parts of the two models are those of the published code. Equation 4 of the paper names them the other way round.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> data = Labelled.of(["the cat sat", "the dog sat", "the cat ran"], ["human"] * 3)
    >>> words = "binoculars(performer=ngram(order=2), observer=ngram(order=1))"
    >>> scores = build("detector", words).fit(data, Seed(0)).score(Documents.of(["the cat sat", "sat sat the", ""]))
    >>> bool(scores[0] > scores[1]), bool(np.isnan(scores[2]))
    (True, True)
    """

    performer: Model
    observer: Model
    characters: Annotated[int, Between(1)] = READ

    definition = "minus the log-perplexity of a text over the cross-entropy of another model's next tokens"
    source = "Hans et al., Spotting LLMs with Binoculars, ICML 2024 (arXiv 2401.12070), eq. 4"

    def check(self) -> None:
        """Refuse models of other things than texts."""
        language.check_reads_texts(self, self.performer, self.observer)

    @property
    def needs(self) -> frozenset[Origin]:
        """None with published models, else human documents."""
        return language.needed(self.performer, self.observer)

    def fit(self, data: Labelled, seed: Seed) -> BinocularsScorer:
        """Return the detector with its models; published ones are only read."""
        models = {"performer": self.performer, "observer": self.observer}
        found = [language.learned(one, data, Origin.HUMAN, seed.child(name)) for name, one in models.items()]
        return BinocularsScorer(self, *found)

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> BinocularsScorer:
        """Return the scorer whose arrays these are."""
        performer = language.restored(self.performer, arrays, "performer/")
        return BinocularsScorer(self, performer, language.restored(self.observer, arrays, "observer/"))


@final
@dataclass(frozen=True, eq=False)
class BinocularsScorer(Scorer):
    """The ratio of texts by two language models.

    Parameters
    ----------
    settings
        How much is read.
    performer, observer
        The models.

    Examples
    --------
    See `Binoculars`.
    """

    settings: Binoculars
    performer: Language
    observer: Language

    def score(self, documents: Documents) -> Floats:
        """Return minus the ratio of each text, shape (n,); NaN where it has no token.

        Raises
        ------
        BadInput
            If performer and observer do not cut texts into the same tokens.
        """
        texts = beginnings(documents.texts, self.settings.characters)
        return np.array([-ratio(scores) for scores in self.performer.token_scores(texts, self.observer)])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the models: the digest of a published one, else what it was fitted to."""
        return self.performer.arrays("performer/") | self.observer.arrays("observer/")


def ratio(scores: TokenScores) -> float:
    """Return log-perplexity over cross-entropy; NaN where the cross-entropy is 0.

    Examples
    --------
    >>> ratio(TokenScores(np.array([-1.0, -2.0]), np.zeros(2), np.array([-2.0, -4.0]), np.zeros(2)))
    0.5
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(language.finite(scores.log_prob.sum() / scores.mean.sum()))
