"""Writing many texts side by side, in groups of like prompts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np
import torch

from outcross.core.batch import Ints
from outcross.core.decoding import Decoding, Writer
from outcross.core.errors import BadSetting
from outcross.core.progress import tell
from outcross.core.seed import Seed
from outcross.models._torch.writers import places, writer


def write(
    network: Any,
    prompts: list[Ints],
    length: int,
    end: int | None,
    decoding: Decoding,
    seed: Seed,
    at_once: int,
    never: Sequence[int] = (),
) -> list[Ints]:
    """Return the new tokens of each text, in the order of the prompts.

    Tokens that are ``never`` to be written have no probability.

    Prompts of one length are written together, ``at_once`` at a time, so that nothing is padded. What is drawn for
    a text depends on the seed and its place among all prompts only.

    Raises
    ------
    BadSetting
        If prompt and text together are longer than the network can read.
    """
    room = places(network) + 1 - max(map(len, prompts), default=0)  # the last token is written, and never read
    if room < length:
        raise BadSetting(f"a prompt and a text of {length} tokens are {length - room} more than the network reads")
    found: list[Ints] = [np.zeros(0, dtype=np.int64)] * len(prompts)
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    done = 0
    while done < len(order):
        width = len(prompts[order[done]])
        group = [i for i in order[done : done + at_once] if len(prompts[i]) == width]
        block = torch.as_tensor(np.stack([prompts[i] for i in group]), device=next(network.parameters()).device)
        told = _Told(writer(network), list(never), done * length, len(group) * length, len(order) * length)
        texts = decoding.write(told, block, length, end, [seed.child("texts", i) for i in group])
        for i, text in zip(group, texts, strict=True):
            found[i] = text
        done += len(group)
        tell("write", done * length, len(order) * length)
    return found


@final
class _Told:
    """A writer that tells how many tokens it has written, and leaves some out; see `outcross.core.decoding.Writer`."""

    def __init__(self, inner: Writer, never: list[int], done: int, most: int, total: int) -> None:
        self._inner, self._never = inner, never
        self._done, self._end, self._total = done, done + most, total

    def begin(self, prompts: Any) -> Any:
        """Read prompts."""
        return self._allowed(self._inner.begin(prompts))

    def advance(self, tokens: Any) -> Any:
        """Append one token to each text."""
        self._done = min(self._done + len(tokens), self._end)  # of beams, more are written than kept
        tell("write", self._done, self._total)
        return self._allowed(self._inner.advance(tokens))

    def select(self, rows: Any) -> None:
        """Go on with some of the texts."""
        self._inner.select(rows)

    def _allowed(self, logits: Any) -> Any:
        logits[:, self._never] = -torch.inf
        return logits
