"""What is asked of two snapshots: every number with the way to get it of both, so that they can be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, final

from outcross.core.errors import BadInput
from outcross.guard.snapshot import composition, head
from outcross.guard.snapshot.alone import QUANTILES
from outcross.guard.snapshot.bottom import fraction
from outcross.guard.snapshot.estimate import Estimate
from outcross.guard.snapshot.snapshot import Snapshot
from outcross.guard.snapshot.vocabulary import TAIL, Vocabulary
from outcross.guard.snapshot.words import pair

GROUPS = 20
"""Groups of the old snapshot that are compared one by one, the largest first."""

Pair = tuple[Estimate, Estimate]


@final
@dataclass(frozen=True)
class Asked:
    """A number that is compared.

    Parameters
    ----------
    metric
        Its name; what is before ``@`` is one question, of which several numbers may be asked.
    both
        Gives it of the old and of the new snapshot; raises `BadInput` with the reason where there is none.
    scale, worse, unit, definition, source
        As of `outcross.guard.watch.change.Change`.

    Examples
    --------
    See `asked`.
    """

    metric: str
    both: Callable[[], Pair]
    scale: Literal["ratio", "difference"]
    worse: Literal["falls", "rises", "moves"]
    unit: str
    definition: str
    source: str

    @property
    def question(self) -> str:
        """What is before ``@``."""
        return self.metric.partition("@")[0]


def asked(old: Snapshot, new: Snapshot) -> tuple[Asked, ...]:
    """Return what is asked of two snapshots.

    Examples
    --------
    >>> one = Snapshot.of(["a cat", "a dog"])
    >>> [number.metric for number in asked(one, one)][:4]
    ['types', 'survival', 'tail_mass', 'unseen_mass']
    """
    return (*_vocabulary(old, new), *_law(old, new), *_documents(old, new), *_strata(old, new))


def _vocabulary(old: Snapshot, new: Snapshot) -> Iterator[Asked]:
    keys, before, after, _, limit = pair(old.words, new.words)
    share = fraction(limit)
    one, other = Vocabulary.table(old, keys, before, share), Vocabulary.table(new, keys, after, share)
    whole, half = min(one.least, other.least), min(one.least / 2, other.least)

    def enough(size: float) -> float:
        if size < 1:
            raise BadInput("without one thirty-second of the documents there is no word left")
        return size

    def survival() -> Pair:
        return one.shared_with_itself(enough(half)), one.shared_with(other, half)

    def tail() -> Pair:
        depth = one.depth(enough(half))
        return one.tail_of_itself(half, depth), one.tail_in(other, half, depth)

    equal = f"in {whole:,.0f} words of whole documents of each"
    yield Asked(
        "types",
        lambda: (one.types(enough(whole)), other.types(whole)),
        "ratio",
        "falls",
        "types",
        f"Number of different words {equal}, on average over which documents they are.",
        "rarefaction by samples: Gotelli and Colwell, Ecology Letters 4 (2001)",
    )
    yield Asked(
        "survival",
        survival,
        "ratio",
        "falls",
        "share of types",
        f"Share of the types of {half:,.0f} words of the old documents that come again in as many of the new ones; "
        "beside it, in as many others of the old.",
        "the lab's survival, over all types; each document kept or not at random, as in rarefaction",
    )
    yield Asked(
        "tail_mass",
        tail,
        "ratio",
        "falls",
        "share of words",
        f"Share that the rarest words of {half:,.0f} words of the old documents, which make up {TAIL:.0%} of them, "
        "have in the new ones; beside it, in the other old ones.",
        "Shumailov et al., Nature 631 (2024): early collapse is the loss of the tails",
    )
    yield Asked(
        "unseen_mass",
        lambda: (one.unseen(enough(whole)), other.unseen(whole)),
        "ratio",
        "falls",
        "probability",
        f"Share of the words whose type occurs only once, N_1 / n, {equal}.",
        "Good, Biometrika 40 (1953)",
    )


def _law(old: Snapshot, new: Snapshot) -> Iterator[Asked]:
    size = float(min(old.word_count, new.word_count))
    yield Asked(
        "entropy",
        lambda: (head.entropy(old, size), head.entropy(new, size)),
        "difference",
        "falls",
        "nats",
        f"Shannon entropy of the words, -sum p_i log p_i, in {size:,.0f} words of whole documents of each.",
        "Shannon (1948), theorem 2",
    )
    yield Asked(
        f"zipf_exponent@{head.RANKS}",
        lambda: (head.zipf_exponent(old, size), head.zipf_exponent(new, size)),
        "difference",
        "moves",
        "exponent",
        f"Maximum-likelihood exponent of Zipf's law over the {head.RANKS:,} most frequent of {size:,.0f} words.",
        "Clauset, Shalizi and Newman, SIAM Rev. 51 (2009), appendix B",
    )


def _documents(old: Snapshot, new: Snapshot) -> Iterator[Asked]:
    text = "Shaib et al., arXiv 2403.00553: measures of diversity move with length, so report it beside them"
    yield Asked(
        "length",
        lambda: (composition.length(old), composition.length(new)),
        "ratio",
        "moves",
        "words per text",
        "Number of words divided by number of texts.",
        text,
    )
    for name, share in QUANTILES.items():
        yield Asked(
            f"length@{name}",
            lambda share=share: (composition.length_quantile(old, share), composition.length_quantile(new, share)),  # type: ignore[misc]
            "ratio",
            "moves",
            "words",
            f"Number of words that {share:.0%} of the texts do not exceed.",
            "Hyndman and Fan, The American Statistician 50 (1996), definition 5",
        )
    yield Asked(
        "repetition",
        lambda: (composition.repetition(old), composition.repetition(new)),
        "difference",
        "rises",
        "share of n-grams",
        "Mean over texts of the share of its runs of four words that occurred earlier in it.",
        "Welleck et al., ICLR 2020, arXiv 1908.04319 (seq-rep-n)",
    )
    size = float(min(old.documents, new.documents))
    yield Asked(
        "copies",
        lambda: (composition.copies(old, size), composition.copies(new, size)),
        "difference",
        "rises",
        "share of documents",
        f"Share of {size:,.0f} documents of each whose text, but for white space, was there already.",
        "distinct values from bottom-k samples: Beyer et al., SIGMOD 2007; thinned as in rarefaction",
    )


def _strata(old: Snapshot, new: Snapshot) -> Iterator[Asked]:
    def synthetic(one: Snapshot) -> Estimate:
        known = composition.origins(one)
        told = [name for origin, names in known.items() if origin != "unknown" for name in names]
        if not told:
            raise BadInput("nothing says who wrote the documents")
        return composition.share_of(one, known.get("synthetic", []), told)

    def share(one: Snapshot, group: str) -> Estimate:
        found = composition.groups(one)
        if not found:
            raise BadInput("no groups are known")
        return composition.share_of(one, found.get(group, []), [name for names in found.values() for name in names])

    yield Asked(
        "synthetic_share",
        lambda: (synthetic(old), synthetic(new)),
        "difference",
        "rises",
        "share of documents",
        "Share of the documents declared synthetic, among those of a declared origin.",
        "counted: what the records say of themselves",
    )
    found = composition.groups(old)
    source = "Shumailov et al., Nature 631 (2024): groups of the data are forgotten one after another, minorities first"

    def minority() -> Pair:
        if not found:
            raise BadInput("no groups are known")
        return share(old, next(reversed(found))), share(new, next(reversed(found)))

    last = f" ('{next(reversed(found))}')" if found else ""
    definition = f"Share of the documents that belong to the smallest group{last} of the old ones."
    yield Asked("minority_share", minority, "ratio", "falls", "share of documents", definition, source)
    for group in list(found)[:GROUPS]:
        yield Asked(
            f"group_share@{group}",
            lambda group=group: (share(old, group), share(new, group)),  # type: ignore[misc]
            "ratio",
            "moves",
            "share of documents",
            "Share of the documents that belong to the group, among those whose group is known.",
            source,
        )
