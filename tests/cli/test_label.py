"""The command: texts stamped and registered, one's own outputs found, and what is refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from outcross import cli

Run = Callable[..., tuple[int, str, str]]
TEXT = "It is important to note that cat number {} sleeps a lot, day and night."


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process: exit code, stdout, stderr."""

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["outcross", "label", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.jsonl"
    rows = [{"text": TEXT.format(number), "prompt": f"Cat {number}?", "from": f"seed-{number}"} for number in range(12)]
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"text": None, "prompt": "", "from": None}]))
    return path


def test_texts_are_stamped_and_found_again(texts: Path, run: Run) -> None:
    out, register = texts.with_name("stamped.parquet"), texts.with_name("outputs.jsonl")
    words = ["--generator", "mine", "--license", "CC0-1.0", "--parents", "from", "--generation", 2]
    code, said, told = run(texts, *words, "--out", out, "--register", register)
    assert (code, said) == (0, "12 texts: synthetic, by mine\nrows without a text, and so without a label: 1\n")
    assert f"written: {out}; registered: {register}" in told
    first = pl.read_parquet(out).row(0, named=True)
    wanted = {"origin": "synthetic", "generation": 2, "generator": "mine", "license": "CC0-1.0", "parents": ["seed-0"]}
    assert wanted.items() <= first.items() and first["prompt"] == "Cat 0?"
    assert b"important" not in register.read_bytes()
    code, said, _ = run("--check", texts, "--register", register)
    assert code == 0 and said.startswith("12 of 12 texts (100.0 %) are your own outputs\n")
    assert "cat number 4 " in said and "cat number 5 " not in said


def test_json(texts: Path, run: Run) -> None:
    out, register = texts.with_name("stamped.csv"), texts.with_name("outputs.jsonl")
    _, said, _ = run(texts, "--generator", "mine", "--edited", "--out", out, "--register", register, "--json")
    assert json.loads(said) == {"out": str(out), "register": str(register), "texts": 12, "empty": 1}
    assert pl.read_csv(out)["origin"].to_list() == ["mixed"] * 12 + [None]
    found = texts.with_name("found.jsonl")
    _, said, _ = run(out, "--check", "--register", register, "--out", found, "--json")
    told = json.loads(said)
    assert (told["own"], told["share"], told["short"], told["generators"]) == (12, 1.0, 0, {"mine": 12})
    assert pl.read_ndjson(found)["own_output"].to_list() == [True] * 12 + [None]


def test_without_a_register_it_says_what_is_lost(texts: Path, run: Run) -> None:
    code, _, told = run(texts, "--generator", "mine", "--out", texts.with_name("stamped.jsonl"))
    assert code == 0 and "would be recognised later" in told


def test_a_torn_register_is_said(texts: Path, run: Run) -> None:
    register = texts.with_name("outputs.jsonl")
    run(texts, "--generator", "mine", "--out", texts.with_name("stamped.jsonl"), "--register", register)
    register.write_bytes(register.read_bytes()[:-20])
    code, said, told = run("--check", texts, "--register", register)
    assert code == 0 and said.startswith("11 of 12") and "note: outputs.jsonl: the last line has no end" in told


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--generator", "mine"], "--out FILE"),
        (["--out", "out.jsonl"], "--generator NAME"),
        (["--check"], "needs --register FILE"),
        (["--check", "--register", "none.jsonl"], "no file 'none.jsonl'"),
        (["--check", "--register", "texts.jsonl"], "no register of outputs"),
        (["--check", "--generator", "mine", "--register", "texts.jsonl"], "one or the other"),
        (["--generator", "mine", "--out", "out.txt"], "cannot write 'out.txt'"),
        (["--generator", "mine", "--out", "out.jsonl", "--generation", "0"], "from 1 on"),
        (["--generator", "mine", "--out", "out.jsonl", "--text", "texd"], "texd"),
        (["--generator", "mine", "--out", "out.jsonl", "--register", "texts.jsonl"], "no register of outputs"),
        (["--generator", "mine", "--out", "reg.jsonl", "--register", "reg.jsonl"], "is the register"),
    ],
)
def test_misuse_is_one_line(texts: Path, run: Run, words: list[str], why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(texts.parent)
    code, said, told = run("texts.jsonl", *words)
    assert (code, said) == (2, "") and why in told and told.count("\n") == 1
    assert sorted(path.name for path in texts.parent.iterdir()) == ["texts.jsonl"]


def test_human_texts_are_refused(texts: Path, run: Run) -> None:
    texts.write_text(json.dumps({"text": "My own words.", "origin": "human"}) + "\n")
    code, _, told = run(texts, "--generator", "mine", "--out", texts.with_name("stamped.jsonl"))
    assert code == 2 and "record 1 says that it is human" in told
