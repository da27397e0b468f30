"""Licences by name: SPDX identifiers, and which of them the Hugging Face Hub has a name for."""

from __future__ import annotations

import re

_NAMES = """
AFL-3.0 AGPL-3.0 Apache-2.0 Artistic-2.0 BSD-2-Clause BSD-3-Clause BSD-3-Clause-Clear BSL-1.0 C-UDA-1.0 CC-BY-2.0
CC-BY-2.5 CC-BY-3.0 CC-BY-4.0 CC-BY-NC-2.0 CC-BY-NC-3.0 CC-BY-NC-4.0 CC-BY-NC-ND-3.0 CC-BY-NC-ND-4.0 CC-BY-NC-SA-2.0
CC-BY-NC-SA-3.0 CC-BY-NC-SA-4.0 CC-BY-ND-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 CDLA-Permissive-1.0 CDLA-Permissive-2.0
CDLA-Sharing-1.0 ECL-2.0 EPL-1.0 EPL-2.0 etalab-2.0 EUPL-1.1 GPL-2.0 GPL-3.0 ISC LGPL-2.1 LGPL-3.0 LPPL-1.3c MIT MPL-2.0
MS-PL NCSA ODbL-1.0 ODC-By-1.0 OFL-1.1 OSL-3.0 PDDL-1.0 PostgreSQL Unlicense WTFPL Zlib
"""
SPDX = {name.lower(): name for name in _NAMES.split()}
"""SPDX identifiers, by themselves in small letters, of the licences that the Hub has a name for.

Source: spdx.org/licenses; huggingface.co/docs/hub/repositories-licenses."""

_SHORTER = {"c-uda-1.0": "c-uda", "odbl-1.0": "odbl", "odc-by-1.0": "odc-by", "pddl-1.0": "pddl"}
"""What the Hub calls those that it names without their version."""

_PAGE = re.compile(r"(?:https?://spdx\.org/licenses/)?([\w.+-]+?)(-only|-or-later)?(?:\.html|\.json)?", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Return whether a text is a URL or a URN, that can stand as it is.

    Examples
    --------
    >>> is_address("https://example.org/a"), is_address("urn:isbn:0451450523"), is_address("see: the website")
    (True, True, False)
    """
    return bool(_ADDRESS.fullmatch(text))


def license_url(name: str) -> str | None:
    """Return the address of a licence: the one given, or SPDX's page on it; None for a text of one's own.

    Examples
    --------
    >>> license_url("mit"), license_url("ask Bob")
    ('https://spdx.org/licenses/MIT.html', None)
    """
    spdx, suffix = _spdx(name)
    if spdx:
        return f"https://spdx.org/licenses/{spdx}{suffix}.html"
    return name if is_address(name) else None


def hub_license(name: str) -> str:
    """Return what the Hub calls a licence: ``other`` for those that it has no name for.

    Examples
    --------
    >>> hub_license("CC-BY-4.0"), hub_license("https://spdx.org/licenses/ODbL-1.0.html"), hub_license("ask Bob")
    ('cc-by-4.0', 'odbl', 'other')
    """
    spdx, _ = _spdx(name)
    return _SHORTER.get(spdx.lower(), spdx.lower()) or "other"


def _spdx(name: str) -> tuple[str, str]:
    """The identifier in a name, or in the address of SPDX's page, and what GNU's licences end in; empty for others."""
    match = _PAGE.fullmatch(name.strip())
    spdx = SPDX.get(match[1].lower(), "") if match else ""
    suffix = (match[2] or "").lower() if match else ""
    return (spdx, suffix) if not suffix or "GPL" in spdx else ("", "")
