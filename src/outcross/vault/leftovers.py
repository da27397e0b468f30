"""What writers left behind that were stopped, and files that a compaction has replaced: found, and removed."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePosixPath

from outcross.vault.log import Log
from outcross.vault.objects import TEMPORARY, Objects
from outcross.vault.part import FOLDER
from outcross.vault.placed import PENDING

DAY = 24 * 60 * 60.0
"""Seconds after which a writer that has written nothing is taken to have been stopped."""

QUARANTINE = "quarantine"


def remove_replaced(objects: Objects, log: Log) -> int:
    """Remove the data files that others have replaced, and return how many there were.

    Examples
    --------
    See `outcross.vault.compaction.compact`.
    """
    past = {name for commit in log.commits for name in commit.entry.removed} - log.files.keys()
    found = [name for name, _ in objects.names(f"{FOLDER}/") if name in past] if past else []
    for name in found:
        objects.delete(name)
    return len(found)


def remove_leftovers(objects: Objects, log: Log, time: str) -> int:
    """Remove what writers left that were stopped more than a day ago, and return how many files there were.

    Work that was not committed goes with the files of the same bytes that have their names in the vault already, unless
    a commit names them. An object store has no folder of unfinished work, and nothing is removed there.

    Parameters
    ----------
    objects
        Where the vault lies.
    log
        Its log.
    time
        The time, in ISO 8601, UTC.

    Examples
    --------
    >>> from outcross.vault.keys import PublicKey
    >>> from outcross.vault.objects import objects
    >>> remove_leftovers(objects("s3://bucket/vault"), Log(PublicKey(bytes(32))), "2026-01-01T00:00:00Z")
    0
    """
    if objects.local is None:
        return 0
    before = datetime.fromisoformat(time).timestamp() - DAY
    count = 0
    for path in _pending(objects.local):
        if _last(path) < before:
            count += _remove(objects, log, path)
    for path in [objects.local / name for name, _ in objects.names() if PurePosixPath(name).name.startswith(TEMPORARY)]:
        if _last(path) < before:
            path.unlink(missing_ok=True)
            count += 1
    with suppress(OSError):
        (objects.local / PENDING).rmdir()
    return count


def _pending(folder: Path) -> list[Path]:
    base = folder / PENDING
    return sorted(_within(base)) if base.is_dir() and not base.is_symlink() else []


def _files(path: Path) -> Iterator[Path]:
    if path.is_symlink() or not path.is_dir():
        yield path
    else:
        for below in _within(path):
            yield from _files(below)


def _within(folder: Path) -> list[Path]:
    """What lies in a folder; nothing where its writer has just ended, and removed it."""
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _last(path: Path) -> float:
    """When something was last done to a file, or to anything below a folder: written, linked, or renamed."""
    found = 0.0
    for one in [path, *_files(path)]:
        with suppress(FileNotFoundError):
            status = one.lstat()
            found = max(found, status.st_mtime, status.st_ctime)
    return found


def _remove(objects: Objects, log: Log, path: Path) -> int:
    """First out of the way, so that no writer goes on with it; then the files that it has in the vault; then itself."""
    aside = path.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return 0
    named = {commit.entry.note.get("quarantine") for commit in log.commits} | log.files.keys()
    files = list(_files(aside))
    for file in files:
        name = _name(file)
        if name is not None and name not in named:
            objects.delete(name)
    if aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.unlink(missing_ok=True)
    return len(files)


def _name(file: Path) -> str | None:
    """The name that this file has in the vault, once it has one."""
    folder = {".parquet": FOLDER, ".jsonl": QUARANTINE}.get(file.suffix)
    if folder is None or file.is_symlink():
        return None
    with file.open("rb") as opened:
        return f"{folder}/{hashlib.file_digest(opened, 'sha256').hexdigest()}{file.suffix}"
