"""Writing texts side by side, one token at a time; and the penalty on tokens that are there already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from outcross.core.batch import Ints
from outcross.core.decoding import Writer

IDLE = 8
"""Texts that are finished go on being written, unread, until they are one in so many: dropping them costs a copy."""


def write_each(
    writer: Writer,
    prompts: Any,
    length: int,
    end: int | None,
    choose: Callable[[Any, Any, int], Any],
    penalty: float = 1.0,
) -> list[Ints]:
    """Return the new tokens of each text, without its end token.

    Parameters
    ----------
    writer, prompts, length, end
        See `outcross.core.decoding.Decoding.write`.
    choose
        Given logits, shape (B', V), the places of their texts among the prompts, shape (B',), and the number of tokens
        that were written, returns the next token of each, shape (B',).
    penalty
        See `penalised`.
    """
    import torch

    live = torch.arange(len(prompts), device=prompts.device)
    going = torch.ones_like(live, dtype=torch.bool)
    written = torch.zeros(len(prompts), length, dtype=torch.long, device=prompts.device)
    seen = prompts
    logits = writer.begin(prompts)
    for step in range(length):
        if penalty != 1:
            logits = penalised(logits, seen, penalty)
        token = choose(logits, live, step)
        written[live, step] = token
        if step + 1 == length:
            break
        if end is not None:
            going = going & (token != end)
            left = int(going.sum())
            if left == 0:
                break
            if (len(live) - left) * IDLE >= len(live):
                rows = torch.nonzero(going)[:, 0]
                writer.select(rows)
                live, token, seen, going = live[rows], token[rows], seen[rows], going[rows]
        if penalty != 1:
            seen = torch.cat([seen, token[:, None]], dim=1)
        logits = writer.advance(token)
    return [_before(text, end) for text in written.cpu().numpy()]


def _before(text: Ints, end: int | None) -> Ints:
    """The tokens before the first end token."""
    return text if end is None else text[: int(np.argmax(np.append(text, end) == end))]


def penalised(scores: Any, seen: Any, penalty: float) -> Any:
    """Return the scores with those of tokens that are there already made worse.

    A positive score is divided by the penalty, a negative one multiplied (Keskar et al., CTRL, arXiv 1909.05858,
    section 4.1, as `transformers` reads it). The prompt counts, and so does the begin token: where it
    is the end token too, the end is made worse from the start.

    Parameters
    ----------
    scores
        Shape (B, V).
    seen
        The tokens of each text so far, shape (B, T).
    penalty
        1 changes nothing.

    Examples
    --------
    >>> import torch
    >>> penalised(torch.tensor([[1.0, -1.0, 3.0]]), torch.tensor([[0, 1]]), 2.0).tolist()
    [[0.5, -2.0, 3.0]]
    """
    import torch

    known = scores.gather(1, seen)
    return scores.scatter(1, seen, torch.where(known < 0, known * penalty, known / penalty))
