"""Variation selectors that vary nothing: a byte each, in a run behind one character or one behind each of many.

Legitimate are one selector behind an emoji or a symbol (VS15, VS16), behind an ideograph (ideographic variation
sequences, Unicode Technical Standard #37), and the standardised sequences of a few scripts and mathematical signs; a
selector behind a selector never is. VS15 and VS16 alone are let pass anywhere: they are left behind where emoji are
taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import final

from outcross.evidence.marks.hidden import SELECTOR, bytes_of, hidden, readable
from outcross.evidence.marks.kind import Kind
from outcross.evidence.marks.mark import Mark, Span

FEWEST = 4
"""So many selectors are a code."""

_RUN = re.compile(f"{SELECTOR}+")
_EMOJI_STYLE = {"\ufe0e", "\ufe0f"}


@final
class Selectors(Kind):
    r"""A code in variation selectors.

    Examples
    --------
    >>> from outcross.evidence.marks.hidden import selectors
    >>> [mark.says for mark in Selectors().marks("\U0001f600" + selectors(b"by GPT"))]
    ['by GPT']
    """

    name = "selectors"
    about = "code in invisible variation selectors"

    def marks(self, text: str) -> Iterator[Mark]:
        """One mark a run that is a code, and one for all that stand alone where they vary nothing."""
        strays: list[Span] = []
        for match in _RUN.finditer(text):
            start, end = match.span()
            if _varies(text[start - 1] if start else "", text[start]):
                start += 1
            run = text[start:end]
            if len(run) >= FEWEST and len(set(run)) > 1 and not set(run) <= _EMOJI_STYLE:
                yield self._mark(text, [(start, end - start)])
            elif run and not set(run) <= _EMOJI_STYLE:
                strays.append((start, end - start))
        if sum(length for _, length in strays) >= FEWEST:
            yield self._mark(text, strays)

    def _mark(self, text: str, spans: list[Span]) -> Mark:
        data = bytes_of("".join(text[start : start + length] for start, length in spans))
        return hidden(self.name, spans, readable(data), "variation selectors")


def _varies(base: str, selector: str) -> bool:
    """Whether a selector can vary a character."""
    if selector in _EMOJI_STYLE:
        return bool(base)
    if selector >= "\U000e0100":  # ideographs, and nothing else
        return "\u3400" <= base <= "\u9fff" or "\uf900" <= base <= "\ufaff" or "\U00020000" <= base <= "\U0003ffff"
    return base > "\u024f" or base == "0"  # scripts and signs beyond Latin; a zero with a stroke


KIND = Selectors()
