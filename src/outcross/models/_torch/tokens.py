"""What a tokeniser does for a language model: texts to token numbers and back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from outcross.core.errors import BadInput

END = "<|endoftext|>"
"""The usual token that begins and ends texts."""


class Tokens(Protocol):
    """A tokeniser."""

    @property
    def name(self) -> str:
        """What it is, in a few words."""

    @property
    def size(self) -> int:
        """Number of tokens of its vocabulary."""

    @property
    def begin(self) -> int:
        """The token before a text."""

    @property
    def end(self) -> int:
        """The token after a text."""

    def table(self) -> dict[str, int]:
        """Return every token with its number: two tokenisers with the same table are taken for the same."""

    def encode(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return the token numbers of each text, without begin and end.

        What looks like a special token in a text is text.

        Raises
        ------
        BadInput
            If a text cannot be told from its tokens again, by more than white space.
        """

    def decode(self, codes: Sequence[NDArray[Any]]) -> list[str]:
        """Return the text of each row of token numbers; special tokens among them say nothing."""

    def save(self, folder: Path) -> None:
        """Write it to a folder, from which ``AutoTokenizer`` of `transformers` reads it."""


def utf8(texts: Sequence[str]) -> list[str]:
    r"""Return the texts, every one of which is Unicode that can be written.

    Raises
    ------
    BadInput
        If one is not: half of a surrogate pair, as a broken file gives it.

    Examples
    --------
    >>> utf8(["caf\ud83d"])
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: the text beginning 'caf\ud83d' is not Unicode: half of a surrogate pair in it
    """
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError:
            said = "is not Unicode: half of a surrogate pair in it"
            raise BadInput(f"the text beginning {beginning(text)} {said}") from None
    return list(texts)


def beginning(text: str) -> str:
    """Return the first words of a text, to name it by.

    Examples
    --------
    >>> beginning("It was a bright cold day in April, and the clocks were striking thirteen.")
    "'It was a bright cold day in April, and t...'"
    """
    return repr(text if len(text) <= 40 else f"{text[:40]}...")
