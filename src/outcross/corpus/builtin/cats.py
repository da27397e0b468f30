"""A hundred cats, ten of them blue: the smallest population with a minority to lose."""

from __future__ import annotations

from dataclasses import replace

from outcross.corpus.table import Choice, Table, gather

YELLOW, BLUE = 90, 10


def table(choice: Choice) -> Table:
    """Return the cats, as the column ``text``: their colours.

    Examples
    --------
    >>> table(Choice(label="text")).labels.count("blue")
    10
    """
    cats = ["yellow"] * YELLOW + ["blue"] * BLUE
    found = gather("builtin:cats", enumerate(({"text": cat} for cat in cats), 1), choice)
    return replace(found, source="The parable of the blue and the yellow cats; made for outcross, no licence needed")
