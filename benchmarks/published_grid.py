"""The published grid of Kazdan et al. (arXiv 2410.16713) at its published size: Gaussians of d in {1, 3, 10, 31, 100}
dimensions, n in {10, 32, 100, 316, 1000} records a generation, 100 seeds, 100 generations, under replace, accumulate
and accumulate-subsample; and kernel density estimates. For each: seconds, the median over seeds of the log determinant
of the covariance against that of the truth (null in JSON where it is minus infinity: n is not above d, or all spread
is lost to working precision), and of the squared distance of the mean from the true mean, at the end.

Replace and accumulate run on the exact path with Gaussians; a subsample is chosen among records, so records are drawn.

What limits us: with many dimensions and on the exact path, the rank of each covariance (its eigenvalues), which
`log_det` looks at in every generation; under subsample, keeping every record that was ever drawn; under accumulate with
density estimates, the moments of all records in every generation.

Run: ``python benchmarks/published_grid.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator

import numpy as np

from outcross.lab.chain import Chain

POLICIES = ("replace", "accumulate", "subsample")
DIMENSIONS = {"gaussian(ddof=1)": (1, 3, 10, 31, 100), "kde(bandwidth=0.5)": (1, 3)}
USUAL = (1, 3, 10, 31)
"""Dimensions that are run when none is asked for: 100 takes longer than all others together."""
SAMPLE_SIZES = (10, 32, 100, 316, 1_000)

Row = dict[str, str | int | float]


def cell(model: str, dim: int, n: int, policy: str, seeds: int, generations: int) -> Row:
    """One chain: what it took, and where it ended."""
    chain = Chain(model, f"normal(dim={dim})", policy, ["log_det", "mean_drift"], sample_size=n)
    start = time.perf_counter()
    history = chain.run(generations, seeds, engine="serial")
    found: Row = {"model": model, "d": dim, "n": n, "policy": policy, "path": history.facts.path}
    found["seconds"] = time.perf_counter() - start
    for metric in ("log_det", "mean_drift"):
        found[metric] = float(np.median(history.values(policy, metric)[:, generations]))
    return found


def cells(dimensions: list[int], quick: bool) -> Iterator[Row]:
    """The grid in these dimensions, or its smallest corner."""
    seeds, generations = (10, 5) if quick else (100, 100)
    for model, known in DIMENSIONS.items():
        for dim in (dim for dim in known if dim in dimensions):
            for n in SAMPLE_SIZES[:2] if quick else SAMPLE_SIZES:
                for policy in POLICIES:
                    yield cell(model, dim, n, policy, seeds, generations)


def main() -> None:
    """Print one line for each cell as it is found, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--dimensions", type=int, nargs="+", default=list(USUAL))
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: a corner of the grid, cut short")
    given = options.parse_args()
    found = []
    dimensions = [1, 3] if given.quick else given.dimensions
    if not given.json:
        print(f"{'model':20}{'d':>5}{'n':>6}  {'policy':12}{'path':9}{'seconds':>9}{'log_det':>11}{'mean_drift':>12}")
    for row in cells(dimensions, given.quick):
        found.append(row)
        if not given.json:
            print(
                f"{row['model']:20}{row['d']:>5}{row['n']:>6,}  {row['policy']:12}{row['path']:9}"
                f"{row['seconds']:>9.2f}{row['log_det']:>11.3g}{row['mean_drift']:>12.3g}",
                flush=True,
            )
    if given.json:
        print(json.dumps([{name: None if value == -np.inf else value for name, value in row.items()} for row in found]))
    else:
        print(f"{len(found)} chains, {sum(float(row['seconds']) for row in found):,.0f} seconds")


if __name__ == "__main__":
    main()
