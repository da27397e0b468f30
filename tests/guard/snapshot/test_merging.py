"""Snapshots merge: whatever the shards, the same; and what is only bounded keeps its bounds."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from outcross.core.canonical import canonical
from outcross.core.errors import BadInput
from outcross.core.text import Texts, tokenize
from outcross.guard.snapshot.bottom import Bottom
from outcross.guard.snapshot.cutting import Cutter
from outcross.guard.snapshot.heavy import Heavy
from outcross.guard.snapshot.keys import BINS, SPACE, bins, text_keys, word_keys
from outcross.guard.snapshot.snapshot import Sizes, Snapshot, merged, stratum
from outcross.guard.snapshot.words import pair
from outcross.metrics.repetition import Repetition

SMALL = Sizes(words=200, heavy=60, texts=300, strata=50)
"""So small that everything has to be left out somewhere."""

EXACT = ("totals", "words", "texts", "strata", "volume")


def drawn(documents: int, seed: int = 0, types: int = 3000) -> tuple[list[str], list[str]]:
    """Texts of Zipf's words, some of them copies of others, and their strata."""
    rng = np.random.default_rng(seed)
    shares = 1 / np.arange(1, types + 1)
    lengths = rng.integers(1, 40, documents)
    words = rng.choice(types, p=shares / shares.sum(), size=int(lengths.sum())).astype(str)
    texts = [" ".join(part) for part in np.split(words, np.cumsum(lengths)[:-1])]
    for place in range(0, documents, 7):
        texts[place] = texts[place // 3]
    strata = [stratum(("human", "synthetic")[place % 2], place % 3, f"group {place % 5}") for place in range(documents)]
    return texts, strata


def taken(texts: list[str], strata: list[str], sizes: Sizes = SMALL) -> Snapshot:
    return Snapshot.empty(sizes=sizes).with_texts(texts, strata, Cutter())


TEXTS, STRATA = drawn(2000)


@pytest.mark.parametrize("shards", [7, 1000])
def test_the_same_however_many_shards(shards: int) -> None:
    whole = taken(TEXTS, STRATA)
    cuts = np.array_split(np.random.default_rng(1).permutation(len(TEXTS)), shards)
    parts = merged(taken([TEXTS[at] for at in cut], [STRATA[at] for at in cut]) for cut in cuts)
    assert parts.digest == whole.digest
    assert parts.texts.shown == whole.texts.shown
    assert parts.words.words == whole.words.words
    truth = Counter(word for text in TEXTS for word in tokenize(text))
    for one in (whole, parts):
        bound(one.heavy, truth)


def bound(heavy: Heavy, truth: Counter[str]) -> None:
    counts = np.array([truth[name] for name in heavy.names])
    assert (heavy.low <= counts).all()
    assert (counts <= heavy.high).all()
    assert heavy.error <= truth.total() / (heavy.k + 1)
    missed = [count for name, count in truth.items() if name not in set(heavy.names)]
    assert max(missed, default=0) <= heavy.error


def test_merging_is_associative_and_commutative() -> None:
    a, b, c = (taken(*drawn(300, seed)) for seed in (3, 4, 5))
    digests = {
        one.digest
        for one in (a.merge(b, c), a.merge(b).merge(c), a.merge(b.merge(c)), c.merge(a, b), b.merge(c).merge(a))
    }
    assert len(digests) == 1


def test_merging_with_nothing_changes_nothing() -> None:
    one = taken(TEXTS, STRATA)
    assert one.merge(Snapshot.empty(sizes=SMALL)).digest == one.digest


def test_merging_is_not_idempotent() -> None:
    one = taken(TEXTS, STRATA)
    twice = one.merge(one)
    assert twice.documents == 2 * one.documents
    assert twice.texts.distinct == one.texts.distinct
    assert twice.words.types == one.words.types


def test_counts_are_exact() -> None:
    held = taken(TEXTS, STRATA).words
    cut = [Counter(tokenize(text)) for text in TEXTS]
    part = bins(text_keys([canonical(text) for text in TEXTS]))
    types = {word for words in cut for word in words}
    assert held.limit < SPACE
    assert sorted(types, key=lambda word: int(word_keys([word])[0]))[:200] == list(held.words)
    for row in (0, 57, 199):
        expected = np.zeros((3, BINS), np.int64)
        for words, where in zip(cut, part, strict=True):
            times = words[held.words[row]]
            expected[:, where] += [times, times > 0, times == 1]
        assert (held.counts[row] == expected).all()


def test_a_text_sample_knows_copies_lengths_and_repetition() -> None:
    texts = [*TEXTS, "on and on and on and on and on", "on  and on and on\nand on and on"]
    held = taken(texts, ["s"] * len(texts), replace(SMALL, texts=5000)).texts
    copies = Counter(canonical(text) for text in texts)
    assert held.limit == SPACE
    assert dict(zip(held.keys.tolist(), held.copies.tolist(), strict=True)) == {
        int(key): count for key, count in zip(text_keys(list(copies)), copies.values(), strict=True)
    }
    place = int(np.flatnonzero(held.keys == text_keys(["on and on and on and on and on"])[0])[0])
    assert (held.copies[place], held.lengths[place]) == (2, 9)
    lab = Repetition()
    summary = lab.summarize(Texts.of(["on and on and on and on and on"]))
    assert held.repeated[place] / held.runs[place] == pytest.approx(
        lab.compare(summary, summary).values.item(), rel=1e-12
    )


def test_words_are_those_of_the_tokenizer() -> None:
    texts = [
        "Cats can't swim. 猫は\u3000泳げない",
        "",
        "  3.14 e\u0301tude\ttab\x1cbreak\u2028line 👩\u200d👩 A.B-c_d",
        *TEXTS[:200],
    ]
    cutter = Cutter()
    for _ in range(2):
        cut = cutter.cut(texts)
        documents = [
            [cut.words[code] for code in cut.codes[start:stop].tolist()]
            for start, stop in itertools.pairwise(cut.starts)
        ]
        assert documents == [tokenize(text) for text in texts]


def test_words_are_those_of_the_tokenizer_on_real_texts(shared) -> None:  # type: ignore[no-untyped-def]
    text = (shared / "data" / "wikitext-2" / "valid.txt").read_text()[:200_000]
    cut = Cutter().cut([text])
    assert [cut.words[code] for code in cut.codes.tolist()] == tokenize(text)


def test_a_cutter_that_forgets_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcross.guard.snapshot.cutting.MOST", 10)
    cutter, one = Cutter(), Snapshot.empty(sizes=SMALL)
    for start in range(0, len(TEXTS), 250):
        one = one.with_texts(TEXTS[start : start + 250], STRATA[start : start + 250], cutter)
    assert one.digest == taken(TEXTS, STRATA).digest


def test_a_batch_that_looks_at_fewer_texts_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("texts", "batch", "snapshot"):
        monkeypatch.setattr(f"outcross.guard.snapshot.{module}.DEEP", 40)
    for module in ("texts", "batch"):
        monkeypatch.setattr(f"outcross.guard.snapshot.{module}.SHOWN", 10)
    cutter, one = Cutter(), Snapshot.empty(sizes=SMALL)
    for start in range(0, len(TEXTS), 100):
        one = one.with_texts(TEXTS[start : start + 100], STRATA[start : start + 100], cutter)
    whole = taken(TEXTS, STRATA)
    assert len(one.texts.runs) == 40
    assert one.digest == whole.digest
    assert one.texts.shown == whole.texts.shown


def test_words_cut_in_different_ways_do_not_merge() -> None:
    with pytest.raises(BadInput, match="different ways"):
        Snapshot.of(["a cat"]).merge(Snapshot.of(["a cat"], unit="space"))


def test_samples_are_coordinated() -> None:
    old, new = taken(*drawn(500, 1)), taken(*drawn(900, 2))
    keys, before, after, words, limit = pair(old.words, new.words)
    assert limit == min(old.words.limit, new.words.limit)
    assert (word_keys(words) == keys).all()
    known = dict(zip(old.words.words, old.words.counts.sum(axis=2).tolist(), strict=True))
    assert [known.get(word, [0, 0, 0]) for word in words] == before.sum(axis=2).tolist()
    assert (after.sum(axis=(1, 2)) + before.sum(axis=(1, 2)) > 0).all()


def test_the_number_of_types_is_estimated_without_bias() -> None:
    """300 draws: the mean within 4 standard errors, and the spread that of theory (Beyer et al. 2007)."""
    rng, types, k = np.random.default_rng(0), 2000, 100
    found = []
    for _ in range(300):
        keys = rng.integers(0, 2**64 - 1, types, dtype=np.uint64)
        bottom = Bottom.of(keys, [SPACE], k)
        found.append(len(bottom.keys) / (bottom.limit / SPACE) / types)
    theory = 1 / np.sqrt(k - 1)
    assert abs(np.mean(found) - 1) < 4 * theory / np.sqrt(300)
    assert abs(np.std(found) / theory - 1) < 4 / np.sqrt(2 * 300)
    inside = np.mean(np.abs(np.array(found) - 1) < 1.96 * theory)
    assert abs(inside - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 300)


def test_frequent_words_keep_their_bound_in_300_draws() -> None:
    rng = np.random.default_rng(0)
    shares = 1 / np.arange(1, 501)
    for _ in range(300):
        parts, truth = [], Counter[str]()
        for _ in range(int(rng.integers(1, 12))):
            times = rng.multinomial(int(rng.integers(1, 2000)), shares / shares.sum())
            here = np.flatnonzero(times)
            table = np.zeros((len(here), BINS), np.int64)
            table[np.arange(len(here)), rng.integers(0, BINS, len(here))] = times[here]
            parts.append(Heavy.of([str(one) for one in here], table, 40))
            truth.update({str(one): int(times[one]) for one in here})
        bound(parts[0].merge(*parts[1:]), truth)
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.merge(part)
        bound(whole, truth)
