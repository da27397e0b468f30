"""A metric around another one says of itself what the one inside says."""

from __future__ import annotations

from typing import Any

from outcross.core.errors import BadSetting
from outcross.core.metric import Metric, View
from outcross.core.part import part_name, words
from outcross.core.records import Rows


def resemble(wrapper: Metric[Any], inner: Metric[Any], source: str = "") -> None:
    """Give the wrapper the definition, unit, collapse and source of the metric inside; a source of its own is added.

    Raises
    ------
    BadSetting
        If the metric inside does not read rows.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> build("metric", "latent(metric=perplexity)")
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadSetting: latent wraps a metric that reads rows as they are, such as vendi; not perplexity
    """
    if inner.view is not View.OUTPUT or not issubclass(Rows, inner.reads):
        name = part_name(type(wrapper))
        raise BadSetting(f"{name} wraps a metric that reads rows as they are, such as vendi; not {words(inner)}")
    said = {name: getattr(inner, name) for name in ("definition", "unit", "collapse", "compares")}
    for name, value in {**said, "source": "; ".join(filter(None, (inner.source, source)))}.items():
        object.__setattr__(wrapper, name, value)
