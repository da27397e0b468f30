"""The bound of the false-positive rate is kept, with and without groups; where it cannot be, there is no threshold."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from outcross.evidence.thresholds import fit_thresholds


def test_the_bound_is_kept_as_often_as_it_is_said() -> None:
    alpha, kept, draws = 0.05, 0, 100
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        flags = np.arange(400) % 2 == 1
        found = fit_thresholds(rng.normal(size=400) + flags, flags, np.full(400, 100), list(map(str, range(400))))
        at = found.of(None, 100)
        assert at is not None and at.synthetic is not None
        kept += 1 - NormalDist().cdf(at.synthetic) <= alpha
    assert kept / draws > 0.95 - 4 * np.sqrt(0.95 * 0.05 / draws)


def test_documents_of_a_group_do_not_count_alone() -> None:
    rng = np.random.default_rng(0)
    flags = np.arange(400) % 2 == 1
    groups = [str(place // 40) for place in range(400)]
    scores = np.repeat(rng.normal(size=10), 40) + 0.01 * rng.normal(size=400)
    at = fit_thresholds(scores, flags, np.full(400, 100), groups).of(None, 100)
    assert at is not None and at.synthetic is None
    assert at.humans < 20


def test_few_are_put_together_over_lengths_then_domains() -> None:
    rng = np.random.default_rng(0)
    n = 600
    flags = np.arange(n) % 2 == 1
    domains = np.where(np.arange(n) < 500, "news", "mail").tolist()
    words = np.where(np.arange(n) < 450, 120, 300)
    found = fit_thresholds(rng.normal(size=n) + 3 * flags, flags, words, list(map(str, range(n))), domains)
    names = [at.name for at in (found.of("news", 120), found.of("news", 300), found.of("mail", 300)) if at]
    assert names == [
        "news, 100 to 199 words",
        "news, 50 words and more",
        "any domain, 200 to 399 words",
    ]


def test_an_unknown_domain_gets_the_strictest() -> None:
    rng = np.random.default_rng(0)
    n = 800
    flags = np.arange(n) % 2 == 1
    domains = np.where(np.arange(n) < 400, "news", "mail").tolist()
    scores = rng.normal(size=n) + 3 * flags + 2 * (np.arange(n) < 400)
    found = fit_thresholds(scores, flags, np.full(n, 120), list(map(str, range(n))), domains)
    at = [found.of(name, 120) for name in ("news", "mail", None, "verse")]
    cuts = [one.synthetic for one in at if one is not None and one.synthetic is not None]
    spared = [one.human for one in at if one is not None and one.human is not None]
    assert len(cuts) == len(spared) == 4
    assert cuts[2] == cuts[3] == max(cuts)
    assert spared[2] == spared[3] == min(spared)


@pytest.mark.parametrize("humans", [10, 58])
def test_too_few_humans_give_no_threshold(humans: int) -> None:
    flags = np.arange(2 * humans) % 2 == 1
    at = fit_thresholds(1.0 * flags, flags, np.full(2 * humans, 100), list(map(str, range(2 * humans)))).of(None, 100)
    assert at is not None and at.synthetic is None
    assert at.true_positives.value is None


def test_equal_scores_are_never_called() -> None:
    flags = np.arange(400) % 2 == 1
    at = fit_thresholds(np.zeros(400), flags, np.full(400, 100), list(map(str, range(400)))).of(None, 100)
    assert at is not None
    assert at.false_positives.value == 0 and at.true_positives.value == 0
