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
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from symgraph import __version__, files, worker
from symgraph.errors import FileProblem, MissingPart, SymgraphError
from symgraph.limits import DEFAULT, Limits

__all__ = ["Done", "Job", "Kept", "executor", "perform", "stamp"]

AHEAD = 4  # jobs that wait for each worker: enough that none is idle, few enough that memory stays flat
SECONDS = 60.0  # for one variant of one problem, documents included


@dataclass(frozen=True)
class Job:
    """One piece of work: the name of a task, its arguments, and what to call it in a report."""

    task: str
    arguments: Mapping[str, Any]
    label: str = field(default="", compare=False)

    @cached_property
    def key(self) -> str:
        """The hash of what is asked, this version of symgraph included."""
        asked = json.dumps([__version__, self.task, self.arguments], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(asked.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Done:
    """A piece of work that was done, found done, or failed."""

    job: Job
    value: Any = None
    error: Exception | None = None
    kept: bool = False


class Kept:
    """What was done before, in the folder `cache` of an output folder."""

    def __init__(self, folder: files.Folder) -> None:
        self.folder = folder

    def _name(self, job: Job) -> str:
        return f"cache/{job.key[:2]}/{job.key}.json"

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
        self.folder.write(self._name(job), f"{checksum}\n{body}\n", again=True)


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
        client = Client(cluster, timeout=10)
    except (OSError, ValueError) as problem:
        raise MissingPart(f"no cluster answers at {cluster}: {problem}") from None
    with client:
        yield client.get_executor()


def perform(jobs: Iterable[Job], where: Executor, kept: Kept | None = None, *, force: bool = False) -> Iterator[Done]:
    """Do jobs, those that are known from before excepted; gives each as it is done.

    A job that fails is one `Done` with its error; the others never notice. At most a few jobs wait for each worker, so
    that memory does not grow with their number.
    """
    local = isinstance(where, worker.WorkerPool)
    ahead = AHEAD * max(1, os.cpu_count() or 1)
    running: dict[Future[Any], Job] = {}
    try:
        for job in jobs:
            known = None if kept is None or force else kept.get(job)
            if known is not None:
                yield Done(job, known, kept=True)
                continue
            options = {"label": job.label, "seconds": SECONDS} if local else {}
            running[where.submit(worker.run, job.task, dict(job.arguments), **options)] = job
            while len(running) >= ahead:
                yield from _finished(running, kept)
        while running:
            yield from _finished(running, kept)
    finally:
        for future in running:
            future.cancel()


def _finished(running: dict[Future[Any], Job], kept: Kept | None) -> Iterator[Done]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in sorted(done, key=lambda each: running[each].label):
        job = running.pop(future)
        try:
            value = future.result()
        except FileProblem:
            raise
        except Exception as problem:
            yield Done(job, error=problem)
            continue
        if kept is not None:
            kept.put(job, value)
        yield Done(job, value)


def stamp(path: Path) -> str:
    """The hash of a file's bytes; "" if there is none."""
    return hashlib.sha256(files.read_bytes(path)).hexdigest() if path.is_file() else ""
