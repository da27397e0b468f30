"""Training a language model on texts: where its weights start, its rows of tokens, and its loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from outcross.core.batch import Ints
from outcross.core.errors import BadInput, BadSetting
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.core.training import Trained
from outcross.models._torch import bpe, gpt, hub
from outcross.models._torch.device import choose, memory_guard, threads
from outcross.models._torch.handle import Handle
from outcross.models._torch.losses import Predictor
from outcross.models._torch.tokens import Tokens
from outcross.models._torch.writers import places
from outcross.models._window import MOST, PRETRAINED, check_room, holding

if TYPE_CHECKING:
    from outcross.models.transformer import FittedTransformer, Transformer


@final
@dataclass(frozen=True)
class Tuned:
    """A model that was trained.

    Parameters
    ----------
    settings
        As given, with the window that was chosen.
    handle
        The weights.
    tokens
        The tokeniser: the first generation's for all.
    room
        How many tokens the network reads.
    trained
        How training went.
    """

    settings: Transformer
    handle: Handle
    tokens: Tokens
    room: int
    trained: Trained


def fit(settings: Transformer, texts: Texts, seed: Seed, before: FittedTransformer | None) -> Tuned:
    """Return the model trained on texts, which goes on from the one before where the settings say so."""
    device = choose(settings.device)
    with threads(settings.threads), memory_guard("lower the training's batch (and raise accumulate), or the window"):
        tokens = before.tokens if before else _tokens(settings, texts)
        if settings.base is None:
            settings = replace(settings, window=_window(settings, texts, tokens, before))
        network = _start(settings, tokens, seed, before).to(device)
        if settings.window is None:
            settings = replace(settings, window=min(PRETRAINED, places(network)))
        train, kept = _divide(texts, settings.validation, seed)
        rows = _rows(train, tokens, settings, seed)
        checked = _rows(kept, tokens, settings, seed) if kept is not None else None
        _check(settings, network, rows)
        if settings.rank is not None:
            network = hub.adapted(network, settings.rank, seed)
        problem = LanguageProblem(network, rows, checked, settings.truncate)
        network.train()
        trained = settings.learning().run(problem, seed.child("training"))
        if settings.rank is not None:
            network = hub.merged(network)
        return Tuned(settings, Handle(network.eval()), tokens, places(network), trained)


def _window(settings: Transformer, texts: Texts, tokens: Tokens, before: FittedTransformer | None) -> int:
    """The window of a model from scratch: chosen in the first generation, unless it is given, and kept."""
    given = settings.known_window
    if before is not None:
        return given or before.settings.view()[0]
    lengths = np.array([len(code) for code in tokens.encode(texts.strings())])
    window = given or min(MOST, holding(lengths))
    if settings.ends:
        check_room(lengths, window)
    return window


def _tokens(settings: Transformer, texts: Texts) -> Tokens:
    if settings.base is not None:
        return hub.tokens(settings.base)
    return bpe.train(texts.strings(), settings.vocabulary)


def _start(settings: Transformer, tokens: Tokens, seed: Seed, before: FittedTransformer | None) -> Any:
    """The weights that training starts from: a copy, for others may be using them."""
    if settings.carry and before is not None:
        return before.handle.copy()
    if settings.base is not None:
        return hub.network(settings.base)
    return gpt.build(settings.size, tokens.size, settings.view()[0], seed.child("weights"))


def _check(settings: Transformer, network: Any, rows: Rows) -> None:
    """Refuse before training what could only fail after it."""
    room, known = places(network), network.get_output_embeddings().weight.shape[0]
    spoken = settings.prompt + (settings.length or 0)
    for what, needed in (("the window is", settings.view()[0]), ("prompt and length are", spoken)):
        if needed > room:
            raise BadSetting(f"transformer: {what} {needed} tokens, and {settings.base} reads {room} at most")
    if rows.tokens.max() >= known:
        raise BadInput(f"the tokeniser of {settings.base} has more tokens than the {known} that its network knows")


def _divide(texts: Texts, share: float, seed: Seed) -> tuple[Texts, Texts | None]:
    """The texts to train on, and those that the best epoch is chosen by."""
    if not share:
        return texts, None
    kept = max(1, round(share * texts.size))
    if kept == texts.size:
        raise BadInput(f"{texts.size} texts are too few to keep a share of {share:g} of them for validation")
    order = seed.child("validation").generator().permutation(texts.size)
    return texts.take(np.sort(order[kept:])[None]), texts.take(np.sort(order[:kept])[None])


@final
@dataclass(frozen=True)
class Rows:
    """Rows of tokens to train on.

    Parameters
    ----------
    tokens
        Token numbers, shape (rows, width + 1): each token is predicted from those before it in its row.
    weight
        Weight of each prediction, shape (rows, width): 0 for padding and for the begin of a text.
    """

    tokens: NDArray[np.int32]
    weight: NDArray[np.float32]


def _rows(texts: Texts, tokens: Tokens, settings: Transformer, seed: Seed) -> Rows:
    codes = tokens.encode(texts.strings())
    weights = np.ones(texts.size) if texts.weight is None else texts.weight
    end = [tokens.end] if settings.ends else []
    whole = [np.concatenate([[tokens.begin], code, end]).astype(np.int32) for code in codes]
    if all(len(one) == 1 for one in whole):
        raise BadInput("there is nothing to learn from texts that are all empty")
    if not settings.pack:
        return _one_by_one(whole, weights, settings.view()[0])
    order = seed.child("pack").generator().permutation(len(whole))
    return packed([whole[i] for i in order], weights[order], settings.view()[0])


def packed(texts: Sequence[NDArray[np.int32]], weights: NDArray[np.float64], window: int) -> Rows:
    """Return texts, one after another, cut into rows; the begin token of a text is context, not a prediction.

    Examples
    --------
    >>> rows = packed([np.array([0, 5, 6]), np.array([0, 7, 8])], np.ones(2), 3)
    >>> rows.tokens.tolist(), rows.weight.tolist()
    ([[0, 5, 6, 0], [0, 7, 8, 0]], [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]])
    """
    stream = np.concatenate(texts)
    weight = np.repeat(weights, [len(text) for text in texts]).astype(np.float32)
    weight[np.cumsum([0, *map(len, texts[:-1])])] = 0
    count = max(1, math.ceil((len(stream) - 1) / window))
    room = count * window + 1
    stream = np.pad(stream, (0, room - len(stream)))
    weight = np.pad(weight, (0, room - len(weight)))
    index = np.arange(count)[:, None] * window + np.arange(window + 1)
    return Rows(stream[index], weight[index][:, 1:])


def _one_by_one(texts: Sequence[NDArray[np.int32]], weights: NDArray[np.float64], window: int) -> Rows:
    """A row a text, longer ones cut into several; padding comes last."""
    pieces = [
        (text[start : start + window + 1], weight)
        for text, weight in zip(texts, weights, strict=True)
        for start in range(0, max(1, len(text) - 1), window)
    ]
    width = max(len(piece) for piece, _ in pieces)
    tokens = np.zeros((len(pieces), width), dtype=np.int32)
    weight = np.zeros((len(pieces), width - 1), dtype=np.float32)
    for row, (piece, one) in enumerate(pieces):
        tokens[row, : len(piece)] = piece
        weight[row, : len(piece) - 1] = one
    return Rows(tokens, weight)


@final
class LanguageProblem:
    """Predicting the next token of rows, by cross-entropy; see `outcross.core.training.Problem`.

    Parameters
    ----------
    network
        The network, in place on its device.
    rows, kept
        What it is trained on, and what the best epoch is chosen by (or None).
    truncate
        Tokens found likelier than this carry no loss; None for all.
    """

    def __init__(self, network: Any, rows: Rows, kept: Rows | None, truncate: float | None) -> None:
        self.network = network
        self._rows, self._kept, self._truncate = rows, kept, truncate
        self._predictor = Predictor(network)
        self._device = next(network.parameters()).device

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self._rows.tokens)

    @property
    def grain(self) -> int:
        """Number of predictions of a row."""
        return int(self._rows.weight.shape[1])

    def loss(self, index: Ints, rng: np.random.Generator) -> tuple[Any, float]:
        """Return the summed loss of some rows, and the weight of their predictions."""
        return self._loss(self._rows, index, self._truncate)

    def validate(self) -> float | None:
        """Return the mean cross-entropy of the rows that are kept, every token counted."""
        if self._kept is None:
            return None
        with torch.inference_mode():
            parts = [self._loss(self._kept, index, None) for index in self._blocks(len(self._kept.tokens))]
        return float(sum(float(loss) for loss, _ in parts) / sum(weight for _, weight in parts))

    @staticmethod
    def _blocks(rows: int) -> list[Ints]:
        return np.array_split(np.arange(rows), math.ceil(rows / 16))

    def _loss(self, rows: Rows, index: Ints, truncate: float | None) -> tuple[Any, float]:
        weight = rows.weight[index]
        width = int(np.flatnonzero(weight.any(axis=0)).max(initial=0)) + 1  # padding that all rows share is left out
        block = torch.as_tensor(rows.tokens[index, : width + 1], device=self._device).long()
        counted = torch.as_tensor(weight[:, :width], device=self._device)
        return self._predictor.loss(block[:, :-1], block[:, 1:], counted, truncate), float(weight.sum())
