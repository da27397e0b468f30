"""The text of the highest probability that a search along several beams finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, final

from outcross.core.batch import Ints
from outcross.core.decoding import Decoding, Writer
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.decodings._token_by_token import penalised

NEVER = float("-inf")


@final
@dataclass(frozen=True)
class Beam(Decoding):
    """Of every text the ``width`` likeliest beginnings are carried on, and the best finished one is returned.

    A beginning is finished when it ends, or has the full length; its score is its log probability divided by its number
    of tokens (the end token included) to the power of ``length_penalty``. The search of a text stops when the best
    beginning's score, as it is now, is no better than the worst of ``width`` finished texts. This is the search of
    `transformers` (``num_beams=5, do_sample=False``), whose texts it gives; but a prompt is read once, not ``width``
    times.

    Parameters
    ----------
    width
        Number of beams; 1 is greedy.
    repetition_penalty
        Log probabilities of tokens that are in the text or its prompt already are multiplied by this; 1 for none. The
        begin token counts: where it ends a text too, as GPT-2's does, ending is made less likely from the start.
    length_penalty
        Larger than 0 favours long texts, 0 compares plain log probabilities.

    Examples
    --------
    >>> print(Beam(width=3, length_penalty=0.5))
    beam(width=3, length_penalty=0.5)
    """

    width: Annotated[int, Between(1)] = 5
    repetition_penalty: Annotated[float, Between(1)] = 1.0
    length_penalty: float = 1.0

    source = "Graves, arXiv 1211.3711 (2012); five beams: Shumailov et al., Nature 631 (2024), 755-759"

    def write(self, writer: Writer, prompts: Any, length: int, end: int | None, seeds: Sequence[Seed]) -> list[Ints]:
        """Return the new tokens of each text; the seeds are not used."""
        import torch

        search = _Search.begin(prompts, self.width, length)
        logits = writer.begin(prompts).repeat_interleave(self.width, 0)
        for step in range(1, length + 1):
            scores = logits.log_softmax(-1)
            if self.repetition_penalty != 1:
                scores = penalised(scores, search.seen(prompts), self.repetition_penalty)
            search, rows, tokens = search.step(scores, step, end, self.length_penalty)
            if not len(rows):
                break
            # Before the first step the beams of a text share one row of the writer.
            writer.select(rows if step > 1 else torch.div(rows, self.width, rounding_mode="floor"))
            logits = writer.advance(tokens)
        return search.texts(end)


@final
@dataclass(frozen=True, eq=False)
class _Search:
    """The beams of the n texts that are still searched, W of each; and the best finished text of all.

    Parameters
    ----------
    live
        Their places among the prompts, shape (n,).
    beams
        Log probability of each beginning, shape (n, W).
    tokens
        The beginnings, shape (n, W, t).
    finished
        The W best scores of finished texts, falling, shape (n, W).
    best, lengths
        The best finished text of each prompt and its length, the end token included, shape (B, length) and (B,); these
        two are written in place.
    """

    live: Any
    beams: Any
    tokens: Any
    finished: Any
    best: Any
    lengths: Any

    @classmethod
    def begin(cls, prompts: Any, width: int, length: int) -> _Search:
        """One beam of each text begins; the others would be the same."""
        import torch

        count, device = len(prompts), prompts.device
        finished = torch.full((count, width), NEVER, device=device)
        beams = finished.clone()
        beams[:, 0] = 0
        empty, best = prompts.new_zeros(count, width, 0), prompts.new_zeros(count, length)
        return cls(torch.arange(count, device=device), beams, empty, finished, best, prompts.new_zeros(count))

    def seen(self, prompts: Any) -> Any:
        """The tokens of each beam, those of its prompt first, shape (n W, P + t)."""
        import torch

        own = prompts[self.live].repeat_interleave(self.beams.shape[1], 0)
        return torch.cat([own, self.tokens.flatten(0, 1)], dim=1)

    def step(self, scores: Any, step: int, end: int | None, power: float) -> tuple[_Search, Any, Any]:
        """Go one token further.

        Parameters
        ----------
        scores
            Log probability of each token after each beam, shape (n W, V).
        step
            Number of the token, from 1.
        end, power
            The end token, and the power of the length that scores are divided by.

        Returns
        -------
        tuple
            The search of the n' texts that are not done; and, shape (n' W,), the row that each beam goes on from, and
            its token.
        """
        import torch

        (n, width), vocabulary = self.beams.shape, scores.shape[1]
        total = (scores.view(n, width, vocabulary) + self.beams[:, :, None]).flatten(1)
        # Twice as many as beams: should all of the first half end here, the second half goes on.
        totals, places = total.topk(min(2 * width, total.shape[1]))
        parents, tokens = torch.div(places, vocabulary, rounding_mode="floor"), places % vocabulary
        closed = torch.full_like(tokens, step == self.best.shape[1], dtype=torch.bool)
        if end is not None:
            closed |= tokens == end
        finished = self._finish(totals, parents, tokens, closed, step, power)

        beams, order = totals.masked_fill(closed, NEVER).topk(width)
        parents, tokens = parents.gather(1, order), tokens.gather(1, order)
        history = self.tokens.gather(1, parents[:, :, None].expand(-1, -1, step - 1))
        history = torch.cat([history, tokens[:, :, None]], dim=2)
        left = torch.nonzero(beams[:, 0] / step**power > finished[:, -1])[:, 0]
        rows = (torch.arange(n, device=parents.device)[:, None] * width + parents)[left].flatten()
        further = replace(self, live=self.live[left], beams=beams[left], tokens=history[left], finished=finished[left])
        return further, rows, tokens[left].flatten()

    def _finish(self, totals: Any, parents: Any, tokens: Any, closed: Any, step: int, power: float) -> Any:
        """Keep what is finished, if it is among the best W candidates, and return the W best scores so far."""
        import torch

        width = self.beams.shape[1]
        among = closed & (torch.arange(closed.shape[1], device=closed.device) < width)
        scores = (totals / step**power).masked_fill(~among, NEVER)
        value, place = scores.max(1)
        better = torch.nonzero(value > self.finished[:, 0])[:, 0]
        place, live = place[better], self.live[better]
        self.best[live, : step - 1] = self.tokens[better, parents[better, place]]
        self.best[live, step - 1] = tokens[better, place]
        self.lengths[live] = step
        return torch.cat([self.finished, scores], dim=1).topk(width).values

    def texts(self, end: int | None) -> list[Ints]:
        """The best text of each prompt, without its end token."""
        found = []
        for text, length in zip(self.best.cpu().numpy(), self.lengths.tolist(), strict=True):
            ended = end is not None and length and text[length - 1] == end
            found.append(text[: length - bool(ended)])
        return found
