"""What a snapshot keeps of a corpus beside Apache DataSketches: error, size and time of the number of different words,
of the frequent words and of quantiles, on words of Zipf's law; how fast a snapshot is taken; and how often two halves
of one human corpus are called different (none of 200 should be in more than 5 %).

What limits us: cutting at white space and telling the pieces apart, three quarters of the time. A sample of words takes
more room than a count of them alone (HLL, CPC), which is the price of rarefying and of naming the lost words.
Run: ``python benchmarks/sketches.py [--json] [--quick]``; DataSketches: ``pip install datasketches``. The halves are of
the Brown corpus where ``OUTCROSS_SHARED`` names a folder that has it, else of the Python reference.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from outcross.corpus.builtin.python_reference import table
from outcross.corpus.table import Choice
from outcross.guard.snapshot.bottom import Bottom
from outcross.guard.snapshot.cutting import Cutter
from outcross.guard.snapshot.heavy import Heavy
from outcross.guard.snapshot.keys import BINS, SPACE, word_keys
from outcross.guard.snapshot.snapshot import Snapshot, stratum
from outcross.guard.watch.compare import compare

SHARDS = 100
"""Parts of the stream that are summed up by themselves and merged."""


def zipf(words: int, types: int, seed: int) -> list[str]:
    """Words whose frequency falls as one over their rank."""
    rng = np.random.default_rng(seed)
    shares = 1 / np.arange(1, types + 1)
    return [f"{seed}-{rank}" for rank in rng.choice(types, p=shares / shares.sum(), size=words).tolist()]


def theirs() -> Any:
    """Apache DataSketches, or None with a line that says how to get it."""
    try:
        import datasketches
    except ImportError:
        print("DataSketches is not installed (pip install datasketches): its rows are left out")
        return None
    return datasketches


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What some work gives, and its seconds of processor time."""
    start = time.process_time()
    found = work()
    return found, time.process_time() - start


def distinct(streams: list[list[str]], peer: Any) -> dict[str, dict[str, float]]:
    """The number of different words: relative error over the streams, bytes, and processor time a word."""

    def ours(words: list[str]) -> tuple[float, int]:
        keys, limits = [], []
        for part in np.array_split(np.array(words, dtype=object), SHARDS):
            bottom = Bottom.of(word_keys(set(part.tolist())), [SPACE], 8192)
            keys.append(bottom.keys)
            limits.append(bottom.limit)
        whole = Bottom.of(np.concatenate(keys), limits, 8192)
        return len(whole.keys) / (whole.limit / SPACE), 8 * len(whole.keys)

    def sketched(kind: str) -> Callable[[list[str]], tuple[float, int]]:
        make, union = {
            "theta": (lambda: peer.update_theta_sketch(13), lambda: peer.theta_union(13)),
            "hll": (lambda: peer.hll_sketch(13), lambda: peer.hll_union(13)),
            "cpc": (lambda: peer.cpc_sketch(13), lambda: peer.cpc_union(13)),
        }[kind]

        def run(words: list[str]) -> tuple[float, int]:
            together = union()
            for part in np.array_split(np.array(words, dtype=object), SHARDS):
                one = make()
                for word in part.tolist():
                    one.update(word)
                together.update(one)
            found = together.get_result()
            kept = found.serialize_compact() if kind == "hll" else found.serialize()
            return float(found.get_estimate()), len(kept)

        return run

    found = {}
    for name, run in {
        "ours": ours,
        **({kind: sketched(kind) for kind in ("theta", "hll", "cpc")} if peer else {}),
    }.items():
        (results, seconds) = timed(lambda run=run: [run(words) for words in streams])  # type: ignore[misc]
        errors = [got / len(set(words)) - 1 for (got, _), words in zip(results, streams, strict=True)]
        count = sum(map(len, streams))
        found[name] = {
            "error": float(np.sqrt(np.mean(np.square(errors)))),
            "bytes": float(results[0][1]),
            "ns_a_word": seconds / count * 1e9,
        }
    return found


def frequent(words: list[str], peer: Any) -> dict[str, dict[str, float]]:
    """The frequent words: the largest error of the thousand most frequent, as a share of all words; the bound; time."""
    truth = Counter(words)
    top = [name for name, _ in truth.most_common(1000)]
    parts = [part.tolist() for part in np.array_split(np.array(words, dtype=object), SHARDS)]

    def ours() -> Heavy:
        found = Heavy.empty()
        for part in parts:
            times = Counter(part)
            table = np.zeros((len(times), BINS), np.int64)
            table[:, 0] = list(times.values())
            found = found.merge(Heavy.of(list(times), table))
        return found

    def sketched() -> Any:
        whole = peer.frequent_strings_sketch(13)
        for part in parts:
            one = peer.frequent_strings_sketch(13)
            for word in part:
                one.update(word)
            whole.merge(one)
        return whole

    heavy, seconds = timed(ours)
    low = dict(zip(heavy.names, heavy.low.tolist(), strict=True))
    off = max(truth[name] - low.get(name, 0) for name in top)
    found = {
        "ours": {"error": off / len(words), "bound": heavy.error / len(words), "ns_a_word": seconds / len(words) * 1e9}
    }
    if peer:
        other, seconds = timed(sketched)
        off = max(abs(other.get_estimate(name) - truth[name]) for name in top)
        bound = other.epsilon
        found["theirs"] = {"error": off / len(words), "bound": bound, "ns_a_word": seconds / len(words) * 1e9}
    return found


def quantiles(draws: int, peer: Any) -> dict[str, dict[str, float]]:
    """Quantiles of 200,000 lengths: the error in rank, root mean square over draws and nine deciles."""
    rng = np.random.default_rng(0)
    wanted = np.arange(1, 10) / 10
    errors: dict[str, list[Any]] = {"ours": [], "kll": []}
    for _ in range(draws):
        lengths = rng.lognormal(6, 1, 200_000)
        ordered = np.sort(lengths)
        sample = np.quantile(lengths[rng.permutation(len(lengths))[:16_384]], wanted)  # hashes choose at random
        errors["ours"].append(np.searchsorted(ordered, sample) / len(lengths) - wanted)
        if peer:
            sketch = peer.kll_floats_sketch(200)
            sketch.update(lengths.astype(np.float32))
            got = np.array(sketch.get_quantiles(wanted.tolist()))
            errors["kll"].append(np.searchsorted(ordered, got) / len(lengths) - wanted)
    sizes = {"ours": 16_384 * 10.0, "kll": float(len(sketch.serialize())) if peer else 0.0}
    return {
        name: {"error": float(np.sqrt(np.mean(np.square(found)))), "bytes": sizes[name]}
        for name, found in errors.items()
        if found
    }


def corpus() -> list[str]:
    """Texts by humans."""
    path = Path(os.environ.get("OUTCROSS_SHARED", ""), "data", "brown", "brown.jsonl")
    if path.is_file():
        return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    return list(table(Choice(text="text", label="topic")).texts)


def speed(texts: list[str], batches: int) -> dict[str, float]:
    """Megabytes a second of processor time, and the bytes of the file."""
    pieces = [text[at : at + 1500] for text in texts for at in range(0, len(text), 1500)]
    rng, cutter, found, size = np.random.default_rng(0), Cutter(), Snapshot.empty(), 0
    seconds = 0.0
    for batch in range(batches):
        chosen = [f"{pieces[place]} {batch}" for place in rng.permutation(len(pieces)).tolist()]
        size += sum(len(text.encode()) for text in chosen)
        strata = [stratum()] * len(chosen)
        found, spent = timed(lambda found=found, chosen=chosen, strata=strata: found.with_texts(chosen, strata, cutter))  # type: ignore[misc]
        seconds += spent
    with tempfile.TemporaryDirectory() as folder:
        found.save(Path(folder, "one"))
        held = Path(folder, "one").stat().st_size
    return {"megabytes": size / 1e6, "mb_a_second": size / 1e6 / seconds, "file_bytes": float(held)}


def halves(texts: list[str], times: int) -> dict[str, float]:
    """In how many of so many comparisons of two random halves some number is called surely worse."""
    cutter, fired = Cutter(), 0
    for seed in range(times):
        order = np.random.default_rng(seed).permutation(len(texts)).tolist()
        one, other = (
            Snapshot.empty().with_texts([texts[place] for place in half], [stratum()] * len(half), cutter, False)
            for half in (order[: len(order) // 2], order[len(order) // 2 :])
        )
        fired += any(change.surely_worse for change in compare(one, other))
    return {"comparisons": float(times), "fired": float(fired)}


def tables(found: dict[str, Any]) -> None:
    """Print what was found."""
    for name, rows in found.items():
        print(name)
        for key, row in rows.items():
            numbers = row.items() if isinstance(row, dict) else [("", row)]
            print(f"  {key:12} " + "  ".join(f"{what} {value:,.4g}" for what, value in numbers))


def main() -> None:
    """Print one table, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the numbers mean nothing")
    given = options.parse_args()
    peer = None if given.json and given.quick else theirs()
    words, draws, times = (20_000, 2, 2) if given.quick else (1_000_000, 10, 200)
    streams = [zipf(words, 100_000, seed) for seed in range(2 if given.quick else 10)]
    texts = corpus()
    found = {
        "distinct": distinct(streams, peer),
        "frequent": frequent(streams[0], peer),
        "quantiles": quantiles(draws, peer),
        "speed": speed(texts, 1 if given.quick else 8),
        "halves": halves(texts, times),
    }
    if given.json:
        print(json.dumps(found))
        return
    tables(found)


if __name__ == "__main__":
    main()
