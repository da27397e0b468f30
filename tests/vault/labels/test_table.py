"""Files of generated texts, stamped; files of any texts, searched for one's own."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from outcross.core.errors import BadInput, BadSetting
from outcross.corpus.sink import sink
from outcross.vault.labels.register import Register
from outcross.vault.labels.stamp import Stamp
from outcross.vault.labels.table import label_table, own_outputs

TEXT = "It is important to note that cat number {} sleeps a lot, day and night."
ROWS = pl.DataFrame(
    {
        "text": [TEXT.format(number) for number in range(25)] + ["", None, "Yes."],
        "code": [f"{number:04}" for number in range(28)],
        "score": [number / 7 for number in range(28)],
    }
)


def written(folder: Path, suffix: str, frame: pl.DataFrame = ROWS) -> Path:
    path = folder / f"texts{suffix}"
    with sink(path) as add:
        add(frame)
    return path


def read(path: Path) -> pl.DataFrame:
    if path.suffix == ".csv":
        return pl.read_csv(path, infer_schema=False)
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_ndjson(path, infer_schema_length=None)


@pytest.mark.parametrize("to", [".jsonl", ".parquet", ".csv"])
@pytest.mark.parametrize("suffix", [".jsonl", ".parquet", ".csv"])
def test_rows_are_stamped_block_by_block(tmp_path: Path, suffix: str, to: str) -> None:
    path, out = written(tmp_path, suffix), tmp_path / f"out{to}"
    register = Register(tmp_path / "outputs.jsonl")
    done = label_table(path, out, Stamp(generator="mine", register=register), rows=4)
    assert (done.texts, done.empty, len(Register.load(register.path))) == (26, 2, 26)
    frame = read(out)
    assert frame.height == 28 and frame["id"].n_unique() == 27
    assert frame["origin"].to_list() == ["synthetic"] * 25 + [None, None] + ["synthetic"]
    assert frame["code"].to_list() == ROWS["code"].to_list()
    if to != ".csv":
        assert frame.drop_nulls("generation")["generation"].to_list() == [1] * 26
        assert frame["parents"].to_list()[0] == [] and frame["parents"].to_list()[25] is None
        if suffix != ".csv":
            assert frame["score"].to_list() == ROWS["score"].to_list()


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet", ".csv"])
def test_a_stamped_file_can_be_stamped_again(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path, ".jsonl")
    first, again = tmp_path / f"first{suffix}", tmp_path / f"again{suffix}"
    one = Stamp(generator="mine", parents=[{"id": "a", "generation": 4}], license="MIT")
    label_table(path, first, one)
    label_table(first, again, Stamp(generator="mine"))
    assert read(first).equals(read(again))


def test_parents_of_a_column(tmp_path: Path) -> None:
    frame = pl.DataFrame({"text": ["a", "b", "c", "d"], "from": ["x", None, '["y", "z"]', ""]})
    out = tmp_path / "out.parquet"
    label_table(written(tmp_path, ".csv", frame), out, Stamp(generator="mine"), parents="from")
    found = pl.read_parquet(out)
    assert found["parents"].to_list() == [["x"], [], ["y", "z"], []]
    assert found["generation"].to_list() == [None, 1, None, 1]
    lists = pl.DataFrame({"text": ["a", "b"], "parents": [["x", "y"], None]})
    label_table(written(tmp_path, ".jsonl", lists), out, Stamp(generator="mine", generation=3))
    assert pl.read_parquet(out)["parents"].to_list() == [["x", "y"], []]
    csv = tmp_path / "out.csv"
    label_table(written(tmp_path, ".jsonl", lists), csv, Stamp(generator="mine"))
    assert read(csv)["parents"].to_list() == ['["x", "y"]', "[]"]


def test_own_ids_and_other_columns_are_left_alone(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [7, 8], "text": ["a", "b"], "deep": [{"x": 1}, {"x": 2}], "created": ["2020", "2021"]})
    out = tmp_path / "out.parquet"
    label_table(written(tmp_path, ".parquet", frame), out, Stamp(generator="mine"))
    assert pl.read_parquet(out).select(frame.columns).equals(frame)
    with pytest.raises(BadSetting, match="'deep' holds more than one value"):
        label_table(written(tmp_path, ".parquet", frame), tmp_path / "out.csv", Stamp(generator="mine"))


def test_nothing_is_written_where_a_row_says_otherwise(tmp_path: Path) -> None:
    frame = pl.DataFrame({"text": [TEXT.format(number) for number in range(9)], "origin": [None] * 8 + ["human"]})
    out = tmp_path / "out.jsonl"
    with pytest.raises(BadInput, match="record 9 says that it is human"):
        label_table(written(tmp_path, ".jsonl", frame), out, Stamp(generator="mine"), rows=4)
    assert not out.exists()


def test_the_register_is_not_written_over(tmp_path: Path) -> None:
    path, register = written(tmp_path, ".jsonl"), Register(tmp_path / "outputs.jsonl")
    register.add([TEXT], generator="mine")
    before = register.path.read_bytes()
    with pytest.raises(BadSetting, match="is the register"):
        label_table(path, register.path, Stamp(generator="mine", register=register))
    with pytest.raises(BadSetting, match="is the register"):
        own_outputs(path, register, out=register.path)
    with pytest.raises(BadInput, match="no register"):
        label_table(path, tmp_path / "out.jsonl", Stamp(generator="mine", register=Register(path)))
    assert register.path.read_bytes() == before and read(path).height == 28


@pytest.mark.parametrize("content", ["", '{"text": null}\n', '{"text": 3}\n', '{"other": "a"}\n'])
def test_a_file_without_texts_never_passes(tmp_path: Path, content: str) -> None:
    path, register = tmp_path / "texts.jsonl", Register(tmp_path / "outputs.jsonl")
    register.add([TEXT], generator="mine")
    path.write_text(content)
    with pytest.raises((BadInput, LookupError, FileNotFoundError)):
        label_table(path, tmp_path / "out.jsonl", Stamp(generator="mine"))
    with pytest.raises((BadInput, LookupError, FileNotFoundError)):
        own_outputs(path, register, out=tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet", ".csv"])
def test_own_outputs_are_found(tmp_path: Path, suffix: str) -> None:
    register = Register(tmp_path / "outputs.jsonl")
    register.add([TEXT.format(number) for number in range(3, 10)], generator="mine")
    register.add([TEXT.format(20), "Yes."], generator="other")
    out = tmp_path / "found.parquet"
    found = own_outputs(written(tmp_path, suffix), register, out=out, rows=4)
    assert (found.texts, found.empty, found.own, found.short) == (26, 2, 8, 1)
    assert found.generators == {"mine": 7, "other": 1} and found.share == 8 / 26
    assert [example["row"] for example in found.examples] == [4, 5, 6, 7, 8]
    frame = pl.read_parquet(out)
    own = [3 <= number < 10 or number == 20 for number in range(25)]
    assert frame["own_output"].to_list() == [*own, None, None, None]
    assert frame["own_output_generator"].to_list()[-1] == "other"
    assert own_outputs(written(tmp_path, suffix), register).own == 8


def test_what_was_stamped_is_found_for_ever(tmp_path: Path) -> None:
    path, register = written(tmp_path, ".jsonl"), Register(tmp_path / "outputs.jsonl")
    label_table(path, tmp_path / "out.jsonl", Stamp(generator="mine", register=register))
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    pasted = pl.DataFrame({"answer": [f"\n {line['text']} " for line in lines[:25]] + ["My own words."]})
    assert own_outputs(written(tmp_path, ".csv", pasted), register, text="answer").own == 25
