"""What stylometry measures of a text: rates only, each with its source, NaN where the text is too short to show it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import regex

from outcross.core.batch import Floats
from outcross.detectors._function_words import AUXILIARIES, CONTRACTIONS, FUNCTION_WORDS, PRONOUNS

DRAW = 42
"""How many words a draw has in which types are counted, as in McCarthy and Jarvis (2007)."""
LONG = 7
"""Letters from which on a word is long, as in Björnsson's readability index (1968)."""

COMMON = """the of and to a in that is was it for with as on be at by this from or an are not which but have had were
been has would will can could there their they we i you he she his her its if when what who so no one more than also
while however these such then just very"""
"""Function words whose rates are features of their own (Mosteller and Wallace 1964; Burrows, Delta, 2002)."""
MARKS = {
    "commas": ",，、،",
    "full stops": ".。．",
    "semicolons": ";；؛",
    "colons": ":：",
    "question marks": "?？؟",
    "exclamation marks": "!！",
    "dashes": "-–—",
    "brackets": "()[]（）",
    "double quotes": '"“”„«»「」',
    "ellipses": "…",
}
"""Punctuation, each a share of all tokens (Chaski 2005); variants of typography and script count together."""
GROUPS = {
    "pronouns": frozenset(PRONOUNS.split()),
    "auxiliaries": frozenset(AUXILIARIES.split()),
    "contractions": frozenset(CONTRACTIONS.split()),
    "first person": frozenset({"i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves"}),
    "second person": frozenset({"you", "your", "yours", "yourself", "yourselves"}),
    "function words": FUNCTION_WORDS,
}
"""Classes of words, each a share of the words (Pennebaker, Boyd et al., LIWC 2015)."""

FEATURES = (
    "mean word length",  # Mendenhall (1887)
    "variance of word length",
    "long words",  # Björnsson (1968)
    "short words",
    "mean log sentence length",  # Yule (1939)
    "variance of log sentence length",  # unbiased
    "repeat rate of words",  # Simpson (1949), which Yule's K (1944) is a multiple of
    "repeat rate of pairs",
    "types in a draw",  # HD-D: McCarthy and Jarvis (2007)
    "hapaxes in a draw",  # Baayen (2001), by the same hypergeometric law
    "digits",  # of all signs that are no white space
    "capitals",  # of all letters
    "capitalised words",
    "words in capitals",
    *MARKS,
    *GROUPS,
    *(f"'{word}'" for word in COMMON.split()),
)

_TOKEN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|\p{L}[\p{L}\p{M}]*(?:'\p{L}+)*|\p{N}+|[^\s\w]")
_SENTENCE_END = regex.compile(r"(?<![.!?…])[.!?…]++[\"'”’)\]]*+\s+|[。！？]+|\n\s*\n")


def style(text: str) -> Floats:
    """Return the features of a text, shape (features,); all NaN where it has no word and no mark."""
    text = text.replace("’", "'")
    tokens = _TOKEN.findall(text)
    if not tokens:
        return np.full(len(FEATURES), np.nan)
    words = [token for token in tokens if token[0].isalpha()]
    small = [word.lower() for word in words]
    counts = Counter(small)
    signs = Counter("".join(tokens))
    rates = [sum(signs[mark] for mark in marks) / len(tokens) for marks in MARKS.values()]
    groups = [_share(sum(counts[word] for word in group & counts.keys()), len(words)) for group in GROUPS.values()]
    return np.array(
        [
            *_lengths(words),
            *_sentences(text),
            *_richness(small, counts),
            *_case(words, signs),
            *rates,
            *groups,
            *(_share(counts[word], len(words)) for word in COMMON.split()),
        ]
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def _spread(values: Sequence[float]) -> float:
    """The unbiased variance."""
    return float(np.var(values, ddof=1)) if len(values) > 1 else math.nan


def _lengths(words: list[str]) -> list[float]:
    lengths = [len(word) for word in words]
    shares = [
        _share(sum(length >= LONG for length in lengths), len(words)),
        _share(sum(n <= 3 for n in lengths), len(words)),
    ]
    return [_share(sum(lengths), len(words)), _spread(lengths), *shares]


def _sentences(text: str) -> list[float]:
    """Mean and variance of the logarithm of the number of words in a sentence."""
    sentences = [_TOKEN.findall(sentence) for sentence in _SENTENCE_END.split(text)]
    lengths = [sum(token[0].isalnum() for token in sentence) for sentence in sentences]
    logs = [math.log(length) for length in lengths if length]
    return [_share(sum(logs), len(logs)), _spread(logs)]


def _richness(words: list[str], counts: Counter[str]) -> list[float]:
    pairs = Counter(pairwise(words))
    return [math.sqrt(_repeat(counts)), math.sqrt(_repeat(pairs)), *_in_a_draw(counts)]


def _repeat(counts: Counter[str] | Counter[tuple[str, str]]) -> float:
    """The probability that two draws without replacement are the same: unbiased for any length."""
    n = counts.total()
    return _share(sum(count * (count - 1) for count in counts.values()), n * (n - 1))


def _in_a_draw(counts: Counter[str]) -> list[float]:
    """The expected share of types, and of words that come once, in a draw of `DRAW` words without replacement."""
    n = counts.total()
    if n < DRAW:
        return [math.nan, math.nan]
    types = once = 0.0
    for count, number in Counter(counts.values()).items():
        absent = math.exp(_log_choose(n - count, DRAW) - _log_choose(n, DRAW))
        single = count * math.exp(_log_choose(n - count, DRAW - 1) - _log_choose(n, DRAW))
        types, once = types + number * (1 - absent), once + number * single
    return [types / DRAW, once / DRAW]


def _log_choose(n: int, k: int) -> float:
    """The logarithm of a binomial coefficient; minus infinity where it is 0."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) if n >= k else -math.inf


def _case(words: list[str], signs: Counter[str]) -> list[float]:
    letters = sum(number for sign, number in signs.items() if sign.isalpha())
    capitals = sum(number for sign, number in signs.items() if sign.isupper())
    digits = sum(number for sign, number in signs.items() if sign.isnumeric())
    long = [word for word in words if len(word) > 1]
    return [
        _share(digits, signs.total()),
        _share(capitals, letters),
        _share(sum(word[0].isupper() for word in words), len(words)),
        _share(sum(word.isupper() for word in long), len(long)),
    ]
