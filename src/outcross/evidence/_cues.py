"""What may give a label away without any style being read: lengths, openings, characters and white space, sources; and
the small models that try.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.core.documents import Flags, Labelled

OPENING = 6
"""How many words an opening has."""
LONGEST = 50_000
"""Characters that are looked at of one text, for its characters: more would not change their shares."""
STEPS = 25
"""Newton steps of the logistic curve at most."""
RIDGE = 1.0

Guess = Callable[[Ints, Ints], Floats]
"""Places to learn from and places to judge in, a score for each of the latter out."""

_WORD = re.compile(r"\w+|[^\w\s]")
_CHARACTERS = {
    "upper case": r"[A-Z]",
    "digits": r"[0-9]",
    "commas": r",",
    "points": r"\.",
    "other ASCII marks": r"[!-+/:-@\[-`{-~]",
    "hyphens": r"-",
    "dashes": r"[–—]|--",
    "straight quotes": r"[\"']",
    "curly quotes": r"[“”‘’]",
    "letters beyond ASCII": r"[^\W\x00-\x7f]",
    "other signs beyond ASCII": r"[^\w\s\x00-\x7f“”‘’–—]",
    "line breaks": r"\n",
    "empty lines": r"\n\s*\n",
    "carriage returns, tabs": r"[\r\t\xa0]",
    "double spaces": r"  ",
    "space before a mark": r"\s[,.;:!?]",
    "no space after a mark": r"[,;:!?][^\W\d]",
    "list marks": r"(?m)^\s*(?:[-*#•]|\d+[.)])\s",
    "markup": r"[<>{}|\\*_#]",
}
_PATTERNS = [re.compile(pattern) for pattern in _CHARACTERS.values()]


def words_in(text: str) -> int:
    """Return how many words a text has: what stands between white space; one per eight characters where none does.

    Scripts that set no spaces would have one word a text otherwise.
    """
    return max(len(text.split()), len(text) // 8)


def length_table(texts: Sequence[str]) -> Floats:
    """Return the logarithms of the numbers of characters and of words, shape (n, 2)."""
    return np.log1p([[len(text), len(text.split())] for text in texts])


def character_table(texts: Sequence[str]) -> Floats:
    """Return what a text looks like with its letters unread, shape (n, features): shares of characters, habits."""
    rows = []
    for text in texts:
        seen = text[:LONGEST]
        per = 1 / max(1, len(seen))
        ends = [
            seen[:1].islower(),
            seen[:1].isspace(),
            seen[-1:].isspace(),
            seen.rstrip()[-1:] in {".", "!", "?", '"', "”"},
            not any(letter.isupper() for letter in seen[:5_000]),
        ]
        rows.append([*(math.sqrt(len(pattern.findall(seen)) * per) for pattern in _PATTERNS), *map(float, ends)])
    return np.array(rows, dtype=np.float64).reshape(len(texts), len(_PATTERNS) + 5)


def opening_words(texts: Sequence[str]) -> list[frozenset[str]]:
    """Return the first words of each text, in small letters, alone and in pairs."""
    found = []
    for text in texts:
        words = _WORD.findall(text[:400].lower())[:OPENING]
        found.append(frozenset([*words, *map(" ".join, pairwise(words)), f"first {words[:1]}"]))
    return found


def source_words(data: Labelled) -> list[frozenset[str]]:
    """Return what the columns beside the text say: the domain, the words of the group's name and of the source."""
    sources = data.documents.sources or ("",) * data.size
    domains = data.domains or ("",) * data.size
    return [
        frozenset(
            [
                f"domain {domain}",
                f"source {bool(source)}",
                *(f"group {word}" for word in re.findall(r"[^\W\d_]+", group)),
                *(f"source {word}" for word in _WORD.findall(source[:2_000].lower())),
            ]
        )
        for domain, group, source in zip(domains, data.groups, sources, strict=True)
    ]


def curve_guess(table: Floats, synthetic: Flags, steps: int) -> Guess:
    """Return a logistic curve over steps of each feature: it follows a use of it that goes up and down again."""

    def guess(learn: Ints, judge: Ints) -> Floats:
        quantiles = np.quantile(table[learn], np.arange(1, steps + 1) / (steps + 1), axis=0)

        def coded(places: Ints) -> Floats:
            rows = table[places]
            return np.concatenate([rows > cut for cut in quantiles], axis=1).astype(np.float64)

        design = coded(learn)
        _, first = np.unique(design, axis=1, return_index=True)
        varies = first[design[:, first].std(axis=0) > 0]
        beta, shift = _logistic(design[:, varies], synthetic[learn])
        scores: Floats = coded(judge)[:, varies] @ beta + shift
        return scores

    return guess


def word_guess(held: Sequence[frozenset[str]], synthetic: Flags) -> Guess:
    """Return naive Bayes over which words occur."""

    def guess(learn: Ints, judge: Ints) -> Floats:
        counts = [_count(held[int(place)] for place in learn[synthetic[learn] == kind]) for kind in (False, True)]
        sizes = [int((synthetic[learn] == kind).sum()) for kind in (False, True)]
        weight = {
            word: math.log((counts[1][word] + 1) / (sizes[1] + 2)) - math.log((counts[0][word] + 1) / (sizes[0] + 2))
            for word in counts[0].keys() | counts[1].keys()
            if counts[0][word] + counts[1][word] > 1
        }
        # in a fixed order: sums of floats depend on it, and that of a set changes from run to run
        return np.array([math.fsum(weight.get(word, 0.0) for word in held[int(place)]) for place in judge])

    return guess


def _count(sets: Iterable[frozenset[str]]) -> Counter[str]:
    counter: Counter[str] = Counter()
    for words in sets:
        counter.update(words)
    return counter


def _logistic(design: Floats, synthetic: Flags) -> tuple[Floats, float]:
    """Ridge logistic regression by Newton's method, both classes weighing the same."""
    n, width = design.shape
    share = synthetic.mean()
    weight = np.where(synthetic, 0.5 / share, 0.5 / (1 - share))
    full = np.concatenate([design, np.ones((n, 1))], axis=1)
    penalty = np.append(np.full(width, RIDGE), 1e-6)
    beta = np.zeros(width + 1)
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(full @ beta, -30, 30)))
        gradient = full.T @ (weight * (p - synthetic)) + penalty * beta
        hessian = (full * (weight * p * (1 - p))[:, None]).T @ full + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        beta = beta - step
        if np.abs(step).max() < 1e-6:
            break
    return beta[:-1], float(beta[-1])
