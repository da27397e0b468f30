"""`outcross check`: what of a corpus is synthetic, what is lost, how long it can go on, what to train on instead."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import outcross as oc
from outcross.cli import columns, talk

PAGE = Path("outcross-check.html")
SHOWN = 6
"""Words, and passages of a kind, that are printed; the page has more."""


def check(
    corpus: Annotated[
        str, typer.Argument(metavar="CORPUS", help="A file, a folder, or a vault: a path or vault:ADDRESS.")
    ],
    human: Annotated[
        str | None, typer.Option(metavar="REFERENCE", help="Texts of the corpus' kind that people wrote.")
    ] = None,
    synthetic: Annotated[
        str | None, typer.Option(metavar="REFERENCE", help="Texts of the corpus' kind that models wrote.")
    ] = None,
    vault: Annotated[
        str | None,
        typer.Option(metavar="VAULT", help="Whose records are references, and whose outputs are recognised."),
    ] = None,
    field: columns.Field = None,
    practice: Annotated[
        str | None,
        typer.Option(metavar="POLICY", help="How the next corpora will be made; else with as many human records."),
    ] = None,
    generations: Annotated[int, typer.Option(help="How far to look ahead.")] = 10,
    keep: Annotated[float, typer.Option(help="What share of the tail the mix is to keep.")] = 0.95,
    budget: Annotated[
        int | None, typer.Option(help="Records of the mix, at most; else as many as the corpus has.")
    ] = None,
    detector: Annotated[str, typer.Option(help="Words of a detector, fitted to the references.")] = "ngram_linear",
    level: Annotated[float, typer.Option(help="Confidence level of the share's interval.")] = 0.98,
    html: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the page.")] = PAGE,
    page: Annotated[bool, typer.Option("--page/--no-page", help="Write the page.")] = True,
    engine: Annotated[str, typer.Option(help="Who reads: processes, serial, ray.")] = "processes",
    seed: columns.Seed = 0,
    as_json: columns.AsJson = False,
) -> None:
    """Check a corpus, on one page. Exit 3 where it cannot be told how much of it is synthetic."""
    with talk.steps("check"):
        found = oc.check(
            corpus,
            human=human,
            synthetic=synthetic,
            vault=vault,
            fields=columns.fields(field),
            practice=practice,
            generations=generations,
            keep=keep,
            budget=budget,
            detector=detector,
            level=level,
            seed=seed,
            engine=engine,
        )
    if as_json:
        talk.print_json(found.to_dict())
    else:
        _show(found)
    if page:
        talk.say(f"the page is {talk.absolute(found.page(html))}")
    if found.prevalence.value is None:
        raise typer.Exit(3)


def _show(found: oc.Checkup) -> None:
    for sentence in found.answer:
        print(sentence)
    print()
    declared = [[origin, f"{count:,}"] for origin, count in found.declared.items()]
    declared.append(["marked", f"{found.marks.marked:,}"])
    declared.append(["copies", f"{found.corpus.copies:,}"])
    talk.print_table("declared", ["", "documents"], declared, numbers=("documents",))
    checks = [[one.name, "passed" if one.passed else "FAILED", one.sentence] for one in found.prevalence.diagnostics]
    if checks:
        talk.print_table("what supports the share", ["check", "", "what was seen"], checks)
    for line in found.shortcuts[:1]:
        print(line)
    _show_changes(found)
    if found.forecast is not None:
        _show_forecast(found.forecast)
    if found.command is not None:
        print(f"\nthe mix to train on instead:\n  {found.command}")
    if found.untold:
        print()
        talk.print_table("not told", ["what", "what it needs"], [list(one) for one in found.untold])


def _show_changes(found: oc.Checkup) -> None:
    rows = [
        [one.metric, str(one.old), str(one.new), str(one.change), "worse" if one.surely_worse else ""]
        for one in found.changes
        if one.change.value is not None
    ]
    if rows:
        talk.print_table("against the human reference", ["number", "reference", "corpus", "change", ""], rows)
    for kind in ("lost word", "gained word"):
        words = [one.text for one in found.examples if one.kind == kind][:SHOWN]
        if words:
            print(f"{kind}s: {', '.join(words)}")


def _show_forecast(ahead: oc.Forecast) -> None:
    last = ahead.generations[-1]
    rows = [[name, talk.share(row[-1])] for name, row in ahead.left.items()]
    rows.append(["least human share", talk.share(ahead.least_human)])
    talk.print_table(f"after {talk.count(last, 'generation')} of {ahead.policy}", ["", "left"], rows)
