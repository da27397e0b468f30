"""Scoring a table of any size: a block of rows at a time, the answers beside the rows or only counted."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np

from outcross.core.errors import BadInput
from outcross.core.progress import tell
from outcross.corpus.documents import Columns, Found, from_block, sources_beside
from outcross.corpus.sink import sink
from outcross.corpus.stream import ROWS, blocks
from outcross.evidence.judging import ANSWER, PROBABILITY, REASON, alike, even

if TYPE_CHECKING:
    import polars as pl

    from outcross.evidence.trained import Decision, TrainedDetector


@final
@dataclass(frozen=True)
class Tally:
    """What was said of the documents of a table.

    Parameters
    ----------
    texts, empty
        How many rows have a text, and how many have none.
    answers
        How many documents are called ``synthetic``, ``human``, or cannot be told.
    reasons
        Why they cannot be told, and how often.
    domains
        The answers by domain, where a column of domains was named.

    Examples
    --------
    See `score_table`.
    """

    texts: int
    empty: int
    answers: dict[str, int]
    reasons: dict[str, int] = field(default_factory=dict)
    domains: dict[str, dict[str, int]] = field(default_factory=dict)


def score_table(
    trained: TrainedDetector, path: Path, columns: Columns, out: Path | None = None, rows: int = ROWS
) -> Tally:
    r"""Say of every document of a table whether it is synthetic; memory does not grow with the table.

    Parameters
    ----------
    trained
        The detector.
    path, columns
        The table, see `outcross.corpus.documents.read_documents`.
    out
        Where to write the rows with three columns more: ``synthetic_probability`` (in an even mixture; null where
        there is none), ``synthetic_answer`` and ``synthetic_reason``. Parquet, JSON lines or CSV.
    rows
        Rows of a block. Whether texts are of a kind that was trained on is judged a block at a time.

    Raises
    ------
    BadInput
        If the table cannot be read, or holds no text. Nothing is written then.

    Notes
    -----
    These are answers on single documents. Their count is no estimate of the share of synthetic documents: a detector
    that is wrong on one human document in twenty finds five per cent where there are none.
    See `outcross.evidence.prevalence.prevalence`.

    Examples
    --------
    >>> import tempfile
    >>> from outcross.evidence.training import train
    >>> human = [f"well i was {'so ' * (place % 9)}late again number {place} lol" for place in range(30)]
    >>> machine = [f"It is important to note the {'very ' * (place % 9)}case {place}." for place in range(30)]
    >>> trained = train(human + machine, ["human"] * 30 + ["synthetic"] * 30)
    >>> path = Path(tempfile.mkdtemp(), "answers.jsonl")
    >>> _ = path.write_text('{"text": "It is important to note the facts."}\n')
    >>> score_table(trained, path, Columns()).answers
    {'cannot tell': 1}
    """
    beside, start = sources_beside(columns), 0
    answers: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    domains: dict[str, Counter[str]] = {}
    texts = empty = 0
    with ExitStack() as stack:
        add = None if out is None else stack.enter_context(sink(out))
        for frame in even(blocks(path, columns.wanted, rows, rest=add is not None)):
            found = from_block(frame, columns, path.name, start, beside)
            said = trained.decide(found.documents, found.domains) if found.documents.size else []
            for place, one in enumerate(said):
                answers[one.answer] += 1
                if one.reason:
                    reasons[alike(one.reason)] += 1
                if found.domains is not None:
                    domains.setdefault(found.domains[place], Counter())[one.answer] += 1
            if add is not None:
                add(_beside(frame, found, said, start))
            start, texts, empty = start + frame.height, texts + len(said), empty + found.empty
            tell("score", start, start)
        if not texts:
            raise BadInput(f"{path.name} is empty: there is no text in it")
    by_domain = {name: dict(count) for name, count in sorted(domains.items())}
    return Tally(texts, empty, dict(answers), dict(reasons.most_common()), by_domain)


def _beside(frame: pl.DataFrame, found: Found, said: list[Decision], start: int) -> pl.DataFrame:
    """The rows with what was said of them; a row without a text says so."""
    import polars as pl

    probability = np.full(frame.height, np.nan)
    answer = ["cannot tell"] * frame.height
    reason = ["there is no text"] * frame.height
    for row, one in zip(found.rows, said, strict=True):
        probability[row - start] = np.nan if one.probability is None else one.probability
        answer[row - start], reason[row - start] = one.answer, one.reason
    return frame.with_columns(
        pl.Series(PROBABILITY, probability).fill_nan(None), pl.Series(ANSWER, answer), pl.Series(REASON, reason)
    )
