"""Live records as a data set that can be published: data files, and labels that say who wrote what."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import orjson

from outcross.core.errors import BadInput, BadSetting, OutcrossError, OutputRefused
from outcross.core.progress import tell
from outcross.core.provenance import Origin, Stratum
from outcross.vault.clock import now
from outcross.vault.labels.card import card
from outcross.vault.labels.croissant import croissant
from outcross.vault.labels.description import (
    FORMATS,
    Activity,
    Column,
    DataFile,
    Description,
    Parent,
    Sealed,
    StratumCount,
)
from outcross.vault.labels.prov import prov
from outcross.vault.log import Log, reading
from outcross.vault.part import scan
from outcross.vault.record import COLUMNS

if TYPE_CHECKING:
    import polars as pl

    from outcross.vault.vault import Vault

SAYS: Mapping[str, str] = {
    "id": "Name of the record; the same for all of its versions.",
    "version": "Which version of the record it is, from 1.",
    "text": "The text, as it came.",
    "raw_sha256": "SHA-256 of the text in UTF-8.",
    "text_sha256": "SHA-256 of the text in canonical form: Unicode NFC, white space folded.",
    "source": "Where it was taken from.",
    "created": "When it was written, as far as that is known.",
    "added": "When it entered the vault.",
    "metadata": "What else is known of it, as JSON.",
    "origin": "Who wrote it: human, synthetic, mixed or unknown.",
    "generation": "How many models deep: 0 for human records, 1 + the deepest parent's otherwise.",
    "generator": "The model that wrote it.",
    "generator_digest": "Digest of that model.",
    "license": "Its licence, by SPDX identifier where it has one.",
    "collected": "The day on which it was taken.",
    "group": "The group that it belongs to.",
    "evidence": "What the claim of its origin rests on.",
    "confidence": "How sure that makes the claim, from 0 to 1.",
    "digital_source_type": "IPTC digital source type.",
    "parents": "Ids of what it was derived from.",
    "run": "The chain of models that it belongs to.",
}
"""The columns that are exported, and what each says."""

_DELTA = {
    "string": ("text", "String"),
    "integer": ("integer", "Int32"),
    "long": ("integer", "Int64"),
    "double": ("number", "Float64"),
    "boolean": ("boolean", "Boolean"),
    "binary": ("bytes", "Binary"),
}
"""Types of columns as Delta Lake, labels and Polars call them."""

_OURS = frozenset({"kind", "leaf", "erased"})
"""Columns that say something of a row of the table, and nothing of a record."""


def export(
    vault: Vault,
    folder: Path,
    *,
    format: str = "parquet",
    name: str | None = None,
    version: str = "1.0.0",
    about: str = "",
    origins: Iterable[Origin] = (),
) -> Description:
    """Write the live records of a vault, with Croissant, a data-set card and W3C PROV beside them.

    Parameters
    ----------
    vault
        The vault. Every file of it is verified before it is used.
    folder
        Where to: a folder that is not there yet. It appears whole, or not at all.
    format
        ``parquet`` or ``jsonl``.
    name, version, about
        What the labels say of the data set.
    origins
        Records of these origins only; none for all.

    Returns
    -------
    Description
        What was written, from which the labels were made.

    Raises
    ------
    OutputRefused
        If the folder is there, or cannot be written.
    BadInput
        If there is no such record.

    Examples
    --------
    >>> from outcross.core.provenance import Provenance
    >>> from outcross.core.text import Texts
    >>> from outcross.vault.keys import Key
    >>> from outcross.vault.vault import Vault
    >>> room = Path(tempfile.mkdtemp())
    >>> vault = Vault.create(room / "cats", key=Key.of_seed(bytes(32)), memory=False)
    >>> vault.add(Texts.of(["A cat sleeps."]), Provenance(Origin.HUMAN))
    >>> export(vault, room / "out").records, sorted(path.name for path in (room / "out").iterdir())
    (1, ['README.md', 'croissant.json', 'data', 'prov.json'])
    """
    if format not in FORMATS:
        raise BadSetting(f"records are exported as {' or '.join(FORMATS)}, not '{format}'")
    if folder.exists():
        raise OutputRefused(f"'{folder}' is there already: an export makes a new folder")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise OutputRefused(f"cannot write '{folder}': {error.strerror or error}") from None
    try:
        wanted = frozenset(map(str, origins))
        vault.log, found = reading(
            vault.objects, vault.log, lambda log: _written(vault, log, room / "data", format, wanted)
        )
        described = found.described(vault, name or vault.origin.rpartition("-")[0], version, about)
        _labels(room, described)
        room.chmod(0o755)
        room.rename(folder)
    except OSError as error:
        if isinstance(error, OutcrossError):
            raise
        raise OutputRefused(f"cannot write '{folder}': {error.strerror or error}") from None
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return described


def _written(vault: Vault, log: Log, folder: Path, format: str, origins: frozenset[str]) -> _Found:
    found = _Found(_later(log))
    live = vault.catalog_of(log).live
    shutil.rmtree(folder, ignore_errors=True)  # a compaction may have come in between
    folder.mkdir()
    total, done = log.rows, 0
    for file, frame in scan(vault.objects, log.data()):
        rows = frame.filter(live[file.first : file.stop])
        if origins:
            rows = rows.filter(rows["origin"].is_in(sorted(origins)))
        done += file.rows
        tell("export", done, total)
        if rows.height:
            found.add(rows, folder.parent, format)
    if not found.files:
        raise BadInput("there is no such record to export")
    return found


def _later(log: Log) -> dict[str, tuple[str, bool]]:
    """Columns that this version does not know: the type of a value, and whether a cell is a list of them."""
    found = {}
    for name, kind in log.columns.items():
        many = isinstance(kind, dict) and kind.get("type") == "array"
        value = kind.get("elementType") if many else kind
        if name not in COLUMNS and name not in _OURS and isinstance(value, str) and value in _DELTA:
            found[name] = value, many
    return found


@final
class _Found:
    """What was written so far, counted; ``later`` are columns of the table that this version does not know."""

    def __init__(self, later: Mapping[str, tuple[str, bool]]) -> None:
        self.later = later
        self.files: list[DataFile] = []
        self.strata: Counter[tuple[Any, ...]] = Counter()
        self.sources: Counter[str] = Counter()
        self.licenses: Counter[str] = Counter()
        self.activities: dict[tuple[Any, ...], tuple[int, str]] = {}

    def add(self, rows: pl.DataFrame, room: Path, format: str) -> None:
        name = f"data/{len(self.files):05}.{format}"
        path = room / name
        rows = rows.select(*SAYS, *(_column(rows, name, *kind) for name, kind in self.later.items()))
        if format == "parquet":
            rows.write_parquet(path)
        else:
            with path.open("wb") as out:
                out.writelines(json_lines(rows))
        with path.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        self.files.append(DataFile(name, digest, path.stat().st_size, format, rows.height))
        for *key, count in _counted(rows, ["origin", "generation", "group", "generator", "evidence"]):
            self.strata[tuple(key)] += count
        for source, count in _counted(rows, ["source"]):
            self.sources[source] += count
        for license, count in _counted(rows, ["license"]):
            self.licenses[license] += count
        machine = rows.filter(rows["generator"].is_not_null() & rows["origin"].is_in(["synthetic", "mixed"]))
        for *key, added, count in _counted(machine, ["generator", "generation", "generator_digest", "added"]):
            before, last = self.activities.get(tuple(key), (0, added))
            self.activities[tuple(key)] = before + count, max(last, added)

    def described(self, vault: Vault, name: str, version: str, about: str) -> Description:
        counts: dict[Stratum, int] = {}
        evidence: dict[Stratum, dict[str, int]] = {}
        for (origin, depth, group, generator, kind), count in self.strata.items():
            stratum = Stratum(Origin(origin), depth, group, generator)
            counts[stratum] = counts.get(stratum, 0) + count
            if kind is not None:
                evidence.setdefault(stratum, {})[kind] = evidence.get(stratum, {}).get(kind, 0) + count
        return Description(
            name=name,
            version=version,
            about=about or f"{sum(counts.values()):,} records of the vault {vault.origin}.",
            created=now(),
            licenses=tuple(sorted(license for license in self.licenses if license)),
            files=tuple(self.files),
            columns=tuple(self._columns()),
            strata=tuple(
                StratumCount(stratum, count, evidence.get(stratum, {}))
                for stratum, count in sorted(counts.items(), key=lambda pair: str(pair[0]))
            ),
            sources={source: count for source, count in self.sources.items() if source},
            parents=tuple(Parent(source) for source in sorted(source for source in self.sources if source)),
            activities=tuple(
                Activity(generator, count, depth, digest, ended)
                for (generator, depth, digest), (count, ended) in sorted(self.activities.items(), key=str)
            ),
            vault=_sealed(vault),
        )

    def _columns(self) -> Iterator[Column]:
        readable = self.files[0].format != "parquet"  # bytes are written in hexadecimal there
        ours = {name: ("string", True) if kind == "array" else (kind, False) for name, kind in COLUMNS.items()}
        for name in (*SAYS, *self.later):
            kind, many = ours[name] if name in ours else self.later[name]
            told = _DELTA[kind][0]
            yield Column(name, "text" if readable and told == "bytes" else told, SAYS.get(name, ""), many)


def _sealed(vault: Vault) -> Sealed:
    log = vault.log
    return Sealed(log.origin, len(log.commits), log.last.digest, log.key.fingerprint, log.last.checkpoint)


def _column(rows: pl.DataFrame, name: str, kind: str, many: bool) -> pl.Expr:
    """A column of the table that files from before it do not have."""
    import polars as pl

    value = getattr(pl, _DELTA[kind][1])
    return pl.col(name) if name in rows.columns else pl.lit(None, dtype=pl.List(value) if many else value).alias(name)


def _counted(rows: pl.DataFrame, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    return rows.group_by(columns).len().iter_rows()


def json_lines(rows: pl.DataFrame) -> Iterator[bytes]:
    r"""Yield rows as lines of JSON, bytes in hexadecimal; all have the same fields, so that any reader takes them.

    Examples
    --------
    >>> import polars as pl
    >>> list(json_lines(pl.DataFrame({"id": ["a"], "raw_sha256": [b"\xab"], "source": [None]})))
    [b'{"id":"a","raw_sha256":"ab","source":null}\n']
    """
    for row in rows.iter_rows(named=True):
        told = {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
        yield orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def _labels(room: Path, described: Description) -> None:
    def write(name: str, content: str) -> None:
        (room / name).write_text(content, encoding="utf-8")

    write("croissant.json", json.dumps(croissant(described), indent=2, ensure_ascii=False) + "\n")
    write("README.md", card(described))
    write("prov.json", json.dumps(prov(described), indent=2, ensure_ascii=False) + "\n")
