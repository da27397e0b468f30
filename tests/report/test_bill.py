"""A bill of materials in a real browser: it fits a phone, asks for nothing, and can be read in light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from outcross.core.provenance import Origin, Stratum
from outcross.report.bill import bill_page
from tests.guard.mix.test_papers import KEY, made
from tests.report.browser import Tab, executable, tab
from tests.report.test_browser import CONTRASTS

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium on this machine (or in OUTCROSS_CHROMIUM)")

HARD = "x" * 300 + "<b>\u202eשלום</b>"


@pytest.fixture(name="browser", scope="module")
def _browser() -> Iterator[Tab]:
    with tab() as opened:
        yield opened


@pytest.fixture(name="page", scope="module")
def _page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With names that are hard to show."""
    folder = tmp_path_factory.mktemp("bill")
    one = made(folder / "mixed")
    hard = {Stratum(Origin.SYNTHETIC, 2, HARD, HARD): 1, Stratum(Origin.SYNTHETIC, 1): 1}
    one = replace(one, counts={**one.counts, **hard}, licenses={HARD: 2}, generators={HARD: 2}, command=f"mix {HARD}")
    (folder / "bill.html").write_text(bill_page(one, KEY.public.fingerprint), encoding="utf-8")
    return folder / "bill.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_fits_asks_for_nothing_and_can_be_read(browser: Tab, page: Path, width: int, scheme: str) -> None:
    browser.open(page, width, scheme=scheme, mobile=width < 600)
    assert browser.ask("document.documentElement.scrollWidth") <= width
    assert browser.complaints() == []
    assert browser.requests() == [page.resolve().as_uri()]
    assert browser.ask(CONTRASTS) == {}
