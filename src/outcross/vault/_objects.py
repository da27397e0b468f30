"""What a vault needs of the place where its bytes lie: names with bytes, each of them written once. What is written
appears whole or not at all, and of two writers of one name one wins.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

from outcross.core.errors import BadInput, OutputRefused

SIZE = 2**22
"""Bytes that are read at once of a long file."""


class Objects(ABC):
    """Names with bytes: what a vault needs of a folder, or of an object store.

    Names are relative, in POSIX form: ``records/ab.parquet``. One that leaves the root is refused.

    Attributes
    ----------
    uri
        Where it lies, in one form only: an absolute path without symbolic links, or a URI without a slash at its end.
    local
        The folder, where it is one; else None.

    Examples
    --------
    >>> import tempfile
    >>> from outcross.vault.objects import objects
    >>> store: Objects = objects(tempfile.mkdtemp())
    >>> store.put_new("records/a.txt", b"one cat")
    True
    >>> store.put_new("records/a.txt", b"two cats")
    False
    >>> store.read("records/a.txt"), list(store.names())
    (b'one cat', [('records/a.txt', 7)])
    """

    uri: str
    local: Path | None

    @abstractmethod
    def read(self, name: str) -> bytes:
        """Return the bytes of a name.

        Raises
        ------
        MissingInput
            If nothing has that name.
        BadInput
            If it cannot be read, or is no plain file inside the root.
        """

    @abstractmethod
    def chunks(self, name: str, size: int = SIZE) -> Iterator[bytes]:
        """Yield the bytes of a name in pieces of at most ``size`` bytes, for hashing in flat memory.

        Raises
        ------
        MissingInput, BadInput
            As `read`, when the first piece is asked for.
        """

    @abstractmethod
    def put_new(self, name: str, data: bytes) -> bool:
        """Give bytes a name that is free, whole or not at all; they last when this returns.

        After a process was killed, or an object store's answer was lost on its way and asked for again, the name may
        be taken by these very bytes: who must know whether they were written here looks at what lies there.

        Returns
        -------
        bool
            True if the name was free; False if it was taken, and then what is there stays as it is.

        Raises
        ------
        OutputRefused
            If it cannot be written: a full disk, a folder that is read only, a store that does not answer.
        """

    @abstractmethod
    def put_file(self, name: str, path: Path) -> None:
        """Give the bytes of a local file a name that tells its content, by a hard link where that can be.

        The file stays where it is, and must not be changed in place from now on: it may be the same one. The same
        bytes under that name already are fine.

        Raises
        ------
        MissingInput
            If there is no such file.
        OutputRefused
            If it cannot be written, or other bytes have that name.
        """

    @abstractmethod
    def names(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Yield every name that starts with these characters and its size in bytes, in order; hidden ones too.

        Empty folders are not there; a symbolic link is reported and not followed.

        Raises
        ------
        BadInput
            If a folder cannot be read.
        """

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove a name; nothing happens if it is gone.

        Raises
        ------
        OutputRefused
            If it cannot be removed.
        """

    def _check_same(self, name: str, path: Path) -> None:
        """Names tell their content, so other bytes there are damage, which an `add` must not lean on."""
        with path.open("rb") as file:
            ours = hashlib.file_digest(file, "sha256").digest()
        theirs = hashlib.sha256()
        for piece in self.chunks(name):
            theirs.update(piece)
        if theirs.digest() != ours:
            raise OutputRefused(f"cannot write '{name}' in {self.uri}: other bytes have that name")


def checked(name: str) -> str:
    """Return a name that stays inside the root.

    Raises
    ------
    BadInput
        If it is empty or absolute, or has a part ``..``, ``.`` or none.

    Examples
    --------
    >>> checked("records/ab.parquet")
    'records/ab.parquet'
    >>> checked("records/../../passwd")
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: 'records/../../passwd' is no name in a vault: such a name is ...
    """
    if {"", ".", ".."}.isdisjoint(name.split("/")) and "\0" not in name:
        return name
    raise BadInput(f"{name!r} is no name in a vault: such a name is relative and stays inside, as records/ab.parquet")
