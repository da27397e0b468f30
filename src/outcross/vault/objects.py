"""Where a vault's bytes lie: a folder, or an object store by its URI; either way names with bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from outcross.core.errors import BadSetting
from outcross.vault._local import TEMPORARY, LocalObjects
from outcross.vault._objects import SIZE, Objects, checked
from outcross.vault._remote import RemoteObjects, connected

__all__ = ["SIZE", "TEMPORARY", "LocalObjects", "Objects", "RemoteObjects", "checked", "objects"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
"""How a URI begins (RFC 3986); of two letters at least, for ``C:`` is a drive."""


def objects(uri: str | Path, options: Mapping[str, str] | None = None) -> Objects:
    """Return what lies at a path or a URI; nothing is made or asked for yet.

    Parameters
    ----------
    uri
        A folder, ``file://``, or an object store: ``s3://bucket/prefix``, ``gs://``, ``az://``, ``abfss://``.
    options
        Settings of the object store by name, such as ``AWS_ENDPOINT_URL``; else the environment has them.

    Raises
    ------
    BadSetting
        If there is no such kind of store or option, or a URI holds a password.
    MissingLibrary
        If it is an object store, and ``obstore`` is not installed.

    Examples
    --------
    >>> objects("file:///srv/vault/").uri, objects("s3://bucket/vault/", {"AWS_REGION": "eu-north-1"}).uri
    ('/srv/vault', 's3://bucket/vault')
    """
    scheme = _SCHEME.match(uri) if isinstance(uri, str) else None
    if scheme is not None and scheme[1].lower() != "file":
        canonical = f"{scheme[1].lower()}://{str(uri)[scheme.end() :].rstrip('/')}"
        return connected(canonical, options or {})
    if options:
        raise BadSetting(f"'{uri}' is a folder, which has no options; given: {', '.join(sorted(options))}")
    return LocalObjects(Path(uri) if scheme is None else _path(str(uri)))


def _path(uri: str) -> Path:
    parts = urlsplit(uri)
    if parts.netloc not in ("", "localhost"):
        raise BadSetting(f"'{uri}' names the machine '{parts.netloc}'; a path has three slashes: file:///srv/vault")
    return Path(url2pathname(parts.path))
