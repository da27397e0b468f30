"""Descriptions: what they count, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from outcross.core.errors import BadInput
from outcross.core.provenance import Origin, Stratum
from outcross.vault.labels.description import Activity, Column, DataFile, Parent, StratumCount
from tests.vault.labels.describing import cats, strata

GOOD: dict[str, Any] = {"name": "a.parquet", "sha256": "0" * 64, "size": 1, "format": "parquet", "records": 1}


def test_it_counts() -> None:
    mixture = (*strata(human=5, synthetic=4), StratumCount(Stratum(Origin.HUMAN, group="x"), 2, {"attested": 9}))
    described = cats(strata=mixture)
    assert described.records == 11
    assert [described.count(origin) for origin in Origin] == [7, 4, 0, 0]
    assert described.evidence == {"attested": 9, "declared": 4}
    assert list(described.evidence) == ["attested", "declared"]
    assert described.generators == ("gpt2",)


@pytest.mark.parametrize(
    ("kinds", "synthetic"),
    [
        ({"human": 3}, False),
        ({"human": 3, "synthetic": 0}, False),
        ({"human": 3, "synthetic": 1}, True),
        ({"human": 3, "mixed": 1}, True),
        ({"unknown": 1, "synthetic": 1}, True),
        ({"human": 3, "unknown": 1}, None),
        ({"unknown": 3}, None),
        ({}, None),
        ({"human": 0}, None),
    ],
)
def test_whether_there_is_synthetic_data_is_never_guessed(kinds: dict[str, int], synthetic: bool | None) -> None:
    assert cats(strata=strata(**kinds)).synthetic is synthetic


@pytest.mark.parametrize(
    "wrong",
    [{"name": name} for name in ("", ".", "/etc/passwd", "../a", "a/../../b")]
    + [{"sha256": digest} for digest in ("", "0" * 63, "g" * 64, "A" * 64, "0" * 64 + "\n")]
    + [{"size": -1}, {"records": -1}, {"format": "csv"}],
)
def test_a_file_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    DataFile(**GOOD)
    with pytest.raises(BadInput):
        DataFile(**{**GOOD, **wrong})


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "a\ud800b"},
        {"sources": {"\udfff": 1}},
        {"sources": {"web": -1}},
        {"created": "yesterday"},
        {"created": "2026-02-30"},
        {"created": "20261122"},
        {"columns": (Column("a"), Column("a"))},
        {"files": (DataFile(**GOOD), DataFile(**GOOD))},
        {"parents": (Parent("a"), Parent("a", "model"))},
    ],
)
def test_a_description_that_cannot_be_written_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        cats(**wrong)


def test_parts_are_checked() -> None:
    with pytest.raises(BadInput, match="did you mean 'text'"):
        Column("a", "txt")
    with pytest.raises(BadInput, match="dataset"):
        Parent("a", "data set")
    with pytest.raises(BadInput, match="below 0"):
        StratumCount(Stratum(Origin.HUMAN), 1, {"declared": -1})
    with pytest.raises(BadInput, match="ISO 8601"):
        Activity("gpt2", 1, ended="2026-11-22 10:00")


def test_a_parent_is_found_by_name_and_by_address() -> None:
    described = cats(parents=(Parent("a", uri="urn:b"), Parent("c")))
    assert described.parent("a") is described.parent("urn:b") is described.parents[0]
    assert described.parent("d") is None
