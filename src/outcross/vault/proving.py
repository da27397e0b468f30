"""A proof that a record is in a vault: a file that anybody can check who has the vault's public key, and not the vault.

It is a C2SP proof that the entry of a commit is in the log. Its extra bytes hold the entry, what the leaf of the record
is the hash of, and the path from that leaf to the root in the entry.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np
import orjson

from outcross.core.errors import BadInput, NotProven
from outcross.vault.checkpoint import Checkpoint
from outcross.vault.head import Entry, compact
from outcross.vault.keys import PublicKey
from outcross.vault.log import Log, reading
from outcross.vault.merkle import inclusion_path, leaf_hash, verify_inclusion
from outcross.vault.objects import Objects
from outcross.vault.part import scan
from outcross.vault.proof import TlogProof
from outcross.vault.record import leaf_data

if TYPE_CHECKING:
    from outcross.vault.vault import Vault


@final
@dataclass(frozen=True)
class Proven:
    """What a proof shows.

    Parameters
    ----------
    record
        All that the vault says of the record, but for its text, of which it has the SHA-256.
    entry
        The commit that brought it.
    checkpoint
        The log that has the commit.

    Examples
    --------
    See `check_proof`.
    """

    record: Mapping[str, Any]
    entry: Entry
    checkpoint: Checkpoint

    def is_text(self, text: str) -> bool:
        """Return whether this is the record's text, byte for byte."""
        return hashlib.sha256(text.encode()).hexdigest() == self.record.get("raw_sha256")

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "record": dict(self.record),
            "vault": self.entry.vault,
            "commit": self.entry.commit,
            "time": self.entry.time,
            "checkpoint": {"size": self.checkpoint.size, "root": self.checkpoint.root.hex()},
        }


def prove(vault: Vault, name: str, version: int | None = None) -> str:
    """Return the proof that a record is in a vault, as the text of a file.

    Parameters
    ----------
    vault
        The vault.
    name
        Id of the record.
    version
        Which version of it; None for the latest.

    Raises
    ------
    MissingInput
        If there is no such record.
    BadInput
        If it has no such version.

    Source: C2SP tlog-proof; RFC 9162, section 2.1.3.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from outcross.core.provenance import Origin, Provenance
    >>> from outcross.core.text import Texts
    >>> from outcross.vault.keys import Key
    >>> from outcross.vault.vault import Vault
    >>> vault = Vault.create(tempfile.mkdtemp(), key=Key.of_seed(bytes(32)), memory=False)
    >>> vault.add(Texts.of(["A cat sleeps."]), Provenance(Origin.HUMAN))
    >>> proof = prove(vault, vault.rows(np.array([0]), ["id"])["id"][0])
    >>> proven = check_proof(proof, vault.log.key)
    >>> proven.record["origin"], proven.is_text("A cat sleeps."), proven.is_text("A cat eats.")
    ('human', True, False)
    """
    position = _position(vault, name, version)
    commits = vault.log.commits
    entry = next(c.entry for c in commits if c.entry.first <= position < c.entry.first + c.entry.rows)
    vault.log, leaves = reading(vault.objects, vault.log, lambda log: _leaves(vault.objects, log, entry))
    told = leaf_data(vault.rows(np.array([position])))[0]
    commits = vault.log.commits
    index = position - entry.first
    if leaf_hash(told) != leaves[index]:
        raise BadInput(f"the record '{name}' was erased: its digest is in the vault, what it was the digest of is not")
    path = [base64.b64encode(one).decode() for one in inclusion_path(leaves, index)]
    extra = {"entry": entry.to_dict(), "leaf": told.decode(), "index": index, "path": path}
    above = inclusion_path([one.entry.leaf() for one in commits], entry.commit)
    return TlogProof(entry.commit, above, vault.checkpoint, compact(extra)).text()


def _leaves(objects: Objects, log: Log, entry: Entry) -> list[bytes]:
    """The leaves of a commit, in order."""
    stop = entry.first + entry.rows
    files = [file for file in log.data() if file.first < stop and file.stop > entry.first]
    leaves: list[bytes] = []
    for file, frame in scan(objects, files, ["leaf"]):
        leaves += frame["leaf"][max(entry.first - file.first, 0) : stop - file.first].to_list()
    return leaves


def _position(vault: Vault, name: str, version: int | None) -> int:
    found = vault.find(name)
    frame = vault.rows(found, ["kind", "version"])
    kinds, versions = frame["kind"].to_list(), frame["version"].to_list()
    places = [
        int(position)
        for position, kind, number in zip(found, kinds, versions, strict=True)
        if kind != "withdrawal" and version in (None, number)
    ]
    if not places:
        raise BadInput(f"the record '{name}' has no version {version}; there are: {', '.join(map(str, versions))}")
    return places[-1]


def check_proof(text: str, public: PublicKey, origin: str | None = None) -> Proven:
    """Return what a proof shows, once every step of it was checked. Neither the vault nor a network is needed.

    Parameters
    ----------
    text
        The file of the proof.
    public
        The key of the vault, from whoever keeps it: a proof does not say whom to trust.
    origin
        The vault that it must be of; None for any that this key signs.

    Raises
    ------
    BadInput
        If it is no proof of a record.
    NotProven
        If a step of it does not hold.

    Examples
    --------
    >>> check_proof("nothing", PublicKey(bytes(32)))
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: not a proof: it begins with 'nothing' instead of 'c2sp.org/tlog-proof@v1'
    """
    proof = TlogProof.of(text)
    try:
        extra = orjson.loads(proof.extra or b"")
        entry = Entry.of(extra["entry"])
        told, index = extra["leaf"].encode(), int(extra["index"])
        path = [base64.b64decode(one, validate=True) for one in extra["path"]]
        record = orjson.loads(told)
    except (orjson.JSONDecodeError, binascii.Error, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"the proof is not one of a record: {type(error).__name__} {error}") from None
    if compact({**extra, "index": index}) != proof.extra:  # whoever writes the number in another way is refused, too
        raise BadInput("the proof is not in the form in which it is written")
    if entry.commit != proof.index:
        raise NotProven(f"the proof is of entry {proof.index}, and speaks of commit {entry.commit}")
    checkpoint = proof.verify(entry.leaf(), public, origin or entry.vault)
    verify_inclusion(leaf_hash(told), index, entry.rows, path, bytes.fromhex(entry.root))
    return Proven(record, entry, checkpoint)
