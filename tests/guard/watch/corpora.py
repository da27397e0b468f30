"""Texts to be watched: drawn from a law with a long tail, the halves of a real corpus, the generations of a chain."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

import outcross as oc
from outcross.guard.snapshot.snapshot import Snapshot


def drawn(n: int, types: int, seed: int, words: int = 60) -> list[str]:
    """Texts whose words follow Zipf's law over so many types."""
    law = 1 / np.arange(1, types + 1)
    rows = np.random.default_rng(seed).choice(types, size=(n, words), p=law / law.sum())
    return [" ".join(f"word{code}" for code in row) for row in rows]


def write(path: Path, texts: Sequence[str], **columns: str) -> Path:
    """Texts as JSON lines, with the same columns for all."""
    path.write_text("".join(json.dumps({"text": text, **columns}) + "\n" for text in texts), encoding="utf-8")
    return path


def pieces(text: str, size: int) -> list[str]:
    """A long text cut into texts of so many words, as they come."""
    words = text.split()
    return [" ".join(words[start : start + size]) for start in range(0, len(words) - size, size)]


def halves(texts: Sequence[str], count: int, seed: int, blocks: int = 20) -> Iterator[tuple[Snapshot, Snapshot]]:
    """Random halves of texts, again and again: blocks of randomly chosen texts, half of them drawn each time."""
    rng = np.random.default_rng(seed)
    for round_ in itertools.count():
        if round_ % 20 == 0:  # blocks anew, so that texts are not bound together for ever
            order = rng.permutation(len(texts))
            held = [Snapshot.of([texts[place] for place in part]) for part in np.array_split(order, blocks)]
        if round_ == count:
            return
        drawn_ = rng.permutation(blocks)
        one, other = ([held[place] for place in part] for part in np.array_split(drawn_, 2))
        yield one[0].merge(*one[1:]), other[0].merge(*other[1:])


def generations(chain: oc.Chain, count: int, seed: int = 0) -> list[tuple[str, ...]]:
    """What each model of a chain wrote, the first trained on human texts."""
    return [step.output.strings() for step in itertools.islice(chain.steps(seed=seed), count)]  # type: ignore[attr-defined]
