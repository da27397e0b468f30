"""`outcross check`: what of a corpus is synthetic, what is lost, how long it can go on, what to train on instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, final

import typer

import outcross as oc
from outcross.cli import columns, talk

PAGE = Path("outcross-check.html")
SHOWN = 6
"""Words, and groups, that are printed; the page has more."""
UNKNOWN = "unknown"


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
        typer.Option(
            metavar="VAULT",
            help="A vault: its records are references, and what it knows to be by a machine is recognised.",
        ),
    ] = None,
    field: columns.Field = None,
    practice: Annotated[
        str | None,
        typer.Option(
            metavar="POLICY",
            help="How the next training sets are made, as replace; else with as many human records as this corpus.",
        ),
    ] = None,
    generations: Annotated[int, typer.Option(help="How many models to look ahead, one trained after another.")] = 10,
    keep: Annotated[float, typer.Option(help="Share of the tail of rare words that the mix is to keep.")] = 0.95,
    budget: Annotated[
        int | None, typer.Option(help="Records of the mix, at most; else as many as the corpus has.")
    ] = None,
    detector: Annotated[str, typer.Option(help="Detector that is fitted to the references.")] = "ngram_linear",
    level: Annotated[float, typer.Option(help="Confidence level of the share's interval.")] = 0.98,
    html: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the page.")] = PAGE,
    page: Annotated[bool, typer.Option("--page/--no-page", help="Write the page.")] = True,
    engine: Annotated[str, typer.Option(help="Who reads: processes, serial, ray.")] = "processes",
    seed: columns.Seed = 0,
    as_json: columns.AsJson = False,
) -> None:
    """Check a corpus, on one page. Exit 3 where it cannot be told how much of it is synthetic."""
    with talk.progress_bar("steps of the check") as advance, oc.listening(_Steps(advance)):
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
    written = found.page(html) if page else None  # first: where it cannot be written, nothing is told by halves
    if as_json:
        talk.print_json(found.to_dict())
    else:
        _show(found)
    if written is not None:
        talk.say(f"the page is {talk.absolute(written)}")
    if found.prevalence.value is None:
        raise typer.Exit(3)


@final
class _Steps:
    """Counts the steps of the check, and nothing that is counted within one."""

    def __init__(self, advance: Callable[[int, int], None]) -> None:
        self._advance = advance

    def __call__(self, what: str, done: int, total: int) -> None:
        if what == "check":
            self._advance(done, total)


def _show(found: oc.Checkup) -> None:
    for sentence in found.answer:
        print(sentence)
    print()
    declared = [[f"said to be {origin}", f"{count:,}"] for origin, count in found.declared.items() if origin != UNKNOWN]
    declared.append(["of which nothing is said", f"{found.declared.get(UNKNOWN, 0):,}"])
    declared.append(["with a mark of their origin", f"{found.marks.marked:,}"])
    declared.append(["copies of another one", f"{found.corpus.copies:,}"])
    talk.print_table("what the corpus says of itself", ["", "documents"], declared, numbers=("documents",))
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
        [one.called, *map(str, (one.old, one.new, one.change)), "surely worse" if one.surely_worse else ""]
        for one in sorted(found.changes, key=lambda one: not one.surely_worse)
        if one.change.value is not None
    ]
    if rows:
        print()
        head = ["", "reference", "corpus", "ratio or difference", ""]
        talk.print_table("against the human reference, in samples of one size", head, rows)
    for kind in ("lost word", "gained word"):
        words = [one.text for one in found.examples if one.kind == kind][:SHOWN]
        if words:
            print(f"{kind}s: {', '.join(words)}")


def _show_forecast(ahead: oc.Forecast) -> None:
    last = ahead.generations[-1]
    groups = sorted((name for name in ahead.left if "@" in name), key=lambda name: ahead.left[name][-1].low or 0.0)
    shown = [name for name in ahead.left if "@" not in name] + groups[:SHOWN]
    rows = [[ahead.called[name], talk.share(ahead.left[name][-1])] for name in shown]
    if len(groups) > SHOWN:
        rows.append([f"{len(groups) - SHOWN} groups that may lose less", ""])
    print()
    talk.print_table(f"after {talk.count(last, 'generation')} of {ahead.policy}", ["", "left"], rows)
    kept = f"{100 * ahead.keep:g} % of what human records alone leave of the tail"
    print(f"for {kept}, this much of every training set must be human: {talk.share(ahead.least_human)}")
