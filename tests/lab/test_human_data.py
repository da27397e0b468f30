"""What a chain is given to read: held-out data of their own, texts cut into blocks, pictures."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import outcross as oc
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.corpus import read
from outcross.lab.plan import Plan
from outcross.lab.truth import Truth

PICTURES = np.random.default_rng(0).integers(0, 256, (60, 3, 2), dtype=np.uint8)


def write(path: Path, words: str, count: int) -> Path:
    """A text file of random words."""
    rng = np.random.default_rng(len(words))
    path.write_text(" ".join(rng.choice(words.split(), count)))
    return path


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return write(tmp_path / "train.txt", "a b c d", 400), write(tmp_path / "test.txt", "a b c d e", 103)


def chain(data: object, test: object, **settings: object) -> oc.Chain:
    return oc.Chain("ngram(order=2)", data, "replace", ["perplexity", "types"], test=test, **settings)  # type: ignore[arg-type]


# A test side


def test_nothing_of_the_data_is_held_out(files: tuple[Path, Path]) -> None:
    history = chain(*files, block=4).run(2, 2, engine="serial")
    facts = history.facts
    assert (facts.records, facts.heldout, facts.sample_size) == (100, 25, 100)
    assert "held-out data: test.txt, 25 records" in facts.notes
    assert any("records of 4 words; 3 at the ends of texts left out" in note for note in facts.notes)
    assert history.measure("replace", "perplexity", 2).value is not None
    assert facts.digest == chain(*files, block=4).read().digest != read(files[0], as_=oc.Texts, block=4).digest


def test_held_out_texts_are_in_the_vocabulary_of_training(files: tuple[Path, Path]) -> None:
    truth = Truth.of_corpus(chain(*files, block=4).read(), Seed(0), heldout=0.1)
    assert isinstance(truth.train, oc.Texts)
    assert isinstance(truth.heldout, oc.Texts)
    assert truth.train.vocabulary is truth.heldout.vocabulary
    assert "e" not in truth.train.vocabulary.words
    assert (truth.heldout.codes == 0).mean() == pytest.approx(
        np.mean([word == "e" for text in truth.heldout.strings() for word in text.split()])
    )


def test_symbols_and_pictures_too() -> None:
    symbols = Truth.of_corpus(oc.Chain("categorical", ["a", "b", "a"], test=["c", "a"]).read(), Seed(0))
    assert isinstance(symbols.train, Symbols)
    assert isinstance(symbols.heldout, Symbols)
    assert (symbols.train.size, symbols.heldout.size, symbols.train.types) == (3, 2, 3)
    rows = Truth.of_corpus(oc.Chain("gaussian", PICTURES, test=PICTURES[:20]).read(), Seed(0))
    for side, size in ((rows.train, 60), (rows.heldout, 20)):
        assert isinstance(side, Rows)
        assert (side.size, side.shape) == (size, (3, 2))
    assert rows.human(5, 2, Seed(1)).shape == (3, 2)  # type: ignore[attr-defined]
    history = oc.Chain("gaussian", PICTURES, metrics=["variance"], test=PICTURES[:20]).run(2, 2, engine="serial")
    assert (history.plan.data, history.plan.test) == ("<ndarray>", "<ndarray>")


def test_another_test_side_is_another_run(files: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    chain(*files, block=4).run(1, 1, engine="serial", out=folder)
    write(files[1], "a b c d e f", 103)
    with pytest.raises(oc.OutputRefused, match="holds a run of other data"):
        chain(*files, block=4).run(1, 1, engine="serial", out=folder, resume=True)


def test_a_test_side_that_cannot_be_used(files: tuple[Path, Path]) -> None:
    with pytest.raises(oc.BadSetting, match=r"^give heldout, a share .*: not both$"):
        chain(*files, heldout=0.2)
    with pytest.raises(oc.MissingInput, match=r"did you mean 'test\.txt'"):
        chain(files[0], files[1].with_name("tests.txt")).run(1, 1, engine="serial")
    with pytest.raises(oc.BadInput, match="is a population"):
        oc.Chain("gaussian", "normal", test=[1.0, 2.0]).run(1, 1, engine="serial")


# A plan


def test_a_plan_spells_both() -> None:
    plan = Plan(data="a.txt", test="my test.txt", block=64, unit="space")
    assert Plan.from_toml(plan.to_toml()) == plan
    assert shlex.split(plan.command()) == [
        "outcross", "run", "--data", "a.txt", "--test", "my test.txt", "--unit", "space", "--block", "64",
    ]  # fmt: skip
    assert oc.Chain.from_plan(plan).test == "my test.txt"
    assert plan.digest != Plan(data="a.txt", test="my test.txt", block=32, unit="space").digest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("block = 0", "block must be a whole number >= 1, not 0"),
        ("block = 1.5", "block must be a whole number >= 1, not 1.5"),
        ("block = 10_000_000_000", "block must be at most"),
        ("test = 3", "test must be text, not 3"),
        ("test = 'a'\nheldout = 0.1", "not both"),
    ],
)
def test_bad_plans(text: str, message: str) -> None:
    with pytest.raises(oc.BadSetting, match=message):
        Plan.from_toml(text)


def test_the_command_line(files: tuple[Path, Path], tmp_path: Path) -> None:
    """The options reach the chain; what a run wrote is data for another."""
    from typer.testing import CliRunner

    from outcross.cli import app

    generation = tmp_path / "generation-001.parquet"
    texts = [f"a {word} c d" for word in "abcdefgh"]
    columns = {"id": [*range(8)], "text": texts, "origin": ["synthetic"] * 8, "generation": [1] * 8}
    pl.DataFrame(columns).write_parquet(generation)
    command = ["run", "--data", generation, "--test", files[1], "--block", "2", "--model", "ngram(order=2)", "--policy",
               "replace", "--metric", "types", "--generations", "1", "--replicates", "1", "--engine", "serial",
               "--out", tmp_path / "run", "--json"]  # fmt: skip
    result = CliRunner().invoke(app, list(map(str, command)))
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)["facts"]
    assert (facts["data"], facts["records"], facts["heldout"]) == ("generation-001.parquet", 16, 51)
    plan = Plan.read(tmp_path / "run" / "plan.toml")
    assert (plan.block, plan.test) == (2, str(files[1]))


def test_texts_of_a_generation_are_a_corpus(tmp_path: Path) -> None:
    path = tmp_path / "generation-001.parquet"
    columns = {"id": [0, 1], "text": ["a cat", "a dog"], "origin": ["human", "synthetic"], "generation": [0, 1]}
    pl.DataFrame(columns).write_parquet(path)
    texts = read(path, as_=oc.Texts, group="origin").records
    assert isinstance(texts, oc.Texts)
    assert texts.names == ("human", "synthetic")
    assert texts.strings() == ("a cat", "a dog")
