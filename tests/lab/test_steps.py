"""The loop: lazy, seeded by name, able to be cut and taken up."""

import dataclasses
import itertools

import numpy as np
import pytest

from outcross.core.errors import BadInput
from outcross.core.memory import MemoryPool
from outcross.core.part import build
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.lab.observe import Readings
from outcross.lab.steps import Recorded, Step, steps
from outcross.lab.trial import Experiment, Past, Shown, Trial, run_trial
from outcross.lab.truth import Truth

OWN = "filtered(policy=replace, keep=0.5, score=own)"
POLICIES = [
    "replace",
    "accumulate",
    "subsample",
    "anchor(real=0.3)",
    "fresh(real=0.2)",
    "weighted",
    "filtered(policy=accumulate, keep=0.5)",
    "replace(multiple=true)",
]


def test_it_is_lazy() -> None:
    pool = MemoryPool(Rows(np.zeros((1, 10, 1))), reach=1)
    chain = steps(build("model", "gaussian"), build("policy", "replace"), pool, 10, Seed(0))
    assert [step.generation for step in itertools.islice(chain, 1000)] == list(range(1, 1001))
    assert len(pool.inventory().counts) == 2


def test_every_policy_is_measured_on_as_many_records() -> None:
    """What a policy asks of the model differs; what is measured does not."""
    for words in POLICIES:
        truth = Truth.of_population(build("population", "normal"), Seed(0))
        policy = build("policy", words)
        pool, _ = truth.pool(build("model", "gaussian"), policy, 40, 1, Seed(1))
        for step in itertools.islice(steps(build("model", "gaussian"), policy, pool, 40, Seed(1)), 3):
            assert step.output.size >= 40


@pytest.mark.parametrize("words", [*POLICIES, OWN])
@pytest.mark.parametrize("cut", [1, 2, 4])
def test_cut_and_taken_up(words: str, cut: int) -> None:
    """A chain that goes on from its recorded outputs gives the very same numbers."""
    truth = Truth.of_population(build("population", "normal"), Seed(0))
    metrics = (build("metric", "variance"),)
    one = Experiment(build("model", "gaussian"), (build("policy", words),), metrics, truth, 40, 5)
    recorded: dict[int, Recorded] = {}
    readings: dict[int, Readings] = {}

    def keep(step: Step, found: Readings, shown: Shown) -> None:
        if step.generation <= cut:
            recorded[step.generation] = Recorded(step.output, step.pooled, step.scores)
            readings[step.generation] = found

    whole = run_trial(one, Trial(0, 0, 3, 0), keep=keep)
    past = Past(recorded, readings)
    again = run_trial(one, Trial(0, 0, 3, 0), past)
    assert np.array_equal(again.values["variance"], whole.values["variance"])


def test_policies_start_from_common_records() -> None:
    truth = Truth.of_population(build("population", "normal"), Seed(0))
    policies = tuple(build("policy", words) for words in POLICIES)
    one = Experiment(build("model", "gaussian"), policies, (build("metric", "variance"),), truth, 40, 1)
    first = [run_trial(one, Trial(index, 0, 3, 0)).values["variance"][:, 1] for index in range(len(policies))]
    assert all(np.array_equal(values, first[0]) for values in first)


def test_replicates_differ_and_blocks_do_not_depend_on_each_other() -> None:
    truth = Truth.of_population(build("population", "normal"), Seed(0))
    one = Experiment(
        build("model", "gaussian"), (build("policy", "replace"),), (build("metric", "variance"),), truth, 40, 3
    )
    values = run_trial(one, Trial(0, 10, 5, 0)).values["variance"]
    assert len(np.unique(values[:, 3])) == 5
    assert np.array_equal(values, run_trial(one, Trial(0, 10, 5, 0)).values["variance"])
    assert not np.array_equal(values, run_trial(one, Trial(0, 20, 5, 0)).values["variance"])


def test_a_minority_is_guarded() -> None:
    """Ten blue cats in a hundred: refitted on their own output they drift away, balanced they stay."""
    cats = Symbols(np.repeat([[0, 1]], [90, 10], axis=1), 2, ("yellow", "blue"))
    truth = Truth(cats, cats)
    policies = (build("policy", "replace"), build("policy", "balance(policy=replace)"))
    one = Experiment(build("model", "categorical"), policies, (build("metric", "minority_share"),), truth, 100, 30)
    share = [
        np.array([run_trial(one, Trial(index, start, 1, 0)).values["minority_share"][0, -1] for start in range(40)])
        for index in range(2)
    ]
    assert (share[0] == 0).sum() > 5
    assert (share[1] == 0.1).all()


def test_memory_stays_flat_under_replace() -> None:
    import tracemalloc

    truth = Truth.of_population(build("population", "normal"), Seed(0))
    one = Experiment(build("model", "gaussian"), (build("policy", "replace"),), (), truth, 1000, 20)
    peaks = []
    for generations in (20, 400):
        tracemalloc.start()
        run_trial(dataclasses.replace(one, generations=generations), Trial(0, 0, 50, 0))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


def test_memory_stays_flat_on_the_exact_path() -> None:
    import tracemalloc

    truth = Truth.of_population(build("population", "normal"), Seed(0))
    for policy in ("replace", "accumulate"):
        one = Experiment(build("model", "gaussian"), (build("policy", policy),), (), truth, 1000, 20, "statistics")
        peaks = []
        for generations in (50, 500):
            tracemalloc.start()
            run_trial(dataclasses.replace(one, generations=generations), Trial(0, 0, 20_000, 0))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[1] < 1.2 * peaks[0]


@pytest.mark.parametrize("words", ["fresh(real=1.0)", "weighted(ratio=0.0)", "anchor(real=1.0)"])
def test_all_human(words: str) -> None:
    """Where nothing is asked of the model, a generation still gets new human records where the policy says so."""
    truth = Truth.of_population(build("population", "normal"), Seed(0))
    one = Experiment(
        build("model", "gaussian"), (build("policy", words),), (build("metric", "variance"),), truth, 40, 4
    )
    values = run_trial(one, Trial(0, 0, 3, 0)).values["variance"][:, 1:]
    assert (len(np.unique(values)) == 12) == (words != "anchor(real=1.0)")


def test_a_policy_of_groups_needs_groups() -> None:
    """Records of a model that knows no groups are refused, not dropped without a word."""
    rng = np.random.default_rng(0)
    group = np.tile([[0, 1, 1]], 20)
    rows = Rows(rng.normal(size=(1, 60, 2)), group=group, names=("a", "b"))
    one = Experiment(build("model", "gaussian"), (build("policy", "balance(policy=replace)"),),
                     (build("metric", "variance"),), Truth(rows, rows), 60, 2)  # fmt: skip
    with pytest.raises(BadInput, match="grouped"):
        run_trial(one, Trial(0, 0, 1, 0))


@pytest.mark.parametrize("policy", ["replace", "accumulate", "subsample", "balance(policy=replace)",
                                    "balance(policy=filtered(policy=accumulate, keep=0.7))"])  # fmt: skip
def test_a_model_of_groups(policy: str) -> None:
    """A model of each group writes records with groups, so that minorities can be counted and guarded."""
    rng = np.random.default_rng(0)
    group = np.array([[0] * 54 + [1] * 6])
    rows = Rows(rng.normal(size=(1, 60, 2)) + 10 * group[:, :, None], group=group, names=("many", "few"))
    metrics = (build("metric", "minority_share"), build("metric", "variance"))
    one = Experiment(build("model", "grouped(model=gaussian)"), (build("policy", policy),), metrics,
                     Truth(rows, rows), 60, 20)  # fmt: skip
    shares = np.array([run_trial(one, Trial(0, start, 1, 0)).values["minority_share"][0] for start in range(12)])
    if policy.startswith("balance"):
        assert np.abs(shares[:, 1:].mean(axis=0) - 0.1).max() < 0.06
        assert (shares > 0).all()
    elif policy == "replace":
        assert shares[:, -1].std() > 0.03
