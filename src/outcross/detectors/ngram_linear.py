"""Hashed n-grams of words and characters, and a linear model: the fast one, for billions of records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, final

from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadSetting
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.detectors._hashing import Grams
from outcross.detectors._linear import Table
from outcross.detectors._logistic import check_classes


@final
@dataclass(frozen=True)
class NgramLinear(Detector):
    """Does it use the words, marks and parts of words that machines use more often?

    Logistic regression with an L2 penalty on the shares of hashed n-grams: of words and punctuation marks, and of
    characters inside words. White space, case and typographic variants of quotes and dashes are not seen, nor how long
    a text is. Any script will do; a text without a word or a mark has no score. Scoring is a look-up, tens of megabytes
    a second on one core, in memory that does not grow with the corpus.

    Parameters
    ----------
    words
        Up to how many words and marks an n-gram has.
    characters
        How many bytes of UTF-8 an n-gram of characters has (a letter of English is one, of Russian two, of Chinese
        three), the edges of the word included; 0 for none.
    bits
        The table has 2^bits slots; n-grams that share one share a weight.
    penalty
        The L2 penalty, 1/C in scikit-learn's words, on features whose mean squared length is 1.

    Examples
    --------
    >>> data = Labelled.of(["so late, sorry!", "sorry, so tired", "it is vital.", "it is key."], [0, 0, 1, 1])
    >>> scores = NgramLinear().fit(data, Seed(0)).score(Documents.of(["sorry!", "it is", ""]))
    >>> (scores > 0).tolist(), scores[2]
    ([False, True, False], np.float64(nan))
    """

    words: Annotated[int, Between(1, 5)] = 2
    characters: Annotated[int, Between(0, 8)] = 4
    bits: Annotated[int, Between(10, 24)] = 18
    penalty: Annotated[float, Between(0, above=True)] = 0.1

    definition = "log odds by a penalised logistic regression on the shares of hashed n-grams of words and characters"
    source = (
        "hashing: Weinberger et al., arXiv 0902.2206 (2009); "
        "a linear model of n-grams as the baseline: Solaiman et al., arXiv 1908.09203 (2019)"
    )

    def check(self) -> None:
        """Refuse characters by one or two: they have no inside."""
        if self.characters in (1, 2):
            raise BadSetting(f"ngram_linear: characters must be 0 or in [3, 8], not {self.characters}")

    def fit(self, data: Labelled, seed: Seed) -> Scorer:
        """Return the detector fitted to texts of both origins, which weigh the same; nothing is drawn at random.

        Raises
        ------
        BadInput
            If there are no human or no synthetic texts.
        """
        check_classes("ngram_linear", data)
        return _Fitted(Table.fit(self._grams, data.documents.texts, data.synthetic, self.penalty))

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> Scorer:
        """Return the scorer whose arrays these are.

        Raises
        ------
        BadInput
            If they are not those of such a scorer.
        """
        return _Fitted(Table.restore(self._grams, arrays))

    @property
    def _grams(self) -> Grams:
        return Grams(self.words, self.characters, self.bits)


@final
@dataclass(frozen=True, eq=False)
class _Fitted(Scorer):
    table: Table

    def score(self, documents: Documents) -> Floats:
        return self.table.score(documents.texts)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return self.table.arrays()
