"""How often is the answer wrong? In chains with known truth: nothing happens, as much as the bound, or more."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.verdict import Answer
from tests.verdicts.traces import flat, judged, noisy, rate

METRICS = {
    "tail_loss": ("types", "tail_mass(quantile=0.05)", "coverage"),
    "variance_collapse": ("variance", "heterozygosity"),
    "risk_increase": ("perplexity", "kl", "wasserstein"),
    "catastrophic_increase": ("perplexity", "kl", "excess_risk"),
    "divergence": ("perplexity", "wasserstein"),
    "hallucinated": ("out_of_support", "perplexity_tails@high"),
}
SIMULATIONS = 300


@pytest.mark.parametrize("replicates", [4, 20])
@pytest.mark.parametrize("definition", METRICS)
def test_where_nothing_happens_the_alarm_is_rare(definition: str, replicates: int) -> None:
    rng = np.random.default_rng(1)
    answers = [
        judged(definition, *(flat(metric, 24, replicates, rng) for metric in METRICS[definition])).answer
        for _ in range(SIMULATIONS)
    ]
    assert rate(answers, Answer.YES) < 0.05


@pytest.mark.parametrize(
    ("definition", "metric", "ratio"),
    [
        ("tail_loss", "types", 0.9),
        ("variance_collapse", "variance", 0.1),
        ("risk_increase", "wasserstein", 1.01),
        ("catastrophic_increase", "perplexity", 2.0),
        ("hallucinated(share=0.5)", "out_of_support", 1.5),
    ],
)
@pytest.mark.parametrize("replicates", [4, 20])
def test_just_at_the_bound_the_alarm_keeps_its_level(
    definition: str, metric: str, ratio: float, replicates: int
) -> None:
    """One side of a 95 % interval: 2.5 %, with 4 standard errors of 1,000 simulations."""
    rng = np.random.default_rng(2)
    answers = [judged(definition, noisy(metric, [1, 1, ratio], replicates, rng, sd=0.02)).answer for _ in range(1000)]
    assert rate(answers, Answer.YES) < 0.025 + 4 * np.sqrt(0.025 * 0.975 / 1000)
    assert rate(answers, Answer.NO) < 0.025 + 4 * np.sqrt(0.025 * 0.975 / 1000)


@pytest.mark.parametrize(
    ("definition", "metric", "last"),
    [
        ("tail_loss", "types", 0.8),
        ("tail_loss", "coverage", 0.8),
        ("tail_loss", "tail_mass", 0.7),
        ("tail_loss", "perplexity_tails(quantile=0.1)@high", 0.8),
        ("variance_collapse", "variance", 0.08),
        ("variance_collapse", "heterozygosity", 0.08),
        ("variance_collapse", "std", 0.28),
        ("risk_increase", "perplexity", 1.1),
        ("risk_increase", "total_variation", 1.1),
        ("catastrophic_increase", "perplexity", 2.2),
        ("catastrophic_increase", "excess_risk", 2.2),
        ("hallucinated", "out_of_support", 1.1),
        ("hallucinated", "perplexity_tails@high", 1.7),
        ("mode_entanglement", "modes", 0.4),
    ],
)
def test_what_happens_is_seen(definition: str, metric: str, last: float) -> None:
    rng = np.random.default_rng(3)
    scale = 4.0 if metric == "modes" else 1.0
    mean = scale * np.array([1, 1, 1, 1, 1, last, last, last])
    verdicts = [judged(definition, noisy(metric, mean, 10, rng, sd=0.02)) for _ in range(100)]
    assert rate((verdict.answer for verdict in verdicts), Answer.YES) > 0.95
    starts = [verdict.since for verdict in verdicts if verdict.answer is Answer.YES]
    assert np.mean([start == 5 for start in starts]) > 0.8


@pytest.mark.parametrize("definition", METRICS)
def test_an_exact_chain_without_change_is_a_no(definition: str) -> None:
    rng = np.random.default_rng(4)
    answers = [judged(definition, flat(metric, 24, 10, rng, sd=1e-4)).answer for metric in METRICS[definition]]
    assert set(answers) == {Answer.NO}


def test_a_condition_that_is_lifted_again_does_not_hold() -> None:
    rng = np.random.default_rng(5)
    verdict = judged("tail_loss", noisy("types", [1, 0.5, 0.5, 1.0], 10, rng))
    assert verdict.answer is Answer.NO and verdict.since is None


def test_since_is_counted_from_the_end() -> None:
    rng = np.random.default_rng(6)
    assert judged("tail_loss", noisy("types", [1, 0.5, 1.0, 0.5, 0.5], 10, rng, sd=0.01)).since == 3
