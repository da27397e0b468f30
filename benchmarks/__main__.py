"""Run every benchmark of this folder, one after another, each in a process of its own and on one thread.

A benchmark is any other script here; it is found by its file. Run: ``python -m benchmarks [--only NAME] [--json]``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "POLARS_MAX")}


def names() -> list[str]:
    """The benchmarks, by name."""
    return sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))


def run(name: str, flags: list[str], capture: bool) -> subprocess.CompletedProcess[str]:
    """Run one of them, and show what it prints or keep it."""
    command = [sys.executable, "-m", f"{HERE.name}.{name}", *flags]
    output = subprocess.PIPE if capture else None
    return subprocess.run(command, cwd=HERE.parent, env=os.environ | ONE_THREAD, stdout=output, text=True, check=False)


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    import numpy

    return {
        "system": platform.platform(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "numpy": numpy.__version__,
    }


def processor() -> str:
    """The processor's name, where the system says it."""
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> int:
    """Run what is asked for; the exit status says whether all of it ran."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--only", action="append", choices=names(), metavar="NAME", help=f"of: {', '.join(names())}")
    options.add_argument("--json", action="store_true", help="one object: the machine, and each benchmark's numbers")
    options.add_argument("--quick", action="store_true", help="see that they run: the times mean nothing")
    given = options.parse_args()
    flags = [flag for flag in ("--json", "--quick") if getattr(given, flag.removeprefix("--"))]
    found: dict[str, Any] = {"machine": machine()}
    failed = []
    if not given.json:
        print(*found["machine"].values(), sep=", ", flush=True)
    for name in given.only or names():
        if not given.json:
            print(f"\n{name}", flush=True)
        done = run(name, flags, capture=given.json)
        if done.returncode:
            failed.append(name)
        elif given.json:
            found[name] = json.loads(done.stdout)
    if given.json:
        print(json.dumps(found))
    if failed:
        print(f"did not run to the end: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
