"""What every tracker promises: what is sent is there, under names that can be found again; nothing else is touched."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from outcross.core.errors import MissingLibrary
from outcross.core.part import build, parts, words
from outcross.core.tracker import Tracker
from tests.trackers.boards import LIBRARIES, WORDS, board, need, python

TRACKERS = pytest.mark.parametrize("name", parts("tracker"))

SEND = """
from outcross.core.part import build
from outcross.core.tracker import TrackedRun
settings = {{"policy": "replace", "metric": ["std", "distinct(n=2)"], "group": None, "exact": True}}
mean = TrackedRun("anchor(real=0.1)", {{0: {{"std": 1.0}}, 1: {{"std": 0.5, "std/low": 0.25, "distinct(n=2)": 2.0}}}},
                  settings)
one = TrackedRun("anchor(real=0.1) 0", {{0: {{"std": 1.0}}, 2: {{"std": -0.125, "kl": float("inf")}}}},
                 settings | {{"replicate": 0}}, parent=mean.name)
build("tracker", {words!r}).send("a run", [mean, one])
"""


def tracker(name: str) -> Tracker:
    built = build("tracker", name)
    assert isinstance(built, Tracker)
    return built


@TRACKERS
def test_its_words_build_it(name: str) -> None:
    assert build("tracker", words(tracker(name))) == tracker(name)


@TRACKERS
def test_a_missing_library_is_refused_by_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for library in LIBRARIES[name]:
        monkeypatch.setitem(sys.modules, library, None)  # type: ignore[arg-type]
    with pytest.raises(MissingLibrary, match=rf"{name} needs .* pip install 'outcross\[track\]'"):
        tracker(name).ready()
    with pytest.raises(MissingLibrary):
        tracker(name).send("a run", [])


def test_no_library_is_imported_before_something_is_sent(tmp_path: Path) -> None:
    libraries = sorted(library for needed in LIBRARIES.values() for library in needed)
    built = "".join(f"outcross.build('tracker', {name!r})\n" for name in parts("tracker"))
    assert python(f"import sys, outcross\n{built}print(*set({libraries}) & set(sys.modules))", tmp_path) == "\n"


@TRACKERS
def test_what_is_sent_is_there(name: str, tmp_path: Path) -> None:
    need(name)
    said = python(SEND.format(words=WORDS[name]), tmp_path)
    assert said == "", "standard output is for results"
    found = board(name, tmp_path)
    assert set(found) == {"anchor(real=0.1)", "anchor(real=0.1) 0"}
    mean, one = found["anchor(real=0.1)"], found["anchor(real=0.1) 0"]
    assert mean["group"] == one["group"] == "a run"
    assert {step: values["std"] for step, values in mean["steps"].items()} == {0: 1.0, 1: 0.5}
    assert mean["steps"][1]["std/low"] == 0.25
    assert sorted(mean["steps"][1].values()) == [0.25, 0.5, 2.0]
    assert one["steps"][0] == {"std": 1.0}
    assert sorted(one["steps"]) == [0, 2], "what is missing is not sent"
    assert one["steps"][2]["std"] == -0.125
    assert float(one["steps"][2]["kl"]) > 1e308
    assert str(mean["settings"]["metric"]) == "['std', 'distinct(n=2)']"
    assert str(one["settings"]["replicate"]) == "0"
