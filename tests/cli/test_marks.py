"""`outcross marks`: what it prints, what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

import outcross as oc
from outcross.cli.marks import marks as command
from outcross.evidence import marks

PAGE = '<meta name="ai-disclosure" content="ai-generated"><p>A cat.</p>'


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(oc, "marks", marks, raising=False)
    app = typer.Typer()
    app.command()(command)

    def result(*words: object) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words])

    return result


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "cats.jsonl"
    rows = [{"text": "A dog."}, {"text": PAGE}, {"text": "A cat." + "".join(chr(0xE0000 + one) for one in b"by GPT")}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_the_table(run, table: Path) -> None:  # type: ignore[no-untyped-def]
    done = run(table)
    assert done.exit_code == 0
    assert "2 of 3 records have a mark" in done.stdout
    assert "disclosure" in done.stdout and "tags" in done.stdout and "cats.jsonl:2" in done.stdout
    assert "2 synthetic" in done.stdout and "no signature was verified" in done.stdout


def test_nothing_is_a_result_too(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.txt").write_text("A cat.")
    done = run(tmp_path)
    assert (done.exit_code, done.stdout) == (0, "0 of 1 records have a mark\n")


def test_json_marks_and_stripped_records(run, table: Path) -> None:  # type: ignore[no-untyped-def]
    out, strip = table.with_name("marks.jsonl"), table.with_name("clean.jsonl")
    done = run(table, "--json", "--out", out, "--strip", strip)
    assert json.loads(done.stdout)["kinds"] == {"disclosure": 1, "tags": 1}
    assert [json.loads(line)["kind"] for line in out.read_text().splitlines()] == ["disclosure", "tags"]
    assert [json.loads(line)["text"] for line in strip.read_text().splitlines()] == [
        "A dog.",
        "<p>A cat.</p>",
        "A cat.",
    ]


def test_another_column(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"summary": PAGE}) + "\n")
    assert "1 of 1" in run(path, "--text", "summary").stdout
    assert isinstance(run(path).exception, oc.MissingInput)
