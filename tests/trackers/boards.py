"""What a tracker holds, asked of the tracker itself, in a process of its own: these libraries warn when they are
imported, keep global state, and read their settings from the environment.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

Board = dict[str, dict[str, Any]]
"""Name of a run to its group, its parent (or kind), its settings, and generation to series to value."""

LIBRARIES = {"mlflow": ("mlflow", "sqlalchemy", "alembic"), "trackio": ("trackio",), "wandb": ("wandb",)}
"""What the tests of a tracker need."""

WORDS = {"mlflow": "mlflow(uri='sqlite:///runs.db')", "trackio": "trackio", "wandb": "wandb(mode=offline)"}
"""Trackers that reach no further than the working folder."""

READERS = {
    "mlflow": """
from mlflow import MlflowClient
client = MlflowClient("sqlite:///runs.db")
place = client.get_experiment_by_name("outcross").experiment_id
names = {run.info.run_id: run.info.run_name for run in client.search_runs([place])}
for run in client.search_runs([place]):
    steps = {}
    for key in run.data.metrics:
        for one in client.get_metric_history(run.info.run_id, key):
            steps.setdefault(one.step, {})[key] = one.value
    tags = run.data.tags
    assert run.info.status == "FINISHED"
    board[run.info.run_name] = {"group": tags["outcross.group"], "kind": names.get(tags.get("mlflow.parentRunId")),
                                "settings": run.data.params, "steps": steps}
""",
    "trackio": """
import sqlite3
rows = sqlite3.connect("trackio/outcross.db")
for name, config in rows.execute("select run_name, config from configs"):
    settings = json.loads(config)
    board[name] = {"group": settings["_Group"], "kind": None, "settings": settings, "steps": {}}
for name, step, metrics in rows.execute("select run_name, step, metrics from metrics"):
    board[name]["steps"][step] = json.loads(metrics)
""",
    "wandb": """
import glob
from wandb.proto import wandb_internal_pb2
def records(data):  # a LevelDB log after a header of 7 bytes: blocks of 32 KB, records with checksum, length and kind
    place, whole = 7, b""
    while place + 7 <= len(data):
        left = 32768 - place % 32768
        if left < 7:
            place += left
            continue
        length, kind = int.from_bytes(data[place + 4 : place + 6], "little"), data[place + 6]
        whole += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(whole)
            whole = b""
            yield record
for file in glob.glob("wandb/offline-run-*/*.wandb"):
    for record in records(open(file, "rb").read()):
        kind = record.WhichOneof("record_type")
        if kind == "run":
            settings = {one.key: json.loads(one.value_json) for one in record.run.config.update}
            here = {"group": record.run.run_group, "kind": record.run.job_type, "settings": settings, "steps": {}}
            board.setdefault(record.run.display_name, here)
            name = record.run.display_name
        elif kind == "history":
            found = {"/".join(one.nested_key) or one.key: json.loads(one.value_json) for one in record.history.item}
            board[name]["steps"][record.history.step.num] = {k: v for k, v in found.items() if k[0] != "_"}
""",
}


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "TRACKIO_DIR": str(folder / "trackio"),
        "WANDB_DIR": str(folder),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PYTHONWARNINGS": "ignore",
    }


def need(tracker: str) -> None:
    missing = [library for library in LIBRARIES[tracker] if importlib.util.find_spec(library) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed")


def python(program: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def board(tracker: str, folder: Path) -> Board:
    """What the tracker holds."""
    program = f"import json\nboard = {{}}\n{READERS[tracker]}\nprint(json.dumps(board))"
    found: Board = json.loads(python(program, folder))
    for run in found.values():
        run["steps"] = {int(step): values for step, values in run["steps"].items()}
    return found
