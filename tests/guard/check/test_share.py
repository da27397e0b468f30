"""How much is synthetic: what is known counts, the rest is estimated, and nothing is said that cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from outcross.core.engine import Engine
from outcross.core.part import as_part
from outcross.guard.check.look import Look, look
from outcross.guard.check.share import DECLARED, estimate
from outcross.guard.source import Source

SERIAL = as_part(Engine, "serial")
DRAWS = 200


def texts(kind: str, number: int, seed: int) -> list[str]:
    """Texts that share most words; some words are rather one origin's."""
    rng = np.random.default_rng(seed)
    common = [f"word{place}" for place in range(60)]
    own = {"human": ["well", "sorry", "late"], "synthetic": ["moreover", "vital", "crucial"]}
    other = own["human" if kind == "synthetic" else "synthetic"]
    return [
        " ".join([*rng.choice(common, 20), *rng.choice(own[kind], 4), *rng.choice(other, 2)]) for _ in range(number)
    ]


def seen(path: Path, rows: list[dict[str, object]], said: str = "") -> Look:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return look(Source.of(f"{said}{path}"), 0, SERIAL)


@pytest.fixture
def references(tmp_path: Path) -> tuple[Look, Look]:
    human, machine = (
        seen(tmp_path / f"{kind}.jsonl", [{"text": text} for text in texts(kind, 80, 1 + place)], f"{kind}=")
        for place, kind in enumerate(("human", "synthetic"))
    )
    return human, machine


def test_what_is_known_is_added_to_what_is_estimated(tmp_path: Path, references: tuple[Look, Look]) -> None:
    rows: list[dict[str, object]] = [{"text": text} for text in texts("human", 60, 5)]
    rows += [{"text": text, "origin": "synthetic"} for text in texts("synthetic", 40, 6)]
    found = estimate(seen(tmp_path / "c.jsonl", rows), [references[0]], [references[1]], draws=DRAWS)
    assert found.share.value is not None and found.share.low is not None and found.share.high is not None
    assert 0.4 <= found.share.low <= found.share.value < 0.5 and found.share.high < 0.7
    assert found.share.diagnostics[0].name == "declared" and "40 of 100" in found.share.diagnostics[0].sentence
    assert found.estimated is not None and found.estimated.n == 60


def test_a_claim_to_be_human_is_put_to_the_proof(tmp_path: Path, references: tuple[Look, Look]) -> None:
    rows: list[dict[str, object]] = [{"text": text, "origin": "human"} for text in texts("human", 60, 7)]
    rows += [{"text": text, "origin": "human"} for text in texts("synthetic", 60, 8)]
    corpus = seen(tmp_path / "c.jsonl", rows)
    found = estimate(corpus, [references[0]], [references[1]], draws=DRAWS)
    assert found.tested and found.share.low is not None and found.share.high is not None
    assert found.share.low <= 0.5 <= found.share.high and found.share.low > 0.2
    alone = estimate(corpus, [], [], draws=DRAWS)
    assert alone.share.method == DECLARED and alone.share.value == 0.0
    assert alone.needs[0][0] == "whether the documents are by whom they say"


def test_records_of_known_origin_are_references_for_the_others(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"text": text, "origin": kind} for kind in ("human", "synthetic") for text in texts(kind, 80, 9)
    ]
    rows += [{"text": text} for text in texts("synthetic", 40, 10)]
    found = estimate(seen(tmp_path / "c.jsonl", rows), [], [], draws=DRAWS)
    assert found.share.value is not None and found.estimated is not None and not found.tested
    assert found.estimated.low is not None and found.estimated.low > 0.5
    assert found.share.value == pytest.approx((80 + 40 * (found.estimated.value or 0.0)) / 200)


def test_without_references_it_says_what_is_sure_and_what_is_needed(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"text": text} for text in texts("human", 30, 11)]
    rows += [{"text": text, "origin": "synthetic"} for text in texts("synthetic", 10, 12)]
    found = estimate(seen(tmp_path / "c.jsonl", rows), [], [], draws=DRAWS)
    assert found.share.value is None and (found.share.low, found.share.high) == (0.25, 1.0)
    assert "no human references" in found.share.reason
    assert found.needs[0][1].startswith("--human FILE")


def test_one_synthetic_reference_too_few_is_said(tmp_path: Path, references: tuple[Look, Look]) -> None:
    few = seen(tmp_path / "few.jsonl", [{"text": text} for text in texts("synthetic", 9, 13)], "synthetic=")
    corpus = seen(tmp_path / "c.jsonl", [{"text": text} for text in texts("human", 30, 14)])
    found = estimate(corpus, [references[0]], [few], draws=DRAWS)
    assert found.share.value is None and "--synthetic FILE: 10" in found.needs[0][1]


def test_it_says_what_is_assumed_of_generators_unless_the_references_name_some(
    tmp_path: Path, references: tuple[Look, Look]
) -> None:
    corpus = seen(tmp_path / "c.jsonl", [{"text": text} for text in texts("human", 60, 5) + texts("synthetic", 40, 6)])
    written = texts("synthetic", 80, 2)

    def told(names: list[str]) -> tuple[bool, float, tuple[tuple[str, str], ...]]:
        rows: list[dict[str, object]] = [
            {"text": text, "generator": names[place % len(names)]} for place, text in enumerate(written)
        ]
        machine = seen(tmp_path / "s.jsonl", rows, "synthetic=")
        found = estimate(corpus, [references[0]], [machine], draws=DRAWS)
        said = [check for check in found.share.diagnostics if check.name == "generators"]
        assert len(said) == 1 and found.share.low is not None and found.share.high is not None
        assert found.share.low <= 0.4 <= found.share.high
        return said[0].passed, found.share.high, found.needs

    one, three = told(["small"]), told(["small", "large", "other"])
    assert not one[0] and three[0]
    assert three[1] > one[1]
    assert "column generator" in one[2][0][1] and three[2] == ()
