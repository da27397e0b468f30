"""A vault that was made once is kept in the repository: every later version must open it as it is. It has in it what a
later version might write, which must survive; and what cannot be read any more says so.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
import pytest

from outcross.core.errors import BadInput, NotProven
from outcross.core.provenance import Origin, Provenance
from outcross.core.recipe import Draw, Recipe
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.vault.commit import Commit, lines, name_of, table, written
from outcross.vault.exporting import export
from outcross.vault.head import Entry, Head
from outcross.vault.log import Log
from outcross.vault.merkle import EMPTY, Frontier
from outcross.vault.objects import objects
from outcross.vault.vault import Vault
from outcross.vault.verification import verify
from tests.vault.fixture.make import KEY, LATER_COLUMNS, make

KEPT = Path(__file__).parent / "fixture" / "vault"
CHECKPOINT = """kept-0123456789abcdef
5
"""
LATER = [str(column["name"]) for column in LATER_COLUMNS]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A copy that may be gone on with."""
    shutil.copytree(KEPT, tmp_path / "kept")
    return Vault(tmp_path / "kept", key=KEY, memory=False)


def test_it_opens_and_is_sound() -> None:
    vault = Vault(KEPT, public=KEY.public, memory=False)
    found = vault.verify(records=True)
    assert found.sound and not found.remarks and (found.commits, found.files, found.records) == (5, 4, 13)
    assert vault.checkpoint.startswith(CHECKPOINT)
    assert vault.log.last.head.tree.root().hex() == "a1f0af9bd504427782fc41b40fbf6d5e8c086cb17fa39111244c49c674c9c072"
    assert {str(stratum): count for stratum, count in vault.inventory().counts.items()} == {
        "human/0/diary": 7,
        "synthetic/1": 1,
    }


def test_it_is_small_and_as_it_was_made(tmp_path: Path) -> None:
    kept = {path.name: path.read_bytes() for path in KEPT.rglob("*") if path.is_file()}
    assert sum(map(len, kept.values())) < 60_000
    make(tmp_path / "again")  # the rows in the files may be laid out in another way by a later library
    now, then = Log.load(objects(tmp_path / "again")), Log.load(objects(KEPT))
    assert [one.entry.root for one in now.commits] == [one.entry.root for one in then.commits]


def test_records_are_read_and_drawn(vault: Vault) -> None:
    strata = tuple(vault.inventory().counts)
    drawn = sorted(vault.draw(Recipe((Draw(strata, 8),), 0), Seed(1)).strings())
    people = [f"Day {n}: the cat  slept, à la Zoë, on 'the \"mat\"'.\n猫 \U0001f408" for n in (0, 1, 2, 4, 5, 6, 7)]
    assert drawn == [*people, "The cat of day 0 is a mammal."]
    row = vault.rows(vault.find("human-2")).row(0, named=True)
    assert (row["confidence"], row["group"], row["license"], row["created"]) == (0.25, "diary", "CC0-1.0", "2021-05-04")
    assert row["raw_sha256"] == hashlib.sha256(row["text"].encode()).digest() != row["text_sha256"]


def later(vault: Vault) -> pl.DataFrame:
    """All rows, with the columns that are not known."""
    import numpy as np

    return vault.rows(np.arange(vault.log.rows)).sort("id", "kind").select("id", "kind", *LATER)


EXPECTED = {
    "chart-1": ("of another kind", None, None),
    "machine-0": ('mood 0: "fine"', 0, [0.0, 1.0, None]),
    "machine-1": (None, 1, [0.25, 1.0, None]),
}


def test_columns_of_a_later_version_are_read(vault: Vault) -> None:
    rows = later(vault)
    told = rows.filter(pl.any_horizontal(pl.col(LATER).is_not_null())).drop("kind")
    assert {row[0]: row[1:] for row in told.iter_rows()} == EXPECTED


def test_fields_of_a_later_version_survive_in_the_log(vault: Vault) -> None:
    commits = vault.log.commits
    other = commits[2].entry.to_dict()
    assert other["witnesses"] == [{"name": "a later idea", "seen": 2}]
    assert other["added"][0]["rowGroups"] == 1 and [one["language"] for one in other["counts"]] == ["en", "la"]
    assert sum(commits[2].entry.counts.values()) == 2
    assert commits[3].entry.to_dict()["later"] == {"deep": [True, None, "é"]}
    assert commits[3].entry.note["later"] == [1, 2]
    assert all(Entry.of(one.entry.to_dict()) == one.entry for one in commits)
    assert vault.log.settings["outcross.later"] == "a setting not known today"


@pytest.mark.parametrize("erase", [False, True])
def test_what_a_later_version_wrote_survives_writing(vault: Vault, erase: bool) -> None:
    before = later(vault)
    vault.add(Texts.of(["One more."]), Provenance(Origin.HUMAN))
    vault.compact(erase=erase)
    vault.add(Texts.of(["And another."]), Provenance(Origin.HUMAN))
    assert vault.verify(records=True).sound and Vault(vault.uri, memory=False).inventory().total() == 10
    assert later(vault).filter(pl.col("id").is_in(before["id"].implode())).equals(before)
    fields = orjson.loads(_table(vault)["schemaString"])["fields"]
    assert [one for one in fields if one["name"] in LATER] == LATER_COLUMNS
    assert _table(vault)["configuration"]["outcross.later"] == "another value"


def _table(vault: Vault) -> Mapping[str, Any]:
    """The latest that the log says of the table."""
    found = [action["metaData"] for commit in vault.log.commits for action in commit.actions if "metaData" in action]
    return dict(found[-1])


def test_other_readers_see_the_columns_of_a_later_version(vault: Vault) -> None:
    deltalake = pytest.importorskip("deltalake")
    names = [field.name for field in deltalake.DeltaTable(vault.uri).schema().fields]
    assert names[-3:] == LATER


@pytest.mark.parametrize("format", ("parquet", "jsonl"))
def test_an_export_keeps_columns_of_a_later_version(vault: Vault, tmp_path: Path, format: str) -> None:
    described = export(vault, tmp_path / "out", format=format, name="cats")
    read = pl.read_parquet if format == "parquet" else pl.read_ndjson
    found = pl.concat([read(path) for path in sorted((tmp_path / "out/data").iterdir())], how="diagonal_relaxed")
    rows = vault.rows(np.flatnonzero(vault.catalog.live)).select("id", *LATER)
    assert found.height == 8 and set(LATER) <= {column.name for column in described.columns}
    assert found.select("id", *LATER).sort("id").rows() == rows.sort("id").rows()


def head_of(tree: Frontier, entry: Entry) -> Head:
    return Head(entry, tree.append(entry.leaf()))


def begun(folder: Path, format: str) -> bytes:
    """The first commit of a vault in some format, signed as it should be."""
    made = table("later-1f", KEY.public, "2030-01-01T00:00:00Z", {})
    made[1]["metaData"]["configuration"]["outcross.format"] = format
    actions = lines(made)
    digest = hashlib.sha256(actions).hexdigest()
    entry = Entry("later-1f", 0, "init", "2030-01-01T00:00:00Z", None, digest, 0, 0, EMPTY.hex())
    data = written(head_of(Frontier(), entry), actions, KEY)
    assert objects(folder).put_new(name_of(0), data)
    return data


def test_a_newer_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    data = begun(tmp_path, "2")
    wanted = r"0000\.json was made by a newer outcross \(format 2; 1 is known\): upgrade"
    with pytest.raises(BadInput, match=wanted):
        Vault(tmp_path, memory=False)
    with pytest.raises(BadInput, match=wanted):
        verify(objects(tmp_path))
    (tmp_path / name_of(0)).write_bytes(data.replace(b"later-1f", b"later-2f"))
    with pytest.raises(NotProven, match=r"or it was made by a newer outcross \(format 2; 1 is known\): upgrade"):
        Vault(tmp_path, memory=False)
    assert [fault.file for fault in verify(objects(tmp_path)).faults] == [name_of(0)]


def test_a_vault_that_was_brought_to_a_newer_format_is_refused_from_there_on(vault: Vault) -> None:
    last = vault.log.last
    later = {**_table(vault), "configuration": {**_table(vault)["configuration"], "outcross.format": "2"}}
    actions = lines([{"metaData": later}])
    entry = Entry(
        vault.origin, 5, "upgrade", "2030-01-01T00:00:00Z", last.digest, hashlib.sha256(actions).hexdigest(),
        vault.log.rows, 0, EMPTY.hex(),
    )  # fmt: skip
    assert vault.objects.put_new(name_of(5), written(head_of(last.head.tree, entry), actions, KEY))
    for read in (vault.refresh, vault.verify, lambda: vault.add(Texts.of(["one"]), Provenance(Origin.HUMAN))):
        with pytest.raises(
            BadInput, match=r"0005\.json was made by a newer outcross \(format 2; 1 is known\): upgrade"
        ):
            read()
    assert Commit.read((KEPT / name_of(4)).read_bytes(), 4, KEY.public).digest == last.digest


@pytest.mark.parametrize("format", ["1", "0", "", "one", "١"])
def test_what_is_no_newer_format_is_read(tmp_path: Path, format: str) -> None:
    begun(tmp_path, format)
    assert Vault(tmp_path, memory=False).log.settings["outcross.format"] == format
