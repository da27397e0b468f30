"""Early and late, told apart by the verdicts."""

from __future__ import annotations

import pytest

from outcross.core.verdict import Answer, Verdict
from outcross.lab.stage import Stage, stage


def said(**answers: Answer) -> list[Verdict]:
    return [Verdict(name, "replace", answer, "So.") for name, answer in answers.items()]


YES, NO, OPEN = Answer.YES, Answer.NO, Answer.CANNOT_TELL


@pytest.mark.parametrize(
    ("tails", "variance", "modes", "found"),
    [
        (YES, YES, NO, Stage.LATE),
        (NO, NO, YES, Stage.LATE),
        (OPEN, YES, OPEN, Stage.LATE),
        (YES, NO, OPEN, Stage.EARLY),
        (YES, OPEN, OPEN, Stage.CANNOT_TELL),
        (NO, NO, OPEN, Stage.NONE),
        (OPEN, NO, NO, Stage.CANNOT_TELL),
        (NO, OPEN, OPEN, Stage.CANNOT_TELL),
    ],
)
def test_the_stage_follows_from_the_answers(tails: Answer, variance: Answer, modes: Answer, found: Stage) -> None:
    verdicts = said(tail_loss=tails, variance_collapse=variance, mode_entanglement=modes)
    assert stage(verdicts) is found
    assert stage(reversed(verdicts)) is found


def test_risk_alone_does_not_tell_the_stage() -> None:
    assert stage(said(risk_increase=YES, catastrophic_increase=YES)) is Stage.CANNOT_TELL
    assert stage([]) is Stage.CANNOT_TELL


def test_settings_of_a_definition_do_not_matter() -> None:
    verdicts = [Verdict("variance_collapse(left=0.5)", "replace", YES, "So.")]
    assert stage(verdicts) is Stage.LATE


def test_every_stage_has_a_sentence() -> None:
    assert len({found.sentence for found in Stage}) == len(Stage)
