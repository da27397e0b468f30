"""How are a generation's records spread in the eyes of the first model?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

from outcross.core.batch import Batch
from outcross.core.metric import Metric, Reading, View
from outcross.core.part import as_part
from outcross.core.records import Rows
from outcross.metrics._checks import unreadable
from outcross.metrics._wrapping import resemble


@final
@dataclass(frozen=True)
class Latent(Metric[Any]):
    """A metric of rows, read off the latents by which the model fitted to human data describes the records.

    Pixels say little of what a picture shows; the latents of a first-generation encoder do, and as the encoder stays
    the same, generations can be compared.

    Parameters
    ----------
    metric
        Any metric that reads rows, for example ``prdc``; none for ``std``.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> build("metric", "latent(metric=vendi)").unit
    'effective number of records'
    """

    metric: Metric | None = None  # type: ignore[type-arg]  # a setting names a class

    definition = "What the metric inside says of the records' latents under the first model."
    source = "Shumailov et al., Nature 631 (2024), supplementary: latents of generated digits under the first encoder"
    unit = "that of the metric inside"
    collapse = "moves"
    view = View.LATENT
    reads = (Rows,)
    usual_for = (Rows,)

    def check(self) -> None:
        """Take over what the metric inside says of itself; refuse one that does not read rows."""
        resemble(self, self._inner)

    @property
    def _inner(self) -> Metric[Any]:
        return as_part(Metric, self.metric or "std")

    def summarize(self, batch: Batch) -> Any:
        """Return the summary of the metric inside."""
        if not isinstance(batch, Rows):
            raise unreadable(self, batch)
        return self._inner.summarize(batch)

    def merge(self, one: Any, other: Any) -> Any:
        """Merge as the metric inside does."""
        return self._inner.merge(one, other)

    def compare(self, sample: Any, reference: Any) -> Reading | Mapping[str, Reading]:
        """Return what the metric inside says."""
        return self._inner.compare(sample, reference)
