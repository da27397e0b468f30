"""A threshold fires where the whole interval is beyond it; what is possible is told, what is unknown never passes."""

from __future__ import annotations

from typing import Literal

import pytest

from outcross.core.errors import BadSetting
from outcross.core.measure import Measure
from outcross.guard.watch.change import Change
from outcross.guard.watch.gate import Gate, gates, loss, worst
from outcross.guard.watch.thresholds import Kind, Threshold, Thresholds

Worse = Literal["falls", "rises", "moves"]
KNOWN = Measure(10.0, 9.0, 11.0, 100)


def change(
    low: float, value: float, high: float, worse: Worse = "falls", scale: Literal["ratio", "difference"] = "ratio"
) -> Change:
    return Change("types", KNOWN, KNOWN, Measure(value, low, high, 100), scale, worse)


def ask(one: Change, bound: float, kind: Kind = "loss", sure: bool = False) -> tuple[str, bool]:
    gate = Gate.of(Threshold(one.metric, "fail", kind, bound, sure=sure), one)
    return gate.answer, gate.possibly


@pytest.mark.parametrize(
    ("one", "bound", "answer"),
    [
        (change(0.80, 0.85, 0.89), 0.1, ("fail", False)),
        (change(0.80, 0.85, 0.90), 0.1, ("pass", True)),  # just so much is not more
        (change(0.80, 0.85, 0.95), 0.1, ("pass", True)),
        (change(0.91, 0.95, 0.99), 0.1, ("pass", False)),
        (change(1.20, 1.30, 1.40), 0.0, ("pass", False)),
        (change(1.20, 1.30, 1.40, "rises"), 0.1, ("fail", False)),
        (change(1.05, 1.30, 1.40, "rises"), 0.1, ("pass", True)),
        (change(0.50, 0.60, 0.70, "rises"), 0.1, ("pass", False)),
        (change(1.20, 1.30, 1.40, "moves"), 0.1, ("fail", False)),
        (change(0.60, 0.70, 0.80, "moves"), 0.1, ("fail", False)),
        (change(0.80, 1.00, 1.20, "moves"), 0.1, ("pass", True)),
        (change(0.95, 1.00, 1.05, "moves"), 0.1, ("pass", False)),
        (change(3.0, 4.0, 5.0, "rises", "difference"), 2.0, ("fail", False)),
        (change(-5.0, -4.0, -3.0, "falls", "difference"), 2.0, ("fail", False)),
        (change(-5.0, -4.0, -3.0, "falls", "difference"), 6.0, ("pass", False)),
    ],
)
def test_a_loss_is_held_against_its_bound(one: Change, bound: float, answer: tuple[str, bool]) -> None:
    assert ask(one, bound) == answer


@pytest.mark.parametrize(
    ("kind", "bound", "answer"),
    [
        ("above", 8.9, "fail"),
        ("above", 10, "pass"),
        ("below", 11.1, "fail"),
        ("below", 8, "pass"),
        ("above", 12, "pass"),
    ],
)
def test_an_absolute_bound_looks_at_the_new_snapshot_alone(kind: Kind, bound: float, answer: str) -> None:
    assert ask(change(1, 1, 1), bound, kind)[0] == answer
    unknown = Change("types", KNOWN, KNOWN, Measure.missing("nothing to compare with"))
    assert ask(unknown, bound, kind)[0] == answer


def test_what_must_be_sure_does_not_pass_on_a_perhaps() -> None:
    assert ask(change(0.80, 0.85, 0.95), 0.1, sure=True) == ("could not tell", True)
    assert ask(change(0.91, 0.95, 0.99), 0.1, sure=True) == ("pass", False)


@pytest.mark.parametrize("unknown", [Measure.missing("too few"), Measure(0.5, reason="too few"), Measure(0.5, low=0.1)])
def test_what_has_no_interval_could_not_be_told(unknown: Measure) -> None:
    one = Change("types", KNOWN, KNOWN, unknown)
    gate = Gate.of(Threshold("types", "warn", "loss", 0.1), one)
    assert gate.answer == "could not tell"
    assert gate.sentence


def test_a_bound_that_cannot_be_exceeded_is_refused() -> None:
    with pytest.raises(BadSetting, match=r"0.05 is 5 per cent"):
        ask(change(0.1, 0.2, 0.3), 5)
    assert ask(change(6.1, 6.2, 6.3, "rises"), 5)[0] == "fail"


def test_the_sentence_has_the_numbers() -> None:
    gate = Gate.of(Threshold("types", "fail", "loss", 0.1), change(0.80, 0.85, 0.89))
    assert gate.sentence == "15 % [11, 20] lost, surely more than 10 %"
    gate = Gate.of(Threshold("types", "fail", "loss", 0.1), change(1.1, 1.2, 1.3))
    assert gate.sentence == "not lost (1.2 [1.1, 1.3] times what it was), not more than 10 %"
    gate = Gate.of(Threshold("types", "warn", "above", 9.5), change(1, 1, 1))
    assert gate.sentence == "10 [9, 11], possibly more than 9.5"


def test_the_loss_agrees_with_the_change_s_own() -> None:
    for one in (change(0.8, 0.85, 0.9), change(1.2, 1.3, 1.4, "rises"), change(0.7, 0.8, 0.9, "moves")):
        assert loss(one).value == pytest.approx(one.loss)
        low = loss(one).low
        assert low is not None
        assert (low > 0) == one.surely_worse


def test_thresholds_meet_the_changes_of_their_metric() -> None:
    changes = [
        Change("length@p10", KNOWN, KNOWN, Measure(0.5, 0.4, 0.6)),
        Change("length@p90", KNOWN, KNOWN, Measure(1.0, 0.99, 1.01)),
        Change("group_share@news", KNOWN, KNOWN, Measure.missing("no groups")),
    ]
    asked = "[length]\nwarn = 0.1\nfail = 0.2\n[group_share]\nfail = 0.1\noptional = true\n[copies]\nfail = 0.1"
    found = gates(changes, Thresholds.parse(asked))
    assert [(gate.metric, gate.threshold.level, gate.answer) for gate in found] == [
        ("length@p10", "warn", "warn"),
        ("length@p10", "fail", "fail"),
        ("length@p90", "warn", "pass"),
        ("length@p90", "fail", "pass"),
        ("copies", "fail", "could not tell"),
    ]


def _gates(text: str, *changes: Change) -> tuple[Gate, ...]:
    return gates(changes, Thresholds.parse(text))


def test_the_worst_answer_is_that_of_all() -> None:
    lost, kept = change(0.5, 0.6, 0.7), change(0.99, 1, 1.01)
    missing = Change("types", KNOWN, KNOWN, Measure.missing("no words"))
    assert worst(_gates("[types]\nfail = 0.1", kept)) == "pass"
    assert worst(_gates("[types]\nwarn = 0.1\nfail=0.9", lost)) == "warn"
    assert worst(_gates("[types]\nfail = 0.1", lost)) == "fail"
    assert worst(_gates("[types]\nfail = 0.1", missing)) == "could not tell"
    assert worst(_gates("[types]\nwarn = 0.1\nfail = 0.1\n[copies]\nfail=0.1", lost)) == "fail"
    assert worst(_gates("[types]\nfail = 0.1\n[copies]\nfail=0.1", kept)) == "could not tell"
    assert worst(_gates("[types]\nfail = 0.1\n[copies]\nwarn=0.1", kept)) == "pass"
    assert worst(_gates("[types]\nfail = 0.1\noptional = true", missing)) == "could not tell"
    assert worst(_gates("[types]\nwarn = 0.1", kept)) == "pass"
    assert worst(_gates("[types]\nwarn = 0.1", missing)) == "could not tell"
    assert worst([]) == "could not tell"
