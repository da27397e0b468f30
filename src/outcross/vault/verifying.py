"""Verifying a vault by its address, also one whose log is too damaged to be opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from outcross.core.errors import BadInput, NotProven
from outcross.corpus.files import existing
from outcross.vault.checkpoint import Checkpoint
from outcross.vault.commit import LOG
from outcross.vault.keys import PublicKey
from outcross.vault.log import Log
from outcross.vault.note import Note
from outcross.vault.objects import objects
from outcross.vault.trust import Seen, recall, remember
from outcross.vault.verification import Finding, Verification
from outcross.vault.verification import verify as verify_objects


def verify(
    uri: str | Path,
    *,
    public: PublicKey | str | None = None,
    checkpoint: Path | str | None = None,
    records: bool = False,
    options: Mapping[str, str] | None = None,
    memory: bool = True,
) -> Verification:
    """Read every byte of a vault, and say what is not what was signed. It does not raise for a fault.

    Parameters
    ----------
    uri, options
        Where it lies.
    public
        The key that it must be signed with; None for the one that was seen before, or else the one that it names.
    checkpoint
        A file with an earlier checkpoint, which the log must go on from; or its text.
    records
        Whether to hash every text and every row again, too.
    memory
        Whether to compare with what was last seen of it, and to remember it where it is sound.

    Raises
    ------
    MissingInput
        If there is no vault.
    BadInput
        If the checkpoint is none.

    Examples
    --------
    >>> verify("no/such/place", memory=False)
    Traceback (most recent call last):
    ...
    outcross.core.errors.MissingInput: no vault at '...no/such/place'
    """
    note = None if checkpoint is None else _note(checkpoint)
    place = objects(uri, options)
    key = PublicKey.of(public) if isinstance(public, str) else public
    seen = recall(place.uri) if memory else None
    found = verify_objects(place, key, seen, records=records)
    if not found.sound:
        return found
    log = Log.load(place, key or (None if seen is None else seen.key))
    if note is not None and (wrong := _breaks_with(log, note)):
        return replace(found, faults=(Finding(LOG, wrong),))
    if memory:
        tree = log.last.head.tree
        remember(Seen(place.uri, log.origin, log.key, tree.size, tree.root()))
    return found


def _note(checkpoint: Path | str) -> str:
    if isinstance(checkpoint, str) and "\n" in checkpoint:
        return _read(checkpoint, "the text")
    try:
        return _read(existing(Path(checkpoint)).read_bytes().decode(), f"'{checkpoint}'")
    except UnicodeDecodeError:
        raise BadInput(f"'{checkpoint}' is no checkpoint: it is not UTF-8") from None


def _read(note: str, what: str) -> str:
    """The checkpoint, if it is one at all: what is no checkpoint is no fault of the vault."""
    try:
        Checkpoint.of(Note.of(note).text)
    except BadInput as error:
        raise BadInput(f"{what} is no checkpoint: {error}") from None
    return note


def _breaks_with(log: Log, note: str) -> str | None:
    """Why a log does not go on from a checkpoint; None where it does."""
    try:
        earlier = Checkpoint.verified(note, log.key, log.origin, witnessed=True)
    except NotProven as error:
        return f"cannot go on from the checkpoint: {error}"
    root = log.root_at(earlier.size)
    if root is None:
        return f"has {len(log.commits):,} commits, and {earlier.size:,} at the checkpoint: it was rolled back"
    return None if root == earlier.root else f"has another history than the checkpoint, of {earlier.size:,} commits"
