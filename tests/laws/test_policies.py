"""What every policy must obey; parts are found by themselves."""

import numpy as np
import pytest

from outcross.core.inventory import Inventory
from outcross.core.memory import MemoryPool
from outcross.core.part import build, example, parts, words
from outcross.core.policy import Policy
from outcross.core.provenance import Origin, Provenance, Stratum
from outcross.core.records import Symbols
from outcross.core.seed import Seed

POLICIES = sorted(parts("policy"))


def a(name: str) -> Policy:
    """The policy with middling settings."""
    policy = build("policy", example(parts("policy")[name]))
    assert isinstance(policy, Policy)
    return policy


def inventory(depth: int, human: int = 100, written: int = 60) -> Inventory:
    """A pool with human records of two groups and so many synthetic generations."""
    counts = {}
    for group, share in (("yellow", 0.8), ("blue", 0.2)):
        counts[Stratum(Origin.HUMAN, 0, group)] = int(human * share)
        for generation in range(1, depth + 1):
            counts[Stratum(Origin.SYNTHETIC, generation, group)] = int(written * share)
    return Inventory(counts, reserve=np.inf)


@pytest.mark.parametrize("name", POLICIES)
def test_words_build_it_again(name: str) -> None:
    policy = a(name)
    assert build("policy", words(policy)) == policy


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("depth", [0, 1, 2, 7])
@pytest.mark.parametrize("budget", [1, 60, 100])
def test_plans_only_what_is_there(name: str, depth: int, budget: int) -> None:
    stock = inventory(depth)
    recipe = a(name).plan(stock, budget)
    assert recipe.size > 0
    assert recipe.ask >= 0
    for draw in recipe.draws:
        there = stock.total(draw.strata)
        assert draw.fresh or draw.replacement or draw.quota <= draw.most * there
        assert all(stratum in stock.counts for stratum in draw.strata)


@pytest.mark.parametrize("name", POLICIES)
def test_plan_is_pure(name: str) -> None:
    stock = inventory(3)
    before = dict(stock.counts)
    assert a(name).plan(stock, 50) == a(name).plan(stock, 50)
    assert dict(stock.counts) == before


@pytest.mark.parametrize("name", POLICIES)
def test_first_generation_is_human(name: str) -> None:
    recipe = a(name).plan(inventory(0), 100)
    strata = [stratum for draw in recipe.draws for stratum in draw.strata]
    assert all(stratum.origin is Origin.HUMAN for stratum in strata)


@pytest.mark.parametrize("name", POLICIES)
def test_reach_is_kept(name: str) -> None:
    """It never draws from a generation older than it says it reaches."""
    policy = a(name)
    if policy.reach is None:
        pytest.skip("it reaches all generations")
    recipe = policy.plan(inventory(6), 100)
    oldest = 6 - policy.reach + 1
    for draw in recipe.draws:
        assert all(s.origin is Origin.HUMAN or s.generation >= oldest for s in draw.strata)


@pytest.mark.parametrize("name", POLICIES)
def test_runs_on_a_pool(name: str) -> None:
    """Ten generations of plan, draw, add: the pool always has what the recipe asks for."""
    policy = a(name)
    rng = np.random.default_rng(0)
    human = Symbols(rng.choice(2, size=(1, 100), p=[0.8, 0.2]), 2, ("yellow", "blue"))
    pool = MemoryPool(
        human,
        fresh=lambda k, seed: Symbols(seed.generator().choice(2, size=(1, k)), 2, ("yellow", "blue")),
        reserve=np.inf,
        grouped=policy.grouped,
        blend=policy.blends,
        reach=policy.reach,
    )
    for generation in range(1, 11):
        recipe = policy.plan(pool.inventory(), 100)
        drawn = pool.draw(recipe, Seed(0).child(generation))
        assert drawn.size == recipe.size
        written = Symbols(rng.choice(2, size=(1, recipe.ask), p=[0.8, 0.2]), 2, ("yellow", "blue"))
        scores = {name: rng.random((1, recipe.ask)) for name in policy.scores}
        if generation == 1:
            pool.rate(pool.inventory().human(), {name: rng.random((1, 100)) for name in policy.scores})
        origin = Origin.SYNTHETIC if recipe.edit is None else Origin.MIXED
        pool.add(written, Provenance(origin, generation), scores)
        kept = {stratum.generation for stratum in pool.inventory().counts} - {0}
        assert policy.reach is None or recipe.ask == 0 or len(kept) == min(generation, policy.reach)


@pytest.mark.parametrize("name", POLICIES)
def test_an_edit_is_of_what_is_drawn(name: str) -> None:
    """A recipe that has texts edited asks for no more of them than it draws."""
    for depth in (0, 1, 4):
        recipe = a(name).plan(inventory(depth), 80)
        assert recipe.edit is None or recipe.ask <= recipe.size
        assert recipe.edit is None or recipe.best_of == 1


@pytest.mark.parametrize("name", POLICIES)
def test_has_a_source(name: str) -> None:
    assert parts("policy")[name].source.strip()
