"""The intervals of forecasts against what real n-gram chains do, on real texts.

A small edition of ``benchmarks/forecast_coverage.py``. One number has seen texts of these sources:
`surrogate.FIRST` was widened after a first look at larger cuts of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import outcross as oc
from outcross.core.text import Texts
from outcross.guard.forecast.spectrum import TAIL
from outcross.lab.steps import head

GENERATIONS, WORDS, LONGEST = 10, 7_000, 40
POLICIES = ("replace", "anchor(real=0.2)", "accumulate", "subsample", "weighted(real=0.6, fresh=False)")


def _corpora(shared: Path) -> Iterator[tuple[str, list[str]]]:
    """Ten small corpora: human texts of five sources, the beginnings of texts, up to so many words."""
    named: dict[str, list[str]] = {}
    for row in map(json.loads, (shared / "data/fastdetectgpt/texts.jsonl").read_text().splitlines()):
        if row["label"] == "human":
            named.setdefault(row["domain"], []).append(row["text"])
    for folder in ("students_chatgpt", "seqxgpt_doc"):
        for row in map(json.loads, (shared / f"data/{folder}/texts.jsonl").read_text().splitlines()):
            if row["label"] == "human":
                named.setdefault(folder, []).append(row["text"])
    wiki = (shared / "data/wikitext-2/test.txt").read_text().splitlines()
    named["wiki"] = [line for line in wiki if len(line.split()) > 20]
    for name, texts in named.items():
        unlike = list(dict.fromkeys(texts))
        yield name, _some(unlike)
        if sum(len(one.split()) for one in unlike) > 3 * WORDS:
            yield f"{name}, the end", _some(unlike[::-1])


def _some(texts: list[str]) -> list[str]:
    texts = [" ".join(text.split()[:LONGEST]) for text in texts]  # a chain takes as long as its longest text
    ahead = np.cumsum([len(one.split()) for one in texts])
    return texts[: int(np.searchsorted(ahead, WORDS)) + 1]


def _truth(texts: list[str], policy: str) -> dict[str, float]:
    """What is left at the last generation of a real chain: what the docstring of `forecast` says, written anew."""
    human = Texts.of(texts)
    chain = oc.Chain("ngram(order=3)", human, policy, ["types"], test=human)
    first = human.counts().values[0]
    step = next(step for step in chain.steps(seed=3) if step.generation == GENERATIONS)
    output = head(step.output, human.size)
    assert isinstance(output, Texts)
    last = output.counts().values[0]
    order = np.argsort(first, kind="stable")
    reached = np.cumsum(first[order]) / first.sum()
    edge = first[order][np.searchsorted(reached, TAIL)]
    whole, part = first < edge, first == edge
    rest = (TAIL * first.sum() - first[whole].sum()) / first[part].sum()
    share = np.minimum(first / first.sum(), last / last.sum())
    tail = (share[whole].sum() + rest * share[part].sum()) / TAIL
    return {"types": float(((first > 0) & (last > 0)).sum() / (first > 0).sum()), "tail_mass": float(tail)}


def test_real_chains_do_what_was_forecast(shared: Path) -> None:
    cases, widths = [], []
    for place, (name, texts) in enumerate(_corpora(shared)):
        policy = POLICIES[place % len(POLICIES)]
        found = oc.forecast(texts, policy=policy, generations=GENERATIONS, inverse=False)
        truth = _truth(texts, policy)
        ends = {metric: found.left[metric][GENERATIONS] for metric in truth}
        cases.append((name, policy, all(ends[m].low <= truth[m] <= ends[m].high for m in truth)))  # type: ignore[operator]
        widths += [one.high - one.low for one in ends.values()]  # type: ignore[operator]
    assert len(cases) >= 9
    assert sum(held for *_, held in cases) >= len(cases) - 1, cases
    assert np.mean(widths) < 0.2  # an interval from 0 to 1 is no forecast
