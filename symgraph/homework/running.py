"""Many independent pieces of work: where they run, what is kept, and what a second run need not do again.

A piece of work is a task of `worker.TASKS` with JSON arguments. It runs on any `concurrent.futures.Executor`: on the
pool of `worker.py`, whose processes can be killed and replaced, or on a cluster's. What it gave is kept under the hash
of what it was asked, one file each with a checksum; a file that is damaged is a miss, and said to be one.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as place, files.Folder(place) as folder:
...     kept = Kept(folder)
...     kept.put(Job("echo", {"value": 1}), [1, 2])
...     kept.get(Job("echo", {"value": 1})), kept.get(Job("echo", {"value": 2}))
([1, 2], None)
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from symgraph import __version__, files, worker
from symgraph.errors import FileProblem, MissingPart, SymgraphError
from symgraph.limits import DEFAULT, Limits

__all__ = ["Done", "Job", "Kept", "executor", "own_state", "perform", "stamp"]

AHEAD = 4  # jobs that wait for each worker: enough that none is idle, few enough that memory stays flat
_SOURCES = (".py", ".j2", ".css", ".js")
SECONDS = 60.0  # for one variant of one problem, documents included


@dataclass(frozen=True)
class Job:
    """One piece of work: the name of a task, its arguments, and what to call it in a report.

    Args:
        parts: what of it is wanted, where a task gives several things by name. Its hash is the same whatever is wanted:
            what is kept of it grows, and a task is asked for what is missing only (argument `parts`).
        basis: the part that others are made from; the task gets it where it is known (argument `known`).
    """

    task: str
    arguments: Mapping[str, Any]
    label: str = field(default="", compare=False)
    parts: tuple[str, ...] = field(default=(), compare=False)
    basis: str = field(default="", compare=False)

    @cached_property
    def key(self) -> str:
        """The hash of what is asked, this version of symgraph included, down to its code and its words."""
        asked = json.dumps([__version__, own_state(), self.task, self.arguments], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(asked.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Done:
    """A piece of work that was done, found done, or failed."""

    job: Job
    value: Any = None
    error: Exception | None = None
    kept: bool = False


@cache
def own_state() -> str:
    """The hash of symgraph's own code and templates: another state of one version may say things otherwise."""
    package = Path(__file__).resolve().parent.parent
    beside = package.parent / "templates"
    folders = [package, *([beside] if (beside / "words.j2").is_file() else [])]
    found = hashlib.sha256()
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in _SOURCES):
        found.update(path.name.encode() + b"\0" + files.read_bytes(path))
    return found.hexdigest()


class Kept:
    """What was done before, in the folder `cache` of an output folder."""

    def __init__(self, folder: files.Folder) -> None:
        self.folder = folder

    def _name(self, job: Job) -> str:
        return f"cache/{job.task}/{job.key[:2]}/{job.key}.json"

    def get(self, job: Job) -> Any:
        """What this job gave; None if that is not known, or its file is damaged."""
        path = self.folder.path / self._name(job)
        if not path.is_file():
            return None
        try:
            checksum, _, body = files.read_text(path).rstrip("\n").partition("\n")
            if checksum == hashlib.sha256(body.encode()).hexdigest():
                return json.loads(body)
        except (SymgraphError, ValueError, RecursionError):
            pass
        logging.getLogger(__name__).warning("%s is damaged: %s is done again", path, job.label or job.task)
        return None

    def put(self, job: Job, value: Any) -> None:
        """Keep what a job gave."""
        body = json.dumps(value, sort_keys=True)
        checksum = hashlib.sha256(body.encode()).hexdigest()
        self.folder.write(self._name(job), f"{checksum}\n{body}\n", scratch=True)


@contextlib.contextmanager
def executor(cluster: str | None = None, workers: int | None = None, limits: Limits = DEFAULT) -> Iterator[Executor]:
    """Where the work is done: processes on this machine, or a Dask cluster.

    Args:
        cluster: the scheduler's address, "tcp://host:8786".
        workers: how many processes here; None: as many as there are processors.

    Raises:
        MissingPart: there is no Dask, or nobody answers at the address.
    """
    if cluster is None:
        with worker.WorkerPool(workers, limits) as pool:
            yield pool
        return
    try:
        from distributed import Client
    except ImportError:
        raise MissingPart("--cluster needs Dask: pip install 'symgraph-explainer[cluster]'") from None
    try:
        place = urlsplit(cluster)
        if place.scheme in ("tcp", "tls"):  # a client that finds nobody takes half a minute to say so
            socket.create_connection((place.hostname or "", place.port or 8786), timeout=10).close()
        client = Client(cluster, timeout=10)
    except (OSError, ValueError) as problem:
        raise MissingPart(f"no cluster answers at {cluster}: {problem}") from None
    with client:
        yield _Elsewhere(client.get_executor(), sum(client.nthreads().values()))


class _Elsewhere(Executor):
    """A cluster's executor; there, too, a task is done in a process that can be killed."""

    def __init__(self, inner: Executor, width: int) -> None:
        self.inner, self.width = inner, max(1, width)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if fn is not worker.run:
            raise TypeError("a cluster is asked for symgraph.worker.run only: submit(run, task, arguments)")
        return self.inner.submit(worker.run_apart, *args, **kwargs)


def perform(jobs: Iterable[Job], where: Executor, kept: Kept | None = None, *, force: bool = False) -> Iterator[Done]:
    """Do jobs, those that are known from before excepted; gives each as it is done.

    A job that fails is one `Done` with its error; the others never notice. At most a few jobs wait for each worker, so
    that memory does not grow with their number.
    """
    limited = isinstance(where, worker.WorkerPool | _Elsewhere)
    ahead = AHEAD * (where.width if isinstance(where, _Elsewhere) else max(1, os.cpu_count() or 1))
    running: dict[Future[Any], tuple[Job, Mapping[str, Any]]] = {}
    try:
        for job in jobs:
            known = None if kept is None or force else kept.get(job)
            missing = [part for part in job.parts if known is None or part not in known]
            if known is not None and not missing:
                yield Done(job, _wanted(job, known), kept=True)
                continue
            arguments = dict(job.arguments)
            if job.parts:
                basis = {} if known is None or job.basis not in known else {job.basis: known[job.basis]}
                arguments |= {"parts": missing, "known": basis}
            options = {"label": job.label, "seconds": SECONDS} if limited else {}
            running[where.submit(worker.run, job.task, arguments, **options)] = job, known or {}
            while len(running) >= ahead:
                yield from _finished(running, kept)
        while running:
            yield from _finished(running, kept)
    finally:
        for future in running:
            future.cancel()


def _wanted(job: Job, value: Any) -> Any:
    """What a job gave; of its parts those that are wanted, whatever else is known from before."""
    return {part: value[part] for part in job.parts} if job.parts else value


def _finished(running: dict[Future[Any], tuple[Job, Mapping[str, Any]]], kept: Kept | None) -> Iterator[Done]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in sorted(done, key=lambda each: running[each][0].label):
        job, known = running.pop(future)
        try:
            value = future.result()
        except FileProblem:
            raise
        except Exception as problem:
            yield Done(job, error=problem)
            continue
        if job.parts:
            value = {**known, **value}
        if kept is not None:
            kept.put(job, value)
        yield Done(job, _wanted(job, value))


def stamp(path: Path) -> str:
    """The hash of a file's bytes; "" if there is none."""
    return hashlib.sha256(files.read_bytes(path)).hexdigest() if path.is_file() else ""
