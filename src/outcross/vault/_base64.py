"""Base 64 (RFC 4648, section 4) of which every text stands for bytes of its own: no other padding, no stray bits."""

from __future__ import annotations

import base64
import binascii

from outcross.core.errors import BadInput


def encode(data: bytes) -> str:
    """Return the one text of some bytes."""
    return base64.b64encode(data).decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes of a text that `encode` would have written, and of no other.

    Raises
    ------
    BadInput
        If it is not Base 64, or not the one text that `encode` writes.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = None
    if data is None or encode(data) != text:
        # never quoted: it may be a private key in the wrong place
        raise BadInput(f"not canonical Base 64: a text of {len(text)} characters")
    return data
