"""What must be so before a share may be believed: named checks, each with its number and one sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.documents import Documents, Labelled
from outcross.core.quantifier import Scores
from outcross.evidence.two_sample import Distance

APART = 0.15
"""Synthetic references called synthetic, less human ones: with less, noise is divided by next to nothing."""
SURE = 4.0
"""Standard errors by which something must differ before it counts as different."""
NEAR, FAR = 0.65, 0.9
"""AUC of target against references: up to the first they pass for alike; from the second on nothing can be said."""
INSIDE = 0.9
"""Share of the target that must have a length that the references have too."""
LENGTH = "length"
SCORED = 0.95
"""Share of the target that must have a score."""


@final
@dataclass(frozen=True)
class Check:
    """One thing that was looked at before a share was told.

    Parameters
    ----------
    name
        What was looked at, in a word or two.
    passed
        Whether it is as it should be.
    value
        The number that decided.
    sentence
        What the number is, and what it means.
    grave
        Whether nothing can be said where it fails; otherwise the interval becomes wider.

    Examples
    --------
    >>> print(Check("length", True, 0.98, "98 % of the target's lengths occur among the references"))
    passed: 98 % of the target's lengths occur among the references
    """

    name: str
    passed: bool
    value: float
    sentence: str
    grave: bool = False

    def __str__(self) -> str:
        return f"{'passed' if self.passed else 'failed'}: {self.sentence}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "name": self.name,
            "passed": self.passed,
            "value": self.value,
            "sentence": self.sentence,
            "grave": self.grave,
        }


def separation(scores: Scores) -> Check:
    """Can the references be told apart? The conditioning of every adjusted count.

    Examples
    --------
    >>> from outcross.core.quantifier import Sample
    >>> separation(Scores(*(Sample(np.full(50, number)) for number in (0.5, 0.1, 0.9)))).value
    1.0
    """
    rates = [float((sample.values >= 0.5).mean()) for sample in (scores.synthetic, scores.human)]
    gap = rates[0] - rates[1]
    error = math.sqrt(
        sum(float(np.var(sample.values)) / len(sample.values) for sample in (scores.synthetic, scores.human))
    )
    apart = float(scores.synthetic.values.mean() - scores.human.values.mean())
    good = gap >= APART and apart > SURE * error
    return Check(
        "separation",
        good,
        gap,
        f"{100 * rates[0]:.0f} % of synthetic and {100 * rates[1]:.0f} % of human references are called synthetic (the "
        f"difference should be {100 * APART:.0f} points at least)",
        grave=True,
    )


def in_range(scores: Scores) -> Check:
    """Does the target lie between the references?

    Examples
    --------
    >>> from outcross.core.quantifier import Sample
    >>> in_range(Scores(*(Sample(np.full(50, number)) for number in (0.5, 0.1, 0.9)))).passed
    True
    """
    target, human, synthetic = (sample.values for sample in (scores.target, scores.human, scores.synthetic))

    def error(other: Floats) -> float:
        return math.sqrt(float(np.var(target)) / len(target) + float(np.var(other)) / len(other)) or 1e-12

    low = (human.mean() - target.mean()) / error(human)
    high = (target.mean() - synthetic.mean()) / error(synthetic)
    out = float(max(low, high))
    return Check(
        "range",
        out <= SURE,
        float(target.mean()),
        f"the mean score, from 0 for human to 1, is {target.mean():.2f} in the target, {human.mean():.2f} in human "
        f"references and {synthetic.mean():.2f} in synthetic ones"
        + ("" if out <= SURE else ": no mixture of the two gives it"),
    )


def lengths(target: Documents, references: Labelled) -> Check:
    """Do the references have the target's lengths?

    Where it fails, documents of other lengths are taken for what they may be, of either origin: so little hangs on
    which side of the bound one document lies.

    Examples
    --------
    >>> references = Labelled.of(["one word", "or two of them"], ["human", "synthetic"])
    >>> lengths(Documents.of(["a much longer text than any of the references"]), references).passed
    False
    """
    own, theirs = (np.array([len(text.split()) for text in each.texts]) for each in (target, references.documents))
    low, high = np.quantile(theirs, [0.01, 0.99])
    inside = float(((own >= low) & (own <= high)).mean())
    return Check(
        LENGTH,
        inside >= INSIDE,
        inside,
        f"{100 * inside:.0f} % of the target's texts are as long as references are ({low:.0f} to {high:.0f} words; at "
        f"least {100 * INSIDE:.0f} % is wanted)",
    )


def likeness(found: Distance) -> Check:
    """Is the target of the references' kind, but for its share?

    Examples
    --------
    >>> likeness(Distance(0.52, 0.8)).passed, likeness(Distance(0.99, 30.0)).grave
    (True, True)
    """
    alike = found.auc <= NEAR or found.z <= SURE
    return Check(
        "likeness",
        alike,
        found.auc,
        f"a classifier tells the target from references mixed in the same share with an AUC of {found.auc:.2f} (0.5 is "
        f"guessing, as where they are alike; up to {NEAR:.2f} passes)",
        grave=found.auc >= FAR,
    )


def scorable(share: float) -> Check:
    """Has nearly every document of the target a score?

    Examples
    --------
    >>> scorable(0.0).passed
    True
    """
    return Check(
        "scored",
        share <= 1 - SCORED,
        1 - share,
        f"{100 * (1 - share):.0f} % of the target have a score; the interval allows the others to be of either origin",
    )


def kinship(note: str, kin: int, size: int) -> Check:
    """Which documents are kin, and so scored by what learned from none of them? It cannot fail: it is only said.

    Examples
    --------
    >>> print(kinship("", 3, 60))
    passed: 3 of the target's texts are, or begin as, a reference, or have its source; what scores them has not seen it
    """
    own = (
        f"{kin:,} of the target's texts are, or begin as, a reference, or have its source; what scores them has not "
        "seen it"
    )
    told = f"{note}, and none is scored by what learned from its kin" if note else ""
    return Check("kin", True, kin / max(1, size), "; ".join(part for part in (told, own if kin else "") if part))
