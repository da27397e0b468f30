"""How much of human data and generated data lies in the same places, weighed by how often?"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows
from outcross.core.setting import Between
from outcross.metrics._checks import missing, reading, require_same
from outcross.metrics._points import Points
from outcross.metrics._sorted import rows_of

SEED = 25
"""Of the clusters: the default of the published code."""


@final
@dataclass(frozen=True)
class Mauve(Metric[Points]):
    """MAUVE: the area under the curve of both errors of a model, text that people do not write and text that it lacks.

    The records of both sides are cut into clusters, and the two histograms are compared with their mixtures. It is
    computed by the authors' library (``pip install mauve-text``), which needs scikit-learn and faiss; where that is
    missing, so is the reading. Texts are read by ``embedded(metric=mauve)``: the paper's embedding is that of GPT-2,
    and MAUVE by one embedding cannot be compared with MAUVE by another. It depends on the number of records.

    Parameters
    ----------
    buckets
        Number of clusters; none for a tenth of the records of the smaller side.
    scaling
        c, by which divergences are multiplied before they are drawn.

    Examples
    --------
    >>> Mauve(buckets=50).collapse
    'falls'
    """

    buckets: Annotated[int | None, Between(2)] = None
    scaling: Annotated[float, Between(0, above=True, below=True)] = 5.0

    definition = "Area under the curve (exp(-c KL(Q|R)), exp(-c KL(P|R))) over mixtures R = l P + (1 - l) Q."
    source = "Pillutla et al., NeurIPS 2021, arXiv 2102.01454, equations 1 and 2"
    unit = "area, 0 to 1"
    collapse = "falls"
    reads = (Rows,)

    def summarize(self, batch: Batch) -> Points:
        """Return the points."""
        return Points(rows_of(self, batch))

    def compare(self, sample: Points, reference: Points) -> Reading:
        """Return MAUVE in each replicate, the reference being P and the sample Q."""
        require_same("dimensions", sample.values.shape[2], reference.values.shape[2])
        try:
            library = import_module("mauve")
        except ImportError:
            return missing(sample.replicates, "mauve needs a library that is not installed: pip install mauve-text")
        if (self.buckets or 2) > sample.size + reference.size:
            return missing(sample.replicates, "mauve needs at least as many records as clusters")
        human = np.broadcast_to(reference.values, (sample.replicates, *reference.values.shape[1:]))
        try:
            found = [self._area(library, p, q) for p, q in zip(human, sample.values, strict=True)]
        except Exception as error:  # whatever a library of others fails of, the chain goes on
            return missing(sample.replicates, f"mauve-text failed: {error}"[:200])
        return reading(np.array(found))

    def _area(self, library: Any, human: Floats, sample: Floats) -> float:
        found = library.compute_mauve(
            p_features=human,
            q_features=sample,
            num_buckets=self.buckets or "auto",
            mauve_scaling_factor=self.scaling,
            seed=SEED,
            verbose=False,
        )
        return float(found.mauve)
