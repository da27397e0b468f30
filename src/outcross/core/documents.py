"""Documents as evidence sees them: texts, what they were written from, and, where it is known, who wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Ints
from outcross.core.errors import BadInput
from outcross.core.provenance import Origin

Flags = NDArray[np.bool_]


@final
@dataclass(frozen=True, eq=False)
class Documents:
    """Texts, and the text that each was written from where there is one.

    Parameters
    ----------
    texts
        Shape (n,).
    sources
        What each text was written from (the abstract that a summary sums up, the prompt of a story), shape (n,); an
        empty string where there is none. None where no text has one.

    Raises
    ------
    BadInput
        If there are not as many sources as texts.

    Examples
    --------
    >>> documents = Documents.of(["A cat sleeps.", "It rains."])
    >>> documents.size, documents.take(np.array([1])).texts
    (2, ('It rains.',))
    """

    texts: tuple[str, ...]
    sources: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.sources is not None and len(self.sources) != len(self.texts):
            raise BadInput(f"{len(self.texts):,} texts cannot have {len(self.sources):,} sources: give one for each")

    @classmethod
    def of(cls, texts: Iterable[str], sources: Iterable[str] | None = None) -> Self:
        """Return these texts as documents.

        Raises
        ------
        BadInput
            If what is given is one string, or holds something that is no string.
        """
        if isinstance(texts, str):
            raise BadInput("a list of texts is wanted, not one text: put it in brackets")
        held = tuple(texts)
        wrong = [text for text in held if not isinstance(text, str)]
        if wrong:
            raise BadInput(f"a text is wanted, not {str(wrong[0])[:40]}")
        return cls(held, None if sources is None else tuple(sources))

    @property
    def size(self) -> int:
        """n, the number of texts."""
        return len(self.texts)

    def take(self, index: Ints) -> Self:
        """Return the documents at these places."""
        chosen = [int(place) for place in index]
        sources = None if self.sources is None else tuple(self.sources[place] for place in chosen)
        return replace(self, texts=tuple(self.texts[place] for place in chosen), sources=sources)

    def join(self, other: Self) -> Self:
        """Return these documents and, behind them, the others."""
        if self.sources is None and other.sources is None:
            return replace(self, texts=self.texts + other.texts)
        known = (self.sources or ("",) * self.size) + (other.sources or ("",) * other.size)
        return replace(self, texts=self.texts + other.texts, sources=known)


@final
@dataclass(frozen=True, eq=False)
class Labelled:
    """Documents whose origin is known: what a detector is trained on, and what a share is estimated against.

    Parameters
    ----------
    documents
        The n documents.
    synthetic
        Whether each was written by a machine, shape (n,).
    groups
        What must stay together when documents are divided, shape (n,): the source document, the prompt, the author. A
        text and its machine-made pair bear the same name. Every document is its own group where nothing is given.
    domains
        The kind of text that each is, shape (n,); error rates and thresholds are found for each. None where there is
        one kind only.

    Raises
    ------
    BadInput
        If the lengths differ.

    Examples
    --------
    >>> data = Labelled.of(["I was late.", "Punctuality is paramount."], ["human", "synthetic"])
    >>> data.synthetic.tolist(), data.take(data.humans).documents.texts
    ([False, True], ('I was late.',))
    """

    documents: Documents
    synthetic: Flags
    groups: tuple[str, ...]
    domains: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        lengths = {"labels": len(self.synthetic), "groups": len(self.groups)}
        if self.domains is not None:
            lengths["domains"] = len(self.domains)
        for what, length in lengths.items():
            if length != self.documents.size:
                raise BadInput(f"{self.documents.size:,} texts cannot have {length:,} {what}: give one for each")

    @classmethod
    def of(
        cls,
        documents: Documents | Iterable[str],
        labels: Iterable[object],
        groups: Sequence[object] | None = None,
        domains: Sequence[object] | None = None,
    ) -> Self:
        """Return documents with their labels, see `as_synthetic` for what labels are understood."""
        held = documents if isinstance(documents, Documents) else Documents.of(documents)
        names = [f"document {place}" for place in range(held.size)] if groups is None else [str(one) for one in groups]
        kinds = None if domains is None else tuple(str(one) for one in domains)
        return cls(held, as_synthetic(labels), tuple(names), kinds)

    @classmethod
    def beside(cls, human: Documents, synthetic: Documents) -> Self:
        """Return human and synthetic documents as one labelled set, every document its own group."""
        flags = np.repeat([False, True], [human.size, synthetic.size])
        both = human.join(synthetic)
        return cls(both, flags, tuple(f"document {place}" for place in range(both.size)))

    @property
    def size(self) -> int:
        """n, the number of documents."""
        return self.documents.size

    @property
    def humans(self) -> Ints:
        """Where the human documents are."""
        return np.flatnonzero(~self.synthetic)

    @property
    def machines(self) -> Ints:
        """Where the synthetic documents are."""
        return np.flatnonzero(self.synthetic)

    def take(self, index: Ints) -> Self:
        """Return the documents at these places with all that is known of them."""
        chosen = [int(place) for place in index]
        return replace(
            self,
            documents=self.documents.take(index),
            synthetic=self.synthetic[chosen],
            groups=tuple(self.groups[place] for place in chosen),
            domains=None if self.domains is None else tuple(self.domains[place] for place in chosen),
        )


HUMAN_NAMES = frozenset({str(Origin.HUMAN), "real", "original", "0", "0.0", "false"})
SYNTHETIC_NAMES = frozenset(
    {str(Origin.SYNTHETIC), "machine", "generated", "ai", "llm", "fake", "chatgpt", "1", "1.0", "true"}
)


def as_synthetic(labels: Iterable[object], numbers: Iterable[int] | None = None) -> Flags:
    """Return whether each label says that a machine wrote it.

    Parameters
    ----------
    labels
        ``human``, ``real``, ``original``, 0 or false; ``synthetic``, ``machine``, ``generated``, ``ai``, ``llm``,
        ``fake``, ``chatgpt``, 1 or true; in any case. An `Origin` is one too.
    numbers
        What number each is called by in a message; None to count from 1.

    Raises
    ------
    BadInput
        With the number of the first label that is missing, or that says neither.

    Examples
    --------
    >>> as_synthetic(["human", "AI", 0, True]).tolist()
    [False, True, False, True]
    """
    flags = []
    for place, label in zip(count(1) if numbers is None else numbers, labels, strict=False):
        name = str(label).strip().lower()
        if name not in HUMAN_NAMES and name not in SYNTHETIC_NAMES:
            missing = label is None or name in {"", "nan", "none", "null"}
            said = "is missing" if missing else f"is {str(label)[:40]!r}"
            raise BadInput(f"label {place} {said}; 'human' or 'synthetic' is wanted")
        flags.append(name in SYNTHETIC_NAMES)
    return np.array(flags, dtype=np.bool_)
