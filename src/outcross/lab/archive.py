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

    def path(self, generation: int) -> Path:
        """Return the file of a generation."""
        policy = f"{self.trial.policy}-{self.policy.partition('(')[0]}"
        name = f"generation-{generation:03d}.parquet"
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
        """Write what a generation wrote; nothing for records that are neither texts nor rows.

        Columns: ``id``; ``text`` (or ``values`` for rows); ``origin``, ``generation``, ``generator``, its weights'
        ``digest``; ``policy``, ``replicate`` and ``seed``.
        """
        frame = _content(step.output)
        if frame is None:
            return
        import polars as pl

        digest = step.fitted.digest if isinstance(step.fitted, Stored) else None
        stem = f"{self.trial.policy}-{self.trial.start}-{step.generation}"
        told = frame.with_columns(
            pl.format("{}-{}", pl.lit(stem), pl.int_range(pl.len())).alias("id"),
            pl.lit(str(Origin.SYNTHETIC)).alias("origin"),
            pl.lit(step.generation).alias("generation"),
            pl.lit(self.generator).alias("generator"),
            pl.lit(digest, dtype=pl.String).alias("digest"),
            pl.lit(self.policy).alias("policy"),
            pl.lit(self.trial.start).alias("replicate"),
            pl.lit(self.trial.seed).alias("seed"),
        )
        buffer = io.BytesIO()
        told.select("id", *frame.columns, pl.exclude("id", *frame.columns)).write_parquet(buffer)
        write_atomically(self.path(step.generation), buffer.getvalue())


def _content(output: Batch) -> pl.DataFrame | None:
    import polars as pl

    if isinstance(output, Texts):
        return pl.DataFrame({"text": list(output.strings())}, schema={"text": pl.String})
    if isinstance(output, Rows):
        return pl.DataFrame({"values": output.values[0].astype(np.float32)})
    return None
