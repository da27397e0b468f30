"""`outcross measure`: other metrics of a finished run, from the texts that it kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import outcross as oc
from outcross.cli import talk
from outcross.cli.run import as_data, print_history


def measure(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished run of a neural model.")],
    metric: Annotated[list[str], typer.Option(help="Words of a metric of texts; repeat for several.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Measure more of a finished run, without fitting anything again; its history and its page are written anew."""
    history = oc.measure_again(directory, metric)
    history.save(directory)
    page = history.report(directory / "index.html")
    if as_json:
        talk.print_json(as_data(history, page))
    else:
        print_history(history)
    talk.say(f"page: {talk.absolute(page)}")
