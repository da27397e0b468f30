"""A share from labels: exact where they are few, and for these very documents."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hypergeom

from outcross.core.documents import Documents
from outcross.core.errors import BadInput
from outcross.evidence.labels import share_of_sample, share_with_predictions, unlabelled


@pytest.mark.parametrize(("positives", "n", "size"), [(0, 50, 1000), (3, 50, 200), (12, 20, 25), (50, 50, 1000)])
def test_the_interval_holds_what_the_hypergeometric_law_allows(positives: int, n: int, size: int) -> None:
    totals = np.arange(positives, size - (n - positives) + 1)
    law = hypergeom(size, totals, n)
    under = law.cdf(positives) - law.pmf(positives) / 2
    allowed = totals[(under >= 0.025) & (1 - under >= 0.025)]
    found = share_of_sample(positives, n, size, 0.95)
    assert found.low == pytest.approx(allowed[0] / size) and found.high == pytest.approx(allowed[-1] / size)


def test_when_all_are_labelled_nothing_is_uncertain() -> None:
    assert str(share_of_sample(5, 20, 20, 0.95)) == "0.25 [0.25, 0.25]"


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_a_few_labels_cover(share: float) -> None:
    rng, size, n = np.random.default_rng(3), 400, 60
    found = [
        share_of_sample(int(k), n, size, 0.95)
        for k in rng.hypergeometric(round(share * size), size - round(share * size), n, 600)
    ]
    covered = np.mean([one.low <= share <= one.high for one in found])  # type: ignore[operator]
    assert covered > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 600)


def test_numbers_that_cannot_be_are_refused() -> None:
    with pytest.raises(BadInput, match="7 synthetic ones among 5"):
        share_of_sample(7, 5, 10, 0.95)
    with pytest.raises(BadInput, match="three are needed"):
        share_with_predictions(0.5, np.zeros(2), np.zeros(2), 10, True, 0.95)


def test_perfect_predictions_leave_no_doubt_and_useless_ones_that_of_the_labels() -> None:
    truth = np.tile([0.0, 1.0], 50)
    perfect = share_with_predictions(0.5, truth, truth, 1000, True, 0.95)
    useless = share_with_predictions(0.5, np.repeat([0.0, 1.0], 50), truth, 1000, True, 0.95)
    assert perfect.low == perfect.high == 0.5
    assert useless.high is not None
    assert useless.high - 0.5 == pytest.approx(1.984 * np.sqrt(25 / 98 * (1 / 100 - 1 / 1000)), rel=0.01)


def test_a_text_that_is_labelled_once_is_left_out_once() -> None:
    rest = unlabelled(Documents.of(["a", "b", "a", "c"]), Documents.of(["a", "c", "z"]))
    assert rest.tolist() == [False, True, True, False]
