"""Shares of real corpora: crowd workers' summaries, where logs tell the truth, and mixtures by other generators."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

from outcross.core.documents import Documents, Labelled
from outcross.core.part import build
from outcross.core.seed import Seed
from outcross.evidence.case import Case
from outcross.evidence.prevalence import Prevalence, prevalence
from outcross.evidence.training import train

BY_THEIR_LOGS = 15 / 46
"""Veselovsky et al. (2023): answers that their logs show to be by a language model."""


def test_the_crowd_study_holds_what_its_logs_tell(shared: Path) -> None:
    rows = json.loads((shared / "data" / "crowd" / "base.json").read_text())
    abstracts = {row["HITId"]: row["text"] for row in rows if row["class"] == "abstract"}
    known = [row for row in rows if row["class"] != "abstract"]
    groups = [row["HITId"] for row in known]
    texts = Documents.of([row["text"] for row in known], [abstracts[group] for group in groups])
    references = Labelled.of(texts, [row["labels"] for row in known], groups)
    with (shared / "data" / "crowd" / "processed_responses_with_predictions3.csv").open(newline="") as file:
        answers = list(csv.DictReader(file))
    target = Documents.of([row["text"] for row in answers], [row["original_text"] for row in answers])
    found = prevalence(target, references=references, detector="masked", draws=300)
    assert found.value is not None and found.low is not None and found.high is not None
    assert found.low <= BY_THEIR_LOGS <= found.high < 0.9
    assert found.value < 0.6
    assert not next(check for check in found.diagnostics if check.name == "length").passed


def test_mixtures_of_stories_are_covered_though_the_detector_is_fitted_to_few(shared: Path) -> None:
    """Fifteen mixtures: with 95 % four or more misses have a chance of 1 in 180."""
    lines = (shared / "data" / "fastdetectgpt" / "texts.jsonl").read_text().splitlines()
    rows = [row for row in map(json.loads, lines) if row["domain"] == "writing"]
    data = Labelled.of([row["text"] for row in rows], [row["label"] for row in rows], [row["pair"] for row in rows])
    pairs, method, missed = np.array(data.groups), build("quantifier", "probabilistic_adjusted_count"), 0
    for number in range(15):
        rng = np.random.default_rng(number)
        human = rng.permutation(data.humans)
        theirs = np.isin(pairs, pairs[human[:100]])
        machine = rng.permutation(np.flatnonzero(theirs & data.synthetic))[:100]
        others = rng.permutation(np.flatnonzero(~theirs & data.synthetic))[:30]
        target = data.documents.take(np.concatenate([human[100:170], others]))
        references = data.take(np.concatenate([human[:100], machine]))
        case = Case(target, references, None, build("detector", "ngram_linear"), None, None, False, 0.95, 200, Seed(0))
        found = case.measure(method)
        assert found.low is not None and found.high is not None
        missed += not found.low <= 0.3 <= found.high
    assert missed < 4


def stories() -> tuple[list[str], list[str]]:
    """Texts of two origins, a pair a topic: both begin alike and share most of their words, which nobody else uses."""
    rng = np.random.default_rng(0)
    letters = list("abcdefghijklmnopqrstuvwxyz")
    human: list[str] = []
    machine: list[str] = []
    for _ in range(400):
        topic = ["".join(rng.choice(letters, 6)) for _ in range(12)]
        for texts, words in ((human, ["well", "oh"]), (machine, ["moreover", "vital"])):
            told = [*topic, *rng.choice(topic, 8), *rng.choice(words, 2), *rng.choice(["well", "vital", "oh"], 5)]
            texts.append(" ".join([*told[:12], *rng.permutation(told[12:])]))
    return human, machine


def failed(found: Prevalence) -> list[str]:
    """The names of the checks that failed."""
    return [check.name for check in found.diagnostics if not check.passed]


def test_pairs_among_the_references_are_never_on_both_sides_though_nobody_named_them() -> None:
    """Were they, each reference would look like the origin of its pair, and the target's documents would not."""
    human, machine = stories()
    target = human[150:220] + machine[250:280]
    found = prevalence(target, human=human[:150], synthetic=machine[:150], draws=200)
    assert found.low is not None and found.high is not None
    assert found.low <= 0.3 <= found.high
    assert "likeness" not in failed(found)
    assert any("first words tie 300 documents" in check.sentence for check in found.diagnostics)


def test_a_target_that_repeats_references_or_their_pairs_is_scored_by_what_has_not_seen_them() -> None:
    human, machine = stories()
    target = machine[:60] + human[:60] + human[150:180]
    found = prevalence(target, human=human[:150], synthetic=machine[60:210], draws=200)
    assert found.low is not None and found.high is not None
    assert found.low <= 0.4 <= found.high
    assert any("150 of the target's texts are" in check.sentence for check in found.diagnostics)


def test_a_target_with_pairs_of_its_own_is_not_taken_for_another_kind() -> None:
    human, machine = stories()
    target = human[200:260] + machine[200:260]
    assert "likeness" not in failed(prevalence(target, human=human[:150], synthetic=machine[:150], draws=100))


def test_a_detector_that_was_trained_on_the_references_is_fitted_anew() -> None:
    human, machine = stories()
    detector = train(human[:150] + machine[:150], ["human"] * 150 + ["synthetic"] * 150)
    target = human[150:200] + machine[250:300]
    found = prevalence(target, human=human[:150], synthetic=machine[:150], detector=detector, draws=200)
    assert found.low is not None and found.high is not None
    assert found.low <= 0.5 <= found.high
    assert any("fitted anew" in check.sentence for check in found.diagnostics)
    others = prevalence(target, human=human[300:360], synthetic=machine[300:360], detector=detector, draws=100)
    assert not any("fitted anew" in check.sentence for check in others.diagnostics)
