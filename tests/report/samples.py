"""Histories made by hand, so that the page is tested by itself: chains, theory and verdicts have their own tests."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.measure import Measure
from outcross.core.records import Rows
from outcross.core.verdict import Answer, Evidence, Verdict
from outcross.lab.history import Facts, History
from outcross.lab.pictures import Picture, grid
from outcross.lab.plan import Plan
from outcross.lab.theory.curves import Curve
from outcross.lab.trial import Excerpt, Outcome

POLICIES = ("replace", "accumulate", "anchor(real=0.1)")
PROMPT = "The following identifiers are used"


def history(
    policies: tuple[str, ...] = POLICIES, generations: int = 10, replicates: int = 10, spice: str = ""
) -> History:
    """A text chain with a metric of every sort: plain, missing at 0, infinite, on a log axis, in parts, in bins."""
    rng = np.random.default_rng(0)
    t = np.arange(generations + 1)
    outcomes = {}
    for place, policy in enumerate(policies):
        fall = np.exp(np.maximum(-0.6 * t / (1 + place), -50))
        noise = rng.normal(size=(replicates, generations + 1))
        perplexity = 100 / fall * (1 + 0.01 * noise)
        perplexity[:, 0] = np.nan
        values = {
            "variance": fall * np.exp(0.2 * noise),
            "perplexity": perplexity,
            "length": 60 + noise,
            "perplexity_tails@low": 1 + t * (1 + 0.1 * noise),
            "perplexity_tails@high": 1 + 0.2 * t * (1 + 0.1 * noise),
        }
        for bin in np.arange(0.5, 8):
            share = 0.3 * np.exp(-0.5 * (bin - 4 + 0.1 * t) ** 2)
            values[f"perplexity_histogram@{bin:g}"] = np.tile(share, (replicates, 1))
        excerpts = [
            Excerpt(policy, g, PROMPT + spice, f"{PROMPT}{spice} as generation {g if g else 'human'}{spice}.")
            for g in (0, 1, 5, 9)
            if g <= generations
        ]
        reasons = {"perplexity": f"generation 0 is human data: there is no model yet{spice}"}
        outcomes[policy] = Outcome(values, reasons, excerpts)
    plan = Plan(policy=policies, generations=generations, replicates=replicates, seed=7)
    facts = Facts(
        path="sampled",
        why=f"sampled, because the model has no sufficient statistic{spice}",
        data=f"a corpus{spice}",
        digest="sha256:0123abcd",
        source=f"The source, PSF License 2{spice}",
        notes=(f"3 empty records left out{spice}", f"Log-probabilities are sums over tokens{spice}."),
        records=900,
        heldout=100,
        sample_size=900,
        version="0.1.0",
    )
    return History(plan, facts, outcomes)


def drawn(policies: tuple[str, ...] = POLICIES, side: int = 8, channels: int = 1) -> History:
    """A chain of pictures that fade, generation by generation, faster under the first policies."""
    rng, shape = np.random.default_rng(0), (side, side, channels) if channels > 1 else (side, side)
    human = rng.random((1, 30, side * side * channels))
    base = history(policies)
    for place, (policy, outcome) in enumerate(base.outcomes.items()):
        outcome.excerpts.clear()
        for generation in (0, 1, 5, 9, 10):
            shown = Rows(human * np.exp(-0.3 * generation / (1 + place)), shape=shape)
            outcome.pictures.append(Picture(policy, generation, grid(shown)))
    return base


def judged(history: History, spice: str = "") -> list[Verdict]:
    """Every answer there is, for every policy, by a definition that is on no shelf."""
    evidence = (
        Evidence(f"share of types left{spice}", Measure(0.312, 0.290, 0.334, 10)),
        Evidence("entropy", Measure.missing(f"entropy was not measured{spice}")),
    )
    return [
        Verdict(
            f"definition_{number}",
            policy,
            answer,
            f"{policy} said {answer}{spice}.",
            evidence,
            3 if answer is Answer.YES else None,
        )
        for policy in history.policies
        for number, answer in enumerate(Answer)
    ]


def expected(history: History) -> dict[tuple[str, str], Curve]:
    """A closed form for one curve."""
    generations = history.plan.generations
    return {
        ("replace", "variance"): Curve(
            0.6 ** np.arange(generations + 1.0), "exact", "Somebody, arXiv 1234.56789", "E V_t = 0.6^t"
        )
    }


def settle(monkeypatch: pytest.MonkeyPatch, spice: str = "") -> None:
    """Let histories have these verdicts and this theory."""
    monkeypatch.setattr(History, "verdicts", lambda self: judged(self, spice))
    monkeypatch.setattr(History, "theory", expected)
