"""Curves of a Gaussian chain: what is expected of variance, mean, distance and volume under each policy."""

from __future__ import annotations

import numpy as np

from outcross.core.errors import BadSetting
from outcross.lab.theory import accumulate, fresh, gaussian, replace_multiple, subsample, weighted
from outcross.lab.theory._arguments import Sizes, Values
from outcross.lab.theory.curves import Setting, describes

GERSTGRASSER = "Gerstgrasser et al., arXiv 2404.01413"
HE = "He, Xu et al., arXiv 2502.18049"
KAZDAN = "Kazdan et al., arXiv 2410.16713"
SHUMAILOV = "Shumailov et al., Nature 631 (2024)"


def _ddof(s: Setting) -> int:
    return int(s.ask("model", "ddof", 0))


def _dim(s: Setting) -> int:
    return int(s.ask("model", "dim", s.ask("population", "dim", 1)))


def _known(s: Setting) -> bool:
    return bool(s.model.get("known_variance"))


def _sizes(s: Setting) -> Sizes:
    """How many samples each refit of a replace chain sees."""
    return replace_multiple.sizes(s.generations, s.sample_size) if s.policy.get("multiple") else s.sample_size


def _constant(s: Setting) -> Values:
    """The expected variance where it is fitted once: that of the first fit, for ever."""
    return gaussian.variance(np.minimum(s.generations, 1), s.sample_size, _ddof(s))


def _scaled(s: Setting, relative: Values) -> Values:
    return np.asarray(s.start("variance") * np.asarray(relative))


def _summed(s: Setting, relative: Values) -> Values:
    """Over all dimensions, for a squared distance."""
    return np.asarray(_dim(s) * np.asarray(_scaled(s, relative)))


def _normal(s: Setting) -> None:
    """Refuse a true distribution that is no Gaussian: beyond two moments its first sample follows another law."""
    if (s.population or {}).get("name", "normal") != "normal":
        raise BadSetting("the closed form holds where the true distribution is normal")


@describes(model="gaussian", policy="replace", metric="variance")
def replace_variance(s: Setting) -> Values:
    """Expected variance: multiplied by (n - 1)/(n - ddof) in each refit."""
    return _scaled(s, _constant(s) if _known(s) else gaussian.variance(s.generations, _sizes(s), _ddof(s)))


@describes(model="gaussian", policy="replace", metric="mean_drift", source=SHUMAILOV)
def replace_drift(s: Setting) -> Values:
    """Expected squared distance of the means: t/n unbiased, 1 - (1 - 1/n)^t maximum likelihood, per dimension."""
    return _summed(s, gaussian.mean_variance(s.generations, _sizes(s), _ddof(s)))
