"""The page in a real browser: it fits a phone, complains of nothing, asks for nothing, can be read and used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from outcross.lab.trial import Excerpt
from outcross.report.page import write_page
from tests.report import samples
from tests.report.browser import Tab, executable, tab

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium on this machine (or in OUTCROSS_CHROMIUM)")

LONG = "filtered(policy=weighted(real=0.2, human=0.6180339887), keep=0.7)"
HARD = ("x" * 3000, "\n" * 50 + "the " * 500, "\u202e שלום עולם \ud83d\x00", "https://" + "a/" * 300)
WIDTHS = [320, 390, 820, 1280]

CONTRASTS = """(() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (c) => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const light = (rgb) => rgb.slice(0, 3).reduce((sum, c, i) => sum + linear(c / 255) * [.2126, .7152, .0722][i], 0);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = channels(getComputedStyle(element).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = {};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, style = getComputedStyle(element);
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    if (element.closest("script, .unseen")) continue;
    const ink = channels(element instanceof SVGElement ? style.fill : style.color);
    const [a, b] = [light(ink), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) found[`${element.tagName}.${element.className.baseVal ?? element.className}`] = ratio.toFixed(2);
  }
  return found;
})()"""


@pytest.fixture(name="page", scope="module")
def _page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        samples.settle(patch)
        yield write_page(samples.history(policies=(*samples.POLICIES, LONG)), tmp_path_factory.mktemp("page"))


@pytest.fixture(name="pictures", scope="module")
def _pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A page of pictures, whose models wrote texts that are hard to show."""
    with pytest.MonkeyPatch.context() as patch:
        samples.settle(patch)
        history = samples.drawn((*samples.POLICIES, LONG))
        for policy, text in zip(history.policies, HARD, strict=True):
            history.outcomes[policy].excerpts.append(Excerpt(policy, 1, "The <unk>", f"The <unk> {text}"))
        yield write_page(history, tmp_path_factory.mktemp("pictures"))


@pytest.fixture(name="browser", scope="module")
def _browser() -> Iterator[Tab]:
    with tab() as opened:
        yield opened


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("opened", [False, True], ids=["as it comes", "everything open"])
def test_nothing_runs_over_the_side(browser: Tab, page: Path, width: int, opened: bool) -> None:
    browser.open(page, width, mobile=width < 600)
    if opened:
        browser.ask("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert browser.ask("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_pictures_are_seen_and_stay_in_their_place(browser: Tab, pictures: Path, width: int) -> None:
    browser.open(pictures, width, mobile=width < 600)
    browser.ask("Promise.all([...document.images].map((one) => { one.loading = 'eager'; return one.decode(); }))")
    assert browser.ask("document.documentElement.scrollWidth") <= width
    assert browser.complaints() == []
    assert [url for url in browser.requests() if not url.startswith("data:")] == [pictures.resolve().as_uri()]
    boxes = browser.ask("[...document.images].map((one) => [one.naturalWidth, one.getBoundingClientRect().width])")
    assert len(boxes) == 1 + 4 * 4
    assert all(natural == 202 and 100 <= wide <= 352 for natural, wide in boxes)
    assert browser.ask("getComputedStyle(document.images[0]).imageRendering") == "pixelated"
    row = "[...document.querySelectorAll('.gallery .row')[1].children]"
    tops = browser.ask(f"{row}.map((one) => Math.round(one.getBoundingClientRect().top))")
    if width >= 1280:
        assert len(set(tops)) == 1  # policies side by side


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_hard_texts_can_be_read(browser: Tab, pictures: Path, scheme: str) -> None:
    browser.open(pictures, 390, scheme=scheme, mobile=True)
    assert browser.ask(CONTRASTS) == {}
    assert browser.ask("Math.max(...[...document.querySelectorAll('.text')].map((one) => one.offsetHeight))") < 1500


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_asks_for_nothing_and_complains_of_nothing(browser: Tab, page: Path, scheme: str) -> None:
    browser.open(page, 390, scheme=scheme, mobile=True)
    browser.ask("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert browser.complaints() == []
    assert browser.requests() == [page.resolve().as_uri()]


def test_a_complaint_would_be_seen(browser: Tab, tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text("<img src='missing.png'><script>console.error('so'); nothing.there</script>")
    browser.open(tmp_path / "bad.html", 390)
    assert len(browser.complaints()) >= 2
    assert len(browser.requests()) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_text_stands_out_from_what_is_behind_it(browser: Tab, page: Path, scheme: str, width: int) -> None:
    browser.open(page, width, scheme=scheme)
    browser.ask("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert browser.ask(CONTRASTS) == {}


def test_light_and_dark_follow_the_system_until_somebody_chooses(browser: Tab, page: Path) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    browser.open(page, 1280, scheme="light")
    light = browser.ask(paper)
    browser.open(page, 1280, scheme="dark")
    dark = browser.ask(paper)
    assert light != dark
    browser.ask("document.querySelector('[data-theme-toggle]').click()")
    assert browser.ask(paper) == light
    browser.ask("document.querySelector('[data-theme-toggle]').click(); localStorage.clear()")
    assert browser.ask(paper) == dark


def test_the_arrow_keys_read_a_chart(browser: Tab, page: Path) -> None:
    browser.open(page, 1280)
    press = "plot.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', cancelable: true}))"
    browser.ask(f"(() => {{ const plot = document.querySelector('.plot'); plot.focus(); {press}; {press}; }})()")
    said = browser.ask("document.querySelector('.tip').innerText")
    assert said.startswith("generation 1")
    for policy in (*samples.POLICIES, LONG):
        assert policy in said
    assert "by theory" in said


def test_the_legend_hides_a_policy_everywhere(browser: Tab, page: Path) -> None:
    browser.open(page, 1280)
    visible = "[...document.querySelectorAll('.p1')].filter((one) => getComputedStyle(one).display !== 'none').length"
    assert browser.ask(visible) > 0
    browser.ask("document.querySelectorAll('button.key')[1].click()")
    assert browser.ask(visible) == 0
    browser.ask("document.querySelectorAll('button.key')[1].click()")
    assert browser.ask(visible) > 0


def test_every_chart_has_curves_inside_its_frame(browser: Tab, page: Path) -> None:
    browser.open(page, 1280)
    outside = """[...document.querySelectorAll('.marks use')].filter((mark) => {
      const box = mark.getBoundingClientRect(), plot = mark.closest('.plot').getBoundingClientRect();
      const x = box.left + box.width / 2, y = box.top + box.height / 2;
      return x < plot.left - 1 || x > plot.right + 1 || y < plot.top - 4 || y > plot.bottom + 4;
    }).length"""
    assert browser.ask("document.querySelectorAll('.marks use').length") > 100
    assert browser.ask(outside) == 0


def test_paper_shows_what_is_folded_away(browser: Tab, page: Path) -> None:
    browser.open(page, 1280)
    browser.ask("dispatchEvent(new Event('beforeprint'))")
    assert browser.ask("document.querySelectorAll('details:not([open])').length") == 0
    browser.ask("dispatchEvent(new Event('afterprint'))")
    assert browser.ask("document.querySelectorAll('details[open]').length") == 0
