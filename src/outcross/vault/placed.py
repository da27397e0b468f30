"""The files that a writer gives their names in a vault before the commit that names them; what came to nothing goes."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import final

from outcross.core.errors import OutcrossError, OutputRefused
from outcross.corpus.jobs import FULL
from outcross.vault.log import Log
from outcross.vault.objects import Objects

PENDING = "_pending"
"""The folder of work that is not committed yet. Readers of Delta Lake pass over names that begin like this."""


@final
class Placed:
    """Files that lie in a vault and wait for a commit that names them.

    A file may come to nothing because another writer was faster and the rows had to change. It may go once a later
    commit is there: nobody makes the same file again, on a log that has that commit.

    Examples
    --------
    >>> from outcross.vault.objects import objects
    >>> store = objects(tempfile.mkdtemp())
    >>> path = Path(tempfile.mkdtemp(), "a")
    >>> _ = path.write_bytes(b"cats")
    >>> Placed(store).put("records/a", path)
    >>> store.read("records/a")
    b'cats'
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._names: set[str] = set()
        self._marks: dict[str, str] = {}
        self._folder = f"{PENDING}/batch-{secrets.token_hex(8)}"

    def put(self, name: str, path: Path) -> None:
        """Give a file its name; in an object store, an empty one in the folder of unfinished work tells of it first."""
        if self._objects.local is None and name not in self._marks:
            mark = f"{self._folder}/{PurePosixPath(name).name}"
            self._objects.put_new(mark, b"")
            self._marks[name] = mark
        self._objects.put_file(name, path)
        self._names.add(name)

    def __bool__(self) -> bool:
        return bool(self._names)

    def tidy(self, log: Log) -> None:
        """Remove what no commit of a log names that has the writer's own."""
        named = {commit.entry.note.get("quarantine") for commit in log.commits} | log.files.keys()
        for name in self._names - named:
            self._objects.delete(name)
        for mark in self._marks.values():
            self._objects.delete(mark)


@contextmanager
def room(objects: Objects, placed: Placed | None = None) -> Iterator[Path]:
    """Give a folder for files that are not committed yet: in the vault, where it is one, so that they can be linked.

    After an error it stays where files of it have their names in the vault already: that they lie here tells whoever
    verifies the vault why. A compaction removes both a day later.

    Parameters
    ----------
    objects
        The vault.
    placed
        What of it has a name in the vault.

    Examples
    --------
    >>> from outcross.vault.objects import objects
    >>> with room(objects(tempfile.mkdtemp())) as folder:
    ...     folder.parent.name
    '_pending'
    """
    base = None if objects.local is None else objects.local / PENDING
    if base is None:
        with tempfile.TemporaryDirectory(prefix="batch-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
        return
    own = _made(base)
    try:
        with refusing(own):
            yield own
    except BaseException:
        if not placed:
            _removed(own)
        raise
    _removed(own)


@contextmanager
def refusing(place: Path) -> Iterator[None]:
    """Say of a disk without room that it refuses, whatever was to be written there.

    Raises
    ------
    OutputRefused
        In place of the error of the system.

    Examples
    --------
    >>> with refusing(Path("work")):
    ...     raise OSError(28, "No space left on device")
    Traceback (most recent call last):
    ...
    outcross.core.errors.OutputRefused: cannot write in 'work': No space left on device
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, OutcrossError) or error.errno not in FULL:
            raise
        raise OutputRefused(f"cannot write in '{place}': {error.strerror or error}") from None


def _made(base: Path) -> Path:
    while True:
        try:
            base.mkdir(parents=True, exist_ok=True)
            made = base / f"batch-{secrets.token_hex(8)}"
            made.mkdir()  # not as a temporary folder, which would be closed to others who may read the vault
            return made
        except FileNotFoundError:  # another writer has just removed the folder around it, which was empty
            continue
        except OSError as error:
            raise OutputRefused(f"cannot write in '{base}': {error.strerror or error}") from None


def _removed(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()
