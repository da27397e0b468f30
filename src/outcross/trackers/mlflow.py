"""Histories go to MLflow: a server, or a database in a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

from outcross.core.tracker import TrackedRun, Tracker, tracking_library

AT_ONCE = 1000
"""The most metrics, and a tenth of it the most parameters, that MLflow takes in one request."""


@final
@dataclass(frozen=True)
class Mlflow(Tracker):
    """MLflow. Each policy is a run with the mean over replicates; each replicate is a run nested in that of its policy.

    MLflow takes letters, digits, spaces and a few marks in the name of a metric, so the series of ``distinct(n=2)`` is
    ``distinct n 2`` there. An infinite value becomes the largest number where MLflow keeps its runs in a database. The
    run that is active in the calling program, if there is one, is left alone.

    Parameters
    ----------
    uri
        Where MLflow keeps its runs: the address of a server, or ``sqlite:///runs.db``. None for what MLflow itself is
        set to (``MLFLOW_TRACKING_URI``, or ``mlflow.db`` in the working folder).
    experiment
        The experiment's name; it is made where it does not exist.

    Raises
    ------
    MissingLibrary
        If MLflow is not installed.

    Examples
    --------
    >>> print(Mlflow(experiment="collapse"))
    mlflow(experiment=collapse)
    """

    uri: str | None = None
    experiment: str = "outcross"

    def ready(self) -> None:
        """Refuse to go on without the library."""
        tracking_library("mlflow", "mlflow-skinny")

    def send(self, group: str, runs: Sequence[TrackedRun]) -> None:
        """Send runs, each with its plan as parameters."""
        client = tracking_library("mlflow", "mlflow-skinny").MlflowClient(tracking_uri=self.uri)
        found = client.get_experiment_by_name(self.experiment)
        place = client.create_experiment(self.experiment) if found is None else found.experiment_id
        ids: dict[str, str] = {}
        for run in runs:
            tags = {"outcross.group": group}
            if run.parent is not None:
                tags["mlflow.parentRunId"] = ids[run.parent]
            made = client.create_run(place, run_name=run.name, tags=tags).info
            ids[run.name] = made.run_id
            try:
                _fill(client, made, run)
            except BaseException:
                client.set_terminated(made.run_id, "FAILED")
                raise
            client.set_terminated(made.run_id)


def _fill(client: Any, made: Any, run: TrackedRun) -> None:
    entities = tracking_library("mlflow.entities", "mlflow-skinny")
    settings = [entities.Param(name, str(value)) for name, value in run.settings.items() if value is not None]
    metrics = [
        entities.Metric(_key(name), value, made.start_time, generation)
        for generation, values in run.steps.items()
        for name, value in values.items()
    ]
    for start in range(0, len(settings), AT_ONCE // 10):
        client.log_batch(made.run_id, params=settings[start : start + AT_ONCE // 10])
    for start in range(0, len(metrics), AT_ONCE):
        client.log_batch(made.run_id, metrics=metrics[start : start + AT_ONCE])


def _key(name: str) -> str:
    """A name that MLflow takes."""
    spaced = re.sub(r"[^\w./-]+", " ", name.replace("'", "").replace('"', ""))
    return re.sub(r" ?/ ?", "/", spaced).strip()
