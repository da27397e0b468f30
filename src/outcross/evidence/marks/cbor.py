"""Concise Binary Object Representation, as much of it as claims are written in: one value read from bytes."""

from __future__ import annotations

import struct

from outcross.core.errors import BadInput

_DEEPEST = 32
_FLOATS = {25: ("!e", 2), 26: ("!f", 4), 27: ("!d", 8)}


def decode(data: bytes, at: int = 0, depth: int = 0) -> tuple[object, int]:
    r"""Return the value that begins at a place, and the place after it.

    Source: RFC 8949. Tags are passed over; keys of maps become texts; a simple value that is not known is None.

    Raises
    ------
    BadInput
        If there is no whole value.

    Examples
    --------
    >>> decode(b"\xa1\x64name\x63cat")
    ({'name': 'cat'}, 10)
    """
    if at >= len(data) or depth > _DEEPEST:
        raise BadInput(f"no whole CBOR value at byte {at} of {len(data)}")
    major, minor = data[at] >> 5, data[at] & 31
    if minor == 31 and 2 <= major <= 5:
        return _open_ended(data, at + 1, major, depth)
    if major == 7:
        return _simple(data, at, minor)
    number, at = _argument(data, at + 1, minor)
    if major < 2:
        return (number if major == 0 else -1 - number), at
    if major < 4:
        if at + number > len(data):
            raise BadInput(f"a CBOR string of {number} bytes is cut off")
        piece = data[at : at + number]
        return (piece if major == 2 else piece.decode(errors="replace")), at + number
    if major == 6:
        return decode(data, at, depth + 1)
    items: list[object] = []
    for _ in range(number * (major - 3)):
        item, at = decode(data, at, depth + 1)
        items.append(item)
    return (items if major == 4 else _map(items)), at


def _argument(data: bytes, at: int, minor: int) -> tuple[int, int]:
    if minor < 24:
        return minor, at
    size = 1 << (minor - 24)
    if minor > 27 or at + size > len(data):
        raise BadInput(f"a CBOR head at byte {at} is cut off")
    return int.from_bytes(data[at : at + size]), at + size


def _simple(data: bytes, at: int, minor: int) -> tuple[object, int]:
    if minor in _FLOATS:
        form, size = _FLOATS[minor]
        if at + 1 + size > len(data):
            raise BadInput(f"a CBOR number at byte {at} is cut off")
        return struct.unpack(form, data[at + 1 : at + 1 + size])[0], at + 1 + size
    return {20: False, 21: True}.get(minor), at + 1 + (minor == 24)


def _open_ended(data: bytes, at: int, major: int, depth: int) -> tuple[object, int]:
    items: list[object] = []
    while data[at : at + 1] != b"\xff":
        item, at = decode(data, at, depth + 1)
        items.append(item)
    if major == 2:
        return b"".join(item for item in items if isinstance(item, bytes)), at + 1
    if major == 3:
        return "".join(str(item) for item in items), at + 1
    return (items if major == 4 else _map(items)), at + 1


def _map(items: list[object]) -> dict[str, object]:
    return {str(key): value for key, value in zip(items[::2], items[1::2], strict=False)}
