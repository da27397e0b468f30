"""Writing files so that a kill, a full disk or a power cut never leaves half of one under its final name."""

from __future__ import annotations

import contextlib
import os
import tempfile
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
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise OutputRefused(f"cannot write '{path}': {error.strerror or error}") from error
    return path
