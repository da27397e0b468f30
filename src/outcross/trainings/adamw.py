"""AdamW: Adam whose weight decay is no part of the gradient. What language models are trained with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, final

from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.training import Problem, Trained, Training
from outcross.trainings._gradient import train


@final
@dataclass(frozen=True)
class Adamw(Training):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), betas 0.9 and 0.999.

    Parameters
    ----------
    epochs
        How often each example is seen.
    steps
        So many gradient steps in all instead, whatever the number of examples, so that generations with more data cost
        no more. None for whole epochs.
    rate
        Learning rate after the warm-up; it is constant.
    batch
        Number of examples that are in memory at a time.
    accumulate
        Number of batches whose gradients are added up for one step. The loss of a step is the mean over all of its
        examples.
    decay
        Every step multiplies each weight by one minus ``rate`` times this.
    warmup
        Share of the steps in which the rate rises from 0, linearly.
    clip
        Gradients longer than this are shortened to it; none for no limit.
    precision
        ``fp32``, or ``bf16`` for mixed precision: products in bfloat16, weights in float32.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> build("training", "adamw(steps=100, batch=16, accumulate=2)").steps
    100
    """

    epochs: Annotated[int, Between(1)] = 5
    steps: Annotated[int | None, Between(1)] = None
    rate: Annotated[float, Between(0, above=True)] = 1e-3
    batch: Annotated[int, Between(1)] = 32
    accumulate: Annotated[int, Between(1)] = 1
    decay: Annotated[float, Between(0)] = 0.01
    warmup: Annotated[float, Between(0, 1)] = 0.0
    clip: Annotated[float | None, Between(0, above=True)] = 1.0
    precision: Literal["fp32", "bf16"] = "fp32"

    def run(self, problem: Problem, seed: Seed) -> Trained:
        """Train the network in place, and say how that went."""
        return train(problem, self, seed)

    def optimiser(self, weights: list[Any]) -> Any:
        """Return the optimiser of these weights."""
        from torch.optim import AdamW

        return AdamW(weights, lr=self.rate, weight_decay=self.decay, fused=True)
