"""`outcross study`: how many answers to a task were written by a model, by their text and by how they were typed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import outcross as oc
from outcross.cli import columns, talk


def study(
    logs: Annotated[Path, typer.Argument(metavar="LOGS", help="The answers with their logs.")],
    known: Annotated[Path, typer.Option(help="Answers to the same task whose origin is known.")],
    text: columns.Text = "text",
    label: columns.Label = "label",
    group: columns.Group = None,
    source: columns.Source = None,
    split: Annotated[
        list[str] | None,
        typer.Option(help="NAME=TRAIN,TEST, two tables of known answers to judge by; two random ones else."),
    ] = None,
    labelled: Annotated[
        Path | None, typer.Option(help="A random sample of the answers whose origin was found out; needs --label.")
    ] = None,
    log_format: Annotated[str | None, typer.Option("--format", help="Format of the logs; else recognised.")] = None,
    log_source: Annotated[
        str | None, typer.Option(help="Column or text file of what the answers were written from.")
    ] = None,
    log_final: Annotated[str | None, typer.Option(help="Column of the text that was handed in.")] = None,
    detector: Annotated[str, typer.Option(help="Words of the classifier.")] = "blend(of=[masked, ngram_linear])",
    level: Annotated[float, typer.Option(help="Confidence level of the intervals.")] = 0.95,
    draws: Annotated[int, typer.Option(help="Draws of the bootstrap.")] = 1000,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the page.")] = Path("outcross-study"),
    seed: columns.Seed = 0,
    as_json: columns.AsJson = False,
) -> None:
    """Study the answers to a task: what share is synthetic, how they were typed, what may be concluded."""
    chosen = oc.Columns(text=text, label=label, group=group, source=source)
    references = oc.read_documents(known, chosen).labelled()
    sample = None if labelled is None else oc.read_documents(labelled, oc.Columns(text=text, label=label)).labelled()
    splits = {name: _halves(pair, chosen) for name, _, pair in (one.partition("=") for one in split or [])}
    read = oc.behaviour.read(logs, log_format, log_source, log_final)
    with talk.steps("train"):
        found = oc.study(
            references,
            read,
            detector=detector,
            splits=splits or None,
            labelled=sample,
            level=level,
            draws=draws,
            seed=seed,
        )
    page = found.report(out)
    if as_json:
        talk.print_json({"page": str(page), **found.to_dict()})
    else:
        for sentence in found.sentences():
            print(sentence)
        head = ["how it was typed", *next(iter(found.table.values()))]
        rows = [[manner, *map(str, row.values())] for manner, row in found.table.items()]
        talk.print_table("how they were typed, and what their text says", head, rows)
    talk.say(f"page: {talk.absolute(page)}")


def _halves(pair: str, chosen: oc.Columns) -> tuple[oc.Labelled, oc.Labelled]:
    train, comma, test = pair.partition(",")
    if not comma:
        raise oc.BadSetting(f"a division is written NAME=TRAIN,TEST with two tables, not '{pair}'")
    one, other = (oc.read_documents(Path(path), chosen).labelled() for path in (train, test))
    return one, other
