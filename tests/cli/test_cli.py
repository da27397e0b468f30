"""The command line: stdout is data, stderr is talk, exit 2 is one clear line."""

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

SMALL = ["--generations", "2", "--replicates", "3", "--seed", "1"]


def outcross(
    *words: str | Path, cwd: Path | None = None, prepare: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from outcross.cli import main; main()", *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, preexec_fn=prepare)


def refused(result: subprocess.CompletedProcess[str], *pieces: str) -> None:
    """One clear line on stderr, nothing on stdout, exit 2."""
    assert result.returncode == 2, result
    lines = [line for line in result.stderr.splitlines() if line.startswith("outcross:")]
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    for piece in pieces:
        assert piece in lines[0]
    assert result.stdout == ""


def gaussian(tmp_path: Path, *more: str | Path) -> list[str | Path]:
    return ["run", "--data", "normal", "--model", "gaussian", "--out", tmp_path / "run", *SMALL, *more]


def test_run_writes_a_page_and_prints_data(tmp_path: Path) -> None:
    result = outcross(*gaussian(tmp_path, "--policy", "replace", "--policy", "accumulate", "--json"))
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["plan"]["policy"] == ["replace", "accumulate"]
    assert {row["policy"] for row in found["summary"]} == {"replace", "accumulate"}
    assert {verdict["definition"] for verdict in found["verdicts"]} >= {"variance_collapse", "tail_loss"}
    assert "<html" in Path(found["page"]).read_text()
    assert "exact" in result.stderr or "sampled" in result.stderr


def test_run_prints_tables_for_people(tmp_path: Path) -> None:
    result = outcross(*gaussian(tmp_path))
    assert result.returncode == 0, result.stderr
    assert "variance" in result.stdout
    assert "Verdicts" in result.stdout


def test_a_plan_and_the_command_that_spells_it(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('data = "normal"\nmodel = "gaussian"\npolicy = "replace"\ngenerations = 2\nreplicates = 3\n')
    one = outcross("run", plan, "--out", tmp_path / "a", "--seed", "5", "--json")
    assert one.returncode == 0, one.stderr
    two = outcross("run", tmp_path / "a" / "plan.toml", "--out", tmp_path / "b", "--json")
    assert json.loads(one.stdout)["summary"] == json.loads(two.stdout)["summary"]


def test_resume_and_overwriting(tmp_path: Path) -> None:
    assert outcross(*gaussian(tmp_path)).returncode == 0
    before = (tmp_path / "run" / "history.parquet").read_bytes()
    refused(outcross(*gaussian(tmp_path)), "--resume")
    refused(outcross(*gaussian(tmp_path, "--policy", "anchor(real=0.5)", "--resume")), "another plan")
    assert outcross(*gaussian(tmp_path, "--resume")).returncode == 0
    assert (tmp_path / "run" / "history.parquet").read_bytes() == before


def test_report_again_with_charts(tmp_path: Path) -> None:
    assert outcross(*gaussian(tmp_path)).returncode == 0
    result = outcross("report", tmp_path / "run", "--charts", tmp_path / "charts", "--json")
    assert result.returncode == 0, result.stderr
    files = json.loads(result.stdout)["charts"]
    assert {Path(file).suffix for file in files} == {".svg", ".png"}
    assert all(Path(file).stat().st_size > 1000 for file in files)


@pytest.mark.parametrize("kind", ["models", "policies", "metrics", "populations", "engines", "verdicts", "policy"])
def test_list(kind: str) -> None:
    assert outcross("list", kind).returncode == 0
    found = json.loads(outcross("list", kind, "--json").stdout)
    assert all(one["name"] and one["about"] for one in found)


def test_show() -> None:
    result = outcross("show", "anchor")
    assert "anchor(real=0.5)" in result.stdout
    assert "Nature" in result.stdout
    found = json.loads(outcross("show", "wasserstein", "--json").stdout)
    assert found[0]["definition"]


@pytest.mark.parametrize(
    ("words", "pieces"),
    [
        (["run", "--data", "nowhere.jsonl"], ["nowhere.jsonl"]),
        (["run", "--data", "empty.txt"], ["empty.txt"]),
        (["run", "--data", "broken.jsonl"], ["broken.jsonl", "3"]),
        (["run", "--data", "good.jsonl", "--text", "boby"], ["boby", "did you mean 'body'"]),
        (["run", "--data", "numbers.csv", "--model", "gaussian", "--columns", "z"], ["z"]),
        (["run", "--policy", "acumulate"], ["did you mean 'accumulate'"]),
        (["run", "--model", "ngrm"], ["did you mean 'ngram'"]),
        (["run", "--metric", "perplexitty"], ["did you mean 'perplexity'"]),
        (["run", "--policy", "anchor(real=2)"], ["anchor: real must be in [0, 1], not 2"]),
        (["run", "--policy", "anchor(reel=0.2)"], ["did you mean 'real'"]),
        (["run", "--model", "ngram(order=0)"], ["order must be"]),
        (["run", "--generations", "-1"], ["generations must be a whole number >= 0"]),
        (["run", "--replicates", "0"], ["replicates"]),
        (["run", "--heldout", "1"], ["heldout"]),
        (["run", "--until", "nonsense"], ["cannot read the condition"]),
        (["run", "--engine", "warp"], ["no engine is called 'warp'"]),
        (["run", "--data", "normal", "--model", "gaussian", "--policy", "subsample", "--exact"], ["path is not open"]),
        (["run", "--data", "normal"], ["ngram"]),
        (["run", "missing.toml"], ["there is no plan 'missing.toml'"]),
        (["run", "bad.toml"], ["not TOML"]),
        (["run", "--out", "taken"], ["is not a run folder"]),
        (["report", "taken"], ["no finished run"]),
        (["list", "polices"], ["did you mean 'policies'"]),
        (["show", "anchr"], ["did you mean 'anchor'"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_bad_input(tmp_path: Path, words: list[str], pieces: list[str]) -> None:
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "broken.jsonl").write_text('{"text": "a b"}\n{"text": "c d"}\n{"text": "e\n{"text": "f"}\n')
    (tmp_path / "good.jsonl").write_text('{"body": "a b"}\n{"body": "c d"}\n{"body": "e f"}\n')
    (tmp_path / "numbers.csv").write_text("x,y\n1,2\n3,4\n5,6\n")
    (tmp_path / "bad.toml").write_text("policy = [")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("dear")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    refused(outcross(*words, cwd=tmp_path), *pieces)
    assert {path: path.read_bytes() for path in before} == before


def test_a_full_disk(tmp_path: Path) -> None:
    """Every file is refused beyond a few kilobytes: one clear line, and the run can go on afterwards."""

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))

    words = ["run", "--model", "ngram(order=2)", "--limit", "200", "--out", str(tmp_path / "run"), *SMALL]
    refused(outcross(*words, "--engine", "serial", prepare=small_files), "cannot write")
    assert not (tmp_path / "run" / "history.parquet").exists()
    assert outcross(*words, "--resume").returncode == 0


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz", "jsonl.zst", "parquet", "csv"])
def test_files_of_texts(tmp_path: Path, suffix: str) -> None:
    import gzip

    texts = [
        f"the {animal} sat on the {place} and saw the {thing}"
        for animal in ("cat", "dog", "cow")
        for place in ("mat", "hill", "roof")
        for thing in ("sun", "moon", "sea")
    ]
    path = tmp_path / f"corpus.{suffix}"
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    if suffix == "parquet":
        pl.DataFrame({"text": texts}).write_parquet(path)
    elif suffix == "csv":
        pl.DataFrame({"text": texts}).write_csv(path)
    elif suffix.endswith("gz"):
        path.write_bytes(gzip.compress(lines))
    elif suffix.endswith("zst"):
        from outcross.corpus.files import zstd

        path.write_bytes(zstd.compress(lines))
    else:
        path.write_bytes(lines)
    result = outcross("run", "--data", path, "--out", tmp_path / "run", "--engine", "serial", "--json", *SMALL)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["facts"]["records"] > 10


def test_version_and_help() -> None:
    assert outcross("--version").stdout.strip() == "0.1.0"
    for command in ("run", "attribute", "report", "list", "show"):
        assert "--json" in outcross(command, "--help").stdout
