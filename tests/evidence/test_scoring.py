"""A table that is scored block by block gets the answers that it would get at once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from outcross.core.errors import BadInput
from outcross.corpus.documents import Columns
from outcross.evidence.judging import ANSWER, PROBABILITY, REASON
from outcross.evidence.scoring import score_table
from outcross.evidence.trained import TrainedDetector
from outcross.evidence.training import train

WORDS = (
    "well i was so late again and my dog sat by the gate",
    "it is important to note that various aspects foster it",
)


@pytest.fixture(scope="module")
def trained() -> TrainedDetector:
    texts = [f"{k} {WORDS[k % 2]} {WORDS[k % 2]} {'so ' * (k % 7)}{WORDS[k % 2]}" for k in range(200)]
    return train(texts, [k % 2 for k in range(200)])


def rows(n: int) -> pl.DataFrame:
    texts = [f"{k + 1000} {WORDS[k % 2]} {WORDS[k % 2]} {'so ' * (k % 5)}{WORDS[k % 2]}" for k in range(n)]
    return pl.DataFrame({"id": range(n), "text": [*texts[:-1], None]})


@pytest.mark.parametrize("size", [20, 30, 100])
def test_blocks_change_nothing(trained: TrainedDetector, tmp_path: Path, size: int) -> None:
    """Sizes that leave a last block of one row, of ten, and of none."""
    path, out = tmp_path / "rows.parquet", tmp_path / "scored.parquet"
    rows(61).write_parquet(path)
    tally = score_table(trained, path, Columns(), out, rows=size)
    whole = score_table(trained, path, Columns())
    assert tally == whole
    assert (tally.texts, tally.empty) == (60, 1)
    frame = pl.read_parquet(out)
    assert frame["id"].to_list() == list(range(61))
    assert frame[PROBABILITY].null_count() == 1
    assert frame.row(60)[2:] == (None, "cannot tell", "there is no text")
    assert set(frame[ANSWER][:60]) <= {"human", "synthetic", "cannot tell"}
    assert frame.filter(pl.col(ANSWER) == "cannot tell")[REASON].str.len_chars().min() > 0


def test_nothing_is_written_of_a_table_without_text(trained: TrainedDetector, tmp_path: Path) -> None:
    path, out = tmp_path / "rows.csv", tmp_path / "scored.csv"
    path.write_text('text\n""\n')
    with pytest.raises(BadInput, match="no text"):
        score_table(trained, path, Columns(), out)
    assert not out.exists()
