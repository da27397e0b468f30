"""The page of a check-up: the answer first, then what it rests on, whatever is known and whatever the texts try."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from outcross.report.check import check_page, write_check
from tests.report import checkups
from tests.report.html import Page

SECTIONS = ["synthetic", "lost", "long", "mix", "untold", "made"]


@pytest.fixture(name="name", params=checkups.ALL, scope="module")
def _name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(name="text", scope="module")
def _text(name: str) -> str:
    return check_page(checkups.ALL[name]())


def test_all_sections_are_there_in_order(text: str) -> None:
    page = Page(text)
    assert [found["id"] for found in page.all("section")] == SECTIONS
    assert [found["href"] for found in page.all("a")][1:7] == [f"#{name}" for name in SECTIONS]
    assert page.all("html") == [{"lang": "en"}]
    assert len(text.encode("utf-8", "replace")) < 200_000


def test_headings_descend_one_at_a_time(text: str) -> None:
    levels = [int(tag[1]) for tag, _ in Page(text).elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_pictures_speak_and_nothing_can_run(text: str) -> None:
    page = Page(text)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "iframe", "object", "form", "input", "button", "embed"}
    assert all(found["aria-label"] for found in page.all("svg") if found.get("role") == "img")
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert all(href.startswith(("#", "https://", "data:,")) for href in page.values("href"))


def test_the_answer_comes_first_and_everything_is_told() -> None:
    text = Page(check_page(checkups.whole())).text
    for said in (
        "About a third of these 4100 documents is synthetic",
        "4100 documents, 212 of them copies, 1 004 211 words",
        "human 29 % 1200",
        "no claim 50 % 2040",
        "37 of 4100 documents (0.9 %) bear a mark of their origin; in 2 a mark is damaged.",
        "34 % of the documents are synthetic; 29 to 40 %, 95 % interval",
        "pass Synthetic references are called synthetic",
        "warning A classifier tells the target",
        "Length alone tells human from synthetic",
        "Different words 18 204 → 14 320 types, surely worse",
        "9.8 → 9.7 bits",
        "Not compared: share of letters (the corpus has no groups).",
        "quince 31 a million words, now none",
        "12 times in the corpus, once in the reference",
        "below 50 % from generation 5",
        "31 % of every training set must be human; 24 to 40 %",
        "1240 new human records a generation; 980 to 1600",
        "At least 300 of 1000 records (30 %) are human, with 95 % confidence.",
        "synthetic, generation 2 1000 150 15 %",
        "outcross mix stories.jsonl human=people.jsonl synthetic=model.jsonl --policy 'anchor(real=0.3)'",
        "Which of the groups is losing most. Needs: a column of groups: --group COLUMN",
        "Took 41.7 s",
        "Number of types with a positive share",
    ):
        assert said in text, said
    assert text.index("About a third") < text.index("Claimed, by the corpus itself")


def test_what_cannot_be_told_says_what_it_needs_and_shows_no_number() -> None:
    text = Page(check_page(checkups.bare())).text
    assert "Cannot tell There are no references of the target's kind, and no labels." in text
    assert "Without a human reference nothing can be called lost." in text
    assert text.count("Needs:") == 3
    assert "95 % interval" not in text


def test_counts_are_told_to_the_last_record() -> None:
    text = Page(check_page(checkups.huge())).text
    assert "At least 100 000 000 000 of 139 000 000 000 records (72 %) are human" in text
    assert f"Seed {2**63}" in text
    assert text.count("31 a million") == 12


def test_hostile_texts_are_read_and_do_nothing() -> None:
    raw = check_page(checkups.hostile())
    text = Page(raw).text
    assert "<script>alert('run')</script>" in text
    assert "{{ 7 * 7 }}{% raw %}" in text
    assert "⟨U+202E⟩gnp.exe" in text
    assert not set(raw) & {"\x00", "\x07", "\x1b", "\u202e", "\u2066"}
    assert sum(len(run) > 600 for run in re.findall("w+", text)) == 1  # the command, which is never cut
    assert "and 9400 more characters" in text


def test_it_is_written_where_it_should(tmp_path: Path) -> None:
    assert write_check(checkups.bare(), tmp_path / "page.html") == tmp_path / "page.html"
    assert write_check(checkups.hostile(), tmp_path / "folder") == tmp_path / "folder" / "index.html"
    assert checkups.bare().page(tmp_path / "again.html").read_bytes() == (tmp_path / "page.html").read_bytes()
