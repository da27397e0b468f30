"""What is known of a record, by the names that others use, and what these are called in a file that is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

from outcross.core.errors import BadSetting, nearest

TEXT = "text"
METADATA = "metadata"

FIELDS: Mapping[str, type] = {
    "id": str,
    TEXT: str,
    "source": str,
    "created": str,
    "origin": str,
    "generation": int,
    "generator": str,
    "generator_digest": str,
    "license": str,
    "collected": str,
    "group": str,
    "evidence": str,
    "confidence": float,
    "digital_source_type": str,
    "parents": list,
    METADATA: dict,
}
"""The fields of a record that a file may give, with their types; ``parents`` is a list of ids. What else a file says of
a record goes into ``metadata``, and nothing is lost."""


@final
@dataclass(frozen=True, slots=True)
class Fields:
    """Which column of a file is which field of a record, where it is not called so.

    Parameters
    ----------
    columns
        Field to column. A field that is not named is read from the column of its own name, where there is one.

    Raises
    ------
    BadSetting
        If there is no such field.

    Examples
    --------
    >>> Fields({"text": "summary"}).column("text"), Fields().column("source")
    ('summary', 'source')
    """

    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.columns:
            if name not in FIELDS:
                raise BadSetting(f"a record has no field '{name}'{nearest(name, FIELDS)}")

    def column(self, name: str) -> str:
        """Return what a field is called in the file."""
        return self.columns.get(name, name)
