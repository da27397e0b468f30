"""Random numbers that depend on names, not on the order in which they are asked for.

A `Seed` is a value. Its children are named (``seed.child("sample", 3)``), so the result of a chain depends on neither
the engine, nor the number of workers, nor on what else was computed before.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import final

import numpy as np


@final
@dataclass(frozen=True, slots=True)
class Seed:
    """Where do these random numbers come from, and how do I get the same ones again?

    Parameters
    ----------
    key
        Any non-negative integer; children have 128-bit keys.

    Examples
    --------
    >>> Seed(0).child("fit", 1) == Seed(0).child("fit", 1)
    True
    >>> Seed(0).child("fit", 1) == Seed(0).child("fit", 2)
    False
    >>> Seed(0).child("a").generator().random() == Seed(0).child("a").generator().random()
    True
    """

    key: int = 0

    def child(self, *names: str | int) -> Seed:
        """Return the seed that bears these names under this one.

        Keys are BLAKE2b digests of the parent's key and the names; strings and integers never collide.

        Examples
        --------
        >>> Seed(0).child("1") == Seed(0).child(1)
        False
        """
        text = repr((self.key, names)).encode()
        return Seed(int.from_bytes(hashlib.blake2b(text, digest_size=16).digest(), "little"))

    def generator(self) -> np.random.Generator:
        """Return NumPy's generator for this seed (SFC64, the fastest of its well-tested ones).

        Examples
        --------
        >>> Seed(1).generator().normal(size=2).shape
        (2,)
        """
        return np.random.Generator(np.random.SFC64(self.key))
