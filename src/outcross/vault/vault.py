"""A vault: every record, who wrote it, and proof. A pool on disk that keeps what a pool in memory forgets."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np

from outcross.core.batch import Batch, Ints
from outcross.core.canonical import CANONICAL
from outcross.core.engine import Engine
from outcross.core.errors import BadInput, BadSetting, MissingInput, NotProven, OutputRefused
from outcross.core.inventory import Inventory
from outcross.core.memory import MemoryPool
from outcross.core.part import as_part
from outcross.core.pool import Pool
from outcross.core.provenance import Provenance
from outcross.core.recipe import Recipe
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.corpus.share import Share
from outcross.vault.adding import Receipt, Request, add
from outcross.vault.batch import add_batch
from outcross.vault.catalog import Catalog, Keys, keys_of
from outcross.vault.clock import now
from outcross.vault.commit import lines, name_of, table, written
from outcross.vault.head import Entry, Head
from outcross.vault.home import keys_folder
from outcross.vault.keys import Key, PublicKey, load_key, make_key
from outcross.vault.log import Log
from outcross.vault.merkle import EMPTY, Frontier
from outcross.vault.objects import Objects, objects
from outcross.vault.part import scan
from outcross.vault.positions import Positions
from outcross.vault.trust import Seen, compare, recall, remember
from outcross.vault.verification import Verification, verify

if TYPE_CHECKING:
    import polars as pl

KEY = "vault.pem"
"""The key of whoever does not name another."""


@final
class Vault(Pool):
    """Records with their provenance, under a signed log: nothing is overwritten, and any altered byte is found.

    Opening a vault verifies its whole log; what is read of it afterwards is verified before it is used.

    Parameters
    ----------
    uri
        A folder, or a prefix of an object store (``s3://bucket/vault``).
    key
        What commits are signed with, or its file; None for the usual file, which is only read when something is added.
    password
        Of the key's file.
    public
        The public key that the vault must be signed with; None for the one that was seen before, or else the one that
        the vault names itself.
    options
        Settings of the object store.
    memory
        Whether to compare the log with what was last seen of it, and to remember it.

    Raises
    ------
    MissingInput
        If there is no vault.
    NotProven
        If its log is not what was signed, or was rolled back or replaced since it was last seen.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> key = make_key(folder / "key.pem")
    >>> vault = Vault.create(folder / "cats", key=key, memory=False)
    >>> vault.add(Texts.of(["A cat sleeps.", "It rains."]), Provenance(Origin.HUMAN, source="diary"))
    >>> vault.add(Texts.of(["The cat is a mammal."]), Provenance(Origin.SYNTHETIC, 1, generator="parrot"))
    >>> {str(stratum): count for stratum, count in vault.inventory().counts.items()}
    {'human/0': 2, 'synthetic/1': 1}
    >>> vault.verify(records=True).sound
    True
    """

    def __init__(
        self,
        uri: str | Path,
        *,
        key: Key | Path | str | None = None,
        password: str | None = None,
        public: PublicKey | str | None = None,
        options: Mapping[str, str] | None = None,
        memory: bool = True,
    ) -> None:
        self.objects: Objects = objects(uri, options)
        self._given, self._password, self._memory = key, password, memory
        self.warnings: tuple[str, ...] = ()
        wanted = PublicKey.of(public) if isinstance(public, str) else public
        self.log: Log = Log.load(self.objects, wanted)
        self._catalog = Catalog()
        self._compare()

    @classmethod
    def create(
        cls,
        uri: str | Path,
        *,
        name: str | None = None,
        key: Key | Path | str | None = None,
        password: str | None = None,
        options: Mapping[str, str] | None = None,
        memory: bool = True,
        time: str | None = None,
    ) -> Vault:
        """Make an empty vault.

        Parameters
        ----------
        uri, key, password, options, memory
            As for the class. Where no key is named, the usual one is made if there is none yet.
        name
            What the vault is called; None for the last part of where it lies.
        time
            When, in ISO 8601, UTC; None for now.

        Raises
        ------
        OutputRefused
            If something is there already.
        """
        place = objects(uri, options)
        if next(place.names(), None) is not None:
            raise OutputRefused(f"'{place.uri}' is not empty: a vault is made where nothing is yet")
        signer = _key(key, password, make=True)
        time = time or now()
        origin = f"{name or place.uri.rstrip('/').rpartition('/')[2] or 'vault'}-{secrets.token_hex(8)}"
        if any(letter.isspace() or letter == "+" for letter in origin):
            raise BadSetting(
                f"the name of a vault has no white space and no '+': '{name or origin[:-17]}'; give --name"
            )
        actions = lines(table(origin, signer.public, time, {"canonical": CANONICAL}))
        entry = Entry(origin, 0, "init", time, None, _sha256(actions), 0, 0, EMPTY.hex())
        data = written(Head(entry, Frontier().append(entry.leaf())), actions, signer)
        if not place.put_new(name_of(0), data):
            raise OutputRefused(f"another vault was just made at '{place.uri}'")
        return cls(uri, key=signer, public=signer.public, options=options, memory=memory)

    @property
    def uri(self) -> str:
        """Where it lies."""
        return self.objects.uri

    @property
    def origin(self) -> str:
        """Its name and a random number, in every entry and checkpoint."""
        return self.log.origin

    @property
    def checkpoint(self) -> str:
        """The latest checkpoint, as a signed note (C2SP tlog-checkpoint)."""
        return self.log.last.checkpoint

    @property
    def key(self) -> Key:
        """What commits are signed with.

        Raises
        ------
        MissingInput, BadInput
            If there is no such key, or it cannot be used.
        """
        if not isinstance(self._given, Key):
            self._given = _key(self._given, self._password)
        return self._given

    @property
    def catalog(self) -> Catalog:
        """What every row is, without its text."""
        return self.catalog_of(self.log)

    def catalog_of(self, log: Log) -> Catalog:
        """Return what every row is, as of a log that goes on from this vault's."""
        self._catalog = self._catalog.extended(self.objects, log.data())
        return self._catalog

    def refresh(self) -> None:
        """Read what others have added since.

        Raises
        ------
        NotProven
            If it does not go on from what was there.
        """
        self.log = self.log.refreshed(self.objects)

    def inventory(self) -> Inventory:
        """Return how many live records there are, by stratum; no data file is read for it."""
        return self.log.inventory()

    def draw(self, recipe: Recipe, seed: Seed) -> Texts:
        """Return the records that a recipe asks for, each file verified before it is used.

        Records of a stratum are chosen uniformly. The choice depends on the order in which records came and on the
        seed, not on how they lie in files.

        Raises
        ------
        BadInput
            If a draw asks for more records than there are.
        """
        drawn = self.drawn(recipe, seed)
        texts = Texts.of(self.texts(drawn.values))
        return (
            texts
            if drawn.weight is None
            else Texts(texts.codes, texts.starts, texts.vocabulary, texts.raw, drawn.weight)
        )

    def drawn(self, recipe: Recipe, seed: Seed) -> Positions:
        """Return the positions of the records that `draw` gives, and their training weights."""
        pool = MemoryPool(Positions(np.zeros(0, dtype=np.int64)))
        for stratum in self.inventory().counts:
            found = Positions(self.catalog.positions([stratum]))
            origin, group = stratum.origin, stratum.group
            pool.add(found, Provenance(origin, stratum.generation, group))
        drawn = pool.draw(recipe, seed)
        if not isinstance(drawn, Positions):
            raise BadInput("a vault gives records, not statistics of them")
        return drawn

    def texts(self, positions: Ints) -> list[str]:
        """Return the texts at these positions, in their order.

        Raises
        ------
        BadInput
            If one of them has no text: it was erased, or is no record.
        """
        return [text for text in self.rows(positions, ["text"])["text"]]

    def rows(self, positions: Ints, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Return the rows at these positions, in their order; only the files that they lie in are read."""
        import polars as pl

        wanted = np.unique(positions)
        files = [f for f in self.log.data() if np.searchsorted(wanted, f.first) < np.searchsorted(wanted, f.stop)]
        found = []
        for file, frame in scan(self.objects, files, columns):
            low, high = np.searchsorted(wanted, [file.first, file.stop])
            found.append(frame[wanted[low:high] - file.first])
        if sum(frame.height for frame in found) < len(wanted):
            raise BadInput(f"the vault has {self.log.rows:,} rows, and others were asked for")
        if not found:
            raise BadInput("no row was asked for")
        return pl.concat(found, how="diagonal")[np.searchsorted(wanted, positions)]

    def find(self, name: str) -> Ints:
        """Return the positions of all versions of a record, the oldest first.

        Raises
        ------
        MissingInput
            If there is none.
        """
        import polars as pl

        near = np.flatnonzero(self.catalog.keys == keys_of(pl.Series([name]))[0])
        found = near[(self.rows(near, ["id"])["id"] == name).to_numpy()] if len(near) else near
        if not len(found):
            raise MissingInput(f"no record '{name}' in the vault '{self.uri}'")
        return found.astype(np.int64)

    def add(self, records: Batch, provenance: Provenance) -> None:
        """Keep texts, in one commit.

        Parameters
        ----------
        records
            Texts.
        provenance
            Who wrote them, and what the claim rests on.

        Raises
        ------
        BadInput
            If they are no texts, or texts that machines are known to have written are said to be human.
        """
        self.log = add_batch(self, records, provenance)
        self._remember()

    def ingest(
        self,
        request: Request,
        *,
        engine: str | Engine = "processes",
        share: Share | None = None,
        stage: Path | None = None,
        registered: Keys | None = None,
        time: str | None = None,
    ) -> Receipt | None:
        """Add files: whole or not at all, resumable after a kill, by as many workers and machines as there are.

        Parameters
        ----------
        request
            What is to be added, and what is said of it.
        engine
            Who does the work.
        share
            Do this share only; whoever finishes last commits.
        stage
            A folder that all workers share, for the work in between; by default in the vault.
        registered
            First 64 bits of the digests of outputs that were registered elsewhere.
        time
            When, in ISO 8601, UTC; None for now.

        Returns
        -------
        Receipt, or None
            What came of it; None where other shares have not done theirs.

        Raises
        ------
        BadInput
            If more rows than may are broken, or there is nothing to read. Nothing is added then.
        """
        self.log, receipt = add(
            self.objects,
            self.log.refreshed(self.objects),
            request,
            self.key,
            time or now(),
            engine=as_part(Engine, engine),
            share=share,
            stage=stage,
            registered=registered,
        )
        self._remember()
        return receipt

    def verify(self, *, records: bool = False) -> Verification:
        """Read every byte, and say what is not what was signed: see `outcross.vault.verification.verify`."""
        return verify(self.objects, self.log.key, self._seen(), records=records)

    def _seen(self) -> Seen | None:
        return recall(self.uri) if self._memory else None

    def _compare(self) -> None:
        """Compare the log with what was last seen of it."""
        if not self._memory:
            return
        seen = self._seen()
        wrong = (
            [] if seen is None else compare(seen, self.origin, self.log.key, len(self.log.commits), self.log.root_at)
        )
        if wrong:
            raise NotProven(f"'{self.uri}': {'; '.join(wrong)}")
        self._remember()

    def _remember(self) -> None:
        if self._memory:
            tree = self.log.last.head.tree
            warning = remember(Seen(self.uri, self.origin, self.log.key, tree.size, tree.root()))
            self.warnings = () if warning is None else (warning,)


def _key(given: Key | Path | str | None, password: str | None, make: bool = False) -> Key:
    if isinstance(given, Key):
        return given
    path = keys_folder() / KEY if given is None else Path(given)
    if make and given is None and not path.exists():
        return make_key(path, password)
    return load_key(path, password)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
