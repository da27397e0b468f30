"""What a data set is, in plain data: all its labels are written from this, so that none contradicts another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import final

from outcross.core.errors import BadInput, nearest
from outcross.core.provenance import Origin, Stratum

FORMATS = ("parquet", "jsonl")
"""The formats of data files."""

TYPES = ("text", "integer", "number", "boolean", "date", "datetime", "bytes")
"""The types of columns."""

KINDS = ("dataset", "model")
"""What a data set can be derived from."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)


@final
@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of the data set.

    Parameters
    ----------
    name
        Its path, with ``/``, from the folder that the labels lie in.
    sha256
        SHA-256 of its bytes, in hexadecimal.
    size
        Its length in bytes.
    format
        One of `FORMATS`.
    records
        How many records it has.

    Raises
    ------
    BadInput
        If the path leads out of the folder, the digest is none, a count is negative or the format is unknown.

    Examples
    --------
    >>> DataFile("records/a.parquet", "0" * 64, 120, "parquet", 3).records
    3
    """

    name: str
    sha256: str
    size: int
    format: str
    records: int

    def __post_init__(self) -> None:
        path = PurePosixPath(self.name)
        if not path.name or path.is_absolute() or ".." in path.parts:
            raise BadInput(f"a data file is named by a path below the folder of the labels, not '{self.name}'")
        if not _SHA256.fullmatch(self.sha256):
            raise BadInput(f"'{self.sha256}' is no SHA-256 of '{self.name}': it takes 64 digits of 0-9a-f")
        _one_of("format", self.format, FORMATS)
        _counted(self.name, self.size, self.records)


@final
@dataclass(frozen=True, slots=True)
class Column:
    """One column of the data files.

    Parameters
    ----------
    name
        What the files call it.
    type
        One of `TYPES`.
    says
        What it says of a record, in a sentence.
    many
        Whether a value is a list.

    Raises
    ------
    BadInput
        If the type is unknown.

    Examples
    --------
    >>> Column("parents", "text", "Ids of what it was derived from.", many=True).many
    True
    """

    name: str
    type: str = "text"
    says: str = ""
    many: bool = False

    def __post_init__(self) -> None:
        _one_of("type", self.type, TYPES)


@final
@dataclass(frozen=True, slots=True)
class StratumCount:
    """How many records of a stratum there are, and what the claim of their origin rests on.

    Parameters
    ----------
    stratum
        Origin, generation, group and generator.
    records
        How many.
    evidence
        Kind of evidence to number of records. Records without any are not in it.

    Raises
    ------
    BadInput
        If a count is negative.

    Examples
    --------
    >>> str(StratumCount(Stratum(Origin.SYNTHETIC, 1, generator="gpt2"), 5, {"registered": 5}).stratum)
    'synthetic/1/gpt2'
    """

    stratum: Stratum
    records: int
    evidence: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _counted(str(self.stratum), self.records, *self.evidence.values())


@final
@dataclass(frozen=True, slots=True)
class Parent:
    """A data set or a model that this data set was derived from.

    Parameters
    ----------
    name
        What it is called.
    kind
        ``dataset`` or ``model``.
    uri
        Where it is, or its URN; None where there is none.

    Raises
    ------
    BadInput
        If the kind is unknown.

    Examples
    --------
    >>> Parent("wikipedia").kind
    'dataset'
    """

    name: str
    kind: str = "dataset"
    uri: str | None = None

    def __post_init__(self) -> None:
        _one_of("kind", self.kind, KINDS)


@final
@dataclass(frozen=True, slots=True)
class Activity:
    """A model's writing of records.

    Parameters
    ----------
    generator
        The model that wrote.
    records
        How many it wrote.
    generation
        How many models deep these are; None where it is not known.
    digest
        Digest of the model.
    ended
        When it was done (ISO 8601).
    used
        Names of what the model was trained on, or was given.

    Raises
    ------
    BadInput
        If the count is negative or the time is none.

    Examples
    --------
    >>> Activity("gpt2", 5, 1, ended="2026-11-20T10:00:00Z").generator
    'gpt2'
    """

    generator: str
    records: int
    generation: int | None = None
    digest: str | None = None
    ended: str | None = None
    used: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _counted(self.generator, self.records)
        if self.ended is not None:
            _dated(self.ended)


@final
@dataclass(frozen=True, slots=True)
class Sealed:
    """The state of the vault that the data set was written from.

    Parameters
    ----------
    origin
        Name of its log.
    commits
        How many commits it had.
    head
        Digest of its head, in hexadecimal.
    key
        Fingerprint of the key that signed it; None for a vault that is not signed.
    checkpoint
        The checkpoint's text.

    Examples
    --------
    >>> Sealed("example.org/vault", 3, "ab" * 32).commits
    3
    """

    origin: str
    commits: int
    head: str
    key: str | None = None
    checkpoint: str | None = None


@final
@dataclass(frozen=True, slots=True)
class Description:
    """What a data set is. What is not known is empty, and no label says anything of it.

    Parameters
    ----------
    name, version, about
        What it is called, its version (``MAJOR.MINOR.PATCH``), and what it is in a few sentences.
    created
        The day, or the time, on which this version was made (ISO 8601); None where no label is to say it.
    licenses
        SPDX identifiers, addresses or whole texts; empty where it is not known.
    creator, url
        Who made it, and where its page is.
    languages
        ISO 639 codes.
    files, columns
        Its data files, and the columns that all of them have.
    strata
        Its records, counted by stratum.
    sources
        Where records were taken from, to their number.
    parents, activities
        What it was derived from, and which models wrote records.
    vault
        The state of the vault it was written from.

    Raises
    ------
    BadInput
        If there is no name, if two files, columns or parents have the same one, a count is negative, the date is none,
        or a text cannot be written as UTF-8.

    Examples
    --------
    >>> strata = (StratumCount(Stratum(Origin.HUMAN), 9), StratumCount(Stratum(Origin.SYNTHETIC, 1), 1))
    >>> cats = Description("cats", "1.0.0", "Sentences on cats.", "2026-11-22", strata=strata)
    >>> cats.records, cats.count(Origin.SYNTHETIC)
    (10, 1)
    """

    name: str
    version: str
    about: str
    created: str | None
    licenses: tuple[str, ...] = ()
    creator: str | None = None
    url: str | None = None
    languages: tuple[str, ...] = ()
    files: tuple[DataFile, ...] = ()
    columns: tuple[Column, ...] = ()
    strata: tuple[StratumCount, ...] = ()
    sources: Mapping[str, int] = field(default_factory=dict)
    parents: tuple[Parent, ...] = ()
    activities: tuple[Activity, ...] = ()
    vault: Sealed | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise BadInput("a data set needs a name")
        if self.created is not None:
            _dated(self.created)
        _counted("sources", *self.sources.values())
        for what, held in (("files", self.files), ("columns", self.columns), ("parents", self.parents)):
            twice = [name for name, count in Counter(part.name for part in held).items() if count > 1]
            if twice:
                raise BadInput(f"two {what} are called '{twice[0]}'")
        for text in _texts(self):
            if any("\ud800" <= letter <= "\udfff" for letter in text):
                raise BadInput(f"a lone surrogate cannot be written as UTF-8: {text!a}")

    @property
    def records(self) -> int:
        """How many records there are."""
        return sum(counted.records for counted in self.strata)

    def count(self, origin: Origin) -> int:
        """Return how many records are of an origin."""
        return sum(counted.records for counted in self.strata if counted.stratum.origin is origin)

    def parent(self, name: str) -> Parent | None:
        """Return the parent that has a name, or that address; None where there is none."""
        return next((parent for parent in self.parents if name in (parent.name, parent.uri)), None)

    @property
    def generators(self) -> tuple[str, ...]:
        """The models that wrote records, in alphabetical order."""
        named = {counted.stratum.generator for counted in self.strata if counted.records}
        return tuple(sorted({name for name in named if name} | {activity.generator for activity in self.activities}))

    @property
    def evidence(self) -> dict[str, int]:
        """Kind of evidence to number of records, the most frequent first."""
        total: Counter[str] = Counter()
        for counted in self.strata:
            total.update(counted.evidence)
        return {kind: count for kind, count in sorted(total.items(), key=lambda item: (-item[1], item[0])) if count}

    @property
    def synthetic(self) -> bool | None:
        """Whether a model wrote any of it; None where nobody can say."""
        if self.count(Origin.SYNTHETIC) or self.count(Origin.MIXED):
            return True
        return False if self.records and not self.count(Origin.UNKNOWN) else None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, Mapping):
        yield from _texts(tuple(value))
    elif is_dataclass(value):
        for part in fields(value):
            yield from _texts(getattr(value, part.name))


def _counted(what: str, *counts: int) -> None:
    if any(count < 0 for count in counts):
        raise BadInput(f"'{what}' has a count below 0: {min(counts)}")


def _one_of(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise BadInput(f"no {what} '{given}'{nearest(given, known)}")


def _dated(text: str) -> None:
    try:
        if not _ISO.fullmatch(text):
            raise BadInput(text)
        datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"'{text}' is no date or time of ISO 8601, such as 2026-11-22 or 2026-11-22T10:00:00Z") from None
