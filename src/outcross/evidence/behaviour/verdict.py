"""How was each answer typed? One of four verdicts on the answer, with the share of its characters that says so.

A verdict is on a text, never on a person: "pasted from elsewhere" is no more than that, and how a text came about that
was pasted from elsewhere is not in any log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from outcross.evidence.behaviour.events import Event, Kind, Log
from outcross.evidence.behaviour.matching import copied
from outcross.evidence.behaviour.replay import NOBODY, UNKNOWN, Replay, replay
from outcross.lab.files import write_atomically

if TYPE_CHECKING:
    import polars as pl

MOSTLY = 0.8
"""Share of the characters that keys must explain for "typed"; share of a paste's words that make it the source's."""

SOME = 0.2
"""Share of the characters that pastes must explain, at least, for a verdict on pasting."""


KEYED = 2
"""Characters that one key puts in, at most."""


@final
class Manner(StrEnum):
    """The four verdicts.

    Examples
    --------
    >>> [str(manner) for manner in Manner]
    ['typed', 'pasted from the source', 'pasted from elsewhere', 'undetermined']
    """

    TYPED = "typed"
    SOURCE = "pasted from the source"
    ELSEWHERE = "pasted from elsewhere"
    UNDETERMINED = "undetermined"


@final
@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one answer, and what it rests on.

    Parameters
    ----------
    response, field, writer
        Which answer; the writer as a digest.
    verdict
        One of the four.
    because
        Why, in a sentence.
    typed, source, elsewhere, tool, unexplained
        Shares of the characters: put in by keys; pasted or dropped from the source; pasted or dropped from elsewhere;
        put in by an input method, a correction, a suggestion, dictation, a form filler or a script; explained by no
        event.
        They add up to 1; None where there is no text.
    overlap
        Share of the words of the whole text that stand in runs of five which are in the source too, however they came
        there: 1 for an extract. None where there is no source.
    away
        Seconds without any event before the largest piece from elsewhere; None where there is none or no times.
    characters, keys, pastes
        How many characters the text has, how many keys typed or deleted, how many pastes and drops.
    exact
        Whether the log replays to the text.
    whole
        Whether the log goes on to its end.

    Examples
    --------
    See `judge`.
    """

    response: str
    field: str
    writer: str
    verdict: Manner
    because: str
    typed: float | None
    source: float | None
    elsewhere: float | None
    tool: float | None
    unexplained: float | None
    overlap: float | None
    away: float | None
    characters: int
    keys: int
    pastes: int
    exact: bool
    whole: bool


def judge(logs: Log | Iterable[Log]) -> tuple[Judged, ...]:
    """Say of each answer how it was typed.

    The evidence, the strongest first: which events the characters of the final text come from; whether what was pasted
    stands in the source (runs of five words); whether it was copied on the same page, or was in the answer before. An
    answer is *typed* if keys explain four fifths of it, *pasted* if pastes explain a fifth at least and more than
    what the log leaves open, *undetermined* else. Phones' keyboards, dictation, corrections and accessibility tools put
    in many characters at once: they are never taken for pastes.

    Parameters
    ----------
    logs
        One log or many.

    Returns
    -------
    tuple of Judged
        One for each log, in their order.

    Examples
    --------
    >>> keys = tuple(Event(Kind.TYPE, float(time), time, 1, text=key) for time, key in enumerate("mice sleep "))
    >>> paste = Event(Kind.PASTE, 90000.0, 11, 27, text="and it is important to note")
    >>> one, two = judge([Log("a", keys), Log("b", (*keys, paste), shown="Mice sleep a lot.")])
    >>> str(one.verdict), str(two.verdict)
    ('typed', 'pasted from elsewhere')
    >>> two.because
    '71 % of the characters were pasted from elsewhere (1 paste or drop; 29 % typed), after 90 s without any event'
    """
    return tuple(_judged(log) for log in ([logs] if isinstance(logs, Log) else logs))


def table(judged: Iterable[Judged]) -> pl.DataFrame:
    """Return verdicts as a table, one row an answer: the columns are the fields of `Judged`.

    Examples
    --------
    >>> table(judge(Log("a", (), final="good")))["verdict"].to_list()
    ['undetermined']
    """
    import polars as pl

    numbers = dict.fromkeys(("typed", "source", "elsewhere", "tool", "unexplained", "overlap", "away"), pl.Float64)
    rows = [{**asdict(one), "verdict": str(one.verdict)} for one in judged]
    schema: dict[str, Any] = {name: numbers.get(name, pl.String) for name in Judged.__slots__}
    schema |= dict.fromkeys(("characters", "keys", "pastes"), pl.Int64) | dict.fromkeys(("exact", "whole"), pl.Boolean)
    return pl.DataFrame(rows, schema=schema)


def save(judged: Iterable[Judged], path: str | Path) -> Path:
    """Write the table of verdicts as Parquet.

    Raises
    ------
    OutputRefused
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> save(judge(Log("a", (), final="good")), Path(tempfile.mkdtemp(), "verdicts.parquet")).name
    'verdicts.parquet'
    """
    buffer = BytesIO()
    table(judged).write_parquet(buffer)
    return write_atomically(Path(path), buffer.getvalue())


def counts(judged: Iterable[Judged]) -> dict[str, int]:
    """Return how many answers have each verdict, those that none has too.

    Examples
    --------
    >>> counts(judge(Log("a", (), final="good")))
    {'typed': 0, 'pasted from the source': 0, 'pasted from elsewhere': 0, 'undetermined': 1}
    """
    found = dict.fromkeys(map(str, Manner), 0)
    for one in judged:
        found[str(one.verdict)] += 1
    return found


_SHARES = ("typed", "source", "elsewhere", "tool", "unexplained")


def _judged(log: Log) -> Judged:
    done = replay(log)
    origin = {number: _origin(number, log, done) for number in np.unique(done.owners).tolist()}
    shares = _shares(done, origin)
    verdict = _verdict(shares)
    away = _away(log, done, origin) if verdict is Manner.ELSEWHERE else None
    return Judged(
        log.response,
        log.field,
        log.writer,
        verdict,
        _because(verdict, shares, log, done, away),
        typed=shares.get("typed"),
        source=shares.get("source"),
        elsewhere=shares.get("elsewhere"),
        tool=shares.get("tool"),
        unexplained=shares.get("unexplained"),
        overlap=None if log.shown is None or UNKNOWN in done.text or not done.text else copied(done.text, log.shown),
        away=away,
        characters=len(done.text),
        keys=log.keys,
        pastes=log.pastes,
        exact=done.exact,
        whole=log.whole,
    )


def _origin(number: int, log: Log, done: Replay) -> str:
    """Where the characters that an event put in come from."""
    if number == NOBODY:
        return "unexplained"
    event = log.events[number]
    if event.kind is Kind.TYPE:  # no key puts in a sentence, whatever the log calls it
        return "typed" if event.inserted <= KEYED else "tool"
    text = _text_of(number, event, done)
    if _from_source(text, event, log, number):
        return "source"
    if event.kind.pasted:  # of a text that nobody knows, nobody knows where it is from
        return "unexplained" if UNKNOWN in text and event.share is None else "elsewhere"
    return "unexplained" if event.kind is Kind.INITIAL else "tool"


def _text_of(number: int, event: Event, done: Replay) -> str:
    """What an event put in; what is left of it in the final text where the log does not say."""
    if event.text is not None and event.kind is not Kind.KEY:
        return event.text
    return "".join(done.text[place] for place in np.flatnonzero(done.owners == number))


def _from_source(text: str, event: Event, log: Log, number: int) -> bool:
    """Whether a piece of text comes from the source, or from the page of the task.

    A text that came in at once without a paste, such as dictation, must be long to be taken for a copy.
    """
    if event.kind.pasted:
        if event.share is not None and event.share >= MOSTLY:
            return True
        if any(one.kind is Kind.COPY and one.text and one.text.strip() == text.strip() for one in log.events[:number]):
            return True
    elif event.kind not in (Kind.INSERT, Kind.REPLACE, Kind.AUTOFILL) or len(text.split()) < 20:
        return False
    if log.shown is None or UNKNOWN in text or not text.strip():
        return False
    return copied(text, log.shown) >= MOSTLY or " ".join(text.split()) in " ".join(log.shown.split())


def _shares(done: Replay, origin: Mapping[int, str]) -> dict[str, float]:
    """The share of the characters of every origin; empty where there is no text."""
    if not len(done.owners):
        return {}
    numbers, sizes = np.unique(done.owners, return_counts=True)
    found = dict.fromkeys(_SHARES, 0)
    for number, size in zip(numbers.tolist(), sizes.tolist(), strict=True):
        found[origin[number]] += size
    return {name: size / len(done.owners) for name, size in found.items()}


def _verdict(shares: Mapping[str, float]) -> Manner:
    if not shares:
        return Manner.UNDETERMINED
    if shares["typed"] >= MOSTLY:
        return Manner.TYPED
    pasted = shares["source"] + shares["elsewhere"]
    if pasted < SOME or pasted < shares["tool"] + shares["unexplained"]:
        return Manner.UNDETERMINED
    return Manner.SOURCE if shares["source"] >= shares["elsewhere"] else Manner.ELSEWHERE


def _away(log: Log, done: Replay, origin: Mapping[int, str]) -> float | None:
    """Seconds without any event before the largest piece from elsewhere."""
    sizes = {number: int((done.owners == number).sum()) for number, one in origin.items() if one == "elsewhere"}
    if not sizes:
        return None
    largest = max(sizes, key=lambda number: sizes[number])
    acts = (Kind.BLUR, Kind.HIDDEN, Kind.FOCUS, Kind.VISIBLE, Kind.KEY)  # Control+V itself, coming back to the page
    before = [event.time for event in log.events[:largest] if event.time is not None and event.kind not in acts]
    time = log.events[largest].time
    return None if time is None or not before else max(0.0, (time - before[-1]) / 1000)


def _because(verdict: Manner, shares: Mapping[str, float], log: Log, done: Replay, away: float | None) -> str:
    if not shares:
        return log.broken or "there is no text to explain"
    percent = {name: f"{100 * share:.0f} %" for name, share in shares.items()}
    pastes = f"{log.pastes} paste or drop" if log.pastes == 1 else f"{log.pastes} pastes or drops"
    if verdict is Manner.TYPED:
        said = f"{percent['typed']} of the characters were put in by keys ({log.keys:,} of them)"
    elif verdict is Manner.SOURCE:
        said = f"{percent['source']} of the characters were pasted from the source ({pastes}; {percent['typed']} typed)"
    elif verdict is Manner.ELSEWHERE:
        said = (
            f"{percent['elsewhere']} of the characters were pasted from elsewhere ({pastes}; {percent['typed']} typed)"
        )
        said += "" if away is None or away < 10 else f", after {away:,.0f} s without any event"
        compared = log.shown is not None or any(event.share is not None for event in log.events)
        said += "" if compared else "; there is no source to compare it with"
    else:
        said = _left_open(shares, percent, log)
    return said + (f"; {log.broken}" if log.broken else "")


def _left_open(shares: Mapping[str, float], percent: Mapping[str, str], log: Log) -> str:
    """Why there is no verdict: what the log leaves open."""
    if shares["tool"] >= shares["unexplained"]:
        return (
            f"{percent['tool']} of the characters came in several at once without a paste: an input method, a phone's "
            "keyboard, dictation, a correction, or a program; such a log cannot tell which"
        )
    names = {event.text for event in log.events if event.kind is Kind.KEY}
    if names & {"Unidentified", "Process", "Dead"}:
        return (
            f"{percent['unexplained']} of the characters are not explained: an input method or a phone's keyboard "
            "typed them, whose keys have no names in the log"
        )
    return f"{percent['unexplained']} of the characters are explained by no event of the log"
