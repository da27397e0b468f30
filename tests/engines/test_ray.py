"""Ray, for real, on this machine: sessions and workers are left as they were, results are those of the other engines,
byte for byte; what is said where Ray is missing.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import psutil
import pytest

import outcross as oc
from outcross.core.documents import Labelled
from outcross.core.errors import BadInput, MissingLibrary, WorkerLost
from outcross.core.part import build
from outcross.corpus.jobs import Job, open_job, run_job
from outcross.corpus.share import Share
from outcross.engines.ray import Ray
from outcross.engines.serial import Serial
from tests.corpus.shards import TASKS, DyingOnce, content, numbers, whole
from tests.engines import work
from tests.engines.test_processes import gone

NEEDS_RAY = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed")
LIMIT = 120
"""Seconds after which a test is given up: a cluster that hangs must not hang the tests."""


@pytest.fixture(scope="module")
def session() -> Iterator[None]:
    """One session for all tests that do not care: to open one takes seconds."""
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, ignore_reinit_error=True)
    yield
    ray.shutdown()


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    if sys.platform == "win32":
        yield
        return

    def give_up(*_: object) -> NoReturn:
        raise TimeoutError(f"it took more than {LIMIT} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LIMIT)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def children() -> set[int]:
    """The processes that this one has started, and those that they have."""
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_where_it_is_missing_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingLibrary, match=r"pip install 'outcross\[ray\]'"):
        list(Ray().map(work.square, [1]))


def test_work_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(BadInput, match="the work cannot be sent"):
        list(Ray().map(lambda task: task, [0]))


@NEEDS_RAY
def test_a_session_of_its_own_is_closed() -> None:
    """Its processes too; and Ray was told to report nothing. It comes before the module's session is opened."""
    import ray

    before = children()
    results = Ray().map(work.square, range(30))
    first = next(results)
    assert ray.is_initialized()
    started = children() - before
    assert started
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    assert sorted([first, *results]) == [(task, task * task) for task in range(30)]
    assert not ray.is_initialized()
    assert gone(started)


@NEEDS_RAY
def test_without_tasks_none_is_opened() -> None:
    import ray

    assert list(Ray().map(work.square, [])) == []
    assert not ray.is_initialized()


@NEEDS_RAY
@pytest.mark.usefixtures("session")
def test_a_session_that_was_open_stays_open() -> None:
    import ray

    results = Ray().map(work.square, range(1000))
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert ray.is_initialized()
    assert sorted(Ray().map(work.square, range(3))) == [(0, 0), (1, 1), (2, 4)]


@NEEDS_RAY
@pytest.mark.usefixtures("session")
def test_a_worker_that_dies_is_told() -> None:
    with pytest.raises(WorkerLost, match="Ray gave a task up"):
        list(Ray().map(work.leave_abruptly, [0]))


@NEEDS_RAY
@pytest.mark.usefixtures("session")
def test_a_job_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    for engine in ("serial", "ray"):
        whole(tmp_path / engine, engine)
    assert content(tmp_path / "ray") == content(tmp_path / "serial")


@NEEDS_RAY
@pytest.mark.usefixtures("session")
def test_a_job_is_gone_on_with_by_another_engine(tmp_path: Path) -> None:
    whole(tmp_path / "whole", "serial")
    open_job(tmp_path / "job", {"inputs": ["a", "b"]}, {"tasks": TASKS})
    job = Job(tmp_path / "job", TASKS, numbers)
    assert run_job(job, Serial(), Share(1, 3)) is None
    assert run_job(job, Ray(), Share(0, 3)) is None
    (tmp_path / "job" / "00001.bin").unlink()
    assert run_job(job, Ray()) == run_job(Job(tmp_path / "whole", TASKS, numbers), Serial())
    assert content(tmp_path / "job") == content(tmp_path / "whole")


@NEEDS_RAY
@pytest.mark.usefixtures("session")
def test_a_job_survives_a_worker_that_is_killed(tmp_path: Path) -> None:
    """Ray does the task again; the job neither notices nor keeps what the first attempt left."""
    whole(tmp_path / "whole", "serial")
    whole(tmp_path / "job", "ray", DyingOnce(str(tmp_path / "mark")))
    assert (tmp_path / "mark").exists()
    assert content(tmp_path / "job") == content(tmp_path / "whole")


@NEEDS_RAY
@pytest.mark.usefixtures("session")
def test_a_chain_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    """Arms and replicates, sampled: none may know where it is run."""
    chain = oc.Chain("gaussian(ddof=1)", "normal", ["replace", "anchor(real=0.2)"], ["variance", "wasserstein"], 20)
    for engine in ("serial", "processes", "ray"):
        chain.run(3, 150, 5, False, engine=engine, out=tmp_path / engine)
    held = {engine: (tmp_path / engine / "history.parquet").read_bytes() for engine in ("serial", "processes", "ray")}
    assert held["serial"] == held["processes"] == held["ray"]


@NEEDS_RAY
@pytest.mark.usefixtures("session")
def test_a_vault_gets_the_same_bytes_from_ray(tmp_path: Path) -> None:
    """The data files, the trees over their rows, and what was kept aside; a commit has a random number besides."""
    lines = [f'{{"text": "Cat {row} sleeps.", "n": {row}}}' for row in range(300)]
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.jsonl").write_text("\n".join([*lines, '{"text": "cut o']) + "\n")
    told = oc.Provenance(oc.Origin.HUMAN, source="diary")
    request = oc.Request(tuple(tmp_path / f"{name}.jsonl" for name in ("a", "b", "c")), told)
    key, found = oc.Key.of_seed(bytes(32)), []
    for number, engine in enumerate(("serial", "processes(workers=2)", "ray")):
        vault = oc.Vault.create(tmp_path / str(number), name="cats", key=key, memory=False)
        receipt = vault.ingest(request, engine=engine, time="2026-01-01T00:00:00Z")
        assert receipt is not None and (receipt.added, receipt.rejected) == (900, {"broken-line": 3})
        found.append((vault.log.last.entry.added, vault.log.last.entry.root, receipt.quarantine))
    assert found[0] == found[1] == found[2]


@NEEDS_RAY
@pytest.mark.usefixtures("session")
def test_a_corpus_gets_the_same_scores_from_ray(tmp_path: Path) -> None:
    """Tables, counts and summary."""
    texts = ["so late, sorry!", "it is vital to note."] * 20
    scorer = build("detector", "ngram_linear(bits=12)").fit(Labelled.of(texts, [0, 1] * 20), oc.Seed(0))
    for name in ("a", "b"):
        lines = [f'{{"text": "{name} {place} {text}", "lang": "en"}}' for place, text in enumerate(texts)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join([*lines, '{"text": "cut o']) + "\n")
    found = []
    for engine in ("serial", "ray"):
        oc.detect.score_corpus(
            scorer, [tmp_path / "a.jsonl", tmp_path / "b.jsonl"], tmp_path / engine, by=["lang"], engine=engine
        )
        found.append(content(tmp_path / engine))
    assert found[0] == found[1]
