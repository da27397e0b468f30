"""A vault: every record, who wrote it, and proof. A pool on disk that keeps what a pool in memory forgets."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, cast, final

import numpy as np

from outcross.core.batch import Batch, Floats, Ints
from outcross.core.canonical import CANONICAL
from outcross.core.engine import Engine
from outcross.core.errors import BadInput, BadSetting, MissingInput, MissingLibrary, NotProven, OutputRefused
from outcross.core.inventory import Inventory
from outcross.core.memory import MemoryPool
from outcross.core.part import as_part
from outcross.core.pool import Pool
from outcross.core.provenance import Origin, Provenance
from outcross.core.recipe import Recipe
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.core.wording import count_of
from outcross.corpus.hub import is_dataset
from outcross.corpus.share import Share
from outcross.vault.adding import Receipt, Request, add
from outcross.vault.batch import add_batch
from outcross.vault.catalog import Catalog, keys_of, register_keys
from outcross.vault.clock import time_of
from outcross.vault.commit import lines, name_of, table, written
from outcross.vault.compaction import Compaction, compact
from outcross.vault.head import Entry, Head
from outcross.vault.home import keys_folder
from outcross.vault.keys import Key, PublicKey, load_key, make_key
from outcross.vault.labels.register import Register
from outcross.vault.log import Log, reading
from outcross.vault.merkle import EMPTY, Frontier
from outcross.vault.objects import TEMPORARY, Objects, objects
from outcross.vault.part import rows_at
from outcross.vault.placed import room
from outcross.vault.positions import Positions
from outcross.vault.trust import Seen, compare, path_of, recall, remember
from outcross.vault.verification import Verification, verify
from outcross.vault.withdrawal import Withdrawal, withdraw

if TYPE_CHECKING:
    import polars as pl
    from deltalake import DeltaTable

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
    >>> from outcross.core.provenance import Origin
    >>> folder = Path(tempfile.mkdtemp())
    >>> key = make_key(folder / "key.pem")
    >>> vault = Vault.create(folder / "cats", key=key, memory=False)
    >>> vault.add(Texts.of(["A cat sleeps.", "It rains."]), Provenance(Origin.HUMAN, source="diary"))
    >>> vault.add(Texts.of(["The cat is a mammal."]), Provenance(Origin.SYNTHETIC, 1, generator="parrot"))
    >>> {str(stratum): count for stratum, count in vault.inventory().counts.items()}
    {'human/0': 2, 'synthetic/1': 1}
    >>> vault.verify(records=True).sound, repr(vault).partition(": ")[2]
    (True, '3 records in 3 commits>')
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
        self._options = dict(options or {})
        self._given, self._password, self._memory = key, password, memory
        self._signer = key if isinstance(key, Key) else None
        self.warnings: tuple[str, ...] = ()
        wanted = PublicKey.of(public) if isinstance(public, str) else public
        seen = self._seen()  # before the log is read, to which others may add meanwhile, and remember that they did
        self.log: Log = Log.load(self.objects, wanted)
        self._catalog = Catalog()
        self._compare(seen)

    def __repr__(self) -> str:
        told = f"{count_of(self.inventory().total(), 'record')} in {count_of(len(self.log.commits), 'commit')}"
        return f"<Vault {self.origin}: {told}>"

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
            As for the class. The file of the key is made if it is not there yet.
        name
            What the vault is called; None for the last part of where it lies.
        time
            When, in ISO 8601, UTC; None for now.

        Raises
        ------
        OutputRefused
            If something is there already. That another vault was here when this place was last seen is a warning: with
            nothing left of it, it is gone, and is forgotten.
        """
        place = objects(uri, options)
        if not all(PurePosixPath(name).name.startswith(TEMPORARY) for name, _ in place.names()):
            there = any(name == name_of(0) for name, _ in place.names())
            why = "there is a vault already" if there else "a vault is made where nothing is yet"
            raise OutputRefused(f"'{place.uri}' is not empty: {why}")
        time = time_of(time)
        origin = f"{name or place.uri.rstrip('/').rpartition('/')[2] or 'vault'}-{secrets.token_hex(8)}"
        if not origin.isprintable() or any(letter.isspace() or letter == "+" for letter in origin):
            given = name or origin[:-17]
            raise BadSetting(
                f"the name of a vault has no white space and no '+': "
                f"{repr(given) if given.isprintable() else ascii(given)}; give --name"
            )
        before = recall(place.uri) if memory else None
        signer = _key(key, password, make=True)
        actions = lines(table(origin, signer.public, time, {"canonical": CANONICAL}))
        entry = Entry(origin, 0, "init", time, None, _sha256(actions), 0, 0, EMPTY.hex())
        data = written(Head(entry, Frontier().append(entry.leaf())), actions, signer)
        if not place.put_new(name_of(0), data):
            raise OutputRefused(f"another vault was just made at '{place.uri}'")
        if before is not None:
            tree = Frontier().append(entry.leaf())
            remember(Seen(place.uri, origin, signer.public, tree.size, tree.root()), anew=True)
        vault = cls(uri, key=key, password=password, public=signer.public, options=options, memory=memory)
        vault._signer = signer
        if before is not None:
            gone = f"'{before.origin}' of {before.size:,} commits was here when this place was last seen; it is gone"
            vault.warnings = (*vault.warnings, gone)
        return vault

    def __reduce__(self) -> tuple[Any, ...]:
        if isinstance(self._given, Key):
            raise BadSetting(
                "a private key is not handed to other processes: open the vault with the path of its file "
                "(key='vault.pem'), or use the engine 'serial'"
            )
        if self._password is not None:
            raise BadSetting("the password of a key is not handed to other processes: use the engine 'serial'")
        key = None if self._given is None else Path(self._given).absolute()
        return _opened, (self.uri, key, self.log.key, self._options, self._memory)

    @property
    def uri(self) -> str:
        """Where it lies."""
        return self.objects.uri

    @property
    def options(self) -> Mapping[str, str]:
        """Settings of the object store that it lies in."""
        return self._options

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
        if self._signer is None:
            self._signer = _key(self._given, self._password)
        return self._signer

    @property
    def key_file(self) -> Path | None:
        """The file of the private key; None where the key itself was given."""
        if isinstance(self._given, Key):
            return None
        return keys_folder() / KEY if self._given is None else Path(self._given)

    @property
    def catalog(self) -> Catalog:
        """What every row is, without its text."""
        self.log, found = reading(self.objects, self.log, self.catalog_of)
        return found

    def catalog_of(self, log: Log) -> Catalog:
        """Return what every row is, as of a log that goes on from this vault's."""
        before = self._catalog if len(self._catalog.keys) <= log.rows else Catalog()
        self._catalog = before.extended(self.objects, log.data())
        return self._catalog

    def to_delta(self) -> DeltaTable:
        """Return the table as the library ``deltalake`` opens it, for every engine that reads it from there.

        It has all rows: superseded versions, models and withdrawals too. ``kind`` and ``version`` tell them apart.

        Raises
        ------
        MissingLibrary
            If ``deltalake`` is not installed.
        """
        try:
            from deltalake import DeltaTable
        except ImportError:
            raise MissingLibrary("a Delta table needs the library 'deltalake': pip install 'outcross[vault]'") from None
        return DeltaTable(self.uri, storage_options=self._options or None)

    def refresh(self) -> None:
        """Read what others have added since.

        Raises
        ------
        NotProven
            If it does not go on from what was there.
        """
        self.log = self.log.refreshed(self.objects)
        self._remember()

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
        texts: list[str | None] = self.rows(positions, ["text"])["text"].to_list()
        found = [text for text in texts if text is not None]
        if len(found) < len(texts):
            at = positions[texts.index(None)]
            raise BadInput(f"there is no text at position {at:,}: it was erased, or is that of a model or a withdrawal")
        return found

    def rows(self, positions: Ints, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Return the rows at these positions, in their order; only the files that they lie in are read."""
        self.log, found = reading(
            self.objects, self.log, lambda log: rows_at(self.objects, log.data(), positions, columns)
        )
        return found

    def find(self, name: str) -> Ints:
        """Return the positions of all versions of a record, the oldest first, and of its tombstones.

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

    def add(self, records: Batch, provenance: Provenance, scores: Mapping[str, Floats] | None = None) -> None:
        """Keep texts, in one commit.

        Parameters
        ----------
        records
            Texts.
        provenance
            Who wrote them, and what the claim rests on.
        scores
            None: a vault keeps no scores.

        Raises
        ------
        BadInput
            If they are no texts, or texts that machines are known to have written are said to be human; or if there
            are scores.
        """
        if scores:
            raise BadInput("a vault keeps no scores; a chain that runs on it does: Chain(model, pool=vault)")
        self.log = add_batch(self, records, provenance)
        self._remember()

    def ingest(
        self,
        request: Request | str | Path | Any,
        provenance: Provenance | None = None,
        *,
        engine: str | Engine = "processes",
        share: Share | None = None,
        stage: Path | None = None,
        register: Register | None = None,
        time: str | None = None,
    ) -> Receipt | None:
        """Add files: whole or not at all, resumable after a kill, by as many workers and machines as there are.

        Parameters
        ----------
        request
            What is to be added, and what is said of it; or the path of a file or a folder; or a data set of the library
            ``datasets``.
        provenance
            Where no request is given: what is said of records that do not say it themselves. None says nothing.
        engine
            Who does the work.
        share
            Do this share only; whoever finishes last commits.
        stage
            A folder that all workers share, for the work in between; by default in the vault.
        register
            One's own outputs that were registered when they were written: they cannot enter as human.
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
        time = time_of(time)
        if is_dataset(request):
            with room(self.objects) as folder:  # where all workers can read it
                cast("Any", request).to_parquet(folder / "dataset.parquet")
                path = folder / "dataset.parquet"
                return self.ingest(path, provenance, engine=engine, stage=stage, register=register, time=time)
        if not isinstance(request, Request):
            said = provenance or Provenance(Origin.UNKNOWN)
            one = request if str(request).startswith("hf:") else Path(request)
            request = Request((one,), said, claimed=provenance is not None)
        self.log, receipt = add(
            self.objects,
            self.log.refreshed(self.objects),
            request,
            self.key,
            time,
            engine=as_part(Engine, engine),
            share=share,
            stage=stage,
            registered=None if register is None else register_keys(register.digests()),
        )
        self._remember()
        return receipt

    def withdraw(self, ids: Sequence[str], reason: str, only: bool = False) -> Withdrawal:
        """Withdraw records, and all that comes from them: see `outcross.vault.withdrawal.withdraw`."""
        self.log, done = withdraw(self, ids, reason, only)
        self._remember()
        return done

    def compact(self, erase: bool = False) -> Compaction:
        """Put small data files together: see `outcross.vault.compaction.compact`."""
        self.log, done = compact(self, erase)
        self._remember()
        return done

    def verify(self, *, records: bool = False) -> Verification:
        """Read every byte, and say what is not what was signed: see `outcross.vault.verification.verify`."""
        return verify(self.objects, self.log.key, self._seen(), records=records)

    def _seen(self) -> Seen | None:
        return recall(self.uri) if self._memory else None

    def _compare(self, seen: Seen | None) -> None:
        """Compare the log with what was last seen of it."""
        if not self._memory:
            return
        wrong = (
            [] if seen is None else compare(seen, self.origin, self.log.key, len(self.log.commits), self.log.root_at)
        )
        if wrong:
            meant = f"if you have put it back yourself, remove '{path_of(self.uri)}'"
            raise NotProven(f"'{self.uri}': {'; '.join(wrong)}; {meant}")
        self._remember()

    def _remember(self) -> None:
        if self._memory:
            tree = self.log.last.head.tree
            warning = remember(Seen(self.uri, self.origin, self.log.key, tree.size, tree.root()))
            self.warnings = () if warning is None else (warning,)


def _opened(uri: str, key: Path | str | None, public: PublicKey, options: Mapping[str, str], memory: bool) -> Vault:
    """The vault in another process, which reads the private key from its file once it needs it."""
    return Vault(uri, key=key, public=public, options=options, memory=memory)


def _key(given: Key | Path | str | None, password: str | None, make: bool = False) -> Key:
    if isinstance(given, Key):
        return given
    path = keys_folder() / KEY if given is None else Path(given)
    if make and not path.exists():
        return make_key(path, password)
    return load_key(path, password)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
