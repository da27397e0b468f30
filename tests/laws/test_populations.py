"""What every population must obey; parts are found by themselves."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.batch import HasFrequencies, HasMoments, Law
from outcross.core.errors import BadSetting
from outcross.core.part import build, example, parts, words
from outcross.core.population import Population
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.setting import settings_of

POPULATIONS = sorted(parts("population"))


def a(name: str) -> Population:
    """The population with its usual settings."""
    population = build("population", example(parts("population")[name]))
    assert isinstance(population, Population)
    return population


@pytest.mark.parametrize("name", POPULATIONS)
def test_words_build_it_again(name: str) -> None:
    assert build("population", words(a(name))) == a(name)


@pytest.mark.parametrize("name", POPULATIONS)
def test_settings_out_of_range_are_refused(name: str) -> None:
    part = parts("population")[name]
    for setting in settings_of(part):
        for allowed in setting.ranges:
            for value in (allowed.low - 1, allowed.high + 1, allowed.low):
                if np.isfinite(value) and not allowed.allows(value):
                    with pytest.raises(BadSetting, match=setting.name):
                        part(**{setting.name: int(value) if setting.type is int else value})


@pytest.mark.parametrize("name", POPULATIONS)
def test_draws_have_the_size_asked_for_and_depend_on_the_seed_alone(name: str) -> None:
    one, again, other = (a(name).draw(50, 3, Seed(key)).arrays() for key in (1, 1, 2))
    assert a(name).draw(50, 3, Seed(1)).replicates == 3
    assert a(name).draw(50, 3, Seed(1)).size == 50
    assert all(np.array_equal(one[key], again[key]) for key in one)
    assert not all(np.array_equal(one[key], other[key]) for key in one)
    assert not np.array_equal(one["values"][0], one["values"][1])


@pytest.mark.parametrize("name", POPULATIONS)
def test_draws_follow_the_law(name: str) -> None:
    """Mean and covariance, or the share of every type, within 4 standard errors."""
    law, n = a(name).law(), 200_000
    records = a(name).draw(n, 1, Seed(3))
    if law is None:
        pytest.skip("its law has no closed form")
    assert isinstance(law, Law)
    assert law.replicates == 1
    assert law.spread(7).replicates == 7
    if isinstance(law, HasFrequencies):
        assert isinstance(records, Symbols)
        p = law.frequencies()[0]
        assert p.sum() == pytest.approx(1)
        allowed = np.maximum(4.5 * np.sqrt(p * (1 - p) / n), 1 / n)  # 4.5: up to 1,000 types are looked at
        assert (np.abs(records.frequencies()[0] - p) <= allowed).all()
    elif isinstance(law, HasMoments):
        assert isinstance(records, Rows)
        true, found = law.moments(), records.moments()
        centred = records.values[0] - true.mean[0]
        products = centred[:, :, None] * centred[:, None]
        assert (np.abs(found.mean - true.mean)[0] <= 4 * centred.std(axis=0) / np.sqrt(n)).all()
        error = products.std(axis=0) / np.sqrt(n)
        assert (np.abs(products.mean(axis=0) - true.covariance()[0]) <= 4 * error).all()
