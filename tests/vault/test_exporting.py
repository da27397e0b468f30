"""What leaves a vault: the live records, and labels that other tools read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from outcross.core.errors import BadInput, BadSetting, MissingInput, NotProven, OutputRefused
from outcross.core.provenance import Origin, Provenance
from outcross.core.text import Texts
from outcross.vault.exporting import _Found, export
from outcross.vault.keys import Key
from outcross.vault.vault import Vault


@pytest.fixture
def filled(vault: Vault) -> Vault:
    vault.add(Texts.of(["A cat sleeps.", "It rains."]), Provenance(Origin.HUMAN, source="diary", license="CC0-1.0"))
    vault.add(Texts.of(["The cat is a mammal of note."]), Provenance(Origin.SYNTHETIC, 1, generator="parrot"))
    return vault


def _rows(folder: Path, format: str) -> list[dict[str, Any]]:
    if format == "parquet":
        return pl.read_parquet(folder / "data" / "*.parquet").sort("added", "text").to_dicts()
    lines = [line for path in sorted((folder / "data").iterdir()) for line in path.read_text().splitlines()]
    return sorted(map(json.loads, lines), key=lambda row: (row["added"], row["text"]))


@pytest.mark.parametrize("format", ("parquet", "jsonl"))
def test_live_records_and_labels(filled: Vault, tmp_path: Path, format: str) -> None:
    rained = filled.rows(filled.catalog.positions(filled.inventory().human()), ["id", "text"])
    filled.withdraw(dict(rained.select("text", "id").iter_rows())["It rains."].split(), "it did not")
    described = export(filled, tmp_path / "out", format=format)
    assert {row["text"]: row["origin"] for row in _rows(tmp_path / "out", format)} == {
        "A cat sleeps.": "human",
        "The cat is a mammal of note.": "synthetic",
    }
    assert described.records == 2 and described.synthetic and described.sources == {"diary": 1}
    for file in described.files:
        assert hashlib.sha256((tmp_path / "out" / file.name).read_bytes()).hexdigest() == file.sha256
    card = (tmp_path / "out" / "README.md").read_text()
    assert "parrot" in card and filled.checkpoint.strip() in card
    told = json.loads((tmp_path / "out" / "croissant.json").read_text())
    assert told["rai:hasSyntheticData"] and json.loads((tmp_path / "out" / "prov.json").read_text())["activity"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("format", ("parquet", "jsonl"))
def test_croissant_validates_and_reads_the_records(filled: Vault, tmp_path: Path, format: str) -> None:
    croissant = pytest.importorskip("mlcroissant")
    export(filled, tmp_path / "out", format=format, about="Sentences on cats.")
    data = croissant.Dataset(jsonld=str(tmp_path / "out" / "croissant.json"))
    assert not data.metadata.issues.errors
    (records,) = data.metadata.record_sets
    found = {row["records/text"].decode(): row["records/origin"].decode() for row in data.records(records.name)}
    assert found["The cat is a mammal of note."] == "synthetic" and len(found) == 3


def test_one_origin_only(filled: Vault, tmp_path: Path) -> None:
    described = export(filled, tmp_path / "out", origins=[Origin.HUMAN], name="cats", version="2.1.0")
    assert (described.records, described.synthetic, described.version) == (2, False, "2.1.0")
    with pytest.raises(BadInput, match="no such record"):
        export(filled, tmp_path / "none", origins=[Origin.MIXED])
    assert not (tmp_path / "none").exists() and not list(tmp_path.glob(".none*"))


def test_an_exported_vault_enters_another(filled: Vault, tmp_path: Path, key: Any) -> None:
    """What was said of each record goes along, and what was written by machines stays so."""
    export(filled, tmp_path / "out", format="jsonl")
    other = Vault.create(tmp_path / "other", key=key, memory=False)
    other.ingest(tmp_path / "out" / "data", engine="serial")
    assert other.inventory().counts == filled.inventory().counts
    both = [v.rows(v.catalog.positions(v.inventory().all()), ["id", "text_sha256", "source"]) for v in (filled, other)]
    assert both[0].sort("id").equals(both[1].sort("id"))


def test_what_is_refused(filled: Vault, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="parquet or jsonl"):
        export(filled, tmp_path / "out", format="csv")
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputRefused, match="is there already"):
        export(filled, tmp_path / "out")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputRefused):
        export(filled, tmp_path / "file" / "out")


def test_a_damaged_vault_exports_nothing(filled: Vault, tmp_path: Path) -> None:
    path = next((Path(filled.uri) / "records").iterdir())
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()
    path.write_bytes(bytes(data))
    with pytest.raises(NotProven, match=path.name):
        export(Vault(filled.uri, memory=False), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_compaction_in_between_changes_nothing(
    filled: Vault, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, once = _Found.add, []

    def added(self: _Found, *given: Any) -> None:
        add(self, *given)
        if not once:
            once.append(True)
            Vault(filled.uri, key=key, memory=False).compact()

    monkeypatch.setattr(_Found, "add", added)
    assert export(filled, tmp_path / "out").records == 3
    assert once and len(_rows(tmp_path / "out", "parquet")) == 3


def test_a_file_that_is_missing_is_said_to_be(filled: Vault, tmp_path: Path) -> None:
    filled.objects.delete(filled.log.data()[0].name)
    with pytest.raises(MissingInput, match=r"no file .*records"):
        export(filled, tmp_path / "out")
    assert list(tmp_path.glob("*out*")) == []
