"""Which words occur in human text, which in synthetic text: log odds of their occurrence, sentence by sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, final

import numpy as np
import regex
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.text import tokenize

_SENTENCE_END = regex.compile(r"(?<=[.!?…。！？][\"'”’)\]]?)\s+|(?<=[。！？])|\n+", regex.V1)
_HAS_LETTER = regex.compile(r"\p{L}")

Unit = Literal["sentence", "document"]


@final
@dataclass(frozen=True)
class TokenOdds(Detector):
    """How much more likely is synthetic text to use, and to leave out, just these words?

    ``log Q(x) - log P(x)``, where P says in what share of human sentences each word occurs, and Q in what share of
    synthetic ones; a sentence's probability is that of its words occurring and of all others not. The log odds of a
    document are the sum over its sentences. They take words for independent of one another, so they are far too sure
    of themselves: an order of documents, not odds to bet on. `token_mixture` reads them, and says what to do about it.

    Parameters
    ----------
    unit
        ``sentence``: each sentence is one observation, as published. ``document``: the whole text is; then the length
        of a document counts, since a long one has more different words.
    least
        Only words that occur in so many of the training sentences (or documents) are looked at.
    smoothing
        Added to the number of sentences with a word, and to that of those without it.

    Examples
    --------
    >>> data = Labelled.of(["we delve deep", "i was late", "they delve again", "i am here"], [1, 0, 1, 0])
    >>> scorer = TokenOdds().fit(data, Seed(0))
    >>> scorer.score(Documents.of(["let us delve", "am i late", ""])).round(2).tolist()
    [3.22, -3.22, nan]
    """

    unit: Unit = "sentence"
    least: Annotated[int, Between(1)] = 2
    smoothing: Annotated[float, Between(0, above=True)] = 0.5

    definition = "log Q(x) - log P(x), the sum over sentences of log odds of each word's occurring or not occurring"
    source = "Liang et al., arXiv 2403.07183 (2024), the occurrence probabilities of its mixture"

    def fit(self, data: Labelled, seed: Seed) -> Scorer:
        """Count in how many sentences of each origin every word occurs.

        Raises
        ------
        BadInput
            If documents of one origin are missing, have no words, or no word occurs often enough.
        """
        texts = data.documents.texts
        human, humans = _occurrences((texts[place] for place in data.humans), self.unit)
        machine, machines = _occurrences((texts[place] for place in data.machines), self.unit)
        for origin, sentences in (("human", humans), ("synthetic", machines)):
            if not sentences:
                raise BadInput(f"no {origin} document with a word in it: token_odds compares words of both origins")
        words = sorted(word for word in human.keys() | machine.keys() if human[word] + machine[word] >= self.least)
        if not words:
            raise BadInput(f"no word occurs in {self.least} {self.unit}s; lower the setting 'least' or give more texts")
        at = self.smoothing
        p = (np.array([human[word] for word in words]) + at) / (humans + 2 * at)
        q = (np.array([machine[word] for word in words]) + at) / (machines + 2 * at)
        absent = np.log1p(-q) - np.log1p(-p)
        return _TokenOddsScorer(tuple(words), np.log(q) - np.log(p) - absent, float(absent.sum()), self.unit)

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> Scorer:
        """Return the scorer of these arrays.

        Raises
        ------
        BadInput
            If they are not those of a scorer of token odds.
        """
        try:
            words = tuple(np.asarray(arrays["words"], dtype=np.uint8).tobytes().decode().split("\n"))
            present, absent = np.asarray(arrays["present"], dtype=np.float64), np.asarray(arrays["absent"]).item()
        except (KeyError, ValueError) as error:
            raise BadInput(f"these are not the arrays of token_odds: {error}") from None
        if present.shape != (len(words),):
            raise BadInput(f"these are not the arrays of token_odds: {len(words)} words with odds of {present.shape}")
        return _TokenOddsScorer(words, present, float(absent), self.unit)


@final
@dataclass(frozen=True, eq=False)
class _TokenOddsScorer(Scorer):
    """Words with what each adds where it occurs, and what a sentence without any of them has."""

    words: tuple[str, ...]
    present: Floats
    absent: float
    unit: Unit

    @cached_property
    def _odds(self) -> dict[str, float]:
        return dict(zip(self.words, self.present.tolist(), strict=True))

    def score(self, documents: Documents) -> Floats:
        """Return the log odds of each document, natural logarithm; NaN for one without any word that is known."""
        return np.array([self._log_odds(text) for text in documents.texts], dtype=np.float64)

    def _log_odds(self, text: str) -> float:
        known, total = False, 0.0
        for words in _observations(text, self.unit):
            found = sorted(self._odds[word] for word in words if word in self._odds)  # a sum in one order
            known = known or bool(found)
            total += self.absent + sum(found)
        return total if known else float("nan")

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the words, one a line, as UTF-8 bytes, and their odds."""
        words = np.frombuffer("\n".join(self.words).encode(), dtype=np.uint8)
        return {"words": words, "present": self.present, "absent": np.array(self.absent)}


def _occurrences(texts: Iterable[str], unit: Unit) -> tuple[Counter[str], int]:
    """In how many observations each word occurs, and how many observations there are."""
    counts: Counter[str] = Counter()
    number = 0
    for text in texts:
        for words in _observations(text, unit):
            counts.update(words)
            number += 1
    return counts, number


def _observations(text: str, unit: Unit) -> Iterator[set[str]]:
    """The different words of each sentence (or of the document), in small letters; those without words are left out."""
    for sentence in _SENTENCE_END.split(text) if unit == "sentence" else [text]:
        words = {word for word in tokenize(sentence.lower()) if _HAS_LETTER.search(word)}
        if words:
            yield words
