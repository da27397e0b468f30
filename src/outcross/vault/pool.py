"""A vault as the pool of a chain: what models write joins it, and what they are trained on is read from it, verified.

Every generation is one commit: a row for the model, which says what it was trained on, and its texts, which name it as
their parent. The choices are those of a pool in memory, made by the same code; so for the same human texts, in the same
order, a chain on a vault gives the same numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, final

import numpy as np
import orjson

from outcross.core.batch import Batch, Floats, Ints
from outcross.core.errors import BadInput, BadSetting
from outcross.core.inventory import Inventory
from outcross.core.memory import MemoryPool
from outcross.core.pool import RatedPool
from outcross.core.provenance import Provenance, Stratum
from outcross.core.recipe import Recipe
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.vault.batch import add_batch
from outcross.vault.catalog import keys_of
from outcross.vault.kept import Cuts, Kept, spelled
from outcross.vault.record import MODEL, WITHDRAWAL
from outcross.vault.trained_on import TRAINED_ON, encode

if TYPE_CHECKING:
    from outcross.vault.vault import Vault

EVIDENCE = "registered"
"""What the origin of a chain's texts rests on: they were entered as they were written."""


@final
@dataclass(frozen=True, eq=False)
class Run:
    """A chain's run on a vault.

    Parameters
    ----------
    vault
        The vault.
    name
        What the run is called. Under the same name, what is in the vault already is not added again.
    human
        The human texts to train on, in the order in which the chain has them.

    Examples
    --------
    See `VaultPool`.
    """

    vault: Vault
    name: str
    human: Kept

    def pool(self, within: MemoryPool, policy: str, replicate: int, seed: int) -> VaultPool:
        """Return the pool of one policy and one replicate, which sees nothing of the others.

        Parameters
        ----------
        within
            A pool of `Kept` texts.
        policy
            Words of the policy.
        replicate, seed
            Stand in the row of each model.
        """
        told = {"name": self.name, "policy": policy, "replicate": replicate, "seed": seed}
        return VaultPool(self.vault, within, f"{self.name}/{policy}/{replicate}", told)


class _Drawn(NamedTuple):
    """What the model that writes next was trained on."""

    recipe: Recipe
    positions: Ints


@final
class VaultPool(RatedPool):
    """A pool whose records lie in a vault, for one run of a chain.

    Parameters
    ----------
    vault
        The vault.
    within
        A pool of `Kept` texts, which makes the choices: it holds the human ones.
    run
        What the run is called in the column ``run``.
    told
        What else the row of each model says.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from outcross.core.provenance import Origin
    >>> from outcross.core.recipe import Draw
    >>> from outcross.vault.keys import Key
    >>> from outcross.vault.vault import Vault
    >>> folder = Path(tempfile.mkdtemp(), "cats")
    >>> vault = Vault.create(folder, key=Key.of_seed(bytes(32)), memory=False)
    >>> texts = Texts.of(["A cat sleeps.", "It rains."])
    >>> vault.add(texts, Provenance(Origin.HUMAN))
    >>> pool = VaultPool(vault, MemoryPool(Kept.of(np.array([0, 1]), texts)), "try/replace/0")
    >>> pool.draw(Recipe((Draw((Stratum(Origin.HUMAN),), 2),), ask=1), Seed(0)).strings()
    ('A cat sleeps.', 'It rains.')
    >>> pool.add(Texts.of(["A cat rains."]), Provenance(Origin.SYNTHETIC, 1, generator="ngram"))
    >>> vault.rows(np.array([2, 3]), ["kind", "generation", "run"]).rows()
    [('model', 0, 'try/replace/0'), ('record', 1, 'try/replace/0')]
    """

    lasting: ClassVar[bool] = True

    def __init__(self, vault: Vault, within: MemoryPool, run: str, told: Mapping[str, Any] | None = None) -> None:
        vault.refresh()
        self._vault, self._within, self._run, self._told = vault, within, run, dict(told or {})
        self._drawn: _Drawn | None = None
        self._cuts = Cuts()
        self._past = _models(vault, run)

    def inventory(self) -> Inventory:
        """Return how many records of this run and of its human texts there are, by stratum."""
        return self._within.inventory()

    def draw(self, recipe: Recipe, seed: Seed) -> Texts:
        """Return the texts of a recipe, each file verified before it is used.

        Raises
        ------
        BadInput
            If a draw asks for more records than there are, or a text was erased meanwhile.
        NotProven
            If a file is not what was signed.
        """
        drawn = self._within.draw(recipe, seed)
        if not isinstance(drawn, Kept):
            raise BadInput("a vault gives records, not statistics of them")
        if recipe.ask:  # who draws and asks for nothing trains no model that writes
            self._drawn = _Drawn(recipe, drawn.positions)
        return drawn.read(self._vault, self._cuts)

    def add(self, records: Batch, provenance: Provenance, scores: Mapping[str, Floats] | None = None) -> None:
        """Keep what the model wrote that was trained on the last draw, in one commit together with its row.

        What this very model has added before is taken as it lies in the vault, so that a chain that was killed can be
        taken up. Scores are kept in memory only.

        Raises
        ------
        BadInput
            If these are no texts, nothing was drawn before, or the vault has other texts of this model, or they were
            withdrawn.
        BadSetting
            If the vault holds another run of this name.
        """
        if not isinstance(records, Texts):
            raise BadInput(f"a vault keeps texts, not {type(records).__name__.lower()}")
        if self._drawn is None:
            raise BadInput("who wrote these texts was trained on nothing: draw before you add")
        model = self._model(provenance, self._drawn)
        texts = replace(records, raw=records.strings())  # put together once
        if self._past.get(provenance.generation, model["id"]) != model["id"]:
            raise BadSetting(
                f"the vault has another model of generation {provenance.generation} in the run '{self._run}'; "
                "give this run another name"
            )
        if provenance.generation not in self._past:
            self._commit(texts, provenance, model)
        first = int(self._vault.find(model["id"])[0]) + 1
        positions = np.arange(first, first + records.size)
        self._check(texts, positions, model["id"])  # what lies there may be from before, or from a twin of this run
        self._within.add(Kept.of(positions, records), provenance, scores)

    def rate(self, strata: Iterable[Stratum], scores: Mapping[str, Floats]) -> None:
        """Give records score columns, in memory only."""
        self._within.rate(strata, scores)

    def _model(self, provenance: Provenance, drawn: _Drawn) -> dict[str, Any]:
        """The row of the model. What its id is the digest of is the same whenever the chain is run again."""
        told = {
            **self._told,
            "generation": provenance.generation,
            "recipe": drawn.recipe.to_dict(),
            TRAINED_ON: encode(drawn.positions),
        }
        positions = hashlib.sha256(np.sort(drawn.positions).astype("<i8").tobytes()).hexdigest()
        named = orjson.dumps([provenance.generator, self._run, {**told, TRAINED_ON: positions}], option=_PLAIN)
        digest = hashlib.sha256(named).hexdigest()
        if provenance.generator_digest is not None:
            told["weights"] = provenance.generator_digest
        catalog = self._vault.catalog
        depths = {catalog.strata[code].generation for code in np.unique(catalog.codes[drawn.positions])}
        return {
            "id": f"model:{digest}",
            "kind": MODEL,
            "generator": provenance.generator,
            "generator_digest": digest,
            "generation": max(depths),
            "metadata": orjson.dumps(told, option=_PLAIN).decode(),
        }

    def _commit(self, texts: Texts, provenance: Provenance, model: Mapping[str, Any]) -> None:
        written = replace(
            provenance,
            generator_digest=model["generator_digest"],
            parents=(model["id"],),
            evidence=provenance.evidence or EVIDENCE,
        )
        note = {"run": self._run, "generation": provenance.generation, "model": model["id"]}
        self._vault.log = add_batch(
            self._vault, texts, written, run=self._run, others=[model], note=note, metadata=spelled(texts)
        )
        self._past[provenance.generation] = model["id"]

    def _check(self, texts: Texts, positions: Ints, model: str) -> None:
        """Refuse what is not the same as what lies in the vault."""
        catalog = self._vault.catalog
        there = positions[positions < len(catalog.keys)]
        frame = self._vault.rows(there, ["text", "parents"])
        if frame["text"].to_list() != list(texts.strings()) or frame["parents"].to_list() != [[model]] * texts.size:
            raise BadInput(
                f"the vault has other texts of the model '{model}' than it has written now; give this run another name"
            )
        if not catalog.live[positions].all():
            raise BadInput(f"texts of the run '{self._run}' were withdrawn from the vault: give this run another name")


_PLAIN = orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY
"""The same data give the same JSON."""


def _models(vault: Vault, run: str) -> dict[int, str]:
    """The models that a run has in a vault, by the generation that they wrote."""
    catalog = vault.catalog
    own = np.array([kind == MODEL and of == run for kind, _, of in catalog.kinds] or [False])
    places = np.flatnonzero(own[catalog.codes])
    if not len(places):
        return {}
    frame = vault.rows(places, ["id", "metadata"])
    if np.isin(keys_of(frame["id"]), catalog.keys[catalog.where(WITHDRAWAL)]).any():
        raise BadInput(f"models of the run '{run}' were withdrawn from the vault: give this run another name")
    return {orjson.loads(told)["generation"]: name for name, told in frame.iter_rows()}
