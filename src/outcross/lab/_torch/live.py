"""A network that somebody else is training: looked at, and left as it was."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, final

import torch

from outcross.core.errors import memory_guard
from outcross.models._torch.handle import weights_digest


@final
class Live:
    """A network where it is: on its device, with the threads that it has. See `outcross.models._torch.handle.Handle`.

    Whether each of its modules is training, and the state of random numbers, are as before after each use. No inference
    mode: what a network keeps of a use of its own accord (tables of positions, say) must be good for training too.

    Parameters
    ----------
    network
        The network. Of one with low-rank adapters, what they are built into: it writes faster.
    """

    def __init__(self, network: Any) -> None:
        inner = getattr(network, "get_base_model", None)
        self.here = network if inner is None else inner()

    @property
    def digest(self) -> str:
        """BLAKE2b digest of the weights as they are now."""
        return weights_digest(self.here)

    @contextmanager
    def open(self, device: str, cores: int) -> Iterator[Any]:
        """Give the network for use without gradients; device and threads remain what they are."""
        modes = [(module, module.training) for module in self.here.modules()]
        place = next(self.here.parameters()).device
        chance = torch.random.fork_rng(devices=[place] if place.type == "cuda" else [])
        with memory_guard("lower texts or length"), chance, torch.no_grad():
            self.here.eval()
            try:
                yield self.here
            finally:
                for module, mode in modes:
                    module.training = mode


@final
class Copy:
    """A network as it is now, however it is trained on: kept on the CPU, and taken to a device when it is used.

    Parameters
    ----------
    network
        The network. It is copied.
    """

    def __init__(self, network: Any) -> None:
        self._device = next(network.parameters()).device
        self._network = copy.deepcopy(network).to("cpu").eval().requires_grad_(False)

    @property
    def digest(self) -> str:
        """BLAKE2b digest of the weights."""
        return weights_digest(self._network)

    @contextmanager
    def open(self, device: str, cores: int) -> Iterator[Any]:
        """Give the network on the device of the one that it was copied from."""
        with memory_guard("measure nothing that needs the first model, or lower texts"), torch.no_grad():
            try:
                yield self._network.to(self._device)
            finally:
                self._network.to("cpu")
