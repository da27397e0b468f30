"""How a mix gets its name: put together beside it, flushed to the disk, and renamed in one step."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

from outcross.core.errors import OutcrossError, OutputRefused

MANIFEST = "manifest.json"
"""The paper by which a mix is known."""

WHOLE = "whole"
"""The folder that becomes the mix, in that of the work."""


def work_folder(folder: Path) -> Path:
    """Return where the work of a mix lies: beside it, under a name that begins with a full stop.

    Examples
    --------
    >>> work_folder(Path("mixes/tonight")).name
    '.tonight.mix'
    """
    return folder.absolute().with_name(f".{folder.name}.mix")


def is_there(folder: Path, command: str) -> bool:
    """Return whether a folder holds the mix that a command makes, as far as its manifest says.

    Raises
    ------
    OutputRefused
        If it holds anything else.

    Examples
    --------
    >>> is_there(Path("no-such-folder"), "outcross mix")
    False
    """
    if not folder.exists() and not folder.is_symlink():
        return False
    try:
        same = json.loads((folder / MANIFEST).read_bytes())["command"] == command
    except (OSError, ValueError, LookupError, TypeError):
        same = False
    if not same:
        raise OutputRefused(f"'{folder}' is there already: a mix makes a new folder")
    return True


def publish(folder: Path, work: Path, files: Mapping[str, Path], papers: Mapping[str, bytes]) -> None:
    """Give a mix its name.

    Parameters
    ----------
    folder
        The name, which nothing has yet.
    work
        Where the work lies, on the same file system.
    files
        The files of the mix: name to where they lie now. They stay there.
    papers
        Its other files: name to contents.

    Raises
    ------
    OutputRefused
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> room = Path(tempfile.mkdtemp())
    >>> (room / "work").mkdir()
    >>> publish(room / "out", room / "work", {}, {"README.md": b"# Cats"})
    >>> (room / "out" / "README.md").read_text()
    '# Cats'
    """
    whole = work / WHOLE
    with written(folder):
        if whole.exists():
            shutil.rmtree(whole)
        whole.mkdir()
        for name, path in files.items():
            place = whole / name
            place.parent.mkdir(exist_ok=True)
            try:
                os.link(path, place)  # it is flushed already, and stays where the work would look for it after a kill
            except OSError:
                shutil.copyfile(path, place)
                flush(place)
        for name, data in papers.items():
            (whole / name).write_bytes(data)
            flush(whole / name)
        for inner in [one for one in whole.rglob("*") if one.is_dir()] + [whole]:
            flush(inner)
        whole.rename(folder)
        flush(folder.absolute().parent)


def discard(work: Path) -> None:
    """Remove the work. Its folder loses its name first, so that nobody goes on with a half of it.

    Examples
    --------
    >>> discard(Path("no-such-folder"))
    """
    with suppress(OSError):
        work.rename(work.with_name(f"{work.name}.{secrets.token_hex(4)}.gone"))
    name = escape(work.name)
    drafts = work.parent.glob(f".{name}.{'[0-9a-f]' * 16}")  # of one who was killed as the work began
    for left in [*work.parent.glob(f"{name}.*.gone"), *drafts]:
        shutil.rmtree(left, ignore_errors=True)


def missing(folder: Path, products: Sequence[str]) -> list[str]:
    """Return the files of a mix that are not in its folder.

    Examples
    --------
    >>> missing(Path("no-such-folder"), ["data/mix-00000.parquet"])
    ['data/mix-00000.parquet']
    """
    return [name for name in products if not (folder / name).is_file()]


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk.

    Examples
    --------
    >>> import tempfile
    >>> flush(Path(tempfile.mkdtemp()))
    """
    if path.is_dir() and os.name == "nt":
        return  # Windows does not open folders
    number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """Say of a disk that it refuses, in one line.

    Examples
    --------
    >>> with written(Path("out")):
    ...     raise OSError(28, "No space left on device")
    Traceback (most recent call last):
    ...
    outcross.core.errors.OutputRefused: cannot write 'out': No space left on device
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, OutcrossError):
            raise
        raise OutputRefused(f"cannot write '{folder}': {error.strerror or error}") from None
