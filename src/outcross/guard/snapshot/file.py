"""A snapshot in one file: a ZIP of a header in JSON and NumPy arrays, which ``numpy.load`` opens too. No pickle.

The header names the version of the format, the arrays keep the integers as small as they are. A later version that adds
to it says so by a higher minor number, and is read; one that changes what is there has a higher major number, and is
refused with its version. The same snapshot gives the same bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from outcross.core.errors import BadInput, MissingInput, OutputRefused
from outcross.core.version import VERSION
from outcross.guard.snapshot.heavy import Heavy
from outcross.guard.snapshot.keys import BINS
from outcross.guard.snapshot.texts import TextSample
from outcross.guard.snapshot.words import WordSample

if TYPE_CHECKING:
    from outcross.guard.snapshot.snapshot import Snapshot

MAJOR, MINOR = 1, 0
"""The version of the format."""

HEADER = "header.json"
FORMAT = "outcross-snapshot"
COUNTERS = ("heavy", "strata", "volume")


def write(snapshot: Snapshot, path: Path) -> None:
    """Write a snapshot, in one step.

    Raises
    ------
    OutputRefused
        If it cannot be written.

    Examples
    --------
    >>> from outcross.guard.snapshot.snapshot import Snapshot
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.snapshot")
    >>> write(Snapshot.of(["a cat"]), path)
    >>> read(path, Snapshot).digest == Snapshot.of(["a cat"]).digest
    True
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        file.writestr(_entry(HEADER), json.dumps(_header(snapshot), sort_keys=True, ensure_ascii=True))
        for name, array in _arrays(snapshot).items():
            held = io.BytesIO()
            np.lib.format.write_array(held, _small(array), allow_pickle=False)
            file.writestr(_entry(f"{name}.npy"), held.getvalue())
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_bytes(content.getvalue())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise OutputRefused(f"cannot write '{path}': {error.strerror or error}") from None


def read(path: Path, kind: type[Snapshot]) -> Snapshot:
    """Return the snapshot in a file.

    Parameters
    ----------
    path
        The file.
    kind
        `Snapshot`, which knows this file, not the other way round.

    Raises
    ------
    MissingInput
        If there is no such file.
    BadInput
        If it is no snapshot, is damaged, or of a format that is not known here.

    Examples
    --------
    See `write`.
    """
    try:
        with zipfile.ZipFile(path) as file:
            header = json.loads(file.read(HEADER))
            _known(path, header)
            arrays = {name[:-4]: _array(file.read(name)) for name in file.namelist() if name.endswith(".npy")}
        found = kind(**_fields(header, arrays))
        if found.digest != header["digest"]:
            raise BadInput(f"'{path}' is damaged: the digest of what is in it is not the one it bears")
        return found
    except FileNotFoundError:
        raise MissingInput(f"there is no snapshot '{path}'") from None
    except BadInput:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadInput(f"'{path}' is no snapshot, or is damaged: {str(error)[:100]}") from None
    except OSError as error:
        raise MissingInput(f"'{path}' cannot be read: {error.strerror or error}") from None


def _known(path: Path, header: dict[str, Any]) -> None:
    if header.get("format") != FORMAT:
        raise BadInput(f"'{path}' is no snapshot")
    major, minor = header["version"]
    if major != MAJOR:
        raise BadInput(
            f"'{path}' is a snapshot of format {major}.{minor}, written by outcross {header.get('by', '?')}; this "
            f"version reads format {MAJOR}: update outcross, or take the snapshot again"
        )


def _header(snapshot: Snapshot) -> dict[str, Any]:
    words, texts = snapshot.words, snapshot.texts
    return {
        "format": FORMAT,
        "version": [MAJOR, MINOR],
        "by": VERSION,
        "bins": BINS,
        "unit": snapshot.unit,
        "digest": snapshot.digest,
        "rejected": dict(snapshot.rejected),
        "words": {"limit": words.limit, "k": words.k, "words": words.words},
        "texts": {"limit": texts.limit, "k": texts.k, "shown": texts.shown},
        **{
            name: {"names": counter.names, "error": counter.error, "k": counter.k}
            for name, counter in ((name, getattr(snapshot, name)) for name in COUNTERS)
        },
    }


def _arrays(snapshot: Snapshot) -> dict[str, NDArray[Any]]:
    words, texts = snapshot.words, snapshot.texts
    found: dict[str, NDArray[Any]] = {
        "totals": snapshot.totals,
        "words-keys": words.keys,
        "words-counts": words.counts,
        **{f"texts-{name}": getattr(texts, name) for name in ("keys", "copies", "lengths", "repeated", "runs")},
    }
    for name in COUNTERS:
        counter: Heavy = getattr(snapshot, name)
        found |= {f"{name}-held": counter.held, f"{name}-value": counter.value}
    return found


def _fields(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    counts = {name: array.astype(np.int64) for name, array in arrays.items() if not name.endswith("-keys")}
    keys = {name: array.astype(np.uint64) for name, array in arrays.items() if name.endswith("-keys")}
    words, texts = header["words"], header["texts"]
    heavy, strata, volume = (
        Heavy(tuple(one["names"]), counts[f"{name}-held"], counts[f"{name}-value"], one["error"], one["k"])
        for name, one in ((name, header[name]) for name in COUNTERS)
    )
    return {
        "totals": counts["totals"],
        "words": WordSample(
            keys["words-keys"], tuple(words["words"]), counts["words-counts"], words["limit"], words["k"]
        ),
        "heavy": heavy,
        "texts": TextSample(
            keys["texts-keys"],
            counts["texts-copies"],
            counts["texts-lengths"],
            counts["texts-repeated"],
            counts["texts-runs"],
            tuple((beginning, stratum) for beginning, stratum in texts["shown"]),
            texts["limit"],
            texts["k"],
        ),
        "strata": strata,
        "volume": volume,
        "unit": header["unit"],
        "rejected": tuple(sorted(header["rejected"].items())),
    }


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # without a time, so that the same snapshot gives the same bytes
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _small(array: NDArray[Any]) -> NDArray[Any]:
    """The same numbers in the smallest kind of integer."""
    if array.dtype == np.uint64:
        return array.astype("<u8")
    return array.astype(np.min_scalar_type(int(array.max()) if array.size else 0).newbyteorder("<"))


def _array(content: bytes) -> NDArray[Any]:
    found: NDArray[Any] = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    return found
