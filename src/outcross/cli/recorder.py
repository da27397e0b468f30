"""`outcross recorder`: the script that records how answers are written, and an example page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import outcross as oc
from outcross.cli import talk


def recorder(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write the two files to.")] = Path("recorder"),
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write a script for a task page that records how answers are written, and an example page that includes it."""
    written = oc.recorder.save(out)
    if as_json:
        talk.print_json({path.name: str(path) for path in written})
    else:
        for path in written:
            print(path)
    talk.say(f"example: {talk.absolute(written[-1])}")
