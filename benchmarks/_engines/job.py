"""What is to be done, and how it is judged; the same for every engine.

`score`: a fitted ``ngram_linear`` of words and pairs scores each text (some 10 microseconds of one core), the same
function for everyone, called with a list of texts. Out come a table (id, origin, group, score) and a summary: number,
mean and quantiles of the scores, of all and by origin and group, and how many texts are different, to 5 %.

`mix`: exactly so many documents, exactly 30 % of them human, each set of documents of an origin as likely as any other,
by a seeded hash of the id. Out come the documents.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outcross.core.detector import Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.part import build
from outcross.core.seed import Seed

DETECTOR = "ngram_linear(words=2, characters=0)"
LEARNED = 400
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
HUMAN = 0.3
SEED = 7


@dataclass(frozen=True)
class Job:
    """Where the corpus lies, where the results go, how many documents a mix has, and which engine of ours works."""

    corpus: Path
    out: Path
    budget: int
    engine: str = "processes"

    @property
    def files(self) -> list[str]:
        """The files of the corpus."""
        return [str(path) for path in sorted(self.corpus.glob("*.parquet"))]

    @property
    def quotas(self) -> dict[str, int]:
        """Documents of each origin in a mix."""
        human = round(HUMAN * self.budget)
        return {"human": human, "synthetic": self.budget - human}

    @cached_property
    def scorer(self) -> Scorer:
        """The scorer, from its arrays."""
        with np.load(self.corpus.with_suffix(".scorer.npz")) as arrays:
            return build("detector", DETECTOR).restore(dict(arrays))

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the score of each text: what every engine calls."""
        return self.scorer.score(Documents(tuple(texts)))

    def learn(self) -> None:
        """Fit the scorer and lay it beside the corpus."""
        import polars as pl

        texts = pl.read_parquet(self.files[0], columns=["text"], n_rows=LEARNED)["text"].to_list()
        fitted = build("detector", DETECTOR).fit(
            Labelled.of(texts, [place % 2 for place in range(len(texts))]), Seed(0)
        )
        np.savez(self.corpus.with_suffix(".scorer.npz"), allow_pickle=False, **fitted.arrays())

    def summarise(self, summary: dict[str, Any]) -> None:
        """Write the summary: ``{"distinct": ..., "origin": {"human": {"n": ..., "mean": ..., "0.05": ...}}, ...}``."""
        (self.out / "summary.json").write_text(json.dumps(summary))
