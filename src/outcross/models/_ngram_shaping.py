"""How a fitted n-gram model writes: at a temperature, and within the most probable words only. Both are exact.

Neither needs the distribution over the whole vocabulary in every context. A temperature turns the tables of an
interpolated model into those of another one. Whether a word is among the most probable is counted, level by level, so
that words can be drawn from the whole distribution and refused where they are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats, Ints
from outcross.models._ngram_levels import Level, distribution, draw, pair_probabilities, probability

_TIE = 1e-9
"""Probabilities nearer to each other than this share of themselves are equal."""


def temper(levels: Sequence[Level], temperature: float) -> tuple[Level, ...]:
    """Return the levels of the model whose probabilities are proportional to P ** (1 / temperature).

    A word that was not seen in a context has ``backoff * P(w | shorter)``, so its power is ``backoff ** power`` times
    that of the shorter context: the powers are interpolated too. What a pair adds to that is its new share.
    """
    power = 1 / temperature
    tempered: list[Level] = []
    symbols = levels[0].symbols
    peak, total = np.array([1 / symbols]), np.array([float(symbols)])
    for level, p, below in pair_probabilities(levels):
        shorter, context, first = level.shorter, level.context, level.starts[:-2]
        left = level.backoff[:-1] * peak[shorter]
        top = np.maximum(left, np.maximum.reduceat(p, first))
        scale = (left / top) ** power
        added = (p / top[context]) ** power - scale[context] * (below / peak[shorter][context]) ** power
        added = np.maximum(added, 0)  # below zero by rounding only
        rest = scale * total[shorter]
        peak, total = top, np.add.reduceat(added, first) + rest
        share = np.append(added / total[context], 0.0)
        tempered.append(replace(level, share=share, backoff=np.append(rest / total, 1.0)))
    return tuple(tempered)


def rank(levels: Sequence[Level]) -> list[tuple[Ranking, Ranking]]:
    """Return each level's pairs by their probability, and by that in the shorter context."""
    return [(Ranking.of(level, p), Ranking.of(level, below)) for level, p, below in pair_probabilities(levels)]


@final
@dataclass(frozen=True, eq=False)
class Ranking:
    """The pairs of a level in falling order of a probability, context by context.

    Parameters
    ----------
    keys
        Row of the context and, as imaginary part, minus the probability: NumPy sorts complex numbers by both; (M,).
    mass
        Sum of the probabilities of all pairs before, shape (M + 1,).
    starts
        First pair of each context, shape (C + 2,).
    """

    keys: NDArray[np.complex128]
    mass: Floats
    starts: Ints

    @classmethod
    def of(cls, level: Level, p: Floats) -> Ranking:
        """Return the ranking of a level's pairs by p."""
        keys = np.sort(_keys(level.context, p))
        return cls(keys, np.concatenate([[0.0], np.cumsum(-keys.imag)]), level.starts)

    def above(self, row: Ints, threshold: Floats) -> tuple[Ints, Floats]:
        """Return how many pairs of a context are more probable than a threshold, and their mass."""
        start, end = self.starts[row], np.searchsorted(self.keys, _keys(row, threshold))
        return end - start, self.mass[end] - self.mass[start]


def above(
    levels: Sequence[Level], rankings: Sequence[tuple[Ranking, Ranking]], rows: Sequence[Ints], threshold: Floats
) -> tuple[Floats, Floats]:
    """Return how many symbols are more probable than a threshold in each context, and their mass; ties are not.

    More probable than t in a context are its pairs above t, and whatever is above t / backoff in the shorter context
    and is no pair of this one.
    """
    bounds = [threshold * (1 + _TIE)]
    for level, row in zip(reversed(levels), reversed(rows), strict=True):
        left = level.backoff[row]
        bounds.append(np.divide(bounds[-1], left, out=np.full(len(left), np.inf), where=left > 0))
    symbols = levels[0].symbols
    mass = np.where(1 / symbols > bounds[-1], 1.0, 0.0)
    count = mass * symbols
    for level, row, (by_own, by_shorter) in zip(levels, rows, rankings, strict=True):
        counted_below, mass_below = by_shorter.above(row, bounds.pop())
        counted, counted_mass = by_own.above(row, bounds[-1])
        count += counted - counted_below
        mass = counted_mass + level.backoff[row] * (mass - mass_below)
    return count, mass


def _keys(row: Ints, p: Floats) -> NDArray[np.complex128]:
    keys = np.empty(len(row), dtype=np.complex128)  # not row - 1j * p, which is NaN where p is infinite
    keys.real, keys.imag = row, -p
    return keys


@final
@dataclass(frozen=True, eq=False)
class Head:
    """Draws words among the most probable ones, for one sample.

    Words are drawn from the whole distribution and refused until they fit. Once a context has refused as many as it
    costs to write its distribution out, that is done, and kept: never more than twice the work of the better way.

    Parameters
    ----------
    levels, rankings
        The model that writes, and its pairs in order.
    top_k, top_p
        A word is written if fewer than ``top_k`` words are more probable, and if those have less than ``top_p``
        together; infinite for no bound.
    """

    levels: Sequence[Level]
    rankings: Sequence[tuple[Ranking, Ranking]]
    top_k: float
    top_p: float
    _lists: dict[int, tuple[Ints, Floats]] = field(default_factory=dict)

    @cached_property
    def _refusals(self) -> Ints:
        """How often each context refused a word."""
        return np.zeros(sum(len(level.contexts) for level in self.levels), dtype=np.int64)

    @property
    def _patience(self) -> float:
        """Refusals that cost as much time as writing a distribution out (measured)."""
        return 30 + self.levels[0].symbols / 128

    def draw(self, rows: Sequence[Ints], rng: np.random.Generator) -> Ints:
        """Return one word for each context, given its row on each level."""
        words = np.empty(len(rows[0]), dtype=np.int64)
        context, left = self._contexts(rows), np.arange(len(words))
        while len(left):
            points, known = rng.random(len(left)), self._refusals[context[left]] > self._patience
            self._draw_listed(left[known], context, rows, points[known], words)
            left = left[~known]
            here = [row[left] for row in rows]
            words[left] = draw(self.levels, here, points[~known])
            left = left[~self._within(here, words[left])]
            np.add.at(self._refusals, context[left], 1)
        return words

    def _contexts(self, rows: Sequence[Ints]) -> Ints:
        """A number for the longest context that was seen: it alone decides the distribution."""
        context, before = rows[0], len(self.levels[0].contexts)
        for level, row in zip(self.levels[1:], rows[1:], strict=True):
            context = np.where(row < len(level.contexts) - 1, before + row, context)
            before += len(level.contexts)
        return context

    def _within(self, rows: Sequence[Ints], words: Ints) -> NDArray[np.bool_]:
        """Whether words are probable enough."""
        likely = probability(self.levels, rows, words)
        count, mass = above(self.levels, self.rankings, rows, likely)
        return (count < self.top_k) & (mass < self.top_p * (1 - _TIE))

    def _draw_listed(self, which: Ints, context: Ints, rows: Sequence[Ints], points: Floats, words: Ints) -> None:
        """Draw the words at ``which`` from distributions that are written out."""
        order = np.argsort(context[which], kind="stable")
        which, points = which[order], points[order]
        kinds, first = np.unique(context[which], return_index=True)
        for kind, (start, stop) in zip(kinds.tolist(), pairwise([*first, len(which)]), strict=True):
            places = which[start:stop]
            if kind not in self._lists:
                self._lists[kind] = self._list([int(row[places[0]]) for row in rows])
            listed, edges = self._lists[kind]
            index = np.searchsorted(edges, points[start:stop] * edges[-1], side="right")
            words[places] = listed[np.minimum(index, len(listed) - 1)]

    def _list(self, rows: Sequence[int]) -> tuple[Ints, Floats]:
        """The words that may be written in a context, and their probabilities added up."""
        p = distribution(self.levels, rows)
        falling = -np.sort(-p)
        before = np.cumsum(falling) - falling
        fit = np.flatnonzero((before < self.top_p * (1 - _TIE)) & (np.arange(len(p)) < self.top_k))
        listed = np.flatnonzero(p >= falling[fit[-1]] * (1 - _TIE))
        return listed, np.cumsum(p[listed])
