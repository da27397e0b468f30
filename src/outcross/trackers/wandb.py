"""Histories go to Weights & Biases, or to files that can be sent there later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

from outcross.core.tracker import TrackedRun, Tracker, tracking_library


@final
@dataclass(frozen=True)
class Wandb(Tracker):
    """Weights & Biases. Each policy is a run with the mean over replicates, each replicate another; a chain is a group.

    Runs of the mean have the job type ``mean``, those of replicates ``replicate``, so that a board can show either. A
    run that is open in the calling program is left alone.

    Parameters
    ----------
    project
        The project's name.
    mode
        ``offline`` writes files (``wandb sync`` sends them later), ``online`` sends at once. None for what the library
        itself is set to (``WANDB_MODE``), which is online if nothing is said.

    Raises
    ------
    MissingLibrary
        If the library is not installed.

    Examples
    --------
    >>> print(Wandb(mode="offline"))
    wandb(mode=offline)
    """

    project: str = "outcross"
    mode: Literal["online", "offline"] | None = None

    def ready(self) -> None:
        """Refuse to go on without the library."""
        tracking_library("wandb", "wandb")

    def send(self, group: str, runs: Sequence[TrackedRun]) -> None:
        """Send runs, each with its plan as configuration."""
        wandb = tracking_library("wandb", "wandb")
        for run in runs:
            with wandb.init(
                project=self.project,
                name=run.name,
                group=group,
                job_type="mean" if run.parent is None else "replicate",
                config=dict(run.settings),
                mode=self.mode,
                reinit="create_new",
                settings=wandb.Settings(silent=True, console="off"),
            ) as opened:
                for generation, values in run.steps.items():
                    opened.log(dict(values), step=generation)
