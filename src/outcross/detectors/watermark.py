"""Does a text bear the watermark that our own model writes with? A test with a known distribution under "no"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, final

from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadSetting, MissingLibrary
from outcross.core.provenance import Origin
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.special import normal_cdf
from outcross.detectors._reading import beginnings

READ = 100_000
"""Characters that are read of a text, unless more are asked for."""


@final
@dataclass(frozen=True)
class Watermark(Detector):
    """How many standard deviations is a text above what unmarked text gives, under the key that it may be marked with?

    Nothing is learned: whoever marked the text has the key, and without the key there is nothing to see. The settings
    are those that the text was written with (``WatermarkingConfig`` and ``SynthIDTextWatermarkingConfig`` of the
    library `transformers`). The prompt must not be part of the text.

    Parameters
    ----------
    tokenizer
        That of the model that wrote: its name on the hub, a folder, or a GGUF file.
    scheme
        ``kgw``: more tokens than their share lie on green lists. ``synthid``: g values lie above a half.
    greenlist_ratio, hashing_key, seeding_scheme, context_width
        Of KGW, as it was written with. The bias need not be known.
    keys, ngram_len, sampling_table_size, sampling_table_seed, context_history_size
        Of SynthID, as it was written with; one key for each layer.
    weighted
        Whether SynthID's first layers count more than the last ones (from 10 to 1, as in the paper), or all the same.
    vocabulary
        Number of tokens of the model that wrote, from which its green lists are drawn: rows of its output table, often
        more than the tokeniser has. None for what the model's configuration says, else that of the tokeniser.
    device
        Where the text was written, ``cpu`` or ``cuda``: their random numbers differ, and so do the marks.
    characters
        So many characters of a text are read, from its beginning.

    Notes
    -----
    KGW: ``z = (green - ratio T) / sqrt(T ratio (1 - ratio))`` over the T distinct n-grams, since a repeated one is no
    further evidence. SynthID: the (weighted) mean of the g values of n-grams with a context that is new, less its
    expectation, over its standard deviation. No detector is trained for a key. For a text that was not marked, both are
    standard normal over random keys, so ``p_value`` is the probability of so high a score; a million texts that are
    not marked have about one above 4.75. With one key and many texts that share their n-grams, the scores of different
    texts are not independent. A text of few tokens cannot score high: a T-token text has
    ``z <= sqrt(T (1 - ratio) / ratio)``.

    Examples
    --------
    >>> detector = Watermark(tokenizer="gpt2", greenlist_ratio=0.5)
    >>> detector.needs
    frozenset()
    >>> scores = detector.restore({}).score(Documents.of(["Was this marked?"]))  # doctest: +SKIP
    """

    tokenizer: str
    scheme: Literal["kgw", "synthid"] = "kgw"
    greenlist_ratio: Annotated[float, Between(0, 1, above=True, below=True)] = 0.25
    hashing_key: Annotated[int, Between(0)] = 15485863
    seeding_scheme: Literal["lefthash", "selfhash"] = "lefthash"
    context_width: Annotated[int, Between(1)] = 1
    keys: tuple[int, ...] = ()
    ngram_len: Annotated[int, Between(2)] = 5
    sampling_table_size: Annotated[int, Between(2, 2**24)] = 2**16
    sampling_table_seed: Annotated[int, Between(0)] = 0
    context_history_size: Annotated[int, Between(1)] = 1024
    weighted: bool = True
    vocabulary: Annotated[int | None, Between(2)] = None
    device: str = "cpu"
    characters: Annotated[int, Between(1)] = READ

    definition = "standard deviations by which green tokens, or g values, exceed those of text without the watermark"
    source = (
        "Kirchenbauer et al., A watermark for large language models, ICML 2023 (arXiv 2301.10226), eq. 3; "
        "Dathathri et al., Scalable watermarking (SynthID-Text), Nature 634 (2024), mean and weighted mean scores"
    )

    def check(self) -> None:
        """Refuse SynthID without keys, and keys without SynthID."""
        if self.scheme == "synthid" and not self.keys:
            raise BadSetting("watermark: synthid has keys, for example keys=[654, 400, 836]: those it was written with")
        if self.scheme == "kgw" and self.keys:
            raise BadSetting("watermark: keys are those of scheme=synthid; that of kgw is hashing_key")

    @property
    def needs(self) -> frozenset[Origin]:
        """None: the key says all."""
        return frozenset()

    def fit(self, data: Labelled, seed: Seed) -> WatermarkScorer:
        """Return the test; documents are not looked at."""
        return WatermarkScorer(self)

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> WatermarkScorer:
        """Return the test: it is its settings."""
        return WatermarkScorer(self)


@final
@dataclass(frozen=True, eq=False)
class WatermarkScorer(Scorer):
    """The test of a watermark.

    Parameters
    ----------
    settings
        What the text may have been written with.

    Examples
    --------
    See `Watermark`.
    """

    settings: Watermark

    def score(self, documents: Documents) -> Floats:
        """Return the standard score of each text, shape (n,); NaN where it has no n-gram.

        Raises
        ------
        MissingInput
            If there is no such tokeniser.
        BadSetting
            If there is no such device here.
        MissingLibrary
            If the extra ``lm`` is not installed.
        """
        try:
            from outcross.detectors._torch.watermarks import standard_scores
        except ImportError:
            said = "a watermark needs PyTorch and transformers: pip install 'outcross[lm]'"
            raise MissingLibrary(said) from None
        return standard_scores(self.settings, beginnings(documents.texts, self.settings.characters))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return nothing: nothing was learned."""
        return {}


def p_value(scores: Floats) -> Floats:
    """Return the probability of so high a standard score in a text without the watermark; NaN where there is none.

    Examples
    --------
    >>> import numpy as np
    >>> p_value(np.array([0.0, 1.6449, 4.7534])).round(7).tolist()
    [0.5, 0.0499952, 1e-06]
    """
    return normal_cdf(-scores)
