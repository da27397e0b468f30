"""Is every byte of a vault what was signed? Reads all of it, and names each file that is not, and why.

The log is looked at first, then the files that it names, then what lies there that nothing explains. A later commit
names the digest of the one before, so of two files that do not fit, the earlier one is at fault.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, final

from outcross.core.errors import BadInput, MissingInput, NotProven
from outcross.core.progress import tell
from outcross.vault.adding import PENDING
from outcross.vault.commit import LOG, Commit, name_of
from outcross.vault.keys import PublicKey
from outcross.vault.log import COMMIT, breaks
from outcross.vault.merkle import Frontier
from outcross.vault.objects import Objects
from outcross.vault.part import FOLDER, DataFile, rows
from outcross.vault.record import with_leaves
from outcross.vault.trust import Seen, compare

if TYPE_CHECKING:
    import polars as pl

QUARANTINE = "quarantine"


@final
@dataclass(frozen=True, order=True)
class Finding:
    """One file, and what is wrong with it.

    Examples
    --------
    >>> print(Finding("records/ab.parquet", "is missing"))
    records/ab.parquet is missing
    """

    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.file} {self.what}"


@final
@dataclass(frozen=True)
class Verification:
    """What a look at every byte of a vault has found.

    Parameters
    ----------
    faults
        Files that are not what was signed, are missing, or that nothing explains.
    remarks
        Files that do no harm: work of an `add` that did not end.
    commits, files, size
        How many commits and files were read, and their bytes.
    records
        How many rows were hashed again, one by one; 0 where only the files were.

    Examples
    --------
    >>> Verification((), (), 1, 1, 100).sound
    True
    """

    faults: tuple[Finding, ...]
    remarks: tuple[Finding, ...]
    commits: int
    files: int
    size: int
    records: int = 0

    @property
    def sound(self) -> bool:
        """Whether no fault was found."""
        return not self.faults

    def __str__(self) -> str:
        read = f"{self.commits:,} commits and {self.files:,} files, {self.size:,} bytes"
        if self.records:
            read += f", {self.records:,} rows one by one"
        return f"{'sound' if self.sound else f'{len(self.faults):,} faults'}: {read}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        told = [{"file": one.file, "what": one.what} for one in self.faults]
        remarks = [{"file": one.file, "what": one.what} for one in self.remarks]
        plain = {"commits": self.commits, "files": self.files, "bytes": self.size, "records": self.records}
        return {"sound": self.sound, "faults": told, "remarks": remarks, **plain}


def verify(
    objects: Objects, key: PublicKey | None = None, seen: Seen | None = None, *, records: bool = False
) -> Verification:
    """Read all of a vault, and say what of it is not what was signed.

    Parameters
    ----------
    objects
        Where the vault lies.
    key
        What it must be signed with; None for what was last seen of it, or else for the key that the vault names.
    seen
        What was last seen of it.
    records
        Whether to hash every text and every row again, too. The digest of a file already binds all that is in it; this
        shows that the rows are those of the Merkle trees, from which proofs are made.

    Returns
    -------
    Verification
        What was found. It never raises for a fault.

    Raises
    ------
    MissingInput
        If there is no vault.

    Source: RFC 9162 (trees), C2SP tlog-checkpoint, DSSE.
    """
    sizes = dict(objects.names())
    log = _read_log(objects, sizes, key or (None if seen is None else seen.key))
    faults = list(log.faults)
    if seen is not None and not faults:
        faults += [Finding(LOG, what) for what in compare(seen, log.origin, log.key, log.length, log.root_at)]
    active, past, quarantine = log.named()
    checked, remarks = _explained(objects, sizes, log, {*active, *past, *quarantine})
    faults += [Finding(name, "is missing") for name in (*active, *quarantine) if name not in sizes]
    wanted = {name: file.sha256 for name, file in {**past, **active}.items()} | quarantine
    to_read = {name: digest for name, digest in wanted.items() if name in sizes}
    changed = list(_changed(objects, to_read, sizes))
    faults += [*checked, *changed]
    hashed = 0
    if records:
        sound = [file for name, file in active.items() if name in sizes and name not in {one.file for one in changed}]
        hashed, wrong = _rows(objects, log, sorted(sound, key=lambda file: file.first))
        faults += wrong
    size = sum(sizes[name] for name in to_read) + sum(sizes.get(name_of(n), 0) for n in log.commits)
    return Verification(
        tuple(sorted(set(faults))), tuple(sorted(remarks)), len(log.commits), len(to_read), size, hashed
    )


@final
@dataclass
class _Log:
    """What could be read of a log, and what could not."""

    key: PublicKey
    faults: list[Finding] = field(default_factory=list)
    commits: dict[int, Commit] = field(default_factory=dict)
    blind: bool = False

    @property
    def origin(self) -> str:
        return next(iter(self.commits.values())).entry.vault if self.commits else ""

    @property
    def length(self) -> int:
        return max(self.commits, default=-1) + 1

    def root_at(self, size: int) -> bytes | None:
        commit = self.commits.get(size - 1)
        return None if commit is None else commit.head.tree.root()

    def named(self) -> tuple[dict[str, DataFile], dict[str, DataFile], dict[str, str]]:
        """Data files that are there to be read, those that others replaced, and files of quarantine, by name."""
        active: dict[str, DataFile] = {}
        past: dict[str, DataFile] = {}
        quarantine: dict[str, str] = {}
        for _, commit in sorted(self.commits.items()):
            for name in commit.entry.removed:
                if name in active:
                    past[name] = active.pop(name)
            active |= {file.name: file for file in commit.entry.added}
            told = commit.entry.note.get("quarantine")
            if told:
                quarantine[told] = PurePosixPath(told).stem
        return active, {name: file for name, file in past.items() if name not in active}, quarantine


def _read_log(objects: Objects, sizes: Mapping[str, int], key: PublicKey | None) -> _Log:
    there = {int(match[1]) for name in sizes if (match := COMMIT.fullmatch(name))}
    if not there:
        raise MissingInput(f"no vault at '{objects.uri}'")
    found: dict[int, Commit] = {}
    faults: list[Finding] = []
    digests: dict[int, str] = {}
    for number in sorted(there):
        try:
            data = objects.read(name_of(number))
            digests[number] = hashlib.sha256(data).hexdigest()
            commit = Commit.read(data, number, key) if number == 0 or key is not None else None
        except (NotProven, BadInput, MissingInput) as error:
            faults.append(Finding(name_of(number), _without_name(str(error), name_of(number))))
            continue
        if commit is None:  # the first could not be read, and it alone says who signs
            continue
        key = key or commit.key
        found[number] = commit
    if key is None:
        return _Log(PublicKey(bytes(32)), faults, {}, blind=True)
    log = _Log(key, faults, found)
    log.faults += [
        Finding(name_of(n), "is missing: a later commit is there") for n in range(max(there)) if n not in there
    ]
    log.blind = bool(log.faults)
    bad = {one.file for one in log.faults}
    for number, commit in sorted(found.items()):
        before = number - 1
        if number == 0 or name_of(before) in bad or before not in found:
            continue
        if commit.entry.previous != digests[before]:
            log.faults.append(Finding(name_of(before), f"is not the one that commit {number} goes on from"))
        elif wrong := breaks(found[before], commit):
            log.faults.append(Finding(name_of(number), f"does not go on from the commit before: {wrong}"))
    return log


def _without_name(said: str, name: str) -> str:
    return said.removeprefix(name).lstrip(": ") if said.startswith(name) else said


def _changed(objects: Objects, wanted: Mapping[str, str], sizes: Mapping[str, int]) -> Iterator[Finding]:
    """Hash files side by side: the hash of a large piece leaves the interpreter to others."""
    total, done = sum(sizes[name] for name in wanted), 0
    tell("verify", 0, total)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as crew:
        names = sorted(wanted)
        for name, digest in zip(names, crew.map(lambda one: _digest(objects, one), names), strict=True):
            done += sizes[name]
            tell("verify", done, total)
            if digest != wanted[name]:
                yield Finding(name, "is not what was signed: its bytes have changed" if digest else "cannot be read")


def _digest(objects: Objects, name: str) -> str | None:
    digest = hashlib.sha256()
    try:
        for piece in objects.chunks(name):
            digest.update(piece)
    except (BadInput, MissingInput):
        return None
    return digest.hexdigest()


def _explained(
    objects: Objects, sizes: Mapping[str, int], log: _Log, named: set[str]
) -> tuple[list[Finding], list[Finding]]:
    """What lies there and no commit names: a fault, unless it is known to do no harm."""
    faults, remarks = [], []
    pending = _pending(objects, sizes)
    for name in sizes:
        if name in named or COMMIT.fullmatch(name):
            continue
        path = PurePosixPath(name)
        ours = path.parts[0] in (FOLDER, QUARANTINE) and _digest(objects, name) == path.stem
        if name.startswith(f"{PENDING}/"):
            remarks.append(Finding(name, "is work of an add that has not ended; the same add goes on with it"))
        elif path.name.startswith(".tmp-"):
            remarks.append(Finding(name, "was left by a writer that was stopped; it is read by nobody"))
        elif ours and (path.stem in pending or log.blind):
            why = "a commit that cannot be read may name it" if log.blind else "an add that has not ended wrote it"
            remarks.append(Finding(name, f"is named by no commit: {why}"))
        else:
            faults.append(Finding(name, "is named by no commit: it was added, or the log was rolled back"))
    return faults, remarks


def _pending(objects: Objects, sizes: Mapping[str, int]) -> set[str]:
    """Digests of the files that lie in the folder of unfinished work."""
    files = [name for name in sizes if name.startswith(f"{PENDING}/") and name.endswith((".parquet", ".jsonl"))]
    return {digest for name in files if (digest := _digest(objects, name))}


def _rows(objects: Objects, log: _Log, files: Sequence[DataFile]) -> tuple[int, list[Finding]]:
    """Hash every text and every row again, and compare the trees of the commits that are whole."""
    faults: list[Finding] = []
    entries = [commit.entry for _, commit in sorted(log.commits.items()) if commit.entry.rows]
    trees = [Frontier() for _ in entries]
    total, done = sum(file.rows for file in files), 0
    for file in files:
        frame = rows(objects, file)
        faults += [Finding(file.name, what) for what in _unlike(frame)]
        leaves = frame["leaf"].to_list()
        for place, entry in enumerate(entries):
            low, high = max(entry.first, file.first), min(entry.first + entry.rows, file.stop)
            if low < high and trees[place].size == low - entry.first:
                trees[place] = trees[place].extend(leaves[low - file.first : high - file.first])
        done += frame.height
        tell("verify", done, total)
    for entry, tree in zip(entries, trees, strict=True):
        if tree.size == entry.rows and tree.root().hex() != entry.root:
            faults.append(Finding(name_of(entry.commit), "has a root that is not that of its rows"))
    return done, faults


def _unlike(frame: pl.DataFrame) -> Iterator[str]:
    """What does not fit in the rows of a file; what was erased cannot be looked at, and its leaf is in the tree."""
    texts = frame.filter(frame["text"].is_not_null())
    if [hashlib.sha256(text.encode()).digest() for text in texts["text"]] != texts["raw_sha256"].to_list():
        yield "holds a text that is not that of its digest"
    kept = frame.filter(~frame["erased"].fill_null(False)) if "erased" in frame.columns else frame
    if not with_leaves(kept)["leaf"].equals(kept["leaf"]):
        yield "holds a row that is not that of its leaf"
