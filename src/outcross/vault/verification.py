"""Is every byte of a vault what was signed? Reads all of it, and names each file that is not, and why.

The log is looked at first, then the files that it names, then what lies there that nothing explains. A later commit
names the digest of the one before, so of two files that do not fit, the earlier one is at fault.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, final

from outcross.core.errors import BadInput, MissingInput, NotProven
from outcross.core.progress import tell
from outcross.core.wording import count_of
from outcross.vault.commit import LOG, Commit, name_of
from outcross.vault.keys import PublicKey
from outcross.vault.log import COMMIT, breaks
from outcross.vault.merkle import Frontier
from outcross.vault.objects import Objects
from outcross.vault.part import FOLDER, DataFile, rows
from outcross.vault.placed import PENDING
from outcross.vault.record import WITHDRAWAL, with_leaves
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
        """One line, whatever the file is called: who can put a file there could write lines of this report."""
        return f"{self.file if self.file.isprintable() else ascii(self.file)} {self.what}"


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
        read = f"{count_of(self.commits, 'commit')} and {count_of(self.files, 'file')}, {self.size:,} bytes"
        if self.records:
            read += f", {count_of(self.records, 'row')} one by one"
        return f"{'sound' if self.sound else count_of(len(self.faults), 'fault')}: {read}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        told = [{"file": one.file, "what": one.what} for one in self.faults]
        remarks = [{"file": one.file, "what": one.what} for one in self.remarks]
        plain = {"commits": self.commits, "files": self.files, "bytes": self.size, "records": self.records}
        return {"sound": self.sound, "faults": told, "remarks": remarks, **plain}


def verify(
    objects: Objects, key: PublicKey | None = None, seen: Seen | None = None, *, records: bool = False
) -> Verification:
    """Read all of a vault, and say what of it is not what was signed. What others write meanwhile is no fault.

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
    BadInput
        If it was made by a newer version.

    Source: RFC 9162 (trees), C2SP tlog-checkpoint, DSSE.

    Examples
    --------
    >>> import tempfile
    >>> from outcross.vault.keys import Key
    >>> from outcross.vault.vault import Vault
    >>> vault = Vault.create(tempfile.mkdtemp(), key=Key.of_seed(bytes(32)), memory=False)
    >>> print(verify(vault.objects))
    sound: 1 commit and 0 files, ...
    """
    before: frozenset[Finding] = frozenset()
    while True:
        sizes = dict(objects.names())
        found = _verified(objects, sizes, key, seen, records)
        lasting = before.intersection(found.faults)  # what a writer is just doing looks otherwise the next time
        if found.sound or lasting or dict(objects.names()) == sizes:
            return replace(found, faults=tuple(sorted(lasting or found.faults)))
        before = frozenset(found.faults)


def _verified(
    objects: Objects, sizes: Mapping[str, int], key: PublicKey | None, seen: Seen | None, records: bool
) -> Verification:
    log = _read_log(objects, sizes, key or (None if seen is None else seen.key), seen)
    faults = list(log.faults)
    active, past, quarantine = log.named()
    checked, remarks = _explained(objects, sizes, log, {*active, *past, *quarantine})
    for name in (*active, *quarantine):
        if name not in sizes and name in active and log.added_by(name) < log.doubt:
            remarks.append(Finding(name, "is not there: a commit that cannot be trusted may have replaced it"))
        elif name not in sizes:
            faults.append(Finding(name, "is missing"))
    remarks += [Finding(name, "was replaced by a compaction; the next one removes it") for name in past.keys() & sizes]
    wanted = {name: file.sha256 for name, file in {**past, **active}.items()} | quarantine
    to_read = {name: digest for name, digest in wanted.items() if name in sizes}
    changed = [one for one in _changed(objects, to_read, sizes) if one.file not in past or _there(objects, one.file)]
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
@dataclass(frozen=True)
class _Log:
    """What could be read of a log, and what could not.

    Parameters
    ----------
    faults
        What is wrong with it.
    commits
        The commits that nothing is wrong with.
    doubt
        Number of the last commit that something is wrong with: infinite where that is the whole history, -1 for none.
        What is there, or is not, may be its doing.
    """

    faults: tuple[Finding, ...]
    commits: Mapping[int, Commit]
    doubt: float = -1

    def added_by(self, name: str) -> int:
        """The last commit that brought a data file."""
        return max(n for n, commit in self.commits.items() if name in {file.name for file in commit.entry.added})

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


def _read_log(objects: Objects, sizes: Mapping[str, int], key: PublicKey | None, seen: Seen | None) -> _Log:
    there = {int(match[1]) for name in sizes if (match := COMMIT.fullmatch(name))}
    if not there:
        raise MissingInput(f"no vault at '{objects.uri}'")
    found: dict[int, Commit] = {}
    wrong = {} if 0 in there else {0: "is missing: the log begins with it"}
    for number in sorted(there):
        try:
            data = objects.read(name_of(number))
        except (BadInput, MissingInput) as error:
            wrong[number] = str(error)
            continue
        if key is None and number:  # the first could not be read, and it alone says who signs
            continue
        try:
            found[number] = Commit.read(data, number, key)
        except NotProven as error:
            wrong[number] = _without_name(str(error), name_of(number))
            continue
        key = found[number].key
    gone = {n: "is missing: a later commit is there" for n in range(max(found, default=0)) if n not in there}
    out, torn = _out_of_line(found, seen)
    wrong = gone | wrong | out
    faults = [Finding(name_of(number), what) for number, what in wrong.items()]
    faults += [Finding(LOG, what) for what in torn.values()]
    doubt: float = max((*wrong, *torn), default=-1)
    if seen is not None and key is not None and not faults:
        whole = [commit for _, commit in sorted(found.items())]
        roots = [commit.head.tree.root() for commit in whole]
        unlike = compare(seen, whole[0].entry.vault, key, len(whole), lambda n: roots[n - 1] if n else None)
        faults = [Finding(LOG, what) for what in unlike]
        doubt = float("inf") if unlike else doubt
    trusted = found.keys() - wrong.keys() - {one for n in torn for one in (n - 1, n)}
    return _Log(tuple(faults), {n: found[n] for n in sorted(trusted)}, doubt)


def _out_of_line(found: Mapping[int, Commit], seen: Seen | None) -> tuple[dict[int, str], dict[int, str]]:
    """Commits that are signed, and do not belong where they are; and where it cannot be told which of two does not."""
    if not found:
        return {}, {}
    names = Counter(commit.entry.vault for commit in found.values())
    name = names.most_common(1)[0][0] if seen is None else seen.origin
    wrong = {n: f"is of another vault, {one.entry.vault}" for n, one in found.items() if one.entry.vault != name}
    ours = {n: commit for n, commit in sorted(found.items()) if n not in wrong}
    breach = {n: why for n in ours if (n == 0 or n - 1 in ours) and (why := breaks(ours.get(n - 1), ours[n]))}
    torn: dict[int, str] = {}
    for n, why in breach.items():
        if n - 1 in wrong and n - 1 in breach:  # the one before fits on neither side, and is at fault already
            continue
        alone = n == 0 or ours[n].entry.previous == ours[n - 1].digest
        at_fault = n if alone or n + 1 in breach else _replaced(n, ours, seen)
        if at_fault is None:
            torn[n] = f"has two histories, both signed: commit {n} does not go on from {n - 1}, and one was replaced"
        elif at_fault == n:
            wrong[n] = f"does not go on from the commit before: {why}"
        else:
            wrong[n - 1] = f"is not the one that commit {n} goes on from"
    return wrong, torn


def _replaced(number: int, commits: Mapping[int, Commit], seen: Seen | None) -> int | None:
    """Which of two commits is not the one that was there, this or the one before; None where nothing tells."""
    last = None if seen is None else commits.get(seen.size - 1)
    if seen is not None and last is not None and last.entry.commit >= number - 1:
        known = last.head.tree.root() == seen.root
        if last.entry.commit <= number:
            return number if known == (last.entry.commit < number) else number - 1
        if known:
            return number - 1
    return number - 1 if number + 1 in commits else None


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


def _there(objects: Objects, name: str) -> bool:
    return any(found == name for found, _ in objects.names(name))


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
        elif ours and (path.stem in pending or log.doubt >= 0):
            why = "a commit that cannot be read may name it" if log.doubt >= 0 else "an add that has not ended wrote it"
            remarks.append(Finding(name, f"is named by no commit: {why}"))
        else:
            faults.append(Finding(name, "is named by no commit: it was added, or the log was rolled back"))
    return faults, remarks


def _pending(objects: Objects, sizes: Mapping[str, int]) -> set[str]:
    """Digests of the files that lie in the folder of unfinished work, and those that empty ones are called after."""
    files = [name for name in sizes if name.startswith(f"{PENDING}/") and name.endswith((".parquet", ".jsonl"))]
    marks = {PurePosixPath(name).stem for name in files if not sizes[name]}
    return marks | {digest for name in files if sizes[name] and (digest := _digest(objects, name))}


def _rows(objects: Objects, log: _Log, files: Sequence[DataFile]) -> tuple[int, list[Finding]]:
    """Hash every text and every row again, and compare the trees of the commits that are whole."""
    faults = _gaps(log)
    rights = _Erased()
    entries = [commit.entry for _, commit in sorted(log.commits.items()) if commit.entry.rows]
    trees = [Frontier() for _ in entries]
    total, done = sum(file.rows for file in files), 0
    for file in files:
        try:
            frame = rows(objects, file)
        except (NotProven, MissingInput):
            faults.append(Finding(file.name, "cannot be read"))
            continue
        faults += [Finding(file.name, what) for what in _unlike(frame, file)]
        rights.look(file.name, frame)
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
    return done, faults + rights.faults()


def _gaps(log: _Log) -> list[Finding]:
    """A compaction whose files do not take the place of those that it removed, row for row."""
    faults = []
    active: dict[str, DataFile] = {}
    for number, commit in sorted(log.commits.items()):
        old = [active.pop(name) for name in commit.entry.removed if name in active]
        if _spans(old) != _spans(commit.entry.added) and old:
            faults.append(Finding(name_of(number), "has files that do not hold the rows of those that they replace"))
        active |= {file.name: file for file in commit.entry.added}
    return faults


def _spans(files: Sequence[DataFile]) -> list[tuple[int, int]]:
    """The positions that files hold, as few pieces as can be."""
    spans: list[tuple[int, int]] = []
    for file in sorted(files, key=lambda file: file.first):
        if spans and spans[-1][1] == file.first:
            spans[-1] = (spans[-1][0], file.stop)
        else:
            spans.append((file.first, file.stop))
    return spans


@final
class _Erased:
    """Rows that were erased, which only withdrawn records may be."""

    def __init__(self) -> None:
        self._erased: dict[str, pl.Series] = {}
        self._withdrawn: list[pl.Series] = []

    def look(self, name: str, frame: pl.DataFrame) -> None:
        """Keep the ids of those that a file holds, and of the tombstones."""
        self._withdrawn.append(frame.filter(frame["kind"] == WITHDRAWAL)["id"])
        if "erased" in frame.columns and frame["erased"].any():
            self._erased[name] = frame.filter(frame["erased"].fill_null(False))["id"]

    def faults(self) -> list[Finding]:
        """Files with rows that were erased and not withdrawn."""
        withdrawn = {one for ids in self._withdrawn for one in ids} if self._erased else set[str]()
        return [
            Finding(name, "holds a row that was erased, and its record was not withdrawn")
            for name, ids in self._erased.items()
            if not withdrawn.issuperset(ids)
        ]


def _unlike(frame: pl.DataFrame, file: DataFile) -> Iterator[str]:
    """What does not fit in the rows of a file; what was erased cannot be looked at, and its leaf is in the tree."""
    if frame.height != file.rows:
        yield f"holds {frame.height:,} rows, and its head says {file.rows:,}"
    import polars as pl

    texts = frame.filter(frame["text"].is_not_null())
    if [hashlib.sha256(text.encode()).digest() for text in texts["text"]] != texts["raw_sha256"].to_list():
        yield "holds a text that is not that of its digest"
    nowhere = pl.repeat(False, frame.height, eager=True)
    erased = frame["erased"].fill_null(False) if "erased" in frame.columns else nowhere
    kept, gone = frame.filter(~erased), frame.filter(erased)
    if kept.filter(kept["text"].is_null() & kept["raw_sha256"].is_not_null()).height:
        yield "holds a row without its text that was not erased"
    if gone.filter(gone["text"].is_not_null() | gone["metadata"].is_not_null()).height:
        yield "holds a row that is said to be erased, and is not"
    if not with_leaves(kept)["leaf"].equals(kept["leaf"]):
        yield "holds a row that is not that of its leaf"
