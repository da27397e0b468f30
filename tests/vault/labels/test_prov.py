"""PROV-JSON: every name that is used is one that is defined, and nothing is said that is not known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from outcross.core.provenance import Origin, Stratum
from outcross.vault.labels.description import Activity, Description, Parent, StratumCount
from outcross.vault.labels.prov import prov
from tests.vault.labels.describing import NASTY, cats, nasty, on_disk

ENDS = {
    "wasGeneratedBy": {"prov:entity": "entity", "prov:activity": "activity"},
    "used": {"prov:activity": "activity", "prov:entity": "entity"},
    "wasAssociatedWith": {"prov:activity": "activity", "prov:agent": "agent"},
    "wasAttributedTo": {"prov:entity": "entity", "prov:agent": "agent"},
    "wasDerivedFrom": {"prov:generatedEntity": "entity", "prov:usedEntity": "entity"},
    "hadMember": {"prov:collection": "entity", "prov:entity": "entity"},
}
"""What may stand at the ends of a relation (PROV-DM, table 4)."""


def check(label: dict[str, Any]) -> None:
    """Fail where a name is used that is not defined as what the relation needs."""
    assert set(label) <= {"prefix", "entity", "activity", "agent", *ENDS}
    seen: set[str] = set()
    for relation, ends in ENDS.items():
        for name, held in label.get(relation, {}).items():
            assert name not in seen
            seen.add(name)
            assert set(held) == set(ends[key] and key for key in ends)
            for key, kind in ends.items():
                assert held[key] in label[kind]
    prefixes = {*label["prefix"], "prov"}
    for kind in ("entity", "activity", "agent"):
        for name, attributes in label.get(kind, {}).items():
            assert name.split(":")[0] in prefixes
            assert {key.split(":")[0] for key in attributes} <= prefixes


def test_who_wrote_what_from_what() -> None:
    label = prov(cats())
    check(label)
    entity, agent = label["entity"], label["agent"]
    (made,) = label["wasGeneratedBy"].values()
    assert entity[made["prov:entity"]]["oc:origin"] == "synthetic"
    assert {entity[use["prov:entity"]]["prov:label"] for use in label["used"].values()} == {"wiki pedia", "seeds"}
    (by,) = label["wasAssociatedWith"].values()
    assert agent[by["prov:agent"]]["prov:label"] == "gpt2"
    assert label["activity"]["data:activity-1"]["prov:endTime"] == "2026-11-20T10:00:00Z"
    assert len(label["wasDerivedFrom"]) == 2


def test_an_activity_made_the_strata_of_its_generation_only() -> None:
    strata = tuple(StratumCount(Stratum(Origin.SYNTHETIC, depth, generator="gpt2"), 1) for depth in (1, 2, 3))
    label = prov(cats(strata=strata, activities=(Activity("gpt2", 1, 2), Activity("gpt2", 1))))
    check(label)
    made = [(held["prov:activity"], held["prov:entity"]) for held in label["wasGeneratedBy"].values()]
    assert made[0] == ("data:activity-1", "data:stratum-2")
    assert [entity for activity, entity in made[1:]] == ["data:stratum-1", "data:stratum-2", "data:stratum-3"]


def test_a_day_is_not_made_a_time() -> None:
    (activity,) = prov(cats(activities=(Activity("gpt2", 1, ended="2026-11-20"),)))["activity"].values()
    assert "prov:endTime" not in activity and activity["oc:ended"] == "2026-11-20"


def test_a_parent_is_one_thing_by_name_and_by_address() -> None:
    parents = (Parent("wiki", uri="https://example.org/wiki"),)
    label = prov(cats(parents=parents, activities=(Activity("gpt2", 1, used=("wiki", "https://example.org/wiki")),)))
    check(label)
    assert len(label["used"]) == 1
    assert sum(name.startswith("data:parent-") for name in label["entity"]) == 1


def test_files_are_named_by_their_digests(tmp_path: Any) -> None:
    files = on_disk(tmp_path, ["a.parquet", "b.jsonl"])
    label = prov(cats(files=files))
    check(label)
    digests = {held["oc:sha256"] for held in label["entity"].values() if "oc:sha256" in held}
    assert digests == {file.sha256 for file in files}


def test_another_state_is_another_namespace() -> None:
    spaces = {
        prov(described)["prefix"]["data"] for described in (cats(), cats(vault=None), cats(vault=None, version="2"))
    }
    assert len(spaces) == 3


@pytest.mark.parametrize("text", NASTY)
def test_no_text_breaks_it(text: str) -> None:
    label = prov(nasty(text))
    check(label)
    assert json.loads(json.dumps(label, ensure_ascii=False)) == label


def test_the_least_there_is_to_say() -> None:
    label = prov(Description("x", "1", "", "2026-11-22"))
    check(label)
    assert set(label) == {"prefix", "entity"}
