"""What a mix was made of and what it has become: all that its papers are written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from outcross.core.provenance import Stratum
from outcross.guard.mix.plan import MixPlan


@final
@dataclass(frozen=True, slots=True)
class Material:
    """One input of a mix.

    Parameters
    ----------
    name
        What it is called: the name of a file, or the address of a vault.
    sha256
        Digest of its bytes; of a vault, root of its log.
    records
        How many records it gave to choose from.
    origin
        What was said of all its records, where anything was; else its own columns speak.
    checkpoint
        Of a vault, the signed note of its log.

    Examples
    --------
    >>> Material("cats.jsonl", "0" * 64, 3).origin is None
    True
    """

    name: str
    sha256: str
    records: int
    origin: str | None = None
    checkpoint: str | None = None


@final
@dataclass(frozen=True, slots=True)
class Product:
    """One file of a mix.

    Parameters
    ----------
    name
        Its path in the folder of the mix, with ``/``.
    sha256, size, records
        Digest of its bytes, their number, and the number of its records.

    Examples
    --------
    >>> Product("data/mix-00000.parquet", "0" * 64, 120, 3).records
    3
    """

    name: str
    sha256: str
    size: int
    records: int


@final
@dataclass(frozen=True)
class Assembled:
    """A mix that was written, before it has its papers and its name. It knows no time: the same seed, the same bytes.

    Parameters
    ----------
    plan
        What was to be made.
    materials, products
        What it was made of, and the files that it consists of.
    counts
        How many records of each stratum it has.
    seed
        What the keys of the choice were made from.
    command
        The command that makes it again.
    columns
        Columns of the files with their types, as `outcross.vault.labels.description.TYPES`.
    licenses, generators
        How many records have each licence, and were written by each model; those that name none are left out.

    Examples
    --------
    See `outcross.guard.mix.mix.mix`.
    """

    plan: MixPlan
    materials: tuple[Material, ...]
    products: tuple[Product, ...]
    counts: Mapping[Stratum, int]
    seed: int
    command: str
    columns: tuple[tuple[str, str], ...]
    licenses: Mapping[str, int]
    generators: Mapping[str, int]

    @property
    def records(self) -> int:
        """How many records the mix has."""
        return sum(product.records for product in self.products)
