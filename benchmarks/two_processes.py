"""Two replicates of a language model from scratch (1M parameters, train + write + score): two processes of one thread
side by side, which is what the engine does, against one process that runs them one after another with two threads.

The wall clock is what counts where nothing else runs. Processor time says something on a busy machine too: the main
thread's own seconds are the least that a process can take on any clock, however free the other core; so twice that of
the process with two threads, over that of a process with one, is a ratio that it cannot get below.

What limits us: both processes read and write through one memory and one last cache. What limits two threads is all that
is not a matrix product: choosing tokens, small operations, Python between them; and that they wait for each other some
hundred times a step.
Run: ``python benchmarks/two_processes.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from typing import Any

WORK = """
import json, sys, time
from dataclasses import replace
import torch
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.decodings.sampling import Sampling
from outcross.models.transformer import Transformer
from outcross.trainings.adamw import Adamw
threads, replicates, count, size = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
torch.set_num_threads(threads)
from outcross.corpus.builtin.python_reference import table
from outcross.corpus.table import Choice
words = " ".join(table(Choice(text="text")).texts).split()
texts = Texts.of([" ".join(words[48 * i : 48 * (i + 1)]) for i in range(count)])
model = Transformer(size=size, length=64, window=128, threads=threads, device="cpu",
                    training=Adamw(epochs=2, batch=8), decoding=Sampling(temperature=0.8))
fast = replace(model, size="20K", training=Adamw(steps=1), length=1)  # libraries load at their first use
fitted = fast.fit(texts, Seed(9))
fitted.log_prob(fitted.sample(1, Seed(9)))
print("ready", flush=True)
sys.stdin.readline()
clocks = time.perf_counter(), time.thread_time(), time.process_time()
for replicate in range(replicates):
    fitted = model.fit(texts, Seed(replicate))
    fitted.log_prob(fitted.sample(count, Seed(replicate)))
after = time.perf_counter(), time.thread_time(), time.process_time()
print(json.dumps([b - a for a, b in zip(clocks, after)]))
"""


def start(threads: int, replicates: int, count: int, size: str) -> subprocess.Popen[str]:
    """A process that has its texts, and waits for a line to begin."""
    # Threads that wait sleep, so that processor time is work; on a machine with nothing else to do this costs little.
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "passive"}
    environment |= {"MKL_NUM_THREADS": str(threads)}
    command = [sys.executable, "-c", WORK, str(threads), str(replicates), str(count), size]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True)
    assert process.stdout is not None
    if process.stdout.readline() != "ready\n":
        raise SystemExit("a process did not start")
    return process


def finish(processes: list[subprocess.Popen[str]]) -> dict[str, float]:
    """Let them begin together; seconds of the last to be done, of the busiest main thread, and of all threads."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    told = [json.loads(process.communicate()[0]) for process in processes]
    wall, main, every = zip(*told, strict=True)
    return {"wall": max(wall), "main thread": max(main), "all threads": sum(every)}


def measure(rounds: int, count: int, size: str) -> dict[str, Any]:
    """Let the two ways take turns; give medians, and those of the ratios."""
    runs: dict[str, list[dict[str, float]]] = {"two processes": [], "two threads": []}
    for _ in range(rounds):
        runs["two processes"].append(finish([start(1, 1, count, size) for _ in range(2)]))
        runs["two threads"].append(finish([start(2, 2, count, size)]))
    found: dict[str, Any] = {
        name: {what: statistics.median(run[what] for run in some) for what in some[0]} for name, some in runs.items()
    }
    pairs = list(zip(runs["two processes"], runs["two threads"], strict=True))
    found["ratio"] = {what: statistics.median(b[what] / a[what] for a, b in pairs) for what in pairs[0][0]}
    return found


def main() -> None:
    """Print seconds and ratios, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the times mean nothing")
    given = options.parse_args()
    found = measure(1, 4, "20K") if given.quick else measure(given.rounds, 64, "1M")
    if given.json:
        print(json.dumps(found))
        return
    print("two replicates of one generation of a GPT, 1M parameters: seconds, medians")
    print(f"{'':16}" + "".join(f"{what:>14}" for what in found["ratio"]))
    for name, numbers in found.items():
        print(f"{name:16}" + "".join(f"{number:14,.2f}" for number in numbers.values()))


if __name__ == "__main__":
    main()
