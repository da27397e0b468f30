"""The next token is drawn from the model's distribution, or from a sharper or shorter one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, final

import numpy as np

from outcross.core.batch import Ints
from outcross.core.decoding import Decoding, Writer
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.decodings._token_by_token import write_each

HEAD = 256
"""Likeliest tokens that are tried first as the nucleus: sorting the whole vocabulary costs more than the model."""


@final
@dataclass(frozen=True)
class Sampling(Decoding):
    """Drawn at random, as likely as the model says; sharper, or without the unlikely tokens, where so asked.

    The repetition penalty comes first, then temperature, top-k and top-p, as in `transformers`. A token is found from
    one uniform number by the inverse of the distribution function; the numbers of a text come from its
    own seed, so they depend on neither device nor batch (the probabilities may, in their last digit).

    Parameters
    ----------
    temperature
        Logits are divided by it: 1 for the model's own distribution, less for a sharper one.
    top_k
        Only so many of the likeliest tokens; none for all.
    top_p
        Only the fewest likeliest tokens that together have this probability (the nucleus); none for all.
    repetition_penalty
        Scores of tokens that are in the text or its prompt already are made worse by this factor; 1 for none. The begin
        token counts: where it ends a text too, as GPT-2's does, ending is made less likely from the start.

    Examples
    --------
    >>> print(Sampling(temperature=0.8, top_k=50))
    sampling(temperature=0.8, top_k=50)
    """

    temperature: Annotated[float, Between(0, above=True)] = 1.0
    top_k: Annotated[int | None, Between(1)] = None
    top_p: Annotated[float | None, Between(0, 1, above=True)] = None
    repetition_penalty: Annotated[float, Between(1)] = 1.0

    source = "Top-p: Holtzman et al., ICLR 2020, arXiv 1904.09751; top-k: Fan et al., ACL 2018, arXiv 1805.04833"

    def write(self, writer: Writer, prompts: Any, length: int, end: int | None, seeds: Sequence[Seed]) -> list[Ints]:
        """Return the new tokens of each text, drawn by the numbers of its own seed."""
        import torch

        drawn = np.stack([seed.generator().random(length) for seed in seeds])
        points = torch.as_tensor(drawn.astype(_precision(prompts.device)), device=prompts.device)

        def chosen(logits: Any, live: Any, step: int) -> Any:
            shares, tokens = self._shares(logits / self.temperature)
            place = _inverse(shares, points[live, step])
            return place if tokens is None else tokens.gather(1, place[:, None])[:, 0]

        return write_each(writer, prompts, length, end, chosen, self.repetition_penalty)

    def _shares(self, logits: Any) -> tuple[Any, Any]:
        """Weights to draw by, shape (B, K), and the tokens that they are of; None for all in order."""
        tokens = None
        if self.top_k is not None and self.top_k < logits.shape[1]:
            logits, tokens = logits.topk(self.top_k)
        shares = logits.softmax(-1)
        if self.top_p is None or self.top_p == 1:
            return shares, tokens
        shares, places = _nucleus(shares, self.top_p)
        return shares, places if tokens is None else tokens.gather(1, places)


def _nucleus(shares: Any, mass: float) -> tuple[Any, Any]:
    """The fewest likeliest tokens that together have this probability: shares, 0 for others, and the tokens."""
    width = HEAD if shares.shape[1] > 8 * HEAD else shares.shape[1]
    while True:
        kept, places = shares.topk(width)
        before = kept.cumsum(-1) - kept
        if width == shares.shape[1] or bool((before[:, -1] >= mass).all()):
            return kept * (before < mass), places
        width = min(8 * width, shares.shape[1])


def _inverse(shares: Any, points: Any) -> Any:
    """The first place at which the distribution function exceeds the points: never one whose share is 0."""
    import torch

    sums = shares.to(points.dtype).cumsum(-1)
    total = sums[:, -1:].contiguous()
    found = torch.searchsorted(sums, points[:, None] * total, right=True)
    last = torch.searchsorted(sums, total)  # rounding may carry a point to the very end
    return torch.minimum(found, last)[:, 0]


def _precision(device: Any) -> type[np.floating[Any]]:
    """Doubles, so that tokens of tiny probability are drawn as often as they should; Apple's GPUs have none."""
    return np.float32 if device.type == "mps" else np.float64
