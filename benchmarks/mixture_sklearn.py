"""Chains of Gaussian mixtures: all replicates in one call against a Python loop over scikit-learn's
``GaussianMixture``, on the same samples, with the same tolerance, from k-means both. The mean log-likelihoods that both
reach are shown.

What limits us: an iteration is two small matrix products, an exponential for each responsibility and a logarithm for
each record, all in memory that fits the cache, so what is left is arithmetic. The start (standardising, k-means, the
first iteration) is half of the time or more, and shown too. What limits scikit-learn is the overhead of each call.
Run: ``python benchmarks/mixture_sklearn.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.models.mixture import FittedMixture, Mixture
from outcross.populations.two_normals import TwoNormals

Clock = dict[str, float]


def timed(clock: Clock, name: str, run: Any, *given: Any) -> Any:
    """Add the lesser time of two runs to a clock; return what they return."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        found = run(*given)
        times.append(time.perf_counter() - start)
    clock[name] = clock.get(name, 0.0) + min(times)
    return found


def fit_loop(model: Mixture, rows: Rows) -> list[GaussianMixture]:
    """One replicate after another."""
    return [
        GaussianMixture(model.components, tol=model.tolerance, max_iter=model.iterations, random_state=seed).fit(values)
        for seed, values in enumerate(rows.values)
    ]


def sample_loop(fits: list[GaussianMixture], n: int) -> Any:
    return np.array([fit.sample(n)[0] for fit in fits])


def measure(separation: float, replicates: int, n: int, generations: int) -> dict[str, float]:
    """Run our chain; let scikit-learn fit the same samples of every generation, and sample from its own fits."""
    model, clock, likelihood = Mixture(), {}, np.zeros(2)
    rows = TwoNormals(separation=separation).draw(n, replicates, Seed(0))
    for generation in range(generations):
        timed(clock, "our start and first iteration", Mixture(iterations=1).fit, rows, Seed(0))
        ours: FittedMixture = timed(clock, "our fits", model.fit, rows, Seed(0))
        theirs = timed(clock, "scikit-learn's fits", fit_loop, model, rows)
        timed(clock, "scikit-learn's samples", sample_loop, theirs, n)
        scores = [fit.score(values) for fit, values in zip(theirs, rows.values, strict=True)]
        likelihood += [ours.log_prob(rows).values.mean(), np.mean(scores)]
        rows = timed(clock, "our samples", ours.sample, n, Seed(generation + 1))
    fits = replicates * generations
    found = {f"{name}, us": seconds / fits * 1e6 for name, seconds in clock.items()}
    found["ratio of fits"] = clock["scikit-learn's fits"] / clock["our fits"]
    theirs_all = clock["scikit-learn's fits"] + clock["scikit-learn's samples"]
    found["ratio of chains"] = theirs_all / (clock["our fits"] + clock["our samples"])
    found["our log-likelihood"], found["scikit-learn's log-likelihood"] = (likelihood / generations).tolist()
    return found


def main() -> None:
    """Print one column for each separation of the modes, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--separation", type=float, nargs="+", default=[2.0, 4.0, 6.0])
    options.add_argument("--replicates", type=int, default=100)
    options.add_argument("--sample-size", type=int, default=1_000)
    options.add_argument("--generations", type=int, default=5)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the times mean nothing")
    given = options.parse_args()
    if given.quick:
        given.separation, given.replicates, given.sample_size, given.generations = [4.0], 3, 50, 1
    warnings.simplefilter("ignore", ConvergenceWarning)
    found = {
        separation: measure(separation, given.replicates, given.sample_size, given.generations)
        for separation in given.separation
    }
    if given.json:
        print(json.dumps(found))
        return
    print(f"mixture of 2 Gaussians, {given.replicates} replicates x n = {given.sample_size:,}, per fit")
    print(f"{'modes apart by':36}" + "".join(f"{separation:12g}" for separation in found))
    for name in next(iter(found.values())):
        places = 4 if "likelihood" in name else 1
        print(f"{name:36}" + "".join(f"{column[name]:12,.{places}f}" for column in found.values()))


if __name__ == "__main__":
    main()
