"""All that is known when a share is asked for, and what each quantifier makes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import final

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Flags, Labelled
from outcross.core.errors import BadInput
from outcross.core.measure import Measure
from outcross.core.part import build, words
from outcross.core.quantifier import Quantifier, Sample, Scores
from outcross.core.seed import Seed
from outcross.evidence.bootstrap import (
    BLOCK,
    clusters_of,
    percentile_interval,
    resample_clusters,
    strata_of,
    with_unseen,
)
from outcross.evidence.generators import Generators
from outcross.evidence.labels import FEW, share_of_sample, share_with_predictions, unlabelled
from outcross.evidence.scored import Scored, as_log_odds, probability, score_by, score_with, together, training_noise


@final
@dataclass(frozen=True, eq=False)
class Case:
    """A target, what it is held against, and how sure the answer shall be.

    Parameters
    ----------
    target
        The N documents whose share is asked for.
    references
        Documents of known origin, of the target's kind; None where there are none.
    labelled
        A random sample of the target with its origins; None where there is none.
    detector
        What is fitted to the references, fold by fold; None where a ready scorer is all.
    scorer
        What was fitted elsewhere; None where there is none. Beside a detector the two are heard together.
    clusters
        The cluster of each target document, shape (N,); None where each stands for itself.
    population
        Whether the interval is for the share in the population that the target was drawn from, rather than in these
        very documents.
    level, draws
        Confidence level; number of bootstrap draws.
    seed
        For folds, fits and draws.
    note
        How the groups of the references were found, in a sentence; empty where they were given.
    generators
        Who wrote each synthetic reference, in their order; None for one of whom it is not known. Empty where none is
        named.

    Examples
    --------
    See `outcross.evidence.prevalence.prevalence`.
    """

    target: Documents
    references: Labelled | None
    labelled: Labelled | None
    detector: Detector | None
    scorer: Scorer | None
    clusters: Ints | None
    population: bool
    level: float
    draws: int
    seed: Seed
    note: str = ""
    generators: tuple[str | None, ...] = ()

    def scored(self, by: str | None = None) -> Scored:
        """Return log odds by detector and scorer; or, by another detector, in words, that one's own scores.

        Raises
        ------
        BadInput
            If there are no references.
        """
        if by is None:
            return self._scored
        if by not in self._others:
            self._others[by] = score_with(
                build("detector", by), self.target, self._references, self._sample, self.seed.child(by)
            )
        return self._others[by]

    @cached_property
    def _others(self) -> dict[str, Scored]:
        """Scores by the detectors of quantifiers that have their own, by their words."""
        return {}

    @cached_property
    def _scored(self) -> Scored:
        found = []
        if self.detector is not None:
            found.append(score_with(self.detector, self.target, self._references, self._sample, self.seed))
        if self.scorer is not None:
            found.append(score_by(self.scorer, self.target, self._references, self._sample))
        return as_log_odds(found[0]) if len(found) == 1 else together(*found)

    @property
    def _references(self) -> Labelled:
        if self.references is None:
            raise BadInput("references are wanted: texts of the target's kind, some human and some synthetic")
        return self.references

    @property
    def _sample(self) -> Documents | None:
        return None if self.labelled is None else self.labelled.documents

    @cached_property
    def unscored(self) -> float:
        """The share of the target that has no score."""
        return float(np.isnan(self._scored.target).mean())

    def measure(self, quantifier: Quantifier) -> Measure:
        """Return the share by one quantifier with its interval.

        Documents without a score may be all human or all synthetic: the interval allows for both.
        """
        if quantifier.labels:
            return self.by_labels(quantifier)
        scores = self.scores(quantifier)
        value = float(quantifier.estimate(scores)[0])
        if np.isnan(value):
            return replace(
                Measure.missing("the references' scores cannot be told apart", self.target.size), level=self.level
            )
        draws, others = self.resampled(quantifier, scores), self.between(quantifier)
        if others is not None:
            draws = others.allowing(draws, self.seed.child("generators", words(quantifier)).generator())
        low, high = percentile_interval(draws, self.level)
        spare = self.unscored
        ends = min(low, value) * (1 - spare), max(high, value) * (1 - spare) + spare
        return Measure(value, *ends, self.target.size, self.level)

    def scores(self, quantifier: Quantifier) -> Scores:
        """Return what a quantifier looks at: probabilities, or the scores of its own detector."""
        scored = self.scored(quantifier.detector)
        reference = self.values(quantifier)
        target = scored.target if quantifier.detector else probability(scored.target)
        known = np.isfinite(reference)
        human, synthetic = (reference[known & (scored.synthetic == kind)] for kind in (False, True))
        return Scores(Sample(target[np.isfinite(target)]), Sample(human), Sample(synthetic))

    def values(self, quantifier: Quantifier) -> Floats:
        """Return what it reads of each reference, shape (m,); NaN where there is none."""
        reference = self.scored(quantifier.detector).reference
        return reference if quantifier.detector else probability(reference)

    def between(self, quantifier: Quantifier) -> Generators | None:
        """Return how differently the references' generators stand out; None where they are not named."""
        if not self.generators:
            return None
        values, synthetic = self.values(quantifier), self.scored(quantifier.detector).synthetic
        held = np.isfinite(values)
        names = [name for name, known in zip(self.generators, held[synthetic], strict=True) if known]
        return Generators.of(values[held & ~synthetic], values[held & synthetic], names)

    def noise(self, quantifier: Quantifier) -> float:
        """Return the part of a score's variance that is by chance of the training, see `training_noise`."""
        scored = self.scored(quantifier.detector)
        if scored.again is None:
            return 0.0
        target, again = scored.target, scored.again
        if quantifier.detector is None:
            target, again = probability(target), probability(again)
        return training_noise(target, again, self.values(quantifier), scored.synthetic, scored.folds)

    def resampled(self, quantifier: Quantifier, scores: Scores) -> Floats:
        """Return one share a bootstrap draw, shape (draws,): references by cluster, and the target."""
        scored = self.scored(quantifier.detector)
        known, held = np.isfinite(scored.target), np.isfinite(scored.reference)
        clusters = clusters_of(self._references.groups)[held]
        clusters = clusters_of(clusters.tolist())
        synthetic = scored.synthetic[held]
        strata = strata_of(clusters, synthetic)
        own = np.arange(int(known.sum())) if self.clusters is None else clusters_of(self.clusters[known].tolist())
        keep = self._of_composition(scores)
        worth = 1 / (1 + self.noise(quantifier))
        rng = self.seed.child("bootstrap", words(quantifier)).generator()
        value = float(np.nan_to_num(quantifier.estimate(scores)[0], nan=0.5))
        strange = float(scores.synthetic.values.mean()), float(scores.human.values.mean())
        units = [
            (len(np.unique(clusters[synthetic == kind])), max(1.0, part * len(own)))
            for kind, part in ((False, 1 - value), (True, value))
        ]
        step = max(1, BLOCK // (len(own) + len(clusters)))
        found = []
        for start in range(0, self.draws, step):
            draws = min(step, self.draws - start)
            reference = resample_clusters(clusters, draws, rng, strata, worth)
            target = resample_clusters(own, draws, rng)
            target = target if keep == 1 else 1 + keep * (target - 1)
            found.append(
                quantifier.estimate(
                    replace(
                        scores,
                        target=Sample(scores.target.values, target),
                        human=with_unseen(scores.human, reference[:, ~synthetic], strange[0], units[0], rng),
                        synthetic=with_unseen(scores.synthetic, reference[:, synthetic], strange[1], units[1], rng),
                    )
                )
            )
        return np.concatenate(found)

    def _of_composition(self, scores: Scores) -> float:
        """How far the target's weights go in a resample, in [0, 1].

        A resample of the target varies for two reasons: documents of one origin have different scores, and another
        number of them is synthetic. Of these very documents the number is what it is, so only the first is uncertain;
        the weights are drawn towards 1 until they show that variance alone.
        """
        if self.population or self.clusters is not None:
            return 1.0
        target, human, synthetic = (sample.values for sample in (scores.target, scores.human, scores.synthetic))
        whole, apart = float(np.var(target)), float(synthetic.mean() - human.mean())
        if whole <= 0 or apart <= 0:
            return 1.0
        share = float(np.clip((target.mean() - human.mean()) / apart, 0, 1))
        inner = (1 - share) * float(np.var(human)) + share * float(np.var(synthetic))
        return float(np.sqrt(min(1.0, inner / (inner + share * (1 - share) * apart**2)))) if inner > 0 else 0.0

    @cached_property
    def rest(self) -> Flags:
        """Which documents of the target are not labelled, shape (N,)."""
        if self.labelled is None:
            return np.ones(self.target.size, dtype=np.bool_)
        return unlabelled(self.target, self.labelled.documents)

    def by_labels(self, quantifier: Quantifier | None) -> Measure:
        """Return the share that the labelled sample tells, with predictions for the rest; without where none is given.

        Raises
        ------
        BadInput
            If there is no labelled sample.
        """
        if self.labelled is None:
            raise BadInput("a labelled sample of the target is wanted")
        truth = self.labelled.synthetic.astype(np.float64)
        inside = 2 * int((~self.rest).sum()) >= len(truth)
        size = int(self.rest.sum()) + len(truth) if inside else 1_000_000_000
        alone = share_of_sample(int(truth.sum()), len(truth), 1_000_000_000 if self.population else size, self.level)
        known = self._predictions() if quantifier is not None else None
        if quantifier is None or known is None:
            return alone
        target, labelled = known
        target = target[self.rest] if inside else target
        target = target[np.isfinite(target)]
        if not len(target):
            return alone
        scores = Scores(Sample(target), Sample(target), Sample(target), Sample(labelled), truth)
        own = quantifier.measure(scores, self.level)
        if own is None or own.value is None:
            return alone
        few = min(truth.sum(), len(truth) - truth.sum()) < FEW
        if few and alone.low is not None and alone.high is not None:
            return replace(alone, value=float(np.clip(own.value, alone.low, alone.high)), n=own.n)
        if self.population:
            return own
        whole = size if inside else len(target)
        return replace(share_with_predictions(own.value, labelled, truth, whole, inside, self.level), n=own.n)

    def _predictions(self) -> tuple[Floats, Floats] | None:
        """A number in [0, 1] for each document of the target and of the labelled sample; None where nothing scores."""
        if self.labelled is None:
            return None
        if self.references is not None:
            scored = self._scored
            target, labelled = probability(scored.target), scored.labelled
            held = np.zeros(0) if labelled is None else probability(labelled)
        elif self.scorer is not None:
            raw, held = self.scorer.score(self.target), self.scorer.score(self.labelled.documents)
            centre, spread = np.nanmedian(raw), np.nanstd(raw) or 1.0
            target, held = probability((raw - centre) / spread), probability((held - centre) / spread)
        else:
            return None
        return target, np.where(np.isfinite(held), held, np.nanmean(target))
