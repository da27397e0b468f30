"""Check-ups made by hand, so that their page is tested by itself: all that is known, nothing, what is hostile."""

from __future__ import annotations

from dataclasses import replace

from outcross.core.inventory import Inventory
from outcross.core.measure import Measure
from outcross.core.provenance import Origin, Stratum
from outcross.core.recipe import Draw, Recipe
from outcross.evidence.diagnostics import Check
from outcross.evidence.marks.survey import Marks
from outcross.evidence.prevalence import Prevalence
from outcross.guard.check.checkup import Checkup, Example, Size
from outcross.guard.forecast.result import Forecast
from outcross.guard.mix.plan import MixPlan
from outcross.guard.watch.change import Change

HUMAN, MADE, OLDER, NEWS = (
    Stratum(Origin.HUMAN),
    Stratum(Origin.SYNTHETIC, 1),
    Stratum(Origin.SYNTHETIC, 2),
    Stratum(Origin.UNKNOWN, group="news"),
)
LOST = ("quince", "ampersand", "thimble", "hearsay", "lukewarm", "gooseberry", "dovetail", "crosswind", "threadbare")
HOSTILE = (
    "<script>alert('run')</script><img src=x onerror=alert(1)>",
    "</style></svg><iframe src='https://example.org'></iframe>",
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnp.exe\u2066 \x00\x07\x1b[31m \ud83d",
    "שלום עולם, هذا نص من اليمين",
    "👩\u200d👩\u200d👧\u200d👦 and 🇺🇳 and Z̸̢̛a̴͝l̵͠g̶̕o̷͘",
    "w" * 10_000,
    "https://example.org/" + "a/" * 400,
    "\n" * 60 + "after many lines",
)
"""What must do nothing on a page but be read."""


def forecast(generations: int = 10) -> Forecast:
    """A corpus that loses its tail."""
    steps = tuple(range(generations + 1))
    left = {
        name: tuple(Measure(rate**t, max(0.0, rate**t - 0.012 * t), min(1.0, rate**t + 0.012 * t), 20) for t in steps)
        for name, rate in {"types": 0.95, "tail_mass": 0.87, "group_share@letters": 0.98}.items()
    }
    return Forecast(
        "stories.jsonl",
        4100,
        1_004_211,
        "replace",
        steps,
        left,
        Measure(0.31, 0.24, 0.4, 200),
        Measure(1240.0, 980.0, 1600.0, 200),
        notes=("the surrogate is a bigram model of this corpus", "a group is told by the column `group`"),
    )


def plan(budget: int = 1000) -> MixPlan:
    """Three parts human, the rest from two generations and from what nobody labelled."""
    third = budget * 3 // 10
    draws = (
        Draw((HUMAN,), third),
        Draw((MADE,), third),
        Draw((OLDER,), third // 2),
        Draw((NEWS,), budget - 2 * third - third // 2),
    )
    return MixPlan(
        Recipe(draws, 0),
        Inventory({HUMAN: 9 * budget, MADE: 2 * budget, OLDER: budget, NEWS: 3 * budget}),
        "anchor(real=0.3)",
        budget,
        third,
        0.95,
        {NEWS: Measure(0.62, 0.55, 0.7, 300)},
        ("of the records without a label 70 % are taken for synthetic: the upper end of the interval",),
    )


def changes() -> tuple[Change, ...]:
    """Some fall, one does not, one cannot be told, one is a difference."""
    return (
        Change(
            "types",
            Measure(18_204.0, 18_010, 18_400),
            Measure(14_320.0, 14_150, 14_500),
            Measure(0.787, 0.775, 0.799),
            definition="Number of types with a positive share, #{i: p_i > 0}.",
            source="Suresh et al., arXiv 2412.17646 (2024)",
            unit="types",
        ),
        Change("tail_mass", Measure(0.08, 0.078, 0.082), Measure(0.051, 0.049, 0.053), Measure(0.64, 0.6, 0.68)),
        Change("entropy", Measure(9.8, 9.7, 9.9), Measure(9.7, 9.6, 9.8), Measure(0.99, 0.97, 1.01), unit="bits"),
        Change(
            "self_bleu", Measure(0.2, 0.19, 0.21), Measure(0.31, 0.3, 0.33), Measure(1.55, 1.45, 1.66), worse="rises"
        ),
        Change(
            "group_share@letters",
            Measure(0.2, 0.18, 0.22),
            Measure.missing("the corpus has no groups"),
            Measure.missing("the corpus has no groups"),
        ),
        Change("copies", Measure(0.01, 0.01, 0.01), Measure(0.06, 0.05, 0.07), Measure(0.05, 0.04, 0.06), "difference"),
    )


def whole() -> Checkup:
    """Everything is known."""
    checks = (
        Check("separation", True, 0.71, "synthetic references are called synthetic in 83 %, human ones in 12 %"),
        Check("length", True, 0.98, "98 % of the target's lengths occur among the references"),
        Check("likeness", False, 0.72, "a classifier tells the target from the references with an AUC of 0.72"),
    )
    marks = Marks(
        4100, 37, {"disclosure": 30, "c2pa_text": 7}, {"ai-generated": 30}, {"synthetic": 37}, damaged=2, examples={}
    )
    examples = (
        *(Example("lost word", word, f"{31 - place} a million words, now none") for place, word in enumerate(LOST)),
        *(Example("gained word", word, "2 a million words, now 140") for word in ("delve", "tapestry", "testament")),
        Example(
            "copy",
            "It is important to note that every story has two sides.",
            "12 times in the corpus, once in the reference",
        ),
        Example("mark", '<meta name="ai-generated" content="yes">', "disclosure, in 30 documents"),
        Example(
            "most synthetic",
            "In conclusion, the journey of a thousand miles is a testament to the human spirit.",
            "score 0.98",
        ),
        Example("most human", "Well I never got round to the quinces, did I.", "score 0.02"),
    )
    return Checkup(
        Size("stories.jsonl", 4100, 1_004_211, 212),
        Size("people.jsonl", 5000, 1_203_004),
        Size("model.jsonl", 5000, 1_101_230, 3),
        (
            "About a third of these 4,100 documents is synthetic: 34 %, and with 95 % confidence between 29 and 40 %.",
            "Against people.jsonl a fifth of the words and 36 % of the tail is lost already; if every model goes on to "
            "learn from the last one’s texts, a quarter of what is left of the tail is there after ten generations.",
            "Train on a mix with 30 % human records, held to the record: the command below builds it.",
        ),
        {"human": 1200, "synthetic": 800, "mixed": 60, "unknown": 2040},
        marks,
        Prevalence(
            0.34,
            0.29,
            0.4,
            4100,
            method="probabilistic_adjusted_count(sharpen=true)",
            diagnostics=checks,
            advice=("label 100 documents of the target, chosen at random, and give them with --labelled FILE",),
        ),
        ("length alone tells human from synthetic: AUC 0.62 [0.58, 0.66], the detector 0.93 [0.91, 0.95]",),
        changes(),
        examples,
        forecast(),
        plan(),
        "outcross mix stories.jsonl human=people.jsonl synthetic=model.jsonl --policy 'anchor(real=0.3)' "
        "--budget 1000 --out mixed",
        (("Which of the groups is losing most", "a column of groups: --group COLUMN"),),
        41.7,
        0,
    )


def bare() -> Checkup:
    """One file and nothing else: no reference, no label, no claim, nothing to compare with."""
    whole_one = whole()
    reason = "cannot tell: there are no references of the target's kind, and no labels"
    return replace(
        whole_one,
        human=None,
        synthetic=None,
        answer=(
            "How much of this corpus is synthetic cannot be told: no document says who wrote it, and there is nothing "
            "to compare it with.",
            "What is lost cannot be told without a human reference.",
            "Give a human reference of the same kind with --human FILE, 100 texts or more.",
        ),
        declared={"unknown": 4100},
        marks=Marks(records=4100),
        prevalence=Prevalence(
            None,
            0.0,
            1.0,
            4100,
            reason=reason,
            advice=("give human and synthetic texts of the same kind, 100 of each or more",),
        ),
        shortcuts=(),
        changes=(),
        examples=(),
        forecast=None,
        plan=None,
        command=None,
        untold=(
            ("How much is synthetic", "human and synthetic texts of the same kind: --human FILE --synthetic FILE"),
            ("What is lost", "human texts of the same kind: --human FILE"),
            ("What to train on instead", "records that are known to be human: --human FILE"),
        ),
    )


def sound() -> Checkup:
    """All human, nothing lost, nothing left open."""
    kept = tuple(
        replace(one, change=Measure(1.0, 0.98, 1.02), new=one.old)
        for one in changes()
        if one.change.value and one.scale == "ratio"
    )
    return replace(
        whole(),
        declared={"human": 4100},
        changes=kept,
        examples=(),
        shortcuts=(),
        untold=(),
        marks=Marks(records=4100),
        prevalence=Prevalence(0.0, 0.0, 0.004, 4100, method="acc"),
    )


def synthetic() -> Checkup:
    """All of it synthetic, and nothing to anchor a mix with."""
    return replace(
        whole(),
        declared={"synthetic": 4100},
        prevalence=Prevalence(1.0, 0.993, 1.0, 4100, method="acc"),
        plan=None,
        command=None,
    )


def huge() -> Checkup:
    """Numbers and names as large as they come."""
    name = "s3://bucket/" + "a-very-long-folder-name/" * 8 + "corpus.jsonl"
    many = tuple(
        Draw((Stratum(Origin.SYNTHETIC, t, f"group-{t}", "a-generator-with-a-long-name"),), 10**9) for t in range(1, 40)
    )
    recipe = Recipe((Draw((HUMAN,), 10**11), *many), 0)
    inventory = Inventory({HUMAN: 10**12, **{draw.strata[0]: 10**10 for draw in many}})
    return replace(
        whole(),
        corpus=Size(name, 10**12, 10**15, 10**9),
        human=Size(name, 10**12, 10**15),
        declared={"human": 10**12, "synthetic": 1, "unknown": 3, "a strange claim": 10**6},
        plan=MixPlan(
            recipe, inventory, "balance(policy=anchor(real=0.3), by=group, floor=0.1234567)", recipe.size, 10**11
        ),
        examples=tuple(Example("lost word", f"word{i}" * (1 + i % 9), "31 a million") for i in range(500)),
        forecast=replace(forecast(100), left={f"group_share@group-{i}": forecast(100).left["types"] for i in range(9)}),
        seconds=98_765.4,
        seed=2**63,
    )


def hostile_forecast() -> Forecast:
    """A forecast of groups with names that are hard to show."""
    groups = {f"group_share@{text}": forecast().left["types"] for text in HOSTILE}
    return replace(forecast(), corpus=HOSTILE[0], policy=" ".join(HOSTILE)[:2000], left=groups, notes=HOSTILE)


def hostile() -> Checkup:
    """Every text that a corpus could bring in is somebody's attempt to break the page."""
    everywhere = " ".join(one[:200] for one in HOSTILE)
    first = whole()
    return replace(
        first,
        corpus=Size(everywhere, 3, 9),
        human=Size(HOSTILE[0], 3, 9),
        answer=(everywhere, HOSTILE[6], HOSTILE[0]),
        declared={HOSTILE[0]: 5, "human": 2, HOSTILE[6]: 1},
        marks=Marks(9, 9, {HOSTILE[1]: 9}, {text: 1 for text in HOSTILE}, {"synthetic": 9}),
        prevalence=replace(
            first.prevalence, advice=HOSTILE, diagnostics=tuple(Check("a", False, 0.0, text) for text in HOSTILE)
        ),
        shortcuts=HOSTILE,
        changes=tuple(
            Change(text, Measure(1.0), Measure(0.5), Measure(0.5, 0.4, 0.6), definition=text, source=text, unit=text)
            for text in HOSTILE
        ),
        examples=tuple(
            Example(kind, text, text)
            for text in sorted(HOSTILE, key=len, reverse=True)
            for kind in ("lost word", "copy", "most human", HOSTILE[0])
        ),
        forecast=hostile_forecast(),
        plan=replace(
            plan(),
            policy=HOSTILE[6],
            notes=HOSTILE,
            unlabelled={Stratum(Origin.UNKNOWN, group=text): Measure(0.5, 0.4, 0.6) for text in HOSTILE},
        ),
        command=f"outcross mix '{everywhere}' --out {HOSTILE[6]}",
        untold=tuple((text, text) for text in HOSTILE),
    )


ALL = {"whole": whole, "bare": bare, "sound": sound, "synthetic": synthetic, "huge": huge, "hostile": hostile}
