"""JSON Lines: one object a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from outcross.core.errors import BadInput
from outcross.corpus.files import decoded, lines
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
    return gather(path.name, _objects(path), choice, "line")


def _objects(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
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
