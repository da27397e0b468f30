"""Documents scored a second: ``ngram_linear`` against scikit-learn's ``HashingVectorizer`` with ``LogisticRegression``,
both trained before on texts that are not timed; and how far memory grows when ten times as many are scored.

Processor time of one process, the median over rounds in which the ways take turns. ``one word`` is the vectoriser as it
comes (words alone), ``same n-grams`` has the words and pairs, and the characters inside words, that ours has.

What limits us: finding the words (a prefix sum over all bytes) and the n-grams of characters, half of the time each.
Run: ``python benchmarks/detector_speed.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from outcross.core.documents import Documents, Labelled
from outcross.core.seed import Seed
from outcross.detectors.ngram_linear import NgramLinear

WORDS_A_TEXT = 150
ROUNDS = 5
Score = Callable[[Sequence[str]], Any]


@cache
def vocabulary() -> list[str]:
    """Made-up words, five letters on average."""
    rng = np.random.default_rng(0)
    letters = rng.choice(list("etaoinshrdlucmfwypvbgk"), size=(20_000, 20))
    return ["".join(row[:size]) for row, size in zip(letters, rng.poisson(4, size=len(letters)) + 1, strict=True)]


def sample(texts: int, seed: int) -> list[str]:
    """Random texts whose words are as frequent as in English (Zipf's law) and as long, with marks and capitals."""
    rng = np.random.default_rng(seed)
    words = vocabulary()
    shares = 1 / np.arange(1, len(words) + 1)
    drawn = rng.choice(len(words), size=(texts, WORDS_A_TEXT), p=shares / shares.sum())
    marks = np.array(["", "", "", "", "", "", "", "", ",", ". The"])
    after = rng.integers(len(marks), size=drawn.shape)
    return [
        " ".join(words[word] + marks[mark] for word, mark in zip(*row, strict=True))
        for row in zip(drawn.tolist(), after.tolist(), strict=True)
    ]


def ways() -> dict[str, Score]:
    """Each way, trained on the same 400 texts."""
    texts, labels = sample(400, 1), [place % 2 for place in range(400)]
    ours = NgramLinear().fit(Labelled.of(texts, labels), Seed(0))
    same = make_union(HashingVectorizer(ngram_range=(1, 2)), HashingVectorizer(analyzer="char_wb", ngram_range=(4, 4)))
    theirs = {
        name: make_pipeline(words, LogisticRegression()).fit(texts, labels)
        for name, words in {"one word": HashingVectorizer(), "same n-grams": same}.items()
    }
    return {
        "ours": lambda asked: ours.score(Documents.of(asked)),
        **{k: v.decision_function for k, v in theirs.items()},
    }


def seconds(score: Score, texts: list[str]) -> float:
    """Processor time of scoring the texts once."""
    start = time.process_time()
    score(texts)
    return time.process_time() - start


def extra(score: Score, texts: list[str]) -> float:
    """The most memory that scoring took beside the texts, in MB."""
    tracemalloc.start()
    score(texts)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def measure(texts: int, rounds: int) -> dict[str, Any]:
    """Documents a second, ratios, and memory at one and ten times the corpus."""
    asked, found = sample(texts, 2), {}
    scored = ways()
    times: dict[str, list[float]] = {name: [] for name in scored}
    for _ in range(rounds):
        for name, score in scored.items():
            times[name].append(seconds(score, asked))
    size = sum(len(text.encode()) for text in asked) / 1e6
    for name in scored:
        ratios = [other / mine for other, mine in zip(times[name], times["ours"], strict=True)]
        middle = statistics.median(times[name])
        found[name] = {"documents": texts / middle, "MB": size / middle, "ratio": statistics.median(ratios)}
    ten = asked * 10
    return found | {"memory": {"1x": extra(scored["ours"], asked), "10x": extra(scored["ours"], ten), "corpus": size}}


def main() -> None:
    """Print one line for each way and one for memory, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the times mean nothing")
    given = options.parse_args()
    found = measure(*((50, 1) if given.quick else (10_000, ROUNDS)))
    if given.json:
        print(json.dumps(found))
        return
    memory = found.pop("memory")
    for name, row in found.items():
        print(f"{name:<13}{row['documents']:10,.0f} documents/s{row['MB']:8.1f} MB/s   ours is {row['ratio']:.1f} x")
    print(
        f"memory beside the corpus of {memory['corpus']:.1f} MB: {memory['1x']:.1f} MB, for ten times as much "
        f"{memory['10x']:.1f} MB"
    )


if __name__ == "__main__":
    main()
