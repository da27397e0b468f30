"""The keys and values of texts that are being written: kept in place, where the next token is added without copying."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

AHEAD = 64
"""Places that are made ready at first; doubled when they are full."""


@final
class Row:
    """One layer's keys (or values) for B texts of T tokens each.

    Concatenation, which is the usual way, copies everything at every token. Here a token is written into a buffer that
    has room, and what is given back is a view of the filled part.

    Parameters
    ----------
    spare
        A buffer that is not in use at the moment, shared by all layers of one network; may be empty.

    Examples
    --------
    >>> row = Row([])
    >>> row.append(torch.zeros(2, 4, 3, 8)).shape  # texts, heads, tokens, numbers
    torch.Size([2, 4, 3, 8])
    >>> row.append(torch.ones(2, 4, 1, 8)).sum().item(), row.length
    (64.0, 4)
    >>> row.select(torch.tensor([1]))
    >>> row.view().shape
    torch.Size([1, 4, 4, 8])
    """

    def __init__(self, spare: list[Tensor]) -> None:
        self._spare = spare
        self._held = torch.empty(0, 0, 0, 0)
        self.length = 0

    def append(self, new: Tensor) -> Tensor:
        """Add what belongs to the next tokens, shape (B, heads, n, numbers), and return everything up to them."""
        stop = self.length + new.shape[2]
        if self._held.shape[1] < stop:
            self._held = self._grown(new, stop)
        self._held[:, self.length : stop] = new.transpose(1, 2)
        self.length = stop
        return self.view()

    def view(self) -> Tensor:
        """Return everything that was added, shape (B, heads, T, numbers)."""
        return self._held[:, : self.length].transpose(1, 2)

    def select(self, rows: Tensor) -> None:
        """Go on with the texts at ``rows``; a text may be taken several times."""
        if not self.length:
            return
        shape = (len(rows), *self._held.shape[1:])
        fit = self._spare and self._spare[-1].shape == shape and self._spare[-1].dtype == self._held.dtype
        target = self._spare.pop() if fit else self._held.new_empty(shape)
        torch.index_select(self._held[:, : self.length], 0, rows, out=target[:, : self.length])
        self._spare[:] = [self._held]
        self._held = target

    def _grown(self, new: Tensor, stop: int) -> Tensor:
        texts, heads, _, numbers = new.shape
        room = max(2 * self._held.shape[1], stop) if self.length else stop + AHEAD
        grown: Tensor = new.new_empty(texts, room, heads, numbers)
        if self.length:
            grown[:, : self.length] = self._held[:, : self.length]
        return grown
