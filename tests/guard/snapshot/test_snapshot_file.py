"""A snapshot comes back from its file as it was, and a file that is none says so."""

from __future__ import annotations

import json
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from outcross.core.errors import BadInput, MissingInput, OutputRefused
from outcross.guard.snapshot.file import HEADER
from outcross.guard.snapshot.snapshot import Snapshot
from outcross.guard.watch.compare import compare


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.geometric(0.002, 60).astype(str)) for _ in range(300)]
    return Snapshot.of(texts)


def test_it_comes_back(snapshot: Snapshot, tmp_path: Path) -> None:
    snapshot.save(tmp_path / "one")
    back = Snapshot.load(tmp_path / "one")
    assert back.digest == snapshot.digest
    assert back.heavy.names == snapshot.heavy.names
    assert (back.heavy.held == snapshot.heavy.held).all()
    assert back.texts.shown == snapshot.texts.shown
    assert back.measures() == snapshot.measures()
    assert [change.change.value for change in compare(back, snapshot)] == [
        change.change.value for change in compare(snapshot, snapshot)
    ]


def test_the_same_bytes(snapshot: Snapshot, tmp_path: Path) -> None:
    for name in ("one", "other"):
        snapshot.save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "other"]


def test_numpy_opens_it_without_pickle(snapshot: Snapshot, tmp_path: Path) -> None:
    snapshot.save(tmp_path / "one.npz")
    with np.load(tmp_path / "one.npz", allow_pickle=False) as arrays:
        assert int(arrays["totals"][0].sum()) == 300


def altered(path: Path, **changes: object) -> None:
    """Write the file again with another header."""
    with zipfile.ZipFile(path) as file:
        held = {name: file.read(name) for name in file.namelist()}
    header = json.loads(held[HEADER]) | changes
    with zipfile.ZipFile(path, "w") as file:
        for name, content in held.items():
            file.writestr(name, json.dumps(header) if name == HEADER else content)


def test_a_later_version_is_refused_with_its_number(snapshot: Snapshot, tmp_path: Path) -> None:
    snapshot.save(tmp_path / "one")
    altered(tmp_path / "one", version=[2, 3], by="9.9")
    with pytest.raises(BadInput, match=r"format 2\.3, written by outcross 9\.9; .* update outcross"):
        Snapshot.load(tmp_path / "one")


def test_a_later_version_that_only_adds_is_read(snapshot: Snapshot, tmp_path: Path) -> None:
    snapshot.save(tmp_path / "one")
    altered(tmp_path / "one", version=[1, 9], more={"what": "is new"})
    assert Snapshot.load(tmp_path / "one").digest == snapshot.digest


def test_what_was_altered_is_refused(snapshot: Snapshot, tmp_path: Path) -> None:
    snapshot.save(tmp_path / "one")
    altered(tmp_path / "one", rejected={"broken-line": 7})
    with pytest.raises(BadInput, match="digest"):
        Snapshot.load(tmp_path / "one")


@pytest.mark.parametrize("content", [b"", b"PK", b"{}", b"\x00" * 4000])
def test_what_is_no_snapshot_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(content)
    with pytest.raises(BadInput, match="is no snapshot"):
        Snapshot.load(tmp_path / "one")


def test_every_cut_off_file_is_refused(snapshot: Snapshot, tmp_path: Path) -> None:
    snapshot.save(tmp_path / "one")
    whole = (tmp_path / "one").read_bytes()
    for stop in range(0, len(whole) - 1, len(whole) // 23):
        (tmp_path / "one").write_bytes(whole[:stop])
        with pytest.raises(BadInput):
            Snapshot.load(tmp_path / "one")


def test_damaged_bytes_are_found_or_do_not_matter(snapshot: Snapshot, tmp_path: Path) -> None:
    snapshot.save(tmp_path / "one")
    whole = bytearray((tmp_path / "one").read_bytes())
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(whole), 60).tolist():
        damaged = whole.copy()
        damaged[place] ^= 0x55
        (tmp_path / "one").write_bytes(damaged)
        with suppress(BadInput):
            assert Snapshot.load(tmp_path / "one").digest == snapshot.digest


def test_what_is_not_there(tmp_path: Path, snapshot: Snapshot) -> None:
    with pytest.raises(MissingInput, match="there is no snapshot"):
        Snapshot.load(tmp_path / "none")
    with pytest.raises(MissingInput):
        Snapshot.load(tmp_path)
    with pytest.raises(OutputRefused):
        snapshot.save(tmp_path / "no folder" / "one")
