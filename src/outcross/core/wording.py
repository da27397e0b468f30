"""Counts with their nouns, as messages say them."""

from __future__ import annotations


def count_of(number: int, one: str, many: str = "") -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> count_of(1, "record"), count_of(12000, "record"), count_of(0, "entry", "entries")
    ('1 record', '12,000 records', '0 entries')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
