"""The prose of the Python language reference, which every CPython carries for its interactive help.

``pydoc_data.topics`` is the reference as plain text: prose, and between it code, grammar, tables, headings, signatures.
Blocks are divided by blank lines; a block is kept, as one record, if it is prose. Left out are

- headings (a line of ``*``, ``=``, ``-``, ``~`` or ``^`` below a line), tables, and interactive sessions;
- grammar (``name ::= ...``);
- code: whatever follows a block that ends in a colon, or in the middle of a sentence, and is indented by three or more
  columns beyond it, until the text comes back to the left;
- what has no sentence in it: signatures, ``See also:``, lists of names. A sentence has at least four words and ends in
  a punctuation mark, or has at least ten words;
- what stood before under another topic: sections are printed again under every topic they belong to.

In what is kept, lines are joined, and mark-up is taken off: bullets, asterisks of emphasis, numbers of footnotes, and
the straight double quotes (or backticks) that mark code. Quotation marks of the authors are curly ones, and stay.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

from outcross.corpus.table import Choice, Table, gather

SOURCE = (
    f"Python Software Foundation. The Python Language Reference, as in pydoc_data.topics of CPython "
    f"{platform.python_version()}. PSF License Version 2"
)

_RULE = re.compile(r"([=*\-^~\"+#])\1{2,}")
_GRAMMAR = re.compile(r"\s*\**[a-z]\w*\**\s*::?=|\s{3,}\**[a-z]\w*_\w+\**:\s")
_TABLE = ("+-", "+=", "|", ">>>", "-[")
_BULLET = re.compile(r"\s*(?:[*•]|\d+\.)\s+")
_EMPHASIS = re.compile(r"(?<![\w*\"“])(\*{1,2})(?=[^\s*])([^*\"“”]*[^\s*\"“”])\1(?![\w*\"”])")
_FOOTNOTE = re.compile(r"(?:^|\s+)\[\d+\]")
_WORD = re.compile(r"(?<!\S)[(“‘]?[^\W\d_]+(?:[’'-][^\W\d_]+)*[.,;:!?”’]*(?!\S)")
_STOP = re.compile(r"[.!?:;,][)”’]*$")
_UNFINISHED = re.compile(r"[a-z,:]$")


def table(choice: Choice) -> Table:
    """Return the paragraphs as the column ``text``, with the topic they first stand under as ``topic``.

    To be cut into blocks, the paragraphs of a topic are one text.

    Examples
    --------
    >>> reference = table(Choice(text="text", label="topic"))
    >>> reference.labels[0]
    'assert'
    >>> print(reference.texts[0])
    Assert statements are a convenient way to insert debugging assertions into a program:
    """
    from pydoc_data.topics import topics

    records = _records(topics) if choice.block is None else _by_topic(_records(topics))
    found = gather("builtin:python-reference", enumerate(records, 1), choice)
    unit = "record a paragraph" if choice.block is None else "text a topic: its paragraphs"
    note = f"one {unit} of prose; code, grammar and tables left out"
    return replace(found, source=SOURCE, notes=(note, *found.notes))


def _by_topic(records: Iterator[dict[str, str]]) -> Iterator[dict[str, str]]:
    for topic, paragraphs in groupby(records, itemgetter("topic")):
        yield {"text": "\n\n".join(paragraph["text"] for paragraph in paragraphs), "topic": topic}


def _records(topics: dict[str, str]) -> Iterator[dict[str, str]]:
    seen = set()
    for topic, page in sorted(topics.items()):
        for paragraph in prose(page):
            if paragraph not in seen:
                seen.add(paragraph)
                yield {"text": paragraph, "topic": topic}


def prose(page: str) -> Iterator[str]:
    """Yield the paragraphs of prose of a page, a line each and without mark-up.

    Examples
    --------
    >>> page = '''The "pass" statement
    ... ********************
    ...
    ...    pass_stmt ::= "pass"
    ...
    ... "pass" is a null operation — when it is executed, *nothing* happens. [1]
    ... For example:
    ...
    ...    def f(arg): pass    # a function that does nothing (yet)
    ... '''
    >>> list(prose(page))
    ['pass is a null operation — when it is executed, nothing happens. For example:']
    """
    margin: int | None = None
    for block in _blocks(page):
        indent = min(map(_indent, block))
        if margin is not None and indent >= margin + 3:
            continue  # code; the margin stays, for code with blank lines in it
        margin = None
        if _is_other(block):
            continue
        text = _plain(block)
        words = len(_WORD.findall(text))
        if text.endswith(":") or (words >= 3 and _UNFINISHED.search(text)):
            margin = _indent(block[-1]) if _BULLET.match(block[-1]) else indent
        if (words >= 4 and _STOP.search(text)) or words >= 10:
            yield text


def _blocks(page: str) -> Iterator[list[str]]:
    """What blank lines divide."""
    block: list[str] = []
    for line in [*page.splitlines(), ""]:
        if line.strip():
            block.append(line.rstrip())
        elif block:
            yield block
            block = []


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_other(block: list[str]) -> bool:
    """Whether it is a heading, grammar, a table or an interactive session."""
    bare = [line.strip() for line in block]
    return bool(_GRAMMAR.match(block[0])) or any(_RULE.fullmatch(line) or line.startswith(_TABLE) for line in bare)


def _plain(block: list[str]) -> str:
    """The lines joined, without mark-up; a word that was cut at its hyphen is put together again."""
    text = ""
    for line in block:
        bare = _BULLET.sub("", line, count=1) if _BULLET.match(line) else line
        text += bare.strip() if not text or re.search(r"\w-$", text) else f" {bare.strip()}"
    text = _EMPHASIS.sub(r"\2", text).translate({ord('"'): None, ord("`"): None})
    return " ".join(_FOOTNOTE.sub("", text).split())
