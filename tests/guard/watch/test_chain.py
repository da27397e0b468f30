"""The gate on real texts: it fires when a chain collapses, no later than the lab says so, and does not cry wolf."""

from __future__ import annotations

from pathlib import Path

import pytest

import outcross as oc
from outcross.core.verdict import Answer
from outcross.guard.snapshot.snapshot import Snapshot
from outcross.guard.watch.watch import watch
from tests.guard.watch.corpora import generations, halves, pieces

COMPARISONS = 200


@pytest.mark.parametrize("text", ["shakespeare/tiny.txt", "wikitext-2/valid.txt"])
def test_it_fires_by_the_generation_at_which_the_lab_s_verdict_does(shared: Path, text: str) -> None:
    chain = oc.Chain("ngram(order=3)", shared / "data" / text, "replace", ["types"], block=100, limit=1000)
    history = chain.run(generations=2, replicates=3, engine="serial")
    verdict = next(one for one in history.verdicts() if one.definition.startswith("tail_loss"))
    assert verdict.answer is Answer.YES
    assert verdict.since is not None
    human = Snapshot.of(chain.read().strings)
    written = generations(chain, verdict.since)
    found = watch(human, *map(Snapshot.of, written))
    assert found.answer == "fail"
    assert any(gate.answer == "fail" and gate.metric == "types" for gate in found.gates)


def test_it_does_not_fire_on_halves_of_the_same_human_corpus(shared: Path) -> None:
    texts = pieces((shared / "data" / "shakespeare" / "tiny.txt").read_text(encoding="utf-8"), 40)[:160]
    answers = [watch(one, other).answer for one, other in halves(texts, COMPARISONS, seed=1)]
    assert answers.count("fail") <= COMPARISONS * 0.05
    assert answers.count("could not tell") == 0
    assert answers.count("warn") <= COMPARISONS * 0.05
