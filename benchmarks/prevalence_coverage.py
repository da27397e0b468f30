"""How far is the estimated share off, and how often does the interval hold the truth? On mixtures of real texts.

Three ways. ``scores``: a detector is fitted to half of the groups, and references and targets are drawn from the
scores of the other half: hundreds of draws in seconds, but the detector is the same in all. ``refit``: each draw has
its own references, and the detector is fitted to them and to nothing else, as a user would do. ``foreign``: the same,
with a detector that was fitted to the other domains beside it.

The truth is the share in the target itself, which is mixed exactly.
What limits us: how well the detector tells the references apart, and how many there are.
Run: ``python benchmarks/prevalence_coverage.py [--json] [--quick] --data TEXTS.jsonl``; without data it does nothing.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.part import build
from outcross.core.seed import Seed
from outcross.evidence.case import Case
from outcross.evidence.folds import grouped_folds
from outcross.evidence.prevalence import WITHOUT

Floats = NDArray[np.float64]
SHARES = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Known(Scorer):
    """Scores that were computed before."""

    score_of: dict[str, float]

    def score(self, documents: Documents) -> Floats:
        """Return the score of each text."""
        return np.array([self.score_of[text] for text in documents.texts])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Nothing was learned."""
        return {}


def read(path: Path, domain: str | None, paired: bool = False) -> tuple[Labelled, Labelled]:
    """The documents of one domain (of all, where none is named), and those of the others."""
    rows = list({row["text"]: row for row in map(json.loads, path.read_text().splitlines())}.values())
    if paired:
        origins: dict[tuple[str, str], set[str]] = {}
        for row in rows:
            origins.setdefault((row["domain"], row["pair"]), set()).add(row["label"])
        rows = [row for row in rows if len(origins[row["domain"], row["pair"]]) == 2]
    chosen = [row for row in rows if domain is None or row["domain"] == domain]
    others = [row for row in rows if row not in chosen] if domain is not None else []
    return labelled(chosen), labelled(others)


def labelled(rows: list[dict[str, Any]]) -> Labelled:
    """Texts with their labels, grouped by pair where they have one."""
    groups = [f"{row['domain']} {row.get('pair', row['id'])}" for row in rows]
    return Labelled.of([row["text"] for row in rows], [row["label"] for row in rows], groups)


def halves(data: Labelled) -> tuple[Labelled, Labelled]:
    """Two halves, no group in both."""
    half = grouped_folds(data.groups, data.synthetic, 2, Seed(0))
    return data.take(np.flatnonzero(half == 0)), data.take(np.flatnonzero(half == 1))


def mixture(data: Labelled, each: int, size: int, share: float, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """References, as many of each class, and a target with exactly this share, of other groups."""
    groups = np.array(data.groups)
    kept = rng.permutation(data.humans)[:each]  # their groups are the references'; the rest is for targets
    apart = np.isin(groups, groups[kept])
    theirs = np.flatnonzero(apart & data.synthetic)
    if len(theirs) < each:  # few groups have both kinds: take other synthetic documents with all of their group
        free = rng.permutation(np.flatnonzero(~apart & data.synthetic))[: each - len(theirs)]
        theirs, apart = np.concatenate([theirs, free]), apart | np.isin(groups, groups[free])
    references = np.concatenate([kept, rng.permutation(theirs)[:each]])
    synthetic = round(share * size)
    rest = np.flatnonzero(~apart)
    human, machine = rest[~data.synthetic[rest]], rest[data.synthetic[rest]]
    if len(human) < size - synthetic or len(machine) < synthetic:
        raise SystemExit(f"{len(human)} human and {len(machine)} synthetic documents are left: too few for {size}")
    target = np.concatenate([rng.permutation(human)[: size - synthetic], rng.permutation(machine)[:synthetic]])
    return data.take(references), data.take(rng.permutation(target)), synthetic / size


def draw(
    data: Labelled, detector: Detector | None, scorer: Scorer | None, plan: Any, share: float, number: int
) -> tuple[float, float, float, float]:
    """Estimate, both ends of the interval, and truth of one mixture."""
    rng = np.random.default_rng([number, plan.each, plan.size, round(1000 * share), plan.labels])
    references, target, truth = mixture(data, plan.each, plan.size, share, rng)
    sample = target.take(rng.permutation(target.size)[: plan.labels]) if plan.labels else None
    case = Case(target.documents, references, sample, detector, scorer, None, False, 0.95, plan.draws, Seed(number))
    found = case.measure(build("quantifier", plan.method or ("ppi" if plan.labels else WITHOUT)))
    if found.value is None or found.low is None or found.high is None:
        return float("nan"), 0.0, 1.0, truth
    return found.value, found.low, found.high, truth


def trial(
    data: Labelled, detector: Detector | None, scorer: Scorer | None, plan: Any, share: float
) -> dict[str, float]:
    """Error and coverage over all draws of one share."""
    found = np.array([draw(data, detector, scorer, plan, share, number) for number in range(plan.repeats)])
    value, low, high, truth = found.T
    return {
        "share": share,
        "bias": float(np.nanmean(value - truth)),
        "error": float(np.nanmean(np.abs(value - truth))),
        "coverage": float(((low <= truth + 1e-9) & (truth - 1e-9 <= high)).mean()),
        "width": float(np.mean(high - low)),
        "above": float((low > truth + 1e-9).mean()),
        "below": float((high < truth - 1e-9).mean()),
    }


def main() -> None:
    """Print a row a share, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, help="JSON lines: text, label, domain, pair")
    options.add_argument("--way", choices=("scores", "refit", "foreign"), default="scores")
    options.add_argument("--domain", help="of which domain references and targets are; all of them where none is named")
    options.add_argument("--paired", action="store_true", help="only texts of prompts that both origins answered")
    options.add_argument("--detector", default="ngram_linear")
    options.add_argument("--method", help="the quantifier; by default the one that is chosen by default")
    options.add_argument("--each", type=int, default=500, help="references of each class")
    options.add_argument("--size", type=int, default=1000, help="documents of a target")
    options.add_argument("--labels", type=int, default=0, help="labelled documents of a target")
    options.add_argument("--shares", type=float, nargs="+", default=SHARES)
    options.add_argument("--repeats", type=int, default=300)
    options.add_argument("--draws", type=int, default=500, help="draws of the bootstrap")
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the numbers mean nothing")
    plan = options.parse_args()
    if plan.quick:
        plan.each, plan.size, plan.repeats, plan.draws, plan.shares = 20, 20, 3, 100, (0.5,)
    if plan.data is None:
        why = "give a file of JSON lines with --data"
        print(json.dumps({"not measured": why}) if plan.json else f"not measured: {why}")
        return
    data, others = read(plan.data, plan.domain, plan.paired)
    part = build("detector", plan.detector)
    detector, scorer = part, None
    if plan.way == "scores":
        learned, data = halves(data)
        scores = part.fit(learned, Seed(0)).score(data.documents)
        detector, scorer = None, Known(dict(zip(data.documents.texts, scores.tolist(), strict=True)))
    elif plan.way == "foreign":
        scorer = part.fit(others, Seed(0))
    rows = []
    for share in plan.shares:
        rows.append(trial(data, detector, scorer, plan, share))
        if not plan.json:
            print("  ".join(f"{name} {number:7.4f}" for name, number in rows[-1].items()), flush=True)
    if plan.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
