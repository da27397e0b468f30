"""Every format from a small log of its own shape: recognised, read, and read as far as it goes where it is cut off."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path
from typing import Any

import pytest

from outcross.core.errors import BadInput, MissingInput
from outcross.evidence.behaviour import Event, Kind, Log, Logs, Manner, formats, judge, read
from outcross.evidence.behaviour.readers._snapshots import edit
from outcross.evidence.behaviour.records import salvaged

OWN = "Mice that sleep long learn fast, and those that do not sleep forget what they have learned within a day."
OTHER = "In conclusion, these findings underscore the pivotal role of sleep in the consolidation of memory."


def iso(ms: int) -> str:
    return f"2023-06-01T07:{ms // 60000:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}Z"


def mturk() -> str:
    rows = []
    logs: list[tuple[list[Any], str]] = [
        ([["key", one, iso(150 * n)] for n, one in enumerate(OWN)], OWN),
        ([["key", "Control", iso(10)], ["key", "v", iso(60)], ["paste", OTHER, iso(61)]], OTHER),
    ]
    for n, (log, final) in enumerate(logs):
        answer = json.dumps([{"log_of_what_they_did": json.dumps(log), "summary": final}])
        rows.append(
            {"AssignmentId": f"a{n}", "WorkerId": f"w{n}", "Input.texts": "Mice.", "Answer.taskAnswers": answer}
        )
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def roundtable() -> str:
    typed = [{"s": OWN[: n + 1], "t": 150 * n, "o": "c", "ct": ""} for n in range(len(OWN))]
    pasted = [{"s": OTHER, "t": 99, "o": "c", "ct": OTHER}]
    return json.dumps([{"session_id": "s", "question_histories": {"Q1": typed, "Q2": pasted}}])


def aftercare() -> str:
    keys = [{"k": one, "c": "Key", "t": 150 * n, "ht": 60} for n, one in enumerate(OWN)]
    one = {"id": "a", "key_history": keys, "paste_history": [], "response": OWN}
    two = {"id": "b", "key_history": [], "paste_history": [{"t": 5, "c": OTHER}], "response": OTHER}
    return "\n".join(json.dumps(record) for record in (one, two))


def crossley() -> str:
    lines = ["essayID,Event ID,Down Time,Up Time,Action Time,Position,Pause Time,Word Count,Text Change,Activity"]
    for n, one in enumerate(OWN):
        lines.append(f'1,{n},{150 * n},{150 * n + 60},60,{n + 1},150,1,"{one}",Input')
    lines.append(f'2,1,5,9,4,{len(OTHER)},0,9,"{OTHER}",Paste')
    return "\n".join(lines)


def rrweb() -> str:
    events: list[dict[str, Any]] = [{"type": 4, "data": {"href": "https://example.org"}, "timestamp": 1}]
    for n in range(len(OWN)):
        data = {"source": 5, "id": 7, "text": OWN[: n + 1], "isChecked": False}
        events.append({"type": 3, "data": data, "timestamp": 150 * n})
    events.append({"type": 3, "data": {"source": 5, "id": 8, "text": OTHER, "isChecked": False}, "timestamp": 99999})
    return json.dumps(events)


def recorder() -> str:
    rows: list[list[Any]] = [["own", 150 * n, "type", n, 1, 0, None, None, None] for n in range(len(OWN))]
    rows.append(["other", 60000, "paste", 0, len(OTHER), 0, None, 0.0, None])
    return json.dumps(
        {
            "format": "outcross-recorder",
            "version": 1,
            "response": "r",
            "submitted": 70000,
            "consent": {"given": True},
            "fields": ["own", "other"],
            "final": {"own": OWN, "other": OTHER},
            "columns": ["field", "t", "kind", "position", "inserted", "deleted", "text", "share", "digest"],
            "events": rows,
        }
    )


def canonical() -> str:
    typed = tuple(Event(Kind.TYPE, 150.0 * n, n, 1, text=one) for n, one in enumerate(OWN))
    logs = Logs(
        (Log("a", typed, final=OWN), Log("b", (Event(Kind.PASTE, 5.0, 0, len(OTHER), text=OTHER),), final=OTHER))
    )
    return str(logs.table().write_ndjson())


MADE = {
    "mturk": mturk,
    "roundtable": roundtable,
    "aftercare": aftercare,
    "crossley": crossley,
    "rrweb": rrweb,
    "recorder": recorder,
    "canonical": canonical,
}


def written(folder: Path, text: str) -> Path:
    path = folder / "log"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_format_is_tried() -> None:
    assert set(MADE) == set(formats())


@pytest.mark.parametrize("name", MADE)
def test_it_is_recognised_and_judged(name: str, tmp_path: Path) -> None:
    logs = read(written(tmp_path, MADE[name]()))
    assert logs.format == name
    one, two = judge(logs)
    assert (one.verdict, one.keys) == (Manner.TYPED, len(OWN))
    # rrweb does not say what a paste is
    assert two.verdict is (Manner.UNDETERMINED if name == "rrweb" else Manner.ELSEWHERE)
    assert one.whole and two.whole


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_it_is_read_as_far_as_it_goes(name: str, share: float, tmp_path: Path) -> None:
    text = MADE[name]()
    logs = read(written(tmp_path, text[: int(share * len(text))]), format=name)
    assert len(logs) >= 1
    if name not in ("crossley",):  # a table of events, which has no end of its own
        assert not logs[-1].whole
    judge(logs)


@pytest.mark.parametrize("name", MADE)
def test_the_event_table_says_all(name: str, tmp_path: Path) -> None:
    logs = read(written(tmp_path, MADE[name]()))
    for suffix in ("parquet", "jsonl"):
        again = read(logs.save(tmp_path / f"events.{suffix}"))
        assert again.format == "canonical"
        assert list(again) == list(logs)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "id,text\n1,a\n",
        '{"a": 1}',
        "[]",
        "{",
        "[[1, 2]]",
        "[1, 2",
        "one line",
        "\0\0",
        '{"events": []}',
        "[[[]]]",
    ],
)
def test_anything_else_is_refused_in_one_line(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        read(written(tmp_path, text))
    assert "\n" not in str(refused.value)


def test_the_refusal_names_the_formats(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"known are aftercare, .*, mturk, .*rrweb"):
        read(written(tmp_path, "id,text\n1,a\n"))
    with pytest.raises(BadInput, match="did you mean 'mturk'"):
        read(written(tmp_path, mturk()), format="mturc")
    with pytest.raises(MissingInput):
        read(tmp_path / "nothing.csv")


def test_source_and_final_text_may_be_elsewhere(tmp_path: Path) -> None:
    path = written(tmp_path, mturk())
    source = tmp_path / "source.txt"
    source.write_text(OTHER)
    assert judge(read(path, source=source))[1].verdict is Manner.SOURCE
    assert read(path, source="WorkerId")[0].shown == "w0"
    assert read(path, final="summary")[0].final == OWN
    with pytest.raises(BadInput, match="neither a text file nor a column"):
        read(path, source="abstract")
    with pytest.raises(BadInput, match="no column 'summry'"):
        read(path, final="summry")


def test_commands_are_not_typed(tmp_path: Path) -> None:
    log = [
        ["key", "a", iso(0)],
        ["key", "Control", iso(9)],
        ["key", "c", iso(20)],
        ["copy", "x"],
        ["key", "V", iso(30)],
    ]
    log += [["paste", "x", iso(40)], ["key", "c", iso(9000)], ["key", "Enter", iso(9100)], ["key", "F5", iso(9200)]]
    events = read(written(tmp_path, json.dumps(log)))[0].events
    assert "".join(event.text or "" for event in events if event.kind is Kind.TYPE) == "ac\n"


def test_masked_values_tell_lengths(tmp_path: Path) -> None:
    text = rrweb().replace(json.dumps(OTHER), json.dumps("*" * 80))
    log = read(written(tmp_path, text))[1]
    assert (log.final, log.events[0].inserted, log.events[0].text) == (None, 80, None)
    assert judge(log)[0].verdict is Manner.UNDETERMINED


def test_crossley_edits() -> None:
    from outcross.evidence.behaviour import replay
    from outcross.evidence.behaviour.formats import Wanted
    from outcross.evidence.behaviour.readers.crossley import Crossley
    from outcross.evidence.behaviour.records import Records

    rows = [
        ("Input", "a", 1),
        ("Paste", "bcd", 4),
        ("Remove/Cut", "c", 2),
        ("Replace", "bd => xyz", 4),
        ("Nonproduction", "NoChange", 4),
        ("Input", "e", 5),
        ("Move From [0, 2] To [3, 5]", "ax", 5),
    ]
    table = [
        {"id": "w", "down_time": n, "activity": activity, "text_change": change, "cursor_position": caret}
        for n, (activity, change, caret) in enumerate(rows)
    ]
    log = next(Crossley().logs(Records(tuple(table)), Wanted()))
    assert replay(log).text == "yzeax"
    assert log.response != "w"


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "a"), ("aaa", "aaaa"), ("abcabc", "abc"), ("a cat", "a dog"), ("x", ""), ("aba", "ababa")],
)
def test_what_two_snapshots_differ_by(before: str, after: str) -> None:
    change = edit(before, after, 0.0)
    assert change is not None and change.position is not None
    assert before[: change.position] + (change.text or "") + before[change.position + change.deleted :] == after


@pytest.mark.parametrize("cut", range(1, 60))
def test_whatever_is_left_of_json_is_kept(cut: int) -> None:
    text = '[{"a": [1, 2, "x\\"y"], "b": {"c": null}}, {"a": "\\u00e9"}]'
    value, whole = salvaged(text[:cut])
    assert whole == (cut >= len(text))
    assert isinstance(value, list)


def test_a_huge_field_is_read(tmp_path: Path) -> None:
    huge = "Mice sleep. " * 900_000
    answer = json.dumps([{"log": json.dumps([["paste", huge, iso(1)]]), "summary": huge}])
    out = io.StringIO()
    csv.writer(out).writerows([["Answer.taskAnswers"], [answer]])
    assert judge(read(written(tmp_path, out.getvalue())))[0].verdict is Manner.ELSEWHERE


def test_an_empty_answer_is_an_answer(tmp_path: Path) -> None:
    keys = [{"k": letter, "c": letter, "t": 100 * place, "ht": 80} for place, letter in enumerate("deleted")]
    record = {"key_history": keys, "paste_history": [], "final_text": ""}
    log = read(written(tmp_path, json.dumps([record])))[0]
    assert log.final == ""
    assert judge(log)[0].verdict is Manner.UNDETERMINED


def test_brackets_without_end_are_given_up_soon() -> None:
    begin = time.perf_counter()
    assert salvaged("[" * 200_000) == (None, False)
    assert time.perf_counter() - begin < 10  # a hundred times as long where every bracket copies those around it


def test_half_an_emoji_is_read_and_written(tmp_path: Path) -> None:
    answer = "half of one \ud83d and then a text that goes on"
    paste = {"t": 3, "c": answer}
    logs = read(written(tmp_path, json.dumps([{"id": "a\ud83d", "paste_history": [paste], "final_text": answer}])))
    logs.save(tmp_path / "events.parquet")
    assert logs[0].final == answer.replace("\ud83d", "\ufffd")
    assert judge(logs)[0].verdict is Manner.ELSEWHERE
