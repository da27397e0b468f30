"""`outcross label`: stamp generated texts as they leave a model; find one's own outputs in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import outcross as oc
from outcross.cli import columns, talk


def label(
    data: Annotated[Path, typer.Argument(metavar="FILE", help="Texts: JSON lines, CSV, Parquet, text.")],
    generator: Annotated[str | None, typer.Option(help="Name of the model that wrote the texts.")] = None,
    generator_digest: Annotated[str | None, typer.Option(help="Digest of its weights.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write the rows: .parquet, .jsonl or .csv.")] = None,
    register: Annotated[
        Path | None, typer.Option(help="File of fingerprints of your own outputs: added to, or looked up in.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Find your own outputs in FILE; nothing is stamped.")] = False,
    text: columns.Text = "text",
    parents: Annotated[str | None, typer.Option(help="Column of the ids of what each text was derived from.")] = None,
    generation: Annotated[int | None, typer.Option(help="How many models deep; 1 by default.")] = None,
    edited: Annotated[bool, typer.Option("--edited", help="People have edited the texts: their origin is mixed.")] = (
        False
    ),
    license: Annotated[str | None, typer.Option(help="SPDX identifier of the licence.")] = None,
    as_json: columns.AsJson = False,
) -> None:
    """Say of generated texts who wrote them, and remember them; or find which texts are your own models'."""
    if check:
        for name, given in (("--generator", generator), ("--parents", parents), ("--license", license)):
            if given is not None:
                raise oc.BadSetting(f"{name} stamps texts, and --check stamps none: give one or the other")
        _check(data, register, text, out, as_json)
        return
    if generator is None or out is None:
        missing = "--generator NAME" if generator is None else "--out FILE"
        raise oc.BadSetting(f"label needs {missing}; or --check --register FILE, to find your own outputs")
    if out.resolve() == data.resolve():
        raise oc.BadSetting(f"--out '{out}' is the file that is read: name another one")
    stamp = oc.Stamp(
        generator=generator,
        generator_digest=generator_digest,
        generation=generation,
        license=license,
        edited=edited,
        register=None if register is None else oc.Register(register),
        text=text,
    )
    with talk.steps("label"):
        done = oc.label_table(data, out, stamp, parents)
    if as_json:
        talk.print_json({"out": out, "register": register, **talk.plain(done)})
        return
    origin = "mixed" if edited else "synthetic"
    print(f"{talk.count(done.texts, 'text')}: {origin}, by {generator}")
    if done.empty:
        print(f"rows without a text, and so without a label: {done.empty:,}")
    if register is None:
        talk.say("not registered: with --register FILE these texts would be recognised later")
    talk.say(f"written: {out}" + ("" if register is None else f"; registered: {register}"))


def _check(data: Path, register: Path | None, text: str, out: Path | None, as_json: bool) -> None:
    if register is None:
        raise oc.BadSetting("--check needs --register FILE: the fingerprints of your own outputs")
    with talk.steps("look up"):
        found = oc.own_outputs(data, oc.Register.load(register), text, out)
    for note in found.notes:
        talk.say(f"note: {note}")
    if as_json:
        talk.print_json({**talk.plain(found), "share": found.share, "out": out})
        return
    print(
        f"{found.own:,} of {talk.count(found.texts, 'text')} ({talk.per_cent(found.own, max(found.texts, 1))}) "
        f"{'is' if found.own == 1 else 'are'} your own output{'' if found.own == 1 else 's'}"
    )
    if found.short:
        print(f"{found.short:,} more were registered too, and are too short to tell who wrote them")
    if len(found.generators) > 1:
        rows = [[name, f"{count:,}", f"{count / found.texts:.1%}"] for name, count in found.generators.items()]
        talk.print_table("", ["generator", "texts", "share"], rows)
    if found.examples:
        keys = ("row", "generator", "added", "text")
        talk.print_table("the first", keys, [[str(one[key]) for key in keys] for one in found.examples])
    print(
        "Texts that were changed are not found here; the detector `fingerprint` finds those that are nearly the same."
    )
    if out is not None:
        talk.say(f"written: {out}")
