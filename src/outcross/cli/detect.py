"""`outcross detect`: train a detector on texts of known origin, score texts with it, judge it."""

from __future__ import annotations

from collections.abc import Mapping
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
        Path | None,
        typer.Option(
            help="Write the rows with the answers beside them: .parquet, .jsonl or .csv; or a folder, shard by shard."
        ),
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option("--by", help="Into a folder: also sum up by this column. May be repeated.")
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="Into a folder: who does the work, processes (by default), serial or ray.")
    ] = None,
    shard: Annotated[str | None, typer.Option(help="Into a folder: do share i of N only (0/4 to 3/4).")] = None,
    as_json: columns.AsJson = False,
) -> None:
    """Say of each text whether it is synthetic, human, or that it cannot be told.

    Into a folder, files and folders of any size are scored in parts, lines that cannot be read are put aside and
    counted, and after a kill the same command goes on.
    """
    trained = oc.detect.load(detector)
    chosen = oc.Columns(text=text, group=group, source=source, domain=domain)
    if out is not None and (out.is_dir() or not out.suffix):
        share = None if shard is None else oc.WorkShare.of(shard)
        with talk.steps("score"):
            summary = oc.detect.score_corpus(
                trained, data, out, chosen, by or (), engine=engine or "processes", share=share
            )
        _summed(trained, data, out, summary, as_json)
        return
    if by or engine is not None or shard is not None:
        raise oc.BadSetting("--by, --engine and --shard are for work in parts: name a folder, --out answers")
    with talk.steps("score"):
        tally = oc.detect.score_table(trained, data, chosen, out)
    if as_json:
        talk.print_json({"headline": trained.audit.headline, "out": out, **talk.plain(tally)})
        return
    print(trained.audit.headline)
    _answered(data, tally.texts, tally.answers, tally.reasons)
    if out is not None:
        talk.say(f"written: {out}")


def _summed(
    trained: oc.detect.TrainedDetector, data: Path, out: Path, summary: oc.detect.ScoreSummary | None, as_json: bool
) -> None:
    """What was said of a corpus, in parts."""
    if summary is None:
        talk.say("this share is done; the summary comes with the last of them")
    if as_json:
        told = None if summary is None else summary.to_dict()
        talk.print_json({"headline": trained.audit.headline, "out": out, "summary": told})
        return
    if summary is None:
        return
    print(trained.audit.headline)
    _answered(data, summary.whole.texts, summary.whole.answers, summary.reasons)
    answers = sorted(summary.whole.answers)
    for column, held in summary.by.items():
        rows = [
            [name or "unknown", *(f"{one.answers.get(each, 0):,}" for each in answers)] for name, one in held.items()
        ]
        talk.print_table(f"by {column}", [column, *answers], rows)
    if summary.rejected:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in summary.rejected.items())
        print(f"not read, and put aside: {kinds} (in {out}/*.quarantine.jsonl)")
    talk.say(f"written: {out}")


def _answered(data: Path, texts: int, answers: Mapping[str, int], reasons: Mapping[str, int]) -> None:
    rows = [[answer, f"{count:,}", f"{count / max(1, texts):.1%}"] for answer, count in sorted(answers.items())]
    talk.print_table(f"{data.name}: {texts:,} texts", ["answer", "texts", "share"], rows)
    for reason, count in sorted(reasons.items(), key=lambda pair: -pair[1])[:5]:
        print(f"cannot tell, {count:,} times: {reason}")
    print("This counts answers; for the share of synthetic texts see `outcross prevalence`.")


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
