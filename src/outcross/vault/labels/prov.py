"""A data set's label as W3C PROV: what there is, what made it, and who is behind that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from outcross.vault.labels.description import Description

NAMESPACE = "urn:outcross:"
"""Names of PROV's attributes that are ours: origin, generation, records, digests."""

_Relation = tuple[str, dict[str, str]]


def prov(description: Description) -> dict[str, Any]:
    """Return the label as PROV-JSON.

    The data set is a collection of its files and of its strata; models are agents, their writing an activity that
    generated the strata of that model and generation and used what it was trained on or was given.

    Source: W3C, PROV-DM (2013); PROV-JSON, W3C Member Submission (2013).

    Examples
    --------
    >>> label = prov(Description("cats", "1.0.0", "Sentences on cats.", "2026-11-22", creator="Ada"))
    >>> label["entity"]["data:set"]["prov:label"], label["wasAttributedTo"]
    ('cats', {'_:1': {'prov:entity': 'data:set', 'prov:agent': 'data:creator'}})
    """
    models = {name: f"data:model-{number}" for number, name in enumerate(description.generators, 1)}
    things = _things(description)
    label: dict[str, Any] = {
        "prefix": {"data": f"{NAMESPACE}{_digest(description)}:", "oc": NAMESPACE},
        "entity": dict(_entities(description, things)),
        "activity": dict(_activities(description)),
        "agent": dict(_agents(description, models)),
    }
    for number, (relation, ends) in enumerate(_relations(description, models, things), 1):
        label.setdefault(relation, {})[f"_:{number}"] = ends
    return {key: value for key, value in label.items() if value}


def _digest(description: Description) -> str:
    """A name for this state of this data set: the vault's head, or a digest of what there is to tell it by."""
    if description.vault is not None:
        return description.vault.head
    told = [description.name, description.version, *(file.sha256 for file in description.files)]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()


def _things(description: Description) -> dict[str, str]:
    """What it was derived from, or what a model was given, by name."""
    names = [parent.name for parent in description.parents]
    names += [_name(description, name) for activity in description.activities for name in activity.used]
    return {name: f"data:parent-{number}" for number, name in enumerate(dict.fromkeys(names), 1)}


def _name(description: Description, used: str) -> str:
    """A parent may be told by its address: it is one thing by either."""
    parent = description.parent(used)
    return parent.name if parent else used


def _known(**values: object) -> dict[str, Any]:
    """Attributes that have a value; ``oc_`` and ``prov_`` stand for prefixes."""
    return {key.replace("_", ":", 1): value for key, value in values.items() if value not in (None, "")}


def _type(name: str) -> dict[str, str]:
    return {"$": name, "type": "prov:QUALIFIED_NAME"}


def _entities(description: Description, things: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "data:set",
        _known(
            prov_type=_type("prov:Collection"),
            prov_label=description.name,
            oc_version=description.version,
            oc_records=description.records,
            oc_url=description.url,
            oc_vault=description.vault and description.vault.origin,
        ),
    )
    for number, file in enumerate(description.files, 1):
        known = _known(prov_label=file.name, oc_sha256=file.sha256, oc_size=file.size, oc_records=file.records)
        yield f"data:file-{number}", known
    for number, counted in enumerate(description.strata, 1):
        stratum = counted.stratum
        yield (
            f"data:stratum-{number}",
            _known(
                prov_type=_type("prov:Collection"),
                prov_label=str(stratum),
                oc_origin=stratum.origin.value,
                oc_generation=stratum.generation,
                oc_group=stratum.group,
                oc_records=counted.records,
            ),
        )
    for name, thing in things.items():
        parent = description.parent(name)
        yield thing, _known(prov_label=name, oc_kind=parent and parent.kind, oc_url=parent and parent.uri)


def _activities(description: Description) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, activity in enumerate(description.activities, 1):
        label = f"{activity.generator} wrote {activity.records} records"
        when = "prov_endTime" if "T" in (activity.ended or "") else "oc_ended"  # PROV has no days, only times
        yield f"data:activity-{number}", _known(prov_label=label, **{when: activity.ended})


def _agents(description: Description, models: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    digests = {activity.generator: activity.digest for activity in description.activities}
    for name, agent in models.items():
        yield agent, _known(prov_type=_type("prov:SoftwareAgent"), prov_label=name, oc_digest=digests.get(name))
    if description.creator:
        yield "data:creator", _known(prov_label=description.creator)


def _relations(description: Description, models: dict[str, str], things: dict[str, str]) -> Iterator[_Relation]:
    if description.creator:
        yield "wasAttributedTo", {"prov:entity": "data:set", "prov:agent": "data:creator"}
    for parent in description.parents:
        yield "wasDerivedFrom", {"prov:generatedEntity": "data:set", "prov:usedEntity": things[parent.name]}
    for part in _parts(description):
        yield "hadMember", {"prov:collection": "data:set", "prov:entity": part}
    for number, counted in enumerate(description.strata, 1):
        if counted.stratum.generator and counted.records:
            agent = models[counted.stratum.generator]
            yield "wasAttributedTo", {"prov:entity": f"data:stratum-{number}", "prov:agent": agent}
    yield from _written(description, models, things)


def _written(description: Description, models: dict[str, str], things: dict[str, str]) -> Iterator[_Relation]:
    for number, activity in enumerate(description.activities, 1):
        name = f"data:activity-{number}"
        yield "wasAssociatedWith", {"prov:activity": name, "prov:agent": models[activity.generator]}
        for thing in dict.fromkeys(_name(description, used) for used in activity.used):
            yield "used", {"prov:activity": name, "prov:entity": things[thing]}
        for position, counted in enumerate(description.strata, 1):
            stratum = counted.stratum
            if stratum.generator == activity.generator and activity.generation in (None, stratum.generation):
                yield "wasGeneratedBy", {"prov:entity": f"data:stratum-{position}", "prov:activity": name}


def _parts(description: Description) -> Iterable[str]:
    yield from (f"data:file-{number}" for number in range(1, len(description.files) + 1))
    yield from (f"data:stratum-{number}" for number in range(1, len(description.strata) + 1))
