"""One pass over a source: counts, what speaks against itself, and a sample that does not depend on who reads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from outcross.core.canonical import digest
from outcross.core.engine import Engine
from outcross.core.part import as_part
from outcross.guard.check.look import HUMAN, OPEN, SYNTHETIC, Look, look
from outcross.guard.source import Source

SERIAL = as_part(Engine, "serial")
MARKED = 'A cat.<meta name="ai-generated" content="yes">'
LONG = "this text was written by a model of our own and is long enough to tell"


def written(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_claims_against_oneself_are_believed_and_claims_to_be_human_are_kept_apart(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"text": "I was late.", "origin": "human"},
        {"text": "It is vital.", "origin": "synthetic"},
        {"text": MARKED, "origin": "human"},
        {"text": LONG},
        {"text": "open"},
        {"text": "  "},
    ]
    outputs = np.frombuffer(digest(LONG)[:8], dtype="<u8").astype(np.uint64)
    seen = look(Source.of(written(tmp_path / "a.jsonl", rows)), 0, SERIAL, outputs)
    assert seen.documents == 5
    assert {kind: seen.number(kind) for kind in (HUMAN, SYNTHETIC, OPEN)} == {HUMAN: 1, SYNTHETIC: 3, OPEN: 1}
    assert seen.some(OPEN) == ["open"]
    assert seen.origins == {"human": 2, "synthetic": 1, "unknown": 2}
    assert seen.marks.marked == 1 and seen.passages[0].kind == "disclosure"


def test_a_short_text_is_nobodys_output(tmp_path: Path) -> None:
    outputs = np.frombuffer(digest("Thank you.")[:8], dtype="<u8").astype(np.uint64)
    seen = look(Source.of(written(tmp_path / "a.jsonl", [{"text": "Thank you."}])), 0, SERIAL, outputs)
    assert seen.known == 0


def test_the_sample_is_the_same_in_parts_and_in_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[dict[str, object]] = [{"text": f"text number {place}"} for place in range(400)]
    path = written(tmp_path / "a.jsonl", rows)
    once = look(Source.of(path), 3, SERIAL, most=50)
    tasks = Source.tasks

    def small(self: Source) -> list[object]:
        from outcross.corpus.shards import shards
        from outcross.guard.source import Task

        return [Task(self.path, part, self.origin, self.fields) for part in shards([Path(self.path)], rows=37)]

    monkeypatch.setattr(Source, "tasks", small)
    parts = look(Source.of(path), 3, SERIAL, most=50)
    monkeypatch.setattr(Source, "tasks", tasks)
    assert len(once.some(OPEN, most=50)) == 50
    assert once.some(OPEN, most=50) == parts.some(OPEN, most=50)
    assert once.some(OPEN, most=20) != look(Source.of(path), 4, SERIAL, most=50).some(OPEN, most=20)


def test_the_sample_is_uniform(tmp_path: Path) -> None:
    """Each of 100 texts is in a sample of 20 for one of five seeds: chi-square with 99 d.f., its 99.99th percentile."""
    path = written(tmp_path / "a.jsonl", [{"text": str(place)} for place in range(100)])
    counts = np.zeros(100)
    for seed in range(100):
        for text in look(Source.of(path), seed, SERIAL, most=20).some(OPEN, most=20):
            counts[int(text)] += 1
    expected = 100 * 20 / 100
    assert ((counts - expected) ** 2 / (expected * 0.8)).sum() < 161.3


def test_copies_are_counted_across_parts() -> None:
    texts = np.array([1, 1, 2], dtype=np.uint64), np.array([3, 3], dtype=np.uint64)
    assert Look(documents=5, texts=texts).copies == 2
