"""An n-gram model of texts: the next word depends on the last few, smoothed by interpolation with shorter contexts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Batch, Floats, Ints
from outcross.core.errors import BadInput
from outcross.core.model import Editing, Fitted, Model, Prompted, Tokenwise
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.statistics import LogProbs
from outcross.core.text import Texts, Vocabulary, detokenize, tokenize
from outcross.core.tokens import TokenScores
from outcross.models import _ngram_moments as moments
from outcross.models import _ngram_smoothing as smoothings
from outcross.models._counted import counted
from outcross.models._ngram_events import Events
from outcross.models._ngram_levels import Level, draw, locate, probability
from outcross.models._ngram_shaping import Head, Ranking, above, rank, temper

Smoothing = Literal["kneser_ney", "witten_bell", "absolute", "jelinek_mercer", "maximum_likelihood"]

_SLACK = 4
"""How many times longer than the longest training text a text may become."""

_AT_ONCE = 4096
"""Texts whose words' scores are held at once."""

_TRIES = 100
"""How often another word is drawn where the model would write the end of the text."""


@final
@dataclass(frozen=True)
class Ngram(Model):
    """Words (or characters: whatever the texts' vocabulary holds) that depend on the ``order - 1`` before them.

    A text begins after ``order - 1`` boundary symbols, and its end is a symbol like a word. Every context h gives its
    words a share and leaves the rest to the context h' without its oldest word: ``P(w | h) = share(h, w) + backoff(h)
    P(w | h')``. A context that was not seen leaves everything. A text with a weight counts that many times.

    Parameters
    ----------
    order
        Number of words in an n-gram: 1 for single words, 3 for trigrams.
    smoothing
        How much is left to shorter contexts. ``kneser_ney`` takes a discount from each count, and shorter contexts
        count the distinct words before a pair, so that words stay as frequent, and texts as long, as in training;
        ``absolute`` takes the discount and counts occurrences; ``witten_bell`` leaves the more, the more kinds of words
        were seen after a context; ``jelinek_mercer`` leaves the same share everywhere; ``maximum_likelihood`` leaves
        nothing and gives probability 0 to what was never seen.
    discount
        What ``kneser_ney`` and ``absolute`` take from each count. None estimates three for each length of context, for
        counts of 1, of 2 and of more (modified Kneser-Ney).
    backoff
        What ``jelinek_mercer`` leaves.
    floor
        What the empty context leaves to a uniform distribution over the vocabulary (``<unk>`` included) and the end of
        a text, so that no probability is 0. It is also the rate at which words that died out come back.
    temperature
        Texts are written from probabilities to the power 1 / temperature, exactly.
    top_k
        A word is written only if fewer than ``top_k`` words are more probable: words that tie with the last one stay.
    top_p
        A word is written only if the words that are more probable have less than ``top_p`` together (nucleus sampling,
        Holtzman et al. 2020). With ``top_k`` as well it must pass both.
    max_length
        Texts are cut off after so many words. None takes four times the longest training text, which hardly ever cuts
        (lengths are nearly geometric, whatever they were in training), or the bound of the previous model where that is
        given, so that texts do not get longer and longer where models cannot stop, as at low temperatures.

    Notes
    -----
    Chen and Goodman (1999), doi 10.1006/csla.1999.0128; Kneser and Ney (1995); Witten and Bell (1991). ``temperature``,
    ``top_k`` and ``top_p`` are how the model writes; ``log_prob`` is that of the model itself.

    Examples
    --------
    >>> texts = Texts.of(["the cat sat", "the dog sat"])
    >>> fitted = Ngram(order=2, smoothing="maximum_likelihood").fit(texts, Seed(0))
    >>> sorted(set(fitted.sample(20, Seed(1)).strings()))
    ['the cat sat', 'the dog sat']
    >>> np.exp(fitted.log_prob(texts).values).round(6).tolist()
    [[0.5, 0.5]]
    """

    order: Annotated[int, Between(1)] = 3
    smoothing: Smoothing = "kneser_ney"
    discount: Annotated[float | None, Between(0, 1, above=True)] = 0.75
    backoff: Annotated[float, Between(0, 1, above=True, below=True)] = 0.35
    floor: Annotated[float, Between(0, 1)] = 0.002
    temperature: Annotated[float, Between(0, above=True, below=True)] = 1.0
    top_k: Annotated[int | None, Between(1)] = None
    top_p: Annotated[float | None, Between(0, 1, above=True)] = None
    max_length: Annotated[int | None, Between(1)] = None

    reads = (Texts,)

    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> FittedNgram:
        """Return the model of these texts.

        Raises
        ------
        BadInput
            If there is no text (of positive weight), or the data are no texts.
        """
        texts = counted(_texts(data), "an ngram", "text")
        events = Events.of(texts, self.order)
        exact = self.smoothing == "maximum_likelihood"
        levels = smoothings.build(
            events,
            len(texts.vocabulary) + 1,
            self._formula(),
            floor=0.0 if exact else self.floor,
            continuation=self.smoothing == "kneser_ney",
            weight=None if texts.weight is None else texts.weight[events.text],
        )
        written = levels if self.temperature == 1 else temper(levels, self.temperature)
        return FittedNgram(levels, written, texts.vocabulary, self._longest(texts, previous), self.top_k, self.top_p)

    def _longest(self, texts: Texts, previous: Fitted | None) -> int:
        if self.max_length is not None:
            return self.max_length
        return previous.longest if isinstance(previous, FittedNgram) else _SLACK * int(texts.lengths.max())

    def _formula(self) -> smoothings.Formula:
        match self.smoothing:
            case "witten_bell":
                return smoothings.witten_bell
            case "jelinek_mercer":
                return smoothings.jelinek_mercer(self.backoff)
            case "maximum_likelihood":
                return smoothings.maximum_likelihood
            case _:
                return smoothings.absolute(self.discount)


@final
@dataclass(frozen=True, eq=False)
class FittedNgram(Tokenwise, Prompted, Editing):
    """A fitted n-gram model.

    Parameters
    ----------
    levels
        Its tables, the empty context first.
    written
        The tables it writes from: the same, at the temperature of writing.
    vocabulary
        The words.
    longest
        Largest number of words of a text.
    top_k, top_p
        Bounds on what it writes, see `Ngram`.

    Examples
    --------
    >>> fitted = Ngram(order=2).fit(Texts.of(["吾輩は猫である。", "名前はまだ無い。"]), Seed(0))
    >>> fitted.extend("吾輩は", 1, length=0, seed=Seed(1)).strings()
    ('吾輩は',)
    """

    levels: tuple[Level, ...]
    written: tuple[Level, ...]
    vocabulary: Vocabulary
    longest: int
    top_k: int | None = None
    top_p: float | None = None

    @property
    def order(self) -> int:
        """Number of words in an n-gram."""
        return len(self.levels)

    def log_prob(self, data: Batch) -> LogProbs:
        """Return each text's log probability, and the number of predictions it is the sum of: its words and its end.

        Raises
        ------
        BadInput
            If the data are no texts, or texts of another vocabulary.
        """
        texts = self._known(data)
        events = Events.of(texts, self.order)
        p = probability(self.levels, locate(self.levels, events.lags, len(events.targets)), events.targets)
        with np.errstate(divide="ignore"):
            log: Floats = np.log(p)
        values = np.add.reduceat(log, events.starts) if texts.size else log
        lengths = texts.lengths[None].astype(np.float64)
        return LogProbs(values[None], lengths + 1, None if texts.vocabulary.unit == "character" else lengths)

    def token_scores(self, texts: Sequence[str], observer: Tokenwise | None = None) -> Iterator[TokenScores]:
        """Yield what it says of the words of each text, in order; the end of a text is no word, but could be one.

        Words that are not in the vocabulary count as ``<unk>``. Moments are exact: over all words and the end. With an
        observer every distinct context costs a pass over the vocabulary.

        Raises
        ------
        BadInput
            If the observer is no n-gram model of the same vocabulary.

        Examples
        --------
        >>> fitted = Ngram(order=1, smoothing="maximum_likelihood").fit(Texts.of(["a a b"]), Seed(0))
        >>> (scores,) = fitted.token_scores(["b a"])
        >>> np.exp(scores.log_prob).round(6).tolist(), np.exp(scores.log_rank).tolist()
        ([0.25, 0.5], [2.0, 1.0])
        """
        if observer is not None and not (isinstance(observer, FittedNgram) and observer._reads_as(self.vocabulary)):
            raise BadInput("an observer of an ngram is another ngram of the same vocabulary")
        for start in range(0, len(texts), _AT_ONCE):
            yield from self._token_scores(Texts.of(texts[start : start + _AT_ONCE], self.vocabulary), observer)

    def _token_scores(self, texts: Texts, observer: FittedNgram | None) -> Iterator[TokenScores]:
        events = Events.of(texts, self.order)
        rows, boundary = self._rows(events), len(self.vocabulary)
        p = probability(self.levels, rows, events.targets)
        count, _ = above(self.levels, self._scored_rankings, rows, p)
        if observer is None:
            mean, variance = moments.by_own(self._sums, rows)
        else:
            seen = observer._rows(Events.of(texts, observer.order))
            mean, variance = moments.by_observer(self.levels, rows, observer.levels, seen)
        with np.errstate(divide="ignore"):
            columns = np.stack([np.log(p), np.log1p(count), mean, variance])
        words = columns[:, events.targets != boundary]
        for start, stop in pairwise(texts.starts.tolist()):
            yield TokenScores(*words[:, start:stop])

    def _rows(self, events: Events) -> list[Ints]:
        """The row of the context of each length, at each event."""
        return locate(self.levels, events.lags, len(events.targets))

    def sample(self, n: int, seed: Seed) -> Texts:
        """Return n new texts."""
        return self._write(np.zeros(0, dtype=np.int32), n, self.longest, seed)

    def extend(self, prompt: str, n: int, length: int, seed: Seed) -> Texts:
        """Return n texts of at most ``length`` more words that begin with the prompt.

        Words of the prompt that are not in the vocabulary stay as they are, and count as ``<unk>`` in what follows.
        """
        texts = self._write(self.vocabulary.encode(prompt), n, length, seed)
        given, words, unit = tokenize(prompt, self.vocabulary.unit), self.vocabulary.words, self.vocabulary.unit
        known = len(detokenize(given, unit))
        spaced = unit != "character" and prompt[-1:].isspace()
        raw = []
        for index in range(n):
            added = [words[code] for code in texts.document(index)[len(given) :]]
            tail = detokenize([*given, *added], unit)[known:]
            raw.append(prompt + (tail.lstrip() if spaced else tail))
        return replace(texts, raw=tuple(raw))

    def edit(self, data: Texts, above: float, seed: Seed) -> Texts:
        """Return the texts with every word drawn anew that the model finds likelier than ``above``, the others kept.

        Each word is judged, and drawn anew, given the words before it as they were written (Zhu et al., arXiv
        2412.14689). It is drawn as the model writes, at its temperature and within its bounds, but for the end of a
        text: lengths stay as they are. A word in whose place the model would write nothing but an end is kept.

        Raises
        ------
        BadInput
            If the data are no texts, or texts of another vocabulary.

        Examples
        --------
        >>> texts = Texts.of(["a b a b", "a b a c"])
        >>> fitted = Ngram(order=2, smoothing="maximum_likelihood").fit(texts, Seed(0))
        >>> fitted.edit(texts, above=0.9, seed=Seed(1)).strings()  # a begins every text: P(a) = 1
        ('a b a b', 'a b a c')
        """
        texts, draw_words, boundary = self._known(data), self._drawing(seed.generator()), len(self.vocabulary)
        events = Events.of(texts, self.order)
        rows = locate(self.levels, events.lags, len(events.targets))
        likely = probability(self.levels, rows, events.targets) > above
        left = np.flatnonzero(likely & (events.targets != boundary))
        codes = texts.codes.copy()
        for _ in range(_TRIES):
            words = draw_words([row[left] for row in rows])
            fit = words != boundary
            codes[left[fit] - events.text[left[fit]]] = words[fit]  # each text before has one event more than words
            left = left[~fit]
            if not len(left):
                break
        return replace(texts, codes=codes, raw=None)

    def _known(self, data: Batch) -> Texts:
        """The data as texts of the model's own vocabulary."""
        texts = _texts(data)
        if not self._reads_as(texts.vocabulary):
            raise BadInput("an ngram reads texts of the vocabulary it was fitted to; encode them with that one")
        return texts

    def _reads_as(self, vocabulary: Vocabulary) -> bool:
        """Whether a vocabulary has the same words under the same numbers."""
        return vocabulary is self.vocabulary or vocabulary.words == self.vocabulary.words

    def _write(self, prompt: NDArray[np.int32], n: int, length: int, seed: Seed) -> Texts:
        """Continue n texts, all by one word at a time, until each has ended or has so many more words."""
        draw_words, boundary = self._drawing(seed.generator()), len(self.vocabulary)
        before = np.concatenate([np.full(self.order - 1, boundary), prompt])
        lags = [np.full(n, before[-lag]) for lag in range(1, self.order)]
        unfinished = np.arange(n)
        columns = [(unfinished, np.full(n, code)) for code in prompt.tolist()]
        for _ in range(length):
            words = draw_words(locate(self.written, lags, len(unfinished)))
            going = np.flatnonzero(words != boundary)
            words, unfinished = words[going], unfinished[going]
            if not len(words):
                break
            lags = [words, *(lag[going] for lag in lags)][: self.order - 1]
            columns.append((unfinished, words))
        return _assemble(columns, n, self.vocabulary)

    def _drawing(self, rng: np.random.Generator) -> Callable[[Sequence[Ints]], Ints]:
        """What draws one word for each context."""
        if self.top_k is None and self.top_p is None:
            return lambda rows: draw(self.written, rows, rng.random(len(rows[0])))
        head = Head(self.written, self._rankings, self.top_k or np.inf, self.top_p or np.inf)
        return lambda rows: head.draw(rows, rng)

    @cached_property
    def _sums(self) -> list[tuple[Floats, Floats]]:
        return moments.own(self.levels)

    @cached_property
    def _scored_rankings(self) -> list[tuple[Ranking, Ranking]]:
        return self._rankings if self.written is self.levels else rank(self.levels)

    @cached_property
    def _rankings(self) -> list[tuple[Ranking, Ranking]]:
        return rank(self.written)


def _texts(data: Batch) -> Texts:
    if isinstance(data, Texts):
        return data
    raise BadInput(f"an ngram reads texts, not {type(data).__name__.lower()}")


def _assemble(columns: Sequence[tuple[Ints, Ints]], n: int, vocabulary: Vocabulary) -> Texts:
    """Texts from their words at each place, given as the numbers of the texts that long and their words there."""
    nothing = np.zeros(0, dtype=np.int64)
    owner = np.concatenate([nothing, *(owners for owners, _ in columns)])
    words = np.concatenate([nothing, *(words for _, words in columns)])
    place = np.repeat(np.arange(len(columns)), [len(owners) for owners, _ in columns])
    starts = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(owner, minlength=n), out=starts[1:])
    codes = np.empty(len(words), dtype=np.int32)
    codes[starts[owner] + place] = words
    return Texts(codes, starts, vocabulary)
