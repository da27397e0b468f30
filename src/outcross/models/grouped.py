"""One model for each group of records: it writes records that have groups, so that minorities can be guarded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from outcross.core.batch import Batch, Ints
from outcross.core.errors import BadInput, BadSetting
from outcross.core.model import Fitted, Model, Scored
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.statistics import LogProbs
from outcross.core.text import Texts

Grouping = Rows | Texts


@final
@dataclass(frozen=True)
class Grouped(Model):
    """A mixture of models, one a group, in the shares of the groups; wraps a model of rows or of texts.

    What it writes is drawn group by group: first how many records each group gets (multinomial), then these records
    from that group's model. A group that died out never comes back.

    Parameters
    ----------
    model
        The model of each group.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> cats = Rows(np.array([[[1.0], [1.5], [9.0], [9.5]]]), group=np.array([[0, 0, 1, 1]]), names=("yellow", "blue"))
    >>> fitted = Grouped(build("model", "gaussian")).fit(cats, Seed(0))
    >>> fitted.sample(100, Seed(1)).group.mean().round(1)
    np.float64(0.5)
    """

    model: Model

    def check(self) -> None:
        """Refuse a model whose records carry no groups."""
        if not issubclass(self.model.reads[0], Rows | Texts):
            raise BadSetting(
                f"grouped wraps a model of rows or of texts, and {self.model} is none; its types are groups"
            )

    @property
    def reads(self) -> tuple[type[Batch], ...]:  # type: ignore[override]  # what the wrapped model reads
        """The records that the wrapped model reads."""
        return self.model.reads[:1]

    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> FittedGrouped:
        """Return the model of each group that has records, and the groups' shares of the training weight."""
        if not isinstance(data, Rows | Texts) or data.group is None:
            raise BadInput("a grouped model needs records whose groups are known; name their column with --group")
        weight = np.ones(data.size) if data.weight is None else data.weight
        mass = np.bincount(data.group[0], weights=weight, minlength=len(data.names))
        before = previous.models if isinstance(previous, FittedGrouped) else {}
        models = {
            name: self.model.fit(replace(data.take(index), group=None, names=()), seed.child(name), before.get(name))
            for name, index in data.members().items()
            if index.size
        }
        shares = dict(zip(data.names, (mass / mass.sum()).tolist(), strict=True))
        return FittedGrouped(models, shares)


@final
@dataclass(frozen=True)
class FittedGrouped(Scored):
    """Models of the groups that are left.

    Parameters
    ----------
    models
        Name of a group to its model.
    shares
        Name of a group to its share; every group that there ever was has one.

    Examples
    --------
    >>> FittedGrouped({}, {"blue": 1.0}).shares
    {'blue': 1.0}
    """

    models: Mapping[str, Fitted]
    shares: Mapping[str, float]

    def sample(self, n: int, seed: Seed) -> Grouping:
        """Return n records with their groups, in random order."""
        rng = seed.child("groups").generator()
        counts = rng.multinomial(n, list(self.shares.values()))
        parts: list[Grouping] = []
        for code, (name, count) in enumerate(zip(self.shares, counts.tolist(), strict=True)):
            if count:
                part = self.models[name].sample(count, seed.child(name))
                if not isinstance(part, Rows | Texts):
                    raise BadInput(
                        f"the model of group '{name}' writes {type(part).__name__.lower()}, which have no groups"
                    )
                parts.append(replace(part, group=np.full((1, count), code), names=tuple(self.shares)))
        joined = parts[0].join(parts[1:])  # type: ignore[arg-type]  # all of one kind: one model wrote them
        order: Ints = rng.permutation(n)[None]
        return joined.take(order)

    def log_prob(self, data: Batch) -> LogProbs:
        """Return the log probability of each record and its group; minus infinity for a group that died out.

        Raises
        ------
        BadInput
            If groups are not known, or a group's model does not know how probable a record is.
        """
        if not isinstance(data, Rows | Texts) or data.group is None:
            raise BadInput("a grouped model scores records whose groups are known")
        values = np.full((1, data.size), -np.inf)
        tokens = data.lengths[None].astype(np.float64) if isinstance(data, Texts) else np.ones((1, data.size))
        for name, index in data.members().items():
            model = self.models.get(name)
            if index.size and model is not None:
                if not isinstance(model, Scored):
                    raise BadInput(f"the model of group '{name}' does not know how probable a record is")
                found = model.log_prob(replace(data.take(index), group=None, names=()))
                values[0, index[0]] = found.values[0] + np.log(self.shares[name])
                tokens[0, index[0]] = np.broadcast_to(found.tokens, found.values.shape)[0]
        return LogProbs(values, tokens)
