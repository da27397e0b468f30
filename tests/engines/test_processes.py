"""Worker processes: how many, how they start and end, and what is said when one is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from outcross.core.errors import BadInput, BadSetting, OutcrossError, WorkerLost
from outcross.engines.processes import Processes, _why_lost
from tests.engines import work

ROOT = Path(__file__).resolve().parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the fork server and /proc")


def pids(log: Path) -> set[int]:
    return {int(line) for line in log.read_text(encoding="utf-8").split()} if log.exists() else set()


def gone(which: set[int], seconds: float = 10) -> bool:
    """Whether all processes end in time."""
    deadline = time.monotonic() + seconds
    while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in which):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def until(what: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def script(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "script.py"
    path.write_text(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{text}", encoding="utf-8")
    return [sys.executable, str(path)]


def test_there_are_as_many_workers_as_asked_for() -> None:
    found = {pid for _, pid in Processes(workers=2).map(work.who, range(20))}
    assert len(found) == 2
    assert os.getpid() not in found


def test_there_are_no_more_workers_than_tasks() -> None:
    assert len({pid for _, pid in Processes(workers=8).map(work.who, [0])}) == 1


def test_the_work_is_loaded_once_by_each_worker(tmp_path: Path) -> None:
    log = tmp_path / "loads"
    assert len(list(Processes(workers=2).map(work.Offset(1, str(log)), range(40)))) == 40
    loads = log.read_text(encoding="utf-8").split()
    assert len(loads) == len(set(loads)) <= 2


def test_linear_algebra_has_one_thread(tmp_path: Path) -> None:
    text = (
        "from outcross.engines.processes import Processes\n"
        "from tests.engines.work import algebra_threads\n"
        "print(algebra_threads(0), dict(Processes(workers=1).map(algebra_threads, [0]))[0])\n"
    )
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}
    done = subprocess.run(
        script(tmp_path, text), capture_output=True, text=True, timeout=60, check=True, env=environment
    )
    here, there = done.stdout.split()
    if here != "2":
        pytest.skip(f"linear algebra has {here} threads in this process: nothing to take away")
    assert there == "1"


@LINUX
def test_this_process_is_not_forked() -> None:
    assert dict(Processes(workers=1).map(work.start_method, [0])) == {0: "ForkServerProcess"}


def test_workers_are_gone_when_all_is_done() -> None:
    assert gone({pid for _, pid in Processes(workers=2).map(work.who, range(4))})


def test_workers_are_gone_when_it_is_closed_early(tmp_path: Path) -> None:
    log = tmp_path / "pids"
    results = Processes(workers=2).map(work.Dawdle(str(log)), range(100))
    assert next(results) == (0, 0)
    until(lambda: len(pids(log)) == 2)
    start = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - start < 5, "it waited for work that nobody wants"
    assert gone(pids(log))


def test_workers_are_gone_after_an_exception(tmp_path: Path) -> None:
    log = tmp_path / "pids"
    with pytest.raises(work.Told):
        list(Processes(workers=2).map(work.Fail(str(log)), range(100)))
    assert pids(log)
    assert gone(pids(log))


def test_an_exception_says_where_it_came_from() -> None:
    with pytest.raises(work.Told) as caught:
        list(Processes(workers=1).map(work.fail_at_three, [3]))
    (note,) = caught.value.__notes__
    assert "in a worker process" in note
    assert "fail_at_three" in note


def test_an_exception_that_cannot_be_sent_is_told() -> None:
    with pytest.raises(OutcrossError) as caught:
        list(Processes(workers=1).map(work.fail_unpicklably, [0]))
    assert str(caught.value) == "TwoReasonsError: this and that"


def test_a_result_that_cannot_be_sent_is_an_exception() -> None:
    with pytest.raises(Exception, match="pickle"):
        list(Processes(workers=1).map(work.give_a_lambda, [0]))


def test_work_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(BadInput, match="the work cannot be sent to another process"):
        list(Processes(workers=1).map(lambda task: task, [0]))


def test_a_task_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(BadInput, match="a task cannot be sent to another process"):
        list(Processes(workers=1).map(repr, [lambda: 0]))


def test_a_killed_worker_is_one_clear_error() -> None:
    with pytest.raises(WorkerLost, match="killed, most often for lack of memory; try fewer: processes"):
        list(Processes(workers=2).map(work.die_at_three, range(100)))


def test_a_worker_that_leaves_is_one_clear_error() -> None:
    with pytest.raises(WorkerLost, match="exit code 5"):
        list(Processes(workers=1).map(work.leave_abruptly, [0]))


def test_large_tasks_do_not_stand_in_the_way_of_an_end() -> None:
    with pytest.raises(WorkerLost):
        list(Processes(workers=2).map(work.leave_abruptly, [bytes(5_000_000)] * 8))  # type: ignore[list-item]


def test_the_message_names_the_exit_codes() -> None:
    assert "killed" in _why_lost([-9, -15])
    assert "(exit code 1)" in _why_lost([1, -15, None])
    assert "(exit code unknown)" in _why_lost([None])


def test_a_script_need_not_be_guarded(tmp_path: Path) -> None:
    text = (
        "print('started')\n"
        "from outcross.engines.processes import Processes\n"
        "print(sorted(Processes(workers=2).map(abs, [-1, -2, -3])), __file__ == sys.argv[0])\n"
        "print(sorted(Processes(workers=2).map(len, ['__main__', ('__main__', '__main__')])))\n"  # only a word
    )
    done = subprocess.run(script(tmp_path, text), capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == ["started", "[(0, 1), (1, 2), (2, 3)] True", "[(0, 8), (1, 2)]"]
    assert not done.stderr


def test_a_guarded_script_may_define_the_work_or_the_tasks_itself(tmp_path: Path) -> None:
    text = (
        "from outcross.engines.processes import Processes\n"
        "from dataclasses import dataclass\n"
        "def double(task): return 2 * task\n"
        "@dataclass\n"
        "class Task:\n"
        "    size: int\n"
        "    def __len__(self): return self.size\n"
        "if __name__ == '__main__':\n"
        "    print(sorted(Processes(workers=2).map(double, [1, 2])))\n"
        "    print(sorted(Processes(workers=2).map(len, [Task(3), Task(4)])))\n"
    )
    done = subprocess.run(script(tmp_path, text), capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == ["[(0, 2), (1, 4)]", "[(0, 3), (1, 4)]"]


def test_an_unguarded_script_that_defines_the_work_itself_is_told(tmp_path: Path) -> None:
    text = (
        "from outcross.engines.processes import Processes\n"
        "def double(task): return 2 * task\n"
        "print(sorted(Processes(workers=2).map(double, [1, 2])))\n"
    )
    done = subprocess.run(script(tmp_path, text), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "must run them under if __name__ == '__main__':" in done.stderr.splitlines()[-1]


DAWDLING = (
    "from outcross.engines.processes import Processes\n"
    "from tests.engines.work import Dawdle\n"
    "list(Processes(workers=2).map(Dawdle(sys.argv[1]), range(2)))\n"
)
"""One worker has nothing to do, the other has too much."""


def descendants(parent: subprocess.Popen[str], log: Path) -> set[int]:
    """The processes that a dawdling script has started, once they are at work."""
    until(lambda: log.exists() and len(log.read_text(encoding="utf-8").split()) == 2)
    time.sleep(0.3)  # the idle worker may have come later
    found = {child.pid for child in psutil.Process(parent.pid).children(recursive=True)}
    assert len(found) >= 2
    return found


@LINUX
def test_an_interrupt_ends_the_workers_and_is_not_swallowed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [*script(tmp_path, DAWDLING), str(log)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as parent:
        left = descendants(parent, log)
        for pid in left:
            os.kill(pid, signal.SIGINT)
        time.sleep(0.3)
        assert all(map(psutil.pid_exists, left)), "an interrupt is for the parent"
        os.killpg(parent.pid, signal.SIGINT)  # as a terminal does: to every process of the group
        _, said = parent.communicate(timeout=30)
    assert said.splitlines()[-1] == "KeyboardInterrupt"
    assert said.count("Traceback") == 1, "workers have nothing to say"
    assert gone(left)


@LINUX
def test_workers_do_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [*script(tmp_path, DAWDLING), str(log)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, text=True) as parent:
        left = descendants(parent, log)
        parent.kill()
    assert gone(left)


@pytest.mark.parametrize("workers", [0, -1])
def test_there_is_at_least_one_worker(workers: int) -> None:
    with pytest.raises(BadSetting, match="workers must be >= 1"):
        Processes(workers=workers)
