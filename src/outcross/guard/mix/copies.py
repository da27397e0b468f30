"""Records that are the same record: each copy gets a key of its own, so that none is in or out with the others.

Which of them gets which key is decided by what they say, so that it does not depend on where they lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np

from outcross.core.engine import Engine
from outcross.core.seed import Seed
from outcross.corpus.jobs import Job, open_job, run_job
from outcross.guard.mix.siphash import Words, keys_of, of_digests, of_numbers, of_texts
from outcross.guard.mix.survey import Surveyed, keep
from outcross.guard.source import Task, frames

MOST = 2**24
"""Keys that are looked at at once."""


def tell_apart(surveyed: Surveyed, tasks: Sequence[Task], folder: Path, engine: Engine, seed: Seed) -> int:
    """Give each copy of a record a key of its own; return how many records are copies of an earlier one.

    Parameters
    ----------
    surveyed
        What the first pass found; keys are changed in place.
    tasks
        The tasks of that pass: those that hold copies are read once more, to see what else they say.
    folder
        Where that work is kept.
    engine
        Who does it.
    seed
        What the keys are made from.

    Examples
    --------
    See `outcross.guard.mix.mix.mix`.
    """
    shared = _shared(surveyed)
    if not len(shared):
        return 0
    at = [np.flatnonzero(_among(rows["key"], shared)) for rows in surveyed.rows]
    places = [place for place, found in enumerate(at) if len(found)]
    paths = [
        (tasks[place], (surveyed.rows[place]["line"][at[place]].astype(np.int64) + tasks[place].part.first).tolist())
        for place in places
    ]
    open_job(folder, {"records": [len(lines) for _, lines in paths]})
    job = Job(folder, paths, _Content(seed.child("content")))
    run_job(job, engine)
    said = [np.load(job.stem(number).with_suffix(".npy")) for number in range(len(places))]
    keys = np.concatenate([surveyed.rows[place]["key"][at[place]] for place in places])
    codes = np.concatenate([surveyed.codes(place)[at[place]] for place in places])
    content = np.concatenate(said)
    order = np.lexsort((content[:, 1], content[:, 0], codes, keys))
    count = _counted(keys[order], codes[order])
    numbers = np.empty(len(order), np.uint64)
    numbers[order] = count
    later = numbers > 0
    own = keys_of([seed.child("copy")])
    keys[later] = of_numbers(np.stack([keys[later], codes[later].astype(np.uint64), numbers[later]], axis=1), own)
    edges = np.cumsum([len(at[place]) for place in places])[:-1]
    for place, new in zip(places, np.split(keys, edges), strict=True):
        surveyed.rows[place]["key"][at[place]] = new
    return int(later.sum())


@final
@dataclass(frozen=True)
class _Content:
    """What some records of a task say: the hash of the text of each, and of all else."""

    seed: Seed

    def __call__(self, task: tuple[Task, list[int]], stem: Path) -> Mapping[str, Any]:
        part, lines = task
        key = keys_of([self.seed])
        wanted = np.array(lines, np.int64)
        found = np.zeros((len(wanted), 2), np.uint64)  # of a record that turns out to have no text, nothing
        for frame in frames(part, None, lines=np.sort(wanted), size=2**16):
            rest = frame.drop("id", "text", "line").to_struct("all").struct.json_encode()
            said = np.stack([of_digests(frame["text"], key), of_texts(rest, key)], axis=1)
            order = np.argsort(wanted)
            found[order[np.searchsorted(wanted, frame["line"].to_numpy(), sorter=order)]] = said
        keep(found, stem.with_suffix(".npy"))
        return {}


def _shared(surveyed: Surveyed) -> Words:
    """The keys that more than one record has, sorted; a part of all keys at a time where there are many."""
    total = sum(map(len, surveyed.rows))
    bits = max(0, int(total // MOST).bit_length())
    found = []
    for part in range(2**bits):
        held = []
        for rows in surveyed.rows:
            keys = rows["key"]
            held.append(keys[keys >> np.uint64(64 - bits) == part] if bits else keys)
        keys = np.sort(np.concatenate(held))
        found.append(np.unique(keys[1:][keys[1:] == keys[:-1]]))
    return np.concatenate(found)


def _among(keys: Words, some: Words) -> np.ndarray[Any, np.dtype[np.bool_]]:
    at = np.minimum(np.searchsorted(some, keys), len(some) - 1)
    found: np.ndarray[Any, np.dtype[np.bool_]] = some[at] == keys
    return found


def _counted(keys: Words, codes: np.ndarray[Any, np.dtype[np.uint32]]) -> Words:
    """How many before each one are the same, where the same ones lie together."""
    new = np.ones(len(keys), np.bool_)
    new[1:] = (keys[1:] != keys[:-1]) | (codes[1:] != codes[:-1])
    first = np.maximum.accumulate(np.where(new, np.arange(len(keys)), 0))
    return (np.arange(len(keys)) - first).astype(np.uint64)
