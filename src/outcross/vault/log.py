"""The log of a vault: its commits in order, each proven to go on from the one before, and how one more is appended."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar, final

import orjson

from outcross.core.errors import BadInput, MissingInput, NotProven
from outcross.core.inventory import Inventory
from outcross.core.provenance import Stratum
from outcross.vault.commit import LOG, Commit, changes, lines, name_of, settings_of, written
from outcross.vault.head import Entry, Head
from outcross.vault.keys import Key, PublicKey
from outcross.vault.merkle import EMPTY, Frontier
from outcross.vault.objects import Objects
from outcross.vault.part import DataFile

COMMIT = re.compile(rf"{LOG}/([0-9]{{20}})\.json")
"""Names of commits, in digits of this script alone: others would be names of nothing."""

T = TypeVar("T")

TRIES = 100
"""How often a commit is built anew because another writer was faster."""


@final
@dataclass(frozen=True)
class Log:
    """All commits of a vault so far.

    Parameters
    ----------
    key
        What every commit is signed with.
    commits
        The commits, from 0.

    Examples
    --------
    See `outcross.vault.vault.Vault`.
    """

    key: PublicKey
    commits: tuple[Commit, ...] = ()
    files: Mapping[str, DataFile] = field(default_factory=dict)
    counts: Mapping[Stratum, int] = field(default_factory=dict)

    @classmethod
    def load(cls, objects: Objects, key: PublicKey | None = None) -> Self:
        """Return the log, every commit of it verified.

        Parameters
        ----------
        objects
            Where the vault lies.
        key
            What it must be signed with; None for the key that the vault itself names.

        Raises
        ------
        MissingInput
            If there is no vault.
        NotProven
            If a commit is not what was signed, is missing, or does not go on from the one before.
        """
        try:
            data = objects.read(name_of(0))
        except MissingInput:
            if any(COMMIT.fullmatch(name) for name, _ in objects.names(f"{LOG}/")):
                raise NotProven(f"{name_of(0)} is missing: the log begins with it") from None
            raise MissingInput(f"no vault at '{objects.uri}'; outcross vault init makes one") from None
        first = Commit.read(data, 0, key)
        return cls(first.key).refreshed(objects)

    def refreshed(self, objects: Objects) -> Self:
        """Return the log with the commits that were made since.

        Raises
        ------
        NotProven
            If one of them does not go on from the one before.
        """
        new: list[Commit] = []
        number = len(self.commits)
        while (data := _at(objects, number)) is not None:
            commit = Commit.read(data, number, self.key)
            before = new[-1] if new else self.commits[-1] if self.commits else None
            if wrong := breaks(before, commit):
                raise NotProven(f"{name_of(number)}: {wrong}")
            new.append(commit)
            number += 1
        return self._with(new) if new else self

    def _with(self, new: Sequence[Commit]) -> Self:
        """The log with more commits, which go on from its last."""
        files, counts = dict(self.files), dict(self.counts)
        for commit in new:
            for name in commit.entry.removed:
                files.pop(name, None)
            files |= {file.name: file for file in commit.entry.added}
            for stratum, count in commit.entry.counts.items():
                counts[stratum] = counts.get(stratum, 0) + count
        return type(self)(self.key, (*self.commits, *new), files, counts)

    @property
    def origin(self) -> str:
        """What the vault is called: its name and a random number."""
        return self.commits[0].entry.vault

    @property
    def last(self) -> Commit:
        """The last commit."""
        return self.commits[-1]

    @property
    def rows(self) -> int:
        """How many rows there are; the position of the next one."""
        return self.last.entry.first + self.last.entry.rows

    @property
    def settings(self) -> Mapping[str, str]:
        """What was said when the vault was made."""
        return settings_of(self.commits[0].actions)

    @property
    def table(self) -> Mapping[str, Any]:
        """The latest that was said of the table to readers of Delta Lake."""
        said = (action for commit in reversed(self.commits) for action in reversed(commit.actions))
        found: Mapping[str, Any] = next(action["metaData"] for action in said if "metaData" in action)
        return found

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of the table, with their types as Delta Lake calls them; those of a later version too."""
        return {field["name"]: field["type"] for field in orjson.loads(self.table["schemaString"])["fields"]}

    def data(self) -> list[DataFile]:
        """Return the data files, in order of their rows."""
        return sorted(self.files.values(), key=lambda file: file.first)

    def inventory(self) -> Inventory:
        """Return how many live records there are, by stratum."""
        kept = {stratum: count for stratum, count in self.counts.items() if count}
        return Inventory(dict(sorted(kept.items(), key=lambda pair: str(pair[0]))))

    def root_at(self, size: int) -> bytes | None:
        """Return the root of the log after so many commits; None where there are not so many."""
        return self.commits[size - 1].head.tree.root() if 0 < size <= len(self.commits) else None

    def next(self, change: Change, time: str, key: Key) -> bytes:
        """Return the file of the commit that makes a change."""
        moved = change.operation == "compact"
        removed = [self.files[name] for name in change.removed]
        added = [
            file if moved else DataFile(file.name, file.sha256, file.size, self.rows + file.first, file.rows)
            for file in change.added
        ]
        actions = lines([*changes(change.operation, time, added, removed, moved=moved), *change.actions])
        entry = Entry(
            vault=self.origin,
            commit=len(self.commits),
            operation=change.operation,
            time=time,
            previous=self.last.digest,
            actions=hashlib.sha256(actions).hexdigest(),
            first=self.rows,
            rows=0 if moved else sum(file.rows for file in added),
            root=change.root.hex(),
            counts=change.counts,
            added=tuple(added),
            removed=tuple(change.removed),
            note=change.note,
        )
        return written(Head(entry, self.last.head.tree.append(entry.leaf())), actions, key)


@final
@dataclass(frozen=True)
class Change:
    """What a commit is to do.

    Parameters
    ----------
    operation
        See `outcross.vault.head.Entry`.
    added
        Data files; where they bring new rows, ``first`` counts from the first new row.
    removed
        Names of files that others replace.
    root
        Root of the tree over the leaves of the new rows.
    counts, note
        See `outcross.vault.head.Entry`.
    actions
        More actions for readers of Delta Lake.

    Examples
    --------
    >>> Change("add").root == EMPTY
    True
    """

    operation: str
    added: tuple[DataFile, ...] = ()
    removed: tuple[str, ...] = ()
    root: bytes = EMPTY
    counts: Mapping[Stratum, int] = field(default_factory=dict)
    note: Mapping[str, Any] = field(default_factory=dict)
    actions: tuple[Mapping[str, Any], ...] = ()


def breaks(before: Commit | None, commit: Commit) -> str | None:
    """Return why a commit does not go on from the one before; None where it does.

    Examples
    --------
    See `append`.
    """
    entry, tree = commit.entry, commit.head.tree
    if before is None:
        sound = entry.previous is None and entry.first == 0 and tree == Frontier().append(entry.leaf())
        return None if sound else "it is not the beginning of a log"
    if entry.vault != before.entry.vault:
        return f"it is of another vault, {entry.vault}"
    if entry.previous != before.digest:
        return f"it goes on from another commit {before.entry.commit} than the one that is there"
    if tree != before.head.tree.append(entry.leaf()):
        return "its tree is not that of the commits before it and its own entry"
    if entry.first != before.entry.first + before.entry.rows:
        return "its rows do not begin where those of the commit before end"
    return None


def reading(objects: Objects, log: Log, read: Callable[[Log], T]) -> tuple[Log, T]:
    """Return what is read of the files that a log names, and the log that it was read of.

    Where a compaction has just taken one away, the log that goes on from this one names what came in its place.

    Raises
    ------
    MissingInput
        If a file is missing, and no commit says so.

    Examples
    --------
    >>> reading(None, Log(PublicKey(bytes(32))), lambda log: len(log.files))[1]
    0
    """
    while True:
        try:
            return log, read(log)
        except MissingInput:
            newer = log.refreshed(objects)
            if newer is log:
                raise
            log = newer


def append(objects: Objects, log: Log, build: Callable[[Log], Change | None], time: str, key: Key) -> Log:
    """Append one commit; where another writer was faster, build it anew on what that one wrote.

    Parameters
    ----------
    objects
        Where the vault lies.
    log
        The log so far.
    build
        Gives the change, given the log that it is to go on from; None where nothing is left to be done.
    time
        When, in ISO 8601, UTC.
    key
        What it is signed with.

    Returns
    -------
    Log
        The log with the commit, if there was something to be done, and those of others that came before it.

    Raises
    ------
    BadInput
        If the key is not that of the vault, or others are always faster.

    Examples
    --------
    >>> import tempfile
    >>> from outcross.vault.keys import Key
    >>> from outcross.vault.vault import Vault
    >>> vault = Vault.create(tempfile.mkdtemp(), key=Key.of_seed(bytes(32)), memory=False)
    >>> log = append(vault.objects, vault.log, lambda log: Change("add"), "2026-01-01T00:00:00Z", vault.key)
    >>> [commit.entry.operation for commit in log.commits], breaks(log.commits[0], log.commits[1]) is None
    (['init', 'add'], True)
    """
    if key.public != log.key:
        raise BadInput(
            f"the key {key.public.text()} is not that of the vault, {log.key.text()}: "
            "give the key that the vault was made with"
        )
    for _ in range(TRIES):
        log, change = reading(objects, log.refreshed(objects), build)
        if change is None:
            return log
        data = log.next(change, time, key)
        name = name_of(len(log.commits))
        if objects.put_new(name, data) or objects.read(name) == data:  # a store may answer twice
            return log.refreshed(objects)
    raise BadInput(f"other writers of '{objects.uri}' were faster {TRIES} times; try again")


def _read(objects: Objects, name: str) -> bytes | None:
    try:
        return objects.read(name)
    except MissingInput:
        return None


def _at(objects: Objects, number: int) -> bytes | None:
    """The file of a commit, if it has no byte at all too; None where the log ends; else one is missing."""
    data = _read(objects, name_of(number))
    if data is not None:
        return data
    later = [found for found in numbers(objects) if found > number]
    data = _read(objects, name_of(number)) if later else None  # others may have written it meanwhile, and more
    if later and data is None:
        raise NotProven(f"{name_of(number)} is missing: there is a commit {later[0]}")
    return data


def numbers(objects: Objects) -> list[int]:
    """Return the numbers of the commits that lie there, in order.

    Examples
    --------
    >>> import tempfile
    >>> from outcross.vault.objects import objects
    >>> numbers(objects(tempfile.mkdtemp()))
    []
    """
    found = (COMMIT.fullmatch(name) for name, _ in objects.names(f"{LOG}/"))
    return sorted(int(match[1]) for match in found if match)
