"""What numbers and practices are called before people: in the sentences of the guard, and on its pages."""

from __future__ import annotations

import re

from outcross.core.provenance import Origin, Stratum

NAMES = {
    "types": "different words",
    "tail_mass": "the tail of rare words",
    "survival": "words of the reference that occur",
    "unseen_mass": "words said only once",
    "entropy": "entropy of the words",
    "zipf_exponent": "Zipf exponent",
    "repetition": "repeated runs of words",
    "copies": "copies",
    "synthetic_share": "declared synthetic",
    "minority_share": "share of the smallest group",
    "group_share": "share of a group",
}
"""What metrics are called in a sentence, where their name is no word."""

_QUANTILE = re.compile(r"length@p(\d+)")
_SHARE = re.compile(r"anchor\(real=([0-9.e-]+)\)")


def called(metric: str) -> str:
    """Return what a reading of a metric is called in a sentence.

    Examples
    --------
    >>> [called(metric) for metric in ("types", "length@p50", "length@p90", "group_share@blue", "zipf_exponent@1000")]
    ['different words', 'median length', 'length, 90th percentile', 'share of blue', 'Zipf exponent']
    """
    name, _, which = metric.partition("@")
    quantile = _QUANTILE.fullmatch(metric)
    if quantile is not None:
        return "median length" if quantile[1] == "50" else f"length, {quantile[1]}th percentile"
    if name == "group_share" and which:
        return f"share of {which}"
    return NAMES.get(name, name.replace("_", " ")) + (f": {which}" if which and name != "zipf_exponent" else "")


def practice(policy: str) -> str:
    """Return how training goes on under a policy, as the beginning or the end of a sentence.

    Examples
    --------
    >>> practice("anchor(real=0.3)"), practice("replace"), practice("accumulate")
    ('with 30 % human records in every training set', 'with synthetic records alone', 'under accumulate')
    """
    real = _SHARE.fullmatch(policy)
    if policy == "replace" or (real is not None and not float(real[1])):
        return "with synthetic records alone"
    if real is None:
        return f"under {policy}"
    share = 100 * float(real[1])
    return (
        f"with {share:.0f} % human records in every training set"
        if share >= 9.5
        else f"with {share:.2g} % human records"
    )


def stratum_title(stratum: Stratum) -> str:
    """Return what the records of a stratum are called.

    Examples
    --------
    >>> stratum_title(Stratum(Origin.SYNTHETIC, 2, generator="gpt-x"))
    'synthetic, generation 2, by gpt-x'
    """
    depth = f"generation {stratum.generation}" if stratum.origin is not Origin.HUMAN and stratum.generation else ""
    by = f"by {stratum.generator}" if stratum.generator else ""
    return ", ".join(filter(None, (str(stratum.origin), depth, stratum.group, by)))
