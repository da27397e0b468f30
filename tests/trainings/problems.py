"""Small problems to train on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from outcross.core.batch import Ints


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in the same order on every machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Line:
    """Least squares: a network with one layer, weighted examples, and validation losses that are told it or none."""

    def __init__(self, n: int = 20, validation: Sequence[float] = (), dropout: float = 0.0) -> None:
        rng = np.random.default_rng(0)
        self.inputs = torch.from_numpy(rng.normal(size=(n, 3)).astype(np.float32))
        self.outputs = self.inputs @ torch.tensor([1.0, -2.0, 0.5]) + 0.3
        self.weight = torch.from_numpy(rng.uniform(0.5, 2, n).astype(np.float32))
        self.network: Any = torch.nn.Sequential(torch.nn.Dropout(dropout), torch.nn.Linear(3, 1))
        with torch.no_grad():
            for parameter in self.network.parameters():
                parameter.zero_()
        self.seen: list[list[int]] = []
        self.validated: list[np.ndarray] = []
        self._validation = list(validation)

    @property
    def size(self) -> int:
        return len(self.inputs)

    def loss(self, index: Ints, rng: np.random.Generator) -> tuple[Any, float]:
        self.seen.append(index.tolist())
        found = self.network(self.inputs[index])[:, 0]
        weight = self.weight[index]
        return (weight * (found.float() - self.outputs[index]) ** 2).sum(), float(weight.sum())

    grain = 1

    def validate(self) -> float | None:
        self.validated.append(self.numbers())
        return self._validation[len(self.validated) - 1] if self._validation else None

    def numbers(self) -> np.ndarray:
        """All weights of the network."""
        return np.concatenate([p.detach().numpy().ravel() for p in self.network.parameters()]).copy()

    def gradient(self, numbers: np.ndarray) -> np.ndarray:
        """Gradient of the mean loss of all examples."""
        design = np.hstack([self.inputs.numpy(), np.ones((self.size, 1))]).astype(np.float64)
        weight = self.weight.numpy().astype(np.float64)
        return 2 * design.T @ (weight * (design @ numbers - self.outputs.numpy())) / weight.sum()


class Slope:
    """The loss is the weight itself: each step of Adam moves it by minus the learning rate, exactly."""

    def __init__(self, size: int) -> None:
        self.network: Any = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.zeros_(self.network.weight)
        self.size = size
        self.calls = 0

    def loss(self, index: Ints, rng: np.random.Generator) -> tuple[Any, float]:
        self.calls += 1
        return self.network.weight.sum() * len(index), float(len(index))

    grain = 1

    def validate(self) -> float | None:
        return None


class Broken(Slope):
    """A loss that is no number from some call on."""

    def __init__(self, size: int, after: int) -> None:
        super().__init__(size)
        self._after = after

    def loss(self, index: Ints, rng: np.random.Generator) -> tuple[Any, float]:
        loss, weight = super().loss(index, rng)
        return (loss * float("nan") if self.calls > self._after else loss), weight
