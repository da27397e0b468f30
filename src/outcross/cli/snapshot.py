"""`outcross snapshot`: what is kept of a corpus, so that it can be compared with later without being read again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import outcross as oc
from outcross.cli import columns, talk

SUFFIX = ".snapshot"


def snapshot(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Files, folders, vaults; human=PATH or synthetic=PATH. Stored snapshots are merged.",
        ),
    ],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to keep it; only shown without.")] = None,
    field: columns.Field = None,
    excerpts: Annotated[
        bool, typer.Option("--excerpts/--no-excerpts", help="Keep the beginnings of some texts, for people to read.")
    ] = True,
    engine: Annotated[str, typer.Option(help="Who reads: processes, serial, ray.")] = "processes",
    as_json: columns.AsJson = False,
) -> None:
    """Make a snapshot of a corpus: a few megabytes at most, whatever its size."""
    stored = [one for one in sources if one.endswith(SUFFIX)]
    taken = [oc.Snapshot.load(one) for one in stored]
    corpora = [one for one in sources if one not in stored]
    if corpora:
        with talk.steps("read"):
            taken.append(oc.snapshot(corpora, fields=columns.fields(field), engine=engine, excerpts=excerpts))
    found = taken[0].merge(*taken[1:])
    if out is not None:
        found.save(out)
        talk.say(f"snapshot: {out}")
    if as_json:
        talk.print_json(found.to_dict())
        return
    rejected = sum(dict(found.rejected).values())
    print(f"{talk.count(found.documents, 'document')}, {talk.count(found.word_count, 'word')}; SHA-256 {found.digest}")
    if rejected:
        print(f"{talk.count(rejected, 'record')} could not be read: {', '.join(kind for kind, _ in found.rejected)}")
    talk.print_table("", ["metric", "value"], [[name, str(one)] for name, one in found.measures().items()])
