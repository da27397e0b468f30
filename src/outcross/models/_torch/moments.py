"""What a network says of a token beside its probability: its rank, and the mean and variance of what could be there."""

from __future__ import annotations

import torch
from torch import Tensor

from outcross.models._torch.losses import Predictor


def moments(network: Predictor, inputs: Tensor, targets: Tensor, observer: Predictor | None = None) -> Tensor:
    """Return log probability, log rank, mean and variance of each target, shape (B, 4, T), float32.

    Parameters
    ----------
    network
        p, of which the probabilities are.
    inputs, targets
        Token numbers, shape (B, T).
    observer
        q: mean and variance are those of log p(w) for a token w drawn from q; p itself where it is None. Where the
        tables of the two differ in length, the padding of the longer one is left out.

    Notes
    -----
    Never more than a few hundred places are held with all tokens of the vocabulary. The variance is that of centred
    values, for float32 would lose it in the difference of two large numbers.

    Examples
    --------
    >>> from outcross.core.seed import Seed
    >>> from outcross.models._torch import gpt
    >>> network, block = Predictor(gpt.build("1M", 300, 16, Seed(0))), torch.arange(10).view(2, 5)
    >>> moments(network, block[:, :-1], block[:, 1:]).shape
    torch.Size([2, 4, 4])
    """
    found, flat, done = [], targets.flatten(), 0
    others = None if observer is None else observer.logits(inputs)
    for logits in network.logits(inputs):
        seen = None if others is None else next(others)
        if seen is not None and seen.shape[-1] != logits.shape[-1]:
            shared = min(seen.shape[-1], logits.shape[-1])
            seen, logits = seen[:, :shared], logits[:, :shared]
        found.append(_moments(logits, flat[done : done + len(logits)], seen))
        done += len(logits)
    return torch.cat(found).view(*targets.shape, 4).transpose(1, 2)


def _moments(logits: Tensor, targets: Tensor, seen: Tensor | None) -> Tensor:
    """The four numbers of some places, shape (places, 4)."""
    log_p = logits.log_softmax(-1)
    log_prob = log_p.gather(-1, targets[:, None])
    log_rank = (log_p > log_prob).sum(-1, keepdim=True).float().log1p()
    q = log_p.exp() if seen is None else seen.softmax(-1)
    log_p.masked_fill_(q == 0, 0.0)  # what q never draws does not count, however improbable it is to p
    mean = (q * log_p).sum(-1, keepdim=True)
    variance = q.mul_(log_p.sub_(mean).square_()).sum(-1, keepdim=True)
    return torch.cat([log_prob, log_rank, mean, variance], -1)
