"""C2PA in plain text: U+FEFF, then the manifest store with one variation selector a byte.

Bytes 0 to 15 are U+FE00 to U+FE0F, bytes 16 to 255 are U+E0100 to U+E01EF. The first 8 are ``C2PATXT`` and a zero, then
come a version (1), the length of the store (4 bytes, the most significant first), the store, and perhaps padding.
Source: C2PA Technical Specification 2.4, appendix A.8, "Embedding manifests into unstructured text".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import final

from outcross.evidence.marks.hidden import SELECTOR, bytes_of, selectors
from outcross.evidence.marks.kind import Kind
from outcross.evidence.marks.manifest import read_manifest
from outcross.evidence.marks.mark import Mark

MAGIC = b"C2PATXT\0"
VERSION = 1
HEAD = len(MAGIC) + 5

_WRAPPER = re.compile(f"\ufeff?({selectors(MAGIC)}{SELECTOR}*)")


@final
class C2paText(Kind):
    r"""A manifest in variation selectors.

    Examples
    --------
    >>> from outcross.evidence.marks.hidden import selectors
    >>> cut = "A cat.\ufeff" + selectors(MAGIC + b"\1\0\0\1\0")
    >>> [(mark.start, mark.length, mark.valid) for mark in C2paText().marks(cut)]
    [(6, 14, False)]
    """

    name = "c2pa_text"
    about = "C2PA manifest in invisible variation selectors"

    def marks(self, text: str) -> Iterator[Mark]:
        """One mark a wrapper, whole or not."""
        for match in _WRAPPER.finditer(text):
            data = bytes_of(match[1])
            length = int.from_bytes(data[len(MAGIC) + 1 : HEAD])
            store = data[HEAD : HEAD + length]
            whole = len(data) >= HEAD and data[len(MAGIC)] == VERSION and len(store) == length
            marked = match[0].startswith("\ufeff")  # what cleans away byte order marks leaves the rest
            span = (match.start(), len(match[0]))
            yield read_manifest(store).mark(self.name, (span,), "in the text, invisible", valid=whole and marked)


KIND = C2paText()
