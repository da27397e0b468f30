"""Jobs: the same bytes whoever does the work, in whatever order, and however often it is killed; what is done is kept,
what was damaged since is done again, and what is wrong is said.
"""

from __future__ import annotations

import errno
import json
import random
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outcross.core.errors import BadInput, OutcrossError, OutputRefused, WorkerLost
from outcross.core.part import build
from outcross.core.progress import listening
from outcross.corpus.jobs import Job, _Errand, open_job, run_job
from outcross.corpus.share import Share
from outcross.engines.processes import Processes
from outcross.engines.serial import Serial
from tests.corpus.shards import TASKS, DyingOnce, Mortal, Noting, Told, content, numbers, whole

FORKS = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the job's folder holds when it was done in one go, in this process."""
    folder = tmp_path_factory.mktemp("reference") / "job"
    whole(folder, "serial")
    return content(folder)


@pytest.fixture(scope="module")
def mortal() -> Iterator[Mortal]:
    mortal = Mortal()
    yield mortal
    mortal.close()


def job(folder: Path, **settings: Any) -> Job[int]:
    open_job(folder, {"inputs": ["a", "b"]}, {"tasks": TASKS})
    return Job(folder, TASKS, settings.get("work", numbers))


def done(log: Path) -> list[int]:
    return [int(line) for line in log.read_text(encoding="utf-8").split()] if log.exists() else []


def test_the_summaries_come_in_order_with_the_files(tmp_path: Path, reference: dict[str, bytes]) -> None:
    found = run_job(job(tmp_path / "job"), Serial())
    assert found is not None
    assert [one["task"] for one in found] == TASKS
    assert found[3]["sum"] == numbers(3, tmp_path / "other")["sum"]
    assert content(tmp_path / "job") == reference
    assert set(reference) == {"job.json"} | {f"{task:05d}{kind}" for task in TASKS for kind in KINDS}


KINDS = (".bin", ".notes.txt", ".json")


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_number_of_workers_does_not_matter(tmp_path: Path, reference: dict[str, bytes], workers: int) -> None:
    assert run_job(job(tmp_path / "job"), Processes(workers)) == run_job(job(tmp_path / "other"), Serial())
    assert content(tmp_path / "job") == reference


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_the_order_of_the_shares_does_not_matter(
    tmp_path: Path, reference: dict[str, bytes], order: tuple[int, ...]
) -> None:
    found = [run_job(job(tmp_path / "job"), Serial(), Share(index, 3)) for index in order]
    assert found[:2] == [None, None]
    assert found[2] == run_job(job(tmp_path / "job"), Serial())
    assert content(tmp_path / "job") == reference


@pytest.mark.parametrize("same", [False, True], ids=["different shares", "the same share"])
def test_shares_may_run_at_the_same_time(tmp_path: Path, reference: dict[str, bytes], same: bool) -> None:
    """Also where a scheduler starts a share again before its last attempt has ended."""
    found: list[object] = []

    def do(index: int) -> None:
        share = None if same else Share(index, 3)
        found.append(run_job(job(tmp_path / "job"), Serial(), share))

    for _ in range(5):
        threads = [threading.Thread(target=do, args=(index,)) for index in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert content(tmp_path / "job") == reference
        (tmp_path / "job").rename(tmp_path / f"done-{len(found)}")
    whole_ones = [one for one in found if one is not None]
    assert len(found) == 15
    assert len(whole_ones) >= 5, "the last to end sees that all is done"
    assert all(one == whole_ones[0] for one in whole_ones)


@FORKS
def test_killed_at_every_deed(tmp_path: Path, mortal: Mortal) -> None:
    """Each time from the beginning, and gone on with; two tasks, since the others are done as they are."""
    whole(tmp_path / "whole" / "job", "serial", tasks=TASKS[:2])
    for deed in range(1, 1000):
        folder = tmp_path / str(deed) / "job"
        folder.parent.mkdir()
        if mortal(folder, tasks=2, deed=deed) == 0:
            break
        assert mortal(folder, tasks=2) == 0
        assert content(folder.parent) == content(tmp_path / "whole"), deed
    assert deed > 30


@FORKS
def test_killed_again_and_again(tmp_path: Path, reference: dict[str, bytes], mortal: Mortal) -> None:
    """The same job, each time a few deeds further: what is done is kept, so that it comes to an end."""
    folder, kills, chance = tmp_path / "job", 0, random.Random(5)
    while mortal(folder, deed=chance.randint(25, 40)) == -signal.SIGKILL:
        kills += 1
    assert content(tmp_path) == {f"job/{name}": held for name, held in reference.items()}
    assert 2 <= kills < 60


@FORKS
@pytest.mark.parametrize(("engine", "times"), [("serial", 17), ("processes(workers=2)", 3)])
def test_killed_at_random_moments(
    tmp_path: Path, reference: dict[str, bytes], mortal: Mortal, engine: str, times: int
) -> None:
    chance, kills = random.Random(7), 0
    while kills < times:
        folder = tmp_path / str(kills) / "job"
        folder.parent.mkdir()
        while kills < times and mortal(folder, engine, seconds=chance.uniform(0, 0.08)):
            kills += 1
        assert mortal(folder) == 0
        assert content(folder.parent) == {f"job/{name}": held for name, held in reference.items()}


def test_what_is_done_is_not_done_again(tmp_path: Path, reference: dict[str, bytes]) -> None:
    log = tmp_path / "log"
    for fails in (3, -1, -1):
        mine = job(tmp_path / "job", work=Noting(str(log), fails))
        if fails >= 0:
            with pytest.raises(Told, match="no task 3"):
                run_job(mine, Serial())
        else:
            assert run_job(mine, Serial()) is not None
    assert done(log) == [0, 1, 2, 3, 3, 4]
    assert content(tmp_path / "job") == reference


def test_a_task_that_fails_elsewhere_is_told_here(tmp_path: Path) -> None:
    with pytest.raises(Told, match="no task 0"):
        run_job(job(tmp_path / "job", work=Noting(str(tmp_path / "log"), 0)), Processes(2))


def test_a_worker_that_is_killed_is_told_and_the_job_gone_on_with(tmp_path: Path, reference: dict[str, bytes]) -> None:
    mine = job(tmp_path / "job", work=DyingOnce(str(tmp_path / "mark")))
    with pytest.raises(WorkerLost, match="killed"):
        run_job(mine, Processes(2))
    assert run_job(mine, Processes(2)) is not None
    assert content(tmp_path / "job") == reference


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    """One bit that leaves it JSON of the same shape: in a digit of a number, or the case of an escape."""
    held = bytearray(path.read_bytes())
    place = held.index(b'"task": ') + len(b'"task": ')
    held[place] ^= 1
    path.write_bytes(held)


def other_case(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\\u00e9", b"\\u00E9"))


def other_shape(path: Path) -> None:
    path.write_text("[1, 2]", encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("00002.json", cut),
        ("00002.json", flip),
        ("00002.json", other_case),
        ("00002.json", other_shape),
        ("00002.json", Path.unlink),
        ("00002.bin", cut),
        ("00002.notes.txt", Path.unlink),
    ],
)
def test_what_was_damaged_is_done_again(tmp_path: Path, reference: dict[str, bytes], name: str, damage: Any) -> None:
    log = tmp_path / "log"
    mine = job(tmp_path / "job", work=Noting(str(log)))
    before = run_job(mine, Serial())
    log.unlink()
    damage(mine.folder / name)
    assert content(mine.folder) != reference
    assert run_job(mine, Serial()) == before
    assert done(log) == [2]
    assert content(mine.folder) == reference


def test_what_another_has_done_meanwhile_will_do(tmp_path: Path) -> None:
    """A late worker, whose folder was cleaned away when another had done its task, does not fail."""
    mine = job(tmp_path / "job")

    def late(task: int, stem: Path) -> dict[str, Any]:
        assert run_job(mine, Serial()) is not None
        return numbers(task, stem)

    assert _Errand(mine.folder, late)((0, 0)) == (mine.folder / "00000.json").read_bytes()
    assert not [name for name in content(tmp_path) if "attempts" in name]


def misnamed(task: int, stem: Path) -> dict[str, Any]:
    stem.with_name(f"{stem.name}1.bin").write_bytes(b"the name of another task")
    return {}


def in_place_of_the_summary(task: int, stem: Path) -> dict[str, Any]:
    stem.with_suffix(".json").write_bytes(b"{}")
    return {}


def in_a_folder(task: int, stem: Path) -> dict[str, Any]:
    stem.with_suffix(".d").mkdir()
    return {}


@pytest.mark.parametrize("work", [misnamed, in_place_of_the_summary, in_a_folder])
def test_a_file_has_the_name_of_its_task(tmp_path: Path, work: Any) -> None:
    with pytest.raises(BadInput, match=r"the work wrote '0000.*', which is no name for a file of task 00000"):
        run_job(job(tmp_path / "job", work=work), Serial())
    assert list(content(tmp_path)) == ["job/job.json"]


def test_a_summary_says_what_json_can_say(tmp_path: Path) -> None:
    for wrong in ({"x": float("nan")}, {"x": object()}):
        with pytest.raises((ValueError, TypeError), match="JSON"):
            run_job(job(tmp_path / "job", work=lambda task, stem, wrong=wrong: wrong), Serial())
    assert list(content(tmp_path)) == ["job/job.json"]


def test_files_that_a_worker_left_on_another_disk_are_missed(tmp_path: Path) -> None:
    mine = job(tmp_path / "job")

    class Elsewhere:
        """An engine whose workers have a disk of their own."""

        def map(self, work: Any, tasks: Any) -> Any:
            yield from enumerate(map(work, tasks))

    def remote() -> Iterator[Any]:
        for place, result in Serial().map(_Errand(mine.folder, numbers), list(enumerate(TASKS))):
            (mine.folder / f"{place:05d}.bin").unlink()
            yield place, result

    Elsewhere.map = lambda self, work, tasks: remote()  # type: ignore[method-assign]
    with pytest.raises(
        OutputRefused, match=r"task 0 is done, but its files are not in .* a disk that all workers share"
    ):
        run_job(mine, Elsewhere())  # type: ignore[arg-type]


def test_a_job_without_its_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputRefused, match="cannot write"):
        run_job(Job(tmp_path / "nowhere", TASKS, numbers), Serial())
    assert not content(tmp_path)


def test_a_full_disk_is_said_and_the_job_gone_on_with(tmp_path: Path, reference: dict[str, bytes]) -> None:
    def no_room(task: int, stem: Path) -> dict[str, Any]:
        stem.with_suffix(".bin").write_bytes(b"half")
        if task == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return numbers(task, stem)

    with pytest.raises(OutputRefused, match=r"cannot write .*: No space left on device"):
        run_job(job(tmp_path / "job", work=no_room), Serial())
    assert run_job(job(tmp_path / "job"), Serial()) is not None
    assert content(tmp_path / "job") == reference


def test_what_the_work_cannot_read_is_not_what_cannot_be_written(tmp_path: Path) -> None:
    def no_input(task: int, stem: Path) -> dict[str, Any]:
        return {"text": (tmp_path / "nothing").read_text(encoding="utf-8")}

    with pytest.raises(FileNotFoundError) as caught:
        run_job(job(tmp_path / "job", work=no_input), Serial())
    assert not isinstance(caught.value, OutcrossError)


def test_without_tasks_all_is_done(tmp_path: Path) -> None:
    open_job(tmp_path / "job", {})
    assert run_job(Job(tmp_path / "job", [], numbers), Serial()) == []


def test_a_relative_folder_is_the_same_for_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_job(job(Path("job")), build("engine", "processes(workers=1)")) is not None
    assert (tmp_path / "job" / "00000.bin").exists()


def test_it_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    run_job(job(tmp_path / "job"), Serial(), Share(0, 2))
    with listening(lambda *news: told.append(news)):
        run_job(job(tmp_path / "job"), Serial())
    assert told == [("work", number, 5) for number in (3, 4, 5)]


def test_who_opens_a_job_first_decides(tmp_path: Path) -> None:
    found: list[Any] = []

    def first(number: int) -> None:
        found.append(open_job(tmp_path / "job", {"inputs": [1]}, {"time": number}))

    threads = [threading.Thread(target=first, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(one == found[0] for one in found)
    assert [path.name for path in tmp_path.iterdir()] == ["job"]


def test_the_inputs_of_a_job_do_not_change(tmp_path: Path) -> None:
    open_job(tmp_path / "job", {"inputs": ["a"], "digest": "x"}, {"time": 1})
    assert open_job(tmp_path / "job", {"inputs": ("a",), "digest": "x"})["time"] == 1
    with pytest.raises(BadInput, match='begun with other digest: "x", not "y"'):
        open_job(tmp_path / "job", {"inputs": ["a"], "digest": "y"})
    with pytest.raises(BadInput, match="begun with other option: null, not 1"):
        open_job(tmp_path / "job", {"option": 1})
    with pytest.raises(BadInput) as caught:
        open_job(tmp_path / "job", {"inputs": ["b"] * 1000})
    assert len(str(caught.value)) < 500


def test_what_is_no_job_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").touch()
    for name in ("folder", "folder/file"):
        with pytest.raises(BadInput, match="holds no job"):
            open_job(tmp_path / name, {})
    assert sorted(content(tmp_path)) == ["folder/file"]


@pytest.mark.parametrize("damage", [cut, other_shape, lambda path: path.write_bytes(b"\xff")])
def test_a_damaged_description_is_told(tmp_path: Path, damage: Any) -> None:
    open_job(tmp_path / "job", {"time": 1})
    damage(tmp_path / "job" / "job.json")
    with pytest.raises(BadInput, match=r"job\.json' is damaged; remove the folder to begin again"):
        open_job(tmp_path / "job", {"time": 1})


def test_where_it_cannot_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutcrossError, match=r"cannot write|holds no job"):
        open_job(tmp_path / "file" / "job", {})


def test_a_summary_can_be_read_by_others(tmp_path: Path) -> None:
    run_job(job(tmp_path / "job"), Serial())
    found = json.loads((tmp_path / "job" / "00003.json").read_text(encoding="utf-8"))
    assert {name: size for name, (size, _) in found["files"].items()} == {"00003.bin": 30_000, "00003.notes.txt": 7}
    assert found["summary"]["word"] == "é\ud800"
    assert set(found) == {"files", "summary", "sha256"}
