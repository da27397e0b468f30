"""What a policy wants of a mix: how many human and how many synthetic records, whatever there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar, final

from outcross.core.errors import BadSetting
from outcross.core.inventory import Inventory
from outcross.core.part import settings, words
from outcross.core.policy import Policy
from outcross.core.provenance import Origin, Stratum
from outcross.core.recipe import Draw, Recipe

K = TypeVar("K")

HUMAN = Stratum(Origin.HUMAN)


@final
@dataclass(frozen=True, slots=True)
class Wanted:
    """So many human records and so many synthetic ones, and what each counts in training.

    Parameters
    ----------
    human, synthetic
        How many; together they are the budget.
    human_weight, synthetic_weight
        Weight of each record in training; 1 is an ordinary record.
    fresh
        Whether the human records are to be such as no model was trained on before.

    Examples
    --------
    >>> Wanted(300, 700).weighted, Wanted(500, 500, 1.5, 0.5).weighted
    (False, True)
    """

    human: int
    synthetic: int
    human_weight: float = 1.0
    synthetic_weight: float = 1.0
    fresh: bool = False

    @property
    def weighted(self) -> bool:
        """Whether it makes a difference for training who wrote a record."""
        return self.human_weight != self.synthetic_weight


def divided(quota: int, counts: Mapping[K, int]) -> dict[K, int]:
    """Divide a quota in proportion to counts, by largest remainders (Hamilton), in whole numbers throughout.

    Where the quota is no larger than the counts together, no part is larger than its count.

    Raises
    ------
    BadSetting
        If there is nothing to divide it among.

    Examples
    --------
    >>> divided(10, {"yellow": 90, "blue": 14, "red": 1})
    {'yellow': 9, 'blue': 1, 'red': 0}
    """
    total = sum(counts.values())
    if not total:
        if quota:
            raise BadSetting(f"{quota} cannot be divided among nothing")
        return dict.fromkeys(counts, 0)
    whole = {key: quota * count // total for key, count in counts.items()}
    left = quota - sum(whole.values())
    for key in sorted(counts, key=lambda key: -(quota * counts[key] % total))[:left]:
        whole[key] += 1
    return whole


def wanted(policy: Policy, budget: int) -> Wanted:
    """Return what a policy wants that trains on the last generations alone.

    Its own loop is run in counts, from a budget of human records, until it repeats itself: so its shares are those of
    the chain in which it is studied, and nothing that there is too little of can lower them. Where it trains on more or
    less than a budget (`augment`), the shares are kept and the size is the budget.

    Raises
    ------
    BadSetting
        If the policy needs what a mix does not have: a model that writes, edits or scores.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> found = wanted(build("policy", "anchor(real=0.3)"), 1000)
    >>> found.human, found.synthetic
    (300, 700)
    >>> wanted(build("policy", "augment(ratio=0.25)"), 1000).human
    800
    """
    reach = policy.reach or 1
    pool = {HUMAN: budget}
    written: list[int] = []
    recipe = _planned(policy, Inventory(pool, reserve=float("inf")), budget)
    for _ in range(reach + 1):
        written.append(recipe.ask)
        first = max(0, len(written) - reach)
        kept = {Stratum(Origin.SYNTHETIC, 1 + n): count for n, count in enumerate(written) if n >= first and count}
        pool = {HUMAN: budget, **kept}
        recipe = _planned(policy, Inventory(pool, reserve=float("inf")), budget)
        if len(kept) == reach and set(written[first:]) == {recipe.ask}:  # from here on it repeats itself
            break
    draws = [draw for draw in recipe.draws if draw.quota]
    if not draws:
        raise BadSetting(f"{words(policy)} draws nothing, so there is nothing to mix")
    quotas = divided(budget, {number: draw.quota for number, draw in enumerate(draws)})
    parts = [part for number, draw in enumerate(draws) for part in _by_origin(draw, quotas[number], pool)]
    human, one = _sum([(quota, weight) for origin, quota, weight in parts if origin])
    synthetic, other = _sum([(quota, weight) for origin, quota, weight in parts if not origin])
    return Wanted(human, synthetic, one, other, fresh=any(draw.fresh for draw in draws))


def wanted_of_all(policy: Policy, inventory: Inventory, budget: int) -> list[Draw]:
    """Return what a policy wants that forgets nothing: it draws from everything, in the proportions there are.

    It is planned on an inventory of the same proportions in which every stratum has room for the whole budget, and
    brought to the budget where it takes more (`accumulate`). Of each draw, the origins have their exact shares, and
    within an origin the strata.

    Raises
    ------
    BadSetting
        If the policy needs what a mix does not have.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> pool = Inventory({HUMAN: 300, Stratum(Origin.SYNTHETIC, 1): 600, Stratum(Origin.SYNTHETIC, 2): 100})
    >>> [str(draw) for draw in wanted_of_all(build("policy", "accumulate"), pool, 100)]
    ['30 of human/0', '60 of synthetic/1', '10 of synthetic/2']
    """
    roomy = Inventory({s: count * budget for s, count in inventory.counts.items()}, reserve=float("inf"))
    recipe = _planned(policy, roomy, budget)
    quotas = divided(budget, {number: draw.quota for number, draw in enumerate(recipe.draws)})
    found: dict[Stratum, list[tuple[int, float]]] = {}
    for number, draw in enumerate(recipe.draws):
        strata = inventory.human() if draw.fresh else draw.strata
        for stratum, quota in _within(quotas[number], {s: inventory.counts[s] for s in strata}).items():
            found.setdefault(stratum, []).append((quota, draw.weight))
    sums = {stratum: _sum(parts) for stratum, parts in found.items()}
    return [Draw((stratum,), quota, weight=weight) for stratum, (quota, weight) in sums.items() if quota]


def _within(quota: int, counts: Mapping[Stratum, int]) -> dict[Stratum, int]:
    """A quota divided among origins first, so that the share of human records is exact, then among strata."""
    origins: dict[Origin, int] = {}
    for stratum, count in counts.items():
        origins[stratum.origin] = origins.get(stratum.origin, 0) + count
    found: dict[Stratum, int] = {}
    for origin, part in divided(quota, origins).items():
        found |= divided(part, {s: count for s, count in counts.items() if s.origin is origin})
    return found


def _planned(policy: Policy, inventory: Inventory, budget: int) -> Recipe:
    """Plan, or say why the policy is none for a mix."""
    if policy.scores:
        raise BadSetting(
            f"{words(policy)} chooses by a score ({', '.join(sorted(policy.scores))}) that a chain of models gives, "
            f"and a mix has none: score and filter the records first, then mix them{_instead(policy)}"
        )
    recipe = policy.plan(inventory, budget)
    writes = "edit texts" if recipe.edit is not None else "write several candidates"
    if recipe.edit is not None or recipe.judge is not None:
        raise BadSetting(
            f"{words(policy)} has a model {writes}; a mix writes none, it chooses among those that there are"
            f"{_instead(policy)}"
        )
    if any(draw.chooses or draw.most > 1 for draw in recipe.draws):
        raise BadSetting(
            f"{words(policy)} draws records by a score, or more than once; a mix holds every record once at most"
        )
    return recipe


def _instead(policy: Policy) -> str:
    inner = settings(policy).get("policy")
    return f"; without it: {words(inner)}" if isinstance(inner, Policy) else ""


def _by_origin(draw: Draw, quota: int, pool: Mapping[Stratum, int]) -> list[tuple[bool, int, float]]:
    """The parts of a draw: whether they are human, how many, their weight."""
    if draw.fresh:
        return [(True, quota, draw.weight)]
    human = sum(pool[s] for s in draw.strata if s.origin is Origin.HUMAN)
    other = sum(pool[s] for s in draw.strata if s.origin is not Origin.HUMAN)
    return [(origin, part, draw.weight) for origin, part in divided(quota, {True: human, False: other}).items()]


def _sum(parts: list[tuple[int, float]]) -> tuple[int, float]:
    """Records together, and their mean weight."""
    weights = {weight for quota, weight in parts if quota}
    total = sum(quota for quota, _ in parts)
    if len(weights) < 2:  # a mean of equal numbers may differ from them in the last digit
        return total, weights.pop() if weights else 1.0
    return total, sum(quota * weight for quota, weight in parts) / total
