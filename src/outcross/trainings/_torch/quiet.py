"""Training leaves no trace: noise has a generator of its own, and what is set for a while is set back."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from outcross.core.seed import Seed


@contextmanager
def own_noise(device: torch.device, seed: Seed) -> Iterator[None]:
    """Have whatever draws from PyTorch's global generators in the block (dropout does) depend on the seed alone.

    Examples
    --------
    >>> with own_noise(torch.device("cpu"), Seed(1)):
    ...     one = torch.rand(3)
    >>> with own_noise(torch.device("cpu"), Seed(1)):
    ...     torch.equal(torch.rand(3), one)
    True
    """
    key = int(seed.generator().integers(2**63))
    gpus = [torch.cuda.current_device() if device.index is None else device.index] if device.type == "cuda" else []
    before = torch.mps.get_rng_state() if device.type == "mps" else None
    with torch.random.fork_rng(devices=gpus):
        torch.default_generator.manual_seed(key)
        for gpu in gpus:
            torch.cuda.default_generators[gpu].manual_seed(key)
        if device.type == "mps":
            torch.mps.manual_seed(key)
        try:
            yield
        finally:
            if before is not None:
                torch.mps.set_rng_state(before)


@contextmanager
def deterministic(device: torch.device) -> Iterator[None]:
    """Have a GPU add up in the same order every time, where it can; a CPU always does."""
    if device.type != "cuda":
        yield
        return
    before = torch.get_deterministic_debug_mode()
    filling = torch.utils.deterministic.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*determinis.*")  # of the few that cannot
            yield
    finally:
        torch.set_deterministic_debug_mode(before)
        torch.utils.deterministic.fill_uninitialized_memory = filling


@contextmanager
def flushed() -> Iterator[None]:
    """Have a CPU take numbers below the normal range for zero in the block: it works on them a hundred times slower.

    Adam keeps squares of gradients, and those of a pixel that is always black soon get there: a training becomes
    three times as slow without this.

    Examples
    --------
    >>> with flushed():
    ...     tiny = float(torch.tensor([1e-30]) * 1e-10)
    >>> tiny, float(torch.tensor([1e-30]) * 1e-10) > 0
    (0.0, True)
    """
    before = float(torch.tensor([1e-30]) * 1e-10) == 0
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)
