"""`outcross compare`: finished runs side by side, in one table and one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import outcross as oc
from outcross.cli import talk


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="[NAME=]DIR...", help="Folders of finished runs, named or not.")],
    out: Annotated[Path, typer.Option(help="Where to write the page.")] = Path("outcross-compare.html"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the means as JSON.")] = False,
) -> None:
    """Set finished runs beside each other: models, losses or data that one plan cannot vary, in one chart."""
    histories: dict[str, oc.History] = {}
    for given in runs:
        name, folder = _named(given)
        if name in histories:
            raise oc.BadSetting(f"two runs are called '{name}'; name them like NAME=DIR")
        histories[name] = oc.History.load(folder)
    found = oc.Beside(histories)
    page = found.report(out)
    if as_json:
        talk.print_json({"arms": found.arms, "summary": found.summary().to_dicts(), "page": str(page)})
    else:
        print_arms(found)
    talk.say(f"page: {talk.absolute(page)}")


def print_arms(found: oc.Beside) -> None:
    """Print the last generation of every metric by arm."""
    shown = [name for name in found.metrics if "histogram" not in name]
    rows = []
    for name, history in found.histories.items():
        for policy in history.policies:
            last = history.last(policy)
            rows.append([f"{name}: {policy}", str(last), *(str(history.measure(policy, m, last)) for m in shown)])
    talk.print_table(f"{len(found.histories)} runs, last generations", ["arm", "generation", *shown], rows)


def _named(given: str) -> tuple[str, Path]:
    """``NAME=DIR``, or a folder by its own name; a folder that is there may have a = in its name."""
    name, equals, folder = given.partition("=")
    if equals and not Path(given).is_dir():
        return name, Path(folder)
    return Path(given).resolve().name, Path(given)
