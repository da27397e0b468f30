"""The recorder: a script for a task page that logs how a text came into its answer field, and an example page.
``FORMAT.md``, beside the script, describes the log.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from outcross.core.errors import OutputRefused

SCRIPT = "recorder.js"
EXAMPLE = "example.html"

__all__ = ["example", "save", "script"]


def script() -> str:
    """Return the script that a task page includes.

    Returns
    -------
    str
        JavaScript without dependencies. It logs inside the fields marked ``data-outcross`` and nowhere else, and
        nothing before consent.

    Examples
    --------
    >>> "window.outcross" in script()
    True
    """
    return (files(__name__) / SCRIPT).read_text(encoding="utf-8")


def example() -> str:
    """Return a complete task page that includes the script: a source text, a consent box, an answer field, a button.

    Returns
    -------
    str
        HTML; it expects the script beside it, under the name ``recorder.js``.

    Examples
    --------
    >>> '<script src="recorder.js"' in example()
    True
    """
    return (files(__name__) / EXAMPLE).read_text(encoding="utf-8")


def save(directory: Path) -> list[Path]:
    """Write the script and the example page into a folder.

    Parameters
    ----------
    directory
        The folder; it is made where there is none. Files of these names in it are written anew.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    OutputRefused
        If the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in save(Path(folder))]
    ['recorder.js', 'example.html']
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        written = []
        for name, text in ((SCRIPT, script()), (EXAMPLE, example())):
            path = directory / name
            path.write_text(text, encoding="utf-8")
            written.append(path)
    except OSError as error:
        raise OutputRefused(f"cannot write to the folder '{directory}': {error.strerror or error}") from None
    return written
