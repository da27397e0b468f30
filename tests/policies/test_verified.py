"""Best of several: against order statistics, and against a loop over the candidates."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, stats

from outcross.core.batch import Floats, Records
from outcross.core.errors import BadSetting
from outcross.core.inventory import Inventory
from outcross.core.memory import MemoryPool
from outcross.core.model import Scored
from outcross.core.part import build
from outcross.core.provenance import Origin, Stratum
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.lab.exact import choose_path
from outcross.lab.steps import Step, steps
from outcross.lab.trial import Experiment
from outcross.lab.truth import Truth

RNG = np.random.default_rng(3)
KINDS: dict[str, tuple[str, Records]] = {
    "rows": ("gaussian", Rows(RNG.normal(size=(5, 20, 2)))),
    "symbols": ("categorical", Symbols(RNG.integers(4, size=(3, 20)), 4)),
    "texts": ("ngram(order=2)", Texts.of(["a b a c", "a b", "b b c", "a", "c a b"] * 4)),
}


def chain(policy: str, model: str, human: Records, budget: int, generations: int = 3) -> list[Step]:
    rule = build("policy", policy)
    pool = MemoryPool(human, reach=rule.reach, blend=rule.blends)
    return list(itertools.islice(steps(build("model", model), rule, pool, budget, Seed(0)), generations))


def score(step: Step, judge: str, records: Records) -> Floats:
    model = step.first if judge == "verifier" else step.fitted
    assert isinstance(model, Scored)
    found = model.log_prob(records)
    return found.values / np.maximum(found.tokens, 1)


@pytest.mark.parametrize("judge", ["verifier", "own"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_best_candidate_of_each_record_is_kept(kind: str, judge: str) -> None:
    model, human = KINDS[kind]
    for step in chain(f"verified(policy=replace, of=3, judge={judge})", model, human, 20):
        output, kept = step.output, step.pooled
        assert isinstance(output, Records)
        assert isinstance(kept, Records)
        assert (output.size, kept.size, kept.replicates) == (60, 20, human.replicates)
        scores = score(step, judge, output)
        expected = [[max(row[i::20]) for i in range(20)] for row in scores.tolist()]
        np.testing.assert_allclose(score(step, judge, kept), expected, rtol=1e-12)


def test_the_judges_differ() -> None:
    model, human = KINDS["rows"]
    last = [chain(f"verified(policy=replace, judge={judge})", model, human, 20)[-1] for judge in ("verifier", "own")]
    assert isinstance(last[0].pooled, Rows)
    assert isinstance(last[1].pooled, Rows)
    assert not np.array_equal(last[0].pooled.values, last[1].pooled.values)


def test_the_spread_is_that_of_the_order_statistic() -> None:
    """Of four draws of a normal its own judge keeps the one nearest to the mean: P(|z| > t) = P(|Z| > t)^4."""
    human = Rows(np.random.default_rng(0).normal(size=(2_000, 30, 1)))
    (step,) = chain("verified(policy=replace, of=4)", "gaussian", human, 30, generations=1)
    law = step.fitted.law()
    assert law is not None
    mean, deviation = law.moments().mean, np.sqrt(law.moments().covariance()[:, 0])  # type: ignore[attr-defined]
    assert isinstance(step.pooled, Rows)
    squares = ((step.pooled.values[:, :, 0] - mean) / deviation) ** 2
    expected, _ = integrate.quad(lambda t: 2 * t * (2 * stats.norm.sf(t)) ** 4, 0, math.inf)
    error = squares.std() / math.sqrt(squares.size)
    assert abs(squares.mean() - expected) < 4 * error
    assert error < 0.01 * expected
    measured = step.output
    assert isinstance(measured, Rows)  # what is measured was not chosen
    whole = ((measured.values[:, :30, 0] - mean) / deviation) ** 2
    assert abs(whole.mean() - 1) < 4 * whole.std() / math.sqrt(whole.size)


def test_one_candidate_is_the_wrapped_policy() -> None:
    model, human = KINDS["rows"]
    plain, wrapped = (chain(words, model, human, 20) for words in ("replace", "verified(policy=replace, of=1)"))
    for one, other in zip(plain, wrapped, strict=True):
        assert isinstance(one.output, Rows)
        assert isinstance(other.joins, Rows)
        np.testing.assert_array_equal(one.output.values, other.joins.values)


@pytest.mark.parametrize(
    ("words", "written", "trained_on"),
    [
        ("verified(policy=anchor(real=0.9), of=3)", 20, 2),
        ("verified(policy=accumulate, of=2)", 40, 20),
        ("verified(policy=filtered(policy=replace, keep=0.5), of=2)", 80, 40),
        ("filtered(policy=verified(policy=replace, of=2), keep=0.5)", 80, 40),
        ("verified(policy=anchor(real=1.0), of=3)", 20, 0),
    ],
)
def test_as_many_as_the_wrapped_policy_asks_for(words: str, written: int, trained_on: int) -> None:
    model, human = KINDS["rows"]
    for step in chain(words, model, human, 20):
        assert step.output.size == written
        assert (step.joins.size if step.joins is not None else 0) == trained_on


def test_a_pool_of_groups() -> None:
    human = Symbols(np.repeat([[0, 1]], [15, 5], axis=1), 2, ("many", "few"))
    rule = build("policy", "balance(policy=verified(policy=replace))")
    pool = MemoryPool(human, grouped=True, reach=1)
    for step in itertools.islice(steps(build("model", "categorical"), rule, pool, 20, Seed(0)), 4):
        assert step.recipe.best_of == 4
        assert step.output.size == 80


def test_chosen_once_only() -> None:
    policy = build("policy", "verified(policy=balance(policy=verified(policy=replace)))")
    with pytest.raises(BadSetting, match=r"cannot wrap balance\(policy=verified"):
        policy.plan(Inventory({Stratum(Origin.HUMAN): 10}), 10)


def test_it_closes_the_exact_path() -> None:
    truth = Truth.of_population(build("population", "normal"), Seed(0))
    policies = (build("policy", "replace"), build("policy", "verified(policy=replace)"))
    one = Experiment(build("model", "gaussian"), policies, (build("metric", "variance"),), truth, 12, 5)
    level, why = choose_path(one, None)
    assert (level, why) == ("records", "sampled, because verified(policy=replace) needs records, not their statistic")
    with pytest.raises(BadSetting, match="the exact path is not open: verified"):
        choose_path(one, True)
