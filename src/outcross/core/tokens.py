"""What a language model says of each token of a text: what likelihood detectors are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from outcross.core.batch import Floats


@final
@dataclass(frozen=True, eq=False)
class TokenScores:
    """How a model p finds each of the n tokens of one text, given the tokens before it.

    Moments are over the next token as an observer q would draw it; the observer is p itself where no other is given.

    Parameters
    ----------
    log_prob
        log p(token), in nats, shape (n,).
    log_rank
        Natural logarithm of the token's rank among all tokens by p: 0 for the likeliest. Shape (n,).
    mean
        Sum over all tokens w of q(w) log p(w), shape (n,): minus the cross-entropy of q and p, minus the entropy of p
        where q is p.
    variance
        Variance of log p(w) for w drawn from q, shape (n,).

    Examples
    --------
    >>> import numpy as np
    >>> half = np.log([0.5])
    >>> TokenScores(half, np.zeros(1), half, np.zeros(1)).size
    1
    """

    log_prob: Floats
    log_rank: Floats
    mean: Floats
    variance: Floats

    @property
    def size(self) -> int:
        """n, the number of tokens."""
        return len(self.log_prob)
