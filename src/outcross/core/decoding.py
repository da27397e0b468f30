"""How a language model writes: a decoding asks a writer for the scores of the next token, and chooses.

Tensors are those of PyTorch; this file does not import it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

from outcross.core.batch import Ints
from outcross.core.part import Part
from outcross.core.seed import Seed


class Writer(Protocol):
    """A language model in the middle of B texts of the same length."""

    def begin(self, prompts: Any) -> Any:
        """Read prompts, a long tensor of shape (B, P >= 1), and return the logits of the next token, (B, V) float32."""

    def advance(self, tokens: Any) -> Any:
        """Append one token to each text, a long tensor of shape (B,), and return the logits of the next one, (B, V)."""

    def select(self, rows: Any) -> None:
        """Go on with the texts at ``rows``, a long tensor of shape (B',); a text may be taken several times, or not."""


class Decoding(Part):
    """How is the next token chosen?"""

    kind = "decoding"

    @abstractmethod
    def write(self, writer: Writer, prompts: Any, length: int, end: int | None, seeds: Sequence[Seed]) -> list[Ints]:
        """Return the new tokens of each text: neither its prompt nor its end token.

        Parameters
        ----------
        writer
            The language model.
        prompts
            Token numbers, a long tensor of shape (B, P), P >= 1.
        length
            At most so many new tokens.
        end
            The token that ends a text; None where texts do not end.
        seeds
            One for each prompt, for decodings that draw. A text's draws depend on its own seed only: neither on its
            place nor on how many are written beside it.
        """
