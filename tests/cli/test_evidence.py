"""Detectors, shares and studies at the command line: what a user types, on small tables made here and on real ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import outcross as oc
from outcross import cli

Run = Callable[..., tuple[int, str, str]]

PLAIN = "we were then so late that my old dog had gone off and i sat down to cry about it all by the gate"
FORMAL = "it is important to note that various crucial aspects underscore pivotal insights and foster growth"
SHARED = "the house of a friend near some river with two trees and one boat"


def texts(n: int, seed: int) -> list[dict[str, Any]]:
    """As many human as synthetic texts of 60 to 80 words, from word lists that overlap in a third of the words."""
    rng = np.random.default_rng(seed)
    rows = []
    for place in range(n):
        label = ("human", "synthetic")[place % 2]
        words = rng.choice(f"{(PLAIN, FORMAL)[place % 2]} {SHARED}".split(), size=rng.integers(60, 81))
        rows.append({"id": place, "text": " ".join(words) + ".", "label": label, "pair": f"{seed}-{place // 2}"})
    return rows


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in this process: exit code, stdout, stderr."""

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["outcross", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return call


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Known texts, a target that is three tenths synthetic, and a trained detector."""
    here = tmp_path_factory.mktemp("evidence")
    pl.DataFrame(texts(240, 0)).write_ndjson(here / "known.jsonl")
    other = texts(400, 1)
    human = [row for row in other if row["label"] == "human"][:140]
    machine = [row for row in other if row["label"] == "synthetic"][:60]
    target = pl.DataFrame(human + machine).sample(fraction=1.0, shuffle=True, seed=1)
    target.write_csv(here / "target.csv")
    known = oc.read_documents(here / "known.jsonl", oc.Columns(label="label", group="pair")).labelled()
    oc.detect.train(known.documents, known.synthetic, groups=known.groups).save(here / "detector.npz")
    return here


def test_training_says_the_shortcuts_first(folder: Path, run: Run) -> None:
    code, out, err = run("detect", "train", folder / "known.jsonl", "--group", "pair", "--out", folder / "again.npz")
    assert code == 0
    assert out.startswith(("Shortcut:", "No shortcut explains the score"))
    assert "written: " in err and "false" not in out.split("\n")[0]
    code, out, _ = run("detect", "train", folder / "known.jsonl", "--out", folder / "again.npz", "--json")
    told = json.loads(out)
    assert (code, told["record"]["human"], told["record"]["synthetic"]) == (0, 120, 120)
    assert told["evaluation"]["parts"][0]["auc"]["value"] > 0.95


def test_a_folder_is_scored_in_parts(folder: Path, run: Run, tmp_path: Path) -> None:
    """Summed up by a column; the same command again changes nothing; a table of the same answers."""
    words = ("detect", "score", folder / "detector.npz", folder / "target.csv", "--out", tmp_path / "answers")
    code, said, err = run(*words, "--by", "label", "--engine", "serial")
    assert code == 0 and "by label" in said and "200 texts" in said and "written" in err
    code, again, _ = run(*words, "--by", "label", "--engine", "serial", "--json")
    told = json.loads(again)["summary"]
    assert code == 0 and told == json.loads((tmp_path / "answers" / "summary.json").read_text())
    assert {name: one["texts"] for name, one in told["by"]["label"].items()} == {"human": 140, "synthetic": 60}
    run("detect", "score", folder / "detector.npz", folder / "target.csv", "--out", tmp_path / "answers.parquet")
    table = pl.read_parquet(tmp_path / "answers.parquet")
    parts = pl.read_parquet(tmp_path / "answers" / "*.parquet")
    assert parts["synthetic_answer"].equals(table["synthetic_answer"])
    code, _, err = run(*words, "--by", "labels", "--engine", "serial")
    assert code == 2 and "begun with other by" in err


def test_work_in_parts_needs_a_folder(folder: Path, run: Run, tmp_path: Path) -> None:
    words = ("detect", "score", folder / "detector.npz", folder / "target.csv")
    code, _, err = run(*words, "--engine", "ray")
    assert code == 2 and "name a folder" in err
    code, _, err = run(*words, "--by", "lable", "--out", tmp_path / "answers")
    assert code == 2 and "'lable'; did you mean 'label'" in err and not (tmp_path / "answers").exists()


def test_scores_are_written_beside_the_rows(folder: Path, run: Run) -> None:
    out = folder / "scored.parquet"
    code, said, _ = run("detect", "score", folder / "detector.npz", folder / "target.csv", "--out", out, "--json")
    tally = json.loads(said)
    frame = pl.read_parquet(out)
    assert (code, tally["texts"], frame.height) == (0, 200, 200)
    assert frame.columns[:4] == ["id", "text", "label", "pair"]
    answers = dict(frame["synthetic_answer"].value_counts().iter_rows())
    assert answers == tally["answers"]
    called = frame.filter(pl.col("synthetic_answer") == "synthetic")["label"]
    assert (called == "synthetic").mean() > 0.9
    assert frame["synthetic_probability"].is_between(0, 1).all()


def test_a_detector_is_judged(folder: Path, run: Run) -> None:
    code, said, _ = run("detect", "evaluate", folder / "detector.npz", folder / "target.csv", "--json")
    assert code == 0
    overall = json.loads(said)["parts"][0]
    assert (overall["human"], overall["synthetic"]) == (140, 60)
    assert overall["false_positives"]["high"] < 0.1
    code, said, _ = run("detect", "evaluate", folder / "detector.npz", folder / "target.csv")
    assert "macro-F1" in said


@pytest.mark.parametrize("given", ["references", "two tables"])
def test_the_share_is_in_its_interval(folder: Path, run: Run, given: str) -> None:
    known = pl.read_ndjson(folder / "known.jsonl")
    words: list[object] = ["--references", folder / "known.jsonl", "--label", "label"]
    if given == "two tables":
        for label in ("human", "synthetic"):
            known.filter(pl.col("label") == label).write_parquet(folder / f"{label}.parquet")
        words = ["--human", folder / "human.parquet", "--synthetic", folder / "synthetic.parquet"]
    code, said, _ = run("prevalence", folder / "target.csv", *words, "--json")
    found = json.loads(said)
    assert code == 0, said
    assert found["low"] <= 0.3 <= found["high"]
    assert found["high"] - found["low"] < 0.25
    assert {"probabilistic_adjusted_count", "em"} <= set(found["by_method"])
    code, said, _ = run("prevalence", folder / "target.csv", *words)
    assert "of 200 texts are synthetic" in said


def test_labels_are_used(folder: Path, run: Run) -> None:
    pl.read_csv(folder / "target.csv").sample(80, seed=3).write_csv(folder / "labelled.csv")
    words = ("--labelled", folder / "labelled.csv", "--references", folder / "known.jsonl", "--label", "label")
    code, said, _ = run("prevalence", folder / "target.csv", *words, "--json")
    found = json.loads(said)
    assert (code, found["method"]) == (0, "ppi")
    assert (
        found["low"] - 0.01 <= 0.3 <= found["high"] + 0.01
    )  # the texts are told apart so well that little is left open


def test_without_references_it_cannot_tell(folder: Path, run: Run) -> None:
    code, said, _ = run("prevalence", folder / "target.csv", "--detector", folder / "detector.npz")
    assert code == 3
    assert "cannot tell" in said and "label 100" in said


def test_a_large_target_is_sampled(folder: Path, run: Run) -> None:
    words = ("--references", folder / "known.jsonl", "--label", "label", "--at-most", 100, "--json")
    code, said, err = run("prevalence", folder / "target.csv", *words)
    found = json.loads(said)
    assert (code, found["texts"], found["n"]) == (0, 200, 100)
    assert "a random sample of 100 of 200 texts" in err


BAD = {
    "one class": '{"text": "a b c", "label": "human"}\n' * 9,
    "three texts": "".join(f'{{"text": "text {k}", "label": {k % 2}}}\n' for k in range(3)),
    "empty texts": '{"text": "", "label": 0}\n' * 9,
    "labels that say nothing": '{"text": "a", "label": "cat"}\n' * 9,
    "no label": '{"text": "a", "label": null}\n' * 9,
    "a list": '{"text": ["a"], "label": 0}\n',
    "no such column": '{"txt": "a", "label": 0}\n',
    "half a line": '{"text": "a", "lab',
    "nothing": "",
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_exit_2(case: str, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(BAD[case])
    code, out, err = run("detect", "train", path, "--out", tmp_path / "d.npz")
    assert (code, out) == (2, "")
    assert [line for line in err.splitlines() if line.startswith("outcross: ")] == err.strip().splitlines()[-1:]
    assert not (tmp_path / "d.npz").exists()


def test_nothing_that_was_given_is_written_over(folder: Path, run: Run) -> None:
    known = folder / "known.jsonl"
    before = known.read_bytes()
    code, _, err = run("detect", "train", known, "--out", known)
    assert code == 2 and "ends in .npz" in err
    assert known.read_bytes() == before


def test_a_column_that_is_not_there_is_one_line_with_out_too(folder: Path, tmp_path: Path, run: Run) -> None:
    out = tmp_path / "scored.csv"
    code, _, err = run("detect", "score", folder / "detector.npz", folder / "target.csv", "--text", "no", "--out", out)
    assert code == 2 and err.splitlines()[-1].startswith("outcross: target.csv: no column 'no'")
    assert not out.exists()


def test_references_of_one_origin_are_not_enough(folder: Path, run: Run) -> None:
    code, _, err = run("prevalence", folder / "target.csv", "--human", folder / "known.jsonl")
    assert code == 2 and "--human and --synthetic are given together" in err


def test_a_file_that_is_no_detector_is_refused(folder: Path, run: Run) -> None:
    code, _, err = run("detect", "score", folder / "target.csv", folder / "target.csv")
    assert code == 2 and err.count("\n") == 1
    code, _, err = run("detect", "score", folder / "none.npz", folder / "target.csv")
    assert code == 2 and "no file" in err


def crowd(shared: Path) -> list[object]:
    """The crowd-work study as one command."""
    data = shared / "data" / "crowd"
    return [
        "study",
        data / "Batch_5083843_batch_results.csv",
        *("--known", data / "base.json", "--label", "labels", "--group", "HITId"),
        *("--source", f"{data / 'qids.csv'}:question"),
    ]


def test_the_crowd_study_from_raw_logs_to_page(shared: Path, tmp_path: Path, run: Run) -> None:
    """What reading the logs gives (33 %) is inside the interval, what a naive classifier gives (74 %) is not; no typed
    answer is called synthetic; the shortcut is said first.
    """
    code, said, _ = run(*crowd(shared), "--out", tmp_path, "--draws", 300, "--json")
    found = json.loads(said)
    assert code == 0
    for name in ("by_text", "by_both"):
        assert found[name]["low"] <= 1 / 3 <= found[name]["high"] < 0.74
    assert found["table"]["typed"]["synthetic"] == 0
    assert sum(found["table"]["pasted from elsewhere"].values()) == 19
    assert found["audit"][0].startswith("Shortcut: length alone")
    page = (tmp_path / "index.html").read_text()
    assert "Shortcut: length alone" in page and "0.977 / 0.973" in page
    workers = pl.read_csv(crowd(shared)[1])["WorkerId"].cast(pl.String).to_list()
    assert not [worker for worker in workers if worker in page]


def test_a_target_needs_no_groups_of_its_own(folder: Path, run: Run) -> None:
    pl.read_csv(folder / "target.csv").select("text").write_csv(folder / "bare.csv")
    words = ("--references", folder / "known.jsonl", "--label", "label", "--group", "pair", "--json")
    code, said, err = run("prevalence", folder / "bare.csv", *words)
    assert code == 0 and json.loads(said)["low"] <= 0.3 <= json.loads(said)["high"]
    assert "bare.csv has no column 'pair': each of its texts stands for itself" in err
    code, _, err = run("prevalence", folder / "target.csv", *words[:4], "--group", "pear")
    assert code == 2 and "did you mean 'pair'" in err
    pl.read_csv(folder / "target.csv").select("text", "label").head(60).write_csv(folder / "some.csv")
    code, said, _ = run("prevalence", folder / "bare.csv", "--labelled", folder / "some.csv", *words)
    assert (code, json.loads(said)["method"]) == (0, "ppi")


def test_references_are_given_in_one_way(folder: Path, run: Run) -> None:
    known = folder / "known.jsonl"
    code, _, err = run("prevalence", known, "--references", known, "--human", known, "--synthetic", known)
    assert code == 2 and "in place of the two" in err


def test_two_tables_keep_their_groups(folder: Path, run: Run) -> None:
    known = pl.read_ndjson(folder / "known.jsonl")
    for label in ("human", "synthetic"):
        known.filter(pl.col("label") == label).write_parquet(folder / f"{label}.parquet")
    tables = ("--human", folder / "human.parquet", "--synthetic", folder / "synthetic.parquet")
    one = run("prevalence", folder / "target.csv", *tables, "--group", "pair", "--json")
    other = run("prevalence", folder / "target.csv", *tables, "--json")
    assert one[0] == other[0] == 0
    assert json.loads(one[1])["low"] <= 0.3 <= json.loads(one[1])["high"]
    assert json.loads(one[1]) != json.loads(other[1])
