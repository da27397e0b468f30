"""JSON objects, checked where parsers look away: duplicate keys, lone surrogates, numbers that do not fit."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, final

from outcross.corpus.batches import BOM, LONGEST
from outcross.corpus.rejected import Unfit

_SPACE = " \t\n\r"

_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"[ \t\r]*+(:?)')
"""Texts of a line of JSON, each with the colon that follows it."""


def objects(first: int, lines: list[bytes]) -> tuple[list[int], list[dict[str, Any]], dict[int, Unfit]]:
    r"""Return the objects of a batch of JSON lines with their numbers, and by its number why another cannot be taken.

    Blank lines are passed over.

    A key that stands twice in an object is found without a second parser. Every member of an object has a colon after
    a quotation mark or white space, so a line has at most as many members as it has such colons, counted for a whole
    batch at once. Where these are no more than the members of the parsed object, no key was lost; in other lines the
    texts that a colon follows are counted, which are the members.

    Examples
    --------
    >>> objects(1, [b'{"text": "a"}', b"", b'{"text": "a", "text": "b"}'])
    ([1], [{'text': 'a'}], {3: Unfit("the key 'text' stands twice in one object")})
    """
    import orjson

    loads, refused = orjson.loads, orjson.JSONDecodeError
    numbers: list[int] = []
    found: list[dict[str, Any]] = []
    unfit: dict[int, Unfit] = {}
    for number, line, colons in zip(range(first, first + len(lines)), lines, _colons(lines), strict=True):
        try:
            try:
                one = loads(line)
                if type(one) is not dict or (colons != len(one) and not _each_once(line, colons, one)):
                    one = exact(line)
            except refused:
                if not line.strip():
                    continue
                one = exact(line)
        except Unfit as error:
            unfit[number] = error
            continue
        numbers.append(number)
        found.append(one)
    return numbers, found, unfit


def _colons(lines: list[bytes]) -> list[int]:
    """The colons of every line that a quotation mark or white space stands before."""
    import numpy as np

    data = np.frombuffer(b"\n".join(lines), dtype=np.uint8)
    places = np.flatnonzero(data == ord(":"))
    after = np.isin(data[places - 1], np.frombuffer(b'" \t\r', dtype=np.uint8))
    starts = np.cumsum([0, *map(len, lines)]) + np.arange(len(lines) + 1)
    counts: list[int] = np.diff(np.searchsorted(places[after], starts)).tolist()
    return counts


def _each_once(line: bytes, colons: int, found: dict[str, Any]) -> bool:
    members = _members(found)
    return colons == members or _STRINGS.findall(line).count(b":") == members


def _members(found: dict[str, Any]) -> int:
    """Members of an object and of all in it."""
    count = len(found)
    inner = [value for value in found.values() if type(value) is dict or type(value) is list]
    while inner:
        value = inner.pop()
        if type(value) is dict:
            count += len(value)
        several = value.values() if type(value) is dict else value
        inner += [one for one in several if type(one) is dict or type(one) is list]
    return count


def exact(line: bytes) -> dict[str, Any]:
    r"""Return the object of one line of JSON, checked in full.

    Whole numbers are exact, whatever their size. ``NaN`` and ``Infinity``, which JSON does not have and Python writes,
    are these texts, as in ProtoJSON; a byte order mark is passed over.

    Raises
    ------
    Unfit
        If it is not one, with the kind of trouble.

    Examples
    --------
    >>> exact(b'{"a": 123456789012345678901, "b": NaN}')
    {'a': 123456789012345678901, 'b': 'NaN'}
    """
    try:
        text = line.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        raise Unfit("not-utf8", f"not UTF-8: byte {line[error.start]:#04x} at position {error.start + 1}") from None
    strict = Strict()
    try:
        value = strict.decoder.decode(text)
    except json.JSONDecodeError as error:
        raise Unfit("broken-line", f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise Unfit("too-deep", "objects and lists lie too deep in one another") from None
    return strict.checked(value, text)


@final
class Strict:
    r"""A decoder of JSON that notes what it must not pass over.

    Examples
    --------
    >>> strict = Strict()
    >>> strict.checked(strict.decoder.decode('{"a": 1, "a": 2}'), "")
    Traceback (most recent call last):
    ...
    outcross.corpus.rejected.Unfit: the key 'a' stands twice in one object
    """

    def __init__(self) -> None:
        self.faults: list[Unfit] = []
        self.decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_constant=str, parse_float=self._float, parse_int=self._int
        )

    def checked(self, value: Any, text: str) -> dict[str, Any]:
        """Return a decoded value if it is an object without a fault.

        Raises
        ------
        Unfit
            If it is not.
        """
        if self.faults:
            raise self.faults[0]
        if not isinstance(value, dict):
            raise Unfit("not-an-object", f'it is {_called(value)}, not an object like {{"text": "..."}}')
        if "\\u" in text:
            try:
                json.dumps(value, ensure_ascii=False).encode()
            except UnicodeEncodeError as error:
                half = f"U+{ord(error.object[error.start]):04X}"
                raise Unfit("lone-surrogate", f"half of a surrogate pair, {half}, is no character") from None
        return value

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for place, key in enumerate(keys) if key in keys[:place])
            self.faults.append(Unfit("duplicate-key", f"the key {twice[:60]!r} stands twice in one object"))
        return found

    def _float(self, said: str) -> float:
        found = float(said)
        if found in (float("inf"), float("-inf")):
            self.faults.append(Unfit("bad-number", f"the number {said[:60]} is too large"))
        return found

    def _int(self, said: str) -> int:
        try:
            return int(said)
        except ValueError:  # Python converts no more than 4,300 digits
            self.faults.append(Unfit("bad-number", f"a number of {len(said):,} digits is too long"))
            return 0


def values(read: Iterable[bytes]) -> Iterator[tuple[int, dict[str, Any] | Unfit, bytes]]:
    r"""Yield the objects of JSON that is one object, a list of objects, or one after another, without holding it whole.

    Each comes with its number, from 1, and its bytes. After an object that is not JSON nothing can be told apart, and
    the rest is one that cannot be taken.

    Examples
    --------
    >>> [found for _, found, _ in values([b'[{"text": "a', b' cat"}, {"text": "a dog"}]'])]
    [{'text': 'a cat'}, {'text': 'a dog'}]
    """
    source = _Source(read)
    number, inside = 0, False
    while True:
        source.skip(_SPACE + ("," if inside else ""))
        mark = source.mark()
        if mark == "":
            break
        if mark in ("]" if inside else "["):
            source.at += 1
            inside = not inside
            continue
        number += 1
        found, raw = source.next()
        yield number, found, raw
        if source.lost:
            return
    if inside:
        yield number + 1, Unfit("broken-line", "the list does not end: the file is cut"), b""


@final
class _Source:
    """Text that is decoded as it is needed; a byte that is not UTF-8 stands in it as half of a surrogate pair."""

    def __init__(self, read: Iterable[bytes]) -> None:
        self._pieces = iter(read)
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._ended = False
        self.text = ""
        self.at = 0
        self.lost = False
        self._more()
        self.text = self.text.removeprefix("\ufeff")

    def _more(self) -> bool:
        """Read as much again as is held."""
        if self._ended:
            return False
        held = [self.text[self.at :]]
        wanted = max(len(held[0]), 1)
        while wanted > 0 and not self._ended:
            piece = next(self._pieces, None)
            self._ended = piece is None
            held.append(self._decode(piece or b"", self._ended))
            wanted -= len(held[-1])
        self.text, self.at = "".join(held), 0
        return True

    def skip(self, passed: str) -> None:
        while True:
            while self.at < len(self.text) and self.text[self.at] in passed:
                self.at += 1
            if self.at < len(self.text) or not self._more():
                return

    def mark(self) -> str:
        return self.text[self.at : self.at + 1]

    def next(self) -> tuple[dict[str, Any] | Unfit, bytes]:
        while True:
            strict = Strict()
            try:
                value, end = strict.decoder.raw_decode(self.text, self.at)
                if end < len(self.text) or self._ended:
                    break
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated") or error.pos + 16 >= len(self.text)
                if not cut or self._ended or len(self.text) - self.at > LONGEST:
                    place = error.pos - self.at + 1
                    return self._rest(Unfit("broken-line", f"not JSON: {error.msg} at character {place} of it"))
            except RecursionError:
                return self._rest(Unfit("too-deep", "objects and lists lie too deep in one another"))
            if not self._more():
                break
        said = self.text[self.at : end]
        self.at = end
        raw = said.encode("utf-8", "surrogateescape")
        try:
            raw.decode()
            return strict.checked(value, said), raw
        except UnicodeDecodeError as error:
            return Unfit("not-utf8", f"not UTF-8: byte {raw[error.start]:#04x} at its position {error.start + 1}"), raw
        except Unfit as error:
            return error, raw

    def _rest(self, error: Unfit) -> tuple[Unfit, bytes]:
        self.lost = True
        return error, self.text[self.at : self.at + 2**16].encode("utf-8", "surrogateescape")


def _called(value: object) -> str:
    kinds = {list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return kinds.get(type(value), "a number")
