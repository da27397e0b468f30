"""Losses whose sources are known, shared out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from outcross.core.errors import BadInput, BadSetting, UnknownPart
from outcross.core.text import Texts
from outcross.corpus import read
from outcross.lab.attribution import MODEL_CLASS, OPTIMISER, STATISTICAL, attribute
from outcross.lab.shares import Attribution

EXACT = "iterations=500, tolerance=0.00001"


def run(model: str, data: Any, metric: str, **settings: Any) -> Attribution:
    return attribute(model, data, metric=metric, engine="serial", **{"seed": 1, **settings})


def amount(found: Attribution, source: str) -> tuple[float, float, float]:
    """A source's amount with its interval."""
    measure = found.shares[source].amount
    assert measure.value is not None and measure.low is not None and measure.high is not None
    return measure.value, measure.low, measure.high


@pytest.fixture(scope="module")
def everything() -> Attribution:
    """Three players: one Gaussian for two modes, found by a single step of EM, from few records."""
    return run(
        "mixture(components=1, iterations=1)", "two_normals(separation=2.5)", "heldout_nll", generations=3,
        sample_size=60, rich="components=2", converge=EXACT, replicates=12,
    )  # fmt: skip


def test_gaussians_lose_variance_to_finite_samples_alone() -> None:
    """E V_t = (1 - 1/n)^t (theory, section 1): the loss is the difference of two such powers."""
    n, many, t, replicates = 10, 1000, 6, 20_000
    found = run("gaussian", "normal", "variance", generations=t, sample_size=n, large=many, replicates=replicates)
    expected = (1 - 1 / many) ** t - (1 - 1 / n) ** t
    value, low, high = amount(found, STATISTICAL)
    error = (high - low) / 2 / 1.96
    assert abs(value - expected) < 4 * error
    assert found.falls and "lower" in found.sentence
    assert found.total.value == pytest.approx(value)
    assert set(found.absent) == {MODEL_CLASS, OPTIMISER}


def test_heterozygosity_is_lost_to_finite_samples_alone() -> None:
    """E H_t = H_0 (1 - 1/n)^t (theory, section 3), with the truth's H_0."""
    n, many, t = 20, 2000, 8
    found = run("categorical", "zipf(types=20)", "heterozygosity", generations=t, sample_size=n, large=many,
                replicates=4000)  # fmt: skip
    truth = read("zipf(types=20)", as_=Texts).population
    assert truth is not None and truth.law() is not None
    start = 1 - float(np.square(truth.law().arrays()["values"]).sum())  # type: ignore[union-attr,arg-type]
    value, low, high = amount(found, STATISTICAL)
    expected = start * ((1 - 1 / many) ** t - (1 - 1 / n) ** t)
    assert abs(value - expected) < 4 * (high - low) / 2 / 1.96


def test_one_gaussian_for_two_modes_loses_to_its_class() -> None:
    """With many records the loss is KL of the truth from the Gaussian of its moments, whatever the generation."""
    found = run("mixture(components=1)", "two_normals(separation=6.0)", "heldout_nll", generations=3, sample_size=2000,
                large=20_000, rich="components=2", replicates=6)  # fmt: skip
    grid = np.linspace(-12, 12, 20_001)
    density = sum(np.exp(-((grid - m) ** 2) / 2) for m in (-3, 3)) / (2 * math.sqrt(2 * math.pi))
    gaussian = np.exp(-(grid**2) / 20) / math.sqrt(20 * math.pi)  # variance 1 + 3^2
    expected = float((density * np.log(density / gaussian)).sum() * (grid[1] - grid[0]))
    value, low, _ = amount(found, MODEL_CLASS)
    assert abs(value - expected) < 0.02
    assert low > 0 and value > 10 * abs(amount(found, STATISTICAL)[0])
    assert list(found.shares) == [STATISTICAL, MODEL_CLASS]


def test_em_stopped_early_loses_to_the_optimiser() -> None:
    early, late = (
        run(f"mixture(components=2, iterations={iterations})", "two_normals(separation=2.5)", "heldout_nll",
            generations=5, sample_size=300, converge=EXACT, replicates=20)
        for iterations in (1, 20)
    )  # fmt: skip
    value, low, _ = amount(early, OPTIMISER)
    assert low > 0
    assert value > 3 * abs(amount(late, OPTIMISER)[0])
    assert amount(early, STATISTICAL)[1] > 0


@pytest.mark.parametrize("metric", ["perplexity", "heldout_nll"])
def test_an_ngram_of_too_low_an_order_loses_to_its_class(metric: str) -> None:
    found = run("ngram(order=1)", "builtin:python-reference", metric, generations=2, rich="order=3", large=5000,
                replicates=3, limit=500)  # fmt: skip
    assert amount(found, MODEL_CLASS)[1] > 0
    assert amount(found, STATISTICAL)[1] > 0
    assert "counting" in found.absent[OPTIMISER]
    assert "human records" in found.sentence


def test_shares_add_up_in_every_replicate(everything: Attribution) -> None:
    assert len(everything.coalitions) == 8
    whole = everything.total.value
    assert whole is not None
    assert sum(amount(everything, source)[0] for source in everything.switches) == pytest.approx(whole)
    assert sum(share.share.value or 0 for share in everything.shares.values()) == pytest.approx(1)
    actual, ideal = everything.actual.value, everything.ideal.value
    assert actual is not None and ideal is not None and actual - ideal == pytest.approx(whole)


def test_a_single_gaussian_is_fitted_in_one_step(everything: Attribution) -> None:
    """With the poor class the optimiser has nothing to do, so these chains are the same to the last digit."""
    for others in (frozenset({MODEL_CLASS}), frozenset({MODEL_CLASS, STATISTICAL})):
        assert np.array_equal(everything.coalitions[others], everything.coalitions[others | {OPTIMISER}])


def test_what_is_found_is_shown(everything: Attribution) -> None:
    table, chains = everything.table, everything.chains
    assert table["source"].to_list() == [STATISTICAL, MODEL_CLASS, OPTIMISER]
    assert (table["amount_low"] <= table["amount"]).all() and (table["n"] == 12).all()
    assert chains.shape == (8, 7) and chains[STATISTICAL].sum() == 4
    assert set(everything.interactions) == {
        (STATISTICAL, MODEL_CLASS), (STATISTICAL, OPTIMISER), (MODEL_CLASS, OPTIMISER),
        (STATISTICAL, MODEL_CLASS, OPTIMISER),
    }  # fmt: skip
    assert everything.absent == {}
    for word in (STATISTICAL, MODEL_CLASS, OPTIMISER, "3 generations", "heldout_nll", "5.0%"):
        assert word in everything.sentence


def test_the_engine_does_not_matter() -> None:
    settings: dict[str, Any] = {"metric": "variance", "generations": 2, "sample_size": 20, "replicates": 5, "seed": 3}
    one = attribute("kde", "normal", engine="serial", **settings)
    other = attribute("kde", "normal", engine="processes(workers=2)", **settings)
    for on, values in one.coalitions.items():
        assert np.array_equal(values, other.coalitions[on])


def test_common_seeds_pair_the_replicates() -> None:
    """EM stopped late and later are nearly the same chain: their difference varies less than the chains do."""
    found = run("mixture(components=2, iterations=30)", "two_normals", "heldout_nll", generations=2, sample_size=50,
                converge=EXACT, replicates=30)  # fmt: skip
    on, off = found.coalitions[frozenset({STATISTICAL, OPTIMISER})], found.coalitions[frozenset({STATISTICAL})]
    assert np.std(on - off) < np.std(on) / 2


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    run("gaussian", "normal", "variance", generations=3, sample_size=10, replicates=4,
        progress=lambda done, total: told.append((done, total)))  # fmt: skip
    assert told[-1] == (24, 24)


@pytest.mark.parametrize(
    ("model", "settings", "error", "message"),
    [
        ("gaussian", {"metric": "variance", "large": 5}, BadSetting, "large must be more than the sample size 10"),
        ("gaussian", {"metric": "variance", "sample_size": 0}, BadSetting, "sample_size must be"),
        ("gaussian", {"metric": "variance", "replicates": 0}, BadSetting, "replicates must be"),
        ("gaussian", {"metric": "variance", "generations": 0}, BadSetting, "generations must be"),
        ("gaussian", {"metric": "varience"}, UnknownPart, "did you mean 'variance'"),
        ("gaussian", {"metric": "variance", "rich": "component=2"}, UnknownPart, "rich: gaussian has no setting"),
        ("gaussian", {"metric": "variance", "converge": "ddof=0"}, BadSetting, "converge: gaussian is not changed"),
        ("gaussian", {"metric": "entropy"}, BadSetting, "entropy"),
        ("gaussian", {"metric": "modes"}, (BadInput, BadSetting), "modes"),
    ],
)
def test_what_cannot_be_is_refused(model: str, settings: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        run(model, "normal", **{"sample_size": 10, "replicates": 2, "generations": 1, **settings})


def test_an_infinite_loss_is_refused() -> None:
    with pytest.raises(BadInput, match="kl has no finite value with statistical error on"):
        run("categorical", "bernoulli(p=0.3)", "kl", generations=9, sample_size=5, large=10**6, replicates=9)


def test_one_of_several_readings_must_be_chosen() -> None:
    texts = [f"the {a} {b}" for a in ("cat", "dog", "bird") for b in ("sat", "ran", "slept", "ate")]
    with pytest.raises(BadSetting, match="perplexity_tails@low, perplexity_tails@high"):
        run("ngram(order=2)", texts, "perplexity_tails", generations=1, replicates=2, heldout=0.25)
    found = run("ngram(order=2)", texts, "perplexity_tails@low", generations=1, replicates=2, heldout=0.25)
    assert found.metric == "perplexity_tails@low"
