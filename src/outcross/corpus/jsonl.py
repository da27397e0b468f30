"""JSON Lines: one object a line; and JSON: one list of objects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from outcross.core.errors import BadInput
from outcross.corpus.files import decoded, lines, opened
from outcross.corpus.table import Choice, Table, gather, shown


def table(path: Path, choice: Choice) -> Table:
    r"""Return the wanted columns of a file of JSON lines; blank lines are passed over.

    Raises
    ------
    BadInput
        If a line is not a JSON object, with its number.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.jsonl")
    >>> _ = path.write_text('{"text": "a cat"}\n{"text": "a dog"}\n')
    >>> table(path, Choice(text="text")).texts
    ['a cat', 'a dog']
    """
    return gather(path.name, objects(path), choice, "line")


def objects(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    r"""Yield the objects of a file of JSON lines with the numbers of their lines; blank lines are passed over.

    Raises
    ------
    BadInput
        If a line is not a JSON object, with its number.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.jsonl")
    >>> _ = path.write_text('{"text": "a cat"}\n')
    >>> list(objects(path))
    [(1, {'text': 'a cat'})]
    """
    import orjson

    for number, line in lines(path):
        if not line.strip():
            continue
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            place = f"line {number} of {path.name}"
            decoded(line, place)
            raise BadInput(f"{place} is not JSON: {error.msg} at character {error.colno}") from None
        if not isinstance(value, dict):
            raise BadInput(f'line {number} of {path.name} is {shown(value)}, not an object like {{"text": "..."}}')
        yield number, value


def array(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    r"""Yield the objects of a JSON file that holds one list of objects, numbered from 1.

    Raises
    ------
    BadInput
        If it is not JSON, or not such a list.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.json")
    >>> _ = path.write_text('[{"text": "a cat"}]')
    >>> list(array(path))
    [(1, {'text': 'a cat'})]
    """
    import orjson

    with opened(path) as file:
        content = file.read().removeprefix(b"\xef\xbb\xbf")
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        decoded(content, path.name)
        raise BadInput(f"{path.name} is not JSON: {error.msg} at line {error.lineno}") from None
    if not isinstance(value, list):
        raise BadInput(f'{path.name} holds {shown(value)}, not a list of objects like [{{"text": "..."}}]')
    for number, one in enumerate(value, 1):
        if not isinstance(one, dict):
            raise BadInput(f'record {number} of {path.name} is {shown(one)}, not an object like {{"text": "..."}}')
        yield number, one
