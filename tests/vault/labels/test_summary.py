"""The facts in sentences."""

from __future__ import annotations

from outcross.vault.labels.summary import share, who_wrote
from tests.vault.labels.describing import cats, strata


def test_a_share_is_never_rounded_to_nothing_or_to_all() -> None:
    assert [share(part, 3000) for part in (0, 1, 3, 1500, 2999, 3000)] == [
        "0 %",
        "< 0.1 %",
        "0.1 %",
        "50 %",
        "> 99.9 %",
        "100 %",
    ]


def test_it_says_what_is_known_and_what_is_not() -> None:
    said = who_wrote(cats(strata=strata(human=2000, synthetic=1, mixed=3, unknown=4)))
    assert "2,000 human, 1 synthetic, 3 mixed, 4 of unknown origin" in said
    assert "generation 2" in said and "gpt2" in said and "declared 1,003" in said


def test_no_records_and_no_evidence_are_said() -> None:
    assert who_wrote(cats(strata=())) == "There are no records."
    silent = who_wrote(cats(strata=strata(unknown=1), activities=()))
    assert (
        silent == "Records: 0 human, 0 synthetic, 0 mixed, 1 of unknown origin. No evidence for the origin is recorded."
    )
