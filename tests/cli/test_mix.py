"""`outcross mix`: a mix on the command line, its table, its JSON and its exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from outcross.cli import main
from tests.guard.mix.corpora import content, lines, rows


@pytest.fixture
def cats(tmp_path: Path) -> Path:
    return lines(tmp_path / "cats.jsonl", rows(300, 700))


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["outcross", "mix", *map(str, words), "--engine", "serial"])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_a_mix(cats: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    cats.write_text(cats.read_text() + "{broken\n")
    assert run(monkeypatch, cats, "--budget", "0.1K", "--out", tmp_path / "out") == 0
    out, talk = capsys.readouterr()
    assert "human/0" in out and "together" in out and "human at least: 30 (30.0 %)" in out
    assert "1 row of the sources left out, the first in cats.jsonl, record 1001" in talk
    assert run(monkeypatch, cats, "--budget", "100", "--out", tmp_path / "again", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["counts"] == {"human/0": 30, "synthetic/1": 70}
    assert content(tmp_path / "out") == content(tmp_path / "again")


def test_only_looking(
    cats: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, cats, "--budget", "100", "--dry-run", "--balance", "group", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["path"] is None and sum(told["counts"].values()) == 100
    assert {path.name for path in tmp_path.iterdir()} == {"cats.jsonl"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--budget", "1M"], 1, "human/0 is short by"),
        (["--budget", "many"], 2, "a budget is a number of records"),
        (["--budget", "0"], 2, "at least one record"),
        (["--budget", "10", "--policy", "anchr"], 2, "anchor"),
        (["--budget", "10", "--synthetic-share", "0.3..0.1"], 2, "the lower bound first"),
        (["--budget", "10", "--synthetic-share", "some"], 2, "0.1..0.3"),
        (["--budget", "10", "--human", "h.jsonl"], 2, "given together"),
    ],
)
def test_misuse(
    cats: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    said: str,
) -> None:
    assert run(monkeypatch, cats, *words, "--out", tmp_path / "out") == code
    out, talk = capsys.readouterr()
    assert said in talk and not out
    assert not (tmp_path / "out").exists()
