"""Labels of records that enter: their own word goes first, contradictions are refused, and nothing is guessed."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from outcross.core.provenance import Origin, Provenance
from outcross.vault.labelling import labelled

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TRAINED = f"{IPTC}trainedAlgorithmicMedia"
TYPES = {"generation": pl.Int64, "confidence": pl.Float64}


def _one(row: dict[str, Any], told: Provenance, claimed: bool) -> tuple[dict[str, Any] | None, str | None]:
    schema = {name: TYPES.get(name, pl.String) for name in row}
    frame = pl.DataFrame({"line": [1]}).with_columns(pl.lit(row[name], dtype=schema[name]).alias(name) for name in row)
    found, wrong = labelled(frame, told, claimed)
    return (found.row(0, named=True) if found.height else None), (wrong[0][1] if wrong else None)


NOBODY, HUMAN = Provenance(Origin.UNKNOWN), Provenance(Origin.HUMAN, source="web", evidence="attested", confidence=0.9)
MACHINE = Provenance(Origin.SYNTHETIC, 3, generator="parrot")

SOUND: list[tuple[str, dict[str, Any], Provenance, bool, dict[str, Any]]] = [
    ("nothing is said", {}, NOBODY, False, {"origin": "unknown", "generation": 0, "evidence": None}),
    ("said of all", {}, HUMAN, True, {"origin": "human", "source": "web", "evidence": "attested", "confidence": 0.9}),
    ("its own word", {"origin": " LLM "}, HUMAN, True, {"origin": "synthetic", "generation": 1}),
    ("its own source", {"source": "book"}, HUMAN, True, {"source": "book"}),
    ("no guess at the source type", {}, HUMAN, True, {"digital_source_type": None}),
    ("a machine's source type", {}, MACHINE, True, {"digital_source_type": TRAINED, "generation": 3}),
    ("its own depth", {"generation": 5}, MACHINE, True, {"generation": 5, "generator": "parrot"}),
    ("a depth of none", {"generation": 0, "origin": "ai"}, NOBODY, False, {"generation": 1}),
    ("a person as generator", {"origin": "human", "generator": "Human"}, NOBODY, False, {"generator": None}),
    ("implied", {"digital_source_type": "trainedAlgorithmicMedia"}, NOBODY, False, {"origin": "synthetic"}),
    ("a scan", {"digital_source_type": "print"}, HUMAN, True, {"digital_source_type": f"{IPTC}print"}),
    ("a later code", {"digital_source_type": "x:new"}, HUMAN, True, {"digital_source_type": "x:new"}),
    ("another evidence", {"evidence": "no"}, NOBODY, False, {"evidence": None, "metadata": '{"evidence":"no"}'}),
    ("declared", {"origin": "human"}, NOBODY, False, {"evidence": "declared", "confidence": None}),
    ("edited", {"origin": "mixed"}, NOBODY, False, {"generation": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("row", "told", "claimed", "wanted"), [case[1:] for case in SOUND], ids=[c[0] for c in SOUND])
def test_labels(row: dict[str, Any], told: Provenance, claimed: bool, wanted: dict[str, Any]) -> None:
    found, wrong = _one(row, told, claimed)
    assert wrong is None and found is not None
    assert {name: found[name] for name in wanted} == wanted


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"origin": "robot"}, "the origin 'robot' is none of"),
    ({"origin": "human", "generation": 2}, "a human record cannot be of generation 2"),
    ({"origin": "synthetic", "generation": -1}, "the generation -1 is no depth"),
    ({"origin": "synthetic", "generation": 10**9}, "is no depth"),
    ({"confidence": 1.5}, "the confidence 1.5 is not from 0 to 1"),
    ({"origin": "human", "generator": "gpt"}, "a human record cannot have the generator 'gpt'"),
    ({"origin": "human", "digital_source_type": TRAINED}, "is not that of its origin"),
]


@pytest.mark.parametrize(("row", "said"), BROKEN, ids=[said for _, said in BROKEN])
def test_contradictions(row: dict[str, Any], said: str) -> None:
    found, wrong = _one(row, NOBODY, False)
    assert found is None and wrong is not None and said in wrong


def test_a_broken_record_takes_no_other_along() -> None:
    frame = pl.DataFrame({"line": [4, 5, 6], "origin": ["human", "robot", None], "text": ["a", "b", "c"]})
    found, wrong = labelled(frame, NOBODY, False)
    assert found["line"].to_list() == [4, 6] and [line for line, _ in wrong] == [5]
