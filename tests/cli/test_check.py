"""`outcross check`: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from outcross.cli import app
from tests.guard.check.test_check import written
from tests.guard.check.test_share import texts

FAST = ("--generations", "2", "--engine", "serial")


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("check")
    for place, kind in enumerate(("human", "synthetic")):
        written(folder / f"{kind}.jsonl", texts(kind, 60, place))
    written(folder / "corpus.jsonl", texts("human", 40, 8), texts("synthetic", 20, 9))
    return folder


def test_three_sentences_first_a_page_and_a_command_that_runs(room: Path) -> None:
    page = room / "page.html"
    references = "--human", room / "human.jsonl", "--synthetic", room / "synthetic.jsonl"
    done = run("check", room / "corpus.jsonl", *references, "--html", page, *FAST)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert "of the 60 documents are synthetic (98 % interval" in lines[0] and lines[3] == ""
    assert page.read_text().startswith("<!") and str(page) in done.stderr
    command = next(line for line in lines if line.startswith("  outcross mix "))
    words = shlex.split(command)[1:]
    words[words.index("--out") + 1] = str(room / "mix")
    assert run(*words, "--engine", "serial").exit_code == 0
    assert (room / "mix").is_dir()


def test_without_references_it_exits_3_and_says_what_it_needs(room: Path) -> None:
    done = run("check", room / "corpus.jsonl", "--no-page", "--json", *FAST)
    assert done.exit_code == 3
    told = json.loads(done.stdout)
    assert told["prevalence"]["value"] is None and told["mix"] is None
    assert told["untold"][0]["needs"].startswith("--human FILE and --synthetic FILE")
    assert not Path("outcross-check.html").exists()


def test_misuse_is_one_clear_line(room: Path) -> None:
    for words in (
        ("missing.jsonl",),
        (room / "corpus.jsonl", "--field", "text"),
        (room / "corpus.jsonl", "--practice", "ancor"),
    ):
        done = run("check", *words, "--no-page", *FAST)
        assert done.exit_code != 0 and done.exception is not None
        assert "\n" not in str(done.exception)
