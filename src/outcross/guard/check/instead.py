"""What to train on instead: the policy that keeps the tail, planned on what there is, and the command for it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

from outcross.core.engine import Engine
from outcross.core.errors import Shortage
from outcross.core.measure import Measure
from outcross.core.provenance import Origin, Stratum
from outcross.corpus.fields import Fields
from outcross.guard.check.look import HUMAN, OPEN, Look
from outcross.guard.check.share import Found
from outcross.guard.mix.mix import mix
from outcross.guard.mix.plan import MixPlan
from outcross.guard.mix.request import Request
from outcross.guard.source import Source

USUAL = 0.3
"""Share of human records where no forecast says how many are enough."""
MISSING = re.compile(r"(\w+)/\d+ is short by ([\d,]+) of ([\d,]+)")
"""What is short, as a plan says it: which stratum, by how many of how many."""


@final
@dataclass(frozen=True, slots=True)
class Instead:
    """The mix, the command that builds it, or what there is too little of.

    Examples
    --------
    See `instead`.
    """

    plan: MixPlan | None
    command: str | None
    short: str = ""


def instead(
    sources: Sequence[Source],
    corpus: Look,
    found: Found,
    least: Measure,
    budget: int | None,
    fields: Fields | None,
    seed: int,
    engine: Engine,
) -> Instead:
    """Plan the mix that keeps the tail: with the least share of human records that does, as large as there is enough.

    Parameters
    ----------
    sources
        The corpus, and what there is of human records beside it.
    corpus, found
        What was seen of the corpus, and how much of it is synthetic.
    least
        The least human share that keeps the tail, as it was forecast.
    budget
        Records of the mix, at most; None for as many as the corpus has.
    fields, seed, engine
        As for `outcross.guard.mix.mix.mix`.

    Examples
    --------
    See `outcross.guard.check.check.check`.
    """
    share = _unlabelled(corpus, found)
    real = USUAL if least.value is None else min(1.0, max(0.01, math.ceil(100 * least.value) / 100))
    there = mix(sources, policy="accumulate", budget=1, fields=fields, seed=seed, engine=engine, dry_run=True)
    counts = there.plan.inventory.counts
    real = max(real, _human(counts))
    asked = Request.of(sources, f"anchor(real={real:g})", 1, fields=fields, share=share, seed=seed)
    request, short = _largest(asked, counts, budget or corpus.documents)
    if request is None:
        return Instead(None, None, short)
    plan = request.plan(counts)
    if not plan.floor:
        return Instead(None, None, "no record is surely human")
    if short:
        plan = replace(plan, notes=(*plan.notes, f"A larger mix would take more records: {short}."))
    return Instead(plan, request.command(), short)


def _human(counts: Mapping[Stratum, int]) -> float:
    """The share of human records among all there are: to draw a smaller one would leave human records out."""
    human = sum(count for stratum, count in counts.items() if stratum.origin is Origin.HUMAN)
    return math.ceil(100 * human / max(1, sum(counts.values()))) / 100


def _largest(asked: Request, counts: Mapping[Stratum, int], budget: int) -> tuple[Request | None, str]:
    """The largest mix, up to a budget, of which there is enough; and why it is no larger."""
    short = _short(replace(asked, budget=budget), counts)
    if not short:
        return replace(asked, budget=budget), ""
    enough, many = 0, budget
    while many - enough > 1:
        middle = (enough + many) // 2
        enough, many = (enough, middle) if _short(replace(asked, budget=middle), counts) else (middle, many)
    return (replace(asked, budget=enough) if enough else None), short


def _short(request: Request, counts: Mapping[Stratum, int]) -> str:
    """What there is too little of, empty where there is enough."""
    try:
        request.plan(counts)
    except Shortage as error:
        return MISSING.sub(r"\2 of \3 \1 records are missing", str(error).partition("; what would do")[0])
    return ""


def _unlabelled(corpus: Look, found: Found) -> tuple[float, float] | None:
    """The synthetic share of the records that do not say who wrote them, as far as it is known.

    Of what was estimated, some may claim to be human; at worst all that is synthetic is among the others.
    """
    silent = sum(corpus.origins.get(str(origin), 0) for origin in (Origin.UNKNOWN, Origin.MIXED))
    share = found.estimated
    if not silent or share is None or share.low is None or share.high is None:
        return None
    known = silent - corpus.number(OPEN)
    others = corpus.number(HUMAN) if found.tested else 0
    rest = corpus.number(OPEN) + others
    low = max(0.0, known + share.low * rest - others) / silent
    high = min(1.0, (known + share.high * rest) / silent)
    return math.floor(1000 * low) / 1000, math.ceil(1000 * high) / 1000
