"""Disclosures in HTML: a meta element or an attribute that says what part a model had in a page.

There is no standard yet. Known are ``<meta name="ai-disclosure">`` and the attribute ``ai-disclosure`` (W3C community
group "AI Content Disclosure": none, ai-assisted, ai-generated, autonomous, mixed), the modes of the header field
AI-Disclosure (draft-abaris-aicdh: none, ai-modified, ai-originated, machine-generated), ``<meta name="ai-generated">``
with yes or no, and generators that name a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import final

from outcross.core.provenance import Origin
from outcross.evidence.marks.html import INSIDE, attributes
from outcross.evidence.marks.kind import Kind
from outcross.evidence.marks.mark import Mark
from outcross.evidence.marks.models import names_model

_META = re.compile(rf"<meta\b{INSIDE}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    rf"""(<[a-z]{INSIDE}?)(\sai-disclosure\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[\w-]+)){INSIDE}>""", re.IGNORECASE
)
_NAME = re.compile(
    r"(?:.*[-:._])?(?:gen(?:erative)?-?)?ai-(?:generated|disclosure|assisted|content|usage|label|origin)\b"
)

_HUMAN = {"no", "false", "0", "none", "human", "not-ai-generated", "human-only", "human-written"}
_MIXED = {"mixed", "partial", "partially", "assisted", "ai-assisted", "ai-modified", "machine-assisted"}
_MACHINE = {"yes", "true", "1", "full", "fully", "generated", "ai-generated", "ai-originated", "autonomous", "ai"}
_MACHINE |= {"machine-generated", "ai-written", "synthetic"}


@final
class Disclosure(Kind):
    """What a page declares of models.

    Examples
    --------
    >>> [(mark.says, str(mark.origin)) for mark in Disclosure().marks('<meta name="ai-generated" content="true">')]
    [('ai-generated: true', 'synthetic')]
    """

    name = "disclosure"
    about = "disclosure in HTML meta elements and attributes"
    hints = ("<meta", "ai-disclosure")

    def marks(self, text: str) -> Iterator[Mark]:
        """One mark a meta element or attribute."""
        for match in _META.finditer(text):
            held = attributes(match[0])
            name = (held.get("name") or held.get("property") or held.get("itemprop") or "").lower()
            content = held.get("content", "")
            span = (match.start(), len(match[0]))
            if name == "generator" and names_model(content):
                detail = f"the page names a model as its generator: {content}"
                yield Mark(self.name, (span,), f"generator: {content}", Origin.SYNTHETIC, 1.0, detail)
            elif _NAME.match(name.replace("_", "-")):
                yield self._declared(name, content, span)
        for match in _ATTRIBUTE.finditer(text):
            if not match[1].lower().startswith("<meta"):
                value = attributes(match[2])["ai-disclosure"]
                yield self._declared("ai-disclosure", value, (match.start(2), len(match[2])), " of an element")

    def _declared(self, name: str, content: str, span: tuple[int, int], where: str = "") -> Mark:
        origin = _origin(name, content)
        known = origin is not None
        detail = f"disclosure{where}: {name} is '{content}'"
        return Mark(self.name, (span,), f"{name}: {content}", origin, 1.0 if known else 0.9, detail, bool(content))


def _origin(name: str, content: str) -> Origin | None:
    """Who wrote it; None for a value in nobody's list."""
    value = re.split(r"[;,]", content.lower().removeprefix("mode="))[0].strip().replace("_", "-").replace(" ", "-")
    if value in _HUMAN:
        return None if "assisted" in name else Origin.HUMAN
    if value in _MIXED or (value in _MACHINE and "assisted" in name):
        return Origin.MIXED
    return Origin.SYNTHETIC if value in _MACHINE or names_model(content) else None


KIND = Disclosure()
