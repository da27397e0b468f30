"""Stamping: what is said, what stays, what is refused, and that nothing leaves before it is registered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from outcross.core.canonical import digest
from outcross.core.errors import BadInput, BadSetting
from outcross.corpus.fields import FIELDS
from outcross.vault.labels.register import Register
from outcross.vault.labels.stamp import stamp

TEXT = "It is important to note that cats sleep a lot, day and night."
TIME = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def one(record: Any, **settings: Any) -> dict[str, Any]:
    [found] = stamp([record], **{"generator": "mine", "time": TIME, **settings})
    return found


def test_a_text_becomes_a_record_that_says_who_wrote_it() -> None:
    found = one(TEXT, generator_digest="sha256:ab", license="CC0-1.0")
    assert found.pop("id") == one(TEXT, generator_digest="sha256:ab")["id"]
    assert found == {
        "text": TEXT,
        "created": "2026-11-22T08:30:00Z",
        "origin": "synthetic",
        "generation": 1,
        "generator": "mine",
        "generator_digest": "sha256:ab",
        "license": "CC0-1.0",
        "evidence": "declared",
        "confidence": 1.0,
        "digital_source_type": IPTC + "trainedAlgorithmicMedia",
        "parents": [],
        "text_sha256": digest(TEXT).hex(),
    }
    assert found.keys() - {"text_sha256"} <= FIELDS.keys()
    assert all(isinstance(found[name], FIELDS[name]) for name in found.keys() & FIELDS.keys())


def test_the_text_and_other_fields_are_left_alone() -> None:
    odd = "  Cafe\u0301 \r\n\tis\u00a0open. "
    given = {"prompt": "Where?", "summary": odd, "n": [1], "id": "mine-7", "created": "2026-01-01", "license": "MIT"}
    found = one(given, text="summary")
    assert {name: found[name] for name in given} == given
    assert "text" not in found and given.keys() == {"prompt", "summary", "n", "id", "created", "license"}


def test_edited_texts_are_mixed() -> None:
    found = one(
        {"text": TEXT, "origin": "human", "generation": 0, "digital_source_type": "digitalCreation"}, edited=True
    )
    assert (found["origin"], found["generation"]) == ("mixed", 1)
    assert found["digital_source_type"] == IPTC + "compositeWithTrainedAlgorithmicMedia"
    again = one({**one(TEXT, generation=2), "text": "Edited."}, edited=True)
    assert (again["origin"], again["generation"], again["text_sha256"]) == ("mixed", 2, digest("Edited.").hex())


def test_stamping_twice_changes_nothing() -> None:
    parents = [{"id": "a", "generation": 3}]
    found = one({"text": TEXT, "generator_digest": "sha256:ab"}, parents=parents)
    assert one(found, time=datetime(2030, 1, 1, tzinfo=UTC)) == found


def test_the_id_is_that_of_the_text_the_model_and_the_parents() -> None:
    same = {one(text)["id"] for text in (TEXT, f" {TEXT}\n", {"text": TEXT, "prompt": "x"})}
    others = [one("Other."), one(TEXT, generator="a"), one(TEXT, generator_digest="b"), one(TEXT, parents="c")]
    assert len(same) == 1 and len(same | {found["id"] for found in others}) == 5


@pytest.mark.parametrize(
    ("parents", "generation"),
    [
        (None, 1),
        ([], 1),
        ([{"id": "a", "origin": "human"}], 1),
        ([{"id": "a", "origin": "human"}, {"id": "b", "generation": 2}], 3),
        ({"id": "b", "generation": np.int64(4)}, 5),
        ("a", None),
        (["a", {"id": "b", "generation": 2}], None),
        ([{"id": "a", "origin": "unknown"}], None),
    ],
)
def test_generation_is_one_more_than_the_deepest_parent_where_that_is_known(
    parents: Any, generation: int | None
) -> None:
    assert one(TEXT, parents=parents)["generation"] == generation
    assert one({"text": TEXT, "parents": parents})["generation"] == generation


def test_parents_of_all_and_of_one_are_named_once() -> None:
    found = one({"text": TEXT, "parents": ["b", "c"]}, parents=["a", "b"])
    assert (found["parents"], found["generation"]) == (["a", "b", "c"], None)
    assert one({"text": TEXT, "parents": ["b"]}, generation=7)["generation"] == 7


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"origin": "human"}, "it is human"),
        ({"origin": "HUMAN"}, "it is human"),
        ({"origin": "mixed"}, "says origin 'mixed'"),
        ({"generator": "other"}, "says generator 'other', and would be stamped 'mine'"),
        ({"generator_digest": "x"}, "generator_digest"),
        ({"license": "MIT"}, "license"),
        ({"generation": 2}, "says generation 2"),
        ({"generation": 0}, "says generation 0"),
        ({"evidence": "attested"}, "evidence"),
        ({"digital_source_type": "digitalCreation"}, "digitalCreation"),
        ({"parents": [3]}, "a parent is"),
        ({"parents": [{"generation": 3}]}, "a parent is"),
        ({"text": None}, "no text under 'text'"),
        ({"text": 3}, "no text under 'text': 3"),
        ({"text": "a\ud800"}, "surrogate"),
    ],
)
def test_what_says_otherwise_is_refused_with_its_number(record: dict[str, Any], why: str, tmp_path: Path) -> None:
    path = tmp_path / "outputs.jsonl"
    records = [{"text": "First."}, {"text": TEXT, **record}]
    with pytest.raises(BadInput, match=why) as error:
        list(stamp(records, generator="mine", generator_digest="d", license="CC0-1.0", generation=1, register=path))
    assert "record 2" in str(error.value)
    assert not path.exists()


def test_unknown_is_no_claim() -> None:
    assert one({"text": TEXT, "origin": "unknown", "generator": None, "generation": None})["origin"] == "synthetic"


@pytest.mark.parametrize(
    "settings",
    [
        {"generator": ""},
        {"generator": None},
        {"generation": 0},
        {"generation": 1.5},
        {"generation": True},
        {"generation": 2, "parents": [{"id": "a", "generation": 2}]},
        {"at_once": 0},
        {"time": "2026"},
        {"generator_digest": b"x"},
    ],
)
def test_settings_are_checked_before_anything_is_asked_for(settings: dict[str, Any]) -> None:
    with pytest.raises(BadSetting):
        stamp([TEXT], **{"generator": "mine", **settings})


@pytest.mark.parametrize("records", [TEXT, {"text": TEXT}, b"text"])
def test_a_single_text_is_refused(records: Any) -> None:
    with pytest.raises(BadInput, match="list"):
        stamp(records, generator="mine")


def test_nothing_leaves_before_it_is_registered(tmp_path: Path) -> None:
    path = tmp_path / "outputs.jsonl"
    texts = [f"{TEXT} {number}" for number in range(5)]
    written: list[str] = []

    def model() -> Iterator[str]:
        for text in texts:
            written.append(text)
            yield text

    for number, record in enumerate(stamp(model(), generator="mine", register=path)):
        assert written == texts[: number + 1]  # and nothing is held back
        assert Register.load(path).known([record["text"]]) != [None]
    assert len(Register.load(path)) == 5


def test_a_list_is_registered_many_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    keep = Register.keep
    monkeypatch.setattr(
        Register, "keep", lambda self, prints, **said: (sizes.append(len(prints)), keep(self, prints, **said))
    )
    register = Register(tmp_path / "outputs.jsonl")
    texts = [f"{TEXT} {number}" for number in range(2500)]
    assert [record["text"] for record in stamp(texts, generator="mine", register=register)] == texts
    assert sizes == [1000, 1000, 500]
    assert len(list(stamp(iter(texts), generator="mine", register=register, at_once=2000))) == 2500
    assert sizes[3:] == [2000, 500]
