"""Elements of HTML and XML as they stand in a text: their attributes."""

from __future__ import annotations

import re
from html import unescape

INSIDE = "[^<>]{0,2000}"
"""A regular expression: what stands in a tag. Bounded, so that no page can make a search slow."""

_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


def attributes(tag: str) -> dict[str, str]:
    """Return the attributes of a tag, by their names in lower case.

    Examples
    --------
    >>> attributes('<meta NAME="generator" content=ChatGPT>')
    {'name': 'generator', 'content': 'ChatGPT'}
    """
    found = _ATTRIBUTE.findall(tag)
    return {name.lower(): unescape(quoted or single or bare).strip() for name, quoted, single, bare in found}
