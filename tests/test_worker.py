"""Workers: deadlines that hold, memory that is limited, deaths that are noticed, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import pytest

from symgraph import worker
from symgraph.errors import InputError, LimitExceeded
from symgraph.limits import Limits
from symgraph.worker import TASKS, TaskFailed, Worker, WorkerLost, WorkerPool, run

ROOT = Path(__file__).parent.parent
unix = pytest.mark.skipif(os.name != "posix", reason="needs Unix")


@pytest.fixture
def one() -> Iterator[Worker]:
    with Worker(Limits(seconds=20)) as found:
        yield found


def alive(pid: int) -> bool:
    """A process of that number runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def gone(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


# One worker


def test_a_task_gives_its_result_and_the_process_stays(one: Worker) -> None:
    assert one.pid is None
    assert one.run("echo", {"value": {"a": [1, "ü", None]}}) == {"a": [1, "ü", None]}
    first = one.pid
    assert one.run("echo", {"value": 2}) == 2
    assert one.pid == first is not None


def test_every_task_of_the_table_exists_and_no_other_is_run(one: Worker) -> None:
    for task in TASKS:
        assert callable(worker._load(task))
    with pytest.raises(ValueError, match=r"no task called 'os\.system'"):
        one.run("os.system", {"command": "true"})
    with pytest.raises(KeyError):
        run("__import__")


@pytest.mark.parametrize(("kind", "amount"), [("sleep", 60), ("compute", 32)])
def test_a_deadline_holds_also_inside_one_call_of_c_code(one: Worker, kind: str, amount: int) -> None:
    one.run("echo", {"value": 0})
    first, began = one.pid, time.monotonic()
    with pytest.raises(LimitExceeded, match=r"the limit is 0\.3 \(limits\.seconds\): problem 7"):
        one.run("drill", {"kind": kind, "amount": amount}, seconds=0.3, label="problem 7")
    assert time.monotonic() - began < 5
    assert first is not None and gone(first)
    assert one.run("echo", {"value": "again"}) == "again"
    assert one.pid != first


@unix
def test_memory_is_limited_and_the_job_named(one: Worker) -> None:
    one.limits = Limits(seconds=20, memory=1 << 30)
    with pytest.raises(LimitExceeded, match=r"limits\.memory\): the big one"):
        one.run("drill", {"kind": "fill", "amount": 4_000}, label="the big one")
    assert one.run("echo", {"value": 1}) == 1


def test_a_process_that_dies_during_a_job_is_noticed_and_the_job_named(one: Worker) -> None:
    with pytest.raises(WorkerLost, match="that ran problem 3 ended with exit code 7"):
        one.run("drill", {"kind": "die", "amount": 7}, label="problem 3")
    assert one.run("echo", {"value": 1}) == 1


@unix
def test_a_process_that_died_before_the_job_is_replaced(one: Worker) -> None:
    one.run("echo", {"value": 0})
    assert one.pid is not None
    os.kill(one.pid, signal.SIGKILL)
    assert one.run("echo", {"value": "still"}) == "still"


def test_a_process_that_never_begins_is_tried_twice(one: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    def broken(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        opened.append(command)
        return subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    monkeypatch.setattr(worker, "_open", broken)
    with pytest.raises(WorkerLost, match="before it could begin echo, twice"):
        one.run("echo", {"value": 1})
    assert len(opened) == 2


def test_our_errors_come_back_as_they_are_and_others_by_name(one: Worker) -> None:
    with pytest.raises(TaskFailed, match="echo: TypeError"):
        one.run("echo", {"wrong": 1})
    with pytest.raises(InputError, match="not an expression"):
        one.run("zero", {"expression": "nonsense"}, label="problem 9")


def test_the_process_is_renewed_after_many_jobs(one: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_JOBS_PER_PROCESS", 3)
    pids = []
    for number in range(6):
        one.run("echo", {"value": number})
        pids.append(one.pid)
    assert pids[0] == pids[1] is not None and pids[2] is None and pids[3] == pids[4] != pids[0]


def test_a_file_in_the_folder_is_not_imported_in_place_of_a_module(tmp_path: Path, one: Worker) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')")
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        assert one.run("echo", {"value": 5}) == 5
    finally:
        os.chdir(before)


def test_a_stopped_worker_starts_no_other(one: Worker) -> None:
    caught: list[BaseException] = []

    def wait() -> None:
        try:
            one.run("drill", {"kind": "sleep", "amount": 60}, label="the sleeper")
        except BaseException as problem:
            caught.append(problem)

    thread = threading.Thread(target=wait)
    thread.start()
    while one.pid is None:
        time.sleep(0.01)
    time.sleep(0.3)
    one.stop()
    thread.join(20)
    assert [type(problem) for problem in caught] == [WorkerLost]
    assert "the sleeper" in str(caught[0])
    assert one.pid is None


# Many


def test_a_pool_loses_only_the_job_that_died() -> None:
    with WorkerPool(2, Limits(seconds=20)) as pool:
        futures = [pool.submit(run, "echo", {"value": number}) for number in range(6)]
        futures.insert(3, pool.submit(run, "drill", {"kind": "die", "amount": 1}, label="the bad one"))
        futures.insert(5, pool.submit(run, "drill", {"kind": "sleep", "amount": 60}, seconds=0.5, label="the slow one"))
        found = [future.exception() or future.result() for future in futures]
    assert [value for value in found if isinstance(value, int)] == [0, 1, 2, 3, 4, 5]
    assert "the bad one" in str(found[3]) and isinstance(found[3], WorkerLost)
    assert "the slow one" in str(found[5]) and isinstance(found[5], LimitExceeded)


def test_a_pool_runs_tasks_and_nothing_else() -> None:
    with WorkerPool(1) as pool:
        with pytest.raises(TypeError, match=r"runs symgraph\.worker\.run only"):
            pool.submit(print, "x")
        with pytest.raises(ValueError, match="no task"):
            pool.submit(run, "nothing")
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(run, "echo", {"value": 1})


def test_any_other_executor_can_take_its_place() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(run, "echo", {"value": 4}).result() == 4


def test_queued_jobs_are_cancelled_and_running_ones_killed_when_the_block_fails() -> None:
    with pytest.raises(KeyboardInterrupt), WorkerPool(1, Limits(seconds=60)) as pool:
        first = pool.submit(run, "drill", {"kind": "sleep", "amount": 60})
        second = pool.submit(run, "echo", {"value": 1})
        while not first.running():
            time.sleep(0.01)
        raise KeyboardInterrupt
    assert isinstance(first.exception(timeout=20), WorkerLost)
    with pytest.raises(CancelledError):
        second.result(timeout=20)


# Scripts

SCRIPT = """
import sys, time
from symgraph.worker import WorkerPool, Worker, run
with WorkerPool(1) as pool:
    pool.submit(run, "echo", {"value": 1}).result()
    print(pool._workers[0].pid, flush=True)
    pool.submit(run, "drill", {"kind": "%s", "amount": %d}, seconds=100).result()
"""


def start(kind: str = "sleep", amount: int = 60) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT % (kind, amount)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    return process, int(process.stdout.readline())


@unix
def test_ctrl_c_leaves_no_orphan() -> None:
    process, pid = start()
    time.sleep(0.3)
    assert alive(pid)
    os.killpg(process.pid, signal.SIGINT)
    _, complaint = process.communicate(timeout=20)
    assert "KeyboardInterrupt" in complaint
    assert gone(pid)


@unix
@pytest.mark.parametrize(("kind", "amount"), [("sleep", 60), ("compute", 32)])
def test_a_parent_that_is_killed_leaves_no_orphan(kind: str, amount: int) -> None:
    if kind == "compute" and sys.platform != "linux":
        pytest.skip("inside one call of C code only Linux ends the worker at once")
    process, pid = start(kind, amount)
    time.sleep(0.3)
    process.kill()
    process.communicate()
    assert gone(pid)


def test_a_script_needs_no_main_guard(tmp_path: Path) -> None:
    script = tmp_path / "lesson.py"
    script.write_text(
        textwrap.dedent(
            """
            from symgraph.worker import WorkerPool, run
            print("once")
            with WorkerPool(2) as pool:
                print(sorted(f.result() for f in [pool.submit(run, "echo", {"value": n}) for n in range(4)]))
            """
        )
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True, text=True, timeout=60, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("once\n[0, 1, 2, 3]\n", "")
