"""C2PA in HTML: a script element that holds the manifest store in Base64, or a link to it.

Source: C2PA Technical Specification 2.4, appendix A.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import final

from outcross.evidence.marks.html import INSIDE, attributes
from outcross.evidence.marks.kind import Kind
from outcross.evidence.marks.manifest import read_base64
from outcross.evidence.marks.mark import Mark

_SCRIPT = re.compile(
    rf"""<script\b{INSIDE}\btype\s*=\s*["']?application/c2pa\b{INSIDE}>([^<]*)(</script\s*>)?""", re.IGNORECASE
)
_LINK = re.compile(rf"""<link\b{INSIDE}\brel\s*=\s*["']?[^"'<>]{{0,200}}\bc2pa-manifest\b{INSIDE}>""", re.IGNORECASE)


@final
class C2paHtml(Kind):
    """A manifest, or the address of one, in the head of a page.

    Examples
    --------
    >>> [mark.says for mark in C2paHtml().marks('<link rel="c2pa-manifest" href="/cat.c2pa">')]
    ['/cat.c2pa']
    """

    name = "c2pa_html"
    about = "C2PA manifest in HTML, or a link to one"
    hints = ("c2pa",)

    def marks(self, text: str) -> Iterator[Mark]:
        """One mark an element."""
        for match in _SCRIPT.finditer(text):
            span = (match.start(), len(match[0]))
            whole = match[2] is not None
            yield read_base64(match[1]).mark(self.name, (span,), "in a script element", valid=whole)
        for match in _LINK.finditer(text):
            address = attributes(match[0]).get("href") or None
            detail = f"link to a C2PA manifest at {address or 'no address'} (not fetched)"
            span = (match.start(), len(match[0]))
            yield Mark(self.name, (span,), address, None, 1.0 if address else 0.9, detail, address is not None)


KIND = C2paHtml()
