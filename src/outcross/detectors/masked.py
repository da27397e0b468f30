"""The topic masked: what a text is about becomes X, so that style is learned and the subject is not."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, final

import numpy as np
import regex
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.detectors._function_words import FUNCTION_WORDS
from outcross.detectors._hashing import Grams
from outcross.detectors._linear import Table
from outcross.detectors._logistic import check_classes

GRAMS = Grams(words=3, characters=0, bits=18)
FEWEST = 3
"""A word that fewer groups use is never common."""
TOPIC = "X"

_TOKEN = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"  # no spaces: every character is a word
    r"|\p{L}[\p{L}\p{M}]*(?:'\p{L}+)*"
    r"|\p{N}+|[^\s\w]",
    regex.V1,
)


@final
@dataclass(frozen=True)
class Masked(Detector):
    """Does it put its words together as machines do, whatever it is about?

    Every content word that the text shares with its source becomes X; where it has no source, every content word that
    is not common to many groups of the training texts does. Digits become 0, case and white space are not seen. What is
    left, function words, marks, common words and where the subject stands among them, is learned by 1- to 3-grams: the
    linear model of `ngram_linear`, with shares, so that length is not learned.

    Parameters
    ----------
    common
        The share of groups (source documents, authors) from which on a word is common; it must be reached in half of
        the domains, where there are several.
    penalty
        The L2 penalty, 1/C in scikit-learn's words, on features whose mean squared length is 1.

    Notes
    -----
    Function words are those of English, from a list. In other languages the frequency rule keeps them, for few words
    are in as many documents; where a source is given, those that the text shares with it are masked there.

    Examples
    --------
    >>> masked = Masked()
    >>> masked.mask("In 2012, tamoxifen did help.", "We gave tamoxifen to 31 women.")
    'in 0000 , X did help .'
    """

    common: Annotated[float, Between(0, 1)] = 0.02
    penalty: Annotated[float, Between(0, above=True)] = 0.01

    definition = "log odds by a penalised logistic regression on shares of 1- to 3-grams of words, the topic masked"
    source = (
        "Veselovsky et al., arXiv 2306.07899 (2023), the crowd study; distortion: Stamatatos, EACL (2017), section 3"
    )

    def mask(self, text: str, source: str = "", common: frozenset[str] | None = None) -> str:
        """Return a text with its topic masked.

        Parameters
        ----------
        text
            The text.
        source
            What it was written from; empty where that is not known.
        common
            The content words that are kept where there is no source; None keeps all.

        Examples
        --------
        >>> Masked().mask("The cat, however, sleeps.", common=frozenset({"sleeps"}))
        'the X , however , sleeps .'
        """
        tokens = _tokens(text)
        if source.strip():
            shared = set(_tokens(source)) - FUNCTION_WORDS
            kept = (TOPIC if token in shared and _is_word(token) else token for token in tokens)
        else:
            kept = (token if common is None or _is_kept(token, common) else TOPIC for token in tokens)
        return " ".join("0" * len(token) if token[0].isnumeric() else token for token in kept)

    def fit(self, data: Labelled, seed: Seed) -> Scorer:
        """Return the detector fitted to texts of both origins, which weigh the same; nothing is drawn at random.

        Raises
        ------
        BadInput
            If there are no human or no synthetic texts.
        """
        check_classes("masked", data)
        common = self._common(data)
        table = Table.fit(GRAMS, self._masked(data.documents, common), data.synthetic, self.penalty)
        return _Fitted(self, common, table)

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> Scorer:
        """Return the scorer whose arrays these are.

        Raises
        ------
        BadInput
            If they are not those of such a scorer.
        """
        if "common" not in arrays or np.asarray(arrays["common"]).dtype != np.uint8:
            raise BadInput("these are not the arrays of a masked detector: its common words are missing")
        try:
            common = np.asarray(arrays["common"]).tobytes().decode()
        except UnicodeDecodeError:
            raise BadInput("these are not the arrays of a masked detector: its common words are no text") from None
        return _Fitted(self, frozenset(common.split()), Table.restore(GRAMS, arrays))

    def _common(self, data: Labelled) -> frozenset[str]:
        """The content words that belong to no subject: enough groups use them, in at least half of the domains."""
        domains = data.domains or ("",) * data.size
        words: dict[tuple[str, str], set[str]] = defaultdict(set)
        for text, group, domain in zip(data.documents.texts, data.groups, domains, strict=True):
            words[domain, group].update(token for token in _tokens(text) if _is_word(token))
        groups = Counter(domain for domain, _ in words)
        used: dict[str, Counter[str]] = defaultdict(Counter)
        for (domain, _), found in words.items():
            used[domain].update(found)
        reached: Counter[str] = Counter()
        for domain, counts in used.items():
            enough = max(min(FEWEST, groups[domain]), math.ceil(self.common * groups[domain]))
            reached.update(word for word, count in counts.items() if count >= enough)
        return frozenset(word for word, count in reached.items() if 2 * count >= len(used)) - FUNCTION_WORDS

    def _masked(self, documents: Documents, common: frozenset[str]) -> Iterable[str]:
        sources = documents.sources or ("",) * documents.size
        return (self.mask(text, source, common) for text, source in zip(documents.texts, sources, strict=True))


@final
@dataclass(frozen=True, eq=False)
class _Fitted(Scorer):
    detector: Masked
    common: frozenset[str]
    table: Table

    def score(self, documents: Documents) -> Floats:
        return self.table.score(self.detector._masked(documents, self.common))

    def arrays(self) -> dict[str, NDArray[Any]]:
        words = np.frombuffer("\n".join(sorted(self.common)).encode(), dtype=np.uint8)
        return {"common": words, **self.table.arrays()}


def _tokens(text: str) -> list[str]:
    """Words, numbers and marks in small letters."""
    return list(_TOKEN.findall(text.lower().replace("’", "'")))


def _is_word(token: str) -> bool:
    return token[0].isalpha()


def _is_kept(token: str, common: frozenset[str]) -> bool:
    return not _is_word(token) or token in FUNCTION_WORDS or token in common
