"""Marks that the tests put into texts: a manifest store built box by box from ISO 19566-5, and wrappers by the rules of
the C2PA Technical Specification 2.4, written out here once more.
"""

from __future__ import annotations

TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def box(kind: bytes, body: bytes) -> bytes:
    """A box: its length, its type, its content."""
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def described(kind: bytes, label: str, *content: bytes) -> bytes:
    """A superbox with its description."""
    uuid = kind + bytes.fromhex("00110010800000aa00389b71")
    return box(b"jumb", box(b"jumd", uuid + b"\x03" + label.encode() + b"\0") + b"".join(content))


def cbor(value: object) -> bytes:
    """A value in CBOR."""
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value)
    if isinstance(value, dict):
        return _head(5, len(value)) + b"".join(cbor(key) + cbor(one) for key, one in value.items())
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(cbor, value))
    return b"\xf6"


def _head(major: int, number: int) -> bytes:
    for minor, size in ((24, 1), (25, 2), (26, 4)):
        if number < 24:
            return bytes([major << 5 | number])
        if number < 1 << 8 * size:
            return bytes([major << 5 | minor]) + number.to_bytes(size, "big")
    raise AssertionError(number)


def manifest(*source_types: str, generator: str = "cat-writer") -> bytes:
    """A manifest that declares actions of these source types."""
    actions = {"actions": [{"action": "c2pa.created", "digitalSourceType": one} for one in source_types]}
    claim = {"instanceID": "xmp:iid:1", "claim_generator_info": {"name": generator, "version": "2.0"}, "alg": "sha256"}
    assertions = described(
        b"c2as", "c2pa.assertions", described(b"cbor", "c2pa.actions.v2", box(b"cbor", cbor(actions)))
    )
    return described(b"c2ma", "urn:c2pa:1", assertions, described(b"c2cl", "c2pa.claim.v2", box(b"cbor", cbor(claim))))


def store(*manifests: bytes) -> bytes:
    """A manifest store; the last manifest is the active one."""
    return described(b"c2pa", "c2pa", *manifests)


def wrapper(payload: bytes, version: int = 1, length: int | None = None, padding: int = 0) -> str:
    """A store in the form of appendix A.8."""
    size = len(payload) if length is None else length
    data = b"C2PATXT\0" + bytes([version]) + size.to_bytes(4, "big") + payload + bytes(padding)
    return "\ufeff" + "".join(chr(0xFE00 + one) if one < 16 else chr(0xE0100 + one - 16) for one in data)
