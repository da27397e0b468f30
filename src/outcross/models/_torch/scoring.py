"""How probable is each token of a text? Teacher forcing in windows, and the resampling of tokens found too easy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from outcross.core.batch import Floats, Ints
from outcross.core.errors import BadInput
from outcross.core.progress import tell
from outcross.core.seed import Seed
from outcross.models._torch.losses import Predictor
from outcross.models._torch.moments import moments
from outcross.models._torch.tokens import Tokens

AT_ONCE = {"cpu": (2**11, 2**25)}
"""Tokens that are read at once, and logits that are held at once: on a CPU what its cache is good for, and 128 MB."""
OTHERWISE = (2**14, 2**29)


class Window(NamedTuple):
    """A stretch of one text: what is read, and from which place on it is scored."""

    text: int
    start: int
    tokens: Ints
    skip: int


def windows(codes: Sequence[NDArray[np.int32]], begin: int, end: int | None, window: int, stride: int) -> list[Window]:
    """Return the windows over texts, each text with its begin token and, where given, its end token.

    Each holds ``window`` predictions at most; the first of a text scores all of them, the later ones only their last
    ``stride`` (what comes before is context), so every token is scored just once.

    Examples
    --------
    >>> [(w.start, w.tokens.tolist(), w.skip) for w in windows([np.array([5, 6, 7, 8])], 0, None, 3, 1)]
    [(0, [0, 5, 6, 7], 0), (1, [5, 6, 7, 8], 2)]
    """
    found = []
    for number, code in enumerate(codes):
        whole = np.concatenate([[begin], code, [] if end is None else [end]]).astype(np.int64)
        start, scored, last = 0, 0, len(whole) - 1
        while scored < last:
            stop = min(start + window, last)
            found.append(Window(number, start, whole[start : stop + 1], scored - start))
            start, scored = stop - window + min(stride, last - stop), stop
            start = max(start, 0)
    return found


def score(
    network: Any, codes: Sequence[NDArray[np.int32]], tokens: Tokens, view: tuple[int, int], ends: bool
) -> tuple[Floats, Ints]:
    """Return the log probability of each text, shape (n,), and the number of tokens that it is the sum of."""
    cut = windows(codes, tokens.begin, tokens.end if ends else None, *view)
    values, counts = np.zeros(len(codes)), np.zeros(len(codes), dtype=np.int64)
    done, total = 0, sum(len(w.tokens) - 1 for w in cut)
    predictor = Predictor(network)
    for group in _batches(cut, network, tokens):
        inputs, targets = _padded(group, network)
        nats = predictor.nats(inputs, targets).double().cpu().numpy()
        for row, one in zip(nats, group, strict=True):
            values[one.text] -= row[one.skip : len(one.tokens) - 1].sum()
            counts[one.text] += len(one.tokens) - 1 - one.skip
        done += sum(len(w.tokens) - 1 for w in group)
        tell("score", done, total)
    return values, counts


def score_tokens(
    network: Any, codes: Sequence[NDArray[np.int32]], tokens: Tokens, view: tuple[int, int], observer: Any = None
) -> list[Floats]:
    """Return four numbers for each token of each text, shape (4, tokens): see `moments`; texts have no end here.

    Parameters
    ----------
    network
        Whose probabilities they are.
    codes
        The texts; what is returned of all of them is held at once.
    tokens
        The tokeniser of both networks.
    view
        Window and stride.
    observer
        The network that the moments are over; the same one where it is None.

    Raises
    ------
    BadInput
        If a text has a token that the network does not know.
    """
    found = [np.empty((4, len(code))) for code in codes]
    known = network.get_output_embeddings().weight.shape[0]
    if any(code.max(initial=0) >= known for code in codes):
        raise BadInput(f"{tokens.name} has more tokens than the {known:,} that its network knows")
    predictor = Predictor(network)
    other = None if observer is None else Predictor(observer)
    for group in _batches(windows(codes, tokens.begin, None, *view), network, tokens):
        inputs, targets = _padded(group, network)
        block = moments(predictor, inputs, targets, other).double().cpu().numpy()
        for row, one in zip(block, group, strict=True):
            last = len(one.tokens) - 1
            found[one.text][:, one.start + one.skip : one.start + last] = row[:, one.skip : last]
    return found


def resample(
    network: Any, codes: Sequence[NDArray[np.int32]], tokens: Tokens, view: tuple[int, int], above: float, seed: Seed
) -> list[Ints]:
    """Return texts with every token drawn anew that the network finds likelier than ``above`` (ToEdit).

    A token is judged by its probability among all tokens, and drawn among those that can be in a text: neither begin
    nor end.
    """
    edited = [code.astype(np.int64) for code in codes]
    for group in _batches(windows(codes, tokens.begin, None, *view), network, tokens):
        inputs, targets = _padded(group, network)
        logits = network(inputs).logits.float()
        likely = logits.softmax(-1).gather(-1, targets[..., None])[..., 0] > above
        logits[..., [tokens.begin, tokens.end]] = -torch.inf
        shares = logits.softmax(-1)
        for row, one in enumerate(group):
            places = torch.nonzero(likely[row, one.skip : len(one.tokens) - 1])[:, 0] + one.skip
            if not len(places):
                continue
            uniform = seed.child(one.text, one.start).generator().random(len(one.tokens))
            sums = shares[row, places].cpu().double().cumsum(-1)
            total, at = sums[:, -1:].contiguous(), places.cpu()
            drawn = torch.searchsorted(sums, torch.from_numpy(uniform)[at][:, None] * total, right=True)
            drawn = torch.minimum(drawn, torch.searchsorted(sums, total))  # rounding may carry a point to the very end
            edited[one.text][one.start + at.numpy()] = drawn[:, 0].numpy()
    return edited


def _batches(cut: list[Window], network: Any, tokens: Tokens) -> Iterator[list[Window]]:
    """Windows of like length together, as many as there is room for."""
    most, logits = AT_ONCE.get(next(network.parameters()).device.type, OTHERWISE)
    room = min(most, logits // tokens.size)
    group: list[Window] = []
    for one in sorted(cut, key=lambda w: len(w.tokens)):
        if group and (len(group) + 1) * len(one.tokens) > room:
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _padded(group: list[Window], network: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs and targets, shape (B, T): padding comes last, where a causal model does not see it."""
    width = max(len(w.tokens) for w in group)
    block = np.zeros((len(group), width), dtype=np.int64)
    for row, one in zip(block, group, strict=True):
        row[: len(one.tokens)] = one.tokens
    tensor = torch.as_tensor(block, device=next(network.parameters()).device)
    return tensor[:, :-1], tensor[:, 1:]
