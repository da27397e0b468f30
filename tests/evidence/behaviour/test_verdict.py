"""The four verdicts on answers that were made up, and on the crowd-work study."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from outcross.evidence import behaviour
from outcross.evidence.behaviour import Event, Kind, Log, Manner, judge

SOURCE = (
    "We randomly assigned 811 overweight adults to one of four diets. At 6 months, participants assigned to each diet "
    "had lost an average of 6 kg, which represented 7% of their initial weight; they regained weight after 12 months."
)
OWN = "All four diets helped people to lose some weight at first, yet after a year they slowly put it on again."
OTHER = "In conclusion, this comprehensive study underscores that caloric balance, rather than composition, is pivotal."


def typed(text: str, start: int = 0, begin: float = 0.0) -> tuple[Event, ...]:
    return tuple(Event(Kind.TYPE, begin + 180.0 * place, start + place, 1, text=one) for place, one in enumerate(text))


def put(kind: Kind, text: str, start: int = 0, time: float = 0.0) -> Event:
    return Event(kind, time, start, len(text), text=text)


def verdict(*events: Event, final: str | None, **more: str) -> Manner:
    return judge(Log("a", events, final=final, **{"shown": SOURCE, **more}))[0].verdict


def test_typed() -> None:
    one = judge(Log("a", typed(OWN), final=OWN, shown=SOURCE))[0]
    assert (one.verdict, one.typed, one.exact, one.overlap) == (Manner.TYPED, 1, True, 0)


def test_a_transcript_of_the_source_is_typed_and_its_overlap_is_shown() -> None:
    one = judge(Log("a", typed(SOURCE), final=SOURCE, shown=SOURCE))[0]
    assert (one.verdict, one.overlap) == (Manner.TYPED, 1)


@pytest.mark.parametrize("kind", [Kind.PASTE, Kind.DROP])
def test_pasted_or_dropped(kind: Kind) -> None:
    assert verdict(put(kind, SOURCE[:100]), final=SOURCE[:100]) is Manner.SOURCE
    assert verdict(put(kind, OTHER), final=OTHER) is Manner.ELSEWHERE


def test_a_copy_with_small_changes_is_of_the_source() -> None:
    near = SOURCE.replace("811", "eight hundred")
    assert verdict(put(Kind.PASTE, near), final=near) is Manner.SOURCE


def test_what_was_copied_on_the_page_is_of_the_source() -> None:
    note = "Read the text carefully, and write a summary of the text."
    events = (Event(Kind.COPY, text=note), put(Kind.PASTE, note, time=9.0))
    assert verdict(*events, final=note) is Manner.SOURCE


def test_ones_own_text_is_not_from_elsewhere() -> None:
    cut = Event(Kind.CUT, 9e4, 0, 0, len(OWN), OWN)
    assert verdict(*typed(OWN), cut, put(Kind.PASTE, OWN, time=9.1e4), final=OWN) is Manner.TYPED


def test_a_paste_that_was_taken_out_again_is_none() -> None:
    events = (put(Kind.PASTE, OTHER), Event(Kind.DELETE, 5.0, 0, 0, len(OTHER)), *typed(OWN, begin=9.0))
    assert verdict(*events, final=OWN) is Manner.TYPED


def test_the_time_away_is_in_the_reason() -> None:
    paste = put(Kind.PASTE, OTHER, len(OWN), time=18_720.0 + 95_000)
    blur, focus = Event(Kind.BLUR, 20_000.0), Event(Kind.FOCUS, 113_000.0)
    one = judge(Log("a", (*typed(OWN), blur, focus, paste), final=OWN + OTHER, shown=SOURCE))[0]
    assert one.verdict is Manner.ELSEWHERE
    assert one.away is not None and 94 < one.away < 96
    assert "95 s" in one.because


@pytest.mark.parametrize("kind", [Kind.COMPOSE, Kind.INSERT, Kind.REPLACE, Kind.AUTOFILL, Kind.INITIAL])
def test_tools_are_undetermined(kind: Kind) -> None:
    pieces = [OTHER[start : start + 10] for start in range(0, len(OTHER), 10)]
    events = tuple(put(kind, piece, 10 * place, 900.0 * place) for place, piece in enumerate(pieces))
    one = judge(Log("a", events, final=OTHER, shown=SOURCE))[0]
    assert one.verdict is Manner.UNDETERMINED
    assert one.elsewhere == 0


def test_keys_of_a_phone_are_undetermined() -> None:
    one = judge(Log("a", tuple(Event(Kind.KEY, 90.0 * n, text="Unidentified") for n in range(100)), final=OWN))[0]
    assert one.verdict is Manner.UNDETERMINED
    assert "phone" in one.because


def test_nothing_is_said_of_an_answer_without_events() -> None:
    one = judge(Log("a", (), final=OWN, broken="nothing was logged"))[0]
    assert (one.verdict, one.unexplained) == (Manner.UNDETERMINED, 1)
    assert "nothing was logged" in one.because
    assert judge(Log("a", ()))[0].typed is None


def test_a_log_that_stops_is_undetermined_and_says_so() -> None:
    one = judge(Log("a", typed(OWN)[:30], final=OWN, broken="the file stops in the middle"))[0]
    assert one.verdict is Manner.UNDETERMINED
    assert not one.whole
    assert "stops" in one.because


def test_a_paste_of_which_nothing_is_known_is_not_from_elsewhere() -> None:
    secret = Event(Kind.PASTE, 0.0, 0, 100)
    assert verdict(secret, final=None) is Manner.UNDETERMINED
    assert verdict(replace(secret, share=0.97), final=None) is Manner.SOURCE
    assert verdict(replace(secret, share=0.0), final=None) is Manner.ELSEWHERE
    assert verdict(replace(secret, inserted=len(SOURCE)), final=SOURCE) is Manner.SOURCE


def test_without_a_source_the_reason_says_so() -> None:
    one = judge(Log("a", (put(Kind.PASTE, OTHER),), final=OTHER))[0]
    assert one.verdict is Manner.ELSEWHERE
    assert "no source" in one.because


def test_shares_add_up() -> None:
    events = (*typed(OWN), put(Kind.PASTE, SOURCE, len(OWN)), put(Kind.COMPOSE, "zz", 0))
    one = judge(Log("a", events, final="zz" + OWN + SOURCE + "!!!"[:0], shown=SOURCE))[0]
    shares = (one.typed, one.source, one.elsewhere, one.tool, one.unexplained)
    assert sum(share or 0 for share in shares) == pytest.approx(1)


def test_the_table_has_a_row_an_answer_and_no_holes() -> None:
    rows = behaviour.table(judge([Log("a", typed(OWN), final=OWN), Log("b", ())]))
    assert rows["verdict"].to_list() == ["typed", "undetermined"]
    assert rows["typed"].to_list() == [1.0, None]
    assert behaviour.table([]).height == 0


def test_the_crowd_work_study(shared: Path) -> None:
    logs = behaviour.read(shared / "data" / "crowd" / "Batch_5083843_batch_results.csv")
    assert (logs.format, len(logs)) == ("mturk", 48)
    assert (sum(one.pastes for one in logs), sum(one.pastes > 0 for one in logs)) == (81, 43)
    judged = judge(logs)
    found = behaviour.counts(judged)
    # no answer without a paste is called pasted, and every one with a paste that stayed is
    assert [one.verdict is Manner.TYPED for one in judged] == [log.pastes == 0 for log in logs]
    assert found["typed"] == 5
    # read by hand: 22 or 23 of 41 different pasted answers are copies (one is a fourth typed), and two texts came twice
    assert found["pasted from the source"] in (23, 24)
    assert found["undetermined"] == 0
    copies = {log.final for log, one in zip(logs, judged, strict=True) if one.verdict is Manner.SOURCE}
    others = {log.final for log, one in zip(logs, judged, strict=True) if one.verdict is Manner.ELSEWHERE}
    assert (len(copies), len(others)) == (23, 18)


def test_no_name_of_a_worker_is_kept(shared: Path) -> None:
    path = shared / "data" / "crowd" / "Batch_5083843_batch_results.csv"
    import polars as pl

    workers = set(pl.read_csv(path, infer_schema=False)["WorkerId"])
    said = str(behaviour.read(path).table().write_csv())
    assert workers and not any(worker in said for worker in workers)


def test_no_key_types_a_sentence() -> None:
    text = "A whole sentence that the log calls a single key."
    assert verdict(put(Kind.TYPE, text), final=text) is Manner.UNDETERMINED


def test_a_share_that_the_logger_found_is_a_comparison() -> None:
    pasted = Event(Kind.PASTE, 0.0, 0, 20, share=0.0)
    assert "no source" not in judge(Log("a", (pasted,), final="x" * 20))[0].because
