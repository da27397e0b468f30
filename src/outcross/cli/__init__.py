"""The command line: the first user of the Python face. One command a file."""

from __future__ import annotations

import sys

import typer

import outcross as oc
from outcross.cli.attribute import attribute
from outcross.cli.behaviour import behaviour
from outcross.cli.check import check
from outcross.cli.compare import compare
from outcross.cli.detect import detect
from outcross.cli.forecast import forecast
from outcross.cli.label import label
from outcross.cli.list import list_parts
from outcross.cli.marks import marks
from outcross.cli.measure import measure
from outcross.cli.mix import mix
from outcross.cli.prevalence import prevalence
from outcross.cli.recorder import recorder
from outcross.cli.report import report
from outcross.cli.reproduce import reproduce
from outcross.cli.run import run
from outcross.cli.show import show
from outcross.cli.snapshot import snapshot
from outcross.cli.study import study
from outcross.cli.vault import vault
from outcross.cli.watch import watch

app = typer.Typer(
    name="outcross",
    help="Keep generative models from collapsing on their own output.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("run")(run)
app.command("check")(check)
app.command("attribute")(attribute)
app.command("report")(report)
app.command("reproduce")(reproduce)
app.command("compare")(compare)
app.command("measure")(measure)
app.add_typer(detect, name="detect", no_args_is_help=True)
app.command("prevalence")(prevalence)
app.command("behaviour")(behaviour)
app.command("study")(study)
app.command("recorder")(recorder)
app.add_typer(vault, name="vault", no_args_is_help=True)
app.command("label")(label)
app.command("marks")(marks)
app.command("snapshot")(snapshot)
app.command("mix")(mix)
app.command("watch")(watch)
app.command("forecast")(forecast)
app.command("list")(list_parts)
app.command("show")(show)


def _version(wanted: bool) -> None:
    if wanted:
        print(oc.__version__)
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Keep generative models from collapsing on their own output."""


def main() -> None:
    """Run the command line: the result on stdout, talk on stderr, one clear line on misuse (exit 2).

    What a vault holds and is not what was signed, or a mix that cannot be made, is a gate that failed: exit 1.
    """
    try:
        app()
    except (oc.NotProven, oc.Shortage) as error:
        print(f"outcross: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except oc.OutcrossError as error:
        print(f"outcross: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except MemoryError:
        print("outcross: this does not fit into memory; ask for fewer records or replicates", file=sys.stderr)
        raise SystemExit(2) from None
    except BrokenPipeError:  # whoever read stdout has gone
        sys.stderr.close()
        raise SystemExit(1) from None
    except OSError as error:
        print(f"outcross: {error}", file=sys.stderr)
        raise SystemExit(2) from None
