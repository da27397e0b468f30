"""The exact cut: for each draw of a recipe the records with the smallest keys, without sorting or holding all keys.

A record's key is a pseudo-random number, so the q records with the smallest keys are a uniform sample without
replacement of size q (Sunter 1977, List sequential sampling with equal or unequal probabilities; also known as bottom-k
sampling), whatever order the records are in. Where a draw is in proportion to a score, the key is the one of
Efraimidis and Spirakis (2006), Weighted random sampling with a reservoir, and the cut is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.errors import BadInput, BadSetting
from outcross.core.provenance import Origin, Stratum
from outcross.core.recipe import Draw, Recipe
from outcross.core.seed import Seed
from outcross.guard.mix.siphash import Words, keys_of, of_numbers
from outcross.guard.mix.survey import Surveyed

Mask = NDArray[np.bool_]

BITS: Final = 16
"""Bits of a key that are looked at in one pass over the keys: 65,536 counters, and four passes at most."""

FEW: Final = 2**20
"""So many keys are held and sorted rather than looked at once more."""

HELD: Final = 2**22
"""Where there are no more records, their keys are held rather than made again for each pass over them."""

Score = Callable[[str, int], Floats]
"""Gives the scores of a task's records by name and task, shape (n,); NaN where there is none."""


def cut(surveyed: Surveyed, recipe: Recipe, seed: Seed, score: Score | None = None) -> list[NDArray[np.uint16]]:
    """Return which draw takes each record of each task: 0 for none, else its number in the recipe, from 1.

    Parameters
    ----------
    surveyed
        The records.
    recipe
        What is to be drawn. Draws may have strata in common: no record is drawn twice.
    seed
        What the keys were made from.
    score
        The scores of records, where a draw looks at one.

    Raises
    ------
    BadSetting
        If a draw is to repeat records: a mix does not.
    BadInput
        If a draw asks for more records than there are.

    Examples
    --------
    See `outcross.guard.mix.mix.mix`.
    """
    draws = [draw for draw in recipe.draws if draw.quota]
    if len(draws) >= 2**16:
        raise BadSetting(f"a mix has fewer than {2**16:,} draws, and the recipe has {len(draws):,}")
    taken = [np.zeros(len(rows), np.uint16) for rows in surveyed.rows]
    seen: set[Stratum] = set()
    for number, draw in enumerate(draws, 1):
        if draw.replacement or draw.most > 1:
            raise BadSetting(f"a mix repeats no record, and the policy asks for {draw}")
        strata = tuple(s for s in surveyed.strata if s.origin is Origin.HUMAN) if draw.fresh else draw.strata
        # Keys that were cut already are no longer uniform: what is left is drawn by new ones.
        again = seed.child("draw", number) if seen & set(strata) else None
        _take(surveyed, draw, strata, taken, number, again, score)
        seen |= set(strata)
    return taken


def _take(
    surveyed: Surveyed,
    draw: Draw,
    strata: Sequence[Stratum],
    taken: Sequence[NDArray[np.uint16]],
    number: int,
    again: Seed | None,
    score: Score | None,
) -> None:
    """Mark the records that a draw takes."""
    wanted = np.isin(np.arange(len(surveyed.strata)), [n for n, s in enumerate(surveyed.strata) if s in set(strata)])
    own = None if again is None else keys_of([again])
    least = _least(surveyed, draw, wanted, taken, score)

    few = sum(map(len, surveyed.rows)) <= HELD

    @lru_cache(maxsize=len(surveyed) if few else 1)
    def keys(task: int) -> tuple[Words, Mask]:
        rows = surveyed.rows[task]
        mask = wanted[surveyed.codes(task)] & (taken[task] == 0)
        found = np.ascontiguousarray(rows["key"][mask])
        found = found if own is None else of_numbers(found, own)
        if draw.score is None or score is None:
            return found, mask
        values = score(draw.score, task)[mask]
        allowed = ~np.isnan(values) if least is None else values >= least
        if draw.proportional and (values[allowed] < 0).any():
            raise BadInput(f"records cannot be drawn in proportion to '{draw.score}': it has negative values")
        if draw.proportional and draw.power:
            allowed &= values > 0
            found = _weighted(found, values, draw.power)
        mask[mask] = allowed
        return found[allowed], mask

    there = sum(len(keys(task)[0]) for task in range(len(surveyed)))
    if there < draw.quota:
        raise BadInput(f"the recipe asks for {draw}, and {there:,} are there")
    if there == draw.quota:
        for task in range(len(surveyed)):
            taken[task][keys(task)[1]] = number
        return
    last, ties = smallest(lambda task: keys(task)[0], len(surveyed), draw.quota)
    for task in range(len(surveyed)):
        found, mask = keys(task)
        chosen = found < last
        if ties and (same := np.flatnonzero(found == last)).size:
            chosen[same[:ties]] = True
            ties -= min(ties, same.size)
        taken[task][np.flatnonzero(mask)[chosen]] = number


def smallest(keys: Callable[[int], Words], tasks: int, quota: int) -> tuple[int, int]:
    """Return a key, and how many that are equal to it belong to the smallest so many, with all that are smaller.

    Memory does not grow with the number of keys.

    Parameters
    ----------
    keys
        Gives the keys of a task.
    tasks
        How many tasks there are.
    quota
        How many are wanted: at least one, and no more than there are.

    Examples
    --------
    >>> smallest(lambda task: np.array([5, 3, 9, 3], dtype=np.uint64), 1, 2)
    (3, 2)
    >>> smallest(lambda task: np.array([5, 3, 9, 3], dtype=np.uint64), 2, 5)
    (5, 1)
    """
    before, prefix = quota, 0
    for used in range(0, 64, BITS):
        shift = np.uint64(64 - BITS - used)
        histogram = np.zeros(2**BITS, np.int64)
        for task in range(tasks):
            own = _under(keys(task), prefix, used)
            histogram += np.bincount(((own >> shift) & np.uint64(2**BITS - 1)).astype(np.int64), minlength=2**BITS)
        edges = np.cumsum(histogram)
        bucket = int(np.searchsorted(edges, before))
        before -= int(edges[bucket] - histogram[bucket])
        prefix = (prefix << BITS) | bucket
        if histogram[bucket] <= FEW:
            held = [_under(keys(task), prefix, used + BITS) for task in range(tasks)]
            found = np.sort(np.concatenate(held))
            last = found[before - 1]
            return int(last), before - int(np.searchsorted(found, last))
    return prefix, before


def _under(keys: Words, prefix: int, bits: int) -> Words:
    """The keys that begin with these bits."""
    return keys[keys >> np.uint64(64 - bits) == np.uint64(prefix)] if bits else keys


def _weighted(keys: Words, weights: Floats, power: float) -> Words:
    """Keys whose smallest are a sample in proportion to the weights: those of -log(u) / weight.

    It is taken as a logarithm, which bears weights too small to be written as numbers.
    """
    uniform = (keys.astype(np.float64) + 0.5) / 2.0**64
    with np.errstate(divide="ignore", invalid="ignore"):
        return _ordered(np.log(-np.log(np.minimum(uniform, np.nextafter(1, 0)))) - power * np.log(weights))


def _ordered(numbers: Floats) -> Words:
    """Whole numbers in the order of these: their bits, but for the sign (IEEE 754)."""
    bits = (numbers + 0.0).view(np.uint64)  # there are two zeros
    found: Words = np.where(bits >> np.uint64(63), ~bits, bits | np.uint64(2**63))
    return found


def _number(word: int) -> float:
    """The number that `_ordered` gave this word."""
    bits = np.array([word], np.uint64)
    return float(np.where(bits >> np.uint64(63), bits & np.uint64(2**63 - 1), ~bits).view(np.float64)[0])


def _least(
    surveyed: Surveyed, draw: Draw, wanted: Mask, taken: Sequence[NDArray[np.uint16]], score: Score | None
) -> float | None:
    """The least score with which a record may be drawn; None for any."""
    if draw.score is None:
        return None
    if score is None:
        raise BadInput(f"a draw looks at the score '{draw.score}', which these records do not have")
    name, given = draw.score, score
    if draw.best is None:
        return draw.at_least

    def falling(task: int) -> Words:
        values = given(name, task)[wanted[surveyed.codes(task)] & (taken[task] == 0)]
        return _ordered(-values[~np.isnan(values)])

    total = sum(len(falling(task)) for task in range(len(surveyed)))
    if not total:
        raise BadInput(f"a draw looks at the score '{name}', which none of these records has")
    last, _ = smallest(falling, len(surveyed), max(1, round(draw.best * total)))
    return max(-_number(last), -np.inf if draw.at_least is None else draw.at_least)
