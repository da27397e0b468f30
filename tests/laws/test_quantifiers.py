"""What every quantifier must obey; quantifiers are found by themselves."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from outcross.core.batch import Floats
from outcross.core.errors import BadInput
from outcross.core.part import build, example, parts, words
from outcross.core.quantifier import Quantifier, Sample, Scores

QUANTIFIERS = sorted(parts("quantifier"))
SHARES = (0.0, 0.05, 0.3, 0.5, 0.8, 1.0)
DISTANCE = 2.0
"""Between the log odds' means of the two origins, whose spread is the root of it: then they are calibrated."""
WARNINGS = {"classify_and_count"}
"""Quantifiers that are known to be biased; their own tests show how."""


def a(name: str) -> Quantifier:
    """The quantifier with middling settings."""
    quantifier = build("quantifier", example(parts("quantifier")[name]))
    assert isinstance(quantifier, Quantifier)
    return quantifier


def log_odds(synthetic: Floats, rng: np.random.Generator) -> Floats:
    """Calibrated log odds of documents whose origin is known: normal laws whose density ratio is the score itself."""
    return DISTANCE * (synthetic - 0.5) + np.sqrt(DISTANCE) * rng.normal(size=len(synthetic))


def as_read(quantifier: Quantifier, odds: Floats) -> Sample:
    """Scores in the form that the quantifier reads: probabilities, or a detector's own log odds."""
    return Sample(odds if quantifier.detector else 1 / (1 + np.exp(-odds)))


def mixture(name: str, share: float, seed: int, target: int = 1200, references: int = 600) -> Scores:
    """A target that is an honest mixture of fresh draws from the references' laws."""
    quantifier, rng = a(name), np.random.default_rng(seed)
    origins = (rng.random(target) < share).astype(np.float64)
    truth = (rng.random(200) < share).astype(np.float64)
    human, synthetic = np.zeros(references), np.ones(references - 100)
    held = [as_read(quantifier, log_odds(kind, rng)) for kind in (origins, human, synthetic, truth)]
    given = Scores(held[0], held[1], held[2])
    return replace(given, labelled=held[3], truth=truth) if quantifier.labels else given


@cache
def scores(name: str, share: float) -> Scores:
    """One such target."""
    return mixture(name, share, seed=0)


def weighted(given: Scores, draws: int, seed: int) -> Scores:
    """Bootstrap resamples of all that is there. A resampled label takes its score along: the same weights for both."""
    rng = np.random.default_rng(seed)

    def resampled(sample: Sample) -> Sample:
        size = len(sample.values)
        drawn = [np.bincount(rng.integers(size, size=size), minlength=size) for _ in range(draws)]
        return Sample(sample.values, np.array(drawn, dtype=np.float64))

    labelled = None if given.labelled is None else resampled(given.labelled)
    parts = {which: resampled(getattr(given, which)) for which in ("target", "human", "synthetic")}
    return replace(given, labelled=labelled, **parts)


def each(given: Scores, change: object) -> Scores:
    """The scores with every sample changed in the same way."""
    assert callable(change)
    kept = {which: getattr(given, which) for which in ("target", "human", "synthetic", "labelled")}
    return replace(given, **{which: sample and change(sample) for which, sample in kept.items()})


every = pytest.mark.parametrize("name", QUANTIFIERS)


@every
def test_says_what_it_is(name: str) -> None:
    quantifier = a(name)
    for text in (quantifier.definition, quantifier.source):
        assert isinstance(text, str)
        assert text.strip() == text != ""
    if quantifier.detector is not None:
        assert build("detector", quantifier.detector)


@every
def test_words_build_it_again(name: str) -> None:
    assert build("quantifier", words(a(name))) == a(name)


@every
@pytest.mark.filterwarnings("error")
def test_a_resample_that_counts_nothing_has_no_estimate(name: str) -> None:
    given = weighted(scores(name, 0.3), 3, seed=1)

    def emptied(sample: Sample) -> Sample:
        assert sample.weight is not None
        return Sample(sample.values, sample.weight * np.array([1.0, 0.0, 1.0])[:, None])

    found = a(name).estimate(each(given, emptied))
    assert np.isnan(found).tolist() == [False, True, False]


@every
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
@pytest.mark.filterwarnings("error")
def test_scores_that_are_all_the_same_do_not_stop_it(name: str, value: float) -> None:
    for given in (scores(name, 0.3), weighted(scores(name, 0.3), 3, seed=1)):
        same = each(given, lambda sample: Sample(np.full_like(sample.values, value), sample.weight))
        found = a(name).estimate(same)
        assert ((found >= 0) & (found <= 1) | np.isnan(found)).all()


@every
@pytest.mark.parametrize("share", SHARES)
def test_an_estimate_is_a_share(name: str, share: float) -> None:
    for given in (scores(name, share), weighted(scores(name, share), 20, seed=1)):
        found = a(name).estimate(given)
        assert found.shape == (given.draws,)
        assert found.dtype == np.float64
        assert np.all((found >= 0) & (found <= 1))


@every
def test_weights_of_one_are_no_weights(name: str) -> None:
    given = scores(name, 0.3)
    ones = each(given, lambda sample: Sample(sample.values, np.ones((3, len(sample.values)))))
    np.testing.assert_allclose(a(name).estimate(ones), np.repeat(a(name).estimate(given), 3), rtol=0, atol=1e-9)


@every
def test_only_some_samples_may_be_resampled(name: str) -> None:
    given = scores(name, 0.3)
    for which in ("target", "human", "synthetic"):
        sample = getattr(given, which)
        ones = replace(given, **{which: Sample(sample.values, np.ones((4, len(sample.values))))})
        np.testing.assert_allclose(a(name).estimate(ones), np.repeat(a(name).estimate(given), 4), rtol=0, atol=1e-9)


@every
def test_a_weight_of_two_is_the_document_twice(name: str) -> None:
    given = scores(name, 0.3)
    target = given.target.values
    weight = np.ones((1, len(target)))
    weight[0, :7], weight[0, 7:20] = 2, 0
    twice = replace(given, target=Sample(np.concatenate([target[:7], target[:7], target[20:]])))
    once = replace(given, target=Sample(target, weight))
    np.testing.assert_allclose(a(name).estimate(once), a(name).estimate(twice), rtol=0, atol=1e-9)


@every
def test_draws_do_not_know_of_each_other(name: str) -> None:
    many = weighted(scores(name, 0.3), 60, seed=2)

    def only(draw: int) -> Scores:
        return each(many, lambda sample: Sample(sample.values, sample.weight[draw : draw + 1]))

    singly = np.concatenate([a(name).estimate(only(draw)) for draw in range(many.draws)])
    np.testing.assert_allclose(a(name).estimate(many), singly, rtol=0, atol=1e-9)
    assert np.std(singly) > 0


@every
def test_the_order_of_documents_does_not_matter(name: str) -> None:
    given = weighted(scores(name, 0.3), 5, seed=3)

    def reversed_(sample: Sample) -> Sample:
        assert sample.weight is not None
        return Sample(sample.values[::-1].copy(), sample.weight[:, ::-1].copy())

    turned = each(given, reversed_)
    if turned.truth is not None:
        turned = replace(turned, truth=turned.truth[::-1].copy())
    np.testing.assert_allclose(a(name).estimate(turned), a(name).estimate(given), rtol=0, atol=1e-9)


@every
@pytest.mark.parametrize("share", SHARES)
def test_swapping_human_and_synthetic_gives_the_rest(name: str, share: float) -> None:
    quantifier, given = a(name), scores(name, share)
    turn = (lambda x: -x) if quantifier.detector else (lambda x: 1 - x)
    turned = each(given, lambda sample: Sample(turn(sample.values)))
    swapped = replace(turned, human=turned.synthetic, synthetic=turned.human, prior=1 - given.prior)
    if given.truth is not None:
        swapped = replace(swapped, truth=1 - given.truth)
    np.testing.assert_allclose(quantifier.estimate(swapped), 1 - quantifier.estimate(given), rtol=0, atol=1e-8)


@pytest.mark.parametrize("name", [name for name in QUANTIFIERS if not a(name).labels])
def test_references_that_are_alike_tell_nothing(name: str) -> None:
    given = scores(name, 0.3)
    alike = replace(given, synthetic=Sample(given.human.values[::-1].copy()))
    constant = each(given, lambda sample: Sample(np.full_like(sample.values, 0.5)))
    doubled = replace(given, synthetic=Sample(np.repeat(given.human.values, 2)))
    for unknowable in (alike, constant, doubled):
        assert np.isnan(a(name).estimate(unknowable)).all()


@pytest.mark.parametrize("name", [name for name in QUANTIFIERS if a(name).labels])
def test_labels_are_asked_for(name: str) -> None:
    unlabelled = replace(scores(name, 0.3), labelled=None, truth=None)
    with pytest.raises(BadInput, match="label"):
        a(name).estimate(unlabelled)


@pytest.mark.parametrize("name", [name for name in QUANTIFIERS if name not in WARNINGS])
@pytest.mark.parametrize("share", SHARES)
def test_the_true_share_is_found(name: str, share: float) -> None:
    """A hundred corpora: errors are small, and their mean is nothing but chance where nothing is cut off at 0 or 1."""
    quantifier, times = a(name), 100
    errors = np.array([quantifier.estimate(mixture(name, share, seed))[0] - share for seed in range(times)])
    assert np.sqrt((errors**2).mean()) < 0.05
    if 0.2 < share < 0.9:
        assert abs(errors.mean()) < 4 * errors.std(ddof=1) / np.sqrt(times)


@every
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_an_interval_of_its_own_holds_the_estimate(name: str, level: float) -> None:
    for share in SHARES:
        given = scores(name, share)
        found = a(name).measure(given, level)
        if found is None:
            continue
        assert found.value is not None and found.low is not None and found.high is not None
        assert found.value == pytest.approx(a(name).estimate(given)[0], abs=1e-12)
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.level == level
