"""Where does a network run, on how many threads, and what is said when it does not fit?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from outcross.core.errors import BadSetting, memory_guard

__all__ = ["abreast", "choose", "memory_guard", "threads"]


def choose(device: str) -> torch.device:
    """Return the device that a setting names; ``"auto"`` is the first there is of CUDA, MPS and the CPU.

    Raises
    ------
    BadSetting
        If this machine has no such device.

    Examples
    --------
    >>> choose("cpu")
    device(type='cpu')
    """
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if device == "auto":
        return torch.device("cuda" if cuda else "mps" if mps else "cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError:
        raise BadSetting(f"device is auto, cpu, cuda, cuda:1 or mps, not '{device}'") from None
    if chosen.type == "cuda" and not (cuda and (chosen.index or 0) < torch.cuda.device_count()):
        raise BadSetting(f"there is no device '{device}' here; device=auto takes what there is")
    if chosen.type == "mps" and not mps:
        raise BadSetting("there is no device 'mps' here; device=auto takes what there is")
    return chosen


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Have PyTorch use n threads in the block, and as many as before after it.

    Examples
    --------
    >>> with threads(1):
    ...     torch.get_num_threads()
    1
    """
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def abreast(device: str, cores: int) -> int:
    """Return how many networks can be at work side by side: one on a GPU; on a CPU as many as there are cores for.

    Of several GPUs one is used, the first or that which the setting names: no worker is given one of its own.

    Examples
    --------
    >>> abreast("cpu", 10**6)
    1
    """
    chosen = choose(device)
    if chosen.type != "cpu":
        return 1
    own = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, own // cores)
