"""Networks as writers: see `outcross.core.decoding.Writer`. What was read is kept, and never read again."""

from __future__ import annotations

import inspect
from typing import Any, final

import torch
from torch import Tensor

from outcross.core.decoding import Writer
from outcross.models._torch.cache import Row
from outcross.models._torch.gpt import GPT

UNBOUNDED = 2**31
"""Places of a network that has no table of them."""


def places(network: Any) -> int:
    """Return how many tokens a network can read: those of a prompt and of the text after it together.

    Examples
    --------
    >>> from outcross.core.seed import Seed
    >>> from outcross.models._torch import gpt
    >>> places(gpt.build("1M", 300, 16, Seed(0)))
    16
    """
    if isinstance(network, GPT):
        return network.shape.window
    config = network.config.get_text_config()
    for name in ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length"):
        found = getattr(config, name, None)
        if isinstance(found, int) and found > 0:
            return found
    return UNBOUNDED


def writer(network: Any) -> Writer:
    """Return a network as a writer: its weights are used where they are, in evaluation mode, without gradients.

    Parameters
    ----------
    network
        A `GPT`, or any causal language model of `transformers`.

    Examples
    --------
    >>> from outcross.core.seed import Seed
    >>> from outcross.models._torch import gpt
    >>> pen = writer(gpt.build("1M", 300, 16, Seed(0)))
    >>> pen.begin(torch.zeros(2, 5, dtype=torch.long)).shape
    torch.Size([2, 300])
    """
    network.eval()
    return GPTWriter(network) if isinstance(network, GPT) else HubWriter(network)


@final
class GPTWriter:
    """A `GPT` in the middle of B texts."""

    def __init__(self, network: GPT) -> None:
        self._network = network
        self._past: list[tuple[Row, Row]] = []

    def begin(self, prompts: Tensor) -> Tensor:
        """Read prompts, shape (B, P), and return the logits of the next token, (B, V)."""
        spare: list[Tensor] = []
        self._past = [(Row(spare), Row(spare)) for _ in range(self._network.shape.layers)]
        return self._read(prompts)

    def advance(self, tokens: Tensor) -> Tensor:
        """Append one token to each text, shape (B,), and return the logits of the next one, (B, V)."""
        return self._read(tokens[:, None])

    def select(self, rows: Tensor) -> None:
        """Go on with the texts at ``rows``."""
        for keys, values in self._past:
            keys.select(rows)
            values.select(rows)

    def _read(self, tokens: Tensor) -> Tensor:
        with torch.no_grad():
            (states,) = self._network.transformer(tokens, past=self._past)
            logits: Tensor = self._network.lm_head(states[:, -1])
        return logits.float()


@final
class HubWriter:
    """Any causal language model of `transformers` in the middle of B texts.

    Plain attention layers keep keys and values in `Row`; layers of other kinds (sliding windows, recurrent states) do
    as the library has it. A network that keeps nothing reads its texts again at every token.
    """

    def __init__(self, network: Any) -> None:
        self._network = network
        self._past: Any = None
        self._texts = torch.zeros(0, 0, dtype=torch.long)
        known = inspect.signature(network.forward).parameters
        self._last = {"logits_to_keep": 1} if "logits_to_keep" in known else {}
        self._keeps = "past_key_values" in known and network._supports_default_dynamic_cache()

    def begin(self, prompts: Tensor) -> Tensor:
        """Read prompts, shape (B, P), and return the logits of the next token, (B, V)."""
        self._texts = prompts
        self._past = _cache(self._network) if self._keeps else None
        return self._read(prompts)

    def advance(self, tokens: Tensor) -> Tensor:
        """Append one token to each text, shape (B,), and return the logits of the next one, (B, V)."""
        if self._past is None:
            self._texts = torch.cat([self._texts, tokens[:, None]], dim=1)
            return self._read(self._texts)
        return self._read(tokens[:, None])

    def select(self, rows: Tensor) -> None:
        """Go on with the texts at ``rows``."""
        if self._past is None:
            self._texts = self._texts[rows]
        else:
            self._past.reorder_cache(rows)

    def _read(self, tokens: Tensor) -> Tensor:
        keeping = {"use_cache": False} if self._past is None else {"use_cache": True, "past_key_values": self._past}
        with torch.no_grad():
            given = self._network(input_ids=tokens, **keeping, **self._last)
        logits: Tensor = given.logits[:, -1].float()
        return logits


def _cache(network: Any) -> Any:
    """What the network keeps keys and values in."""
    from transformers.cache_utils import DynamicCache, DynamicLayer

    cache = DynamicCache(config=network.config)
    spare: list[Tensor] = []

    @final
    class Kept(DynamicLayer):  # type: ignore[misc]
        """A layer's keys and values, written in place."""

        def __init__(self) -> None:
            super().__init__()
            self.rows = Row(spare), Row(spare)

        def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
            self.is_initialized = True
            self.keys, self.values = self.rows[0].append(key_states), self.rows[1].append(value_states)
            return self.keys, self.values

        def reorder_cache(self, beam_idx: Tensor) -> None:
            for row in self.rows:
                row.select(beam_idx)

        def get_seq_length(self) -> int:
            return self.rows[0].length

    if cache.layers:
        cache.layers = [Kept() if type(layer) is DynamicLayer else layer for layer in cache.layers]
    elif cache.layer_class_to_replicate is DynamicLayer:
        cache.layer_class_to_replicate = Kept
    return cache
