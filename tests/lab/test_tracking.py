"""A history on its way to trackers: which runs it makes, and what happens where a tracker does not take them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

import numpy as np
import pytest

from outcross.core.errors import MissingLibrary, OutputRefused, UnknownPart
from outcross.core.measure import Measure
from outcross.core.tracker import TrackedRun, Tracker
from outcross.lab.chain import Chain
from outcross.lab.history import History
from outcross.lab.tracking import EACH, tracked_runs


@final
@dataclass(frozen=True)
class Memory(Tracker):
    """Keeps what it is sent; or has no library, or fails."""

    fault: str = ""
    got: list[tuple[str, Sequence[TrackedRun]]] = field(default_factory=list, compare=False)

    def __post_init__(self) -> None:
        pass

    def ready(self) -> None:
        if self.fault == "library":
            raise MissingLibrary("memory needs a library")

    def send(self, group: str, runs: Sequence[TrackedRun]) -> None:
        if self.fault:
            raise ConnectionError(f"{self.fault}\nand so on")
        self.got.append((group, runs))


def history(replicates: int = 3, **more: Any) -> History:
    chain = Chain("gaussian", "normal", ["replace", "anchor(real=0.1)"], ["std", "wasserstein"], 10, **more)
    return chain.run(4, replicates, engine="serial")


def test_a_run_for_each_policy_and_for_each_replicate() -> None:
    found = history()
    runs = {run.name: run for run in tracked_runs(found)}
    assert list(runs) == [f"{policy}{number}" for policy in found.policies for number in ("", " 0", " 1", " 2")]
    values = found.values("replace", "std")
    assert [runs["replace 2"].steps[t]["std"] for t in range(5)] == values[2].tolist()
    assert runs["replace 2"].parent == "replace"
    assert runs["replace 2"].settings["replicate"] == 2
    assert runs["replace 2"].settings["policy"] == "replace"
    assert runs["replace 2"].settings["sample_size"] == 10
    mean = Measure.mean_of(values[:, 4])
    last = runs["replace"].steps[4]
    assert (last["std"], last["std/low"], last["std/high"]) == (mean.value, mean.low, mean.high)


def test_the_settings_are_plain_data() -> None:
    for run in tracked_runs(history()):
        assert json.loads(json.dumps(run.settings)) == run.settings


def test_of_many_replicates_only_the_mean_is_sent() -> None:
    assert [run.name for run in tracked_runs(history(EACH + 1))] == ["replace", "anchor(real=0.1)"]
    assert len(tracked_runs(history(EACH))) == 2 * (EACH + 1)


def test_one_replicate_is_its_own_mean() -> None:
    (run, _) = tracked_runs(history(1))
    assert set(run.steps[2]) == {"std", "wasserstein"}, "one replicate has no interval"


def test_what_is_missing_is_not_sent() -> None:
    found = history()
    outcome = found.outcomes["replace"]
    outcome.values["std"][1, 2] = np.nan
    outcome.values["std"][:, 3] = np.nan
    outcome.reasons["std"] = "no spread"
    outcome.ends = np.array([4, 3, 4])
    runs = {run.name: run for run in tracked_runs(found)}
    assert "std" not in runs["replace 1"].steps[2]
    assert "wasserstein" in runs["replace 1"].steps[2]
    assert sorted(runs["replace 1"].steps) == [0, 1, 2, 3], "it stopped at generation 3"
    assert runs["replace"].steps[2]["std"] == np.nanmean(outcome.values["std"][:, 2])
    assert "std" not in runs["replace"].steps[3]
    assert runs["replace"].steps[4] == {}, "a mean over survivors is no mean"


def test_parts_of_a_metric_are_gathered_under_its_name() -> None:
    found = history()
    outcome = found.outcomes["replace"]
    outcome.values["prdc@recall"] = outcome.values.pop("std")
    (run, *_) = tracked_runs(found)
    assert {"prdc/recall", "prdc/recall/low", "prdc/recall/high"} < set(run.steps[1])


def test_where_one_fails_the_others_get_theirs() -> None:
    one, other = Memory(), Memory()
    with pytest.raises(OutputRefused, match=r"^memory.*did not take the history: no route$"):
        history().track(one, Memory("no route"), other, name="mine")
    assert one.got == other.got
    assert one.got[0][0] == "mine"


def test_a_missing_library_is_said_before_anything_is_sent() -> None:
    one = Memory()
    with pytest.raises(MissingLibrary):
        history().track(one, Memory("library"))
    assert one.got == []


def test_an_unknown_tracker() -> None:
    with pytest.raises(UnknownPart, match="did you mean 'mlflow'"):
        history().track("mlfow")


STUB = """
class Settings:
    def __init__(self, **given): pass
def init(**given):
    raise RuntimeError("no route to the board")
"""


def run(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    (folder / "libraries").mkdir(exist_ok=True)
    (folder / "libraries" / "wandb.py").write_text(STUB)
    (folder / "libraries" / "mlflow.py").write_text("raise ImportError('not here')")
    words = ["run", "--data", "normal", "--model", "gaussian", "--generations", "2", "--replicates", "3", *more]
    return subprocess.run(
        [sys.executable, "-c", "from outcross.cli import main; main()", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "libraries")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_tracker_that_fails_does_not_lose_the_history(tmp_path: Path) -> None:
    done = run(tmp_path, "--out", "mine", "--json", "--track", "wandb(mode=offline)")
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("outcross:")]
    assert "wandb(mode=offline) did not take the history: no route to the board" in line
    assert "kept in mine" in line
    assert "--resume" in line
    assert json.loads(done.stdout)["summary"]
    assert History.load(tmp_path / "mine").policies
    assert (tmp_path / "mine" / "index.html").is_file()


def test_a_missing_library_is_said_before_the_run(tmp_path: Path) -> None:
    done = run(tmp_path, "--out", "mine", "--track", "mlflow")
    assert done.returncode == 2
    assert "pip install 'outcross[track]'" in done.stderr
    assert not (tmp_path / "mine").exists()
