"""What share of its own each group will have: the Wright-Fisher model of group counts, under the policy itself."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from outcross.core.batch import Floats, HasFrequencies, NotDivisible
from outcross.core.errors import BadInput
from outcross.core.measure import Measure
from outcross.core.memory import MemoryPool
from outcross.core.model import Model
from outcross.core.part import as_part
from outcross.core.policy import Policy
from outcross.core.seed import Seed
from outcross.core.statistics import Counts
from outcross.lab.steps import steps

CHAINS = 400
"""Chains that the intervals are quantiles of."""
FEWER = 100
"""The same for policies that keep groups apart, which are followed one chain at a time."""
MOST = 50
"""Groups, at most: what lies in more is no group to be guarded but a label of each text."""


def forecast_groups(
    groups: Mapping[str, int], policy: Policy, generations: int, level: float, seed: Seed
) -> dict[str, tuple[Measure, ...]]:
    """Return the share of each group in what each generation's model writes, relative to what it was.

    A model keeps the shares of the groups in its training set up to the chance of what it writes: multinomial counts
    (Wright 1931), carried out on counts by the lab's own loop, so that any policy can be asked about that looks at no
    record. The intervals are quantiles over chains.

    Parameters
    ----------
    groups
        Group to number of documents.

    Returns
    -------
    dict
        ``group_share@NAME`` to its measures; empty where there are fewer than two groups or more than 50.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> found = forecast_groups({"yellow": 90, "blue": 10}, build("policy", "replace"), 5, 0.95, Seed(0))
    >>> list(found), found["group_share@blue"][5].low < 1 < found["group_share@blue"][5].high
    (['group_share@yellow', 'group_share@blue'], True)
    """
    if not 2 <= len(groups) <= MOST:
        return {}
    names, sizes = tuple(groups), np.array(list(groups.values()), dtype=np.float64)
    share = sizes / sizes.sum()
    try:
        found = _shares(names, sizes, policy, generations, seed)
    except (NotDivisible, BadInput) as error:
        missing = Measure.missing(f"the policy looks at records, and groups are followed as counts: {error}")
        return {f"group_share@{name}": (Measure(1.0, 1.0, 1.0, n=1), *[missing] * generations) for name in names}
    edges = (1 - level) / 2
    low, middle, high = np.quantile(found / share, [edges, 0.5, 1 - edges], axis=1)
    return {
        f"group_share@{name}": tuple(
            Measure(float(middle[t, k]), float(low[t, k]), float(high[t, k]), n=found.shape[1] if t else 1, level=level)
            for t in range(generations + 1)
        )
        for k, name in enumerate(names)
    }


def _shares(names: tuple[str, ...], sizes: Floats, policy: Policy, generations: int, seed: Seed) -> Floats:
    """Shares by generation, shape (T + 1, R, K); a policy of groups is followed one chain at a time."""
    blocks, chains = (FEWER, 1) if policy.grouped else (1, CHAINS)
    found = [_block(names, sizes, policy, generations, chains, seed.child("block", one)) for one in range(blocks)]
    return np.concatenate(found, axis=1)


def _block(names: tuple[str, ...], sizes: Floats, policy: Policy, generations: int, chains: int, seed: Seed) -> Floats:
    """The same for one block of chains."""

    def new(quota: int, at: Seed) -> Counts:
        drawn = at.generator().multinomial(quota, sizes / sizes.sum(), size=chains)
        return Counts(drawn.astype(np.float64), names)

    human = Counts(np.tile(sizes, (chains, 1)), names)
    pool = MemoryPool(human, fresh=new, reserve=np.inf, grouped=policy.grouped, blend=policy.blends, reach=policy.reach)
    found = [human.frequencies()]
    chain = steps(as_part(Model, "categorical"), policy, pool, human.size, seed, exact=True)
    for step in itertools.islice(chain, generations):
        output = step.output
        found.append(output.frequencies() if isinstance(output, HasFrequencies) else np.full_like(found[0], np.nan))
    return np.array(found)
