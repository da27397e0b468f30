"""C2PA manifest stores: what one declares of its asset, read as far as it goes. Nothing of it is verified."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import final

from outcross.core.errors import BadInput
from outcross.evidence.marks import cbor
from outcross.evidence.marks.mark import Mark, Span
from outcross.evidence.marks.source_types import origin_of, uri

_JSON = re.compile(rb'"digitalSourceType"\s*:\s*"([^"\\]{1,200})"')

_NEAR, _MOST = 4096, 1000
"""Bytes of a value, and values of one key, that are read: a store may be made to be slow."""


@final
@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest store declares.

    Parameters
    ----------
    whole
        Whether it is a JUMBF box of the length that it says.
    source_types
        The digital source types that its newest manifest declares, each once; those of the whole store where that
        one declares none.
    generator
        What made the claim, by its own account.
    model
        The model that is named by a disclosure of artificial intelligence.

    Examples
    --------
    See `read_manifest`.
    """

    whole: bool
    source_types: tuple[str, ...] = ()
    generator: str | None = None
    model: str | None = None

    def mark(self, kind: str, spans: tuple[Span, ...], where: str, valid: bool = True) -> Mark:
        """Return the mark that it is."""
        valid = valid and self.whole
        says = ", ".join(uri(one) or one for one in self.source_types) or None
        by = f", by {self.generator}" if self.generator else ""
        by += f", model {self.model}" if self.model else ""
        of = f", declares {says}" if says else ", declares no digital source type"
        state = "" if valid else ", damaged or cut off"
        detail = f"C2PA manifest {where}{state}{by}{of} (signature not verified)"
        return Mark(kind, spans, says, origin_of(self.source_types), 1.0 if valid else 0.9, detail, valid)


def read_manifest(store: bytes) -> Manifest:
    r"""Read a manifest store; whatever is cut off or not understood is passed over.

    Source: C2PA Technical Specification 2.4; ISO 19566-5 (JUMBF) for the boxes; RFC 8949 (CBOR) for claims.

    Examples
    --------
    >>> claim = b"\xa1\x71digitalSourceType\x77trainedAlgorithmicMedia"
    >>> box = (8 + len(claim)).to_bytes(4) + b"cbor" + claim
    >>> read_manifest((8 + len(box)).to_bytes(4) + b"jumb" + box)
    Manifest(whole=True, source_types=('trainedAlgorithmicMedia',), generator=None, model=None)
    """
    boxes = list(_boxes(store))
    whole = len(boxes) == 1 and boxes[0][0] == b"jumb" and boxes[0][2] and bool(list(_boxes(boxes[0][1])))
    manifests = [body for kind, body, _ in _boxes(boxes[0][1])] if boxes and boxes[0][0] == b"jumb" else []
    newest = manifests[-1] if manifests else store
    types = _source_types(newest) or _source_types(store)
    return Manifest(whole, types, _generator(newest) or _generator(store), _name(newest, ["modelName"]))


def read_base64(text: str) -> Manifest:
    """Read a manifest store that is written in Base64.

    Examples
    --------
    >>> read_base64("not Base64!")
    Manifest(whole=False, source_types=(), generator=None, model=None)
    """
    packed = "".join(text.split())
    try:
        return read_manifest(b64decode(packed, validate=True))
    except (binascii.Error, ValueError):
        pass
    try:  # a part of it may be readable where the end was lost
        kept = re.match(r"[A-Za-z0-9+/]*", packed)
        piece = kept[0] if kept else ""
        rest = read_manifest(b64decode(piece[: len(piece) // 4 * 4]))
    except (binascii.Error, ValueError):
        return Manifest(False)
    return replace(rest, whole=False)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """The boxes in a row: type, content, whether it is all there."""
    at = 0
    while at + 8 <= len(data):
        size, kind, head = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16]), 16
        elif size == 0:  # to the end
            size = len(data) - at
        if size < head:
            return
        yield kind, data[at + head : at + size], at + size <= len(data)
        at += size


def _values(data: bytes, key: str) -> Iterator[object]:
    """The values under a key, in every CBOR map in the bytes; found by the key, so that a damaged store is read too."""
    name = key.encode()
    head = bytes([0x60 + len(name)]) if len(name) < 24 else bytes([0x78, len(name)])
    for match in islice(re.finditer(re.escape(head + name), data), _MOST):
        try:
            yield cbor.decode(data[match.end() : match.end() + _NEAR])[0]
        except BadInput:
            continue


def _source_types(data: bytes) -> tuple[str, ...]:
    found = [value for value in _values(data, "digitalSourceType") if isinstance(value, str)]
    found += [match[1].decode(errors="replace") for match in _JSON.finditer(data)]
    return tuple(dict.fromkeys(found))


def _generator(data: bytes) -> str | None:
    return _name(data, ["claim_generator_info", "claim_generator", "softwareAgent"])


def _name(data: bytes, keys: Sequence[str]) -> str | None:
    """The first name under one of the keys: a text, or a map with a name, or a list of these."""
    for key in keys:
        for value in _values(data, key):
            one = value[0] if isinstance(value, list) and value else value
            if isinstance(one, dict):
                one = " ".join(str(one[part]) for part in ("name", "version") if one.get(part))
            if isinstance(one, str) and one:
                return one[:200]
    return None
