"""A study of collected answers: what is counted, what is estimated, and what the page says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput
from outcross.core.seed import Seed
from outcross.evidence.behaviour import Event, Kind, Log
from outcross.evidence.split import halves
from outcross.evidence.study import Study, study

HUMAN = "we were then so late that my old dog had gone off and i sat down to cry about it all by the gate"
MACHINE = "it is important to note that various crucial aspects underscore pivotal insights and foster growth"
SHARED = "the house of a friend near some river with two trees and one boat"


def written(words: str, seed: int) -> str:
    rng = np.random.default_rng(seed)
    return " ".join(rng.choice(f"{words} {SHARED}".split(), size=rng.integers(55, 75))) + "."


def typed(name: str, text: str) -> Log:
    events = tuple(Event(Kind.TYPE, 100.0 * k, k, 1, text=letter) for k, letter in enumerate(text))
    return Log(name, events, final=text, shown="A source that nobody copied from.")


def pasted(name: str, text: str) -> Log:
    return Log(name, (Event(Kind.PASTE, 5.0, 0, len(text), text=text),), final=text, shown="A source.")


def copied(name: str, text: str) -> Log:
    return Log(name, (Event(Kind.PASTE, 5.0, 0, len(text), text=text),), final=text, shown=f"First. {text} Last.")


@pytest.fixture(scope="module")
def known() -> Labelled:
    human = Documents.of([written(HUMAN, k) for k in range(120)])
    machine = Documents.of([written(MACHINE, k) for k in range(120, 240)])
    return Labelled.beside(human, machine)


@pytest.fixture(scope="module")
def found(known: Labelled) -> Study:
    """Ten typed by people, ten copied, ten from elsewhere by a machine; one empty, one without a log."""
    logs = [typed(f"t{k}", written(HUMAN, 300 + k)) for k in range(10)]
    logs += [copied(f"c{k}", written(HUMAN, 400 + k)) for k in range(10)]
    logs += [pasted(f"p{k}", written(MACHINE, 500 + k)) for k in range(10)]
    logs += [Log("empty", (), final=""), Log("bare", (), final=written(HUMAN, 600))]
    return study(known, logs, detector="ngram_linear", draws=200)


def test_how_they_were_typed_is_counted_beside_what_the_text_says(found: Study) -> None:
    totals = {manner: sum(row.values()) for manner, row in found.table.items()}
    assert totals == {"typed": 10, "pasted from the source": 10, "pasted from elsewhere": 10, "undetermined": 1}
    assert found.unread == 1
    assert found.table["pasted from elsewhere"]["synthetic"] >= 8
    assert found.flagged.value == 0 and found.flagged.n == 10


def test_every_estimate_holds_the_truth(found: Study) -> None:
    for one in (found.by_text, found.by_both, found.by_labels, found.ceiling):
        assert one.low is not None and one.high is not None
        assert one.low <= 10 / 31 <= one.high
    assert found.by_labels.low is not None and found.by_labels.low > 0.15
    assert found.ceiling.value == 11 / 31


def test_copies_are_extractive(found: Study) -> None:
    by_manner = {answer.response[0]: answer.extractive for answer in found.answers}
    assert by_manner["c"] and not by_manner["t"] and not by_manner["p"]
    assert sum(one.n for one in found.extracts().values()) == 30


def test_the_classifier_is_judged_by_two_divisions(found: Study) -> None:
    assert [split.name for split in found.splits] == ["by text", "by group"]
    assert all((split.performance.accuracy.value or 0) > 0.9 for split in found.splits)


def test_halves_by_group_share_no_group() -> None:
    data = Labelled.of([f"text {k}" for k in range(40)], [k % 2 for k in range(40)], groups=[k // 4 for k in range(40)])
    train, test = halves(data, Seed(0))["by group"]
    assert not set(train.groups) & set(test.groups)
    assert train.size + test.size == 40


def test_labels_are_taken(known: Labelled, found: Study) -> None:
    logs = [pasted(f"p{k}", written([MACHINE, HUMAN][k % 2], 700 + k)) for k in range(40)]
    sample = Labelled.of([log.final or "" for log in logs[:30]], [1 - k % 2 for k in range(30)])
    again = study(known, logs, detector="ngram_linear", draws=200, labelled=sample)
    assert again.by_text.method == "ppi"
    assert again.by_text.low is not None and again.by_text.high is not None
    assert again.by_text.low <= 0.5 <= again.by_text.high


def test_the_page_stands_alone(found: Study, tmp_path: Path) -> None:
    page = found.report(tmp_path).read_text(encoding="utf-8")
    assert "How many of 31 answers are synthetic?" in page
    assert "1 log held no answer" in page
    assert "://" not in page.replace("https://arxiv.org/abs/2306.07899", "")
    assert page.count("<h2") == page.count("</h2>") and "{{" not in page


def test_without_a_text_there_is_no_study(known: Labelled) -> None:
    with pytest.raises(BadInput, match="no answer has a text"):
        study(known, [Log("a", (), final=" ")])
