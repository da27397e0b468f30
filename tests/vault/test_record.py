"""What a leaf is the hash of: anybody can make it again from the columns, in any language that has JSON."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from outcross.core.canonical import digest
from outcross.vault.record import digested, leaf_data, shaped, with_leaves

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)

SPACES = " \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u2003\u3000"


def _by_hand(row: dict[str, Any]) -> bytes:
    told = {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in row.items()
        if value is not None and name not in ("text", "leaf")
    }
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _same(one: bytes, other: bytes) -> bool:
    """Escapes may be written in two ways; what they say is the same, and all else is byte for byte."""
    return json.loads(one) == json.loads(other) and list(json.loads(one)) == list(json.loads(other))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXT, st.none() | TEXT, st.none() | st.lists(TEXT), st.none() | st.floats(0, 1)), min_size=1))
def test_leaves_by_hand(rows: list[tuple[str, str | None, list[str] | None, float | None]]) -> None:
    columns = {"id": pl.String, "metadata": pl.String, "parents": pl.List(pl.String), "confidence": pl.Float64}
    frame = pl.DataFrame(rows, schema=columns, orient="row").with_columns(text=pl.col("id"))
    found = with_leaves(digested(shaped(frame)))
    for data, row in zip(leaf_data(found), found.iter_rows(named=True), strict=True):
        assert _same(data, _by_hand(row))
        assert row["leaf"] == hashlib.sha256(b"\0" + data).digest()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.text(st.sampled_from(" \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u2003\u3000abé\u0301Å\u212b"), max_size=8), min_size=1
    )
)
def test_digests_are_those_of_the_one_canonical_form(texts: list[str]) -> None:
    found = digested(shaped(pl.DataFrame({"text": texts})))
    assert found["raw_sha256"].to_list() == [hashlib.sha256(text.encode()).digest() for text in texts]
    assert found["text_sha256"].to_list() == [digest(text) for text in texts]


def test_a_later_column_changes_no_leaf_where_it_is_null() -> None:
    frame = shaped(pl.DataFrame({"id": ["a", "b"]}))
    later = frame.with_columns(pl.Series("mood", [None, "glad"]))
    assert leaf_data(later)[0] == leaf_data(frame)[0] and leaf_data(later)[1] == b'{"id":"b","mood":"glad"}'


def test_values_that_look_like_nulls_are_bound_and_kept() -> None:
    """What stands between two values could be taken for the name of a null."""
    values = [":null", ":null,", ",", '","source":null', "a,", "id"]
    frame = shaped(pl.DataFrame({"id": [*values, "z"], "source": [*values, None], "parents": [["x,", ":null"]] * 7}))
    for data, value in zip(leaf_data(frame), values, strict=False):
        assert json.loads(data) == {"id": value, "parents": ["x,", ":null"], "source": value}
    alone = [leaf_data(frame[place])[0] for place in range(7)]
    assert alone == leaf_data(frame), "the leaf of a row does not depend on those beside it"


def test_texts_that_hold_json_are_not_taken_for_nulls() -> None:
    frame = shaped(pl.DataFrame({"id": ["a", "b"], "metadata": ['{"x":null,"y":1}', None]}))
    assert [json.loads(data) for data in leaf_data(frame)] == [{"id": "a", "metadata": '{"x":null,"y":1}'}, {"id": "b"}]
