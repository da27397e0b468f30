"""Is this a kind of text that was trained on? If not, no threshold holds for it, and nothing is decided.

A text is described by how often it uses the most frequent words and marks of the training texts. How far it lies from
the nearest kind of training text (a domain's human or synthetic documents), against how far documents lie that were
held out, says whether the one text is unusual. A batch is judged by its mean, which shows far smaller differences:
whatever its share of synthetic documents and its mixture of domains, an unfamiliar kind of text has moved in a
direction in which the training texts do not differ.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats, Ints
from outcross.core.documents import Labelled
from outcross.core.errors import BadInput
from outcross.evidence._tokens import count_tokens
from outcross.evidence.folds import parts_of

WORDS = 150
"""How many of the most frequent words and marks are counted."""
USED = 0.1
"""Share of groups that must use a word for it to be counted."""
READ = 20_000
"""Characters of a text that are read."""
RARE = 0.02
"""A text is unusual where fewer of the held-out documents than this lie as far from what was trained on."""
SMALLEST = 10
"""Texts that a batch must have to be judged as one."""
FAR = 2.5
"""Squared distance (in standard deviations) from which on a batch is of another kind: two such kinds are told apart,
one text at a time, with an area under the ROC curve of .87."""
LEARNED = 4_000
"""Documents that the description rests on, at most."""

_TOKEN = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]|\n+| {2,}")


@final
@dataclass(frozen=True, eq=False)
class Familiarity:
    r"""What training texts look like, and how much they differ among themselves.

    Parameters
    ----------
    words
        The d words and marks that are counted.
    centre, whiten
        Mean description and the matrix that gives descriptions unit variance within a kind, shapes (d,) and (d, d).
    kinds
        Whitened mean of each kind of training text, shape (k, d).
    usual
        Distances of held-out documents to their nearest kind, sorted.
    moved
        The largest squared distance between a held-out fold and the rest: what a batch of the same kind may show.

    Examples
    --------
    >>> texts = [f"the cat {place} sat on the mat, and the dog {'also' * (place % 2)} sat" for place in range(80)]
    >>> data = Labelled.of(texts, [place % 4 < 2 for place in range(80)])
    >>> known = Familiarity.fit(data, np.arange(80) % 5)
    >>> known.unlike(["THE LAW\n\nIs - by all means; broken?" for _ in range(20)]) is None
    False
    """

    words: tuple[str, ...]
    centre: Floats
    whiten: Floats
    kinds: Floats
    usual: Floats
    moved: float

    @classmethod
    def fit(cls, data: Labelled, fold: Ints) -> Familiarity:
        """Learn from documents, and on which folds to hold some out."""
        places = np.arange(0, data.size, max(1, -(-data.size // LEARNED)))
        data, fold = data.take(places), fold[places]
        texts = data.documents.texts
        words = _usual_words(texts, data.groups)
        table = describe(texts, words)
        kind = _kinds(data)
        whole = _space(table, kind)
        distances, moved = [], 0.0
        for rest, held in parts_of(data, fold):
            if len(rest) > 1 and len(held):
                space = _space(table[rest], kind[rest])
                distances.append(_nearest(space, table[held]))
                moved = max(moved, _moved(space, table[held])[0])
        usual = np.sort(np.concatenate(distances)) if distances else np.zeros(0)
        return cls(words, *whole, usual, moved)

    def described(self, texts: Sequence[str]) -> Floats:
        """Return how texts use the words that are counted: what `unusual` and `unlike` take in place of texts."""
        return describe(texts, self.words)

    def unusual(self, texts: Sequence[str] | Floats) -> NDArray[np.bool_]:
        """Return which texts lie farther from what was trained on than nearly all held-out documents, shape (n,)."""
        distance = _nearest((self.centre, self.whiten, self.kinds), self._table(texts))
        farther = len(self.usual) - np.searchsorted(self.usual, distance, side="left")
        return (farther + 1) / (len(self.usual) + 1) < RARE

    def unlike(self, texts: Sequence[str] | Floats) -> float | None:
        """Return how far a batch is from all that was trained on, where it is of another kind; None where it is not.

        A batch is of another kind where its squared distance is surely (by two standard errors) above 2.5, and above
        what a held-out fold of the training texts shows. None where there are fewer than ten texts too: so few show
        nothing.
        """
        if len(texts) < SMALLEST:
            return None
        chosen = texts[:: max(1, -(-len(texts) // LEARNED))]
        distance, error = _moved((self.centre, self.whiten, self.kinds), self._table(chosen))
        return distance if distance - 2 * error > max(FAR, self.moved) else None

    def _table(self, texts: Sequence[str] | Floats) -> Floats:
        return texts if isinstance(texts, np.ndarray) else self.described(texts)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return it as plain arrays, for `restore`."""
        return {
            "words": np.frombuffer("\0".join(self.words).encode(), dtype=np.uint8),
            "centre": self.centre,
            "whiten": self.whiten.astype(np.float32),
            "kinds": self.kinds,
            "usual": self.usual,
            "moved": np.array(self.moved),
        }

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]]) -> Familiarity:
        """Return what `arrays` gave.

        Raises
        ------
        BadInput
            If an array is missing.
        """
        try:
            words = tuple(arrays["words"].tobytes().decode().split("\0"))
            numbers = [arrays[name].astype(np.float64) for name in ("centre", "whiten", "kinds", "usual")]
            return cls(words, numbers[0], numbers[1], numbers[2], numbers[3], float(arrays["moved"]))
        except (KeyError, ValueError) as error:
            raise BadInput(f"what training texts look like cannot be read: {error}") from None


def _usual_words(texts: Sequence[str], groups: Sequence[str]) -> tuple[str, ...]:
    """The words and marks that most groups use: what few groups are about says little of their kind."""
    together: dict[str, set[str]] = {}
    for text, group in zip(texts, groups, strict=True):
        together.setdefault(group, set()).update(_TOKEN.findall(text[:READ]))
    counts: Counter[str] = Counter()
    for found in together.values():
        counts.update(sorted(found))
    usual = sorted(counts, key=lambda word: (-counts[word], word))[:WORDS]
    return tuple(word for place, word in enumerate(usual) if place < 10 or counts[word] >= USED * len(together))


Space = tuple[Floats, Floats, Floats]


def describe(texts: Sequence[str], words: Sequence[str]) -> Floats:
    """Return the square root of each word's share of a text, and three habits of the rest, shape (n, words + 3).

    Examples
    --------
    >>> describe(["a b a ?"], ["a"])[:, 0].round(3).tolist()  # half of the words
    [0.707]
    """
    found = count_tokens([text[:READ] for text in texts], words)
    total = np.maximum(1, found.tokens)
    table = np.zeros((len(texts), len(words) + 3))
    table[:, : len(words)] = np.sqrt(found.known / total[:, None])
    table[:, -3] = np.log(np.maximum(1, found.characters) / total)
    table[:, -2] = np.sqrt(found.foreign / total)
    table[:, -1] = np.sqrt(found.capital / total)
    return table


def _kinds(data: Labelled) -> Ints:
    """A number for each domain and class."""
    names = [f"{flag} {data.domains[place] if data.domains else ''}" for place, flag in enumerate(data.synthetic)]
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def _space(table: Floats, kind: Ints) -> Space:
    """Centre, whitening and kinds of a table of descriptions."""
    n, width = table.shape
    present = np.unique(kind)
    means = np.stack([table[kind == one].mean(axis=0) for one in present])
    rest = table - means[np.searchsorted(present, kind)]
    scatter = rest.T @ rest / max(1, n - len(present))
    shrunk = max(0.1, width / (n + width))  # towards no correlation, the more the fewer documents there are
    own = np.diag(scatter)
    floor = max(1e-6, float(own.mean()) / 10)
    scatter = (1 - shrunk) * scatter + shrunk * np.diag(own) + np.diag(np.maximum(0.0, floor - own))
    whiten = np.linalg.inv(np.linalg.cholesky(scatter))
    centre = table.mean(axis=0)
    return centre, whiten, (means - centre) @ whiten.T


def _nearest(space: Space, table: Floats) -> Floats:
    """The distance of each description to its nearest kind."""
    centre, whiten, kinds = space
    z = (table - centre) @ whiten.T
    squared: Floats = (z**2).sum(axis=1)[:, None] - 2 * z @ kinds.T + (kinds**2).sum(axis=1)[None]
    distance: Floats = np.sqrt(np.maximum(0.0, squared.min(axis=1)))
    return distance


def _moved(space: Space, table: Floats) -> tuple[float, float]:
    """The squared distance of a batch from the plane through the kinds, without bias, and its standard error."""
    n = len(table)
    if n < 2:
        return 0.0, 0.0
    centre, whiten, kinds = space
    z = (table - centre) @ whiten.T - kinds.mean(axis=0)
    _, size, directions = np.linalg.svd(kinds - kinds.mean(axis=0), full_matrices=False)
    plane = directions[size > 1e-9][: z.shape[1] // 4]
    z = z - (z @ plane.T) @ plane
    total = z.sum(axis=0)
    own = (z**2).sum(axis=1)
    each = (z @ total - own) / (n - 1)
    distance = float(each.mean())
    gram = z.T @ z  # its squares sum up to those of z z', which has a row and a column for each text
    pairs = max(0.0, float((gram**2).sum() - (own**2).sum()) / (n * (n - 1)))
    noise = 4 * float(each.var(ddof=1)) / n + 2 * pairs / (n * (n - 1))
    return distance, float(np.sqrt(noise))
