"""Which strata fill what a policy wants, and what is short: no quota is lowered, no record is taken twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

from outcross.core.measure import Measure
from outcross.core.provenance import Origin, Stratum
from outcross.core.wording import count_of
from outcross.guard.mix.floor import helped
from outcross.guard.mix.wanted import Wanted, divided


@final
@dataclass(frozen=True, slots=True)
class Short:
    """A stratum that has too little.

    Parameters
    ----------
    name
        The stratum.
    missing, of
        By how many records it is short, and of how many.
    note
        What stands in for some of them, where anything does.

    Examples
    --------
    >>> print(Short("human/0", 31_204, 300_000))
    human/0 is short by 31,204 of 300,000
    """

    name: str
    missing: int
    of: int
    note: str = ""

    def __str__(self) -> str:
        return f"{self.name} is short by {self.missing:,} of {self.of:,}" + (f" ({self.note})" if self.note else "")


@final
@dataclass(frozen=True)
class Filled:
    """Quotas by stratum, or what they lack.

    Parameters
    ----------
    quotas
        How many records of each stratum.
    floor
        How many of them are human at least.
    helped
        Strata of unknown origin that help to keep the floor; empty where it rests on labels alone.
    short
        What there is too little of; then the quotas mean nothing.

    Examples
    --------
    See `filled`.
    """

    quotas: Mapping[Stratum, int]
    floor: int
    helped: tuple[Stratum, ...] = ()
    short: tuple[Short, ...] = field(default=())


def filled(counts: Mapping[Stratum, int], want: Wanted, shares: Mapping[Stratum, Measure], alpha: float) -> Filled:
    """Fill what is wanted from what there is.

    Human records first. Where there are too few, strata of unknown origin help, with the fewest records among which
    enough are human but for a chance of `alpha`; not where human and synthetic records have different weights in
    training, since nobody knows which of the two they are. The rest is synthetic, of every generation in proportion,
    and after that what is left of unknown origin.

    Parameters
    ----------
    counts
        How many records each stratum has.
    want
        What is wanted.
    shares
        The synthetic share of each stratum of unknown or mixed origin.
    alpha
        The chance that fewer records are human than wanted.

    Examples
    --------
    >>> human, web = Stratum(Origin.HUMAN), Stratum(Origin.UNKNOWN)
    >>> counts = {human: 200, Stratum(Origin.SYNTHETIC, 1): 900, web: 1000}
    >>> found = filled(counts, Wanted(300, 700), {web: Measure(0.2, 0.1, 0.3)}, 0.05)
    >>> {str(stratum): quota for stratum, quota in found.quotas.items()}, found.floor
    ({'human/0': 200, 'unknown/0': 158, 'synthetic/1': 642}, 300)
    >>> print(*filled(counts, Wanted(300, 700), {web: Measure(0.2, 0.0, 1.0)}, 0.05).short)
    human/0 is short by 100 of 300
    """
    human = {s: n for s, n in counts.items() if s.origin is Origin.HUMAN}
    synthetic = {s: n for s, n in counts.items() if s.origin is Origin.SYNTHETIC}
    unknown = {s: n for s, n in counts.items() if s.origin not in (Origin.HUMAN, Origin.SYNTHETIC)}
    taken = min(want.human, sum(human.values()))
    missing = want.human - taken
    able = unknown if missing and not want.weighted else {}
    aid = helped(able, shares, missing, missing + want.synthetic, alpha)
    rest = max(0, want.synthetic + missing - sum(aid.drawn.values()))
    written = min(rest, sum(synthetic.values()))
    left = {s: n - aid.drawn.get(s, 0) for s, n in unknown.items()}
    filling = min(rest - written, sum(left.values()))
    quotas = divided(taken, human) | {s: aid.drawn.get(s, 0) + n for s, n in divided(filling, left).items()}
    quotas |= divided(written, synthetic)
    short = []
    if aid.human < missing:
        held = sum(able.values())
        note = f"{aid.human:,} more are promised by {count_of(held, 'record')} of unknown origin" if aid.human else ""
        short.append(Short(_named(human, "human/0"), missing - aid.human, want.human, note))
    lacking = want.synthetic - sum(synthetic.values()) - sum(unknown.values())
    if missing <= aid.human:
        lacking = rest - written - filling
    if lacking > 0:
        short.append(Short(_named(synthetic, "synthetic"), lacking, want.synthetic))
    return Filled({s: n for s, n in quotas.items() if n}, taken + aid.human, tuple(aid.drawn), tuple(short))


def _named(strata: Mapping[Stratum, int], otherwise: str) -> str:
    """The stratum where there is one; where there are several of a kind, the kind."""
    return str(next(iter(strata))) if len(strata) == 1 else otherwise
