"""A vault as a pool: the same draws as in memory, what is added is labelled, and nothing is added twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from outcross.core.errors import BadInput, BadSetting
from outcross.core.memory import MemoryPool
from outcross.core.provenance import Origin, Provenance, Stratum
from outcross.core.recipe import Draw, Recipe
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.text import Texts, Vocabulary
from outcross.vault.batch import add_batch
from outcross.vault.human import human
from outcross.vault.kept import Kept, spelled
from outcross.vault.keys import Key
from outcross.vault.pool import VaultPool
from outcross.vault.trained_on import decode
from outcross.vault.vault import Vault

HUMAN, FIRST, SECOND = Stratum(Origin.HUMAN), Stratum(Origin.SYNTHETIC, 1), Stratum(Origin.SYNTHETIC, 2)
TEXTS = tuple(f"the {one} sat on the {two}" for one in ("cat", "dog", "owl") for two in ("mat", "hill", "roof", "sea"))
WORDS = Vocabulary.of(TEXTS)
KEY = Key.of_seed(bytes(range(32)))


def made(folder: Path, texts: Sequence[str] = TEXTS) -> Vault:
    vault = Vault.create(folder / "vault", key=KEY, memory=False)
    vault.add(Texts.of(texts), Provenance(Origin.HUMAN, source="diary"))
    return vault


def written(count: int, seed: int) -> Texts:
    """What a model of words writes: codes, and no text as it was written."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(1, len(WORDS), 3 * count).astype(np.int32)
    return Texts(codes, np.arange(0, 3 * count + 1, 3), WORDS)


def pool_of(vault: Vault, run: str = "try/replace/0", **settings: object) -> VaultPool:
    within = MemoryPool(Kept.of(np.arange(len(TEXTS)), Texts.of(TEXTS)), **settings)  # type: ignore[arg-type]
    return VaultPool(vault, within, run)


def by(generation: int) -> Provenance:
    return Provenance(Origin.SYNTHETIC, generation, generator="parrot")


def recipe(*strata: Stratum, quota: int, **more: object) -> Recipe:
    return Recipe((Draw(strata, quota, **more),), ask=4)  # type: ignore[arg-type]


def same(one: Texts, other: object) -> bool:
    assert isinstance(other, Texts)
    weights = (one.weight is None) == (other.weight is None)
    weights &= one.weight is None or other.weight is None or np.array_equal(one.weight, other.weight)
    return (
        np.array_equal(one.codes, other.codes)
        and np.array_equal(one.starts, other.starts)
        and one.vocabulary.words == other.vocabulary.words
        and one.raw == other.raw
        and weights
    )


def test_draws_are_those_of_a_pool_in_memory(tmp_path: Path) -> None:
    memory, pool = MemoryPool(Texts.of(TEXTS)), pool_of(made(tmp_path))
    for generation in (1, 2):
        for one in (memory, pool):
            one.draw(recipe(HUMAN, quota=4), Seed(generation))
            scores = {"own": np.random.default_rng(generation).random((1, 6))}
            one.add(written(6, generation), by(generation), scores)
    assert pool.inventory() == memory.inventory()  # tokens, too
    memory.rate([FIRST, SECOND], {"late": np.arange(12.0)[None]})
    pool.rate([FIRST, SECOND], {"late": np.arange(12.0)[None]})
    for place, wanted in enumerate([
        recipe(HUMAN, quota=12),
        recipe(HUMAN, FIRST, SECOND, quota=24),
        recipe(HUMAN, FIRST, SECOND, quota=9),
        recipe(FIRST, SECOND, quota=30, replacement=True),
        recipe(FIRST, quota=5, most=2),
        recipe(FIRST, SECOND, quota=3, score="own", best=0.5),
        recipe(FIRST, SECOND, quota=3, score="late", proportional=True),
        Recipe((Draw((HUMAN,), 4, weight=0.5), Draw((SECOND,), 6, weight=2.0)), ask=1),
    ]):  # fmt: skip
        assert same(pool.draw(wanted, Seed(place)), memory.draw(wanted, Seed(place))), wanted


def test_blend_reach_and_new_human_records_too(tmp_path: Path) -> None:
    vault = made(tmp_path)
    texts = Texts.of(TEXTS)
    kept = Kept.of(np.arange(len(TEXTS)), texts)
    for settings in ({"blend": True}, {"reach": 1}):

        class Fresh:
            def __init__(self, batch: Texts | Kept) -> None:
                self.batch, self.used = batch, 8

            def __call__(self, k: int, seed: Seed) -> Texts | Kept:
                self.used += k
                return self.batch.take(np.arange(self.used - k, self.used)[None])

        some = np.arange(8)[None]
        memory = MemoryPool(texts.take(some), fresh=Fresh(texts), reserve=4, **settings)
        within = MemoryPool(kept.take(some), fresh=Fresh(kept), reserve=4, **settings)
        pool = VaultPool(vault, within, f"try/{settings}/0")
        for generation in (1, 2):
            wanted = Recipe((Draw((HUMAN,), 2), Draw((), 2, fresh=True)), ask=3)
            seed = Seed(generation)
            assert same(pool.draw(wanted, seed), memory.draw(wanted, seed))
            for one in (memory, pool):
                one.add(written(3, generation), by(generation))
        assert pool.inventory() == memory.inventory()
        assert pool.inventory().total() == (14 if "blend" in settings else 11)
        assert pool.inventory().reserve == 0


def test_what_is_added_says_who_wrote_it_and_what_that_was_trained_on(tmp_path: Path) -> None:
    vault = made(tmp_path)
    pool = pool_of(vault)
    pool.draw(recipe(HUMAN, quota=12), Seed(0))
    pool.add(written(4, 0), by(1))
    drawn = pool.draw(Recipe((Draw((HUMAN,), 3, replacement=True), Draw((FIRST,), 2)), ask=4), Seed(1))
    pool.draw(Recipe((Draw((HUMAN,), 12),), ask=0), Seed(2))  # a look at all of them: no model is trained on it
    pool.add(written(4, 1), replace(by(2), generator_digest="of its weights"))
    assert [commit.entry.operation for commit in vault.log.commits] == ["init", "add", "add", "add"]
    rows = vault.rows(np.arange(12, vault.log.rows)).to_dicts()
    first, second = rows[0], rows[5]
    assert [row["kind"] for row in rows] == ["model", *["record"] * 4] * 2
    for model, own in ((first, rows[1:5]), (second, rows[6:])):
        assert model["id"] == f"model:{model['generator_digest']}" and model["generator"] == "parrot"
        assert {tuple(row["parents"]) for row in own} == {(model["id"],)}
        assert {(row["origin"], row["generator"], row["evidence"]) for row in own} == {
            ("synthetic", "parrot", "registered")
        }
        assert {row["generator_digest"] for row in own} == {model["generator_digest"]}
        assert {row["run"] for row in [model, *own]} == {"try/replace/0"}
    assert [row["generation"] for row in rows] == [0, 1, 1, 1, 1, 1, 2, 2, 2, 2]
    told = json.loads(second["metadata"])
    positions = decode(told["trained_on"])
    assert sorted(vault.texts(positions)) == sorted(drawn.strings()) and len(positions) == 5
    assert told["generation"] == 2 and told["recipe"]["ask"] == 4 and told["weights"] == "of its weights"
    assert vault.verify(records=True).sound


def test_what_is_there_already_is_not_added_again(tmp_path: Path) -> None:
    vault = made(tmp_path)
    found: list[list[int]] = []
    for _ in range(3):
        pool = pool_of(vault)
        for generation, stratum in ((1, HUMAN), (2, FIRST)):
            pool.draw(recipe(stratum, quota=4), Seed(0))
            pool.add(written(4, generation), by(generation))
        found.append(pool.draw(recipe(FIRST, SECOND, quota=8), Seed(0)).codes.tolist())
        assert len(vault.log.commits) == 4
    assert found[0] == found[1] == found[2]


def test_another_run_of_the_same_name_is_refused(tmp_path: Path) -> None:
    vault = made(tmp_path)

    def run(drawn: int, wrote: int) -> None:
        pool = pool_of(vault)
        pool.draw(recipe(HUMAN, quota=6), Seed(drawn))
        pool.add(written(4, wrote), by(1))

    run(0, 0)
    with pytest.raises(BadInput, match=r"other texts of the model 'model:[0-9a-f]{64}'.*another name"):
        run(0, 1)
    with pytest.raises(BadSetting, match="another model of generation 1 in the run 'try/replace/0'; give this run"):
        run(1, 0)
    assert len(vault.log.commits) == 3
    other = pool_of(vault, "try/replace/1")
    assert other.inventory().total() == len(TEXTS)  # sees nothing of the first


def test_what_was_withdrawn_is_not_trained_on(tmp_path: Path) -> None:
    vault = made(tmp_path)
    pool = pool_of(vault)
    pool.draw(recipe(HUMAN, quota=4), Seed(0))
    pool.add(written(4, 0), by(1))
    vault.withdraw([vault.rows(np.array([14]), ["id"])["id"][0]], "asked for")
    again = pool_of(vault)
    again.draw(recipe(HUMAN, quota=4), Seed(0))
    with pytest.raises(BadInput, match="texts of the run 'try/replace/0' were withdrawn"):
        again.add(written(4, 0), by(1))
    vault.withdraw([vault.rows(np.array([12]), ["id"])["id"][0]], "asked for")
    with pytest.raises(BadInput, match="models of the run 'try/replace/0' were withdrawn"):
        pool_of(vault)


def test_words_that_would_run_together_are_kept_apart(tmp_path: Path) -> None:
    vault = made(tmp_path)
    words = Vocabulary(("<unk>", "ネコ", "イヌ", "a", "'s"))
    texts = Texts(np.array([1, 2, 3, 4, 3, 1, 0], dtype=np.int32), np.array([0, 2, 4, 5, 7]), words)
    assert texts.strings() == ("ネコイヌ", "a's", "a", "ネコ <unk>")
    assert [told is None for told in spelled(texts)] == [False, False, True, False]
    pool = pool_of(vault)
    pool.draw(recipe(HUMAN, quota=4), Seed(0))
    pool.add(texts, by(1))
    drawn = pool.draw(recipe(FIRST, quota=4), Seed(0))
    assert [drawn.vocabulary.words[code] for code in drawn.codes] == ["ネコ", "イヌ", "a", "'s", "a", "ネコ", "<unk>"]


def test_groups_are_kept_apart(tmp_path: Path) -> None:
    texts = replace(Texts.of(TEXTS), group=np.array([[0] * 8 + [1] * 4]), names=("many", "few"))
    vault = Vault.create(tmp_path / "vault", key=KEY, memory=False)
    vault.add(texts, Provenance(Origin.HUMAN))
    corpus, positions = human(vault, group="group")
    assert isinstance(corpus.records, Texts) and corpus.records.names == ("many", "few")
    memory = MemoryPool(corpus.records, grouped=True)
    pool = VaultPool(vault, MemoryPool(Kept.of(positions, corpus.records), grouped=True), "try/balance/0")
    few = Stratum(Origin.HUMAN, group="few")
    assert pool.inventory() == memory.inventory() and pool.inventory().counts[few] == 4
    assert same(pool.draw(recipe(few, quota=2), Seed(0)), memory.draw(recipe(few, quota=2), Seed(0)))
    wrote = replace(written(3, 0), group=np.array([[1, 0, 1]]), names=("many", "few"))
    pool.add(wrote, by(1))
    found = pool.draw(recipe(Stratum(Origin.SYNTHETIC, 1, "few"), quota=2), Seed(0))
    assert found.strings() == (wrote.strings()[0], wrote.strings()[2])
    assert vault.rows(np.array([13, 14, 15]), ["group"])["group"].to_list() == ["few", "many", "few"]


def test_human_texts_are_the_live_ones_of_no_run_in_order(tmp_path: Path) -> None:
    vault = made(tmp_path, ("one cat", "  ", "two cats", "three cats", "four cats"))
    vault.add(Texts.of(["a machine wrote this one"]), by(1))
    vault.add(Texts.of(["five cats"]), Provenance(Origin.HUMAN, source="letters"))
    vault.withdraw([vault.rows(np.array([3]), ["id"])["id"][0]], "asked for")
    vault.log = add_batch(vault, Texts.of(["of a chain"]), Provenance(Origin.HUMAN), run="a chain")
    corpus, positions = human(vault)
    assert corpus.strings == ("one cat", "two cats", "four cats", "five cats") and positions.tolist() == [0, 2, 4, 6]
    assert human(vault, limit=3)[1].tolist() == [0, 2]
    assert set(human(vault, group="source")[0].records.names) == {"diary", "letters"}  # type: ignore[union-attr]
    with pytest.raises(BadSetting, match="groups of a vault are one of its columns"):
        human(vault, group="text")
    empty = Vault.create(tmp_path / "empty", key=KEY, memory=False)
    with pytest.raises(BadInput, match="has no human record to train on"):
        human(empty)


def test_refusals(tmp_path: Path) -> None:
    vault = made(tmp_path)
    pool = pool_of(vault)
    with pytest.raises(BadInput, match="trained on nothing: draw before you add"):
        pool.add(written(2, 0), by(1))
    with pytest.raises(BadInput, match="a vault keeps texts, not rows"):
        pool.add(Rows(np.zeros((1, 2, 1))), by(1))
    with pytest.raises(BadInput, match="13 positions"):
        Kept.of(np.arange(13), Texts.of(TEXTS))
    with pytest.raises(BadInput, match="a vault keeps no scores"):
        vault.add(written(2, 0), by(1), {"own": np.zeros((1, 2))})
    assert len(vault.log.commits) == 2
