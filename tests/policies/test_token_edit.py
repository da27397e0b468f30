"""Token editing: what is edited, what joins the pool, what is measured, and what cannot be done."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest

from outcross.core.batch import Batch, NotDivisible
from outcross.core.errors import BadInput, BadSetting
from outcross.core.inventory import Inventory
from outcross.core.memory import MemoryPool
from outcross.core.model import Fitted, Model
from outcross.core.part import build
from outcross.core.policy import Policy
from outcross.core.provenance import Origin, Stratum
from outcross.core.recipe import Draw, Recipe
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.lab.steps import Step, steps

SENTENCES = (
    "the cat sat on the mat .",
    "a dog ran in the park .",
    "the sun is up , and the day is long .",
    "it rains .",
)
HUMAN = Texts.of([SENTENCES[i] for i in np.random.default_rng(0).integers(4, size=30)])
N = HUMAN.size


def chain(policy: Policy | str, human: Texts = HUMAN, generations: int = 3) -> tuple[list[Step], MemoryPool]:
    """The steps of a bigram chain, and its pool."""
    rule = build("policy", policy) if isinstance(policy, str) else policy
    pool = MemoryPool(human, grouped=rule.grouped, reach=rule.reach, blend=rule.blends)
    chained = steps(build("model", "ngram(order=2)"), rule, pool, human.size, Seed(0))
    return list(itertools.islice(chained, generations)), pool


def pooled(step: Step) -> Texts:
    assert isinstance(step.pooled, Texts)
    return step.pooled


def test_the_edited_texts_are_trained_on_and_the_written_ones_are_measured() -> None:
    found, pool = chain("token_edit(above=0.3)")
    assert dict(pool.inventory().counts) == {Stratum(Origin.HUMAN): N, Stratum(Origin.MIXED, 2): N}
    for before, step in itertools.pairwise(found):
        assert step.recipe.draws[0].strata == (Stratum(Origin.MIXED, before.generation),)
        assert step.output.size == pooled(step).size == N
        assert step.joins is step.pooled
        again = build("model", "ngram(order=2)").fit(pooled(before), Seed(7))
        np.testing.assert_array_equal(again.log_prob(HUMAN).values, step.fitted.log_prob(HUMAN).values)  # type: ignore[attr-defined]


def test_every_model_edits_the_texts_it_was_trained_on() -> None:
    found, _ = chain("token_edit(above=0.6)")
    texts = HUMAN
    for step in found:
        edited = pooled(step)
        np.testing.assert_array_equal(edited.starts, texts.starts)
        kept = (edited.codes == texts.codes).mean()
        assert 0.2 < kept < 1
        texts = edited


def test_nothing_changes_where_every_token_is_kept() -> None:
    found, _ = chain("token_edit(above=1.0)")
    assert all(np.array_equal(pooled(step).codes, HUMAN.codes) for step in found)
    laws = [step.fitted.log_prob(HUMAN).values for step in found]  # type: ignore[attr-defined]
    assert all(np.array_equal(law, laws[0]) for law in laws)


def test_groups_stay_with_their_texts() -> None:
    grouped = replace(HUMAN, group=np.arange(N)[None] % 3 // 2, names=("many", "few"))
    found, pool = chain("balance(policy=token_edit(above=0.3))", grouped)
    assert {str(stratum): count for stratum, count in pool.inventory().counts.items()} == {
        "human/0/many": 20, "human/0/few": 10, "mixed/2/many": 20, "mixed/2/few": 10
    }  # fmt: skip
    assert pooled(found[0]).membership() is not None


def test_training_weights_are_left_behind() -> None:
    found, _ = chain(_Heavy())
    assert pooled(found[0]).weight is None


def test_only_models_of_texts_can_edit() -> None:
    pool = MemoryPool(Rows(np.zeros((1, 10, 1))))
    with pytest.raises(BadSetting, match=r"token_edit needs a model that edits texts, such as ngram, and gaussian"):
        next(steps(build("model", "gaussian"), build("policy", "token_edit"), pool, 10, Seed(0)))


def test_no_more_than_was_trained_on_can_be_edited() -> None:
    with pytest.raises(BadInput, match="31 edited texts are asked for, and the model was trained on 30"):
        chain(_Heavy(N + 1))


@pytest.mark.parametrize("words", ["filtered(policy=token_edit, keep=0.5)", "verified(policy=token_edit)"])
def test_what_does_not_go_together_is_refused(words: str) -> None:
    with pytest.raises(BadSetting, match="token_edit"):
        build("policy", words).plan(Inventory({Stratum(Origin.HUMAN): 10}), 10)


def test_a_statistic_cannot_be_edited() -> None:
    pool = MemoryPool(HUMAN, convert=lambda batch: batch.counts() if isinstance(batch, Texts) else batch)
    with pytest.raises(NotDivisible):
        next(steps(_Statistical(), build("policy", "token_edit"), pool, N, Seed(0)))


@dataclass(frozen=True)
class _Statistical(Model):
    """A bigram model of the human texts, whatever it is given."""

    reads = (Texts,)

    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> Fitted:
        model: Model = build("model", "ngram(order=2)")
        return model.fit(HUMAN, seed, previous)


@dataclass(frozen=True)
class _Heavy(Policy):
    """Human texts that count three times, edited."""

    ask: int = N

    source = "none"

    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        human = inventory.human()
        return Recipe((Draw(human, inventory.total(human), weight=3.0),), self.ask, edit=0.5)
