"""What becomes of a word that occurs c times, under a policy: a branching process, simulated by the policy itself.

A model that has learned how often each word occurs, and writes as much as it has read, gives a word with count c in
training Poisson(c) occurrences: the Wright-Fisher model of a rare type, whose fate depends on its own count and on
nothing else of the corpus. So a few thousand words stand for millions of them, and any policy can be played through:
its own `plan` is asked, over an inventory of documents, and its recipe is carried out on counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import final

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.core.inventory import Inventory
from outcross.core.policy import Policy
from outcross.core.provenance import Origin, Stratum
from outcross.core.recipe import Draw
from outcross.core.seed import Seed

GRID = np.unique(np.rint(np.concatenate([np.arange(1, 11), np.geomspace(10, 1e4, 16)]))).astype(np.float64)
"""Counts whose fates are simulated; those between are interpolated in the logarithm."""


FIRST = 1.5
"""How much more the total length moves with the first model, which was fitted to texts that no model of its kind wrote:
as seen on real chains, where later steps move by what independent texts of geometric length do."""


@final
@dataclass(frozen=True, eq=False)
class Fates:
    """What becomes of words by their count in the corpus.

    Parameters
    ----------
    alive
        Probability that a word occurs in what the model of a generation writes, shape (T + 1, P, len(GRID)): P paths
        of the total length of the texts.
    kept
        Expected share of its mass that is left, ``E min(p_t, p_0) / p_0``, same shape.
    tokens
        Words written, as a share of those of the corpus, shape (T + 1, P).

    Examples
    --------
    >>> from outcross.core.part import build
    >>> fates = play(build("policy", "replace"), 1000, 1, seed=Seed(0))
    >>> fates.alive[1, 0, 0].round(1)  # a word that occurs once: 1 - 1/e
    np.float64(0.6)
    """

    alive: Floats
    kept: Floats
    tokens: Floats


@final
@dataclass(frozen=True, eq=False)
class _Batch:
    """So many documents with so many words, and how often each of the words that are followed occurs among them."""

    documents: float
    tokens: Floats
    counts: Floats
    clump: Floats | float = 1.0
    """How often a word occurs in a document that has it."""

    def plus(self, other: _Batch) -> _Batch:
        """Both together; only what models wrote is drawn from again, and that is not clumped."""
        return _Batch(self.documents + other.documents, self.tokens + other.tokens, self.counts + other.counts)

    def times(self, factor: float) -> _Batch:
        """Every document as many times."""
        if factor == 1:
            return self
        return _Batch(self.documents * factor, self.tokens * factor, self.counts * factor)

    def share(self, share: float, rng: np.random.Generator, replacement: bool) -> _Batch:
        """Such a share of the documents, chosen at random: a word comes with all of its clump."""
        if share == 1 and not replacement:
            return self
        clumps = self.counts / self.clump
        if replacement or share > 1:
            drawn = rng.poisson(clumps * share)
        else:
            drawn = rng.binomial(np.rint(clumps).astype(np.int64), share)
        counts: Floats = drawn.astype(np.float64) * self.clump
        return _Batch(self.documents * share, self.tokens * share, counts)


def play(
    policy: Policy,
    documents: int,
    generations: int,
    *,
    seed: Seed,
    paths: int = 1,
    copies: int = 400,
    unevenness: float = 0.0,
    lengths: Floats | None = None,
    rates: Floats | None = None,
    clump: Floats | None = None,
    sampled: bool = False,
) -> Fates:
    """Play a policy through, and return what becomes of words.

    Parameters
    ----------
    policy
        The policy. Rules that look at the content of records (scores, judges, edits) are carried out blindly.
    documents
        Documents of the corpus, and of each generation.
    generations
        How many models are fitted.
    seed
        Of the simulation.
    paths
        How many independent chains.
    copies
        How many words of each of the smallest counts are followed in each; of larger ones fewer.
    unevenness
        Standard deviation of the length of a text that a model writes, divided by its mean: the total length of the
        texts of a generation wanders by that over the root of their number.
    lengths
        Words written by generation as a share of the corpus, shape (T,), where that is known.
    rates
        How often a word of each count in `GRID` occurs in as much new human text, shape (len(GRID),).
    clump
        How often a word of each count in `GRID` occurs in a document that has it, shape (len(GRID),); none for once.
    sampled
        Whether the counts are those to be expected in human texts, and the corpus itself is a sample of these: so that
        new human texts are worth as much as the first ones. What is left is then of what is to be expected.

    Examples
    --------
    See `Fates`.
    """
    rng = seed.generator()
    number = np.maximum(copies / np.sqrt(np.maximum(GRID / 4, 1)), 20).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(number)[:-1]])
    first = np.repeat(GRID, number)
    fresh = np.repeat(GRID if rates is None or sampled else rates, number)
    clumps: Floats | float = 1.0 if clump is None else np.repeat(clump, number)
    there: Floats = np.broadcast_to(first, (paths, len(first)))
    if sampled:
        there = np.asarray(rng.poisson(there / clumps) * clumps, dtype=np.float64)
    human = _Batch(documents, np.ones(paths), there, clumps)
    files: dict[Stratum, _Batch] = {Stratum(Origin.HUMAN): human}
    found = [human]
    for generation in range(1, generations + 1):
        counts = {stratum: round(batch.documents) for stratum, batch in files.items()}
        recipe = policy.plan(Inventory(counts, math.inf), documents)
        training = _drawn(recipe.draws, files, fresh, documents, rng)
        known = None if lengths is None else float(lengths[generation - 1])
        output = _written(training, documents, unevenness * (FIRST if generation == 1 else 1), known, rng)
        found.append(output)
        joins: _Batch | None = None
        if recipe.ask > documents:
            more = _written(training, recipe.ask - documents, unevenness, None, rng)
            joins = output.plus(more)
        elif recipe.ask:
            joins = output.share(recipe.ask / documents, rng, False)
        if joins is not None:
            _file(files, Stratum(Origin.SYNTHETIC, generation), joins, policy)
    return Fates(*_summarized(found, first, starts, number))


def _drawn(
    draws: tuple[Draw, ...], files: Mapping[Stratum, _Batch], fresh: Floats, documents: int, rng: np.random.Generator
) -> _Batch:
    """The training set of a recipe, each document as often as it counts."""
    drawn: list[_Batch] = []
    for draw in draws:
        if draw.fresh:
            paths = len(next(iter(files.values())).tokens)
            part = draw.quota / documents
            found = rng.poisson(np.broadcast_to(fresh * part, (paths, len(fresh)))).astype(np.float64)
            drawn.append(_Batch(draw.quota, np.full(paths, part), found).times(draw.weight))
        elif draw.quota:
            chunks = [files[stratum] for stratum in draw.strata if stratum in files]
            part = draw.quota / round(sum(chunk.documents for chunk in chunks))
            again = draw.replacement or draw.most > 1
            drawn += [chunk.share(part, rng, again).times(draw.weight) for chunk in chunks]
    return reduce(_Batch.plus, drawn)


def _written(
    training: _Batch, documents: int, unevenness: float, known: float | None, rng: np.random.Generator
) -> _Batch:
    """What a model writes that was trained on these."""
    if known is None:
        spread = unevenness / math.sqrt(documents)
        wander = rng.standard_normal(len(training.tokens)) * spread - spread**2 / 2  # the mean stays
        tokens = training.tokens / training.documents * documents * np.exp(wander)
    else:
        tokens = np.full(len(training.tokens), known)
    # Where the last model wrote no word, of a few documents, the next one has none to write.
    per_word = np.divide(tokens, training.tokens, out=np.zeros_like(tokens), where=training.tokens > 0)
    counts = rng.poisson(training.counts * per_word[:, None]).astype(np.float64)
    return _Batch(documents, tokens, counts)


def _file(files: dict[Stratum, _Batch], stratum: Stratum, batch: _Batch, policy: Policy) -> None:
    """Keep what a model wrote, as the policy needs it: older generations are let go, or kept in one."""
    if policy.blends:
        for old in [one for one in files if one.origin is Origin.SYNTHETIC]:
            batch = files.pop(old).plus(batch)
    elif policy.reach is not None:
        for old in [one for one in files if 0 < one.generation <= stratum.generation - policy.reach]:
            del files[old]
    files[stratum] = batch


def _summarized(found: list[_Batch], first: Floats, starts: Ints, number: Ints) -> tuple[Floats, Floats, Floats]:
    alive, kept = [], []
    for batch in found:
        words = np.where(batch.tokens > 0, batch.tokens, 1.0)[:, None]
        share = np.minimum(batch.counts / words, first) / first
        alive.append(np.add.reduceat((batch.counts > 0).astype(np.float64), starts, axis=1) / number)
        kept.append(np.add.reduceat(share, starts, axis=1) / number)
    return np.array(alive), np.array(kept), np.array([batch.tokens for batch in found])


def at(counts: Floats, rates: Floats) -> Floats:
    """Return rates over the grid (last axis) at these counts, interpolated in the logarithm.

    Examples
    --------
    >>> at(np.array([1.0, 2.0]), GRID).tolist()
    [1.0, 2.0]
    """
    place = np.interp(np.log(counts), np.log(GRID), np.arange(len(GRID)))
    low = np.minimum(place.astype(np.int64), len(GRID) - 2)
    part = place - low
    found: Floats = rates[..., low] * (1 - part) + rates[..., low + 1] * part
    return found
