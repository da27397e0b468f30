"""Forecasts at the command line: what is printed, the page, and one clear line where it cannot be done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from outcross import cli

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(name="corpus", scope="module")
def _corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("forecast") / "cats.jsonl"
    rows = [
        {"body": f"cat {i} sat on mat {i % 7} and saw cat {i * i}", "kind": "few" if i % 9 == 0 else "many"}
        for i in range(90)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


@pytest.fixture(name="run")
def _run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["outcross", "forecast", *map(str, words)])
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capfd.readouterr()

    return run


def test_it_says_what_is_left_and_what_would_keep_it(run: Run, corpus: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    given = ("--field", "text=body", "--group", "kind", "--generations", 2, "--html", page)
    code, out, talk = run(corpus, *given, "--synthetic-share", 0.5)
    assert code == 0 and "left under anchor(real=0.5)" in out and "group_share@few" in out
    assert "new human records a generation" in out and page.exists() and "page:" in talk


def test_json_is_the_forecast(run: Run, corpus: Path) -> None:
    code, out, _ = run(corpus, "--field", "text=body", "--generations", 2, "--no-inverse", "--json")
    found = json.loads(out)
    assert code == 0 and found["policy"] == "replace" and found["generations"] == [0, 1, 2]
    assert found["left"]["types"][0]["value"] == 1.0 and found["least_human"]["reason"] == "not asked"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--policy", "replace", "--synthetic-share", "0.5"), "name a policy, or a synthetic share"),
        (("--policy", "anchor(real=2)"), "real"),
        (("--field", "text"), "FIELD=COLUMN"),
    ],
)
def test_misuse_is_one_line(run: Run, corpus: Path, words: tuple[str, ...], sentence: str) -> None:
    code, out, talk = run(corpus, *words)
    assert code == 2 and out == "" and sentence in talk and len(talk.strip().splitlines()) == 1


def test_nothing_is_not_forecast(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    assert run(tmp_path / "empty.jsonl")[0] == 2
    assert run(tmp_path / "missing.jsonl")[0] == 2
