"""Broken files: what is kept of each, what is rejected with which line and why, and what stops the reading."""

from __future__ import annotations

import datetime
import gzip
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcross.core.errors import BadInput, MissingInput
from outcross.corpus import batches, intake, objects
from outcross.corpus.cast import cast, plain
from outcross.corpus.fields import Fields
from outcross.corpus.files import zstd
from outcross.corpus.intake import Intake, Rejected, from_dataset, take_in
from outcross.corpus.rejected import Unfit
from outcross.corpus.shards import shards

CAT, DOG, BIRD = (b'{"text": "a %s", "id": "%s"}\n' % (name, name) for name in (b"cat", b"dog", b"bird"))
MANY = b"".join(b'{"text": "cat %d"}\n' % number for number in range(50_000))
LINES = [(b"a cat", 1), (b"a dog", 2)]


def taken(*paths: Path, fields: Fields | None = None, rows: int = 10_000) -> tuple[pl.DataFrame, list[Rejected]]:
    """All that is taken in of some inputs, as one table, and all that is rejected."""
    intakes = [one for shard in shards(paths) for one in take_in(shard, fields, rows)]
    assert intakes, "nothing was said of the input"
    frame = pl.concat([one.frame for one in intakes], how="diagonal")
    return frame, [rejected for one in intakes for rejected in one.rejected]


def parquet(rows: dict[str, list[Any]], group: int = 100) -> bytes:
    """A Parquet file."""
    file = io.BytesIO()
    pl.DataFrame(rows).write_parquet(file, row_group_size=group, compression="uncompressed")
    return file.getvalue()


def deep(levels: int) -> bytes:
    """An object with a list of lists of lists."""
    return b'{"text": "a", "x": ' + b"[" * levels + b"]" * levels + b"}\n"


TABLE = parquet({"text": [f"cat {n}" for n in range(300)], "id": [str(n) for n in range(300)]})
STRAY = b'id,text\n1,"a\n' + b'"",a cat\n' * 20_000
BLANK = parquet({"text": ["a", None, " \x1c"]})
HOLED = TABLE.replace(b"cat 150", b"cat \xff50").replace(b"cat 101", b"cat \xff01")

# name, file, its bytes, records kept, (kind, line) of what is rejected
KEPT: list[tuple[str, str, bytes, int, list[tuple[str, int]]]] = [
    ("nothing wrong", "a.jsonl", CAT + DOG, 2, []),
    ("a last line without its end", "a.jsonl", CAT + DOG[:-1], 2, []),
    ("a truncated last line", "a.jsonl", CAT + DOG[:-9], 1, [("broken-line", 2)]),
    ("a truncated line in the middle", "a.jsonl", CAT + DOG[:9] + b"\n" + BIRD, 2, [("broken-line", 2)]),
    ("two objects in a line", "a.jsonl", CAT[:-1] + DOG + BIRD, 1, [("broken-line", 1)]),
    ("an object over two lines", "a.jsonl", b'{"text":\n"a"}\n' + CAT, 1, [("broken-line", 1), ("broken-line", 2)]),
    ("a comma too many", "a.jsonl", b'{"text": "a",}\n' + CAT, 1, [("broken-line", 1)]),
    ("single quotation marks", "a.jsonl", b"{'text': 'a'}\n" + CAT, 1, [("broken-line", 1)]),
    ("a tab in a text", "a.jsonl", b'{"text": "a\tb"}\n' + CAT, 1, [("broken-line", 1)]),
    ("an unknown escape", "a.jsonl", b'{"text": "a\\x41"}\n' + CAT, 1, [("broken-line", 1)]),
    ("a list", "a.jsonl", b'["a cat"]\n' + CAT, 1, [("not-an-object", 1)]),
    ("a text", "a.jsonl", b'"a cat"\n' + CAT, 1, [("not-an-object", 1)]),
    ("null", "a.jsonl", b"null\n" + CAT, 1, [("not-an-object", 1)]),
    ("Latin-1", "a.jsonl", CAT + b'{"text": "na\xefve"}\n' + DOG, 2, [("not-utf8", 2)]),
    ("UTF-8 that is cut", "a.jsonl", CAT + b'{"text": "\xe2\x82"}\n' + DOG, 2, [("not-utf8", 2)]),
    ("a surrogate as three bytes", "a.jsonl", b'{"text": "\xed\xa0\x80"}\n' + CAT, 1, [("not-utf8", 1)]),
    ("half a surrogate pair", "a.jsonl", b'{"text": "\\ud800"}\n' + CAT, 1, [("lone-surrogate", 1)]),
    ("half a surrogate pair in a key", "a.jsonl", b'{"text": "a", "\\udc00": 1}\n' + CAT, 1, [("lone-surrogate", 1)]),
    ("a surrogate pair", "a.jsonl", b'{"text": "\\ud83d\\ude00"}\n', 1, []),
    ("a duplicate key", "a.jsonl", b'{"text": "a", "text": "b"}\n' + CAT, 1, [("duplicate-key", 1)]),
    ("a duplicate key, spaced", "a.jsonl", b'{"text" : "a", "text": "\\":"}\n' + CAT, 1, [("duplicate-key", 1)]),
    ("a duplicate key, escaped", "a.jsonl", b'{"text":"a","te\\u0078t":"b"}\n' + CAT, 1, [("duplicate-key", 1)]),
    ("a duplicate key, nested", "a.jsonl", b'{"text": "a", "x": [{"y": 1, "y": 1}]}\n', 0, [("duplicate-key", 1)]),
    ("colons that are no keys", "a.jsonl", b'{"text": "\\": a : \\" :", "x": {"y": ":"}}\n', 1, []),
    ("no text", "a.jsonl", b'{"id": "a"}\n' + CAT, 1, [("no-text", 1)]),
    ("text null", "a.jsonl", b'{"text": null}\n' + CAT, 1, [("no-text", 1)]),
    ("an empty text", "a.jsonl", b'{"text": ""}\n' + CAT, 1, [("no-text", 1)]),
    ("a text of white space", "a.jsonl", b'{"text": " \\n\\u3000\\u001c"}\n' + CAT, 1, [("no-text", 1)]),
    ("a number for a text", "a.jsonl", b'{"text": 5}\n' + CAT, 1, [("not-a-text", 1)]),
    ("a list for a text", "a.jsonl", b'{"text": ["a"]}\n' + CAT, 1, [("not-a-text", 1)]),
    ("an object for a text", "a.jsonl", b'{"text": {"en": "a"}}\n' + CAT, 1, [("not-a-text", 1)]),
    ("a number for an id", "a.jsonl", b'{"text": "a", "id": 17}\n', 1, []),
    ("a list for an id", "a.jsonl", b'{"text": "a", "id": [1]}\n' + CAT, 1, [("bad-field", 1)]),
    ("confidence in a word", "a.jsonl", b'{"text": "a", "confidence": "high"}\n' + CAT, 1, [("bad-field", 1)]),
    ("confidence in percent", "a.jsonl", b'{"text": "a", "confidence": 95}\n' + CAT, 1, [("bad-field", 1)]),
    ("generation below 0", "a.jsonl", b'{"text": "a", "generation": -1}\n' + CAT, 1, [("bad-field", 1)]),
    ("half a generation", "a.jsonl", b'{"text": "a", "generation": 0.5}\n' + CAT, 1, [("bad-field", 1)]),
    ("a truth for a generation", "a.jsonl", b'{"text": "a", "generation": true}\n' + CAT, 1, [("bad-field", 1)]),
    ("parents that are no ids", "a.jsonl", b'{"text": "a", "parents": [null]}\n' + CAT, 1, [("bad-field", 1)]),
    ("metadata against a column", "a.jsonl", b'{"text":"a","x":1,"metadata":{"x":2}}\n', 0, [("duplicate-key", 1)]),
    ("NUL as an escape", "a.jsonl", b'{"text": "a\\u0000b"}\n', 1, []),
    ("NUL as a byte", "a.jsonl", CAT + b"\0\0\0\0\n" + DOG, 2, [("broken-line", 2)]),
    ("a byte order mark", "a.jsonl", b"\xef\xbb\xbf" + CAT + DOG, 2, []),
    ("a byte order mark in the middle", "a.jsonl", CAT + b"\xef\xbb\xbf" + DOG, 2, []),
    ("line ends of Windows", "a.jsonl", (CAT + DOG).replace(b"\n", b"\r\n"), 2, []),
    ("blank lines", "a.jsonl", b"\n" + CAT + b" \t\r\n\n" + DOG[:5] + b"\n\n", 1, [("broken-line", 5)]),
    ("blank lines alone", "a.jsonl", b"\n\n \n", 0, [("empty", 1)]),
    ("a number too large", "a.jsonl", b'{"text": "a", "x": 1e999}\n' + CAT, 1, [("bad-number", 1)]),
    ("a number too long", "a.jsonl", b'{"text": "a", "x": 1' + b"0" * 5000 + b"}\n" + CAT, 1, [("bad-number", 1)]),
    ("a whole number of 90 bits", "a.jsonl", b'{"text": "a", "x": 1237940039285380274899124224}\n', 1, []),
    ("NaN and Infinity", "a.jsonl", b'{"text": "a", "x": [NaN, -Infinity]}\n', 1, []),
    ("300 levels", "a.jsonl", deep(300), 1, []),
    ("100,000 levels", "a.jsonl", deep(100_000) + CAT, 1, [("too-deep", 1)]),
    ("UTF-16", "a.jsonl", (CAT + DOG).decode().encode("utf-16"), 0, [("not-utf8", 1)]),
    ("UTF-16 without its mark", "a.jsonl", (CAT + DOG).decode().encode("utf-16-le"), 0, [("not-utf8", 1)]),
    ("gzip by another name", "a.jsonl", gzip.compress(CAT), 0, [("not-utf8", 1)]),
    ("Parquet by another name", "a.csv", parquet({"text": ["a"]}), 0, [("not-utf8", 1)]),
    ("gzip", "a.jsonl.gz", gzip.compress(CAT + DOG), 2, []),
    ("gzip without its end", "a.jsonl.gz", gzip.compress(CAT + DOG)[:-8], 2, [("damaged", 3)]),
    ("gzip with a wrong checksum", "a.jsonl.gz", gzip.compress(CAT)[:-8] + b"\1" * 8, 1, [("damaged", 2)]),
    ("gzip with something after it", "a.jsonl.gz", gzip.compress(CAT) + b"rubbish!", 1, [("damaged", 2)]),
    ("no gzip at all", "a.jsonl.gz", CAT, 0, [("unreadable", 1)]),
    ("Zstandard without its end", "a.jsonl.zst", zstd.compress(CAT + DOG)[:-3], 0, [("unreadable", 1)]),
    ("no Zstandard at all", "a.jsonl.zst", CAT, 0, [("unreadable", 1)]),
    ("a list in JSON", "a.json", b"[" + CAT + b"," + DOG + b"]", 2, []),
    ("one object in JSON", "a.json", json.dumps({"text": "a cat"}, indent=1).encode(), 1, []),
    ("objects after one another", "a.json", json.dumps({"text": "a"}, indent=1).encode() * 3, 3, []),
    ("JSON lines called JSON", "a.json", CAT + DOG[:9] + b"\n" + BIRD, 2, [("broken-line", 2)]),
    ("a list that is cut", "a.json", b"[" + CAT + b"," + DOG[:9], 1, [("broken-line", 2)]),
    ("a list that does not end", "a.json", b"[" + CAT + b"," + DOG, 2, [("broken-line", 3)]),
    ("an empty list", "a.json", b"[]", 0, [("empty", 1)]),
    ("a list of texts", "a.json", b'["a", {"text": "b"}]', 1, [("not-an-object", 1)]),
    ("a duplicate key in a list", "a.json", b'[{"text": "a", "text": "b"},' + CAT + b"]", 1, [("duplicate-key", 1)]),
    ("Latin-1 in a list", "a.json", b'[{"text": "na\xefve"},' + CAT + b"]", 1, [("not-utf8", 1)]),
    ("half a pair in a list", "a.json", b'[{"text": "\\ud800"},' + CAT + b"]", 1, [("lone-surrogate", 1)]),
    ("a list without end of levels", "a.json", b"[" + CAT + b"," + deep(100_000) + b"]", 1, [("too-deep", 2)]),
    ("a table in CSV", "a.csv", b"id,text\n1,a cat\n2,a dog\n", 2, []),
    ("CSV of Windows", "a.csv", b"\xef\xbb\xbftext,id\r\na cat,1\r\na dog,2", 2, []),
    ("a row too short", "a.csv", b"id,text\n1\n2,a dog\n", 1, [("ragged", 2)]),
    ("a row too long", "a.csv", b"id,text\n1,a cat, asleep\n2,a dog\n", 1, [("ragged", 2)]),
    ("a line end in quotation marks", "a.csv", b'id,text\n1,"a\n""cat"""\n2,\n3,a dog\n', 2, [("no-text", 4)]),
    ("a quotation mark not closed", "a.csv", b'id,text\n1,"a cat\n2,a dog\n3,b\n', 2, [("unclosed-quote", 2)]),
    ("closed by another", "a.csv", b'id,text\n1,"a cat\n2,"a dog"\n3,b\n', 2, [("unclosed-quote", 2)]),
    ("a quotation mark over many", "a.csv", STRAY, 20_000, [("unclosed-quote", 2)]),
    ("two cells over two lines", "a.csv", b'id,text\n"a\nb","c\nd"\n1,a cat\n', 2, []),
    ("after a quotation mark", "a.csv", b'id,text\n1,"a" cat\n2,a dog\n', 1, [("broken-line", 2)]),
    ("Latin-1 in CSV", "a.csv", b"id,text\n1,na\xefve\n2,a dog\n", 1, [("not-utf8", 2)]),
    ("Latin-1 in the head of CSV", "a.csv", b"na\xefve,text\n1,a cat\n", 0, [("not-utf8", 1)]),
    ("an empty name of a column", "a.csv", b",text\n0,a cat\n", 1, []),
    ("CSV with its head alone", "a.csv", b"id,text\n", 0, [("empty", 1)]),
    ("CSV in UTF-16", "a.csv", "id,text\n1,a\n".encode("utf-16"), 0, [("not-utf8", 1)]),
    ("confidence in a word in CSV", "a.csv", b"text,confidence\na,high\nb,0.5\n", 1, [("bad-field", 2)]),
    ("TSV", "a.tsv", b"id\ttext\n1\ta, cat\n", 1, []),
    ("a text of lines", "a.txt", b"a cat\na dog\n", 2, []),
    ("a text of paragraphs", "a.txt", b"a cat\nsleeps\n\n\na dog\r\n", 2, []),
    ("a text in Latin-1", "a.txt", b"a cat\n\nna\xefve\n\na dog\n", 2, [("not-utf8", 3)]),
    ("Parquet", "a.parquet", TABLE, 300, []),
    ("Parquet that is cut", "a.parquet", TABLE[:-100], 0, [("unreadable", 1)]),
    ("Parquet with rubbish for a footer", "a.parquet", TABLE[:-60] + b"\xff" * 52 + TABLE[-8:], 0, [("unreadable", 1)]),
    ("no Parquet at all", "a.parquet", CAT, 0, [("unreadable", 1)]),
    ("Parquet with a damaged row group", "a.parquet", HOLED, 200, [("damaged", 101)]),
    ("Parquet with empty texts", "a.parquet", BLANK, 1, [("no-text", 2), ("no-text", 3)]),
    ("Parquet with numbers for texts", "a.parquet", parquet({"text": [1]}), 0, [("not-a-text", 1)]),
    ("Parquet with bytes for texts", "a.parquet", parquet({"text": [b"a", b"\xff"]}), 1, [("not-utf8", 2)]),
    ("Parquet without rows", "a.parquet", parquet({"text": []}), 0, [("empty", 1)]),
]  # fmt: skip

# name, file, its bytes or None, what stops it, a word of what is said
STOPPED: list[tuple[str, str, bytes | None, type[Exception], str]] = [
    ("no file", "a.jsonl", None, MissingInput, "no file"),
    ("an empty file", "a.jsonl", b"", BadInput, "is empty"),
    ("a kind that is not read", "a.docx", CAT, BadInput, "is none of"),
    ("CSV without texts", "a.csv", b"id,txt\n1,a\n", MissingInput, "did you mean 'txt'"),
    ("CSV with two columns of one name", "a.csv", b"text,x,x\na,1,2\n", BadInput, "two columns called 'x'"),
    ("Parquet without texts", "a.parquet", parquet({"body": ["a"]}), MissingInput, "a.parquet"),
]


def test_there_are_enough() -> None:
    assert len({name for name, *_ in KEPT}) == len(KEPT) > 40
    assert HOLED != TABLE


@pytest.mark.parametrize(("file", "data", "kept", "rejected"), [case[1:] for case in KEPT], ids=[c[0] for c in KEPT])
def test_a_broken_file(tmp_path: Path, file: str, data: bytes, kept: int, rejected: list[tuple[str, int]]) -> None:
    path = tmp_path / file
    path.write_bytes(data)
    frame, found = taken(path)
    assert (frame.height, [(one.kind, one.line) for one in found]) == (kept, rejected)
    assert frame["text"].null_count() == 0
    assert frame["line"].is_sorted()
    assert all(one.file == str(path) and one.reason and len(one.raw) <= 2**16 for one in found)
    for metadata in frame["metadata"].drop_nulls():
        assert isinstance(json.loads(metadata), dict)


@pytest.mark.parametrize(("file", "data", "error", "said"), [case[1:] for case in STOPPED], ids=[c[0] for c in STOPPED])
def test_what_stops_it(tmp_path: Path, file: str, data: bytes | None, error: type[Exception], said: str) -> None:
    if data is not None:
        (tmp_path / file).write_bytes(data)
    with pytest.raises(error, match=said):
        taken(tmp_path / file)


def test_what_is_rejected_is_kept_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(CAT + b'{"text": "na\xefve"}\r\n' + DOG)
    [rejected] = taken(path)[1]
    assert rejected.raw == b'{"text": "na\xefve"}\r'


def test_a_cut_gzip_keeps_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    packed = gzip.compress(MANY)
    path.write_bytes(packed[: len(packed) // 2])
    frame, [rejected] = taken(path)
    assert 10_000 < frame.height < 50_000
    assert (rejected.kind, rejected.line) == ("damaged", frame.height + 1)
    assert frame["text"].to_list() == [f"cat {number}" for number in range(frame.height)]


def test_a_cut_zstandard_keeps_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.zst"
    packed = zstd.compress(b"".join(b'{"text": "%s"}\n' % os.urandom(400).hex().encode() for _ in range(2000)))
    path.write_bytes(packed[: len(packed) // 2])
    frame, [rejected] = taken(path)
    assert frame.height > 100
    assert (rejected.kind, rejected.line) == ("damaged", frame.height + 1)


def test_a_line_too_long_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "LONGEST", 2**20)
    path = tmp_path / "a.jsonl"
    path.write_bytes(CAT + b'{"text": "' + b"a" * 9_000_000 + b'"}\n' + DOG + BIRD[:-1] + b" " * 6_000_000)
    frame, found = taken(path)
    assert frame["line"].to_list() == [1, 3]
    assert [(one.kind, one.line, len(one.raw)) for one in found] == [("too-long", 2, 2**16), ("too-long", 4, 2**16)]
    assert "9,000,012 bytes" in found[0].reason


def test_a_text_too_long_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "LONGEST", 100)
    (tmp_path / "a.txt").write_bytes(b"a cat\n\n" + b"long\n" * 50 + b"\na dog\n")
    frame, found = taken(tmp_path / "a.txt")
    assert frame["text"].to_list() == ["a cat", "a dog"]
    assert [(one.kind, one.line) for one in found] == [("too-long", 3)]
    frame, found = taken(tmp_path)
    assert (frame.height, [one.kind for one in found]) == (0, ["too-long"])


def test_a_file_that_shrinks_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(CAT + DOG)
    [shard] = shards([path])
    path.write_bytes(CAT)
    [found] = take_in(shard)
    assert found.frame.height == 1
    assert [(one.kind, one.line) for one in found.rejected] == [("damaged", 2)]
    path.unlink()
    [found] = take_in(shard)
    assert [one.kind for one in found.rejected] == ["unreadable"]


def test_a_folder_of_texts(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    files = {
        "a.txt": b"a cat\r\n",
        "b.txt": b"na\xefve",
        "c.txt": b" \n",
        "sub/d.txt": b"\xef\xbb\xbfa dog",
        "e.md": b"x",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "f.txt").symlink_to(tmp_path / "f.txt")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / ".hidden.txt").write_bytes(b"not read")
    [shard] = shards([tmp_path])
    (tmp_path / "g.txt").write_bytes(b"not there when it was cut")
    [found] = take_in(shard)
    assert found.frame.select("text", "line", "metadata").rows() == [
        ("a cat\r\n", 1, '{"file":"a.txt"}'),
        ("a dog", 5, '{"file":"sub/d.txt"}'),
    ]
    assert [(Path(one.file).name, one.line, one.kind) for one in found.rejected] == [
        ("b.txt", 2, "not-utf8"),
        ("c.txt", 3, "no-text"),
        ("f.txt", 4, "unreadable"),
    ]
    (tmp_path / "a.txt").unlink()
    [found] = take_in(shard)
    assert found.rejected[0].kind == "unreadable"


def test_a_folder_of_data_files(tmp_path: Path) -> None:
    folder = tmp_path / "x.jsonl"
    folder.mkdir()
    (folder / "b.jsonl").write_bytes(CAT)
    (folder / "a.csv").write_bytes(b"text\na dog\n")
    (folder / "c.jsonl").write_bytes(b"")
    frame, found = taken(folder)
    assert frame["text"].to_list() == ["a dog", "a cat"]
    assert [(Path(one.file).name, one.kind) for one in found] == [("c.jsonl", "empty")]


ROW = {
    "id": 17,
    "text": " a cat ",
    "created": "2024-01-01",
    "parents": "p",
    "confidence": 1,
    "generation": 2,
    "origin": "synthetic",
    "url": "http://é",
    "n": {"b": [1, None], "a": 2**70},
    "metadata": '{"lang": "en"}',
}


def test_nothing_that_a_line_says_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(ROW) + "\n")
    frame, _ = taken(path)
    [row] = frame.to_dicts()
    assert frame.columns == [
        "text",
        "line",
        "id",
        "created",
        "origin",
        "generation",
        "confidence",
        "parents",
        "metadata",
    ]
    assert row.pop("metadata") == f'{{"lang":"en","n":{{"a":{2**70},"b":[1,null]}},"url":"http://é"}}'
    assert row == {
        "text": " a cat ",
        "line": 1,
        "id": "17",
        "created": "2024-01-01",
        "origin": "synthetic",
        "generation": 2,
        "confidence": 1.0,
        "parents": ["p"],
    }


def test_whole_numbers_of_any_size_stay_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    sizes = [2**53 + 1, 2**63 - 1, 2**64 - 1, 2**64, -(2**63) - 1, 10**40 + 1]
    path.write_text("".join(f'{{"text": "a", "id": {n}, "x": {n}}}\n' for n in sizes))
    frame, found = taken(path)
    assert not found
    assert frame["id"].to_list() == [str(n) for n in sizes]
    assert [json.loads(said)["x"] for said in frame["metadata"]] == sizes


def test_nothing_that_a_table_says_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    utc = datetime.UTC
    cells: dict[str, Any] = {
        "text": "a",
        "when": datetime.datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=utc),
        "day": datetime.date(2024, 1, 2),
        "raw": b"\xff",
        "list": [{"b": 1.5, "a": [datetime.date(2024, 1, 2)]}],
        "nan": float("nan"),
        "inf": float("-inf"),
        "none": None,
        "yes": True,
        'odd "name"': "é\n",
    }
    expected = {
        "when": "2024-01-02T03:04:05.000006+00:00",
        "day": "2024-01-02",
        "list": [{"a": ["2024-01-02"], "b": 1.5}],
        "nan": "NaN",
        "inf": "-Infinity",
        "yes": True,
        'odd "name"': "é\n",
    }
    for dropped, more in ((["raw", "list"], {}), ([], {"raw": {"base64": "/w=="}})):
        frame = pl.DataFrame([cells]).drop(dropped)
        frame.write_parquet(path)
        said = taken(path)[0]["metadata"][0]
        wanted = {key: value for key, value in {**expected, **more}.items() if key in frame.columns}
        assert said == orjson.dumps(wanted, option=orjson.OPT_SORT_KEYS).decode()


def test_fields_by_other_names(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("body,doc,text\na cat,1,b\n")
    frame, _ = taken(path, fields=Fields({"text": "body", "id": "doc"}))
    assert frame.rows(named=True) == [{"text": "a cat", "line": 2, "id": "1", "metadata": '{"text":"b"}'}]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"text": st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: f"a{text}")},
            optional={
                "a": st.text(st.characters(exclude_categories=["Cs"])),
                "b": st.integers(-(2**63), 2**63 - 1),
                "c": st.floats(allow_nan=False, allow_infinity=False),
                "d": st.booleans(),
            },
        ),
        min_size=1,
        max_size=8,
    )
)
def test_a_record_is_the_same_from_every_format(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("same")
    (folder / "a.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    (folder / "a.json").write_text(json.dumps(rows))
    kinds = {"text": pl.String, "a": pl.String, "b": pl.Int64, "c": pl.Float64, "d": pl.Boolean}
    pl.DataFrame(rows, schema=kinds).write_parquet(folder / "a.parquet")
    found = [taken(folder / name)[0] for name in ("a.jsonl", "a.json", "a.parquet")]
    assert found[0].rows() == found[1].rows() == found[2].rows()
    rest = [{key: value for key, value in row.items() if key != "text"} for row in rows]
    assert found[0]["metadata"].to_list() == [
        orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode() if row else None for row in rest
    ]


def keyed(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    """JSON objects, some with a key that stands twice."""
    keys = st.sampled_from(["a", "b", '\\":', " :", "\\u0061"])
    spaces = st.sampled_from(["", " ", "\t"])
    pair = st.tuples(keys, spaces, inner).map(lambda one: f'"{one[0]}"{one[1]}:{one[2]}')
    return st.lists(pair, max_size=4).map(lambda pairs: "{" + ",".join(pairs) + "}")


VALUES = st.recursive(
    st.sampled_from(['"x"', '"\\":"', '" :"', '"\\\\"', "1", "null"]),
    lambda inner: keyed(inner) | st.lists(inner, max_size=3).map(lambda ones: "[" + ",".join(ones) + "]"),
    max_leaves=8,
)


@settings(deadline=None, max_examples=200)
@given(keyed(VALUES))
def test_a_duplicate_key_is_always_found(line: str) -> None:
    twice = False

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        twice = twice or len(dict(found)) != len(found)
        return dict(found)

    json.loads(line, object_pairs_hook=pairs)
    _, found, unfit = objects.objects(1, [line.encode()])
    assert (len(found), [error.kind for error in unfit.values()]) == ((0, ["duplicate-key"]) if twice else (1, []))


@settings(deadline=None, max_examples=100)
@given(st.lists(VALUES, max_size=4), st.integers(1, 7), st.booleans())
def test_json_is_read_in_pieces_of_any_size(several: list[str], size: int, as_list: bool) -> None:
    said = ("[" + ",".join(several) + "]" if as_list else " ".join(several)).encode()
    if not as_list and any(one.startswith("[") for one in several):
        return  # a list at the top is one of records
    pieces = [said[at : at + size] for at in range(0, len(said), size)]
    assert b" ".join(raw for *_, raw in objects.values(pieces)) == " ".join(several).encode()


ROWS = [{"text": f'cat, "{n}" : é\n', "id": str(n), "x": {"y": [1.5, None]}, "confidence": 0.5} for n in range(9)]
LINED = "\n".join(map(json.dumps, ROWS)).encode()
WHOLE = {
    "a.jsonl": LINED,
    "a.jsonl.gz": gzip.compress(LINED),
    "a.jsonl.zst": zstd.compress(LINED),
    "a.json": json.dumps(ROWS, indent=1).encode(),
    "b.json": LINED,
    "a.csv": pl.DataFrame(ROWS).drop("x").write_csv().encode(),
    "a.txt": b"a cat\n\nsleeps\n" * 5,
}


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(list(WHOLE)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), st.binary(max_size=3)), min_size=1, max_size=3),
    st.integers(1, 12),
)
def test_no_damage_stops_it(
    tmp_path_factory: pytest.TempPathFactory, name: str, damage: list[tuple[float, int, bytes]], rows: int
) -> None:
    data = WHOLE[name]
    for place, gone, come in damage:
        at = int(place * len(data))
        data = data[:at] + come + data[at + gone :]
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(data)
    try:
        frame, _ = taken(path, rows=rows)
    except (BadInput, MissingInput) as error:  # an empty file, or a table whose head is broken
        assert not data or name == "a.csv", error
    else:
        assert frame["text"].null_count() == 0


def test_blocks_are_no_larger_than_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(MANY)
    [shard] = shards([path])
    for rows, blocks in ((10_000, 5), (7_000, 9)):
        found = [one.frame for one in take_in(shard, rows=rows)]
        assert len(found) <= blocks + 1
        assert max(frame.height for frame in found) <= rows
        assert pl.concat(found)["line"].to_list() == list(range(1, 50_001))


def test_blocks_that_differ_are_joined(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "a", "source": "x"}\n' * intake.STEP + b'{"text": "a", "id": "y"}\n' * intake.STEP)
    [shard] = shards([path])
    [found] = take_in(shard)
    assert found.frame.columns == ["text", "line", "id", "source", "metadata"]
    assert found.frame["id"].null_count() == found.frame["source"].null_count() == intake.STEP


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [("id", {}, "bad-field"), ("parents", "[1", "bad-field"), ("created", False, "bad-field")],
)
def test_values_that_do_not_fit(name: str, value: Any, kind: str) -> None:
    with pytest.raises(Unfit) as error:
        cast(name, value)
    assert error.value.kind == kind


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("parents", '["a", 1]', ["a", "1"]),
        ("parents", [], []),
        ("generation", 2.0, 2),
        ("generation", float("nan"), None),
        ("confidence", "0.5", 0.5),
        ("created", datetime.date(2024, 1, 2), "2024-01-02"),
    ],
)
def test_values_that_fit(name: str, value: Any, found: Any) -> None:
    assert cast(name, value) == found


def test_durations_are_exact() -> None:
    assert plain([datetime.timedelta(days=1, microseconds=10), datetime.timedelta(seconds=-1)]) == [
        "PT86400.00001S",
        "-PT1S",
    ]


DATASETS: list[tuple[str, Callable[[Any], Any]]] = [
    ("map", lambda given: given),
    ("iterable", lambda given: given.to_iterable_dataset()),
]


@pytest.mark.parametrize("made", [made for _, made in DATASETS], ids=[name for name, _ in DATASETS])
def test_a_dataset_of_hugging_face(made: Callable[[Any], Any]) -> None:
    datasets = pytest.importorskip("datasets")
    given = datasets.Dataset.from_dict({"text": ["a", None, "b"], "id": [1, 2, 3], "x": [[1], [2], [3]]})
    found: list[Intake] = list(from_dataset(made(given), rows=2))
    assert pl.concat([one.frame for one in found]).rows() == [("a", 1, "1", '{"x":[1]}'), ("b", 3, "3", '{"x":[3]}')]
    assert [(one.line, one.kind) for one in found[0].rejected] == [(2, "no-text")]
    with pytest.raises(MissingInput):
        next(from_dataset(made(given), Fields({"text": "body"})))
    with pytest.raises(BadInput, match="is empty"):
        next(from_dataset(datasets.Dataset.from_dict({"text": []})))
