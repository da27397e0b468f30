"""`outcross report`: the page and the charts of a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import outcross as oc
from outcross.cli import talk


def report(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished run.")],
    to: Annotated[Path | None, typer.Option(help="Where to write the page; DIR/index.html if left out.")] = None,
    charts: Annotated[Path | None, typer.Option(help="Also write every chart as SVG and PNG into this folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the paths as JSON.")] = False,
) -> None:
    """Write the page of a finished run again, and its charts as files."""
    history = oc.History.load(directory)
    page = history.report(to or directory / "index.html")
    files = [] if charts is None else history.charts(charts)
    if as_json:
        talk.print_json({"page": str(page), "charts": [str(file) for file in files]})
    else:
        print(page, *files, sep="\n")
