"""The published Zipf-Mandelbrot laws."""

import numpy as np
import pytest

from outcross.populations.zipf import Zipf


@pytest.mark.parametrize(("exponent", "shift"), [(1.0, 2.7), (2.0, 5.0)])
def test_the_published_laws(exponent: float, shift: float) -> None:
    """Zipf-Mandelbrot by the ratio of its probabilities, and their sum."""
    p = Zipf(types=1000, exponent=exponent, shift=shift).law().values[0]
    rank = np.arange(1, 1001)
    np.testing.assert_allclose(p / p[0], ((1 + shift) / (rank + shift)) ** exponent, rtol=1e-12)
    assert p.sum() == pytest.approx(1, abs=1e-12)


def test_without_shift_it_is_zipf() -> None:
    stats = pytest.importorskip("scipy.stats")
    known = stats.zipfian.pmf(np.arange(1, 51), 1.3, 50)
    np.testing.assert_allclose(Zipf(types=50, exponent=1.3, shift=0.0).law().values[0], known, rtol=1e-12)
