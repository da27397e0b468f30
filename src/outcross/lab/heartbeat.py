"""How far is each worker? It says so in a tiny file, whatever the engine, and whoever shows progress reads it."""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import final

from outcross.core.progress import listening

EVERY = 0.5
"""Seconds between two writings of a file; a trial that is done sooner writes none."""
STALE = 60.0
"""Seconds after which a worker that has not been heard of counts as gone."""
WINDOW = 10.0
"""Seconds that a speed is a mean over."""


@final
@dataclass(frozen=True)
class Beat:
    """How far one trial is.

    Parameters
    ----------
    policy
        Words of the policy.
    replicate, replicates
        The first replicate of the trial, and how many it has.
    generation
        The generation that is at work.
    what
        What is being done: ``train``, ``write`` or ``score``; empty where it has not been said.
    done, total
        How many of how many tokens or records.
    speed
        How many a second in the last seconds; None where it is not known yet.
    unit
        What is counted: tokens or records.
    resumed
        Generations of each replicate that were there already when the trial began.
    at
        When this was said, in seconds of the clock.

    Examples
    --------
    >>> beat = Beat("replace", 0, 1, generation=3, what="train", done=250, total=1000, speed=50.0)
    >>> beat.fitted, beat.left
    (2, 15.0)
    """

    policy: str
    replicate: int
    replicates: int = 1
    generation: int = 1
    what: str = ""
    done: int = 0
    total: int = 0
    speed: float | None = None
    unit: str = ""
    resumed: int = 0
    at: float = 0.0

    @property
    def fitted(self) -> int:
        """How many generations of all its replicates are finished."""
        return (self.generation - 1) * self.replicates

    @property
    def left(self) -> float | None:
        """Seconds until what is being done is done; None where that cannot be told."""
        return (self.total - self.done) / self.speed if self.speed and self.total >= self.done else None


@final
@dataclass(frozen=True)
class Heartbeat:
    """A folder of files, one a trial at work. Nothing in it has any effect on results.

    Parameters
    ----------
    folder
        Where the files are; it is made when the first is written.

    Examples
    --------
    >>> import tempfile
    >>> from outcross.core.progress import tell
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     heartbeat = Heartbeat(Path(folder))
    ...     with heartbeat.beat("policy0-replicates0-0", "replace", 0) as pulse:
    ...         pulse.generation(2)
    ...         tell("train", 10, 20)
    ...         pulse.write()
    ...         [(beat.generation, beat.what, beat.done) for beat in heartbeat.read()]
    ...     heartbeat.read()
    [(2, 'train', 10)]
    []
    """

    folder: Path

    @classmethod
    def of_run(cls, folder: Path) -> Heartbeat:
        """Return the heartbeat of the run in a folder. It goes where unfinished trials are, and away with them."""
        return cls(folder / "parts" / "heartbeat")

    @contextmanager
    def beat(
        self, trial: str, policy: str, replicate: int, replicates: int = 1, unit: str = "", resumed: int = 0
    ) -> Iterator[Pulse]:
        """Say in a file how far the block is, whenever it tells; the file is removed at the end.

        Parameters
        ----------
        trial
            A name for the file.
        policy, replicate, replicates, unit, resumed
            As in `Beat`; the first generation at work is the one after those that are resumed.
        """
        beat = Beat(policy, replicate, replicates, resumed + 1, unit=unit, resumed=resumed)
        pulse = Pulse(self.folder / f"{trial}.json", beat)
        try:
            with listening(pulse.hear):
                yield pulse
        finally:
            with suppress(OSError):
                pulse.file.unlink(missing_ok=True)

    def read(self) -> list[Beat]:
        """Return how far every worker is; what is damaged, or older than a minute, is left out."""
        now = time.time()
        try:
            files = sorted(self.folder.glob("*.json"))
        except OSError:
            return []
        beats = [beat for file in files if (beat := _read(file)) is not None]
        return sorted((beat for beat in beats if now - beat.at < STALE), key=lambda beat: (beat.policy, beat.replicate))


@final
@dataclass
class Pulse:
    """What one worker says of itself, and when it last said it.

    Examples
    --------
    >>> pulse = Pulse(Path("nowhere") / "trial.json", Beat("replace", 0))
    >>> pulse.generation(3)
    >>> pulse.hear("write", 5, 10)
    >>> pulse.file.exists()
    False
    """

    file: Path
    last: Beat
    _heard: deque[tuple[float, int]] = field(default_factory=deque)
    _written: float = field(default_factory=time.monotonic)

    def generation(self, generation: int) -> None:
        """Say which generation is at work."""
        self.last = replace(self.last, generation=generation, what="", done=0, total=0)
        self._due(time.monotonic())

    def hear(self, what: str, done: int, total: int) -> None:
        """Take note of what `outcross.core.progress.tell` says."""
        now = time.monotonic()
        if what != self.last.what or done < self.last.done:
            self._heard.clear()
        self._heard.append((now, done))
        while len(self._heard) > 2 and now - self._heard[1][0] > WINDOW:
            self._heard.popleft()
        self.last = replace(self.last, what=what, done=done, total=total)
        self._due(now)

    def write(self) -> None:
        """Write the file. A disk that is full or gone is no reason to stop the work."""
        beat = replace(self.last, speed=self._speed if self.last.what else None, at=time.time())
        draft = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(asdict(beat)))
            draft.replace(self.file)

    def _due(self, now: float) -> None:
        if now - self._written >= EVERY:
            self._written = now
            self.write()

    @property
    def _speed(self) -> float | None:
        if len(self._heard) < 2:
            return None
        (then, old), (now, new) = self._heard[0], self._heard[-1]
        return (new - old) / (now - then) if now > then and new > old else None


def beats(folder: Path) -> list[Beat]:
    """Return how far every worker of a run is, or of every run in a folder.

    Examples
    --------
    >>> beats(Path("nowhere"))
    []
    """
    runs = [folder, *(file.parents[1] for file in sorted(folder.glob("*/parts/heartbeat")))]
    return [beat for run in runs for beat in Heartbeat.of_run(run).read()]


def _read(file: Path) -> Beat | None:
    """The beat in a file, or None: another process may be writing it, or may have been killed while it did."""
    try:
        beat = Beat(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    sound = all(
        isinstance(value, str if isinstance(known, str) else int | float | None)
        for value, known in zip(asdict(beat).values(), asdict(Beat("", 0)).values(), strict=True)
    )
    return beat if sound else None
