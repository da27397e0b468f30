"""From labelled texts to a detector whose scores mean something: cross-fit, calibrate, bound, audit, fit to all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput, BadSetting
from outcross.core.part import as_part
from outcross.core.seed import Seed
from outcross.core.version import VERSION
from outcross.evidence._cues import words_in
from outcross.evidence._estimator_detector import EstimatorDetector
from outcross.evidence.calibration import Calibration
from outcross.evidence.crossfit import cross_fit
from outcross.evidence.evaluation import judge, named
from outcross.evidence.familiarity import Familiarity
from outcross.evidence.folds import grouped_folds
from outcross.evidence.kinship import find_kin, marks
from outcross.evidence.shortcuts import audit
from outcross.evidence.thresholds import fit_thresholds
from outcross.evidence.trained import TrainedDetector, record_of

FEWEST = 5
"""Documents of each origin that a training needs."""
ALPHA = 0.05


def train(
    texts: Documents | Iterable[str],
    labels: Iterable[object],
    *,
    groups: Sequence[object] | None = None,
    sources: Sequence[str] | None = None,
    domains: Sequence[object] | None = None,
    generators: Sequence[object] | None = None,
    detector: Detector | str | Any = "ngram_linear",
    alpha: float = ALPHA,
    folds: int = 5,
    seed: int | Seed = 0,
) -> TrainedDetector:
    """Train a detector on texts of known origin.

    Parameters
    ----------
    texts, labels
        n texts and what they are, see `as_synthetic`.
    groups
        What must stay together, shape (n,): the prompt, the source document, the author. Where none are given,
        documents of one source, duplicates and texts that begin alike are put together, and the record says so.
    sources
        What each text was written from, shape (n,); an empty string where there is none.
    domains, generators
        Kind of text and what wrote it, shape (n,): thresholds are found for each domain, error rates for both.
    detector
        A detector or its words, or a scikit-learn classifier that takes a list of texts.
    alpha
        Bound of the share of human texts that are called synthetic, see `Thresholds`.
    folds
        Folds that scores are found on, at most.
    seed
        For folds and fits.

    Raises
    ------
    BadInput
        If the texts are too few, of one origin only, or in too few groups.
    BadSetting
        If alpha or folds are out of range.

    Examples
    --------
    >>> human = [f"well i was {'so ' * (place % 9)}late again number {place} lol" for place in range(30)]
    >>> machine = [f"It is important to note the {'very ' * (place % 9)}case {place}." for place in range(30)]
    >>> trained = train(human + machine, ["human"] * 30 + ["synthetic"] * 30)
    >>> trained.evaluation.overall.auc.value
    1.0
    """
    if not 0 < alpha < 1:
        raise BadSetting(f"alpha must lie between 0 and 1, not {alpha!r}")
    if folds < 2:
        raise BadSetting(f"two folds at least are needed, not {folds!r}")
    data, notes = checked(texts, labels, groups, sources, domains)
    written = named(generators, data.size, "generators")
    chosen = as_detector(detector)
    held = seed if isinstance(seed, Seed) else Seed(seed)
    scores, fold, scorer = out_of_fold(chosen, data, held, folds)
    calibration = Calibration.fit(scores, data.synthetic)
    lengths = np.array([words_in(text) for text in data.documents.texts], dtype=np.int64)
    even = even_score(calibration)
    thresholds = fit_thresholds(scores, data.synthetic, lengths, data.groups, data.domains, alpha, even)
    found = audit(data, scores, fold, written)
    record = record_of(data, written, int(fold.max()) + 1, notes, datetime.now(UTC).date().isoformat(), VERSION)
    probability = calibration.probability(scores)
    judged = judge(data, probability, [""] * data.size, written, found.headline)
    trained = TrainedDetector(
        chosen,
        scorer,
        calibration,
        thresholds,
        Familiarity.fit(data, fold),
        found,
        judged,
        record,
        marks(data.documents),
    )
    names = data.domains or (None,) * data.size
    answers = [
        trained.threshold_answer(text, name, float(value), float(p)).answer
        for text, name, value, p in zip(data.documents.texts, names, scores, probability, strict=True)
    ]
    return replace(trained, evaluation=judge(data, probability, answers, written, found.headline))


def as_detector(given: object) -> Detector:
    """Return a detector that was given as one, by its words, or as a scikit-learn classifier of texts.

    Examples
    --------
    >>> print(as_detector("ngram_linear"))
    ngram_linear
    """
    if isinstance(given, str | Detector):
        return as_part(Detector, given)
    return EstimatorDetector(given)


def checked(
    texts: Documents | Iterable[str],
    labels: Iterable[object],
    groups: Sequence[object] | None,
    sources: Sequence[str] | None,
    domains: Sequence[object] | None,
) -> tuple[Labelled, list[str]]:
    """Return the documents that can be trained on, grouped, and what was done that was not asked for.

    Raises
    ------
    BadInput
        If the texts are too few, or of one origin only.

    Examples
    --------
    >>> checked(["a", "b", "c"], [0, 1, 1], None, None, None)
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: 1 human and 2 synthetic texts are too few: 5 of each are needed to train, ...
    """
    documents = texts if isinstance(texts, Documents) else Documents.of(texts, sources)
    data = Labelled.of(documents, labels, groups, domains)
    full = np.array([place for place, text in enumerate(documents.texts) if text.strip()], dtype=np.int64)
    notes = []
    counts = [int((data.synthetic[full] == kind).sum()) for kind in (False, True)]
    if not data.size or not len(full):
        raise BadInput("there is no text to train on" if not data.size else f"all {data.size:,} texts are empty")
    if min(counts) == 0:
        kind = "human" if counts[1] == 0 else "synthetic"
        raise BadInput(f"all {sum(counts):,} texts are {kind}: a detector is trained on texts of both origins")
    if min(counts) < FEWEST:
        raise BadInput(
            f"{counts[0]:,} human and {counts[1]:,} synthetic texts are too few: {FEWEST} of each are needed to train, "
            "and a few hundred to say something"
        )
    if len(full) < data.size:
        notes.append(f"{data.size - len(full):,} empty texts were kept out of the error rates: they have no score")
    if groups is None:
        kin = find_kin(documents)
        data = replace(data, groups=kin.groups)
        notes += [kin.note] if kin.note else []
    _refuse_groups_that_are_labels(data, groups is not None)
    return data, notes


def _refuse_groups_that_are_labels(data: Labelled, given: bool) -> None:
    """Where all documents of an origin are of one group, no fold can be held out."""
    for kind, name in ((False, "human"), (True, "synthetic")):
        own = {data.groups[int(place)] for place in np.flatnonzero(data.synthetic == kind)}
        if len(own) == 1 and not given:
            raise BadInput(f"all {name} texts are the same, or of one source: scores are only honest on other texts")
        if len(own) == 1:
            raise BadInput(
                f"all {name} texts are of the group {next(iter(own))[:40]!r}: groups say which texts stay together "
                "(one prompt, one author), and scores are only honest on groups that were not trained on; give groups "
                f"that divide the {name} texts, or none"
            )


def out_of_fold(detector: Detector, data: Labelled, seed: Seed, folds: int) -> tuple[Floats, Ints, Scorer]:
    """Return scores that were found without the documents' groups, the folds, and the scorer fitted to all.

    A detector that learns nothing from documents is fitted and asked once.

    Examples
    --------
    >>> texts = ["I was so late, sorry!", "It is important to note that time matters."] * 6
    >>> data = Labelled.of(texts, ["human", "synthetic"] * 6)
    >>> out_of_fold(as_detector("ngram_linear"), data, Seed(0), 3)[0].shape
    (12,)
    """
    scorer = detector.fit(data, seed.child("fit"))
    if not detector.needs:
        fold = grouped_folds(data.groups, data.synthetic, folds, seed.child("folds"))
        return scorer.score(data.documents), fold, scorer
    crossed = cross_fit(detector, data, seed, folds)
    return crossed.scores, crossed.fold, scorer


def even_score(calibration: Calibration) -> float:
    """Return the score of a document that is as probably human as synthetic; infinite where scores say nothing.

    Examples
    --------
    >>> even_score(Calibration(0.0, 2.0, 5.0, 1.0, 10)), even_score(Calibration(0.0, 0.0, 5.0, 1.0, 10))
    (5.0, inf)
    """
    if calibration.slope <= 0:
        return float("inf")
    return float(calibration.centre - calibration.scale * calibration.intercept / calibration.slope)
