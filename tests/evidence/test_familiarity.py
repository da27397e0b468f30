"""Texts of the kind trained on are let through, alone and in a batch of any composition; other kinds are not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from outcross.core.documents import Labelled
from outcross.core.errors import BadInput
from outcross.core.seed import Seed
from outcross.evidence.familiarity import Familiarity
from outcross.evidence.folds import grouped_folds
from tests.evidence.tiny import both, texts_of


@pytest.fixture(scope="module")
def known() -> Familiarity:
    texts, labels = both(np.random.default_rng(0), 150)
    data = Labelled.of(texts, labels)
    return Familiarity.fit(data, grouped_folds(data.groups, data.synthetic, 5, Seed(0)))


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_a_batch_of_the_same_kind_is_familiar_whatever_its_share(known: Familiarity, share: float) -> None:
    rng = np.random.default_rng(1)
    texts = texts_of(rng, 50 - int(50 * share), -0.2) + texts_of(rng, int(50 * share), 0.2)
    assert known.unlike(texts) is None


def test_few_texts_of_the_same_kind_are_unusual(known: Familiarity) -> None:
    assert known.unusual(texts_of(np.random.default_rng(2), 500, 0.2)).mean() < 0.05


@pytest.mark.parametrize(
    "text", ["В лесу родилась ёлочка, в лесу она росла. ", 'Stocks fell 3% — "badly". ', "{};\n\n"]
)
def test_another_kind_is_not(known: Familiarity, text: str) -> None:
    texts = [text * (10 + place % 5) for place in range(20)]
    assert known.unusual(texts).all()
    assert known.unlike(texts) is not None


def test_nine_texts_show_nothing(known: Familiarity) -> None:
    assert known.unlike(["{};\n\n" * 30] * 9) is None


def test_it_is_kept(known: Familiarity) -> None:
    again = Familiarity.restore(known.arrays())
    texts = texts_of(np.random.default_rng(3), 30, 0.2)
    assert np.array_equal(again.unusual(texts), known.unusual(texts))
    with pytest.raises(BadInput, match="cannot be read"):
        Familiarity.restore({})


def test_old_prose_is_no_student_essay(shared: Path) -> None:
    rows = [json.loads(line) for line in (shared / "data/students_chatgpt/texts.jsonl").read_text().splitlines()]
    train, rest = [row for row in rows if hash_of(row["pair"])], [row for row in rows if not hash_of(row["pair"])]
    data = Labelled.of([row["text"] for row in train], [row["label"] for row in train], [row["pair"] for row in train])
    known = Familiarity.fit(data, grouped_folds(data.groups, data.synthetic, 5, Seed(0)))
    assert known.unlike([row["text"] for row in rest]) is None
    assert known.unusual([row["text"] for row in rest]).mean() < 0.15
    brown = [json.loads(line)["text"] for line in (shared / "data/brown/brown.jsonl").read_text().splitlines()]
    assert known.unlike([" ".join(text.split()[:300]) for text in brown[::10]]) is not None


def hash_of(pair: str) -> bool:
    """Whether a pair is among three quarters of all."""
    return sum(pair.encode()) % 4 > 0
