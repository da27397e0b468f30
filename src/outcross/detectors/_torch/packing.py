"""A fitted network as plain arrays: the files of its folder, byte by byte."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.errors import BadInput
from outcross.core.model import Neural, Stored


def pack(fitted: Stored) -> dict[str, NDArray[np.uint8]]:
    """Return the bytes of each file that the model writes, by its name."""
    with tempfile.TemporaryDirectory(prefix="outcross-") as name:
        folder = Path(name)
        fitted.save(folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): np.frombuffer(path.read_bytes(), dtype=np.uint8) for path in files}


def unpack(model: Neural, files: Mapping[str, NDArray[Any]]) -> tuple[Stored, object]:
    """Return the model whose files these are, and what has to be held while it is used: their folder goes with it.

    Raises
    ------
    BadInput
        If a file would lie outside that folder, or the model cannot be read.
    """
    folder, held = Path(tempfile.mkdtemp(prefix="outcross-")).resolve(), _Held()
    weakref.finalize(held, shutil.rmtree, folder, ignore_errors=True)
    for name, content in files.items():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder):
            raise BadInput(f"a model has no file '{name}'")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.astype(np.uint8).tobytes())
    return model.load(folder), held


@final
class _Held:
    """Whoever holds it holds a folder, which is removed with it."""
