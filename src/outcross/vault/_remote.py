"""A vault's bytes in an object store: a PUT is whole or not at all, and one that asks for a free name is refused if it
is taken (``If-None-Match: *``, RFC 9110 section 13.1.2), which S3, Google Cloud Storage and Azure all hold to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, final
from urllib.parse import urlsplit

from outcross.core.errors import BadInput, BadSetting, MissingInput, MissingLibrary, OutcrossError, OutputRefused
from outcross.vault._objects import SIZE, Objects, checked

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_CONNECTION = (
    "allow_http",
    "allow_invalid_certificates",
    "connect_timeout",
    "http1_only",
    "http2_only",
    "pool_idle_timeout",
    "pool_max_idle_per_host",
    "proxy_url",
    "timeout",
    "user_agent",
)
"""Options of the connection: delta-rs takes them among the store's, obstore only apart from them."""


@final
class RemoteObjects(Objects):
    """Names with bytes in an object store, by the library ``obstore``.

    Parameters
    ----------
    store
        The store, at the vault's root.
    uri
        Where that is.

    Examples
    --------
    >>> from obstore.store import MemoryStore
    >>> store = RemoteObjects(MemoryStore(), "memory://vault")
    >>> store.put_new("a/b", b"cats"), store.put_new("a/b", b"dogs"), store.read("a/b")
    (True, False, b'cats')
    """

    local = None

    def __init__(self, store: ObjectStore, uri: str) -> None:
        self.uri = uri
        self._store = store

    def read(self, name: str) -> bytes:
        """Return the bytes of an object."""
        return b"".join(self.chunks(name))

    def chunks(self, name: str, size: int = SIZE) -> Iterator[bytes]:
        """Yield the bytes of an object in pieces."""
        import obstore

        with self._reading(checked(name)):
            for piece in obstore.get(self._store, name).stream(min_chunk_size=size):
                view = memoryview(piece)
                for start in range(0, len(view), size):
                    yield bytes(view[start : start + size])

    def put_new(self, name: str, data: bytes) -> bool:
        """Write an object under a name that is free."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        with self._writing(checked(name)):
            try:
                obstore.put(self._store, name, data, mode="create")
            except (AlreadyExistsError, PreconditionError):
                return False
        return True

    def put_file(self, name: str, path: Path) -> None:
        """Upload a file in parts, which become an object all at once; a writer of the same bytes may come first."""
        import obstore

        if not path.is_file():
            raise MissingInput(f"no file '{path}'")
        with self._writing(checked(name)):
            try:
                obstore.head(self._store, name)
            except FileNotFoundError:
                obstore.put(self._store, name, path)
                return
        self._check_same(name, path)

    def names(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Yield every object below the root with its size."""
        import obstore

        folder = prefix.rpartition("/")[0]
        with self._reading(f"{prefix}*"):
            found = [(meta["path"], meta["size"]) for batch in obstore.list(self._store, folder) for meta in batch]
        yield from sorted((name, size) for name, size in found if name.startswith(prefix))

    def delete(self, name: str) -> None:
        """Remove an object."""
        import obstore

        with self._writing(checked(name)):
            try:
                obstore.delete(self._store, name)
            except FileNotFoundError:
                return

    @contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        try:
            yield
        except OutcrossError:
            raise
        except FileNotFoundError:
            raise MissingInput(f"no object '{name}' in {self.uri}") from None
        except _failures() as error:
            raise BadInput(f"'{name}' in {self.uri} cannot be read: {_line(error)}") from None

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        try:
            yield
        except OutcrossError:
            raise
        except _failures() as error:
            raise OutputRefused(f"cannot write '{name}' in {self.uri}: {_line(error)}") from None


def connected(uri: str, options: Mapping[str, str]) -> RemoteObjects:
    """Return the object store of a URI.

    Raises
    ------
    BadSetting
        If there is no such kind of store or option, or the URI holds a password.
    MissingLibrary
        If ``obstore`` is not installed.

    Examples
    --------
    >>> connected("hdfs://cats/vault", {})
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadSetting: 'hdfs://cats/vault': ... Unable to recognise URL "hdfs://cats/vault"; there are ...
    """
    try:
        from obstore.store import from_url
    except ImportError:
        raise MissingLibrary(f"'{uri}' needs the library obstore; pip install 'outcross[vault]' brings it") from None
    if urlsplit(uri).password is not None:
        raise BadSetting(f"a password stands in the address at '{urlsplit(uri).hostname}'; give it as an option")
    connection = {name.lower(): value for name, value in options.items() if name.lower() in _CONNECTION}
    config = {name: value for name, value in options.items() if name.lower() not in _CONNECTION}
    try:
        store = from_url(uri, config=cast(Any, config) or None, client_options=cast(Any, connection) or None)
    except _failures() as error:
        raise BadSetting(f"'{uri}': {_line(error)}; there are paths, s3://, gs://, az:// and abfss://") from None
    return RemoteObjects(store, uri)


def _failures() -> tuple[type[Exception], ...]:
    from obstore.exceptions import BaseError

    # The library raises Python's own kinds, too: the last where a store cannot do what is asked of it.
    return BaseError, OSError, ValueError, TypeError, NotImplementedError


def _line(error: Exception) -> str:
    """The rest of such a message is for those who debug the library, and shows its settings."""
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
