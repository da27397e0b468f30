"""The unit of work: its table has room for any number of generations, and keeps what is missing apart."""

import numpy as np

from outcross.core.part import build
from outcross.core.seed import Seed
from outcross.lab.trial import ROOM, Experiment, Trial, run_trial
from outcross.lab.truth import Truth
from outcross.lab.until import Until


def experiment(generations: int, metrics: tuple[str, ...] = ("variance",), until: str | None = None) -> Experiment:
    truth = Truth.of_population(build("population", "normal"), Seed(0))
    return Experiment(
        build("model", "gaussian(ddof=1)"),
        (build("policy", "replace"),),
        tuple(build("metric", metric) for metric in metrics),
        truth,
        10,
        generations,
        "statistics",
        Until.parse(until) if until else None,
    )


def test_a_long_chain_begins_like_a_short_one() -> None:
    """Also where the table had to be enlarged on the way."""
    long = run_trial(experiment(2 * ROOM + 5), Trial(0, 0, 2, 0)).values["variance"]
    short = run_trial(experiment(20), Trial(0, 0, 2, 0)).values["variance"]
    assert long.shape == (2, 2 * ROOM + 6)
    assert (long[:, :21] == short).all()
    assert np.isfinite(long).all()


def test_an_early_stop_leaves_no_empty_rows() -> None:
    stopped = run_trial(experiment(10**9, until="variance < 0.5"), Trial(0, 0, 1, 0)).values["variance"]
    assert stopped.shape[1] < ROOM
    assert stopped[0, -1] < 0.5
    assert (stopped[0, 1:-1] >= 0.5).all()


def test_a_metric_without_a_value_at_first_is_missing_there() -> None:
    """Generation 0 is human data: there is no model that could score the held-out records."""
    outcome = run_trial(experiment(3, ("heldout_nll", "variance")), Trial(0, 0, 2, 0))
    assert np.isnan(outcome.values["heldout_nll"][:, 0]).all()
    assert np.isfinite(outcome.values["heldout_nll"][:, 1:]).all()
    assert outcome.reasons["heldout_nll"]
    assert "variance" not in outcome.reasons
