"""A million records into a vault, and every byte of it read again: `add` beside a plain ``deltalake`` write of the same
rows, already in memory; `verify` beside SHA-256 over the same bytes. `add` reads a Parquet file, makes three digests a
record, the Merkle trees and the signatures, and writes with as many processes as there are cores.

What limits us: compression. Of some 12 microseconds of one core that a record of 620 bytes costs, 3.7 go into writing
Parquet, 2.4 into reading it and looking at its metadata, 2.2 into the leaf, 1.6 into the digests of the text, 1.4 into
the trees, and a second goes into starting two processes. The plain write takes 4 on one core, without any of the rest.
Verifying is bound by SHA-256 itself.
Run: ``python benchmarks/vault_speed.py [--json] [--quick] [--rows N]``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import psutil

import outcross as oc

WORDS = 120
BLOCK = 50_000


def corpus(path: Path, rows: int) -> None:
    """Rows with texts of some 620 bytes, words by Zipf's law, and the columns that others use."""
    words, rng = np.array([f"w{number}" for number in range(50_000)]), np.random.default_rng(0)
    folder = Path(tempfile.mkdtemp(dir=path.parent))
    for start in range(0, rows, BLOCK):
        count = min(BLOCK, rows - start)
        texts = [" ".join(words[one]) for one in rng.zipf(1.2, size=(count, WORDS)) % len(words)]
        names = [f"d{start + place}" for place in range(count)]
        frame = pl.DataFrame({"id": names, "text": texts})
        told = {"source": pl.lit("web"), "created": pl.lit("2020-01-01")}
        url = pl.lit('{"url":"http://x/') + pl.col("id") + pl.lit('"}')
        frame.with_columns(**told, metadata=url).write_parquet(folder / f"{start:012}.parquet")
    pl.scan_parquet(folder / "*.parquet").sink_parquet(path, row_group_size=2**16)


def timed(run: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and the most memory of this process and its children meanwhile, in MB."""
    peak, done = [0.0], threading.Event()

    def watch() -> None:
        own = psutil.Process()
        while not done.wait(0.2):
            held = 0
            for process in [own, *own.children(recursive=True)]:
                try:
                    told = process.memory_info()
                    held += told.rss - told.shared  # what a process shares with others is theirs, too
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
            peak[0] = max(peak[0], held / 2**20)

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    run()
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    return seconds, peak[0]


def bytes_of(folder: Path) -> Iterator[bytes]:
    """Every byte of a folder, a piece at a time."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                while piece := file.read(2**22):
                    yield piece


def measure(rows: int) -> dict[str, float]:
    """Seconds of each, their ratios, and memory."""
    from deltalake import write_deltalake

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus(folder / "corpus.parquet", rows)
        vault = oc.Vault.create(folder / "vault", key=oc.make_key(folder / "key.pem"), memory=False)
        told = oc.Provenance(oc.Origin.HUMAN, source="web", evidence="declared")
        add, memory = timed(lambda: vault.ingest(folder / "corpus.parquet", told))
        verify, _ = timed(vault.verify)

        def hash_all() -> None:
            digest = hashlib.sha256()
            for piece in bytes_of(folder / "vault"):
                digest.update(piece)

        plain_hash, _ = timed(hash_all)
        table = pl.read_parquet(folder / "corpus.parquet").to_arrow()
        plain, _ = timed(lambda: write_deltalake(str(folder / "plain"), table))
        size = sum(len(piece) for piece in bytes_of(folder / "vault"))
        other = sum(len(piece) for piece in bytes_of(folder / "plain"))
    return {
        "rows": rows,
        "add seconds": add,
        "deltalake seconds": plain,
        "add ratio": add / plain,
        "verify seconds": verify,
        "sha256 seconds": plain_hash,
        "verify speed ratio": plain_hash / verify,
        "add peak MB": memory,
        "vault MB": size / 1e6,
        "deltalake MB": other / 1e6,
        "process peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    """Print one line for each number, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the times mean nothing")
    options.add_argument("--rows", type=int, default=1_000_000)
    given = options.parse_args()
    found = measure(2_000 if given.quick else given.rows)
    if given.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:>20} {value:12,.2f}")


if __name__ == "__main__":
    main()
