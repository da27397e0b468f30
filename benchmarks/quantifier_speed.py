"""A thousand bootstrap draws of a share from 10,000 scores: ours, all draws at once, against the same estimate in a
loop over resamples, and against QuaPy's aggregation in such a loop (what its ``AggregativeBootstrap`` does in each
process; it leaves the references as they are, ours are resampled too). Drawing the resamples is timed with the rest.

What limits us: drawing them. Counting 12,000 random numbers a draw is most of the time of the adjusted counts, whose
own work is one product of a matrix and a vector; a likelihood takes some five passes over all draws and documents.
Run: ``python benchmarks/quantifier_speed.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec

import numpy as np

from outcross.core.batch import Floats
from outcross.core.part import build
from outcross.core.quantifier import Quantifier, Sample, Scores

NAMES = (
    "probabilistic_adjusted_count",
    "adjusted_count",
    "classify_and_count",
    "distribution_matching",
    "em",
    "em(adjust=true)",
    "token_mixture",
    "ppi",
)
TARGET, REFERENCES, LABELS, DRAWS = 10_000, 1_000, 200, 1_000
BLOCK = 100
"""Draws at once: 8 MB of weights for 10,000 documents, and memory does not grow with the number of draws."""


def sample(target: int, references: int, labels: int) -> dict[str, tuple[Floats, Floats]]:
    """Log odds of four samples, and whether each document is synthetic: normal laws, three in ten synthetic."""
    rng = np.random.default_rng(0)
    origins = {
        "target": (rng.random(target) < 0.3) * 1.0,
        "human": np.zeros(references),
        "synthetic": np.ones(references),
        "labelled": (rng.random(labels) < 0.3) * 1.0,
    }
    return {which: (3 * (kind - 0.5) + 1.7 * rng.normal(size=len(kind)), kind) for which, kind in origins.items()}


def scores(quantifier: Quantifier, given: dict[str, tuple[Floats, Floats]]) -> Scores:
    """The samples as the quantifier reads them."""
    read = {
        which: Sample(odds if quantifier.detector else 1 / (1 + np.exp(-odds))) for which, (odds, _) in given.items()
    }
    return Scores(**read, truth=given["labelled"][1])


def ours(quantifier: Quantifier, held: Scores, draws: int) -> Callable[[], Floats]:
    """All draws of a block at once, each a row of weights."""

    def weighted(one: Sample, rows: int, rng: np.random.Generator) -> Sample:
        size = len(one.values)
        drawn = rng.integers(size, size=(rows, size)) + size * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * size).reshape(rows, size)
        return Sample(one.values, counts.astype(np.float64))

    def run() -> Floats:
        rng = np.random.default_rng(1)
        found = []
        for start in range(0, draws, BLOCK):
            rows = min(BLOCK, draws - start)
            target, human, synthetic = (weighted(one, rows, rng) for one in (held.target, held.human, held.synthetic))
            labelled = None if held.labelled is None else weighted(held.labelled, rows, rng)
            given = replace(held, target=target, human=human, synthetic=synthetic, labelled=labelled)
            found.append(quantifier.estimate(given))
        return np.concatenate(found)

    return run


def loop(quantifier: Quantifier, held: Scores, draws: int) -> Callable[[], Floats]:
    """The same estimate, one resample after another."""

    def again(one: Sample, rng: np.random.Generator) -> Sample:
        return Sample(rng.choice(one.values, size=len(one.values)))

    def run() -> Floats:
        rng = np.random.default_rng(1)
        found = []
        for _ in range(draws):
            target, human, synthetic = (again(one, rng) for one in (held.target, held.human, held.synthetic))
            given = replace(held, target=target, human=human, synthetic=synthetic)
            found.append(quantifier.estimate(given)[0])
        return np.array(found)

    return run


def quapy(name: str, held: Scores, draws: int) -> Callable[[], Floats] | None:
    """QuaPy's aggregation of the same probabilities, where it has the method and is installed."""
    if find_spec("quapy") is None or name not in {"probabilistic_adjusted_count", "adjusted_count", "em"}:
        return None
    from quapy.method.aggregative import ACC, EMQ, PACC
    from sklearn.dummy import DummyClassifier

    y = np.repeat([0, 1], [len(held.human.values), len(held.synthetic.values)])
    classifier = DummyClassifier(strategy="prior").fit(y[:, None], y)
    kind = {"probabilistic_adjusted_count": PACC, "adjusted_count": ACC, "em": EMQ}[name]
    method = kind(classifier, fit_classifier=False, val_split=None)

    def read(values: Floats) -> Floats:
        """Probabilities of both classes, or verdicts."""
        return (values >= 0.5) * 1 if name == "adjusted_count" else np.stack([1 - values, values], axis=1)

    method.train_prevalence = np.array([0.5, 0.5])
    method.aggregation_fit(read(np.concatenate([held.human.values, held.synthetic.values])), y)
    target = read(held.target.values)

    def run() -> Floats:
        rng = np.random.default_rng(1)
        size = len(target)
        return np.array([method.aggregate(target[rng.integers(size, size=size)])[1] for _ in range(draws)])

    return run


def seconds(run: Callable[[], Floats], repeats: int) -> tuple[float, Floats]:
    """The least processor time of several runs, and the result: other work on the machine does not count."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        found = run()
        times.append(time.process_time() - start)
    return min(times), found


def measure(target: int, references: int, draws: int, few: int) -> dict[str, dict[str, float]]:
    """Seconds of one core by quantifier; the loops are given fewer draws, and their time is scaled."""
    given = sample(target, references, LABELS)
    found: dict[str, dict[str, float]] = {}
    for name in NAMES:
        mine, shares = seconds(ours(*part(name, given), draws), 3)
        found[name] = {"ours": mine, "median": float(np.median(shares))}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # before others' libraries are loaded
    for name, row in found.items():
        quantifier, held = part(name, given)
        beside = {"loop": None if quantifier.labels else loop(quantifier, held, few), "quapy": quapy(name, held, few)}
        for way, run in beside.items():
            if run is not None:
                other, shares = seconds(run, 2)
                if abs(np.median(shares) - row["median"]) > 0.1:
                    raise SystemExit(f"{name}: the shares differ: {row['median']} and {np.median(shares)}")
                row |= {way: other * draws / few, f"{way} ratio": other * draws / few / row["ours"]}
    return found | {"memory": {"peak MB": peak}}


def part(name: str, given: dict[str, tuple[Floats, Floats]]) -> tuple[Quantifier, Scores]:
    """A quantifier by its words, and what it reads."""
    quantifier = build("quantifier", name)
    held = scores(quantifier, given)
    return quantifier, held if quantifier.labels else replace(held, labelled=None, truth=None)


def main() -> None:
    """Print one line for each quantifier, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the times mean nothing")
    given = options.parse_args()
    found = measure(*((300, 100, 20, 10) if given.quick else (TARGET, REFERENCES, DRAWS, 100)))
    if given.json:
        print(json.dumps(found))
        return
    print(f"{DRAWS:,} bootstrap draws, {TARGET:,} scores and {REFERENCES:,} references of each origin")
    for name, row in found.items():
        told = "".join(f"   {what} {value:8.3f}" for what, value in row.items())
        print(f"{name:>30}{told}")


if __name__ == "__main__":
    main()
