"""The command on a small log, as a user would call it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from outcross import cli

PASTED = "In conclusion, these findings underscore the pivotal role of sleep in the consolidation of memory."


@pytest.fixture
def log(tmp_path: Path) -> Path:
    record = {"id": "a", "key_history": [], "paste_history": [{"t": 5, "c": PASTED}], "response": PASTED}
    path = tmp_path / "log.json"
    path.write_text(json.dumps([record]))
    return path


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr("sys.argv", ["outcross", "behaviour", *map(str, words)])
    with pytest.raises(SystemExit) as left:
        cli.main()
    return int(left.value.code or 0)


def test_a_table(log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, log) == 0
    said = capsys.readouterr().out
    assert "pasted from elsewhere" in said
    assert "aftercare" in said


def test_json_and_files(log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    source = log.parent / "source.txt"
    source.write_text(PASTED)
    out, events = log.parent / "verdicts.parquet", log.parent / "events.jsonl"
    assert run(monkeypatch, log, "--source", source, "--json", "--out", out, "--events", events) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["counts"]["pasted from the source"] == 1
    assert pl.read_parquet(out)["verdict"].to_list() == ["pasted from the source"]
    assert run(monkeypatch, events) == 0


def test_an_incomplete_log_is_flagged(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write_text(log.read_text()[:-40])
    assert run(monkeypatch, log) == 0
    assert "incomplete" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "{"])
def test_bad_input_is_one_line(
    content: str, log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write_text(content)
    assert run(monkeypatch, log) == 2
    said = capsys.readouterr().err
    assert said.startswith("outcross: ")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("words", [("--out", "log.parquet"), ("--out", "verdicts.csv"), ("--events", "events.csv")])
def test_the_log_is_not_written_over(
    log: Path, words: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = log.rename(log.with_suffix(".parquet"))  # what is in it says what it is, not its name
    before = here.read_bytes()
    assert run(monkeypatch, here, words[0], here.parent / words[1]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert [path.name for path in here.parent.iterdir()] == [here.name]
    assert here.read_bytes() == before
