"""Pictures: IDX files such as those of MNIST, folders of PNG and JPEG files, arrays of pixels."""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outcross.core.errors import BadInput, BadSetting, MissingInput, MissingLibrary
from outcross.corpus.files import COMPRESSED, inside, opened, suffix
from outcross.corpus.table import Choice, Table, gather, no_column

SUFFIXES = (".png", ".jpg", ".jpeg")
"""Of the pictures in a folder."""

LABEL = "label"
"""The column of the labels beside an IDX file."""

BYTES_OF_IDX = b"\0\0\x08"
"""How an IDX file of bytes begins; the next byte is the number of its dimensions."""


def table(name: str, pictures: NDArray[Any], choice: Choice) -> Table:
    """Return pictures as rows of numbers from 0 (black) to 1 (white).

    Parameters
    ----------
    name
        What they are called in messages.
    pictures
        Shape (n, height, width), with or without a last axis of length 1, or (n, height, width, 3); bytes from 0 to
        255, or floating-point numbers from 0 to 1.
    choice
        What is wanted of them.

    Raises
    ------
    BadInput
        If they have another shape or other numbers, or all are the same.

    Examples
    --------
    >>> two = np.array([[[0, 255]], [[51, 0]]], dtype=np.uint8)
    >>> found = table("two", two, Choice(numbers=None))
    >>> found.shape, found.values.tolist()
    ((1, 2), [[0.0, 1.0], [0.2, 0.0]])
    """
    if choice.numbers == ():
        raise BadInput(f"{name} holds pictures: they are read as rows, not as texts or symbols")
    if choice.numbers is not None:
        raise BadSetting(f"pictures are read whole; leave 'columns' out ({', '.join(choice.numbers)})")
    pixels = pictures[: choice.limit]
    if pixels.ndim == 4 and pixels.shape[3] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim not in (3, 4) or (pixels.ndim == 4 and pixels.shape[3] != 3):
        wanted = "(n, height, width) or (n, height, width, 3)"
        raise BadInput(f"pictures of shape {wanted} are needed, not {pictures.shape}")
    if not pixels.size:
        raise BadInput(f"{name} is empty: there is no picture in it")
    values = _shades(name, pixels).reshape(len(pixels), -1)
    if len(values) > 1 and (values == values[0]).all():
        raise BadInput(f"all pictures of {name} are the same: there is no spread to lose")
    shape = pixels.shape[1:]
    size = f"pictures of {shape[0]} x {shape[1]} pixels" + " in colour" * (len(shape) == 3)
    return Table(name, values=values, shape=shape, notes=(f"{size}, from 0 (black) to 1 (white)",))


def _shades(name: str, pixels: NDArray[Any]) -> NDArray[np.float64]:
    if pixels.dtype == np.uint8:
        return pixels / 255.0
    if pixels.dtype.kind not in "fb":
        raise BadInput(f"{name}: pixels are bytes (uint8) or floating-point numbers from 0 to 1, not {pixels.dtype}")
    values: NDArray[np.float64] = pixels.astype(np.float64)
    low, high = float(values.min()), float(values.max())
    if not (low >= 0 and high <= 1):  # what is no number is not in it either
        raise BadInput(f"{name}: pixels go from 0 (black) to 1 (white), these from {low:g} to {high:g}; divide them")
    return values


def _no_column(name: str, choice: Choice, columns: list[str]) -> MissingInput:
    return MissingInput(f"{name}: {no_column(str(choice.label), columns)}")


# IDX


def from_idx(path: Path, choice: Choice) -> Table:
    """Return the pictures of an IDX file (http://yann.lecun.com/exdb/mnist), the format of MNIST and its relatives.

    The column ``label`` is what the file of labels beside it says: ``t10k-labels-idx1-ubyte`` for
    ``t10k-images-idx3-ubyte``, compressed or not. It can be the groups, or be read as symbols.

    Raises
    ------
    BadInput
        If the file is not one of bytes in that format, is cut off, or has as many pictures as labels.
    MissingInput
        If there is no file of labels where they are wanted.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "two-images-idx3-ubyte")
    >>> _ = path.write_bytes(struct.pack(">4BIII4B", 0, 0, 8, 3, 2, 1, 2, 0, 255, 51, 0))
    >>> from_idx(path, Choice(numbers=None)).values.tolist()
    [[0.0, 1.0], [0.2, 0.0]]
    """
    if choice.label not in (None, LABEL):
        raise _no_column(path.name, choice, [LABEL])
    pictures = _idx(path)
    if pictures.ndim < 3:
        raise BadInput(f"{path.name} holds labels; give the file of pictures beside it")
    if choice.label is None:
        return table(path.name, pictures, choice)
    labels = _idx(_labels_beside(path))
    if len(labels) != len(pictures):
        raise BadInput(f"{path.name} has {len(pictures):,} pictures, and there are {len(labels):,} labels beside it")
    rows = enumerate(({LABEL: label} for label in labels.tolist()), 1)
    known = gather(path.name, rows, Choice(label=LABEL, limit=choice.limit))
    if choice.numbers == () and choice.text is None:
        return known
    return replace(table(path.name, pictures, choice), labels=known.labels)


def _idx(path: Path) -> NDArray[np.uint8]:
    with opened(path) as file:
        content = file.read()
    start = 4 + 4 * content[3] if len(content) > 3 else 4
    if not content.startswith(BYTES_OF_IDX) or len(content) < start:
        raise BadInput(f"{path.name} cannot be read as IDX: it does not begin as a file of bytes in that format does")
    sizes = struct.unpack(f">{content[3]}I", content[4:start])
    if len(content) - start != math.prod(sizes):
        shape = " x ".join(f"{size:,}" for size in sizes)
        raise BadInput(f"{path.name} is damaged: {shape} bytes are announced, and {len(content) - start:,} are there")
    return np.frombuffer(content, np.uint8, offset=start).reshape(sizes)


def _labels_beside(path: Path) -> Path:
    name = path.with_suffix("").name if path.suffix.lower() in COMPRESSED else path.name
    name = name.replace("images", "labels").replace("idx3", "idx1")
    for ending in ("", *COMPRESSED):
        labels = path.with_name(name + ending)
        if labels.exists():
            return labels
    raise MissingInput(f"no labels beside {path.name}: there is no file '{name}', compressed or not")


# Folders


def within(folder: Path) -> list[Path]:
    """Return the PNG and JPEG files of a folder and of those in it, in order of their names.

    Examples
    --------
    >>> within(Path(__file__).parent)
    []
    """
    return [path for path in inside(folder) if suffix(path) in SUFFIXES]


def from_folder(folder: Path, choice: Choice) -> Table:
    """Return the pictures of a folder, one record a file; grey if all of them are.

    The columns are ``file`` (its name) and ``folder`` (that of the folder it lies in, a natural group).

    Raises
    ------
    MissingLibrary
        If Pillow is not installed.
    BadInput
        If a file cannot be read, or is of another size than the others.

    Examples
    --------
    >>> import tempfile
    >>> from_folder(Path(tempfile.mkdtemp()), Choice(numbers=None))
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: ... is empty: there is no picture in it
    """
    if choice.label not in (None, "file", "folder"):
        raise _no_column(f"'{folder}'", choice, ["file", "folder"])
    files = within(folder)
    read = files[: choice.limit]
    if not read:
        raise BadInput(f"'{folder}' is empty: there is no picture in it")
    pixels = [_pixels(path) for path in read]
    for path, picture in zip(read, pixels, strict=True):
        if picture.shape[:2] != pixels[0].shape[:2]:
            sizes = [f"{one.shape[0]} x {one.shape[1]}" for one in (picture, pixels[0])]
            raise BadInput(f"{path.name} has {sizes[0]} pixels and {read[0].name} {sizes[1]}: one size is needed")
    if any(picture.ndim == 3 for picture in pixels):
        pixels = [picture if picture.ndim == 3 else np.stack([picture] * 3, axis=2) for picture in pixels]
    found = table(folder.resolve().name, np.stack(pixels), choice)
    labels = [path.name if choice.label == "file" else path.parent.name for path in read]
    left = len(inside(folder)) - len(files)
    others = [f"{left:,} other file{'s' * (left > 1)} left out: PNG and JPEG are read"] if left else []
    notes = ("one picture a file", *found.notes, *others)
    return replace(found, labels=None if choice.label is None else labels, notes=notes)


def _pixels(path: Path) -> NDArray[np.uint8]:
    """One picture, shape (height, width) if it is grey, else (height, width, 3); transparency is left out."""
    try:
        from PIL import Image
    except ImportError:
        raise MissingLibrary("PNG and JPEG files need Pillow; pip install 'outcross[pictures]' brings it") from None
    try:
        with Image.open(path) as image:
            deep = image.mode.startswith(("I", "F"))
            grey = image.mode in ("1", "L", "LA")
            found = np.asarray(image.convert("L" if grey else "RGB"), dtype=np.uint8)
    except Exception as error:  # Pillow raises nearly anything for a broken file
        raise BadInput(f"{path.name} cannot be read as a picture: {str(error).splitlines()[0][:200]}") from None
    if deep:
        raise BadInput(f"{path.name} has more than 8 bits a pixel; convert it to 8 first")
    return found
