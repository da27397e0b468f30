"""Generations that were computed before are taken as they are; a chain that was cut gives the same numbers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from outcross.core.batch import Batch, Records
from outcross.core.errors import BadInput
from outcross.core.model import Fitted, Model, Scored
from outcross.core.part import build
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.lab.steps import Park, Recorded, Step, steps
from outcross.lab.truth import Truth

N, CUT, LAST = 20, 2, 4
POLICIES = [
    "replace",
    "accumulate",
    "fresh(real=0.5)",
    "anchor(real=0.3)",
    "filtered(policy=replace, keep=0.5, score=own)",
    "verified(policy=accumulate, of=2, judge=own)",
    "filtered(policy=verified(policy=replace, of=2), keep=0.5)",
]
SENTENCES = (
    "the cat sat on the mat .",
    "a dog ran in the park .",
    "the sun is up , and the day is long .",
    "it rains .",
)
HUMAN = Texts.of([SENTENCES[i] for i in np.random.default_rng(0).integers(4, size=60)])
CHAINS = [(words, "gaussian") for words in POLICIES] + [
    (words, "ngram(order=2)") for words in (*POLICIES, "token_edit(above=0.5)", "fresh(real=1.0)")
]
PIECES = {"output": (), "choice": ("pooled", "scores"), "model": ("fitted",), "all": ("pooled", "scores", "fitted")}


def run(
    words: str, model: str, recorded: Mapping[int, Recorded] | None = None, park: Park | None = None, **options: Any
) -> list[Step]:
    policy, learner = build("policy", words), build("model", model)
    text = model.startswith("ngram")
    truth = Truth(HUMAN, HUMAN) if text else Truth.of_population(build("population", "normal"), Seed(0))
    pool, _ = truth.pool(learner, policy, N, 1, Seed(1), "statistics" if options.get("exact") else "records")
    chain = steps(learner, policy, pool, N, Seed(1), recorded=recorded, park=park, **options)
    return list(itertools.islice(chain, 2 if words == "fresh(real=1.0)" else LAST))


def same(one: Batch, other: Batch) -> bool:
    mine, theirs = one.arrays(), other.arrays()
    return mine.keys() == theirs.keys() and all(np.array_equal(mine[name], theirs[name]) for name in mine)


@pytest.mark.parametrize("pieces", PIECES)
@pytest.mark.parametrize(("words", "model"), CHAINS)
def test_whatever_was_recorded(words: str, model: str, pieces: str) -> None:
    whole = run(words, model)
    kept = {
        step.generation: Recorded(step.output, **{name: getattr(step, name) for name in PIECES[pieces]})
        for step in whole[:CUT]
    }
    again = run(words, model, kept)
    for one, other in zip(whole, again, strict=True):
        assert same(one.output, other.output)
        assert (one.pooled is None) == (other.pooled is None)
        assert one.pooled is None or other.pooled is None or same(one.pooled, other.pooled)
        assert one.scores.keys() == other.scores.keys()
        assert all(np.array_equal(one.scores[name], other.scores[name]) for name in one.scores)
        assert isinstance(one.fitted, Scored)
        assert isinstance(other.fitted, Scored)
        held = HUMAN if model.startswith("ngram") else Rows(np.linspace(-2, 2, 9)[None, :, None])
        assert np.array_equal(one.fitted.log_prob(held).values, other.fitted.log_prob(held).values)


def test_a_model_that_is_there_is_not_fitted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run("replace", "gaussian")
    kept = {step.generation: Recorded(step.output, fitted=step.fitted) for step in whole[:CUT]}
    fits: list[Fitted | None] = []
    fit = type(build("model", "gaussian")).fit

    def counted(self: Model, data: Batch, seed: Seed, previous: Fitted | None = None) -> Fitted:
        fits.append(previous)
        fitted: Fitted = fit(self, data, seed, previous)
        return fitted

    monkeypatch.setattr(type(build("model", "gaussian")), "fit", counted)
    again = run("replace", "gaussian", kept)
    assert [step.fitted is old.fitted for step, old in zip(again, whole, strict=True)] == [True, True, False, False]
    assert fits == [whole[CUT - 1].fitted, again[CUT].fitted]
    assert all(step.first is whole[0].fitted for step in again)


def test_what_was_recorded_is_not_computed_again() -> None:
    """Records and scores that are plainly others than would be computed are believed."""
    output, pooled = Rows(np.full((1, 40, 1), 7.0)), Rows(np.linspace(7, 9, 20)[None, :, None])
    scores = {"own": np.arange(20.0)[None]}
    words = "filtered(policy=verified(policy=replace, of=2), keep=0.5, score=own)"
    first, second, *_ = run(words, "gaussian", {1: Recorded(output, pooled, scores)})
    assert (first.output, first.pooled, first.scores) == (output, pooled, scores)
    law = second.fitted.law()
    assert law is not None
    best = np.linspace(7, 9, 20)[10:]
    np.testing.assert_allclose(law.moments().mean, [[best.mean()]])  # type: ignore[attr-defined]


def test_models_are_parked_as_they_are_fitted() -> None:
    held: dict[int, Fitted] = {}

    def park(generation: int, fitted: Fitted) -> Fitted:
        held[generation] = _Handle(fitted)
        return held[generation]

    whole = run("replace", "gaussian")
    parked = run("replace", "gaussian", {1: Recorded(whole[0].output, fitted=whole[0].fitted)}, park)
    assert sorted(held) == [2, 3, 4]
    assert [step.fitted for step in parked[1:]] == [held[t] for t in (2, 3, 4)]
    assert all(same(one.output, other.output) for one, other in zip(whole, parked, strict=True))


def test_a_statistic_of_fewer_records_joins_the_pool() -> None:
    """On the exact path a part of a statistic cannot be taken: what joins is written for itself, and recorded."""
    whole = run("weighted(ratio=1.0)", "gaussian", exact=True)
    sizes = [(step.output.size, step.pooled.size if step.pooled is not None else None) for step in whole]
    assert sizes == [(20, 10)] * LAST
    for kept in (
        {1: Recorded(whole[0].output, whole[0].pooled)},
        {1: Recorded(whole[0].output)},
    ):
        again = run("weighted(ratio=1.0)", "gaussian", kept, exact=True)
        assert all(same(one.output, other.output) for one, other in zip(whole, again, strict=True))


def test_who_needs_no_score_pays_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> None:
        raise AssertionError("nobody asked for it")

    fitted = type(build("model", "gaussian").fit(Rows(np.zeros((1, 3, 1))), Seed(0)))
    monkeypatch.setattr(fitted, "log_prob", refuse)
    for words in ("replace", "accumulate", "fresh(real=0.5)", "anchor(real=0.3)"):
        assert all(step.scores == {} and step.pooled is None for step in run(words, "gaussian"))


@pytest.mark.parametrize("words", ["verified(policy=replace)", "filtered(policy=replace, keep=0.5)"])
def test_a_judge_must_know_probabilities(words: str) -> None:
    """It is said of the first generation, not of the second, which is the first to need it."""
    with pytest.raises(BadInput, match="the score 'verifier' needs a model that knows how probable a record is"):
        run(words, "gaussian", park=lambda _, fitted: _Handle(fitted))


class _Handle(Fitted):
    """Stands for a model that lies elsewhere."""

    def __init__(self, model: Fitted) -> None:
        self._model = model

    def sample(self, n: int, seed: Seed) -> Records:
        found = self._model.sample(n, seed)
        assert isinstance(found, Records)
        return found
