"""What every definition of collapse obeys."""

from __future__ import annotations

import re

import numpy as np
import pytest

from outcross.core.part import build, find, parts, words
from outcross.core.verdict import Answer, Definition, Trace, Verdict

EVERY = pytest.mark.parametrize("name", parts("verdict"))
GENERATIONS = 30
BARE = re.compile(r"collaps", re.IGNORECASE)


def definition(name: str) -> Definition:
    """The definition with its settings as they come."""
    made: Definition = build("verdict", name)
    return made


def metric_names() -> list[str]:
    """Every metric as a trace may be called, those with several readings and with settings too."""
    plain = list(parts("metric"))
    labelled = [
        f"{name}@{label}"
        for name in ("perplexity_tails", "perplexity_tails(quantile=0.1)")
        for label in ("low", "high")
    ]
    return [*plain, *labelled, "tail_mass(quantile=0.05)", "distinct(n=2)"]


def traces(replicates: int, path: str, seed: int = 0) -> dict[str, Trace]:
    """Every metric at once: falling, rising, flat, wild or missing."""
    rng = np.random.default_rng(seed)
    t = np.arange(GENERATIONS + 1)
    mean = {"falling": 0.8**t, "rising": 1.2**t, "flat": np.ones(t.size), "wild": rng.choice([0, 1, np.inf], t.size)}
    values = mean.get(path, np.full(t.size, np.nan)) * (1 + 0.01 * rng.random((replicates, t.size)))
    return {name: Trace(name, t, values) for name in metric_names()}


PATHS = ("falling", "rising", "flat", "wild", "missing")


@EVERY
def test_it_says_what_it_is(name: str) -> None:
    part = find("verdict", name)
    assert issubclass(part, Definition)
    assert part.stage in {"early", "late", "either"}
    assert part.title and part.title[0].isupper()
    assert part.definition.endswith(".") and part.definition.count(".") == 1
    assert re.search(r"\(\d{4}\)", part.source)


@EVERY
def test_without_traces_it_cannot_tell(name: str) -> None:
    verdict = definition(name).judge("replace", {})
    assert verdict.answer is Answer.CANNOT_TELL and verdict.since is None
    assert "--metric" in verdict.sentence


@EVERY
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("replicates", [1, 2])
def test_too_few_replicates_cannot_tell(name: str, path: str, replicates: int) -> None:
    assert definition(name).judge("replace", traces(replicates, path)).answer is Answer.CANNOT_TELL


@EVERY
def test_missing_values_cannot_tell(name: str) -> None:
    assert definition(name).judge("replace", traces(5, "missing")).answer is Answer.CANNOT_TELL


@EVERY
def test_a_chain_of_no_generation_cannot_tell(name: str) -> None:
    short = {metric: Trace(metric, np.arange(1), np.ones((5, 1))) for metric in metric_names()}
    assert definition(name).judge("replace", short).answer is Answer.CANNOT_TELL


@EVERY
@pytest.mark.parametrize("path", PATHS)
def test_the_word_is_never_bare(name: str, path: str) -> None:
    verdict = definition(name).judge("replace", traces(5, path))
    assert not BARE.search(verdict.sentence)
    assert not any(BARE.search(evidence.what) for evidence in verdict.evidence)


@EVERY
@pytest.mark.parametrize("path", PATHS)
def test_it_is_about_what_was_asked(name: str, path: str) -> None:
    verdict = definition(name).judge("anchor(real=0.1)", traces(5, path))
    assert verdict.policy == "anchor(real=0.1)"
    assert build("verdict", verdict.definition) == definition(name)
    assert verdict.sentence.endswith(".") and "\n" not in verdict.sentence and "nan" not in verdict.sentence
    assert (verdict.since is None) or (verdict.answer is Answer.YES and 0 < verdict.since <= GENERATIONS)


@EVERY
@pytest.mark.parametrize("path", PATHS)
def test_a_decision_shows_its_evidence(name: str, path: str) -> None:
    verdict = definition(name).judge("replace", traces(5, path))
    if verdict.answer is not Answer.CANNOT_TELL:
        assert any(evidence.measure.low is not None for evidence in verdict.evidence)


@EVERY
@pytest.mark.parametrize("path", PATHS)
def test_it_is_deterministic(name: str, path: str) -> None:
    def judged() -> Verdict:
        return definition(name).judge("replace", traces(5, path))

    assert repr(judged()) == repr(judged())


@EVERY
@pytest.mark.parametrize("path", PATHS)
def test_the_order_of_replicates_does_not_matter(name: str, path: str) -> None:
    given = traces(6, path)
    turned = {metric: Trace(metric, trace.generations, trace.values[::-1]) for metric, trace in given.items()}
    one, other = (definition(name).judge("replace", found) for found in (given, turned))
    assert (one.answer, one.since) == (other.answer, other.since)


@EVERY
def test_its_words_build_it_again(name: str) -> None:
    assert build("verdict", words(definition(name))) == definition(name)
