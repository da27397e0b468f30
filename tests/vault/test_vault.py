"""A vault is a pool: what is drawn is uniform, the same however it lies in files, and what a pool in memory gives."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from outcross.core.errors import BadInput, BadSetting, MissingInput, NotProven, OutputRefused
from outcross.core.memory import MemoryPool
from outcross.core.provenance import Origin, Provenance, Stratum
from outcross.core.recipe import Draw, Recipe
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.vault.adding import Request
from outcross.vault.keys import Key, make_key
from outcross.vault.log import Log
from outcross.vault.vault import Vault
from tests.vault.conftest import Write

HUMAN = Provenance(Origin.HUMAN, source="diary")
HUMANS = Stratum(Origin.HUMAN)
BATCHES = [
    (["a cat sleeps", "it rains", "the dog barks", "snow falls", "tea is hot"], HUMAN),
    (["the machine says so", "the machine says more"], Provenance(Origin.SYNTHETIC, 1, generator="parrot")),
    (["wind", "wind", "a second batch"], HUMAN),
    (["a mixed text"], Provenance(Origin.MIXED, 1)),
    (["deeper still"], Provenance(Origin.SYNTHETIC, 2)),
    (["nobody knows who wrote this"], Provenance(Origin.UNKNOWN)),
]


def _recipe(*draws: Draw) -> Recipe:
    return Recipe(draws, 0)


def _filled(vault: Vault) -> Vault:
    for texts, provenance in BATCHES:
        vault.add(Texts.of(texts), provenance)
    return vault


# A pool


def test_it_holds_what_a_pool_in_memory_holds(vault: Vault) -> None:
    (first, _), *others = BATCHES
    memory = MemoryPool(Texts.of(first))
    for texts, provenance in others:
        memory.add(Texts.of(texts), provenance)
    _filled(vault)
    assert _counts(memory.inventory().counts) == _counts(vault.inventory().counts)
    assert sum(vault.inventory().counts.values()) == 13


def _counts(strata: Any) -> dict[tuple[str, int, str | None], int]:
    return {(str(one.origin), one.generation, one.group): count for one, count in strata.items()}


@pytest.mark.parametrize(
    "draws",
    [
        [Draw((HUMANS,), 3)],
        [Draw((HUMANS,), 8), Draw((Stratum(Origin.SYNTHETIC, 1),), 1)],
        [Draw((HUMANS,), 20, replacement=True)],
        [Draw((Stratum(Origin.SYNTHETIC, 2), HUMANS), 5, weight=2.0)],
        [Draw((HUMANS,), 12, most=2)],
    ],
)
def test_it_draws_what_a_pool_in_memory_draws(vault: Vault, draws: list[Draw]) -> None:
    memory = MemoryPool(Texts.of([]))
    for texts, provenance in BATCHES:
        memory.add(Texts.of(texts), Provenance(provenance.origin, provenance.generation))
    _filled(vault)
    for seed in range(3):
        theirs, ours = memory.draw(_recipe(*draws), Seed(seed)), vault.draw(_recipe(*draws), Seed(seed))
        assert isinstance(theirs, Texts)
        assert list(ours.strings()) == list(theirs.strings())
        assert (ours.weight is None) == (theirs.weight is None)
        assert ours.weight is None or np.array_equal(ours.weight, np.asarray(theirs.weight))


def test_draws_are_uniform(vault: Vault) -> None:
    """Chi-square over 400 seeds: each of 30 records is drawn as often as the others, whatever commit brought it."""
    for commit in range(3):
        vault.add(Texts.of([f"text {commit} {row}" for row in range(10 * commit + 1)]), HUMAN)
    size, quota, seeds = vault.log.rows, 6, 400
    times = np.zeros(size)
    for seed in range(seeds):
        times[vault.drawn(_recipe(Draw((HUMANS,), quota)), Seed(seed)).values] += 1
    expected = seeds * quota / size
    # Draws without replacement vary less than a multinomial, by the share that is not drawn.
    statistic = ((times - expected) ** 2).sum() / expected / (1 - quota / size) * (size - 1) / size
    assert times.min() > 0 and 12 < statistic < 60, "33 - 1 degrees of freedom: 0.1 % and 99.9 % are 10.4 and 62.5"


def test_a_draw_does_not_depend_on_how_records_lie_in_files(vault: Vault, tmp_path: Path, key: Key) -> None:
    _filled(vault)
    recipe = _recipe(Draw((HUMANS,), 4), Draw((Stratum(Origin.SYNTHETIC, 1), Stratum(Origin.SYNTHETIC, 2)), 2))
    before = [list(vault.draw(recipe, Seed(seed)).strings()) for seed in range(5)]
    assert len(vault.log.data()) == 6
    vault.compact()
    assert len(vault.log.data()) == 1
    assert [list(vault.draw(recipe, Seed(seed)).strings()) for seed in range(5)] == before
    assert len({tuple(texts) for texts in before}) > 1


def test_what_is_superseded_or_withdrawn_is_not_drawn(vault: Vault, write: Write) -> None:
    records = [{"id": str(n), "text": f"text {n}"} for n in range(10)]
    vault.ingest(Request((write("a.jsonl", records),), HUMAN), engine="serial")
    correction = write("b.jsonl", [{"id": "3", "text": "text three"}])
    vault.ingest(Request((correction,), HUMAN, correct=True), engine="serial")
    vault.withdraw(["7", "0"], "the author asked")
    everything = _recipe(Draw((HUMANS,), 8))
    expected = {f"text {n}" for n in (1, 2, 4, 5, 6, 8, 9)} | {"text three"}
    assert set(vault.draw(everything, Seed(1)).strings()) == expected
    with pytest.raises(BadInput, match="8 are there"):
        vault.draw(_recipe(Draw((HUMANS,), 9)), Seed(1))
    drawn = {text for seed in range(40) for text in vault.draw(_recipe(Draw((HUMANS,), 2)), Seed(seed)).strings()}
    assert drawn == expected
    vault.compact(erase=True)
    assert set(vault.draw(everything, Seed(1)).strings()) == expected
    assert vault.inventory().counts == {HUMANS: 8}


def test_groups_are_strata(vault: Vault, write: Write) -> None:
    records = [{"text": f"text {n}", "group": "ab"[n % 2]} for n in range(5)]
    vault.ingest(Request((write("a.jsonl", records),), HUMAN), engine="serial")
    assert vault.inventory().counts == {Stratum(Origin.HUMAN, group="a"): 3, Stratum(Origin.HUMAN, group="b"): 2}
    assert set(vault.draw(_recipe(Draw((Stratum(Origin.HUMAN, group="b"),), 2)), Seed(1)).strings()) == {
        "text 1", "text 3"
    }  # fmt: skip


def test_rows_come_in_the_order_in_which_they_are_asked_for(vault: Vault) -> None:
    _filled(vault)
    wanted = np.array([9, 0, 9, 12])
    assert vault.texts(wanted) == ["a second batch", "a cat sleeps", "a second batch", "nobody knows who wrote this"]
    with pytest.raises(BadInput, match="13 rows, and others were asked for"):
        vault.texts(np.array([0, 13]))


def test_a_row_is_verified_before_it_is_used(vault: Vault) -> None:
    _filled(vault)
    path = Path(vault.uri) / vault.log.data()[0].name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(NotProven, match=path.name):
        vault.texts(np.array([2]))
    assert vault.texts(np.array([5])) == ["the machine says so"]


# Making and opening


def test_a_vault_is_made_where_nothing_is(vault: Vault, key: Key, tmp_path: Path) -> None:
    with pytest.raises(OutputRefused, match="not empty"):
        Vault.create(vault.uri, key=key, memory=False)
    with pytest.raises(MissingInput, match="no vault"):
        Vault(tmp_path / "nothing", memory=False)
    assert not (tmp_path / "nothing").exists()


def test_another_key_commits_nothing(vault: Vault, tmp_path: Path) -> None:
    other = Vault(vault.uri, key=make_key(tmp_path / "other.pem"), memory=False)
    with pytest.raises(BadInput, match="is not that of the vault"):
        other.add(Texts.of(["a cat"]), HUMAN)
    found = vault.verify()
    assert found.sound and not found.remarks and found.commits == 1


# Others who read the table


@pytest.fixture
def lived(vault: Vault) -> Vault:
    """A vault with all that there is: several commits, a withdrawal, a compaction, an erased text, and more."""
    _filled(vault)
    vault.withdraw([str(vault.rows(np.array([1]), ["id"])["id"][0])], "the author asked")
    vault.compact(erase=True)
    vault.add(Texts.of(["after the compaction"]), HUMAN)
    return vault


def _expected(vault: Vault) -> list[tuple[Any, ...]]:
    return sorted(vault.rows(np.arange(vault.log.rows), ["id", "kind", "text"]).rows(), key=str)


def test_deltalake_reads_it(lived: Vault) -> None:
    deltalake = pytest.importorskip("deltalake")
    table = deltalake.DeltaTable(lived.uri)
    assert table.version() == len(lived.log.commits) - 1
    frame = pl.from_arrow(table.to_pyarrow_table())
    assert isinstance(frame, pl.DataFrame)
    assert sorted(frame.select("id", "kind", "text").rows(), key=str) == _expected(lived)
    assert frame["erased"].sum() == 1 and frame["erased"].null_count() == lived.log.rows - 1
    assert table.metadata().configuration["outcross.origin"] == lived.origin
    assert table.history(1)[0]["operation"] == "ADD"


def test_polars_reads_it(lived: Vault) -> None:
    pytest.importorskip("deltalake")
    frame = pl.scan_delta(lived.uri).select("id", "kind", "text").collect()
    assert sorted(frame.rows(), key=str) == _expected(lived)


def test_duckdb_reads_it(lived: Vault) -> None:
    duckdb = pytest.importorskip("duckdb")
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    try:
        connection.execute("load delta")
    except duckdb.Error as error:
        pytest.skip(f"duckdb has no extension for Delta Lake here: {error}")
    found = connection.execute(f"select id, kind, text from delta_scan('{lived.uri}')").fetchall()
    assert sorted(found, key=str) == _expected(lived)


def test_foreign_writers_are_refused(lived: Vault) -> None:
    deltalake = pytest.importorskip("deltalake")
    frame = lived.rows(np.array([0]))
    with pytest.raises(Exception, match="outcross-signed"):
        deltalake.write_deltalake(lived.uri, frame.to_arrow(), mode="append", schema_mode="merge")
    for change in (lambda table: table.delete(), lambda table: table.optimize.compact()):
        with pytest.raises(Exception, match=r"append-only|outcross-signed"):
            change(deltalake.DeltaTable(lived.uri))
    found = lived.verify(records=True)
    assert found.sound and found.commits == len(lived.log.commits)


# What is made anew, and what is no text


def test_a_vault_that_is_gone_is_made_anew_and_that_is_said(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCROSS_HOME", str(tmp_path / "home"))
    before = Vault.create(tmp_path / "cats", key=key)
    before.add(Texts.of(["a cat"]), HUMAN)
    shutil.move(tmp_path / "cats", tmp_path / "elsewhere")
    again = Vault.create(tmp_path / "cats", key=key)
    (said,) = again.warnings
    assert before.origin in said and "2 commits" in said
    assert Vault(tmp_path / "cats").origin == again.origin
    shutil.rmtree(tmp_path / "cats")
    shutil.move(tmp_path / "elsewhere", tmp_path / "cats")
    with pytest.raises(NotProven, match="the log is another"):
        Vault(tmp_path / "cats")


def test_no_text_at_all_is_no_commit(vault: Vault) -> None:
    vault.add(Texts.of([]), HUMAN)
    assert len(vault.log.commits) == 1


def test_what_is_no_time_or_no_text_is_refused_before_anything_is_done(
    vault: Vault, tmp_path: Path, key: Key, write: Write
) -> None:
    path = write("a.jsonl", [{"id": "a", "text": "one"}])
    with pytest.raises(BadSetting, match="'yesterday' is no time"):
        vault.ingest(path, HUMAN, engine="serial", time="yesterday")
    with pytest.raises(BadSetting, match="'tomorrow' is no time"):
        Vault.create(tmp_path / "other", key=key, memory=False, time="tomorrow")
    odd = Provenance(Origin.HUMAN, source="caf\udce9")
    for add in (lambda: vault.add(Texts.of(["one"]), odd), lambda: vault.ingest(path, odd, engine="serial")):
        with pytest.raises(BadSetting, match=r"the source is not valid Unicode: 'caf\\udce9'"):
            add()
    with pytest.raises(BadInput, match="text 2 of 2 is not valid Unicode"):
        vault.add(Texts.of(["one", "caf\udce9"]), HUMAN)
    with pytest.raises(BadSetting, match="give --name"):
        Vault.create(tmp_path / "caf\udce9", key=key, memory=False)
    assert [path.name for path in Path(vault.uri).iterdir()] == ["_delta_log"]
    assert not (tmp_path / "other").exists()
    vault.ingest(path, HUMAN, engine="serial")
    with pytest.raises(BadInput, match="the reason is not valid Unicode"):
        vault.withdraw(["a"], "caf\udce9")


def test_a_file_may_be_called_anything(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "caf\udce9.jsonl"
    path.write_text('{"text": "one"}\n{\n')
    receipt = vault.ingest(Request((path,), HUMAN, most=0.5), engine="serial")
    assert receipt is not None and (receipt.added, receipt.rejected) == (1, {"broken-line": 1})


def test_who_opens_a_vault_that_another_adds_to_sees_no_rollback(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTCROSS_HOME", str(tmp_path / "home"))
    other = Vault.create(tmp_path / "cats", key=key)
    load = Log.load

    def slow(*given: Any) -> Log:
        found = load(*given)
        other.add(Texts.of(["a cat"]), HUMAN)
        return found

    monkeypatch.setattr(Log, "load", slow)
    assert len(Vault(tmp_path / "cats").log.commits) == 1
