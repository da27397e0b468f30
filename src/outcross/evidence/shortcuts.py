"""The shortcut audit: would length, the first words, the characters or the sources alone tell the classes apart?

A detector that scores well on data where all human texts are long has learned to measure length, and fails on short
human texts. So every training asks what a blind model can do on the same folds, and says it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.core.documents import Flags, Labelled
from outcross.core.measure import Measure
from outcross.evidence._cues import (
    Guess,
    character_table,
    curve_guess,
    length_table,
    opening_words,
    source_words,
    word_guess,
)
from outcross.evidence.discrimination import auc_measure, auc_within, midranks

CERTAIN = 0.7
"""A shortcut whose AUC is surely above this explains the score, whatever the detector's."""
NOTABLE = 0.6
"""One that is surely above this explains it where it reaches half of what the detector reaches beyond chance."""
FEWEST = 20
"""Groups of each class that an audit of one domain or generator needs."""
STRATA = 5
LEARNED = 2_000
"""Documents that a model of a shortcut learns from, at most: it is small, and an audit shall be quick."""
SAID = {
    "length": "length alone tells",
    "first words": "the first words alone tell",
    "characters": "white space and characters alone tell",
    "source": "the source, domain or group name alone tells",
}
"""What each shortcut is called in a sentence."""


@final
@dataclass(frozen=True)
class Shortcut:
    """What one shortcut can do without reading the text.

    Parameters
    ----------
    name
        ``length``, ``first words``, ``characters`` or ``source``.
    where
        The domain, generator or both that it was tried in; empty for all documents.
    auc
        Area under the ROC curve of a small model of the shortcut, fitted without the fold that it judges.
    detector
        The detector's, on the same documents.
    follows
        Rank correlation of the detector's score with the shortcut's, within the classes: whether the score uses it.
    within
        The detector's area among pairs of documents that the shortcut takes for alike (fifths of its score).

    Examples
    --------
    >>> found = Shortcut("length", "", Measure(0.8, 0.75, 0.85, 100), Measure(0.9, 0.85, 0.95, 100), None, None)
    >>> found.explains, found.sentence()
    (True, 'length alone tells human from synthetic: AUC 0.80 [0.75, 0.85], the detector 0.90 [0.85, 0.95]')
    """

    name: str
    where: str
    auc: Measure
    detector: Measure
    follows: float | None
    within: float | None

    @property
    def explains(self) -> bool:
        """Whether the detector's score may be this shortcut's.

        Its area is surely (its interval's lower end) above .7; or surely above .6, and its excess over chance at least
        half of the detector's.
        """
        if self.auc.low is None or self.auc.value is None:
            return False
        half = self.detector.value is None or self.auc.value - 0.5 >= (self.detector.value - 0.5) / 2
        return self.auc.low >= CERTAIN or (self.auc.low > NOTABLE and half)

    def sentence(self, short: bool = False) -> str:
        """Return what was found in one sentence, without its full stop; short, without the detector."""
        place = f" in {self.where}" if self.where else ""
        said = f"{SAID[self.name]} human from synthetic{place}: AUC {_show(self.auc)}"
        if short:
            return said
        said += f", the detector {_show(self.detector)}"
        if self.within is not None:
            said += f" ({self.within:.2f} among texts that are alike in it)"
        if self.follows is not None:
            said += f"; among texts of one origin its rank correlation with the score is {self.follows:.2f}"
        return said


@final
@dataclass(frozen=True)
class Audit:
    """All shortcuts that were tried, over all documents first.

    Examples
    --------
    >>> Audit(()).headline
    'No shortcut was looked for'
    """

    found: tuple[Shortcut, ...]

    @property
    def explaining(self) -> tuple[Shortcut, ...]:
        """The shortcuts that explain the score: those of all documents first, then the strongest."""
        strength = {shortcut: -(shortcut.auc.value or 0.0) for shortcut in self.found}
        kept = [shortcut for shortcut in self.found if shortcut.explains]
        return tuple(sorted(kept, key=lambda one: (bool(one.where), strength[one])))

    @property
    def headline(self) -> str:
        """The first line of any report on the detector."""
        if not self.found:
            return "No shortcut was looked for"
        explaining = self.explaining
        if explaining:
            others = _others(explaining)
            return f"Shortcut: {explaining[0].sentence()}{others}"
        known = [shortcut for shortcut in self.found if shortcut.auc.value is not None]
        if not known:
            return f"Shortcuts: cannot tell ({self.found[0].auc.reason})"
        best = max(known, key=lambda one: one.auc.value or 0.0)
        place = f" in {best.where}" if best.where else ""
        return f"No shortcut explains the score; the best ({best.name}{place}) has AUC {_show(best.auc)}"

    def lines(self) -> tuple[str, ...]:
        """Return the headline, then every other shortcut over all documents, then those that explain a part."""
        told = self.explaining[:1]
        rest = [one for one in self.found if one not in told and (not one.where or one.explains)]
        return (self.headline, *(one.sentence(short=not one.explains) for one in rest))


def audit(
    data: Labelled, scores: Floats, fold: Ints, generators: Sequence[str] | None = None, parts: bool = True
) -> Audit:
    """Try every shortcut on the folds that the detector was cross-fitted on.

    Parameters
    ----------
    data
        The n documents.
    scores, fold
        The detector's cross-fitted scores and the fold of each document, shape (n,), see `cross_fit`.
    generators
        What wrote each synthetic document, shape (n,); what it says of human ones is not looked at.
    parts
        Whether each domain and generator is audited as well.

    Examples
    --------
    >>> texts = ["word " * (5 + place % 7 + 20 * (place % 2)) for place in range(120)]
    >>> data = Labelled.of(texts, [place % 2 for place in range(120)])
    >>> scores = np.array([float(len(text)) for text in texts])
    >>> print(audit(data, scores, np.arange(120) // 2 % 5).headline)
    Shortcut: length alone tells human from synthetic: AUC 1.00 [0.97, 1.00], the detector 1.00 [0.97, 1.00]...
    """
    cues = _cues(data)
    every = np.arange(data.size)
    found = [_try(name, "", guess, data, scores, fold, every) for name, guess in cues.items()]
    if parts:
        for where, places in _parts(data, generators).items():
            found += [_try(name, where, cues[name], data, scores, fold, places) for name in ("length", "characters")]
    return Audit(tuple(found))


def _cues(data: Labelled) -> dict[str, Guess]:
    texts, synthetic = data.documents.texts, data.synthetic
    return {
        "length": curve_guess(length_table(texts), synthetic, steps=12),
        "first words": word_guess(opening_words(texts), synthetic),
        "characters": curve_guess(character_table(texts), synthetic, steps=3),
        "source": word_guess(source_words(data), synthetic),
    }


def _try(name: str, where: str, guess: Guess, data: Labelled, scores: Floats, fold: Ints, places: Ints) -> Shortcut:
    """One shortcut among the documents at these places."""
    guessed = np.full(data.size, np.nan)
    for number in np.unique(fold[places]):
        learn, judge = places[fold[places] != number], places[fold[places] == number]
        learn = learn[:: max(1, -(-len(learn) // LEARNED))]
        if len(np.unique(data.synthetic[learn])) == 2:
            both = guess(learn, np.concatenate([judge, learn]))
            guessed[judge] = _standard(both[: len(judge)], both[len(judge) :])
    flags = data.synthetic[places]
    groups = tuple(data.groups[int(place)] for place in places)
    own = guessed[places]
    both = np.isfinite(own) & np.isfinite(scores[places])
    within = auc_within(scores[places][both], flags[both], _fifths(own[both])) if both.any() else np.nan
    return Shortcut(
        name,
        where,
        auc_measure(own, flags, groups),
        auc_measure(scores[places], flags, groups),
        _follows(scores[places][both], own[both], flags[both]),
        None if np.isnan(within) else float(within),
    )


def _standard(judged: Floats, learned: Floats) -> Floats:
    """Scores of different folds on one scale."""
    spread = float(learned.std())
    return (judged - learned.mean()) / spread if spread > 0 else np.zeros_like(judged)


def _fifths(values: Floats) -> Ints:
    cuts = np.quantile(values, np.arange(1, STRATA) / STRATA)
    return np.searchsorted(cuts, values).astype(np.int64)


def _follows(scores: Floats, guessed: Floats, flags: Flags) -> float | None:
    """The mean over classes of the rank correlation; None where it cannot be had."""
    found = []
    for kind in (False, True):
        a, b = midranks(scores[flags == kind]), midranks(guessed[flags == kind])
        if len(a) > 2 and a.std() > 0 and b.std() > 0:
            found.append(float(np.corrcoef(a, b)[0, 1]))
    return float(np.mean(found)) if found else None


def _parts(data: Labelled, generators: Sequence[str] | None) -> dict[str, Ints]:
    """The places of each domain, and of each generator with its domain's human documents, if there are enough."""
    domains = np.array(data.domains if data.domains is not None else [""] * data.size)
    written = np.array(generators if generators is not None else [""] * data.size)
    found = {}
    for domain in sorted(set(domains.tolist())):
        here = domains == domain
        if len(set(domains.tolist())) > 1:
            found[domain] = np.flatnonzero(here)
        by = sorted(set(written[here & data.synthetic].tolist()))
        if len(by) > 1 or (by and not domain):
            for name in by if generators is not None else []:
                label = "/".join(filter(None, [domain, name]))
                found[label] = np.flatnonzero(here & (~data.synthetic | (written == name)))
    return {where: places for where, places in found.items() if where and _enough(data, places)}


def _enough(data: Labelled, places: Ints) -> bool:
    held = [{data.groups[int(place)] for place in places if data.synthetic[place] == kind} for kind in (False, True)]
    return min(map(len, held)) >= FEWEST


def _others(explaining: tuple[Shortcut, ...]) -> str:
    if len(explaining) == 1:
        return ""
    shown = [f"{one.name}{f' in {one.where}' if one.where else ''}" for one in explaining[1:4]]
    more = f" and {len(explaining) - 4} more" if len(explaining) > 4 else ""
    return f". Also: {', '.join(shown)}{more}"


def _show(measure: Measure) -> str:
    if measure.value is None or measure.low is None or measure.high is None:
        return f"unknown ({measure.reason})" if measure.value is None else f"{measure.value:.2f}"
    return f"{measure.value:.2f} [{measure.low:.2f}, {measure.high:.2f}]"
