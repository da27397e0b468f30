"""What the pictures looked like: a row a generation, policies side by side, small enough for the page itself."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from outcross.lab.pictures import Picture

ROOM = 400_000
"""Characters that all pictures of a page may take."""

WANTED = (0, 1, 5, 9)
"""Generations that come first where there is no room for all, after the last."""


@final
@dataclass(frozen=True)
class Shot:
    """A picture as the page holds it.

    Examples
    --------
    >>> Shot("data:image/png;base64,", 64, 32).width
    64
    """

    address: str
    width: int
    height: int


@final
@dataclass(frozen=True)
class Shelf:
    """One generation: a picture a policy, None where there is none; a single one where all saw the same.

    Examples
    --------
    >>> Shelf(0, (None,)).common
    True
    """

    generation: int
    shots: tuple[Shot | None, ...]

    @property
    def common(self) -> bool:
        """Whether one picture stands for every policy."""
        return len(self.shots) == 1

    @property
    def length(self) -> int:
        """Characters that its pictures take."""
        return sum(len(shot.address) for shot in self.shots if shot is not None)


@final
@dataclass(frozen=True)
class Gallery:
    """What is shown, and the generations for which there was no room.

    Examples
    --------
    >>> Gallery((), ()).shelves
    ()
    """

    shelves: tuple[Shelf, ...]
    omitted: tuple[int, ...]


def gallery(pictures: Iterable[Picture], policies: Sequence[str], room: int = ROOM) -> Gallery:
    """Return pictures by generation, policies side by side, as far as there is room; human pictures once.

    Parameters
    ----------
    pictures, policies
        What a history holds.
    room
        Characters that all pictures may take.

    Examples
    --------
    >>> import numpy as np
    >>> from outcross.core.records import Rows
    >>> from outcross.lab.pictures import Picture, grid
    >>> png = grid(Rows(np.zeros((1, 6, 4)), shape=(2, 2)))
    >>> found = gallery([Picture(policy, t, png) for policy in "ab" for t in (0, 3)], ("a", "b"))
    >>> [(shelf.generation, shelf.common) for shelf in found.shelves]
    [(0, True), (3, False)]
    """
    table: dict[int, dict[str, Shot]] = {}
    for picture in pictures:
        table.setdefault(picture.generation, {})[picture.policy] = _shot(picture)
    shelves = {generation: _shelf(generation, table[generation], policies) for generation in sorted(table)}
    kept: set[int] = set()
    for generation in _by_importance(shelves):
        if shelves[generation].length <= room:
            kept.add(generation)
            room -= shelves[generation].length
    shown = tuple(shelf for generation, shelf in shelves.items() if generation in kept)
    return Gallery(shown, tuple(generation for generation in shelves if generation not in kept))


def _shot(picture: Picture) -> Shot:
    return Shot(f"data:image/png;base64,{base64.b64encode(picture.png).decode()}", *picture.size)


def _shelf(generation: int, shots: dict[str, Shot], policies: Sequence[str]) -> Shelf:
    common = generation == 0 and len(set(shots.values())) == 1
    return Shelf(generation, (next(iter(shots.values())),) if common else tuple(map(shots.get, policies)))


def _by_importance(generations: Iterable[int]) -> list[int]:
    found = list(generations)
    wanted = [0, *found[-1:], *WANTED]
    return list(dict.fromkeys([one for one in wanted if one in found] + found))
