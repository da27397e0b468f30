"""The lineage of a vault as a picture: who was trained on what, and wrote what, generation by generation.

One band is one policy of one run; its replicates, which differ by their random numbers only, are drawn as one, with the
means of their counts. The drawing is computed here as plain shapes, and a template makes SVG of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from outcross.core.version import VERSION
from outcross.report import palette
from outcross.report.numerals import number, plural
from outcross.report.templating import environment

if TYPE_CHECKING:
    from outcross.vault.lineage import Group, Lineage, Writer

STEP = 96
"""From one generation to the next."""
LEFT = 62
"""Where the first generation stands."""
RADIUS = 9
BOX = (24, 46, 24)
"""Of what a model wrote: how far right of the model, how wide, how high."""
RAIL = 46
"""From the line of the human records down to the models."""
WIDEST = 9.0
"""Of a line that stands for all of a model's training records."""
LONGEST = 56
"""Characters of a name that the picture has room for."""
SOURCE, BESIDE = 44, 470
"""The same for a source; and where the second column of them stands."""
HEAD, ROW, TRUNK = 34, 22, 14
"""Heights of the head of a band and of a row of sources; where the trunk stands."""

HUMAN = "human"


@final
@dataclass(frozen=True)
class Station:
    """One generation of a band: the model, and what it wrote.

    Parameters
    ----------
    generation, replicates
        Which, and of how many replicates.
    human, written, other
        Mean number of training records: human ones; by generation of this band; all others.
    records, gone
        Mean number of records that it wrote, and how many of them are withdrawn.
    withdrawn
        How many of the models are.

    Examples
    --------
    >>> Station(2, 3, 50.0, {1: 50.0}, 0.0, 100.0, 0.0, 0).share(50)
    0.5
    """

    generation: int
    replicates: int
    human: float
    written: Mapping[int, float]
    other: float
    records: float
    gone: float
    withdrawn: int

    @property
    def total(self) -> float:
        """Mean number of training records."""
        return self.human + sum(self.written.values()) + self.other

    def share(self, records: float) -> float:
        """Return the share that some records are of its training records."""
        return records / self.total if self.total else 0.0

    @property
    def said(self) -> str:
        """What it is, in a sentence."""
        parts = [f"{number(round(self.human, 1))} human records"] if self.human else []
        parts += [f"{number(round(n, 1))} of generation {g}" for g, n in sorted(self.written.items())]
        parts += [f"{number(round(self.other, 1))} others"] if self.other else []
        mean = ", on average" if self.replicates > 1 else ""
        said = f"generation {self.generation}: trained on {' and '.join(parts) or 'what is not known'}{mean}; "
        said += f"wrote {number(round(self.records, 1))}"
        said += f", of which {number(round(self.gone, 1))} are withdrawn" if self.gone else ""
        return said + (f"; {plural(self.withdrawn, 'model')} withdrawn" if self.withdrawn else "")


@final
@dataclass(frozen=True)
class Band:
    """One policy of one run, its replicates together.

    Parameters
    ----------
    run, policy
        What they are called.
    generator
        Words of the models.
    stations
        By generation.
    replicates
        How many there are.

    Examples
    --------
    >>> Band("try", "replace", "ngram", (), 3).last
    0
    """

    run: str
    policy: str
    generator: str
    stations: tuple[Station, ...]
    replicates: int

    @property
    def last(self) -> int:
        """The last generation."""
        return max((one.generation for one in self.stations), default=0)


def bands(lineage: Lineage) -> tuple[Band, ...]:
    """Return the models of a lineage, by run and policy.

    Examples
    --------
    >>> from outcross.vault.lineage import Group, Lineage, Link, Writer
    >>> model = Writer("m", "ngram", 1, 0, "try/replace/0", "try", "replace", 0)
    >>> link = Link("r0", "m", "trained on", 5)
    >>> found = bands(Lineage("cats", 2, (Group("r0", "human", 0, records=5),), (model,), (link,)))
    >>> found[0].stations[0].human
    5.0
    """
    groups = {group.id: group for group in lineage.groups}
    models = {model.id: model for model in lineage.models}
    trained: dict[str, list[tuple[Group, int]]] = {}
    for link in lineage.links:
        if link.kind == "trained on":
            trained.setdefault(link.end, []).append((groups[link.start], link.records))
    wrote: dict[str, list[Group]] = {}
    for group in lineage.groups:
        if group.model is not None:
            wrote.setdefault(group.model, []).append(group)
    families: dict[tuple[str, str], list[Writer]] = {}
    for model in lineage.models:
        families.setdefault(_family(model), []).append(model)
    return tuple(
        Band(
            run,
            policy,
            family[0].generator or "",
            tuple(_stations(family, models, trained, wrote)),
            len({(one.run, one.replicate) for one in family}),
        )
        for (run, policy), family in families.items()
    )


def _family(model: Writer) -> tuple[str, str]:
    """Run and policy; a model that no chain brought stands with those of its kind."""
    return (model.name or model.run or "", model.policy or model.generator or "unknown model")


def _stations(
    family: Sequence[Writer],
    models: Mapping[str, Writer],
    trained: Mapping[str, list[tuple[Group, int]]],
    wrote: Mapping[str, list[Group]],
) -> Iterable[Station]:
    for generation in sorted({model.generation for model in family}):
        ones = [model for model in family if model.generation == generation]
        human = other = 0.0
        written: dict[int, float] = {}
        for model in ones:
            for group, records in trained.get(model.id, ()):
                parent = models.get(group.model or "")
                if parent is not None and _family(parent) == _family(model):
                    written[parent.generation] = written.get(parent.generation, 0.0) + records / len(ones)
                elif group.origin == HUMAN:
                    human += records / len(ones)
                else:
                    other += records / len(ones)
        own = [group for model in ones for group in wrote.get(model.id, ())]
        gone = sum(group.gone for group in own) / len(ones)
        live = sum(group.records for group in own) / len(ones)
        fallen = sum(model.withdrawn for model in ones)
        yield Station(generation, len(ones), human, written, other, live + gone, gone, fallen)


# The picture


@final
@dataclass(frozen=True)
class Stroke:
    """A line of records that go into a model: SVG path data, how wide, and whether it is of human records.

    Examples
    --------
    >>> Stroke("M0 0V9", 2.0, "human").kind
    'human'
    """

    path: str
    width: float
    kind: str


@final
@dataclass(frozen=True)
class Mark:
    """A model and what it wrote, as they are drawn.

    Examples
    --------
    >>> Mark(0, 0, "generation 1", "", "", "100", "", False).label
    'generation 1'
    """

    x: float
    y: float
    label: str
    written: str
    other: str
    count: str
    said: str
    withdrawn: bool


@final
@dataclass(frozen=True)
class Lane:
    """A band, as it is drawn: where it begins, its colour, strokes and marks.

    Examples
    --------
    >>> Lane("try", "replace", "", 0, 0.0, 9.0, "", (), ()).place
    0
    """

    run: str
    policy: str
    note: str
    place: int
    top: float
    rail: float
    line: str
    strokes: tuple[Stroke, ...]
    marks: tuple[Mark, ...]


@final
@dataclass(frozen=True)
class Source:
    """A row of the records that no model of the vault wrote.

    Examples
    --------
    >>> Source("human, diary", "3", True, 8, 20.0).human
    True
    """

    label: str
    count: str
    human: bool
    x: float
    y: float


@final
@dataclass(frozen=True)
class Picture:
    """All of it, in pixels.

    Examples
    --------
    >>> Picture(10.0, 10.0, (), (), "", "").lanes
    ()
    """

    width: float
    height: float
    sources: tuple[Source, ...]
    lanes: tuple[Lane, ...]
    trunk: str
    said: str


def picture(lineage: Lineage) -> Picture:
    """Return a lineage as shapes.

    Examples
    --------
    >>> from outcross.vault.lineage import Group, Lineage
    >>> picture(Lineage("cats", 2, (Group("r0", "human", 0, records=5),), (), ())).sources[0].count
    '5'
    """
    found = bands(lineage)
    outside = [group for group in lineage.groups if group.model is None]
    outside.sort(key=lambda group: (group.generation, group.origin))  # the largest are first already
    sources = _sources(outside)
    bottom = ROW + max((one.y for one in sources), default=0)
    human = [one.y for one in sources if one.human]
    policies = list(dict.fromkeys(band.policy for band in found))
    lanes: list[Lane] = []
    top, run = float(bottom + 14), None
    for band in found:
        if band.run != run:
            run, top = band.run, top + 30
        lanes.append(_lane(band, policies.index(band.policy), top))
        top += HEAD + RAIL + RADIUS + _depth(band) + 26
    fed = [lane.rail for lane in lanes if lane.line]
    trunk = f"M{TRUNK} {human[0]:g}V{fed[-1]:g}" if human and fed else ""
    width = max(LEFT + STEP * max((band.last for band in found), default=0), 860)
    return Picture(width, top + 4, sources, tuple(lanes), trunk, _said(lineage, found))


def _sources(outside: Sequence[Group]) -> tuple[Source, ...]:
    """Human records on the left, where the trunk is, and what others wrote beside them."""
    human = [one for one in outside if one.origin == HUMAN]
    others = [one for one in outside if one.origin != HUMAN]
    columns = ((human, True, 8), (others, False, BESIDE if human else 8))
    return tuple(
        Source(_short(one.label, SOURCE), number(one.records), is_human, x, ROW * (place + 1))
        for column, is_human, x in columns
        for place, one in enumerate(column)
    )


def _lane(band: Band, place: int, top: float) -> Lane:
    rail, y = top + HEAD, top + HEAD + RAIL
    strokes: list[Stroke] = []
    fed: list[float] = []
    for one in band.stations:
        x = _x(one.generation)
        if one.human:
            fed.append(x)
            strokes.append(Stroke(f"M{x:g} {rail:g}V{y - RADIUS:g}", _width(one.share(one.human)), HUMAN))
        if one.other:
            path = f"M{x - 14:g} {y - RADIUS - 14:g}L{x - 6:g} {y - 7:g}"
            strokes.append(Stroke(path, _width(one.share(one.other)), "other"))
        for generation, records in one.written.items():
            strokes.append(Stroke(_arc(generation, one.generation, y), _width(one.share(records)), "written"))
    line = f"M{TRUNK} {rail:g}H{max(fed):g}" if fed else ""
    strokes.sort(key=lambda one: -one.width)
    notes = [band.generator if band.generator != band.policy else "", _several(band.replicates)]
    note = ", ".join(one for one in notes if one)
    return Lane(
        band.run, _short(band.policy), _short(note, 70), place, top, rail, line, tuple(strokes), _marks(band, y)
    )


def _marks(band: Band, y: float) -> tuple[Mark, ...]:
    return tuple(
        Mark(
            _x(one.generation),
            y,
            f"generation {one.generation}",
            _slice(one.share(one.human), 1 - one.share(one.other)),
            _slice(1 - one.share(one.other), 1),
            _compact(one.records),
            one.said,
            one.withdrawn == one.replicates,
        )
        for one in band.stations
    )


def _x(generation: int) -> float:
    return LEFT + STEP * (generation - 1)


def _width(share: float) -> float:
    return round(max(1.0, WIDEST * share), 2)


def _depth(band: Band) -> float:
    """Room below the models for the arcs."""
    spans = [one.generation - g for one in band.stations for g in one.written]
    return _sag(max(spans, default=1))


def _sag(span: int) -> float:
    """How far an arc hangs down that leads so many generations on: none to the next, and ever less more."""
    return 0.0 if span == 1 else 16 + 30 * math.sqrt(span - 1)


def _arc(start: int, end: int, y: float) -> str:
    """From what a generation wrote to a later model."""
    offset, wide, high = BOX
    if end == start + 1:
        return f"M{_x(start) + offset + wide:g} {y:g}H{_x(end) - RADIUS:g}"
    left, right = _x(start) + offset + wide / 2, _x(end)
    low = y + high / 2 + _sag(end - start) * 4 / 3  # a cubic goes down to three quarters of its control points
    return f"M{left:g} {y + high / 2:g}C{left:g} {low:.5g} {right:g} {low:.5g} {right:g} {y + RADIUS:g}"


def _slice(start: float, end: float) -> str:
    """A slice of a disc of radius 1, clockwise from the top, by shares of the whole."""
    if end - start <= 1e-9:
        return ""
    if end - start >= 1 - 1e-9:
        return "M0-1A1 1 0 1 1 0 1A1 1 0 1 1 0-1Z"
    (a, b), (c, d) = ((math.sin(2 * math.pi * s), -math.cos(2 * math.pi * s)) for s in (start, end))
    large = int(end - start > 0.5)
    return f"M0 0L{a:.4f} {b:.4f}A1 1 0 {large} 1 {c:.4f} {d:.4f}Z"


def _compact(value: float) -> str:
    """A count that has room in a box."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{value / (1e3 if letter == 'k' else size):.3g}{letter}"
    return number(round(value))


def _short(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _several(replicates: int) -> str:
    return f"mean of {replicates} replicates" if replicates > 1 else ""


def _said(lineage: Lineage, found: Sequence[Band]) -> str:
    """The picture in words, for those who do not see it."""
    outside = sum(group.records for group in lineage.groups if group.model is None)
    bands_said = "; ".join(f"{band.policy}: generations 1 to {band.last}" for band in found)
    return f"{plural(outside, 'record')} that no model of the vault wrote. {bands_said}"


def lineage_svg(lineage: Lineage) -> str:
    """Return the picture as a file of its own, in light and dark.

    Examples
    --------
    >>> from outcross.vault.lineage import Lineage
    >>> lineage_svg(Lineage("cats", 1, (), (), ())).startswith("<svg")
    True
    """
    contents = {"picture": picture(lineage), "title": lineage.vault, "palette": palette, "alone": True, **_SIZES}
    return environment().get_template("lineage.svg").render(contents)


def lineage_page(lineage: Lineage) -> str:
    """Return the picture and its numbers as one page, which fetches nothing and runs nothing.

    Examples
    --------
    >>> from outcross.vault.lineage import Lineage
    >>> lineage_page(Lineage("cats", 1, (), (), ())).startswith("<!doctype html>")
    True
    """
    found = bands(lineage)
    contents: dict[str, Any] = {
        "lineage": lineage,
        "title": lineage.vault,
        "picture": picture(lineage),
        "bands": found,
        "generations": max((band.last for band in found), default=0),
        "outside": sum(group.records for group in lineage.groups if group.model is None),
        "written": sum(group.records for group in lineage.groups if group.model is not None),
        "palette": palette,
        "version": VERSION,
        "alone": False,
        **_SIZES,
    }
    return environment().get_template("lineage.html").render(contents)


_SIZES: Mapping[str, Any] = {"radius": RADIUS, "box": BOX, "widest": WIDEST}
