"""What a file says of a record, as the fields of a record: one value cast to its type, or why it is none."""

from __future__ import annotations

import base64
import datetime
import decimal
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from outcross.corpus.rejected import Unfit


def cast(name: str, value: Any) -> Any:
    """Return a value as a field of a record has it; None where nothing is said (null, or not a number).

    Whole numbers, decimals and dates become text where text is wanted, numbers in words of digits become numbers, and
    one parent is a list of one, as is the text of a list in JSON a list.

    Raises
    ------
    Unfit
        If it is of no such type, or out of the range of the field.

    Examples
    --------
    >>> cast("id", 17), cast("parents", "a"), cast("generation", "2"), cast("confidence", 1)
    ('17', ['a'], 2, 1.0)
    >>> cast("confidence", "high")
    Traceback (most recent call last):
    ...
    outcross.corpus.rejected.Unfit: 'confidence' is 'high', not a number from 0 to 1
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    typed: Callable[[str, Any], Any] = _OTHERS.get(name, _text)
    return typed(name, value)


def _text(name: str, value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            pass
        case int() | float() | decimal.Decimal():
            return str(value)
        case datetime.date() | datetime.time():
            return value.isoformat()
    raise _unfit(name, value, "a text")


def _generation(name: str, value: Any) -> int:
    number = _number(value)
    if number is None or number < 0 or number >= 2**63 or number != int(number):
        raise _unfit(name, value, "a whole number, 0 or more")
    return int(number)


def _confidence(name: str, value: Any) -> float:
    number = _number(value)
    if number is None or not 0 <= number <= 1:
        raise _unfit(name, value, "a number from 0 to 1")
    return float(number)


def _number(value: Any) -> int | float | None:
    """The finite number that a value is, or says."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | decimal.Decimal):
        return None
    if isinstance(value, int):
        return value
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _parents(name: str, value: Any) -> list[str]:
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            raise _unfit(name, value, "an id or a list of ids") from None
    several = value if isinstance(value, list | tuple) else [value]
    if any(one is None or isinstance(one, list | dict | bool) for one in several):
        raise _unfit(name, value, "an id or a list of ids")
    return [_text(name, one) for one in several]


_OTHERS: Mapping[str, Callable[[str, Any], Any]] = {
    "generation": _generation,
    "confidence": _confidence,
    "parents": _parents,
}
"""The fields that are more than a text."""


def no_text(column: str, value: Any) -> Unfit | None:
    """Return why a value is no text of a record, or None if it is one.

    Examples
    --------
    >>> no_text("text", "a cat"), no_text("text", " ").kind, no_text("text", 5).kind
    (None, 'no-text', 'not-a-text')
    """
    if value is None:
        return Unfit("no-text", f"there is no '{column}'")
    if not isinstance(value, str):
        return Unfit("not-a-text", f"'{column}' is {_shown(value)}, not a text")
    if not value or value.isspace():
        return Unfit("no-text", f"'{column}' is empty")
    return None


def merged(rest: dict[str, Any], own: Any, column: str) -> dict[str, Any]:
    """Return all that is said of a record beside its fields: unknown columns, and those of its own metadata.

    Metadata that are no object, nor a text that holds one, stay under their own name.

    Raises
    ------
    Unfit
        If both say different things under one key.

    Examples
    --------
    >>> merged({"url": "a"}, '{"lang": "en"}', "metadata"), merged({}, "a note", "metadata")
    ({'url': 'a', 'lang': 'en'}, {'metadata': 'a note'})
    """
    if own is None:
        return rest
    inner = own if isinstance(own, dict) else _object(own)
    inner = {column: own} if inner is None else inner
    for key in inner.keys() & rest.keys():
        if inner[key] != rest[key]:
            raise Unfit("duplicate-key", f"'{key[:60]}' is a column, and another thing in '{column}'")
    return rest | inner


def _object(own: Any) -> dict[str, Any] | None:
    from outcross.corpus.objects import exact

    if not isinstance(own, str) or not own.lstrip().startswith("{"):
        return None
    try:
        return exact(own.encode())
    except Unfit as error:
        if error.kind == "duplicate-key":
            raise
        return None


def as_json(value: Any) -> bytes:
    """Return a value as JSON, keys in order, numbers of any size.

    Raises
    ------
    Unfit
        If it lies too deep.

    Examples
    --------
    >>> as_json({"b": 1, "a": 2**70})
    b'{"a":1180591620717411303424,"b":1}'
    """
    import orjson

    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # a number of more than 64 bits, or more than 254 levels
        pass
    try:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    except (RecursionError, ValueError):
        raise Unfit("too-deep", "objects and lists lie too deep in one another") from None


def plain(value: Any) -> Any:
    """Return a cell of a table as JSON has it.

    Dates, times and durations become texts in ISO 8601; bytes ``{"base64": ...}``; decimals, and numbers that are none
    (``NaN``, ``Infinity``, ``-Infinity``), texts, as in ProtoJSON.

    Examples
    --------
    >>> plain([b"a", float("nan"), datetime.date(2024, 1, 1)])
    [{'base64': 'YQ=='}, 'NaN', '2024-01-01']
    """
    match value:
        case None | str() | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "NaN")
        case bytes() | bytearray() | memoryview():
            return {"base64": base64.b64encode(value).decode()}
        case dict():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            seconds, micro = divmod(abs(value) // datetime.timedelta(microseconds=1), 10**6)
            return f"{'-' * (value.days < 0)}PT{seconds}{f'.{micro:06}'.rstrip('0') if micro else ''}S"
    return str(value)


def _unfit(name: str, value: Any, wanted: str) -> Unfit:
    return Unfit("bad-field", f"'{name}' is {_shown(value)}, not {wanted}")


def _shown(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= 60 else f"{said[:60]}..."
