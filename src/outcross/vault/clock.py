"""The time as it stands in a vault."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """Return the time in ISO 8601, UTC, to the second.

    Examples
    --------
    >>> now()[-1]
    'Z'
    """
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
