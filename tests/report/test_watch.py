"""The page of a watch in a real browser: it fits, complains of nothing, asks for nothing, says what gates say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from outcross.guard.snapshot.snapshot import Snapshot
from outcross.guard.watch.watch import watch
from tests.guard.watch.corpora import drawn
from tests.report.browser import Tab, executable, tab

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium on this machine (or in OUTCROSS_CHROMIUM)")

STRANGE = "human\t0\t<b>" + "long" * 20


@pytest.fixture(name="page", scope="module")
def _page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    laws = enumerate((3000, 2500, 400))
    taken = [Snapshot.of([f"{text} <i>" for text in drawn(100, types, seed)], [STRANGE] * 100) for seed, types in laws]
    return watch(*taken).page(tmp_path_factory.mktemp("watch") / "page.html")


@pytest.fixture(name="browser", scope="module")
def _browser() -> Iterator[Tab]:
    with tab() as opened:
        yield opened


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_is_quiet(browser: Tab, page: Path, width: int, scheme: str) -> None:
    browser.open(page, width, scheme=scheme, mobile=width < 600)
    browser.ask("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert browser.ask("document.documentElement.scrollWidth") <= width
    assert browser.complaints() == []
    assert browser.requests() == [page.resolve().as_uri()]


def test_the_answer_comes_first(browser: Tab, page: Path) -> None:
    browser.open(page, 1280)
    assert "does not pass" in browser.ask("document.querySelector('.answer').textContent")
    assert "fails" in browser.ask("document.querySelector('.gates li').textContent")
    assert browser.ask("document.querySelectorAll('.fan').length") >= 4
    assert "word" in browser.ask("document.querySelector('#words').textContent")
