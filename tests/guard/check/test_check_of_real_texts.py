"""Mixtures of stories and news by people and by eight generators: the true share lies in the interval."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.check_mixtures import outcome


@pytest.mark.parametrize("domain", ["writing", "xsum"])
def test_the_share_is_inside(shared: Path, tmp_path: Path, domain: str) -> None:
    """Three mixtures a domain, from 0 to 75 %. At the level of .98 that a mixture is missed has a chance of 1 in 9."""
    lines = (shared / "data" / "fastdetectgpt" / "texts.jsonl").read_text().splitlines()
    rows = [row for row in map(json.loads, lines) if row["domain"] == domain]
    found = [outcome(rows, "all", number, 3, 250, 150, tmp_path) for number in range(3)]
    assert all(one.inside for one in found)
    assert all(one.value is not None for one in found)
    assert np.mean([one.high - one.low for one in found]) < 0.6
