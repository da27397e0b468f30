"""What it costs to have outcross and to let it run: the time of ``import outcross``, the size of a core install by
package, and the peak memory of a chain by its number of generations. Promised: under 0.5 s; under 400 MB; flat in the
number of generations under replace and on the exact path. Each time and each peak is that of a process of its own.

What limits us: a third of the import is NumPy's, the rest is that of some hundred small modules of our own; the size is
that of the compiled parts of Polars and NumPy; the memory of a long chain is its history, 8 bytes a replicate,
generation and metric. Run: ``python benchmarks/install.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHAINS = ("replace, sampled", "replace, exact", "accumulate, exact")
GENERATIONS = (10, 100, 1_000, 10_000)
SAMPLE_SIZE = 1_000
REPLICATES = 10


def import_seconds(module: str) -> float:
    """How long a new process takes to import a module."""
    code = f"import time; start = time.perf_counter(); import {module}; print(time.perf_counter() - start)"
    return float(output("-c", code))


def output(*arguments: str) -> str:
    """What a new process prints."""
    return subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True).stdout


def core() -> dict[str, Distribution]:
    """The distributions of a core install: what outcross requires, and what that requires in turn."""
    found: dict[str, Distribution] = {}
    waiting = ["outcross"]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in found:
            found[name] = distribution(name)
            requirements = map(Requirement, found[name].requires or [])
            waiting += [r.name for r in requirements if r.marker is None or r.marker.evaluate({"extra": ""})]
    return found


def megabytes(name: str, installed: Distribution) -> float:
    """The size of a distribution's files; of outcross, which may be installed in place, that of its package."""
    if name == "outcross":
        import outcross

        files = list(Path(outcross.__file__).parent.rglob("*"))
    else:
        files = [Path(str(file.locate())) for file in installed.files or []]
    return sum(path.stat().st_size for path in files if path.is_file()) / 1e6


def chain_peak(policy: str, path: str, generations: str) -> float:
    """Run one chain here and return the peak memory of this process, in megabytes."""
    from outcross.lab.chain import Chain

    chain = Chain("gaussian(ddof=1)", "normal", policy, ["variance"], sample_size=SAMPLE_SIZE)
    chain.run(int(generations), REPLICATES, exact=path == "exact", engine="serial")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def measure(repeats: int, lengths: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """Import times, sizes and peaks. This process stays small: on Linux a child's peak counts that of its parent."""
    peaks = {
        f"{chain}, {length:,} generations": float(output(__file__, "--chain", *chain.split(", "), str(length)))
        for chain in CHAINS
        for length in lengths
    }
    sizes = {name: megabytes(name, installed) for name, installed in core().items()}
    return {
        "import, s": {name: min(import_seconds(name) for _ in range(repeats)) for name in ("outcross", "numpy")},
        "peak memory, MB": peaks,
        "size, MB": dict(sorted(sizes.items(), key=lambda item: -item[1])) | {"all": sum(sizes.values())},
    }


def main() -> None:
    """Print a list of each, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeats", type=int, default=9)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: a short chain of each kind")
    options.add_argument("--chain", nargs=3, metavar=("POLICY", "PATH", "GENERATIONS"), help="one chain's peak memory")
    given = options.parse_args()
    if given.chain:
        print(chain_peak(*given.chain))
        return
    found = measure(1, (5,)) if given.quick else measure(given.repeats, GENERATIONS)
    if given.json:
        print(json.dumps(found))
        return
    for title, numbers in found.items():
        print(title)
        shown = [(name, number) for name, number in numbers.items() if number >= 0.05]
        for name, number in shown:
            print(f"  {name:40}{number:10.2f}")


if __name__ == "__main__":
    main()
