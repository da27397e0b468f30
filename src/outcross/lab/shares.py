"""What an attribution finds: the loss, each source's share of it, and the chains that these rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, final

from outcross.core.batch import Floats
from outcross.core.measure import Measure
from outcross.core.paired import ratio_of_means
from outcross.lab.shapley import Coalition, dividends, shapley

if TYPE_CHECKING:
    import polars as pl


@final
@dataclass(frozen=True)
class Share:
    """What one source of error contributes to the loss.

    Parameters
    ----------
    source
        The source of error.
    off
        What switching it off means here.
    amount
        Its part of the loss, in units of the metric.
    share
        That relative to the whole loss; missing where the whole may be 0.

    Examples
    --------
    >>> print(Share("statistical", "2,000 records", Measure(0.5, 0.4, 0.6, 10), Measure(0.25, 0.2, 0.3, 10)))
    statistical 0.5 [0.4, 0.6], 25 % [20 %, 30 %]
    """

    source: str
    off: str
    amount: Measure
    share: Measure

    def __str__(self) -> str:
        return f"{self.source} {self.amount}, {_percent(self.share)}"


@final
@dataclass(frozen=True)
class Attribution:
    """How much of a loss is due to each source of error?

    The loss is the metric after some generations with all errors on, less the same with all of them off (that is the
    ideal chain, not a perfect one); for a metric that falls, the other way round. A source without a switch is no
    player: its error is there in every chain, the ideal one too, and is not part of the loss.

    Parameters
    ----------
    metric, policy, data
        Words of what was measured, under which policy, on which data.
    generation
        The generation at which the loss is taken.
    switches
        Source to what switching it off means; only of the sources that are players.
    absent
        Source to the reason why it is no player.
    coalitions
        Sources that are on to values of the metric, shape (R,). Replicates are paired: they share their seeds.
    falls
        Whether a loss is a lower value.
    notes
        What is left of an error that is switched off.

    Examples
    --------
    See `attribute`.
    """

    metric: str
    policy: str
    data: str
    generation: int
    switches: Mapping[str, str]
    absent: Mapping[str, str]
    coalitions: Mapping[Coalition, Floats] = field(repr=False)
    falls: bool = False
    notes: tuple[str, ...] = ()

    @cached_property
    def _losses(self) -> dict[Coalition, Floats]:
        ideal = self.coalitions[frozenset()]
        sign = -1 if self.falls else 1
        return {coalition: sign * (values - ideal) for coalition, values in self.coalitions.items()}

    @property
    def _all(self) -> Coalition:
        return frozenset(self.switches)

    @property
    def total(self) -> Measure:
        """The loss: every error on, against every error off."""
        return Measure.mean_of(self._losses[self._all])

    @property
    def ideal(self) -> Measure:
        """The metric with every error off."""
        return Measure.mean_of(self.coalitions[frozenset()])

    @property
    def actual(self) -> Measure:
        """The metric with every error on."""
        return Measure.mean_of(self.coalitions[self._all])

    @property
    def shares(self) -> dict[str, Share]:
        """What each source contributes (Shapley values over replicates, Fieller intervals of their ratios)."""
        found = shapley(self._losses)
        whole = self._losses[self._all]
        return {
            source: Share(source, off, Measure.mean_of(found[source]), _ratio(found[source], whole))
            for source, off in self.switches.items()
        }

    @property
    def interactions(self) -> dict[tuple[str, ...], Measure]:
        """How much more sources lose together than apart (Harsanyi dividends of two and more)."""
        found = dividends(self._losses)
        return {self._named(some): Measure.mean_of(value) for some, value in found.items() if len(some) > 1}

    @property
    def table(self) -> pl.DataFrame:
        """One row a source: its amount and its share with their 95 % intervals, and what switching it off means."""
        import polars as pl

        rows = [
            (share.source, *_ends(share.amount), *_ends(share.share), share.amount.n, share.off)
            for share in self.shares.values()
        ]
        numbers = ("amount", "amount_low", "amount_high", "share", "share_low", "share_high")
        schema = {"source": pl.String, **dict.fromkeys(numbers, pl.Float64), "n": pl.Int64, "off": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")

    @property
    def chains(self) -> pl.DataFrame:
        """One row a chain that was run: which sources were on, and the metric with its 95 % interval."""
        import polars as pl

        rows = [
            (*(source in coalition for source in self.switches), *_ends(Measure.mean_of(values)), len(values))
            for coalition, values in self.coalitions.items()
        ]
        schema = {
            **dict.fromkeys(self.switches, pl.Boolean),
            **dict.fromkeys((self.metric, "low", "high"), pl.Float64),
            "n": pl.Int64,
        }
        return pl.DataFrame(rows, schema=schema, orient="row")

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        side = "lower" if self.falls else "higher"
        shares = sorted(self.shares.values(), key=lambda share: -(share.amount.value or 0))
        text = (
            f"After {self.generation} generations of {self.policy}, {self.metric} is {self.total} {side} than with "
            f"these errors switched off ({self.actual} against {self.ideal}): {'; '.join(map(str, shares))}."
        )
        shields = [share.source for share in shares if share.amount.high is not None and share.amount.high < 0]
        negative = [f"Negative: {source}, without which the other errors cost more." for source in shields]
        reasons = [f"No player: {source}, because {reason}." for source, reason in self.absent.items()]
        return " ".join([text, *negative, *reasons, *self.notes])

    def _named(self, coalition: Coalition) -> tuple[str, ...]:
        return tuple(source for source in self.switches if source in coalition)


def _ratio(part: Floats, whole: Floats) -> Measure:
    found = ratio_of_means(part, whole)
    if found.value is not None and found.low is None and found.n > 1:
        return Measure.missing("the whole loss may be 0", n=found.n)
    return found


def _ends(measure: Measure) -> tuple[float | None, float | None, float | None]:
    return measure.value, measure.low, measure.high


def _percent(share: Measure) -> str:
    if share.value is None:
        return f"share {share}"
    if share.low is None or share.high is None:
        return f"{share.value:.0%}".replace("%", " %")
    return f"{share.value:.0%} [{share.low:.0%}, {share.high:.0%}]".replace("%", " %")
