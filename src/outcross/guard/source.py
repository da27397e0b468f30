"""What the guard reads: files, folders and vaults, written the same way for every command, cut into tasks that any
engine can do, and read as frames of one shape.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np

from outcross.core.batch import Ints
from outcross.core.errors import BadInput, BadSetting, MissingInput
from outcross.core.provenance import Origin
from outcross.corpus.fields import FIELDS, Fields
from outcross.corpus.files import existing
from outcross.corpus.intake import take_in
from outcross.corpus.rejected import Rejected
from outcross.corpus.shards import Shard, left_out, shards
from outcross.guard.labels import judged
from outcross.guard.mix.assembled import Material
from outcross.vault.objects import objects
from outcross.vault.part import DataFile, rows
from outcross.vault.vault import Vault

if TYPE_CHECKING:
    import polars as pl

COLUMNS = (*FIELDS, "line")
"""The columns of a frame: the fields of a record, and where it stands (see `frames`)."""

VAULT = "vault:"
"""How the address of a vault may begin."""

LOG = "_delta_log"
"""The folder by which a vault is known."""


SIZE = 2**17
"""Lines or rows of a task, at most."""


@final
@dataclass(frozen=True)
class Source:
    r"""Where records come from, and what is said of all of them.

    Parameters
    ----------
    path
        A file, a folder, or the address of a vault.
    origin
        Who wrote all of its records; None where its own columns are to say it.
    fields
        Which column of a file is which field of a record.
    vault
        The vault that it is; None for files.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.jsonl")
    >>> _ = path.write_text('{"text": "a cat"}\n{"text": "a d\n')
    >>> source, rejected = Source.of(f"human={path}"), []
    >>> for task in source.tasks():
    ...     for frame in frames(task, ["text", "origin"], rejected):
    ...         print(frame.rows(), [one.kind for one in rejected])
    [('a cat', 'human', 1)] ['broken-line']
    """

    path: str
    origin: Origin | None = None
    fields: Fields = field(default_factory=Fields)
    vault: Vault | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, given: str | Path | Vault | Source, fields: Fields | None = None) -> Source:
        """Return the source that is meant.

        Parameters
        ----------
        given
            A path or, in a string, ``human=PATH``, ``synthetic=PATH`` or ``vault:ADDRESS``. A folder in which a vault
            lies is that vault.
        fields
            Which column of a file is which field; a vault has its own.

        Raises
        ------
        MissingInput
            If it is not there; the nearest name is offered.
        BadSetting
            If somebody else says who wrote the records of a vault.

        Examples
        --------
        >>> Source.of("human=vault:cats")
        Traceback (most recent call last):
        ...
        outcross.core.errors.BadSetting: 'human=vault:cats': a vault says itself who wrote its records; ...
        """
        if isinstance(given, Source):
            return given
        if isinstance(given, Vault):
            return cls(given.uri, vault=given)
        origin, path = _origin(given) if isinstance(given, str) else (None, str(given))
        if not path:
            raise BadSetting(
                f"'{given}' names no file: a source is written PATH, human=PATH, synthetic=PATH, vault:PATH"
            )
        address = path.removeprefix(VAULT) if isinstance(given, str) else path
        if address == path and not (Path(path) / LOG).is_dir():
            existing(Path(path))
            return cls(path, origin, fields or Fields())
        if origin is not None:
            raise BadSetting(f"'{given}': a vault says itself who wrote its records; write '{path}'")
        return cls(address, vault=Vault(address))

    @property
    def name(self) -> str:
        """What it is called: the last part of its path."""
        return self.path.rstrip("/").rpartition("/")[2] or self.path

    @cached_property
    def left_out(self) -> list[str]:
        """Files of a folder that are not read; see `outcross.corpus.shards.left_out`."""
        return [] if self.vault is not None else left_out([Path(self.path)])

    def tasks(self) -> list[Task]:
        """Return its parts, each to be read by itself, the same whoever asks.

        Raises
        ------
        BadInput
            If there is nothing in it.
        """
        if self.vault is None:
            return [
                Task(self.path, part, self.origin, self.fields) for part in shards([Path(self.path).absolute()], SIZE)
            ]
        catalog, options = self.vault.catalog, tuple(sorted(self.vault.options.items()))
        live, found = catalog.live, []
        for file in self.vault.log.data():
            here = live[file.first : file.stop]
            if here.any():
                found.append(Task(self.path, file, live=np.packbits(here).tobytes(), options=options))
        if not found:
            raise BadInput(f"the vault '{self.path}' holds no record")
        return found

    def identity(self, records: int = 0) -> Material:
        """Return what it was, so that others can see whether it is the same: digests of its bytes, or of its log.

        The digest of a folder is that of the lines ``SHA-256  NAME`` of the files in it that are read, by name, as
        ``sha256sum`` writes them.

        Parameters
        ----------
        records
            How many records it gave.
        """
        if self.vault is not None:
            log = self.vault.log
            root = log.last.head.tree.root().hex()
            return Material(f"{VAULT}{self.path}", root, records, checkpoint=self.vault.checkpoint)
        said = None if self.origin is None else str(self.origin)
        return Material(self.name, _digest_of(Path(self.path)), records, said)


@final
@dataclass(frozen=True)
class Task:
    """A part of a source that is read by itself; it can be sent to another process.

    Parameters
    ----------
    path
        Where the source lies.
    part
        A part of a file, or a data file of a vault.
    origin, fields
        As of the source.
    live
        Of a data file of a vault, which rows are live records, as bits.
    options
        Settings of the object store in which a vault lies.

    Examples
    --------
    See `Source`.
    """

    path: str
    part: Shard | DataFile
    origin: Origin | None = None
    fields: Fields = field(default_factory=Fields)
    live: bytes = field(default=b"", repr=False)
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The file that it is a part of, as it is called in its source."""
        return Path(self.part.path if isinstance(self.part, Shard) else self.part.name).name


def frames(
    task: Task,
    columns: Collection[str] | None = None,
    rejected: list[Rejected] | None = None,
    *,
    lines: Ints | None = None,
    size: int = 10_000,
) -> Iterator[pl.DataFrame]:
    """Yield the records of a part of a source, a block at a time.

    Parameters
    ----------
    task
        The part.
    columns
        Which of `COLUMNS` are wanted; None for all. What is not wanted is not read where the kind of file allows it:
        where nobody wants the texts of a Parquet file, a record without one is not found out.
    rejected
        What could not be read, or contradicts itself or what is said of its source, is added here, with its line and
        the reason.
    lines
        Which records are wanted, by ``line``, sorted; what is wrong with the others is told all the same. None for all.
    size
        Records of a block, at most; a data file of a vault is one block.

    Yields
    ------
    polars.DataFrame
        The columns, in the order of `COLUMNS`, null where they say nothing; ``origin`` is one of human, synthetic,
        mixed and unknown, ``generation`` a number. ``line`` is always there: where the record stands in its file, from
        1; of a vault its position, from 0.

    Raises
    ------
    NotProven
        If a data file of a vault is not what was signed.

    Examples
    --------
    See `Source`.
    """
    import polars as pl

    wanted = [name for name in COLUMNS if columns is None or name in columns or name == "line"]
    kept: list[Rejected] = [] if rejected is None else rejected
    if isinstance(task.part, DataFile):
        frame = _of_vault(task, task.part, wanted)
        yield frame if lines is None else frame.filter(frame["line"].is_in(pl.Series(lines).implode()))
        return
    for intake in take_in(task.part, task.fields, size, columns=None if columns is None else wanted, lines=lines):
        found, wrong = judged(intake.frame, task.origin, wanted)
        kept += intake.rejected
        kept += [Rejected(task.part.path, line, reason, "bad-label") for line, reason in sorted(wrong)]
        yield _complete(found, wanted)


def _complete(frame: pl.DataFrame, wanted: Sequence[str]) -> pl.DataFrame:
    """The columns of a frame as everyone expects them, null where nothing is said."""
    import polars as pl

    special = {
        "generation": pl.Int64(),
        "confidence": pl.Float64(),
        "parents": pl.List(pl.String()),
        "line": pl.Int64(),
    }
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(special.get(name, pl.String())).alias(name)
        for name in wanted
    )


def _of_vault(task: Task, file: DataFile, wanted: Sequence[str]) -> pl.DataFrame:
    """The live records of a data file."""
    import polars as pl

    place = objects(task.path, dict(task.options))
    frame = rows(place, file, [name for name in wanted if name != "line"] or ["id"])
    live = np.unpackbits(np.frombuffer(task.live, np.uint8), count=file.rows).view(np.bool_)
    numbered = frame.with_columns(line=pl.int_range(file.first, file.first + file.rows, dtype=pl.Int64))
    return _complete(numbered.filter(pl.Series(live)), wanted)


def _origin(given: str) -> tuple[Origin | None, str]:
    """What is said of the origin before a path, and the path."""
    before, sign, after = given.partition("=")
    if sign and before in {str(origin) for origin in Origin}:
        return Origin(before), after
    return None, given


def _digest_of(path: Path) -> str:
    """The digest of a file, or of the list of the files of a folder that are read."""
    if not path.is_dir():
        return _sha256(path)
    parts = shards([path])
    names = {name for part in parts for name in (part.names or (Path(part.path).relative_to(path).as_posix(),))}
    listed = "".join(f"{_sha256(path / name)}  {name}\n" for name in sorted(names))
    return hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest()


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise MissingInput(f"'{path}' cannot be read: {error.strerror or error}") from None
