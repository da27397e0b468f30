"""Plain text: a file of paragraphs or lines, or a folder with one record a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from outcross.core.errors import BadInput
from outcross.corpus.files import decoded, inside, lines, opened, suffix
from outcross.corpus.table import Choice, Table, gather

SUFFIX = ".txt"


def table(path: Path, choice: Choice) -> Table:
    r"""Return the records of a text file, as the column ``text``.

    Records are paragraphs, divided by blank lines (lines of white space only). In a file without a blank line between
    two lines of text, every line is a record. To be cut into blocks, a file is one text, blank lines included.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.txt")
    >>> _ = path.write_text("One cat\nsleeps.\n\nAnother eats.\n")
    >>> table(path, Choice(text="text")).texts
    ['One cat\nsleeps.', 'Another eats.']
    """
    if choice.block is not None:
        found = gather(path.name, enumerate([whole(path)], 1), choice, "file")
        return replace(found, notes=("the file is one text", *found.notes))
    paragraphs = _paragraphs(path)
    first, second = next(paragraphs, None), next(paragraphs, None)
    if first is None:
        raise BadInput(f"{path.name} is empty: there is no text in it")
    if second is None:
        unit, records = "line", iter(first)
    else:
        unit, records = "paragraph", map("\n".join, chain([first, second], paragraphs))
    numbered = enumerate(({"text": record.strip()} for record in records), 1)
    found = gather(path.name, numbered, _of_text(choice), unit)
    return replace(found, notes=(f"one record a {unit}",))


def _paragraphs(path: Path) -> Iterator[list[str]]:
    paragraph: list[str] = []
    for number, line in lines(path):
        text = decoded(line, f"line {number} of {path.name}").rstrip()
        if text:
            paragraph.append(text)
        elif paragraph:
            yield paragraph
            paragraph = []
    if paragraph:
        yield paragraph


def folder(path: Path, choice: Choice) -> Table:
    """Return the text files of a folder and of those in it, one record (or text) each, in order of their names.

    The columns are ``text``, ``file`` (its name) and ``folder`` (that of the folder it lies in, a natural group).

    Raises
    ------
    BadInput
        If there is no text file.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp())
    >>> _ = (path / "a.txt").write_text("One cat sleeps."), (path / "b.txt").write_text("Another eats.")
    >>> folder(path, Choice(text="text", label="file")).labels
    ['a.txt', 'b.txt']
    """
    everything = inside(path)
    files = [file for file in everything if suffix(file) == SUFFIX]
    if not files:
        raise BadInput(f"the folder '{path}' has no text file (.txt) in it")
    found = gather(f"'{path}'", enumerate(map(whole, files), 1), _of_text(choice), "file")
    left = len(everything) - len(files)
    others = [f"{left:,} other file{'s' * (left > 1)} left out: only .txt is read"] if left else []
    notes = ("one record a file" if choice.block is None else "one text a file", *others, *found.notes)
    return replace(found, name=path.resolve().name, notes=notes)


def whole(path: Path) -> dict[str, object]:
    """Return a text file as one record: its ``text``, its name (``file``), and that of its ``folder``.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.txt")
    >>> _ = path.write_text("One cat sleeps.")
    >>> whole(path)["text"]
    'One cat sleeps.'
    """
    with opened(path) as file:
        text = decoded(file.read().removeprefix(b"\xef\xbb\xbf"), path.name)
    return {"text": text.replace("\r\n", "\n"), "file": path.name, "folder": path.parent.name}


def _of_text(choice: Choice) -> Choice:
    """Where numbers are wanted and none are named: the text itself, one number a record."""
    return replace(choice, numbers=("text",)) if choice.numbers is None else choice
