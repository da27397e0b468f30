"""Adding files to a vault: an engine works on shards, then one commit makes all of it visible, or nothing is."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, final

import numpy as np
import orjson

from outcross.core.engine import Engine
from outcross.core.errors import BadInput
from outcross.core.provenance import Provenance, Stratum
from outcross.core.wording import count_of
from outcross.corpus.fields import Fields
from outcross.corpus.files import existing
from outcross.corpus.jobs import Job, open_job, run_job
from outcross.corpus.shards import Shard, shards
from outcross.corpus.share import Share
from outcross.vault.catalog import CLAIMS, Catalog, Keys, claims_of, keys_of
from outcross.vault.entering import Entering
from outcross.vault.head import compact
from outcross.vault.keys import Key
from outcross.vault.known import Known
from outcross.vault.labelling import check_unicode, in_unicode
from outcross.vault.log import Change, Log, append, reading
from outcross.vault.objects import TEMPORARY, Objects
from outcross.vault.part import name_of, scan
from outcross.vault.placed import PENDING, Placed, refusing
from outcross.vault.staged import (
    Staged,
    against,
    counted,
    data_files,
    root,
    with_parents,
    without_copies,
    without_twins,
)

ASIDE = "quarantine.jsonl"
"""What could not be read of an `add` that is not committed."""

REFUSED = "refused"
"""The file that says that an `add` was refused as a whole."""

AGAIN = 3
"""How often work is begun that others clear away, since nothing of it is new."""

MOST = 0.01
"""The share of rows that may go to quarantine before an `add` is refused."""


@final
@dataclass(frozen=True)
class Request:
    """What is to be added, and what is said of it.

    Parameters
    ----------
    inputs
        Files and folders, and addresses of data sets of the Hugging Face hub (``hf:NAME``), which are fetched.
    told, claimed
        What is said of all records, and whether that includes their origin.
    fields
        Which column is which field.
    run, correct
        See `outcross.vault.entering.Entering`.
    most
        The share of rows that may go to quarantine.

    Examples
    --------
    >>> from outcross.core.provenance import Origin
    >>> Request((Path("cats.jsonl"),), Provenance(Origin.HUMAN)).most
    0.01
    """

    inputs: tuple[Path | str, ...]
    told: Provenance
    claimed: bool = True
    fields: Fields = field(default_factory=Fields)
    run: str | None = None
    correct: bool = False
    most: float = MOST

    def described(self) -> dict[str, Any]:
        """Return what must be the same for all who work on it, as plain data."""
        told = {name: value for name, value in asdict(self.told).items() if value not in (None, ())}
        check_unicode(self.told)
        return {
            "inputs": [_identity(path) for path in self.inputs],
            "told": told | {"origin": str(self.told.origin)},
            "claimed": self.claimed,
            "fields": dict(self.fields.columns),
            "run": self.run,
            "correct": self.correct,
        }


def _identity(given: Path | str) -> list[Any]:
    """What tells whether an input is still the same: its address, or its path, size and time of change."""
    if isinstance(given, str):
        return [given]
    path = existing(given)
    found = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    status = [(in_unicode(str(p)), p.stat()) for p in found]
    return [[name, one.st_size, one.st_mtime_ns] for name, one in status]


@final
@dataclass(frozen=True)
class Receipt:
    """What came of an `add`.

    Parameters
    ----------
    commit
        Number of the commit; None where there was nothing new.
    added
        How many records are new.
    skipped
        How many were in the vault already.
    rejected
        How many went to quarantine, by kind.
    quarantine
        Where they are: a file of the vault, or of the disk; None where there are none.
    example
        One of them.

    Examples
    --------
    >>> print(Receipt(3, 1000, 0, {"broken-line": 2}, "quarantine/ab.jsonl"))
    1,000 records added in commit 3; 2 rows in quarantine (2 broken-line): quarantine/ab.jsonl
    """

    commit: int | None
    added: int
    skipped: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    quarantine: str | None = None
    example: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        said = "nothing new"
        if self.commit is not None:
            said = f"{count_of(self.added, 'record')} added in commit {self.commit}"
        if self.skipped:
            said += f"; {self.skipped:,} {'was' if self.skipped == 1 else 'were'} in the vault already"
        where = f": {self.quarantine}" if self.quarantine else ""
        return said + (f"; {_quarantined(self.rejected)}{where}" if self.rejected else "")

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def _quarantined(kinds: Mapping[str, int]) -> str:
    told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items(), key=lambda pair: -pair[1]))
    return f"{count_of(sum(kinds.values()), 'row')} in quarantine ({told})"


def add(
    objects: Objects,
    log: Log,
    request: Request,
    key: Key,
    time: str,
    *,
    engine: Engine,
    share: Share | None = None,
    stage: Path | None = None,
    registered: Keys | None = None,
) -> tuple[Log, Receipt | None]:
    """Add files to a vault.

    Parameters
    ----------
    objects, log
        The vault.
    request
        What is to be added.
    key
        What the commit is signed with.
    time
        When, in ISO 8601, UTC.
    engine, share
        Who does the work, and which share of it.
    stage
        A folder that all workers share; by default one in the vault, where it is a folder itself.
    registered
        First 64 bits of the digests of outputs that were registered elsewhere.

    Returns
    -------
    Log
        The log with the commit.
    Receipt, or None
        What came of it; None where other shares have not done theirs.

    Raises
    ------
    BadInput
        If more rows than may would go to quarantine, or there is nothing to read. Nothing is committed then.

    Examples
    --------
    See `outcross.vault.vault.Vault.ingest`.
    """
    described = request.described()
    if registered is not None:  # with more of one's own outputs known, it is other work
        described["registered"] = hashlib.sha256(np.sort(registered).tobytes()).hexdigest()
    name = hashlib.sha256(compact(described)).hexdigest()[:16]
    folder = _stage(objects, stage) / name
    if share is not None and (done := _done(log, name)) is not None and not folder.exists():
        return log, done
    began, tries = len(log.commits), 0
    while True:
        try:
            with refusing(folder):
                return _added(objects, log, request, key, time, engine, share, registered, folder, described)
        except OSError:  # it may be that others did the same work at the same time, are done, and have cleared it away
            log = log.refreshed(objects)
            done = _done(log, name)
            if done is not None and done.commit is not None and done.commit >= began:
                return log, done
            tries += 1
            if tries == AGAIN or folder.exists():
                raise


def _added(
    objects: Objects,
    log: Log,
    request: Request,
    key: Key,
    time: str,
    engine: Engine,
    share: Share | None,
    registered: Keys | None,
    folder: Path,
    described: Mapping[str, Any],
) -> tuple[Log, Receipt | None]:
    """Do what is still to be done of it."""
    proposed = {"added": time, "base": len(log.commits)}
    decided = open_job(folder / "work", described, proposed)
    if decided["base"] < proposed["base"] and (folder / REFUSED).exists():  # why it was refused may be no more
        _gone(folder)
        decided = open_job(folder / "work", described, proposed)
    os.utime(folder)  # it is not left behind: see `outcross.vault.leftovers`
    known = folder / f"known-{decided['base']}"
    if not Known.whole(known):
        log, found = reading(objects, log, lambda log: _known(objects, log, registered, request.correct))
        _laid(known, found)
    work = Entering(
        known, request.fields, request.told, request.claimed, decided["added"], request.run, request.correct
    )
    summaries = run_job(Job(folder / "work", _tasks(request.inputs), work), engine, share)
    if summaries is None:
        return log, None
    _check_named(request.fields, summaries)
    gathered = _Gathered(objects, folder, summaries, Known.load(known), request.correct)
    gathered.check(request.most)
    log, receipt = gathered.commit(
        log, key, time, {"job": folder.name, "request": described}, decided["base"], registered
    )
    _cleared(folder, keep=receipt.quarantine)
    return log, receipt


def _tasks(inputs: Sequence[Path | str]) -> list[Shard | str]:
    """What is worked on by itself: parts of files, and whole data sets of the hub."""
    paths = [one for one in inputs if isinstance(one, Path)]
    addresses = [one for one in inputs if isinstance(one, str)]
    return [*(shards(paths) if paths else []), *addresses]


def _check_named(fields: Fields, summaries: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a column that was named and is nowhere: what it was to say would be lost without a word."""
    given = {name for one in summaries for name in one["given"]}
    missing = [name for name in fields.columns if name not in given]
    if missing and any(one["rows"] or one["skipped"] for one in summaries):
        told = "; ".join(f"no record has a '{fields.columns[name]}', which was to be its {name}" for name in missing)
        raise BadInput(f"{told}: nothing was added")


def _cleared(folder: Path, keep: str | None) -> None:
    """Remove the work that is done; the rows of quarantine stay where no commit holds them."""
    kept = keep == str(folder / ASIDE)
    for path in [path for path in folder.iterdir() if path.is_dir()] if kept else [folder]:
        _gone(path)
    with suppress(OSError):
        folder.parent.rmdir()


def _gone(folder: Path) -> None:
    """Remove a folder at one moment for all who look, so that nobody goes on with half of it."""
    aside = folder.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
    with suppress(FileNotFoundError):
        folder.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)


def _stage(objects: Objects, stage: Path | None) -> Path:
    if stage is not None:
        return stage
    if objects.local is not None:
        return objects.local / PENDING
    raise BadInput(f"'{objects.uri}' is no folder: name one for the work in between with --stage")


def _known(objects: Objects, log: Log, registered: Keys | None, correct: bool) -> Known:
    """What a vault knows; with all that is said of its records, where some are to be corrected."""
    claims = None
    if correct:
        said = [claims_of(frame) for _, frame in scan(objects, log.data(), CLAIMS)]
        claims = np.concatenate(said) if said else np.zeros(0, np.uint64)
    nothing = np.zeros(0, np.uint64)
    return Known.of(Catalog().extended(objects, log.data()), nothing if registered is None else registered, claims)


def _laid(folder: Path, known: Known) -> None:
    """Lay down what is known in one step, since several shares may do so at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=folder.parent))
    known.save(temporary)
    _gone(folder)  # where it is there, it was damaged
    try:
        temporary.rename(folder)
    except OSError:  # another was faster
        shutil.rmtree(temporary, ignore_errors=True)


def _done(log: Log, name: str) -> Receipt | None:
    """What came of a job that another share has committed."""
    for commit in reversed(log.commits):
        if commit.entry.note.get("job") == name:
            return _receipt(commit.entry.commit, commit.entry.note)
    return None


def _receipt(number: int | None, note: Mapping[str, Any]) -> Receipt:
    return Receipt(number, note["records"], note["skipped"], note["rejected"], note["quarantine"], note["example"])


@final
class _Gathered:
    """What all shards gave, on its way to one commit."""

    def __init__(
        self, objects: Objects, folder: Path, summaries: Sequence[Mapping[str, Any]], known: Known, correct: bool
    ) -> None:
        self._objects, self._folder, self._correct = objects, folder, correct
        self._placed = Placed(objects)
        work = folder / "work"
        self.staged = [Staged.of(work, part) for one in summaries for part in one["parts"]]
        self.skipped = sum(one["skipped"] for one in summaries)
        self.rejected: dict[str, int] = {}
        for one in summaries:
            for kind, count in one["rejected"].items():
                self.rejected[kind] = self.rejected.get(kind, 0) + count
        self.example = next((orjson.loads(one["example"]) for one in summaries if one["example"]), None)
        self._files = [work / one["quarantine"] for one in summaries if one["quarantine"]]
        self._late: list[tuple[str, str, str]] = []
        rows = sum(one.rows for one in self.staged)
        self.staged, twins = without_twins(self.staged)
        self.skipped += rows - sum(one.rows for one in self.staged) - len(twins)
        self._refuse("id-twice", twins)
        self.staged, copies = without_copies(self.staged)
        self._refuse("machine-output", copies)
        if correct or any(one["orphans"] for one in summaries):  # a parent may be corrected with its children
            self.staged, orphans = with_parents(self.staged, known)
            self._refuse("no-parent", orphans)

    def _refuse(self, kind: str, refused: Sequence[tuple[str, str]]) -> None:
        if not refused:
            return
        self.rejected[kind] = self.rejected.get(kind, 0) + len(refused)
        self._late += [(name, kind, reason) for name, reason in refused]
        self.example = self.example or {"id": refused[0][0], "kind": kind, "reason": refused[0][1]}

    def check(self, most: float) -> None:
        """Refuse the whole where too many rows are broken, or there is none."""
        bad, good = sum(self.rejected.values()), sum(one.rows for one in self.staged) + self.skipped
        if not bad + good:
            raise BadInput("there is no record in what was to be added")
        if bad > most * (bad + good):
            path = self._quarantine(self._folder / ASIDE)
            (self._folder / REFUSED).touch()
            said = self.example or {}
            where = f"{said['file']}, line {said['line']}: " if "file" in said else ""
            raise BadInput(
                f"{_quarantined(self.rejected)}, more than {most:.1%} of {bad + good:,}: nothing was added. "
                f"The first: {where}{said.get('reason')}. All are in '{path}'; --most-broken allows more"
            )

    def _quarantine(self, path: Path) -> Path:
        """All that was rejected, in one file; one that was written before may have its name in the vault already."""
        path.unlink(missing_ok=True)
        with path.open("wb") as out:
            for file in self._files:
                with file.open("rb") as part:
                    shutil.copyfileobj(part, out)
            for name, kind, reason in self._late:
                out.write(orjson.dumps({"id": name, "kind": kind, "reason": reason}, option=orjson.OPT_APPEND_NEWLINE))
            out.flush()
            os.fsync(out.fileno())
        return path

    def commit(
        self, log: Log, key: Key, time: str, note: Mapping[str, Any], base: int, registered: Keys | None
    ) -> tuple[Log, Receipt]:
        """Make it visible."""
        number: int | None = None
        told = {**note, **self._told(commits=False)}

        def build(log: Log) -> Change | None:
            nonlocal number, told
            if len(log.commits) > base:
                self._recheck(_known(self._objects, log, registered, self._correct))
            if not any(one.rows for one in self.staged):
                number, told = None, {**note, **self._told(commits=False)}
                return None
            told = {**note, **self._told(commits=True)}
            number = len(log.commits)
            for one in self.staged:
                if one.rows:
                    self._placed.put(name_of(one.sha256), one.path)
            counts = self._counts(log)
            return Change("add", data_files(self.staged), (), root(self.staged), counts, told)

        if any(one.rows for one in self.staged):
            log = append(self._objects, log, build, time, key)
            self._placed.tidy(log)
        if number is None and self.rejected:
            told["quarantine"] = str(self._quarantine(self._folder / ASIDE))
        return log, _receipt(number, told)

    def _recheck(self, known: Known) -> None:
        """Another writer may have brought the same ids, or outputs that these records copy."""
        before = sum(one.rows for one in self.staged)
        self.staged, refused = against(self.staged, known, self._correct)
        self.skipped += before - sum(one.rows for one in self.staged) - len(refused)
        self._refuse("overtaken", refused)
        self.staged, orphans = with_parents(self.staged, known)
        self._refuse("no-parent", orphans)

    def _counts(self, log: Log) -> dict[Stratum, int]:
        """Records by stratum; a new version takes the place of the one before."""
        counts = counted(self.staged)
        new = [one.read(["id", "version"]) for one in self.staged] if self._correct else []
        corrected = [keys_of(frame.filter(frame["version"] > 1)["id"]) for frame in new]
        if sum(map(len, corrected)):
            catalog = Catalog().extended(self._objects, log.data())
            rows = np.flatnonzero(catalog.live)
            old = catalog.codes[rows[np.isin(catalog.keys[rows], np.concatenate(corrected))]]
            for code, number in zip(*np.unique(old, return_counts=True), strict=True):
                stratum = catalog.strata[code]
                counts[stratum] = counts.get(stratum, 0) - int(number)
        return counts

    def _told(self, *, commits: bool) -> dict[str, Any]:
        """What is said of it in the log; the quarantine becomes a file of the vault with the commit only."""
        quarantine = None
        if self.rejected and commits:
            path = self._quarantine(self._folder / ASIDE)
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            quarantine = f"quarantine/{digest}.jsonl"
            self._placed.put(quarantine, path)
        return {
            "records": sum(one.rows for one in self.staged),
            "skipped": self.skipped,
            "rejected": self.rejected,
            "quarantine": quarantine,
            "example": self.example,
        }
