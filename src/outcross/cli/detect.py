"""`outcross detect`: train a detector on texts of known origin, score texts with it, judge it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import outcross as oc
from outcross.cli import columns, talk

detect = typer.Typer(help="Is this text synthetic? Train a detector, score texts, judge the detector.")

Detector = Annotated[Path, typer.Argument(metavar="DETECTOR", help="File of a trained detector (.npz).")]


@detect.command("train")
def train(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Texts of known origin: JSON lines, CSV, Parquet.")],
    text: columns.Text = "text",
    label: columns.Label = "label",
    group: columns.Group = None,
    source: columns.Source = None,
    domain: columns.Domain = None,
    generator: columns.Generator = None,
    detector: Annotated[str, typer.Option(help="Words of a detector: outcross list detectors.")] = "ngram_linear",
    alpha: Annotated[
        float, typer.Option(help="Bound on the share of human texts that may be called synthetic.")
    ] = 0.05,
    folds: Annotated[int, typer.Option(help="Folds that error rates are found on.")] = 5,
    out: Annotated[Path, typer.Option(help="Where to write the detector: .npz.")] = Path("detector.npz"),
    seed: columns.Seed = 0,
    as_json: columns.AsJson = False,
) -> None:
    """Train a detector, calibrate it, set its thresholds, and see whether a shortcut explains it."""
    if out.suffix != ".npz" or out.is_dir():  # said before the work, and no table of texts is written over by mistake
        raise oc.BadSetting(f"a detector is written to a file that ends in .npz, not to '{out}'")
    found = oc.read_documents(data, oc.Columns(text, label, group, source, domain, generator))
    known = found.labelled()
    with talk.steps("train"):
        trained = oc.detect.train(
            known.documents,
            known.synthetic,
            groups=None if group is None else known.groups,
            domains=known.domains,
            generators=found.generators,
            detector=detector,
            alpha=alpha,
            folds=folds,
            seed=seed,
        )
    path = trained.save(out)
    if as_json:
        talk.print_json({"detector": str(path), "words": str(trained.detector), **_told(trained)})
        return
    for line in trained.audit.lines():
        print(line)
    _print(trained.evaluation, f"{trained.detector}: on texts that were held out")
    rows = [
        [one.name, "none" if one.synthetic is None else f"{one.synthetic:.4g}", talk.share(one.false_positives)]
        for one in trained.thresholds.held
    ]
    talk.print_table(
        f"thresholds: at most {alpha:.0%} of human texts called synthetic", ["for", "from", "human texts above"], rows
    )
    for note in trained.record.notes:
        print(f"note: {note}")
    talk.say(f"written: {path}")


@detect.command("score")
def score(
    detector: Detector,
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Texts: JSON lines, CSV, Parquet, a folder.")],
    text: columns.Text = "text",
    group: columns.Group = None,
    source: columns.Source = None,
    domain: columns.Domain = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the rows with the answers beside them: .parquet, .jsonl or .csv.")
    ] = None,
    as_json: columns.AsJson = False,
) -> None:
    """Say of each text whether it is synthetic, human, or that it cannot be told."""
    trained = oc.detect.load(detector)
    chosen = oc.Columns(text=text, group=group, source=source, domain=domain)
    with talk.steps("score"):
        tally = oc.detect.score_table(trained, data, chosen, out)
    if as_json:
        talk.print_json({"headline": trained.audit.headline, "out": out, **talk.plain(tally)})
        return
    print(trained.audit.headline)
    total = max(1, tally.texts)
    rows = [[answer, f"{count:,}", f"{count / total:.1%}"] for answer, count in sorted(tally.answers.items())]
    talk.print_table(f"{data.name}: {tally.texts:,} texts", ["answer", "texts", "share"], rows)
    for reason, count in list(tally.reasons.items())[:5]:
        print(f"cannot tell, {count:,} times: {reason}")
    print("This counts answers; for the share of synthetic texts see `outcross prevalence`.")
    if out is not None:
        talk.say(f"written: {out}")


@detect.command("evaluate")
def evaluate(
    detector: Detector,
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Texts of known origin that were not trained on.")],
    text: columns.Text = "text",
    label: columns.Label = "label",
    group: columns.Group = None,
    source: columns.Source = None,
    domain: columns.Domain = None,
    generator: columns.Generator = None,
    as_json: columns.AsJson = False,
) -> None:
    """Judge a trained detector on texts of known origin: by domain, generator and length."""
    trained = oc.detect.load(detector)
    found = oc.read_documents(data, oc.Columns(text, label, group, source, domain, generator))
    known = found.labelled()
    with talk.steps("score"):
        judged = oc.detect.evaluate(
            trained,
            known.documents,
            known.synthetic,
            groups=None if group is None else known.groups,
            domains=known.domains,
            generators=found.generators,
        )
    if as_json:
        talk.print_json(judged)
        return
    print(judged.headline)
    _print(judged, f"{trained.detector} on {data.name}")


def _told(trained: oc.detect.TrainedDetector) -> dict[str, object]:
    return {
        "audit": trained.audit.lines(),
        "evaluation": trained.evaluation,
        "thresholds": trained.thresholds,
        "record": trained.record,
    }


def _print(found: oc.detect.Evaluation, title: str) -> None:
    head = [
        "texts",
        "human",
        "synthetic",
        "AUC",
        "accuracy",
        "macro-F1",
        "true positives",
        "false positives",
        "no answer",
    ]
    rows = [
        [
            part.where or "all",
            f"{part.human:,}",
            f"{part.synthetic:,}",
            str(part.auc) if part.auc.value is not None else "cannot tell",
            talk.share(part.accuracy),
            talk.share(part.macro_f1),
            talk.share(part.true_positives),
            talk.share(part.false_positives),
            talk.share(part.abstained),
        ]
        for part in found.parts
    ]
    talk.print_table(title, head, rows)
