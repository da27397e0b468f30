"""A withdrawal takes what was asked for and all that comes from it, once, and the log says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from outcross.core.errors import BadInput, MissingInput
from outcross.core.provenance import Origin, Provenance, Stratum
from outcross.core.recipe import Draw, Recipe
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.vault.adding import Request
from outcross.vault.batch import add_batch
from outcross.vault.keys import Key
from outcross.vault.trained_on import encode
from outcross.vault.vault import Vault
from outcross.vault.withdrawal import plan_withdrawal, withdraw
from tests.vault.conftest import Write

HUMAN = Provenance(Origin.HUMAN, source="diary")
UNKNOWN = Request((), Provenance(Origin.UNKNOWN), claimed=False)


def _add(vault: Vault, path: Path, **others: Any) -> None:
    vault.ingest(Request((path,), Provenance(Origin.UNKNOWN), claimed=False, **others), engine="serial")


def _live(vault: Vault) -> set[str]:
    where = vault.catalog.positions(vault.catalog.strata)
    return set(vault.rows(where, ["id"])["id"]) if len(where) else set()


def _counted(vault: Vault) -> dict[Stratum, int]:
    """The inventory as the catalogue has it, to be compared with that of the log."""
    catalog = vault.catalog
    counts: dict[Stratum, int] = {}
    for code in catalog.codes[catalog.live]:
        counts[catalog.strata[code]] = counts.get(catalog.strata[code], 0) + 1
    return counts


@pytest.fixture
def family(vault: Vault, write: Write) -> Vault:
    """Human records a and b; c comes from a, d from c, e from both b and d; f from b alone."""
    _add(
        vault,
        write(
            "cats.jsonl",
            [
                {"id": "a", "text": "one", "origin": "human"},
                {"id": "b", "text": "two", "origin": "human"},
                {"id": "e", "text": "five", "origin": "synthetic", "parents": ["b", "d"]},
                {"id": "c", "text": "three", "origin": "synthetic", "parents": ["a"]},
                {"id": "d", "text": "four", "origin": "mixed", "parents": ["c"]},
                {"id": "f", "text": "six", "origin": "human", "parents": ["b"]},
            ],
        ),
    )
    return vault


def test_what_comes_from_a_record_goes_with_it(family: Vault) -> None:
    assert _live(family) == set("abcdef")
    planned = plan_withdrawal(family, ["a"])
    assert planned.commit is None and _live(family) == set("abcdef")
    done = family.withdraw(["a"], "the author asked")
    assert done.how == planned.how == {"asked": 1, "derived": 3}
    assert done.counts == planned.counts
    assert done.records == done.tombstones == 4 and done.commit == 2
    assert dict(done.examples)["derived"] == [("c", "a"), ("d", "c"), ("e", "d")]
    assert _live(family) == {"b", "f"}
    assert _counted(family) == dict(family.inventory().counts) == {Stratum(Origin.HUMAN): 2}
    assert "4 records withdrawn in commit 2" in str(done) and "3 derived" in str(done)
    entry = family.log.last.entry
    assert entry.operation == "withdraw" and entry.rows == 4
    assert entry.note == {"reason": "the author asked", "records": 4, "asked": 1, "derived": 3}
    assert sum(entry.counts.values()) == -4


def test_a_tombstone_says_what_and_why(family: Vault) -> None:
    withdraw(family, ["a"], "the author asked", time="2026-02-03T00:00:00Z")
    family.refresh()
    rows = family.rows(np.arange(6, 10)).rows(named=True)
    first = rows[0]
    assert (first["id"], first["kind"], first["added"]) == ("a", "withdrawal", "2026-02-03T00:00:00Z")
    assert orjson.loads(first["metadata"]) == {"reason": "the author asked", "because": None, "how": "asked"}
    told = [orjson.loads(row["metadata"]) for row in rows[1:]]
    assert [(row["id"], one["because"], one["how"]) for row, one in zip(rows[1:], told, strict=True)] == [
        ("c", "a", "derived"),
        ("d", "c", "derived"),
        ("e", "d", "derived"),
    ]
    for name in ("text", "origin", "generation", "group", "run", "parents"):
        assert [row[name] for row in rows] == [None] * 4
    assert family.verify(records=True).sound


def test_only_the_record_itself_where_that_is_wanted(family: Vault) -> None:
    done = family.withdraw(["a"], "a typing error", only=True)
    assert done.how == {"asked": 1}
    assert _live(family) == set("bcdef")


def test_a_second_withdrawal_commits_nothing(family: Vault) -> None:
    family.withdraw(["a"], "the author asked")
    commits = len(family.log.commits)
    again = family.withdraw(["a", "c"], "the author asked")
    assert (again.commit, again.tombstones, again.already) == (None, 0, 2)
    assert str(again) == "nothing to withdraw; 2 were withdrawn before"
    assert len(Vault(family.uri, memory=False).log.commits) == commits
    part = family.withdraw(["a", "b"], "both")
    assert part.how == {"asked": 1, "derived": 1} and part.already == 1
    assert _live(family) == set() and not family.inventory().counts


def test_a_later_withdrawal_takes_what_only_left_alone(family: Vault) -> None:
    family.withdraw(["a"], "first", only=True)
    assert family.withdraw(["a"], "and what came of it").how == {"derived": 3}
    assert _live(family) == {"b", "f"}


def test_unknown_ids_are_named_with_the_nearest(vault: Vault, write: Write) -> None:
    _add(vault, write("cats.jsonl", [{"id": "diary-17", "text": "one"}, {"id": "note-3", "text": "two"}]))
    with pytest.raises(MissingInput, match=r"no record 'diary-71' in the vault; did you mean 'diary-17'\?"):
        vault.withdraw(["diary-71"], "typing")
    with pytest.raises(MissingInput, match=r"no record 'zzzz' in the vault \(2 such ids\)$"):
        vault.withdraw(["note-3", "zzzz", "yyyy"], "typing")
    assert _live(vault) == {"diary-17", "note-3"}
    assert not vault.verify().remarks
    with pytest.raises(BadInput, match="reason"):
        vault.withdraw(["note-3"], " ")
    with pytest.raises(BadInput, match="no id"):
        vault.withdraw([], "why")


def test_all_versions_of_a_record_go(vault: Vault, write: Write) -> None:
    _add(vault, write("a.jsonl", [{"id": "a", "text": "one", "origin": "human"}]))
    _add(vault, write("b.jsonl", [{"id": "a", "text": "won", "origin": "human"}]), correct=True)
    done = vault.withdraw(["a"], "the author asked")
    assert done.records == done.tombstones == 1
    assert vault.rows(np.array([2]), ["version"])["version"].to_list() == [2]
    assert _live(vault) == set() and _counted(vault) == {} and not vault.inventory().counts


def _generation(vault: Vault, name: str, seen: list[int], texts: list[str], depth: int) -> None:
    model = {
        "id": name,
        "kind": "model",
        "origin": "synthetic",
        "generation": depth,
        "metadata": orjson.dumps({"trained_on": encode(np.array(seen))}).decode(),
    }
    provenance = Provenance(Origin.SYNTHETIC, depth, generator=name, parents=(name,))
    vault.log = add_batch(vault, Texts.of(texts), provenance, others=[model])


def test_models_that_were_trained_on_it_go_and_what_they_wrote(vault: Vault) -> None:
    vault.add(Texts.of([f"human text {n}" for n in range(10)]), HUMAN)  # positions 0 to 9
    _generation(vault, "m1", [1, 3, 5, 3], ["machine one", "machine two"], 1)  # 10 is the model
    _generation(vault, "m2", [0, 2, 11], ["machine three"], 2)  # trained on the output of m1
    _generation(vault, "m3", [0, 2, 4], ["machine four"], 1)
    name = vault.rows(np.array([3]), ["id"])["id"][0]
    done = vault.withdraw([name], "the author asked")
    assert done.how == {"asked": 1, "derived": 3, "trained on": 2}
    assert dict(done.examples)["trained on"][0] == ("m1", name)
    assert done.counts == {Stratum(Origin.HUMAN): 1, Stratum(Origin.SYNTHETIC, 1): 2, Stratum(Origin.SYNTHETIC, 2): 1}
    assert dict(vault.inventory().counts) == {Stratum(Origin.HUMAN): 9, Stratum(Origin.SYNTHETIC, 1): 1}
    assert _counted(vault) == dict(vault.inventory().counts)
    left = vault.draw(Recipe((Draw((Stratum(Origin.SYNTHETIC, 1),), 1),), 0), Seed(1))
    assert list(left.strings()) == ["machine four"]
    assert vault.verify(records=True).sound


def test_a_withdrawn_model_takes_its_output(vault: Vault) -> None:
    vault.add(Texts.of(["a human text"]), HUMAN)
    _generation(vault, "m1", [0], ["machine one", "machine two"], 1)
    done = vault.withdraw(["m1"], "trained by mistake")
    assert done.how == {"asked": 1, "derived": 2} and done.records == 2
    assert dict(vault.inventory().counts) == {Stratum(Origin.HUMAN): 1}


def test_nothing_comes_in_that_comes_from_what_was_withdrawn(family: Vault, write: Write) -> None:
    family.withdraw(["a"], "the author asked")
    records = [
        {"id": "g", "text": "seven", "origin": "synthetic", "parents": ["b", "a"]},
        {"id": "h", "text": "eight", "origin": "synthetic", "parents": ["g"]},
        {"id": "a", "text": "one again", "origin": "human"},
        {"id": "i", "text": "nine", "origin": "synthetic", "parents": ["b"]},
    ]
    receipt = family.ingest(Request((write("more.jsonl", records),), HUMAN, claimed=False, most=0.9), engine="serial")
    assert receipt is not None and receipt.added == 1
    assert receipt.rejected == {"parent-withdrawn": 1, "no-parent": 1, "id-withdrawn": 1}
    assert receipt.skipped == 0
    assert receipt.quarantine is not None
    told = family.objects.read(receipt.quarantine).decode()
    assert "its parent 'a' was withdrawn" in told and "record that was withdrawn" in told
    assert _live(family) == {"b", "f", "i"}
    with pytest.raises(BadInput, match="its parent 'a' was withdrawn"):
        family.add(Texts.of(["ten"]), Provenance(Origin.SYNTHETIC, 1, parents=("a",)))


def test_a_child_that_comes_in_at_the_same_time_is_withdrawn_too(family: Vault, write: Write, key: Key) -> None:
    """Whoever commits last sees what the other did."""
    other = Vault(family.uri, key=key, memory=False)
    assert _live(other) == set("abcdef")  # and knows nothing of what comes now
    _add(family, write("more.jsonl", [{"id": "g", "text": "seven", "origin": "synthetic", "parents": ["a"]}]))
    done = other.withdraw(["a"], "the author asked")
    assert done.how == {"asked": 1, "derived": 4}
    assert _live(other) == {"b", "f"}
    assert Vault(family.uri, memory=False).inventory().counts == other.inventory().counts
    assert other.verify(records=True).sound


def test_two_who_withdraw_at_once_count_once(family: Vault, key: Key) -> None:
    other = Vault(family.uri, key=key, memory=False)
    family.withdraw(["c"], "first")
    done = other.withdraw(["a"], "second")
    assert done.how == {"asked": 1} and done.records == 1
    assert dict(other.inventory().counts) == {Stratum(Origin.HUMAN): 2}
    assert _counted(other) == dict(other.inventory().counts)


def test_many_records_take_few_rounds(vault: Vault, write: Write) -> None:
    """A chain of 300, added in the wrong order, and as many that do not belong to it."""
    chain = [{"id": "0", "text": "text 0", "origin": "human"}]
    chain += [
        {"id": str(n), "text": f"text {n}", "origin": "synthetic", "parents": [str(n - 1)]} for n in range(1, 300)
    ]
    others = [{"id": f"x{n}", "text": f"other {n}", "origin": "synthetic", "parents": ["x"]} for n in range(300)]
    _add(vault, write("a.jsonl", [*reversed(chain), {"id": "x", "text": "x", "origin": "human"}, *others]))
    done = vault.withdraw(["0"], "why")
    assert done.how == {"asked": 1, "derived": 299}
    assert len(_live(vault)) == 301
    generations = vault.rows(np.arange(300), ["id", "generation"])
    assert all(int(name) == depth for name, depth in generations.iter_rows())
