"""Runs side by side: nothing is lost, nothing is mixed up, and what cannot be compared is refused."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

import outcross as oc
from tests.cli.test_cli import outcross


def run(ddof: int, metrics: tuple[str, ...] = ("variance", "std")) -> oc.History:
    chain = oc.Chain(f"gaussian(ddof={ddof})", "normal", ["replace", "accumulate"], metrics, sample_size=10)
    return chain.run(3, 20, engine="serial")


def test_every_arm_keeps_its_numbers() -> None:
    runs = {"biased": run(0), "unbiased": run(1)}
    found = oc.Beside(runs)
    assert found.arms == ("biased: replace", "biased: accumulate", "unbiased: replace", "unbiased: accumulate")
    table = found.summary()
    for name, history in runs.items():
        for policy in history.policies:
            mine = table.filter((pl.col("arm") == f"{name}: {policy}") & (pl.col("metric") == "variance"))
            theirs = [history.measure(policy, "variance", generation).value for generation in range(4)]
            assert mine["mean"].to_list() == theirs


def test_only_what_all_runs_measured_is_compared() -> None:
    found = oc.Beside({"one": run(0), "other": run(1, ("variance",))})
    assert found.metrics == ("variance",)
    with pytest.raises(oc.BadSetting, match="no metric in common"):
        oc.Beside({"one": run(0, ("std",)), "other": run(1, ("variance",))})
    with pytest.raises(oc.BadSetting, match="two or more"):
        oc.Beside({"one": run(0)})


def test_the_page_has_every_arm_in_every_chart(tmp_path: Path) -> None:
    page = oc.Beside({"biased": run(0), "<b>": run(1)}).report(tmp_path / "page.html").read_text()
    assert len(re.findall(r'<figure class="card', page)) == 2
    assert page.count("biased: accumulate") >= 3
    assert "<b>: replace" not in page
    assert "&lt;b&gt;: replace" in page


def test_the_command(tmp_path: Path) -> None:
    for name, ddof in (("a", 0), ("b", 1)):
        run(ddof).save(tmp_path / name)
    done = outcross("compare", f"plain={tmp_path / 'a'}", str(tmp_path / "b"), "--out", str(tmp_path / "c.html"))
    assert done.returncode == 0
    assert "plain: replace" in done.stdout
    assert "b: accumulate" in done.stdout
    assert (tmp_path / "c.html").is_file()
    done = outcross("compare", f"x={tmp_path / 'a'}", f"x={tmp_path / 'b'}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "two runs are called 'x'" in done.stderr
