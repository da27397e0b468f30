"""The file of a trained detector: arrays and JSON in one ``.npz``, with a digest over all of it.

Nothing in it runs when it is read: no pickled object is accepted.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outcross.core.errors import BadInput, MissingInput
from outcross.lab.files import write_atomically

FORMAT = 1
"""Version of the file's layout."""

Arrays = Mapping[str, NDArray[Any]]


def write_detector(path: Path, told: Mapping[str, Any], arrays: Arrays) -> Path:
    """Write what JSON can say and arrays, whole or not at all.

    Raises
    ------
    OutputRefused
        If it cannot be written.

    Examples
    --------
    See `read_detector`.
    """
    about = json.dumps({"format": FORMAT, **told}, ensure_ascii=False, allow_nan=False).encode()
    held = {**arrays, "about": np.frombuffer(about, dtype=np.uint8)}
    held["digest"] = np.frombuffer(digest_of_arrays(held), dtype=np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **held)
    return write_atomically(path, file.getvalue())


def read_detector(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return what `write_detector` wrote.

    Raises
    ------
    MissingInput
        If there is no such file.
    BadInput
        If it is not such a file, is damaged, or was written by a newer version.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_detector(Path(folder) / "a.npz", {"name": "a"}, {"numbers": np.arange(2)})
    ...     told, arrays = read_detector(path)
    >>> told["name"], arrays["numbers"].tolist()
    ('a', [0, 1])
    """
    arrays = _arrays(path)
    try:
        told = json.loads(arrays["about"].tobytes())
        version = int(told["format"])
    except (KeyError, ValueError, TypeError):
        raise BadInput(f"'{path}' is no trained detector: it does not say its format") from None
    if version > FORMAT:
        raise BadInput(f"'{path}' was written by a newer outcross (format {version}; {FORMAT} is known): upgrade")
    digest = arrays.pop("digest", None)
    if digest is None or digest.tobytes() != digest_of_arrays(arrays):
        raise BadInput(f"'{path}' is damaged: its content is not what was written")
    del arrays["about"]
    return told, arrays


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a file."""
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise MissingInput(f"no file '{path}'") from None
    except OSError as error:
        raise BadInput(f"'{path}' cannot be read: {error.strerror or error}") from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            names = [name.removesuffix(".npy") for name in file.namelist() if name.endswith(".npy")]
        with np.load(io.BytesIO(content), allow_pickle=False) as held:
            return {name: held[name] for name in names}
    # The last is what `zipfile` raises for a compression, or a version of the format, that it does not know.
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, KeyError, TypeError, NotImplementedError):
        raise BadInput(f"'{path}' is no trained detector, or was cut off") from None


def digest_of_arrays(arrays: Arrays) -> bytes:
    """Return a digest of arrays, with their names, types and shapes: 16 bytes of BLAKE2b.

    Examples
    --------
    >>> digest_of_arrays({"a": np.arange(2)}) == digest_of_arrays({"a": np.arange(3)})
    False
    """
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.digest()
