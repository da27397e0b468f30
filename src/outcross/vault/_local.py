"""A vault's bytes in a folder. A file is written beside its place under a name of its own, made to last, and only then
given its name by a hard link, which the file system gives to one writer only; a reader sees the whole file or none.
"""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, final

from outcross.core.errors import BadInput, MissingInput, OutcrossError, OutputRefused
from outcross.vault._objects import SIZE, Objects, checked

TEMPORARY = ".tmp-"
"""How the file of a writer that has not finished is called, before its process number; a killed one leaves it."""

_LINKLESS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""What ``link`` says on a file system without hard links, such as FAT or some that lie on a network."""


@final
class LocalObjects(Objects):
    """Names with bytes in a folder; the folder is made by the first of them.

    Parameters
    ----------
    folder
        The root; symbolic links on the way to it are followed once, here.

    Examples
    --------
    >>> import tempfile
    >>> store = LocalObjects(Path(tempfile.mkdtemp()))
    >>> store.put_new("a/b", b"cats"), store.read("a/b")
    (True, b'cats')
    """

    local: Path

    def __init__(self, folder: Path) -> None:
        self.local = Path(os.path.realpath(folder))
        self.uri = str(self.local)
        self._lasting: set[Path] = set()

    def read(self, name: str) -> bytes:
        """Return the bytes of a file."""
        with self._opened(name) as file:
            return file.read()

    def chunks(self, name: str, size: int = SIZE) -> Iterator[bytes]:
        """Yield the bytes of a file in pieces."""
        with self._opened(name) as file:
            while piece := file.read(size):
                yield piece

    def put_new(self, name: str, data: bytes) -> bool:
        """Write a file under a name that is free."""

        def write(file: IO[bytes]) -> None:
            file.write(data)

        place = self._place(name)
        with _writing(place):
            return self._written(place, write)

    def put_file(self, name: str, path: Path) -> None:
        """Link a file, or copy it, under a name that tells its content."""
        place = self._place(name)
        source = Path(os.path.realpath(path))
        if not source.is_file():
            raise MissingInput(f"no file '{path}'")
        with _writing(place):
            if not self._linked(source, place) and not place.samefile(source):
                self._check_same(name, source)

    def names(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Yield every file below the root with its size."""
        folder = prefix.rpartition("/")[0]
        root = self.local / checked(folder) if folder else self.local
        if os.path.realpath(root) != str(root):  # a link on the way: it is a name itself, and nothing is below it
            return
        found = _below(root, f"{folder}/" if folder else "")
        yield from sorted((name, size) for name, size in found if name.startswith(prefix))

    def delete(self, name: str) -> None:
        """Remove a file."""
        place = self._place(name)
        with _writing(place):
            place.unlink(missing_ok=True)

    def _place(self, name: str) -> Path:
        """Folders on the way may be links, inside the root; the name itself is never followed when it is written."""
        place = self.local / checked(name)
        folder = Path(os.path.realpath(place.parent))
        if not folder.is_relative_to(self.local):
            raise BadInput(f"'{place}' leaves the vault: its folder is a link to '{folder}'")
        return place

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        place = self._place(name)
        target = Path(os.path.realpath(place))
        if not target.is_relative_to(self.local):
            raise BadInput(f"'{place}' leaves the vault: it is a link to '{target}'")
        try:
            if not stat.S_ISREG(target.lstat().st_mode):
                raise BadInput(f"'{place}' cannot be read: it is no plain file")  # a pipe would never end
            with target.open("rb") as file:
                yield file
        except OutcrossError:
            raise
        except (FileNotFoundError, NotADirectoryError):
            raise MissingInput(f"no file '{place}'") from None
        except OSError as error:
            raise BadInput(f"'{place}' cannot be read: {error.strerror or error}") from None

    def _written(self, place: Path, write: Callable[[IO[bytes]], object]) -> bool:
        """Write a temporary file, make it last, name it; whatever happens, the temporary name is gone afterwards."""
        self._make(place.parent)
        temporary = place.with_name(f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(8)}")
        try:
            with temporary.open("xb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            named = _named(temporary, place)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        _sync_folder(place.parent)
        return named

    def _linked(self, source: Path, place: Path) -> bool:
        """Name a file that lies elsewhere by a hard link, or a copy where there can be none."""
        with source.open("rb") as file:
            _sync(file.fileno())
            self._make(place.parent)
            try:
                place.hardlink_to(source)
            except FileExistsError:
                return False
            except OSError as error:
                if error.errno not in (*_LINKLESS, errno.EXDEV):
                    raise
                return self._written(place, lambda copy: shutil.copyfileobj(file, copy, SIZE))
        _sync_folder(place.parent)
        return True

    def _make(self, folder: Path) -> None:
        """Make a folder that lasts; one that another process has just made need not last yet."""
        if folder in self._lasting and folder.is_dir():
            return
        if folder == self.local:
            folder.mkdir(parents=True, exist_ok=True)
            with suppress(PermissionError):  # the folder around a vault may be none of ours
                _sync_folder(folder.parent)
        else:
            self._make(folder.parent)
            folder.mkdir(exist_ok=True)
            _sync_folder(folder.parent)
        self._lasting.add(folder)


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    try:
        yield
    except OutcrossError:
        raise
    except OSError as error:
        raise OutputRefused(f"cannot write '{place}': {error.strerror or error}") from None


def _below(folder: Path, before: str) -> Iterator[tuple[str, int]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _below(Path(entry.path), f"{before}{entry.name}/")
                else:
                    with suppress(FileNotFoundError):  # another writer's temporary file comes and goes
                        yield before + entry.name, entry.stat(follow_symlinks=False).st_size
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise BadInput(f"'{folder}' cannot be read: {error.strerror or error}") from None


def _named(temporary: Path, place: Path) -> bool:
    """Give a file its name if that is free, in one step: by a link, or by a rename that replaces nothing."""
    try:
        os.link(temporary, place)
    except FileExistsError:
        return temporary.stat().st_nlink > 1  # a network file system may do it, lose the answer and try again
    except OSError as error:
        if error.errno not in _LINKLESS:
            raise
        return _renamed(temporary, place)
    return True


def _renamed(temporary: Path, place: Path) -> bool:
    """RENAME_NOREPLACE of ``renameat2`` on Linux, RENAME_EXCL of ``renameatx_np`` on macOS; Windows never replaces."""
    if sys.platform == "win32":
        try:
            temporary.rename(place)
        except FileExistsError:
            return False
        return True
    library = ctypes.CDLL(None, use_errno=True)
    old, new = os.fsencode(temporary), os.fsencode(place)
    at = -2 if sys.platform == "darwin" else -100  # AT_FDCWD
    try:
        if sys.platform == "darwin":
            failed = library.renameatx_np(at, old, at, new, ctypes.c_uint(4))
        else:
            failed = library.renameat2(at, old, at, new, ctypes.c_uint(1))
    except AttributeError:
        failed, code = -1, errno.ENOSYS
    else:
        code = ctypes.get_errno()
    if failed and code == errno.EEXIST:
        return False
    if failed and code in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
        raise OutputRefused(
            f"cannot write '{place}': this file system has neither hard links nor a rename that replaces nothing, so "
            "two writers could overwrite each other; keep the vault on another one, or in an object store"
        )
    if failed:
        raise OutputRefused(f"cannot write '{place}': {os.strerror(code)}")
    return True


def _sync(descriptor: int) -> None:
    """Windows syncs only what is open for writing; there, what wrote the file has to."""
    if sys.platform != "win32":
        os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make a folder's names last; Windows has no such call."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):  # some network file systems sync no folders
            raise
    finally:
        os.close(descriptor)
