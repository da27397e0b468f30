"""The options that say which column of a table is what; the same words in every command."""

from __future__ import annotations

from typing import Annotated

import typer

import outcross as oc

Text = Annotated[str, typer.Option("--text", help="Column of the texts.")]
Label = Annotated[
    str | None, typer.Option("--label", help="Column that says who wrote each text: human or synthetic (0 or 1).")
]
Group = Annotated[
    str | None,
    typer.Option("--group", help="Column of what must stay together: the prompt, the source document, the author."),
]
Source = Annotated[
    str | None,
    typer.Option(
        "--source", help="Column of what each text was written from; or FILE:COLUMN of a table with the same groups."
    ),
]
Domain = Annotated[
    str | None, typer.Option("--domain", help="Column of the kind of text; thresholds and error rates go by it.")
]
Generator = Annotated[
    str | None, typer.Option("--generator", help="Column that says which model wrote a synthetic text.")
]
Field = Annotated[
    list[str] | None,
    typer.Option(metavar="FIELD=COLUMN", help="Column that a field of a record is called by: text=body, origin=label."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same result.")]


def fields(given: list[str] | None) -> oc.Fields:
    """Return what `--field` says, given as often as there are fields.

    Examples
    --------
    >>> fields(["text=body"]).column("text")
    'body'
    """
    pairs = [one.partition("=") for one in given or []]
    for name, equals, column in pairs:
        if not (name and equals and column):
            raise oc.BadSetting(f"--field is written FIELD=COLUMN, not '{name}{equals}{column}'")
    return oc.Fields({name: column for name, _, column in pairs})
