"""Croissant: what the reference validator says of it, and what its loader reads by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from outcross.vault.labels.croissant import _slug, croissant
from outcross.vault.labels.description import Activity, Column, Description, Parent
from tests.vault.labels.describing import NASTY, ROWS, cats, nasty, on_disk, strata

pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
"""The validator's own libraries."""

UNKNOWN = {
    "rai:hasSyntheticData",
    "rai:syntheticDataExplanation",
    "prov:wasDerivedFrom",
    "prov:wasGeneratedBy",
    "prov:wasAttributedTo",
    "identifier",
}
"""What the validator keeps without knowing what it is."""


def loaded(description: Description, folder: Path) -> Any:
    """The label as the reference loader reads it from a file."""
    mlcroissant = pytest.importorskip("mlcroissant")
    path = folder / "croissant.json"
    path.write_text(json.dumps(croissant(description), ensure_ascii=False), encoding="utf-8")
    return mlcroissant.Dataset(jsonld=str(path))


def plain(value: Any) -> Any:
    """The loader gives texts as bytes, and lists as arrays."""
    if isinstance(value, bytes):
        return value.decode()
    return [plain(part) for part in value] if isinstance(value, list) else value


FILES = [
    ["records/a.parquet"],
    ["records/a.parquet", "records/b.parquet"],
    ["a.jsonl"],
    ["a [1].jsonl", "b*?.jsonl", "c 🐈.jsonl"],
    ["a.parquet", "a.jsonl", "b.jsonl"],
]


@pytest.mark.parametrize("names", FILES, ids=lambda names: f"{len(names)} from {names[0]}")
def test_it_validates_and_the_loader_reads_every_record(
    names: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    on_disk(tmp_path, ["stranger.parquet", "stranger.jsonl"])  # and no other
    dataset = loaded(cats(files=on_disk(tmp_path, names)), tmp_path)
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    assert not caplog.records  # such as that the context is not the standard's
    read = []
    for record_set in dataset.metadata.record_sets:
        rows = [{key.split("/", 1)[1]: plain(v) for key, v in row.items()} for row in dataset.records(record_set.uuid)]
        read += rows
    assert sorted(read, key=str) == sorted(len(names) * ROWS.to_dicts(), key=str)


def test_the_loader_finds_a_file_that_was_altered(tmp_path: Path) -> None:
    files = on_disk(tmp_path, ["a.jsonl"])
    dataset = loaded(cats(files=files), tmp_path)
    (tmp_path / "a.jsonl").write_bytes((tmp_path / "a.jsonl").read_bytes().replace(b"cat", b"dog"))
    with pytest.raises(Exception, match="Download"):
        list(dataset.records("records"))


def test_what_the_validator_does_not_know(tmp_path: Path) -> None:
    dataset = loaded(cats(files=on_disk(tmp_path, ["a.parquet"])), tmp_path)
    extra = dataset.metadata.extra_properties
    assert set(extra) == UNKNOWN
    assert extra["rai:hasSyntheticData"] is True
    assert extra["prov:wasGeneratedBy"]["prov:wasAssociatedWith"]["prov:label"] == "gpt2"
    assert dataset.metadata.data_collection == "Records by source: web 2, model 1."
    assert dataset.metadata.name == "cats"
    assert dataset.metadata.license == ["https://spdx.org/licenses/CC-BY-4.0.html"]


def test_the_text_is_annotated_with_where_it_is_from(tmp_path: Path) -> None:
    dataset = loaded(cats(files=on_disk(tmp_path, ["a.parquet"])), tmp_path)
    fields = {field.name: field for field in dataset.metadata.record_sets[0].fields}
    notes = {note.name: note.equivalentProperty for note in fields["text"].annotations}
    assert notes == {
        "digital_source_type": ["sc:digitalSourceType"],
        "generator": ["prov:wasAttributedTo"],
        "parents": ["prov:wasDerivedFrom"],
    }
    assert fields["digital_source_type"].equivalentProperty == ["sc:digitalSourceType"]


@pytest.mark.parametrize("kinds", [{}, {"unknown": 3}, {"human": 3}], ids=str)
def test_synthetic_data_is_said_only_where_it_is_known(kinds: dict[str, int], tmp_path: Path) -> None:
    described = cats(strata=strata(**kinds), activities=())
    label = croissant(described)
    assert label.get("rai:hasSyntheticData") is (False if kinds == {"human": 3} else None)
    assert "keywords" not in label
    assert not loaded(described, tmp_path).metadata.ctx.issues.errors


def test_the_least_there_is_to_say_validates(tmp_path: Path) -> None:
    dataset = loaded(Description("x", "1", "", "2026-11-22"), tmp_path)
    assert not dataset.metadata.ctx.issues.errors
    assert [word for word in dataset.metadata.ctx.issues.warnings if "license" not in word] == []


@pytest.mark.parametrize("text", NASTY)
def test_no_name_breaks_it(text: str, tmp_path: Path) -> None:
    described = nasty(text)
    dataset = loaded(described, tmp_path)
    assert not dataset.metadata.ctx.issues.errors
    assert dataset.metadata.name == text
    again = json.loads(json.dumps(croissant(described), ensure_ascii=False))
    assert again["prov:wasDerivedFrom"][0]["prov:label"] == text


@pytest.mark.parametrize("text", NASTY)
def test_no_column_breaks_it(text: str, tmp_path: Path) -> None:
    described = cats(columns=(Column("text"), Column(text, says=text)), files=on_disk(tmp_path, ["a.parquet"]))
    dataset = loaded(described, tmp_path)
    assert not dataset.metadata.ctx.issues.errors
    assert [field.name for field in dataset.metadata.record_sets[0].fields] == ["text", text]


def test_two_columns_never_have_one_id() -> None:
    names = ["a b", "a~20~b", "a~20", "a/b", "a\tb", "ab", "A b", "ä b", "", "~", "~7e~"]
    assert len(set(map(_slug, names))) == len(names)


def test_what_it_was_given_is_the_parent_of_that_address() -> None:
    described = cats(
        parents=(Parent("wiki", uri="https://example.org/wiki"),),
        activities=(Activity("gpt2", 1, used=("https://example.org/wiki", "wiki")),),
    )
    label = croissant(described)
    wiki = {"@id": "https://example.org/wiki", "@type": "prov:Entity", "prov:label": "wiki"}
    assert label["prov:wasDerivedFrom"] == [wiki]
    assert label["prov:wasGeneratedBy"][0]["prov:used"] == [wiki, wiki]
