"""C2PA in structured text: an ASCII-armoured block in a comment or in front matter, with an address or a data URI.

Source: C2PA Technical Specification 2.4, appendix A.9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import final

from outcross.evidence.marks.kind import Kind
from outcross.evidence.marks.manifest import read_base64
from outcross.evidence.marks.mark import Mark

BEGIN, END = "-----BEGIN C2PA MANIFEST-----", "-----END C2PA MANIFEST-----"
DATA = "data:application/c2pa;base64,"

_BLOCK = re.compile(f"{BEGIN}((?:(?!{BEGIN}).)*?){END}", re.DOTALL)
_LEADER = r"[ \t]{0,40}(?:\#|//|--|;|%|/\*|<!--|\*|NOTE\b)?[ \t]{0,40}"
_OPENED = re.compile(rf"{BEGIN}\s*{_LEADER}([^\s-]\S*)?")
_INSIDE = re.compile(rf"^{_LEADER}", re.MULTILINE)
_LINE_START = re.compile(rf"(?:^|(?<=\n)){_LEADER}\Z")
_LINE_END = re.compile(r"[ \t]{0,40}(?:\*/|-->)?[ \t]{0,40}(?:\r?\n|\Z)")


@final
class C2paArmour(Kind):
    """A block between two lines of armour.

    Examples
    --------
    >>> block = "# -----BEGIN C2PA MANIFEST----- https://example.org/cat.c2pa -----END C2PA MANIFEST-----"
    >>> [(mark.says, mark.valid) for mark in C2paArmour().marks(block)]
    [('https://example.org/cat.c2pa', True)]
    """

    name = "c2pa_armour"
    about = "C2PA manifest in an armoured block"
    hints = ("c2pa",)

    def marks(self, text: str) -> Iterator[Mark]:
        """One mark a block; a block that is not closed is cut off."""
        closed = 0
        for match in _BLOCK.finditer(text):
            yield from self._open(text, closed, match.start())
            closed = match.end()
            reference = "".join(_INSIDE.sub("", match[1]).split())
            yield self._mark(reference, _with_comment(text, *match.span()), True)
        yield from self._open(text, closed, len(text))

    def _open(self, text: str, start: int, end: int) -> Iterator[Mark]:
        for match in _OPENED.finditer(text, start, end):
            yield self._mark(match[1] or "", match.span(), False)

    def _mark(self, reference: str, place: tuple[int, int], closed: bool) -> Mark:
        span = (place[0], place[1] - place[0])
        if reference.lower().startswith(DATA):
            return read_base64(reference[len(DATA) :]).mark(self.name, (span,), "in an armoured block", valid=closed)
        valid = closed and bool(reference)
        state = "" if valid else ", damaged or cut off"
        detail = f"armoured block with a link to a C2PA manifest at {reference or 'no address'}{state} (not fetched)"
        return Mark(self.name, (span,), reference or None, None, 1.0 if valid else 0.9, detail, valid)


def _with_comment(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole line where a comment holds nothing else."""
    head = _LINE_START.search(text[max(0, start - 90) : start])
    tail = _LINE_END.match(text, end)
    if head is None or tail is None or (start - len(head[0]) > 0 and text[start - len(head[0]) - 1] != "\n"):
        return start, end
    return start - len(head[0]), tail.end()


KIND = C2paArmour()
