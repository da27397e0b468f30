"""Documents that belong together are found where nobody said so."""

from __future__ import annotations

from outcross.core.documents import Documents
from outcross.evidence.kinship import find_kin

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
