"""Who wrote a record, and what a policy may know of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import final

from outcross.core.errors import BadSetting


@final
class Origin(StrEnum):
    """Who wrote it: a person, a model, both, or nobody can say.

    Examples
    --------
    >>> Origin("human") is Origin.HUMAN
    True
    """

    HUMAN = "human"
    SYNTHETIC = "synthetic"
    MIXED = "mixed"
    UNKNOWN = "unknown"


@final
@dataclass(frozen=True, slots=True, order=True)
class Stratum:
    """What a policy may know of a set of records. Never their content.

    Parameters
    ----------
    origin
        Who wrote them.
    generation
        How many models deep: 0 for human records, 1 + the deepest parent's for synthetic ones.
    group
        The group they belong to (a minority to be guarded, say), or None where groups are not kept apart.
    generator
        Name of the model that wrote them, or None.

    Examples
    --------
    >>> print(Stratum(Origin.SYNTHETIC, 3), Stratum(Origin.HUMAN, group="blue"))
    synthetic/3 human/0/blue
    """

    origin: Origin
    generation: int = 0
    group: str | None = None
    generator: str | None = None

    def __str__(self) -> str:
        tail = [part for part in (self.group, self.generator) if part is not None]
        return "/".join([str(self.origin), str(self.generation), *tail])


@final
@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a record, or a batch of records, comes from, and what the claim rests on.

    Parameters
    ----------
    origin, generation, group
        As in `Stratum`.
    generator, generator_digest
        Name and digest of the model that wrote it.
    source, license, collected
        Where it was taken from, under which licence (SPDX), and on which day (ISO 8601).
    evidence
        What the claim of origin rests on, for example ``"declared"``. None is no evidence.
    confidence
        How sure the evidence makes it, from 0 to 1; None where nobody said.
    parents
        Digests or names of what it was derived from.

    Raises
    ------
    BadSetting
        If a human record claims a generation above 0, or a synthetic one generation 0; or if the confidence is not
        from 0 to 1.

    Examples
    --------
    >>> Provenance(Origin.SYNTHETIC, generation=2, generator="ngram(order=3)").stratum()
    Stratum(origin=<Origin.SYNTHETIC: 'synthetic'>, generation=2, group=None, generator=None)
    >>> Provenance.child([Provenance(Origin.HUMAN), Provenance(Origin.SYNTHETIC, 2)]).generation
    3
    """

    origin: Origin
    generation: int = 0
    group: str | None = None
    generator: str | None = None
    generator_digest: str | None = None
    source: str | None = None
    license: str | None = None
    collected: str | None = None
    evidence: str | None = None
    parents: tuple[str, ...] = ()
    confidence: float | None = None

    def __post_init__(self) -> None:
        human, synthetic = self.origin is Origin.HUMAN, self.origin is Origin.SYNTHETIC
        if self.generation < 0 or (human and self.generation) or (synthetic and not self.generation):
            raise BadSetting(f"a {self.origin} record cannot be of generation {self.generation}; human records are 0")
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise BadSetting(f"the confidence is a number from 0 to 1, not {self.confidence}")

    def stratum(self) -> Stratum:
        """What a policy may know of it. Generators are told apart only by generation here."""
        return Stratum(self.origin, self.generation, self.group)

    @staticmethod
    def child(parents: list[Provenance], **known: str) -> Provenance:
        """Return the provenance of what a model writes that was trained on these parents."""
        depth = 1 + max((parent.generation for parent in parents), default=0)
        return Provenance(Origin.SYNTHETIC, depth, **known)  # type: ignore[arg-type]
