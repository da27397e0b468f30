"""A writer whose next token's distribution is known: it depends on the last token only."""

from __future__ import annotations

from typing import Any

import torch

from outcross.core.seed import Seed


class Markov:
    """A Markov chain as a writer; counts how many texts it is asked about.

    Parameters
    ----------
    logits
        Of the next token given the last, shape (V, V).
    """

    def __init__(self, logits: Any) -> None:
        self.logits = logits
        self.widths: list[int] = []
        self._last = torch.zeros(0, dtype=torch.long)

    def begin(self, prompts: Any) -> Any:
        self._last = prompts[:, -1]
        return self._next()

    def advance(self, tokens: Any) -> Any:
        assert tokens.shape == self._last.shape
        self._last = tokens
        return self._next()

    def select(self, rows: Any) -> None:
        self._last = self._last[rows]

    def _next(self) -> Any:
        self.widths.append(len(self._last))
        return self.logits[self._last]


def table(tokens: int, key: int, sharpness: float = 1.5) -> Any:
    """Logits of a chain over so many tokens."""
    return torch.randn(tokens, tokens, generator=torch.Generator().manual_seed(key)) * sharpness


def seeds(count: int, key: int = 0) -> list[Seed]:
    """Seeds for so many texts."""
    return [Seed(key).child(number) for number in range(count)]
