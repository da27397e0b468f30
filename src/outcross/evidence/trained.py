"""A trained detector: what scores, what the scores mean, from where on something is said, and what it was made from."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput, MissingLibrary, OutcrossError
from outcross.core.part import build, words
from outcross.evidence._cues import words_in
from outcross.evidence._estimator_detector import EstimatorDetector, EstimatorScorer
from outcross.evidence._plain import as_plain, from_plain
from outcross.evidence.calibration import Calibration
from outcross.evidence.detector_file import digest_of_arrays, read_detector, write_detector
from outcross.evidence.evaluation import Evaluation
from outcross.evidence.familiarity import SMALLEST, Familiarity
from outcross.evidence.kinship import marks
from outcross.evidence.shortcuts import Audit
from outcross.evidence.thresholds import EDGES, Threshold, Thresholds

WINDOWS = 40
"""Windows that are scored of one text, at most, evenly spaced."""

Answer = Literal["synthetic", "human", "cannot tell"]


@final
@dataclass(frozen=True)
class Decision:
    """What is said of one document, and why nothing is said where nothing is.

    Parameters
    ----------
    answer
        ``synthetic``, ``human`` or ``cannot tell``.
    probability
        Of being synthetic in an even mixture; None where there is no score.
    reason
        Why it cannot be told; empty where it can.

    Examples
    --------
    >>> Decision("cannot tell", None, "the text is empty").answer
    'cannot tell'
    """

    answer: Answer
    probability: float | None
    reason: str = ""


@final
@dataclass(frozen=True)
class TrainingRecord:
    """What a detector was made from.

    Parameters
    ----------
    digest
        BLAKE2b of texts, sources, labels, groups and domains, as 32 hexadecimal digits.
    human, synthetic, groups
        Numbers of documents of each origin, and of groups.
    domains, generators
        Numbers of documents of each, where known.
    longest, typical
        Words of the longest training text and of the middle one: longer texts are scored by windows of the latter.
    folds
        Number of folds that scores were found on.
    notes
        What was done that was not asked for, in sentences: groups that were found, for example.
    date
        Day of the training, ISO 8601.
    version
        Version of outcross.

    Examples
    --------
    See `TrainedDetector`.
    """

    digest: str
    human: int
    synthetic: int
    groups: int
    domains: dict[str, int]
    generators: dict[str, int]
    longest: int
    typical: int
    folds: int
    notes: tuple[str, ...]
    date: str
    version: str


@final
@dataclass(frozen=True, eq=False)
class TrainedDetector:
    """A detector ready for use; made by `train`, or read from a file by `TrainedDetector.load`.

    Parameters
    ----------
    detector
        What was trained.
    scorer
        The detector fitted to all training documents.
    calibration
        From score to probability, found on documents that were held out.
    thresholds
        From which score on something is said, for each domain and length.
    familiarity
        What training texts look like: nothing is said of other kinds of text.
    audit
        What shortcuts would have done.
    evaluation
        Error rates on the training documents, each judged by a detector fitted without its group.
    record
        What it was made from.
    seen
        Marks of the training texts, see `marks`, shape (n, 2): its scores of these, and of their pairs, are not honest.

    Examples
    --------
    >>> from outcross.evidence.training import train
    >>> human = [f"well i was {'so ' * (place % 9)}late again number {place} lol" for place in range(30)]
    >>> machine = [f"It is important to note the {'very ' * (place % 9)}case {place}." for place in range(30)]
    >>> trained = train(human + machine, ["human"] * 30 + ["synthetic"] * 30)
    >>> bool(trained.score(["It is important to note the facts."])[0] > 0.5)
    True
    >>> trained.decide(["It is important to note the facts."])[0].reason
    'it has 7 words, fewer than the 25 below which nothing is decided'
    """

    detector: Detector
    scorer: Scorer
    calibration: Calibration
    thresholds: Thresholds
    familiarity: Familiarity
    audit: Audit
    evaluation: Evaluation
    record: TrainingRecord
    seen: NDArray[np.uint64]

    def trained_on(self, texts: Documents | Iterable[str]) -> NDArray[np.bool_]:
        """Return which texts are, or begin as, one that was trained on, shape (n,)."""
        own = marks(texts if isinstance(texts, Documents) else Documents.of(texts))
        known: NDArray[np.bool_] = np.any(np.isin(own, self.seen) & (own > 0), axis=1)
        return known

    def raw(self, texts: Documents | Iterable[str], sources: Sequence[str] | None = None) -> Floats:
        """Return the detector's own scores, shape (n,), NaN where there is none.

        A text longer than any that was trained on is cut into windows of the middle training length, and has the mean
        of their scores (of at most 40 windows, evenly spaced).
        """
        documents = texts if isinstance(texts, Documents) else Documents.of(texts, sources)
        return self._raw(documents, [words_in(text) for text in documents.texts])

    def _raw(self, documents: Documents, counts: Sequence[int]) -> Floats:
        """The scores of texts whose words were counted."""
        long = [place for place, count in enumerate(counts) if count > self.record.longest]
        held = list(documents.texts)
        for place in long:
            held[place] = ""
        scores = self.scorer.score(replace(documents, texts=tuple(held)))
        for place in long:
            windows = windows_of(documents.texts[place], self.record.typical)
            source = None if documents.sources is None else (documents.sources[place],) * len(windows)
            found = self.scorer.score(Documents(windows, source))
            known = np.isfinite(found)
            scores[place] = float(found[known].mean()) if known.any() else np.nan
        return scores

    def score(self, texts: Documents | Iterable[str], sources: Sequence[str] | None = None) -> Floats:
        """Return the probability that each text is synthetic, where half of all texts are; shape (n,).

        NaN where a text has no score, an empty one for example. This is no verdict: see `decide`, which also says
        where the probability means nothing because the text is of a kind that was not trained on.

        Parameters
        ----------
        texts
            Documents, or n texts.
        sources
            What each text was written from, shape (n,).
        """
        return self.calibration.probability(self.raw(texts, sources))

    def decide(
        self,
        texts: Documents | Iterable[str],
        domains: Sequence[object] | None = None,
        sources: Sequence[str] | None = None,
        familiar: bool = False,
    ) -> list[Decision]:
        """Say of each text whether it is synthetic, human, or that it cannot be told.

        Parameters
        ----------
        texts
            Documents, or n texts. Those of one domain, and those whose domain is not known, are also judged together:
            is this a kind of text that was trained on? Give as many at once as there are.
        domains
            The kind of each text, shape (n,), by the names that were trained on.
        sources
            What each text was written from, shape (n,).
        familiar
            That the texts are of the kinds trained on, where you know it. Otherwise nothing is said of fewer than ten
            texts of no known domain: from so few it cannot be seen.

        Notes
        -----
        The share of human texts called synthetic is bounded by `Thresholds.alpha` for texts of the kinds trained on,
        and for no others: thresholds do not travel.

        Raises
        ------
        BadInput
            If there are not as many domains as texts.
        """
        documents = texts if isinstance(texts, Documents) else Documents.of(texts, sources)
        if domains is not None and len(domains) != documents.size:
            raise BadInput(f"{documents.size:,} texts cannot have {len(domains):,} domains: give one for each")
        names = [None] * documents.size if domains is None else [str(name) for name in domains]
        counts = [words_in(text) for text in documents.texts]
        raw = self._raw(documents, counts)
        odds = self.calibration.probability(raw)
        strange = self._strange(documents.texts, counts, names, familiar)
        given = zip(documents.texts, names, raw.tolist(), odds.tolist(), strange, counts, strict=True)
        return [self.threshold_answer(*one) for one in given]

    def threshold_answer(
        self,
        text: str,
        domain: str | None,
        raw: float,
        probability: float,
        strange: str = "",
        count: int | None = None,
    ) -> Decision:
        """Say of one text what its score allows.

        Parameters
        ----------
        text, domain
            The text and its kind, None where it is not known.
        raw, probability
            Its score and what that means; NaN where there is none.
        strange
            Why nothing may be said of its kind; empty where something may.
        count
            How many words it has, where they were counted before.
        """
        count = words_in(text) if count is None else count
        known = None if math.isnan(probability) else probability
        if not text.strip():
            return Decision("cannot tell", known, "the text is empty")
        if known is None:
            return Decision("cannot tell", None, "the detector has no score for it")
        if count < EDGES[0]:
            reason = f"it has {count} words, fewer than the {EDGES[0]} below which nothing is decided"
            return Decision("cannot tell", known, reason)
        threshold = self.thresholds.of(domain, min(count, self.record.longest))
        if strange:
            return Decision("cannot tell", known, strange)
        if self.calibration.slope <= 0:
            return Decision("cannot tell", known, "the detector's scores say nothing of texts it was not trained on")
        if threshold is None or (threshold.synthetic is None and threshold.human is None):
            return Decision("cannot tell", known, self._too_few(threshold))
        if threshold.synthetic is not None and raw >= threshold.synthetic:
            return Decision("synthetic", known)
        if threshold.human is not None and raw <= threshold.human:
            return Decision("human", known)
        return Decision("cannot tell", known, "its score is one that both human and synthetic texts have")

    def _too_few(self, threshold: Threshold | None) -> str:
        found = 0.0 if threshold is None else threshold.humans
        wanted = self.thresholds.wanted
        return (
            f"a bound of {self.thresholds.alpha:.0%} on false alarms takes {wanted} independent human texts of its "
            f"kind and length, and training had {found:.0f}"
        )

    def _strange(
        self, texts: Sequence[str], counts: Sequence[int], names: Sequence[str | None], familiar: bool
    ) -> list[str]:
        """Why nothing may be said of each text, because its kind was not trained on; empty where something may."""
        pieces = [
            text if count <= self.record.longest else _sample(text, self.record.typical)
            for text, count in zip(texts, counts, strict=True)
        ]
        table = self.familiarity.described(pieces)
        unusual = self.familiarity.unusual(table)
        reasons = ["it is unlike the texts that were trained on" if one else "" for one in unusual]
        batches: dict[str | None, list[int]] = {}
        for place, piece in enumerate(pieces):
            if piece.strip():
                batches.setdefault(names[place], []).append(place)
        strangers = [places for name, places in batches.items() if name not in self.record.domains]
        unnamed = sorted(place for places in strangers for place in places)
        for places in (*batches.values(), *([unnamed] if len(strangers) > 1 else [])):
            far = None if familiar else self.familiarity.unlike(table[places])
            if far is not None:
                reason = (
                    f"these {len(places):,} texts are of another kind than those trained on (distance {far**0.5:.1f})"
                )
                for place in places:
                    reasons[place] = reason
        if len(unnamed) < SMALLEST and not familiar:
            reason = f"whether fewer than {SMALLEST} texts of no known domain are of a kind trained on cannot be seen"
            for place in unnamed:
                reasons[place] = reasons[place] or reason
        return reasons

    def save(self, path: str | Path) -> Path:
        """Write the detector to one file (``.npz``: plain arrays and JSON, nothing that runs when it is read).

        Raises
        ------
        OutputRefused
            If it cannot be written. What was there before is still there.
        """
        return write_detector(Path(path), *self._content())

    def digest(self) -> str:
        """Return what tells detectors apart: a digest of all that one learned and was made from, in hexadecimal."""
        told, arrays = self._content()
        said = json.dumps(told, sort_keys=True).encode()
        return digest_of_arrays({**arrays, "told": np.frombuffer(said, dtype=np.uint8)}).hex()

    def _content(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """What is written to its file."""
        own = isinstance(self.detector, EstimatorDetector)
        told = {name: as_plain(getattr(self, name)) for name in PLAIN}
        arrays = {
            **{f"scorer/{name}": array for name, array in self.scorer.arrays().items()},
            **{f"familiarity/{name}": array for name, array in self.familiarity.arrays().items()},
            "seen": self.seen,
        }
        return {"detector": None if own else words(self.detector), **told}, arrays

    @classmethod
    def load(cls, path: str | Path, trusted: Sequence[str] = ()) -> TrainedDetector:
        """Read a detector from its file.

        Parameters
        ----------
        path
            The file.
        trusted
            Types, by their full names, that a wrapped scikit-learn estimator may be made of beside scikit-learn's own.

        Raises
        ------
        MissingInput
            If there is no such file.
        BadInput
            If it is not such a file, is damaged, or was written by a newer version.
        """
        told, arrays = read_detector(Path(path))
        try:
            pieces = {name: from_plain(kind, told[name]) for name, kind in PLAIN.items()}
            given = told["detector"]
            detector: Detector = EstimatorDetector(None, tuple(trusted)) if given is None else build("detector", given)
            scorer = detector.restore(_under("scorer", arrays))
            if isinstance(scorer, EstimatorScorer):
                detector = EstimatorDetector(scorer.estimator, tuple(trusted))
            familiarity = Familiarity.restore(_under("familiarity", arrays))
            seen = arrays["seen"].astype(np.uint64)
        except MissingLibrary:
            raise
        except (OutcrossError, KeyError, TypeError, ValueError) as error:
            raise BadInput(f"the detector in '{path}' cannot be read: {error}") from None
        return cls(detector=detector, scorer=scorer, familiarity=familiarity, seen=seen, **pieces)


PLAIN = {
    "calibration": Calibration,
    "thresholds": Thresholds,
    "audit": Audit,
    "evaluation": Evaluation,
    "record": TrainingRecord,
}
"""What a file keeps as JSON."""


def _under(name: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {key.removeprefix(f"{name}/"): array for key, array in arrays.items() if key.startswith(f"{name}/")}


def windows_of(text: str, words: int) -> tuple[str, ...]:
    """Return windows of so many words each, at most 40, evenly spaced over a text.

    Examples
    --------
    >>> windows_of("a b c d e", 2)
    ('a b', 'd e')
    """
    pieces = text.split()
    if len(pieces) < words:  # no white space to cut at
        size = 8 * words
        starts = np.unique(
            np.linspace(0, max(0, len(text) - size), min(WINDOWS, max(1, len(text) // size))).astype(int)
        )
        return tuple(text[start : start + size] for start in starts)
    count = min(WINDOWS, max(1, len(pieces) // words))
    starts = np.unique(np.linspace(0, len(pieces) - words, count).astype(int))
    return tuple(" ".join(pieces[start : start + words]) for start in starts)


def _sample(text: str, words: int) -> str:
    """The middle window of a text that is longer than any trained on."""
    windows = windows_of(text, words)
    return windows[len(windows) // 2]


def record_of(
    data: Labelled, generators: Sequence[str] | None, folds: int, notes: Sequence[str], date: str, version: str
) -> TrainingRecord:
    """Return the record of a training on these documents.

    Examples
    --------
    >>> record_of(Labelled.of(["one two"], ["human"]), None, 5, [], "2026-01-31", "1").longest
    2
    """
    lengths = [words_in(text) for text in data.documents.texts]
    written = [name for name, flag in zip(generators or (), data.synthetic, strict=False) if flag]
    return TrainingRecord(
        digest_of(data),
        int((~data.synthetic).sum()),
        int(data.synthetic.sum()),
        len(set(data.groups)),
        dict(sorted(Counter(data.domains or ()).items())),
        dict(sorted(Counter(written).items())),
        max(lengths),
        max(1, int(np.median(lengths))),
        folds,
        tuple(notes),
        date,
        version,
    )


def digest_of(data: Labelled) -> str:
    """Return the BLAKE2b digest of documents and all that is known of them.

    Examples
    --------
    >>> len(digest_of(Labelled.of(["a"], ["human"])))
    32
    """
    digest = hashlib.blake2b(digest_size=16)
    columns: tuple[Sequence[str], ...] = (
        data.documents.texts,
        data.documents.sources or (),
        [str(int(flag)) for flag in data.synthetic],
        data.groups,
        data.domains or (),
    )
    for column in columns:
        digest.update(len(column).to_bytes(8, "big"))
        for value in column:
            raw = value.encode("utf-8", "surrogatepass")
            digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()
