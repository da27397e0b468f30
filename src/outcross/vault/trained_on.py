"""What a model was trained on, as its row in a vault tells it: the positions of the records, in little room."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from outcross.core.batch import Ints
from outcross.core.errors import BadInput

TRAINED_ON = "trained_on"
"""Where it stands in the metadata of a model."""


def encode(positions: Ints) -> dict[str, Any]:
    """Return positions as plain data: how many, and the differences of the sorted ones (RFC 1950 and 4648).

    Parameters
    ----------
    positions
        Shape (n,), in any order; a record that was drawn twice is there twice.

    Raises
    ------
    BadInput
        If one is less than 0.

    Examples
    --------
    >>> encode(np.array([7, 3, 3]))["records"]
    3
    >>> decode(encode(np.array([7, 3, 3]))).tolist()
    [3, 3, 7]
    """
    ordered = np.sort(np.asarray(positions, dtype=np.int64))
    if len(ordered) and ordered[0] < 0:
        raise BadInput(f"a record cannot be at position {ordered[0]}")
    deltas = np.diff(ordered, prepend=0).astype("<i8").tobytes()
    return {"records": len(ordered), "deltas": base64.b64encode(zlib.compress(deltas)).decode()}


def decode(told: Mapping[str, Any]) -> Ints:
    """Return the positions that plain data tell of, sorted, shape (n,).

    Parameters
    ----------
    told
        What `encode` gave.

    Raises
    ------
    BadInput
        If it is nothing of the kind, or not as many records as it says.

    Examples
    --------
    >>> decode({"records": 2, "deltas": "cats"})
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: what a model was trained on cannot be read: ...
    """
    try:
        count, packed = int(told["records"]), base64.b64decode(told["deltas"], validate=True)
        inflate = zlib.decompressobj()
        deltas = np.frombuffer(inflate.decompress(packed, 8 * count + 1), dtype="<i8")  # never more than it says
    except (KeyError, TypeError, ValueError, OverflowError, binascii.Error, zlib.error) as error:
        raise BadInput(f"what a model was trained on cannot be read: {type(error).__name__} {error}") from None
    if len(deltas) != count or not inflate.eof:
        raise BadInput(f"what a model was trained on cannot be read: it says {count:,} records, and names others")
    return np.cumsum(deltas, dtype=np.int64)
