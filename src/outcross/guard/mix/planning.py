"""A policy's recipe for a mix: exact quotas from what there is, and how many records are human at least."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import final

from outcross.core.errors import BadSetting, Shortage, nearest
from outcross.core.inventory import Inventory
from outcross.core.measure import Measure
from outcross.core.part import as_part, words
from outcross.core.policy import Policy
from outcross.core.provenance import Origin, Stratum
from outcross.core.recipe import Draw, Recipe
from outcross.core.wording import count_of
from outcross.guard.mix.filling import Filled, Short, filled
from outcross.guard.mix.floor import NO_ESTIMATE
from outcross.guard.mix.plan import MixPlan
from outcross.guard.mix.wanted import Wanted, divided, wanted, wanted_of_all

_LABELLED = (Origin.HUMAN, Origin.SYNTHETIC)


def plan_mix(
    inventory: Inventory,
    policy: str | Policy,
    budget: int,
    unlabelled: Mapping[Stratum, Measure] | None = None,
    confidence: float = 0.95,
) -> MixPlan:
    """Return what a mix is made of: how many records of each stratum, exactly, and what that promises.

    The policies of the shelf lower a quota where there is too little, as a chain must; a mix never does. What the
    policy wants comes from its own loop, run in counts (`outcross.guard.mix.wanted.wanted`); a policy without a reach,
    which draws from everything, gets everything in the proportions there are. Then it is filled from what there is, or
    refused. Quotas add up to the budget; each stratum is drawn from once, without replacement.

    Generations. In a chain the latest generation is all that the last model wrote, and all that is synthetic and at
    hand. A corpus holds records of several generations at once, and a depth is no date: taken literally, a few records
    of generation 3 would bar every record of generation 1, which has lost less. So synthetic records of every
    generation make up what the policy takes as the latest one, in proportion to what there is of each.

    Unknown origin. Records of unknown or mixed origin may stand where the policy takes synthetic ones: who wrote them
    does not matter there, and they do so only when labelled ones run out. They help with the human records only as far
    as the floor holds (the number of human records that the policy wants) at the chosen confidence: what the estimate
    of their synthetic share may be wrong by, and what the draw may be, each have half of the error (Bonferroni), and
    the draw is exact (hypergeometric). Without an estimate nothing is promised of them.

    Groups. A policy that keeps groups apart (`balance`) has all it draws divided in the shares of the human records,
    by largest remainders. A group that is small is not drawn twice: it is short. One without any synthetic record has
    human ones in their place, as the policy says.

    Parameters
    ----------
    inventory
        What there is. Groups are told apart where the policy asks for it.
    policy
        The policy, or its words.
    budget
        How many records the mix has.
    unlabelled
        The synthetic share of strata of unknown or mixed origin: an interval that holds at its ``level``, half of its
        error above it.
    confidence
        How surely the floor holds where it rests on estimates.

    Raises
    ------
    Shortage
        If there is too little of a stratum; the message names each, by how many it is short, and what would do.
    BadSetting
        If the policy needs a model that writes, edits or scores, or a number is out of range.

    Notes
    -----
    Shares of groups: largest remainders (Hamilton). The bound of the draw: the exact lower quantile of the
    hypergeometric law, `outcross.guard.mix.floor.least_drawn`.

    Examples
    --------
    >>> pool = Inventory({Stratum(Origin.HUMAN): 400, Stratum(Origin.SYNTHETIC, 1): 900})
    >>> plan = plan_mix(pool, "anchor(real=0.3)", 1000)
    >>> print(plan.recipe, plan.floor, plan.confidence)
    300 of human/0 + 700 of synthetic/1; ask for 0 300 1.0
    >>> plan_mix(pool, "anchor(real=0.5)", 1000)
    Traceback (most recent call last):
    ...
    outcross.core.errors.Shortage: human/0 is short by 100 of 500; what would do: a budget of 801, or at most 400 human
    records among 1,000
    """
    part = as_part(Policy, policy)
    if isinstance(budget, bool) or not isinstance(budget, int) or budget < 1:
        raise BadSetting(f"the budget of a mix is a whole number of at least 1, not {budget!r}")
    if not 0 < confidence < 1:
        raise BadSetting(f"the confidence lies in (0, 1), not {confidence!r}")
    there = {stratum: count for stratum, count in inventory.counts.items() if count}
    question = _Question(part, Inventory(there), _estimates(there, unlabelled or {}), 1 - confidence)
    answer = question.answer(budget)
    if answer.short:
        raise Shortage("; ".join([*map(str, answer.short), f"what would do: {_remedy(question, answer, budget)}"]))
    return MixPlan(
        recipe=Recipe(tuple(answer.draws), ask=0),
        inventory=inventory,
        policy=words(part),
        budget=budget,
        floor=sum(answer.floors.values()),
        confidence=confidence if answer.helped else 1.0,
        unlabelled={s: question.shares[s] for draw in answer.draws for s in draw.strata if s in question.shares},
        notes=tuple(_notes(question, answer)),
        groups={str(group): floor for group, floor in answer.floors.items()} if part.grouped else {},
    )


@final
@dataclass(frozen=True)
class _Answer:
    """What a budget would be filled with, or what it lacks."""

    draws: list[Draw]
    floors: Mapping[str | None, int]
    short: tuple[Short, ...] = ()
    helped: tuple[Stratum, ...] = ()
    want: Wanted | None = None
    stood_in: Mapping[str | None, int] = field(default_factory=dict)


@final
@dataclass(frozen=True)
class _Question:
    """All that a plan depends on but the budget."""

    policy: Policy
    inventory: Inventory
    shares: Mapping[Stratum, Measure]
    alpha: float

    def human(self) -> dict[str | None, int]:
        """Human records by group; one group where they are not kept apart."""
        found: dict[str | None, int] = {}
        for stratum in self.inventory.human():
            group = stratum.group if self.policy.grouped else None
            found[group] = found.get(group, 0) + self.inventory.counts[stratum]
        return found

    def answer(self, budget: int) -> _Answer:
        """Plan for a budget."""
        if self.policy.grouped and not self.human():
            short = Short("human/0", budget, budget, "groups are kept in the shares that they have among human records")
            return _Answer([], {}, (short,))
        return self._of_all(budget) if self.policy.reach is None else self._of_latest(budget)

    def _of_all(self, budget: int) -> _Answer:
        """A policy that draws from everything. Its floor rests on labels alone."""
        if not self.inventory.counts:
            return _Answer([], {}, (Short("everything", budget, budget),))
        draws, counts = wanted_of_all(self.policy, self.inventory, budget), self.inventory.counts
        quotas = {stratum: draw.quota for draw in draws for stratum in draw.strata}
        short = [Short(str(s), quota - counts[s], quota) for s, quota in quotas.items() if quota > counts[s]]
        floors = dict.fromkeys(self.human() or {None: 0}, 0)
        for stratum, quota in quotas.items():
            if stratum.origin is Origin.HUMAN:
                floors[stratum.group if self.policy.grouped else None] += quota
        return _Answer(draws, floors, tuple(short))

    def _of_latest(self, budget: int) -> _Answer:
        """A policy whose shares are its own; group by group where it keeps them apart."""
        want = wanted(self.policy, budget)
        human = self.human() or {None: 0}
        counts = {group: self._counts(group) for group in human}
        if self.policy.grouped:
            people, machines = divided(want.human, human), divided(want.synthetic, human)
        else:
            people, machines = {None: want.human}, {None: want.synthetic}
        stood_in = {}
        for group in human if self.policy.grouped else ():
            if machines[group] and all(s.origin is Origin.HUMAN for s in counts[group]):
                stood_in[group] = machines[group]
                people[group], machines[group] = people[group] + machines[group], 0
        needy = sum(people[group] > human[group] for group in human)
        parts = {
            group: filled(
                counts[group],
                replace(want, human=people[group], synthetic=machines[group]),
                self.shares,
                self.alpha / max(1, needy),
            )
            for group in human
        }
        return _Answer(
            draws=[draw for part in parts.values() for draw in _draws(part, want)],
            floors={group: part.floor for group, part in parts.items()},
            short=tuple(short for group, part in parts.items() for short in _of_group(part, group, counts[group])),
            helped=tuple(stratum for part in parts.values() for stratum in part.helped),
            want=want,
            stood_in=stood_in,
        )

    def _counts(self, group: str | None) -> dict[Stratum, int]:
        counts = self.inventory.counts
        return {s: n for s, n in counts.items() if s.group == group} if self.policy.grouped else dict(counts)


def _draws(part: Filled, want: Wanted) -> Iterator[Draw]:
    for stratum, quota in part.quotas.items():
        weight = want.human_weight if stratum.origin is Origin.HUMAN else want.synthetic_weight
        yield Draw((stratum,), quota, weight=weight)


def _of_group(part: Filled, group: str | None, counts: Mapping[Stratum, int]) -> Iterator[Short]:
    """What is short, with the group's name also where that is no single stratum."""
    strata = set(map(str, counts))
    for one in part.short:
        named = group is None or one.name in strata
        yield one if named else Short(f"{one.name}/{group}", one.missing, one.of, one.note)


def _estimates(counts: Mapping[Stratum, int], given: Mapping[Stratum, Measure]) -> dict[Stratum, Measure]:
    """The synthetic share of every stratum whose origin is not known."""
    open_ = [stratum for stratum in counts if stratum.origin not in _LABELLED]
    for stratum, share in given.items():
        if stratum.origin in _LABELLED:
            raise BadSetting(f"the origin of {stratum} is known, so no share of it is estimated")
        if stratum not in counts:
            raise BadSetting(f"no records of {stratum} to be estimated{nearest(str(stratum), map(str, open_))}")
        if share.high is not None and not 0 <= (share.low or 0.0) <= share.high <= 1:
            raise BadSetting(f"the synthetic share of {stratum} lies in [0, 1], not {share}")
    return {s: given[s] if s in given and given[s].high is not None else NO_ESTIMATE for s in open_}


def _remedy(question: _Question, answer: _Answer, budget: int) -> str:
    """What could be asked for instead: another budget, or another share of human records."""
    enough, many = 0, budget
    while many - enough > 1:
        middle = (enough + many) // 2
        enough, many = (middle, many) if not question.answer(middle).short else (enough, middle)
    for close in range(min(budget - 1, enough + 8), enough, -1):  # shares are rounded, so that more may do than less
        if not question.answer(close).short:
            enough = close
            break
    said = [f"a budget of {enough:,}" if enough else "more records: no budget can be met with these"]
    want = answer.want
    if want is not None and not question.policy.grouped and len(answer.short) == 1:
        [short] = answer.short
        fewer = short.name.startswith(str(Origin.HUMAN))
        human = want.human - short.missing if fewer else want.human + short.missing
        other = replace(want, human=human, synthetic=budget - human)
        if not filled(question.inventory.counts, other, question.shares, question.alpha).short:
            said.append(f"{'at most' if fewer else 'at least'} {human:,} human records among {budget:,}")
    return ", or ".join(said)


def _notes(question: _Question, answer: _Answer) -> Iterator[str]:
    drawn = {s: draw.quota for draw in answer.draws for s in draw.strata}
    if answer.want is None:
        yield f"{words(question.policy)} draws from all that there is, in the proportions there are."
    else:
        yield from _notes_on_latest(answer.want, drawn)
    groups = {s.group for s in question.inventory.counts}
    left_out = sorted(str(group) for group in groups - set(answer.floors) if group is not None)
    if question.policy.grouped and left_out:
        yield f"Groups without human records are left out, since they have no share: {', '.join(left_out)}."
    for group, number in answer.stood_in.items():
        yield f"{group} has no synthetic records: {number:,} human ones stand in for them."
    open_ = sum(quota for s, quota in drawn.items() if s.origin not in _LABELLED)
    if answer.helped:
        names = ", ".join(str(s) for s in answer.helped)
        yield (
            f"Human records alone do not do: {count_of(open_, 'record')} of unknown or mixed origin are in it, and by "
            f"the estimate of {names} enough of them are human at {100 * (1 - question.alpha):g} % confidence."
        )
    elif open_:
        yield (
            f"{count_of(open_, 'record')} of unknown or mixed origin are in it, and none of them is counted as human: "
            "the share of human records may be larger than is promised."
        )


def _notes_on_latest(want: Wanted, drawn: Mapping[Stratum, int]) -> Iterator[str]:
    depths = sorted({s.generation for s in drawn if s.origin is Origin.SYNTHETIC})
    if len(depths) > 1:
        listed = f"{', '.join(map(str, depths[:-1]))} and {depths[-1]}"
        yield f"Synthetic records of generations {listed} are drawn in proportion to what there is of each."
    if want.fresh:
        yield "The policy asks for new human records; which were used before is not known here, so all count as new."
    if want.weighted:
        yield (
            f"In training a human record counts {want.human_weight:.4g}, any other {want.synthetic_weight:.4g}: the "
            "column `weight` says so, and whoever trains must see to it."
        )
