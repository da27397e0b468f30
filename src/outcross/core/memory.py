"""A pool in memory: batches filed by stratum. The lab runs on it; a vault keeps the same promises on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from outcross.core.batch import Batch, Floats, HasTokens, Ints, NotDivisible, Records, random_index
from outcross.core.errors import BadInput
from outcross.core.inventory import Inventory
from outcross.core.pool import RatedPool
from outcross.core.provenance import Origin, Provenance, Stratum
from outcross.core.recipe import Draw, Recipe
from outcross.core.seed import Seed

Fresh = Callable[[int, Seed], Batch]
"""Gives k human records that were never drawn before."""


@final
@dataclass(frozen=True, slots=True)
class _Chunk:
    batch: Batch
    scores: Mapping[str, Floats]

    def joins(self, later: _Chunk) -> bool:
        """Whether to make one chunk of both: statistics always merge; chunks of records double, as binary digits carry.

        So there are few chunks however many generations there were, and each record is copied a few times only.
        """
        whole = not isinstance(later.batch, Records)
        return whole or (self.batch.size <= later.batch.size and self.scores.keys() == later.scores.keys())

    def join(self, later: _Chunk) -> _Chunk:
        scores = {name: np.concatenate([found, later.scores[name]], axis=1) for name, found in self.scores.items()}
        return _Chunk(_join([self.batch, later.batch]), scores)


@final
class MemoryPool(RatedPool):
    """Records of R replicates in memory, filed by stratum.

    Parameters
    ----------
    human
        The human records at hand.
    fresh
        Gives human records that were never drawn before; None where there are none.
    reserve
        How many those are; infinite for a known population.
    grouped
        Whether strata are kept apart by group (one replicate only).
    blend
        Whether synthetic records of every generation are filed together, under the deepest one. Sufficient statistics
        are then merged at once, so that the pool does not grow.
    reach
        How many of the latest generations that models wrote are kept; None for all.
    convert
        Applied to everything drawn: the exact path turns records into their sufficient statistic here.

    Examples
    --------
    >>> from outcross.core.records import Rows
    >>> pool = MemoryPool(Rows(np.zeros((1, 5, 1))))
    >>> pool.add(Rows(np.ones((1, 3, 1))), Provenance(Origin.SYNTHETIC, 1))
    >>> {str(stratum): count for stratum, count in pool.inventory().counts.items()}
    {'human/0': 5, 'synthetic/1': 3}
    """

    def __init__(
        self,
        human: Batch,
        *,
        fresh: Fresh | None = None,
        reserve: float = 0,
        grouped: bool = False,
        blend: bool = False,
        reach: int | None = None,
        convert: Callable[[Batch], Batch] = lambda batch: batch,
    ) -> None:
        self._fresh, self._reserve = fresh, reserve
        self._grouped, self._blend, self._reach, self._convert = grouped, blend, reach, convert
        self._files: dict[Stratum, list[_Chunk]] = {}
        self.add(human, Provenance(Origin.HUMAN))

    def inventory(self) -> Inventory:
        """Return how many records there are, by stratum."""
        counts = {s: sum(chunk.batch.size for chunk in chunks) for s, chunks in self._files.items()}
        tokens = {
            s: sum(chunk.batch.tokens for chunk in chunks if isinstance(chunk.batch, HasTokens))
            for s, chunks in self._files.items()
            if isinstance(chunks[0].batch, HasTokens)
        }
        return Inventory(counts, self._reserve, tokens)

    def add(self, records: Batch, provenance: Provenance, scores: Mapping[str, Floats] | None = None) -> None:
        """Keep new records, with their score columns of shape (R, n)."""
        scores = scores or {}
        if not self._grouped:
            self._file(provenance.stratum(), _Chunk(records, scores))
        elif isinstance(records, Records) and records.membership() is not None:
            for name, index in records.members().items():
                part = {column: values[:, index[0]] for column, values in scores.items()}
                self._file(replace(provenance, group=name).stratum(), _Chunk(records.take(index), part))
        else:
            groups = records.split()
            if not groups:
                raise BadInput(
                    f"the policy keeps groups apart, and the {provenance.origin} records of generation "
                    f"{provenance.generation} have none; a model of groups is written like grouped(model=...)"
                )
            for name, batch in groups.items():
                self._file(replace(provenance, group=name).stratum(), _Chunk(batch, {}))
        self._let_go(provenance.generation)

    def rate(self, strata: Iterable[Stratum], scores: Mapping[str, Floats]) -> None:
        """Give records that are kept score columns of shape (R, n): those of the strata, one after another.

        Raises
        ------
        BadInput
            If a column has not as many scores as there are records.
        """
        counts = self.inventory().counts
        strata = tuple(strata)
        total = sum(counts[stratum] for stratum in strata)
        for name, values in scores.items():
            if values.shape[1] != total:
                raise BadInput(f"{total:,} records cannot have {values.shape[1]:,} scores by '{name}'")
        start = 0
        for stratum in strata:
            for place, chunk in enumerate(self._files[stratum]):
                end = start + chunk.batch.size
                own = {name: values[:, start:end] for name, values in scores.items()}
                self._files[stratum][place] = replace(chunk, scores={**chunk.scores, **own})
                start = end

    def _file(self, stratum: Stratum, chunk: _Chunk) -> None:
        kin = [stratum] if stratum in self._files else []
        if self._blend and stratum.origin is Origin.SYNTHETIC:
            kin = [s for s in self._files if s.origin is Origin.SYNTHETIC and s.group == stratum.group]
        chunks = [older for s in kin for older in self._files.pop(s)]
        while chunks and chunks[-1].joins(chunk):
            chunk = chunks.pop().join(chunk)
        self._files[stratum] = [*chunks, chunk]

    def _let_go(self, depth: int) -> None:
        if self._reach is None or self._blend:
            return
        oldest = depth - self._reach + 1
        for stratum in [s for s in self._files if 0 < s.generation < oldest]:
            del self._files[stratum]

    def draw(self, recipe: Recipe, seed: Seed) -> Batch:
        """Return the records of a recipe.

        Raises
        ------
        BadInput
            If a draw asks for more records than there are.
        NotDivisible
            If it asks for some of the records of which only a statistic is kept.
        """
        drawn = [self._draw(draw, seed.child(place)) for place, draw in enumerate(recipe.draws) if draw.quota]
        if not drawn:
            raise BadInput("the recipe draws no record: nothing to train on")
        return _join(drawn)

    def _draw(self, draw: Draw, seed: Seed) -> Batch:
        batch = self._from_reserve(draw.quota, seed) if draw.fresh else self._from_files(draw, seed)
        return batch.weighted(draw.weight) if draw.weight != 1 else batch

    def _from_reserve(self, quota: int, seed: Seed) -> Batch:
        if self._fresh is None or quota > self._reserve:
            raise BadInput(f"{quota:,} new human records are asked for and {self._reserve:,} are left")
        self._reserve -= quota
        return self._convert(self._fresh(quota, seed))

    def _from_files(self, draw: Draw, seed: Seed) -> Batch:
        chunks = [chunk for stratum in draw.strata for chunk in self._files.get(stratum, ())]
        total = sum(chunk.batch.size for chunk in chunks)
        if draw.quota == total and not draw.replacement and draw.most == 1 and not draw.chooses:
            return _join([self._convert(chunk.batch) for chunk in chunks])
        if not chunks or total == 0 or (draw.quota > draw.most * total and not draw.replacement):
            raise BadInput(f"the recipe asks for {draw}, and {total:,} are there")
        batches, rng = [chunk.batch for chunk in chunks], seed.generator()
        if draw.score is None and draw.most == 1:
            return self._convert(_choose(batches, draw.quota, rng, draw.replacement))
        batch = _join(batches)
        if not isinstance(batch, Records):
            raise NotDivisible("records cannot be chosen by score, or repeated, where only their statistic is kept")
        score = np.ones((batch.replicates, total)) if draw.score is None else _column(draw.score, chunks)
        return self._convert(batch.take(_choose_by_score(draw, score, rng)))


def _join(batches: list[Batch]) -> Batch:
    """One batch after another; a mix of records and statistics is not divisible."""
    first, *others = batches
    if any(type(other) is not type(first) for other in others):
        raise NotDivisible("records and statistics of records cannot be drawn from together")
    return first.join(others) if others else first


def _choose(batches: list[Batch], k: int, rng: np.random.Generator, replacement: bool) -> Batch:
    """Some records of several batches, chosen uniformly; they are not all joined for the sake of a few."""
    records = [batch for batch in batches if isinstance(batch, Records)]
    if len(batches) == 1 or len(records) < len(batches):
        return _join(batches).choose(k, rng, replacement)
    first, *others = records
    size = sum(batch.size for batch in records)
    return first.take_across(others, random_index(first.replicates, size, k, rng, replacement))


def _column(score: str, chunks: list[_Chunk]) -> Floats:
    """The score of every record, shape (R, n)."""
    columns = []
    for chunk in chunks:
        if score not in chunk.scores:
            raise BadInput(f"a draw looks at the score '{score}', which these records do not have")
        columns.append(chunk.scores[score])
    return np.concatenate(columns, axis=1)


def _choose_by_score(draw: Draw, score: Floats, rng: np.random.Generator) -> Ints:
    """Indices, shape (R, quota), by threshold and by weight.

    Weighted draws without replacement follow Efraimidis and Spirakis (2006): the largest of log(u) / weight, that is of
    log(weight) - log(-log(u)), which bears weights too small to be written as numbers.
    """
    allowed = np.ones(score.shape, dtype=bool)
    if draw.at_least is not None:
        allowed &= score >= draw.at_least
    if draw.best is not None:
        kept = max(1, round(draw.best * score.shape[1]))
        cut = np.partition(score, score.shape[1] - kept, axis=1)[:, score.shape[1] - kept]
        allowed &= score >= cut[:, None]
    if draw.proportional and (score[allowed] < 0).any():
        raise BadInput(f"records cannot be drawn in proportion to '{draw.score}': it has negative values")
    with np.errstate(divide="ignore", invalid="ignore"):
        log = draw.power * np.log(score) if draw.proportional and draw.power else np.zeros(score.shape)
    log = np.where(allowed & ~np.isnan(log), log, -np.inf)
    enough = int(np.isfinite(log).sum(axis=1).min())
    if enough == 0 or (draw.most * enough < draw.quota and not draw.replacement):
        raise BadInput(f"the recipe asks for {draw}, and {enough:,} records qualify")
    if draw.replacement:
        edges = np.cumsum(np.exp(log - log.max(axis=1, keepdims=True)), axis=1)
        points = rng.random((score.shape[0], draw.quota)) * edges[:, -1:]
        return np.array([np.searchsorted(e, p, side="right") for e, p in zip(edges, points, strict=True)])
    log = np.repeat(log, draw.most, axis=1)  # the copies of a record lie side by side
    with np.errstate(divide="ignore"):
        keys = log - np.log(-np.log(rng.random(log.shape)))
    return np.argsort(-keys, axis=1)[:, : draw.quota] // draw.most
