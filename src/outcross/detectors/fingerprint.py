"""Have we written this text ourselves? Looked up among one's own recorded outputs, exactly and nearly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats, Ints
from outcross.core.canonical import canonical
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput
from outcross.core.provenance import Origin
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.detectors._minhash import BYTES, VERSION, Signatures, digests, signatures

PAIRS_AT_ONCE = 2**17
"""Pairs of a text and a candidate whose signatures are compared at once, or those of one text if it has more."""


@final
@dataclass(frozen=True)
class Fingerprint(Detector):
    """Which texts are, word for word or nearly, among the outputs that were recorded?

    The score is 1 for a text that is the same in canonical form (Unicode NFC, runs of white space as one space, none at
    the ends; case and punctuation as they are). Else it is the share of its runs of ``words`` words that it has in
    common with the recorded text most like it: their Jaccard similarity as MinHash estimates it, below 1; 0 where no
    text is a candidate. A text of fewer words is not looked up (NaN): anybody may have written it.

    Parameters
    ----------
    words
        Words of a run; punctuation marks are words.
    bands, rows
        A text is a candidate if all ``rows`` hashes of one of the ``bands`` agree: with probability
        ``1 - (1 - J**rows)**bands`` at a similarity of J. By default .03 at J = .2, .64 at .5, .9998 at .8. The
        estimate has a standard error of ``sqrt(J (1 - J) / (bands rows))``, .06 at most by default.

    Notes
    -----
    False alarms: two different texts have the same digest of 128 bits with probability 3e-39, so a text that is not
    among a million recorded ones is found with 3e-33. One that has no run in common with any becomes a candidate with
    at most ``recorded x bands x 2**-64``, 9e-13 for a million, and scores above 0 only if hashes agree as well. What is
    left are texts that two people would write alike: a quotation or a form letter is found if it was recorded, which
    does not say who wrote it first. What is changed in every run (a paraphrase, letters that look the same) is not
    found.

    Memory: 16 bytes a recorded text, 4 for each hash, and 12 for each band to look it up in: 464 by default. What is
    recorded twice is kept once. All hashes are keyed by the seed; the key is saved with the fingerprint. Where only
    texts that are the same are asked for, the register of `outcross label` takes 41 bytes a text, and grows as they are
    written.

    Examples
    --------
    >>> recorded = Labelled.of(["It is important to note that cats sleep a lot."], ["synthetic"])
    >>> scorer = Fingerprint().fit(recorded, Seed(0))
    >>> asked = ["It is important  to note that cats sleep a lot.", "My own cat hardly ever sleeps, I think.", "It is"]
    >>> scorer.score(Documents.of(asked)).tolist()
    [1.0, 0.0, nan]
    """

    words: Annotated[int, Between(1)] = 5
    bands: Annotated[int, Between(1, 256)] = 16
    rows: Annotated[int, Between(1, 64)] = 4

    definition = "1 for a recorded text, else the Jaccard similarity of word runs with the recorded text most like it"
    source = (
        "Broder, On the resemblance and containment of documents, SEQUENCES 1997; bands: Leskovec, Rajaraman and "
        "Ullman, Mining of Massive Datasets, section 3.4; hashes: Dietzfelbinger et al., J. Algorithms 25 (1997)"
    )

    @property
    def needs(self) -> frozenset[Origin]:
        """The recorded outputs: synthetic documents only."""
        return frozenset({Origin.SYNTHETIC})

    def fit(self, data: Labelled, seed: Seed) -> FingerprintScorer:
        """Return what looks texts up among the synthetic documents.

        Raises
        ------
        BadInput
            If none of them is long enough.
        """
        key = seed.child("key").generator().bytes(BYTES)
        recorded = list(dict.fromkeys(canonical(text) for text in data.documents.take(data.machines).texts))
        found, runs = signatures(recorded, self.words, self.bands * self.rows, key)
        if not runs.any():
            raise BadInput(f"no synthetic document has {self.words} words: there is nothing to look texts up among")
        kept = [text for text, number in zip(recorded, runs, strict=True) if number]
        return FingerprintScorer(self, np.frombuffer(key, dtype=np.uint8), digests(kept, key), found[runs > 0])

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> FingerprintScorer:
        """Return what looks texts up among the records that these arrays hold.

        Raises
        ------
        BadInput
            If they are of another version, or of other settings.
        """
        wanted = {"version", "key", "digests", "signatures"}
        if not wanted <= arrays.keys():
            raise BadInput(f"these arrays are no fingerprint: {', '.join(sorted(wanted - arrays.keys()))} is missing")
        version, made = int(arrays["version"].ravel()[0]), arrays["signatures"]
        if version != VERSION:
            raise BadInput(f"this is a fingerprint of version {version}, and {VERSION} is what can be read")
        if made.ndim != 2 or made.shape[1] != self.bands * self.rows or arrays["digests"].shape != (len(made), BYTES):
            raise BadInput(f"these are the arrays of a fingerprint with other settings than {self}")
        key, codes = arrays["key"].astype(np.uint8), arrays["digests"].astype(np.uint8)
        return FingerprintScorer(self, key, codes, made.astype(np.uint32))


@final
@dataclass(frozen=True, eq=False)
class FingerprintScorer(Scorer):
    """Recorded texts, to be looked up among.

    Parameters
    ----------
    settings
        Of the signatures.
    key
        Of all hashes, 16 bytes.
    codes
        Digest of each recorded text, shape (N, 16).
    recorded
        Signature of each, shape (N, bands * rows).

    Examples
    --------
    See `Fingerprint`.
    """

    settings: Fingerprint
    key: NDArray[np.uint8]
    codes: NDArray[np.uint8]
    recorded: Signatures

    def score(self, documents: Documents) -> Floats:
        """Return 1 for what was recorded, else the similarity with the recorded text most like it, shape (n,)."""
        texts, key = [canonical(text) for text in documents.texts], self.key.tobytes()
        asked, runs = signatures(texts, self.settings.words, self.recorded.shape[1], key)
        scores = np.where(runs > 0, 0.0, np.nan)
        looked = np.flatnonzero(runs > 0)
        same = np.isin(_words(digests([texts[place] for place in looked], key)), self._digests)
        scores[looked[same]] = 1.0
        near = looked[~same]
        scores[near] = np.minimum(self._similar(asked[near]), 1 - 1 / (2 * self.recorded.shape[1]))
        return scores

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return digests and signatures; no text can be read from them."""
        return {
            "version": np.array([VERSION], dtype=np.int64),
            "key": self.key,
            "digests": self.codes,
            "signatures": self.recorded,
        }

    @cached_property
    def _digests(self) -> NDArray[np.void]:
        return np.sort(_words(self.codes))

    @cached_property
    def _bands(self) -> list[tuple[NDArray[np.uint64], NDArray[np.uint32]]]:
        """For each band, its sorted keys and which recorded text each is of."""
        found = []
        for keys in self._keys(self.recorded):
            order = np.argsort(keys, kind="stable").astype(np.uint32)
            found.append((keys[order], order))
        return found

    def _keys(self, made: Signatures) -> Iterator[NDArray[np.uint64]]:
        """One number for each band of each signature."""
        for start in range(0, made.shape[1], self.settings.rows):
            key = np.zeros(len(made), dtype=np.uint64)
            for column in made[:, start : start + self.settings.rows].T:
                key = (key ^ column) * np.uint64(0x9E3779B97F4A7C15)
                key ^= key >> np.uint64(29)
            yield key

    def _similar(self, asked: Signatures) -> Floats:
        """The largest share of hashes that a signature has in common with a candidate's; 0 where there is none."""
        best = np.zeros(len(asked))
        for pairs, candidates in self._candidates(asked):
            shared = (asked[pairs] == self.recorded[candidates]).mean(axis=1)
            np.maximum.at(best, pairs, shared)
        return best

    def _candidates(self, asked: Signatures) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of an asked text and a recorded one with a band in common, a bounded number at a time."""
        for keys, (table, order) in zip(self._keys(asked), self._bands, strict=True):
            low, high = np.searchsorted(table, keys, "left"), np.searchsorted(table, keys, "right")
            found = np.flatnonzero(high > low)
            if not len(found):
                continue
            number = (high - low)[found]
            group = (np.cumsum(number) - number) // PAIRS_AT_ONCE
            for part in np.split(np.arange(len(found)), np.flatnonzero(np.diff(group)) + 1):
                pairs = np.repeat(found[part], number[part])
                ends = np.cumsum(number[part])
                place = np.arange(ends[-1]) - np.repeat(ends - number[part], number[part])
                yield pairs, order[np.repeat(low[found[part]], number[part]) + place].astype(np.int64)


def _words(codes: NDArray[np.uint8]) -> NDArray[Any]:
    """Digests as one value each, in an order."""
    return np.ascontiguousarray(codes).view(f"S{BYTES}").ravel()
