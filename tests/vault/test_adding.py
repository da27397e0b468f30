"""Files enter whole or not at all, once, however often it is tried and by however many."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from outcross.core.errors import BadInput, OutputRefused
from outcross.core.part import build
from outcross.core.provenance import Origin, Provenance, Stratum
from outcross.core.text import Texts
from outcross.corpus.share import Share
from outcross.vault import adding
from outcross.vault.adding import Receipt, Request
from outcross.vault.keys import Key
from outcross.vault.objects import LocalObjects
from outcross.vault.vault import Vault
from tests.vault.conftest import Write

HUMAN = Provenance(Origin.HUMAN, source="diary")
MACHINE = Provenance(Origin.SYNTHETIC, 1, generator="parrot")


def _add(vault: Vault, *paths: Path, told: Provenance = HUMAN, share: Share | None = None, **others: Any) -> Receipt:
    receipt = vault.ingest(Request(paths, told, **others), engine="serial", share=share)
    assert receipt is not None
    return receipt


def _texts(vault: Vault) -> dict[str, str]:
    """The live records."""
    rows = np.flatnonzero(vault.catalog.live)
    return dict(vault.rows(rows, ["id", "text"]).iter_rows()) if len(rows) else {}


def _consistent(vault: Vault) -> None:
    """What the log counts is what the rows are, nothing is in the way, and every byte is as it was signed."""
    fresh = Vault(vault.uri, memory=False)
    catalog = fresh.catalog
    counts: dict[Stratum, int] = {}
    for code in catalog.codes[catalog.live]:
        counts[catalog.strata[code]] = counts.get(catalog.strata[code], 0) + 1
    assert dict(fresh.inventory().counts) == counts
    found = fresh.verify(records=True)
    assert found.faults == found.remarks == ()
    assert not (Path(vault.uri) / "_pending").exists() or not list((Path(vault.uri) / "_pending").iterdir())


def _at_commit(monkeypatch: pytest.MonkeyPatch, *acts: Callable[[], object]) -> None:
    """Do something each time a writer is about to commit."""
    put, waiting = LocalObjects.put_new, list(acts)

    def late(self: LocalObjects, name: str, data: bytes) -> bool:
        if waiting:
            waiting.pop(0)()
        return put(self, name, data)

    monkeypatch.setattr(LocalObjects, "put_new", late)


# What enters


def test_records_get_their_labels_ids_and_times(vault: Vault, write: Write) -> None:
    path = write("cats.jsonl", [{"id": "a", "text": "one"}, {"text": "two", "origin": "synthetic", "mood": "good"}])
    receipt = vault.ingest(Request((path,), HUMAN), engine="serial", time="2026-05-06T07:08:09Z")
    assert receipt is not None and str(receipt) == "2 records added in commit 1"
    one, two = vault.rows(np.arange(2)).iter_rows(named=True)
    assert (one["id"], one["origin"], one["generation"], one["source"]) == ("a", "human", 0, "diary")
    assert (two["origin"], two["generation"], two["metadata"]) == ("synthetic", 1, '{"mood":"good"}')
    assert one["added"] == "2026-05-06T07:08:09Z" and one["version"] == 1
    assert two["id"].split("-")[1] == "2"
    _consistent(vault)


def test_the_same_files_again_add_nothing(vault: Vault, write: Write) -> None:
    paths = [write(f"{n}.jsonl", [{"text": f"text {n} {row}"} for row in range(4)]) for n in range(3)]
    assert _add(vault, *paths).added == 12
    before = len(vault.log.commits)
    again = _add(vault, *paths)
    assert (again.commit, again.added, again.skipped) == (None, 0, 12)
    assert str(again) == "nothing new; 12 were in the vault already"
    assert len(vault.log.commits) == before
    more = _add(vault, *paths, write("3.jsonl", [{"text": "more"}]))
    assert (more.added, more.skipped) == (1, 12)
    _consistent(vault)


def test_a_file_that_is_named_twice_enters_once(vault: Vault, write: Write) -> None:
    path = write("a.jsonl", [{"id": "a", "text": "one"}, {"text": "two"}])
    receipt = _add(vault, path, path, most=1)
    assert receipt.added == 2
    assert receipt.skipped == 2 and not receipt.rejected, "the same record again is no broken one"
    _consistent(vault)


def test_an_id_that_comes_twice_enters_once(vault: Vault, write: Write) -> None:
    first = write("a.jsonl", [{"id": "a", "text": "one"}, {"id": "b", "text": "two"}, {"id": "a", "text": "three"}])
    second = write("b.jsonl", [{"id": "b", "text": "four"}, {"id": "c", "text": "five"}])
    receipt = _add(vault, first, second, most=0.5)
    assert receipt.added == 3 and receipt.rejected == {"id-twice": 2}
    assert _texts(vault) == {"a": "one", "b": "two", "c": "five"}
    told = _quarantine(vault, receipt)
    assert [one["id"] for one in told] == ["a", "b"]
    assert told[0]["reason"] == "the id 'a' comes twice in what was added, with another text"
    _consistent(vault)


def _quarantine(vault: Vault, receipt: Receipt) -> list[dict[str, Any]]:
    assert receipt.quarantine is not None
    return [orjson.loads(line) for line in vault.objects.read(receipt.quarantine).splitlines()]


def test_a_taken_id_with_another_text_is_refused(vault: Vault, write: Write) -> None:
    _add(vault, write("a.jsonl", [{"id": "a", "text": "one"}]))
    receipt = _add(vault, write("b.jsonl", [{"id": "a", "text": "won"}, {"id": "b", "text": "two"}]), most=0.5)
    assert receipt.rejected == {"id-taken": 1} and _texts(vault) == {"a": "one", "b": "two"}
    [told] = _quarantine(vault, receipt)
    assert (told["file"], told["line"]) == ("b.jsonl", 1)
    assert told["reason"].startswith("the id 'a' is in the vault with another text")


# Parents


def test_parents_may_come_in_with_their_children(vault: Vault, write: Write) -> None:
    child = write("1.jsonl", [{"id": "c", "text": "three", "origin": "synthetic", "parents": ["b"]}])
    parents = [{"id": "b", "text": "two", "origin": "synthetic", "parents": ["a"]}, {"id": "a", "text": "one"}]
    assert _add(vault, child, write("2.jsonl", parents)).added == 3
    depth = dict(vault.rows(np.arange(3), ["id", "generation"]).iter_rows())
    assert depth == {"a": 0, "b": 1, "c": 2}
    more = write("3.jsonl", [{"id": "d", "text": "four", "origin": "mixed", "parents": ["a", "c"]}])
    assert _add(vault, more).added == 1
    assert vault.rows(np.array([3]), ["generation"])["generation"][0] == 3
    assert vault.inventory().counts[Stratum(Origin.MIXED, 3)] == 1
    _consistent(vault)


def test_what_has_no_parent_goes_to_quarantine_with_its_children(vault: Vault, write: Write) -> None:
    records = [
        {"id": "a", "text": "one"},
        {"id": "b", "text": "two", "origin": "synthetic", "parents": ["nobody", "a"]},
        {"id": "c", "text": "three", "origin": "synthetic", "parents": ["b"]},
        {"id": "d", "text": "four", "origin": "synthetic", "parents": ["a"]},
    ]
    receipt = _add(vault, write("a.jsonl", records), most=0.5)
    assert receipt.rejected == {"no-parent": 2} and set(_texts(vault)) == {"a", "d"}
    reasons = {one["id"]: one["reason"] for one in _quarantine(vault, receipt)}
    assert reasons == {
        "b": "its parent 'nobody' is neither in the vault nor in what was added",
        "c": "its parent 'b' is neither in the vault nor in what was added",
    }
    _consistent(vault)
    with pytest.raises(BadInput, match="parent of the texts is not in the vault: nobody"):
        vault.add(Texts.of(["five"]), Provenance(Origin.SYNTHETIC, 1, parents=("nobody",)))


def test_records_that_come_from_themselves_are_refused_with_their_children(vault: Vault, write: Write) -> None:
    records = [
        {"id": "a", "text": "one", "origin": "synthetic", "parents": ["b"]},
        {"id": "b", "text": "two", "origin": "synthetic", "parents": ["a", "d"]},
        {"id": "c", "text": "three", "origin": "synthetic", "parents": ["c"]},
        {"id": "d", "text": "four", "origin": "synthetic"},
        {"id": "e", "text": "five", "origin": "synthetic", "parents": ["d", "a"]},
        {"id": "f", "text": "six", "origin": "synthetic", "parents": ["d", "d"]},
        {"id": "g", "text": "seven", "origin": "human", "parents": ["g"]},
    ]
    receipt = _add(vault, write("a.jsonl", records), most=1.0)
    assert receipt.rejected == {"no-parent": 5}
    rejected = [orjson.loads(line) for line in vault.objects.read(str(receipt.quarantine)).splitlines()]
    assert {one["id"] for one in rejected} == set("abceg")
    assert {one["reason"] for one in rejected} == {"it is among its own ancestors, or a parent of it is"}
    assert dict(vault.inventory().counts) == {Stratum(Origin.SYNTHETIC, 1): 1, Stratum(Origin.SYNTHETIC, 2): 1}
    _consistent(vault)


def test_a_long_line_of_descent_takes_no_longer_than_its_links(vault: Vault, write: Write) -> None:
    """One that asked every row in every round took minutes."""
    records = [
        {"id": str(n), "text": f"text {n}", "origin": "synthetic", "parents": [str(n - 1)] if n else []}
        for n in range(20_000)
    ]
    assert _add(vault, write("a.jsonl", records)).added == 20_000
    assert vault.inventory().depth == 20_000


# Known machine outputs


def test_human_texts_that_a_machine_wrote_are_refused(vault: Vault, write: Write) -> None:
    vault.add(Texts.of(["the cat sat on the mat and slept until noon", "Yes, of course."]), MACHINE)
    records = [
        {"id": "a", "text": "the  cat sat on the mat and slept until noon\n"},
        {"id": "b", "text": "the cat sat on the mat and woke up at noon"},
        {"id": "c", "text": "Yes, of course."},
        {"id": "d", "text": "the cat sat on the mat and slept until noon", "origin": "unknown"},
    ]
    receipt = _add(vault, write("a.jsonl", records), most=0.5)
    assert receipt.rejected == {"machine-output": 1} and receipt.added == 3
    [told] = _quarantine(vault, receipt)
    assert told["line"] == 1 and "claims to be human" in told["reason"]
    with pytest.raises(BadInput, match="text 2 of 2: it claims to be human"):
        vault.add(Texts.of(["mine", "the cat sat on the mat and slept until noon"]), HUMAN)
    _consistent(vault)


def test_outputs_that_were_registered_elsewhere_are_known(vault: Vault, write: Write) -> None:
    text = "never seen in this vault by anybody who was there"
    key = np.frombuffer(hashlib.sha256(text.encode()).digest()[:8], dtype="<u8").astype(np.uint64)
    path = write("a.jsonl", [{"text": text}, {"text": "another one that is fine"}])
    vault.log, receipt = adding.add(
        vault.objects,
        vault.log,
        Request((path,), HUMAN, most=0.5),
        vault.key,
        "2026-01-01T00:00:00Z",
        engine=build("engine", "serial"),
        registered=key,
    )
    assert receipt is not None and receipt.rejected == {"machine-output": 1}


# What stops it


def test_too_many_broken_rows_stop_it_before_anything_is_committed(vault: Vault, write: Write) -> None:
    path = write("a.jsonl", ['{"text": "one"}', '{"text": "tw', '{"text": "three"}', "[]"])
    with pytest.raises(BadInput, match=r"2 rows in quarantine .* more than 1\.0% of 4: nothing was added") as error:
        _add(vault, path)
    assert "a.jsonl, line 2" in str(error.value)
    assert len(Vault(vault.uri, memory=False).log.commits) == 1
    where = Path(str(error.value).split("All are in '")[1].split("'")[0])
    assert [orjson.loads(line)["line"] for line in where.read_bytes().splitlines()] == [2, 4]
    assert vault.verify().sound
    receipt = _add(vault, path, most=0.5)
    assert receipt.added == 2 and receipt.commit == 1
    assert [one["line"] for one in _quarantine(vault, receipt)] == [2, 4]
    _consistent(vault)


def test_where_nothing_can_be_read_nothing_is_added(vault: Vault, write: Write) -> None:
    with pytest.raises(BadInput, match="is empty: there is no record in it"):
        _add(vault, write("a.jsonl", []))
    receipt = _add(vault, write("b.jsonl", ["{", "["]), most=1)
    assert (receipt.commit, receipt.added) == (None, 0)
    assert receipt.quarantine is not None and Path(receipt.quarantine).read_bytes().count(b"\n") == 2
    assert len(Vault(vault.uri, memory=False).log.commits) == 1 and vault.verify().sound


# Kills, and several at once


def test_shares_make_one_commit_and_what_is_done_is_not_done_again(
    vault: Vault, write: Write, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer of some of the files is gone; another one goes on."""
    paths = tuple(write(f"{n}.jsonl", [{"text": f"text {n} {row}"} for row in range(3)]) for n in range(4))
    request = Request(paths, HUMAN)
    first = Vault(vault.uri, key=key, memory=False)
    assert first.ingest(request, engine="serial", share=Share(0, 2), time="2026-01-01T00:00:00Z") is None
    assert first.verify().sound and len(first.verify().remarks) > 0
    assert not Vault(vault.uri, memory=False).inventory().counts
    work = adding.Entering.__call__
    seen: list[str] = []

    def watched(self: adding.Entering, task: Any, stem: Path) -> Any:
        seen.append(Path(task.path).name)
        return work(self, task, stem)

    monkeypatch.setattr(adding.Entering, "__call__", watched)
    receipt = vault.ingest(request, engine="serial", time="2026-02-02T00:00:00Z")
    assert receipt is not None and (receipt.added, receipt.commit) == (12, 1)
    assert seen == ["1.jsonl", "3.jsonl"]
    assert set(vault.rows(np.arange(12), ["added"])["added"]) == {"2026-01-01T00:00:00Z"}
    late = first.ingest(request, engine="serial", share=Share(1, 2))
    assert late == receipt and len(first.log.commits) == 2
    _consistent(vault)


def test_the_same_bytes_whoever_does_it_and_how(tmp_path: Path, key: Key, write: Write) -> None:
    paths = tuple(write(f"{n}.jsonl", [{"text": f"text {n} {row}"} for row in range(3)]) for n in range(4))
    request, names = Request(paths, HUMAN), []
    for engine in ("serial", "processes(workers=2)"):
        one = Vault.create(tmp_path / engine, name="cats", key=key, memory=False)
        one.ingest(request, engine=engine, time="2026-01-01T00:00:00Z")
        names.append([file.name for file in one.log.data()])
    assert names[0] == names[1] and len(names[0]) == 4


def test_a_stop_before_the_commit_is_gone_on_from(vault: Vault, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [{"id": "a", "text": "one"}, {"id": "a", "text": "twice"}, {"id": "b", "text": "two"}]
    path = write("a.jsonl", lines)

    def full() -> None:
        raise OutputRefused("the disk is full")

    with monkeypatch.context() as patch:
        _at_commit(patch, full)
        with pytest.raises(OutputRefused):
            _add(vault, path, most=0.5)
    found = vault.verify(records=True)
    assert found.sound and found.remarks
    receipt = _add(vault, path, most=0.5)
    assert receipt.added == 2 and receipt.rejected == {"id-twice": 1}
    _consistent(vault)


def test_a_stop_after_the_commit_harms_nothing(vault: Vault, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its work still lies there, as hard links to what is committed, and the next run writes the same work anew."""
    lines = [{"id": "a", "text": "one"}, {"id": "a", "text": "twice"}, "{", {"id": "b", "text": "two"}]
    path = write("a.jsonl", lines)
    with monkeypatch.context() as patch:
        patch.setattr(adding, "_cleared", lambda folder, keep: None)
        assert _add(vault, path, most=0.5).added == 2
    names = [vault.log.data()[0].name, str(vault.log.last.entry.note["quarantine"])]
    places = [Path(vault.uri, name) for name in names]
    before = [(place.stat().st_ino, place.stat().st_mtime_ns, place.read_bytes()) for place in places]
    again = _add(vault, path, most=0.5)
    assert (again.commit, again.added, again.skipped) == (None, 0, 2)
    assert [(place.stat().st_ino, place.stat().st_mtime_ns, place.read_bytes()) for place in places] == before
    assert vault.verify(records=True).sound


def test_two_writers_of_the_same_ids_lose_nothing(
    vault: Vault, write: Write, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = [
        {"id": "a", "text": "mine"},
        {"id": "b", "text": "both wrote this"},
        {"id": "c", "text": "only mine"},
        {"id": "d", "text": "child of a", "origin": "synthetic", "parents": ["c"]},
    ]
    theirs = [{"id": "a", "text": "theirs"}, {"id": "b", "text": "both wrote this"}, {"id": "e", "text": "only theirs"}]
    paths = write("mine.jsonl", mine), write("theirs.jsonl", theirs)
    other = Vault(vault.uri, key=key, memory=False)
    _at_commit(monkeypatch, lambda: _add(other, paths[1]))
    receipt = _add(vault, paths[0])
    assert (receipt.commit, receipt.added, receipt.skipped) == (2, 2, 1)
    assert receipt.rejected == {"overtaken": 1}
    [told] = _quarantine(vault, receipt)
    assert told["id"] == "a" and "with another text" in told["reason"]
    assert _texts(vault) == {
        "a": "theirs", "b": "both wrote this", "c": "only mine", "d": "child of a", "e": "only theirs"
    }  # fmt: skip
    _consistent(vault)


def test_a_child_whose_parent_was_overtaken_does_not_stay_alone(
    vault: Vault, write: Write, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.add(Texts.of(["a parent"]), HUMAN)
    parent = vault.rows(np.array([0]), ["id"])["id"][0]
    records = [
        {"id": "a", "text": "one", "origin": "synthetic", "parents": [parent]},
        {"id": "b", "text": "two", "origin": "synthetic", "parents": ["a"]},
        {"id": "c", "text": "three"},
    ]
    other = Vault(vault.uri, key=key, memory=False)
    _at_commit(monkeypatch, lambda: other.withdraw([parent], "the author asked"))
    receipt = _add(vault, write("a.jsonl", records))
    assert receipt.rejected == {"overtaken": 1, "no-parent": 1}
    assert set(_texts(vault)) == {"c"}
    _consistent(vault)


def test_two_who_add_the_same_files_at_once_add_them_once(
    vault: Vault, write: Write, key: Key, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write("a.jsonl", [{"id": "a", "text": "one"}, "{", {"text": "two"}])
    other = Vault(vault.uri, key=key, memory=False)
    request = Request((path,), HUMAN, most=0.5)
    _at_commit(monkeypatch, lambda: other.ingest(request, engine="serial", stage=tmp_path / "elsewhere"))
    receipt = vault.ingest(request, engine="serial")
    assert receipt is not None and (receipt.commit, receipt.added, receipt.skipped) == (None, 0, 2)
    assert len(_texts(vault)) == 2 and len(vault.log.commits) == 2
    assert vault.verify(records=True).sound


def test_texts_of_two_at_once_are_kept_both(vault: Vault, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same texts, at the same second."""
    other = Vault(vault.uri, key=key, memory=False)
    _at_commit(monkeypatch, lambda: other.add(Texts.of(["one", "two"]), HUMAN))
    vault.add(Texts.of(["one", "two"]), HUMAN)
    vault.add(Texts.of(["one", "two"]), HUMAN)
    assert dict(vault.inventory().counts) == {Stratum(Origin.HUMAN): 6}
    _consistent(vault)


def test_texts_that_become_impossible_meanwhile_leave_a_sound_vault(
    vault: Vault, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Vault(vault.uri, key=key, memory=False)
    text = "the cat sat on the mat and slept until noon"
    _at_commit(monkeypatch, lambda: other.add(Texts.of([text]), MACHINE))
    with pytest.raises(BadInput, match="claims to be human"):
        vault.add(Texts.of([text]), HUMAN)
    assert len(vault.catalog.keys) == vault.log.rows == 0, "the vault is as it was opened"
    assert vault.verify(records=True).sound
    vault.refresh()
    assert len(vault.catalog.keys) == 1


# Corrections


def test_a_correction_is_a_new_version(vault: Vault, write: Write) -> None:
    _add(vault, write("a.jsonl", [{"id": n, "text": f"text {n}"} for n in "abc"]))
    correction = write("b.jsonl", [{"id": "a", "text": "text A"}, {"id": "b", "text": "text b"}])
    receipt = _add(vault, correction, correct=True)
    assert (receipt.added, receipt.skipped, receipt.rejected) == (1, 1, {})
    assert _texts(vault) == {"a": "text A", "b": "text b", "c": "text c"}
    assert vault.find("a").tolist() == [0, 3]
    assert vault.rows(vault.find("a"), ["version"])["version"].to_list() == [1, 2]
    assert dict(vault.inventory().counts) == {Stratum(Origin.HUMAN): 3}
    back = _add(vault, write("c.jsonl", [{"id": "a", "text": "text a"}]), correct=True)
    assert back.added == 1 and vault.rows(vault.find("a"), ["version"])["version"].to_list() == [1, 2, 3]
    assert _texts(vault)["a"] == "text a"
    _consistent(vault)


def test_a_correction_may_change_the_stratum(vault: Vault, write: Write) -> None:
    _add(vault, write("a.jsonl", [{"id": "a", "text": "one"}, {"id": "b", "text": "two"}]))
    _add(vault, write("b.jsonl", [{"id": "a", "text": "One", "origin": "synthetic"}]), correct=True)
    assert dict(vault.inventory().counts) == {Stratum(Origin.HUMAN): 1, Stratum(Origin.SYNTHETIC, 1): 1}
    assert vault.catalog.positions([Stratum(Origin.HUMAN)]).tolist() == [1]
    _consistent(vault)
    vault.withdraw(["a"], "why")
    assert dict(vault.inventory().counts) == {Stratum(Origin.HUMAN): 1}
    _consistent(vault)
    receipt = _add(
        vault, write("c.jsonl", [{"id": "a", "text": "again"}, {"id": "b", "text": "Two"}]), correct=True, most=0.5
    )
    assert receipt.rejected == {"id-withdrawn": 1} and receipt.added == 1
    assert _texts(vault) == {"b": "Two"}
    _consistent(vault)


def test_two_corrections_at_once_are_two_versions(
    vault: Vault, write: Write, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add(vault, write("a.jsonl", [{"id": "a", "text": "one"}, {"id": "b", "text": "two"}]))
    other = Vault(vault.uri, key=key, memory=False)
    theirs = write("theirs.jsonl", [{"id": "a", "text": "theirs", "origin": "mixed"}])
    _at_commit(monkeypatch, lambda: _add(other, theirs, correct=True))
    receipt = _add(vault, write("mine.jsonl", [{"id": "a", "text": "mine"}]), correct=True)
    assert (receipt.added, receipt.commit) == (1, 3)
    rows = vault.rows(vault.find("a"), ["version", "text"]).rows()
    assert rows == [(1, "one"), (2, "theirs"), (3, "mine")]
    assert dict(vault.inventory().counts) == {Stratum(Origin.HUMAN): 2}
    _consistent(vault)


def test_a_correction_of_what_is_withdrawn_meanwhile_does_not_bring_it_back(
    vault: Vault, write: Write, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add(vault, write("a.jsonl", [{"id": "a", "text": "one"}, {"id": "b", "text": "two"}]))
    other = Vault(vault.uri, key=key, memory=False)
    _at_commit(monkeypatch, lambda: other.withdraw(["a"], "the author asked"))
    records = [{"id": "a", "text": "One"}, {"id": "b", "text": "Two"}]
    receipt = _add(vault, write("b.jsonl", records), correct=True)
    assert receipt.added == 1 and receipt.rejected == {"overtaken": 1}
    assert _texts(vault) == {"b": "Two"}
    _consistent(vault)


def test_an_add_in_the_middle_of_a_correction(
    vault: Vault, write: Write, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The id is new when the correction is read, and taken when it is committed."""
    other = Vault(vault.uri, key=key, memory=False)
    _at_commit(monkeypatch, lambda: _add(other, write("a.jsonl", [{"id": "a", "text": "one"}])))
    _add(vault, write("b.jsonl", [{"id": "a", "text": "One"}]), correct=True)
    assert vault.rows(vault.find("a"), ["version", "text"]).rows() == [(1, "one"), (2, "One")]
    assert _texts(vault) == {"a": "One"}
    _consistent(vault)


def test_a_child_is_as_deep_as_the_correction_that_comes_in_with_it(vault: Vault, write: Write) -> None:
    _add(vault, write("a.jsonl", [{"id": "a", "text": "one"}]))
    records = [
        {"id": "a", "text": "two", "origin": "synthetic", "generation": 4},
        {"id": "b", "text": "three", "origin": "synthetic", "parents": ["a"]},
    ]
    _add(vault, write("b.jsonl", records), correct=True)
    assert dict(vault.inventory().counts) == {Stratum(Origin.SYNTHETIC, 4): 1, Stratum(Origin.SYNTHETIC, 5): 1}
    _consistent(vault)


def test_a_child_is_as_deep_as_the_correction_that_comes_in_between(
    vault: Vault, write: Write, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add(vault, write("a.jsonl", [{"id": "a", "text": "one"}]))
    other = Vault(vault.uri, key=key, memory=False)
    corrected = write("b.jsonl", [{"id": "a", "text": "two", "origin": "synthetic", "generation": 4}])
    _at_commit(monkeypatch, lambda: _add(other, corrected, correct=True))
    records = [
        {"id": "b", "text": "three", "origin": "synthetic", "parents": ["a"]},
        {"id": "c", "text": "four", "origin": "synthetic", "parents": ["b"]},
    ]
    _add(vault, write("c.jsonl", records))
    assert dict(vault.inventory().counts) == {Stratum(Origin.SYNTHETIC, depth): 1 for depth in (4, 5, 6)}
    _consistent(vault)


# What others clear away, and what a log must not keep


def test_the_same_add_of_another_that_found_nothing_new_clears_nothing_away(
    vault: Vault, write: Write, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.jsonl", [{"id": "a", "text": "one"}])
    _add(vault, path)
    other, run, once = Vault(vault.uri, key=key, memory=False), adding.run_job, list[bool]()

    def cleared(*given: Any) -> Any:
        if not once:
            once.append(True)
            assert _add(other, path).skipped == 1
        return run(*given)

    monkeypatch.setattr(adding, "run_job", cleared)
    receipt = _add(vault, path)
    assert (receipt.commit, receipt.added, receipt.skipped) == (None, 0, 1) and once


def test_what_a_broken_line_says_stands_in_quarantine_and_not_in_the_log(vault: Vault, write: Write) -> None:
    receipt = _add(vault, write("a.jsonl", [{"text": "one"}, '{"text": "my address is']), most=0.5)
    assert b"my address" in vault.objects.read(str(receipt.quarantine))
    assert receipt.example is not None and receipt.example["line"] == 2
    assert b"my address" not in orjson.dumps(vault.log.last.entry.to_dict())


def test_labels_alone_can_be_corrected(vault: Vault, write: Write) -> None:
    first = {"id": "a", "text": "one", "origin": "synthetic", "generator": "parrot"}
    _add(vault, write("a.jsonl", [first]))
    again = write("b.jsonl", [{"id": "a", "text": "one", "origin": "human"}])
    assert _add(vault, again).skipped == 1
    receipt = _add(vault, again, correct=True)
    assert (receipt.added, receipt.skipped) == (1, 0)
    assert dict(vault.inventory().counts) == {Stratum(Origin.HUMAN): 1}
    assert _add(vault, again, correct=True).skipped == 1, "the same correction again is none"
    _consistent(vault)


def test_a_text_that_was_withdrawn_does_not_come_back_under_another_id(vault: Vault, write: Write) -> None:
    text = "the cat sat on the mat and slept until noon"
    _add(vault, write("a.jsonl", [{"id": "a", "text": text}, {"id": "b", "text": "It rains."}]))
    vault.withdraw(["a", "b"], "she asked")
    back = [{"id": "c", "text": text}, {"id": "d", "text": "It rains."}, {"id": "a", "text": text}]
    receipt = _add(vault, write("b.jsonl", back), most=1.0)
    assert receipt.rejected == {"text-withdrawn": 1, "id-withdrawn": 1} and _texts(vault) == {"d": "It rains."}
    _consistent(vault)


def test_human_texts_that_a_machine_wrote_in_the_same_files_are_refused(vault: Vault, write: Write) -> None:
    text = "the cat sat on the mat and slept until noon"
    human, machine = [{"id": f"{o}{k}", "text": t, "origin": o} for o in ("human", "llm") for k, t in ((0, text),)]
    files = write("a.jsonl", [human, {"id": "c", "text": "mine"}]), write("b.jsonl", [machine])
    receipt = _add(vault, *files, most=0.5)
    assert receipt.rejected == {"machine-output": 1} and set(_texts(vault)) == {"llm0", "c"}
    _consistent(vault)
