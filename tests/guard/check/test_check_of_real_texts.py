"""Mixtures of stories and news by people and by eight generators: the true share lies in the interval."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.check_mixtures import outcome

DOMAINS = ["writing", "xsum"]


@pytest.fixture(scope="module")
def rows(shared: Path) -> dict[str, list[dict[str, Any]]]:
    """Texts by domain."""
    lines = (shared / "data" / "fastdetectgpt" / "texts.jsonl").read_text().splitlines()
    read = [json.loads(line) for line in lines]
    return {domain: [row for row in read if row["domain"] == domain] for domain in DOMAINS}


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_share_is_inside_and_not_for_being_anything(
    rows: dict[str, list[dict[str, Any]]], tmp_path: Path, domain: str
) -> None:
    """Three mixtures a domain, from 0 to 75 %: at a level of .95 all of them are inside with a probability of .86.

    The shares grow from one to the next by 37 points, and the estimates with them: whoever always says the same, or all
    of [0, 1], fails.
    """
    found = [outcome(rows[domain], "all", number, 3, 250, 150, tmp_path, seed=1, named=False) for number in range(3)]
    assert all(one.inside for one in found)
    values = [one.value for one in found if one.value is not None]
    assert len(values) == 3 and np.all(np.diff(values) > 0.15)
    assert np.mean([abs(value - one.truth) for value, one in zip(values, found, strict=True)]) < 0.15
    assert np.mean([one.high - one.low for one in found]) < 0.55
    assert found[0].high < found[2].truth and found[2].low > found[0].truth


def test_news_by_a_generator_that_no_reference_is_by_is_allowed_for_where_references_name_theirs(
    rows: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    named, nameless = (
        outcome(rows["xsum"], "foreign", 3, 8, 250, 150, tmp_path, named=named) for named in (True, False)
    )
    assert named.inside and named.value == nameless.value
    assert named.low <= nameless.low and named.high > nameless.high + 0.05
