"""What the chain itself costs a generation: a trial of one replicate against the same calls made by hand. By hand means
the fits, the samples (or their statistics), the joining of what is trained on and the metric, in a bare loop. The rest
is the chain's: taking the inventory, planning and drawing, named seeds, filing, choosing what a metric looks at, and
keeping the readings. Promised: under 100 microseconds a generation.

What limits us: some thirty small Python objects a generation (seeds, strata, recipes, batches) and some ten checks of
their kinds; under `anchor` on the exact path also a second draw of a statistic, since metrics are given one of n
records and the pool one of as many as the recipe asks for.

Run: ``python benchmarks/chain_overhead.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from outcross.core.batch import Batch
from outcross.core.metric import Metric
from outcross.core.model import Exact, Fitted
from outcross.core.part import build
from outcross.core.policy import Policy
from outcross.core.seed import Seed
from outcross.lab.exact import choose_path
from outcross.lab.trial import Experiment, Trial, run_trial
from outcross.lab.truth import Truth
from outcross.models.gaussian import Gaussian

SAMPLE_SIZE = 100
KEPT = 10
"""Human records in every training set of ``anchor(real=0.1)``."""

MODEL = Gaussian(ddof=1)
METRIC: Metric[Any] = build("metric", "variance")


def write(fitted: Fitted, n: int, seed: Seed, exact: bool) -> Batch:
    """A sample, or its statistic."""
    return fitted.sample_statistic(n, seed) if exact and isinstance(fitted, Exact) else fitted.sample(n, seed)


def keep_last(data: Batch, human: Batch, fitted: Fitted, seed: Seed, exact: bool) -> Batch:
    """What `replace` trains on next."""
    return write(fitted, SAMPLE_SIZE, seed, exact)


def keep_all(data: Batch, human: Batch, fitted: Fitted, seed: Seed, exact: bool) -> Batch:
    """What `accumulate` trains on next."""
    return data.join([write(fitted, SAMPLE_SIZE, seed, exact)])


def keep_some(data: Batch, human: Batch, fitted: Fitted, seed: Seed, exact: bool) -> Batch:
    """What `anchor` trains on next."""
    chosen = human.choose(KEPT, seed.child("draw").generator())
    rest = write(fitted, SAMPLE_SIZE - KEPT, seed, exact)
    return (MODEL.statistic(chosen) if exact else chosen).join([rest])


BY_HAND = {"replace": keep_last, "accumulate": keep_all, "anchor(real=0.1)": keep_some}


def experiment(policy: str, exact: bool, generations: int) -> Experiment:
    """The chain that is timed."""
    truth = Truth.of_population(build("population", "normal"), Seed(0))
    policies: tuple[Policy, ...] = (build("policy", policy),)
    whole = Experiment(MODEL, policies, (METRIC,), truth, SAMPLE_SIZE, generations)
    level = choose_path(whole, exact)[0]
    return Experiment(MODEL, policies, (METRIC,), truth, SAMPLE_SIZE, generations, level)


def by_hand(policy: str, exact: bool, generations: int) -> None:
    """The same work without a chain."""
    following, seed, found = BY_HAND[policy], Seed(0), []
    human: Batch = build("population", "normal").draw(SAMPLE_SIZE, 1, seed)
    data = MODEL.statistic(human) if exact else human
    for generation in range(generations):
        fitted = MODEL.fit(data, seed)
        summary = METRIC.summarize(fitted.law())
        found.append(METRIC.compare(summary, summary))
        data = following(data, human, fitted, seed.child("sample", generation), exact)


def microseconds(run: Callable[[], object], generations: int) -> float:
    """The time of a run, per generation."""
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) / generations * 1e6


def measure(generations: int, repeats: int) -> dict[str, dict[str, float]]:
    """The least times of several runs, the chain and the bare loop in turn."""
    found = {}
    for policy in BY_HAND:
        for exact in (True, False):
            whole = experiment(policy, exact, generations)
            times = [
                (
                    microseconds(lambda whole=whole: run_trial(whole, Trial(0, 0, 1, 0)), generations),
                    microseconds(lambda policy=policy, exact=exact: by_hand(policy, exact, generations), generations),
                )
                for _ in range(repeats)
            ]
            ours, bare = map(min, zip(*times, strict=True))
            name = f"{policy}, {'exact' if exact else 'sampled'}"
            found[name] = {"chain": ours, "by hand": bare, "overhead": ours - bare}
    return found


def main() -> None:
    """Print one line for each policy and path, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--generations", type=int, default=1_000)
    options.add_argument("--repeats", type=int, default=9)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the times mean nothing")
    given = options.parse_args()
    found = measure(*((20, 1) if given.quick else (given.generations, given.repeats)))
    if given.json:
        print(json.dumps(found))
        return
    print(f"gaussian(ddof=1), n = {SAMPLE_SIZE}, variance, one replicate; microseconds a generation")
    for name, times in found.items():
        print(f"  {name:28}" + "".join(f"{way:>12}{time_:8.1f}" for way, time_ in times.items()))


if __name__ == "__main__":
    main()
