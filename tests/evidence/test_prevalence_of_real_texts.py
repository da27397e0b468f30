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
from outcross.evidence.prevalence import prevalence

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
