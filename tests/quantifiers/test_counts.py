"""The counting quantifiers by hand, and the bias that the plain count has."""

from __future__ import annotations

import math

import numpy as np
import pytest

from outcross.core.errors import BadInput, BadSetting
from outcross.core.part import build
from outcross.core.quantifier import Sample, Scores
from outcross.quantifiers.adjusted_count import AdjustedCount
from outcross.quantifiers.classify_and_count import ClassifyAndCount
from outcross.quantifiers.em import Em
from outcross.quantifiers.probabilistic_adjusted_count import ProbabilisticAdjustedCount


def scores(target: list[float], human: list[float], synthetic: list[float], prior: float = 0.5) -> Scores:
    return Scores(*(Sample(np.array(row)) for row in (target, human, synthetic)), prior=prior)


def test_the_plain_count_reports_false_alarms() -> None:
    """A detector with 20 % false alarms and 90 % hits, a thousand documents: nothing synthetic, a tenth, all."""
    rng = np.random.default_rng(0)
    human = np.repeat([0.1, 0.9], [800, 200])
    synthetic = np.repeat([0.1, 0.9], [100, 900])
    for share, expected in ((0.0, 0.2), (0.1, 0.27), (1.0, 0.9)):
        machines = round(1000 * share)
        target = np.concatenate([rng.choice(synthetic, machines), rng.choice(human, 1000 - machines)])
        given = Scores(Sample(target), Sample(human), Sample(synthetic))
        error = 4 * math.sqrt(0.2 * 0.8 / 1000)
        assert ClassifyAndCount().estimate(given)[0] == pytest.approx(expected, abs=error)
        assert AdjustedCount().estimate(given)[0] == pytest.approx(share, abs=error / 0.7)


def test_a_score_at_the_threshold_counts() -> None:
    given = scores([0.3, 0.7], [0.1, 0.2], [0.9, 0.8])
    assert ClassifyAndCount(threshold=0.7).estimate(given).tolist() == [0.5]
    assert ClassifyAndCount(threshold=0.71).estimate(given).tolist() == [0.0]
    with pytest.raises(BadSetting, match=r"threshold must be in \[0, 1\]"):
        build("quantifier", "adjusted_count(threshold=1.5)")


def test_weights_are_how_often_a_document_counts() -> None:
    """Means of 0.2, 0.1 and 0.9 in one draw, of 0.8, 0.3 and 0.8 in the other."""
    target = Sample(np.array([0.2, 0.8]), np.array([[3.0, 0.0], [0.0, 2.0]]))
    human = Sample(np.array([0.1, 0.3]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    synthetic = Sample(np.array([0.9, 0.8]), np.array([[1.0, 0.0], [0.0, 5.0]]))
    found = ProbabilisticAdjustedCount().estimate(Scores(target, human, synthetic))
    np.testing.assert_allclose(found, [0.1 / 0.8, 1.0])


@pytest.mark.parametrize(
    "name",
    [
        "adjusted_count",
        "probabilistic_adjusted_count",
        "probabilistic_adjusted_count(sharpen=true)",
        "em",
        "em(adjust=true)",
    ],
)
def test_beyond_the_references_is_an_end(name: str) -> None:
    quantifier = build("quantifier", name)
    assert quantifier.estimate(scores([0.95, 0.99], [0.2, 0.6, 0.1], [0.7, 0.9, 0.4])).tolist() == [1.0]
    assert quantifier.estimate(scores([0.01, 0.02], [0.2, 0.6, 0.1], [0.7, 0.9, 0.4])).tolist() == [0.0]


def test_a_detector_that_is_worse_than_none_gives_nothing() -> None:
    given = scores([0.2, 0.9], [0.9, 0.8], [0.1, 0.2])
    for name in ("classify_and_count", "adjusted_count", "probabilistic_adjusted_count", "em", "distribution_matching"):
        assert np.isnan(build("quantifier", name).estimate(given)[0])


def test_em_goes_by_the_prior_of_the_calibration() -> None:
    """The same density ratios, 3 and 1/3, as probabilities under priors of 1/2 and 1/10."""
    even = scores([0.75] * 3 + [0.25], [0.25], [0.75])
    rare = scores([0.25] * 3 + [1 / 28], [1 / 28], [0.25], prior=0.1)
    assert Em().estimate(rare)[0] == pytest.approx(Em().estimate(even)[0], abs=1e-12)


def test_em_takes_verdicts() -> None:
    assert Em().estimate(scores([1.0, 0.0, 0.0, 0.0], [0.0], [1.0])).tolist() == pytest.approx([0.25], abs=1e-9)


def test_em_is_wrong_where_calibration_is_and_the_adjusted_one_is_not() -> None:
    """Log odds that are moved by one and a half, as by a detector from another domain."""
    rng = np.random.default_rng(1)
    origins = (rng.random(4000) < 0.2) * 1.0, np.zeros(2000), np.ones(2000)
    odds = [4 * (kind - 0.5) + 2 * rng.normal(size=len(kind)) + 1.5 for kind in origins]
    given = Scores(*(Sample(1 / (1 + np.exp(-one))) for one in odds))
    assert Em().estimate(given)[0] > 0.3
    assert Em(adjust=True).estimate(given)[0] == pytest.approx(0.2, abs=0.04)


def test_em_refuses_what_is_no_probability() -> None:
    with pytest.raises(BadInput, match="calibrate"):
        Em().estimate(scores([1.2], [0.1], [0.9]))
    with pytest.raises(BadInput, match="prior"):
        Em().estimate(scores([0.5], [0.1], [0.9], prior=1.0))


def test_a_sharpened_count_is_that_of_the_posteriors_at_the_first_share() -> None:
    """By hand: the first count is 1/4; at that prior a probability p becomes p / (p + 3 (1 - p))."""
    target, human, synthetic = np.array([0.2, 0.2, 0.2, 0.8]), np.array([0.2, 0.2]), np.array([0.8, 0.8])
    scores = Scores(Sample(target), Sample(human), Sample(synthetic))
    assert ProbabilisticAdjustedCount().estimate(scores).tolist() == pytest.approx([0.25])
    mixed = Scores(Sample(np.array([0.2, 0.5, 0.8, 0.2])), Sample(np.array([0.2, 0.5])), Sample(np.array([0.5, 0.8])))
    first = float(ProbabilisticAdjustedCount().estimate(mixed)[0])

    def mean(values: list[float]) -> float:
        return float(np.mean([p * first / (p * first + (1 - p) * (1 - first)) for p in values]))

    low, high = mean([0.2, 0.5]), mean([0.5, 0.8])
    wanted = (mean([0.2, 0.5, 0.8, 0.2]) - low) / (high - low)
    assert ProbabilisticAdjustedCount(sharpen=True).estimate(mixed).tolist() == pytest.approx([wanted])


def test_a_sharpened_count_varies_less_near_none() -> None:
    """Normal scores three standard deviations apart, 200 documents, no synthetic one among 1,000 targets."""
    rng = np.random.default_rng(5)

    def drawn(mean: float, n: int) -> Sample:
        return Sample(1 / (1 + np.exp(-3 * (rng.normal(mean, 1, n) - 1.5))))

    plain, sharp = [], []
    for _ in range(300):
        scores = Scores(drawn(0, 200), drawn(0, 500), drawn(3, 500))
        plain.append(float(ProbabilisticAdjustedCount().estimate(scores)[0]))
        sharp.append(float(ProbabilisticAdjustedCount(sharpen=True).estimate(scores)[0]))
    assert np.mean(sharp) < 0.6 * np.mean(plain)
