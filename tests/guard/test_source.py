"""Sources: the same words mean the same for every command, and whatever cannot be read is handed on."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import outcross as oc
from outcross.core.errors import BadInput, BadSetting, MissingInput
from outcross.corpus.fields import Fields
from outcross.corpus.rejected import Rejected
from outcross.guard.source import COLUMNS, Source, frames

ROWS: list[dict[str, Any]] = [
    {"id": "a", "text": "A cat sleeps.", "origin": "human", "group": "cats", "license": "MIT", "n": 1},
    {"id": "b", "text": "A dog barks.", "origin": "LLM", "generation": 2, "generator": "parrot"},
    {"id": "c", "text": "It rains."},
]


def written(path: Path, rows: list[dict[str, Any]] | None = None) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in (ROWS if rows is None else rows)))
    return path


def read(source: Source, columns: list[str] | None = None) -> tuple[pl.DataFrame, list[Rejected]]:
    rejected: list[Rejected] = []
    tasks = pickle.loads(pickle.dumps(source.tasks()))
    return pl.concat(frame for task in tasks for frame in frames(task, columns, rejected)), rejected


def test_the_columns_speak(tmp_path: Path) -> None:
    frame, rejected = read(Source.of(str(written(tmp_path / "cats.jsonl"))))
    assert not rejected
    assert tuple(frame.columns) == COLUMNS
    assert frame["origin"].to_list() == ["human", "synthetic", "unknown"]
    assert frame["generation"].to_list() == [0, 2, 0]
    assert frame["line"].to_list() == [1, 2, 3]
    assert frame["metadata"].to_list() == ['{"n":1}', None, None]


def test_what_is_said_of_all_is_true_of_all(tmp_path: Path) -> None:
    source = Source.of(f"human={written(tmp_path / 'cats.jsonl', [*ROWS, {'text': 'x', 'origin': 'unknown'}])}")
    frame, rejected = read(source, ["text", "origin"])
    assert frame.rows() == [("A cat sleeps.", "human", 1), ("It rains.", "human", 3), ("x", "human", 4)]
    assert [(one.line, one.kind) for one in rejected] == [(2, "bad-label")]
    assert source.identity(3).origin == "human"


@pytest.mark.parametrize("columns", [None, ["text", "origin"], ["id", "group", "origin", "generation"], []])
def test_parquet_gives_what_json_does(tmp_path: Path, columns: list[str] | None) -> None:
    written(tmp_path / "cats.jsonl")
    pl.read_ndjson(tmp_path / "cats.jsonl").write_parquet(tmp_path / "cats.parquet")
    lines, _ = read(Source.of(tmp_path / "cats.jsonl"), columns)
    table, _ = read(Source.of(tmp_path / "cats.parquet"), columns)
    assert lines.equals(table)
    assert lines.columns == [name for name in COLUMNS if columns is None or name in (*columns, "line")]


def test_a_vault_gives_its_live_records(tmp_path: Path) -> None:
    vault = oc.Vault.create(tmp_path / "vault", key=oc.Key.of_seed(bytes(32)), memory=False)
    vault.ingest(written(tmp_path / "cats.jsonl"))
    vault.withdraw(["c"], "asked")
    for given in (vault, str(tmp_path / "vault"), f"vault:{tmp_path / 'vault'}", tmp_path / "vault"):
        source = Source.of(given)
        frame, _ = read(source, ["id", "text", "origin", "generation"])
        assert frame.drop("line").rows() == [
            ("a", "A cat sleeps.", "human", 0),
            ("b", "A dog barks.", "synthetic", 2),
        ]
        assert source.identity(2).sha256 == vault.log.last.head.tree.root().hex()
        assert source.identity().checkpoint == vault.checkpoint


def test_what_is_broken_is_handed_on(tmp_path: Path) -> None:
    path = written(tmp_path / "cats.jsonl")
    path.write_text(path.read_text() + '{"text": ""}\n{"text": "cut o')
    frame, rejected = read(Source.of(path))
    assert frame.height == 3
    assert [(one.line, one.kind) for one in rejected] == [(4, "no-text"), (5, "broken-line")]


def test_the_text_may_be_called_otherwise(tmp_path: Path) -> None:
    path = written(tmp_path / "cats.jsonl", [{"story": "A cat sleeps."}])
    frame, _ = read(Source.of(path, Fields({"text": "story"})), ["text"])
    assert frame["text"].to_list() == ["A cat sleeps."]


def test_identities_are_of_the_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    path = written(folder / "a.jsonl")
    before = Source.of(path).identity(), Source.of(folder).identity()
    assert (Source.of(path).identity(), Source.of(folder).identity()) == before
    written(path, ROWS[:2])
    assert Source.of(path).identity() != before[0]
    assert Source.of(folder).identity() != before[1]


def test_misuse_is_told(tmp_path: Path) -> None:
    written(tmp_path / "cats.jsonl")
    with pytest.raises(MissingInput, match=r"cats\.jsonl"):
        Source.of(str(tmp_path / "cat.jsonl"))
    with pytest.raises(BadSetting, match="names no file"):
        Source.of("human=")
    with pytest.raises(MissingInput, match="no vault"):
        Source.of(f"vault:{tmp_path}")
    oc.Vault.create(tmp_path / "vault", key=oc.Key.of_seed(bytes(32)), memory=False)
    with pytest.raises(BadSetting, match="says itself"):
        Source.of(f"synthetic={tmp_path / 'vault'}")
    with pytest.raises(BadInput, match="holds no record"):
        Source.of(tmp_path / "vault").tasks()


def test_some_lines_are_read_and_all_are_judged(tmp_path: Path) -> None:
    odd = {7: " ", 3: "Été.", 9: "猫"}  # what does not begin with a letter of ASCII is looked at once more
    rows = [{"id": str(place), "text": odd.get(place, f"Cat {place}."), "url": "x"} for place in range(1, 30)]
    pl.DataFrame(rows).write_parquet(tmp_path / "cats.parquet", row_group_size=5)
    written(tmp_path / "cats.jsonl", rows)
    for name in ("cats.parquet", "cats.jsonl"):
        rejected: list[Rejected] = []
        [task] = Source.of(tmp_path / name).tasks()
        lines = np.array([2, 3, 29])
        found = pl.concat(frames(task, None, rejected, lines=lines, size=4))
        assert found["line"].to_list() == [2, 3, 29]
        assert found["id"].to_list() == ["2", "3", "29"]
        assert found["text"].to_list() == ["Cat 2.", "Été.", "Cat 29."]
        assert found["metadata"].to_list() == ['{"url":"x"}'] * 3
        assert [(one.line, one.kind) for one in rejected] == [(7, "no-text")]
        assert pl.concat(frames(task, None, lines=lines[:0])).height == 0
