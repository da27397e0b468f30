"""Leave one domain out, and leave one generator out: AUC of detectors on the texts of Fast-DetectGPT (Bao et al. 2024)
against TF-IDF of words and pairs with scikit-learn's ``LogisticRegression``, trained and tested on the same texts.

``--data`` names a file of JSON lines with text, label, domain, generator and pair; without it, that of the folder of
shared data is taken where there is one, and made-up texts with ``--quick``. Prompts are divided in halves for the
generators: humans tested on are never trained on.

What limits us: machine texts go on from the first thirty tokens of
the human one, so little in words tells them apart; and GPT-3.5 and 4 write longer texts, which an unweighted sum of
words would use. Run: ``python benchmarks/detector_domains.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline

from outcross.core.documents import Labelled
from outcross.core.part import build
from outcross.core.seed import Seed

OURS = ("ngram_linear", "masked", "stylometric")
BASELINE = "tf-idf"
SHARED = Path(os.environ.get("OUTCROSS_SHARED") or Path(__file__).resolve().parents[2] / "shared")
Row = dict[str, Any]
Places = NDArray[np.int64]
Way = Callable[[Labelled, Places, Places], NDArray[np.float64]]


def made_up() -> list[Row]:
    """A few texts, so that the script can be seen to run."""
    said = {"human": "well , i went to {} and then home !", "synthetic": "It is important to note that {} is vital ."}
    return [
        {"text": said[label].format(f"{domain} {place}"), "label": label, "domain": domain, "pair": f"{domain} {place}"}
        | {"generator": "human" if label == "human" else f"machine {place % 2}"}
        for domain in ("news", "stories")
        for place in range(12)
        for label in said
    ]


def ours(words: str) -> Way:
    """One of our detectors."""

    def score(data: Labelled, train: Places, test: Places) -> NDArray[np.float64]:
        return build("detector", words).fit(data.take(train), Seed(0)).score(data.documents.take(test))

    return score


def theirs(data: Labelled, train: Places, test: Places) -> NDArray[np.float64]:
    """TF-IDF of words and pairs, and logistic regression."""
    texts = data.documents.texts
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(max_iter=1000))
    model.fit([texts[place] for place in train], data.synthetic[train])
    return np.asarray(model.decision_function([texts[place] for place in test]))


def area(synthetic: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """The AUC of the texts that have a score; NaN where one of the classes is missing."""
    known = np.isfinite(scores)
    both = len(set(synthetic[known].tolist())) == 2
    return float(roc_auc_score(synthetic[known], scores[known])) if both else float("nan")


def measure(rows: list[Row]) -> dict[str, dict[str, dict[str, float]]]:
    """AUC by the domain left out, in it by generator and by length, and by the generator left out."""
    data = Labelled.of(
        [row["text"] for row in rows],
        [row["label"] for row in rows],
        [row["pair"] for row in rows],
        [row["domain"] for row in rows],
    )
    domain, generator = (np.array([row[name] for row in rows]) for name in ("domain", "generator"))
    words = np.array([len(row["text"].split()) for row in rows])
    half = np.array([crc32(row["pair"].encode()) % 2 == 0 for row in rows])
    machines = sorted(set(generator[data.synthetic].tolist()))
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, way in {BASELINE: theirs, **{words: ours(words) for words in OURS}}.items():
        start = time.process_time()
        scores = np.full(data.size, np.nan)
        table: dict[str, dict[str, float]] = {"domain": {}, "generator": {}, "length": {}, "new generator": {}}
        for left in sorted(set(domain.tolist())):
            test = np.flatnonzero(domain == left)
            scores[test] = way(data, np.flatnonzero(domain != left), test)
            table["domain"][left] = area(data.synthetic[test], scores[test])
        for machine in machines:  # its texts against the humans of the same domains, the mean over domains
            table["generator"][machine] = within(
                scores, data.synthetic, domain, (generator == machine) | ~data.synthetic
            )
        cuts = [0, *np.quantile(words, [1 / 3, 2 / 3]), np.inf]
        for low, high in pairwise(cuts):
            label = f"{low:.0f} to {high:.0f} words" if np.isfinite(high) else f"over {low:.0f} words"
            table["length"][label] = within(scores, data.synthetic, domain, (words > low) & (words <= high))
        for machine in machines:
            test = np.flatnonzero(half & ((generator == machine) | ~data.synthetic))
            seen = way(data, np.flatnonzero(~half & (generator != machine)), test)
            table["new generator"][machine] = area(data.synthetic[test], seen)
        for part in table.values():
            part["mean"] = float(np.nanmean(list(part.values())))
        found[name] = table | {"seconds": {"processor": time.process_time() - start}}
    return found


def within(scores: Any, synthetic: Any, domain: Any, chosen: Any) -> float:
    """The mean over domains of the AUC in each: scores of different scorers are not compared."""
    areas = [area(synthetic[here], scores[here]) for one in set(domain.tolist()) for here in [chosen & (domain == one)]]
    known = [value for value in areas if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def main() -> None:
    """Print a table for each way of dividing, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the numbers mean nothing")
    options.add_argument("--data", type=Path, default=SHARED / "data" / "fastdetectgpt" / "texts.jsonl")
    given = options.parse_args()
    if not given.quick and not given.data.is_file():
        print(json.dumps({"missing": str(given.data)}) if given.json else f"not measured: no file {given.data}")
        return
    rows = made_up() if given.quick else [json.loads(line) for line in given.data.open(encoding="utf-8")]
    found = measure(rows)
    if given.json:
        print(json.dumps(found).replace("NaN", "null"))
        return
    for part in found[BASELINE]:
        print(f"\n{part:<24}" + "".join(f"{name:>14}" for name in found))
        for row in found[BASELINE][part]:
            print(f"{row:<24}" + "".join(f"{found[name][part][row]:14.3f}" for name in found))


if __name__ == "__main__":
    main()
