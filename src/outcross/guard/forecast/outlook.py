"""What is known of a corpus under a policy: the rehearsal, the surrogate, and what follows for the whole corpus."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.measure import Measure
from outcross.core.model import Model
from outcross.core.policy import Policy
from outcross.core.seed import Seed
from outcross.core.special import normal_quantile
from outcross.guard.forecast.fates import Shift, expit, logit, shift, shifted
from outcross.guard.forecast.reading import Read
from outcross.guard.forecast.rehearsal import Rehearsal, cost, rehearse
from outcross.guard.forecast.spectrum import Spectrum, clumps, pieces
from outcross.guard.forecast.surrogate import Fates, play

BUDGET = 2_000_000
"""Words that a rehearsal reads and writes."""
LEAST = 8_000
"""Words of the sample that is rehearsed on, at least, where there are so many."""
LONGEST = 60
"""Words of a text that is rehearsed: longer ones are cut, for a model writes all texts at once, word by word."""
DRIFT = 0.03
"""The same for each power of e by which the corpus is larger than the sample that was rehearsed on."""
PATHS = 32
"""Chains of the surrogate."""
APART = 0.05
"""How far forecasts were from chains beyond their own spread: standard deviation in logits (see `forecast`)."""


@final
@dataclass(frozen=True, eq=False)
class Outlook:
    """A corpus, a model, and what they lead to under a policy.

    Parameters
    ----------
    read
        The corpus.
    model
        The model that is tried on a sample.
    generations, level, seed
        As of the forecast.
    spectra
        Frequency spectra of what was counted, of half of it, of a quarter, ...; one where everything was counted.
    clump
        How often a word of each count of the grid occurs in a document that has it.

    Examples
    --------
    See `outcross.guard.forecast.forecast.forecast`.
    """

    read: Read
    model: Model
    generations: int
    level: float
    seed: Seed
    spectra: tuple[Spectrum, ...]
    clump: Floats

    @classmethod
    def of(cls, read: Read, model: Model, generations: int, level: float, seed: Seed) -> Outlook:
        """Return what is known before a policy is."""
        spectra = [Spectrum.of(read.counts)]
        rng = seed.child("thin").generator()
        while read.words > 1.001 * spectra[0].words and len(spectra) < 4:
            spectra.append(spectra[-1].thinned(rng))
        return cls(read, model, generations, level, seed, tuple(spectra), clumps(read.texts))

    def rehearse(self, policy: Policy, budget: int = BUDGET) -> Rehearsed:
        """Run the chain on a sample, and say by how much it differs from the surrogate of the same sample."""
        passes = cost(policy, 1000, self.generations)
        sample = pieces(self.read.texts, max(LEAST, int(budget / passes)), LONGEST)
        seen = rehearse(sample, self.model, policy, self.generations, self.seed.child("rehearse"))
        expected = play(
            policy,
            sample.size,
            self.generations,
            seed=self.seed.child("expected"),
            copies=2000,
            lengths=seen.tokens[1:],
            clump=clumps(sample),
        )
        alive = shift(seen.first, seen.alive, expected.alive[:, 0])
        kept = shift(seen.first, seen.kept, expected.kept[:, 0])
        return Rehearsed(seen, sample.tokens, alive, kept)

    def play(self, policy: Policy, paths: int, copies: int, unevenness: float, sampled: bool = False) -> Fates:
        """The surrogate of the whole corpus."""
        return play(
            policy,
            self.read.documents,
            self.generations,
            seed=self.seed.child("play"),
            paths=paths,
            copies=copies,
            unevenness=unevenness,
            rates=self.spectra[0].rates(),
            clump=self.clump,
            sampled=sampled,
        )

    def left(self, policy: Policy, rehearsed: Rehearsed) -> dict[str, tuple[Measure, ...]]:
        """What is left of the vocabulary and of the tail, by generation."""
        fates = self.play(policy, PATHS, 400, rehearsed.seen.unevenness)
        alive, kept = shifted(fates.alive, rehearsed.alive), shifted(fates.kept, rehearsed.kept)
        spectrum = self.spectra[0]
        return {
            "types": self._measures(
                [one.types_left(alive) for one in self.spectra], rehearsed, rehearsed.alive, spectrum.types.sum()
            ),
            "tail_mass": self._measures(
                [one.tail_left(kept) for one in self.spectra],
                rehearsed,
                rehearsed.kept,
                float(spectrum.tail @ spectrum.types),
            ),
        }

    def whole(self, found: Sequence[Floats]) -> tuple[Floats, float]:
        """What is left of the whole corpus, given what is left of what was counted, of half of it, ...; and the error.

        Where not everything was counted, the trend by the logarithm of the size is drawn on. Its error, in logits, is
        half of what that adds, and what the bend of the trend would.
        """
        if len(found) == 1:
            return found[0], 0.0
        octaves = math.log2(self.read.words / self.spectra[0].words)
        steps = -np.diff([float(np.median(logit(one))) for one in found])
        bend = float(np.mean(-np.diff(steps))) if len(steps) > 1 else 0.0
        more = float(steps[0]) * octaves
        return expit(logit(found[0]) + more), math.hypot(more / 2, bend * octaves**2 / 2)

    def _measures(self, found: list[Floats], rehearsed: Rehearsed, moved: Shift, types: float) -> tuple[Measure, ...]:
        """Intervals in logits: the spread of one chain, the error of the shift, and how far forecasts were off."""
        wide = float(normal_quantile(0.5 + self.level / 2))
        further = DRIFT * math.log(max(1.0, self.read.words / rehearsed.words))
        measures = [Measure(1.0, 1.0, 1.0, n=1, level=self.level)]
        for t in range(1, self.generations + 1):
            left, stretch = self.whole([one[t] for one in found])
            paths = logit(left)
            center, p = float(np.median(paths)), float(np.median(left))
            drawn = 1 / (types * p * (1 - p))
            error = math.sqrt(
                float(paths.var(ddof=1)) + drawn + moved.error[t] ** 2 + APART**2 + further**2 + stretch**2
            )
            value, low, high = (float(expit(center + z * error)) for z in (0, -wide, wide))
            measures.append(Measure(value, low, high, n=PATHS, level=self.level))
        return tuple(measures)


@final
@dataclass(frozen=True, eq=False)
class Rehearsed:
    """A rehearsal, and what it showed.

    Parameters
    ----------
    seen
        The rehearsal.
    words
        Words of the sample.
    alive, kept
        The shifts of the probability that a word occurs, and of the share of its mass that is left.

    Examples
    --------
    See `outcross.guard.forecast.forecast.forecast`.
    """

    seen: Rehearsal
    words: int
    alive: Shift
    kept: Shift
