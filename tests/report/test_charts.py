"""Charts for papers: one file a metric, with intervals and theory; and what both kinds of chart stand on."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from outcross.core.errors import BadSetting
from outcross.lab.history import History
from outcross.lab.trial import Outcome
from outcross.report.charts import chart, save_charts
from outcross.report.drawing import draw
from outcross.report.palette import DARK, LIGHT, SHAPES
from outcross.report.panels import panels
from outcross.report.scale import Scale, scale_for
from tests.report import samples


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    samples.settle(monkeypatch)


@pytest.fixture(name="history")
def _history() -> History:
    return samples.history(replicates=5)


def rows(drawn: Any) -> list[dict[str, Any]]:
    """The data inside a specification."""
    (found,) = drawn.to_dict()["datasets"].values()
    return list(found)


def test_every_metric_has_its_files(history: History, tmp_path: Path) -> None:
    kept = {"variance": 1, "perplexity_tails": 2, "perplexity_histogram": 8}
    few = {
        policy: Outcome({name: values for name, values in outcome.values.items() if name.partition("@")[0] in kept})
        for policy, outcome in history.outcomes.items()
    }
    files = save_charts(replace(history, outcomes=few), tmp_path / "charts")
    assert [file.name for file in files] == [f"{name}.{kind}" for name in kept for kind in ("svg", "png")]
    for file in files:
        if file.suffix == ".svg":
            assert ElementTree.fromstring(file.read_text(encoding="utf-8")).tag.endswith("svg")
        else:
            assert file.read_bytes().startswith(b"\x89PNG")


def test_files_have_names_that_any_system_takes(history: History, tmp_path: Path) -> None:
    values = {name: np.ones((2, 3)) for name in ("distinct(n=3)", "distinct(n: 3)", "../up", "Distinct-n-3")}
    files = save_charts(replace(history, outcomes={"replace": Outcome(values)}), tmp_path, formats=["json"])
    assert [file.stem for file in files] == ["distinct-n-3", "distinct-n-3-2", "up", "Distinct-n-3-3"]
    assert all(file.parent == tmp_path and json.loads(file.read_text()) for file in files)


def test_a_chart_holds_means_intervals_and_theory(history: History) -> None:
    found = {(row["policy"], row["generation"]): row for row in rows(chart(history, "variance"))}
    for policy in history.policies:
        measure = history.measure(policy, "variance", 4)
        row = found[policy, 4]
        assert (row["mean"], row["low"], row["high"]) == pytest.approx((measure.value, measure.low, measure.high))
    assert found["replace", 4]["theory"] == pytest.approx(0.6**4)
    assert found["accumulate", 4]["theory"] is None


def test_one_reading_can_be_drawn_alone(history: History) -> None:
    assert {row["label"] for row in rows(chart(history, "perplexity_tails"))} == {"low", "high"}
    assert {row["label"] for row in rows(chart(history, "perplexity_tails@low"))} == {"low"}


def test_an_unknown_metric_and_an_unknown_format_are_refused(history: History, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="did you mean 'variance'"):
        chart(history, "varience")
    with pytest.raises(BadSetting, match="did you mean 'svg'"):
        save_charts(history, tmp_path, formats=["svgg"])


def test_panels_have_the_measures_of_the_history(history: History) -> None:
    for panel in panels(history):
        for one in panel.series:
            for generation in range(one.generations + 1):
                assert one.at(generation) == history.measure(one.policy, one.metric, generation)


def test_readings_of_one_metric_are_one_panel(history: History) -> None:
    found = {panel.metric: panel for panel in panels(history)}
    assert list(found) == ["variance", "perplexity", "length", "perplexity_tails", "perplexity_histogram"]
    assert found["perplexity_tails"].labels == ("low", "high")
    assert [name for name, panel in found.items() if panel.is_histogram] == ["perplexity_histogram"]


def test_values_over_more_than_two_decades_are_drawn_on_a_log_axis(history: History) -> None:
    logarithmic = {panel.metric: draw(panel).log for panel in panels(history)}
    assert logarithmic == {
        "variance": True,
        "perplexity": True,
        "length": False,
        "perplexity_tails": False,
        "perplexity_histogram": False,
    }


@pytest.mark.parametrize(
    "values",
    [
        [0.0, 1.0],
        [1.0, 99.0],
        [1.0, 101.0],
        [-3.0, 5e4],
        [7.0, 7.0],
        [0.0, 0.0],
        [1e-12, 1e12],
        [0.97, 1.01],
        [-1e-9, 1e-9],
        [123456.0, 123457.0],
    ],
)
def test_an_axis_holds_what_it_is_made_for(values: list[float]) -> None:
    scale = scale_for([values])
    assert scale.log == (min(values) > 0 and max(values) / min(values) > 100)
    assert scale.low <= min(values) <= max(values) <= scale.high
    places = [float(scale.place(value)) for value, _ in scale.ticks()]
    assert 2 <= len(places) <= 9
    assert places == sorted(places)
    assert all(-1e-9 <= place <= 1 + 1e-9 for place in places)
    texts = [text for _, text in scale.ticks()]
    assert len(set(texts)) == len(texts)


def test_one_wild_interval_does_not_flatten_the_curves() -> None:
    scale = scale_for([[1.0, 2.0]], [[-1000.0], [1000.0]])
    assert scale.high - scale.low < 5


def test_infinite_and_missing_numbers_have_no_place() -> None:
    assert np.isnan(Scale(0, 1).place([np.nan, np.inf])).all()
    assert np.isnan(Scale(1, 10, log=True).place([0.0, -1.0])).all()


def linear(colour: str) -> np.ndarray:
    """Linear light of a colour, red, green and blue in [0, 1]."""
    encoded = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """CIE L*a*b* under D65."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ light.clip(0, 1)
    xyz = xyz / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


SIGHT = {
    "full": np.eye(3),
    "protanopia": np.array([[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]),
    "deuteranopia": np.array([[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]),
    "tritanopia": np.array([[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]),
}
"""Machado, Oliveira and Fernandes, IEEE TVCG 15 (2009), severity 1."""


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_are_told_apart_by_every_eye(palette: tuple[str, ...], sight: str) -> None:
    seen = [lab(SIGHT[sight] @ linear(colour)) for colour in palette]
    apart = [[np.linalg.norm(one - other) for other in seen[:i]] for i, one in enumerate(seen)]
    assert min(min(row) for row in apart[1:4]) > 18  # just noticeable is about 2
    assert min(min(row) for row in apart[1:]) > 9


@pytest.mark.parametrize(("palette", "paper"), [(LIGHT, "#ffffff"), (DARK, "#1b1e23")], ids=["light", "dark"])
def test_colours_stand_out_from_paper(palette: tuple[str, ...], paper: str) -> None:
    weights = np.array([0.2126, 0.7152, 0.0722])
    for colour in palette:
        one, other = sorted((weights @ linear(colour), weights @ linear(paper)))
        assert (other + 0.05) / (one + 0.05) >= 4.5


def test_there_is_a_shape_for_every_colour() -> None:
    assert len(LIGHT) == len(DARK) == len(set(SHAPES)) == len(SHAPES)
