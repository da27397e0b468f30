"""How is this corpus? What is synthetic, what is lost, how long it can go on, and what to train on instead."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np

from outcross.core.engine import Engine
from outcross.core.errors import BadInput, BadSetting, OutcrossError
from outcross.core.measure import Measure
from outcross.core.part import as_part
from outcross.core.policy import Policy
from outcross.core.progress import tell
from outcross.core.provenance import Origin
from outcross.core.wording import count_of
from outcross.corpus.fields import Fields
from outcross.evidence.prevalence import Prevalence
from outcross.guard.check.answer import advice_sentence, loss_sentence, share_sentence
from outcross.guard.check.checkup import Checkup, Example, Size
from outcross.guard.check.examples import copied, likeliest, marked, words
from outcross.guard.check.instead import Instead, instead
from outcross.guard.check.look import HUMAN, SYNTHETIC, Keys, Look, look
from outcross.guard.check.share import LEVEL, Found, estimate
from outcross.guard.forecast.forecast import forecast
from outcross.guard.forecast.result import Forecast
from outcross.guard.snapshot.snapshot import Snapshot
from outcross.guard.snapshot.taking import snapshot
from outcross.guard.source import Source
from outcross.guard.watch.change import Change
from outcross.guard.watch.compare import compare
from outcross.vault.vault import Vault


def check(
    corpus: str | Path | Vault | Source,
    *,
    human: str | Path | Vault | Source | None = None,
    synthetic: str | Path | Vault | Source | None = None,
    vault: str | Path | Vault | None = None,
    fields: Fields | None = None,
    practice: str | Policy | None = None,
    generations: int = 10,
    keep: float = 0.95,
    budget: int | None = None,
    detector: str = "ngram_linear",
    level: float = LEVEL,
    draws: int = 1000,
    seed: int = 0,
    engine: str | Engine = "processes",
) -> Checkup:
    r"""Look a corpus over: how much is synthetic, what is lost, how long it can go on, what to train on instead.

    Parameters
    ----------
    corpus
        A file, a folder or a vault, see `outcross.guard.source.Source`.
    human, synthetic
        References of the corpus' kind: same task, time and length, the generator that is likely. A vault stands for
        its records of that origin.
    vault
        Its human and synthetic records are references where none are given; and what it knows to be written by a
        machine is recognised in the corpus, word for word.
    fields
        Which column of a file is which field of a record, in all of them.
    practice
        The policy by which the next corpora will be made; by default the share of human records that this one has is
        kept (`anchor`).
    generations, keep
        How far to look ahead, and what share of the tail the mix is to keep.
    budget
        Records of the mix, at most; None for as many as the corpus has.
    detector, level, draws
        Of the share: as for `outcross.evidence.prevalence.prevalence`. All other intervals are at 95 %.
    seed
        The same seed gives the same answers.
    engine
        Who reads.

    Raises
    ------
    BadInput
        If there is no text in the corpus, or in a reference.
    MissingInput
        If a source is not there.
    BadSetting
        If a setting is out of range.

    Notes
    -----
    Of a large corpus all is counted (claims, marks, copies, the numbers of the snapshot), and a random sample of its
    texts is scored; the interval is then that of the corpus, not of the sample. With less than everything, less is
    told, and ``untold`` says what was not, and what it would need.

    Examples
    --------
    >>> import json, tempfile
    >>> room = Path(tempfile.mkdtemp())
    >>> for name, said in (("human", "well i was so late, sorry! {}"), ("synthetic", "It is vital to note {} facts.")):
    ...     _ = (room / name).with_suffix(".jsonl").write_text(
    ...         "".join(json.dumps({"text": said.format(f"{n} times {n * n}")}) + "\n" for n in range(60)))
    >>> corpus = room / "corpus.jsonl"
    >>> lines = [(room / f"{name}.jsonl").read_text().splitlines()[:20] for name in ("human", "synthetic")]
    >>> _ = corpus.write_text("\n".join(lines[0] + lines[1]))
    >>> found = check(corpus, human=room / "human.jsonl", synthetic=room / "synthetic.jsonl", engine="serial")
    >>> found.corpus.documents, found.prevalence.low <= 0.5 <= found.prevalence.high
    (40, True)
    """
    began = time.perf_counter()
    tell("check", 0, 4)
    if generations < 1 or not 0 < keep < 1:
        raise BadSetting(
            f"check looks 1 generation ahead or more, and keeps a share in (0, 1); not {generations}, {keep}"
        )
    if budget is not None and budget < 1:
        raise BadSetting(f"a mix has at least one record, not {budget}")
    if practice is not None:
        practice = as_part(Policy, practice)
    crew = as_part(Engine, engine)
    source = Source.of(corpus, fields)
    given = _reference(human, Origin.HUMAN, fields), _reference(synthetic, Origin.SYNTHETIC, fields)
    store = None if vault is None else _vault(vault)
    _differ(source, *given)

    seen = look(source, seed, crew, _outputs(store))
    if not seen.documents:
        raise BadInput(f"there is no text in {source.name}{_why(seen)}")
    references = tuple(None if one is None else _looked(one, seed, crew) for one in given)
    kept = None if store is None else look(store, seed, crew)
    found = estimate(
        seen,
        [one for one in (references[0], kept) if one is not None],
        [one for one in (references[1], kept) if one is not None],
        detector=detector,
        level=level,
        draws=draws,
        seed=seed,
    )
    tell("check", 1, 4)
    now = snapshot(source, engine=crew)
    old, name, own = _before(given[0], references[0], kept, store, seen, source, crew)
    changes, readable = _lost(old, now, own)
    tell("check", 2, 4)
    ahead, why = _ahead(source, found, practice, generations, keep, seed)
    tell("check", 3, 4)
    sources = [source, *(one for one in (given[0], store) if one is not None and one.path != source.path)]
    next_mix, short = _instead(sources, seen, found, ahead, budget, fields, seed, crew)
    tell("check", 4, 4)

    size = Size(source.name, now.documents, now.word_count, seen.copies)
    needs = [(_corpus(what), _corpus(wanted)) for what, wanted in found.needs]
    untold = [*needs, *_untold(old, ahead, why, next_mix, short, seen)]
    return Checkup(
        corpus=size,
        human=_size(name, old),
        synthetic=_synthetic(given[1], references[1], store, kept),
        answer=(
            share_sentence(size, _of_corpus(found.share)),
            loss_sentence(changes, ahead),
            advice_sentence(next_mix.plan, ahead),
        ),
        declared=seen.origins,
        marks=seen.marks,
        prevalence=_of_corpus(found.share),
        shortcuts=found.shortcuts,
        changes=changes,
        examples=(*readable, *copied(seen), *marked(seen), *likeliest(found.texts, found.scores)),
        forecast=ahead,
        plan=next_mix.plan,
        command=next_mix.command,
        untold=tuple(untold),
        seconds=time.perf_counter() - began,
        seed=seed,
    )


def _corpus(sentence: str) -> str:
    """A sentence in which what is looked at is called what it is here."""
    return sentence.replace("target's", "corpus'").replace("target", "corpus")


def _of_corpus(share: Prevalence) -> Prevalence:
    seen = tuple(replace(one, sentence=_corpus(one.sentence)) for one in share.diagnostics)
    return replace(share, reason=_corpus(share.reason), advice=tuple(map(_corpus, share.advice)), diagnostics=seen)


def _reference(given: str | Path | Vault | Source | None, origin: Origin, fields: Fields | None) -> Source | None:
    """A source whose records are all of one origin, or a vault, which says itself."""
    if given is None:
        return None
    source = Source.of(given, fields)
    if source.origin not in (None, origin):
        raise BadSetting(f"'{given}': it cannot be {origin} and {source.origin} at once")
    return source if source.vault is not None else replace(source, origin=origin)


def _differ(source: Source, human: Source | None, synthetic: Source | None) -> None:
    """One file beside itself tells nothing; a vault has records of both kinds."""
    named = (("corpus", source), ("human reference", human), ("synthetic reference", synthetic))
    files = [(name, Path(one.path).resolve()) for name, one in named if one is not None and one.vault is None]
    for (one, path), (other, same) in combinations(files, 2):
        if path == same:
            raise BadSetting(f"the {one} and the {other} are the same, '{path.name}': they must be different texts")


def _looked(source: Source, seed: int, crew: Engine) -> Look:
    """What is seen of a reference, which has to have a text."""
    found = look(source, seed, crew)
    wanted = SYNTHETIC if source.origin is Origin.SYNTHETIC else HUMAN if source.origin is Origin.HUMAN else None
    if not found.documents or (wanted is not None and not found.number(wanted)):
        raise BadInput(f"there is no text in {source.name} that could be a reference{_why(found)}")
    return found


def _why(seen: Look) -> str:
    kinds = ", ".join(f"{count:,} rejected as {kind}" for kind, count in seen.rejected.items())
    return f": {kinds}" if kinds else ""


def _vault(given: str | Path | Vault) -> Source:
    source = Source.of(given)
    if source.vault is None:
        raise BadSetting(f"'{given}' is no vault; outcross vault init makes one, and --human FILE names human records")
    return source


def _outputs(store: Source | None) -> Keys | None:
    return None if store is None or store.vault is None else store.vault.catalog.machine_texts()


def _before(
    given: Source | None,
    reference: Look | None,
    kept: Look | None,
    store: Source | None,
    seen: Look,
    corpus: Source,
    crew: Engine,
) -> tuple[Snapshot | None, str, bool]:
    """The snapshot of the human reference: the one that was given, else the vault's records, else the corpus' own.

    Its name, and whether it is a part of the corpus. A corpus of nothing but that has nothing to be compared with.
    """
    if given is not None and given.vault is None:
        return snapshot(given, engine=crew), given.name, False
    for one, source in ((reference, given), (kept, store), (seen, corpus)):
        if one is not None and source is not None and one.number(HUMAN) > 1:
            own = source.path == corpus.path
            if own and seen.number(HUMAN) == seen.documents:
                continue
            return Snapshot.of(one.some(HUMAN)), f"the human records of {source.name}", own
    return None, "", False


def _lost(old: Snapshot | None, now: Snapshot, own: bool) -> tuple[tuple[Change, ...], tuple[Example, ...]]:
    """What is lost against a reference; where that is a part of the corpus, its own words cannot be missing there."""
    if old is None:
        return (), ()
    changes = compare(old, now)
    if own:
        changes = tuple(one for one in changes if one.metric not in ("survival", "tail_mass"))
    return changes, tuple(words(old, now))


def _ahead(
    source: Source,
    found: Found,
    practice: Policy | None,
    generations: int,
    keep: float,
    seed: int,
) -> tuple[Forecast | None, str]:
    """How long it can go on, or why that cannot be told. Where the practice is not known, it is taken at its worst."""
    share = found.share.value
    chosen = practice if practice is not None or share is not None else "replace"
    try:
        ahead = forecast(
            source,
            policy=chosen,
            synthetic_share=None if chosen is not None or share is None else round(share, 3),
            generations=generations,
            keep=keep,
            seed=seed,
        )
    except OutcrossError as error:
        return None, str(error)
    if practice is None and share is None:
        note = "how much is synthetic is not known, so this is the worst case: the next corpora are all synthetic"
        ahead = replace(ahead, notes=(note, *ahead.notes))
    return ahead, ""


def _instead(
    sources: list[Source],
    seen: Look,
    found: Found,
    ahead: Forecast | None,
    budget: int | None,
    fields: Fields | None,
    seed: int,
    crew: Engine,
) -> tuple[Instead, str]:
    least = Measure.missing("no forecast") if ahead is None else ahead.least_human
    try:
        return instead(sources, seen, found, least, budget, fields, seed, crew), ""
    except OutcrossError as error:
        return Instead(None, None), str(error)


def _untold(
    old: Snapshot | None, ahead: Forecast | None, why: str, next_mix: Instead, short: str, seen: Look
) -> Iterator[tuple[str, str]]:
    """What could not be told besides how much is synthetic, and what it would need."""
    if old is None:
        yield "what is lost", "--human FILE: texts of the corpus' kind that people wrote; or --vault VAULT"
    if ahead is None:
        yield "how long it can go on", why
    if next_mix.plan is None:
        why = f" ({next_mix.short or short})" if next_mix.short or short else ""
        yield "what to train on instead", f"--human FILE: human records to anchor a mix with{why}"
    if seen.rejected:
        kinds = ", ".join(f"{count:,} as {kind}" for kind, count in seen.rejected.items())
        yield (
            f"anything of {count_of(sum(seen.rejected.values()), 'record')} that could not be read",
            f"they were rejected ({kinds}); outcross vault add puts such records aside with their line and the reason",
        )


def _size(name: str, one: Snapshot | None) -> Size | None:
    if one is None:
        return None
    copies = max(0, one.documents - round(one.texts.distinct))
    return Size(name, one.documents, one.word_count, copies)


def _synthetic(given: Source | None, reference: Look | None, store: Source | None, kept: Look | None) -> Size | None:
    for one, source in ((reference, given), (kept, store)):
        if one is not None and source is not None and one.number(SYNTHETIC):
            texts = one.some(SYNTHETIC)
            name = source.name if source.vault is None else f"the synthetic records of {source.name}"
            words = sum(len(text.split()) for text in texts)
            number = one.number(SYNTHETIC)
            return Size(
                name,
                number,
                round(words * number / len(texts)),
                number - len(np.unique(texts)) if number == len(texts) else 0,
            )
    return None
