"""Snapshots of files: any engine the same, what cannot be read is counted, and nothing is not a snapshot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from outcross.core.errors import BadInput, BadSetting, MissingInput
from outcross.guard.snapshot.snapshot import stratum
from outcross.guard.snapshot.taking import snapshot


def written(path: Path, numbers: range) -> Path:
    lines = [
        json.dumps({"text": f"cat {n} sat on mat {n % 7}", "origin": "human", "group": f"g{n % 2}"}) for n in numbers
    ]
    path.write_text("\n".join([*lines, '{"text": "broken']) + "\n")
    return path


def test_engine_and_files_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for part in range(4):
        written(tmp_path / "many" / f"{part}.jsonl", range(part * 50, part * 50 + 50))
    one = snapshot(tmp_path / "many", engine="serial")
    other = snapshot([tmp_path / "many" / f"{part}.jsonl" for part in (3, 1, 0, 2)], engine="processes(workers=2)")
    assert one.digest == other.digest
    assert one.documents == 200
    assert one.rejected == (("broken-line", 4),)
    assert set(one.strata.names) == {stratum("human", 0, "g0"), stratum("human", 0, "g1")}


def test_what_is_said_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one cat\n\ntwo cats\n")
    found = snapshot(f"synthetic={tmp_path / 'a.txt'}", engine="serial")
    assert [name.split("\t")[0] for name in found.strata.names] == ["synthetic"]


def test_excerpts_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one cat\n\ntwo cats\n")
    assert len(snapshot(tmp_path / "a.txt", engine="serial").texts.shown) == 2
    assert snapshot(tmp_path / "a.txt", engine="serial", excerpts=False).texts.shown == ()


def test_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "brok\n')
    with pytest.raises(BadInput, match="1 rejected as broken-line"):
        snapshot(tmp_path / "a.jsonl", engine="serial")
    with pytest.raises(MissingInput):
        snapshot(tmp_path / "none.jsonl", engine="serial")


def test_a_snapshot_counts_in_words(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="'word', 'space'"):
        snapshot(tmp_path, unit="character")  # type: ignore[arg-type]
