"""The head of a commit: what was added, the trees over it, and the head before; signed as an in-toto statement.

The entry says what the commit did. The log is the RFC 9162 tree whose leaves are the entries; the records of a commit
have a tree of their own, whose root stands in its entry.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self, final

import orjson

from outcross.core.errors import NotProven
from outcross.core.provenance import Origin, Stratum
from outcross.vault.merkle import Frontier, leaf_hash
from outcross.vault.part import DataFile

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:outcross:vault-head:v1"
"""The type of the predicate; in-toto knows none for the head of a data set."""

FORMAT = 1
"""Version of the layout that is written."""


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """What a commit did: a leaf of the log.

    Parameters
    ----------
    vault
        Origin of the vault: its name and a random number, the same in every entry.
    commit
        Number of the commit, from 0.
    operation
        ``init``, ``add``, ``withdraw`` or ``compact``.
    time
        When, in ISO 8601, UTC.
    previous
        SHA-256 of the file of the commit before, in hexadecimal; None for the first.
    actions
        SHA-256 of what the commit says to readers of Delta Lake, in hexadecimal.
    first, rows
        Position of its first row, and the number of its rows.
    root
        Root of the tree over the leaves of its rows, in hexadecimal.
    counts
        How many live records of each stratum it added (less than 0: took away).
    added, removed
        Data files that it brought, and names of those that it replaced.
    note
        What was said of it, and what it is called after: the digest of a job, a model, a reason.
    other
        What else the entry says, or says in another way: fields of a later version are kept as they are, since they are
        part of the leaf.

    Examples
    --------
    >>> entry = Entry("cats-1f", 0, "init", "2026-01-01T00:00:00Z", None, "ab", 0, 0, "cd")
    >>> Entry.of(entry.to_dict()) == entry
    True
    """

    vault: str
    commit: int
    operation: str
    time: str
    previous: str | None
    actions: str
    first: int
    rows: int
    root: str
    counts: Mapping[Stratum, int] = field(default_factory=dict)
    added: tuple[DataFile, ...] = ()
    removed: tuple[str, ...] = ()
    note: Mapping[str, Any] = field(default_factory=dict)
    other: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        counts = [_told(stratum, count) for stratum, count in self.counts.items()]
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            "counts": counts,
            "added": [file.to_dict() for file in self.added],
            "removed": list(self.removed),
            "note": dict(self.note),
            **self.other,
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Return the entry that plain data tell of."""
        counts: dict[Stratum, int] = {}
        for one in data["counts"]:  # a later version may tell finer strata apart
            counts[_stratum(one)] = counts.get(_stratum(one), 0) + int(one["records"])
        added = tuple(map(DataFile.of, data["added"]))
        plain = {name: data[name] for name in _PLAIN}
        entry = cls(**plain, counts=counts, added=added, removed=tuple(data["removed"]), note=data["note"])
        known = entry.to_dict()
        other = {name: value for name, value in data.items() if name not in known or known[name] != value}
        return replace(entry, other=other)

    def leaf(self) -> bytes:
        """Return the hash of its leaf in the log."""
        return leaf_hash(compact(self.to_dict()))


_PLAIN = ("vault", "commit", "operation", "time", "previous", "actions", "first", "rows", "root")


def _told(stratum: Stratum, count: int) -> dict[str, Any]:
    told = {"origin": str(stratum.origin), "generation": stratum.generation, "records": count}
    named = {"group": stratum.group, "generator": stratum.generator}
    return told | {name: value for name, value in named.items() if value is not None}


def _stratum(told: Mapping[str, Any]) -> Stratum:
    return Stratum(Origin(told["origin"]), told["generation"], told.get("group"), told.get("generator"))


def compact(data: object) -> bytes:
    """Return plain data as JSON in one form only: names sorted, no white space, UTF-8.

    Examples
    --------
    >>> compact({"b": 1, "a": "é"}).decode()
    '{"a":"é","b":1}'
    """
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


@final
@dataclass(frozen=True, slots=True)
class Head:
    """An entry, and the log with it: the frontier is all of the tree that the next commit needs.

    Examples
    --------
    >>> entry = Entry("cats-1f", 0, "init", "2026-01-01T00:00:00Z", None, "ab", 0, 0, "cd")
    >>> head = Head(entry, Frontier().append(entry.leaf()))
    >>> Head.of(head.statement()) == head
    True
    """

    entry: Entry
    tree: Frontier

    def statement(self) -> bytes:
        """Return it as an in-toto statement, in one form only.

        Its subjects are the data files that the commit brought, and what it says to readers of Delta Lake.
        """
        actions = {"name": f"_delta_log/{self.entry.commit:020}.json#actions", "digest": {"sha256": self.entry.actions}}
        files = [{"name": file.name, "digest": {"sha256": file.sha256}} for file in self.entry.added]
        peaks = [base64.b64encode(peak).decode() for peak in self.tree.peaks]
        tree = {"size": self.tree.size, "root": base64.b64encode(self.tree.root()).decode(), "peaks": peaks}
        predicate = {"entry": self.entry.to_dict(), "tree": tree}
        return compact(
            {"_type": STATEMENT, "subject": [actions, *files], "predicateType": PREDICATE, "predicate": predicate}
        )

    @classmethod
    def of(cls, statement: bytes) -> Self:
        """Return the head that a statement tells of.

        Raises
        ------
        NotProven
            If it is no head, or its root is not that of its tree.
        """
        try:
            said = orjson.loads(statement)
            if said["_type"] != STATEMENT or said["predicateType"] != PREDICATE:
                raise NotProven(f"the statement is a {said['predicateType']}, not a {PREDICATE}")
            tree = said["predicate"]["tree"]
            peaks = tuple(base64.b64decode(peak, validate=True) for peak in tree["peaks"])
            head = cls(Entry.of(said["predicate"]["entry"]), Frontier(tree["size"], peaks))
            root = base64.b64decode(tree["root"], validate=True)
        except (orjson.JSONDecodeError, binascii.Error, KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, NotProven):
                raise
            raise NotProven(f"the statement is no head of a vault: {type(error).__name__} {error}") from None
        if root != head.tree.root():
            raise NotProven("the root that the head names is not that of its own tree")
        return head


def strata(heads: Sequence[Entry]) -> dict[Stratum, int]:
    """Return how many live records of each stratum there are after these commits.

    Examples
    --------
    >>> strata([])
    {}
    """
    counts: dict[Stratum, int] = {}
    for entry in heads:
        for stratum, count in entry.counts.items():
            counts[stratum] = counts.get(stratum, 0) + count
    return {stratum: count for stratum, count in counts.items() if count}
