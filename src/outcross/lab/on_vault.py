"""A chain on a vault: which vault, whether it can run there, and where its human texts lie."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from outcross.core.batch import Ints
from outcross.core.engine import Engine
from outcross.core.errors import BadInput, BadSetting
from outcross.core.model import Model
from outcross.core.part import part_name, words
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.corpus import Corpus
from outcross.lab.plan import Plan
from outcross.lab.trial import Experiment
from outcross.lab.truth import HELDOUT

if TYPE_CHECKING:
    from outcross.vault.vault import Vault

VAULT = "vault:"
"""How data are named that lie in a vault."""


def pool_of(data: Any, pool: Any) -> Vault | None:
    """Return the vault that a chain runs on; None where it runs in memory.

    Raises
    ------
    BadSetting
        If both data and a pool are given, or neither, or the pool is no vault.

    Examples
    --------
    >>> pool_of("normal", None) is None
    True
    """
    if (data is None) == (pool is None):
        raise BadSetting("give either data or, with pool=, a vault that has them")
    named = isinstance(data, str) and data.startswith(VAULT)
    if pool is None and not named:
        return None
    from outcross.vault.vault import Vault

    found = Vault(data.removeprefix(VAULT)) if named else pool
    if not isinstance(found, Vault):
        raise BadSetting(f"a chain runs on a Vault, or in memory where no pool is given; not on {type(pool).__name__}")
    return found


def check_texts(model: Model, plan: Plan) -> None:
    """Refuse what a vault does not have, for it keeps texts, each of them whole.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> check_texts(build("model", "gaussian"), Plan())
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadSetting: a vault keeps texts, and gaussian is fitted to rows: run it in memory, with data=
    """
    if Texts not in model.reads:
        kind = model.reads[0].__name__.lower()
        raise BadSetting(f"a vault keeps texts, and {words(model)} is fitted to {kind}: run it in memory, with data=")
    for name in ("block", "columns"):
        if getattr(plan, name):
            raise BadSetting(f"the records of a vault are texts, and are taken whole: leave '{name}' out")


def on_vault(
    vault: Vault,
    experiment: Experiment,
    plan: Plan,
    corpus: Corpus,
    positions: Ints,
    engine: Engine,
    name: str | None,
) -> Experiment:
    """Return an experiment that runs where its human texts lie.

    Parameters
    ----------
    vault, experiment, plan
        What runs where.
    corpus, positions
        All human texts, and where they are.
    engine
        Who does the work, and may have to open the vault anew.
    name
        What the run is called; None for a name that the same plan on the same data has again.

    Raises
    ------
    MissingInput, BadInput
        If there is no key to sign with, or it is not that of the vault.
    BadSetting
        If the vault cannot be handed to workers: its key is in memory only, or locked with a password.

    Examples
    --------
    See `outcross.vault.pool.Run`.
    """
    from outcross.vault.kept import Kept
    from outcross.vault.pool import Run

    train = experiment.truth.train
    if not isinstance(train, Texts):
        raise BadInput("a vault keeps texts")
    if vault.key.public != vault.log.key:
        raise BadInput(f"the key {vault.key.public.fingerprint} is not that of the vault, {vault.log.key.fingerprint}")
    if part_name(type(engine)) != "serial":
        vault.__reduce__()
    if name is not None and not name.strip():
        raise BadSetting("a run needs a name of at least one letter; leave it out for one made of the plan")
    share = HELDOUT if plan.heldout is None else plan.heldout
    index = corpus.training(share, Seed(plan.seed).child("truth"))
    kept = Kept.of(positions[index], train)
    run = Run(vault, name or f"run-{plan.digest}-{corpus.digest[:8]}", kept)
    return replace(experiment, truth=replace(experiment.truth, run=run))
