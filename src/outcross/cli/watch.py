"""`outcross watch`: what a corpus has lost since an earlier one, and whether it may pass."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import outcross as oc
from outcross.cli import columns, talk


def watch(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[OLD] NEW [MORE]...",
            help="Snapshots, or corpora (a file, a folder, a vault; human=PATH or synthetic=PATH), oldest first.",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="VAULT", help="Compare with a vault: its stored snapshot, or its human records."),
    ] = None,
    thresholds: Annotated[
        Path | None, typer.Option(metavar="FILE", help="When to warn and when to fail, in TOML.")
    ] = None,
    show: Annotated[bool, typer.Option("--show-thresholds", help="Print the thresholds as a file, and stop.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page.")] = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write Markdown, for a summary of a job.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write JUnit XML, one test case a gate.")] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the newest snapshot, to compare with the next time.")
    ] = None,
    field: columns.Field = None,
    excerpts: Annotated[
        bool, typer.Option("--excerpts/--no-excerpts", help="Keep the beginnings of some texts, for people to read.")
    ] = True,
    level: Annotated[float, typer.Option(help="Confidence level of all intervals together.")] = 0.95,
    engine: Annotated[str, typer.Option(help="Who reads: processes, serial, ray.")] = "processes",
    as_json: columns.AsJson = False,
) -> None:
    """Compare snapshots of a corpus. Exit 0 if the newest may pass, 1 if a gate failed, 3 if it could not be told."""
    if show:
        print(oc.Watch.asks(thresholds).toml(), end="")
        return
    with talk.steps("snapshots"):
        found = oc.watch(
            *(sources or ()),
            against=against,
            thresholds=thresholds,
            fields=columns.fields(field),
            engine=engine,
            level=level,
            excerpts=excerpts,
        )
    for name, one in zip(found.names, found.snapshots, strict=True):
        if one.rejected:
            kinds = ", ".join(f"{count:,} as {kind}" for kind, count in one.rejected)
            talk.say(f"{name}: {talk.count(sum(dict(one.rejected).values()), 'record')} could not be read ({kinds})")
    for file, content in ((markdown, found.markdown), (junit, found.junit)):
        if file is not None:
            oc.write_atomically(file, content().encode())
    if html is not None:
        talk.say(f"page: {talk.absolute(found.page(html))}")
    if save is not None:
        talk.say(f"snapshot: {found.save_snapshot(save)}")
    if as_json:
        talk.print_json(found.to_dict())
    else:
        _print(found)
    raise typer.Exit(found.exit_code)


def _print(found: oc.Watch) -> None:
    print(found.sentence)
    rows = [[gate.answer, gate.metric, gate.sentence] for gate in found.told]
    talk.print_table("gates", ["answer", "metric", "found"], rows)
    changes = [[one.metric, _shown(one.old), _shown(one.new), _shown(one.change), one.scale] for one in found.changes]
    talk.print_table("changes", ["metric", found.names[0], found.names[-1], "change", ""], changes)
    if len(found.against_first) > 1:
        steps = zip(found.against_first, found.steps, strict=True)
        rows = [[one.new, one.answer, step.answer] for one, step in steps]
        talk.print_table("series", ["snapshot", "against the first", "against the one before"], rows)


def _shown(measure: oc.Measure) -> str:
    return str(measure) if measure.value is not None else f"could not tell: {measure.reason}"
