"""Which closed form belongs beside a simulated curve: adapters say themselves what they describe, `curve` finds them.

An adapter is a function from a `Setting` to the expected curve, or to None where the closed form does not apply. It
stands in a file of ``_adapters/``, under the decorator `describes`; nothing else lists it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.errors import BadSetting
from outcross.lab.theory._arguments import Values

DOHMATOB = "Dohmatob et al., arXiv 2402.07712"
GERSTGRASSER = "Gerstgrasser et al., arXiv 2404.01413"
HE = "He, Xu et al., arXiv 2502.18049"
KAZDAN = "Kazdan et al., arXiv 2410.16713"
SHUMAILOV = "Shumailov et al., Nature 631 (2024)"
SURESH = "Suresh et al., arXiv 2412.17646"

Kind = Literal["exact", "bound", "first order"]
_BEST_FIRST: tuple[Kind, ...] = ("exact", "bound", "first order")


@final
@dataclass(frozen=True)
class Setting:
    """What a closed form may know of a chain.

    Parameters
    ----------
    model, policy
        Their settings.
    population
        Settings of the true distribution, and under ``name`` the name of its part (where it is left out, a law of the
        model's own family is meant), under ``probabilities`` those of its types if it has any. None for a finite
        corpus: no closed form here speaks of drawing from one without replacement.
    sample_size
        n, the records of a generation.
    generations
        Which generations the curve has, in order.
    initial
        Quantities of the true distribution by the name of their metric: ``variance``, ``heterozygosity``.
    metric
        Settings of the metric; a curve that depends on them is left out where they are not given.

    Examples
    --------
    >>> setting = Setting({"ddof": 0}, {}, {"sd": 2.0}, 100, np.arange(3), {"variance": 4.0})
    >>> setting.ask("model", "ddof", 1), setting.ask("population", "dim", 1)
    (0, 1)
    """

    model: Mapping[str, object]
    policy: Mapping[str, object]
    population: Mapping[str, object] | None
    sample_size: int
    generations: NDArray[np.int64]
    initial: Mapping[str, float]
    metric: Mapping[str, object] = field(default_factory=dict)

    def ask(self, part: Literal["model", "policy", "population"], name: str, default: float | None = None) -> float:
        """Return a numeric setting of a part, or the default where the part has none or leaves it open.

        Raises
        ------
        BadSetting
            If it is no number, or there is neither a value nor a default.
        """
        given = {"model": self.model, "policy": self.policy, "population": self.population or {}}[part].get(name)
        value = default if given is None else given
        if not isinstance(value, int | float):
            raise BadSetting(f"the closed form needs a number for the {part}'s {name}, not {value}")
        return value

    def start(self, quantity: str) -> float:
        """Return a quantity of the true distribution.

        Raises
        ------
        BadSetting
            If it is not known.
        """
        if quantity not in self.initial:
            raise BadSetting(f"the closed form needs the {quantity} of generation 0, and it is not known")
        return self.initial[quantity]


Adapter = Callable[[Setting], Values | None]


@final
@dataclass(frozen=True)
class Curve:
    """An expected curve over generations.

    Parameters
    ----------
    values
        One for each generation.
    kind
        ``exact``: the expectation itself. ``bound``: the side on which the name says it lies. ``first order``: for
        large samples.
    source
        The paper, or "derivation".
    name
        What is drawn, in one line.

    Examples
    --------
    >>> Curve(np.ones(3), "exact", "derivation", "E V_t = V_0").kind
    'exact'
    """

    values: NDArray[np.float64]
    kind: Kind
    source: str
    name: str


@final
@dataclass(frozen=True)
class _Form:
    adapter: Adapter
    kind: Kind
    source: str


_forms: dict[tuple[str, str, str], list[_Form]] = {}


def describes(
    *, model: str, policy: str, metric: str, kind: Kind = "exact", source: str = "derivation"
) -> Callable[[Adapter], Adapter]:
    """Say which curve an adapter gives; its docstring's first line becomes the curve's name.

    Parameters
    ----------
    model, policy, metric
        Names of the parts.
    kind
        How the closed form relates to the expectation.
    source
        The paper that gives it.

    Examples
    --------
    >>> @describes(model="coin", policy="replace", metric="bias")
    ... def unbiased(setting: Setting) -> Values:
    ...     "E p_t = p_0: samples are unbiased."
    ...     return 0.0 * setting.generations
    >>> curve("coin", "replace", "bias", Setting({}, {}, {}, 10, np.arange(3), {})).name
    'E p_t = p_0: samples are unbiased.'
    """

    def register(adapter: Adapter) -> Adapter:
        forms = _forms.setdefault((model, policy, metric), [])
        forms.append(_Form(adapter, kind, source))
        forms.sort(key=lambda form: _BEST_FIRST.index(form.kind))
        return adapter

    return register


def curve(model: str, policy: str, metric: str, setting: Setting) -> Curve | None:
    """Return the closed form that goes with a simulated curve, the strongest kind there is.

    Parameters
    ----------
    model, policy, metric
        Names of the parts.
    setting
        Their settings and what is known of the chain.

    Returns
    -------
    Curve or None
        None where no closed form is known, or none applies to these settings.

    Examples
    --------
    >>> setting = Setting({"ddof": 0}, {}, {}, 10, np.arange(3), {"variance": 4.0})
    >>> found = curve("gaussian", "replace", "variance", setting)
    >>> found.values.round(2).tolist(), found.kind
    ([4.0, 3.6, 3.24], 'exact')
    >>> curve("gaussian", "anchor", "variance", setting) is None
    True
    """
    if setting.population is None:
        return None
    for form in _forms.get((model, policy, metric), ()):
        try:
            found = form.adapter(setting)
        except BadSetting:  # the closed form has a domain, and these settings lie outside it
            continue
        if found is not None:
            values = np.broadcast_to(np.asarray(found, dtype=np.float64), setting.generations.shape)
            name = (form.adapter.__doc__ or "").strip().partition("\n")[0]
            return Curve(values, form.kind, form.source, name)
    return None
