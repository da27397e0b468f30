"""Who wrote what, and was trained on what: the models of a vault, what they read and wrote, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
import orjson

from outcross.core.batch import Ints
from outcross.core.errors import BadSetting
from outcross.core.provenance import Origin
from outcross.lab.files import write_atomically
from outcross.report.templating import write
from outcross.vault.catalog import keys_of
from outcross.vault.log import Log, reading
from outcross.vault.part import rows_at, scan
from outcross.vault.record import MODEL, RECORD, WITHDRAWAL
from outcross.vault.trained_on import TRAINED_ON, decode

if TYPE_CHECKING:
    from outcross.vault.vault import Vault

SOURCES = 12
"""Sources of records of one origin that are told apart; the smaller ones are counted together."""

Key = tuple[str, int, str | None, str | None, str | None, str | None]
"""Origin, generation, source, generator, run, and the model that wrote them."""


@final
@dataclass(frozen=True)
class Group:
    """Records that came by the same way.

    Parameters
    ----------
    id
        A name for it in this lineage.
    origin, generation
        Who wrote them, and how deep.
    source, generator, run
        Where they were taken from, what wrote them, which chain they belong to; None where that is not known.
    model
        Id of the model that wrote them, if the vault has it.
    records, gone
        How many are live; how many were withdrawn or corrected.

    Examples
    --------
    >>> Group("records-0", "human", 0, source="diary", records=3).label
    'human, diary'
    """

    id: str
    origin: str
    generation: int
    source: str | None = None
    generator: str | None = None
    run: str | None = None
    model: str | None = None
    records: int = 0
    gone: int = 0

    @property
    def label(self) -> str:
        """What they are called."""
        depth = f"generation {self.generation}" if self.generation else None
        return ", ".join(one for one in (self.origin, depth, self.generator, self.source) if one)


@final
@dataclass(frozen=True)
class Writer:
    """A model that wrote records.

    Parameters
    ----------
    id, generator
        Its id in the vault, and its words.
    generation
        Which generation of its chain it is: the first is 1.
    depth
        Generation of the deepest record that it was trained on.
    run, name, policy, replicate
        The chain that it belongs to; None where that is not known.
    withdrawn
        Whether it was.

    Examples
    --------
    >>> Writer("model:ab", "ngram", 1, 0).withdrawn
    False
    """

    id: str
    generator: str | None
    generation: int
    depth: int
    run: str | None = None
    name: str | None = None
    policy: str | None = None
    replicate: int | None = None
    withdrawn: bool = False


@final
@dataclass(frozen=True)
class Link:
    """A model was trained on records (from these to it), or wrote some (from it to these).

    Examples
    --------
    >>> Link("records-0", "model:ab", "trained on", 100).records
    100
    """

    start: str
    end: str
    kind: str
    records: int


@final
@dataclass(frozen=True)
class Lineage:
    """Where all records of a vault come from.

    Parameters
    ----------
    vault
        Name of the vault's log.
    commits
        How many commits it had.
    groups, models, links
        What is connected, and how.

    Examples
    --------
    >>> Lineage("cats", 1, (), (), ()).to_dict()["models"]
    []
    """

    vault: str
    commits: int
    groups: tuple[Group, ...]
    models: tuple[Writer, ...]
    links: tuple[Link, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "vault": self.vault,
            "commits": self.commits,
            **{name: [asdict(one) for one in getattr(self, name)] for name in ("groups", "models", "links")},
        }

    def save(self, path: str | Path) -> Path:
        """Draw it, and write the picture: a file that ends in ``.svg``, else a page (``.html``, or into a folder).

        Raises
        ------
        BadSetting
            If the name ends in something else.
        OutputRefused
            If it cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> Lineage("cats", 1, (), (), ()).save(Path(tempfile.mkdtemp(), "cats.svg")).name
        'cats.svg'
        """
        from outcross.report.lineage import lineage_page, lineage_svg

        file = Path(path)
        kind = file.suffix.lower()
        if kind not in ("", ".svg", ".html", ".htm"):
            raise BadSetting(f"a lineage is drawn as .svg or .html, not as '{kind}'")
        if kind == ".svg":
            return write_atomically(file, lineage_svg(self).encode())
        return write(lineage_page(self), file)


def lineage(vault: Vault) -> Lineage:
    """Return where all records of a vault come from, as it was last refreshed.

    Raises
    ------
    NotProven
        If a file is not what was signed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from outcross.core.provenance import Provenance
    >>> from outcross.core.text import Texts
    >>> from outcross.vault.keys import Key as PrivateKey
    >>> from outcross.vault.vault import Vault
    >>> folder = Path(tempfile.mkdtemp(), "cats")
    >>> vault = Vault.create(folder, key=PrivateKey.of_seed(bytes(32)), memory=False)
    >>> vault.add(Texts.of(["A cat sleeps."]), Provenance(Origin.HUMAN, source="diary"))
    >>> [(group.label, group.records) for group in lineage(vault).groups]
    [('human, diary', 1)]
    """
    vault.log, found = reading(vault.objects, vault.log, lambda log: _lineage(vault, log))
    return found


def _lineage(vault: Vault, log: Log) -> Lineage:
    catalog = vault.catalog_of(log)
    models, trained = _models(vault, log)
    codes, keys = _folded(*_coded(vault, log, [model.id for model in models]))
    live = np.bincount(codes[(codes >= 0) & catalog.live], minlength=len(keys))
    every = np.bincount(codes[codes >= 0], minlength=len(keys))
    groups = tuple(
        Group(f"records-{place}", *key, records=int(live[place]), gone=int(every[place] - live[place]))
        for place, key in enumerate(keys)
    )
    links = [Link(one.model, one.id, "wrote", one.records + one.gone) for one in groups if one.model is not None]
    for model, positions in zip(models, trained, strict=True):
        read = codes[positions[positions < len(codes)]]
        for code, count in zip(*np.unique(read[read >= 0], return_counts=True), strict=True):
            links.append(Link(groups[code].id, model.id, "trained on", int(count)))
    return Lineage(log.origin, len(log.commits), groups, models, tuple(links))


def _models(vault: Vault, log: Log) -> tuple[tuple[Writer, ...], list[Ints]]:
    """The models, in order of entry, and where the records lie that each was trained on."""
    catalog = vault.catalog_of(log)
    places = np.flatnonzero(catalog.where(MODEL))
    if not len(places):
        return (), []
    gone = catalog.keys[catalog.where(WITHDRAWAL)]
    frame = rows_at(vault.objects, log.data(), places, ["id", "generator", "generation", "run", "metadata"])
    withdrawn = np.isin(keys_of(frame["id"]), gone)
    models, trained = [], []
    for (name, generator, depth, run, metadata), fallen in zip(frame.iter_rows(), withdrawn, strict=True):
        found = orjson.loads(metadata or "{}")
        told: Mapping[str, Any] = found if isinstance(found, dict) else {}
        chain = (told.get("name"), told.get("policy"), told.get("replicate"))
        generation = told.get("generation", (depth or 0) + 1)
        models.append(Writer(name, generator, generation, depth or 0, run, *chain, withdrawn=bool(fallen)))
        trained.append(decode(told[TRAINED_ON]) if TRAINED_ON in told else np.zeros(0, dtype=np.int64))
    return tuple(models), trained


def _coded(vault: Vault, log: Log, models: Sequence[str]) -> tuple[Ints, list[Key]]:
    """Which group each row belongs to (-1 where it is no record), and the groups."""
    import polars as pl

    names = ["origin", "generation", "source", "generator", "run", "model"]
    table: dict[Key, int] = {}
    codes = np.full(log.rows, -1, dtype=np.int64)
    for file, frame in scan(vault.objects, log.data(), ["kind", "parents", *names[:-1]]):
        first = pl.col("parents").list.first()
        told = frame.with_row_index("row").filter(pl.col("kind") == RECORD)
        told = told.with_columns(pl.when(first.is_in(list(models))).then(first).alias("model"))
        numbered = told.select("row", *names, pl.struct(names).rank("dense").alias("rank"))
        own = np.zeros(numbered.height + 1, dtype=np.int64)
        for *key, rank in numbered.select(*names, "rank").unique().sort("rank").iter_rows():
            own[rank] = table.setdefault(_key(*key), len(table))
        codes[file.first + numbered["row"].to_numpy()] = own[numbered["rank"].to_numpy()]
    return codes, list(table)


def _key(
    origin: str | None, generation: int | None, source: str | None, generator: str | None, *chain: str | None
) -> Key:
    run, model = chain
    return (origin or str(Origin.UNKNOWN), generation or 0, source, generator, run, model)


def _folded(codes: Ints, keys: list[Key]) -> tuple[Ints, list[Key]]:
    """The same with the smaller sources of each origin counted together: a source may be a page of its own."""
    counts = np.bincount(codes[codes >= 0], minlength=len(keys))
    order = np.argsort(-counts, kind="stable")
    kept: dict[tuple[Any, ...], list[int]] = {}
    for place in order.tolist():
        origin, generation, _, _, run, model = keys[place]
        kept.setdefault((origin, generation, run, model), []).append(place)
    table: dict[Key, int] = {}
    new = np.zeros(len(keys) + 1, dtype=np.int64)
    new[-1] = -1  # what is no record stays none
    for (origin, generation, run, model), places in kept.items():
        few = places if len(places) <= SOURCES else places[: SOURCES - 1]
        rest = f"{len(places) - len(few):,} other sources"
        for place in places:
            key: Key = keys[place] if place in few else (origin, generation, rest, None, run, model)
            new[place] = table.setdefault(key, len(table))
    return new[codes], list(table)
