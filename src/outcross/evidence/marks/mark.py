"""What a mark is: a place in a text, what it declares, and how sure it is that it is a mark at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from outcross.core.provenance import Origin

Span = tuple[int, int]
"""Offset and length, in characters of the text as it was read."""


@final
@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of provenance in a text. It is evidence of what somebody declared, not a verdict on who wrote the text.

    Parameters
    ----------
    kind
        Which kind, see `outcross.evidence.marks.kind.kinds`.
    spans
        Where it stands: offset and length of its pieces, in order. Most marks are in one piece; a code with a character
        between every two words is in many.
    says
        What it declares, in its own vocabulary: an IPTC digital source type, an address, a hidden payload. None where
        it declares nothing that could be read.
    origin
        Who wrote the text, according to the mark; None where it does not say. A C2PA manifest alone says nothing:
        people sign too.
    confidence
        That it is a mark, and says what was read; not that it tells the truth. 1.0 for a declared mark in its full,
        specified form; 0.9 for one that is cut off or damaged, but has the form's own signature, and for a hidden code
        whose payload is a readable text; 0.5 for a hidden code that cannot be read; 0.3 for an odd group of invisible
        characters inside a word; 0.4 and less for a sentence of the text itself, which may well be a quotation.
    detail
        One sentence for a reader.
    valid
        Whether it is whole and well-formed. False for a truncated one. Signatures are never verified.

    Examples
    --------
    >>> mark = Mark("statement", ((4, 10),), None, Origin.SYNTHETIC, 0.4, "It says so.")
    >>> mark.start, mark.length, mark.end
    (4, 10, 14)
    """

    kind: str
    spans: tuple[Span, ...]
    says: str | None
    origin: Origin | None
    confidence: float
    detail: str
    valid: bool = True

    @property
    def start(self) -> int:
        """Offset of its first character."""
        return self.spans[0][0]

    @property
    def length(self) -> int:
        """How many characters it has, in all its pieces."""
        return sum(length for _, length in self.spans)

    @property
    def end(self) -> int:
        """Offset after its last character."""
        return sum(self.spans[-1])

    def to_dict(self) -> dict[str, object]:
        """Return it as what JSON knows; ``pieces`` is how many spans there are."""
        return {
            "kind": self.kind,
            "start": self.start,
            "length": self.length,
            "pieces": len(self.spans),
            "says": self.says,
            "origin": None if self.origin is None else str(self.origin),
            "confidence": self.confidence,
            "valid": self.valid,
            "detail": self.detail,
        }
