"""What the pages of the guard are built of: shares, intervals, curves, tables, and texts that are safe to show."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from outcross.core.errors import BadSetting
from outcross.core.measure import Measure
from outcross.report.fans import fans
from outcross.report.gauges import gauge, parts_of, percent
from outcross.report.palette import DARK, LIGHT
from outcross.report.sheet import Table, cell, named, sheets, shown, typed
from tests.report.html import Page
from tests.report.test_charts import SIGHT, lab, linear

ORIGINS = (1, 0, 3, 5)
"""Places in the palette of human, synthetic, mixed and unknown, as sheet.css has them."""


def sample() -> str:
    """A page with every macro once."""
    left = {
        "distinct words": tuple(Measure(0.9**t, 0.9**t - 0.02 * t, min(1, 0.9**t + 0.02 * t)) for t in range(4)),
        "tail": (Measure(1.0), Measure.missing("too few words"), Measure(1.6), Measure(0.4, 0.3, 0.5)),
    }
    contents = {
        "share": Measure(0.34, 0.29, 0.4, 900),
        "missing": Measure.missing("cannot tell: there is no reference"),
        "records": Measure(1240.0, 980, 1600, 20),
        "left": left,
    }
    text = Path(__file__).with_name("sheet_sample.html").read_text(encoding="utf-8")
    return sheets().from_string(text).render(contents)


def test_every_piece_is_well_formed_and_says_in_words_what_it_draws() -> None:
    page = Page(sample())
    pictures = [found for found in page.all("svg") if found.get("role") == "img"]
    assert len(pictures) == 8
    assert all(found["aria-label"] for found in pictures)
    silent = [found for found in page.all("svg") if found.get("role") != "img"]
    assert all(found.get("aria-hidden") == "true" or found["class"] == "shapes" for found in silent)
    labels = " ".join(found["aria-label"] or "" for found in pictures)
    assert "34 %, interval 29 to 40 %" in labels
    assert "generation 3: 73 % (67 to 79 %)" in labels
    assert "human 30 %, synthetic, generation 1 50 %, mixed 5 %, no claim 15 %" in labels
    for said in ("cannot tell: there is no reference", "Cannot tell", "There is no reference.", "below 95 %"):
        assert said in page.text


def test_nothing_runs_and_nothing_is_fetched() -> None:
    text = sample()
    assert "<script" not in text
    assert not re.search(r"https?:|url\((?!#fill-)", text)
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in text


def test_a_missing_interval_is_not_drawn_and_says_why() -> None:
    found = gauge(Measure.missing("no reference"))
    assert (found.point, found.left, found.said) == (None, None, "cannot tell: no reference")
    alone = gauge(Measure(0.5, reason="one replicate"))
    assert (alone.point, alone.left, alone.span) == (50.0, None, "")


def test_what_lies_beyond_the_axis_stays_on_the_page() -> None:
    found = gauge(Measure(3.0, -1.0, 9.0), 0, 2)
    assert (found.point, found.left, found.width, found.beyond) == (100.0, 0.0, 100.0, 1)
    assert gauge(Measure(0.34, 0.29, 0.4), still=1).still == 100.0
    assert gauge(Measure(float("inf")), 0, 2).point == 100.0


@pytest.mark.parametrize("value", [0.00002, 0.004, 0.05, 0.5, 0.996, 0.99999])
def test_a_share_is_never_rounded_to_all_or_nothing(value: float) -> None:
    assert percent(value) not in ("0 %", "100 %")


def test_parts_fill_the_bar_and_slivers_are_seen() -> None:
    parts = parts_of({"human": 10**12, "synthetic": 1, "mixed": 0, "other": 1})
    assert [part.kind for part in parts] == ["human", "synthetic", "unknown"]
    assert all(part.width >= 0.4 and part.left + part.width <= 100.001 for part in parts)
    assert parts[1].share == "<0.01 %"
    assert parts_of({}) == parts_of({"human": 0}) == ()


def test_a_curve_leaves_out_what_is_missing() -> None:
    row = (Measure(1.0, 1, 1), Measure.missing("no words"), Measure(0.5, 0.4, 0.6), Measure(0.4, 0.3, 0.5))
    (found,) = fans({"types": row}, (0, 1, 2, 3), keep=0.95)
    assert found.line.count("M") == 2
    assert len(found.marks) == 3
    assert "generation 1: cannot tell: no words" in found.alternative
    assert found.since == "below 95 % from generation 2"
    assert found.keep == pytest.approx(5.0)


def test_curves_share_one_axis_but_for_one_that_would_flatten_them() -> None:
    low, high, far = fans({"a": (Measure(0.5),), "b": (Measure(1.3, 1.2, 1.4),), "c": (Measure(7.5, 3, 17),)}, (0,))
    assert low.up == high.up != far.up
    assert [text for _, text in high.up] == ["0 %", "50 %", "100 %", "150 %"]
    assert far.up[-1][1] == "1000 %"
    assert all(0 <= y <= 100 for one in (low, high, far) for _, y in one.marks)


def test_many_generations_are_ticked_sparsely_and_to_the_end() -> None:
    (found,) = fans({"a": tuple(Measure(1.0) for _ in range(101))}, tuple(range(101)))
    assert [text for _, text in found.across] == ["0", "20", "40", "60", "80", "100"]
    assert found.marks == ()


def test_columns_of_numbers_are_told_from_names() -> None:
    table = Table(("file", "records", "share", "mean"), (("a", 3, "25 %", Measure(1.0)), ("b", 4, "<0.01 %", 2.0)))
    assert table.figures == (False, True, True, True)
    with pytest.raises(BadSetting, match="a row of 1 cells"):
        Table(("a", "b"), (("x",),))
    assert cell(10**12) == ("1\u202f000\u202f000\u202f000\u202f000", "")


def test_texts_are_made_safe_and_readable() -> None:
    assert shown("\u202e\x00\ud83d") == "⟨U+202E⟩␀\N{REPLACEMENT CHARACTER}"
    assert shown("👩\u200d👩") == "👩\u200d👩"
    assert str(typed("use `<b>` or --human FILE, well-- no")) == (
        'use <code class="option">&lt;b&gt;</code> or <code class="option">--human FILE</code>, well-- no'
    )
    assert named("perplexity_tails@low") == "perplexity tails: low"


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_origins_are_told_apart_by_every_eye(palette: tuple[str, ...], sight: str) -> None:
    seen = [lab(SIGHT[sight] @ linear(palette[place])) for place in ORIGINS]
    apart = [np.linalg.norm(one - other) for i, one in enumerate(seen) for other in seen[:i]]
    assert min(apart) > 12  # just noticeable is about 2
    assert apart[0] > 40  # human and synthetic
