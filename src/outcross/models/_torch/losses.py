"""What a network says about the next token, without holding the scores of all tokens of the vocabulary at once.

The logits of a batch are by far its largest array (tokens × vocabulary), and the usual cross-entropy makes three such.
Here they are made a few hundred rows at a time, and turned into the loss and at once into its gradient while they are
in the cache; only states and gradients of the width of the network are kept. The idea is that of Hsu et al., Liger
Kernel (arXiv 2410.10989).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, final

import torch
from torch import Tensor
from torch.nn import functional

ROWS = {"cpu": 256}
"""Tokens at a time on a CPU, so that their logits stay in its cache."""
OTHERWISE = 2048


@final
class Predictor:
    """A causal language model, judged by the tokens that really come next.

    Parameters
    ----------
    network
        A `GPT`, or any causal language model of `transformers`, with adapters or without.

    Examples
    --------
    >>> from outcross.core.seed import Seed
    >>> from outcross.models._torch import gpt
    >>> predictor = Predictor(gpt.build("1M", 300, 16, Seed(0)))
    >>> block = torch.arange(10).view(2, 5)
    >>> predictor.nats(block[:, :-1], block[:, 1:]).shape
    torch.Size([2, 4])
    """

    def __init__(self, network: Any) -> None:
        self.network = network
        unwrapped = getattr(network, "get_base_model", lambda: network)()  # without the wrapper of adapters
        self._body, self._head = unwrapped.base_model, unwrapped.get_output_embeddings()
        self._plain = self._is_plain()

    def _is_plain(self) -> bool:
        """Whether the logits are a table times the states, and nothing more: some models scale, shift or cap them."""
        if not isinstance(self._head, torch.nn.Linear) or self._head.bias is not None:
            return False
        seen: list[tuple[Tensor, Tensor]] = []
        hook = self._head.register_forward_hook(lambda _, given, gives: seen.append((given[0], gives)))
        was = self.network.training
        self.network.eval()
        probe = torch.arange(8, device=self._head.weight.device)[None]
        with torch.no_grad():
            logits, states = self.network(probe).logits, self._states(probe)
        self.network.train(was)
        hook.remove()
        return len(seen) == 1 and torch.equal(seen[0][1], logits) and torch.allclose(seen[0][0], states, 1e-3, 1e-5)

    def _states(self, inputs: Tensor) -> Tensor:
        states: Tensor = self._body(inputs, use_cache=False)[0]
        return states

    def nats(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Return minus the log probability of each target given the inputs up to its place, without gradients.

        Parameters
        ----------
        inputs, targets
            Token numbers, shape (B, T).

        Returns
        -------
        Tensor
            float32, shape (B, T).
        """
        with torch.no_grad():
            if not self._plain:
                logits = self.network(inputs).logits.flatten(0, 1).float()
                return functional.cross_entropy(logits, targets.flatten(), reduction="none").view(targets.shape)
            states, table = _in_working_precision(self._states(inputs).flatten(0, 1), self._head.weight)
            flat = targets.flatten()
            size = ROWS.get(states.device.type, OTHERWISE)
            parts = [
                _nats((some @ table.T).float(), wanted)[0]
                for some, wanted in zip(states.split(size), flat.split(size), strict=True)
            ]
        return torch.cat(parts).view(targets.shape)

    def logits(self, inputs: Tensor) -> Iterator[Tensor]:
        """Yield the scores of all tokens at every place, a few hundred places at a time, without gradients.

        Parameters
        ----------
        inputs
            Token numbers, shape (B, T).

        Yields
        ------
        Tensor
            float32, shape (places, vocabulary): the B T places in order, as many at a time for every network.
        """
        size = ROWS.get(inputs.device.type, OTHERWISE)
        with torch.no_grad():
            if not self._plain:
                yield from self.network(inputs).logits.flatten(0, 1).float().split(size)
                return
            states, table = _in_working_precision(self._states(inputs).flatten(0, 1), self._head.weight)
            for some in states.split(size):
                yield (some @ table.T).float()

    def loss(self, inputs: Tensor, targets: Tensor, weight: Tensor, truncate: float | None = None) -> Tensor:
        """Return the weighted sum of `nats`, with its gradient.

        Parameters
        ----------
        inputs, targets
            Token numbers, shape (B, T).
        weight
            Weight of each target, shape (B, T); 0 for padding.
        truncate
            Targets that the network finds likelier than this carry no loss; None for all.

        Returns
        -------
        Tensor
            A scalar.
        """
        if self._plain:
            states = self._states(inputs).flatten(0, 1)
            most = math.inf if truncate is None else truncate
            loss: Tensor = _SummedNats.apply(states, self._head.weight, targets.flatten(), weight.flatten(), most)
            return loss
        logits = self.network(inputs).logits.flatten(0, 1).float()
        nats = functional.cross_entropy(logits, targets.flatten(), reduction="none")
        if truncate is not None:
            weight = weight * (nats.detach().exp().reciprocal() <= truncate).view(weight.shape)
        return (nats * weight.flatten()).sum()


@final
class _SummedNats(torch.autograd.Function):  # type: ignore[misc]  # torch is not typed here
    """Weighted cross-entropy of states times a table; the gradient is found in the forward pass."""

    @staticmethod
    def forward(ctx: Any, states: Tensor, table: Tensor, targets: Tensor, weight: Tensor, most: float) -> Tensor:
        wants_states, wants_table = ctx.needs_input_grad[:2]
        low, low_table = _in_working_precision(states, table)
        loss = torch.zeros((), device=states.device)
        to_states = torch.empty_like(low) if wants_states else None
        to_table = torch.zeros_like(table) if wants_table else None
        size = ROWS.get(states.device.type, OTHERWISE)
        with torch.autocast(states.device.type, enabled=False):
            for start in range(0, len(targets), size):
                part = slice(start, start + size)
                nats, shares = _nats((low[part] @ low_table.T).float(), targets[part])
                counted = weight[part].float()
                if most < 1:
                    counted = counted * (nats.neg().exp() <= most)
                loss += torch.dot(nats, counted)
                if to_states is None and to_table is None:
                    continue
                shares *= counted[:, None]
                shares[torch.arange(len(nats), device=nats.device), targets[part]] -= counted
                slope = shares.to(low.dtype)
                if to_states is not None:
                    torch.mm(slope, low_table, out=to_states[part])
                if to_table is not None and low.dtype == table.dtype:
                    to_table.addmm_(slope.T, low[part])
                elif to_table is not None:
                    to_table += (slope.T @ low[part]).to(table.dtype)
        ctx.kept = (None if to_states is None else to_states.to(states.dtype), to_table)
        return loss

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None, None, None, None]:
        """The gradients that are known already, times that of what comes after."""
        (grad,) = grads
        to_states, to_table = ctx.kept
        ctx.kept = None
        scaled = [None if found is None else found.mul_(grad.to(found.dtype)) for found in (to_states, to_table)]
        return scaled[0], scaled[1], None, None, None


def _nats(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Minus the log probability of the targets, and the probabilities of all tokens."""
    shares = logits.softmax(-1)
    normaliser = logits.amax(-1) - shares.amax(-1).log()  # exact where the target's own probability is not: near 0
    return normaliser - logits.gather(-1, targets[:, None])[:, 0], shares


def _in_working_precision(states: Tensor, table: Tensor) -> tuple[Tensor, Tensor]:
    """Both in the precision that matrix products are done in here and now."""
    device = states.device.type
    dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else states.dtype
    return states.to(dtype), table.to(dtype)
