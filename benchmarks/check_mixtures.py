"""Is the true share inside the interval of `check`, and how long does a check of a million tokens take?

Mixtures of real human and machine texts, with shares spread evenly over 0 to 75 %. References are of other prompts
than the corpus (a prompt, its human text and all its continuations are on one side). Three kinds: ``all``, corpus and
references by all generators of the domain; ``same``, both by one generator; ``foreign``, the corpus by a generator that
the references have not. References name their generators, so that the interval allows for another one; with
``--nameless`` they do not, and it is for theirs alone. What is tried is `outcross.guard.check.share.estimate`, which is
what `check` tells, without what does not bear on it. With ``--whole`` all texts that are no references are one corpus,
and the whole check of it is timed, the page included.

Found at the level of .95, 20 mixtures each (XSum news and WritingPrompts stories, corpora of 400, 200 references of
each origin; inside, mean width): ``all --nameless`` with the seeds 11, 12, 13: 19, 19, 20 (.32, .32, .29); ``same
--nameless``, 11: 19 (.31); ``all``, 11, 12: 19, 19 (.61, .57); ``foreign``, 11, 12: 18, 19 (.56, .63); ``foreign
--nameless``, 11, 12: 14, 17 (.36, .41), which is what the method does not promise. Nothing was fitted to these seeds.

What limits us: how well the detector tells the references apart, how many there are, and whether the corpus' generator
is among theirs.
Run: ``python benchmarks/check_mixtures.py [--json] [--quick] --data TEXTS.jsonl``; without data it does nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("POLARS_MAX_THREADS", "2")

import numpy as np

from outcross.core.engine import Engine
from outcross.core.part import as_part
from outcross.guard.check.check import check
from outcross.guard.check.look import look
from outcross.guard.check.share import LEVEL, estimate
from outcross.guard.source import Source

Row = dict[str, Any]
MOST = 0.75


@dataclass(frozen=True)
class Outcome:
    """One mixture."""

    domain: str
    generators: str
    references: tuple[int, int]
    documents: int
    truth: float
    value: float | None
    low: float
    high: float
    seconds: float

    @property
    def inside(self) -> bool:
        return self.low - 1e-9 <= self.truth <= self.high + 1e-9


def mixture(
    rows: list[Row], corpus_by: list[str], references_by: list[str], share: float, size: int, each: int, rng: Any
) -> tuple[list[Row], list[Row], list[Row]]:
    """A corpus with this share, and human and synthetic references of other prompts."""
    human = {row["pair"]: row for row in rows if row["label"] == "human"}
    prompts = [sorted(human)[place] for place in rng.permutation(len(human))]
    kept = set(prompts[:each])
    machine = [row for row in rows if row["label"] != "human"]

    def some(pool: list[Row], number: int) -> list[Row]:
        return [pool[place] for place in rng.permutation(len(pool))[:number]]

    theirs = [row for row in machine if row["pair"] in kept and row["generator"] in references_by]
    ours = [row for row in machine if row["pair"] not in kept and row["generator"] in corpus_by]
    people = [human[prompt] for prompt in prompts[each:]]
    size = min(size, int(len(people) / (1 - share)), int(len(ours) / share) if share else size)
    synthetic = round(share * size)
    corpus = some(some(people, size - synthetic) + some(ours, synthetic), size)
    return corpus, [human[prompt] for prompt in prompts[:each]], some(theirs, each)


def outcome(
    rows: list[Row],
    kind: str,
    number: int,
    of: int,
    size: int,
    each: int,
    folder: Path,
    *,
    seed: int = 0,
    named: bool = True,
    level: float = LEVEL,
) -> Outcome:
    """Estimate the share of one mixture, from files, as a user would."""
    rng = np.random.default_rng([number, of, *([seed] if seed else [])])
    every = sorted({row["generator"] for row in rows if row["label"] != "human"})
    one = [every[number % len(every)]]
    ours = every if kind == "all" else one
    theirs = {"all": every, "same": one, "foreign": [name for name in every if name not in one]}[kind]
    texts = mixture(rows, ours, theirs, MOST * number / max(1, of - 1), size, each, rng)
    names = ("corpus", "human", "synthetic")
    paths = [written(some, folder / name, named and name == names[-1]) for some, name in zip(texts, names, strict=True)]
    began, crew = time.perf_counter(), as_part(Engine, "serial")
    sources = [str(paths[0]), f"human={paths[1]}", f"synthetic={paths[2]}"]
    seen = [look(Source.of(source), number, crew) for source in sources]
    found = estimate(seen[0], [seen[1]], [seen[2]], level=level, seed=number).share
    truth = sum(row["label"] != "human" for row in texts[0]) / len(texts[0])
    low, high = (0.0 if found.low is None else found.low), (1.0 if found.high is None else found.high)
    called = "all" if kind == "all" else one[0]
    told = (len(texts[1]), len(texts[2])), len(texts[0]), truth, found.value, low, high
    return Outcome(rows[0]["domain"], called, *told, time.perf_counter() - began)


def written(rows: list[Row], stem: Path, named: bool = False) -> Path:
    """Texts alone, or with the generator of each, as a file."""
    path, fields = stem.with_suffix(".jsonl"), ("text", "generator") if named else ("text",)
    path.write_text("".join(json.dumps({name: row[name] for name in fields}) + "\n" for row in rows))
    return path


def whole(rows: list[Row], each: int, folder: Path) -> dict[str, float]:
    """Check all that is no reference as one corpus, and write its page."""
    rng = np.random.default_rng(0)
    prompts = sorted({(row["domain"], row["pair"]) for row in rows if row["label"] == "human"})
    kept = {prompts[place] for place in rng.permutation(len(prompts))[:each]}
    parts: dict[str, list[Row]] = {"corpus": [], "human": [], "synthetic": []}
    for row in rows:
        mine = (row["domain"], row["pair"]) in kept
        parts["corpus" if not mine else "human" if row["label"] == "human" else "synthetic"].append(row)
    some = rng.permutation(len(parts["synthetic"]))[:each]
    parts["synthetic"] = [parts["synthetic"][place] for place in some]
    paths = {name: written(some, folder / name, name == "synthetic") for name, some in parts.items()}
    began = time.perf_counter()
    found = check(paths["corpus"], human=paths["human"], synthetic=paths["synthetic"])
    found.page(folder / "page.html")
    share = found.prevalence
    truth = sum(row["label"] != "human" for row in parts["corpus"]) / len(parts["corpus"])
    return {
        "documents": found.corpus.documents,
        "words": found.corpus.words,
        "truth": truth,
        "low": share.low or 0.0,
        "high": 1.0 if share.high is None else share.high,
        "seconds": time.perf_counter() - began,
    }


def outcomes(rows: list[Row], plan: Any, folder: Path) -> Iterator[Outcome]:
    """The mixtures of one kind, one domain after the other."""
    for number in range(plan.mixtures):
        domain = plan.domains[number % len(plan.domains)]
        some = [row for row in rows if row["domain"] == domain]
        chosen = plan.kind, number, plan.mixtures, plan.size, plan.each, folder
        yield outcome(some, *chosen, seed=plan.seed, named=not plan.nameless, level=plan.level)


def main() -> None:
    """Print a line a mixture and a summary, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, help="JSON lines: text, label, domain, generator, pair")
    options.add_argument("--domains", nargs="+", default=["xsum", "writing"])
    options.add_argument("--kind", choices=("all", "same", "foreign"), default="all")
    options.add_argument("--mixtures", type=int, default=20)
    options.add_argument("--size", type=int, default=400, help="documents of a corpus")
    options.add_argument("--each", type=int, default=200, help="references of each origin")
    options.add_argument("--seed", type=int, default=0, help="another one gives other mixtures")
    options.add_argument("--level", type=float, default=LEVEL)
    options.add_argument("--nameless", action="store_true", help="references do not say which generator wrote them")
    options.add_argument("--whole", action="store_true", help="time the whole check of all that is no reference")
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the numbers mean nothing")
    plan = options.parse_args()
    if plan.quick:
        plan.mixtures, plan.size, plan.each = 2, 40, 20
    if plan.data is None:
        why = "give a file of JSON lines with --data"
        print(json.dumps({"not measured": why}) if plan.json else f"not measured: {why}")
        return
    rows = [row for row in map(json.loads, plan.data.read_text().splitlines()) if row["domain"] in plan.domains]
    with tempfile.TemporaryDirectory() as room:
        if plan.whole:
            told = whole(rows, plan.each, Path(room))
            print(json.dumps(told) if plan.json else "  ".join(f"{name} {number:.4g}" for name, number in told.items()))
            return
        found = []
        for one in outcomes(rows, plan, Path(room)):
            found.append(one)
            if not plan.json:
                value = "cannot tell" if one.value is None else f"{one.value:.2f}"
                print(
                    f"{one.domain} {one.generators}: {one.documents} documents, {one.references} references; truth "
                    f"{one.truth:.3f}, {value} [{one.low:.3f}, {one.high:.3f}] {'' if one.inside else 'MISSED'}",
                    flush=True,
                )
    width = float(np.mean([one.high - one.low for one in found]))
    told = {
        "mixtures": len(found),
        "inside": sum(one.inside for one in found),
        "width": width,
        "told": sum(one.value is not None for one in found),
    }
    if plan.json:
        print(json.dumps({**told, "outcomes": [asdict(one) for one in found]}))
    else:
        print(f"{told['inside']} of {told['mixtures']} inside; mean width {width:.3f}; {told['told']} told")


if __name__ == "__main__":
    main()
