"""Where models are kept: whole or not at all, the first and the last, each with its digest."""

from __future__ import annotations

import errno
import json
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from outcross.core.batch import Batch
from outcross.core.errors import BadInput, OutputRefused
from outcross.core.model import Fitted, Neural, Stored
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.lab.cabinet import Cabinet, Forgotten, write_digests


class Number(Stored):
    """A model that is one number; ``broken`` is raised half-way when it is saved."""

    def __init__(self, number: int, broken: Exception | None = None) -> None:
        self.number, self.broken = number, broken

    def sample(self, n: int, seed: Seed) -> Rows:
        return Rows(np.full((1, n, 1), float(self.number)))

    def save(self, folder: Path) -> None:
        (folder / "model.safetensors").write_text(str(self.number))
        (folder / "tokeniser").mkdir(exist_ok=True)
        (folder / "tokeniser" / "words.txt").write_text("a cat")
        if self.broken is not None:
            raise self.broken

    @property
    def digest(self) -> str:
        return f"{self.number:032d}"


@dataclass(frozen=True)
class Numbers(Neural):
    """The settings of a model that is one number."""

    reads = (Rows,)
    gives: ClassVar[type[Stored]] = Number

    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> Number:
        return Number(data.size)

    def load(self, folder: Path) -> Number:
        return Number(int((folder / "model.safetensors").read_text() or -1))


@pytest.fixture
def cabinet(tmp_path: Path) -> Cabinet:
    return Cabinet(tmp_path / "models" / "trial", Numbers(), keep_all=False)


def inside(cabinet: Cabinet) -> list[str]:
    return sorted(str(path.relative_to(cabinet.folder)) for path in cabinet.folder.rglob("*") if path.is_file())


def test_what_is_put_in_is_held_by_its_folder(cabinet: Cabinet) -> None:
    assert cabinet.get(1) is None
    held = cabinet.put(1, Number(7))
    assert isinstance(held, Number)
    assert held.number == 7
    assert inside(cabinet) == ["00001/digest.json", "00001/model.safetensors", "00001/tokeniser/words.txt"]
    found = cabinet.get(1)
    assert isinstance(found, Number)
    assert found.digest == Number(7).digest
    assert cabinet.get(2) is None
    cabinet.put(1, Number(8))
    again = cabinet.get(1)
    assert isinstance(again, Number)
    assert again.number == 8


def test_what_is_not_stored_is_held_as_it_is(cabinet: Cabinet) -> None:
    class Small(Fitted):
        def sample(self, n: int, seed: Seed) -> Rows:
            return Rows(np.zeros((1, n, 1)))

    small = Small()
    assert cabinet.put(1, small) is small
    assert not cabinet.folder.exists()


@pytest.mark.parametrize("keep_all", [False, True])
def test_the_first_weights_stay_and_others_go(cabinet: Cabinet, keep_all: bool) -> None:
    kept = Cabinet(cabinet.folder, cabinet.model, keep_all)
    for generation in (1, 2, 3):
        kept.put(generation, Number(generation))
        kept.forget(generation - 1)
    kept.forget(2)  # as it is done again after a kill
    weights = [name for name in inside(kept) if name.endswith("model.safetensors")]
    assert weights == [f"0000{generation}/model.safetensors" for generation in ((1, 2, 3) if keep_all else (1, 3))]
    assert [name for name in inside(kept) if name.startswith("00002")] == inside(kept)[3 : 6 if keep_all else 4]
    second = kept.get(2)
    assert second is not None
    assert isinstance(second, Number if keep_all else Forgotten)
    assert second.digest == Number(2).digest
    write_digests(kept.folder.parent, kept.folder.parent / "models.jsonl")
    told = [json.loads(line) for line in (kept.folder.parent / "models.jsonl").read_text().splitlines()]
    assert told == [
        {"trial": "trial", "generation": n, "digest": Number(n).digest, "weights": keep_all or n != 2}
        for n in (1, 2, 3)
    ]


def test_what_was_let_go_can_neither_write_nor_be_saved(cabinet: Cabinet, tmp_path: Path) -> None:
    cabinet.put(2, Number(2))
    (cabinet.folder / "00002" / "model.safetensors").unlink()  # a kill half-way
    gone = cabinet.get(2)
    assert isinstance(gone, Forgotten)
    for use in (lambda: gone.sample(1, Seed(0)), lambda: gone.save(tmp_path)):
        with pytest.raises(BadInput, match=f"the weights of model {Number(2).digest} were not kept"):
            use()
    cabinet.forget(2)
    assert inside(cabinet) == ["00002/digest.json"]
    cabinet.put(2, Number(2))
    assert isinstance(cabinet.get(2), Number)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), OutputRefused, "00002': No space left on device"),
        (OSError("the weights could not be written"), OutputRefused, "the weights could not be written"),
        (BadInput("something else"), BadInput, "something else"),
    ],
)
def test_what_cannot_be_written_whole_is_not_there(
    cabinet: Cabinet, error: Exception, kind: type[Exception], said: str
) -> None:
    cabinet.put(1, Number(1))
    cabinet.put(2, Number(2))
    before = inside(cabinet)
    with pytest.raises(kind, match=said):
        cabinet.put(2, Number(3, error))
    assert inside(cabinet) == before
    found = cabinet.get(2)
    assert isinstance(found, Number)
    assert found.number == 2, "what was there before is still there"


def test_a_file_in_the_way_is_one_line(cabinet: Cabinet) -> None:
    cabinet.folder.parent.mkdir(parents=True)
    cabinet.folder.write_text("not a folder")
    with pytest.raises(OutputRefused, match="cannot write the model"):
        cabinet.put(1, Number(1))


def test_what_a_kill_left_half_written_goes_with_the_next(cabinet: Cabinet) -> None:
    cabinet.put(1, Number(1))
    left = cabinet.folder / ".00002.4711-abcd"
    left.mkdir()
    (left / "model.safetensors").write_text("2")
    (left / "digest.json").write_text("{}")
    assert cabinet.get(2) is None
    cabinet.put(2, Number(2))
    assert {path.split("/")[0] for path in inside(cabinet)} == {"00001", "00002"}


def test_files_are_on_disk_before_they_have_their_name(cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    rename = Path.rename

    def named(self: Path, to: Path) -> Path:
        done.append("named")
        return rename(self, to)

    monkeypatch.setattr("outcross.lab.cabinet.os.fsync", lambda _: done.append("flushed"))
    monkeypatch.setattr(Path, "rename", named)
    cabinet.put(1, Number(1))
    assert done == ["flushed", "flushed", "flushed", "named"]
