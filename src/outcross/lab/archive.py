"""What every generation of a trial wrote, as Parquet with provenance: to be read, searched and trained on."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np

from outcross.core.batch import Batch
from outcross.core.errors import MissingInput
from outcross.core.model import Stored
from outcross.core.provenance import Origin
from outcross.core.records import Rows
from outcross.core.text import Texts, Vocabulary
from outcross.lab.files import write_atomically
from outcross.lab.steps import Step
from outcross.lab.trial import Trial

if TYPE_CHECKING:
    import polars as pl


@final
@dataclass(frozen=True)
class Archive:
    """The records of one trial's generations.

    Parameters
    ----------
    folder
        The run folder; files are ``generations/POLICY/replicate-000/generation-001.parquet``.
    policy
        Words of the policy.
    trial
        Which replicate.
    generator
        Words of the model.

    Examples
    --------
    >>> print(Archive(Path("run"), "anchor(real=0.1)", Trial(1, 2, 1, 0), "ngram").path(3).as_posix())
    run/generations/1-anchor/replicate-002/generation-003.parquet
    """

    folder: Path
    policy: str
    trial: Trial
    generator: str

    def path(self, generation: int, what: str = "") -> Path:
        """Return the file of what a generation wrote; with ``-pooled``, of what joined the pool instead of that."""
        policy = f"{self.trial.policy}-{self.policy.partition('(')[0]}"
        name = f"generation-{generation:03d}{what}.parquet"
        return self.folder / "generations" / policy / f"replicate-{self.trial.start:03d}" / name

    def texts(self, generation: int, vocabulary: Vocabulary) -> Texts:
        """Return the texts that a generation wrote.

        Raises
        ------
        MissingInput
            If they were not kept, or are no texts.
        """
        import polars as pl

        file = self.path(generation)
        try:
            written = pl.read_parquet(file, columns=["text"])["text"].to_list()
        except (OSError, pl.exceptions.PolarsError):
            raise MissingInput(f"there are no texts of generation {generation}: '{file}' cannot be read") from None
        return Texts.of(written, vocabulary.extended(written))

    def write(self, step: Step) -> None:
        """Write what a generation wrote and, where that is not what joins the pool, what does: in a file of its own.

        Nothing is written of records that are neither texts nor rows.

        Columns: ``id``; ``text`` (or ``values`` for rows); ``origin``, ``generation``, ``generator``, its weights'
        ``digest``; ``policy``, ``replicate`` and ``seed``.
        """
        self._write(step, step.output, Origin.SYNTHETIC)
        if step.pooled is not None:
            origin = Origin.SYNTHETIC if step.recipe.edit is None else Origin.MIXED
            self._write(step, step.pooled, origin, "-pooled")

    def _write(self, step: Step, records: Batch, origin: Origin, what: str = "") -> None:
        frame = _content(records)
        if frame is None:
            return
        import polars as pl

        digest = step.fitted.digest if isinstance(step.fitted, Stored) else None
        stem = f"{self.trial.policy}-{self.trial.start}-{step.generation}{what}"
        told = frame.with_columns(
            pl.format("{}-{}", pl.lit(stem), pl.int_range(pl.len())).alias("id"),
            pl.lit(str(origin)).alias("origin"),
            pl.lit(step.generation).alias("generation"),
            pl.lit(self.generator).alias("generator"),
            pl.lit(digest, dtype=pl.String).alias("digest"),
            pl.lit(self.policy).alias("policy"),
            pl.lit(self.trial.start).alias("replicate"),
            pl.lit(self.trial.seed).alias("seed"),
        )
        buffer = io.BytesIO()
        told.select("id", *frame.columns, pl.exclude("id", *frame.columns)).write_parquet(buffer)
        write_atomically(self.path(step.generation, what), buffer.getvalue())


def _content(records: Batch) -> pl.DataFrame | None:
    import polars as pl

    if isinstance(records, Texts):
        return pl.DataFrame({"text": list(records.strings())}, schema={"text": pl.String})
    if isinstance(records, Rows):
        return pl.DataFrame({"values": records.values[0].astype(np.float32)})
    return None
