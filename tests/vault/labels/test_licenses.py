"""Licences: SPDX identifiers, addresses and texts of one's own."""

from __future__ import annotations

import pytest

from outcross.vault.labels.licenses import SPDX, hub_license, license_url


@pytest.mark.parametrize(
    ("given", "url", "hub"),
    [
        ("MIT", "https://spdx.org/licenses/MIT.html", "mit"),
        ("cc-by-sa-4.0", "https://spdx.org/licenses/CC-BY-SA-4.0.html", "cc-by-sa-4.0"),
        ("https://spdx.org/licenses/Apache-2.0.html", "https://spdx.org/licenses/Apache-2.0.html", "apache-2.0"),
        ("http://spdx.org/licenses/PDDL-1.0", "https://spdx.org/licenses/PDDL-1.0.html", "pddl"),
        ("GPL-3.0-or-later", "https://spdx.org/licenses/GPL-3.0-or-later.html", "gpl-3.0"),
        ("LGPL-2.1-only", "https://spdx.org/licenses/LGPL-2.1-only.html", "lgpl-2.1"),
        ("MIT-only", None, "other"),
        ("proprietary", None, "other"),
        ("", None, "other"),
        ("https://example.org/terms", "https://example.org/terms", "other"),
        ("Licence: do as you like", None, "other"),
        ("MIT\nbut not for cats", None, "other"),
    ],
)
def test_a_licence_is_known_by_its_name_or_its_page(given: str, url: str | None, hub: str) -> None:
    assert (license_url(given), hub_license(given)) == (url, hub)


def test_every_name_in_the_list_is_its_own_page() -> None:
    assert len(SPDX) > 50
    assert all(license_url(name) == f"https://spdx.org/licenses/{name}.html" for name in SPDX.values())
