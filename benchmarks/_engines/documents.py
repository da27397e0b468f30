"""A corpus that anyone can make again: texts of made-up words, as frequent as English ones and as long, with marks."""

from __future__ import annotations

from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

PART = 62_500
"""Rows of a file, which is one row group: a million documents are 16 files, for every engine to share out."""

GROUPS = ("de", "en", "es", "fi", "fr", "it", "pl", "sw")


def vocabulary(size: int = 20_000) -> list[str]:
    """Made-up words, short ones first: frequent words are short (Zipf's law of abbreviation)."""
    rng = np.random.default_rng(0)
    heads, hearts, tails = (
        ["b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "w", "st", "tr", "sh", "th", "ch"],
        ["a", "e", "i", "o", "u", "ea", "ou", "ai"],
        ["n", "r", "s", "l", "t", "nd"],
    )
    parts = np.array([a + b + c for a in [*heads, ""] for b in hearts for c in [*tails, "", "", ""]])
    sizes = np.minimum(1 + rng.poisson(np.linspace(0.2, 1.6, 2 * size)), 4)
    drawn = rng.integers(len(parts), size=(2 * size, 4))
    return list(dict.fromkeys("".join(parts[row[:k]]) for row, k in zip(drawn, sizes, strict=True)))[:size]


def tokens() -> tuple[list[str], NDArray[np.int64]]:
    """Words, some with marks or the start of a sentence; and 2^20 draws of them by Zipf's law, for quick choice."""
    words = vocabulary()
    ended = [f"{word}. {words[place % 50].capitalize()}" for place, word in enumerate(words)]
    law = 1 / np.arange(1, len(words) + 1) ** 1.05
    shares = np.concatenate([0.87 * law, 0.07 * law, 0.06 * law]) / law.sum()
    every = [*words, *(f"{word}," for word in words), *ended]
    draws = np.searchsorted(np.cumsum(shares), (np.arange(2**20) + 0.5) / 2**20)
    return every, np.minimum(draws, len(every) - 1)


def texts(count: int, rng: np.random.Generator, words: list[str], draws: NDArray[np.int64]) -> list[str]:
    """Texts of 8 to 600 words, 592 bytes on average; one in fifty is one of the others again."""
    sizes = np.clip(rng.lognormal(4.437, 0.45, count), 8, 600).astype(int)
    drawn = [words[place] for place in draws[rng.integers(len(draws), size=sizes.sum())].tolist()]
    found = [" ".join(drawn[start:stop]) for start, stop in pairwise(accumulate(sizes.tolist(), initial=0))]
    for place in rng.integers(count, size=count // 50).tolist():
        found[place] = found[(place * 7 + 1) % count]
    return found


def write(folder: Path, rows: int) -> None:
    """Files with the columns id, text, origin (40 % human), group."""
    folder.mkdir()
    words, draws = tokens()
    for place, start in enumerate(range(0, rows, PART)):
        rng, count = np.random.default_rng([1, place]), min(PART, rows - start)
        frame = pl.DataFrame(
            {
                "id": [f"d{start + row:07}" for row in range(count)],
                "text": texts(count, rng, words, draws),
                "origin": np.array(["human", "synthetic"])[(rng.random(count) < 0.6).astype(int)],
                "group": np.array(GROUPS)[np.minimum(rng.geometric(0.35, count), len(GROUPS)) - 1],
            }
        )
        frame.write_parquet(folder / f"part-{place:05}.parquet", row_group_size=PART)
