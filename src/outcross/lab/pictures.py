"""What the pictures looked like: the first few of a generation in one small PNG, for people to look at."""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Batch, Floats
from outcross.core.errors import BadInput
from outcross.core.records import Rows

COUNT = 24
"""Pictures of a grid."""
BYTES = 40_000
"""Bytes of a grid before compression: large pictures are shown in smaller numbers."""
FEWEST = 4
"""Pictures that are shown whatever their size."""
SIDE = 64
"""Pixels of a picture's longer side: of larger ones, blocks of pixels are averaged."""
VISIBLE = 32
"""Pixels of a picture's longer side: smaller ones are magnified, as far as whole numbers go."""
GAP = 2
"""Transparent pixels between two pictures."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, COLOUR = 4, 6
"""PNG's names for grey and for colour pixels, both with opacity."""


@final
@dataclass(frozen=True)
class Picture:
    """The first pictures of one generation under one policy.

    Parameters
    ----------
    policy, generation
        Words of the policy; 0 for human pictures.
    png
        The pictures side by side, as a PNG file.

    Raises
    ------
    BadInput
        If the bytes are not those of a PNG file.

    Examples
    --------
    >>> one = Picture("replace", 0, grid(Rows(np.zeros((1, 6, 4)), shape=(2, 2))))
    >>> one.size
    (100, 66)
    >>> Picture.read(one.plain()) == one
    True
    """

    policy: str
    generation: int
    png: bytes

    def __post_init__(self) -> None:
        if not self.png.startswith(SIGNATURE) or len(self.png) < 24:
            raise BadInput(f"the picture of generation {self.generation} under {self.policy} is not a PNG file")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = struct.unpack(">II", self.png[16:24])
        return width, height

    def plain(self) -> dict[str, Any]:
        """Return the picture as JSON can carry it."""
        return {"policy": self.policy, "generation": self.generation, "png": base64.b64encode(self.png).decode()}

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """Return the picture that `plain` gave."""
        return cls(plain["policy"], plain["generation"], base64.b64decode(plain["png"], validate=True))


def pictures(policy: str, generation: int, batch: Batch, like: Batch) -> list[Picture]:
    """Return the first pictures of a batch's first replicate; none where its records are not pictures.

    Parameters
    ----------
    policy, generation
        Whose they are.
    batch
        What the model wrote, or human records.
    like
        Human records, which know the shape of a picture where what a model wrote does not.

    Examples
    --------
    >>> human = Rows(np.zeros((1, 5, 4)), shape=(2, 2))
    >>> [one.generation for one in pictures("replace", 3, Rows(np.ones((2, 5, 4))), human)]
    [3]
    >>> pictures("replace", 3, Rows(np.ones((2, 5, 4))), Rows(np.ones((1, 5, 4))))
    []
    """
    if not isinstance(batch, Rows) or not isinstance(like, Rows) or not batch.size:
        return []
    shape = batch.shape or like.shape
    if not shape or math.prod(shape) != batch.dim:
        return []
    return [Picture(policy, generation, grid(replace(batch, shape=shape)))]


def grid(rows: Rows, count: int = COUNT) -> bytes:
    """Return the first pictures of the first replicate as one PNG file: the same bytes for the same numbers.

    Parameters
    ----------
    rows
        Records whose ``shape`` is that of a picture: 0 for black and 1 for white, cut off beyond; a pixel that is no
        number is transparent.
    count
        How many at most.

    Raises
    ------
    BadInput
        If the records are not pictures, or there are none.

    Examples
    --------
    >>> grid(Rows(np.ones((1, 3, 12)), shape=(2, 2, 3))).startswith(SIGNATURE)
    True
    """
    if not rows.shape or not rows.size:
        raise BadInput(f"{rows.size} records of {rows.dim} numbers are not pictures; name their height and width")
    few = rows.values[0, :count]
    small = _shrunk(few.reshape(len(few), *rows.shape[:2], -1))
    shown = small[: max(FEWEST, BYTES // small[0].size)]
    return _png(_tiled(_opaque(_magnified(shown))))


def _shrunk(pictures: Floats) -> Floats:
    """Large pictures with blocks of pixels averaged; the shape is (pictures, height, width, channels)."""
    _, height, width, _ = pictures.shape
    step = math.ceil(max(height, width) / SIDE)
    down, across = (np.arange(0, size, step) for size in (height, width))
    with np.errstate(invalid="ignore"):  # infinities of both signs: no number, and shown as such
        sums = np.add.reduceat(np.add.reduceat(pictures, down, axis=1), across, axis=2)
    weights = np.minimum(height - down, step)[:, None, None] * np.minimum(width - across, step)[:, None]
    return np.asarray(sums / weights, dtype=np.float64)


def _magnified(pictures: Floats) -> Floats:
    times = max(1, VISIBLE // max(pictures.shape[1:3]))
    return pictures.repeat(times, axis=1).repeat(times, axis=2)


def _opaque(pictures: Floats) -> NDArray[np.uint8]:
    """Bytes, with one more channel: the opacity."""
    known = np.isfinite(pictures).all(axis=3, keepdims=True)
    levels = np.rint(255 * np.clip(np.where(known, pictures, 0), 0, 1))
    return np.concatenate([levels, 255 * known], axis=3).astype(np.uint8)


def _tiled(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One picture of all, about one and a half times as wide as high, with gaps between."""
    count, height, width, channels = pictures.shape
    across = min(count, max(1, round(math.sqrt(1.5 * count * height / width))))
    down = math.ceil(count / across)
    cells = np.zeros((down * across, height + GAP, width + GAP, channels), np.uint8)
    cells[:count, :height, :width] = pictures
    rows = cells.reshape(down, across, height + GAP, width + GAP, channels).swapaxes(1, 2)
    return rows.reshape(down * (height + GAP), across * (width + GAP), channels)[:-GAP, :-GAP]


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG file (ISO/IEC 15948): header, compressed rows, each after a 0 that says it is not filtered, and end."""
    height, width, channels = pixels.shape
    rows = np.pad(pixels.reshape(height, -1), ((0, 0), (1, 0)))
    header = struct.pack(">IIBBBBB", width, height, 8, GREY if channels == 2 else COLOUR, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
