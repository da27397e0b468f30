"""When to stop early: a condition on a metric, as a user would say it."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.errors import BadSetting
from outcross.lab.observe import Readings

_TESTS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}


@final
@dataclass(frozen=True)
class Until:
    """Stop a block of replicates once every replicate of it has met ``metric < number`` (or >, <=, >=).

    Parameters
    ----------
    metric
        Words of a metric that is measured.
    test
        The comparison.
    bound
        The number.

    Examples
    --------
    >>> until = Until.parse("variance < 0.01")
    >>> until.metric, until.test, until.bound
    ('variance', '<', 0.01)
    """

    metric: str
    test: str
    bound: float

    @classmethod
    def parse(cls, text: str) -> Until:
        """Read a condition.

        Raises
        ------
        BadSetting
            If it is not of the form ``metric < number``.
        """
        match = re.fullmatch(r"\s*(\S.*?)\s*(<=|>=|<|>)\s*(\S+)\s*", text)
        try:
            if match:
                return cls(match[1], match[2], float(match[3]))
        except ValueError:
            pass
        raise BadSetting(f"cannot read the condition '{text}'; write it like 'variance < 0.01'")

    def met(self, readings: Readings) -> bool:
        """Whether every replicate has met it."""
        if self.metric not in readings:
            raise BadSetting(f"'until {self}' needs the metric {self.metric} to be measured")
        with np.errstate(invalid="ignore"):
            return bool(_TESTS[self.test](readings[self.metric].values, self.bound).all())

    def __str__(self) -> str:
        return f"{self.metric} {self.test} {self.bound:g}"
