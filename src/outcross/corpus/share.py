"""A share of the work, as ``--shard i/N`` says it: several machines divide a job, and none needs to know the others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import final

from outcross.core.errors import BadSetting


@final
@dataclass(frozen=True, slots=True)
class Share:
    """Which tasks of a job are done here, where several machines divide it: every ``count``-th, from ``index`` on.

    Parameters
    ----------
    index
        Number of the share, from 0, as Slurm (``SLURM_ARRAY_TASK_ID`` of ``--array=0-15``) and Kubernetes
        (``JOB_COMPLETION_INDEX``) count.
    count
        Number of shares.

    Raises
    ------
    BadSetting
        If there is no such share.

    Examples
    --------
    >>> [task for task in range(10) if Share(1, 4).has(task)]
    [1, 5, 9]
    """

    index: int
    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise BadSetting(f"there must be at least one shard, not {self.count}")
        if not 0 <= self.index < self.count:
            last = self.count - 1
            raise BadSetting(
                f"there is no shard {self}: they count from 0, here from 0/{self.count} to {last}/{self.count}"
            )

    @classmethod
    def of(cls, text: str) -> Share:
        """Return the share that is written ``i/N``.

        Raises
        ------
        BadSetting
            If it is not two whole numbers, or there is no such share.

        Examples
        --------
        >>> Share.of("3/16")
        Share(index=3, count=16)
        >>> Share.of("16/16")
        Traceback (most recent call last):
        ...
        outcross.core.errors.BadSetting: there is no shard 16/16: they count from 0, here from 0/16 to 15/16
        """
        found = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*", text, re.ASCII)
        if found is None:
            raise BadSetting(f"a shard is written i/N, such as 0/16 to 15/16, not '{text[:80]}'")
        return cls(int(found[1]), int(found[2]))

    def has(self, index: int) -> bool:
        """Return whether the task of that index is one of this share.

        Examples
        --------
        >>> Share(0, 2).has(4)
        True
        """
        return index % self.count == self.index

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"
