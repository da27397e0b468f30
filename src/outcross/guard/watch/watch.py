"""Watching a corpus: snapshots are made or read, compared, and held against the thresholds."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from outcross.core.errors import BadInput, BadSetting, NotProven
from outcross.core.provenance import Origin
from outcross.guard.snapshot.snapshot import Snapshot, stratum
from outcross.guard.snapshot.taking import snapshot
from outcross.guard.source import Source
from outcross.guard.watch.asked import asked as questions
from outcross.guard.watch.compare import compare
from outcross.guard.watch.examples import word_examples
from outcross.guard.watch.gate import gates
from outcross.guard.watch.thresholds import Thresholds
from outcross.guard.watch.watched import Comparison, Watch

if TYPE_CHECKING:
    from outcross.core.engine import Engine
    from outcross.corpus.fields import Fields
    from outcross.vault.vault import Vault

Watched: TypeAlias = "str | Path | Source | Vault | Snapshot"
"""What can be watched: a stored snapshot, a corpus, or a snapshot in memory."""

SUFFIX = ".snapshot"
"""How the file of a snapshot ends that lies beside its data."""


def watch(
    *corpora: Watched,
    against: str | Path | Vault | None = None,
    thresholds: str | Path | Thresholds | None = None,
    fields: Fields | None = None,
    engine: str | Engine = "processes",
    level: float = 0.95,
    excerpts: bool = True,
) -> Watch:
    r"""Compare snapshots of a corpus, oldest first, and say whether the newest may pass.

    Parameters
    ----------
    corpora
        Stored snapshots, corpora (see `outcross.guard.source.Source`) or snapshots in memory, at least two with the
        baseline. The newest is judged against the first.
    against
        A vault as the baseline: the snapshot that lies beside it, else one of its human records.
    thresholds
        A file of thresholds, or thresholds; the usual ones by default. It may name the baseline too.
    fields
        Which column of a file is which field of a record.
    engine
        Who reads corpora.
    level
        Confidence level of all intervals of one comparison together.
    excerpts
        Whether snapshots that are made keep the beginnings of some texts.

    Raises
    ------
    MissingInput, BadInput
        If something is not there, is damaged, or has no record.
    BadSetting
        If there is nothing to compare with, or a threshold is not understood.
    NotProven
        If the baseline is not the one that the thresholds pin.

    Examples
    --------
    >>> may = Snapshot.of([f"the fox number {i} met {i * i} lazy dogs" for i in range(300)])
    >>> june = Snapshot.of([f"the fox number {i % 100} met {i} lazy dogs" for i in range(300)])
    >>> found = watch(may, june)
    >>> found.answer, found.exit_code, found.passed
    ('fail', 1, False)
    """
    began = time.perf_counter()
    if not 0 < level < 1:
        raise BadSetting(f"level must lie between 0 and 1, not {level:g}")
    asked = _thresholds(thresholds)
    asked.check(_known())
    given: list[Watched] = [*_baseline(against, asked, engine), *corpora]
    if len(given) < 2:
        raise BadSetting(
            "watch compares at least two: give OLD and NEW, or NEW with --against VAULT, or name the baseline "
            "in the thresholds ([baseline] snapshot = ...)"
        )
    taken = [taken_of(one, fields, engine, excerpts) for one in given]
    names = _names(given)
    if against is not None and isinstance(given[0], Snapshot):
        names = (f"{Source.of(against).name}, human", *names[1:])
    _check_pin(taken[0], names[0], asked)
    first = [_compare(taken, names, 0, place, asked, level) for place in range(1, len(taken))]
    steps = [first[0], *(_compare(taken, names, a, b, asked, level) for a, b in pairwise(range(1, len(taken))))]
    return Watch(
        tuple(taken),
        names,
        tuple(first),
        tuple(steps),
        asked,
        word_examples(taken[0], taken[-1]),
        level,
        time.perf_counter() - began,
    )


def taken_of(
    given: Watched, fields: Fields | None = None, engine: str | Engine = "processes", excerpts: bool = True
) -> Snapshot:
    """Return the snapshot of what is given: as it is stored, or made now; never one of nothing.

    Raises
    ------
    BadInput
        If it is empty or damaged.

    Examples
    --------
    >>> taken_of(Snapshot.of(["a cat"])).documents
    1
    """
    if isinstance(given, Snapshot):
        found = given
    elif isinstance(given, str | Path) and is_stored(given):
        found = Snapshot.load(given)
    else:
        return snapshot(given, fields=fields, engine=engine, excerpts=excerpts)
    if not found.documents:
        name = "a snapshot" if isinstance(given, Snapshot) else f"'{given}'"
        raise BadInput(f"{name} is one of no document: there is nothing to compare")
    return found


def is_stored(path: str | Path) -> bool:
    """Return whether this is the file of a snapshot: by its name, or, under another name, by its being a ZIP file.

    Examples
    --------
    >>> is_stored("may.snapshot"), is_stored("may.jsonl")
    (True, False)
    """
    return Path(path).suffix == SUFFIX or zipfile.is_zipfile(path)


def beside(path: str | Path) -> Path:
    """Return where the snapshot of a corpus lies that is kept beside it.

    Examples
    --------
    >>> beside("data/corpus.vault/").as_posix(), beside("may.jsonl").as_posix()
    ('data/corpus.vault.snapshot', 'may.jsonl.snapshot')
    """
    place = Path(path)
    return place.with_name(place.name + SUFFIX)


def _thresholds(given: str | Path | Thresholds | None) -> Thresholds:
    return given if isinstance(given, Thresholds) else Watch.asks(given)


def _known() -> set[str]:
    """The metrics that can be asked for: those of a corpus of which everything is known."""
    one = Snapshot.of(["a cat"], [stratum("human", 0, "animals")])
    return {number.question for number in questions(one, one)}


def _baseline(against: str | Path | Vault | None, asked: Thresholds, engine: str | Engine) -> Iterable[Watched]:
    """What comes before all that is given."""
    named = asked.baseline.snapshot
    if against is None:
        return () if named is None else (named,)
    if named is not None:
        raise BadSetting(
            f"--against '{against}', and {asked.name} names the baseline '{named}': leave out one of the two"
        )
    source = Source.of(against)
    if source.vault is None:
        raise BadSetting(f"'{against}' is no vault: give it as OLD, before NEW")
    stored = beside(source.path)
    return (stored,) if stored.is_file() else (snapshot(source, engine=engine, only=Origin.HUMAN),)


def _check_pin(baseline: Snapshot, name: str, asked: Thresholds) -> None:
    pinned = asked.baseline.sha256
    if pinned is not None and baseline.digest != pinned:
        raise NotProven(f"the baseline '{name}' has SHA-256 {baseline.digest}, but {asked.name} pins {pinned}")


def _compare(
    taken: Sequence[Snapshot], names: Sequence[str], old: int, new: int, asked: Thresholds, level: float
) -> Comparison:
    changes = compare(taken[old], taken[new], level=level)
    return Comparison(names[old], names[new], changes, gates(changes, asked))


def _names(given: Sequence[Any]) -> tuple[str, ...]:
    """What each is called: the end of its path, as much of it as tells it from the others."""
    paths = [_path(one, place) for place, one in enumerate(given)]
    for parts in range(1, max(len(Path(path).parts) for path in paths) + 1):
        short = ["/".join(Path(path).parts[-parts:]) for path in paths]
        if len(set(short)) == len(set(paths)):
            break
    return tuple(name if short.count(name) == 1 else f"{name} ({place})" for place, name in enumerate(short, 1))


def _path(one: Any, place: int) -> str:
    if isinstance(one, Snapshot):
        return f"snapshot {place + 1}"
    path = one.path if isinstance(one, Source) else one if isinstance(one, str | Path) else one.uri
    return str(path).rstrip("/")
