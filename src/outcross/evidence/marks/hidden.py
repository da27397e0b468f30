"""Codes of invisible characters: bytes as variation selectors, readable payloads, and the marks that they make."""

from __future__ import annotations

from collections.abc import Sequence

from outcross.evidence.marks.mark import Mark, Span
from outcross.evidence.marks.models import origin_of_payload

SELECTOR = "[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
"""A regular expression: one variation selector."""

_BYTES = {0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16: byte for byte in range(256)}


def selectors(data: bytes) -> str:
    r"""Return bytes as variation selectors, one each.

    Examples
    --------
    >>> ascii(selectors(b"\x00\x10"))
    "'\\ufe00\\U000e0100'"
    """
    return "".join(chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in data)


def bytes_of(run: str) -> bytes:
    """Return the bytes that variation selectors stand for.

    Examples
    --------
    >>> bytes_of(selectors(b"a cat"))
    b'a cat'
    """
    return run.translate(_BYTES).encode("latin-1")


def readable(data: bytes) -> str | None:
    r"""Return the text that a payload is, if it is one: UTF-8, printable, letters and digits for the most part.

    Examples
    --------
    >>> readable(b"by a model"), readable(b"\x07\x99"), readable(b"UUUU")
    ('by a model', None, None)
    """
    try:
        text = data.rstrip(b"\0").decode()
    except UnicodeDecodeError:
        return None
    plain = sum(one.isalnum() or one in " _-" for one in text)
    many = len(set(text)) > 1 and plain >= 2 and plain >= 0.6 * len(text)
    return text if many and all(one.isprintable() or one in "\n\t" for one in text) else None


def hidden(kind: str, spans: Sequence[Span], payload: str | None, of: str, doubt: float = 0.5) -> Mark:
    """Return the mark of a hidden code.

    Parameters
    ----------
    payload
        What it says, None where it cannot be read.
    of
        What it is made of.
    doubt
        The confidence where it cannot be read.

    Examples
    --------
    >>> hidden("tags", [(3, 6)], "by GPT", "tag characters").detail
    "hidden code of 6 tag characters, reads 'by GPT'"
    """
    size = sum(length for _, length in spans)
    where = f" in {len(spans)} places" if len(spans) > 1 else ""
    read = ", cannot be read" if payload is None else f", reads {payload[:80]!r}"
    origin = None if payload is None else origin_of_payload(payload)
    confidence = doubt if payload is None else 0.9
    detail = f"hidden code of {size} {of}{where}{read}"
    return Mark(kind, tuple(spans), payload, origin, confidence, detail, payload is not None)
