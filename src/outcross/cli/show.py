"""`outcross show`: everything about one part."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

import outcross as oc
from outcross.cli import talk


def show(
    part: Annotated[str, typer.Argument(metavar="PART", help="Name or words of a part, for example anchor.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show what a part does, its settings, its definition and its source."""
    name = part.partition("(")[0].strip()
    found = [describe(kind, cls) for kind in oc.SHELVES for known, cls in oc.parts(kind).items() if known == name]
    if not found:
        names = {known for kind in oc.SHELVES for known in oc.parts(kind)}
        raise oc.UnknownPart(f"no part is called '{name}'{oc.nearest(name, names)}")
    if as_json:
        talk.print_json(found)
        return
    for one in found:
        print(f"{one['kind']} {one['name']}, for example {one['example']}\n")
        print(one["about"])
        for fact in ("definition", "unit", "collapse", "source", "stage"):
            if one.get(fact):
                print(f"\n{fact.capitalize()}: {one[fact]}")
        print()


def describe(kind: str, part: type[oc.Part]) -> dict[str, Any]:
    """Return what is known of a part: its description, settings and class attributes."""
    facts = {name: getattr(part, name, None) for name in ("title", "definition", "unit", "collapse", "source", "stage")}
    settings = [
        {"name": s.name, "is": s.describe(), "default": None if s.required else s.default, "required": s.required}
        for s in oc.settings_of(part)
    ]
    return {
        "kind": kind,
        "name": oc.part_name(part),
        "example": oc.example(part),
        "about": inspect.getdoc(part) or "",
        "settings": settings,
        **{name: fact for name, fact in facts.items() if isinstance(fact, str)},
    }
