"""The audit fires where a shortcut would do, and is silent where nothing but style tells the classes apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from outcross.core.documents import Documents, Labelled
from outcross.core.measure import Measure
from outcross.core.seed import Seed
from outcross.evidence.folds import grouped_folds
from outcross.evidence.shortcuts import Audit, Shortcut, audit
from tests.evidence.tiny import both


def audited(data: Labelled, generators: Sequence[str] | None = None) -> Audit:
    """The audit with a detector that knows nothing."""
    fold = grouped_folds(data.groups, data.synthetic, 5, Seed(0))
    return audit(data, np.random.default_rng(0).normal(size=data.size), fold, generators)


def fired(found: Audit, where: str = "") -> set[str]:
    return {one.name for one in found.explaining if one.where == where}


def test_no_false_alarm_where_labels_are_tossed() -> None:
    alarms = 0
    for draw in range(30):
        rng = np.random.default_rng(draw)
        texts, _ = both(rng, 60, shift=0.0, words=int(rng.integers(40, 80)))
        alarms += bool(audited(Labelled.of(texts, rng.permutation(np.arange(120) % 2))).explaining)
    assert alarms <= 1


def test_no_alarm_where_words_alone_differ_and_lengths_are_matched() -> None:
    texts, labels = both(np.random.default_rng(0), 150)
    found = audited(Labelled.of(texts, labels))
    assert "source" not in fired(found)
    assert found.found[0].auc.value == pytest.approx(0.5, abs=0.1) or "length" in fired(found)


def test_length_is_found_where_it_goes_up_and_down() -> None:
    rng = np.random.default_rng(0)
    lengths = np.where(np.arange(300) % 2, rng.integers(90, 110, 300), rng.choice([30, 200], 300))
    texts = [" ".join(rng.choice(["cat", "dog", "rain"], int(length))) for length in lengths]
    found = audited(Labelled.of(texts, np.arange(300) % 2))
    assert "length" in fired(found)
    assert found.headline.startswith("Shortcut: ") and "length" in found.headline


def test_openings_sources_and_groups_are_found() -> None:
    texts, labels = both(np.random.default_rng(0), 100)
    flags = [label == "synthetic" for label in labels]
    opened = [f"Sure, here is {text}" if flag else text for text, flag in zip(texts, flags, strict=True)]
    assert "first words" in fired(audited(Labelled.of(opened, flags)))
    domains = ["blog" if flag else "paper" for flag in flags]
    assert "source" in fired(audited(Labelled.of(texts, flags, domains=domains)))
    names = [f"{'gpt' if flag else 'ann'}-{place}" for place, flag in enumerate(flags)]
    assert "source" in fired(audited(Labelled.of(texts, flags, names)))
    sources = ["prompt about cats" if flag else "" for flag in flags]
    assert "source" in fired(audited(Labelled.of(Documents.of(texts, sources), flags)))


def test_a_shortcut_in_one_domain_is_found_there() -> None:
    rng = np.random.default_rng(0)
    plain = ["rain " * int(count) for count in rng.integers(80, 120, 400)]
    long = [text + text if place < 100 and place % 2 else text for place, text in enumerate(plain)]
    found = audited(Labelled.of(long, np.arange(400) % 2, domains=["mail"] * 100 + ["news"] * 300))
    assert "length" in fired(found, "mail")
    assert "length" not in fired(found, "news")


@pytest.mark.parametrize(
    ("low", "value", "detector", "explains"),
    [(0.72, 0.75, 0.99, True), (0.61, 0.65, 0.75, True), (0.61, 0.65, 0.95, False), (0.55, 0.75, 0.75, False)],
)
def test_what_explains(low: float, value: float, detector: float, explains: bool) -> None:
    found = Shortcut("length", "", Measure(value, low, 0.9, 50), Measure(detector, 0.6, 1.0, 50), None, None)
    assert found.explains is explains


def rows(shared: Path, name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (shared / f"data/{name}/texts.jsonl").read_text().splitlines()]


def test_it_fires_on_the_crowd_study(shared: Path) -> None:
    found = json.loads((shared / "data/crowd/base.json").read_text())
    labels = ["human" if row["labels"] == "real" else "synthetic" for row in found]
    data = Labelled.of([row["text"] for row in found], labels, [row["HITId"] for row in found])
    assert audited(data).headline.startswith("Shortcut: length alone")


def test_it_fires_on_documents_of_different_lengths(shared: Path) -> None:
    found = rows(shared, "seqxgpt_doc")
    assert "length" in fired(audited(Labelled.of([row["text"] for row in found], [row["label"] for row in found])))


def test_it_fires_on_the_length_of_stories(shared: Path) -> None:
    kept = [
        row
        for row in rows(shared, "fastdetectgpt")
        if row["domain"] == "writing" and row["generator"] in {"human", "gpt-4", "gpt-3.5-turbo"}
    ]
    data = Labelled.of([row["text"] for row in kept], [row["label"] for row in kept], [row["pair"] for row in kept])
    found = audited(data, [row["generator"] for row in kept])
    assert "length" in fired(found)
    assert "length" in {one.name for one in found.explaining if one.where == "gpt-4"}
