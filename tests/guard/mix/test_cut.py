"""The cut is exact to the record, and the records in it are a simple random sample."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from outcross.core.batch import Floats
from outcross.core.errors import BadInput, BadSetting, Shortage
from outcross.core.inventory import Inventory
from outcross.core.provenance import Origin, Stratum
from outcross.core.recipe import Draw, Recipe
from outcross.core.seed import Seed
from outcross.core.special import normal_cdf
from outcross.guard.mix.cut import Mask, Score, cut, smallest
from outcross.guard.mix.planning import plan_mix
from tests.guard.mix.corpora import surveyed

HUMAN, FIRST, SECOND = Stratum(Origin.HUMAN), Stratum(Origin.SYNTHETIC, 1), Stratum(Origin.SYNTHETIC, 2)
POLICIES = ("anchor(real={})", "balance(policy=anchor(real={}))", "subsample", "accumulate", "replace")


def test_the_real_share_is_exact_in_a_thousand_random_recipes(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    made = short = 0
    while made < 1000:
        groups = [None, "a", "b", "c"][: rng.integers(1, 5)] if rng.random() < 0.5 else [None]
        strata = [Stratum(Origin.HUMAN, 0, g) for g in groups]
        strata += [Stratum(Origin.SYNTHETIC, t, g) for t in range(1, rng.integers(2, 4)) for g in groups]
        counts = {stratum: int(rng.integers(20, 200)) for stratum in strata}
        real = round(float(rng.uniform(0.05, 0.9)), 3)
        policy = (
            POLICIES[rng.integers(2 if groups == [None] else 1)].format(real) if rng.random() < 0.8 else POLICIES[2]
        )
        budget = int(rng.integers(1, 60))
        try:
            plan = plan_mix(Inventory(counts), policy, budget)
        except Shortage:
            short += 1
            continue
        found = surveyed(tmp_path, counts, Seed(made), tasks=int(rng.integers(1, 4)))
        taken = cut(found, plan.recipe, Seed(made))
        drawn: dict[Stratum, int] = {}
        for task, draws in enumerate(taken):
            for code in found.codes(task)[draws > 0]:
                drawn[found.strata[code]] = drawn.get(found.strata[code], 0) + 1
        asked = {draw.strata[0]: draw.quota for draw in plan.recipe.draws if draw.quota}
        assert drawn == asked
        assert sum(drawn.values()) == budget
        human = sum(n for stratum, n in drawn.items() if stratum.origin is Origin.HUMAN)
        assert human >= plan.floor
        if policy.startswith("anchor"):
            assert human == round(budget * real) == plan.floor
        made += 1
    assert short < 300


def tail(spread: float, degrees: int) -> float:
    """Probability of a larger chi-square, by the cube root of Wilson and Hilferty (1931)."""
    scale = 2 / (9 * degrees)
    return 1 - float(normal_cdf(np.array(((spread / degrees) ** (1 / 3) - (1 - scale)) / math.sqrt(scale))))


def inclusions(tmp_path: Path, recipe: Recipe, counts: dict[Stratum, int], seeds: int) -> Mask:
    """Which records each seed chooses, shape (seeds, n)."""
    chosen = []
    for seed in range(seeds):
        found = surveyed(tmp_path, counts, Seed(seed))
        chosen.append(np.concatenate(cut(found, recipe, Seed(seed))) > 0)
    return np.array(chosen)


def test_every_record_is_as_likely_and_none_knows_of_another(tmp_path: Path) -> None:
    """Simple random sampling without replacement (Cochran 1977, chapter 2): the counts of inclusions have the variance
    S pi (1 - pi) and sum up to S q, so that (n - 1) / n times their scaled squares is chi-square with n - 1 degrees;
    pairs are drawn together with probability q (q - 1) / (n (n - 1)).
    """
    n, quota, seeds = 30, 9, 1200
    recipe = Recipe((Draw((HUMAN,), quota), Draw((FIRST, SECOND), 10)), 0)
    chosen = inclusions(tmp_path, recipe, {HUMAN: n, FIRST: 15, SECOND: 25}, seeds).astype(float)
    for first, last, size in ((0, n, quota), (n, n + 40, 10)):
        own = chosen[:, first:last]
        number = last - first
        share = size / number
        spread = ((own.sum(axis=0) - seeds * share) ** 2).sum() / (seeds * share * (1 - share)) * (number - 1) / number
        assert 0.001 < tail(spread, number - 1) < 0.999
        both = size * (size - 1) / (number * (number - 1))
        pairs = (own.T @ own)[np.triu_indices(number, 1)]
        scores = (pairs - seeds * both) / math.sqrt(seeds * both * (1 - both))
        assert np.abs(scores).max() < 5
        assert abs((scores**2).mean() - 1) < 0.47  # its standard error is 0.116 in simple random samples
    across = chosen[:, :n].T @ chosen[:, n:]
    share = quota / n * 10 / 40
    assert np.abs((across - seeds * share) / math.sqrt(seeds * share * (1 - share))).max() < 4.7


def test_draws_that_overlap_take_no_record_twice_and_stay_uniform(tmp_path: Path) -> None:
    recipe = Recipe((Draw((HUMAN,), 10), Draw((HUMAN, FIRST), 8), Draw((), 2, fresh=True)), 0)
    counts = {HUMAN: 20, FIRST: 10}
    seeds = 800
    left, fresh = [], []
    for seed in range(seeds):
        taken = np.concatenate(cut(surveyed(tmp_path, counts, Seed(seed)), recipe, Seed(seed)))
        assert np.bincount(taken, minlength=4).tolist()[1:] == [10, 8, 2]
        assert not (taken[20:] == 3).any()
        left.append((taken[:20] == 2).sum())
        fresh.append(taken[:20] > 0)
    # Eight of the 20 that are left, half of them human: four of these on average (hypergeometric).
    assert abs(np.mean(left) - 4) < 4 * math.sqrt(8 * 0.25 * (12 / 19) / seeds)
    assert np.abs(np.mean(fresh, axis=0) - 0.8).max() < 4.5 * math.sqrt(0.8 * 0.2 / seeds)


@pytest.mark.parametrize("kind", ["random", "close", "equal", "few"])
def test_the_smallest_are_found_without_sorting_all(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcross.guard.mix.cut.FEW", 16)
    rng = np.random.default_rng(1)
    for _ in range(40):
        size = int(rng.integers(1, 400))
        keys = {
            "random": rng.integers(0, 2**64, size, dtype=np.uint64),
            "close": np.uint64(2**63 + 5) + rng.integers(0, 100, size, dtype=np.uint64),
            "equal": np.full(size, 2**64 - 1, np.uint64),
            "few": rng.integers(0, 3, size).astype(np.uint64) << np.uint64(40),
        }[kind]
        parts = np.array_split(keys, 3)
        quota = int(rng.integers(1, size + 1))
        last, ties = smallest(parts.__getitem__, 3, quota)
        order = np.sort(keys)
        assert last == order[quota - 1]
        assert ties == quota - (order < last).sum()


def scores(values: Floats) -> Score:
    halves = np.array_split(values, 2)
    return lambda name, task: halves[task]


def test_scores_decide_where_a_draw_looks_at_one(tmp_path: Path) -> None:
    counts = {FIRST: 40}
    values = np.random.default_rng(2).permutation(40).astype(float)
    values[:3] = np.nan
    score = scores(values)

    def drawn(draw: Draw, seed: int = 0) -> Floats:
        return values[
            np.concatenate(cut(surveyed(tmp_path, counts, Seed(seed)), Recipe((draw,), 0), Seed(seed), score)) > 0
        ]

    top = np.sort(values[~np.isnan(values)])[-10:]
    assert set(drawn(Draw((FIRST,), 6, score="s", best=10 / 37))) <= set(top)
    assert len(drawn(Draw((FIRST,), 6, score="s", best=10 / 37))) == 6
    assert drawn(Draw((FIRST,), 5, score="s", at_least=30)).min() >= 30
    with pytest.raises(BadInput, match="are there"):
        drawn(Draw((FIRST,), 38, score="s", at_least=0))
    with pytest.raises(BadInput, match="do not have"):
        cut(surveyed(tmp_path, counts, Seed(0)), Recipe((Draw((FIRST,), 1, score="s", at_least=1),), 0), Seed(0))


def test_a_single_draw_in_proportion_to_a_score_has_its_probabilities(tmp_path: Path) -> None:
    """Efraimidis and Spirakis (2006): the first one drawn is record i with probability w_i / sum of w."""
    weights = np.array([1.0, 2, 3, 4, 0, 10])
    seeds = 800
    draw = Draw((FIRST,), 1, score="s", proportional=True)
    count = np.zeros(6)
    for seed in range(seeds):
        found = surveyed(tmp_path, {FIRST: 6}, Seed(seed))
        count += np.concatenate(cut(found, Recipe((draw,), 0), Seed(seed), scores(weights))) > 0
    share = weights / weights.sum()
    assert count[4] == 0
    assert np.abs(count - seeds * share).max() < 4 * math.sqrt(seeds * 0.25)
    there = share > 0
    assert tail(((count - seeds * share)[there] ** 2 / (seeds * share[there])).sum(), 4) > 0.001


def test_what_a_mix_does_not_do_is_refused(tmp_path: Path) -> None:
    found = surveyed(tmp_path, {HUMAN: 5}, Seed(0))
    for draw in (Draw((HUMAN,), 2, replacement=True), Draw((HUMAN,), 2, most=2)):
        with pytest.raises(BadSetting, match="repeats no record"):
            cut(found, Recipe((draw,), 0), Seed(0))
    with pytest.raises(BadInput, match="and 5 are there"):
        cut(found, Recipe((Draw((HUMAN,), 6),), 0), Seed(0))
