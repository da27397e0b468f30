"""What a mix promises, in sentences: how many records are human at least, and what its signature shows."""

from __future__ import annotations

from outcross.guard.mix.plan import MixPlan


def promise(plan: MixPlan) -> str:
    """Return in one sentence how many records are human at least, and what that rests on.

    Examples
    --------
    >>> from outcross.core.inventory import Inventory
    >>> from outcross.core.provenance import Origin, Stratum
    >>> from outcross.core.recipe import Recipe
    >>> promise(MixPlan(Recipe((), 0), Inventory({Stratum(Origin.HUMAN): 4}), "accumulate", 3, floor=3))
    'At least 3 of them (100 %) are human, by their labels.'
    """
    share = f"{100 * plan.floor / plan.budget:.4g} %"
    how = f"with a confidence of {100 * plan.confidence:g} %" if plan.confidence < 1 else "by their labels"
    return f"At least {plan.floor:,} of them ({share}) are human, {how}."


def signature(signer: str | None) -> str:
    """Return what a statement shows that the key of this fingerprint has signed; None where there is none.

    Examples
    --------
    >>> signature(None)[:24]
    'Nobody has signed it: ma'
    """
    if signer is None:
        return "Nobody has signed it: manifest.json has the SHA-256 of every file, which shows damage, not who made it."
    return f"statement.json, signed by the key {signer}, has the SHA-256 of every file and of every source."
