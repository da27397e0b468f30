"""The loop: shuffled epochs of gradient steps, the best epoch's weights kept."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, final

import torch

from outcross.core.batch import Ints
from outcross.core.errors import BadInput, Diverged, memory_guard
from outcross.core.progress import tell
from outcross.core.seed import Seed
from outcross.core.training import Problem, Trained
from outcross.trainings._torch.quiet import deterministic, flushed, own_noise

if TYPE_CHECKING:
    from outcross.trainings._gradient import Gradient

LOOK = 32
"""Steps between two looks at the losses: each look waits for a GPU to finish what it was given."""


@final
class Loop:
    """One training: what is trained, how, and how far it is.

    Parameters
    ----------
    problem
        What is fitted.
    settings
        How.
    seed
        Where the order of the examples and the noise come from.
    """

    def __init__(self, problem: Problem, settings: Gradient, seed: Seed) -> None:
        if not problem.size:
            raise BadInput("there are no examples to train on")
        self._problem, self._settings, self._seed = problem, settings, seed
        self._weights = [weight for weight in problem.network.parameters() if weight.requires_grad]
        self._device = self._weights[0].device
        self._rng = seed.child("noise").generator()
        self._optimiser = settings.optimiser(self._weights)
        a_step = settings.batch * settings.accumulate
        self._passes = math.ceil(problem.size / a_step)
        self._steps = settings.steps or settings.epochs * self._passes
        whole, rest = divmod(self._steps, self._passes)
        self._total = whole * problem.size + rest * a_step
        self._step = self._done = 0

    def run(self) -> Trained:
        """Train, and return what was found.

        Raises
        ------
        Diverged
            If a loss is not a finite number.
        OutOfMemory
            If a batch does not fit.
        """
        noise = self._seed.child("dropout")
        with (
            memory_guard("lower the training's batch, and raise accumulate to make up for it"),
            own_noise(self._device, noise),
            deterministic(self._device),
            flushed(),
        ):
            return self._run()

    def _run(self) -> Trained:
        losses: list[float] = []
        validation: list[float] = []
        best, kept = 0, None
        network = self._problem.network
        while self._step < self._steps:
            epoch = len(losses) + 1
            network.train()
            losses.append(self._epoch(epoch))
            network.eval()
            value = self._validate(epoch)
            if value is None:
                best = epoch
                continue
            if value < min(validation, default=math.inf):
                last = self._step == self._steps
                best, kept = epoch, None if last else self._copy()
            validation.append(value)
        if kept is not None:
            self._restore(kept)
        return Trained(tuple(losses), tuple(validation), best)

    def _epoch(self, epoch: int) -> float:
        """Go once through the examples, or as far as there are steps; return the mean loss."""
        pending: list[Any] = []
        weights: list[float] = []
        total = 0.0
        for batches in self._batches(epoch):
            loss, weight = self._take_step(batches)
            pending.append(loss)
            weights.append(weight)
            if len(pending) == LOOK:
                total += self._look(pending, epoch)
                pending = []
        total += self._look(pending, epoch) if pending else 0.0
        self._check_weights(epoch)
        return total / (sum(weights) or 1.0)

    def _batches(self, epoch: int) -> Iterator[list[Ints]]:
        """The batches of each step."""
        size, batch = self._problem.size, self._settings.batch
        order = self._seed.child("order", epoch).generator().permutation(size)
        a_step = batch * self._settings.accumulate
        for first in range(0, size, a_step):
            if self._step == self._steps:
                return
            last = min(first + a_step, size)
            yield [order[start : min(start + batch, last)] for start in range(first, last, batch)]
            self._done += last - first
            tell("train", self._done * self._problem.grain, self._total * self._problem.grain)

    def _take_step(self, batches: list[Ints]) -> tuple[Any, float]:
        """Change the weights once; return the summed loss (still on its device) and the weight it is the sum of."""
        total, weight = None, 0.0
        for index in batches:
            with self._precision():
                loss, counted = self._problem.loss(index, self._rng)
            loss.backward()
            total = loss.detach() if total is None else total + loss.detach()
            weight += counted
        self._step += 1
        gradients = [w.grad for w in self._weights if w.grad is not None]
        if weight and gradients:
            self._scale(gradients, weight)
            self._set_rate()
            self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        return total, weight

    def _scale(self, gradients: list[Any], weight: float) -> None:
        """Make gradients of a sum those of a mean, and no longer than they may be."""
        if self._settings.clip is None:
            torch._foreach_mul_(gradients, 1 / weight)
            return
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        torch._foreach_mul_(gradients, (self._settings.clip / norm).clamp(max=1 / weight))

    def _set_rate(self) -> None:
        """Raise the learning rate during the warm-up; afterwards it stays."""
        rising = self._settings.warmup * self._steps
        if self._step <= rising + 1:
            for group in self._optimiser.param_groups:
                group["lr"] = self._settings.rate * min(1.0, self._step / max(rising, 1.0))

    def _precision(self) -> AbstractContextManager[Any]:
        if self._settings.precision == "fp32":
            return nullcontext()
        return torch.autocast(self._device.type, dtype=torch.bfloat16)  # type: ignore[no-any-return]

    def _look(self, losses: list[Any], epoch: int) -> float:
        """The sum of the losses of the latest steps."""
        values = torch.stack(losses).tolist()
        for value, step in zip(values, range(self._step - len(values) + 1, self._step + 1), strict=True):
            if not math.isfinite(value):
                raise self._diverged(f"the loss is {value}", step, epoch)
        return math.fsum(values)

    def _check_weights(self, epoch: int) -> None:
        """Refuse weights that are no numbers: the last step's are in no loss."""
        if not math.isfinite(float(torch.stack(torch._foreach_norm(self._weights)).detach().sum())):
            raise self._diverged("the weights are not finite", self._step, epoch)

    def _validate(self, epoch: int) -> float | None:
        with self._precision():
            value = self._problem.validate()
        if value is not None and not math.isfinite(value):
            raise self._diverged(f"the validation loss is {value}", self._step, epoch)
        return value

    def _diverged(self, what: str, step: int, epoch: int) -> Diverged:
        in_epoch = (step - 1) % self._passes + 1
        advice = f"lower rate, now {self._settings.rate:g}"
        advice += ", or take precision=fp32" if self._settings.precision != "fp32" else ""
        advice += ", or give a clip" if self._settings.clip is None else ""
        return Diverged(f"training diverged: {what} in epoch {epoch}, step {in_epoch} of {self._passes}; {advice}")

    def _state(self) -> list[Any]:
        return [*self._weights, *self._problem.network.buffers()]

    def _copy(self) -> list[Any]:
        return [tensor.detach().clone() for tensor in self._state()]

    def _restore(self, kept: list[Any]) -> None:
        with torch.no_grad():
            for tensor, value in zip(self._state(), kept, strict=True):
                tensor.copy_(value)
