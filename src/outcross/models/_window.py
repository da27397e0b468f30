"""How many tokens a language model reads at a time where that is left open, and whether human texts fit into it."""

from __future__ import annotations

import numpy as np

from outcross.core.batch import Ints
from outcross.core.errors import BadSetting

STEP = 64
"""Windows that are chosen here are multiples of this."""
MOST = 512
"""The largest window that is chosen: longer ones are asked for."""
PRETRAINED = 256
"""That of a pretrained model, unless it reads less."""
HELD = 0.99
"""Share of the human texts that a chosen window holds."""
LOST = 0.05
"""Share of the human texts that may be longer than what a model from scratch can write."""


def upwards(tokens: int) -> int:
    """Return the smallest multiple of 64, from 64 on, that is no less.

    Examples
    --------
    >>> upwards(1), upwards(64), upwards(65)
    (64, 64, 128)
    """
    return max(1, -(-tokens // STEP)) * STEP


def holding(lengths: Ints) -> int:
    """Return the smallest multiple of 64 that holds 99 % of texts of so many tokens, each with its end.

    Examples
    --------
    >>> holding(np.array([10] * 99 + [500])), holding(np.array([63, 64]))
    (64, 128)
    """
    return upwards(int(np.quantile(lengths + 1, HELD, method="inverted_cdf")))


def check_room(lengths: Ints, window: int) -> None:
    """Refuse a window in which texts as long as the human ones cannot be written.

    Raises
    ------
    BadSetting
        If more than 5 % of the texts have more tokens than the window.
    """
    lost = float(np.mean(lengths > window))
    if lost > LOST:
        raise BadSetting(
            f"transformer: {lost:.0%} of the human texts are longer than the window of {window} tokens, and a model "
            f"from scratch can write none so long; window={holding(lengths)} holds {HELD:.0%} of them; or cut them "
            "into shorter ones (block), or give what is written a length"
        )
