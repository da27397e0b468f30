"""What a forecast says: what is left of a corpus after each generation, and what would keep it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, final

from outcross.core.measure import Measure
from outcross.guard.titles import called


@final
@dataclass(frozen=True)
class Forecast:
    """How much of this corpus is left after k generations of a practice, in intervals.

    Parameters
    ----------
    corpus
        What it is called, and how many documents and words of it there are.
    documents, words
        Its size.
    policy
        Words of the policy that the practice is.
    generations
        Generations, from 0 (the corpus itself).
    left
        Metric to what is left of it at each generation, as a share of what there was: ``types``, ``tail_mass``,
        and ``group_share@NAME`` for each group, as `outcross.forecast` defines them. The intervals are for what one
        chain will do. Generation 1 is trained on the corpus alone: no practice leaves more, but for chance.
    least_human, fresh_records
        The least human share of every training set (policy ``anchor``), and the least number of new human records a
        generation (policy ``fresh``), that keeps ``keep`` of the tail at the last generation; missing, with the reason,
        where nothing can be said.
    keep
        The share that is to be kept, of what is left of the tail where nothing is synthetic.
    seed
        The same seed gives the same forecast.
    notes
        What it rests on, and what it does not know, a sentence each.

    Examples
    --------
    >>> found = Forecast("cats", 10, 100, "replace", (0, 1), {"types": (Measure(1.0, 1, 1), Measure(0.7, 0.6, 0.8))})
    >>> found.until("types", 0.9)
    1
    """

    corpus: str
    documents: int
    words: int
    policy: str
    generations: tuple[int, ...]
    left: Mapping[str, tuple[Measure, ...]]
    least_human: Measure = field(default_factory=lambda: Measure.missing("not asked"))
    fresh_records: Measure = field(default_factory=lambda: Measure.missing("not asked"))
    keep: float = 0.95
    seed: int = 0
    notes: tuple[str, ...] = ()

    @property
    def called(self) -> Mapping[str, str]:
        """What each of ``left`` is called in a sentence."""
        return {name: called(name) for name in self.left}

    def until(self, metric: str, share: float) -> int | None:
        """Return the first generation at which less than this share is expected to be left; None where it never is."""
        values = zip(self.generations, self.left[metric], strict=True)
        return next((t for t, one in values if one.value is not None and one.value < share), None)

    def page(self, path: str | Path) -> Path:
        """Write it as one page, to a file that ends in ``.html`` or into a folder as ``index.html``."""
        from outcross.report.forecast import write_forecast

        return write_forecast(self, Path(path))

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)
