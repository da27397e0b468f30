"""The time as it stands in a vault."""

from __future__ import annotations

from datetime import UTC, datetime

from outcross.core.errors import BadSetting


def now() -> str:
    """Return the time in ISO 8601, UTC, to the second.

    Examples
    --------
    >>> now()[-1]
    'Z'
    """
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def time_of(time: str | None) -> str:
    """Return the time that somebody gave, or else that of now.

    Raises
    ------
    BadSetting
        If it is none in ISO 8601.

    Examples
    --------
    >>> time_of("2026-01-01T00:00:00Z")
    '2026-01-01T00:00:00Z'
    >>> time_of("yesterday")
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadSetting: 'yesterday' is no time in ISO 8601, such as 2026-01-01T00:00:00Z
    """
    if time is None:
        return now()
    try:
        datetime.fromisoformat(time).timestamp()
    except (ValueError, OverflowError):
        raise BadSetting(f"{time!r} is no time in ISO 8601, such as 2026-01-01T00:00:00Z") from None
    return time
