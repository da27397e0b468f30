"""What a tokeniser is given of a text: its beginning, and nothing that is no Unicode."""

from __future__ import annotations

from collections.abc import Iterable


def beginnings(texts: Iterable[str], characters: int) -> list[str]:
    r"""Return so many characters of each text; half of a surrogate pair, as broken files give it, becomes U+FFFD.

    Examples
    --------
    >>> beginnings(["a long text", "half \ud83d"], 6)
    ['a long', 'half \ufffd']
    """
    return [_unicode(text[:characters]) for text in texts]


def _unicode(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
