"""Histories go to trackio: a local board, or a Space of the Hugging Face hub."""

from __future__ import annotations

import contextvars
import io
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any, final

from outcross.core.errors import OutputRefused
from outcross.core.tracker import TrackedRun, Tracker, tracking_library


@final
@dataclass(frozen=True)
class Trackio(Tracker):
    """trackio. Each policy is a run with the mean over replicates, each replicate another; a chain's are one group.

    trackio keeps what it is sent on this machine, and ``trackio show --project outcross`` opens the board; where
    ``TRACKIO_SPACE_ID`` names a Space, it goes there. A run that is open in the calling program is left alone.

    Parameters
    ----------
    project
        The project's name.

    Raises
    ------
    MissingLibrary
        If trackio is not installed.
    OutputRefused
        If it could not keep what it was sent, of which trackio itself only warns.

    Examples
    --------
    >>> print(Trackio(project="collapse"))
    trackio(project=collapse)
    """

    project: str = "outcross"

    def ready(self) -> None:
        """Refuse to go on without the library."""
        tracking_library("trackio", "trackio")

    def send(self, group: str, runs: Sequence[TrackedRun]) -> None:
        """Send runs, each with its plan as configuration."""
        trackio = tracking_library("trackio", "trackio")
        with redirect_stdout(io.StringIO()), warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            for run in runs:  # each in a context of its own: trackio ends the run that it finds open in the present one
                contextvars.Context().run(self._send, trackio, group, run)
        lost = [str(one.message) for one in told if issubclass(one.category, UserWarning)]
        if lost:
            raise OutputRefused(lost[0])

    def _send(self, trackio: Any, group: str, run: TrackedRun) -> None:
        opened = trackio.init(
            project=self.project,
            name=run.name,
            group=group,
            config=dict(run.settings),
            embed=False,
            auto_log_gpu=False,
            auto_log_cpu=False,
        )
        for generation, values in run.steps.items():
            opened.log(dict(values), step=generation)
        opened.finish()
