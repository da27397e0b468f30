"""What generations wrote, as Parquet: every record with where it came from, whatever kind of record it is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from outcross.core.batch import Batch
from outcross.core.errors import MissingInput, OutputRefused
from outcross.core.model import Fitted, Stored
from outcross.core.part import build, words
from outcross.core.recipe import Recipe
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.lab.archive import Archive
from outcross.lab.steps import Step
from outcross.lab.trial import Trial

POLICY = words(build("policy", "filtered(policy=anchor(real=0.1), keep=0.5)"))
WRITTEN = ["the cat", "", 'a "quoted"\n, line', "猫 🐈"]


class Plain(Fitted):
    def sample(self, n: int, seed: Seed) -> Batch:
        return Rows(np.zeros((1, n, 1)))


class Kept(Stored):
    digest = "d" * 32

    def sample(self, n: int, seed: Seed) -> Batch:
        return Rows(np.zeros((1, n, 1)))

    def save(self, folder: Path) -> None: ...


def step(output: Batch, fitted: Fitted | None = None, generation: int = 3) -> Step:
    model = fitted or Plain()
    return Step(generation, Recipe((), 1), model, model, output)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "run", POLICY, Trial(2, 7, 1, 99), "ngram(order=2)")


def test_texts_with_where_they_came_from(archive: Archive) -> None:
    archive.write(step(Texts.of(WRITTEN), Kept()))
    file = archive.folder / "generations/2-filtered/replicate-007/generation-003.parquet"
    assert file == archive.path(3)
    frame = pl.read_parquet(file)
    assert frame.to_dict(as_series=False) == {
        "id": ["2-7-3-0", "2-7-3-1", "2-7-3-2", "2-7-3-3"],
        "text": WRITTEN,
        "origin": ["synthetic"] * 4,
        "generation": [3] * 4,
        "generator": ["ngram(order=2)"] * 4,
        "digest": ["d" * 32] * 4,
        "policy": [POLICY] * 4,
        "replicate": [7] * 4,
        "seed": [99] * 4,
    }


@pytest.mark.parametrize(("edit", "origin"), [(None, "synthetic"), (0.99, "mixed")])
def test_what_joins_the_pool_has_a_file_of_its_own(archive: Archive, edit: float | None, origin: str) -> None:
    """Where it is not what was written: the best of several candidates, or edited texts."""
    written = Texts.of(WRITTEN)
    archive.write(step(written, Kept()))
    alone = pl.read_parquet(archive.path(3))
    assert [path.name for path in archive.path(3).parent.iterdir()] == ["generation-003.parquet"]
    pooled = dataclasses.replace(step(written, Kept()), recipe=Recipe((), 2, edit=edit), pooled=Texts.of(WRITTEN[2:]))
    archive.write(pooled)
    assert pl.read_parquet(archive.path(3)).equals(alone), "what was written is as it was"
    assert archive.texts(3, written.vocabulary).strings() == tuple(WRITTEN)
    frame = pl.read_parquet(archive.path(3).with_name("generation-003-pooled.parquet"))
    assert frame.schema == alone.schema
    assert frame["text"].to_list() == WRITTEN[2:]
    assert frame["id"].to_list() == ["2-7-3-pooled-0", "2-7-3-pooled-1"]
    assert frame["origin"].to_list() == [origin] * 2
    assert frame["digest"].to_list() == ["d" * 32] * 2


def test_texts_are_read_again(archive: Archive) -> None:
    vocabulary = Texts.of(["the dog"]).vocabulary
    archive.write(step(Texts.of(WRITTEN)))
    found = archive.texts(3, vocabulary)
    assert found.strings() == tuple(WRITTEN)
    assert found.vocabulary.words[: len(vocabulary)] == vocabulary.words
    with pytest.raises(MissingInput, match="no texts of generation 4"):
        archive.texts(4, vocabulary)
    archive.write(step(Rows(np.zeros((1, 3, 2))), generation=5))
    with pytest.raises(MissingInput, match="no texts of generation 5"):
        archive.texts(5, vocabulary)


def test_rows_are_lists_of_numbers(archive: Archive) -> None:
    values = np.random.default_rng(0).random((1, 5, 3))
    archive.write(step(Rows(values)))
    frame = pl.read_parquet(archive.path(3))
    np.testing.assert_array_equal(np.array(frame["values"].to_list()), values[0].astype(np.float32))
    assert frame["digest"].to_list() == [None] * 5
    assert frame.columns[:2] == ["id", "values"]


def test_other_records_are_not_kept(archive: Archive) -> None:
    archive.write(step(Symbols(np.zeros((1, 5), dtype=np.int64), 3)))
    assert not archive.folder.exists()


def test_a_generation_is_written_again_whole_or_not_at_all(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.write(step(Texts.of(["one"])))
    archive.write(step(Texts.of(["two"])))
    assert pl.read_parquet(archive.path(3))["text"].to_list() == ["two"]
    monkeypatch.setattr("outcross.lab.files.os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "no space")))
    with pytest.raises(OutputRefused, match="no space"):
        archive.write(step(Texts.of(["three"])))
    assert pl.read_parquet(archive.path(3))["text"].to_list() == ["two"]
    assert [path.name for path in archive.path(3).parent.iterdir()] == ["generation-003.parquet"]


def test_two_policies_of_one_name_have_folders_of_their_own(archive: Archive) -> None:
    other = dataclasses.replace(archive, trial=Trial(3, 7, 1, 99))
    assert archive.path(1).parent != other.path(1).parent
