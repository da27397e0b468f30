"""The papers behind what was run: each once, with what it was used for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

from markupsafe import Markup, escape

from outcross.report.about import About

_PAPER = re.compile(
    r"(?:After )?(?:(?P<topic>[^:()\d]+): |(?P<role>[a-z][^:()\d]*) by )?"
    r"(?P<paper>[A-ZÀ-Þ].*?(?:arXiv \d{4}\.\d{4,5}(?: \(\d{4}\))?|\(\d{4}\)| \d{4}$))"
    r"(?P<place>.*)"
)
_ARXIV = re.compile(r"arXiv[ :](\d{4}\.\d{4,5})")
_LINKS = re.compile(r"arXiv[ :](?P<arxiv>\d{4}\.\d{4,5})|(?P<url>https?://[^\s<>\"']*[^\s<>\"'.,;:)\]])")


@final
@dataclass(frozen=True)
class Source:
    """A paper, and for which parts it is cited.

    Parameters
    ----------
    paper
        Authors, where, when.
    used
        Words of a part, and the place in the paper or what it is cited for; either may be empty.

    Examples
    --------
    >>> Source("Good, Biometrika 40 (1953)", (("unseen_mass", ""),)).paper
    'Good, Biometrika 40 (1953)'
    """

    paper: str
    used: tuple[tuple[str, str], ...]


def sources(parts: Iterable[About]) -> tuple[Source, ...]:
    """Return the papers that parts cite, in alphabetical order, the same paper once.

    Examples
    --------
    >>> one = About("a", source="Suresh et al., arXiv 2412.17646 (2024): survival; Good, Biometrika 40 (1953)")
    >>> for source in sources([one, About("b", source="Suresh et al., arXiv 2412.17646")]):
    ...     print(source.paper, source.used)
    Good, Biometrika 40 (1953) (('a', ''),)
    Suresh et al., arXiv 2412.17646 (2024) (('a', 'survival'), ('b', ''))
    """
    papers: dict[str, str] = {}
    used: dict[str, dict[tuple[str, str], None]] = {}
    for part in parts:
        for citation in filter(None, part.source.split("; ")):
            paper, place = _parse(citation)
            arxiv = _ARXIV.search(paper)
            key = arxiv[1] if arxiv else paper
            papers[key] = max(papers.get(key, ""), paper, key=len)
            used.setdefault(key, {})[part.words, place] = None
    found = [Source(paper, tuple(used[key])) for key, paper in papers.items()]
    return tuple(sorted(found, key=lambda source: source.paper.casefold()))


def _parse(citation: str) -> tuple[str, str]:
    """Paper, and the place in it with the topic."""
    match = _PAPER.fullmatch(citation)
    if match is None:
        return citation, ""
    said = (match["topic"] or match["role"] or "", match["place"].lstrip(",: "))
    return match["paper"], ", ".join(filter(None, said))


def linked(text: str) -> Markup:
    """Return a text for a page, with its arXiv numbers and web addresses as links; everything else is escaped.

    Examples
    --------
    >>> print(linked("<b> arXiv 2404.01413"))
    &lt;b&gt; <a href="https://arxiv.org/abs/2404.01413" rel="noreferrer">arXiv 2404.01413</a>
    """
    found, end = Markup(), 0
    for match in _LINKS.finditer(text):
        address = f"https://arxiv.org/abs/{match['arxiv']}" if match["arxiv"] else match["url"]
        link = Markup('<a href="{}" rel="noreferrer">{}</a>').format(address, match[0])
        found += escape(text[end : match.start()]) + link
        end = match.end()
    return found + escape(text[end:])
