"""One text in one form, named and versioned: two texts that differ in nothing a reader would see have one digest."""

from __future__ import annotations

import hashlib
import unicodedata

CANONICAL = "nfc-space/1"
"""Name and version of the form: Unicode NFC, every run of white space as one space, none at the ends; else as it is."""


def canonical(text: str) -> str:
    r"""Return a text in Unicode NFC, runs of white space as one space, none at the ends; all else as it is.

    Source: Unicode Standard Annex #15 (NFC); white space is what Python's ``str.split`` divides at.

    Examples
    --------
    >>> canonical(" Cafe\u0301 \n is  open. ")
    'Café is open.'
    """
    return unicodedata.normalize("NFC", " ".join(text.split()))


def digest(text: str) -> bytes:
    r"""Return the SHA-256 of a text's canonical form in UTF-8: 32 bytes.

    Examples
    --------
    >>> digest("a  cat\n") == digest("a cat")
    True
    """
    return hashlib.sha256(canonical(text).encode()).digest()
