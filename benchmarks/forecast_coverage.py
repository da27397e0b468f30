"""How often does the interval of a forecast hold what the real n-gram chain then does, and how wide is it?

A case is a corpus and a policy. The chain is `outcross.Chain(model, data=corpus, policy)`: it holds out a tenth, trains
on the rest, and runs for ten generations; the truth is the share of the corpus' words, and of the mass of its tail,
that is left in what its models write. The forecast knows the corpus and the policy alone. A case is covered where all
intervals of both metrics, at generations 1, 5 and 10, hold the truth; the share of all single intervals is told too.
New human records (``fresh``) are taken from the corpus: the chain starts with part of it, and so does the forecast.

Corpora are JSON lines with a ``text``, one for each value of ``domain`` or ``category`` (synthetic rows apart), or
plain text, whose records are divided by blank lines. Those that the forecast was tuned on are not to be used.

What limits us: a corpus of few documents, whose total length wanders by a third in ten generations, as the intervals
say.
Run: ``python benchmarks/forecast_coverage.py [--json] [--quick] --data FILE...``; without data it does nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("POLARS_MAX_THREADS", "2")

import numpy as np

from outcross.core.model import Model
from outcross.core.part import as_part
from outcross.core.policy import Policy
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.corpus import read
from outcross.guard.forecast.forecast import forecast
from outcross.guard.forecast.spectrum import TAIL
from outcross.lab.steps import head, steps
from outcross.lab.truth import Truth

MODEL = "ngram(order=3)"
POLICIES = (
    "replace",
    "accumulate",
    "anchor(real=0.1)",
    "subsample",
    "anchor(real=0.3)",
    "weighted(real=0.5, fresh=False)",
    "augment",
    "anchor(real=0.6)",
    "fresh(real=0.1)",
)
GENERATIONS = 10
SEEN = (1, 5, 10)


@dataclass(frozen=True)
class Case:
    """What was forecast and what came, by metric and generation."""

    corpus: str
    documents: int
    words: int
    policy: str
    inside: int
    intervals: int
    width: float
    seconds: float
    last: dict[str, tuple[float, float, float, float]]
    """At the last generation: the forecast, its interval, the truth."""

    @property
    def covered(self) -> bool:
        """Whether all intervals hold the truth."""
        return self.inside == self.intervals


def chain(texts: list[str], policy: str, seed: int, size: int | None = None) -> tuple[Texts, dict[str, list[float]]]:
    """The human texts a real chain begins with, and what is left of words and tail by generation."""
    corpus = read(texts, as_=Texts)
    truth = Truth.of_corpus(corpus, Seed(seed).child("truth"))
    plan, model = as_part(Policy, policy), as_part(Model, MODEL)
    if truth.train is None:
        raise ValueError("a corpus is texts")
    n, child = size or truth.train.size, Seed(seed).child("replicates", 0)
    pool, human = truth.pool(model, plan, n, 1, child)
    if not isinstance(human, Texts):
        raise ValueError("a corpus is texts")
    first = human.counts().values[0]
    tail = tail_of(first)
    found: dict[str, list[float]] = {"types": [1.0], "tail_mass": [1.0]}
    for step in steps(model, plan, pool, n, child):
        output = head(step.output, n)
        if not isinstance(output, Texts):
            raise ValueError("the model writes no texts")
        counts = output.counts().values[0]
        share = np.minimum(counts / counts.sum(), first / first.sum())
        found["types"].append(float(((counts > 0) & (first > 0)).sum() / (first > 0).sum()))
        found["tail_mass"].append(float((share * tail).sum() / TAIL))
        if step.generation == GENERATIONS:
            break
    return human, found


def tail_of(counts: np.ndarray) -> np.ndarray:
    """The part of each word that belongs to the tail: words in order of their counts, those that tie in like part."""
    _, kind = np.unique(counts, return_inverse=True)
    mass = np.bincount(kind, counts) / counts.sum()
    before = np.cumsum(mass) - mass
    part = np.divide(TAIL - before, mass, out=np.zeros_like(mass), where=mass > 0)
    return np.asarray(np.clip(part, 0, 1)[kind])


def judge(name: str, texts: list[str], policy: str, seed: int) -> Case:
    """Forecast, then look."""
    size = len(texts) * 4 // 9 if policy.startswith("fresh") else None
    human, truth = chain(texts, policy, seed, size)
    start = time.perf_counter()
    said = forecast(human if size else texts, policy=policy, generations=GENERATIONS, inverse=False, seed=seed)
    seconds = time.perf_counter() - start
    inside, widths, last = [], [], {}
    for metric, values in truth.items():
        for t in SEEN:
            one = said.left[metric][t]
            if one.value is None or one.low is None or one.high is None:
                raise ValueError(f"no forecast of {metric}")
            inside.append(one.low <= values[t] <= one.high)
            widths.append(one.high - one.low)
            last[metric] = (one.value, one.low, one.high, values[t])
    return Case(
        name, said.documents, said.words, policy, sum(inside), len(inside), float(np.mean(widths)), seconds, last
    )


def corpora(files: list[Path], least: int) -> Iterator[tuple[str, list[str]]]:
    """Name and texts of each corpus of enough words."""
    for file in files:
        found: dict[str, list[str]] = {}
        if file.suffix == ".txt":
            found[file.stem] = [one.strip() for one in file.read_text().split("\n\n") if one.strip()]
        else:
            for row in map(json.loads, file.read_text().splitlines()):
                kind = row.get("domain") or row.get("category") or file.stem
                if row.get("label", "human") != "synthetic":
                    found.setdefault(f"{file.parent.name}-{kind}", []).append(row["text"])
        for name, texts in found.items():
            unlike = list(dict.fromkeys(texts))
            if sum(len(one.split()) for one in unlike) >= least:
                yield name, unlike


def main() -> None:
    """Judge cases: each corpus with two policies, in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="*", default=[])
    parser.add_argument("--least", type=int, default=5000, help="words of a corpus, at least")
    parser.add_argument("--policies", type=int, default=2, help="policies a corpus")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="two corpora only")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not given.data:
        why = "give files of human texts with --data"
        print(json.dumps({"not measured": why}) if given.json else f"not measured: {why}")
        return
    cases: list[Case] = []
    for place, (name, texts) in enumerate(corpora(given.data, given.least)):
        if given.quick and place == 2:
            break
        for k in range(given.policies):
            policy = POLICIES[(place * given.policies + k) % len(POLICIES)]
            cases.append(judge(name, texts, policy, given.seed))
            if not given.json:
                print(shown(cases[-1]), flush=True)
    if given.json:
        print(json.dumps([asdict(one) for one in cases], indent=2))
    else:
        print(summary(cases) if cases else f"no corpus has {given.least:,} words")


def shown(case: Case) -> str:
    """A case as a line."""
    parts = [f"{m} {v:.3f} [{lo:.3f}, {hi:.3f}] came {t:.3f}" for m, (v, lo, hi, t) in case.last.items()]
    held = f"{case.inside}/{case.intervals}"
    return (
        f"{case.corpus} ({case.documents:,} documents, {case.words:,} words) {case.policy}: {'; '.join(parts)}; "
        f"{held} held, width {case.width:.3f}, {case.seconds:.1f} s"
    )


def summary(cases: list[Case]) -> str:
    """How many were covered, and how wide the intervals are."""
    inside, total = sum(one.inside for one in cases), sum(one.intervals for one in cases)
    last = sum(all(lo <= t <= hi for _, lo, hi, t in one.last.values()) for one in cases)
    error = math.sqrt(float(np.mean([(v - t) ** 2 for one in cases for v, _, _, t in one.last.values()])))
    return (
        f"{sum(one.covered for one in cases)} of {len(cases)} cases covered at all of generations {SEEN}, {last} at "
        f"{GENERATIONS}; {inside} of {total} intervals ({inside / total:.1%}); mean width "
        f"{np.mean([one.width for one in cases]):.3f}; error at {GENERATIONS} {error:.3f} (root mean square)"
    )


if __name__ == "__main__":
    main()
