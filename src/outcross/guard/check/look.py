"""One pass over a source: how large it is, what is declared, what is marked, what machines are known to have written,
and a sample of its texts that depends on neither the order of reading nor who reads.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.canonical import digest
from outcross.core.engine import Engine
from outcross.core.progress import tell
from outcross.core.provenance import Origin, Stratum
from outcross.corpus.rejected import Rejected
from outcross.evidence.marks.finding import find_marks
from outcross.evidence.marks.mark import Mark
from outcross.evidence.marks.survey import Marks
from outcross.guard.source import Source, Task, frames
from outcross.vault.labels.register import fingerprint

if TYPE_CHECKING:
    import polars as pl

Keys = NDArray[np.uint64]

SAMPLE = 6_000
"""Texts that are looked at closely: the share of so many is that of all to one point and a quarter (two s.e.)."""
PASSAGES = 6
"""Marked passages that are kept of a part."""
AROUND = 60
"""Characters of a passage on either side of its mark."""
SURE = 0.9
"""Confidence from which on a declared mark is believed where it speaks against itself: ``machine-made``."""

WANTED = ("text", "origin", "generation", "group", "generator")
HUMAN, SYNTHETIC, OPEN = "human", "synthetic", "open"
"""Kinds of records: says that it is human; is surely synthetic; neither."""
HIGH, LOW = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
STEP = np.uint64(0x9E3779B97F4A7C15)


@final
@dataclass(frozen=True)
class Passage:
    """A mark as it stands in its text, and what it declares.

    Examples
    --------
    >>> Passage("disclosure", "It says so.", "made by a machine").kind
    'disclosure'
    """

    kind: str
    says: str
    text: str


@final
@dataclass(frozen=True, eq=False)
class Look:
    """What one pass over a source, or over a part of it, has seen.

    Parameters
    ----------
    documents, words
        How many texts, and how many words at white space.
    strata
        How many of each, as they declare themselves.
    known
        How many are surely synthetic: they say so in their columns or by a mark, or are outputs of one's own models.
    claimed
        How many say that they are human, and nothing speaks against it.
    marks
        The marks, counted.
    passages
        Some of them as they stand.
    texts
        A number for each text, that of equal texts the same, in parts.
    sample
        At most `SAMPLE` records of each kind, chosen uniformly: the columns ``text`` and ``generator``, ``kind``, and
        ``key``, by which they were chosen. The kinds are ``synthetic`` (surely, see ``known``), ``human`` (says so),
        and ``open``.
    rejected
        How many records could not be read, by the reason in a word.

    Examples
    --------
    See `look`.
    """

    documents: int = 0
    words: int = 0
    strata: Mapping[Stratum, int] = field(default_factory=dict)
    known: int = 0
    claimed: int = 0
    marks: Marks = field(default_factory=Marks)
    passages: tuple[Passage, ...] = ()
    texts: tuple[Keys, ...] = field(default=(), repr=False)
    sample: pl.DataFrame | None = field(default=None, repr=False)
    rejected: Mapping[str, int] = field(default_factory=dict)

    @property
    def copies(self) -> int:
        """How many documents are copies of another one."""
        return self.documents - len(np.unique(np.concatenate(self.texts))) if self.texts else 0

    @property
    def origins(self) -> dict[str, int]:
        """How many documents claim each origin; ``unknown`` for no claim."""
        found: Counter[str] = Counter()
        for stratum, count in self.strata.items():
            found[str(stratum.origin)] += count
        return {str(origin): found[str(origin)] for origin in Origin if found[str(origin)]}

    def some(self, *kinds: str, most: int = SAMPLE) -> list[str]:
        """Return the texts of a uniform sample of the records of these kinds, in no order."""
        return self._column("text", kinds, most)

    def generators(self, kind: str, most: int = SAMPLE) -> list[str | None]:
        """Return who wrote each of these texts, by its own word; None where it says nothing."""
        return [name or None for name in self._column("generator", (kind,), most)]

    def _column(self, name: str, kinds: Sequence[str], most: int) -> list[str]:
        if self.sample is None:
            return []
        found = self.sample.filter(self.sample["kind"].is_in(kinds))
        values: list[str] = found.bottom_k(most, by="key").sort("key")[name].to_list()
        return values

    def number(self, kind: str) -> int:
        """Return how many records are of a kind."""
        if kind == SYNTHETIC:
            return self.known
        return self.claimed if kind == HUMAN else self.documents - self.known - self.claimed

    def join(self, other: Look) -> Look:
        """Return both together, whichever comes first."""
        return Look(
            self.documents + other.documents,
            self.words + other.words,
            dict(Counter(self.strata) + Counter(other.strata)),
            self.known + other.known,
            self.claimed + other.claimed,
            joined(self.marks, other.marks),
            tuple(sorted({*self.passages, *other.passages}, key=_by_kind))[:PASSAGES],
            (*self.texts, *other.texts),
            _smallest([self.sample, other.sample]),
            dict(Counter(self.rejected) + Counter(other.rejected)),
        )


def look(source: Source, seed: int, engine: Engine, outputs: Keys | None = None, most: int = SAMPLE) -> Look:
    r"""Look through a source once, its parts side by side.

    Parameters
    ----------
    source
        The source.
    seed
        For the sample.
    engine
        Who reads.
    outputs
        First 64 bits of the digests of texts that machines are known to have written, sorted.
    most
        Size of the sample, at most.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from outcross.core.part import as_part
    >>> path = Path(tempfile.mkdtemp(), "cats.jsonl")
    >>> _ = path.write_text('{"text": "a cat", "origin": "human"}\n{"text": "a cat"}\n')
    >>> seen = look(Source.of(path), 0, as_part(Engine, "serial"))
    >>> seen.documents, seen.words, seen.copies, seen.origins
    (2, 4, 1, {'human': 1, 'unknown': 1})
    """
    tasks = source.tasks()
    work: Callable[[Task], Look] = partial(look_at, seed=seed, outputs=outputs, most=most)
    parts: dict[int, Look] = {}
    for place, part in engine.map(work, tasks):
        parts[place] = part
        tell("read", len(parts), len(tasks))
    found = Look()
    for place in sorted(parts):
        found = found.join(parts[place])
    return replace(found, sample=_smallest([found.sample], most))


def look_at(task: Task, seed: int, outputs: Keys | None, most: int) -> Look:
    """Look through one part of a source.

    Examples
    --------
    See `look`.
    """
    rejected: list[Rejected] = []
    found, salt = Look(), _salt(task, seed)
    for frame in frames(task, WANTED, rejected):
        found = found.join(_of_frame(frame, task, salt, outputs, most))
    counts: Counter[str] = Counter()
    for one in rejected:
        counts[one.kind] += one.count
    return found.join(Look(rejected=dict(counts)))


def _of_frame(frame: pl.DataFrame, task: Task, salt: np.uint64, outputs: Keys | None, most: int) -> Look:
    import polars as pl

    frame = frame.filter(pl.col("text").is_not_null() & (pl.col("text").str.strip_chars() != ""))
    texts: list[str] = frame["text"].to_list()
    marks = [find_marks(text) for text in texts]
    spoken = np.array([any(map(_confesses, found)) for found in marks], dtype=np.bool_)
    known = spoken | _among(texts, outputs) | (frame["origin"] == "synthetic").to_numpy()
    keys = _mixed(frame["line"].to_numpy().astype(np.uint64) * STEP + salt)
    human = (frame["origin"] == "human").to_numpy()
    kind = np.where(known, SYNTHETIC, np.where(human, HUMAN, OPEN))
    sample = frame.select("text", "generator", pl.Series("kind", kind), pl.Series("key", keys, pl.UInt64))
    strata = {
        Stratum(Origin(origin), generation, group): count
        for origin, generation, group, count in frame.group_by("origin", "generation", "group").len().iter_rows()
    }
    return Look(
        frame.height,
        int(frame["text"].str.count_matches(r"\S+").sum() or 0),
        strata,
        int(known.sum()),
        int((human & ~known).sum()),
        Marks.of(marks),
        tuple(_passages(texts, marks)),
        (frame["text"].str.replace_all(r"\s+", " ").str.strip_chars().hash().to_numpy(),),
        _smallest([sample], most),
    )


def joined(one: Marks, other: Marks) -> Marks:
    """Return the marks of two sets of records together; of each kind the first example stays.

    Examples
    --------
    >>> joined(Marks(2, 1, {"disclosure": 1}), Marks(3, 1, {"disclosure": 1})).kinds
    {'disclosure': 2}
    """

    def sums(a: Mapping[str, int], b: Mapping[str, int]) -> dict[str, int]:
        return dict((Counter(a) + Counter(b)).most_common())

    return Marks(
        one.records + other.records,
        one.marked + other.marked,
        sums(one.kinds, other.kinds),
        sums(one.says, other.says),
        sums(one.origins, other.origins),
        one.damaged + other.damaged,
        {**other.examples, **one.examples},
    )


def _confesses(mark: Mark) -> bool:
    """Whether a mark says that a machine wrote it: nobody marks a human text so. A sentence may be a quotation."""
    declared = mark.kind != "statement" and mark.valid and mark.confidence >= SURE
    return declared and mark.origin is Origin.SYNTHETIC


def _among(texts: Sequence[str], outputs: Keys | None) -> NDArray[np.bool_]:
    """Which texts machines are known to have written; short ones, which anybody may write, never."""
    if outputs is None or not len(outputs):
        return np.zeros(len(texts), dtype=np.bool_)
    keys = np.frombuffer(b"".join(digest(text)[:8] for text in texts), dtype="<u8").astype(np.uint64)
    found: NDArray[np.bool_] = np.isin(keys, outputs)
    for place in np.flatnonzero(found):
        found[place] = not fingerprint(texts[int(place)])[1]
    return found


def _passages(texts: Sequence[str], marks: Sequence[Sequence[Mark]]) -> Iterator[Passage]:
    """The first marks as they stand, invisible characters written out."""
    told = 0
    for text, found in zip(texts, marks, strict=True):
        for mark in found[:1]:
            start = max(0, mark.start - AROUND)
            piece = text[start : min(mark.end, mark.start + 2 * AROUND) + AROUND]
            yield Passage(mark.kind, mark.detail, " ".join(_shown(piece).split()))
            told += 1
        if told == PASSAGES:
            return


def _shown(text: str) -> str:
    return "".join(letter if letter.isprintable() or letter.isspace() else f"<U+{ord(letter):04X}>" for letter in text)


def _by_kind(passage: Passage) -> tuple[bool, str, str]:
    return passage.kind == "statement", passage.kind, passage.text


def _smallest(samples: Sequence[pl.DataFrame | None], most: int = SAMPLE) -> pl.DataFrame | None:
    import polars as pl

    held = [one for one in samples if one is not None]
    if not held:
        return None
    return pl.concat(held).sort("key").group_by("kind", maintain_order=True).head(most)


def _salt(task: Task, seed: int) -> np.uint64:
    """A number for the seed and the file of a part; two rows of one file have two lines."""
    said = f"{seed}\0{task.name}".encode("utf-8", "backslashreplace")
    return np.uint64(int.from_bytes(hashlib.blake2b(said, digest_size=8).digest()))


def _mixed(numbers: Keys) -> Keys:
    """Well-mixed numbers, another one for each.

    Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014 (SplitMix64's
    finaliser, David Stafford's variant 13).
    """
    with np.errstate(over="ignore"):
        numbers = (numbers ^ (numbers >> np.uint64(30))) * HIGH
        numbers = (numbers ^ (numbers >> np.uint64(27))) * LOW
        return numbers ^ (numbers >> np.uint64(31))
