"""What was said of a corpus, as a sum of what was said of its parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, final

import numpy as np

from outcross.core.errors import BadInput
from outcross.core.measure import Measure
from outcross.evidence.distinct import Distinct
from outcross.evidence.judging import ANSWER, REASON, alike
from outcross.evidence.spread import QUANTILES, Spread

if TYPE_CHECKING:
    import polars as pl

GROUPS = 1_000
"""Values that a column may have to be summed up by, at most: what is kept of them must not grow with the corpus."""


@final
@dataclass(frozen=True)
class Said:
    """What was said of some documents.

    Parameters
    ----------
    texts
        How many they are.
    scores
        How their scores, or their probabilities in an even mixture, are spread.
    answers
        How many are called ``synthetic``, ``human``, or cannot be told; empty where only scores were asked for.

    Examples
    --------
    >>> Said(2, Spread.of(np.array([0.25, 0.75]))).to_dict()["mean"]
    0.5
    """

    texts: int
    scores: Spread
    answers: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: pl.DataFrame, number: str) -> Self:
        """Return what the rows of a part say; ``number`` is the column of the scores."""
        values = frame[number].fill_null(float("nan")).to_numpy()
        return cls(frame.height, Spread.of(values), _counts(frame, ANSWER))

    @classmethod
    def merged(cls, parts: Iterable[Said]) -> Self:
        """Return what was said of the documents of all parts."""
        held = list(parts)
        return cls(
            sum(one.texts for one in held), Spread.merged(one.scores for one in held), _sum(one.answers for one in held)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data: counts, the mean of the scores, and their quantiles (to 0.4 %)."""
        scores = self.scores
        quantiles = {str(share): scores.quantile(share) for share in QUANTILES}
        told = {"texts": self.texts, "scores": scores.n, "mean": scores.mean.value, "quantiles": quantiles}
        return told | ({"answers": dict(self.answers)} if self.answers else {})

    def plain(self) -> dict[str, Any]:
        """Return all that is kept, for `restore`."""
        return {"texts": self.texts, "scores": self.scores.plain(), "answers": self.answers}

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> Self:
        """Return what `plain` gave."""
        return cls(plain["texts"], Spread.restore(plain["scores"]), plain["answers"])


@final
@dataclass(frozen=True)
class ScoreSummary:
    """What was said of a corpus.

    Parameters
    ----------
    whole
        Of all documents.
    by
        For each column that was named, what was said of the documents of each of its values; an empty name where the
        column says nothing.
    rejected
        What could not be read, by kind.
    reasons
        Why documents could not be told, and how often.
    texts
        The smallest hashes of the texts: how many are different?

    Notes
    -----
    These are answers on single documents. Their count is no estimate of the share of synthetic documents; see
    `outcross.evidence.prevalence.prevalence`.

    Examples
    --------
    See `outcross.evidence.score_corpus.score_corpus`.
    """

    whole: Said
    by: Mapping[str, Mapping[str, Said]] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    texts: Distinct = field(default_factory=lambda: Distinct.of([]))

    @property
    def distinct(self) -> Measure:
        """How many of the texts are different, with a 95 % interval: see `Distinct`."""
        return self.texts.estimate

    @classmethod
    def of(
        cls, frame: pl.DataFrame, number: str, by: Sequence[str], rejected: Mapping[str, int], texts: Distinct
    ) -> Self:
        """Return the summary of a part.

        Raises
        ------
        BadInput
            If a column has more than 1,000 values: it is no grouping.
        """
        groups = {column: _by(frame, number, column) for column in by}
        reasons: Counter[str] = Counter()
        for reason, count in _counts(frame, REASON).items():
            if reason:
                reasons[alike(reason)] += count
        return cls(Said.of(frame, number), groups, dict(rejected), dict(sorted(reasons.items())), texts)

    @classmethod
    def merged(cls, parts: Iterable[ScoreSummary]) -> Self:
        """Return the summary of the whole; the parts may come one by one, and are not kept.

        Raises
        ------
        BadInput
            If a column has more than 1,000 values.
        """
        total: ScoreSummary | None = None
        for part in parts:
            total = part if total is None else total._and(part)
        found = total or ScoreSummary(Said(0, Spread(0, 0, 0.0)))
        return cls(found.whole, found.by, found.rejected, found.reasons, found.texts)

    def _and(self, other: ScoreSummary) -> ScoreSummary:
        groups: dict[str, dict[str, Said]] = {}
        for column in self.by:
            mine, theirs = self.by[column], other.by[column]
            names = sorted(mine.keys() | theirs.keys())
            _check_groups(column, len(names))
            held = {name: [side[name] for side in (mine, theirs) if name in side] for name in names}
            groups[column] = {name: Said.merged(some) for name, some in held.items()}
        return ScoreSummary(
            Said.merged([self.whole, other.whole]),
            groups,
            _sum([self.rejected, other.rejected]),
            _sum([self.reasons, other.reasons]),
            Distinct.merged([self.texts, other.texts]),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, for a reader."""
        distinct = self.distinct
        return {
            **self.whole.to_dict(),
            "distinct texts": {"value": distinct.value, "low": distinct.low, "high": distinct.high},
            "rejected": dict(self.rejected),
            "reasons": dict(self.reasons),
            "by": {column: {name: one.to_dict() for name, one in held.items()} for column, held in self.by.items()},
        }

    def plain(self) -> dict[str, Any]:
        """Return all that is kept as plain data, for `restore`: what the summary of a part is written as."""
        return {
            "whole": self.whole.plain(),
            "by": {column: {name: one.plain() for name, one in held.items()} for column, held in self.by.items()},
            "rejected": dict(self.rejected),
            "reasons": dict(self.reasons),
            "texts": self.texts.smallest.tolist(),
        }

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> Self:
        """Return what `plain` gave."""
        by = {column: {name: Said.restore(one) for name, one in held.items()} for column, held in plain["by"].items()}
        texts = Distinct(np.array(plain["texts"], dtype=np.uint64))
        return cls(Said.restore(plain["whole"]), by, plain["rejected"], plain["reasons"], texts)


def _by(frame: pl.DataFrame, number: str, column: str) -> dict[str, Said]:
    import polars as pl

    names = frame[column].cast(pl.String).fill_null("")
    _check_groups(column, names.n_unique())
    parts = frame.with_columns(names.alias(column)).partition_by(column, as_dict=True)
    return {str(name): Said.of(parts[(name,)], number) for name in sorted(key for (key,) in parts)}


def _check_groups(column: str, count: int) -> None:
    if count > GROUPS:
        raise BadInput(f"'{column}' has more than {GROUPS:,} values: it is no column to sum up by")


def _counts(frame: pl.DataFrame, column: str) -> dict[str, int]:
    """How often each value of a column is there, where there is the column."""
    if column not in frame.columns:
        return {}
    return dict(sorted(frame[column].value_counts().iter_rows()))


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(sorted(total.items()))
