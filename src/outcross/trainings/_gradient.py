"""What trainings by gradient steps share: the settings that the loop reads, and the way to the loop."""

from __future__ import annotations

from typing import Any, Protocol

from outcross.core.errors import MissingLibrary
from outcross.core.seed import Seed
from outcross.core.training import Problem, Trained


class Gradient(Protocol):
    """The settings of a training by gradient steps; what each means is said in `outcross.trainings.adamw.Adamw`."""

    @property
    def epochs(self) -> int: ...
    @property
    def steps(self) -> int | None: ...
    @property
    def rate(self) -> float: ...
    @property
    def batch(self) -> int: ...
    @property
    def accumulate(self) -> int: ...
    @property
    def warmup(self) -> float: ...
    @property
    def clip(self) -> float | None: ...
    @property
    def precision(self) -> str: ...

    def optimiser(self, weights: list[Any]) -> Any:
        """Return the ``torch.optim.Optimizer`` of these weights."""


def train(problem: Problem, settings: Gradient, seed: Seed) -> Trained:
    """Train a network in place, and say how that went: see `outcross.core.training.Training.run`."""
    try:
        from outcross.trainings._torch.loop import Loop
    except ImportError:
        raise MissingLibrary("training a network needs PyTorch: pip install 'outcross[lm]'") from None
    return Loop(problem, settings, seed).run()
