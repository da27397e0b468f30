"""`outcross behaviour`: how was each answer typed, by its log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import outcross as oc
from outcross.cli import talk


def behaviour(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="File of the log: CSV, Parquet, JSON or JSON lines.")],
    source: Annotated[
        str | None, typer.Option(help="What the answers were written from: a text file, or the name of a column.")
    ] = None,
    final: Annotated[str | None, typer.Option(help="Column of the text that was handed in.")] = None,
    format: Annotated[str | None, typer.Option(help="Format of the log; recognised by itself.")] = None,
    transcription: Annotated[
        Path | None, typer.Option(help="Saved model of transcription, for the answers that were typed.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the verdicts to this Parquet file.")] = None,
    events: Annotated[Path | None, typer.Option(help="Write the event table to this Parquet or .jsonl file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Say of each answer whether it was typed, pasted from the source or from elsewhere: of texts, not of persons."""
    _writable(out, log, ".parquet")
    _writable(events, log, ".parquet", ".jsonl")
    logs = oc.behaviour.read(log, format, source, final)
    judged = oc.behaviour.judge(logs)
    model = None if transcription is None else oc.behaviour.Transcription.load(transcription)
    transcribed = {} if model is None else oc.behaviour.transcribed(logs, judged, model)
    if events is not None:
        logs.save(events)
        talk.say(f"events: {talk.absolute(events)}")
    if out is not None:
        oc.behaviour.save(judged, out)
        talk.say(f"verdicts: {talk.absolute(out)}")
    if as_json:
        answers = [talk.plain(one) for one in judged]
        for place, probability in transcribed.items():
            answers[place]["transcribed"] = probability
        talk.print_json({"format": logs.format, "counts": oc.behaviour.counts(judged), "answers": answers})
        return
    print_verdicts(logs.format, judged, transcribed)
    if broken := sum(not one.whole for one in judged):
        talk.say(f"{broken} of {len(judged)} logs are incomplete; they are read as far as they go")


def _writable(path: Path | None, log: Path, *suffixes: str) -> None:
    """Refuse a name that says another format, and the log itself, which cannot be recorded again."""
    if path is None:
        return
    if path.suffix not in suffixes:
        raise oc.BadSetting(f"this table is written to a file that ends in {' or '.join(suffixes)}, not to '{path}'")
    if path.resolve() == log.resolve():
        raise oc.BadSetting(f"'{path}' is the log itself: name another file")


def print_verdicts(format: str, judged: tuple[oc.behaviour.Judged, ...], transcribed: dict[int, float]) -> None:
    """Print one row an answer, then how many there are of each verdict."""
    head = ["answer", "verdict", "characters", "typed", "source", "elsewhere", "tool", "unexplained", "because"]
    rows = []
    for place, one in enumerate(judged):
        shares = (one.typed, one.source, one.elsewhere, one.tool, one.unexplained)
        because = one.because
        if place in transcribed:
            because += f"; probability that it was transcribed: {transcribed[place]:.2f}"
        name = f"{one.response}/{one.field}" if one.field else one.response
        cells = ["" if share is None else f"{100 * share:.0f} %" for share in shares]
        rows.append([name, str(one.verdict), f"{one.characters:,}", *cells, because])
    talk.print_table(f"{len(judged)} answers, log of format {format}", head, rows)
    talk.print_table("", ["verdict", "answers"], [[name, f"{n:,}"] for name, n in oc.behaviour.counts(judged).items()])
