"""Importance resampling: quotas, what it wraps, and what it refuses. What the detector says is tested in the lab."""

from __future__ import annotations

import pytest

from outcross.core.errors import BadSetting
from outcross.core.inventory import Inventory
from outcross.core.part import build, words
from outcross.core.policy import Policy
from outcross.core.provenance import Origin, Stratum

HUMAN, FIRST, SECOND = (Stratum(Origin.HUMAN), Stratum(Origin.SYNTHETIC, 1), Stratum(Origin.SYNTHETIC, 2))
POOL = Inventory({HUMAN: 100, FIRST: 80, SECOND: 60}, reserve=float("inf"))


def importance(policy: str, **settings: float) -> Policy:
    more = "".join(f", {name}={value}" for name, value in settings.items())
    found = build("policy", f"importance(policy={policy}, detector=ngram_linear{more})")
    assert isinstance(found, Policy)
    return found


@pytest.mark.parametrize(
    ("policy", "pool", "sample"),
    [("augment", 160, 160), ("accumulate", 240, 240), ("subsample", 240, 50), ("replace", 60, 60)],
)
@pytest.mark.parametrize("size", [0.5, 1.0, 2.0])
def test_as_many_as_the_wrapped_policy_draws(policy: str, pool: int, sample: int, size: float) -> None:
    recipe = importance(policy, size=size).plan(POOL, 50)
    (draw,) = recipe.draws
    assert POOL.total(draw.strata) == pool
    assert draw.quota == recipe.size == round(size * sample)
    assert (draw.score, draw.proportional, draw.most, draw.replacement) == ("ngram_linear", True, 3, False)
    assert recipe.ask == build("policy", policy).plan(POOL, 50).ask


def test_origins_are_one_pool_where_the_wrapped_policy_draws_them_together() -> None:
    (draw,) = importance("augment").plan(POOL, 50).draws
    assert draw.strata == (HUMAN, SECOND)
    human, written = importance("anchor(real=0.1)").plan(POOL, 50).draws
    assert (human.strata, human.quota, written.strata, written.quota) == ((HUMAN,), 5, (SECOND,), 45)


def test_never_more_copies_than_there_are() -> None:
    (draw,) = importance("subsample", size=3.0).plan(Inventory({HUMAN: 5, FIRST: 5}), 10).draws
    assert draw.quota == 30
    with pytest.raises(BadSetting, match="needs most to be at least that, not 3"):
        importance("subsample", size=3.5)


def test_the_first_model_is_trained_as_under_the_wrapped_policy() -> None:
    human = Inventory({HUMAN: 100})
    assert importance("augment").plan(human, 100) == build("policy", "augment").plan(human, 100)


def test_new_human_records_come_as_they_are() -> None:
    new, written = importance("fresh(real=0.2)").plan(POOL, 50).draws
    assert new.fresh
    assert not new.chooses
    assert written.score == "ngram_linear"


@pytest.mark.parametrize(
    "wrapped", ["filtered(policy=replace, keep=0.5)", "token_edit", "importance(policy=replace, detector=ngram_linear)"]
)
def test_what_was_edited_or_chosen_is_not_resampled(wrapped: str) -> None:
    with pytest.raises(BadSetting, match="so it cannot wrap"):
        importance(wrapped)


def test_a_filter_of_it_is_refused() -> None:
    with pytest.raises(BadSetting, match="chooses by a score itself"):
        build("policy", "filtered(policy=importance(policy=augment, detector=ngram_linear), keep=0.5)")


def test_it_reaches_as_far_as_the_wrapped_policy() -> None:
    for policy in ("augment", "accumulate", "replace"):
        inner, outer = build("policy", policy), importance(policy)
        assert (outer.reach, outer.blends, outer.grouped) == (inner.reach, inner.blends, inner.grouped)
    assert importance("augment").scores == {"ngram_linear"}


def test_groups_keep_their_shares() -> None:
    counts = {Stratum(Origin.HUMAN, 0, group): n for group, n in (("many", 90), ("few", 10))}
    counts |= {Stratum(Origin.SYNTHETIC, 1, group): n for group, n in (("many", 99), ("few", 1))}
    policy = build("policy", "balance(policy=importance(policy=augment, detector=ngram_linear))")
    draws = policy.plan(Inventory(counts), 100).draws
    assert [(draw.quota, draw.most, draw.replacement) for draw in draws] == [(180, 3, False), (20, 3, False)]


def test_its_words_build_it_again() -> None:
    text = "importance(policy=accumulate, detector=ngram_linear, power=2.0, most=5)"
    assert words(build("policy", text)) == text
