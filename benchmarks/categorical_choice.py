"""One generation of the categorical chain (Zipf's law, 1,000 types, n = 10,000) against drawing symbol by symbol with
``np.random.choice``, as published scripts do, and against one vectorised call of it. Times are per replicate.

What limits us: a multinomial draw is one binomial draw for each type that is still alive, so the exact step hardly
grows with n, and gets faster as types die out. Run: ``python benchmarks/categorical_choice.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import numpy as np

from outcross.core.seed import Seed
from outcross.models.categorical import Categorical, FittedCategorical
from outcross.populations.zipf import Zipf

REPLICATES = 100


def seconds(run: Callable[[], object], repeats: int) -> float:
    """The least time of several runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def measure(types: int, n: int, repeats: int) -> dict[str, float]:
    """Seconds per replicate and generation: sample, count, divide."""
    law = Zipf(types=types, exponent=1.0, shift=0.0).law()
    p, model = law.values[0], Categorical()
    fitted = model.fit(law.spread(REPLICATES), Seed(0))
    late = fitted
    for generation in range(50):
        late = model.fit(late.sample_statistic(n, Seed(generation)), Seed(0))

    def exact(last: FittedCategorical) -> object:
        return model.fit(last.sample_statistic(n, Seed(1)), Seed(2))

    def sampled(last: FittedCategorical) -> object:
        return model.fit(last.sample(n, Seed(1)), Seed(2))

    def symbol_by_symbol() -> object:
        counts = np.zeros(types)
        for _ in range(n):
            counts[np.random.choice(types, p=p)] += 1
        return counts / n

    def one_call() -> object:
        return np.bincount(np.random.choice(types, size=n, p=p), minlength=types) / n

    return {
        "np.random.choice, symbol by symbol": seconds(symbol_by_symbol, 1),
        "np.random.choice, one call": seconds(one_call, 10 * repeats),
        "outcross, sampled": seconds(lambda: sampled(fitted), repeats) / REPLICATES,
        "outcross, exact": seconds(lambda: exact(fitted), repeats) / REPLICATES,
        "outcross, exact, generation 50": seconds(lambda: exact(late), repeats) / REPLICATES,
    }


def main() -> None:
    """Print one line for each way, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--types", type=int, default=1_000)
    options.add_argument("--sample-size", type=int, default=10_000)
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the times mean nothing")
    given = options.parse_args()
    if given.quick:
        given.types, given.sample_size, given.repeats = 20, 50, 1
    found = measure(given.types, given.sample_size, given.repeats)
    if given.json:
        print(json.dumps(found))
        return
    slowest = max(found.values())
    print(f"categorical, one generation, Zipf's law of {given.types:,} types, n = {given.sample_size:,}")
    for name, time_ in found.items():
        print(f"  {name:36}{time_ * 1e6:12,.1f} us{slowest / time_:10,.0f} x")


if __name__ == "__main__":
    main()
