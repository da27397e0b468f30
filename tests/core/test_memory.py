"""The pool in memory: what is counted, drawn and let go."""

import numpy as np
import pytest

from outcross.core.batch import NotDivisible
from outcross.core.errors import BadInput, BadSetting
from outcross.core.memory import MemoryPool
from outcross.core.provenance import Origin, Provenance, Stratum
from outcross.core.recipe import Draw, Recipe
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.statistics import Counts, Moments

HUMAN = (Stratum(Origin.HUMAN),)


def rows(values: list[float], replicates: int = 1) -> Rows:
    return Rows(np.tile(np.array(values)[None, :, None], (replicates, 1, 1)))


def synthetic(generation: int) -> Provenance:
    return Provenance(Origin.SYNTHETIC, generation)


def test_whole_strata_come_in_order() -> None:
    pool = MemoryPool(rows([1, 2]))
    pool.add(rows([3]), synthetic(1))
    drawn = pool.draw(Recipe((Draw(pool.inventory().all(), 3),), 0), Seed(0))
    assert isinstance(drawn, Rows)
    assert drawn.values.ravel().tolist() == [1, 2, 3]


def test_a_part_is_a_uniform_choice_in_each_replicate() -> None:
    pool = MemoryPool(rows(list(range(10)), replicates=4000))
    drawn = pool.draw(Recipe((Draw(HUMAN, 3),), 0), Seed(1))
    assert isinstance(drawn, Rows)
    chosen = drawn.values[:, :, 0].astype(int)
    assert all(len(set(row)) == 3 for row in chosen.tolist())
    share = np.bincount(chosen.ravel(), minlength=10) / 4000
    assert np.abs(share - 0.3).max() < 4 * np.sqrt(0.3 * 0.7 / 4000)


def test_more_than_there_is_needs_replacement() -> None:
    pool = MemoryPool(rows([1, 2]))
    with pytest.raises(BadInput, match="3 of human/0"):
        pool.draw(Recipe((Draw(HUMAN, 3),), 0), Seed(0))
    assert pool.draw(Recipe((Draw(HUMAN, 3, replacement=True),), 0), Seed(0)).size == 3


def test_fresh_records_run_out() -> None:
    pool = MemoryPool(rows([1]), fresh=lambda k, seed: rows([0.0] * k), reserve=3)
    recipe = Recipe((Draw((), 2, fresh=True),), 0)
    assert pool.draw(recipe, Seed(0)).size == 2
    assert pool.inventory().reserve == 1
    with pytest.raises(BadInput, match="1 are left"):
        pool.draw(recipe, Seed(0))


def test_weights_follow_the_draws() -> None:
    pool = MemoryPool(rows([1, 2]))
    pool.add(rows([3]), synthetic(1))
    latest = pool.inventory().latest()
    drawn = pool.draw(Recipe((Draw(HUMAN, 2, weight=0.5), Draw(latest, 1, weight=2)), 0), Seed(0))
    assert isinstance(drawn, Rows)
    assert drawn.weight is not None
    assert drawn.weight.tolist() == [0.5, 0.5, 2]


def test_thresholds_and_best_by_score() -> None:
    pool = MemoryPool(rows([0]))
    pool.add(rows([1, 2, 3, 4]), synthetic(1), {"quality": np.array([[0.1, 0.4, 0.2, 0.3]])})
    latest = pool.inventory().latest()

    def draw(quota: int, **rule: float) -> set[float]:
        drawn = pool.draw(Recipe((Draw(latest, quota, score="quality", **rule),), 0), Seed(0))  # type: ignore[arg-type]
        assert isinstance(drawn, Rows)
        return set(drawn.values.ravel().tolist())

    assert draw(2, best=0.5) == {2.0, 4.0}
    assert draw(3, at_least=0.2) == {2.0, 3.0, 4.0}
    with pytest.raises(BadInput, match="2 records qualify"):
        draw(3, best=0.5)


def test_in_proportion_to_a_score() -> None:
    """With replacement, shares are the scores' shares; without, a record of no score is never drawn."""
    pool = MemoryPool(rows([0], 20_000))
    score = np.tile([[1.0, 3.0, 0.0]], (20_000, 1))
    pool.add(rows([1, 2, 3], 20_000), synthetic(1), {"weight": score})
    latest = pool.inventory().latest()
    one = pool.draw(Recipe((Draw(latest, 1, replacement=True, score="weight", proportional=True),), 0), Seed(0))
    assert isinstance(one, Rows)
    share = (one.values == 2).mean()
    assert abs(share - 0.75) < 4 * np.sqrt(0.75 * 0.25 / 20_000)
    without = pool.draw(Recipe((Draw(latest, 1, score="weight", proportional=True),), 0), Seed(1))
    assert isinstance(without, Rows)
    assert abs((without.values == 2).mean() - 0.75) < 4 * np.sqrt(0.75 * 0.25 / 20_000)
    assert not (without.values == 3).any()


def test_old_generations_are_let_go() -> None:
    pool = MemoryPool(rows([0]), reach=1)
    for generation in range(1, 5):
        pool.add(rows([generation]), synthetic(generation))
    assert [str(stratum) for stratum in pool.inventory().counts] == ["human/0", "synthetic/4"]


def test_blended_statistics_do_not_grow() -> None:
    pool = MemoryPool(Moments.of(np.zeros((1, 5, 1))), blend=True)
    for generation in range(1, 100):
        pool.add(Moments.of(np.full((1, 5, 1), float(generation))), synthetic(generation))
    counts = pool.inventory().counts
    assert counts == {Stratum(Origin.HUMAN): 5, Stratum(Origin.SYNTHETIC, 99): 495}
    drawn = pool.draw(Recipe((Draw(pool.inventory().all(), 500),), 0), Seed(0))
    assert isinstance(drawn, Moments)
    assert drawn.mean.item() == pytest.approx(np.arange(100).mean())


def test_a_statistic_is_not_divided() -> None:
    pool = MemoryPool(Moments.of(np.zeros((1, 5, 1))))
    with pytest.raises(NotDivisible):
        pool.draw(Recipe((Draw(HUMAN, 2),), 0), Seed(0))


def test_counts_are_divided_hypergeometrically() -> None:
    pool = MemoryPool(Counts(np.tile([[6.0, 4.0]], (4000, 1))))
    drawn = pool.draw(Recipe((Draw(HUMAN, 5),), 0), Seed(0))
    assert isinstance(drawn, Counts)
    assert (drawn.values.sum(axis=1) == 5).all()
    variance = 5 * 0.6 * 0.4 * (10 - 5) / (10 - 1)
    assert drawn.values[:, 0].var() == pytest.approx(variance, abs=4 * variance * np.sqrt(2 / 4000))


def test_an_empty_recipe_is_refused() -> None:
    with pytest.raises(BadInput, match="nothing to train on"):
        MemoryPool(rows([1])).draw(Recipe((), 0), Seed(0))


def test_what_is_added_to_a_stratum_joins_it() -> None:
    pool = MemoryPool(rows([1, 2]))
    pool.add(rows([3]), Provenance(Origin.HUMAN))
    drawn = pool.draw(Recipe((Draw(HUMAN, 3),), 0), Seed(0))
    assert isinstance(drawn, Rows)
    assert drawn.values.ravel().tolist() == [1, 2, 3]


@pytest.mark.parametrize("generations", [1, 2, 3, 7, 8, 50])
def test_blended_records_keep_their_order_and_their_scores(generations: int) -> None:
    """Chunks of records are put together as generations pass: nothing is lost, doubled or moved."""
    pool = MemoryPool(rows([0]), blend=True)
    for generation in range(1, generations + 1):
        score = np.array([[2.0 * generation, 0.0]])
        pool.add(rows([generation, -generation]), synthetic(generation), {"quality": score})
    latest = pool.inventory().latest()
    whole = pool.draw(Recipe((Draw(latest, 2 * generations),), 0), Seed(0))
    assert isinstance(whole, Rows)
    signed = [number for generation in range(1, generations + 1) for number in (generation, -generation)]
    assert whole.values.ravel().tolist() == signed
    best = pool.draw(Recipe((Draw(latest, generations, score="quality", at_least=1),), 0), Seed(0))
    assert isinstance(best, Rows)
    assert sorted(best.values.ravel().tolist()) == list(range(1, generations + 1))


def test_a_choice_among_many_batches_is_uniform() -> None:
    """Records are picked from several chunks without joining them, a few or many at a time."""
    pool = MemoryPool(rows(list(range(4)), replicates=4000))
    pool.add(rows([4, 5, 6], replicates=4000), synthetic(1))
    pool.add(rows([7, 8, 9], replicates=4000), synthetic(2))
    drawn = pool.draw(Recipe((Draw(pool.inventory().all(), 3),), 0), Seed(1))
    assert isinstance(drawn, Rows)
    chosen = drawn.values[:, :, 0].astype(int)
    assert all(len(set(row)) == 3 for row in chosen.tolist())
    share = np.bincount(chosen.ravel(), minlength=10) / 4000
    assert np.abs(share - 0.3).max() < 4 * np.sqrt(0.3 * 0.7 / 4000)


def test_picking_across_batches_is_joining_and_picking() -> None:
    rng = np.random.default_rng(0)
    batches = [Rows(rng.normal(size=(3, n, 2))) for n in (4, 1, 7)]
    index = rng.integers(12, size=(3, 20))
    picked = batches[0].take_across(batches[1:], index)
    assert (picked.values == batches[0].join(batches[1:]).take(index).values).all()
    weighted = batches[0].take_across([batches[1].weighted(2.0)], index[:1] % 5)
    assert weighted.weight is not None
    assert weighted.weight.tolist() == [2.0 if place == 4 else 1.0 for place in (index[0] % 5).tolist()]


def test_a_choice_among_very_many_is_uniform_too() -> None:
    pool = MemoryPool(rows(list(range(2500)), replicates=400))
    drawn = pool.draw(Recipe((Draw(HUMAN, 500),), 0), Seed(2))
    assert isinstance(drawn, Rows)
    chosen = drawn.values[:, :, 0]
    assert all(len(set(row)) == 500 for row in chosen.tolist())
    error = np.sqrt((2500**2 / 12) / (400 * 500))
    assert abs(chosen.mean() - 2499 / 2) < 4 * error


def test_copies_are_drawn_without_being_put_back() -> None:
    """Two records in shares 1 to 3, two copies each, two drawn: the chances of every pair, by hand."""
    pool = MemoryPool(rows([0], 40_000))
    pool.add(rows([1, 2], 40_000), synthetic(1), {"human": np.tile([[1.0, 3.0]], (40_000, 1))})
    draw = Draw(pool.inventory().latest(), 2, most=2, score="human", proportional=True)
    drawn = pool.draw(Recipe((draw,), 0), Seed(0))
    assert isinstance(drawn, Rows)
    ones = (drawn.values[:, :, 0] == 1).sum(axis=1)
    both_one = 2 / 8 * 1 / 7
    mixed = 2 / 8 * 6 / 7 + 6 / 8 * 2 / 5
    for count, chance in ((2, both_one), (1, mixed), (0, 1 - both_one - mixed)):
        assert abs((ones == count).mean() - chance) < 4 * np.sqrt(chance * (1 - chance) / 40_000)


def test_no_record_is_drawn_more_often_than_it_may() -> None:
    pool = MemoryPool(rows([0, 1, 2], 500))
    score = np.tile([[1e-300, 1.0, 0.5]], (500, 1))
    pool.rate(HUMAN, {"human": score})
    for quota, power in ((4, 1.0), (7, 5.0), (9, 20.0)):
        drawn = pool.draw(
            Recipe((Draw(HUMAN, quota, most=3, score="human", proportional=True, power=power),), 0), Seed(0)
        )
        assert isinstance(drawn, Rows)
        counts = np.array([np.bincount(row.astype(int), minlength=3) for row in drawn.values[:, :, 0]])
        assert (counts.sum(axis=1) == quota).all()
        assert counts.max() == 3
        assert (counts[:, 0] == max(0, quota - 6)).all()  # the least human record, when all else is used up
    with pytest.raises(BadInput, match="each at most 3 times"):
        pool.draw(Recipe((Draw(HUMAN, 10, most=3, score="human", proportional=True),), 0), Seed(0))


def test_copies_without_a_score_and_powers_of_nought() -> None:
    """At power 0 a score says nothing, not even that it is 0: each record is drawn as often as the others."""
    pool = MemoryPool(rows([0, 1, 2], 20_000))
    pool.rate(HUMAN, {"human": np.tile([[0.0, 1.0, 0.5]], (20_000, 1))})
    plain = Draw(HUMAN, 3, most=3)
    powerless = Draw(HUMAN, 3, most=3, score="human", proportional=True, power=0.0)
    for draw in (plain, powerless):
        drawn = pool.draw(Recipe((draw,), 0), Seed(3))
        assert isinstance(drawn, Rows)
        share = np.bincount(drawn.values.ravel().astype(int)) / drawn.values.size
        assert np.abs(share - 1 / 3).max() < 4 * np.sqrt(2 / 9 / drawn.values.size)


def test_a_power_sharpens_the_shares() -> None:
    pool = MemoryPool(rows([0, 1], 20_000))
    pool.rate(HUMAN, {"human": np.tile([[0.25, 0.5]], (20_000, 1))})
    drawn = pool.draw(Recipe((Draw(HUMAN, 1, score="human", proportional=True, power=3.0),), 0), Seed(0))
    assert isinstance(drawn, Rows)
    assert abs((drawn.values == 1).mean() - 8 / 9) < 4 * np.sqrt(8 / 81 / 20_000)


def test_scores_come_later_too() -> None:
    """Records that are there are given scores, in their order over chunks and strata."""
    pool = MemoryPool(rows([0, 1]))
    pool.add(rows([2]), Provenance(Origin.HUMAN))
    pool.add(rows([3]), synthetic(1), {"human": np.array([[0.5]])})
    pool.rate(HUMAN, {"human": np.array([[0.1, 0.9, 0.8]])})
    drawn = pool.draw(Recipe((Draw(pool.inventory().all(), 3, score="human", at_least=0.5),), 0), Seed(0))
    assert isinstance(drawn, Rows)
    assert sorted(drawn.values.ravel().tolist()) == [1, 2, 3]
    with pytest.raises(BadInput, match="3 records cannot have 2 scores"):
        pool.rate(HUMAN, {"human": np.zeros((1, 2))})


@pytest.mark.parametrize("rule", [{"most": 0}, {"most": 3, "replacement": True}, {"power": -1.0}, {"power": np.nan}])
def test_a_draw_that_makes_no_sense(rule: dict[str, float]) -> None:
    with pytest.raises(BadSetting):
        Draw(HUMAN, 1, **rule)  # type: ignore[arg-type]


def test_a_draw_in_words() -> None:
    draw = Draw(HUMAN, 20, most=3, score="human", proportional=True, power=2.0)
    assert str(draw) == "20 of human/0, each at most 3 times, in proportion to human ** 2"
