"""Noise of training's own leaves the global generators as they were."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from outcross.core.seed import Seed  # noqa: E402
from outcross.trainings._torch.quiet import own_noise  # noqa: E402


def test_the_state_of_a_cpu_is_restored() -> None:
    before = torch.get_rng_state()
    with own_noise(torch.device("cpu"), Seed(0)):
        torch.rand(3)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_state_of_an_apple_gpu_is_restored_even_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    state = [7]
    monkeypatch.setattr(torch.mps, "get_rng_state", lambda: state[0])
    monkeypatch.setattr(torch.mps, "set_rng_state", lambda given: state.__setitem__(0, given))
    monkeypatch.setattr(torch.mps, "manual_seed", lambda key: state.__setitem__(0, key))
    with pytest.raises(ZeroDivisionError), own_noise(torch.device("mps"), Seed(0)):
        assert state != [7]
        raise ZeroDivisionError
    assert state == [7]
