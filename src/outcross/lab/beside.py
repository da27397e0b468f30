"""Several finished runs side by side: what differs from run to run (a setting of the model, the data) in one chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

from outcross.core.errors import BadSetting
from outcross.lab.history import History

if TYPE_CHECKING:
    import polars as pl


@final
@dataclass(frozen=True)
class Beside:
    """Runs by name.

    Parameters
    ----------
    histories
        A short name for each run, and its history.

    Raises
    ------
    BadSetting
        If there are fewer than two, or they have no metric in common.

    Examples
    --------
    >>> from outcross.lab.chain import Chain
    >>> runs = {f"ddof={d}": Chain(f"gaussian(ddof={d})", "normal", "replace", ["variance"], sample_size=10)
    ...         .run(2, 20, engine="serial") for d in (0, 1)}
    >>> Beside(runs).arms
    ('ddof=0: replace', 'ddof=1: replace')
    """

    histories: Mapping[str, History]

    def __post_init__(self) -> None:
        if len(self.histories) < 2:
            raise BadSetting("runs are set beside each other: give two or more")
        if not self.metrics:
            raise BadSetting(f"the runs {', '.join(self.histories)} have no metric in common")

    @property
    def metrics(self) -> tuple[str, ...]:
        """The readings that every run has, in the order of the first."""
        first, *others = (history.metrics for history in self.histories.values())
        return tuple(name for name in first if all(name in known for known in others))

    @property
    def arms(self) -> tuple[str, ...]:
        """What is compared: every policy of every run, as ``run: policy``."""
        return tuple(f"{name}: {policy}" for name, history in self.histories.items() for policy in history.policies)

    def summary(self) -> pl.DataFrame:
        """Return the means over replicates with their 95 % intervals: one row an arm, metric and generation."""
        import polars as pl

        frames = []
        for name, history in self.histories.items():
            arm = pl.format("{}: {}", pl.lit(name), "policy").alias("arm")
            frames.append(
                history.summary().filter(pl.col("metric").is_in(self.metrics)).select(arm, pl.exclude("policy"))
            )
        return pl.concat(frames)

    def report(self, path: str | Path) -> Path:
        """Write them as one self-contained page and return its path."""
        from outcross.report.beside import write_beside

        return write_beside(self, Path(path))
