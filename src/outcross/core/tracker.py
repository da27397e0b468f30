"""Where do people who keep their experiments in one place see a chain beside the others? A tracker sends it there."""

from __future__ import annotations

import importlib
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

from outcross.core.errors import MissingLibrary
from outcross.core.part import Part


@final
@dataclass(frozen=True)
class TrackedRun:
    """What a tracker calls a run: named series over generations, and the settings that they came from.

    Parameters
    ----------
    name
        Name of the run: the words of a policy, with the number of the replicate where it is one replicate.
    steps
        Generation to series to value. What is missing is not there.
    settings
        What was run: the entries of the plan, the policy and the replicate.
    parent
        For one replicate, the name of the run that holds the mean over replicates; none for that run itself.

    Examples
    --------
    >>> run = TrackedRun("replace", {0: {"variance": 1.0}, 1: {"variance": 0.9}})
    >>> run.steps[1]
    {'variance': 0.9}
    """

    name: str
    steps: Mapping[int, Mapping[str, float]]
    settings: Mapping[str, Any] = field(default_factory=dict)
    parent: str | None = None


class Tracker(Part):
    """Which experiment tracker is a finished history sent to?

    Examples
    --------
    >>> from outcross.core.part import build
    >>> print(build("tracker", "wandb(mode=offline)"))
    wandb(mode=offline)
    """

    kind = "tracker"

    @abstractmethod
    def ready(self) -> None:
        """Refuse at once what can be refused before a run that may take days.

        Raises
        ------
        MissingLibrary
            If the tracker's library is not installed.
        """

    @abstractmethod
    def send(self, group: str, runs: Sequence[TrackedRun]) -> None:
        """Send runs that belong together; a run comes after its parent.

        Parameters
        ----------
        group
            The name they have in common: that of the folder of the run.
        runs
            What is sent. Steps are generations.
        """


def tracking_library(name: str, package: str) -> Any:
    """Return a tracker's library, imported now and not before.

    Parameters
    ----------
    name, package
        What it is imported as, and what it is installed as.

    Raises
    ------
    MissingLibrary
        If it is not installed.

    Examples
    --------
    >>> tracking_library("no_such_tracker", "no-such-tracker")
    Traceback (most recent call last):
    ...
    outcross.core.errors.MissingLibrary: no_such_tracker needs the library 'no-such-tracker'; pip install ...
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingLibrary(f"{name} needs the library '{package}'; pip install 'outcross[track]' brings it") from None
