"""Always the likeliest next token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, final

from outcross.core.batch import Ints
from outcross.core.decoding import Decoding, Writer
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.decodings._token_by_token import write_each


@final
@dataclass(frozen=True)
class Greedy(Decoding):
    """The likeliest token at every step: the same text whenever the prompt is the same.

    Parameters
    ----------
    repetition_penalty
        Scores of tokens that are in the text or its prompt already are made worse by this factor; 1 for none. The begin
        token counts: where it ends a text too, as GPT-2's does, ending is made less likely from the start.

    Examples
    --------
    >>> print(Greedy(repetition_penalty=1.2))
    greedy(repetition_penalty=1.2)
    """

    repetition_penalty: Annotated[float, Between(1)] = 1.0

    source = "Repetition penalty: Keskar et al., CTRL, arXiv 1909.05858, section 4.1"

    def write(self, writer: Writer, prompts: Any, length: int, end: int | None, seeds: Sequence[Seed]) -> list[Ints]:
        """Return the new tokens of each text; the seeds are not used."""

        def likeliest(logits: Any, live: Any, step: int) -> Any:
            return logits.argmax(-1)

        return write_each(writer, prompts, length, end, likeliest, self.repetition_penalty)
