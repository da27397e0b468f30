"""Grids of pictures, decoded again by a reader of PNG that is written here from the standard."""

import struct
import zlib

import numpy as np
import pytest

from outcross.core.errors import BadInput
from outcross.core.records import Rows, Symbols
from outcross.lab.chain import Chain
from outcross.lab.history import History
from outcross.lab.pictures import BYTES, COUNT, FEWEST, GAP, SIDE, SIGNATURE, VISIBLE, Picture, grid, pictures
from outcross.report.page import page


def decoded(png: bytes) -> np.ndarray:
    """The pixels of a PNG file whose rows are not filtered, shape (height, width, channels)."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(png):
        (length,), name = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        data, (check,) = png[at + 8 : at + 8 + length], struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert check == zlib.crc32(name + data)
        chunks[name] = data
        at += 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, kind, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, rest) == (8, [0, 0, 0])
    channels = {4: 2, 6: 4}[kind]
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + width * channels)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, channels)


def test_every_pixel_is_where_it_belongs() -> None:
    values = np.random.default_rng(0).random((1, 5, 40 * 50))
    pixels = decoded(grid(Rows(values, shape=(40, 50))))
    across = (pixels.shape[1] + GAP) // (50 + GAP)
    for number, picture in enumerate(values[0]):
        row, column = divmod(number, across)
        top, left = row * (40 + GAP), column * (50 + GAP)
        block = pixels[top : top + 40, left : left + 50]
        assert np.array_equal(block[..., 0], np.rint(255 * picture.reshape(40, 50)))
        assert (block[..., 1] == 255).all()
    assert (pixels[..., 1] == 255).sum() == 5 * 40 * 50  # the gaps and the empty place are transparent


def test_colours_keep_their_channels() -> None:
    values = np.zeros((1, 1, 40 * 40 * 3))
    values[0, 0, 1::3] = 1
    pixels = decoded(grid(Rows(values, shape=(40, 40, 3))))
    assert (pixels == (0, 255, 0, 255)).all()


def test_small_pictures_are_magnified_and_large_ones_averaged() -> None:
    small = np.array([[0.0, 1.0, 1.0, 0.0]])[None]
    pixels = decoded(grid(Rows(small, shape=(2, 2))))
    assert pixels.shape[:2] == (VISIBLE, VISIBLE)
    assert (pixels[: VISIBLE // 2, VISIBLE // 2 :, 0] == 255).all()
    assert (pixels[: VISIBLE // 2, : VISIBLE // 2, 0] == 0).all()
    board = np.indices((2 * SIDE, 2 * SIDE)).sum(axis=0) % 2  # every block of 2 x 2 pixels has a mean of a half
    pixels = decoded(grid(Rows(board.reshape(1, 1, -1).astype(float), shape=board.shape)))
    assert pixels.shape[:2] == (SIDE, SIDE)
    assert (pixels[..., 0] == 128).all()


def test_an_odd_edge_is_averaged_over_what_is_there() -> None:
    pixels = decoded(grid(Rows(np.ones((1, 1, 65 * 70)), shape=(65, 70))))
    assert pixels.shape[:2] == (33, 35)
    assert (pixels[..., 0] == 255).all()


@pytest.mark.filterwarnings("error")
def test_numbers_of_any_kind() -> None:
    values = np.array([-5.0, 1e300, np.nan, np.inf])
    pixels = decoded(grid(Rows(values[None, None], shape=(2, 2))))
    half = VISIBLE // 2
    assert pixels[0, 0].tolist() == [0, 255]
    assert pixels[0, half].tolist() == [255, 255]
    assert pixels[half, 0, 1] == pixels[half, half, 1] == 0
    both = np.full((1, 1, (2 * SIDE) ** 2), np.inf)
    both[..., ::2] = -np.inf
    assert not decoded(grid(Rows(both, shape=(2 * SIDE, 2 * SIDE))))[..., 1].any()


@pytest.mark.parametrize(
    ("shape", "shown"), [((8, 8), COUNT), ((28, 28), COUNT), ((32, 32, 3), 13), ((128, 128, 3), FEWEST)]
)
def test_the_size_is_bounded(shape: tuple[int, ...], shown: int) -> None:
    dim = int(np.prod(shape))
    values = np.random.default_rng(0).random((1, 30, dim))
    png = grid(Rows(values, shape=shape))
    assert len(png) < 1.7 * BYTES
    times = max(1, VISIBLE // max(shape[:2]))
    side = min(shape[0], SIDE)
    assert (decoded(png)[..., -1] == 255).sum() == shown * (side * times) ** 2


def test_the_same_numbers_give_the_same_bytes() -> None:
    rows = Rows(np.random.default_rng(0).random((2, 9, 64)), shape=(8, 8))
    assert grid(rows) == grid(rows)
    assert grid(rows) == grid(Rows(rows.values[:1], shape=(8, 8)))  # the first replicate


def test_what_is_no_picture_has_none() -> None:
    human = Rows(np.zeros((1, 3, 64)), shape=(8, 8))
    assert not pictures("replace", 1, Rows(np.zeros((1, 3, 5))), human)
    assert not pictures("replace", 1, Rows(np.zeros((1, 0, 64))), human)
    assert not pictures("replace", 1, human.moments(), human)
    assert not pictures("replace", 1, Symbols(np.zeros((1, 3), np.int64), 2), human)
    with pytest.raises(BadInput, match="not pictures"):
        grid(Rows(np.zeros((1, 3, 64))))


def test_only_a_png_file_is_a_picture() -> None:
    for png in (b"", b"GIF89a" + bytes(50), SIGNATURE):
        with pytest.raises(BadInput, match="generation 3 under replace is not a PNG"):
            Picture("replace", 3, png)
    with pytest.raises(ValueError):
        Picture.read({"policy": "replace", "generation": 3, "png": "not base 64!"})


@pytest.fixture(name="history", scope="module")
def _history() -> History:
    chain = Chain("gaussian", "builtin:digits", ["replace", "accumulate"], ["std"], sample_size=100)
    return chain.run(2, 2, exact=False, engine="serial")


def test_a_chain_of_pictures_shows_them(history: History) -> None:
    found = {(picture.policy, picture.generation) for picture in history.pictures}
    assert found == {(policy, generation) for policy in history.policies for generation in (0, 1, 2)}
    assert page(history).count("data:image/png;base64,") == 1 + 2 * 2


def test_pictures_are_saved_with_a_history(history: History, tmp_path) -> None:
    history.save(tmp_path)
    assert History.load(tmp_path).pictures == history.pictures
    assert page(History.load(tmp_path)) == page(history)
    (tmp_path / "pictures.jsonl").write_text('{"policy": "replace", "generation": 0, "png": "AAAA"}\n')
    with pytest.raises(BadInput, match="not a PNG"):
        History.load(tmp_path)
