"""The folder of one's own where keys, and what was last seen of each vault, are kept."""

from __future__ import annotations

import os
from pathlib import Path

from outcross.core.errors import BadSetting


def home() -> Path:
    """Return ``$OUTCROSS_HOME``, or else ``~/.config/outcross``; it need not be there yet.

    Raises
    ------
    BadSetting
        If neither can be told.

    Examples
    --------
    >>> home().is_absolute()
    True
    """
    if named := os.environ.get("OUTCROSS_HOME"):
        return Path(named).absolute()
    try:
        return Path.home() / ".config" / "outcross"
    except RuntimeError:
        raise BadSetting("there is no home folder: OUTCROSS_HOME says where keys are kept") from None


def keys_folder() -> Path:
    """Return the folder where private keys are kept unless another is named.

    Examples
    --------
    >>> keys_folder().name
    'keys'
    """
    return home() / "keys"
