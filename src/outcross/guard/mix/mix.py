"""A training mix with exact quotas, in two passes over the sources and without a shuffle.

The first pass gives every record a key, a keyed hash of what it is; the records with the smallest keys of each draw are
the mix; the second pass writes them. All of it is a job that survives kills (`outcross.corpus.jobs`) beside the folder
of the mix, which appears whole, by one renaming, or not at all.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, final

import numpy as np

from outcross.core.engine import Engine
from outcross.core.errors import BadInput, BadSetting, MissingInput, OutputRefused, Shortage
from outcross.core.part import as_part
from outcross.core.policy import Policy
from outcross.core.provenance import Origin, Stratum
from outcross.corpus.fields import FIELDS, Fields
from outcross.corpus.files import suffix
from outcross.corpus.jobs import Job, open_job, run_job
from outcross.corpus.shards import Shard
from outcross.guard.mix.assembled import Assembled, Product
from outcross.guard.mix.copies import tell_apart
from outcross.guard.mix.cut import cut
from outcross.guard.mix.estimating import estimate
from outcross.guard.mix.mixed import Mixed
from outcross.guard.mix.papers import papers, prepare
from outcross.guard.mix.plan import MixPlan
from outcross.guard.mix.publishing import MANIFEST, discard, is_there, missing, publish, work_folder
from outcross.guard.mix.request import Given, Request, Share
from outcross.guard.mix.survey import FIRST, Survey, Surveyed
from outcross.guard.mix.writing import Unfit, Writing, shards_of
from outcross.guard.source import Task
from outcross.vault.keys import Key, load_key

DATA = "data/mix-{:05}.parquet"
"""What the files of a mix are called."""

PARSED = 2**28
"""Bytes that are not Parquet from which on it is quicker to start worker processes for each pass: two cores read them
in some seconds, and a second of one core goes into the start."""

TEXT = 2**12
"""What a file of a folder of texts takes, as so many bytes of a larger file."""

TYPES: Mapping[str, str] = {"generation": "integer", "confidence": "number"}
"""Types of the columns that are not text, as `outcross.vault.labels.description.TYPES`."""


def mix(
    sources: Given | Sequence[Given],
    *,
    policy: str | Policy = "anchor(real=0.3)",
    budget: int,
    out: str | Path | None = None,
    balance: str | None = None,
    fields: Fields | None = None,
    synthetic_share: Share | None = None,
    references: tuple[Given, Given] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    engine: str | Engine | None = None,
    key: Key | Path | str | None = None,
    dry_run: bool = False,
) -> Mixed:
    r"""Which records should the next model be trained on? Choose exactly so many of each kind, and write them.

    Parameters
    ----------
    sources
        Files, folders and vaults, as `outcross.guard.source.Source.of` takes them: ``human=PATH``, ``vault:ADDRESS``.
    policy
        Words of the policy.
    budget
        Records of the mix.
    out
        The folder of the mix, which is not there yet. After a kill the same call goes on where it stopped.
    balance
        Column whose groups keep their share; the policy is then wrapped in ``balance``.
    fields
        Which column of a file is which field of a record.
    synthetic_share
        Of records whose origin is not known or mixed: how many of them are synthetic. Without it they count as
        synthetic.
    references
        Human and synthetic texts of the same kind, to estimate that share with, on a random sample.
    confidence
        How surely as many records are human as the policy wants.
    seed
        The same seed chooses the same records, whatever order they are in, and writes the same bytes.
    engine
        Who does the work, which is the same whoever does it. None for what is quickest: threads of this process, but
        worker processes where there is much to read that is not Parquet.
    key
        What signs the statement of materials and products, or its file.
    dry_run
        Whether only to look: nothing is written.

    Returns
    -------
    Mixed
        What was made, counted.

    Raises
    ------
    Shortage
        If a stratum has not as many records as the policy wants of it.
    BadInput
        If there is nothing to choose from, or a source changes while it is read.
    BadSetting
        If the policy is unknown, or asks for what a mix does not do.
    OutputRefused
        If the folder is there, or cannot be written.

    Examples
    --------
    >>> room = Path(tempfile.mkdtemp())
    >>> lines = [f'{{"text": "Cat {n} sleeps.", "origin": "{"human" if n < 9 else "LLM"}"}}' for n in range(30)]
    >>> _ = (room / "cats.jsonl").write_text("\n".join(lines))
    >>> mixed = mix(room / "cats.jsonl", policy="anchor(real=0.3)", budget=10, out=room / "out", engine="serial")
    >>> {str(stratum): count for stratum, count in mixed.counts.items()}
    {'human/0': 3, 'synthetic/1': 7}
    """
    request = Request.of(
        sources,
        policy,
        budget,
        balance=balance,
        fields=fields,
        share=synthetic_share,
        references=references,
        confidence=confidence,
        seed=seed,
    )
    crew = None if engine is None else as_part(Engine, engine)
    signer = load_key(Path(key)) if isinstance(key, str | Path) else key
    if dry_run:
        with tempfile.TemporaryDirectory() as room:
            work = _Work(request, Path(room), crew)
            surveyed = work.survey(whole=True)
            plan = work.plan(surveyed)
            return work.told(Mixed(None, plan, _quotas(plan), sum(surveyed.counts.values()), seed=seed))
    if out is None or not Path(out).name:
        raise BadSetting("name the folder of the mix: out=PATH (--out PATH); or only look: dry_run=True (--dry-run)")
    folder = Path(out)
    _outside(folder, request)
    same = is_there(folder, request.command())
    place = work_folder(folder)
    open_job(place, request.inputs())
    work = _Work(request, place, crew)
    try:
        made, files, contents = work.mixed(signer)
    except (BadInput, BadSetting, MissingInput, Shortage):  # the same call would end the same: there is nothing to keep
        discard(place)
        raise
    except OSError as error:
        raise _taken(folder, place) or error from None
    if not same:
        try:
            publish(folder, place, files, contents)
        except OutputRefused as error:
            raise _taken(folder, place) or error from None
    elif (folder / MANIFEST).read_bytes() != contents[MANIFEST] or missing(folder, list(files)):
        raise OutputRefused(f"'{folder}' is there already, and is not the mix that these sources give")
    discard(place)
    return replace(made, path=folder)


def _outside(folder: Path, request: Request) -> None:
    """A folder that is read grows by the mix that is written into it."""
    for source in request.sources:
        if folder.resolve().is_relative_to(Path(source.path).resolve()):
            raise OutputRefused(f"'{folder}' lies in the source '{source.path}': write the mix elsewhere")


def _taken(folder: Path, place: Path) -> OutputRefused | None:
    """Why a disk refuses where another process that makes the same mix was faster, and has cleared its work away."""
    if place.exists():
        return None
    return OutputRefused(f"'{folder}' was made by another process meanwhile; the same command once more looks it over")


@final
class _Work:
    """The two passes, and what they found."""

    def __init__(self, request: Request, folder: Path, engine: Engine | None) -> None:
        self.request, self.folder = request, folder
        self.tasks, self.of = request.tasks()
        self.engine = engine or as_part(Engine, "processes" if _parsed(self.tasks) > PARSED else "threads")
        self.rejected: Counter[str] = Counter()
        self.examples: list[tuple[str, int, str]] = []
        self.copies = 0

    def run(self, name: str, tasks: Sequence[Any], work: Any, **inputs: Any) -> tuple[Job[Any], list[dict[str, Any]]]:
        folder = self.folder / name
        open_job(folder, {"tasks": len(tasks), **inputs})
        job = Job(folder, tasks, work)
        return job, run_job(job, self.engine) or []

    def survey(self, whole: bool) -> Surveyed:
        """The first pass, copies told apart."""
        first = Survey(self.request.keys, self.request.group, whole)
        job, summaries = self.run("survey", self.tasks, first)
        for one in summaries:
            self.rejected.update(one["rejected"]["kinds"])
            self.examples += [tuple(row) for row in one["rejected"]["first"]]
        surveyed = Surveyed([job.stem(place).with_suffix(".npy") for place in range(len(self.tasks))], summaries)
        if self.request.group is not None and all(stratum.group is None for stratum in surveyed.strata):
            raise MissingInput(f"no record has the column '{self.request.balance}', by which groups are to be balanced")
        self.copies = tell_apart(surveyed, self.tasks, self.folder / "copies", self.engine, self.request.keys)
        return surveyed

    def plan(self, surveyed: Surveyed) -> MixPlan:
        """The recipe for what there is; what is not known of it is estimated where there are references."""
        request = self.request
        if request.references is None or request.share is not None:
            return request.plan(surveyed.counts)
        human, synthetic = request.references
        share = estimate(surveyed, self.tasks, human, synthetic, request.confidence, request.keys)
        return replace(request, share=share).plan(surveyed.counts)

    def told(self, mixed: Mixed) -> Mixed:
        return replace(mixed, rejected=dict(self.rejected), examples=tuple(self.examples[:FIRST]), copies=self.copies)

    def mixed(self, signer: Key | None) -> tuple[Mixed, dict[str, Path], dict[str, bytes]]:
        """Both passes; what was made, where its files lie, and its papers."""
        request, stamps = self.request, self.request.stamps()
        with ThreadPoolExecutor(1) as pool:  # digests hold no lock of the interpreter: they are made beside the passes
            identities = [pool.submit(source.identity) for source in request.sources]
            pool.submit(prepare)
            surveyed = self.survey(whole=False)
            plan, job, summaries, weighted = self._second(surveyed, 0)
            if unfit := Unfit.of(surveyed, self.tasks, summaries):
                surveyed.without(unfit.lines)
                self.rejected.update(unfit.kinds)
                self.examples += unfit.first
                plan, job, summaries, weighted = self._second(surveyed, 1)
            materials = [one.result() for one in identities]
        given = np.bincount(self.of, [len(rows) for rows in surveyed.rows], len(materials)).astype(int).tolist()
        materials = [replace(one, records=count) for one, count in zip(materials, given, strict=True)]
        files = [one for one in summaries if not one["short"] and one["rows"]]
        products = tuple(
            Product(DATA.format(number), one["sha256"], one["size"], one["rows"]) for number, one in enumerate(files)
        )
        counts = _counts(files)
        if request.stamps() != stamps or counts != _quotas(plan):
            raise BadInput("a source was changed while it was read; begin again once it stands still")
        columns = [(name, TYPES.get(name, "text")) for name in FIELDS] + [("weight", "number")] * weighted
        assembled = Assembled(
            plan, tuple(materials), products, counts, request.seed, request.command(), tuple(columns),
            _sum(one["licenses"] for one in files), _sum(one["generators"] for one in files),
        )  # fmt: skip
        made = Mixed(None, plan, counts, sum(given), materials=tuple(materials), products=products, seed=request.seed)
        places = {one.name: job.folder / told["file"] for one, told in zip(products, files, strict=True)}
        return self.told(made), places, papers(assembled, signer)

    def _second(self, surveyed: Surveyed, number: int) -> tuple[MixPlan, Job[Any], list[dict[str, Any]], bool]:
        """The cut and the second pass."""
        plan = self.plan(surveyed)
        taken = cut(surveyed, plan.recipe, self.request.keys)
        weights = tuple(draw.weight for draw in plan.recipe.draws if draw.quota)
        weighted = any(one != 1 for one in weights)
        writing = Writing(weights if weighted else None, self.request.group)
        digest = hashlib.sha256(b"".join(map(bytes, taken))).hexdigest()
        job, summaries = self.run(
            f"write-{number}", shards_of(surveyed, self.tasks, taken), writing, taken=digest, weights=weights
        )
        return plan, job, summaries, weighted


def _parsed(tasks: Sequence[Task]) -> int:
    """About how many bytes are read by Python, which one thread does at a time: those of all files but Parquet."""
    parts = [task.part for task in tasks if isinstance(task.part, Shard) and suffix(Path(task.part.path)) != ".parquet"]
    return sum(part.stop - part.start if not part.names else TEXT * len(part.names) for part in parts)


def _quotas(plan: MixPlan) -> dict[Stratum, int]:
    """How many records of each stratum a plan draws; each of its draws is of one."""
    found: Counter[Stratum] = Counter()
    for draw in plan.recipe.draws:
        [stratum] = draw.strata
        found[stratum] += draw.quota
    return {stratum: count for stratum, count in sorted(found.items(), key=lambda pair: str(pair[0])) if count}


def _counts(files: Sequence[Mapping[str, Any]]) -> dict[Stratum, int]:
    """How many records of each stratum were written."""
    found: Counter[Stratum] = Counter()
    for one in files:
        for origin, generation, group, count in one["strata"]:
            found[Stratum(Origin(origin), generation, group)] += count
    return dict(sorted(found.items(), key=lambda pair: str(pair[0])))


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in counts:
        found.update(one)
    return dict(sorted(found.items()))
