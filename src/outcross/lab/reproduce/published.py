"""A published experiment: who did it and where, plans that redo it at several scales, and what was found."""

from __future__ import annotations

import dataclasses
import textwrap
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, final

from outcross.core.errors import BadSetting, UnknownPart, nearest
from outcross.lab.plan import Plan, checked
from outcross.lab.reproduce.claim import Claim, refuse_unknown

SCALES = ("small", "full")
WIDTH = 100
"""Columns of the prose above a plan."""


@final
@dataclass(frozen=True)
class Scale:
    """Plans that redo an experiment at one size, and in what they differ from the paper.

    Parameters
    ----------
    differs
        In what the plans differ from the paper: model, size of the data, hardware.
    entries
        Name of a plan to its entries, as in a plan's own file.
    unlike
        Why published values cannot be compared here, to end a sentence with; empty where they can. Order and shape
        are compared all the same.
    time
        How long it takes, roughly, and on what.

    Examples
    --------
    >>> Scale("fewer replicates", {"replace": {"data": "normal", "model": "gaussian"}}).plan("replace").model
    'gaussian'
    """

    differs: str
    entries: Mapping[str, Mapping[str, Any]]
    unlike: str = ""
    time: str = ""

    def plan(self, name: str, **changes: Any) -> Plan:
        """Return a plan by its name, with some entries changed.

        Raises
        ------
        UnknownPart
            If there is no such plan, or no such entry.
        """
        if name not in self.entries:
            raise UnknownPart(f"there is no plan '{name}' here{nearest(name, self.entries)}")
        return Plan(**checked(dict(self.entries[name]) | changes))

    def plans(self, names: Iterable[str] = (), **changes: Any) -> dict[str, Plan]:
        """Return the plans of these names, or all, with some entries changed."""
        return {name: self.plan(name, **changes) for name in names or self.entries}


@final
@dataclass(frozen=True)
class PublishedExperiment:
    """What was published, and how to do it again.

    Parameters
    ----------
    name
        As in the catalogue.
    title
        What is done, in one line.
    source
        The paper.
    about
        What was done and found, in some sentences.
    scales
        Name to plans: ``small`` and ``full``.
    claims
        What was found.

    Examples
    --------
    >>> text = '''
    ... title = "A Gaussian"
    ... source = "Shumailov et al., Nature 631 (2024)"
    ... [small]
    ... differs = "nothing"
    ... every = { data = "normal", model = "gaussian(ddof=1)", policy = "replace", metric = "variance" }
    ... plan.n100 = { sample_size = 100 }
    ... [[published]]
    ... says = "The variance stays on average."
    ... relation = "equal"
    ... policy = "replace"
    ... metric = "variance"
    ... value = 1
    ... '''
    >>> found = PublishedExperiment.from_toml("mine", text)
    >>> found.scale("small").plan("n100").sample_size, found.claims[0].points[0].value
    (100, 1.0)
    """

    name: str
    title: str
    source: str
    scales: Mapping[str, Scale]
    claims: tuple[Claim, ...]
    about: str = ""

    def scale(self, name: str) -> Scale:
        """Return the plans of a scale.

        Raises
        ------
        UnknownPart
            If there is no such scale.
        """
        if name not in self.scales:
            raise UnknownPart(f"{self.name} has no scale '{name}'; it has {' and '.join(self.scales)}")
        return self.scales[name]

    def text(self, scale: str, names: Iterable[str] = (), **changes: Any) -> str:
        """Return plans as TOML that `outcross run` takes, under what must be known of them.

        A file holds one plan: the first stands as it is, the others as comments after it.
        """
        chosen = self.scale(scale)
        plans = chosen.plans(names, **changes)
        head = [self.title, self.source, self.about, f"What differs from the paper: {chosen.differs}"]
        told = "\n#\n".join(_commented(" ".join(text.split()), wrap=True) for text in head if text)
        shown = []
        for place, (name, plan) in enumerate(plans.items()):
            title = f"# Plan '{name}'" + (f", {place + 1} of {len(plans)}" if len(plans) > 1 else "")
            hint = "; to run it, put it in place of the first" if place else ""
            shown.append(f"{title}{hint}.\n{plan.to_toml() if not place else _commented(plan.to_toml())}")
        return "\n\n".join([told, *(part.rstrip("\n") for part in shown)]) + "\n"

    @classmethod
    def from_toml(cls, name: str, text: str) -> PublishedExperiment:
        """Read an experiment.

        Raises
        ------
        BadSetting
            If the text is not TOML, or something that is needed is missing.
        UnknownPart
            If there is an entry that experiments do not have.
        """
        try:
            given = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BadSetting(f"{name} is not TOML: {error}") from error
        refuse_unknown(f"the experiment {name}", given, ("title", "source", "about", "published", *SCALES))
        scales = {scale: _scale(f"{name}, {scale}", given[scale]) for scale in SCALES if scale in given}
        if not scales or not given.get("title") or not given.get("source"):
            raise BadSetting(f"{name} needs a title, a source and a scale ({' or '.join(SCALES)})")
        claims = tuple(Claim.of(entry) for entry in given.get("published", []))
        return cls(name, given["title"], given["source"], scales, claims, given.get("about", ""))


def _scale(where: str, given: Mapping[str, Any]) -> Scale:
    """The plans of one scale: what stands under ``every`` holds for each."""
    refuse_unknown(where, given, ("every", "plan", *(f.name for f in dataclasses.fields(Scale) if f.name != "entries")))
    plans = given.get("plan", {})
    if not plans or not given.get("differs"):
        raise BadSetting(f"{where}: say what differs from the paper (differs = ...), and name a plan ([...plan.NAME])")
    every = given.get("every", {})
    entries = {name: {**every, **own} for name, own in plans.items()}
    prose = {name: " ".join(given.get(name, "").split()) for name in ("differs", "unlike", "time")}
    return Scale(prose["differs"], entries, prose["unlike"], prose["time"])


def _commented(text: str, wrap: bool = False) -> str:
    lines = textwrap.wrap(text, WIDTH) if wrap else text.splitlines()
    return "\n".join(f"# {line}".rstrip() for line in lines)
