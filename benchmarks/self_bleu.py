"""Self-BLEU of one generation: ours against NLTK's ``sentence_bleu``, side by side, on the same texts and to the same
number. NLTK compares every pair of texts, so it is given fewer of them.

What limits us: sorting the n-grams of each order with the text they are in, so time grows as the number of words.
Run: ``python benchmarks/self_bleu.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import numpy as np
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

from outcross.core.text import Texts
from outcross.metrics.self_bleu import SelfBleu

WORDS_A_TEXT = 40
PAIRED = (50, 100, 200)
ALONE = (1_000, 5_000)
"""Numbers of texts: those that NLTK is given too, and those that would take it minutes to hours."""


def sample(texts: int) -> list[list[str]]:
    """Random texts whose words are as frequent as in English: Zipf's law, 10,000 words."""
    rng = np.random.default_rng(0)
    shares = 1 / np.arange(1, 10_001)
    words = rng.choice(10_000, size=(texts, WORDS_A_TEXT), p=shares / shares.sum())
    return [[str(word) for word in text] for text in words]


def ours(documents: list[list[str]]) -> Callable[[], float]:
    """Our metric; encoding the words is not timed, since a generation is encoded already."""
    texts, metric = Texts.of([" ".join(words) for words in documents], "space"), SelfBleu()
    return lambda: metric.compare(summary := metric.summarize(texts), summary).values.item()


def theirs(documents: list[list[str]]) -> Callable[[], float]:
    """The published way: each text against the list of all others."""
    smooth = SmoothingFunction().method1

    def run() -> float:
        scores = [
            sentence_bleu(documents[:i] + documents[i + 1 :], text, smoothing_function=smooth)
            for i, text in enumerate(documents)
        ]
        return float(np.mean(scores))

    return run


def seconds(run: Callable[[], float], repeats: int) -> tuple[float, float]:
    """The least time of several runs, and the result."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        found = run()
        times.append(time.perf_counter() - start)
    return min(times), found


def measure(paired: tuple[int, ...], alone: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """Seconds by number of texts."""
    found: dict[str, dict[str, float]] = {}
    for size in (*paired, *alone):
        documents = sample(size)
        mine, value = seconds(ours(documents), 5)
        found[str(size)] = {"ours": mine}
        if size in paired:
            other, expected = seconds(theirs(documents), 1)
            if not np.isclose(value, expected, rtol=1e-10):
                raise SystemExit(f"the numbers differ: {value} and {expected}")
            found[str(size)] |= {"nltk": other, "ratio": other / mine}
    return found


def main() -> None:
    """Print one line for each number of texts, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the times mean nothing")
    given = options.parse_args()
    found = measure(*(((5,), (10,)) if given.quick else (PAIRED, ALONE)))
    if given.json:
        print(json.dumps(found))
        return
    print(f"self-BLEU-4, texts of {WORDS_A_TEXT} words")
    for size, row in found.items():
        beside = f"   nltk {row['nltk']:8.2f} s{row['ratio']:10,.0f} x" if "nltk" in row else ""
        print(f"{size:>6} texts   ours {row['ours']:8.4f} s{beside}")


if __name__ == "__main__":
    main()
