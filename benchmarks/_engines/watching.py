"""A command with all the processes it starts: seconds, processor seconds, and the most memory of all at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

EVERY = 0.05
"""Seconds between two looks: what a process used after the last look at it is not seen."""


@dataclass(frozen=True)
class Used:
    """What a command took: ``seconds`` are those that it told itself, ``whole`` from its start to its end."""

    seconds: float
    whole: float
    processor: float
    memory: float


def watched(command: list[str], folder: Path, environment: dict[str, str]) -> Used:
    """Run a command in a folder; what it says is shown if it fails."""
    start = time.perf_counter()
    with (folder / "said").open("w+") as said:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=said, stderr=subprocess.STDOUT)
        busy: dict[tuple[int, float], float] = {}
        peak = 0.0
        own = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, _look(own, busy))
            time.sleep(EVERY)
        whole = time.perf_counter() - start
        said.seek(0)
        lines = said.read()
    told = [line for line in lines.splitlines() if line.startswith("seconds ")]
    if process.returncode or not told:
        sys.exit(f"{' '.join(command)} failed:\n{lines[-3000:]}")
    return Used(float(told[-1].split()[1]), whole, sum(busy.values()), peak)


def _look(own: psutil.Process, busy: dict[tuple[int, float], float]) -> float:
    """Note what each process has used; return the memory of all, what they share with others left out, in MB."""
    held = 0
    try:
        found = [own, *own.children(recursive=True)]
    except psutil.Error:
        return 0.0
    for process in found:
        try:
            with process.oneshot():
                times, memory = process.cpu_times(), process.memory_info()
                busy[process.pid, process.create_time()] = times.user + times.system
                held += memory.rss - memory.shared
        except psutil.Error:
            continue
    return held / 1e6
