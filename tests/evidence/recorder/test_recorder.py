"""The recorder in a real browser: whatever is done in a field, the log replays to what the field holds."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from outcross.evidence import behaviour, recorder
from tests.evidence.recorder.worker import SHIFT, Worker, served
from tests.report.browser import executable, tab
from tests.report.test_browser import CONTRASTS

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium on this machine (or in OUTCROSS_CHROMIUM)")

SALT = "change-me-to-something-long"
SOURCE = "[data-outcross-source] p"
ELSEWHERE = "Bees, according to what was written here by someone else, are quite wonderful animals."
PAGES = {
    "off": lambda page: page,
    "on": lambda page: page.replace('data-study="example"', 'data-study="example" data-text="on"'),
    "keys": lambda page: page.replace('data-study="example"', 'data-study="example" data-text="on" data-keys="on"'),
    "earlier": lambda page: page.replace('data-study="example"', 'data-study="example" data-consent="earlier"'),
    "forgetful": lambda page: page.replace('data-study="example"', 'data-study="example" data-keep="off"'),
    "bare": lambda page: page.replace("data-outcross-consent", "").replace("data-outcross-source", ""),
    "elsewhere": lambda page: page.replace("<h1>", f'<p id="elsewhere">{ELSEWHERE}</p><h1>'),
    "full": lambda page: page.replace("</textarea>", "Begun already.</textarea>"),
    "rich": lambda page: page.replace(
        '<textarea id="summary" name="summary" data-outcross aria-describedby="hint" required></textarea>',
        '<div id="summary" data-outcross contenteditable="true">Begun.</div>',
    ),
}


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    recorder.save(folder)
    for name, change in PAGES.items():
        (folder / f"{name}.html").write_text(change(recorder.example()), encoding="utf-8")
    (folder / "blank.html").write_text("<link rel=icon href=data:,>", encoding="utf-8")
    with served(folder) as address:
        yield address


@pytest.fixture(name="worker", scope="module")
def _worker() -> Iterator[Worker]:
    with tab() as opened:
        yield Worker(opened)


def rows(log: dict[str, Any], field: str = "summary") -> list[dict[str, Any]]:
    """The events of a field, by column."""
    found = [dict(zip(log["columns"], event, strict=True)) for event in log["events"]]
    return [row for row in found if row["field"] == field]


def edits(log: dict[str, Any], field: str = "summary") -> list[dict[str, Any]]:
    """The events of a field that changed its text."""
    return [row for row in rows(log, field) if row["inserted"] or row["deleted"]]


def kinds(log: dict[str, Any], field: str = "summary") -> list[str]:
    """The kinds of the edits, one for each run of them."""
    found = [row["kind"] for row in edits(log, field)]
    return [kind for place, kind in enumerate(found) if place == 0 or found[place - 1] != kind]


def replayed(log: dict[str, Any], field: str = "summary") -> str:
    """The text that the edits make; where the log has no texts, each character is the mark of its length."""
    text = ""
    for row in edits(log, field):
        assert row["position"] + row["deleted"] <= len(text), row
        put = "#" * row["inserted"] if row["text"] is None else row["text"]
        assert len(put) == row["inserted"], row
        text = text[: row["position"]] + put + text[row["position"] + row["deleted"] :]
    return text


def checked(worker: Worker, field: str = "summary") -> dict[str, Any]:
    """The log as it is, after a look whether it replays to what the field holds."""
    log = worker.log()
    value = worker.value(f"#{field}")
    assert log["final"][field] == value
    again = replayed(log, field)
    assert again == value if log["settings"]["text"] else len(again) == len(value)
    times = [event[1] for event in log["events"]]
    assert times == sorted(times)
    return log


def clipboard(worker: Worker, text: str) -> None:
    """Bring a text into the clipboard from somewhere that is no answer field."""
    worker.tab.ask(f"document.querySelector('h1').textContent = {json.dumps(text)}")
    worker.copy("h1")


def judgement(log: dict[str, Any], folder: Path, field: str = "summary") -> behaviour.Judged:
    """What is said of a field, by way of a file."""
    path = folder / "log.json"
    path.write_text(json.dumps(log), encoding="utf-8")
    logs = behaviour.read(path)
    assert logs.format == "recorder"
    return next(one for one in behaviour.judge(logs) if one.field == field)


# What is done, the kinds of edits that it makes, and what is to be said of the answer.


def types(worker: Worker) -> None:
    worker.type("Bees dancce,\nsays the tezt")
    worker.key("Backspace", 2)
    worker.type("xt, and")
    worker.key("Home")
    worker.key("ArrowRight", 5)
    worker.type("do ")
    worker.key("Delete")


def retypes(worker: Worker) -> None:
    worker.type("Bees dance.")
    worker.ctrl("a")
    worker.type("Bees run in lines.")
    worker.key("ArrowLeft", 4, SHIFT)
    worker.type("B")


def undoes(worker: Worker) -> None:
    worker.type("Bees dance.")
    worker.ctrl("a")
    worker.key("Delete")
    worker.ctrl("z", "z", "y")
    worker.type("Bees")


def regrets(worker: Worker) -> None:
    """Several keys are undone at once."""
    worker.type("Bees dance.")
    worker.key("Backspace", 6)
    worker.ctrl("z")


def moves(worker: Worker) -> None:
    worker.type("and run. Bees dance, ")
    worker.ctrl("a", "x", "v", "v")
    worker.type("!")


def pastes_source(worker: Worker) -> None:
    worker.copy(SOURCE)
    worker.click("#summary")
    worker.ctrl("v")


def pastes_elsewhere(worker: Worker) -> None:
    clipboard(worker, ELSEWHERE)
    worker.click("#summary")
    worker.ctrl("v")
    worker.type("!")


def pastes_over(worker: Worker) -> None:
    """Paste the same again over what was pasted."""
    pastes_elsewhere(worker)
    worker.key("Backspace")
    worker.ctrl("a", "v")


def drops_source(worker: Worker) -> None:
    worker.select(SOURCE)
    x, y, _, _ = worker.box(SOURCE)
    worker.drag((x + 40, y + 12), worker.middle("#summary"))


def drops_elsewhere(worker: Worker) -> None:
    items = [{"mimeType": "text/plain", "data": ELSEWHERE}]
    worker.drop({"items": items, "dragOperationsMask": 1}, worker.middle("#summary"))


def composes(worker: Worker) -> None:
    worker.compose("m", "mi", "mif", "蜜蜂")
    worker.compose("t", "ti", "tia", "tiao", "跳😀")


def dictates(worker: Worker) -> None:
    worker.say("Bees dance")
    worker.say(" in the hive.")


def fills(worker: Worker) -> None:
    """As form fillers do: the value is set, and an event is sent."""
    field = "document.querySelector('#summary')"
    worker.tab.ask(f"{field}.value = 'A bee dances.'; {field}.dispatchEvent(new Event('input', {{ bubbles: true }}))")


def fills_in_silence(worker: Worker) -> None:
    """As extensions may: the value is set, with no event."""
    worker.type("A be")
    worker.tab.ask("document.querySelector('#summary').value += 'e dances in the hive.'")
    worker.type("!")


def corrects(worker: Worker) -> None:
    """As writing assistants do: a word is selected and another put in its place."""
    worker.type("A bea dances.")
    worker.tab.ask("document.querySelector('#summary').setSelectionRange(2, 5)")
    worker.tab.ask("document.execCommand('insertText', false, 'bee')")


def goes_on_after_reload(worker: Worker) -> None:
    worker.type("Bees dance")
    worker.reload()
    worker.click("#summary")
    worker.key("End")
    worker.type(".")


Act = Callable[[Worker], None]
TYPED, COPIED, PASTED, UNDETERMINED = "typed", "pasted from the source", "pasted from elsewhere", "undetermined"
SCENARIOS: dict[str, tuple[Act, list[str], str]] = {
    "typing": (types, ["type", "delete", "type", "delete"], TYPED),
    "retyping": (retypes, ["type"], TYPED),
    "undoing": (undoes, ["type", "delete", "undo", "redo", "type"], TYPED),
    "regretting": (regrets, ["type", "delete", "undo"], TYPED),
    "moving": (moves, ["type", "delete", "move", "type"], TYPED),
    "reloading": (goes_on_after_reload, ["type"], TYPED),
    "pasting the source": (pastes_source, ["paste"], COPIED),
    "pasting": (pastes_elsewhere, ["paste", "type"], PASTED),
    "pasting over": (pastes_over, ["paste", "type", "delete", "paste"], PASTED),
    "dropping the source": (drops_source, ["drop"], COPIED),
    "dropping": (drops_elsewhere, ["drop"], PASTED),
    "composing": (composes, ["compose"], UNDETERMINED),
    "dictating": (dictates, ["insert"], UNDETERMINED),
    "filling": (fills, ["autofill"], UNDETERMINED),
    "filling in silence": (fills_in_silence, ["type", "autofill", "type"], UNDETERMINED),
    "correcting": (corrects, ["type", "insert"], TYPED),
}


@pytest.mark.parametrize("text", ["off", "on"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_done_replays_and_is_judged(worker: Worker, site: str, name: str, text: str, tmp_path: Path) -> None:
    act, expected, verdict = SCENARIOS[name]
    worker.open(f"{site}/{text}.html?workerId=A1B2C3&assignmentId={name.replace(' ', '-')}")
    worker.agree()
    worker.click("#summary")
    act(worker)
    log = checked(worker)
    assert kinds(log) == expected
    assert worker.tab.complaints() == []
    if text == "off":
        assert all(row["text"] is None for row in rows(log))
    judged = judgement(log, tmp_path)
    assert judged.verdict == verdict, judged
    assert judged.exact


def test_the_log_goes_with_the_form(worker: Worker, site: str, tmp_path: Path) -> None:
    worker.open(f"{site}/off.html?workerId=A1B2C3&assignmentId=3XYZ")
    worker.agree()
    worker.click("#summary")
    worker.type("Bees dance.")
    worker.click("#remark")
    worker.compose("t", "te", "て")
    worker.log()
    worker.click("button")
    log = worker.sent()
    assert log["worker"] == hashlib.sha256(f"{SALT}A1B2C3".encode()).hexdigest()
    assert log["worker_is"] == "sha256"
    assert "A1B2C3" not in json.dumps(log)
    assert SALT not in json.dumps(log)
    assert log["response"] == "3XYZ"
    assert log["consent"]["how"] == "box"
    assert "I agree" in log["consent"]["text"]
    assert log["submitted"] >= log["events"][-1][1]
    assert log["final"] == {"summary": "Bees dance.", "remark": "て"}
    assert judgement(log, tmp_path, "summary").verdict == TYPED
    assert judgement(log, tmp_path, "remark").verdict == UNDETERMINED
    assert judgement(log, tmp_path, "summary").whole
    worker.click("#summary")
    worker.type("!")  # not handed in after all
    assert worker.log()["submitted"] is None
    worker.click("button")
    worker.reload()
    assert worker.log()["events"] == []  # what was handed in is over


def test_nothing_is_recorded_before_consent_or_after_it_is_withdrawn(worker: Worker, site: str) -> None:
    worker.open(f"{site}/on.html")
    worker.click("#summary")
    worker.type("Secret. ")
    log = worker.log()
    assert (log["events"], log["final"], log["consent"]["given"]) == ([], {}, False)
    worker.agree()
    worker.click("#summary")
    worker.key("End")
    worker.type("Open.")
    log = checked(worker)
    assert kinds(log) == ["initial", "type"]
    assert log["consent"]["given"]
    worker.agree()  # the box is empty again
    worker.click("#summary")
    worker.type("Secret. ")
    log = worker.log()
    assert (log["events"], log["final"], log["consent"]["given"]) == ([], {}, False)
    worker.click("button")
    assert worker.sent()["events"] == []


def test_nothing_outside_the_fields_is_recorded(worker: Worker, site: str) -> None:
    worker.open(f"{site}/keys.html")
    worker.agree()
    worker.tab.ask("document.querySelector('h1').innerHTML = '<input id=other>'")
    worker.click("#other")
    worker.type("Nobody's business")
    assert worker.log()["events"] == []
    worker.click("#summary")
    worker.type("Hi")
    log = worker.log()
    assert [row["text"] for row in rows(log) if row["kind"] == "key"] == ["H", "i"]
    assert [row["text"] for row in rows(log) if row["kind"] == "type"] == ["H", "i"]


def test_consent_given_before(worker: Worker, site: str) -> None:
    worker.open(f"{site}/earlier.html")
    worker.click("#summary")
    worker.type("Hi")
    log = checked(worker)
    assert log["consent"]["how"] == "earlier"
    assert kinds(log) == ["type"]


def test_a_page_without_a_consent_text_does_not_record(worker: Worker, site: str) -> None:
    worker.open(f"{site}/bare.html")
    worker.click("#summary")
    worker.type("Hi")
    assert any("data-outcross-consent marks no box" in one for one in worker.tab.complaints())


def test_pastes_have_digests_and_shares(worker: Worker, site: str) -> None:
    worker.open(f"{site}/off.html")
    worker.agree()
    copied = worker.copy(SOURCE)
    worker.click("#summary")
    worker.ctrl("v", "v")
    clipboard(worker, copied[:60] + ELSEWHERE[:60])
    worker.click("#summary")
    worker.ctrl("v")
    first, again, half = edits(checked(worker))
    assert first["digest"] == again["digest"] == hashlib.sha256(f"{SALT}{copied}".encode()).hexdigest()
    assert half["digest"] not in (None, first["digest"])
    assert (first["share"], again["share"]) == (1, 1)
    assert half["share"] == pytest.approx(0.5, abs=0.02)


def test_a_log_of_one_page_load_only(worker: Worker, site: str) -> None:
    worker.open(f"{site}/forgetful.html")
    worker.agree()
    worker.click("#summary")
    worker.type("Hi")
    worker.reload()
    log = worker.log()
    assert (log["events"], log["consent"]["given"]) == ([], False)


def test_an_answer_that_was_begun(worker: Worker, site: str, tmp_path: Path) -> None:
    worker.open(f"{site}/full.html")
    worker.agree()
    log = checked(worker)
    assert [(row["kind"], row["inserted"]) for row in edits(log)] == [("initial", 14)]
    assert judgement(log, tmp_path).verdict == UNDETERMINED


def test_rich_text(worker: Worker, site: str) -> None:
    worker.open(f"{site}/rich.html")
    worker.agree()
    worker.click("#summary")
    worker.key("End")
    worker.type(" Bees  dance.\nOn the comb.")
    worker.key("Backspace", 3)
    clipboard(worker, ELSEWHERE)
    worker.click("#summary")
    worker.ctrl("a", "v")
    worker.type("!")
    log = worker.log()
    assert len(replayed(log)) == len(log["final"]["summary"])
    assert log["final"]["summary"].strip() == f"{ELSEWHERE}!"
    assert kinds(log) == ["initial", "type", "delete", "paste", "type"]


def test_many_keys_are_quick(worker: Worker, site: str) -> None:
    """A key in an answer of 20,000 characters takes the page no more than a few milliseconds."""
    worker.open(f"{site}/off.html")
    worker.agree()
    worker.click("#summary")
    worker.say("bees dance " * 2000)
    took = worker.tab.ask(
        "(() => { const field = document.querySelector('#summary'), begun = performance.now();"
        "for (let key = 0; key < 20; key++) document.execCommand('insertText', false, 'a');"
        "return (performance.now() - begun) / 20; })()"
    )
    assert took < 50
    assert len(edits(checked(worker))) == 21


def test_of_two_like_characters_the_one_at_the_caret_goes(worker: Worker, site: str) -> None:
    worker.open(f"{site}/off.html")
    worker.agree()
    worker.click("#summary")
    worker.type("hello")
    worker.key("ArrowLeft", 2)
    worker.type("l")
    worker.key("Backspace")
    worker.key("ArrowLeft")
    worker.key("Delete")
    last = edits(checked(worker))[-3:]
    assert [(row["kind"], row["position"]) for row in last] == [("type", 3), ("delete", 3), ("delete", 2)]


def test_a_page_without_hashes_has_no_ids(worker: Worker, site: str) -> None:
    """As on http, where browsers have no `crypto.subtle`."""
    source = "Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })"
    added = worker.tab.send("Page.addScriptToEvaluateOnNewDocument", source=source)
    worker.open(f"{site}/off.html?workerId=A1B2C3")
    worker.tab.send("Page.removeScriptToEvaluateOnNewDocument", identifier=added["identifier"])
    worker.agree()
    pastes_source(worker)
    log = checked(worker)
    assert (log["worker"], log["worker_is"]) == (None, "no crypto")
    assert [(row["digest"], row["share"]) for row in edits(log)] == [(None, 1)]
    assert "A1B2C3" not in json.dumps(log)
    assert worker.tab.complaints() == []


def test_a_field_that_comes_later_and_goes_before_the_end(worker: Worker, site: str) -> None:
    """As on pages that an experiment library makes."""
    worker.open(f"{site}/off.html")
    worker.tab.ask("document.querySelectorAll('form, section').forEach((one) => one.remove())")
    worker.tab.ask("document.querySelector('main').innerHTML += '<textarea id=late data-outcross></textarea>'")
    worker.tab.ask("outcross.start({ consent: 'earlier', keep: 'off', response: 'trial 7' })")
    worker.click("#late")
    worker.type("Hi")
    worker.tab.ask("document.querySelector('#late').remove()")
    log = worker.tab.ask("outcross.finish()")
    assert (log["response"], log["final"], replayed(log, "late")) == ("trial 7", {"late": "Hi"}, "##")
    assert log["submitted"] is not None


def test_a_page_opened_from_the_disk(worker: Worker, tmp_path: Path) -> None:
    recorder.save(tmp_path)
    worker.open((tmp_path / "example.html").as_uri() + "?workerId=A1")
    worker.agree()
    worker.click("#summary")
    worker.type("Hi")
    assert kinds(checked(worker)) == ["type"]


def test_the_log_in_a_column_of_a_table(worker: Worker, site: str, tmp_path: Path) -> None:
    worker.open(f"{site}/off.html")
    worker.agree()
    pastes_source(worker)
    path = tmp_path / "batch_results.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["HITId", "WorkerId", "Answer.summary", "Answer.outcross_log"])
        rows.writerow(["3A", "A1", worker.value("#summary"), json.dumps(worker.log())])
    logs = behaviour.read(path)
    assert logs.format == "recorder"
    assert [str(one.verdict) for one in behaviour.judge(logs) if one.field == "summary"] == [COPIED]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_page_can_be_read_and_asks_for_nothing(worker: Worker, site: str, width: int, scheme: str) -> None:
    worker.open(f"{site}/off.html", width, scheme)
    assert worker.tab.ask("document.documentElement.scrollWidth") <= width
    assert worker.tab.ask(CONTRASTS) == {}
    assert worker.tab.complaints() == []
    asked = [url.partition("?")[0] for url in worker.tab.requests() if not url.startswith("data:")]
    assert asked == [f"{site}/off.html", f"{site}/recorder.js"]
    names = worker.tab.send("Accessibility.getFullAXTree")["nodes"]
    roles = {"textbox", "checkbox", "button"}
    found = {n["role"]["value"]: n["name"]["value"] for n in names if n.get("role", {}).get("value") in roles}
    assert set(found) == roles
    assert all(found.values())


def test_only_one_name_is_left_on_the_page(worker: Worker, site: str) -> None:
    worker.open(f"{site}/blank.html")
    before = set(worker.tab.ask("Object.getOwnPropertyNames(window)"))
    worker.open(f"{site}/off.html")
    after = set(worker.tab.ask("Object.getOwnPropertyNames(window)"))
    assert {name for name in after - before if not name.isdigit()} == {"outcross"}
