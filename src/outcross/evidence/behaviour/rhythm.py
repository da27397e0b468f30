"""Features of the rhythm of typing, from a log: those of Crossley et al. (2024) that need times and counts only."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from outcross.core.batch import Floats
from outcross.evidence.behaviour.events import Event, Kind, Log

SHORT, LONG = 200.0, 2000.0
"""Milliseconds between two keys from which on it is a pause, and a pause that ends a burst."""

FEWEST = 100
"""Keys that a log must have, at least: fewer say nothing about rhythm."""

SHARED = (
    "chars_produced_per_min_inclu_spac",
    "mean_length_Pbursts_secs",
    "mean_length_Pbursts_chars",
    "mean_pause_time_in_secs_threshold200",
    "median_pause_time_in_secs_threshold200",
    "mean_pause_time_in_secs_threshold2000",
    "median_pause_time_in_secs_threshold2000",
    "mean_deletion_length_chars",
    "median_deletion_length_chars",
)
"""Features that a log gives as the data of Crossley et al. have them, by their names there."""

DERIVED = {
    "pauses_threshold200_per_char": ("total_number_of_pauses_threshold200", "chars_produced_inclu_spac"),
    "pauses_threshold2000_per_char": ("total_number_of_pauses_threshold2000", "chars_produced_inclu_spac"),
    "deletions_per_char": ("num_of_deletions", "chars_produced_inclu_spac"),
    "deleted_chars_per_char": ("total_deletions_chars_inclu_space", "chars_produced_inclu_spac"),
    "pause_share_threshold2000": ("total_pause_time_in_secs_threshold2000", "total_process_time_secs"),
}
"""Ratios of two columns of those data, so that a short answer can be set beside an essay."""

FROM_LOGS = SHARED + tuple(DERIVED)
"""All features that a log gives."""


def rhythm(log: Log) -> dict[str, float | None]:
    """Return the features of one log; None where it does not give one, all None below a hundred keys.

    A pause is the time between two keys going down, of 200 ms at least; a burst ends with one of 2 s at least, and
    lasts until the next burst begins; deletions in a row are one deletion.

    Parameters
    ----------
    log
        A log with times.

    Examples
    --------
    >>> events = tuple(Event(Kind.TYPE, 300.0 * place, place, 1, text="a") for place in range(200))
    >>> round(rhythm(Log("a", events))["mean_pause_time_in_secs_threshold200"], 6)
    0.3
    """
    keys = [event for event in log.events if event.kind in (Kind.TYPE, Kind.DELETE) and event.time is not None]
    if len(keys) < FEWEST:
        return dict.fromkeys(FROM_LOGS)
    times = np.array([event.time for event in keys], dtype=np.float64)
    gaps = np.diff(times)[np.diff(times) >= 0]
    short, long = gaps[gaps >= SHORT] / 1000, gaps[gaps >= LONG] / 1000
    total = float(times[-1] - times[0]) / 1000
    produced = sum(event.inserted for event in keys)
    deletions = _runs(keys)
    bursts = len(long) + 1
    return {
        "chars_produced_per_min_inclu_spac": _ratio(60 * produced, total),
        "mean_length_Pbursts_secs": total / bursts,
        "mean_length_Pbursts_chars": produced / bursts,
        "mean_pause_time_in_secs_threshold200": _mean(short),
        "median_pause_time_in_secs_threshold200": _median(short),
        "mean_pause_time_in_secs_threshold2000": _mean(long),
        "median_pause_time_in_secs_threshold2000": _median(long),
        "mean_deletion_length_chars": _mean(deletions) or 0.0,
        "median_deletion_length_chars": _median(deletions) or 0.0,
        "pauses_threshold200_per_char": _ratio(len(short), produced),
        "pauses_threshold2000_per_char": _ratio(len(long), produced),
        "deletions_per_char": _ratio(len(deletions), produced),
        "deleted_chars_per_char": _ratio(float(deletions.sum()), produced),
        "pause_share_threshold2000": _ratio(float(long.sum()), total),
    }


def derived(columns: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the features of `FROM_LOGS` from the columns of the data of Crossley et al.

    Examples
    --------
    >>> columns = {name: np.array([1.0]) for name in SHARED}
    >>> columns |= {name: np.array([2.0]) for pair in DERIVED.values() for name in pair}
    >>> derived(columns)["deletions_per_char"].tolist()
    [1.0]
    """
    found = {name: columns[name] for name in SHARED}
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = {name: columns[above] / columns[below] for name, (above, below) in DERIVED.items()}
    return found | {name: np.where(np.isfinite(ratio), ratio, np.nan) for name, ratio in ratios.items()}


def _runs(keys: list[Event]) -> Floats:
    """The number of characters of every run of deletions."""
    sizes: list[float] = []
    before = False
    for event in keys:
        if event.kind is Kind.DELETE:
            sizes = [*sizes[:-1], sizes[-1] + event.deleted] if before else [*sizes, float(event.deleted)]
        before = event.kind is Kind.DELETE
    return np.array(sizes)


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None


def _median(values: Floats) -> float | None:
    return float(np.median(values)) if len(values) else None


def _ratio(above: float, below: float) -> float | None:
    return above / below if below else None
