"""Generators that stand out differently: the spread between them is found, and foreign ones are allowed for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
import pytest
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput
from outcross.core.part import build
from outcross.core.quantifier import Quantifier
from outcross.core.seed import Seed
from outcross.evidence.case import Case
from outcross.evidence.diagnostics import LENGTH
from outcross.evidence.generators import GENERATORS, Generators
from outcross.evidence.prevalence import prevalence
from tests.evidence.numbers import Reader, numbers

METHOD: Quantifier = build("quantifier", "probabilistic_adjusted_count(sharpen=true)")


@final
@dataclass(frozen=True)
class Last(Scorer):
    """The score of a text is its last word."""

    def score(self, documents: Documents) -> Floats:
        """Read it."""
        return np.array([float(text.split()[-1]) for text in documents.texts])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Nothing was learned."""
        return {}


def machines(rng: np.random.Generator, generators: int, each: int, spread: float) -> tuple[np.ndarray, list[str]]:
    """Scores of texts by so many generators, each as far from humans as chance will have it; and who wrote them."""
    apart = np.repeat(rng.normal(2.5, spread, generators), each)
    return rng.normal(size=generators * each) + apart, [f"model {k // each}" for k in range(generators * each)]


def documents(scores: np.ndarray) -> Documents:
    return Documents.of([repr(float(score)) for score in scores])


def holds(number: int, named: bool, share: float = 0.4, size: int = 200) -> tuple[bool, float]:
    """Whether the share lies inside, where the target's generator is none of the references' five."""
    rng = np.random.default_rng(number)
    theirs, names = machines(rng, 5, 40, 0.8)
    ours, _ = machines(rng, 1, round(share * size), 0.8)
    references = Labelled.beside(documents(rng.normal(size=200)), documents(theirs))
    target = documents(np.concatenate([rng.normal(size=size - len(ours)), ours]))
    generators = tuple(names) if named else ()
    case = Case(target, references, None, None, Reader(), None, False, 0.95, 200, Seed(number), "", generators)
    found = case.measure(METHOD)
    assert found.low is not None and found.high is not None
    return found.low <= share <= found.high, found.high - found.low


def test_named_generators_cover_a_foreign_one_and_nameless_ones_do_not() -> None:
    """Of 60 mixtures 57 are to be inside; three standard errors are 5."""
    named, nameless = ([holds(number, how) for number in range(60)] for how in (True, False))
    assert sum(inside for inside, _ in named) >= 52
    assert sum(inside for inside, _ in nameless) < 48
    assert np.mean([width for _, width in named]) < 0.65


def test_the_spread_is_that_between_generators_and_not_that_of_chance() -> None:
    rng = np.random.default_rng(0)
    spreads = []
    for _ in range(40):
        theirs, names = machines(rng, 8, 50, 0.5)
        found = Generators.of(rng.normal(size=400), theirs, names)
        assert found is not None and found.number == 8
        spreads.append(found.spread)
    assert np.mean(spreads) == pytest.approx(0.5 / 2.5, abs=0.04)
    theirs, names = machines(rng, 8, 50, 0.0)
    alike = Generators.of(rng.normal(size=400), theirs, names)
    assert alike is not None and alike.spread < 0.08


@pytest.mark.parametrize("names", [[None] * 40, ["one"] * 40, ["one"] * 37 + ["two"] * 3, ["one"] * 20 + [None] * 20])
def test_one_generator_shows_no_spread(names: list[str | None]) -> None:
    rng = np.random.default_rng(0)
    assert Generators.of(rng.normal(size=40), rng.normal(2, 1, 40), names) is None


def test_where_generators_differ_a_share_may_be_larger_by_much_and_where_they_do_not_it_stays() -> None:
    differ = Generators(np.array([0.2, 1.8]), np.full(2, 0.01)).allowing(np.full(1000, 0.2), np.random.default_rng(0))
    assert np.quantile(differ, 0.025) < 0.04 and np.quantile(differ, 0.975) > 0.9
    assert np.median(differ) == pytest.approx(0.2, rel=0.1)
    same = Generators(np.ones(30), np.full(30, 1e-6)).allowing(np.full(1000, 0.2), np.random.default_rng(0))
    assert np.quantile(same, 0.975) < 0.21


def test_few_references_do_not_show_that_generators_are_alike() -> None:
    many, few = (Generators(np.ones(3), np.full(3, chance)) for chance in (0.0001, 0.04))
    assert few.spread > 2 * many.spread


def test_prevalence_says_how_generators_differ_and_counts_them() -> None:
    rng = np.random.default_rng(1)
    theirs, names = machines(rng, 5, 40, 0.8)
    references = Labelled.beside(documents(rng.normal(size=200)), documents(theirs))
    target = numbers(rng, 140, 60).documents
    named = prevalence(target, references=references, generators=names, detector=Reader(), draws=200)
    plain = prevalence(target, references=references, detector=Reader(), draws=200)
    assert "by 5 generators" in next(check.sentence for check in named.diagnostics if check.name == GENERATORS)
    assert all(check.name != GENERATORS for check in plain.diagnostics)
    assert named.value == plain.value
    assert named.high is not None and plain.high is not None and named.high > plain.high
    with pytest.raises(BadInput, match="200 synthetic references cannot have 3 generators"):
        prevalence(target, references=references, generators=names[:3], detector=Reader())


def test_texts_of_other_lengths_widen_the_interval_by_their_share_and_no_more() -> None:
    """One text more or less does not turn a narrow interval into all of [0, 1]."""
    rng = np.random.default_rng(2)
    references = numbers(rng, 200, 200)

    def told(long: int) -> tuple[bool, float, float]:
        texts = list(numbers(np.random.default_rng(3), 140, 60).documents.texts)
        target = [" 0" * (4 if place % 100 < long else 0) + f" {text}" for place, text in enumerate(texts)]
        found = prevalence(target, references=references, detector=Last(), draws=200)
        passed = next(check.passed for check in found.diagnostics if check.name == LENGTH)
        assert found.low is not None and found.high is not None
        return passed, found.low, found.high

    under, over = told(10), told(11)
    assert under[0] and not over[0]
    assert over[1] == pytest.approx(0.89 * under[1]) and over[2] == pytest.approx(0.89 * under[2] + 0.11)
