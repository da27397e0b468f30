"""`outcross forecast`: how long a practice can go on with this corpus, and what would keep its tail."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import outcross as oc
from outcross.cli import columns, talk


def forecast(
    corpus: Annotated[
        str,
        typer.Argument(metavar="CORPUS", help="A file, a folder, a vault; human=PATH or synthetic=PATH."),
    ],
    policy: Annotated[
        str | None,
        typer.Option(help="How training sets are made: replace (the default), accumulate, anchor(real=0.3)."),
    ] = None,
    synthetic_share: Annotated[
        float | None, typer.Option(help="Share of every training set that is synthetic, in place of a policy.")
    ] = None,
    generations: Annotated[int, typer.Option(help="How many models are trained, one after another.")] = 10,
    keep: Annotated[float, typer.Option(help="Share of the tail of rare words that is to be kept.")] = 0.95,
    model: Annotated[str, typer.Option(help="Model that is run on a sample of the corpus.")] = "ngram(order=3)",
    group: Annotated[str | None, typer.Option(help="Column of groups, whose shares are forecast too.")] = None,
    field: columns.Field = None,
    inverse: Annotated[
        bool, typer.Option("--inverse/--no-inverse", help="Search for what would keep the tail.")
    ] = True,
    level: Annotated[float, typer.Option(help="Confidence level of the intervals.")] = 0.95,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page.")] = None,
    seed: columns.Seed = 0,
    as_json: columns.AsJson = False,
) -> None:
    """Forecast what is left of a corpus after generations of models that learn from one another."""
    with talk.steps("forecast"):
        found = oc.forecast(
            corpus,
            policy=policy,
            synthetic_share=synthetic_share,
            generations=generations,
            keep=keep,
            model=model,
            group=group,
            fields=columns.fields(field),
            inverse=inverse,
            level=level,
            seed=seed,
        )
    if html is not None:
        talk.say(f"page: {talk.absolute(found.page(html))}")
    if as_json:
        talk.print_json(found.to_dict())
    else:
        _show(found)


def _show(found: oc.Forecast) -> None:
    print(f"{found.corpus}: {talk.count(found.documents, 'document')}, {talk.count(found.words, 'word')}")
    wanted = sorted({1, 2, 5, 10, found.generations[-1]} & set(found.generations))
    rows = [[name, *(talk.share(row[t]) for t in wanted)] for name, row in found.left.items()]
    talk.print_table(f"left under {found.policy}", ["", *(f"generation {t}" for t in wanted)], rows)
    if found.least_human.value is not None:
        kept = f"{100 * found.keep:g} % of the tail at generation {found.generations[-1]}"
        print(f"{kept} is kept by {talk.share(found.least_human)} human records in every training set,")
        print(f"or by {_records(found.fresh_records)} new human records a generation")
    for note in found.notes:
        print(f"note: {note}")


def _records(measure: oc.Measure) -> str:
    if measure.value is None or measure.low is None or measure.high is None:
        return "an unknown number of"
    return f"{measure.value:,.0f} [{measure.low:,.0f}, {measure.high:,.0f}]"
