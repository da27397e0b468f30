"""Positions survive being told, whatever they are; what was altered is refused."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest

from outcross.core.errors import BadInput
from outcross.vault.trained_on import decode, encode


@pytest.mark.parametrize("positions", [[], [0], [5, 0, 5, 2**40], list(range(1000))])
def test_positions_come_back_sorted(positions: list[int]) -> None:
    told = encode(np.array(positions, dtype=np.int64))
    assert told["records"] == len(positions)
    assert decode(told).tolist() == sorted(positions)


def test_the_form_is_the_stated_one() -> None:
    told = encode(np.array([9, 2]))
    assert zlib.decompress(base64.b64decode(told["deltas"])) == b"\2" + bytes(7) + b"\7" + bytes(7)


def test_a_record_takes_a_byte() -> None:
    chosen = np.random.default_rng(1).choice(500_000, 100_000, replace=False)
    assert len(encode(chosen)["deltas"]) < 1.2 * 100_000


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"records": 2},
        {"records": "x", "deltas": ""},
        {"records": 1, "deltas": "?"},
        {"records": 10**30, "deltas": encode(np.arange(3))["deltas"]},
        {"records": -1, "deltas": encode(np.arange(3))["deltas"]},
        {"records": 2, "deltas": encode(np.arange(3))["deltas"]},
        {"records": 4, "deltas": encode(np.arange(3))["deltas"]},
        {"records": 3, "deltas": encode(np.arange(3))["deltas"][:-8]},
    ],
)
def test_what_is_no_list_of_positions_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="trained on cannot be read"):
        decode(told)


def test_no_position_is_less_than_0() -> None:
    with pytest.raises(BadInput, match="-3"):
        encode(np.array([4, -3]))
