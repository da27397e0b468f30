"""Random numbers that depend on names, not on the order in which they are asked for.

A `Seed` is a value. Its children are named (``seed.child("sample", 3)``), so the result of a chain depends on neither
the engine, nor the number of workers, nor on what else was computed before.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray


@final
@dataclass(frozen=True, slots=True)
class Seed:
    """Where do these random numbers come from, and how do I get the same ones again?

    Parameters
    ----------
    key
        Any integer.
    path
        The names that lead from the key to here; made by `child`.

    Examples
    --------
    >>> Seed(0).child("fit", 1) == Seed(0).child("fit").child(1)
    True
    >>> Seed(0).child("1") == Seed(0).child(1)
    False
    >>> Seed(0).child("a").generator().random() == Seed(0).child("a").generator().random()
    True
    """

    key: int = 0
    path: tuple[str | int, ...] = ()

    def child(self, *names: str | int) -> Seed:
        """Return the seed that bears these names under this one.

        Examples
        --------
        >>> Seed(7).child("sample", 3)
        Seed(key=7, path=('sample', 3))
        """
        return Seed(self.key, self.path + names)

    def generator(self) -> np.random.Generator:
        """Return NumPy's generator for this seed.

        It is SFC64, the fastest of NumPy's well-tested ones; its state is the BLAKE2b digest of key and path, so
        streams of different names are independent for every purpose short of breaking BLAKE2b.

        Examples
        --------
        >>> Seed(1).generator().normal(size=2).shape
        (2,)
        """
        digest = hashlib.blake2b(repr((self.key, self.path)).encode()).digest()
        return np.random.Generator(np.random.SFC64(_Digest(digest)))  # type: ignore[arg-type]  # NumPy's stub is narrower


@final
class _Digest(ISeedSequence):
    """A digest that gives its words to a bit generator: much cheaper than to have NumPy hash them once more."""

    def __init__(self, digest: bytes) -> None:
        self._digest = digest

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[Any]:
        """Return the first words of the digest."""
        return np.frombuffer(self._digest, dtype=dtype)[:n_words]
