"""A compaction changes how rows lie in files and nothing else, wherever it is stopped and whoever writes meanwhile."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
import pytest

from outcross.core.errors import BadInput, OutputRefused
from outcross.core.provenance import Origin, Provenance, Stratum
from outcross.core.text import Texts
from outcross.vault import compaction
from outcross.vault.adding import Request
from outcross.vault.compaction import compact
from outcross.vault.keys import Key
from outcross.vault.log import Change, Log, append
from outcross.vault.merkle import Frontier
from outcross.vault.objects import LocalObjects
from outcross.vault.part import DataFile, name_of, write_part
from outcross.vault.record import digested, shaped, with_leaves
from outcross.vault.vault import Vault

HUMAN = Provenance(Origin.HUMAN, source="diary")
LATER = "2999-01-01T00:00:00Z"
"""When whatever lies there is old."""


def _added(vault: Vault, commits: int = 5, rows: int = 3) -> Vault:
    for commit in range(commits):
        vault.add(Texts.of([f"text {row} of commit {commit}" for row in range(rows)]), HUMAN)
    return vault


def _all(vault: Vault) -> pl.DataFrame:
    return vault.rows(np.arange(vault.log.rows))


def _files(vault: Vault) -> list[str]:
    return [name for name, _ in vault.objects.names("records/")]


def test_rows_positions_leaves_and_trees_stay(vault: Vault, key: Key) -> None:
    before = _all(_added(vault))
    ids, counts, roots = before["id"], vault.inventory().counts, [commit.entry.root for commit in vault.log.commits]
    done = vault.compact()
    assert (done.commit, done.replaced, done.written, done.removed) == (6, 5, 1, 5)
    assert str(done) == "5 data files became 1 in commit 6"
    [file] = vault.log.data()
    assert (file.first, file.rows) == (0, 15)
    assert _files(vault) == [file.name]
    again = Vault(vault.uri, key=key, memory=False)
    for one in (vault, again):
        assert _all(one).equals(before)
        assert one.inventory().counts == counts
        assert one.find(ids[7]).tolist() == [7]
    assert [commit.entry.root for commit in again.log.commits][:6] == roots
    entry = again.log.last.entry
    assert (entry.operation, entry.rows, entry.first, dict(entry.counts)) == ("compact", 0, 15, {})
    found = again.verify(records=True)
    assert found.sound and found.records == 15 and not found.remarks
    _added(again, 1)
    assert again.log.rows == 18 and again.verify(records=True).sound


def test_what_is_compact_already_stays(vault: Vault) -> None:
    assert str(vault.compact()) == "already compact"
    _added(vault, 1)
    assert vault.compact().commit is None
    _added(vault, 2)
    assert vault.compact().commit == 4
    assert vault.compact().commit is None
    assert len(Vault(vault.uri, memory=False).log.commits) == 5
    assert not (Path(vault.uri) / "_pending").exists()


def test_large_files_stay_and_small_ones_fill_up(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcross.vault.entering.ROWS", 8)
    monkeypatch.setattr(compaction, "ROWS", 8)
    for rows in (3, 3, 3, 8, 2, 7, 8, 5):
        _added(vault, 1, rows)
    before = _all(vault)
    done = vault.compact()
    assert [file.rows for file in vault.log.data()] == [8, 1, 8, 2, 7, 8, 5]
    assert (done.replaced, done.written) == (3, 2), "two files that come to two files stay as they are"
    assert _all(vault).equals(before) and vault.verify(records=True).sound
    assert vault.compact().commit is None


def test_long_texts_make_files_of_fewer_rows(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcross.vault.entering.BYTES", 1000)
    for n in range(6):
        vault.add(Texts.of([f"{n} " + "cat " * 100]), HUMAN)
    vault.compact()
    assert [file.rows for file in vault.log.data()] == [3, 3]
    assert vault.compact().commit is None


def test_columns_of_a_later_version_survive(vault: Vault, key: Key, tmp_path: Path) -> None:
    """Two commits that next year's version has made, with a column and settings that nobody knows today."""

    def build(log: Log) -> Change:
        ids = [f"later {log.rows}"]
        plain = shaped(pl.DataFrame({"id": ids, "kind": ["record"], "version": [1], "text": ["a cat"]}))
        frame = with_leaves(digested(plain).with_columns(mood=pl.lit("purring"), ears=pl.lit(2)))
        path = tmp_path / f"{log.rows}.parquet"
        digest, size = write_part(frame, path)
        vault.objects.put_file(name_of(digest), path)
        root = Frontier().extend(frame["leaf"].to_list()).root()
        return Change("add", (DataFile(name_of(digest), digest, size, 0, 1),), (), root, {Stratum(Origin.UNKNOWN): 1})

    _added(vault, 2)
    vault.log = append(vault.objects, vault.log, build, "2027-01-01T00:00:00Z", key)
    vault.log = append(vault.objects, vault.log, build, "2027-01-01T00:00:00Z", key)
    before = _all(vault)
    assert vault.compact().written == 2, "files of other columns stay apart"
    assert _all(vault).equals(before)
    assert _all(vault)["mood"].to_list() == [None] * 6 + ["purring"] * 2
    assert vault.verify(records=True).sound


# Erasing


@pytest.fixture
def withdrawn(vault: Vault) -> tuple[Vault, str]:
    """A vault with a record that is withdrawn, and its id."""
    _added(vault)
    name = str(_all(vault)["id"][4])
    vault.withdraw([name], "the author asked")
    return vault, name


def test_a_compaction_erases_only_when_it_is_told(withdrawn: tuple[Vault, str]) -> None:
    vault, name = withdrawn
    vault.compact()
    assert vault.texts(vault.find(name)[:1]) == ["text 1 of commit 1"]
    assert "erased" not in _all(vault).columns


def test_erased_texts_are_gone_and_all_else_is_proven(withdrawn: tuple[Vault, str]) -> None:
    vault, name = withdrawn
    before = _all(vault)
    table = [action for commit in vault.log.commits for action in commit.actions if "metaData" in action]
    done = vault.compact(erase=True)
    assert done.erased == 1 and "1 row erased" in str(done)
    after = _all(vault)
    with pytest.raises(BadInput, match="no text at position 4: it was erased"):
        vault.texts(vault.find(name))
    assert after["text"].to_list() == [None if at in (4, 15) else text for at, text in enumerate(before["text"])]
    assert after["erased"].to_list() == [True if at == 4 else None for at in range(16)]
    kept = before.drop("text", "metadata")
    assert after.select(kept.columns).equals(kept)
    assert after["metadata"][15] == before["metadata"][15], "a tombstone keeps its reason"
    found = vault.verify(records=True)
    assert found.sound and not found.remarks
    assert not any(b"text 1 of commit 1" in path.read_bytes() for path in Path(vault.uri).rglob("*") if path.is_file())
    [action] = [action for action in vault.log.last.actions if "metaData" in action]
    old, new = table[0]["metaData"], action["metaData"]
    assert {**new, "schemaString": ""} == {**old, "schemaString": ""}
    names = [[one["name"] for one in orjson.loads(each["schemaString"])["fields"]] for each in (old, new)]
    assert names[1] == [*names[0], "erased"]
    assert vault.log.last.entry.note == {"erased": 1}
    again = vault.compact(erase=True)
    assert again.commit is None and again.erased == 0
    _added(vault, 2)
    assert vault.compact().written == 1, "files with and without the column go together"
    third = str(_all(vault)["id"][17])
    vault.withdraw([third], "another")
    last = vault.compact(erase=True)
    assert last.erased == 1 and not [one for one in vault.log.last.actions if "metaData" in one]
    assert [file.rows for file in vault.log.data()] == [23]
    assert Vault(vault.uri, memory=False).verify(records=True).sound


def test_a_large_file_is_written_anew_only_to_erase(withdrawn: tuple[Vault, str], monkeypatch: Any) -> None:
    vault, _ = withdrawn
    monkeypatch.setattr(compaction, "ROWS", 3)
    assert vault.compact().commit is None
    done = vault.compact(erase=True)
    assert (done.replaced, done.written, done.erased) == (1, 1, 1)
    assert vault.verify(records=True).sound


def test_other_metadata_is_erased_too(vault: Vault, write: Any) -> None:
    path = write("a.jsonl", [{"id": "a", "text": "one", "mood": "bad"}, {"id": "b", "text": "two", "mood": "good"}])
    vault.ingest(Request((path,), HUMAN), engine="serial")
    vault.withdraw(["a"], "why")
    vault.compact(erase=True)
    assert _all(vault)["metadata"][:2].to_list() == [None, '{"mood":"good"}']
    assert vault.verify(records=True).sound
    path = write("again.jsonl", [{"id": "a", "text": "one"}])
    with pytest.raises(BadInput, match="that was withdrawn"):
        vault.ingest(Request((path,), HUMAN), engine="serial")


def _forged(vault: Vault, key: Key, tmp_path: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> set[str]:
    """What is wrong with a vault after somebody with its key has compacted it falsely."""
    frame = change(_all(vault))
    path = tmp_path / "forged.parquet"
    digest, size = write_part(frame, path)

    def build(log: Log) -> Change:
        vault.objects.put_file(name_of(digest), path)
        file = DataFile(name_of(digest), digest, size, 0, frame.height)
        return Change("compact", (file,), tuple(log.files))

    vault.log = append(vault.objects, vault.log, build, "2027-01-01T00:00:00Z", key)
    assert vault.verify().sound, "the files are what was signed"
    return {one.what for one in vault.verify(records=True).faults}


def test_a_record_that_was_not_withdrawn_cannot_be_erased(vault: Vault, key: Key, tmp_path: Path) -> None:
    def change(frame: pl.DataFrame) -> pl.DataFrame:
        here = pl.int_range(pl.len()) == 4
        return frame.with_columns(
            text=pl.when(~here).then("text"), metadata=None, erased=pl.when(here).then(True)
        )  # fmt: skip

    found = _forged(_added(vault), key, tmp_path, change)
    assert found == {"holds a row that was erased, and its record was not withdrawn"}


def _no_text(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(text=pl.when(pl.int_range(pl.len()) != 4).then("text"))


def _kept_text(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(erased=pl.when(pl.int_range(pl.len()) == 4).then(True))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_no_text, "holds a row without its text that was not erased"),
        (_kept_text, "holds a row that is said to be erased, and is not"),
        (lambda frame: frame[:-1], "has files that do not hold the rows of those that they replace"),
        (lambda frame: frame[::-1], "has a root that is not that of its rows"),
    ],
)
def test_a_false_compaction_is_found(
    withdrawn: tuple[Vault, str],
    key: Key,
    tmp_path: Path,
    change: Callable[[pl.DataFrame], pl.DataFrame],
    what: str,
) -> None:
    assert what in _forged(withdrawn[0], key, tmp_path, change)


# Others who write or read meanwhile


def _between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something when a compaction is about to commit, once."""
    put, done = LocalObjects.put_new, []

    def late(self: LocalObjects, name: str, data: bytes) -> bool:
        if not done:
            done.append(True)
            act()
        return put(self, name, data)

    monkeypatch.setattr(LocalObjects, "put_new", late)


def test_an_add_in_between_loses_nothing(vault: Vault, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Vault(_added(vault).uri, key=key, memory=False)
    _between(monkeypatch, lambda: other.add(Texts.of(["in between"]), HUMAN))
    done = vault.compact()
    assert done.commit == 7
    assert [(file.first, file.rows) for file in vault.log.data()] == [(0, 15), (15, 1)]
    assert vault.texts(np.array([15])) == ["in between"]
    found = vault.verify(records=True)
    assert found.sound and not found.remarks


def test_a_compaction_in_between_is_enough(vault: Vault, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Vault(_added(vault).uri, key=key, memory=False)
    before = _all(vault)
    _between(monkeypatch, lambda: (other.add(Texts.of(["in between"]), HUMAN), other.compact()))
    done = vault.compact()
    assert done.commit is None
    assert len(vault.log.data()) == 1 and _all(vault)[:15].equals(before)
    found = vault.verify(records=True)
    assert found.sound and not found.remarks, "what this one wrote in vain is gone"


def test_a_withdrawal_in_between_is_kept(withdrawn: tuple[Vault, str], key: Key, monkeypatch: Any) -> None:
    vault, _ = withdrawn
    other = Vault(vault.uri, key=key, memory=False)
    name = str(_all(vault)["id"][9])
    _between(monkeypatch, lambda: other.withdraw([name], "meanwhile"))
    assert vault.compact(erase=True).erased == 1
    assert vault.verify(records=True).sound
    assert vault.compact(erase=True).erased == 1


def test_who_opened_the_vault_before_goes_on(vault: Vault, key: Key) -> None:
    before = _all(_added(vault))
    reader, writer, adder = (Vault(vault.uri, key=key, memory=False) for _ in range(3))
    assert len(reader.catalog.keys) == 15
    vault.compact()
    assert _all(reader).equals(before)
    assert len(writer.catalog.keys) == 15
    adder.add(Texts.of(["one more"]), HUMAN)
    assert vault.verify(records=True).faults == ()
    vault.objects.delete(reader.log.data()[0].name)
    with pytest.raises(FileNotFoundError):
        _all(reader)


def test_verifying_meanwhile_finds_no_fault(vault: Vault, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    _added(vault)
    names, once = LocalObjects.names, []

    def listed(self: LocalObjects, prefix: str = "") -> Iterator[tuple[str, int]]:
        found = list(names(self, prefix))
        if not prefix and not once:
            once.append(True)
            Vault(vault.uri, key=key, memory=False).compact()
        return iter(found)

    monkeypatch.setattr(LocalObjects, "names", listed)
    found = vault.verify(records=True)
    assert once and found.sound and found.records == 15 and found.commits == 7


# Whoever is stopped


def test_an_error_leaves_no_fault_and_the_next_one_cleans_up(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    _added(vault)

    def full() -> None:
        raise OutputRefused("the disk is full")

    with monkeypatch.context() as patch:
        _between(patch, full)
        with pytest.raises(OutputRefused):
            vault.compact()
    found = vault.verify(records=True)
    assert found.sound and len(found.remarks) == 2, "in the folder of unfinished work, and under its name"
    assert len(Vault(vault.uri, memory=False).log.commits) == 6
    assert vault.compact().leftovers == 0, "what was written today may be work that goes on"
    assert vault.verify().sound
    vault.log, done = compact(vault, time=LATER)
    assert done.commit is None and done.leftovers == 1 and "1 file removed" in str(done)
    found = vault.verify(records=True)
    assert found.sound and not found.remarks and _files(vault) == [vault.log.data()[0].name]
    assert not (Path(vault.uri) / "_pending").exists()


def test_leftovers_of_adds_go_and_what_a_commit_names_stays(vault: Vault) -> None:
    _added(vault)
    folder = Path(vault.uri)
    job = folder / "_pending" / "job" / "work"
    job.mkdir(parents=True)
    named, unnamed = folder / vault.log.data()[0].name, b"not committed"
    os.link(named, job / "0.parquet")
    (job / "1.parquet").write_bytes(unnamed)
    digest = hashlib.sha256(unnamed).hexdigest()
    os.link(job / "1.parquet", folder / name_of(digest))
    (folder / "records" / ".tmp-12-ab").write_bytes(b"half a fi")
    assert vault.verify().sound
    vault.compact()
    assert (job / "1.parquet").exists()
    _, done = compact(vault, time=LATER)
    assert done.leftovers == 3
    found = vault.verify(records=True)
    assert found.sound and not found.remarks
    assert not (folder / name_of(digest)).exists()


def test_replaced_files_that_a_kill_left_are_removed_by_the_next(vault: Vault, monkeypatch: Any) -> None:
    _added(vault)
    with monkeypatch.context() as patch:
        patch.setattr(compaction, "remove_replaced", lambda objects, log: 0)
        vault.compact()
    assert len(_files(vault)) == 6
    found = vault.verify(records=True)
    assert found.sound and len(found.remarks) == 5
    path = Path(vault.uri) / found.remarks[0].file
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert [one.file for one in vault.verify().faults] == [found.remarks[0].file]
    done = vault.compact()
    assert done.commit is None and done.removed == 5
    assert "5 files removed that had been replaced" in str(done)
    assert len(_files(vault)) == 1 and vault.verify().sound
