"""`outcross list`: what is on a shelf."""

from __future__ import annotations

from typing import Annotated

import typer

import outcross as oc
from outcross.cli import talk


def list_parts(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="models, policies, metrics, populations, ...")],
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the parts of a kind."""
    singular = next((one for one, shelf in oc.SHELVES.items() if kind in (one, shelf)), kind)
    if singular not in oc.SHELVES:
        raise oc.UnknownPart(f"no kind of part is called '{kind}'{oc.nearest(kind, oc.SHELVES.values())}")
    found = [(name, oc.example(part), question(part)) for name, part in oc.parts(singular).items()]
    if as_json:
        talk.print_json([dict(zip(("name", "example", "about"), row, strict=True)) for row in found])
    else:
        talk.print_table("", [singular, "written", "about"], found)


def question(part: type[oc.Part]) -> str:
    """Return the first line of a part's description."""
    return (part.__doc__ or "").strip().partition("\n")[0]
