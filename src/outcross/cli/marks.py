"""`outcross marks`: declared marks of machine origin in raw text, found before anything cleans it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import outcross as oc
from outcross.cli import columns, talk


def marks(
    data: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Tables of texts, HTML or other text, folders.")
    ],
    text: columns.Text = "text",
    out: Annotated[Path | None, typer.Option(help="Write every mark: .jsonl, .parquet or .csv.")] = None,
    strip: Annotated[
        Path | None, typer.Option(help="Write the records without their marks, which a column keeps: .jsonl, ...")
    ] = None,
    as_json: columns.AsJson = False,
) -> None:
    """Find marks by which texts declare what made them: C2PA, source types, disclosures, invisible codes."""
    with talk.steps("marks"):
        found = oc.marks.survey(data, text, out, strip)
    if as_json:
        talk.print_json(found.to_dict())
        return
    print(f"{found.marked:,} of {found.records:,} records have a mark")
    if found.kinds:
        rows = []
        for kind, count in found.kinds.items():
            place, mark = found.examples[kind]
            rows.append([kind, f"{count:,}", f"{mark.confidence:g}", place, _short(mark.detail)])
        talk.print_table("", ["kind", "records", "confidence", "for example", "which is"], rows)
    if found.says:
        declared = [[_short(says), f"{count:,}"] for says, count in list(found.says.items())[:20]]
        talk.print_table("", ["declared", "records"], declared)
    if found.origins:
        origins = ", ".join(f"{count:,} {origin}" for origin, count in found.origins.items())
        print(f"origin by these marks: {origins}. A mark is what somebody declared; no signature was verified.")
    if found.damaged:
        print(f"{found.damaged:,} records have a mark that is cut off or cannot be read")
    for path in (out, strip):
        if path is not None:
            talk.say(f"written: {path}")


def _short(sentence: str) -> str:
    legible = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in sentence)
    return legible if len(legible) <= 160 else f"{legible[:157]}..."
