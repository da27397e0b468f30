"""What the text looked like: excerpts by generation and policy, the common prompt told apart from its continuation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from outcross.lab.trial import Excerpt


CONTROLS = {code: 0x2400 + code for code in range(32) if code not in b"\t\n"} | {0x7F: 0x2421}
"""Control characters to their pictures in Unicode."""

MOST = 1000
"""Characters of a text that are shown."""


@final
@dataclass(frozen=True)
class Passage:
    """A text in two parts: the prompt, and what follows it.

    Parameters
    ----------
    prompt, rest
        The parts.
    cut
        How many more characters there are.

    Examples
    --------
    >>> Passage("The cat", " sat.").rest
    ' sat.'
    """

    prompt: str
    rest: str
    cut: int = 0

    @property
    def silent(self) -> bool:
        """Whether nothing can be seen after the prompt."""
        return not self.rest.strip()


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
    (Passage(prompt='The cat', rest=' sat.', cut=0),)
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

    White space does not count: a model that writes tokens may space the prompt in another way.

    Examples
    --------
    >>> passage("The cat", "The cat sat."), passage("The cat", "sat.").rest
    (Passage(prompt='The cat', rest=' sat.', cut=0), ' sat.')
    >>> passage("it 's , he", "it's, he said").prompt
    "it's, he"
    """
    repeated = re.match(r"\s*".join(map(re.escape, prompt.split())), text) if prompt.strip() else None
    before, rest = (repeated[0], text[repeated.end() :]) if repeated else (prompt, f" {text}" if prompt else text)
    shown = legible(rest)
    return Passage(legible(before), shown[:MOST], max(0, len(shown) - MOST))


def legible(text: str) -> str:
    r"""Return a text as a page can show it.

    Halves of surrogate pairs, which are no characters, become the replacement character; control characters become
    their pictures; of many empty lines, those after the first are shown as arrows.

    Examples
    --------
    >>> legible("a\x00b\udc80c") == "a␀b\N{REPLACEMENT CHARACTER}c", legible("a\n\n\n\nb")
    (True, 'a\n\n↵↵b')
    """
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\r\n", "\n")
    pictured = whole.translate(CONTROLS)
    return re.sub(r"\n\n(\n+)", lambda found: "\n\n" + "↵" * len(found[1]), pictured)
