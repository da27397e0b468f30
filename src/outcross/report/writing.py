"""What the text looked like: excerpts by generation and policy, the common prompt told apart from its continuation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from outcross.lab.trial import Excerpt


@final
@dataclass(frozen=True)
class Passage:
    """A text in two parts: the prompt, and what follows it.

    Examples
    --------
    >>> Passage("The cat", " sat.").rest
    ' sat.'
    """

    prompt: str
    rest: str


@final
@dataclass(frozen=True)
class Row:
    """One generation: a passage a policy, None where there is none; a single one where all read the same.

    Examples
    --------
    >>> Row(0, (Passage("", "Human text."),)).common
    True
    """

    generation: int
    passages: tuple[Passage | None, ...]

    @property
    def common(self) -> bool:
        """Whether one passage stands for every policy."""
        return len(self.passages) == 1


def rows(excerpts: Sequence[Excerpt], policies: Sequence[str]) -> tuple[Row, ...]:
    """Return excerpts by generation, policies side by side; the human text of generation 0 once.

    Examples
    --------
    >>> from outcross.lab.trial import Excerpt
    >>> found = rows([Excerpt(policy, 0, "The cat", "The cat sat.") for policy in ("replace", "anchor")],
    ...              ("replace", "anchor"))
    >>> found[0].passages
    (Passage(prompt='The cat', rest=' sat.'),)
    """
    table: dict[int, dict[str, Passage]] = {}
    for excerpt in excerpts:
        table.setdefault(excerpt.generation, {}).setdefault(excerpt.policy, passage(excerpt.prompt, excerpt.text))
    found = []
    for generation, by_policy in sorted(table.items()):
        passages = tuple(by_policy.get(policy) for policy in policies)
        same = generation == 0 and len(set(by_policy.values())) == 1
        found.append(Row(generation, (next(iter(by_policy.values())),) if same else passages))
    return tuple(found)


def passage(prompt: str, text: str) -> Passage:
    """Return a text with its prompt told apart; a prompt that the text does not repeat is put before it.

    Examples
    --------
    >>> passage("The cat", "The cat sat."), passage("The cat", "sat.").rest
    (Passage(prompt='The cat', rest=' sat.'), ' sat.')
    """
    if text.startswith(prompt):
        return Passage(prompt, text[len(prompt) :])
    return Passage(prompt, f" {text}")
