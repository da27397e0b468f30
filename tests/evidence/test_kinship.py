"""Documents that belong together are found where nobody said so."""

from __future__ import annotations

import numpy as np

from outcross.core.documents import Documents
from outcross.evidence.kinship import akin, find_kin, marks

OPENING = "once upon a time there was a very old king who had three"


def test_sources_tie() -> None:
    kin = find_kin(Documents.of(["a", "b", "c", "d"], ["s", "t", "s", ""]))
    assert kin.groups == ("document 0", "document 1", "document 0", "document 3")
    assert "the source ties 2 documents" in kin.note


def test_duplicates_and_continuations_tie() -> None:
    texts = [f"{OPENING} sons.", f"{OPENING} daughters.", "A cat.", "a CAT", "One", "Two", "Three"]
    assert find_kin(Documents.of(texts)).groups[:5] == (
        "document 0",
        "document 0",
        "document 2",
        "document 2",
        "document 4",
    )


def test_a_heading_is_no_kinship() -> None:
    texts = [f"{OPENING} {place}" for place in range(20)]
    kin = find_kin(Documents.of(texts))
    assert len(set(kin.groups)) == 20
    assert kin.note == ""


def test_groups_that_are_known_are_kept() -> None:
    texts = [f"{OPENING} sons.", f"{OPENING} daughters.", "A cat.", "A dog.", "Rain.", "Wind."]
    groups = find_kin(Documents.of(texts), ["a", "b", "b", None, None, None]).groups
    assert groups == tuple(f"document {place}" for place in (0, 0, 0, 3, 4, 5))


def test_a_large_group_that_is_known_leaves_kin_to_be_found() -> None:
    texts = [f"{OPENING} sons.", f"{OPENING} daughters.", "A cat.", "A dog.", "Rain.", "Wind."]
    groups = find_kin(Documents.of(texts), [None, None, "a", "a", "a", "a"]).groups
    assert groups == tuple(f"document {place}" for place in (0, 0, 2, 2, 2, 2))


def test_a_document_goes_with_its_kin_unless_they_are_apart() -> None:
    known = Documents.of([f"{OPENING} sons.", "A cat.", "a cat", "Rain."], ["s", "", "", "t"])
    others = Documents.of([f"{OPENING} daughters.", "A CAT!", "snow", "wind"], ["", "", "t", ""])
    assert akin(others, known, np.array([2, 0, 1, 4])).tolist() == [2, -1, 4, -1]


def test_marks_are_those_of_words_not_of_spaces_and_the_same_every_time() -> None:
    a, b, c = marks(Documents.of([f"{OPENING} sons.", f"{OPENING}  daughters", "..."]))
    assert a[0] != b[0]
    assert a[1] == b[1]
    assert c.tolist() == [0, 0]
    assert int(marks(Documents.of(["a cat"]))[0, 0]) == 8936525661911793776
