"""All human records and the latest generation: no more, no less."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from outcross.core.part import build
from outcross.core.provenance import Origin
from outcross.core.seed import Seed
from outcross.lab.chain import Chain
from outcross.lab.steps import steps
from outcross.lab.truth import Truth


@pytest.mark.parametrize(("ratio", "written"), [(1.0, 40), (0.5, 20), (2.0, 80), (0.0, 0)])
def test_the_training_set_does_not_grow(ratio: float, written: int) -> None:
    truth = Truth.of_population(build("population", "normal"), Seed(0))
    policy, model = build("policy", f"augment(ratio={ratio})"), build("model", "gaussian")
    pool, _ = truth.pool(model, policy, 40, 2, Seed(1))
    for step in islice(steps(model, policy, pool, 40, Seed(1)), 5):
        assert step.recipe.size == 40 + (written if step.generation > 1 else 0)
        (draw,) = step.recipe.draws
        assert {stratum.generation for stratum in draw.strata} == ({0, step.generation - 1} if written else {0})
        assert sum(stratum.origin is Origin.HUMAN for stratum in draw.strata) == 1


def test_it_is_exact_and_settles() -> None:
    """Half of each training set is the same human records: the mean wanders, and stays near (an AR(1) of slope 1/2)."""
    history = Chain("gaussian", "normal", "augment", ["mean_drift"], sample_size=50).run(30, 4000, engine="serial")
    assert history.facts.path == "exact"
    drift = history.values("augment", "mean_drift")
    steady = (1 + 1 / 3) / 50  # of the human mean, and of (1/4) / (1 - 1/4) of a sample's
    assert np.nanmean(drift[:, -1]) == pytest.approx(steady, rel=0.1)
