"""What a verdict says, and when it says that it cannot tell."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.verdict import Answer, Trace
from tests.verdicts.traces import flat, judged, noisy

RNG = np.random.default_rng(7)


def test_one_metric_that_shows_it_is_enough() -> None:
    traces = flat("coverage", 5, 10, RNG, 1e-3), noisy("types", [1, 0.8, 0.5], 10, RNG)
    verdict = judged("tail_loss", *traces)
    assert verdict.answer is Answer.YES
    assert "types" in verdict.sentence and "coverage" not in verdict.sentence
    assert any("coverage" in evidence.what for evidence in verdict.evidence)


def test_no_needs_every_metric_to_say_so() -> None:
    sure, unsure = flat("coverage", 5, 10, RNG, 1e-3), noisy("types", [1, 0.9], 5, RNG, sd=0.2)
    assert judged("tail_loss", sure).answer is Answer.NO
    assert judged("tail_loss", sure, unsure).answer is Answer.CANNOT_TELL


def test_a_metric_with_nothing_to_say_leaves_it_to_others() -> None:
    infinite = Trace("kl", np.arange(3), np.full((5, 3), np.inf))
    assert judged("risk_increase", infinite).answer is Answer.CANNOT_TELL
    assert "infinite" in judged("risk_increase", infinite).sentence
    assert "--metric perplexity" in judged("risk_increase", infinite).sentence
    assert judged("risk_increase", infinite, noisy("reverse_kl", [1, 1, 2], 5, RNG)).answer is Answer.YES


def test_what_was_not_measured_is_asked_for() -> None:
    for definition, metric in {"tail_loss": "types", "mode_entanglement": "modes", "divergence": "perplexity"}.items():
        assert f"--metric {metric}" in judged(definition, flat("length", 3, 5, RNG)).sentence


def test_names_that_begin_alike_are_told_apart() -> None:
    assert judged("tail_loss", noisy("types_of_nothing", [1, 0.1], 5, RNG)).answer is Answer.CANNOT_TELL
    assert judged("hallucinated", noisy("perplexity_tails@low", [1, 9], 5, RNG)).answer is Answer.CANNOT_TELL
    assert judged("risk_increase", noisy("hindsight_perplexity", [1, 1, 9], 5, RNG)).answer is Answer.CANNOT_TELL


def test_a_lost_word_is_an_infinite_risk() -> None:
    values = np.array([[np.nan, 10, np.inf], [np.nan, 11, 12], [np.nan, 10, np.inf], [np.nan, 12, 14]])
    assert judged("risk_increase", Trace("perplexity", np.arange(3), values)).answer is Answer.YES
    values[:, 2] = np.inf
    assert judged("catastrophic_increase", Trace("perplexity", np.arange(3), values)).answer is Answer.YES


def test_a_chain_at_zero_has_no_variance() -> None:
    values = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1e-9], [1.0, 0.01]])
    assert judged("variance_collapse", Trace("variance", np.arange(2), values)).answer is Answer.YES


def test_one_replicate_at_zero_does_not_outweigh_the_rest() -> None:
    values = np.ones((20, 2))
    values[0, 1] = 0.0
    assert judged("variance_collapse", Trace("variance", np.arange(2), values)).answer is Answer.NO


def test_chains_that_were_stopped_are_judged_where_all_were_running() -> None:
    trace = noisy("types", [1, 0.8, 0.5, 0.4], 10, RNG, sd=0.01)
    trace.values[5:, 3] = np.nan
    verdict = judged("tail_loss", trace)
    assert verdict.answer is Answer.YES and "at generation 2" in verdict.sentence


def test_the_fall_that_is_on_its_way_is_projected() -> None:
    verdict = judged("variance_collapse", noisy("variance", 0.97 ** np.arange(31), 20, RNG, sd=0.01))
    assert verdict.answer is Answer.NO
    assert "generation 7" in verdict.sentence  # log 0.1 / log 0.97 = 75.6
    levelled = judged("variance_collapse", noisy("variance", 0.8 + 0.2 / np.arange(1, 32) ** 2, 20, RNG, sd=0.001))
    assert levelled.answer is Answer.NO and "still falls" not in levelled.sentence


def test_modes_that_were_never_apart_are_not_entangled() -> None:
    assert judged("mode_entanglement", noisy("modes", [1.5, 1.2, 1.0], 10, RNG)).answer is Answer.CANNOT_TELL
    without_law = noisy("modes", [4, 4, 1.0], 10, RNG)
    without_law.values[:, 0] = np.nan
    assert judged("mode_entanglement", without_law).answer is Answer.YES


@pytest.mark.parametrize("metric", ["perplexity", "excess_risk"])
@pytest.mark.parametrize(
    ("increment", "answer"),
    [
        (lambda i: np.ones_like(i), Answer.YES),
        (lambda i: i, Answer.YES),
        (lambda i: 1 / i, Answer.CANNOT_TELL),
        (lambda i: 1 / i**2, Answer.NO),
        (lambda i: np.exp(-i / 8), Answer.NO),
    ],
    ids=["linear", "quadratic", "harmonic", "inverse square", "exponential"],
)
def test_the_shape_of_the_rise_decides_divergence(metric: str, increment: object, answer: Answer) -> None:
    """Linear: replace; harmonic: replace-multiple; inverse square: accumulate (Gerstgrasser et al. 2024)."""
    steps = increment(np.arange(1, 65, dtype=np.float64))  # type: ignore[operator]
    risk = np.concatenate([[np.nan], np.cumsum(steps)]) / steps.sum() * 3
    values = risk * (1 + 0.002 * np.random.default_rng(8).standard_normal((10, 65)))
    values = np.exp(values) if metric == "perplexity" else values
    assert judged("divergence", Trace(metric, np.arange(65), values)).answer is answer


def test_a_short_chain_cannot_diverge() -> None:
    verdict = judged("divergence", noisy("excess_risk", np.arange(11.0), 10, RNG))
    assert verdict.answer is Answer.CANNOT_TELL and "run at least 20" in verdict.sentence
