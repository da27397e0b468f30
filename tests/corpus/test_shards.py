"""Every line of every input belongs to exactly one part, whatever the size of the parts, and bears its number."""

from __future__ import annotations

import contextlib
import gzip
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcross.core.errors import BadInput, MissingInput
from outcross.corpus import shards as module
from outcross.corpus.footer import row_groups
from outcross.corpus.intake import take_in
from outcross.corpus.shards import Shard, left_out, shards

ODD = '{"text": "a\u2028b\x85c\\u000b"}'


def rows(parts: list[Shard]) -> list[tuple[object, ...]]:
    """All that is taken in of some parts, and what is rejected."""
    found: list[tuple[object, ...]] = []
    for shard in parts:
        for intake in take_in(shard, rows=3):
            found += intake.frame.select("line", "text").rows()
            found += [(one.line, one.kind, one.raw) for one in intake.rejected]
    return sorted(found, key=lambda row: int(str(row[0])))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(['{"text": "a cat"}', "", ODD, '{"text": "', '{"text": "' + "long " * 30 + '"}', "\r"])),
    st.integers(1, 6),
    st.integers(1, 300),
    st.booleans(),
)
def test_every_line_belongs_to_one_part(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], most: int, size: int, ended: bool
) -> None:
    path = tmp_path_factory.mktemp("parts") / "a.jsonl"
    data = "\n".join(['{"text": "first"}', *lines, "x"][: None if ended else -1]).encode()
    path.write_bytes(data)
    parts = shards([path], most, size)
    pieces = [data[part.start : part.stop] for part in parts]
    assert b"".join(pieces) == data
    assert [part.first for part in parts] == [1 + data[: part.start].count(b"\n") for part in parts]
    assert [part.place for part in parts] == list(range(len(parts)))
    assert all(0 < piece.count(b"\n") + (not piece.endswith(b"\n")) <= most for piece in pieces)
    assert all(piece.endswith(b"\n") for piece in pieces[:-1])
    assert all(piece.rstrip(b"\n").rfind(b"\n") + 1 < size for piece in pieces)
    assert rows(parts) == rows(shards([path]))


def test_pieces_that_are_read_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(b'{"text": "%s"}\n' % (b"cat" * (number % 7)) for number in range(200)))
    whole = [shards([path], most, size) for most, size in ((7, 2**20), (100, 90), (1, 1), (200, 2**20))]
    for piece in (1, 10, 64):
        monkeypatch.setattr(module, "PIECE", piece)
        assert [shards([path], most, size) for most, size in ((7, 2**20), (100, 90), (1, 1), (200, 2**20))] == whole


def test_only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f"{ODD}\n{ODD}\r\n", encoding="utf-8", newline="")
    assert rows(shards([path])) == [(1, "a\u2028b\x85c\x0b"), (2, "a\u2028b\x85c\x0b")]
    (tmp_path / "a.csv").write_text('text\na\u2028b\x85c\x0b\n"d\x0c"\n', encoding="utf-8")
    assert rows(shards([tmp_path / "a.csv"])) == [(2, "a\u2028b\x85c\x0b"), (3, "d\x0c")]


@pytest.mark.parametrize("group", [1, 3, 7, 40, 100])
def test_parquet_is_cut_where_row_groups_end(tmp_path: Path, group: int) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"text": [f"cat {number}" for number in range(100)]}).write_parquet(path, row_group_size=group)
    groups = row_groups(path)
    edges = {sum(groups[:place]) for place in range(len(groups) + 1)}
    for most in (1, 4, 10, 1000):
        parts = shards([path], most)
        assert [part.start for part in parts] == [0, *(part.stop for part in parts[:-1])]
        assert parts[-1].stop == 100
        assert all(part.stop - part.start <= most and part.first == part.start + 1 for part in parts)
        if max(groups) <= most:
            assert {part.stop for part in parts} <= edges
        assert rows(parts) == [(number + 1, f"cat {number}") for number in range(100)]


def test_the_footer_of_other_writers(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"text": ["a"] * 1000, "n": [{"x": [1.5]}] * 1000, "none": [None] * 1000})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=300, write_page_index=True)
    assert row_groups(tmp_path / "a.parquet") == [300, 300, 300, 100]


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=200))
def test_any_footer_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, footer: bytes) -> None:
    path = tmp_path_factory.mktemp("footer") / "a.parquet"
    path.write_bytes(b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    with contextlib.suppress(BadInput):
        assert isinstance(row_groups(path), list)


def test_other_files_are_one_part(tmp_path: Path) -> None:
    lines = b'{"text": "a cat"}\n' * 10
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines))
    (tmp_path / "b.csv").write_bytes(b"text\n" + b"a cat\n" * 10)
    (tmp_path / "c.json").write_bytes(b"[" + b",".join(lines.split(b"\n")[:-1]) + b"]")
    (tmp_path / "d.txt").write_bytes(b"a cat\n" * 10)
    (tmp_path / "e.parquet.md").write_bytes(b"x")
    parts = shards([tmp_path / name for name in ("a.jsonl.gz", "b.csv", "c.json", "d.txt")], 2, 10)
    assert [Path(part.path).name for part in parts] == ["a.jsonl.gz", "b.csv", "c.json", "d.txt"]
    assert [len(rows([part])) for part in parts] == [10] * 4
    assert [Path(part.path).name for part in shards([tmp_path])] == ["a.jsonl.gz", "b.csv", "c.json"]
    assert [Path(name).name for name in left_out([tmp_path])] == ["d.txt", "e.parquet.md"]


def test_a_folder_of_texts_is_cut_between_files(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / f"{number}.txt").write_text(f"cat {number}")
    for most, size in ((3, 2**20), (100, 10), (1, 1), (100, 2**20)):
        parts = shards([tmp_path], most, size)
        assert [name for part in parts for name in part.names] == [f"{number}.txt" for number in range(10)]
        assert rows(parts) == [(number + 1, f"cat {number}") for number in range(10)]
    assert [part.stop for part in shards([tmp_path], 3)] == [3, 6, 9, 10]


def test_what_is_no_input(tmp_path: Path) -> None:
    (tmp_path / "cats.jsonl").write_bytes(b"")
    with pytest.raises(MissingInput, match=r"did you mean 'cats\.jsonl'"):
        shards([tmp_path / "cat.jsonl"])
    with pytest.raises(BadInput, match="is empty"):
        shards([tmp_path / "cats.jsonl"])
    with pytest.raises(BadInput, match="all its files are empty"):
        shards([tmp_path])
    with pytest.raises(BadInput, match="no input"):
        shards([])
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="has no file in it that is read"):
        shards([tmp_path / "empty"])
    with pytest.raises(BadInput, match="at least one row"):
        shards([tmp_path], rows=0)
