"""The file of a commit: what readers of Delta Lake see of it, and its signed head, in one file that is there or not.

A commit must become visible to every reader, with its proof, at one moment; so the signature lies in the very file that
makes the commit visible, and that file is written here: no library that writes it itself can hold a signature over it.
The last line is a ``domainMetadata`` action of the Delta protocol, made for such things; the lines before are covered
by a digest in the head, and the last line has one form only, so no byte of the file can change unnoticed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self, final

import orjson

from outcross.core.errors import BadInput, NotProven
from outcross.core.version import VERSION
from outcross.vault.checkpoint import Checkpoint
from outcross.vault.envelope import open_envelope, sealed
from outcross.vault.head import FORMAT, Entry, Head
from outcross.vault.keys import Key, PublicKey
from outcross.vault.part import DataFile
from outcross.vault.record import COLUMNS

LOG = "_delta_log"
DOMAIN = "outcross.head"
FEATURE = "outcross-signed"
"""A feature that writers of the table must know: others are refused by the protocol, and readers need not care."""


def name_of(number: int) -> str:
    """Return the name of a commit's file.

    Examples
    --------
    >>> name_of(7)
    '_delta_log/00000000000000000007.json'
    """
    return f"{LOG}/{number:020}.json"


def lines(actions: Sequence[Mapping[str, Any]]) -> bytes:
    r"""Return actions as lines of JSON.

    Examples
    --------
    >>> lines([{"txn": {}}])
    b'{"txn":{}}\n'
    """
    return b"".join(orjson.dumps(action) + b"\n" for action in actions)


def milliseconds(time: str) -> int:
    """Return a time in ISO 8601 as milliseconds since 1970, as Delta Lake counts.

    Examples
    --------
    >>> milliseconds("1970-01-01T00:00:01Z")
    1000
    """
    return round(datetime.fromisoformat(time).astimezone(UTC).timestamp() * 1000)


def table(origin: str, key: PublicKey, time: str, settings: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the actions that make a table: the protocol, the columns, and what the vault is.

    Source: Delta transaction log protocol, "Protocol Evolution" and "Change Metadata".

    Examples
    --------
    >>> made = table("cats-1f", Key.of_seed(bytes(32)).public, "2026-01-01T00:00:00Z", {"canonical": "nfc-space/1"})
    >>> [next(iter(action)) for action in made], settings_of(made)["outcross.canonical"]
    (['protocol', 'metaData'], 'nfc-space/1')
    """
    array = {"type": "array", "elementType": "string", "containsNull": True}
    fields = [
        {"name": name, "type": array if kind == "array" else kind, "nullable": True, "metadata": {}}
        for name, kind in COLUMNS.items()
    ]
    configuration = {
        "delta.appendOnly": "true",
        "outcross.format": str(FORMAT),
        "outcross.origin": origin,
        "outcross.key": key.text(),
        **{f"outcross.{name}": value for name, value in settings.items()},
    }
    features = ["appendOnly", "domainMetadata", FEATURE]
    return [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 7, "writerFeatures": features}},
        {
            "metaData": {
                "id": hashlib.sha256(origin.encode()).hexdigest()[:32],
                "name": origin,
                "format": {"provider": "parquet", "options": {}},
                "schemaString": orjson.dumps({"type": "struct", "fields": fields}).decode(),
                "partitionColumns": [],
                "createdTime": milliseconds(time),
                "configuration": configuration,
            }
        },
    ]


def changes(
    operation: str, time: str, added: Sequence[DataFile], removed: Sequence[DataFile], *, moved: bool
) -> list[dict[str, Any]]:
    """Return the actions that bring and take away data files.

    Parameters
    ----------
    operation, time
        As in the entry.
    added, removed
        The files.
    moved
        Whether the rows are the same as before, in other files.

    Source: Delta transaction log protocol, "Add File and Remove File" and "Commit Provenance Information".

    Examples
    --------
    >>> file = DataFile("records/ab.parquet", "ab", 10, 0, 2)
    >>> [next(iter(action)) for action in changes("add", "2026-01-01T00:00:00Z", [file], [], moved=False)]
    ['commitInfo', 'add']
    """
    stamp = milliseconds(time)
    told = {
        "timestamp": stamp,
        "operation": operation.upper(),
        "operationParameters": {},
        "engineInfo": _writer(),
        "txnId": secrets.token_hex(16),  # what another writer adds at the same second is another commit
    }
    return [
        {"commitInfo": told},
        *(
            {"remove": {"path": file.name, "deletionTimestamp": stamp, "dataChange": not moved, "size": file.size}}
            for file in removed
        ),
        *(
            {
                "add": {
                    "path": file.name,
                    "partitionValues": {},
                    "size": file.size,
                    "modificationTime": stamp,
                    "dataChange": not moved,
                    "stats": f'{{"numRecords":{file.rows}}}',
                }
            }
            for file in added
        ),
    ]


def _writer() -> str:
    return f"outcross {VERSION}"


@final
@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as it was read, its own file verified: not yet that it goes on from the one before.

    Parameters
    ----------
    head
        What it says of itself.
    actions
        What it says to readers of Delta Lake.
    envelope
        The signed statement.
    checkpoint
        The log with it, as a signed note.
    digest
        SHA-256 of its file, in hexadecimal.
    key
        What it is signed with.

    Examples
    --------
    See `written`.
    """

    head: Head
    actions: tuple[Mapping[str, Any], ...]
    envelope: bytes
    checkpoint: str
    digest: str
    key: PublicKey

    @property
    def entry(self) -> Entry:
        """What it did."""
        return self.head.entry

    @classmethod
    def read(cls, data: bytes, number: int, key: PublicKey | None = None) -> Self:
        """Return the commit of a file, once every byte of it is what was signed.

        Parameters
        ----------
        data
            The bytes of the file.
        number
            The number in its name.
        key
            The key that it must be signed with; None to take the one that it names (the first commit).

        Raises
        ------
        NotProven
            If it is not.
        BadInput
            If it is, and says that from here on the vault is in a format that only a newer version knows.
        """
        name = name_of(number)
        before, newline, last = data.removesuffix(b"\n").rpartition(b"\n")
        try:
            actions = tuple(orjson.loads(line) for line in before.split(b"\n"))
            domain = orjson.loads(last)["domainMetadata"]
            if domain["domain"] != DOMAIN:
                raise NotProven(f"{name} bears no head: something other than a vault wrote it")
            said = orjson.loads(domain["configuration"])
            envelope, checkpoint = said["envelope"].encode(), said["checkpoint"]
            checkpoint.encode()  # it is text, or an error that is caught here
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            raise NotProven(
                f"{name} bears no head that can be read: it was altered, or a vault did not write it"
            ) from None
        newer = _newer(actions)
        try:
            key = key or key_of(actions)
            head = Head.of(open_envelope(envelope, key))
            signed = Checkpoint.verified(checkpoint, key)
        except NotProven as error:
            raise NotProven(f"{name}: {error}{f'; or it {newer}' if newer else ''}") from None
        entry, tree = head.entry, head.tree
        if data != before + newline + _last_line(envelope, checkpoint):
            raise NotProven(f"{name} was altered: its last line is not in the form in which it is written")
        if hashlib.sha256(before + newline).hexdigest() != entry.actions:
            raise NotProven(f"{name} was altered: what it says to readers of Delta Lake is not what was signed")
        if (signed.origin, signed.size, signed.root) != (entry.vault, tree.size, tree.root()):
            raise NotProven(f"{name}: its checkpoint is not that of its head")
        if entry.commit != number or tree.size != number + 1:
            raise NotProven(f"{name} holds the head of commit {entry.commit}: it was moved here")
        if _paths(actions, "add") != [file.name for file in entry.added]:
            raise NotProven(f"{name}: the files that it shows to readers of Delta Lake are not those of its head")
        if _paths(actions, "remove") != list(entry.removed):
            raise NotProven(f"{name}: the files that it takes from readers of Delta Lake are not those of its head")
        if newer:
            raise BadInput(f"{name} {newer}")
        return cls(head, actions, envelope, checkpoint, hashlib.sha256(data).hexdigest(), key)


def written(head: Head, actions: bytes, key: Key) -> bytes:
    """Return the file of a commit.

    Parameters
    ----------
    head
        What it says of itself.
    actions
        What it says to readers of Delta Lake, as `lines`.
    key
        What it is signed with.

    Examples
    --------
    >>> from outcross.vault.merkle import EMPTY, Frontier
    >>> key, time = Key.of_seed(bytes(32)), "2026-01-01T00:00:00Z"
    >>> actions = lines(table("cats-1f", key.public, time, {}))
    >>> digest = hashlib.sha256(actions).hexdigest()
    >>> entry = Entry("cats-1f", 0, "init", time, None, digest, 0, 0, EMPTY.hex())
    >>> data = written(Head(entry, Frontier().append(entry.leaf())), actions, key)
    >>> Commit.read(data, 0).entry == entry
    True
    >>> Commit.read(data.replace(b"cats", b"cods", 1), 0)
    Traceback (most recent call last):
    ...
    outcross.core.errors.NotProven: _delta_log/00000000000000000000.json was altered: ...
    """
    envelope = sealed(head.statement(), key)
    checkpoint = Checkpoint(head.entry.vault, head.tree.size, head.tree.root()).signed(key)
    return actions + _last_line(envelope, checkpoint)


def _last_line(envelope: bytes, checkpoint: str) -> bytes:
    said = orjson.dumps({"envelope": envelope.decode(), "checkpoint": checkpoint}).decode()
    return lines([{"domainMetadata": {"domain": DOMAIN, "configuration": said, "removed": False}}])


def key_of(actions: Sequence[Mapping[str, Any]]) -> PublicKey:
    """Return the key that the first commit names.

    Raises
    ------
    NotProven
        If it names none.

    Examples
    --------
    See `settings_of`.
    """
    try:
        return PublicKey.of(str(settings_of(actions).get("outcross.key")))
    except BadInput:
        raise NotProven("it names no key: it was altered, or a vault did not write it") from None


def settings_of(actions: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Return the configuration of the table.

    Raises
    ------
    NotProven
        If these actions have none.

    Examples
    --------
    >>> made = table("cats-1f", Key.of_seed(bytes(32)).public, "2026-01-01T00:00:00Z", {})
    >>> settings_of(made)["outcross.origin"], key_of(made) == Key.of_seed(bytes(32)).public
    ('cats-1f', True)
    """
    found = _settings(actions)
    if found is None:
        raise NotProven("it says nothing of the table: it was altered, or a vault did not write it")
    return found


def _settings(actions: Sequence[Any]) -> Mapping[str, str] | None:
    """The configuration, whatever else the lines say: they are not verified yet."""
    for action in actions:
        table = action.get("metaData") if isinstance(action, dict) else None
        found = table.get("configuration") if isinstance(table, dict) else None
        if isinstance(found, dict):
            return found
    return None


def _newer(actions: Sequence[Any]) -> str | None:
    """Why this version cannot read on, where a commit says so: each that changes the table names the format again."""
    named = str((_settings(actions) or {}).get("outcross.format", FORMAT))
    if not (named.isascii() and named.isdecimal() and len(named) < 10) or int(named) <= FORMAT:
        return None
    return f"was made by a newer outcross (format {named}; {FORMAT} is known): upgrade"


def _paths(actions: Sequence[Mapping[str, Any]], kind: str) -> list[str]:
    return [action[kind]["path"] for action in actions if kind in action]
