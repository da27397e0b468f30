"""How much of a corpus is synthetic: what is surely so, and an estimate for the rest; and what supports it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput
from outcross.core.wording import count_of
from outcross.evidence.diagnostics import Check
from outcross.evidence.generators import GENERATORS
from outcross.evidence.prevalence import LEAST, Prevalence, prevalence
from outcross.evidence.shortcuts import audit
from outcross.guard.check.look import HUMAN, OPEN, SYNTHETIC, Look

REFERENCES = 1_500
"""References of a kind that are used, at most: more of them cost more time than they sharpen."""
TARGET = 4_000
"""Documents of the corpus that are scored, at most."""
LEVEL = 0.98
"""Confidence level of the interval. Of 759 mixtures that nothing was fitted to 747 had their share inside (98.4 %); so
of twenty, nineteen or more do with a probability of .96. At a level of .95 it is 733, and .85; see docs/check.md."""
DECLARED = "as declared"
DETECTOR = "ngram_linear"


@final
@dataclass(frozen=True, eq=False)
class Found:
    """How much is synthetic, and what was seen on the way.

    Parameters
    ----------
    share
        Of the whole corpus.
    shortcuts
        What else than its author would tell a synthetic reference from a human one.
    texts, scores
        The documents that were scored, and their log odds of being synthetic, shape (n,).
    estimated
        The share among the documents that were estimated; None where none were.
    tested
        Whether documents that say they are human were among these.
    needs
        What could not be told, and what it would need.

    Examples
    --------
    See `estimate`.
    """

    share: Prevalence
    shortcuts: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    scores: Floats = field(default_factory=lambda: np.zeros(0))
    estimated: Prevalence | None = None
    tested: bool = False
    needs: tuple[tuple[str, str], ...] = ()


def estimate(
    corpus: Look,
    human: Sequence[Look],
    synthetic: Sequence[Look],
    *,
    detector: str = DETECTOR,
    level: float = LEVEL,
    draws: int = 1000,
    seed: int = 0,
) -> Found:
    """Estimate what share of a corpus is synthetic.

    What is surely synthetic counts as that. With references, all the rest is estimated, whatever it claims: a claim to
    be human is no proof. Where no reference is given, the corpus' own records of known origin take their place, and
    only those of unknown origin are estimated. Where there is nothing to estimate, the share is what is declared.

    Where the synthetic references name two generators or more, the interval allows the corpus' to be another one; where
    they do not, it is for generators such as theirs, and a check says so.

    Parameters
    ----------
    corpus
        What was seen of it.
    human, synthetic
        What was seen of references, those to be preferred first.
    detector, level, draws, seed
        As for `outcross.evidence.prevalence.prevalence`.

    Examples
    --------
    >>> estimate(Look(10, 100, known=2), [], []).share.low
    0.2
    """
    given = _texts(human, HUMAN), _texts(synthetic, SYNTHETIC)
    makers = _first(synthetic, SYNTHETIC)
    own = corpus.some(HUMAN, most=REFERENCES), corpus.some(SYNTHETIC, most=REFERENCES)
    kinds = (HUMAN, OPEN) if given[0] else (OPEN,)
    references = given[0] or own[0], given[1] or own[1]
    rest = sum(corpus.number(kind) for kind in kinds)
    texts = corpus.some(*kinds, most=TARGET)
    short = [kind for kind, one in zip((HUMAN, SYNTHETIC), references, strict=True) if len(one) < LEAST]
    if not rest or (not corpus.number(OPEN) and not all(given)):
        return Found(_declared(corpus, level), needs=(_need_for_claims(),))
    if short:
        return _untold(corpus, rest, short, level)
    by = (corpus if makers is None else makers).generators(SYNTHETIC, REFERENCES)
    data = Labelled.beside(Documents.of(references[0]), Documents.of(references[1]))
    try:
        found = prevalence(
            texts,
            references=data,
            detector=detector,
            generators=by,
            population=rest > len(texts),
            level=level,
            draws=draws,
            seed=seed,
        )
    except BadInput as error:  # too few groups among the references, texts without a word
        return Found(_unknown(corpus, rest, str(error), level), needs=(("how much is synthetic", str(error)),))
    case = found.case
    scored = None if case is None else case.scored()
    said: tuple[str, ...] = ()
    if case is not None and case.references is not None and scored is not None and scored.fold is not None:
        said = audit(case.references, scored.reference, scored.fold, parts=False).lines()
    needs: tuple[tuple[str, str], ...] = ()
    if found.value is None:
        needs = (("how much is synthetic", "; ".join(found.advice) or found.reason),)
    elif all(check.name != GENERATORS for check in found.diagnostics):
        found, needs = replace(found, diagnostics=(*found.diagnostics, _only(by))), (_need_for_others(),)
    scores = np.zeros(0) if scored is None else scored.target
    return Found(_whole(found, corpus, rest), said, tuple(texts), scores, found, HUMAN in kinds, needs)


def _texts(looks: Sequence[Look], kind: str) -> list[str]:
    """The references of a kind, of the first source that has enough of them."""
    chosen = _first(looks, kind)
    return [] if chosen is None else chosen.some(kind, most=REFERENCES)


def _first(looks: Sequence[Look], kind: str) -> Look | None:
    """The first source that has enough references of a kind."""
    return next((one for one in looks if min(one.number(kind), REFERENCES) >= LEAST), None)


def _only(by: Sequence[str | None]) -> Check:
    """What is assumed where the references cannot show how much generators differ."""
    names = sorted({name for name in by if name is not None})
    said = f"are by {names[0]} alone" if len(names) == 1 else "do not name two generators"
    return Check(
        GENERATORS,
        False,
        float(len(names)),
        f"the synthetic references {said}: the interval is for texts by the references' generators, and its upper end "
        "is too low where the corpus' are by others, which are taken for human more often",
    )


def _whole(found: Prevalence, corpus: Look, rest: int) -> Prevalence:
    """The share of the whole corpus, where that of the rest is known."""
    settled = corpus.documents - rest
    if not settled:
        return found
    value, low, high = (
        None if one is None else (corpus.known + one * rest) / corpus.documents
        for one in (found.value, found.low, found.high)
    )
    check = Check(
        "declared",
        True,
        corpus.known / corpus.documents,
        f"{corpus.known:,} of {corpus.documents:,} documents say that a machine wrote them, or are known to be by one, "
        f"and {settled - corpus.known:,} that a human did; the other {rest:,} were estimated",
    )
    return replace(found, value=value, low=low, high=high, n=corpus.documents, diagnostics=(check, *found.diagnostics))


def _declared(corpus: Look, level: float) -> Prevalence:
    share = corpus.known / corpus.documents
    check = Check(
        "declared",
        True,
        share,
        f"all of {count_of(corpus.documents, 'document')} say who wrote them; nothing else was asked, "
        "and a claim is no proof",
    )
    return Prevalence(share, share, share, corpus.documents, level, method=DECLARED, diagnostics=(check,))


def _unknown(corpus: Look, rest: int, why: str, level: float, advice: tuple[str, ...] = ()) -> Prevalence:
    low = corpus.known / corpus.documents
    high = (corpus.known + rest) / corpus.documents
    return Prevalence(None, low, high, corpus.documents, level, f"cannot tell: {why}", advice=advice)


def _untold(corpus: Look, rest: int, short: Sequence[str], level: float) -> Found:
    options = " and ".join(f"--{kind} FILE" for kind in short)
    need = (
        f"{options}: {LEAST} {' and '.join(short)} texts of the corpus' kind at least, better some hundreds "
        "of each; or --vault VAULT with such records"
    )
    why = f"there are no {' and no '.join(short)} references of the corpus' kind"
    return Found(_unknown(corpus, rest, why, level, (need,)), needs=(("how much is synthetic", need),))


def _need_for_others() -> tuple[str, str]:
    return (
        "whether more of it is by other generators than the references'",
        "synthetic references by three generators or more, each named in their column generator",
    )


def _need_for_claims() -> tuple[str, str]:
    return (
        "whether the documents are by whom they say",
        "--human FILE and --synthetic FILE, texts of the corpus' kind whose origin is sure",
    )
