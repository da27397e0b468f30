"""Handwritten digits: 1,797 pictures of 8 x 8 pixels in 17 grey levels, each with the digit it shows as its group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files

import numpy as np

from outcross.corpus.table import Choice, Table, gather

SOURCE = (
    "Alpaydin, E., and Kaynak, C. (1998). Optical Recognition of Handwritten Digits (test part). UCI Machine Learning "
    "Repository, data set 80. CC BY 4.0"
)
PIXELS = tuple(f"pixel{row}{column}" for row in range(8) for column in range(8))
"""Row and column of each pixel, from the upper left corner."""
BLANK = frozenset({"pixel00", "pixel40", "pixel47"})
"""Pixels without ink in every picture."""
INK = 16
"""The highest of the levels that are kept in the file; a picture's white."""


def table(choice: Choice) -> Table:
    """Return the pictures as rows of 64 numbers from 0 (no ink, black) to 1 (white), with the column ``digit``.

    The digit is the group of a row where no other column is named. Where the pictures come from is said in
    ``digits-licence.md``.

    Examples
    --------
    >>> digits = table(Choice(numbers=None))
    >>> digits.values.shape, digits.shape, digits.labels[:3]
    ((1797, 64), (8, 8), ['0', '1', '2'])
    """
    if choice.numbers != () and choice.label is None:
        choice = replace(choice, label="digit")
    found = gather("builtin:digits", _records(), choice)
    return replace(
        found,
        values=None if found.values is None else found.values / INK,
        fixed=BLANK,
        shape=(8, 8) if found.columns == PIXELS else (),
        source=SOURCE,
        notes=("three of the 64 pixels are black in every picture: nobody wrote there",),
    )


def _records() -> Iterator[tuple[int, dict[str, object]]]:
    with files(__package__).joinpath("digits.npz").open("rb") as file, np.load(file) as saved:
        values, digits = saved["values"], saved["digits"]
    for number, (row, digit) in enumerate(zip(values.tolist(), digits.tolist(), strict=True), 1):
        yield number, {**dict(zip(PIXELS, row, strict=True)), "digit": str(digit)}
