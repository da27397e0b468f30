"""Stamping what a model writes as it leaves it: who wrote it, when, from what, and a fingerprint that is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from numbers import Integral
from pathlib import Path
from typing import Any, final

from outcross.core.canonical import CANONICAL
from outcross.core.errors import BadInput, BadSetting
from outcross.core.provenance import Origin
from outcross.vault.labels.iptc import of, source_type
from outcross.vault.labels.register import Register, fingerprint

Parents = Mapping[str, Any] | str | Iterable[Mapping[str, Any] | str]
"""Records that something was derived from, or their ids."""

DECLARED = "declared"
"""The evidence of a stamp: whoever ran the model says so."""
AT_ONCE = 1000
"""Records that are registered together where all are there already."""


def stamp(
    records: Iterable[str | Mapping[str, Any]],
    *,
    generator: str,
    generator_digest: str | None = None,
    parents: Parents | None = None,
    generation: int | None = None,
    license: str | None = None,
    edited: bool = False,
    register: Register | str | Path | None = None,
    text: str = "text",
    time: datetime | None = None,
    at_once: int | None = None,
) -> Iterator[dict[str, Any]]:
    """Stamp texts as a model's own, and register them: yield records that say who wrote them.

    What a record says already stays: other fields, its ``id``, its ``created``, its ``license``. The text is never
    changed. A text is in the register, on the disk, before its record is handed on.

    Parameters
    ----------
    records
        What the model wrote: texts, or mappings with a text in them.
    generator, generator_digest
        Name of the model, and the digest of its weights.
    parents
        What all of them were derived from: records with an ``id``, or ids. A record may name more of its own, as
        ``parents``.
    generation
        How many models deep. By default 1 + that of the deepest parent; null where that is not known of each parent;
        1 where no parent is named.
    license
        SPDX identifier.
    edited
        Whether people have edited the texts since: then their origin is ``mixed``.
    register
        Where fingerprints of the texts are kept, so that they are recognised later: see `Register`.
    text
        The field of the text.
    time
        When they were written; now by default.
    at_once
        How many are registered together: each time, the disk is waited for. By default 1,000 where ``records`` is a
        list or has a length; else each by itself, so that nothing is held back while a model is writing.

    Yields
    ------
    dict
        The record, with ``id``, ``created``, ``origin``, ``generation``, ``generator``, ``generator_digest``,
        ``license``, ``evidence`` (``declared``), ``confidence`` (1: whoever says so has made it; how far to believe a
        declaration is the reader's to judge), ``digital_source_type`` (IPTC), ``parents`` and ``text_sha256`` (of the
        canonical form). Null is what is not known. The ``id`` is made of the text in canonical form, the generator and
        the parents: the same again has the same id.

    Raises
    ------
    BadSetting
        If no generator is named, or the generation cannot be that of something with these parents.
    BadInput
        If a record says otherwise (that it is human, that another model wrote it), or has no text.

    Examples
    --------
    >>> for record in stamp(["It is important to note that cats sleep."], generator="my-model"):
    ...     print(record["text"], record["origin"], record["generation"], record["id"])
    It is important to note that cats sleep. synthetic 1 afa1e90a410e2004c96cc81775858920
    >>> next(stamp([{"text": "My own cat.", "origin": "human"}], generator="my-model"))
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: record 1 says that it is human: a model's output is not (edited by a person: edited)
    """
    if isinstance(records, str | bytes | Mapping):
        raise BadInput("give a list of texts or of records, not a single one")
    if at_once is not None and at_once < 1:
        raise BadSetting(f"at_once must be 1 or more, not {at_once}")
    one = Stamp(
        generator=generator,
        generator_digest=generator_digest,
        parents=parents,
        generation=generation,
        license=license,
        edited=edited,
        register=None if register is None else register if isinstance(register, Register) else Register(register),
        text=text,
        time=time,
    )
    return _stamped(records, one, at_once or (AT_ONCE if isinstance(records, Sized) else 1))


def _stamped(records: Iterable[str | Mapping[str, Any]], one: Stamp, at_once: int) -> Iterator[dict[str, Any]]:
    waiting, first = iter(records), 1
    while held := list(islice(waiting, at_once)):
        yield from one.on(held, range(first, first + len(held)))
        first += len(held)


@final
@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What is said of all the texts of one model; the parameters are those of `stamp`.

    Examples
    --------
    >>> [record] = Stamp(generator="my-model", edited=True).on(["It is important to note that cats sleep."], [1])
    >>> record["origin"], record["digital_source_type"].rpartition("/")[2]
    ('mixed', 'compositeWithTrainedAlgorithmicMedia')
    """

    generator: str
    generator_digest: str | None = None
    parents: Parents | None = None
    generation: int | None = None
    license: str | None = None
    edited: bool = False
    register: Register | None = None
    text: str = "text"
    time: datetime | None = None
    _family: _Family = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.generator, str) or not self.generator.strip():
            raise BadSetting(f"generator must be the name of a model, not {self.generator!r}")
        if self.generator_digest is not None and not isinstance(self.generator_digest, str):
            raise BadSetting(f"generator_digest must be a text, not {self.generator_digest!r}")
        if self.time is not None and not isinstance(self.time, datetime):
            raise BadSetting(f"time must be a datetime, not {self.time!r}")
        family = _family(self.parents, "parents")
        family.depth(self.generation, "these parents", BadSetting)
        object.__setattr__(self, "_family", family)

    def on(self, records: Sequence[str | Mapping[str, Any]], numbers: Sequence[int]) -> list[dict[str, Any]]:
        """Return the records stamped; before that, their texts are registered together.

        Parameters
        ----------
        records
            As in `stamp`.
        numbers
            What each is called where something is wrong with it.
        """
        plain = [{self.text: record} if isinstance(record, str) else dict(record) for record in records]
        created = self.time or datetime.now(UTC)
        prints = [self._print(record, number) for record, number in zip(plain, numbers, strict=True)]
        stamped = [
            self._one(record, digest, created, f"record {number}")
            for record, (digest, _), number in zip(plain, prints, numbers, strict=True)
        ]
        if self.register is not None:
            self.register.keep(prints, generator=self.generator, generator_digest=self.generator_digest, time=created)
        return stamped

    def _print(self, record: Mapping[str, Any], number: int) -> tuple[str, bool]:
        text = record.get(self.text)
        if not isinstance(text, str):
            raise BadInput(f"record {number} has no text under '{self.text}'" + ("" if text is None else f": {text!r}"))
        try:
            return fingerprint(text)
        except BadInput as error:
            raise BadInput(f"record {number}: {error}") from None

    def _one(self, record: dict[str, Any], digest: str, created: datetime, name: str) -> dict[str, Any]:
        said = {what: value for what, value in record.items() if value is not None}
        origin = Origin.MIXED if self.edited else Origin.SYNTHETIC
        self._agrees(said, origin, name)
        own = _family(said.get("parents"), name)
        family = _Family(tuple(dict.fromkeys((*self._family.ids, *own.ids))), _deepest(self._family, own))
        weights = said.get("generator_digest", self.generator_digest)
        told = said.get("generation") if self.generation is None else self.generation
        declared = None if self.edited or "digital_source_type" not in said else of(str(said["digital_source_type"]))
        try:
            kind = source_type(origin, declared)
        except BadInput as error:
            raise BadInput(f"{name}: {error}") from None
        return {
            **record,
            "id": said.get("id", _id(digest, self.generator, weights, *family.ids)),
            "created": said.get("created", created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
            "origin": str(origin),
            "generation": family.depth(None if self.edited and told == 0 else told, name, BadInput),
            "generator": self.generator,
            "generator_digest": weights,
            "license": said.get("license", self.license),
            "evidence": DECLARED,
            "confidence": 1.0,
            "digital_source_type": str(kind),
            "parents": list(family.ids),
            "text_sha256": digest,
        }

    def _agrees(self, said: Mapping[str, Any], origin: Origin, name: str) -> None:
        """Nothing that was known of a record is replaced without a word."""
        before = str(said.get("origin", Origin.UNKNOWN)).lower()
        if before == Origin.HUMAN and not self.edited:
            raise BadInput(f"{name} says that it is human: a model's output is not (edited by a person: edited)")
        new: dict[str, Any] = {
            "generator": self.generator,
            "generator_digest": self.generator_digest,
            "license": self.license,
            "generation": self.generation,
        }
        if not self.edited:
            new |= {"origin": str(origin), "evidence": DECLARED, "confidence": 1.0}
            said = {**said, "origin": None if before == Origin.UNKNOWN else before}
        else:
            said = {what: value for what, value in said.items() if what != "generation" or value != 0}
        for what, value in new.items():
            if value is not None and said.get(what) is not None and said[what] != value:
                raise BadInput(f"{name} says {what} {said[what]!r}, and would be stamped {value!r}")


def _id(*of_what: str | None) -> str:
    """The same text, in canonical form, by the same model from the same parents has the same id."""
    return hashlib.sha256(json.dumps([CANONICAL, *of_what]).encode()).hexdigest()[:32]


@final
@dataclass(frozen=True, slots=True)
class _Family:
    """Ids of parents, and the generation of the deepest: None where one is not known, or there are none."""

    ids: tuple[str, ...] = ()
    deepest: int | None = None

    def depth(self, told: int | None, name: str, error: type[BadInput] | type[BadSetting]) -> int | None:
        """The generation of a child, which may have been told."""
        if told is not None and (isinstance(told, bool) or not isinstance(told, Integral) or told < 1):
            raise error(f"{name}: the generation of a model's output is a whole number from 1 on, not {told!r}")
        found = 1 if not self.ids else None if self.deepest is None else 1 + self.deepest
        if told is not None and self.ids and found not in (None, told):
            raise error(f"{name}: the deepest parent is of generation {self.deepest}, so a child is not of {told}")
        return found if told is None else int(told)


def _family(given: Parents | None, name: str) -> _Family:
    if given is None:
        return _Family()
    several: Iterable[Any] = [given] if isinstance(given, str | Mapping) else given
    ids, depths = list[str](), list[int | None]()
    for parent in several:
        identity = parent.get("id") if isinstance(parent, Mapping) else parent
        if not isinstance(identity, str) or not identity:
            raise BadInput(f"{name}: a parent is a record with an id, or an id, not {parent!r:.80}")
        ids.append(identity)
        depths.append(_generation(parent) if isinstance(parent, Mapping) else None)
    known = [depth for depth in depths if depth is not None]
    return _Family(tuple(dict.fromkeys(ids)), max(known) if ids and len(known) == len(depths) else None)


def _generation(parent: Mapping[str, Any]) -> int | None:
    """What a parent says of its own depth; a human record need not say it."""
    told = parent.get("generation")
    if told is None and str(parent.get("origin")).lower() == Origin.HUMAN:
        return 0
    return int(told) if isinstance(told, Integral) else None


def _deepest(*families: _Family) -> int | None:
    known = [family.deepest for family in families if family.ids]
    depths = [depth for depth in known if depth is not None]
    return max(depths) if known and len(depths) == len(known) else None
