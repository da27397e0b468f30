"""The register of one's own outputs: a fingerprint of each text that a model of one's own wrote, and never the text."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.canonical import CANONICAL, canonical
from outcross.core.errors import BadInput, BadSetting, MissingInput, OutputRefused
from outcross.core.text import tokenize
from outcross.corpus.files import existing

VERSION = 1
"""Of the file: a change of any rule is another version."""
SHORTEST = 10
"""Words below which a text says nothing of who wrote it."""
BYTES = 32
"""Of a digest."""
HEAD = {"register": "outcross", "version": VERSION, "digest": "sha256", "canonical": CANONICAL}
"""The first line of a register."""
HEADROOM = 4096
"""Bytes that a first line has, at most."""
UNREAD = 3
"""Lines that could not be read which are named."""


@final
@dataclass(frozen=True, slots=True)
class Output:
    """One of one's own outputs, as it was registered first.

    Parameters
    ----------
    generator, generator_digest
        Name of the model that wrote it, and the digest of the model, where it was told.
    added
        When it was registered, ISO 8601.
    short
        Whether it is too short to tell who wrote it: anybody may have written the same.

    Examples
    --------
    >>> Output("my-model", None, "2026-11-22T08:00:00Z", short=True).short
    True
    """

    generator: str
    generator_digest: str | None
    added: str
    short: bool


@final
class Register:
    r"""Which texts are, in canonical form, among the outputs of one's own models?

    The register is a file of JSON lines. The first line names the format, its version and the canonical form of texts;
    every other one is an output: ``sha256`` (of the text in canonical form, see `outcross.core.canonical`),
    ``generator``, ``generator_digest`` where it was told, ``added``, and ``short`` where it is. No text can be read
    from it. It only grows: many processes may add to one file at the same time, and what a killed one leaves behind, a
    line without an end, is passed over and said in `notes`. That text was not handed on: see `outcross.label`.

    What is not found may still be a machine's. Texts that are nearly the same are not found here: the detector
    ``fingerprint`` finds those, and keeps 464 bytes a text for it where this keeps 41.

    Parameters
    ----------
    path
        The file. It is made when the first outputs are added.

    Attributes
    ----------
    notes
        What could not be read of the file, one sentence each.

    Notes
    -----
    A text of fewer than ten words is registered, and found, but marked as ``short``: it does not count as one's own.
    About ten words in a row are hardly ever written twice by chance (Coulthard, Author identification, idiolect, and
    linguistic uniqueness, Applied Linguistics 25, 2004); "Yes, of course." is. Words are cut by Unicode rules, so
    scripts without spaces have them too; punctuation marks are none. A quotation of any length is found if a model
    wrote it, which does not say who wrote it first.

    Two different texts have the same SHA-256 with probability 2e-77.

    Examples
    --------
    >>> import tempfile
    >>> register = Register(Path(tempfile.mkdtemp(), "outputs.jsonl"))
    >>> _ = register.add(["It is important to note that cats sleep a lot, day and night.", "Yes."], generator="mine")
    >>> asked = ["It is important to note that\n  cats sleep a lot, day and night.", "Yes.", "My cat never sleeps."]
    >>> [output and (output.generator, output.short) for output in register.known(asked)]
    [('mine', False), ('mine', True), None]
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.notes: tuple[str, ...] = ()
        self._unread: list[int] = []
        self._read = self._lines = 0  # bytes and lines of the file that were read
        self._whole = True
        self._models: dict[tuple[str, str | None], int] = {}
        self._digests: NDArray[Any] = np.empty(0, dtype=f"S{BYTES}")  # sorted; beside them, what is known of each
        self._model = np.empty(0, dtype=np.uint32)
        self._added = np.empty(0, dtype=np.uint32)
        self._short = np.empty(0, dtype=np.bool_)

    @staticmethod
    def load(path: str | Path) -> Register:
        """Return the register that lies in a file, read and ready to be asked.

        Raises
        ------
        MissingInput
            If there is no such file.
        BadInput
            If it is no register, or one of another version.

        Examples
        --------
        >>> Register.load("no-such-folder/outputs.jsonl")
        Traceback (most recent call last):
        ...
        outcross.core.errors.MissingInput: no file 'no-such-folder/outputs.jsonl': there is no folder 'no-such-folder'
        """
        register = Register(existing(Path(path)))
        register._catch_up()
        return register

    def __len__(self) -> int:
        """Number of different outputs that were read."""
        return len(self._digests)

    def add(
        self,
        texts: Sequence[str],
        *,
        generator: str,
        generator_digest: str | None = None,
        time: datetime | None = None,
    ) -> list[str]:
        """Append outputs to the file; when this returns, they are on the disk.

        Parameters
        ----------
        texts
            What the model wrote.
        generator, generator_digest
            The model.
        time
            When; now by default.

        Returns
        -------
        list
            The SHA-256 of the canonical form of each text, in hexadecimal digits.

        Raises
        ------
        BadInput
            If one of the texts is no Unicode text, or the file is no register. Nothing is written then.
        OutputRefused
            If it cannot be written: there is no folder, the disk is full.
        """
        prints = [fingerprint(text) for text in texts]
        self.keep(prints, generator=generator, generator_digest=generator_digest, time=time)
        return [digest for digest, _ in prints]

    def keep(
        self,
        prints: Sequence[tuple[str, bool]],
        *,
        generator: str,
        generator_digest: str | None = None,
        time: datetime | None = None,
    ) -> None:
        """Append outputs by their fingerprints, see `fingerprint`; else as `add`."""
        said: dict[str, object] = {"generator": generator}
        if generator_digest is not None:
            said["generator_digest"] = generator_digest
        said["added"] = _iso(datetime.now(UTC) if time is None else time)
        lines = [{"sha256": digest, **said, **({"short": True} if short else {})} for digest, short in prints]
        if lines:
            self._append(_json_lines(lines))

    def known(self, texts: Sequence[str]) -> list[Output | None]:
        """Return, for each text, which output it is, None where it is none; a short one says that it is `Output.short`.

        What was added since the last question, by any process, is read first.

        Raises
        ------
        MissingInput
            If the file is not there.
        """
        self._catch_up()
        places, found = self._find([_digest(text) for text in texts])
        models = list(self._models)
        return [self._output(place, models) if there else None for place, there in zip(places, found, strict=True)]

    def _output(self, place: int, models: Sequence[tuple[str, str | None]]) -> Output:
        generator, generator_digest = models[self._model[place]]
        added = _iso(datetime.fromtimestamp(int(self._added[place]), UTC))
        return Output(generator, generator_digest, added, bool(self._short[place]))

    def recognises(self, digests: Sequence[bytes]) -> NDArray[np.bool_]:
        """Return which digests are those of one's own outputs, short ones left out, shape (n,).

        Parameters
        ----------
        digests
            As `outcross.core.canonical.digest` gives them, 32 bytes each.
        """
        self._catch_up()
        places, found = self._find(digests)
        found[found] = ~self._short[places[found]]
        return found

    def digests(self) -> NDArray[np.uint8]:
        """Return the digests of one's own outputs, in order, short ones left out, shape (n, 32)."""
        self._catch_up()
        return self._digests[~self._short].view(np.uint8).reshape(-1, BYTES)

    def _find(self, digests: Sequence[bytes]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The place of each digest, and whether it is there."""
        asked = np.array(digests, dtype=f"S{BYTES}")
        if not len(self):
            return np.zeros(len(asked), dtype=np.intp), np.zeros(len(asked), dtype=np.bool_)
        places = np.minimum(np.searchsorted(self._digests, asked), len(self) - 1)
        return places, self._digests[places] == asked

    def _append(self, content: bytes) -> None:
        try:
            new = not self.path.exists()
            with _locked(self.path) as file:
                head = os.read(file, HEADROOM)
                if _begun(head):
                    os.ftruncate(file, 0)  # nothing but the beginning of a first line, or not even that
                    content = _json_lines([HEAD]) + content
                else:
                    _check_head(head.partition(b"\n")[0], self.path.name)  # it may be a file of somebody's texts
                    os.lseek(file, -1, os.SEEK_END)
                    if os.read(file, 1) != b"\n":  # somebody was killed: leave the torn line alone
                        content = b"\n" + content
                while content:  # once, but where the disk gets full or a signal comes
                    content = content[os.write(file, content) :]
                os.fsync(file)
            if new:
                _keep_name(self.path)
        except OSError as error:
            if isinstance(error, OutputRefused):
                raise
            raise OutputRefused(f"cannot add to '{self.path}': {error.strerror or error}") from None

    def _catch_up(self) -> None:
        """Read what the file has more than it had."""
        digests, models, times, shorts = bytearray(), array("I"), array("I"), array("B")
        for line in self._new_lines():
            found = _output(line)
            if found is None:
                if not _is_head(line):
                    self._unread.append(self._lines)
                continue
            digest, model, added, short = found
            digests += digest
            models.append(self._models.setdefault(model, len(self._models)))
            times.append(added)
            shorts.append(short)
        self.notes = tuple(self._noted())
        if digests:
            self._merge(digests, models, times, shorts)

    def _new_lines(self) -> Iterator[bytes]:
        try:
            with self.path.open("rb") as file:
                if not self._read:
                    head = file.readline(HEADROOM)
                    self._whole = not head
                    if _begun(head):
                        return
                    _check_head(head, self.path.name)
                if os.fstat(file.fileno()).st_size < self._read:
                    raise BadInput(f"the register '{self.path.name}' is shorter than it was: a register only grows")
                file.seek(self._read)
                self._whole = True
                for line in file:
                    if not line.endswith(b"\n"):
                        self._whole = False
                        return
                    self._read += len(line)
                    self._lines += 1
                    if line.strip():
                        yield line
        except OSError as error:
            if isinstance(error, MissingInput):
                raise
            if isinstance(error, FileNotFoundError):
                raise MissingInput(f"no register '{self.path}': nothing was added to it") from None
            raise BadInput(f"the register '{self.path}' cannot be read: {error.strerror or error}") from None

    def _merge(self, digests: bytearray, models: array[int], times: array[int], shorts: array[int]) -> None:
        keys = np.frombuffer(digests, dtype=f"S{BYTES}")
        if len(self):
            keys = np.concatenate([self._digests, keys])
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        first = np.ones(len(keys), dtype=np.bool_)
        first[1:] = keys[1:] != keys[:-1]
        order = order[first]
        self._digests = keys if first.all() else keys[first]
        self._model = np.concatenate([self._model, np.frombuffer(models, dtype=np.uint32)])[order]
        self._added = np.concatenate([self._added, np.frombuffer(times, dtype=np.uint32)])[order]
        self._short = np.concatenate([self._short, np.frombuffer(shorts, dtype=np.bool_)])[order]

    def _noted(self) -> Iterator[str]:
        if self._unread:
            named = ", ".join(f"{number:,}" for number in self._unread[:UNREAD])
            more = f" and {len(self._unread) - UNREAD:,} more" if len(self._unread) > UNREAD else ""
            yield f"{self.path.name}: cannot read line {named}{more}, passed over (a process was killed as it wrote?)"
        if not self._whole:
            yield (
                f"{self.path.name}: the last line has no end, passed over (a process was killed as it wrote, or is "
                "writing now)"
            )


def fingerprint(text: str) -> tuple[str, bool]:
    """Return the SHA-256 of a text's canonical form in hexadecimal digits, and whether the text is short.

    Raises
    ------
    BadInput
        If it is no Unicode text: it has half of a surrogate pair in it.

    Examples
    --------
    >>> fingerprint("Yes.")[1], fingerprint("One two three four five six seven eight nine ten.")[1]
    (True, False)
    """
    form = canonical(text)
    try:
        content = form.encode()
    except UnicodeEncodeError as error:
        raise BadInput(f"{error.object[error.start]!r} is half of a surrogate pair: this is no Unicode text") from None
    return hashlib.sha256(content).hexdigest(), _short(form)


def _digest(text: str) -> bytes:
    """The digest that it would be registered by; what is no Unicode text was never registered."""
    return hashlib.sha256(canonical(text).encode("utf-8", "surrogatepass")).digest()


def _short(form: str) -> bool:
    """Most texts have enough words between spaces at their beginning; the others are cut by the rules."""
    if sum(map(str.isalnum, form[:200].split(" "))) >= SHORTEST:
        return False
    words = 0
    for start in range(0, len(form), 2000):
        words += sum(any(map(str.isalnum, word)) for word in tokenize(form[start : start + 2000]))
        if words >= SHORTEST:
            return False
    return True


def _output(line: bytes) -> tuple[bytes, tuple[str, str | None], int, bool] | None:
    """What a line says: digest, model, time in seconds, whether it is short; None where it cannot be read."""
    import orjson

    try:
        said = orjson.loads(line)
        digest, generator, model = bytes.fromhex(said["sha256"]), said["generator"], said.get("generator_digest")
        added = _seconds(said["added"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None
    if len(digest) != BYTES or not isinstance(generator, str) or not isinstance(model, str | None) or added is None:
        return None
    return digest, (generator, model), added, said.get("short") is True


@lru_cache(maxsize=1024)
def _seconds(time: str) -> int | None:
    """Seconds since 1970, where they fit into 32 bits: the outputs of a batch have one time."""
    found = int(datetime.fromisoformat(time).timestamp())
    return found if 0 <= found < 2**32 else None


def _is_head(line: bytes) -> bool:
    """Whether it is a first line; there are two where two processes began a file together and it cannot be locked."""
    import orjson

    try:
        said = orjson.loads(line)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("register") == HEAD["register"]


def _check_head(line: bytes, name: str) -> None:
    import orjson

    if not _is_head(line):
        raise BadInput(f"'{name}' is no register of outputs: its first line does not say so")
    said = orjson.loads(line)
    for what in ("version", "digest", "canonical"):
        if said.get(what) != HEAD[what]:
            raise BadInput(f"the register '{name}' is of {what} {said.get(what)!r}, and {HEAD[what]!r} can be read")


def _begun(head: bytes) -> bool:
    """Whether a file has only the beginning of a first line: whoever began it was killed, or is writing now."""
    line = _json_lines([HEAD])
    return line.startswith(head) and head != line


def _json_lines(values: Iterable[Mapping[str, object]]) -> bytes:
    import orjson

    try:
        return b"".join(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE) for value in values)
    except orjson.JSONEncodeError as error:
        raise BadSetting(f"the name of a generator must be a text: {error}") from None


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    """Open a file to append to, alone where files can be locked; each write goes to its end in any case."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    file = os.open(path, flags, 0o644)
    try:
        if sys.platform != "win32":
            import fcntl

            with contextlib.suppress(OSError):  # some file systems have no locks
                fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _keep_name(path: Path) -> None:
    """Have the folder keep the name of a new file, where folders can be flushed."""
    with contextlib.suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
