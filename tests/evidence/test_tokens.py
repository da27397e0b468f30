"""Counting by arrays finds what the regular expression finds, in any script, at any edge."""

from __future__ import annotations

import random
import re
from collections import Counter

import numpy as np

from outcross.evidence._tokens import BLOCK, count_tokens

TOKEN = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]|\n+| {2,}")
SIGNS = "ab'’ \n A.\t\0é日Ⓐ_9ǅ\ud800ß\u00a0\u0301\u2028"


def check(texts: list[str], words: list[str]) -> None:
    found = count_tokens(texts, words)
    for row, text in enumerate(texts):
        tokens = TOKEN.findall(text)
        counts = Counter(tokens)
        assert found.known[row].tolist() == [counts[word] for word in words], text
        assert found.tokens[row] == len(tokens)
        assert found.characters[row] == sum(map(len, tokens))
        assert found.foreign[row] == sum(not token.isascii() for token in tokens)
        assert found.capital[row] == sum(token[0].isupper() for token in tokens)


def test_texts_of_all_signs() -> None:
    rng = random.Random(3)
    for trial in range(150):
        sizes = [rng.choice([0, 1, 2, 5, 40, 300]) for _ in range(rng.choice([1, 3, 20]))]
        texts = ["".join(rng.choices(SIGNS, k=size)) for size in sizes]
        if trial % 3 == 0:
            texts = [text.encode("ascii", "ignore").decode() for text in texts]
        check(texts, [*list(dict.fromkeys(token for text in texts for token in TOKEN.findall(text)))[:40], "unseen"])


def test_blocks_and_nothing() -> None:
    check(["it's a " * (BLOCK // 10), "", "a", "it's a " * (BLOCK // 5), "it's"], ["it's", "a", "it"])
    check([], ["a"])
    check(["", ""], ["a"])
    check(["a b"], [])


def test_words_that_differ_in_one_letter_are_told_apart() -> None:
    words = [f"{a}{b}{c}" for a in "abc" for b in "abc" for c in "abc"]
    check([" ".join(np.random.default_rng(0).permutation(words)) for _ in range(3)], words)
