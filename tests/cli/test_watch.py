"""Watching at the command line: exit codes, files that are written, and one clear line where it cannot be done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from outcross import cli
from tests.guard.watch.corpora import drawn, write

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """May, June, which is like it, and July, which is poorer."""
    here = tmp_path_factory.mktemp("watch")
    for seed, (name, n, types) in enumerate(
        (("may", 150, 3000), ("june", 150, 3000), ("july", 150, 300), ("few", 9, 99))
    ):
        write(here / f"{name}.jsonl", drawn(n, types, seed))
    (here / "empty.jsonl").touch()
    (here / "broken.jsonl").write_text("{\n{\n")
    return here


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path) -> Run:
    """The command line in this process: exit code, stdout, stderr."""

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.chdir(folder)
        more = () if "--show-thresholds" in words else ("--engine", "serial")
        monkeypatch.setattr("sys.argv", ["outcross", *map(str, words), *more])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return call


def test_a_night_s_work(run: Run, folder: Path) -> None:
    code, out, _ = run("snapshot", "may.jsonl", "--out", "may.snapshot")
    assert (code, out.partition(";")[0]) == (0, "150 documents, 9,000 words")
    outputs = ("--save", "june.snapshot", "--html", "june.html", "--markdown", "june.md", "--junit", "june.xml")
    code, out, _ = run("watch", "may.snapshot", "june.jsonl", *outputs)
    assert code == 0
    assert out.startswith("june.jsonl passes")
    assert (folder / "june.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (folder / "june.md").read_text(encoding="utf-8").startswith("### ✅ pass")
    assert ElementTree.parse(folder / "june.xml").getroot().get("failures") == "0"
    code, out, _ = run("watch", "may.snapshot", "june.snapshot", "july.jsonl", "--json")
    assert code == 1
    told = json.loads(out)
    assert (told["answer"], told["since"], len(told["against_first"])) == ("fail", "july.jsonl", 2)
    code, out, _ = run("snapshot", "may.snapshot", "june.snapshot", "--json")
    assert json.loads(out)["documents"] == 300


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("june.jsonl", "july.jsonl"), 1, "does not pass"),
        (("june.jsonl", "few.jsonl"), 3, "could not be told"),
        (("june.jsonl", "empty.jsonl"), 2, "empty"),
        (("empty.jsonl", "june.jsonl"), 2, "empty"),
        (("june.jsonl", "broken.jsonl"), 2, "broken-line"),
        (("june.jsonl", "julyy.jsonl"), 2, "did you mean 'july.jsonl'"),
        (("june.jsonl",), 2, "at least two"),
        ((), 2, "at least two"),
        (("june.jsonl", "may.jsonl", "--thresholds", "none.toml"), 2, "no file of thresholds"),
        (("june.jsonl", "may.jsonl", "--level", "1.5"), 2, "between 0 and 1"),
        (("june.jsonl", "may.jsonl", "--field", "text"), 2, "FIELD=COLUMN"),
    ],
)
def test_exit_codes(run: Run, words: tuple[str, ...], code: int, said: str) -> None:
    left, out, err = run("watch", *words)
    assert left == code
    assert said in out + err
    if code == 2:
        assert out == ""
        assert len(err.strip().splitlines()) == 1


def test_a_damaged_snapshot_and_a_pin_that_does_not_hold(run: Run, folder: Path) -> None:
    run("snapshot", "may.jsonl", "--out", "base.snapshot")
    whole = (folder / "base.snapshot").read_bytes()
    (folder / "cut.snapshot").write_bytes(whole[:2000])
    code, out, err = run("watch", "cut.snapshot", "june.jsonl")
    assert (code, out) == (2, "")
    assert "damaged" in err
    pinned = f"[types]\nfail = 0.1\n[baseline]\nsnapshot = 'base.snapshot'\nsha256 = '{'0' * 64}'\n"
    (folder / "pin.toml").write_text(pinned)
    code, out, err = run("watch", "june.jsonl", "--thresholds", "pin.toml")
    assert (code, out) == (1, "")
    assert "pins 000" in err


def test_thresholds_that_are_shown_are_a_file_of_thresholds(run: Run, folder: Path) -> None:
    code, out, _ = run("watch", "--show-thresholds")
    assert code == 0
    (folder / "shown.toml").write_text(out)
    code, again, _ = run("watch", "--show-thresholds", "--thresholds", "shown.toml")
    assert (code, again) == (0, out)


def test_records_that_could_not_be_read_are_told(run: Run, folder: Path) -> None:
    (folder / "torn.jsonl").write_text((folder / "june.jsonl").read_text() + '{"text": "torn\n')
    code, out, err = run("watch", "may.jsonl", "torn.jsonl", "--json")
    assert code == 0
    assert json.loads(out)["snapshots"][1]["rejected"] == {"broken-line": 1}
    assert "torn.jsonl: 1 record could not be read (1 as broken-line)" in err
