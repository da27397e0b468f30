"""The same facts of a data set in sentences, for the labels that people read."""

from __future__ import annotations

from collections.abc import Iterable

from outcross.core.provenance import Origin
from outcross.vault.labels.description import Description


def share(part: int, whole: int) -> str:
    """Return a share as a percentage that is not rounded to nothing, nor to everything.

    Examples
    --------
    >>> share(1, 3), share(1, 100_000), share(99_999, 100_000), share(2, 2), share(0, 0)
    ('33.3 %', '< 0.1 %', '> 99.9 %', '100 %', '-')
    """
    if not whole:
        return "-"
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "< 0.1 %"
    if 99.9 < percent < 100:
        return "> 99.9 %"
    return f"{percent:.3g} %"


def who_wrote(description: Description) -> str:
    """Return how many records a model wrote, which one, and what that rests on.

    Examples
    --------
    >>> from outcross.core.provenance import Stratum
    >>> from outcross.vault.labels.description import StratumCount
    >>> strata = (StratumCount(Stratum(Origin.SYNTHETIC, 2, generator="gpt2"), 5, {"registered": 5}),)
    >>> print(who_wrote(Description("cats", "1.0.0", "", "2026-11-22", strata=strata)))
    Records: 0 human, 5 synthetic, 0 mixed, 0 of unknown origin. Synthetic records are of generation 2. Models that
    wrote records: gpt2. Evidence for the origin: registered 5.
    """
    if not description.records:
        return "There are no records."
    human, synthetic, mixed, unknown = (f"{description.count(origin):,}" for origin in Origin)
    said = [f"Records: {human} human, {synthetic} synthetic, {mixed} mixed, {unknown} of unknown origin."]
    made = [c.stratum.generation for c in description.strata if c.records and c.stratum.origin is Origin.SYNTHETIC]
    if made:
        low, high = min(made), max(made)
        said.append(f"Synthetic records are of generation{f' {low}' if low == high else f's {low} to {high}'}.")
    if description.generators:
        said.append(f"Models that wrote records: {', '.join(description.generators)}.")
    evidence = listed(description.evidence.items())
    said.append(f"Evidence for the origin: {evidence}." if evidence else "No evidence for the origin is recorded.")
    return " ".join(said)


def listed(counts: Iterable[tuple[str, int]]) -> str:
    """Return names with their counts as one line.

    Examples
    --------
    >>> listed({"web": 1200, "books": 3}.items())
    'web 1,200, books 3'
    """
    return ", ".join(f"{name} {count:,}" for name, count in counts)
