"""The exact Gaussian chain against the two ways it is simulated elsewhere: a NumPy loop that is vectorised over seeds,
and the published scripts' loop, one seed at a time. All three refit a Gaussian (ddof=1) to n samples of the last one
and note its variance. Times are per replicate and generation.

What limits us: each replicate needs one normal and one gamma draw a generation. Their cost is measured too; it is the
floor of any exact chain that draws from NumPy's generators, and more than two thirds of the time at 10,000 replicates.
The rest is nine passes over arrays, and the chain's own bookkeeping of some 40 microseconds a generation, which
does not grow with the number of replicates: at 1,000 of them it is half of the time.

Run: ``python benchmarks/gaussian_exact.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import numpy as np

from outcross.core.seed import Seed
from outcross.core.statistics import Normal
from outcross.lab.chain import Chain
from outcross.metrics.variance import Variance
from outcross.models.gaussian import Gaussian


def published(n: int, generations: int, seeds: int) -> None:
    """One seed at a time, lists that are appended to."""
    for seed in range(seeds):
        np.random.seed(seed)
        mean, sd, variances = 0.0, 1.0, []
        for _ in range(generations):
            data = np.random.normal(mean, sd, n)
            mean, sd = np.mean(data), np.std(data, ddof=1)
            variances.append(sd**2)


def vectorised(n: int, generations: int, replicates: int) -> None:
    """All seeds in one array."""
    rng = np.random.default_rng(0)
    mean, sd, variances = np.zeros(replicates), np.ones(replicates), []
    for _ in range(generations):
        data = mean[:, None] + sd[:, None] * rng.standard_normal((replicates, n))
        mean, sd = data.mean(axis=1), data.std(axis=1, ddof=1)
        variances.append(sd**2)


def parts_alone(n: int, generations: int, replicates: int) -> None:
    """Our model and metric without the chain around them."""
    model, metric, seed = Gaussian(ddof=1), Variance(), Seed(0)
    fitted = model.fit(Normal(np.zeros((1, 1)), np.ones((1, 1, 1))).spread(replicates), seed)
    for generation in range(generations):
        fitted = model.fit(fitted.sample_statistic(n, seed.child("sample", generation)), seed)
        summary = metric.summarize(fitted.law())
        metric.compare(summary, summary)


def chain(n: int, generations: int, replicates: int) -> None:
    """Our chain, from its words to its history."""
    ours = Chain("gaussian(ddof=1)", "normal", "replace", ["variance"], sample_size=n)
    ours.run(generations, replicates, engine="serial")


def floor(n: int, generations: int, replicates: int) -> None:
    """Nothing but the random numbers that an exact chain needs."""
    rng = Seed(0).generator()
    for _ in range(generations):
        rng.standard_normal(replicates)
        rng.standard_gamma((n - 1) / 2, replicates)


def nanoseconds(run: Callable[[int, int, int], None], n: int, generations: int, replicates: int) -> float:
    """The time of a run, per replicate and generation."""
    start = time.perf_counter()
    run(n, generations, replicates)
    return (time.perf_counter() - start) / generations / replicates * 1e9


def measure(n: int, replicates: int, repeats: int) -> dict[str, float]:
    """The least time of several runs of each way, taken in turn so that all meet the same machine."""
    generations = min(300, 10_000_000 // replicates)
    ways = {
        "published loop": (published, 50, 20),
        "vectorised loop": (vectorised, max(3, 20_000 // replicates), replicates),
        "outcross chain": (chain, generations, replicates),
        "outcross parts alone": (parts_alone, generations, replicates),
        "random numbers alone": (floor, generations, replicates),
    }
    rounds = [{name: nanoseconds(run, n, *size) for name, (run, *size) in ways.items()} for _ in range(repeats)]
    return {name: min(times[name] for times in rounds) for name in ways}


def main() -> None:
    """Print one table for each number of replicates, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sample-size", type=int, default=100)
    options.add_argument("--replicates", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    options.add_argument("--repeats", type=int, default=9)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the times mean nothing")
    given = options.parse_args()
    if given.quick:
        given.replicates, given.repeats = [50], 1
    chain(given.sample_size, 5, 10)  # whatever is loaded at first use is not timed
    found = {replicates: measure(given.sample_size, replicates, given.repeats) for replicates in given.replicates}
    if given.json:
        print(json.dumps(found))
        return
    for replicates, times in found.items():
        print(f"gaussian(ddof=1), replace, n = {given.sample_size}, {replicates:,} replicates")
        for name, time_ in times.items():
            ours = name not in ("published loop", "vectorised loop")
            ratios = "".join(f"{times[loop] / time_:9,.0f} x {loop}" for loop in list(times)[:2]) if ours else ""
            print(f"  {name:22}{time_:10,.1f} ns{ratios}")


if __name__ == "__main__":
    main()
