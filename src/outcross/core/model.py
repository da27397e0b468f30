"""What a generative model can do. Capabilities are classes, never attributes that are asked for.

A `Model` is settings; fitting it gives a `Fitted` value. A fitted model that is `Scored` knows how probable a record
is; `Prompted` continues a text; `Exact` goes from statistic to statistic without drawing a sample.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from outcross.core.batch import Batch
from outcross.core.part import Part
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.statistics import LogProbs
from outcross.core.text import Texts
from outcross.core.tokens import TokenScores


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


class Tokenwise(Scored):
    """A fitted model of text that knows the probability of every token at every place of a text."""

    @abstractmethod
    def token_scores(self, texts: Sequence[str], observer: Tokenwise | None = None) -> Iterator[TokenScores]:
        """Yield what it says of the tokens of each text, in order; an empty text has none.

        Parameters
        ----------
        texts
            The texts.
        observer
            Whose next token the moments are over; itself where it is None.

        Raises
        ------
        BadInput
            If the observer does not cut texts into the same tokens.
        """


class Prompted(Fitted):
    """A fitted model of text that continues a prompt."""

    @abstractmethod
    def extend(self, prompt: str, n: int, length: int, seed: Seed) -> Texts:
        """Return n texts of at most ``length`` more words that begin with the prompt."""


class Encoder(Fitted):
    """A fitted model that describes records by a few numbers each: their latents."""

    @abstractmethod
    def encode(self, data: Batch) -> Rows:
        """Return the latent means of each record, shape (R, n, latents)."""


class Editing(Fitted):
    """A fitted model of text that rewrites some of the words of given texts."""

    @abstractmethod
    def edit(self, data: Texts, above: float, seed: Seed) -> Texts:
        """Return the texts with every token resampled that the model finds likelier than ``above``, the others kept."""


class Stored(Fitted):
    """A fitted model that is too large to be held in numbers: it is written to a folder, and read when it is used."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the model to a folder, from which `Neural.load` reads it; the weights to ``model.safetensors``."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """BLAKE2b digest of the weights, 32 hexadecimal digits."""


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


class Neural(Model):
    """A model fitted by gradient steps: near the best fit only, slowly, and too large to keep every generation of.

    Attributes
    ----------
    gives
        The class of what `fit` returns, so that what can be measured is known without fitting.
    """

    gives: ClassVar[type[Stored]]

    @abstractmethod
    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> Stored:
        """Return the model fitted to the data."""

    @abstractmethod
    def load(self, folder: Path) -> Stored:
        """Return the model that was saved in a folder. Its weights are read when it is first used.

        Raises
        ------
        BadInput
            When it is used, if the weights are not those that were saved.
        """

    @property
    def scoring(self) -> str:
        """What its log-probabilities are sums over: tokens of which tokeniser, window and stride; one clause."""
        return ""

    @property
    def abreast(self) -> int | None:
        """How many can be fitted side by side on this machine; None for one a core."""
        return None


class Pretrained(Neural):
    """A neural model that may have been trained by somebody else before, and can be used as it is."""

    @property
    @abstractmethod
    def published(self) -> str | None:
        """The published model that its settings name; None where it starts from nothing."""

    @abstractmethod
    def pretrained(self) -> Stored:
        """Return the model as it was published, without fitting it.

        Raises
        ------
        BadSetting
            If its settings name no published model.
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
