"""Missing mass and Good-Turing against samples."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from outcross.core.errors import BadSetting
from outcross.lab.theory import unseen
from tests.lab.theory.simulation import agree

ZIPF = 1 / np.arange(1, 41)
LAW = ZIPF / ZIPF.sum()


@pytest.mark.parametrize("n", [1, 10, 60])
def test_against_samples(n: int) -> None:
    counts = np.random.default_rng(n).multinomial(n, LAW, size=20_000)
    missing = (counts == 0) @ LAW
    once = (counts == 1).sum(axis=1) / n
    agree(missing, unseen.missing_mass(n, LAW))
    agree(once, unseen.good_turing(n, LAW))
    agree(once - missing, unseen.good_turing_bias(n, LAW))


def test_bias_is_the_difference_and_small() -> None:
    for n in (1, 5, 100, 10_000):
        bias = unseen.good_turing_bias(n, LAW)
        assert_allclose(bias, unseen.good_turing(n, LAW) - unseen.missing_mass(n, LAW), atol=1e-15)
        assert 0 <= bias <= 1 / n


def test_nothing_seen_is_everything_missing() -> None:
    assert_allclose(unseen.missing_mass(0, LAW), 1)


@pytest.mark.parametrize(
    "call",
    [
        lambda: unseen.missing_mass(-1, LAW),
        lambda: unseen.good_turing(0, LAW),
        lambda: unseen.good_turing_bias(5, [0.5, 0.4]),
        lambda: unseen.missing_mass(5, [1.5, -0.5]),
        lambda: unseen.missing_mass(5, 1.0),
    ],
)
def test_what_has_no_answer_is_refused(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadSetting):
        call()
