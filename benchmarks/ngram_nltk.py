"""One generation of a trigram chain, that is fit + generate + score, against the same with ``nltk.lm``, as published
scripts do. The texts are the lines of WikiText-2 (its validation file for training, its test file for scoring) where
the folder of shared data is there (``OUTCROSS_SHARED``, or ``shared`` beside the repository), else those of the Python
reference.

nltk is fitted to all of it, and generates and scores a part, whose times are scaled up by the number of tokens. It is
shown with the smoothing that is cheapest for it, none, and with Witten-Bell. With Kneser-Ney, our default, it takes
half a minute for a word, since every score counts over the whole model: 80 days for a generation. That is left out.

What limits us: binary searches (``numpy.searchsorted``) in tables of 100,000 keys, one or two for each token and length
of context, are two fifths of the time of writing and, with the sorting of what is looked up, three fifths of scoring;
two thirds of fitting is sorting. Writing goes through all texts at once, so that a step costs some 50 NumPy calls
however few texts are left: a corpus of one long text takes 50 us a word.
Run: ``python benchmarks/ngram_nltk.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

from nltk.lm import MLE, WittenBellInterpolated
from nltk.lm.api import LanguageModel
from nltk.lm.preprocessing import pad_both_ends, padded_everygram_pipeline
from nltk.util import ngrams

from outcross.core.seed import Seed
from outcross.core.text import Texts, Vocabulary
from outcross.models.ngram import Ngram, Smoothing

ORDER = 3
THEIRS: dict[Smoothing, tuple[type[LanguageModel], int]] = {
    "maximum_likelihood": (MLE, 10),
    "witten_bell": (WittenBellInterpolated, 1),
}
"""nltk's model, and how many times more tokens than asked for it generates and scores."""
STEPS = ("fit", "generate", "score")


def lines(folder: Path) -> tuple[list[str], list[str], str]:
    """Training texts, test texts, and what they are."""
    if folder.is_dir():
        files = [(folder / name).read_text(encoding="utf-8").split("\n") for name in ("valid.txt", "test.txt")]
        train, test = ([line for line in found if line.strip()] for found in files)
        return train, test, "WikiText-2"
    from outcross.corpus.builtin.python_reference import table
    from outcross.corpus.table import Choice

    texts = [text for text in table(Choice(text="text")).texts if text]
    return texts[::2], texts[1::2], "Python reference"


def clock(run: Callable[[], object]) -> tuple[float, object]:
    """Seconds, and the result."""
    start = time.perf_counter()
    found = run()
    return time.perf_counter() - start, found


def ours(train: Texts, test: Texts, smoothing: Smoothing, repeats: int) -> dict[str, float]:
    """Seconds of each step, the least of several runs; as many texts are generated as there are in training."""
    runs = []
    for _ in range(repeats):
        fit, fitted = clock(lambda: Ngram(order=ORDER, smoothing=smoothing).fit(train, Seed(0)))
        generate, _ = clock(lambda fitted=fitted: fitted.sample(train.size, Seed(1)))
        score, _ = clock(lambda fitted=fitted: fitted.log_prob(test))
        runs.append((fit, generate, score))
    return dict(zip(STEPS, map(min, zip(*runs, strict=True)), strict=True))


def theirs(train: Texts, test: Texts, kind: type[LanguageModel], tokens: int) -> dict[str, float]:
    """Seconds of each step; generating and scoring are scaled up to all tokens, ends of texts counted."""
    words = train.vocabulary.words
    documents = [[words[code] for code in train.document(index)] for index in range(train.size)]
    model = kind(ORDER)
    fit, _ = clock(lambda: model.fit(*padded_everygram_pipeline(ORDER, documents)))
    unseen = ([words[code] for code in test.document(index)] for index in range(test.size))
    events = itertools.chain.from_iterable(ngrams(pad_both_ends(text, ORDER), ORDER) for text in unseen)
    grams = list(itertools.islice((gram for gram in events if gram[-2:] != ("</s>", "</s>")), tokens))

    def generate() -> None:
        rng, start = random.Random(0), ["<s>"] * (ORDER - 1)
        context = start
        for _ in range(tokens):
            word = model.generate(1, text_seed=context, random_seed=rng)
            context = start if word == "</s>" else [*context[1:], word]

    def score() -> None:
        for gram in grams:
            model.logscore(gram[-1], gram[:-1])

    generated, _ = clock(generate)
    scored, _ = clock(score)
    return {
        "fit": fit,
        "generate": generated / tokens * (train.tokens + train.size),
        "score": scored / len(grams) * (test.tokens + test.size),
    }


def measure(folder: Path, tokens: int, repeats: int, most: int | None) -> dict[str, object]:
    """Seconds of each step, ours and theirs, for each smoothing, on all texts or at most so many."""
    human, unseen, name = lines(folder)
    human, unseen = human[:most], unseen[:most]
    vocabulary = Vocabulary.of(human, "space")
    train, test = Texts.of(human, vocabulary), Texts.of(unseen, vocabulary)
    found: dict[str, object] = {"texts": name, "training": train.tokens, "test": test.tokens, "types": len(vocabulary)}
    for smoothing, (kind, more) in THEIRS.items():
        us, them = ours(train, test, smoothing, repeats), theirs(train, test, kind, tokens * more)
        ratios = {step: them[step] / us[step] for step in STEPS} | {"all": sum(them.values()) / sum(us.values())}
        found[smoothing] = {"outcross": us, "nltk": them, "nltk tokens": tokens * more, "ratio": ratios}
    found["kneser_ney"] = {"outcross": ours(train, test, "kneser_ney", repeats)}
    return found


def main() -> None:
    """Print a table of seconds and ratios, or everything as JSON."""
    beside = os.environ.get("OUTCROSS_SHARED") or Path(__file__).resolve().parents[2] / "shared"
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--folder", type=Path, default=Path(beside) / "data" / "wikitext-2")
    options.add_argument("--tokens", type=int, default=300, help="what nltk generates and scores with Witten-Bell")
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the times mean nothing")
    given = options.parse_args()
    if given.quick:
        given.tokens, given.repeats = 2, 1
    found = measure(given.folder, given.tokens, given.repeats, 20 if given.quick else None)
    if given.json:
        print(json.dumps(found))
        return
    print(
        f"trigram, one generation, {found['texts']}: {found['training']:,} words to fit and to generate, "
        f"{found['test']:,} to score, {found['types']:,} types; seconds"
    )
    print(f"{'':44}{'fit':>10}{'generate':>10}{'score':>10}{'all':>10}")
    for smoothing in (*THEIRS, "kneser_ney"):
        rows = found[smoothing]
        assert isinstance(rows, dict)
        for name in ("nltk", "outcross", "ratio"):
            if name not in rows:
                continue
            times = rows[name] if name == "ratio" else rows[name] | {"all": sum(rows[name].values())}
            scaled = f" ({rows['nltk tokens']:,} tokens, scaled)" if name == "nltk" else ""
            digits = ",.0f" if name == "ratio" else ",.2f"
            print(f"{smoothing + ', ' + name + scaled:44}" + "".join(f"{time_:10{digits}}" for time_ in times.values()))


if __name__ == "__main__":
    main()
