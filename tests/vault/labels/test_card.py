"""The Hugging Face card: what the Hub's own reader makes of its front matter, and what people read below it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from outcross.vault.labels.card import card
from outcross.vault.labels.description import Description
from tests.vault.labels.describing import NASTY, ROWS, cats, nasty, on_disk, strata


def front(text: str) -> dict[str, Any]:
    """The front matter, by the Hub's own reader."""
    hub = pytest.importorskip("huggingface_hub")
    found: dict[str, Any] = hub.DatasetCard(text).data.to_dict()
    return found


def test_the_front_matter_says_what_is_known() -> None:
    assert front(card(cats())) == {
        "pretty_name": "cats",
        "license": "cc-by-4.0",
        "language": ["en", "de"],
        "size_categories": ["n<1K"],
        "tags": ["synthetic", "gpt2"],
        "source_datasets": ["wiki pedia"],
        "language_creators": ["machine-generated"],
    }


@pytest.mark.parametrize("kinds", [{}, {"unknown": 3}, {"human": 3}], ids=str)
def test_nothing_is_called_synthetic_or_found_that_is_not_known_to_be(kinds: dict[str, int]) -> None:
    data = front(card(cats(strata=strata(**kinds), activities=())))
    assert not data.keys() & {"tags", "language_creators", "annotations_creators"}


def test_the_licence_is_one_that_the_hub_knows() -> None:
    assert front(card(cats(licenses=())))["license"] == "unknown"
    assert front(card(cats(licenses=("MIT", "my own terms"))))["license"] == ["mit", "other"]
    own = front(card(cats(licenses=("https://example.org/terms",))))
    assert (own["license"], own["license_link"]) == ("other", "https://example.org/terms")


def test_a_long_licence_stands_whole_between_fences_that_it_cannot_close() -> None:
    text = "Terms\n```\n# not a heading\n````\n" * 2000
    written = card(cats(licenses=(text,)))
    assert front(written)["license"] == "other"
    assert f"`````text\n{text.rstrip()}\n`````\n" in written


def test_the_table_counts_by_origin_and_generation() -> None:
    body = card(cats(strata=strata(synthetic=1, human=2, unknown=0)))
    assert "| human | 0 | 2 | 66.7 % |\n| synthetic | 2 | 1 | 33.3 % |" in body
    assert "| unknown |" not in body
    assert "| declared | 1 | 33.3 % |" in body


def test_it_says_how_to_verify() -> None:
    body = card(cats())
    assert "outcross vault verify" in body and "SHA256:key" in body and "ab" * 32 in body
    assert "```text\nexample.org/vault\n3\nqg==\n\n- signed\n```" in body
    assert "verify" not in card(cats(vault=None))


@pytest.mark.parametrize("text", NASTY)
def test_no_text_breaks_the_front_matter(text: str) -> None:
    line = " ".join(text.split())
    data = front(card(nasty(text)))
    assert data["pretty_name"] == line
    assert data["tags"] == ["synthetic", line]
    assert data["source_datasets"] == [line]
    assert data["license"] == ["other", "mit"]


@pytest.mark.parametrize("text", NASTY)
def test_no_text_breaks_a_table_or_makes_a_heading(text: str) -> None:
    body = card(nasty(text)).split("\n---\n", 1)[1]
    outside = "".join(body.split("text\n" + text.rstrip() + "\n"))
    ours = {"# ", "## Who", "## Whe", "## Col", "## Lic", "## How"}
    assert all(any(line.startswith(known) for known in ours) for line in outside.splitlines() if line.startswith("#"))
    tables = [line for line in outside.splitlines() if line.startswith("|")]
    widths = [len(line.replace("\\\\", "").replace("\\|", "").split("|")) for line in tables]
    heads = [i for i, line in enumerate(tables) if "| --- |" in line]
    for start, end in zip(heads, [*[h - 1 for h in heads[1:]], len(tables)], strict=True):
        assert set(widths[start - 1 : end]) == {widths[start]}


@pytest.mark.parametrize(
    ("start", "kept"), [("# a", "\\# a"), ("- a", "\\- a"), ("12. a", "12\\. a"), ("12 a", "12 a")]
)
def test_a_paragraph_is_a_paragraph(start: str, kept: str) -> None:
    assert f"\n\n{kept}\n\n" in card(cats(about=start))


def test_the_least_there_is_to_say() -> None:
    text = card(Description("x", "1", "", "2026-11-22"))
    assert front(text) == {"pretty_name": "x", "license": "unknown"}
    assert "There are no records." in text


@pytest.mark.parametrize(
    ("names", "read"),
    [(["a.parquet", "b [1].parquet"], 2), (["a.jsonl", "sub/b.jsonl"], 2), (["a.parquet", "b.jsonl", "c.jsonl"], 2)],
    ids=str,
)
def test_the_hubs_loader_reads_the_files_it_names(names: list[str], read: int, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    folder, cache = tmp_path / "data", tmp_path / "cache"
    described = cats(files=on_disk(folder, names))
    on_disk(folder, ["stranger.parquet"])
    (folder / "README.md").write_text(card(described), encoding="utf-8")
    assert len(datasets.load_dataset(str(folder), split="train", cache_dir=str(cache))) == read * len(ROWS)


def test_files_without_records_do_not_hide_the_others(tmp_path: Path) -> None:
    (file,) = on_disk(tmp_path, ["a.jsonl"])
    empty = replace(file, name="b.jsonl", records=0)
    (config,) = front(card(cats(files=(empty,))))["configs"]
    assert config["data_files"] == [{"split": "train", "path": ["b.jsonl"]}]
