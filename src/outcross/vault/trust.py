"""What was last seen of each vault, kept away from it like the known hosts of SSH: so a log that was rolled back, or
replaced with all its signatures, is found by whoever has read it before.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from outcross.core.errors import BadInput, NotProven, OutputRefused
from outcross.lab.files import write_atomically
from outcross.vault.home import home
from outcross.vault.keys import PublicKey

FORMAT = 1
"""Version of the file's layout."""


@final
@dataclass(frozen=True)
class Seen:
    """A vault as it was when last seen.

    Parameters
    ----------
    uri
        Where it lies: the absolute URI.
    origin
        The name of its log.
    key
        Who signs its heads.
    size
        How many commits its log had.
    root
        The root of the Merkle tree over them: 32 bytes.

    Raises
    ------
    BadInput
        If the size is negative, or the root is not of 32 bytes.

    Examples
    --------
    >>> seen = Seen("file:///data/corpus", "example.org/corpus", PublicKey(bytes(32)), 3, bytes(32))
    >>> Seen.of(seen.render()) == seen
    True
    """

    uri: str
    origin: str
    key: PublicKey
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.root) != 32:
            raise BadInput(f"no log has {self.size} commits and a root of {len(self.root)} bytes")

    def render(self) -> bytes:
        """Return the content of its file: JSON, with a digest over all of it."""
        told = {
            "format": FORMAT,
            "uri": self.uri,
            "origin": self.origin,
            "key": self.key.text(),
            "size": self.size,
            "root": self.root.hex(),
        }
        return json.dumps({**told, "digest": _digest(told)}, indent=1).encode() + b"\n"

    @classmethod
    def of(cls, content: bytes) -> Seen:
        """Read what `render` writes, and nothing else.

        Raises
        ------
        BadInput
            If it is damaged, or was written by a newer version.
        """
        with _damage():
            told: dict[str, Any] = json.loads(content)
            version, digest = int(told["format"]), told.pop("digest")
        if digest != _digest(told):
            raise BadInput("is damaged: its content is not what was written")
        if version > FORMAT:
            raise BadInput(f"was written by a newer outcross (format {version}; {FORMAT} is known): upgrade")
        with _damage():
            key, root = PublicKey.of(told["key"]), bytes.fromhex(told["root"])
            seen = cls(str(told["uri"]), str(told["origin"]), key, int(told["size"]), root)
        if seen.render() != content:
            raise BadInput("is damaged: its content is not what was written")
        return seen


def path_of(uri: str) -> Path:
    """Return the file that holds what was last seen of a vault: named by the SHA-256 of the vault's absolute URI.

    Examples
    --------
    >>> path_of("file:///data/corpus").parent.name
    'seen'
    """
    return home() / "seen" / f"{hashlib.sha256(uri.encode('utf-8', 'surrogatepass')).hexdigest()}.json"


def recall(uri: str) -> Seen | None:
    """Return what was last seen of a vault; None where it was never seen.

    Raises
    ------
    BadInput
        If the file that says so is damaged, cannot be read, or was written by a newer version.

    Examples
    --------
    See `remember`.
    """
    path = path_of(uri)
    try:
        seen = Seen.of(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except BadInput as error:
        raise BadInput(
            f"'{path}', which says what was last seen of '{uri}', {error}; without it the vault is new"
        ) from None
    except OSError as error:
        raise BadInput(f"'{path}', which says what was last seen of '{uri}', cannot be read: {error}") from None
    if seen.uri != uri:
        raise BadInput(f"'{path}' speaks of '{seen.uri}' and bears the name of '{uri}'")
    return seen


def remember(seen: Seen, *, anew: bool = False) -> str | None:
    """Keep what was seen of a vault, unless more of it was seen before.

    Parameters
    ----------
    seen
        What was seen, and found right: what it has beyond what was seen before is not compared here; see `compare`.
    anew
        Forget what was seen before: another key, another history or fewer commits are right from now on.

    Returns
    -------
    str or None
        A warning where it cannot be written, so that the next reader will not know.

    Raises
    ------
    NotProven
        If another key or another origin was seen before, or another root at the same size.
    BadInput
        If what was seen before cannot be read.

    Examples
    --------
    >>> import os, tempfile
    >>> before = os.environ.get("OUTCROSS_HOME", "")
    >>> os.environ["OUTCROSS_HOME"] = tempfile.mkdtemp()
    >>> seen = Seen("file:///data/corpus", "example.org/corpus", PublicKey(bytes(32)), 3, bytes(32))
    >>> print(remember(seen), recall("file:///data/corpus") == seen, recall("file:///other"))
    None True None
    >>> os.environ["OUTCROSS_HOME"] = before
    """
    with _alone(path_of(seen.uri)):
        before = None if anew else recall(seen.uri)
        if before is not None:
            # of two sightings of different sizes neither tells the other's root: the caller has compared them
            root = seen.root if seen.size == before.size else before.root
            if wrong := compare(before, seen.origin, seen.key, before.size, lambda _: root):
                raise NotProven("; ".join(wrong))
            if before.size >= seen.size:
                return None
        try:
            write_atomically(path_of(seen.uri), seen.render())
        except OutputRefused as error:
            return f"what was seen of '{seen.uri}' is not kept, so a log rolled back later is not found: {error}"
    return None


def compare(seen: Seen, origin: str, key: PublicKey, size: int, root_at: Callable[[int], bytes | None]) -> list[str]:
    """Say what is wrong with a log, by what was last seen of it. Nothing is, where the list is empty.

    Parameters
    ----------
    seen
        What was last seen.
    origin, key, size
        What the log says now: its name, who signs, how many commits.
    root_at
        Which root the log has now at an earlier size; None where it cannot tell.

    Examples
    --------
    >>> seen = Seen("file:///data/corpus", "example.org/corpus", PublicKey(bytes(32)), 3, bytes(32))
    >>> compare(seen, seen.origin, seen.key, 4, lambda size: bytes(32))
    []
    >>> compare(seen, seen.origin, seen.key, 2, lambda size: bytes(32))
    ['the log has 2 commits, and had 3 when it was last seen: it was rolled back']
    """
    wrong = []
    if key != seen.key:
        wrong.append(f"the key is another: {key.fingerprint[:16]} signs, and {seen.key.fingerprint[:16]} did before")
    if origin != seen.origin:
        wrong.append(f"the log is another: it calls itself '{origin}', and was '{seen.origin}' when it was last seen")
    if size < seen.size:
        wrong.append(f"the log has {size} commits, and had {seen.size} when it was last seen: it was rolled back")
    elif (root := root_at(seen.size)) is None:
        wrong.append(f"the log cannot tell what it was at {seen.size} commits, where it was last seen")
    elif root != seen.root:
        wrong.append(f"the first {seen.size} commits are not those that were last seen: the history was replaced")
    return wrong


def _digest(told: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@contextlib.contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):  # ours is a ValueError
        raise BadInput("is damaged: it cannot be read") from None


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep two processes from writing at once, where the system can: the smaller size would win if it came last."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(ImportError, OSError):
            import fcntl

            path.parent.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context(path.with_suffix(".lock").open("ab"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
