"""Plans of mixes: exact or refused, and what they promise holds."""

from __future__ import annotations

import re
from collections import Counter
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcross.core.errors import BadSetting, Shortage
from outcross.core.inventory import Inventory
from outcross.core.measure import Measure
from outcross.core.part import build, example, parts
from outcross.core.policy import Policy
from outcross.core.provenance import Origin, Stratum
from outcross.core.seed import Seed
from outcross.guard.mix.floor import helped, largest_share, least_drawn, least_needed
from outcross.guard.mix.plan import MixPlan
from outcross.guard.mix.planning import plan_mix
from outcross.guard.mix.wanted import divided, wanted

HUMAN, WEB, FORUM = Stratum(Origin.HUMAN), Stratum(Origin.UNKNOWN), Stratum(Origin.UNKNOWN, group="forum")
FIRST, THIRD = Stratum(Origin.SYNTHETIC, 1), Stratum(Origin.SYNTHETIC, 3)
SHORT = re.compile(r"([^;]+?) is short by ([\d,]+) of ([\d,]+)")


def quotas(plan: MixPlan) -> dict[Stratum, int]:
    """Quotas by stratum; each has one draw."""
    strata = [stratum for draw in plan.recipe.draws for stratum in draw.strata]
    assert len(strata) == len(set(strata)) == len(plan.recipe.draws)
    return {draw.strata[0]: draw.quota for draw in plan.recipe.draws}


def of_origin(plan: MixPlan, origin: Origin) -> int:
    return sum(quota for stratum, quota in quotas(plan).items() if stratum.origin is origin)


def number(text: str) -> int:
    return int(text.replace(",", ""))


# What a policy wants


@pytest.mark.parametrize(
    ("policy", "human"),
    [
        ("replace", 0),
        ("replace(multiple=true)", 0),
        ("anchor(real=0.3)", 300),
        ("anchor(real=1)", 1000),
        ("fresh(real=0.2)", 200),
        ("weighted", 500),
        ("weighted(ratio=3.0)", 250),
        ("weighted(ratio=3.0, fresh=false)", 250),
        ("augment", 500),
        ("augment(ratio=0.25)", 800),
        ("balance(policy=anchor(real=0.3))", 300),
        ("subsample", 600),
        ("accumulate", 600),
        ("balance(policy=accumulate)", 600),
    ],
)
def test_each_policy_has_its_share_of_human_records(policy: str, human: int) -> None:
    plan = plan_mix(Inventory({HUMAN: 1200, FIRST: 799, THIRD: 1}), policy, 1000) if human == 600 else None
    plan = plan or plan_mix(Inventory({HUMAN: 5000, FIRST: 4000, THIRD: 1000}), policy, 1000)
    assert (of_origin(plan, Origin.HUMAN), plan.recipe.size) == (human, 1000)
    assert (plan.floor, plan.confidence) == (human, 1)
    assert all(not (draw.replacement or draw.fresh or draw.chooses) for draw in plan.recipe.draws)


def test_every_policy_of_the_shelf_is_planned_or_refused_by_name() -> None:
    pool = Inventory({HUMAN: 5000, FIRST: 4000, THIRD: 1000})
    planned = set()
    for name, part in parts("policy").items():
        try:
            assert plan_mix(pool, example(part), 1000).recipe.size == 1000
            planned.add(name)
        except BadSetting as error:
            assert str(error).startswith(name)
    assert {"token_edit", "verified", "filtered", "importance"} == set(parts("policy")) - planned


def test_a_policy_that_needs_a_model_says_what_would_do() -> None:
    with pytest.raises(BadSetting, match=r"without it: anchor\(real=0.3\)"):
        plan_mix(Inventory({HUMAN: 10, FIRST: 10}), "verified(policy=anchor(real=0.3))", 10)


def test_weights_are_kept_and_said() -> None:
    plan = plan_mix(Inventory({HUMAN: 500, FIRST: 500}), "weighted(real=0.75)", 1000)
    assert {draw.strata[0]: draw.weight for draw in plan.recipe.draws} == {HUMAN: 1.5, FIRST: 0.5}
    assert any("1.5" in note and "0.5" in note for note in plan.notes)


def test_generations_are_drawn_alike() -> None:
    """Taken literally, the single record of generation 3 would be all that is synthetic in the mix."""
    plan = plan_mix(Inventory({HUMAN: 100, FIRST: 900, THIRD: 100}), "anchor(real=0.5)", 200)
    assert quotas(plan) == {HUMAN: 100, FIRST: 90, THIRD: 10}
    assert any("generations 1 and 3" in note for note in plan.notes)


# Exact, or a shortage

STRATA = st.builds(
    lambda kind, group: Stratum(kind[0], kind[1], group),
    st.sampled_from(
        [(Origin.HUMAN, 0), (Origin.SYNTHETIC, 1), (Origin.SYNTHETIC, 2), (Origin.UNKNOWN, 0), (Origin.MIXED, 1)]
    ),
    st.sampled_from([None, "blue", "red"]),
)
SHARES = st.floats(0, 1).map(lambda share: round(share, 3))
POLICIES = st.one_of(
    st.builds("anchor(real={})".format, SHARES),
    st.builds("fresh(real={})".format, SHARES),
    st.builds("augment(ratio={})".format, SHARES),
    st.builds("weighted(ratio={})".format, SHARES),
    st.sampled_from(["replace", "subsample", "accumulate"]),
)


def human_wanted(policy: str, budget: int) -> int:
    """What a policy of the last generations wants, by its definition."""
    part = build("policy", policy)
    name, share = type(part).__name__.lower(), getattr(part, "real", 0.0)
    if name in ("anchor", "fresh"):
        return round(share * budget)
    if name == "weighted":
        return max(1, round(budget / (1 + float(part.ratio))))
    if name == "augment":
        [human, _] = divided(budget, {True: budget, False: round(part.ratio * budget)}).values()
        return human
    return 0


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(st.dictionaries(STRATA, st.integers(0, 60), min_size=1, max_size=8), POLICIES, st.integers(1, 150))
def test_quotas_are_exact_or_the_shortage_is(counts: dict[Stratum, int], policy: str, budget: int) -> None:
    inventory = Inventory(counts)
    there = Counter({origin: sum(n for s, n in counts.items() if s.origin is origin) for origin in Origin})
    other = there[Origin.SYNTHETIC] + there[Origin.UNKNOWN] + there[Origin.MIXED]
    literal = policy in ("subsample", "accumulate")
    human = human_wanted(policy, budget)
    missing = max(0, human - there[Origin.HUMAN]), max(0, budget - human - other)
    try:
        plan = plan_mix(inventory, policy, budget)
    except Shortage as error:
        found = {name.strip(): (number(by), number(of)) for name, by, of in SHORT.findall(str(error))}
        if literal:
            assert inventory.total() < budget
            assert all(of - by == counts[s] for s in counts for n, (by, of) in found.items() if n == str(s))
        else:
            assert any(missing)
            told = {name.split("/")[0]: by for name, (by, _) in found.items()}
            assert (told.get("human", 0), sum(by for name, by in told.items() if name != "human")) == missing
        remedy = re.search(r"a budget of ([\d,]+)", str(error))
        if remedy:
            assert number(remedy[1]) < budget
            assert plan_mix(inventory, policy, number(remedy[1])).recipe.size == number(remedy[1])
        return
    taken = quotas(plan)
    assert sum(taken.values()) == plan.recipe.size == budget
    assert all(0 < quota <= counts[stratum] for stratum, quota in taken.items())
    if literal:
        exact = budget * there[Origin.HUMAN] / inventory.total()
        assert abs(of_origin(plan, Origin.HUMAN) - exact) < 1
    else:
        assert missing == (0, 0)
        assert of_origin(plan, Origin.HUMAN) == human == plan.floor
    assert plan.confidence == 1


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.dictionaries(STRATA, st.integers(0, 60), min_size=1, max_size=8), POLICIES, st.integers(1, 100))
def test_groups_keep_their_shares_or_are_short(counts: dict[Stratum, int], policy: str, budget: int) -> None:
    people: dict[str | None, int] = {}
    for s, n in counts.items():
        if s.origin is Origin.HUMAN and n:
            people[s.group] = people.get(s.group, 0) + n
    try:
        plan = plan_mix(Inventory(counts), f"balance(policy={policy})", budget)
    except Shortage as error:
        assert SHORT.search(str(error))
        return
    taken = quotas(plan)
    assert sum(taken.values()) == budget
    assert all(quota <= counts[stratum] for stratum, quota in taken.items())
    by_group = Counter[str | None]()
    for stratum, quota in taken.items():
        by_group[stratum.group] += quota
    for group, n in people.items():  # human and synthetic records are divided each for themselves
        assert abs(by_group[group] - budget * n / sum(people.values())) < 2
    assert set(by_group) <= set(people)


def test_a_small_group_is_short_and_never_repeated() -> None:
    blue = {Stratum(Origin.HUMAN, 0, "blue"): 100, Stratum(Origin.SYNTHETIC, 1, "blue"): 8}
    yellow = {Stratum(Origin.HUMAN, 0, "yellow"): 900, Stratum(Origin.SYNTHETIC, 1, "yellow"): 900}
    with pytest.raises(Shortage, match=r"^synthetic/1/blue is short by 2 of 10; what would do: a budget of 168"):
        plan_mix(Inventory(blue | yellow), "balance(policy=anchor(real=0.5))", 200)


def test_a_group_that_died_out_has_human_records_instead_and_one_that_is_unknown_is_named() -> None:
    counts = {
        Stratum(Origin.HUMAN, 0, "blue"): 100,
        Stratum(Origin.HUMAN, 0, "yellow"): 900,
        Stratum(Origin.SYNTHETIC, 1, "yellow"): 900,
        Stratum(Origin.SYNTHETIC, 1, "green"): 900,
    }
    plan = plan_mix(Inventory(counts), "balance(policy=anchor(real=0.5))", 200)
    assert sorted(quotas(plan).values()) == [20, 90, 90]
    assert plan.groups == {"blue": 20, "yellow": 90} and plan.floor == 110
    assert any("left out" in note and "green" in note for note in plan.notes)
    assert any("blue has no synthetic records: 10 human ones" in note for note in plan.notes)


def test_without_human_records_no_group_has_a_share() -> None:
    with pytest.raises(Shortage, match="human/0 is short by 10 of 10"):
        plan_mix(Inventory({FIRST: 100}), "balance(policy=replace)", 10)


def test_what_would_do_is_said_and_does() -> None:
    pool = Inventory({HUMAN: 268_796, FIRST: 5_000_000})
    with pytest.raises(Shortage) as caught:
        plan_mix(pool, "anchor(real=0.3)", 1_000_000)
    assert str(caught.value) == (
        "human/0 is short by 31,204 of 300,000; what would do: a budget of 895,988, or at most 268,796 human records "
        "among 1,000,000"
    )
    assert plan_mix(pool, "anchor(real=0.3)", 895_988).floor == 268_796
    assert plan_mix(pool, "anchor(real=0.268796)", 1_000_000).floor == 268_796
    with pytest.raises(Shortage):
        plan_mix(pool, "anchor(real=0.3)", 895_989)


def test_nothing_there() -> None:
    for policy in ("accumulate", "replace", "balance(policy=accumulate)"):
        with pytest.raises(Shortage, match=r"short by 5 of 5.*; what would do: more records"):
            plan_mix(Inventory({HUMAN: 0}), policy, 5)


@pytest.mark.parametrize("budget", [0, -1, 2.5, True])
def test_budgets_that_are_none(budget: int) -> None:
    with pytest.raises(BadSetting, match="budget"):
        plan_mix(Inventory({HUMAN: 10}), "accumulate", budget)


# Records of unknown origin


def test_without_an_estimate_they_stand_for_synthetic_ones_only() -> None:
    pool = Inventory({HUMAN: 300, FIRST: 500, WEB: 1000})
    plan = plan_mix(pool, "anchor(real=0.3)", 1000)
    assert quotas(plan) == {HUMAN: 300, FIRST: 500, WEB: 200}
    assert (plan.floor, plan.confidence, plan.unlabelled[WEB].high) == (300, 1, 1)
    with pytest.raises(Shortage, match="human/0 is short by 200 of 500"):
        plan_mix(pool, "anchor(real=0.5)", 1000)


def test_they_help_with_the_floor_as_far_as_it_holds() -> None:
    pool = Inventory({HUMAN: 200, FIRST: 900, WEB: 1000})
    estimate = {WEB: Measure(0.2, 0.1, 0.3)}
    plan = plan_mix(pool, "anchor(real=0.3)", 1000, estimate)
    taken = quotas(plan)
    assert (plan.floor, plan.confidence, sum(taken.values())) == (300, 0.95, 1000)
    assert taken[HUMAN] == 200 and 100 / 0.7 < taken[WEB] < 200
    surer = quotas(plan_mix(pool, "anchor(real=0.3)", 1000, estimate, confidence=0.999))
    assert surer[WEB] > taken[WEB]
    with pytest.raises(Shortage, match=r"human/0 is short by 25 of 925 \(700 more are promised by 1,000 records"):
        plan_mix(Inventory({HUMAN: 200, WEB: 1000, FIRST: 10**6}), "anchor(real=0.0925)", 10_000, estimate)


def test_they_do_not_help_where_the_weights_differ() -> None:
    with pytest.raises(Shortage, match="human/0 is short by 300 of 500"):
        plan_mix(Inventory({HUMAN: 200, FIRST: 500, WEB: 1000}), "weighted", 1000, {WEB: Measure(0.0, 0.0, 0.0)})


def test_shares_are_of_strata_that_are_not_labelled() -> None:
    pool = Inventory({HUMAN: 200, WEB: 1000})
    for stratum, share in [(HUMAN, Measure(0.1, 0.0, 0.2)), (FORUM, Measure(0.1, 0.0, 0.2)), (WEB, Measure(1, 1, 2))]:
        with pytest.raises(BadSetting):
            plan_mix(pool, "anchor(real=0.3)", 10, {stratum: share})


def exact_quantile(total: int, human: int, drawn: int, alpha: float) -> int:
    """By fractions of whole numbers."""
    below, found = 0, max(0, drawn - (total - human))
    while True:
        below += comb(human, found) * comb(total - human, drawn - found)
        if below > alpha * comb(total, drawn):
            return found
        found += 1


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.integers(1, 150), st.floats(0, 1), st.floats(0, 1), st.sampled_from([0.3, 0.05, 0.025, 1e-6]))
def test_the_bound_of_a_draw_is_exact(total: int, human: float, drawn: float, alpha: float) -> None:
    people, taken = round(human * total), round(drawn * total)
    assert least_drawn(total, people, taken, alpha) == exact_quantile(total, people, taken, alpha)
    wish = least_drawn(total, people, taken, alpha)
    needed = least_needed(total, people, wish, alpha, total)
    assert needed is not None and needed <= taken
    assert least_drawn(total, people, needed, alpha) >= wish
    assert needed == 0 or least_drawn(total, people, needed - 1, alpha) < wish


def test_the_bound_of_a_large_draw_is_the_normal_one() -> None:
    total, human, drawn = 10**9, 7 * 10**8, 10**7
    deviation = (drawn * 0.7 * 0.3 * (total - drawn) / (total - 1)) ** 0.5
    assert least_drawn(total, human, drawn, 0.025) == pytest.approx(0.7 * drawn - 1.959964 * deviation, abs=3)


def test_an_interval_of_too_low_a_level_is_widened() -> None:
    share = Measure(0.2, 0.1, 0.3, level=0.95)
    assert largest_share(share, 0.025) == 0.3
    assert largest_share(share, 0.2) == 0.3
    assert largest_share(share, 0.025 / 4) == pytest.approx(0.2 + 0.1 * 2.4977 / 1.95996, abs=1e-4)
    assert largest_share(Measure(0.2), 0.025) == 1


def test_several_strata_share_the_error() -> None:
    counts = {WEB: 100, FORUM: 500}
    shares = {WEB: Measure(0.1, 0.05, 0.15, level=0.999), FORUM: Measure(0.5, 0.4, 0.6, level=0.999)}
    one = helped(counts, shares, 50, 600, 0.05)
    assert set(one.drawn) == {WEB} and one.human == 50
    both = helped(counts, shares, 120, 600, 0.05)
    assert both.drawn[WEB] == 100 and both.human == 120
    assert helped(counts, shares, 500, 600, 0.05).human == 85 + 200


DRAWS = 2000


def kept(plan: MixPlan, human: dict[Stratum, int], pool: Inventory) -> float:
    """In which share of draws the floor holds, where so many records of each stratum are human."""
    generator = Seed(5).child("floor").generator()
    found = np.zeros(DRAWS, dtype=np.int64)
    for stratum, quota in quotas(plan).items():
        people = pool.counts[stratum] if stratum.origin is Origin.HUMAN else human.get(stratum, 0)
        found += generator.hypergeometric(people, pool.counts[stratum] - people, quota, size=DRAWS)
    return float(np.mean(found >= plan.floor))


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("web", [900, 20_000])
def test_the_floor_holds_where_the_truth_is_at_the_bound(confidence: float, web: int) -> None:
    """There the draw alone can break it, with half of the error; inside the interval hardly anything can."""
    pool = Inventory({HUMAN: 200, FIRST: 9000, WEB: web})
    share = Measure(0.2, 0.1, 0.3, level=confidence)
    plan = plan_mix(pool, "anchor(real=0.4)", 1000, {WEB: share}, confidence)
    assert plan.floor == 400 and plan.confidence == confidence
    alpha = 1 - confidence
    at_bound = kept(plan, {WEB: web - int(0.3 * web)}, pool)
    error = 4 * (alpha / 2 * (1 - alpha / 2) / DRAWS) ** 0.5
    assert at_bound >= 1 - alpha / 2 - error
    assert at_bound <= 1 - alpha / 20, "the bound is not idle: it is broken about as often as it may be"
    assert kept(plan, {WEB: web - int(0.2 * web)}, pool) >= at_bound
    assert kept(plan, {WEB: web - int(0.45 * web)}, pool) < 0.5, "outside of the interval nothing is promised"


def test_the_floor_holds_over_estimates_and_draws_together() -> None:
    """Estimates from a sample whose error is that of a binomial, their interval normal: both errors at once."""
    generator = Seed(6).child("both").generator()
    web, truth, sample = 5000, 0.3, 400
    pool = Inventory({HUMAN: 100, FIRST: 9000, WEB: web})
    broken, rounds = 0, 400
    for _ in range(rounds):
        share = generator.binomial(sample, truth) / sample
        half = 1.959964 * (share * (1 - share) / sample) ** 0.5
        plan = plan_mix(pool, "anchor(real=0.4)", 1000, {WEB: Measure(share, share - half, share + half)})
        human = quotas(plan)[HUMAN] + generator.hypergeometric(3500, 1500, quotas(plan)[WEB])
        broken += human < plan.floor
    assert broken / rounds <= 0.05 + 4 * (0.05 * 0.95 / rounds) ** 0.5


def test_groups_share_the_error_and_each_keeps_its_floor() -> None:
    counts = {Stratum(Origin.HUMAN, 0, g): 50 * n for g, n in (("blue", 1), ("red", 3))}
    counts |= {Stratum(Origin.UNKNOWN, 0, g): 2000 for g in ("blue", "red")}
    pool = Inventory(counts)
    shares = {s: Measure(0.2, 0.1, 0.3, level=0.99) for s in counts if s.origin is Origin.UNKNOWN}
    plan = plan_mix(pool, "balance(policy=anchor(real=0.5))", 1000, shares)
    assert plan.groups == {"blue": 125, "red": 375} and plan.floor == 500
    generator = Seed(7).generator()
    held = np.ones(DRAWS, dtype=bool)
    for stratum, quota in quotas(plan).items():
        if stratum.origin is Origin.UNKNOWN:
            people = counts[Stratum(Origin.HUMAN, 0, stratum.group)]
            held &= people + generator.hypergeometric(1400, 600, quota, size=DRAWS) >= plan.groups[str(stratum.group)]
    assert held.mean() >= 0.975 - 4 * (0.025 * 0.975 / DRAWS) ** 0.5


def test_all_policies_of_a_reach_are_the_same_at_any_room() -> None:
    """What is wanted does not depend on what there is."""
    for name, part in parts("policy").items():
        policy = build("policy", example(part))
        if isinstance(policy, Policy) and policy.reach == 1 and name not in ("token_edit", "filtered", "verified"):
            found = wanted(policy, 1000)
            assert found.human + found.synthetic == 1000
