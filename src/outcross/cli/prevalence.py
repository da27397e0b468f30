"""`outcross prevalence`: what share of a corpus is synthetic, with its interval, or "cannot tell"."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

import outcross as oc
from outcross.cli import columns, talk

MOST = 50_000
"""Texts of a target, at most: a random sample of so many knows the share to half a point."""


def prevalence(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="The corpus: JSON lines, CSV, Parquet, a folder.")],
    human: Annotated[Path | None, typer.Option(help="Human texts of the target's kind.")] = None,
    synthetic: Annotated[Path | None, typer.Option(help="Synthetic texts of the target's kind.")] = None,
    references: Annotated[Path | None, typer.Option(help="Both in one table; needs --label.")] = None,
    labelled: Annotated[
        Path | None, typer.Option(help="A random sample of the target whose origin was found out; needs --label.")
    ] = None,
    text: columns.Text = "text",
    label: columns.Label = None,
    group: columns.Group = None,
    source: columns.Source = None,
    detector: Annotated[
        str, typer.Option(help="Words of a detector, fitted to the references; or the file of a trained one.")
    ] = "ngram_linear",
    method: Annotated[str | None, typer.Option(help="Words of a quantifier; the best one by default.")] = None,
    level: Annotated[float, typer.Option(help="Confidence level of the interval.")] = 0.95,
    draws: Annotated[int, typer.Option(help="Draws of the bootstrap.")] = 1000,
    population: Annotated[
        bool, typer.Option("--population", help="The interval is for what the corpus was drawn from, not for itself.")
    ] = False,
    at_most: Annotated[int, typer.Option(help="Look at a random sample of so many texts of a larger target.")] = MOST,
    seed: columns.Seed = 0,
    as_json: columns.AsJson = False,
) -> None:
    """Estimate what share of a corpus is synthetic. Exit 3 where it cannot be told."""
    if (human is None) != (synthetic is None) or None not in (human, references):
        raise oc.BadSetting("--human and --synthetic are given together, or --references in place of the two")
    chosen = oc.Columns(text=text, group=group, source=source)
    known = oc.Columns(text=text, label=label, group=group, source=source)
    found, total = oc.sample_documents(target, _of_target(target, chosen), at_most, oc.Seed(seed).child("sample"))
    given: dict[str, Any] = {}
    if human is not None and synthetic is not None:
        given["references"] = _both(oc.read_documents(human, chosen), oc.read_documents(synthetic, chosen))
    if references is not None:
        given["references"] = oc.read_documents(references, known).labelled()
    if labelled is not None:
        given["labelled"] = oc.read_documents(labelled, _of_target(labelled, known)).labelled()
    scorer = oc.detect.load(detector) if _is_file(detector) else detector
    if total > found.documents.size:
        talk.say(f"a random sample of {found.documents.size:,} of {total:,} texts is looked at")
    with talk.steps("prevalence"):
        answer = oc.prevalence(
            found.documents,
            detector=scorer,
            method=method,
            groups=found.groups,
            population=population or total > found.documents.size,
            level=level,
            draws=draws,
            seed=seed,
            **given,
        )
    if as_json:
        talk.print_json({"target": str(target), "texts": total, "empty": found.empty, **answer.to_dict()})
    else:
        _show(answer, found.name)
    if answer.value is None:
        raise typer.Exit(3)


def _of_target(path: Path, wanted: oc.Columns) -> oc.Columns:
    """A target often has no groups of its own; then each of its texts stands for itself."""
    try:
        next(oc.stream_documents(path, wanted, limit=1), None)
    except oc.MissingInput as error:
        if wanted.group is None or wanted.beside is not None or f"'{wanted.group}'" not in str(error):
            raise
        talk.say(f"{path.name} has no column '{wanted.group}': each of its texts stands for itself")
        return replace(wanted, group=None)
    return wanted


def _both(human: oc.Found, synthetic: oc.Found) -> oc.Labelled:
    """Human and synthetic references as one table; without a column of groups every text is a group of its own."""
    if human.groups is None or synthetic.groups is None:
        return oc.Labelled.beside(human.documents, synthetic.documents)
    labels = [0] * human.documents.size + [1] * synthetic.documents.size
    return oc.Labelled.of(human.documents.join(synthetic.documents), labels, human.groups + synthetic.groups)


def _is_file(detector: str) -> bool:
    return detector.endswith(".npz")


def _show(answer: oc.Prevalence, name: str) -> None:
    percent = f"{answer.level:.0%}"
    if answer.value is None:
        print(f"{name}: {answer.reason}")
    else:
        print(f"{name}: {talk.share(answer)} of {answer.n:,} texts are synthetic ({percent} interval; {answer.method})")
    if answer.by_method:
        rows = [[words, talk.share(one), one.reason] for words, one in answer.by_method.items()]
        talk.print_table("by method, unchecked", ["method", f"share [{percent}]", "why not"], rows)
    if answer.diagnostics:
        rows = [[check.name, "passed" if check.passed else "FAILED", check.sentence] for check in answer.diagnostics]
        talk.print_table("checks", ["check", "", "what was seen"], rows)
    for line in answer.advice:
        print(f"next: {line}")
