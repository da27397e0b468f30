"""Every file of the catalogue can be read, run and compared: plans are plans, claims name what the plans measure."""

import dataclasses

import pytest

from outcross.core.errors import BadSetting, OutcrossError, UnknownPart
from outcross.core.part import build, parts, words
from outcross.lab.plan import Plan
from outcross.lab.reproduce.catalogue import catalogue, published_experiment
from outcross.lab.reproduce.published import PublishedExperiment, Scale

NEURAL = ("transformer", "vae")
CASES = [(name, scale) for name, one in catalogue().items() for scale in one.scales]
CLASSICAL = [(name, scale) for name, scale in CASES if not name.endswith(("-lm", "-vae"))]


def needed(scale: Scale) -> set[str]:
    """The neural models that the plans of a scale name."""
    return {name for entries in scale.entries.values() for name in NEURAL if entries["model"].startswith(name)}


def plans_of(name: str, scale: str) -> dict[str, Plan]:
    """The plans; the test is skipped where their parts are not there."""
    chosen = catalogue()[name].scale(scale)
    known = {field.name for field in dataclasses.fields(Plan)}
    missing = needed(chosen) - parts("model").keys() | {k for e in chosen.entries.values() for k in e.keys() - known}
    if missing or (needed(chosen) and not (parts("training") and parts("decoding"))):
        pytest.skip(f"not there: {missing or 'trainings and decodings'}")
    return chosen.plans()


def test_the_published_experiments_are_there() -> None:
    assert set(catalogue()) >= {
        "gaussian", "two-gaussians", "regression", "kazdan-gaussian", "kazdan-kde", "kazdan-discrete",
        "kazdan-regression", "bernoulli-survival", "poisson-survival", "zipf-survival", "golden-ratio", "nature-lm",
        "nature-vae", "accumulate-lm", "detector-resampling",
    }  # fmt: skip


@pytest.mark.parametrize("name", catalogue())
def test_an_experiment_says_what_it_is(name: str) -> None:
    one = catalogue()[name]
    assert one.about.strip()
    assert "arXiv" in one.source or "doi" in one.source
    assert one.claims
    assert set(one.scales) == {"small", "full"}
    for scale in one.scales.values():
        assert len(scale.differs) > 30
        assert scale.time


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_plans_are_plans_of_parts_that_exist(name: str, scale: str) -> None:
    for plan in plans_of(name, scale).values():
        build("model", plan.model)
        assert Plan.from_toml(plan.to_toml()) == plan
        assert all(words(build("policy", policy)) == policy for policy in plan.policy)
        assert all(words(build("metric", metric)) == metric for metric in plan.metric)
        assert plan.generations >= 1


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_claims_are_about_what_the_plans_measure(name: str, scale: str) -> None:
    plans = plans_of(name, scale)
    everywhere = {plan for other in catalogue()[name].scales for plan in catalogue()[name].scales[other].entries}
    for claim in catalogue()[name].claims:
        assert set(claim.plans) <= everywhere
        for point in claim.points:
            about = [point.plan] if point.plan else [one for one in claim.plans or plans if one in plans]
            for plan in about:
                assert point.policy in plans[plan].policy, (claim.says, plan)
                assert point.metric.partition("@")[0] in plans[plan].metric, (claim.says, plan)


@pytest.mark.parametrize("name", catalogue())
def test_the_small_scale_needs_no_hub_and_no_file(name: str) -> None:
    for entries in catalogue()[name].scale("small").entries.values():
        source = entries["data"].partition("(")[0]
        assert source.startswith("builtin:") or source in parts("population")


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_what_is_shown_is_the_plan(name: str, scale: str) -> None:
    plans = plans_of(name, scale)
    for chosen in plans:
        assert Plan.from_toml(catalogue()[name].text(scale, [chosen])) == plans[chosen]
    assert Plan.from_toml(catalogue()[name].text(scale)) == next(iter(plans.values()))


@pytest.mark.parametrize(
    ("published", "low", "high"),
    [(name, low, high) for name, low, high in [("10000, 0.001", 0.27507, 0.4273), ("100, 0.01", 0.03166, 1.0)]],
)
def test_the_bounds_in_the_file_are_those_of_the_formula(published: str, low: float, high: float) -> None:
    from outcross.lab.theory.categorical import survival_bounds

    n, p = (float(number) for number in published.split(","))
    plan = "rare" if p == 0.001 else "few"
    claim = next(c for c in catalogue()["bernoulli-survival"].claims if c.plans == (plan,))
    for point in claim.points:
        lower, upper = survival_bounds(point.generation, int(n), p)
        assert point.low == pytest.approx(float(lower), abs=1e-5)
        assert point.high == pytest.approx(min(float(upper), 1), abs=1e-5)
    assert (claim.points[-1].low, claim.points[-1].high) == (low, high)


def test_the_optimum_in_the_file_is_the_golden_ratio() -> None:
    (at_best, other, *_) = catalogue()["golden-ratio"].claims
    assert at_best.points[0].value == pytest.approx((5**0.5 - 1) / 2 / 100, rel=1e-6)
    for point in other.points:
        w = build("policy", point.policy).real
        assert point.value == pytest.approx((w**2 + (1 - w) ** 2) / (1 - (1 - w) ** 2) / 100, rel=1e-5)


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownPart, match="did you mean 'regression'"):
        published_experiment("regresion")
    with pytest.raises(UnknownPart, match="small and full"):
        catalogue()["gaussian"].scale("tiny")
    with pytest.raises(UnknownPart, match="did you mean 'n100'"):
        catalogue()["gaussian"].scale("small").plan("n10")


GOOD = """
title = "t"
source = "s"
[small]
differs = "d"
plan.a = { data = "normal", model = "gaussian" }
[[published]]
says = "x"
relation = "equal"
policy = "replace"
metric = "variance"
value = 1
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "t"', "", "needs a title"),
        ('title = "t"', 'titel = "t"', "no entry 'titel'"),
        ('title = "t"', "title = ", "not TOML"),
        ('differs = "d"', "", "what differs"),
        ('relation = "equal"', 'relation = "alike"', "a relation is one of"),
        ("value = 1", "", "needs a value"),
        ("value = 1", 'value = "much"', "a number or 'theory'"),
        ("value = 1", "vaule = 1", "did you mean 'value'"),
        ('policy = "replace"', "", "of which policy"),
        ('relation = "equal"', 'relation = "order"', "two readings"),
        ('relation = "equal"', 'relation = "within"', "low or high"),
        ('says = "x"', "", "what was found"),
    ],
)
def test_a_bad_file_is_refused(old: str, new: str, message: str) -> None:
    PublishedExperiment.from_toml("mine", GOOD)
    with pytest.raises(OutcrossError, match=message) as caught:
        PublishedExperiment.from_toml("mine", GOOD.replace(old, new))
    assert isinstance(caught.value, BadSetting | UnknownPart)
