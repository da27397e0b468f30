"""How far a run is, while it runs: a bar and a line for each worker on a terminal, now and then a line in a log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

import outcross as oc

LINES = 12
"""Workers that are shown on a terminal."""
NAMED = 3
"""Workers that are named in a line of a log."""
PATIENCE = 10.0
"""Seconds between two lines of a log, and before the first."""
SILENCE = 30.0
"""Seconds after which a log gets a line even where no generation was finished."""


@final
@dataclass
class Board:
    """What is known of how far a run is.

    Parameters
    ----------
    what
        What is counted.
    folder
        The folder of the run, or of several; None where the run keeps none.
    clock
        Seconds from any beginning.

    Examples
    --------
    >>> now = 0.0
    >>> board = Board("generations", None, lambda: now)
    >>> board.advance(0, 100)
    >>> now = 30.0
    >>> board.advance(25, 100)
    >>> now = 40.0
    >>> board.look()
    >>> board.sentence
    'generations: 25 of 100 in 40 s, 1 min 20 s left'
    """

    what: str
    folder: Path | None
    clock: Callable[[], float] = time.monotonic
    done: int = 0
    total: int | None = None
    beats: list[oc.Beat] = field(default_factory=list)
    _reported: int = 0
    _before: int = 0
    _resumed: dict[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._start = self._latest = self.clock()

    def advance(self, done: int, total: int) -> None:
        """Take note of what a run says: how many of how many are done."""
        if self.total is None:
            self._before = done
        self._reported, self.total = done, total
        self._count()

    def look(self) -> None:
        """See how far the workers are."""
        if self.folder is not None:
            self.beats = oc.beats(self.folder)
        for beat in self.beats:
            self._resumed[beat.policy, beat.replicate] = beat.resumed * beat.replicates
        self._count()

    def _count(self) -> None:
        """A trial that has just ended is not at work any more and not yet reported: the count never falls."""
        done = min(self._reported + sum(beat.fitted for beat in self.beats), self.total or 0)
        if done > self.done:
            self.done, self._latest = done, self.clock()

    @property
    def passed(self) -> float:
        """Seconds since the beginning."""
        return self.clock() - self._start

    @property
    def left(self) -> float | None:
        """Seconds until all is done, if it goes on as before; None before the first is."""
        made = self.done - self._before - sum(self._resumed.values())
        if made <= 0 or self.total is None:
            return None
        each = (self._latest - self._start) / made
        return max(0.0, each * (self.total - self.done) - (self.clock() - self._latest))

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        left = "" if self.left is None else f", {duration(self.left)} left"
        said = f"{self.what}: {self.done:,} of {self.total or 0:,} in {duration(self.passed)}{left}"
        named = [" ".join(filter(None, cells(beat)[:6])) for beat in self.beats[:NAMED]]
        more = [f"{len(self.beats) - NAMED} more"] if len(self.beats) > NAMED else []
        return "; ".join([said, *named, *more])

    def __rich__(self) -> RenderableType:
        """Draw a bar, and a line for each worker."""
        self.look()
        bar = Table.grid(padding=(0, 2))
        known = self.total is not None
        meter = ProgressBar(total=self.total, completed=self.done, width=40, pulse=not known)
        count = f"{self.done:,}/{self.total:,}" if known else ""
        left = "" if self.left is None else f"{duration(self.left)} left"
        bar.add_row(self.what, meter, Text(count, "green"), Text(duration(self.passed), "yellow"), Text(left, "cyan"))
        workers = Table.grid(padding=(0, 2))
        workers.add_column(no_wrap=True, overflow="ellipsis", max_width=40)
        for column in range(6):
            workers.add_column(no_wrap=True, justify="right" if column in (3, 4, 5) else "left")
        for beat in self.beats[:LINES]:
            workers.add_row(*(Text(cell) for cell in cells(beat)))
        hidden = len(self.beats) - LINES
        return Group(bar, workers, *([Text(f"and {hidden} more at work", "dim")] if hidden > 0 else []))


def cells(beat: oc.Beat) -> list[str]:
    """Return what is said of a worker: policy, replicates, generation, work, how far, how fast, seconds left.

    Examples
    --------
    >>> cells(oc.Beat("replace", 0, 1, 3, "train", 2500, 10000, 512.4, "tokens"))
    ['replace', 'replicate 0', 'generation 3', 'train', '2,500/10,000', '512 tokens/s', '15 s left']
    """
    last = beat.replicate + beat.replicates - 1
    whose = f"replicate {beat.replicate}" if beat.replicates == 1 else f"replicates {beat.replicate}-{last}"
    done = f"{beat.done:,}/{beat.total:,}" if beat.what else ""
    speed = "" if beat.speed is None else f"{_figures(beat.speed)}{f' {beat.unit}' if beat.unit else ''}/s"
    left = "" if beat.left is None else f"{duration(beat.left)} left"
    return [beat.policy, whose, f"generation {beat.generation}", beat.what, done, speed, left]


def _figures(speed: float) -> str:
    return f"{speed:,.0f}" if speed >= 10 else f"{speed:.2g}"


def duration(seconds: float) -> str:
    """Return a time as people say it.

    Examples
    --------
    >>> [duration(seconds) for seconds in (0.2, 59.6, 61, 7300, 200_000)]
    ['0 s', '1 min', '1 min 1 s', '2 h 1 min', '2 d 7 h']
    """
    whole = round(seconds)
    units = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
    parts = []
    for name, size in units:
        count, whole = divmod(whole, size)
        parts.append((count, name))
    first = next((place for place, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {name}" for count, name in parts[first : first + 2] if count) or "0 s"


@contextmanager
def display(what: str, folder: Path | None) -> Iterator[Callable[[int, int], None]]:
    """Show how far the block is on stderr: live on a terminal, else a line now and then, and none for short runs."""
    console, board = Console(stderr=True, highlight=False), Board(what, folder)
    if console.is_terminal and not console.is_dumb_terminal:
        with Live(console=console, get_renderable=board.__rich__, refresh_per_second=4, transient=True):
            yield board.advance
        return
    over = threading.Event()
    herald = threading.Thread(target=_herald, args=(board, console, over), daemon=True)
    herald.start()
    try:
        yield board.advance
    finally:
        over.set()
        herald.join()


def _herald(board: Board, console: Console, over: threading.Event) -> None:
    """Write a line where a generation was finished, at most every ten seconds; one a minute where none was."""
    said, told = 0.0, 0
    while not over.wait(min(1.0, PATIENCE / 2)):
        board.look()
        since = board.passed - said
        if (since >= SILENCE and board.beats) or (since >= PATIENCE and board.done > told):
            said, told = board.passed, board.done
            with suppress(OSError, ValueError):  # whoever read the log has gone
                console.print(board.sentence, markup=False, soft_wrap=True)
