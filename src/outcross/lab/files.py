"""Writing files so that a kill, a full disk or a power cut never leaves half of one under its final name."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from outcross.core.errors import OutputRefused


def write_atomically(path: Path, content: bytes) -> Path:
    """Write a file under a temporary name, flush it to disk, then give it its name.

    Raises
    ------
    OutputRefused
        If the folder cannot be made or the file cannot be written, for example because the disk is full. What was
        there before is still there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder) / "new" / "a.txt", b"text").read_bytes()
    b'text'
    """
    temporary = path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if temporary != path:
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise OutputRefused(f"cannot write '{path}': {error.strerror or error}") from error
    return path
