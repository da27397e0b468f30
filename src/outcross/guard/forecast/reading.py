"""What a forecast reads of a corpus: how often its words occur, some of its texts, and its groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.errors import BadInput
from outcross.core.seed import Seed
from outcross.core.text import Texts, tokenize
from outcross.core.wording import count_of
from outcross.corpus.fields import Fields
from outcross.corpus.rejected import Rejected
from outcross.corpus.shards import Shard
from outcross.guard.source import Source, Task, frames

if TYPE_CHECKING:
    from outcross.vault.vault import Vault

READ = 40_000_000
"""Characters that are read of a corpus before the rest is left out, a part of the source at a time."""
COUNTED = 16_000_000
"""Characters whose words are counted: a random sample of documents."""
TEXTS = 300_000
"""Words of the texts that are kept as texts: a random sample of documents."""


@final
@dataclass(frozen=True, eq=False)
class Read:
    """What was read of a corpus.

    Parameters
    ----------
    name
        What it is called.
    documents, words
        Its size; estimated from the part that was read where that is not all.
    texts
        A random sample of its documents.
    counts
        How often each word occurs among those that were counted, shape (K,).
    groups
        Group to number of documents.
    notes
        What was left out.

    Examples
    --------
    >>> read = read_corpus(["a cat", "a dog"], seed=Seed(0))
    >>> read.documents, read.words, sorted(read.counts.tolist())
    (2, 4, [1.0, 1.0, 2.0])
    """

    name: str
    documents: int
    words: int
    texts: Texts
    counts: Floats
    groups: Mapping[str, int]
    notes: tuple[str, ...] = ()


def read_corpus(
    corpus: str | Path | Source | Vault | Sequence[str] | Texts,
    *,
    fields: Fields | None = None,
    group: str | Sequence[str] | None = None,
    seed: Seed,
) -> Read:
    """Read a corpus, or as much of it as a forecast needs.

    Raises
    ------
    BadInput
        If there is no word in it.

    Examples
    --------
    See `Read`.
    """
    if isinstance(corpus, Texts):
        return _of_texts(corpus, seed)
    given = corpus if isinstance(corpus, Sequence) and not isinstance(corpus, str) else None
    if given is not None:
        names = None if group is None or isinstance(group, str) else list(group)
        if isinstance(group, str):
            raise BadInput("texts in a list have no columns: give the group of each, in a list as long")
        if names is not None and len(names) != len(given):
            raise BadInput(f"there are {len(given):,} texts and {len(names):,} groups")
        return _of_strings("texts", list(given), Counter(names or ()), 1.0, (), seed)
    columns = dict(fields.columns) if fields is not None else {}
    if isinstance(group, str):
        columns["group"] = group
    source = Source.of(corpus, Fields(columns))  # type: ignore[arg-type]  # sequences were dealt with
    return _of_source(source, seed)


def _of_source(source: Source, seed: Seed) -> Read:
    tasks = source.tasks()
    order = seed.child("parts").generator().permutation(len(tasks))
    found: list[str] = []
    groups: Counter[str] = Counter()
    characters, weight, rejected = 0, 0, 0
    for place in order:
        if characters >= READ:
            break
        gone: list[Rejected] = []
        for frame in frames(tasks[place], ["text", "group"], gone):
            frame = frame.drop_nulls("text")
            found += frame["text"].to_list()
            groups.update(frame["group"].drop_nulls().to_list())
            characters += int(frame["text"].str.len_chars().sum() or 0)
        weight += _weight(tasks[place])
        rejected += sum(one.count for one in gone)
    scale = sum(map(_weight, tasks)) / weight if weight else 1.0
    notes = []
    if rejected:
        notes.append(f"{count_of(rejected, 'record')} could not be read, and left out")
    if scale > 1:
        notes.append(f"about {1 / scale:.0%} of the corpus was read; its size is estimated from that")
    return _of_strings(source.name, found, groups, scale, tuple(notes), seed)


def _weight(task: Task) -> int:
    part = task.part
    return part.stop - part.start if isinstance(part, Shard) else part.rows


def _of_strings(
    name: str, texts: list[str], groups: Counter[str], scale: float, notes: tuple[str, ...], seed: Seed
) -> Read:
    order = seed.child("documents").generator().permutation(len(texts))
    lengths = np.array([len(one) for one in texts], dtype=np.int64)[order]
    ahead = np.cumsum(lengths) - lengths
    counted = [texts[i] for i in order[ahead < COUNTED]]
    few = Texts.of([texts[i] for i in order[ahead < TEXTS * 6]])
    if len(counted) <= few.size:
        counts = few.counts().values[0]
    else:
        counts = np.array(list(count_words(counted).values()), dtype=np.float64)
    counts = counts[counts > 0]
    if not len(counts) or not few.tokens:
        raise BadInput(f"{name}: there is no word in it, so nothing can be forecast")
    share = len(counted) / len(texts)
    if share < 1:
        notes = (*notes, f"the words of {len(counted):,} documents, a random sample, were counted")
    known = sum(groups.values())
    sizes = {one: round(n * scale) for one, n in groups.most_common()} if known else {}
    return Read(name, round(len(texts) * scale), round(float(counts.sum()) / share * scale), few, counts, sizes, notes)


def _of_texts(texts: Texts, seed: Seed) -> Read:
    if not texts.tokens:
        raise BadInput("there is no word in the texts, so nothing can be forecast")
    counts = texts.counts().values[0, 1:]
    order = seed.child("documents").generator().permutation(texts.size)
    ahead = np.cumsum(texts.lengths[order]) - texts.lengths[order]
    groups = {name: int(index.size) for name, index in texts.members().items()}
    few = texts.take(order[ahead < TEXTS][None])
    return Read("texts", texts.size, texts.tokens, few, counts[counts > 0], groups)


def count_words(texts: Iterable[str]) -> dict[str, int]:
    """Return how often each word occurs: pieces between white space are counted, and each is cut into words once.

    Word boundaries (UAX #29) never join what white space divides, so the counts are those of `tokenize`.

    Examples
    --------
    >>> count_words(["a cat, a dog"])
    {'a': 2, 'cat': 1, ',': 1, 'dog': 1}
    """
    import polars as pl

    pieces = (
        pl.Series("piece", list(texts), dtype=pl.String)
        .str.extract_all(r"\S+")
        .explode()
        .drop_nulls()
        .value_counts()
        .sort("piece")
    )
    found: dict[str, int] = {}
    for piece, count in pieces.iter_rows():
        for word in tokenize(piece):
            found[word] = found.get(word, 0) + count
    return found
