"""One job in one engine, in a process of its own: prints the seconds from the start of the job to its end.

What an engine is imported for is imported before; its workers start within the time.
Run: ``python -m benchmarks._engines.run ENGINE JOB CORPUS OUT BUDGET``.
"""

from __future__ import annotations

import importlib
import sys
import time
from contextlib import suppress
from pathlib import Path

from benchmarks._engines.job import Job


def main() -> None:
    """Do it."""
    engine, name, corpus, out, budget = sys.argv[1:]
    module = importlib.import_module(f"benchmarks._engines.{engine}")
    for library in (engine, "polars" if engine.startswith("ours") else "pyarrow"):
        with suppress(ImportError):
            importlib.import_module(library)
    start = time.perf_counter()
    getattr(module, name)(Job(Path(corpus), Path(out), int(budget)))
    print(f"seconds {time.perf_counter() - start}", flush=True)


if __name__ == "__main__":
    main()
