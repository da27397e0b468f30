"""What a generative model can do. Capabilities are classes, never attributes that are asked for.

A `Model` is settings; fitting it gives a `Fitted` value. A fitted model that is `Scored` knows how probable a record
is; `Prompted` continues a text; `Exact` goes from statistic to statistic without drawing a sample.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from outcross.core.batch import Batch
from outcross.core.part import Part
from outcross.core.seed import Seed
from outcross.core.statistics import LogProbs
from outcross.core.text import Texts


class Fitted(ABC):
    """A model that was fitted: it writes records.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> import numpy as np
    >>> from outcross.core.records import Rows
    >>> fitted = build("model", "gaussian").fit(Rows(np.zeros((1, 5, 1))), Seed(0))
    >>> fitted.sample(3, Seed(1)).size
    3
    """

    @abstractmethod
    def sample(self, n: int, seed: Seed) -> Batch:
        """Return n new records in each replicate."""

    def law(self) -> Batch | None:
        """Return the model's distribution where a batch type can say it (`Normal`, `Probabilities`, ...), else None."""
        return None


class Scored(Fitted):
    """A fitted model that knows how probable a record is."""

    @abstractmethod
    def log_prob(self, data: Batch) -> LogProbs:
        """Return the natural-log probability (or density) of each record."""


class Prompted(Fitted):
    """A fitted model of text that continues a prompt."""

    @abstractmethod
    def extend(self, prompt: str, n: int, length: int, seed: Seed) -> Texts:
        """Return n texts of at most ``length`` more words that begin with the prompt."""


class Exact(Fitted):
    """A fitted model that draws the sufficient statistic of a sample without drawing the sample."""

    @abstractmethod
    def sample_statistic(self, n: int, seed: Seed) -> Batch:
        """Return a draw of the sufficient statistic of n records: equal in distribution to that of `sample`."""


class Model(Part):
    """The settings of a model, and how it is fitted.

    Attributes
    ----------
    reads
        The kinds of batch it can be fitted to, the usual one first (that is what a data file is read as).
    batched
        Whether it fits many replicates in one call; a model that does not gets one replicate at a time.
    """

    kind = "model"
    reads: tuple[type[Batch], ...]
    batched: ClassVar[bool] = False

    @abstractmethod
    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> Fitted:
        """Return the model fitted to the data.

        Parameters
        ----------
        data
            The training records, with their weights.
        seed
            For models whose fitting is random.
        previous
            The model of the generation before, for models that can carry on from it.
        """


class ExactModel(Model):
    """A model with a sufficient statistic: `fit` takes records, their statistic or a law, and gives an `Exact`."""

    batched = True

    @abstractmethod
    def statistic(self, data: Batch) -> Batch:
        """Return the sufficient statistic of the data (of a statistic: itself)."""

    @abstractmethod
    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> Exact:
        """Return the model fitted to records or to their sufficient statistic."""
