"""Tag characters, U+E0000 to U+E007F: an invisible copy of ASCII.

Legitimate only in flags of regions, a black flag and the region's letters (Unicode Technical Standard #51), and once
for language tags (RFC 2482, deprecated).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import final

from outcross.evidence.marks.hidden import hidden, readable
from outcross.evidence.marks.kind import Kind
from outcross.evidence.marks.mark import Mark

_RUN = re.compile(
    "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"  # a flag
    "|\U000e0001[\U000e002d\U000e0061-\U000e007a]{2,8}(?![\U000e0000-\U000e007f])"  # a language
    "|([\U000e0000-\U000e007f]{2,})"
)


@final
class Tags(Kind):
    r"""A text in tag characters.

    Examples
    --------
    >>> [mark.says for mark in Tags().marks("A cat.\U000e0041\U000e0049")]
    ['AI']
    """

    name = "tags"
    about = "text in invisible tag characters"

    def marks(self, text: str) -> Iterator[Mark]:
        """One mark a run that is neither a flag nor a language."""
        for match in _RUN.finditer(text):
            if match[1]:
                letters = bytes(ord(one) - 0xE0000 for one in match[1]).strip(b"\x01\x7f")
                yield hidden(self.name, [(match.start(), len(match[0]))], readable(letters), "tag characters")


KIND = Tags()
