"""`outcross reproduce`: the catalogue, plans to vary, and published beside ours."""

import json
from pathlib import Path

import pytest

from tests.cli.test_cli import outcross, refused


def test_the_catalogue() -> None:
    for words in ([], ["list"]):
        result = outcross("reproduce", *words)
        assert result.returncode == 0, result.stderr
        assert "nature-lm" in result.stdout
    found = json.loads(outcross("reproduce", "list", "--json").stdout)
    assert {one["name"] for one in found} >= {"gaussian", "regression"}
    assert all(one["scales"]["small"]["differs"] for one in found)


def test_a_plan_is_shown_varied_and_run(tmp_path: Path) -> None:
    shown = outcross("reproduce", "gaussian", "--show")
    assert shown.returncode == 0, shown.stderr
    assert "Shumailov" in shown.stdout
    mine = tmp_path / "mine.toml"
    mine.write_text(shown.stdout.replace("sample_size = 100", "sample_size = 50"))
    result = outcross("run", mine, "--replicates", "10", "--out", tmp_path / "run", "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["facts"]["sample_size"] == 50
    one = outcross("reproduce", "gaussian", "--only", "n1000", "--show", "--json")
    assert [plan["sample_size"] for plan in json.loads(one.stdout)["plans"].values()] == [1000]


def test_published_beside_ours(tmp_path: Path) -> None:
    words = ["reproduce", "poisson-survival", "--engine", "serial", "--out", tmp_path / "run"]
    result = outcross(*words)
    assert result.returncode == 0, result.stderr
    assert "What differs from the paper" in result.stdout
    assert "inside our interval" in result.stdout
    assert "page: file:" in result.stderr
    refused(outcross(*words), "--resume")
    again = outcross(*words, "--resume", "--json")
    found = json.loads(again.stdout)
    assert found["comparisons"][0]["rows"][0]["ratio"] == pytest.approx(1, abs=0.1)
    assert Path(found["page"]).is_file()


@pytest.mark.parametrize(
    ("words", "pieces"),
    [
        (["gausian"], ["did you mean 'gaussian'"]),
        (["gaussian", "--scale", "tiny"], ["small and full"]),
        (["gaussian", "--only", "n10"], ["did you mean 'n100'"]),
        (["gaussian", "--data", "mine.txt"], ["population normal"]),
        (["gaussian", "--out", "."], ["not empty"]),
    ],
)
def test_bad_input(tmp_path: Path, words: list[str], pieces: list[str]) -> None:
    (tmp_path / "thesis.txt").write_text("dear")
    refused(outcross("reproduce", *words, cwd=tmp_path), *pieces)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
