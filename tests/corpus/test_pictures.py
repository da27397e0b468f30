"""Pictures: whatever they come as, the same rows of numbers from 0 to 1, and a shape that stays with them."""

from __future__ import annotations

import gzip
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from outcross.core.errors import BadInput, BadSetting, MissingInput, MissingLibrary, OutcrossError
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.corpus import Corpus, read
from outcross.corpus.files import zstd

GREY = np.random.default_rng(0).integers(0, 256, (7, 4, 3), dtype=np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (7, 4, 3, 3), dtype=np.uint8)
LABELS = np.array([3, 1, 1, 0, 3, 1, 2], dtype=np.uint8)


def idx(array: NDArray[np.uint8]) -> bytes:
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def rows_of(corpus: Corpus) -> Rows:
    assert isinstance(corpus.records, Rows)
    return corpus.records


def mnist(folder: Path, compression: str = "", name: str = "t10k-images-idx3-ubyte") -> Path:
    pack = {"": lambda content: content, ".gz": gzip.compress, ".zst": zstd.compress}[compression]
    path = folder / f"{name}{compression}"
    path.write_bytes(pack(idx(GREY)))
    labels = name.replace("images", "labels").replace("idx3", "idx1")
    (folder / f"{labels}{compression}").write_bytes(pack(idx(LABELS)))
    return path


@pytest.mark.parametrize("name", ["t10k-images-idx3-ubyte", "train-images.idx3-ubyte"])
@pytest.mark.parametrize("compression", ["", ".gz", ".zst"])
def test_idx(tmp_path: Path, name: str, compression: str) -> None:
    path = mnist(tmp_path, compression, name)
    corpus = read(path, as_=Rows, group="label")
    rows = rows_of(corpus)
    assert rows.shape == (4, 3)
    assert np.array_equal(rows.values[0], GREY.reshape(7, 12) / 255)
    assert rows.names[0] == "1"
    assert rows.group is not None
    assert [int(rows.names[code]) for code in rows.group[0]] == LABELS.tolist()
    assert str(corpus) == f"{path.name}: 7 pictures of 4 x 3 pixels"
    assert corpus.notes == ("pictures of 4 x 3 pixels, from 0 (black) to 1 (white)",)
    assert rows_of(read(path, as_=Rows)).group is None
    assert read(path, as_=Rows, limit=2, group="label").size == 2


def test_labels_of_idx_are_symbols(tmp_path: Path) -> None:
    symbols = read(mnist(tmp_path), as_=Symbols, text="label").records
    assert isinstance(symbols, Symbols)
    assert symbols.counts().values.tolist() == [[3, 2, 1, 1]]


def test_labels_may_be_compressed_where_pictures_are_not(tmp_path: Path) -> None:
    path = mnist(tmp_path)
    labels = tmp_path / "t10k-labels-idx1-ubyte"
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels.read_bytes()))
    labels.unlink()
    assert rows_of(read(path, as_=Rows, group="label")).group is not None


def in_every_way(folder: Path, array: NDArray[np.uint8]) -> list[object]:
    np.save(folder / "a.npy", array)
    np.save(folder / "f.npy", array / 255)
    np.savez(folder / "a.npz", x=array, y=LABELS)
    with gzip.open(folder / "z.npy.gz", "wb") as file:
        np.save(file, array)  # type: ignore[arg-type]
    files: list[object] = [folder / name for name in ("a.npy", "f.npy", "a.npz", "z.npy.gz")]
    return [*files, array, array / 255, list(array)]


@pytest.mark.parametrize("array", [GREY, COLOUR], ids=["grey", "colour"])
def test_arrays(tmp_path: Path, array: NDArray[np.uint8]) -> None:
    corpora = [read(spec, as_=Rows) for spec in in_every_way(tmp_path, array)]  # type: ignore[arg-type]
    for corpus in corpora:
        assert rows_of(corpus).shape == array.shape[1:]
        assert np.array_equal(rows_of(corpus).values[0], array.reshape(7, -1) / 255)
    assert len({corpus.digest for corpus in corpora}) == 1
    assert read(tmp_path / "a.npy", as_=Rows, limit=3).size == 3


def test_an_axis_of_one_colour_is_grey() -> None:
    assert read(GREY[..., None], as_=Rows).digest == read(GREY, as_=Rows).digest


def test_bits_are_black_and_white() -> None:
    assert rows_of(read(GREY > 99, as_=Rows)).values.mean() == np.mean(GREY > 99)


def test_an_archive_has_groups(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, x_train=GREY, y_train=LABELS, x_test=GREY[:2], y_test=LABELS[:2])
    rows = rows_of(read(path, as_=Rows, columns=["x_train"], group="y_train", limit=6))
    assert (rows.size, rows.shape, set(rows.names)) == (6, (4, 3), {"0", "1", "3"})
    assert read(path, as_=Symbols, text="y_train").size == 7
    assert says(path) == "a.npz has 2 arrays; name one with 'columns': x_train, x_test"
    assert says(path, columns=["x_tran"]) == "a.npz: no column 'x_tran'; did you mean 'x_train'?"
    assert says(path, columns=["x_test"], group="y_train") == "a.npz: 'y_train' has 7 labels for 2 records"
    assert "texts and labels are arrays of one axis" in says(path, columns=["x_test"], group="x_train")
    assert "name it alone" in says(path, columns=["x_test", "x_train"])


def test_npy_holds_numbers_texts_and_symbols_too(tmp_path: Path) -> None:
    np.save(tmp_path / "n.npy", np.array([[1.0, 2.0], [3.0, 5.0]]))
    np.save(tmp_path / "t.npy", np.array(["a cat", "a dog"]))
    assert read(tmp_path / "n.npy", as_=Rows).digest == read(np.array([[1.0, 2.0], [3.0, 5.0]]), as_=Rows).digest
    assert read(tmp_path / "t.npy", as_=Texts).strings == ("a cat", "a dog")
    assert read(tmp_path / "t.npy", as_=Symbols).size == 2


# A folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    image = pytest.importorskip("PIL.Image")
    for number, (picture, label) in enumerate(zip(GREY, LABELS, strict=True)):
        path = tmp_path / "pictures" / str(label) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image.fromarray(picture).save(path)
    (tmp_path / "pictures" / "readme.txt").write_text("not a picture")
    return tmp_path / "pictures"


def test_a_folder_of_pictures(folder: Path) -> None:
    corpus = read(folder, as_=Rows, group="folder")
    rows = rows_of(corpus)
    order = sorted(range(7), key=lambda number: (LABELS[number], number))
    assert rows.shape == (4, 3)
    assert np.array_equal(rows.values[0], GREY[order].reshape(7, 12) / 255)
    assert {name: part.size for name, part in rows.split().items()} == {"1": 3, "3": 2, "0": 1, "2": 1}
    assert corpus.name == "pictures"
    assert corpus.notes[0] == "one picture a file"
    assert corpus.notes[-1] == "1 other file left out: PNG and JPEG are read"
    assert read(folder, as_=Texts).strings == ("not a picture",)


def test_one_picture_in_colour_makes_all_so(folder: Path) -> None:
    from PIL import Image

    Image.fromarray(COLOUR[0]).save(folder / "colour.png")
    rows = rows_of(read(folder, as_=Rows))
    assert rows.shape == (4, 3, 3)
    assert np.array_equal(rows.values[0, -1], COLOUR[0].ravel() / 255)
    assert np.ptp(rows.values[0, 0].reshape(12, 3), axis=1).max() == 0


def test_pictures_that_cannot_be_read(folder: Path) -> None:
    from PIL import Image

    path = folder / "0" / "a.jpeg"
    path.write_bytes(b"no picture at all")
    assert says(folder).startswith("a.jpeg cannot be read as a picture: cannot identify image file")
    path.unlink()
    whole = (folder / "0" / "3.png").read_bytes()
    (folder / "0" / "b.png").write_bytes(whole[: len(whole) // 2])
    assert says(folder).startswith("b.png cannot be read as a picture: ")
    Image.fromarray(GREY[0].T.copy()).save(folder / "0" / "b.png")
    assert says(folder) == "b.png has 3 x 4 pixels and 3.png 4 x 3: one size is needed"
    Image.fromarray(np.arange(12, dtype=np.uint16).reshape(4, 3)).save(folder / "0" / "b.png")
    assert says(folder) == "b.png has more than 8 bits a pixel; convert it to 8 first"
    assert says(folder, group="label") == f"'{folder}': no column 'label'; there are: file, folder"


def test_without_pillow(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingLibrary, match=r"pip install 'outcross\[pictures\]'"):
        read(folder, as_=Rows)


# The shape stays


def test_the_shape_survives_whatever_is_done() -> None:
    corpus = read(GREY, as_=Rows)
    rows = rows_of(corpus)
    train, heldout = corpus.divide(0.3, Seed(0))
    other = rows.take(np.array([[0, 1], [2, 3]]))
    joined = (rows.join([rows]), rows.take_across([rows], np.array([[0, 9]])), other)
    chosen = (rows.weighted(2.0), rows.choose(3, np.random.default_rng(0)), read(rows, as_=Rows, limit=2).records)
    for batch in (train, heldout, *joined, *chosen):
        assert isinstance(batch, Rows)
        assert batch.shape == (4, 3)


def test_the_digest_knows_the_shape() -> None:
    flat, tall = GREY.reshape(7, 12) / 255, GREY.reshape(7, 6, 2)
    assert len({read(one, as_=Rows).digest for one in (flat, GREY, tall)}) == 3


# What is wrong is said in one line

RANGE = "array: pixels go from 0 (black) to 1 (white), these"
SHAPES = "pictures of shape (n, height, width) or (n, height, width, 3) are needed"


def says(spec: Any, **settings: Any) -> str:
    with pytest.raises(OutcrossError) as caught:
        read(spec, as_=settings.pop("as_", Rows), **settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (GREY.astype(int), "array: pixels are bytes (uint8) or floating-point numbers from 0 to 1, not int64"),
        (GREY / 1.0, f"{RANGE} from 0 to 248; divide them"),
        (np.where(GREY > 99, np.nan, 0.5), f"{RANGE} from nan to nan; divide them"),
        (np.zeros((7, 3, 4, 5)), f"{SHAPES}, not (7, 3, 4, 5)"),
        (np.zeros((0, 4, 3)), "array is empty: there is no picture in it"),
        (np.ones((7, 4, 3)), "all pictures of array are the same: there is no spread to lose"),
    ],
)
def test_arrays_that_are_no_pictures(array: NDArray[Any], message: str) -> None:
    assert says(array) == message


def test_pictures_are_rows_and_nothing_else(tmp_path: Path) -> None:
    path = mnist(tmp_path)
    held = "t10k-images-idx3-ubyte holds pictures: they are read as rows, not as texts or symbols"
    assert says(path, as_=Texts) == held
    with pytest.raises(BadSetting, match=r"^pictures are read whole; leave 'columns' out \(a\)$"):
        read(path, as_=Rows, columns=["a"])
    with pytest.raises(MissingInput, match=r"^t10k-images-idx3-ubyte: no column 'digit'; there are: label$"):
        read(path, as_=Rows, group="digit")


def test_idx_files_that_are_wrong(tmp_path: Path) -> None:
    path = mnist(tmp_path)
    labels = tmp_path / "t10k-labels-idx1-ubyte"
    assert says(labels) == "t10k-labels-idx1-ubyte holds labels; give the file of pictures beside it"
    labels.write_bytes(idx(LABELS[:-1]))
    said = "t10k-images-idx3-ubyte has 7 pictures, and there are 6 labels beside it"
    assert says(path, group="label") == said
    labels.unlink()
    said = "no labels beside t10k-images-idx3-ubyte: there is no file 't10k-labels-idx1-ubyte', compressed or not"
    assert says(path, group="label") == said
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    said = "t10k-images-idx3-ubyte is damaged: 7 x 4 x 3 bytes are announced, and 83 are there"
    assert says(path) == said
    for content in (b"", b"\0\0\x08", b"\0\0\x08\x03\0\0", b"hello, world", b"\0\0\x0d\x01\0\0\0\0"):
        path.write_bytes(content)
        assert "cannot be read as IDX: it does not begin" in says(path)
    path.write_bytes(idx(GREY[:0]))
    assert says(path) == "t10k-images-idx3-ubyte is empty: there is no picture in it"


def test_files_of_numpy_that_are_wrong(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    for content in (b"", b"hello"):
        path.write_bytes(content)
        assert says(path) == "a.npy cannot be read as NumPy: it does not begin as such a file does"
    np.save(path, GREY)
    path.write_bytes(path.read_bytes()[:-5])
    assert says(path).startswith("a.npy cannot be read as NumPy: ")
    np.save(path, np.array([{}], dtype=object), allow_pickle=True)
    assert says(path).startswith("a.npy cannot be read as NumPy: Object arrays cannot be loaded")
    archive = tmp_path / "a.npz"
    np.savez_compressed(archive, x=GREY)
    archive.write_bytes(archive.read_bytes()[:-30])
    assert says(archive).startswith("a.npz cannot be read as NumPy: ")


def test_mnist(shared: Path) -> None:
    """The 10,000 test pictures: 980 zeros, 1,135 ones, ..., and a mean pixel of 0.1325, as published everywhere."""
    corpus = read(shared / "data" / "mnist_t10k" / "t10k-images-idx3-ubyte.gz", as_=Rows, group="label")
    rows = rows_of(corpus)
    assert (corpus.size, rows.shape) == (10_000, (28, 28))
    assert rows.names[0] == "1"
    assert {name: len(index[0]) for name, index in rows.members().items()} == {
        "0": 980, "1": 1135, "2": 1032, "3": 1010, "4": 982, "5": 892, "6": 958, "7": 1028, "8": 974, "9": 1009,
    }  # fmt: skip
    assert rows.values.mean() == pytest.approx(0.1325, abs=5e-5)
    with pytest.raises(BadInput, match="holds pictures"):
        read(shared / "data" / "mnist_t10k" / "t10k-images-idx3-ubyte.gz", as_=Texts)
