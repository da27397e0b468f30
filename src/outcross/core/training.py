"""What training a network means: a problem (network, examples, loss) and a way of solving it by gradient steps.

Networks and tensors are those of PyTorch; this file does not import it.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Protocol, final

import numpy as np

from outcross.core.batch import Ints
from outcross.core.part import Part
from outcross.core.seed import Seed


class Problem(Protocol):
    """A network to be fitted, and the examples that it is fitted to."""

    @property
    def network(self) -> Any:
        """The network, a ``torch.nn.Module`` on its device; those of its parameters are trained that want gradients."""

    @property
    def size(self) -> int:
        """Number of examples."""

    @property
    def grain(self) -> int:
        """Number of tokens of an example, for telling how far it has gone; 1 where it has none."""

    def loss(self, index: Ints, rng: np.random.Generator) -> tuple[Any, float]:
        """Return the summed loss of the examples at ``index`` (a scalar tensor), and the weight it is the sum of.

        The weight is the number of predicted tokens, or of records, each times its training weight: the loss of a step
        is the quotient. ``rng`` serves losses that are random themselves (a variational one).
        """

    def validate(self) -> float | None:
        """Return the mean loss of the examples that are kept for validation; None where none are."""


@final
@dataclass(frozen=True, slots=True)
class Trained:
    """What training found.

    Parameters
    ----------
    losses
        Mean training loss of each epoch.
    validation
        Mean validation loss after each epoch; empty where nothing is kept for validation.
    best
        The epoch (from 1) whose weights were kept.

    Examples
    --------
    >>> Trained((2.0, 1.5), (), 2).best
    2
    """

    losses: tuple[float, ...]
    validation: tuple[float, ...]
    best: int


class Training(Part):
    """How is a network trained? Optimiser, epochs, batches, precision."""

    kind = "training"

    @abstractmethod
    def run(self, problem: Problem, seed: Seed) -> Trained:
        """Train the network in place.

        Where the problem validates, the weights of the epoch with the least validation loss are kept, else the last.

        Parameters
        ----------
        problem
            What is fitted. It is told to `outcross.core.progress` as ``"train"``, in tokens (or examples).
        seed
            The order of the examples, and the noise of random losses, come from it.

        Raises
        ------
        Diverged
            If a loss is not a finite number.
        OutOfMemory
            If a batch does not fit.
        """
