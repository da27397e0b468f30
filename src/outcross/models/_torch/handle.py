"""Weights that are in memory, or in a folder until they are used: so a chain holds two or three models, not all."""

from __future__ import annotations

import copy
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, final

import torch

from outcross.core.errors import BadInput
from outcross.models._torch.device import choose, memory_guard, threads

HELD = 2
"""Models of folders that are in memory at a time: the one at work, and the first one, which judges the others."""

_held: OrderedDict[tuple[str, str], Any] = OrderedDict()


@final
class Handle:
    """A network, here or in a folder.

    Parameters
    ----------
    source
        The network, or what reads it from its folder.
    digest
        BLAKE2b digest of the weights; found by itself for a network that is here.
    """

    def __init__(self, source: Any | Callable[[], Any], digest: str | None = None) -> None:
        self._here, self._digest = digest is None, digest
        self._source: Any = source

    @property
    def digest(self) -> str:
        """BLAKE2b digest of the weights, 32 hexadecimal digits."""
        if self._digest is None:
            self._digest = weights_digest(self._source)
        return self._digest

    @contextmanager
    def open(self, device: str, cores: int) -> Iterator[Any]:
        """Give the network on its device, for use without gradients on so many threads.

        On a CPU the same use gives the same numbers again. A GPU may add up in another order each time: what depends on
        the last digit may then differ, a token that is drawn among them.

        Raises
        ------
        BadInput
            If the weights in the folder are gone, or are not those that were saved.
        OutOfMemory
            If it does not fit.
        """
        advice = "lower at_once or window, or take another device"
        with threads(cores), memory_guard(advice):
            network = self._on(choose(device))
            with torch.inference_mode():
                yield network

    @torch.inference_mode(False)  # type: ignore[untyped-decorator]
    def network(self) -> Any:
        """Return the network on the CPU, to look at or to save; one in a folder is read anew, and is not held.

        Raises
        ------
        BadInput
            If the weights in the folder are gone, or are not those that were saved.
        """
        return self._source.to("cpu").eval() if self._here else self._read()

    def copy(self) -> Any:
        """Return a network of the same weights on the CPU that may be changed; errors are those of `network`."""
        return copy.deepcopy(self.network()) if self._here else self.network()

    @torch.inference_mode(False)  # type: ignore[untyped-decorator]  # what is read or moved may be trained later
    def _on(self, device: torch.device) -> Any:
        if self._here:
            return self._source.to(device).eval()
        key = (self.digest, str(device))
        if key in _held:
            _held.move_to_end(key)
            return _held[key]
        network = self._read()
        while len(_held) >= HELD:
            _held.popitem(last=False)
        _held[key] = network.to(device).eval()
        return _held[key]

    def _read(self) -> Any:
        """The network as its folder has it, if it is the one that was saved."""
        network = self._source()
        if weights_digest(network) != self.digest:
            raise BadInput(f"the weights of model {self.digest} are not those that were saved; run again without them")
        return network.eval()


def weights_digest(network: Any) -> str:
    """Return the BLAKE2b digest of a network's weights: names, kinds, shapes and numbers.

    Examples
    --------
    >>> len(weights_digest(torch.nn.Linear(2, 1)))
    32
    """
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(network.state_dict().items()):
        held = tensor.detach().cpu().contiguous()
        digest.update(f"{name} {held.dtype} {tuple(held.shape)}".encode())
        digest.update(held.reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()
