"""One task in a process that can be killed; many of them over a `concurrent.futures.Executor`.

A task is a name from the closed table `TASKS`, its arguments and its result are JSON. Nothing is pickled, and no text
is ever looked up as code. The process is started as `python -m symgraph.worker` and spoken to in JSON lines over pipes:
a script that starts it needs no `if __name__ == "__main__"`.

    parent                                            worker
    {"task": "echo", "arguments": {…}, …}      →
                                               ←      {"started": true}
                                               ←      {"result": …}   or   {"error": […]}

Why a process: in-process time limits do not hold (a signal stops neither a long C call nor a big power), a process
killed does. What holds where: the deadline and the kill everywhere; the memory limit and the limit on processor time
where the system has `resource` (Unix). Ctrl-C reaches the parent only; the workers end with it, whatever ends it.

>>> with Worker() as worker:
...     worker.run("echo", {"value": [1, 2]})
[1, 2]
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Any

from symgraph import errors, process
from symgraph.errors import LimitExceeded, MissingPart, SymgraphError
from symgraph.limits import DEFAULT, Limits

__all__ = ["TASKS", "TaskFailed", "Worker", "WorkerLost", "WorkerPool", "available", "run", "run_apart", "shared"]

# Every task there is: name -> module of this package and function in it.
TASKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "echo": ("worker", "echo"),
        "drill": ("worker", "drill"),
        "zero": ("calculus.heavy", "is_zero"),
        "form": ("calculus.heavy", "form"),
        "level": ("calculus.solving", "level"),
        "item": ("homework.items", "work_out"),
        "marks": ("homework.grading", "mark_answers"),
        "export": ("homework.exports", "facts_of"),
    }
)

_JOBS_PER_PROCESS = 200  # SymPy's caches grow: a fresh process after so many
_STARTING_SECONDS = 60.0
_LINE = 64 * 1024 * 1024  # bytes of one answer


class TaskFailed(SymgraphError):
    """A task raised something that is not one of our own errors; the message says what."""


class WorkerLost(SymgraphError):
    """The process died while it ran a job; the message names the job."""


def available() -> bool:
    """Whether a process can be started here (not in a browser, not in a frozen program without an interpreter)."""
    return sys.platform not in ("emscripten", "wasi") and bool(sys.executable) and not getattr(sys, "frozen", False)


def run(task: str, arguments: Mapping[str, Any] | None = None) -> Any:
    """Do a task of the table in this process; what is submitted to any Executor.

    >>> run("echo", {"value": 3})
    3
    """
    return _load(task)(**(arguments or {}))


def _load(task: str) -> Callable[..., Any]:
    module, function = TASKS[task]
    found: Callable[..., Any] = getattr(importlib.import_module(f"symgraph.{module}"), function)
    return found


@dataclass(slots=True)
class _Job:
    task: str
    arguments: Mapping[str, Any]
    seconds: float
    label: str
    future: Future[Any] = field(default_factory=Future)


class _DiedEarly(Exception):
    """The process ended before it took the job."""


# -- one worker ---------------------------------------------------------------------------------------------------


class Worker:
    """One process that does one task at a time, and is killed and replaced when a task takes too long.

    Args:
        limits: `seconds` for one task (unless `run` says otherwise) and `memory` of the process.

    The process starts with the first task. Use it in a `with` block, or `close` it.
    """

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._jobs = 0
        self._lock = threading.Lock()
        self._stopped = False
        _ALL.add(self)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The number of the process, if there is one."""
        return None if self._process is None else self._process.pid

    def run(
        self, task: str, arguments: Mapping[str, Any] | None = None, *, seconds: float | None = None, label: str = ""
    ) -> Any:
        """Do a task and return its result.

        Args:
            task: a name of `TASKS`.
            arguments: JSON values by name.
            seconds: the deadline (None: the limits' own).
            label: what to call the job in an error (a problem's id).

        Raises:
            LimitExceeded: the deadline has passed (the process is killed), or the memory is used up.
            WorkerLost: the process died during the task.
            TaskFailed: the task raised an error that is not one of ours (ours come back as they are).
            MissingPart: no process can be started here.
        """
        if task not in TASKS:
            raise ValueError(f"there is no task called {task!r}")
        job = _Job(task, arguments or {}, self.limits.seconds if seconds is None else seconds, label or task)
        with self._lock:
            try:
                return self._attempt(job)
            except _DiedEarly:
                pass
            try:
                return self._attempt(job)
            except _DiedEarly:
                raise WorkerLost(f"a worker process died before it could begin {job.label}, twice") from None

    def stop(self) -> None:
        """End the process, whatever it does, and start no other."""
        self._stopped = True
        self.close()

    def close(self) -> None:
        """End the process; the next task starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        _kill(process)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _attempt(self, job: _Job) -> Any:
        process = self._process
        if process is None or process.poll() is not None:
            process = self._start(job)
        try:
            self._send(process, job)
            self._wait_for("started", process, job, _STARTING_SECONDS)
            answer = self._wait_for("result", process, job, job.seconds)
        except BaseException:  # Ctrl-C too: what was asked for is no longer wanted
            self.close()
            raise
        self._jobs += 1
        if self._jobs >= _JOBS_PER_PROCESS or "memory" in answer:
            self.close()
        if "error" in answer:
            raise _error(answer["error"], job, self.limits)
        return answer["result"]

    def _start(self, job: _Job) -> subprocess.Popen[bytes]:
        self.close()
        if self._stopped:
            raise WorkerLost(f"the worker was stopped before {job.label} was done")
        if not available():
            raise MissingPart("no process can be started here")
        package = Path(__file__).resolve().parent.parent
        paths = [str(package), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"}
        # -P: a file of the user's called random.py must not be imported in place of Python's own.
        command = [sys.executable, "-P", "-m", "symgraph.worker"]
        try:
            process = _STARTER.submit(_open, command, environment).result()
        except (OSError, RuntimeError) as problem:
            raise MissingPart(f"a worker process cannot be started: {problem}") from None
        self._process, self._answers, self._jobs = process, queue.SimpleQueue(), 0
        if self._stopped:  # while the process was starting
            self.close()
            raise WorkerLost(f"the worker was stopped before {job.label} was done")
        assert process.stdout is not None
        threading.Thread(target=_listen, args=(process.stdout, self._answers), daemon=True).start()
        return process

    def _send(self, process: subprocess.Popen[bytes], job: _Job) -> None:
        assert process.stdin is not None
        message = {
            "task": job.task,
            "arguments": job.arguments,
            "seconds": job.seconds,
            "memory": self.limits.memory,
        }
        try:
            process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdin.flush()
        except (OSError, ValueError) as problem:  # ValueError: the pipe was closed by `stop`
            if isinstance(problem, ValueError) and not process.stdin.closed:
                raise
            raise _DiedEarly from None

    def _wait_for(self, what: str, process: subprocess.Popen[bytes], job: _Job, seconds: float) -> dict[str, Any]:
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise LimitExceeded("seconds", seconds, f"more than {seconds:g}", job.label) from None
        if answer is None:
            if what == "started":
                raise _DiedEarly
            raise WorkerLost(f"the worker process that ran {job.label} ended{_how(process)}")
        return answer


_OWN_SESSION: dict[str, Any] = (
    {"start_new_session": True}
    if os.name == "posix"
    else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
)
_ALL: weakref.WeakSet[Worker] = weakref.WeakSet()
# Linux kills a worker when the thread that started it ends: so one thread, which never does, starts them all.
_STARTER = ThreadPoolExecutor(1, thread_name_prefix="symgraph starts workers")


def _open(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        **_OWN_SESSION,
    )


def _how(process: subprocess.Popen[bytes]) -> str:
    """How a process ended, for an error."""
    try:
        code = process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return ""
    return f" by signal {-code}" if code < 0 else f" with exit code {code}"


def _listen(pipe: IO[bytes], answers: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    """Pass on a worker's lines until it ends; None says that it has."""
    try:
        for line in iter(lambda: pipe.readline(_LINE), b""):
            answers.put(json.loads(line))
    except (OSError, ValueError):
        pass
    answers.put(None)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process that this module started, with all that it started, and wait for its end."""
    with contextlib.suppress(OSError):
        if process.poll() is not None:
            return  # its number may be another's by now
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)  # its own session: its number is its group's
        else:
            process.kill()
    process.wait()


@atexit.register
def _close_all() -> None:
    for worker in list(_ALL):
        worker.close()


def _error(parts: list[Any], job: _Job, limits: Limits) -> Exception:
    """The exception that a worker described."""
    name, values = parts
    if name == "MemoryError":
        return LimitExceeded("memory", limits.memory, "more", job.label)
    kind = getattr(errors, name, None) if name in errors.__all__ else None
    if kind is None:
        return TaskFailed(f"{job.label}: {name}: {values[0]}")
    error: Exception = kind(*values)
    return error


_SHARED: list[Worker] = []
_SHARED_LOCK = threading.Lock()


def shared() -> Worker | None:
    """The one worker that everything in this process may use in turn; None where there can be none."""
    if not available():
        return None
    with _SHARED_LOCK:
        if not _SHARED:
            _SHARED.append(Worker())
        return _SHARED[0]


_MINE = threading.local()


def run_apart(task: str, arguments: Mapping[str, Any] | None = None, *, seconds: float, label: str = "") -> Any:
    """Do a task with a worker of this thread's own: what is submitted to an Executor on other machines.

    >>> run_apart("echo", {"value": 3}, seconds=60)
    3
    """
    if not available():
        return run(task, arguments)
    if not hasattr(_MINE, "worker"):
        _MINE.worker = Worker()
    return _MINE.worker.run(task, arguments, seconds=seconds, label=label)


# -- many workers -------------------------------------------------------------------------------------------------


class WorkerPool(Executor):
    """Several workers behind the interface of `concurrent.futures`.

    Args:
        workers: how many processes (None: as many as there are processors).
        limits: of every job.

    Submit `run` with a task's name and arguments, as to any other Executor. A job that runs too long or kills its
    worker fails alone; the others never notice.

    >>> with WorkerPool(1) as pool:
    ...     pool.submit(run, "echo", {"value": "done"}).result()
    'done'
    """

    def __init__(self, workers: int | None = None, limits: Limits = DEFAULT) -> None:
        self.limits = limits
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._workers = [Worker(limits) for _ in range(max(1, workers or os.cpu_count() or 1))]
        self._threads: list[threading.Thread] = []
        self._open = True

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue a job: `submit(run, task, arguments)`; keywords `seconds` and `label` as in `Worker.run`."""
        if fn is not run:
            raise TypeError("a worker pool runs symgraph.worker.run only: submit(run, task, arguments)")
        if not self._open:
            raise RuntimeError("the pool is shut down")
        task, arguments = args[0], args[1] if len(args) > 1 else {}
        if task not in TASKS:
            raise ValueError(f"there is no task called {task!r}")
        job = _Job(task, arguments, kwargs.get("seconds") or self.limits.seconds, kwargs.get("label") or task)
        self._jobs.put(job)
        if len(self._threads) < len(self._workers):
            worker = self._workers[len(self._threads)]
            thread = threading.Thread(target=self._serve, args=(worker,), daemon=True)
            self._threads.append(thread)
            thread.start()
        return job.future

    def _serve(self, worker: Worker) -> None:
        while (job := self._jobs.get()) is not None:
            if not job.future.set_running_or_notify_cancel():
                continue
            try:
                result = worker.run(job.task, job.arguments, seconds=job.seconds, label=job.label)
            except BaseException as problem:  # it belongs to the one who waits for this job
                job.future.set_exception(problem)
            else:
                job.future.set_result(result)
        self._jobs.put(None)  # for the next thread
        worker.close()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs; finish those that are queued, or cancel them; end the processes."""
        self._open = False
        if cancel_futures:
            with contextlib.suppress(queue.Empty):
                while True:
                    job = self._jobs.get_nowait()
                    if job is not None:
                        job.future.cancel()
        self._jobs.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def kill(self) -> None:
        """End all processes now, whatever they are doing."""
        for worker in self._workers:
            worker.stop()

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:  # Ctrl-C among others: what is running is not waited for
            self.shutdown(wait=False, cancel_futures=True)
            self.kill()
        else:
            self.shutdown(wait=True)


# -- inside the process -------------------------------------------------------------------------------------------


def echo(value: Any) -> Any:
    """The value as it came: is the worker alive?"""
    return value


def drill(kind: str, amount: int) -> str:
    """Misbehave: sleep so many seconds, fill so many megabytes, compute without end, die with a code.

    For the tests of deadlines and limits, here and in every room that hands work to workers.
    """
    if kind == "sleep":
        time.sleep(amount)
    elif kind == "fill":
        bytearray(amount << 20)
    elif kind == "compute":
        pow(3, 1 << amount)  # one long call of C code, which no signal handler of Python's interrupts
    elif kind == "die":
        os._exit(amount)
    return kind


def main() -> None:
    """Read jobs from standard input until it ends."""
    process.prepare()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent()
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a print of some library must not look like an answer
    jobs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, jobs), daemon=True).start()
    while True:
        job = json.loads(jobs.get())
        _load(job["task"])
        _say(sink, b'{"started": true}')
        _limit(job["seconds"], job["memory"])
        _say(sink, _answer(job))


def _read(source: IO[bytes], jobs: queue.SimpleQueue[bytes]) -> None:
    """Pass on the jobs; at the end of the input the parent is gone, and so is this process, whatever it does."""
    for line in source:
        jobs.put(line)
    os._exit(0)


_NO_MEMORY = b'{"error": ["MemoryError", []], "memory": true}'


def _answer(job: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps({"result": run(job["task"], job["arguments"])}).encode()
    except MemoryError:
        return _NO_MEMORY
    except ImportError as problem:
        if "failed to map segment" in str(problem) or "allocate memory" in str(problem):
            return _NO_MEMORY  # a library that finds no room
        error = ["ImportError", [str(problem)[:2_000]]]
    except SymgraphError as problem:
        error = [type(problem).__name__, _values(problem)]
    except Exception as problem:
        error = [type(problem).__name__, [str(problem)[:2_000]]]
    return json.dumps({"error": error}, default=str).encode()


def _values(problem: SymgraphError) -> list[Any]:
    """What one of our errors was made of."""
    if isinstance(problem, errors.InputError):
        return [problem.message, problem.text, problem.start, problem.end]
    if isinstance(problem, LimitExceeded):
        return [problem.limit, problem.allowed, problem.found, problem.detail]
    return [str(problem)]


def _say(sink: IO[bytes], message: bytes) -> None:
    sink.write(message + b"\n")
    sink.flush()


def _limit(seconds: float, memory: int) -> None:
    """Limit this process, where the system can: a second line behind the parent's clock."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
    with contextlib.suppress(OSError, ValueError):
        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime + seconds) + 10
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _end_with_parent() -> None:
    """Be killed when the parent is, also in the middle of a task (Linux; elsewhere the end of the input does it)."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError, ImportError):
        import ctypes

        parent_death_signal = 1
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)


if __name__ == "__main__":
    main()
