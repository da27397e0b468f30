"""Training from texts to a detector in a file: what it says, what it refuses, and what it remembers of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from outcross.core.errors import BadInput, BadSetting, MissingInput, OutcrossError
from outcross.evidence import detect
from outcross.evidence.detector_file import read_detector, write_detector
from outcross.evidence.evaluation import evaluate
from outcross.evidence.trained import TrainedDetector, windows_of
from outcross.evidence.training import train
from tests.evidence.tiny import Constant, Letters, both, texts_of


@pytest.fixture(scope="module")
def trained() -> TrainedDetector:
    texts, labels = both(np.random.default_rng(0), 200, 0.3)
    return train(texts, labels, detector=Letters(), generators=["gpt"] * 400, seed=3)


def test_false_positives_are_bounded_on_new_texts(trained: TrainedDetector) -> None:
    human = texts_of(np.random.default_rng(1), 800, -0.3)
    called = [one.answer == "synthetic" for one in trained.decide(human)]
    assert np.mean(called) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 800)
    synthetic = texts_of(np.random.default_rng(2), 800, 0.3)
    assert np.mean([one.answer == "synthetic" for one in trained.decide(synthetic)]) > 0.5
    assert np.mean([one.answer == "cannot tell" for one in trained.decide(human)]) < 0.5


def test_probabilities_are_right_on_new_texts(trained: TrainedDetector) -> None:
    texts, labels = both(np.random.default_rng(5), 500, 0.3)
    found = evaluate(trained, texts, labels, generators=["human", "gpt"] * 500)
    assert found.overall.calibration_error.value is not None and found.overall.calibration_error.value < 0.08
    assert found.headline == trained.audit.headline
    assert [part.where for part in found.parts] == ["", "generator gpt", "100 to 199 words"]
    assert all(
        measure.low is not None and measure.value is not None and measure.low <= measure.value
        for measure in (found.overall.accuracy, found.overall.macro_f1, found.overall.brier, found.overall.abstained)
    )


def test_the_same_seed_gives_the_same_detector(trained: TrainedDetector) -> None:
    texts, labels = both(np.random.default_rng(0), 200, 0.3)
    again = train(texts, labels, detector=Letters(), generators=["gpt"] * 400, seed=3)
    assert (again.thresholds, again.calibration, again.record) == (
        trained.thresholds,
        trained.calibration,
        trained.record,
    )
    assert train(texts[2:], labels[2:], detector=Letters()).record.digest != trained.record.digest


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("the cat", "fewer than the 25"),
        ("猫" * 60, "has no score"),
        ("猫は今日も寝ている。a " * 100, "unlike"),
        ("qzx jvk! " * 100, "unlike"),
    ],
)
def test_it_says_why_it_cannot_tell(trained: TrainedDetector, text: str, reason: str) -> None:
    found = trained.decide([text], familiar=True)[0]
    assert found.answer == "cannot tell"
    assert reason in found.reason


def test_few_texts_of_no_known_domain_are_not_judged(trained: TrainedDetector) -> None:
    texts = texts_of(np.random.default_rng(1), 5, 0.3)
    assert {one.answer for one in trained.decide(texts)} == {"cannot tell"}
    assert "synthetic" in {one.answer for one in trained.decide(texts, familiar=True)}


def test_ten_megabytes_are_read_by_windows(trained: TrainedDetector) -> None:
    rng = np.random.default_rng(7)
    text = " ".join(texts_of(rng, 20, 0.3, words=5_000)) * 20
    assert len(text) > 8_000_000
    probability = trained.score([text, ""])
    assert probability[0] > 0.9
    assert np.isnan(probability[1])
    assert trained.decide([text], familiar=True)[0].answer == "synthetic"


def test_windows_cover_a_text_without_spaces() -> None:
    found = windows_of("猫" * 10_000, 100)
    assert len(found) == 12
    assert set(map(len, found)) == {800}


def test_a_detector_that_learns_nothing_says_nothing() -> None:
    texts, labels = both(np.random.default_rng(0), 100)
    trained = train(texts, labels, detector=Constant())
    assert trained.score(texts[:3]) == pytest.approx(0.5)
    assert {one.answer for one in trained.decide(texts)} == {"cannot tell"}


def test_groups_are_found_where_none_are_given() -> None:
    texts, labels = both(np.random.default_rng(0), 30)
    sources = [f"prompt {place // 2}" for place in range(60)]
    trained = train(texts, labels, sources=sources, detector=Letters())
    assert trained.record.groups == 30
    assert "the source ties 60 documents" in trained.record.notes[0]


@pytest.mark.parametrize(
    ("texts", "labels", "groups", "said"),
    [
        (["a"] * 12, ["human"] * 12, None, "are human"),
        (["a", "b", "c"], ["human", "ai", "ai"], None, "too few"),
        ([""] * 20, ["human", "ai"] * 10, None, "empty"),
        ([], [], None, "no text"),
        (["a", "b"], ["human", float("nan")], None, "label 2 is missing"),
        (["a", "b"], ["human"], None, "labels"),
        ("abc", ["human"] * 3, None, "not one text"),
        (["a", None], ["human", "ai"], None, "not None"),
        (list(map(str, range(20))), ["human", "ai"] * 10, ["h", "m"] * 10, "groups say which texts stay together"),
        (["the same"] * 20, ["human", "ai"] * 10, None, "all human texts are the same"),
    ],
)
def test_bad_input_is_one_clear_line(texts: Any, labels: Any, groups: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        train(texts, labels, groups=groups, detector=Letters())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("given", [{"alpha": 0.0}, {"alpha": 2}, {"folds": 1}, {"detector": 5}, {"detector": "no"}])
def test_bad_settings_are_refused(given: dict[str, Any]) -> None:
    texts, labels = both(np.random.default_rng(0), 10)
    with pytest.raises(OutcrossError):
        train(texts, labels, **given)


def test_a_file_gives_the_same_detector(tmp_path: Path) -> None:
    human = [f"well i was {'so ' * (place % 9)}late again number {place} lol" for place in range(30)]
    machine = [f"It is important to note the {'very ' * (place % 9)}case {place}." for place in range(30)]
    trained = train(human + machine, [0] * 30 + [1] * 30, domains=["a", "b"] * 30)
    path = trained.save(tmp_path / "new" / "a.npz")
    again = detect.load(path)
    assert np.array_equal(again.score(human), trained.score(human))
    for name in ("detector", "calibration", "thresholds", "audit", "evaluation", "record"):
        assert getattr(again, name) == getattr(trained, name)
    assert again.decide(human + machine) == trained.decide(human + machine)
    assert [one.name for one in path.parent.iterdir()] == ["a.npz"]


def test_what_is_no_detector_is_refused(tmp_path: Path) -> None:
    texts, labels = both(np.random.default_rng(0), 20)
    content = train(texts, labels).save(tmp_path / "a.npz").read_bytes()
    bad = {
        "cut": content[: len(content) // 2],
        "empty": b"",
        "text": b"no detector at all",
        "pickle": b"\x80\x04K\x01.",
    }
    for name, held in bad.items():
        (tmp_path / name).write_bytes(held)
        with pytest.raises(BadInput, match="no trained detector"):
            detect.load(tmp_path / name)
    np.savez(tmp_path / "other.npz", a=np.arange(3))
    with pytest.raises(BadInput, match="does not say its format"):
        detect.load(tmp_path / "other.npz")
    np.savez(tmp_path / "objects.npz", about=np.array([{}], dtype=object))
    with pytest.raises(BadInput, match="no trained detector"):
        detect.load(tmp_path / "objects.npz")
    with pytest.raises(MissingInput):
        detect.load(tmp_path / "missing.npz")
    with pytest.raises(BadInput):
        detect.load(tmp_path)


def test_a_changed_or_newer_file_is_refused(tmp_path: Path) -> None:
    texts, labels = both(np.random.default_rng(0), 20)
    path = train(texts, labels).save(tmp_path / "a.npz")
    with np.load(path) as held:
        arrays = dict(held)
    told = json.loads(arrays["about"].tobytes())
    for change, said in (({"format": 99}, "newer"), ({"detector": "masked"}, "damaged")):
        about = np.frombuffer(json.dumps({**told, **change}).encode(), dtype=np.uint8)
        np.savez(tmp_path / "b.npz", **{**arrays, "about": about})
        with pytest.raises(BadInput, match=said):
            detect.load(tmp_path / "b.npz")
    told, rest = read_detector(path)
    del told["format"], told["thresholds"]
    with pytest.raises(BadInput, match="cannot be read"):
        detect.load(write_detector(tmp_path / "c.npz", told, rest))


def test_alpha_is_a_setting_of_whoever_trains() -> None:
    with pytest.raises(BadSetting, match="alpha"):
        train(["a"], ["human"], alpha=float("nan"))
