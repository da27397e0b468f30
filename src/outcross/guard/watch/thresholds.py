"""From which change on a snapshot is not let through: one file in TOML, read strictly, or the usual thresholds."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, final

from outcross.core.errors import BadInput, BadSetting, MissingInput, nearest

Level = Literal["warn", "fail"]
Kind = Literal["loss", "above", "below"]

LEVELS: tuple[Level, ...] = ("warn", "fail")
KINDS: tuple[Kind, ...] = ("loss", "above", "below")
BASELINE = "baseline"

ABOUT = """\
# More than this must surely be lost against the baseline for a threshold to fire: a share of what there was where the
# metric is compared as a ratio, a difference in its own unit else. { above = ... } and { below = ... } are absolute, of
# the new snapshot itself. optional: not asked where it cannot be told. sure: what is in doubt does not pass.
"""

USUAL = (
    ABOUT
    + """
[types]
warn = 0.05
fail = 0.1

[survival]
warn = 0.05
fail = 0.1

[tail_mass]
warn = 0.05
fail = 0.1

[unseen_mass]
warn = 0.1
fail = 0.2
optional = true

[entropy]
warn = 0.05
fail = 0.1

[length]
warn = 0.2

[repetition]
warn = 0.02
fail = 0.05
optional = true

[copies]
warn = 0.05
fail = 0.1
sure = true

[group_share]
warn = 0.25
fail = 0.5
optional = true

[synthetic_share]
warn = 0.05
optional = true
"""
)
"""A tenth is what the lab's `tail_loss` calls a loss. Entropy falls by 0.1 nats where a tenth of the words' variety,
its exponential, is lost. Copies are counted, so there is little doubt of them; what is left does not pass."""


@final
@dataclass(frozen=True, slots=True)
class Threshold:
    """One bound of one metric.

    Parameters
    ----------
    metric
        The metric: a name (all of ``length@p10``, ``length@p90`` go by ``length``), or one reading by its whole name.
    level
        ``warn`` is told and passes; ``fail`` does not pass.
    kind
        ``loss`` against the baseline, or ``above`` or ``below`` for the new snapshot itself.
    bound
        What must surely be exceeded for it to fire.
    optional
        Whether nothing is asked where the metric was not compared, or cannot be told.
    sure
        Whether it passes only where the bound is surely kept; else what is possibly beyond passes too, and is told.

    Examples
    --------
    >>> print(Threshold("types", "fail", "loss", 0.1))
    types: fail where more than 0.1 is lost
    """

    metric: str
    level: Level
    kind: Kind
    bound: float
    optional: bool = False
    sure: bool = False

    def __str__(self) -> str:
        said = f"more than {self.bound:g} is lost" if self.kind == "loss" else f"{self.kind} {self.bound:g}"
        return f"{self.metric}: {self.level} where {said}"


@final
@dataclass(frozen=True, slots=True)
class Baseline:
    """What snapshots are compared with, where the file of thresholds says so.

    Parameters
    ----------
    snapshot
        The stored snapshot, if it is named.
    sha256
        The digest that the baseline must have, if it is pinned.

    Examples
    --------
    >>> Baseline(Path("may.snapshot")).sha256 is None
    True
    """

    snapshot: Path | None = None
    sha256: str | None = None


@final
@dataclass(frozen=True, slots=True)
class Thresholds:
    r"""From which change on a snapshot does not pass?

    Parameters
    ----------
    asked
        The thresholds, in the order of the file.
    baseline
        The baseline that the file names or pins.
    name
        What to call the file in messages.

    Examples
    --------
    >>> read = Thresholds.parse("[types]\nwarn = 0.05\nfail = 0.1\n[synthetic_share]\nfail = { above = 0.5 }")
    >>> for one in read.asked:
    ...     print(one)
    types: warn where more than 0.05 is lost
    types: fail where more than 0.1 is lost
    synthetic_share: fail where above 0.5
    """

    asked: tuple[Threshold, ...]
    baseline: Baseline = Baseline()
    name: str = "the usual thresholds"

    @classmethod
    def usual(cls) -> Thresholds:
        """Return the thresholds that hold where no file is given."""
        return cls.parse(USUAL, "the usual thresholds")

    @classmethod
    def read(cls, path: str | Path) -> Thresholds:
        """Read a file; a snapshot that it names lies relative to it.

        Raises
        ------
        MissingInput
            If there is no such file.
        BadInput
            If it is not text.
        BadSetting
            If it is not TOML, or says what is not known.
        """
        file = Path(path)
        try:
            text = file.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise MissingInput(f"no file of thresholds '{file}'") from None
        except IsADirectoryError:
            raise BadInput(f"'{file}' is a folder, not a file of thresholds") from None
        except UnicodeDecodeError:
            raise BadInput(f"'{file}' is not a text in UTF-8") from None
        return cls.parse(text, str(file), file.parent)

    @classmethod
    def parse(cls, text: str, name: str = "thresholds", folder: Path | None = None) -> Thresholds:
        """Read thresholds from text.

        Raises
        ------
        BadSetting
            If it is not TOML, or says what is not known; the message names the line.
        """
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BadSetting(f"{name} is not TOML: {error}") from None
        reader = _Reader(text, name)
        baseline = reader.baseline(tables.pop(BASELINE, {}), folder or Path())
        asked = tuple(one for metric, table in tables.items() for one in reader.thresholds(metric, table))
        if not asked:
            raise BadSetting(f"{name} has no threshold; write for example [types] and fail = 0.1")
        return cls(asked, baseline, name)

    def of(self, metric: str) -> tuple[Threshold, ...]:
        r"""Return the thresholds of one reading: its own where it has any, else those of the metric.

        Examples
        --------
        >>> read = Thresholds.parse('[length]\nfail = 0.1\n["length@p99"]\nfail = 0.5')
        >>> [one.bound for name in ("length@p10", "length@p99") for one in read.of(name)]
        [0.1, 0.5]
        """
        own = tuple(one for one in self.asked if one.metric == metric)
        return own or tuple(one for one in self.asked if one.metric == metric.partition("@")[0])

    def check(self, known: Iterable[str], text: str = "") -> None:
        """Refuse a threshold of a metric that is not known.

        Raises
        ------
        BadSetting
            Naming the nearest metric.
        """
        names = set(known)
        for one in self.asked:
            if one.metric.partition("@")[0] not in names:
                raise BadSetting(f"{self.name} asks for the metric '{one.metric}', unknown{nearest(one.metric, names)}")

    def toml(self) -> str:
        """Return them as a file.

        Examples
        --------
        >>> Thresholds.parse(Thresholds.usual().toml()).asked == Thresholds.usual().asked
        True
        """
        return ABOUT + "\n" + "\n".join(_tables(self.asked)).rstrip("\n") + "\n"


@final
@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads tables strictly, and knows the line of what it refuses (TOML itself does not tell)."""

    text: str
    name: str

    def thresholds(self, metric: str, table: Any) -> Iterator[Threshold]:
        if not isinstance(table, Mapping):
            raise self.refused(metric, f"'{metric}' is no table; write [{metric}] and under it fail = ...")
        self.known(metric, table, (*LEVELS, "optional", "sure"))
        flags = {key: self.flag(metric, table, key) for key in ("optional", "sure")}
        found = [
            Threshold(metric, level, kind, bound, **flags)
            for level in LEVELS
            if level in table
            for kind, bound in self.bounds(metric, level, table[level])
        ]
        if not found:
            raise self.refused(metric, f"[{metric}] has neither warn nor fail")
        self.in_order(metric, found)
        yield from found

    def bounds(self, metric: str, level: Level, given: Any) -> Iterator[tuple[Kind, float]]:
        table = given if isinstance(given, Mapping) else {"loss": given}
        if not table:
            raise self.refused(metric, f"[{metric}] {level} is empty; write a number, or {{ above = ... }}", level)
        self.known(metric, table, KINDS, level)
        for kind in KINDS:
            if kind in table:
                bound = table[kind]
                if isinstance(bound, bool) or not isinstance(bound, int | float) or not math.isfinite(bound):
                    raise self.refused(metric, f"[{metric}] {level} must be a number, not {bound!r}", level)
                if kind == "loss" and bound < 0:
                    raise self.refused(metric, f"[{metric}] {level}: a loss is at least 0, not {bound:g}", level)
                yield kind, float(bound)

    def flag(self, metric: str, table: Mapping[str, Any], key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            raise self.refused(metric, f"[{metric}] {key} must be true or false, not {value!r}", key)
        return value

    def in_order(self, metric: str, found: list[Threshold]) -> None:
        """A warning that comes after the failure is a slip of the pen."""
        for kind in KINDS:
            bounds = {one.level: one.bound for one in found if one.kind == kind}
            if len(bounds) == 2 and (bounds["warn"] - bounds["fail"]) * (-1 if kind == "below" else 1) > 0:
                raise self.refused(metric, f"[{metric}] would fail before it warns: {kind} {bounds['fail']:g}", "warn")

    def baseline(self, table: Any, folder: Path) -> Baseline:
        if not isinstance(table, Mapping):
            raise self.refused(BASELINE, "'baseline' is no table; write [baseline] and under it snapshot = \"...\"")
        self.known(BASELINE, table, ("snapshot", "sha256"))
        for key, value in table.items():
            if not isinstance(value, str) or not value:
                raise self.refused(BASELINE, f"[baseline] {key} must be a text, not {value!r}", key)
        snapshot, digest = table.get("snapshot"), table.get("sha256")
        if digest is not None and not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise self.refused(BASELINE, f"[baseline] sha256 must be 64 hexadecimal digits, not '{digest}'", "sha256")
        return Baseline(None if snapshot is None else folder / snapshot, digest)

    def known(self, metric: str, table: Mapping[str, Any], keys: tuple[str, ...], within: str | None = None) -> None:
        for key in table:
            if key not in keys:
                hint = nearest(key, keys)
                raise self.refused(metric, f"[{metric}] has no '{key}'{hint}", within or key)

    def refused(self, table: str, why: str, key: str | None = None) -> BadSetting:
        line = self.line(table, key)
        return BadSetting(f"{self.name}{f', line {line}' if line else ''}: {why}")

    def line(self, table: str, key: str | None) -> int | None:
        """Where the table, or a key of it, stands; None where it is written in another way than usual."""
        name = rf"[\"']?{re.escape(table)}[\"']?"
        lines = self.text.splitlines()
        starts = [n for n, line in enumerate(lines, 1) if re.match(rf"\s*(\[\s*{name}\s*[\].]|{name}\s*[.=])", line)]
        if not starts or key is None:
            return starts[0] if starts else None
        own = (
            n for n, line in enumerate(lines, 1) if n > starts[0] and re.match(rf"\s*[\"']?{re.escape(key)}\b", line)
        )
        return next(own, starts[0])


def _tables(asked: Iterable[Threshold]) -> Iterator[str]:
    by_metric: dict[str, list[Threshold]] = {}
    for one in asked:
        by_metric.setdefault(one.metric, []).append(one)
    for metric, own in by_metric.items():
        yield f"[{metric}]" if re.fullmatch(r"[\w-]+", metric) else f'["{metric}"]'
        for level in LEVELS:
            bounds = {one.kind: one.bound for one in own if one.level == level}
            if bounds:
                inner = ", ".join(f"{kind} = {bound!r}" for kind, bound in bounds.items())
                yield f"{level} = {bounds['loss']!r}" if set(bounds) == {"loss"} else f"{level} = {{ {inner} }}"
        yield from (f"{key} = true" for key in ("optional", "sure") if getattr(own[0], key))
        yield ""
