"""`outcross attribute`: which error is to blame."""

from __future__ import annotations


def attribute() -> None:
    """Placeholder."""
