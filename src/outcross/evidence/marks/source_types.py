"""Digital source types as marks write them: addresses of IPTC, of schema.org and of C2PA, and bare codes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from outcross.core.errors import BadInput
from outcross.core.provenance import Origin
from outcross.vault.labels import iptc

_DATA = "http://c2pa.org/digitalsourcetype/trainedAlgorithmicData"
"""What C2PA adds of its own: data, not media, that a trained algorithm made."""


def uri(value: str) -> str | None:
    """Return the address of the source type that a value names; None where it names none that is known.

    Source: IPTC NewsCodes, scheme ``digitalsourcetype``; schema.org, ``IPTCDigitalSourceEnumeration``; C2PA Technical
    Specification 2.4, which adds ``trainedAlgorithmicData``.

    Examples
    --------
    >>> uri("https://schema.org/TrainedAlgorithmicMediaDigitalSource")
    'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia'
    >>> uri("string") is None
    True
    """
    last = re.split(r"[/:#]", value.strip().rstrip("/"))[-1]
    if last.lower() == "trainedalgorithmicdata":
        return _DATA
    try:
        return str(iptc.of(re.sub("DigitalSource$", "", last, flags=re.IGNORECASE)))
    except BadInput:
        return None


def origin_of(values: Iterable[str]) -> Origin | None:
    """Return who wrote a thing of which these source types are declared; None where they do not tell.

    A text of several sources, of which one is a model and one is not, is mixed.

    Examples
    --------
    >>> print(origin_of(["trainedAlgorithmicMedia"]), origin_of(["trainedAlgorithmicMedia", "digitalCreation"]))
    synthetic mixed
    >>> origin_of(["print"]) is None
    True
    """
    known = [found for found in map(uri, values) if found is not None]
    origins = {Origin.SYNTHETIC if one == _DATA else iptc.SourceType(one).origin for one in known} - {None}
    return origins.pop() if len(origins) == 1 else Origin.MIXED if origins else None
