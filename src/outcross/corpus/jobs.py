"""Work in shards that survives: a job is a folder with a description and one result a task, made by any engine, by
several machines at once, and gone on with after a kill.

Each task is worked on in a folder of its own. Its files are flushed and get their names, then its summary does, which
says that the task is done. A task may therefore be done twice at the same time, or be cut off anywhere: since the work
is a pure function of the task, the bytes are the same.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any, Generic, TypeVar, cast, final

from outcross.core.engine import Engine
from outcross.core.errors import BadInput, OutcrossError, OutputRefused
from outcross.core.progress import tell
from outcross.corpus.share import Share

T = TypeVar("T")

DESCRIPTION = "job.json"
"""The file that says what the job is."""

ATTEMPTS = ".attempts"
"""The folder with what is being worked on, and with what killed workers left; it goes when all is done."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
"""Codes of the errors that the work meets where there is no room, rather than nothing to read."""

SEAL = "sha256"
"""The field of a file that holds the digest of the others."""


@final
@dataclass(frozen=True)
class Job(Generic[T]):
    """What is to be done for each task, and where the results lie.

    Parameters
    ----------
    folder
        A folder that all workers share. See `open_job`.
    tasks
        The tasks, in the same order for everyone who works on the job; a path in them must be good on every machine.
    work
        ``work(task, stem)`` writes the files of the task, each under a name that begins with that of ``stem`` and a
        full stop (``stem.with_suffix(".parquet")``), and returns a summary that JSON can carry. It must be a pure
        function of the task. How it writes does not matter: no name is given to half a file.

    Examples
    --------
    >>> Job(Path("job"), ["a.txt", "b.txt"], lambda task, stem: {}).stem(1).name
    '00001'
    """

    folder: Path
    tasks: Sequence[T]
    work: Callable[[T, Path], Mapping[str, Any]]

    def stem(self, index: int) -> Path:
        """Return how the paths of a task's files begin.

        Examples
        --------
        >>> Job(Path("job"), "ab", lambda task, stem: {}).stem(0).with_suffix(".parquet").name
        '00000.parquet'
        """
        return _stem(self.folder, index)


def open_job(folder: Path, inputs: Mapping[str, Any], proposed: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Make the folder of a job with its description; where there is one, return what it was opened with.

    The folder appears with its description in one step, so that of several who open it at once, one comes first and
    all work on the same.

    Parameters
    ----------
    folder
        Where the job is to lie. The folder above it is made if need be.
    inputs
        What must be the same for all who work on it, such as the names and digests of the files to read.
    proposed
        What the first who comes decides, such as the time or the division into tasks.

    Returns
    -------
    dict of str to object
        The inputs, and what was decided.

    Raises
    ------
    BadInput
        If the job was opened with other inputs, or the folder holds something else.
    OutputRefused
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp(), "job")
    >>> open_job(folder, {"files": ["a.txt"]}, {"time": "8:00"})
    {'files': ['a.txt'], 'time': '8:00'}
    >>> open_job(folder, {"files": ["a.txt"]}, {"time": "8:05"})["time"]
    '8:00'
    >>> open_job(folder, {"files": ["b.txt"]})
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: the job in '...job' was begun with other files: ["a.txt"], not ["b.txt"]; ...
    """
    if not (folder / DESCRIPTION).exists():
        _put(folder.resolve(), {**(proposed or {}), **inputs})
    found = _described(folder)
    for name in inputs:
        there, here = _text(found.get(name)), _text(inputs[name])
        if there != here:
            raise BadInput(
                f"the job in '{folder}' was begun with other {name}: {_short(there)}, not {_short(here)}; go on with "
                "what it was begun with, or remove the folder to begin again"
            )
    return found


def run_job(job: Job[T], engine: Engine, share: Share | None = None) -> list[dict[str, Any]] | None:
    """Do what is still to be done of a job, or of a share of it.

    Results do not depend on the engine, on the order, or on who did which task. It may be called again at any time,
    also after a kill: what is done is not done again, but for results that were damaged or lost since.

    Parameters
    ----------
    job
        The job, whose folder exists.
    engine
        Who does the work.
    share
        The tasks to do; none for all.

    Returns
    -------
    list of dict, or None
        The summaries of all tasks in their order, once all are done, by whomever; None while others have not done
        theirs. On a network file system what others have just done may be seen late: ask again, without a share.

    Raises
    ------
    OutputRefused
        If a result cannot be written. Any error in the work is raised here too; what is done stays done.
    BadInput
        If the work writes a file under a name that is not its own.

    Examples
    --------
    >>> import tempfile
    >>> from outcross.core.part import build
    >>> def size(task, stem):
    ...     stem.with_suffix(".txt").write_text(task)
    ...     return {"characters": len(task)}
    >>> job = Job(Path(tempfile.mkdtemp()), ["a cat", "dogs"], size)
    >>> run_job(job, build("engine", "serial"), Share.of("1/2")) is None
    True
    >>> run_job(job, build("engine", "serial"))
    [{'characters': 5}, {'characters': 4}]
    """
    folder = job.folder.resolve()
    mine = [index for index in range(len(job.tasks)) if share is None or share.has(index)]
    found = {index: _finished(folder, index) for index in mine}
    open_tasks = [index for index in mine if found[index] is None]
    done = len(mine) - len(open_tasks)
    tell("work", done, len(mine))
    errand = _Errand(folder, job.work)
    for place, content in engine.map(errand, [(index, job.tasks[index]) for index in open_tasks]):
        summary = found[open_tasks[place]] = _summary(folder, _unsealed(content))
        if summary is None:
            raise OutputRefused(
                f"task {open_tasks[place]} is done, but its files are not in '{folder}': a job must lie on a disk that "
                "all workers share"
            )
        done += 1
        tell("work", done, len(mine))
    everything = [found[index] if index in found else _finished(folder, index) for index in range(len(job.tasks))]
    summaries = [one for one in everything if one is not None]
    if len(summaries) < len(job.tasks):
        return None
    _clean(folder)
    return summaries


@final
@dataclass(frozen=True)
class _Errand(Generic[T]):
    """What an engine does for a task of a job."""

    folder: Path
    work: Callable[[T, Path], Mapping[str, Any]]

    def __call__(self, numbered: tuple[int, T]) -> bytes:
        """Return the content of the summary, which is on disk then."""
        index, task = numbered
        attempt = self.folder / ATTEMPTS / f"{_stem(self.folder, index).name}.{_token()}"
        try:
            return self._do(index, task, attempt)
        except Exception:
            if _finished(self.folder, index) is None:
                raise
            return _result(self.folder, index).read_bytes()  # another worker did it meanwhile, and cleaned up
        finally:
            shutil.rmtree(attempt, ignore_errors=True)

    def _do(self, index: int, task: T, attempt: Path) -> bytes:
        stem = _stem(attempt, index)
        with _written(attempt):
            attempt.parent.mkdir(exist_ok=True)
            attempt.mkdir()
        with _written(attempt, FULL):
            summary = dict(self.work(task, stem))
        files = sorted(attempt.iterdir())
        for path in files:
            if path.is_dir() or not path.name.startswith(f"{stem.name}.") or path.name == _result(attempt, index).name:
                raise BadInput(f"the work wrote '{path.name}', which is no name for a file of task {stem.name}")
        with _written(self.folder):
            content = _sealed({"files": {path.name: _identity(path) for path in files}, "summary": summary})
            for path in files:
                _flush(path)
                path.replace(self.folder / path.name)
            result = _result(attempt, index)
            result.write_bytes(content)
            _flush(result)
            result.replace(_result(self.folder, index))
        return content


def _stem(folder: Path, index: int) -> Path:
    return folder / f"{index:05d}"


def _result(folder: Path, index: int) -> Path:
    return _stem(folder, index).with_suffix(".json")


def _finished(folder: Path, index: int) -> dict[str, Any] | None:
    """The summary of a task that is done; None where it is to be done, or its result was damaged or lost since."""
    try:
        found = _unsealed(_result(folder, index).read_bytes())
    except (OSError, ValueError):
        return None
    summary = _summary(folder, found)
    try:
        whole = all(_identity(folder / name) == one for name, one in found["files"].items())
    except OSError:
        return None
    return summary if whole else None


def _summary(folder: Path, found: Mapping[str, Any]) -> dict[str, Any] | None:
    """The summary, if the files that go with it are there and have their sizes."""
    try:
        whole = all((folder / name).stat().st_size == size for name, (size, _) in found["files"].items())
    except OSError:
        return None
    return cast(dict[str, Any], found["summary"]) if whole else None


def _identity(path: Path) -> list[Any]:
    """Size and digest of a file: it may wait for long until the job is gone on with."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return [path.stat().st_size, digest]


def _clean(folder: Path) -> None:
    """Remove what killed workers left. A worker that is late finds its folder gone at once, not a file at a time."""
    with suppress(OSError):
        (folder / ATTEMPTS).rename(folder / f"{ATTEMPTS}.{_token()}")
    drafts = folder.parent.glob(f".{escape(folder.name)}.{'[0-9a-f]' * 16}")
    for left in [*folder.glob(f"{ATTEMPTS}.*"), *drafts]:
        shutil.rmtree(left, ignore_errors=True)


def _put(folder: Path, description: Mapping[str, Any]) -> None:
    """Give the folder its name, with the description in it, unless there is one already."""
    draft = folder.with_name(f".{folder.name}.{_token()}")
    try:
        draft.mkdir(parents=True)
        (draft / DESCRIPTION).write_bytes(_sealed({"description": description}))
        _flush(draft / DESCRIPTION)
        draft.rename(folder)
    except OSError as error:
        if not folder.exists():
            raise OutputRefused(f"cannot write '{folder}': {error.strerror or error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _described(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = _unsealed((folder / DESCRIPTION).read_bytes())["description"]
    except OSError as error:
        raise BadInput(f"'{folder}' holds no job: {DESCRIPTION} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise BadInput(f"'{folder / DESCRIPTION}' {error}; remove the folder to begin again") from None
    return found


def _sealed(body: Mapping[str, Any]) -> bytes:
    """The content of a file that shows when it is damaged."""
    return (_text({**body, SEAL: _digest(body)}) + "\n").encode()


def _unsealed(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
        del found[SEAL]
        if _sealed(found) == content:
            return cast(dict[str, Any], found)
    except (ValueError, TypeError, LookupError, AttributeError):
        pass
    raise BadInput("is damaged")


@contextmanager
def _written(path: Path, codes: Container[int | None] | None = None) -> Iterator[None]:
    """Say of a disk that it refuses: of any error of the system in the block, or of those with these codes."""
    try:
        yield
    except OSError as error:
        if isinstance(error, OutcrossError) or (codes is not None and error.errno not in codes):
            raise
        raise OutputRefused(f"cannot write '{path}': {error.strerror or error}") from error


def _flush(path: Path) -> None:
    """Wait until a file is on disk, so that its name never stands for half of it."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, allow_nan=False)


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(body).encode()).hexdigest()


def _token() -> str:
    return secrets.token_hex(8)


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117]}..."
