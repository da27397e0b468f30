"""What is asked of a mix: from which sources, by which policy, how many records, by which seed."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from outcross.core.errors import BadInput, BadSetting
from outcross.core.inventory import Inventory
from outcross.core.measure import Measure
from outcross.core.part import as_part, words
from outcross.core.policy import Policy
from outcross.core.provenance import Origin, Stratum
from outcross.core.seed import Seed
from outcross.corpus.fields import FIELDS, Fields
from outcross.guard.mix.plan import MixPlan
from outcross.guard.mix.planning import plan_mix
from outcross.guard.source import Source, Task
from outcross.vault.vault import Vault

Given = str | Path | Vault | Source
Share = float | tuple[float, float] | Measure | Mapping[Stratum, Measure]
"""What is known of the synthetic share of records whose origin is not: a number, an interval, or one by stratum."""


@final
@dataclass(frozen=True)
class Request:
    """What is asked for.

    Parameters
    ----------
    sources
        Where records come from.
    policy
        Words of the policy, with `balance` around it where groups are to keep their share.
    budget
        Records of the mix.
    group
        The column of a frame that keeps strata apart; None where nothing but origin and generation does.
    columns
        Field to column, as it was given.
    balance
        The column whose groups keep their share, as it was given.
    share
        See `outcross.guard.mix.mix.mix`.
    confidence, seed, references
        See `outcross.guard.mix.mix.mix`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.jsonl")
    >>> _ = path.write_text('{"text": "a cat"}')
    >>> Request.of([path], "replace", 1, balance="language").policy
    'balance(policy=replace)'
    """

    sources: tuple[Source, ...]
    policy: str
    budget: int
    group: str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    balance: str | None = None
    share: Share | None = None
    confidence: float = 0.95
    seed: int = 0
    references: tuple[Source, Source] | None = None

    @classmethod
    def of(
        cls,
        sources: Given | Sequence[Given],
        policy: str | Policy,
        budget: int,
        *,
        balance: str | None = None,
        fields: Fields | None = None,
        share: Share | None = None,
        references: tuple[Given, Given] | None = None,
        confidence: float = 0.95,
        seed: int = 0,
    ) -> Request:
        """Return what is asked for, once it makes sense.

        Raises
        ------
        BadSetting
            If there is no source, one is named twice, the budget is no number of records, or the policy is unknown.
        """
        given = [sources] if isinstance(sources, str | Path | Vault | Source) else list(sources)
        if not given:
            raise BadSetting("a mix needs a source: a file, a folder, or a vault")
        if isinstance(budget, bool) or not isinstance(budget, int) or budget < 1:
            raise BadSetting(f"a mix has at least one record, not {budget}")
        if not 0 < confidence < 1:
            raise BadSetting(f"the confidence lies in (0, 1), not {confidence!r}")
        part = as_part(Policy, policy)
        if balance is not None and not words(part).startswith("balance("):
            part = as_part(Policy, f"balance(policy={words(part)})")
        if balance is None and part.grouped:
            balance = "group"
        group = balance if balance is None or balance in FIELDS else "group"
        columns = dict((fields or Fields()).columns)
        own = {**columns, "group": balance} if balance is not None and balance not in FIELDS else columns
        found = tuple(Source.of(one, Fields(own)) for one in given)
        paths = [Path(os.path.realpath(one.path if one.vault is None else one.vault.uri)) for one in found]
        for place, path in enumerate(paths):
            if path in paths[:place]:
                raise BadSetting(f"'{found[place].path}' is named twice: a mix repeats no record")
            for other, folder in zip(found, paths, strict=True):
                if folder in path.parents and other.vault is None:
                    said = f"'{found[place].path}' lies in '{other.path}', which is named too"
                    raise BadSetting(f"{said}: a mix repeats no record")
        if balance != group and any(one.vault is not None for one in found):
            raise BadSetting(f"a vault has no column '{balance}': its groups are in 'group', or in {', '.join(FIELDS)}")
        pair = None
        if references is not None:
            pair = (Source.of(references[0], Fields(columns)), Source.of(references[1], Fields(columns)))
        named = tuple(sorted(columns.items()))
        return cls(found, words(part), budget, group, named, balance, share, confidence, seed, pair)

    @property
    def keys(self) -> Seed:
        """What the keys of records are made from."""
        return Seed(self.seed).child("mix")

    def tasks(self) -> tuple[list[Task], list[int]]:
        """Return the parts of all sources, and which source each is of."""
        found = [source.tasks() for source in self.sources]
        return [task for tasks in found for task in tasks], [n for n, tasks in enumerate(found) for _ in tasks]

    def inputs(self) -> dict[str, Any]:
        """Return what must be the same for the work to be gone on with."""
        return {
            "sources": self.stamps(),
            "policy": self.policy,
            "budget": self.budget,
            "settings": [self.balance, [list(one) for one in self.columns], self.confidence, repr(self.share)],
            "seed": self.seed,
            "references": None if self.references is None else [_stamp(one) for one in self.references],
        }

    def stamps(self) -> list[list[str]]:
        """Return what the sources look like from outside; where that changes, they are not the same any more."""
        return [_stamp(source) for source in self.sources]

    def command(self) -> str:
        """Return the command that makes the mix again."""
        said = [f"{one.origin}={one.path}" if one.origin is not None else one.path for one in self.sources]
        options = ["--policy", self.policy, "--budget", str(self.budget)]
        if self.balance is not None:
            options += ["--balance", self.balance]
        for name, column in self.columns:
            options += ["--text", column] if name == "text" else ["--field", f"{name}={column}"]
        if self.references is not None:
            options += [f"--human={self.references[0].path}", f"--synthetic={self.references[1].path}"]
        if isinstance(self.share, int | float):
            options += ["--synthetic-share", f"{self.share:g}"]
        elif self.share is not None and (bounds := _bounds(self.share)) is not None:
            options += ["--synthetic-share", f"{bounds[0]:g}..{bounds[1]:g}"]
        if self.confidence != 0.95:
            options += ["--confidence", f"{self.confidence:g}"]
        return shlex.join(["outcross", "mix", *said, *options, "--seed", str(self.seed), "--out", "mix"])

    def plan(self, counts: Mapping[Stratum, int]) -> MixPlan:
        """Return the recipe of the policy for what there is.

        Raises
        ------
        Shortage
            If there is too little of something.
        """
        unknown = [stratum for stratum in counts if stratum.origin in (Origin.UNKNOWN, Origin.MIXED)]
        share = self.share
        if isinstance(share, int | float):
            share = (float(share), float(share))
        if isinstance(share, tuple):
            share = Measure((share[0] + share[1]) / 2, share[0], share[1])
        known = dict.fromkeys(unknown, share) if isinstance(share, Measure) else share
        return plan_mix(Inventory(counts), self.policy, self.budget, known, self.confidence)


def _bounds(share: tuple[float, float] | Measure | Mapping[Stratum, Measure]) -> tuple[float, float] | None:
    if isinstance(share, tuple):
        return share
    if isinstance(share, Measure) and share.low is not None and share.high is not None:
        return share.low, share.high
    return None


def _stamp(source: Source) -> list[str]:
    if source.vault is not None:
        return [source.path, source.vault.log.last.head.tree.root().hex()]
    path = Path(source.path).absolute()
    try:
        inside = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        seen = [[os.fsencode(one).hex(), one.stat().st_size, one.stat().st_mtime_ns] for one in inside]
    except OSError as error:
        raise BadInput(f"'{path}' cannot be read: {error.strerror or error}") from None
    said = "" if source.origin is None else f"{source.origin}="
    return [f"{said}{path}", hashlib.sha256(json.dumps(seen).encode()).hexdigest()]
