"""Talk goes to stderr, results go to stdout: consoles, progress bars, tables and JSON."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import outcross as oc


def say(sentence: str) -> None:
    """Tell the user something on stderr."""
    Console(stderr=True, highlight=False).print(sentence, markup=False, soft_wrap=True)


def progress_bar(what: str, folder: Path | None = None) -> AbstractContextManager[Callable[[int, int], None]]:
    """Show on stderr how far the block is, and each worker of the run in the folder; little where nobody watches."""
    from outcross.cli.live import display

    return display(what, folder)


@contextmanager
def steps(what: str) -> Iterator[None]:
    """Show how far the work of a block is, which has no run folder: fitting, scoring."""
    with progress_bar(what) as advance, oc.listening(lambda told, done, total: advance(done, total)):
        yield


@contextmanager
def resumable(out: Path) -> Iterator[None]:
    """Say how to go on where the user stops the block with Ctrl-C; exit 130."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"stopped; what was finished is kept in {out}, add --resume to go on")
        raise SystemExit(130) from None


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str] = ()) -> None:
    """Print a table on stdout, columns of numbers to the right; as wide as it needs to be where it is no terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=200)
    if title:  # not the table's own title, which would be folded to its width
        console.print(title, style="bold", markup=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=any(head))
    for place, name in enumerate(head):
        table.add_column(name, overflow="fold", no_wrap=place == 0, justify="right" if name in numbers else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table, markup=False)


def count(number: int, one: str) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> count(1, "record"), count(12000, "record")
    ('1 record', '12,000 records')
    """
    return f"{number:,} {one if number == 1 else one + 's'}"


def per_cent(part: int, whole: int) -> str:
    """Return a share in per cent.

    Examples
    --------
    >>> per_cent(1, 3)
    '33.3 %'
    """
    return f"{100 * part / whole:.1f} %"


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout; numbers that are not finite become strings, which JSON can carry."""
    import json

    print(json.dumps(plain(value), indent=2, ensure_ascii=False))


def plain(value: Any) -> Any:
    """Return a value made of what JSON knows.

    Examples
    --------
    >>> plain({"a": float("inf"), "b": (1, 2)})
    {'a': 'inf', 'b': [1, 2]}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, int | float | str | bool | None) else str(value)


def share(measure: oc.Measure) -> str:
    """Return a share with its interval in per cent.

    Examples
    --------
    >>> share(oc.Measure(0.33, 0.2, 0.481))
    '33.0 % [20.0, 48.1]'
    """
    if measure.value is None:
        return "cannot tell"
    if measure.low is None or measure.high is None:
        return f"{measure.value:.1%}".replace("%", " %")
    return f"{100 * measure.value:.1f} % [{100 * measure.low:.1f}, {100 * measure.high:.1f}]"


def absolute(path: Path) -> str:
    """Return a path as a file address that a terminal makes clickable."""
    return path.resolve().as_uri()
