"""How long can this go on? What is left of a corpus after k generations of a practice, and what would keep it.

Three things are put together. The n-gram chain itself is run on a sample of the corpus (a rehearsal). What becomes of
a word there depends on how often it occurs and hardly on the size of the sample, as it does in the Wright-Fisher model:
a surrogate that follows words by their counts carries it over to the whole corpus. And the surrogate's own chance, of
which the total length of the texts of a generation is the largest part, gives the spread of one chain about it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from outcross.core.errors import BadInput, BadSetting
from outcross.core.measure import Measure
from outcross.core.model import Model
from outcross.core.part import as_part, words
from outcross.core.policy import Policy
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.corpus.fields import Fields
from outcross.guard.forecast.groups import forecast_groups
from outcross.guard.forecast.inverse import Search
from outcross.guard.forecast.outlook import Outlook, Rehearsed
from outcross.guard.forecast.reading import read_corpus
from outcross.guard.forecast.result import Forecast
from outcross.guard.forecast.spectrum import TAIL

if TYPE_CHECKING:
    from outcross.guard.source import Source
    from outcross.vault.vault import Vault

FARTHEST = 1_000
"""Generations ahead, at most: each is played through."""

SEARCHED = 600_000
"""Words that a rehearsal of the search for the least share reads and writes."""


def forecast(
    corpus: str | Path | Source | Vault | Sequence[str] | Texts,
    *,
    policy: str | Policy | None = None,
    synthetic_share: float | None = None,
    generations: int = 10,
    keep: float = 0.95,
    group: str | Sequence[str] | None = None,
    fields: Fields | None = None,
    model: str | Model = "ngram(order=3)",
    inverse: bool = True,
    level: float = 0.95,
    seed: int = 0,
) -> Forecast:
    """Return what is left of a corpus after each generation of models that learn from one another's texts.

    Parameters
    ----------
    corpus
        A file, a folder, a vault (as every command of the guard names its sources), a list of texts, or texts in codes.
        Of a large one a sample is read: ``notes`` says of how much.
    policy
        What each generation is trained on; none for ``replace``.
    synthetic_share
        In place of a policy: such a share of every training set is synthetic, the rest is drawn from this corpus
        (``anchor``).
    generations
        How many models are trained, one after another.
    keep
        Share of the tail that is to be kept at the last generation, of what is left where nothing is synthetic.
    group
        Column of the groups that should be guarded; of a list of texts, the group of each. None takes the field
        ``group`` of the corpus, where it has one.
    fields
        Which column of a file is which field of a record.
    model
        The model that is trained on a sample: any that writes texts.
    inverse
        Whether to search for what would keep the tail.
    level
        Of the intervals, which are for what one chain will do.
    seed
        The same seed gives the same forecast.

    Returns
    -------
    Forecast
        By generation, of what a model writes, as many documents as there are in the corpus:

        - ``types``: the share of the distinct words of the corpus that occur;
        - ``tail_mass``: the share of the tail's mass that is still where it was. The tail is the rarest words that
          together make up a tenth of the running words (of the last such words, that occur equally often, a part).
          With ``p_0`` the share of a word in the corpus and ``p_t`` that in what the model writes, it is the sum of
          ``min(p_t, p_0)`` over the tail, divided by the sum of ``p_0``. The minimum matters: the total mass of the
          tail has no tendency to fall (``E p_t = p_0``), it moves to the few words that live on;
        - ``group_share@NAME``: the group's share of the documents, relative to what it was.

    Raises
    ------
    BadSetting
        If the policy cannot be carried out, or a setting is out of range.
    BadInput
        If there is no word in the corpus.

    Notes
    -----
    The n-gram chain is run on a sample of the corpus under the policy itself, and what becomes of words is compared
    with a surrogate that follows words by their counts (Wright-Fisher of rare types: Wright 1931; Suresh et al., arXiv
    2412.17646). They differ by a shift in logits that depends little on the count of a word and on the size of the
    sample; the surrogate of the whole corpus, shifted, is the forecast.

    An interval has five parts, added as variances in logits: the spread over chains of the surrogate, of which the
    length of the texts of a generation is the largest part; the chance by which single words live or die; the error of
    the shift; what forecasts were off beyond that on corpora set aside for it (a standard deviation of 0.05, and 0.03
    for each power of e by which the corpus is larger than the sample); and, where not all of a corpus was counted, half
    of what the trend by size adds. ``benchmarks/forecast_coverage.py`` says how often they cover real chains of other
    corpora.

    New human records (policies such as ``fresh``) are taken to be like those of the corpus: words come in them as often
    as Good and Turing expect. Only the words of the corpus count as left.

    Examples
    --------
    >>> texts = [f"the {colour} cat sat on mat {i}" for i in range(50) for colour in ("black", "white")]
    >>> found = forecast(texts, policy="replace", generations=3, inverse=False)
    >>> found.left["types"][0].value, found.left["types"][3].high < 1
    (1.0, True)
    """
    chosen = _policy(policy, synthetic_share)
    if not 1 <= generations <= FARTHEST:
        raise BadSetting(f"a forecast looks 1 to {FARTHEST:,} generations ahead, not {generations:,}")
    if not 0 < keep < 1:
        raise BadSetting(f"the share to be kept lies between 0 and 1, not {keep:g}")
    if not 0 < level < 1:
        raise BadSetting(f"a level of confidence lies between 0 and 1, not {level:g}")
    given = Seed(seed).child("forecast")
    read = read_corpus(corpus, fields=fields, group=group, seed=given.child("read"))
    if group is not None and not read.groups:
        raise BadInput(f"{read.name}: no record has a group in a column '{group}'")
    outlook = Outlook.of(read, as_part(Model, model), generations, level, given)
    plain = _ungrouped(chosen)
    rehearsed = outlook.rehearse(plain)
    left = outlook.left(plain, rehearsed)
    left |= forecast_groups(read.groups, chosen, generations, level, given.child("groups"))
    least, fresh = Measure.missing("not asked"), Measure.missing("not asked")
    if inverse:
        search = Search(outlook, keep)
        least = search.least("anchor", SEARCHED)
        fresh = _times(search.least("fresh", SEARCHED), read.documents)
    notes = (*read.notes, *_notes(outlook, rehearsed, chosen))
    steps = tuple(range(generations + 1))
    return Forecast(read.name, read.documents, read.words, words(chosen), steps, left, least, fresh, keep, seed, notes)


def _policy(policy: str | Policy | None, synthetic_share: float | None) -> Policy:
    """The practice that is meant."""
    if synthetic_share is None:
        return as_part(Policy, policy or "replace")
    if policy is not None:
        raise BadSetting("a policy says itself how much is synthetic: name a policy, or a synthetic share")
    if not 0 <= synthetic_share <= 1:
        raise BadSetting(f"the synthetic share lies between 0 and 1, not {synthetic_share:g}")
    return as_part(Policy, f"anchor(real={1 - synthetic_share:.12g})")


def _ungrouped(policy: Policy) -> Policy:
    """What a policy of groups wraps: of words it draws as many, whichever group they are from."""
    while policy.grouped:
        wrapped = [getattr(policy, one.name) for one in dataclasses.fields(policy)]  # type: ignore[arg-type]  # a part is a dataclass
        inner = next((one for one in wrapped if isinstance(one, Policy)), None)
        if inner is None:
            raise BadSetting(f"{words(policy)} needs groups, and what becomes of words by group is not forecast")
        policy = inner
    return policy


def _times(share: Measure, documents: int) -> Measure:
    """A share of the records, in records: rounded up."""
    if share.value is None or share.low is None or share.high is None:
        return share
    value, low, high = (float(math.ceil(one * documents)) for one in (share.value, share.low, share.high))
    return replace(share, value=value, low=low, high=high)


def _notes(outlook: Outlook, rehearsed: Rehearsed, policy: Policy) -> tuple[str, ...]:
    """What the forecast rests on, and what it does not know."""
    read = outlook.read
    sampled = f"all {read.words:,} words of the corpus"
    if rehearsed.words < read.words:
        sampled = (
            f"{rehearsed.words:,} words of the corpus; what becomes of them is carried over to all {read.words:,}, by "
            "how often each occurs"
        )
    notes = [
        f"generations of the model {words(outlook.model)} were run on {sampled}",
        f"the tail is the rarest words that together make up {100 * TAIL:.0f} % of the running words; left of it is, "
        "word by word, the smaller of its share then and now",
        "what would keep it is measured against models that are trained on human records alone",
    ]
    if policy.scores:
        notes.append("the policy chooses records by a score: the rehearsal does, what carries it over does not")
    return tuple(notes)
