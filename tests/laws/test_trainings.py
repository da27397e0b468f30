"""What every training must obey; parts are found by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from outcross.core.errors import BadInput, BadSetting, Diverged, OutOfMemory  # noqa: E402
from outcross.core.part import build, example, parts, words  # noqa: E402
from outcross.core.progress import listening  # noqa: E402
from outcross.core.seed import Seed  # noqa: E402
from outcross.core.setting import settings_of  # noqa: E402
from outcross.core.training import Trained  # noqa: E402
from tests.trainings.problems import Broken, Line, Slope, one_thread  # noqa: E402

TRAININGS = sorted(parts("training"))


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    with one_thread():
        yield


def trained(name: str, problem: Any, seed: int = 0, **settings: object) -> Trained:
    found = parts("training")[name](**settings).run(problem, Seed(seed))  # type: ignore[attr-defined]
    assert isinstance(found, Trained)
    return found


@pytest.mark.parametrize("name", TRAININGS)
def test_words_build_it_again(name: str) -> None:
    part = build("training", example(parts("training")[name]))
    assert build("training", words(part)) == part


@pytest.mark.parametrize("name", TRAININGS)
def test_settings_out_of_range_are_refused(name: str) -> None:
    part = parts("training")[name]
    for setting in settings_of(part):
        for allowed in setting.ranges:
            beyond = [allowed.low if allowed.above else allowed.low - 1, allowed.high + 1, float("nan")]
            for value in (value for value in beyond if not allowed.allows(value)):
                given = int(value) if setting.type is int and np.isfinite(value) else value
                with pytest.raises(BadSetting, match=setting.name):
                    part(**{setting.name: given})


@pytest.mark.parametrize("name", TRAININGS)
def test_an_epoch_is_every_example_once_in_a_new_order(name: str) -> None:
    line = Line(20)
    found = trained(name, line, epochs=3, batch=6)
    assert len(found.losses) == 3
    assert found.best == 3
    assert [len(index) for index in line.seen] == [6, 6, 6, 2] * 3
    epochs = [[i for batch in line.seen[first : first + 4] for i in batch] for first in (0, 4, 8)]
    assert all(sorted(epoch) == list(range(20)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3


@pytest.mark.parametrize("name", TRAININGS)
def test_the_losses_are_means_of_the_epochs(name: str) -> None:
    """With next to no learning, the mean loss of an epoch is the weighted mean of the squared outputs."""
    line = Line(20)
    found = trained(name, line, epochs=1, batch=7, rate=1e-12, decay=0.0)
    weight, outputs = line.weight.numpy(), line.outputs.numpy()
    assert found.losses[0] == pytest.approx((weight * outputs**2).sum() / weight.sum(), rel=1e-5)


@pytest.mark.parametrize("name", TRAININGS)
def test_it_learns(name: str) -> None:
    line = Line(40)
    found = trained(name, line, epochs=80, batch=8, rate=0.03, decay=0.0)
    assert found.losses[-1] < 0.01 * found.losses[0]
    np.testing.assert_allclose(line.numbers(), [1, -2, 0.5, 0.3], atol=0.05)


@pytest.mark.parametrize("name", TRAININGS)
def test_accumulated_batches_are_one_batch(name: str) -> None:
    one, several = Line(20), Line(20)
    trained(name, one, epochs=3, batch=12)
    trained(name, several, epochs=3, batch=4, accumulate=3)
    assert len(several.seen) == 3 * 5
    np.testing.assert_allclose(several.numbers(), one.numbers(), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", TRAININGS)
@pytest.mark.parametrize("size", [3, 20, 1000])
def test_so_many_steps_whatever_the_size(name: str, size: int) -> None:
    slope = Slope(size)
    heard: list[tuple[str, int, int]] = []
    with listening(lambda *what: heard.append(what)):
        trained(name, slope, steps=13, batch=4)
    assert slope.calls == 13
    assert heard[-1][0] == "train"
    assert heard[-1][1] == heard[-1][2]


@pytest.mark.parametrize("name", TRAININGS)
def test_the_rate_rises_in_the_warmup(name: str) -> None:
    slope = Slope(8)
    trained(name, slope, steps=8, batch=1, rate=0.1, warmup=0.5, decay=0.0)
    assert slope.network.weight.item() == pytest.approx(-0.1 * (0.25 + 0.5 + 0.75 + 5), rel=1e-4)


@pytest.mark.parametrize("name", TRAININGS)
def test_the_best_epoch_is_kept(name: str) -> None:
    line = Line(20, validation=[3.0, 1.0, 2.0, 1.0, 5.0])
    found = trained(name, line, epochs=5)
    assert found.validation == (3.0, 1.0, 2.0, 1.0, 5.0)
    assert found.best == 2
    assert np.array_equal(line.numbers(), line.validated[1])
    assert not np.array_equal(line.numbers(), line.validated[4])


@pytest.mark.parametrize("name", TRAININGS)
def test_the_last_epoch_is_kept_where_it_is_the_best(name: str) -> None:
    line = Line(20, validation=[3.0, 2.0, 1.0])
    assert trained(name, line, epochs=3).best == 3
    assert np.array_equal(line.numbers(), line.validated[2])


@pytest.mark.parametrize("name", TRAININGS)
def test_validation_is_without_dropout_and_training_with(name: str) -> None:
    modes = []

    class Watched(Line):
        def loss(self, index: np.ndarray, rng: np.random.Generator) -> tuple[Any, float]:
            modes.append(("loss", self.network.training))
            return super().loss(index, rng)

        grain = 1

        def validate(self) -> float | None:
            modes.append(("validate", self.network.training))
            return 1.0

    trained(name, Watched(4), epochs=2)
    assert modes == [("loss", True), ("validate", False)] * 2


@pytest.mark.parametrize("name", TRAININGS)
def test_the_seed_alone_decides(name: str) -> None:
    """Dropout draws from PyTorch's global generator: its state before matters not, and is the same afterwards."""
    runs = []
    for key, before in ((1, 10), (1, 20), (2, 10)):
        line = Line(20, dropout=0.5)
        torch.manual_seed(before)
        state = torch.get_rng_state()
        trained(name, line, seed=key, epochs=2)
        assert torch.equal(torch.get_rng_state(), state)
        runs.append(line.numbers())
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


@pytest.mark.parametrize("name", TRAININGS)
def test_mixed_precision_trains_weights_of_full_precision(name: str) -> None:
    line, full = Line(40), Line(40)
    trained(name, line, epochs=40, batch=8, rate=0.03, precision="bf16")
    trained(name, full, epochs=40, batch=8, rate=0.03)
    assert all(p.dtype is torch.float32 for p in line.network.parameters())
    assert not np.array_equal(line.numbers(), full.numbers())
    np.testing.assert_allclose(line.numbers(), full.numbers(), atol=0.1)


@pytest.mark.parametrize("name", TRAININGS)
@pytest.mark.parametrize(("after", "place"), [(0, "epoch 1, step 1 of 50"), (70, "epoch 2, step 21 of 50")])
def test_a_loss_that_is_no_number_is_said(name: str, after: int, place: str) -> None:
    with pytest.raises(Diverged, match=f"nan in {re.escape(place)}; lower rate, now 0.5"):
        trained(name, Broken(100, after), epochs=3, batch=2, rate=0.5)


@pytest.mark.parametrize("name", TRAININGS)
def test_a_last_step_that_breaks_the_weights_is_said(name: str) -> None:
    class Steep(Slope):
        def loss(self, index: np.ndarray, rng: np.random.Generator) -> tuple[Any, float]:
            return self.network.weight.abs().sqrt().sum(), 1.0  # finite at 0, its slope is not

    with pytest.raises(Diverged, match="weights"):
        trained(name, Steep(1), epochs=1)


@pytest.mark.parametrize("name", TRAININGS)
def test_a_validation_loss_that_is_no_number_is_said(name: str) -> None:
    with pytest.raises(Diverged, match="validation loss is inf in epoch 2"):
        trained(name, Line(20, validation=[1.0, float("inf")]), epochs=2)


@pytest.mark.parametrize("name", TRAININGS)
def test_a_batch_that_does_not_fit_is_said(name: str) -> None:
    class Huge(Slope):
        def loss(self, index: np.ndarray, rng: np.random.Generator) -> tuple[Any, float]:
            return torch.empty(2**60), 1.0

    with pytest.raises(OutOfMemory, match="batch"):
        trained(name, Huge(3))


@pytest.mark.parametrize("name", TRAININGS)
def test_nothing_to_train_on_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="no examples"):
        trained(name, Slope(0))
