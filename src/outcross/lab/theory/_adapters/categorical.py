"""Curves of a categorical chain: heterozygosity under each policy, and what survives under replace."""

from __future__ import annotations

import numpy as np

from outcross.core.errors import BadSetting
from outcross.lab.theory import accumulate, categorical, fresh, gaussian, subsample, weighted
from outcross.lab.theory import wright_fisher as chain
from outcross.lab.theory._adapters._reading import new_share, one_size, refit_sizes, weighted_split
from outcross.lab.theory._arguments import Array, Values, shares
from outcross.lab.theory.curves import HE, KAZDAN, SURESH, Setting, describes


def _law(s: Setting) -> Array:
    """The real probabilities."""
    law = (s.population or {}).get("probabilities")
    if law is None:
        raise BadSetting("the closed form needs the real probabilities of the types")
    return shares(law)  # type: ignore[arg-type]  # whatever is no array of shares is refused there


def _as_they_are(s: Setting) -> None:
    """Refuse samples that are not drawn as the model's probabilities say."""
    if s.ask("model", "temperature", 1.0) != 1.0:
        raise BadSetting("the closed form holds at temperature 1")


def _heterozygosity(s: Setting, relative: Values) -> Values:
    _as_they_are(s)
    start = s.start("heterozygosity") if "heterozygosity" in s.initial else 1 - np.sum(_law(s) ** 2)
    return np.asarray(start * np.asarray(relative))


def _n(s: Setting) -> int:
    _as_they_are(s)
    return one_size(s)


@describes(model="categorical", policy="replace", metric="heterozygosity", source="Wright (1931)")
def replace_heterozygosity(s: Setting) -> Values:
    """Expected heterozygosity: times 1 - 1/n in each refit."""
    return _heterozygosity(s, gaussian.variance(s.generations, refit_sizes(s), ddof=0))


@describes(model="categorical", policy="accumulate", metric="heterozygosity", source=KAZDAN)
def accumulate_heterozygosity(s: Setting) -> Values:
    """Expected heterozygosity: the product of 1 - 1/(n j^2), which keeps a share for ever."""
    return _heterozygosity(s, accumulate.heterozygosity(s.generations, s.sample_size))


@describes(model="categorical", policy="subsample", metric="heterozygosity", source=KAZDAN)
def subsample_heterozygosity(s: Setting) -> Values:
    """Expected heterozygosity of a random part of the growing pool, exact recursion."""
    return _heterozygosity(s, subsample.heterozygosity(s.generations, s.sample_size))


@describes(model="categorical", policy="fresh", metric="heterozygosity")
def fresh_heterozygosity(s: Setting) -> Values:
    """Expected heterozygosity with new real data in every refit, which keeps a share for ever."""
    return _heterozygosity(s, fresh.heterozygosity(s.generations, s.sample_size, new_share(s)))


@describes(model="categorical", policy="weighted", metric="heterozygosity", source=HE)
def weighted_heterozygosity(s: Setting) -> Values:
    """Expected heterozygosity with weighted new real data in every refit."""
    return _heterozygosity(s, weighted.variance(s.generations, *weighted_split(s)))


@describes(model="categorical", policy="replace", metric="types", source="Wright (1931), exact chain")
def replace_types(s: Setting) -> Values:
    """Expected number of surviving types, from the exact chain of each."""
    return chain.expected_types(s.generations, _n(s), _law(s))


@describes(model="categorical", policy="replace", metric="types", kind="bound", source=SURESH)
def replace_types_bound(s: Setting) -> Values:
    """Lower bound on the expected number of surviving types: the sum of 1 - exp(-n p g_t)."""
    lower, _ = categorical.survival_bounds(s.generations, _n(s), _law(s))
    return np.asarray(np.asarray(lower).sum(axis=-1))


def _type(s: Setting) -> float:
    """The real probability of the type that is watched."""
    law, watched = _law(s), s.metric.get("type")
    if not isinstance(watched, int) or not 0 <= watched < len(law):
        raise BadSetting("the closed form needs to know which type is watched")
    return float(law[watched])


@describes(model="categorical", policy="replace", metric="survival", source="Wright (1931), exact chain")
def replace_survival(s: Setting) -> Values:
    """Probability that the type is still there, from the exact chain."""
    return chain.survival(s.generations, _n(s), _type(s))


@describes(model="categorical", policy="replace", metric="survival", kind="bound", source=SURESH)
def replace_survival_bound(s: Setting) -> Values:
    """Lower bound on the probability that the type is still there: 1 - exp(-n p g_t)."""
    return categorical.survival_bounds(s.generations, _n(s), _type(s))[0]


@describes(model="categorical", policy="replace", metric="unseen_mass", source="Good (1953), exact chain")
def replace_unseen_mass(s: Setting) -> Values:
    """Expected Good-Turing estimate from n samples of each generation, from the exact chain of each type."""
    return chain.unseen_mass(s.generations, _n(s), _law(s))
