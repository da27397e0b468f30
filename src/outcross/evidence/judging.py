"""What is said of documents, as columns of a table: a scorer's numbers, or the answers of a trained detector."""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, final

import numpy as np

from outcross.core.detector import Scorer
from outcross.core.documents import Documents
from outcross.evidence.detector_file import digest_of_arrays
from outcross.evidence.trained import TrainedDetector

if TYPE_CHECKING:
    import polars as pl

PROBABILITY, ANSWER, REASON = "synthetic_probability", "synthetic_answer", "synthetic_reason"
"""The columns of answers."""

SCORE = "score"
"""The column of scores."""

_BATCH = re.compile(r"^these [\d,]+ texts are")


def alike(reason: str) -> str:
    """Return a reason without its numbers, so that those of one kind are counted together.

    Examples
    --------
    >>> alike("it has 7 words, fewer than the 25 below which nothing is decided")
    'it has few words, fewer than the 25 below which nothing is decided'
    >>> alike("these 1,000 texts are of another kind than those trained on (distance 3.1)")
    'these texts are of another kind than those trained on'
    """
    head, has, tail = reason.partition("it has ")
    number, _, rest = tail.partition(" words")
    if has and not head and number.replace(",", "").isdigit():
        return f"it has few words{rest}"
    return _BATCH.sub("these texts are", reason).partition(" (distance ")[0]


def even(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same blocks, but the last one with the one before it: a few rows by themselves are judged otherwise.

    Examples
    --------
    >>> import polars as pl
    >>> [frame.height for frame in even(iter([pl.DataFrame({"a": range(n)}) for n in (10, 10, 10, 1)]))]
    [10, 10, 11]
    """
    import polars as pl

    before: list[pl.DataFrame] = []
    for frame in frames:
        if len(before) == 2:
            yield before.pop(0)
        before.append(frame)
    if before:
        yield pl.concat(before, how="diagonal_relaxed")


class Judge(ABC):
    """What scores the documents of a corpus, a block at a time.

    Attributes
    ----------
    number
        The column that holds a number for each document, null where there is none.
    """

    number: ClassVar[str]

    @abstractmethod
    def said(self, documents: Documents, domains: Sequence[str] | None) -> pl.DataFrame:
        """Return what is said of each document: its number and, where answers are given, answer and reason."""

    @abstractmethod
    def digest(self) -> str:
        """Return what tells whether it is the same judge: a digest of all that it learned."""


@final
@dataclass(frozen=True)
class Scores(Judge):
    """A fitted detector's own numbers: the larger, the more synthetic, and no verdict.

    Parameters
    ----------
    scorer
        What was fitted.

    Examples
    --------
    >>> from outcross.core.documents import Labelled
    >>> from outcross.core.part import build
    >>> from outcross.core.seed import Seed
    >>> data = Labelled.of(["so late, sorry!", "it is vital."] * 2, [0, 1] * 2)
    >>> judge = Scores(build("detector", "ngram_linear").fit(data, Seed(0)))
    >>> judge.said(Documents.of(["sorry!", ""]), None)["score"].is_null().to_list()
    [False, True]
    """

    number = SCORE
    scorer: Scorer

    def said(self, documents: Documents, domains: Sequence[str] | None) -> pl.DataFrame:
        """Return the score of each document."""
        import polars as pl

        return pl.DataFrame({SCORE: pl.Series(self.scorer.score(documents), dtype=pl.Float64).fill_nan(None)})

    def digest(self) -> str:
        """Return a digest of what the scorer is and has learned."""
        kind = f"{type(self.scorer).__module__}.{type(self.scorer).__qualname__}"
        return hashlib.sha256(f"{kind} {digest_of_arrays(self.scorer.arrays()).hex()}".encode()).hexdigest()


@final
@dataclass(frozen=True)
class Answers(Judge):
    """Whether each document is synthetic, human, or cannot be told, with the probability in an even mixture.

    Parameters
    ----------
    trained
        The detector.

    Examples
    --------
    See `outcross.evidence.scoring.score_table`.
    """

    number = PROBABILITY
    trained: TrainedDetector

    def said(self, documents: Documents, domains: Sequence[str] | None) -> pl.DataFrame:
        """Return probability, answer and reason of each document."""
        import polars as pl

        said = self.trained.decide(documents, domains) if documents.size else []
        known = np.array([np.nan if one.probability is None else one.probability for one in said], dtype=np.float64)
        return pl.DataFrame(
            {
                PROBABILITY: pl.Series(known).fill_nan(None),
                ANSWER: pl.Series([one.answer for one in said], dtype=pl.String),
                REASON: pl.Series([one.reason for one in said], dtype=pl.String),
            }
        )

    def digest(self) -> str:
        """Return a digest of the detector."""
        return self.trained.digest()
