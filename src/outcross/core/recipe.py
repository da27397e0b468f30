"""What a policy decides: which records to train on, and how many to ask of the model. Plain data."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np

from outcross.core.errors import BadSetting
from outcross.core.provenance import Stratum


@final
@dataclass(frozen=True, slots=True)
class Draw:
    """So many records from these strata, chosen like this, counted in training like that.

    Parameters
    ----------
    strata
        Where to draw from: uniformly from the union of their records unless a score says otherwise.
    quota
        How many records. A quota equal to the number there takes every record.
    replacement
        Whether a record may be drawn twice, and as often as it comes.
    most
        How many copies of each record lie in the urn: so often may it be drawn at most. Copies are not put back.
    fresh
        Only human records that were never drawn before (``strata`` is then ignored).
    score
        Name of a score column, for ``best``, ``at_least`` and ``proportional``.
    best
        Only records in this top share of the score may be drawn.
    at_least
        Only records with at least this score may be drawn.
    proportional
        Whether the probability of being drawn is proportional to the score.
    power
        To what power of the score: 0 for none, the larger the more a small score counts against a record.
    weight
        Weight of each record in training; 1 is an ordinary record.

    Raises
    ------
    BadSetting
        If the quota or the weight is negative, a score rule comes without a score, or copies with replacement.

    Examples
    --------
    >>> from outcross.core.provenance import Origin
    >>> print(Draw((Stratum(Origin.HUMAN),), 10))
    10 of human/0
    """

    strata: tuple[Stratum, ...]
    quota: int
    replacement: bool = False
    most: int = 1
    fresh: bool = False
    score: str | None = None
    best: float | None = None
    at_least: float | None = None
    proportional: bool = False
    power: float = 1.0
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.quota, int | np.integer) or self.quota < 0 or not self.weight >= 0:
            raise BadSetting(
                f"a draw needs a whole quota and a weight, both at least 0, not {self.quota} and {self.weight}"
            )
        if self.best is not None and not 0 < self.best <= 1:
            raise BadSetting(f"best must lie in (0, 1], not {self.best}")
        if self.score is None and (self.best is not None or self.at_least is not None or self.proportional):
            raise BadSetting("best, at_least and proportional need the name of a score column")
        if not 0 <= self.power < math.inf:
            raise BadSetting(f"the power of a score must be a number of at least 0, not {self.power}")
        if self.most < 1 or (self.most > 1 and self.replacement):
            raise BadSetting("a record lies in the urn once at least; with replacement it is not counted how often")

    @property
    def chooses(self) -> bool:
        """Whether it looks at a score."""
        return self.score is not None

    def __str__(self) -> str:
        names = ", ".join(map(str, self.strata[:3])) + (f" and {len(self.strata) - 3} more" if self.strata[3:] else "")
        text = f"{self.quota} of " + ("new human records" if self.fresh else names)
        rules = [
            "with replacement" if self.replacement else "",
            f"each at most {self.most} times" if self.most > 1 else "",
            f"best {self.best:g} by {self.score}" if self.best is not None else "",
            f"{self.score} at least {self.at_least:g}" if self.at_least is not None else "",
            f"in proportion to {self.score}" + (f" ** {self.power:g}" if self.power != 1 else "")
            if self.proportional
            else "",
            f"weight {self.weight:g}" if self.weight != 1 else "",
        ]
        return ", ".join([text, *filter(None, rules)])


@final
@dataclass(frozen=True, slots=True)
class Recipe:
    """What to train the next model on, and how many records to ask of it.

    Parameters
    ----------
    draws
        What the next model is trained on.
    ask
        How many new records it is asked for.
    best_of
        How many candidates it writes for each record that is asked for; the one with the best ``judge`` is kept.
    judge
        Name of the score column that candidates are judged by.
    edit
        Where given, the new records are those that the model was trained on, with every token resampled that it finds
        likelier than this.

    Raises
    ------
    BadSetting
        If it asks for a negative number, or for the best of several without a judge.

    Examples
    --------
    >>> from outcross.core.provenance import Origin
    >>> recipe = Recipe((Draw((Stratum(Origin.HUMAN),), 10), Draw((Stratum(Origin.SYNTHETIC, 2),), 90)), ask=90)
    >>> recipe.size
    100
    >>> print(recipe)
    10 of human/0 + 90 of synthetic/2; ask for 90
    """

    draws: tuple[Draw, ...]
    ask: int
    best_of: int = 1
    judge: str | None = None
    edit: float | None = None

    def __post_init__(self) -> None:
        if self.ask < 0 or self.best_of < 1:
            raise BadSetting(f"a recipe cannot ask for {self.ask} records, each the best of {self.best_of}")
        if self.best_of > 1 and self.judge is None:
            raise BadSetting("the best of several is chosen by a judge: name a score column")

    @property
    def size(self) -> int:
        """How many records the next model is trained on."""
        return sum(draw.quota for draw in self.draws)

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as plain data, to be printed, saved and compared."""
        return asdict(self)

    def __str__(self) -> str:
        asked = f"ask for {self.ask}"
        if self.best_of > 1:
            asked += f", each the best of {self.best_of} by {self.judge}"
        if self.edit is not None:
            asked += f", edited where likelier than {self.edit:g}"
        return " + ".join(str(draw) for draw in self.draws if draw.quota) + f"; {asked}"
