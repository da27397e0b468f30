"""IPTC digital source types in XMP and RDF, HTML meta elements and JSON-LD.

Source: IPTC Photo Metadata Standard (``Iptc4xmpExt:DigitalSourceType``); schema.org, property ``digitalSourceType``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import final

from outcross.evidence.marks.html import INSIDE, attributes
from outcross.evidence.marks.kind import Kind
from outcross.evidence.marks.mark import Mark
from outcross.evidence.marks.source_types import origin_of, uri

_NAME = r"(?:[\w.-]{1,40}:)?digitalSourceType"
_TAG = re.compile(rf"<(?:meta|link|span)\b{INSIDE}[\"'/=:]{_NAME}\b{INSIDE}>", re.IGNORECASE)
_ELEMENT = re.compile(
    rf"<({_NAME})\b({INSIDE}?)(?:/>|>\s*+(?:<rdf:\w+{INSIDE}>\s*+){{0,3}}([^<>\s]{{0,300}})\s*+"
    rf"(?:</rdf:\w+>\s*+){{0,3}}</\1\s*>)",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(rf"""\s{_NAME}\s*=\s*("[^"<>]*"|'[^'<>]*')""", re.IGNORECASE)
_JSON = re.compile(rf'"{_NAME}"\s*:\s*("[^"]*"|\{{[^{{}}]*\}}|\[[^\[\]]*\])(\s*,)?', re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]*)"')
_PICTURE = re.compile(r'"@?type"\s*:\s*\[?\s*"(?:[\w]+:)?(?:Image|Video|Audio|3DModel)\w*"')


@final
class SourceType(Kind):
    """A digital source type that is declared beside the text.

    Examples
    --------
    >>> [str(mark.origin) for mark in SourceType().marks('{"digitalSourceType": "trainedAlgorithmicMedia"}')]
    ['synthetic']
    """

    name = "source_type"
    about = "IPTC digital source type in XMP, RDF, HTML or JSON-LD"
    hints = ("digitalsourcetype",)

    def marks(self, text: str) -> Iterator[Mark]:
        """One mark a declaration that names a known type; a schema or a program that only has the word has none."""
        for match in _TAG.finditer(text):
            held = attributes(match[0])
            value = held.get("content") or held.get("href") or held.get("resource") or ""
            yield from self._mark([value], match.span(), "in an HTML element")
        for match in _ELEMENT.finditer(text):
            value = match[3] or attributes(match[2]).get("rdf:resource", "")
            yield from self._mark([value], match.span(), "in an XMP packet")
        for match in _ATTRIBUTE.finditer(text):
            yield from self._mark([match[1][1:-1]], match.span(), "in an XMP packet")
        for match in _JSON.finditer(text):
            of_picture = _PICTURE.search(_around(text, match.start(), match.end())) is not None
            yield from self._mark(_QUOTED.findall(match[1]), _with_comma(text, match), "in JSON-LD", of_picture)

    def _mark(self, values: list[str], place: tuple[int, int], where: str, of_picture: bool = False) -> Iterator[Mark]:
        known = [named for named in map(uri, values) if named is not None]
        if not known:
            return
        says = ", ".join(known)
        origin = None if of_picture else origin_of(known)
        of = " of a picture or a recording, not of the text" if of_picture else ""
        yield Mark(self.name, ((place[0], place[1] - place[0]),), says, origin, 1.0, f"source type{of} {where}: {says}")


def _with_comma(text: str, match: re.Match[str]) -> tuple[int, int]:
    """With the comma after it, or else the one before it, so that what is left is JSON still."""
    before = re.compile(r",\s*\Z").search(text[max(0, match.start() - 200) : match.start()])
    return (match.start() - len(before[0]) if before and not match[2] else match.start()), match.end()


def _around(text: str, start: int, end: int, reach: int = 4000) -> str:
    """The properties of the JSON object that a place is in, without those of objects inside it."""
    low, high = max(0, start - reach), end + reach
    return _level(text[low:start][::-1], "}]", "{[")[::-1] + " " + _level(text[end:high], "{[", "}]")


def _level(text: str, enters: str, leaves: str) -> str:
    depth, kept = 0, []
    for letter in text:
        if letter in enters:
            depth += 1
        elif letter in leaves:
            depth -= 1
            if depth < 0:
                break
        elif depth == 0:
            kept.append(letter)
    return "".join(kept)


KIND = SourceType()
