"""The pages of the guard in a real browser: they fit a phone, are read in the dark, are printed, ask for nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from outcross.guard.snapshot.snapshot import Snapshot
from outcross.guard.watch.watch import watch
from outcross.report.check import check_page
from outcross.report.forecast import forecast_page
from outcross.report.watch import watch_page
from tests.guard.watch.corpora import drawn
from tests.report import checkups
from tests.report.browser import Tab, executable, tab
from tests.report.test_browser import CONTRASTS
from tests.report.test_sheet import sample

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium on this machine (or in OUTCROSS_CHROMIUM)")


def _checked(name: str) -> str:
    return check_page(checkups.ALL[name]())


def _watched() -> str:
    """A series whose words become fewer; its groups have names that are hard to show."""
    taken = [Snapshot.of(drawn(60, types, types), ["human\t0\t<b>" + "long" * 20] * 60) for types in (3000, 2500, 400)]
    return watch_page(watch(*taken))


PAGES: dict[str, Callable[[], str]] = {
    "sample": sample,
    "watch": _watched,
    "forecast": lambda: forecast_page(checkups.forecast()),
    "forecast, hostile": lambda: forecast_page(checkups.hostile_forecast()),
    **{f"check, {name}": partial(_checked, name) for name in checkups.ALL},
}
OUTSIDE = """[...document.querySelectorAll('main svg text')].filter((text) => {
  const box = text.getBoundingClientRect();
  return box.left < -1 || box.right > document.documentElement.clientWidth + 1;
}).map((text) => text.textContent)"""
OVERLAPPING = """[...document.querySelectorAll('main svg[role="img"]')].filter((picture) => {
  const boxes = [...picture.querySelectorAll('text')].map((text) => text.getBoundingClientRect());
  return boxes.some((a, i) => boxes.slice(0, i).some((b) =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3));
}).map((picture) => picture.getAttribute('aria-label'))"""
ACTIVE = "document.querySelectorAll('script, img, iframe, object, embed, form, input').length"


@pytest.fixture(name="browser", scope="module")
def _browser() -> Iterator[Tab]:
    with tab() as opened:
        yield opened


@pytest.fixture(name="page", params=PAGES, scope="module")
def _page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "index.html"
    file.write_bytes(PAGES[request.param]().encode("utf-8", "replace"))
    return file


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "light"), (390, "dark"), (1280, "dark")])
def test_it_fits_and_is_read_and_asks_for_nothing(browser: Tab, page: Path, width: int, scheme: str) -> None:
    browser.open(page, width, scheme=scheme, mobile=width < 600)
    browser.ask("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert browser.ask("document.documentElement.scrollWidth") <= width
    assert browser.ask(OUTSIDE) == []
    assert browser.ask(OVERLAPPING) == []
    assert browser.ask(CONTRASTS) == {}
    assert browser.complaints() == []
    assert browser.requests() == [page.resolve().as_uri()]
    assert browser.ask(ACTIVE) == 0


def test_dark_is_dark_and_the_patterns_follow(browser: Tab, tmp_path: Path) -> None:
    file = tmp_path / "sample.html"
    file.write_text(sample(), encoding="utf-8")
    seen = {}
    asked = (
        "[getComputedStyle(document.body).backgroundColor, "
        "getComputedStyle(document.querySelector('#fill-human .dot')).fill]"
    )
    for scheme in ("light", "dark"):
        browser.open(file, 1280, scheme=scheme)
        seen[scheme] = browser.ask(asked)
    assert all(light != dark for light, dark in zip(seen["light"], seen["dark"], strict=True))


@pytest.mark.parametrize(("name", "pages"), [("whole", range(2, 5)), ("bare", range(1, 3)), ("huge", range(2, 7))])
def test_printed_it_is_a_few_pages_on_white(browser: Tab, tmp_path: Path, name: str, pages: range) -> None:
    file = tmp_path / "check.html"
    file.write_text(check_page(checkups.ALL[name]()), encoding="utf-8")
    browser.open(file, 1280, scheme="dark")
    printed = base64.b64decode(browser.send("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) in pages
    browser.send("Emulation.setEmulatedMedia", media="print")
    paper = browser.ask("getComputedStyle(document.body).backgroundColor")
    shown = browser.ask("getComputedStyle(document.querySelector('nav')).display")
    browser.send("Emulation.setEmulatedMedia", media="")
    assert (paper, shown) == ("rgb(255, 255, 255)", "none")
