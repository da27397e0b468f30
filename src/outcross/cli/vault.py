"""`outcross vault`: keep records with their provenance and proof, and take them out again."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

import outcross as oc
from outcross.cli import columns, talk

vault = typer.Typer(help="Every record, who wrote it, and proof: a signed, append-only table that other engines read.")

Where = Annotated[str, typer.Argument(metavar="VAULT", help="A folder, or the address of an object store.")]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key", help="File of the private key; by default your own. $OUTCROSS_KEY_PASSWORD opens it."),
]
PublicKey = Annotated[
    str | None, typer.Option("--public", help="Public key that the vault must be signed with: ed25519:...")
]
Id = Annotated[str, typer.Argument(metavar="ID", help="Id of a record.")]


STRATA = 40
"""So many rows of what is in a vault are shown; --json has all."""

FIRST = 400
"""So many characters of a text are shown; --json has all."""


def _password() -> str | None:
    return os.environ.get("OUTCROSS_KEY_PASSWORD")


def _open(where: str, key: Path | None = None, public: str | None = None) -> oc.Vault:
    found = oc.Vault(where, key=key, password=_password(), public=public)
    for warning in found.warnings:
        talk.say(f"note: {warning}")
    return found


@vault.command("init")
def init(
    where: Where,
    name: Annotated[str | None, typer.Option(help="What it is called; by default as its folder.")] = None,
    key: KeyFile = None,
    as_json: columns.AsJson = False,
) -> None:
    """Make an empty vault, and the file of your signing key if it is not there."""
    made = oc.Vault.create(where, name=name, key=key, password=_password())
    for warning in made.warnings:
        talk.say(f"note: {warning}")
    told = {"vault": made.uri, "origin": made.origin, "public": made.log.key.text(), "checkpoint": made.checkpoint}
    told["key"] = str(made.key_file)
    if as_json:
        talk.print_json(told)
        return
    print(f"vault: {made.uri}")
    print(f"public key: {made.log.key.text()}")
    talk.say("Give the public key to those who must verify the vault. Nothing is added without the private one:")
    talk.say(f"{made.key_file}; keep it to yourself, and a copy of it elsewhere.")


@vault.command("add")
def add(
    where: Where,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="JSON lines (.gz, .zst), JSON, Parquet, CSV, text by paragraphs; folders; hf:NAME.",
        ),
    ],
    origin: Annotated[
        oc.Origin | None, typer.Option(help="Who wrote records that do not say so themselves; unknown otherwise.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Where they were taken from.")] = None,
    license: Annotated[str | None, typer.Option(help="Their licence, as SPDX writes it.")] = None,
    collected: Annotated[
        str | None, typer.Option(help="The day on which they were taken: 2021-05-30, 2021-05 or 2021.")
    ] = None,
    generator: Annotated[str | None, typer.Option(help="The model that wrote them.")] = None,
    generator_digest: Annotated[str | None, typer.Option(help="Digest of that model.")] = None,
    generation: Annotated[int | None, typer.Option(help="How many models deep they are.")] = None,
    group: Annotated[str | None, typer.Option(help="The group that they belong to.")] = None,
    evidence: Annotated[str | None, typer.Option(help=f"What the claim rests on: {', '.join(oc.EVIDENCE)}.")] = None,
    confidence: Annotated[float | None, typer.Option(help="How sure that makes the claim, from 0 to 1.")] = None,
    field: Annotated[
        list[str] | None,
        typer.Option("--field", help="FIELD=COLUMN where a field has another name: text=summary. May be repeated."),
    ] = None,
    correct: Annotated[bool, typer.Option("--correct", help="A known id with another text is a new version.")] = False,
    register: Annotated[
        Path | None, typer.Option(help="File of fingerprints of your own outputs: these cannot enter as human.")
    ] = None,
    most_broken: Annotated[float, typer.Option(min=0, max=1, help="Share of rows that may go to quarantine.")] = 0.01,
    engine: Annotated[str, typer.Option(help="Who does the work: processes, serial, ray.")] = "processes",
    shard: Annotated[str | None, typer.Option(help="Do share i of N only (0/4 to 3/4); the last one commits.")] = None,
    stage: Annotated[
        Path | None, typer.Option(help="Folder for the work in between; all shards must share it.")
    ] = None,
    time: Annotated[str | None, typer.Option(help="When they enter, as ISO 8601 writes it; now by default.")] = None,
    key: KeyFile = None,
    as_json: columns.AsJson = False,
) -> None:
    """Add files: all of what can be read, or nothing. After a kill, the same command goes on.

    Of a record, its own columns speak first: id, text, source, created, origin, generation, generator, license,
    collected, group, evidence, confidence, digital_source_type, parents. Options say what its columns do not.
    """
    if origin is oc.Origin.HUMAN and generator is not None:
        raise oc.BadSetting(f"a human record has no generator: leave out --origin human, or --generator {generator}")
    least = 0 if origin in (None, oc.Origin.HUMAN, oc.Origin.UNKNOWN) else 1
    told = oc.Provenance(
        origin or oc.Origin.UNKNOWN,
        least if generation is None else generation,
        group=group,
        generator=generator,
        generator_digest=generator_digest,
        source=source,
        license=license,
        collected=_day(collected),
        evidence=_evidence(evidence),
        confidence=confidence,
    )
    request = oc.Request(
        tuple(one if one.startswith("hf:") else Path(one) for one in inputs),
        told,
        claimed=origin is not None,
        fields=oc.Fields(_pairs(field or [])),
        correct=correct,
        most=most_broken,
    )
    opened = _open(where, key)
    with _going_on(), talk.steps("add"):
        receipt = opened.ingest(
            request,
            engine=engine,
            share=None if shard is None else oc.WorkShare.of(shard),
            stage=stage,
            register=None if register is None else oc.Register.load(register),
            time=time,
        )
    if receipt is None:
        talk.say("this share is done; the vault changes when all of them are")
    if as_json:
        talk.print_json(None if receipt is None else receipt.to_dict())
    elif receipt is not None:
        print(receipt)
        if origin is None and receipt.commit is not None:
            _say_unknown(opened, receipt.commit)


@contextmanager
def _going_on() -> Iterator[None]:
    """Say how to go on where the user stops the block with Ctrl-C; exit 130."""
    try:
        yield
    except KeyboardInterrupt:
        talk.say("stopped, and nothing is added yet; the same command goes on")
        raise SystemExit(130) from None


def _say_unknown(opened: oc.Vault, commit: int) -> None:
    counts = opened.log.commits[commit].entry.counts
    unknown = sum(count for stratum, count in counts.items() if stratum.origin is oc.Origin.UNKNOWN)
    if unknown > 0:
        found = talk.count(unknown, "record")
        talk.say(f"note: nobody said who wrote {found}: --origin does, or --field origin=COLUMN where a column says so")


def _day(given: str | None) -> str | None:
    """The day, month or year; refused where it is none."""
    if given is None:
        return None
    for form, length in (("%Y-%m-%d", 10), ("%Y-%m", 7), ("%Y", 4)):
        try:
            datetime.strptime(given, form)
        except ValueError:
            continue
        if len(given) == length:
            return given
    raise oc.BadSetting(f"--collected is a day (2021-05-30), a month (2021-05) or a year (2021), not '{given}'")


def _evidence(given: str | None) -> str | None:
    """The kind of evidence, also with hyphens in the place of spaces."""
    if given is None:
        return None
    kind = given.strip().lower().replace("-", " ").replace("_", " ")
    if kind not in oc.EVIDENCE:
        raise oc.BadSetting(f"--evidence is one of {', '.join(oc.EVIDENCE)}; not '{given}'")
    return kind


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    for name, equals, column in pairs:
        if not (name and equals and column):
            raise oc.BadSetting(f"--field is written FIELD=COLUMN, not '{name}{equals}{column}'")
    return {name: column for name, _, column in pairs}


@vault.command("log")
def log(
    where: Where,
    last: Annotated[int | None, typer.Option(min=1, help="The last so many commits only.")] = None,
    heads: Annotated[
        Path | None, typer.Option(help="Write the signed head of each there (in-toto in DSSE), and its checkpoint.")
    ] = None,
    as_json: columns.AsJson = False,
) -> None:
    """Show every commit: when, what, how many records."""
    opened = _open(where)
    commits = opened.log.commits[-(last or 0) :]
    entries = [commit.entry for commit in commits]
    if heads is not None:
        for commit in commits:
            stem = heads / f"{commit.entry.commit:06}"
            oc.write_atomically(stem.with_suffix(".dsse.json"), commit.envelope)
            oc.write_atomically(stem.with_suffix(".checkpoint"), commit.checkpoint.encode())
    if as_json:
        talk.print_json([entry.to_dict() for entry in entries])
        return
    rows = [
        [
            str(entry.commit),
            entry.time,
            entry.operation,
            f"{entry.rows:,}",
            _counts({str(stratum): count for stratum, count in entry.counts.items()}),
        ]
        for entry in entries
    ]
    talk.print_table(opened.origin, ["commit", "time", "operation", "rows", "records"], rows, ["commit", "rows"])
    print(opened.checkpoint, end="")


def _counts(counts: dict[str, int], most: int = 6) -> str:
    told = [f"{stratum} {count:+,}" for stratum, count in list(counts.items())[:most]]
    return ", ".join(told) + (f", and {len(counts) - most:,} more" if len(counts) > most else "")


@vault.command("show")
def show(
    where: Where,
    record: Annotated[
        str | None, typer.Argument(metavar="ID", help="A record, to be shown with all of its versions.")
    ] = None,
    lineage: Annotated[Path | None, typer.Option(help="Draw who was trained on what, as .html or .svg.")] = None,
    first: Annotated[
        int | None, typer.Option("--first", min=1, help="List the first so many live records, with their ids.")
    ] = None,
    as_json: columns.AsJson = False,
) -> None:
    """Show what is in a vault, by who wrote it; or one record; or the lineage as a picture."""
    opened = _open(where)
    if lineage is not None:
        oc.lineage(opened).save(lineage)
        talk.say(f"written: {talk.absolute(lineage)}")
        return
    if record is not None:
        _show_record(opened, record, as_json)
        return
    if first is not None:
        _show_first(opened, first, as_json)
        return
    inventory = opened.inventory()
    total = inventory.total()
    if as_json:
        strata = [
            {"origin": str(one.origin), "generation": one.generation, "group": one.group, "records": count}
            for one, count in inventory.counts.items()
        ]
        told = {"vault": opened.uri, "origin": opened.origin, "public": opened.log.key.text()}
        talk.print_json({**told, "commits": len(opened.log.commits), "records": total, "strata": strata})
        return
    rows = [
        [str(one.origin), str(one.generation), one.group or "", f"{count:,}", talk.per_cent(count, total)]
        for one, count in inventory.counts.items()
    ]
    live, commits = talk.count(total, "live record"), talk.count(len(opened.log.commits), "commit")
    numbers = ["generation", "records", "share"]
    print(f"{opened.origin}: {live} in {commits}")
    if rows:
        talk.print_table("", ["origin", "generation", "group", "records", "share"], rows[:STRATA], numbers)
    if len(rows) > STRATA:
        talk.say(f"and {talk.count(len(rows) - STRATA, 'row')} more; --json has all of them")


def _show_first(opened: oc.Vault, first: int, as_json: bool) -> None:
    found = opened.catalog.positions(list(opened.inventory().counts))[:first]
    head = ["id", "origin", "generation", "generator", "source", "text"]
    rows = list(opened.rows(found, head).iter_rows(named=True))
    if as_json:
        talk.print_json(rows)
        return
    told = [[" ".join(str("" if row[name] is None else row[name]).split())[:60] for name in head] for row in rows]
    talk.print_table("", head, told, ["generation"])


def _show_record(opened: oc.Vault, record: str, as_json: bool) -> None:
    found = opened.find(record)
    live = opened.catalog.live
    versions = [
        {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items() if value is not None}
        | {"live": bool(live[position])}
        for position, row in zip(found, opened.rows(found).iter_rows(named=True), strict=True)
    ]
    if as_json:
        talk.print_json(versions)
        return
    for row in versions:
        rows = [[name, _shortened(str(value))] for name, value in row.items()]
        talk.print_table(f"{row['kind']} {record}", ["", ""], rows)


def _shortened(value: str) -> str:
    return value if len(value) <= FIRST else f"{value[:FIRST]}... ({len(value):,} characters; --json has all)"


@vault.command("verify")
def verify(
    where: Where,
    public: PublicKey = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="File of an earlier checkpoint, which the log must go on from.")
    ] = None,
    records: Annotated[bool, typer.Option("--records", help="Hash every text and every row again, too.")] = False,
    as_json: columns.AsJson = False,
) -> None:
    """Read every byte, and name each file that is not what was signed; exit 1 if there is one."""
    with talk.steps("verify"):
        found = oc.verify(where, public=public, checkpoint=checkpoint, records=records)
    if as_json:
        talk.print_json(found.to_dict())
    else:
        for fault in found.faults:
            print(fault)
        _say_remarks(found)
        print(found)
    if not found.sound:
        raise typer.Exit(1)


def _say_remarks(found: oc.Verification) -> None:
    """One line for all that one folder of unfinished work holds; the other remarks one by one."""
    folders = Counter(one.file.split("/")[1] for one in found.remarks if one.file.startswith("_pending/"))
    if folders:
        jobs, files = talk.count(len(folders), "add"), talk.count(folders.total(), "file")
        one = "was" if len(folders) == 1 else "were"
        talk.say(f"note: {jobs} did not end, or {one} refused, and left {files} in _pending/; the same command goes on")
    for remark in found.remarks:
        if not remark.file.startswith("_pending/"):
            talk.say(f"note: {remark}")


@vault.command("prove")
def prove(
    where: Annotated[str, typer.Argument(metavar="VAULT", help="A vault; or with --check the file of a proof.")],
    record: Annotated[str | None, typer.Argument(metavar="ID", help="Id of the record to prove.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write the proof (.tlog-proof); by default stdout.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Check a proof; the vault is not needed.")] = False,
    public: PublicKey = None,
    text: Annotated[Path | None, typer.Option(help="File of the text that the proof must be of.")] = None,
    as_json: columns.AsJson = False,
) -> None:
    """Prove that a record is in a vault, to anybody who has its public key; or check a proof: exit 1 if it fails."""
    if check:
        _check_proof(Path(where), public, text, as_json)
        return
    if record is None:
        raise oc.BadSetting(
            "which record? outcross vault prove VAULT ID; outcross vault show VAULT --first 10 tells some"
        )
    proof = oc.prove(_open(where, public=public), record)
    if out is not None:
        oc.write_atomically(out, proof.encode())
        talk.say(f"written: {out}")
    elif as_json:
        talk.print_json({"proof": proof})
    else:
        print(proof, end="")


def _check_proof(path: Path, public: str | None, text: Path | None, as_json: bool) -> None:
    if public is None:
        raise oc.BadSetting("a proof is checked with the public key of the vault: --public ed25519:...")
    try:
        proven = oc.check_proof(_bytes(path).decode(), oc.PublicKey.of(public))
        if text is not None:
            _check_text(proven, text)
    except UnicodeDecodeError:
        raise oc.BadInput(f"'{path}' or the text is not UTF-8") from None
    if as_json:
        talk.print_json(proven.to_dict())
        return
    print(f"proven: commit {proven.entry.commit} of {proven.entry.vault}, {proven.entry.time}")
    talk.print_table("", ["", ""], [[name, str(value)] for name, value in proven.record.items()])


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise oc.MissingInput(f"no file '{path}'") from None


def _check_text(proven: oc.Proven, path: Path) -> None:
    """Refuse another text; editors end a file with a line break that the text of a record does not have."""
    text = _bytes(path).decode()
    if proven.is_text(text):
        return
    if not any(text.endswith(end) and proven.is_text(text.removesuffix(end)) for end in ("\n", "\r\n")):
        raise oc.NotProven(f"the proof is of another text than that of '{path}'")
    talk.say(f"note: it is the text of '{path}' without the line break at its end")


@vault.command("export")
def export(
    where: Where,
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to: a folder that is not there yet.")],
    format: Annotated[str, typer.Option(help="parquet or jsonl.")] = "parquet",
    origin: Annotated[
        list[oc.Origin] | None, typer.Option(help="Records of this origin only; may be repeated.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What the labels call the data set.")] = None,
    version: Annotated[str, typer.Option(help="Its version, as the labels say it.")] = "1.0.0",
    about: Annotated[str, typer.Option(help="What it is, in a sentence.")] = "",
    as_json: columns.AsJson = False,
) -> None:
    """Write the live records as a data set, with Croissant, a data-set card and W3C PROV that say who wrote what."""
    opened = _open(where)
    with talk.steps("export"):
        made = oc.export(opened, out, format=format, name=name, version=version, about=about, origins=origin or ())
    if as_json:
        talk.print_json(made)
        return
    print(f"{talk.count(made.records, 'record')} in {talk.count(len(made.files), 'file')}: {out}")
    print("labels: croissant.json, README.md, prov.json")


@vault.command("withdraw")
def withdraw(
    where: Where,
    records: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of records.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the log.")],
    only: Annotated[bool, typer.Option("--only", help="Not what was derived from them.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be withdrawn, and leave it.")] = False,
    key: KeyFile = None,
    as_json: columns.AsJson = False,
) -> None:
    """Take records back, with what was derived from them: they are never drawn or exported again."""
    opened = _open(where, key)
    with talk.steps("withdraw"):
        found = (
            oc.plan_withdrawal(opened, records, only=only) if dry_run else opened.withdraw(records, reason, only=only)
        )
    if as_json:
        talk.print_json(found.to_dict())
        return
    print(found)


@vault.command("compact")
def compact(
    where: Where,
    erase: Annotated[
        bool, typer.Option("--erase", help="Erase the texts of withdrawn records; their digests stay.")
    ] = False,
    key: KeyFile = None,
    as_json: columns.AsJson = False,
) -> None:
    """Make few large files of many small ones; records, positions and proofs stay as they are."""
    opened = _open(where, key)
    with talk.steps("compact"):
        done = opened.compact(erase=erase)
    if as_json:
        talk.print_json(done.to_dict())
        return
    print(done)
    left = None if opened.objects.local is None else opened.objects.local / "_pending"
    if erase and left is not None and left.exists():
        talk.say(f"note: adds that did not end, or were refused, may hold the same texts in '{left}'")
