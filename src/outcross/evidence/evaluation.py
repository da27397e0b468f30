"""How well does a trained detector do on documents whose origin is known? Each figure with its interval, by part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats, Ints
from outcross.core.documents import Documents, Flags, Labelled
from outcross.core.errors import BadInput
from outcross.core.measure import Measure
from outcross.core.seed import Seed
from outcross.evidence._cues import words_in
from outcross.evidence.bootstrap import clusters_of, resample_clusters
from outcross.evidence.discrimination import auc_measure
from outcross.evidence.proportion import clopper_pearson, effective_size
from outcross.evidence.thresholds import EDGES, band_name, band_of

if TYPE_CHECKING:
    from outcross.evidence.trained import TrainedDetector

DRAWS = 400
BINS = 10
LEVEL = 0.95
SEED = Seed(0)


@final
@dataclass(frozen=True)
class Performance:
    """What a detector does on some documents.

    Parameters
    ----------
    where
        Which documents: empty for all, else ``domain news``, ``generator gpt-4``, ``100 to 199 words``.
    human, synthetic
        How many there are of each origin.
    auc
        Area under the ROC curve; interval of Obuchowski (1997), which is DeLong's with groups.
    accuracy, macro_f1
        Of all documents that have a score, called synthetic where that is more probable than not; macro-F1 is the mean
        of the two classes' F1.
    true_positives, false_positives
        Share of synthetic and of human documents that `TrainedDetector.decide` called synthetic, abstentions counted as
        not called.
    abstained
        Share of documents of which it could not tell.
    calibration_error
        Mean distance between probability and share of synthetic documents in ten bins of equally many documents, both
        origins weighing the same (Naeini et al. 2015; from few documents it is larger than the truth).
    brier
        Mean squared distance between probability and truth (Brier 1950), both origins weighing the same.

    Notes
    -----
    Shares have Clopper and Pearson's interval on the effective number of documents (Korn and Graubard 1998); macro-F1,
    calibration error and Brier score a percentile interval of 400 cluster-bootstrap draws.

    Examples
    --------
    See `evaluate`.
    """

    where: str
    human: int
    synthetic: int
    auc: Measure
    accuracy: Measure
    macro_f1: Measure
    true_positives: Measure
    false_positives: Measure
    abstained: Measure
    calibration_error: Measure
    brier: Measure


@final
@dataclass(frozen=True)
class Evaluation:
    """What a detector does on all documents and on each part of them.

    Parameters
    ----------
    headline
        First line of the shortcut audit of the detector's training.
    parts
        All documents first, then domains, generators and bands of length.

    Examples
    --------
    See `evaluate`.
    """

    headline: str
    parts: tuple[Performance, ...]

    @property
    def overall(self) -> Performance:
        """What it does on all documents."""
        return self.parts[0]


def evaluate(
    trained: TrainedDetector,
    texts: Documents | Iterable[str],
    labels: Iterable[object],
    *,
    groups: Sequence[object] | None = None,
    sources: Sequence[str] | None = None,
    domains: Sequence[object] | None = None,
    generators: Sequence[object] | None = None,
) -> Evaluation:
    """Judge a trained detector by documents of known origin that it was not trained on.

    Parameters
    ----------
    trained
        The detector.
    texts, labels
        The n documents and what they are, see `as_synthetic`.
    groups
        Documents that are not independent of each other, shape (n,): the prompt, the author.
    sources
        What each text was written from, shape (n,).
    domains, generators
        Kind of text, and what wrote it, shape (n,): figures are given for each. Of a generator the synthetic documents
        are its own, and the human ones those of its domains.

    Raises
    ------
    BadInput
        If lengths differ, or a label says nothing.

    Examples
    --------
    >>> from outcross.evidence.training import train
    >>> human = [f"well i was {'so ' * (place % 5)}late again number {place} lol" for place in range(30)]
    >>> machine = [f"It is important to note the {'very ' * (place % 5)}case {place}." for place in range(30)]
    >>> trained = train(human[:20] + machine[:20], [0] * 20 + [1] * 20)
    >>> evaluate(trained, human[20:] + machine[20:], [0] * 10 + [1] * 10).overall.auc.value
    1.0
    """
    documents = texts if isinstance(texts, Documents) else Documents.of(texts, sources)
    data = Labelled.of(documents, labels, groups, domains)
    answers = [decision.answer for decision in trained.decide(documents, data.domains)]
    written = named(generators, data.size, "generators")
    return judge(data, trained.score(documents), answers, written, trained.audit.headline)


def named(given: Sequence[object] | None, size: int, what: str) -> tuple[str, ...] | None:
    """Return names as strings, one for each document.

    Raises
    ------
    BadInput
        If there are not as many.

    Examples
    --------
    >>> named([1, "b"], 2, "generators")
    ('1', 'b')
    """
    if given is not None and len(given) != size:
        raise BadInput(f"{size:,} texts cannot have {len(given):,} {what}: give one for each")
    return None if given is None else tuple(map(str, given))


def judge(
    data: Labelled,
    probability: Floats,
    answers: Sequence[str],
    generators: Sequence[str] | None,
    headline: str,
    seed: Seed = SEED,
) -> Evaluation:
    """Put together what is known of some documents and what was said of them.

    Parameters
    ----------
    data
        The n documents.
    probability, answers
        Probability and decision of each, shape (n,).
    generators
        What wrote each, shape (n,).
    headline
        First line of the shortcut audit.
    seed
        For the bootstrap.

    Examples
    --------
    >>> data = Labelled.of(["a", "b"], [0, 1])
    >>> print(judge(data, np.array([0.1, 0.8]), ["human", "synthetic"], None, "").overall.accuracy)
    1 [0.1581, 1]
    """
    said = np.array(list(answers), dtype=object)
    parts = [
        _performance(where, data, probability, said, places, seed.child(where))
        for where, places in _parts(data, generators).items()
    ]
    return Evaluation(headline, tuple(parts))


def _parts(data: Labelled, generators: Sequence[str] | None) -> dict[str, Ints]:
    found = {"": np.arange(data.size)}
    domains = np.array(data.domains if data.domains is not None else [""] * data.size, dtype=object)
    if data.domains is not None:
        found |= {f"domain {name}": np.flatnonzero(domains == name) for name in sorted(set(data.domains))}
    if generators is not None:
        written = np.array(list(generators), dtype=object)
        for name in sorted(set(written[data.synthetic].tolist())):
            own = data.synthetic & (written == name)
            found[f"generator {name}"] = np.flatnonzero(own | (~data.synthetic & np.isin(domains, domains[own])))
    bands = np.array([-1 if (b := band_of(words_in(text))) is None else b for text in data.documents.texts])
    found |= {band_name(b): np.flatnonzero(bands == b) for b in range(len(EDGES)) if (bands == b).any()}
    if (bands < 0).any():
        found[f"fewer than {EDGES[0]} words"] = np.flatnonzero(bands < 0)
    return found


def _performance(
    where: str, data: Labelled, probability: Floats, said: NDArray[np.object_], places: Ints, seed: Seed
) -> Performance:
    flags, p, answers = data.synthetic[places], probability[places], said[places]
    groups = tuple(data.groups[int(place)] for place in places)
    known = np.isfinite(p)
    called = answers == "synthetic"
    right = (p >= 0.5) == flags
    drawn = _drawn(p[known], flags[known], clusters_of([groups[place] for place in np.flatnonzero(known)]), seed)
    return Performance(
        where,
        int((~flags).sum()),
        int(flags.sum()),
        auc_measure(p, flags, groups),
        _share(right, known, groups, "no document has a score"),
        drawn["macro_f1"],
        _share(called, flags, groups, "no synthetic document"),
        _share(called, ~flags, groups, "no human document"),
        _share(answers == "cannot tell", np.ones_like(flags), groups, "no document"),
        drawn["calibration_error"],
        drawn["brier"],
    )


def _share(hit: NDArray[np.bool_], among: Flags, groups: tuple[str, ...], none: str) -> Measure:
    """The share of hits among some documents, with an exact interval on their effective number."""
    if not among.any():
        return Measure.missing(none)
    values = hit[among].astype(np.float64)
    held = tuple(groups[int(place)] for place in np.flatnonzero(among))
    size = effective_size(values, held)
    found = clopper_pearson(float(values.mean()) * size, size)
    return Measure(float(values.mean()), found.low, found.high, len(values), LEVEL)


def _drawn(p: Floats, flags: Flags, clusters: Ints, seed: Seed) -> dict[str, Measure]:
    """Macro-F1, calibration error and Brier score with their bootstrap intervals."""
    if not flags.any() or flags.all():
        reason = "documents of both origins with a score are needed"
        return {name: Measure.missing(reason, len(p)) for name in ("macro_f1", "calibration_error", "brier")}
    once = np.ones((1, len(p)))
    weight = np.concatenate([once, resample_clusters(clusters, DRAWS, seed.generator())])
    human, machine = weight[:, ~flags].sum(axis=1), weight[:, flags].sum(axis=1)
    hit, alarm = weight @ (flags & (p >= 0.5)), weight @ (~flags & (p >= 0.5))
    with np.errstate(invalid="ignore", divide="ignore"):
        f1 = hit / (hit + (alarm + machine - hit) / 2), (human - alarm) / (human - alarm + (alarm + machine - hit) / 2)
        even = weight * np.where(flags, 0.5 / machine[:, None], 0.5 / human[:, None])
        order = np.argsort(p, kind="stable")
        gap = np.where(flags, 1.0, 0.0) - p
        found = {
            "macro_f1": (np.nan_to_num(f1[0]) + np.nan_to_num(f1[1])) / 2,
            "calibration_error": sum(
                np.abs(even[:, places] @ gap[places]) for places in np.array_split(order, min(BINS, len(order)))
            ),
            "brier": even @ gap**2,
        }
    usable = (human > 0) & (machine > 0)
    return {name: _interval(np.asarray(values), usable, len(p)) for name, values in found.items()}


def _interval(values: Floats, usable: Flags, n: int) -> Measure:
    low, high = np.quantile(values[1:][usable[1:]], [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if usable[1:].any() else (0, 1)
    at = float(values[0])
    return Measure(at, min(at, float(low)), max(at, float(high)), n, LEVEL)
