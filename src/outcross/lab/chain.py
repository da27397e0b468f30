"""Recursive training as one object: what to train, on which data, under which policies; run it and get a history."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, final

import numpy as np

from outcross.core.batch import Batch, Ints, NotDivisible
from outcross.core.engine import Engine
from outcross.core.errors import BadInput, BadSetting
from outcross.core.inventory import Inventory
from outcross.core.metric import Metric, View
from outcross.core.model import Editing, Model, Neural, Scored
from outcross.core.part import as_part, part_name, words
from outcross.core.policy import Policy
from outcross.core.population import Population
from outcross.core.provenance import Origin, Stratum
from outcross.core.recipe import Recipe
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.text import Texts, Unit
from outcross.core.version import VERSION
from outcross.corpus import Corpus, read
from outcross.lab.exact import choose_path
from outcross.lab.history import Facts, History, join_outcomes
from outcross.lab.journal import Journal
from outcross.lab.on_vault import VAULT, check_texts, on_vault, pool_of
from outcross.lab.plan import Plan
from outcross.lab.steps import Step, steps
from outcross.lab.suspicion import JUDGES
from outcross.lab.trial import Experiment, Trial
from outcross.lab.truth import HELDOUT, Truth
from outcross.lab.until import Until
from outcross.lab.usual import check_metrics, try_policies, usual_metrics
from outcross.lab.work import Progress, crew, run_all

if TYPE_CHECKING:
    from outcross.vault.vault import Vault

BLOCK = 100
EXACT_BLOCK = 20_000
BLOCK_NUMBERS = 1_000_000
POPULATION_SAMPLE = 100
EXCERPTS = (0, 1, 5, 9)
"""Generations that people are shown something of, besides the last."""
FEW = 6
"""Of so few generations, all are shown."""


@final
class Chain:
    """When, how and how surely does a model collapse on its own output, under which data policy?

    Parameters
    ----------
    model
        A model, or its words.
    data
        Anything that `outcross.corpus.read` takes: a file, ``builtin:NAME``, the words of a population, an array, ...
        None where there is a pool; ``vault:URI`` is the pool that lies there.
    policy
        One policy or several to be compared from common seeds.
    metrics
        Metrics or their words; none for the usual ones of the model's kind of records.
    sample_size
        n, the records of a generation; none for as many as there are human training records (100 for a population).
    heldout
        Share of a corpus that no model is trained on and that metrics compare with; none for a tenth (symbols are
        compared with all records: a few types are known well enough).
    test
        Held-out human data of their own, read as ``data`` are; then no share of the data is held out.
    until
        Condition to stop early, like ``"variance < 0.01"``.
    text, columns, group, unit, limit, block
        How data are read: the text column, the numeric columns, the column of groups, what a word is, how many records
        at most, and how many words a record has that texts are cut into (none: every text is a record).
    pool
        A vault: its live human texts are the data, and what models write joins it, with the whole lineage. The numbers
        are those of the same texts in memory. Workers open it anew, with the file of its key: a key in memory is not
        handed to them, and takes the engine ``serial``.

    Raises
    ------
    UnknownPart, BadSetting
        If a part does not exist or a setting is out of range.

    Examples
    --------
    >>> chain = Chain("gaussian(ddof=1)", "normal", "replace", ["variance"], sample_size=100)
    >>> history = chain.run(generations=5, replicates=200, seed=0, engine="serial")
    >>> history.measure("replace", "variance", 5).n
    200
    """

    def __init__(
        self,
        model: str | Model,
        data: Any = None,
        policy: str | Policy | Sequence[str | Policy] = "replace",
        metrics: str | Metric[Any] | Sequence[str | Metric[Any]] | None = None,
        sample_size: int | None = None,
        *,
        heldout: float | None = None,
        test: Any = None,
        until: str | None = None,
        text: str = "text",
        columns: Sequence[str] | None = None,
        group: str | None = None,
        unit: Unit = "word",
        limit: int | None = None,
        block: int | None = None,
        pool: Vault | None = None,
    ) -> None:
        policies = [policy] if isinstance(policy, str | Policy) else list(policy)
        measured = [metrics] if isinstance(metrics, str | Metric) else list(metrics or ())
        self.model: Model = as_part(Model, model)
        self.policies: tuple[Policy, ...] = tuple(as_part(Policy, one) for one in policies)
        self.metrics: tuple[Metric[Any], ...] = tuple(as_part(Metric, one) for one in measured)
        self.pool, self.data, self.test = pool_of(data, pool), data, test
        self._until = Until.parse(until) if until else None
        self._plan = Plan(
            data=_named(data) if self.pool is None else f"{VAULT}{self.pool.uri}",
            model=words(self.model),
            policy=tuple(dict.fromkeys(words(one) for one in self.policies)),
            metric=tuple(dict.fromkeys(words(one) for one in self.metrics)),
            sample_size=sample_size,
            heldout=heldout,
            test=None if test is None else _named(test),
            until=until,
            text=text,
            columns=tuple(columns or ()),
            group=group,
            unit=unit,
            limit=limit,
            block=block,
        )
        if len(self._plan.policy) < len(self.policies):
            raise BadSetting("a policy is given twice")
        if self.pool is not None:
            check_texts(self.model, self._plan)

    @classmethod
    def from_plan(cls, plan: Plan) -> Chain:
        """Return the chain of a plan."""
        return cls(
            plan.model,
            plan.data,
            plan.policy,
            plan.metric or None,
            plan.sample_size,
            heldout=plan.heldout,
            test=plan.test,
            until=plan.until,
            text=plan.text,
            columns=plan.columns,
            group=plan.group,
            unit=cast(Unit, plan.unit),
            limit=plan.limit,
            block=plan.block,
        )

    def run(
        self,
        generations: int = 10,
        replicates: int = 10,
        seed: int = 0,
        exact: bool | None = None,
        *,
        engine: str | Engine = "processes",
        out: str | Path | None = None,
        resume: bool = False,
        progress: Progress | None = None,
        announce: Callable[[str], None] | None = None,
        keep_models: bool = False,
        name: str | None = None,
    ) -> History:
        """Run the chain and return its history.

        Parameters
        ----------
        generations
            How many models are fitted, one after another. Generation 0 is the human data.
        replicates
            How many independent chains; intervals come from them.
        seed
            Seed of everything random. The result depends on neither the engine nor on what was run before.
        exact
            True to insist on the exact path, False to draw samples, None for exact where it is open.
        engine
            Who does the work: ``processes``, ``serial``, ``ray``, or one of your own.
        out
            A folder to keep the run in, so that it can be resumed after a kill.
        resume
            Go on with the run in ``out``.
        progress
            Told how many of how many fitted generations are done.
        announce
            Told in one sentence which path is taken and why.
        keep_models
            Keep the weights of every generation of a neural model in ``out``, not only of the first and the last.
        name
            What the run is called in the vault; none for a name made of the plan and the data. What a run of that name
            has added before is not added again.

        Raises
        ------
        BadSetting, BadInput
            If the plan cannot be run on these data.
        OutputRefused
            If ``out`` holds another run, or cannot be written.
        """
        plan = dataclasses.replace(self._plan, generations=generations, replicates=replicates, seed=seed, exact=exact)
        corpus, positions = self._data()
        if name is not None and self.pool is None:
            raise BadSetting("a run has a name in a vault: name one with pool=, or leave the name out")
        journal = None if out is None else Journal(Path(out))
        if resume and journal is None:
            raise BadSetting("there is nothing to resume: name the folder of the run with out=")
        if journal is not None and journal.holds(plan, corpus.digest, resume=resume):
            journal.close()  # a kill may have come before
            return History.load(journal.folder)
        experiment, why = self._experiment(corpus, plan)
        trials = self._trials(experiment, replicates, seed)
        workers = crew(engine, len(trials), self.model)
        if self.pool is not None:
            experiment = on_vault(self.pool, experiment, plan, corpus, positions, workers, name)
        if journal is not None:  # only now: a plan that cannot be run does not take the folder
            journal.open(plan, corpus.digest)
        if announce is not None:
            announce(why)
        try:
            outcomes = run_all(experiment, trials, workers, journal, progress, keep_models)
        except NotDivisible as error:
            raise BadSetting(f"the exact path ended half-way: {error}; run it with exact=False (--no-exact)") from error
        if self.pool is not None:
            self.pool.refresh()
        joined = {
            words(policy): join_outcomes([o for t, o in zip(trials, outcomes, strict=True) if t.policy == index])
            for index, policy in enumerate(experiment.policies)
        }
        history = History(plan, _facts(corpus, experiment, why), joined)
        if journal is not None:
            history.save(journal.folder)
            journal.close()
        return history

    def steps(self, replicates: int = 1, seed: int = 0, exact: bool | None = None) -> Iterator[Step]:
        """Yield the generations of the first policy one by one, for as long as they are asked for.

        The same numbers as `run` gives to its first block of replicates. Nothing is added to a vault.

        Examples
        --------
        >>> chain = Chain("gaussian", "normal", sample_size=10)
        >>> for step in chain.steps(seed=1):
        ...     if step.generation == 3:
        ...         break
        >>> step.generation
        3
        """
        plan = dataclasses.replace(self._plan, replicates=replicates, seed=seed, generations=3)
        experiment, _ = self._experiment(self.read(), dataclasses.replace(plan, exact=exact))
        policy, n = experiment.policies[0], experiment.sample_size
        child = Seed(seed).child("replicates", 0)
        pool, _ = experiment.truth.pool(experiment.model, policy, n, replicates, child, experiment.level)
        return steps(experiment.model, policy, pool, n, child, exact=experiment.level != "records")

    def read(self) -> Corpus:
        """Return the human data, held-out data of their own included, as the model reads them."""
        return self._data()[0]

    def _data(self) -> tuple[Corpus, Ints]:
        """The human data, and where they lie in the vault, if that is where they are from."""
        plan = self._plan
        reading = partial(
            read,
            as_=self.model.reads[0],
            text=plan.text,
            columns=plan.columns or None,
            group=plan.group,
            unit=cast(Unit, plan.unit),
            limit=plan.limit,
            block=plan.block,
        )
        if self.pool is None:
            corpus, positions = reading(self.data), np.zeros(0, dtype=np.int64)
        else:
            from outcross.vault.human import human

            self.pool.refresh()
            corpus, positions = human(self.pool, unit=cast(Unit, plan.unit), group=plan.group, limit=plan.limit)
        return (corpus if self.test is None else corpus.with_test(reading(self.test))), positions

    def _experiment(self, corpus: Corpus, plan: Plan) -> tuple[Experiment, str]:
        """Everything that all trials share, and why its path was taken."""
        scored = any(metric.view is not View.OUTPUT for metric in self.metrics)
        heldout = HELDOUT if plan.heldout is None and scored else plan.heldout
        truth = Truth.of_corpus(corpus, Seed(plan.seed).child("truth"), heldout)
        n = plan.sample_size or (POPULATION_SAMPLE if truth.train is None else truth.train.size)
        if truth.train is not None and n > truth.train.size:
            raise BadSetting(f"sample_size {n:,} is more than the {truth.train.size:,} human records to train on")
        shown = range(plan.generations + 1) if plan.generations <= FEW else (*EXCERPTS, plan.generations)
        excerpts = frozenset(shown)
        bare = Experiment(
            self.model, self.policies, (), truth, n, plan.generations, until=self._until, excerpts=excerpts
        )
        _check_reserve(bare)
        if isinstance(self.model, Neural):  # a trial of it would take as long as a generation
            _check_abilities(bare, self.model)
        else:
            try_policies(bare)
        metrics = self.metrics or usual_metrics(bare)
        check_metrics(self.model, metrics, truth.heldout)
        experiment = dataclasses.replace(bare, metrics=metrics)
        level, why = choose_path(experiment, plan.exact)
        return dataclasses.replace(experiment, level=level), why

    def _trials(self, experiment: Experiment, replicates: int, seed: int) -> list[Trial]:
        """Blocks of replicates by policy. Their size depends on the plan alone, never on the machine."""
        size = min(block_size(experiment, policy) for policy in experiment.policies)
        starts = range(0, replicates, size)
        count = len(self.policies)
        return [Trial(index, start, min(size, replicates - start), seed) for index in range(count) for start in starts]


def _named(data: Any) -> str:
    """What a plan calls human data: as they were named, or what kind of thing they are."""
    return str(data) if isinstance(data, str | Path | Population) else f"<{type(data).__name__.lower()}>"


def block_size(experiment: Experiment, policy: Policy) -> int:
    """Return how many replicates go through one call, bounded by memory where samples are drawn.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> truth = Truth.of_population(build("population", "normal"), Seed(0))
    >>> experiment = Experiment(build("model", "gaussian"), (), (), truth, 100_000, 1)
    >>> block_size(experiment, build("policy", "replace"))
    10
    """
    if not experiment.model.batched or policy.grouped:
        return 1
    heldout, exact = experiment.truth.heldout, experiment.level == "statistics"
    numbers = 1 if exact else experiment.sample_size
    if isinstance(heldout, Rows):
        numbers *= heldout.dim**2 if exact else heldout.dim
    elif isinstance(heldout, Symbols) and exact:
        numbers = heldout.types
    return max(1, min(EXACT_BLOCK if exact else BLOCK, BLOCK_NUMBERS // numbers))


def _check_reserve(experiment: Experiment) -> None:
    """Refuse at once a chain that would run out of new human records half-way."""
    n, reserve = experiment.sample_size, experiment.truth.reserve(experiment.sample_size)
    if math.isinf(reserve):
        return
    for policy in experiment.policies:
        needed = 0
        for generation, recipe in enumerate(_recipes(experiment, policy), 1):
            needed += sum(draw.quota for draw in recipe.draws if draw.fresh)
            if needed > reserve:
                raise BadSetting(
                    f"{words(policy)} needs {needed:,} new human records by generation {generation} and "
                    f"{reserve:,} are left beside the first {n:,}; lower the sample size or the generations"
                )


def _check_abilities(experiment: Experiment, model: Neural) -> None:
    """Refuse at once a policy that needs what the model cannot do, which would be found only after a generation."""
    for policy in experiment.policies:
        recipes = [recipe for recipe in _recipes(experiment, policy) if recipe.ask]
        if any(recipe.edit is not None for recipe in recipes) and not issubclass(model.gives, Editing):
            name = part_name(type(model))
            raise BadSetting(f"{words(policy)} needs a model that edits texts, such as ngram, and {name} does not")
        judges = {recipe.judge or "" for recipe in recipes if recipe.best_of > 1}
        for score in sorted(judges | policy.scores):
            if score in JUDGES and not issubclass(model.gives, Scored):
                raise BadInput(f"the score '{score}' needs a model that knows how probable a record is")
            if score not in JUDGES and not isinstance(experiment.truth.heldout, Texts):
                raise BadInput(f"{words(policy)} needs records that are texts: its detector reads nothing else")


def _recipes(experiment: Experiment, policy: Policy) -> Iterator[Recipe]:
    """What a policy plans, generation by generation: arithmetic over the counts of human and of the latest records."""
    n, reserve = experiment.sample_size, experiment.truth.reserve(experiment.sample_size)
    human = Stratum(Origin.HUMAN)
    counts = {human: n}
    for generation in range(1, min(experiment.generations, 1000) + 1):
        recipe = policy.plan(Inventory(counts, reserve), n)
        yield recipe
        origin = Origin.SYNTHETIC if recipe.edit is None else Origin.MIXED
        counts = {human: n, Stratum(origin, generation): recipe.ask}


def _scoring(model: Model) -> tuple[str, ...]:
    """What the page says of how log-probabilities are counted."""
    return (f"Log-probabilities are sums over {model.scoring}.",) if isinstance(model, Neural) and model.scoring else ()


def _facts(corpus: Corpus, experiment: Experiment, why: str) -> Facts:
    train: Batch | None = experiment.truth.train
    return Facts(
        path="sampled" if experiment.level == "records" else "exact",
        why=why,
        data=corpus.name,
        digest=corpus.digest,
        source=corpus.source,
        notes=(*corpus.notes, *_scoring(experiment.model)),
        records=-1 if train is None else train.size,
        heldout=experiment.truth.heldout.size,
        sample_size=experiment.sample_size,
        version=VERSION,
    )
