"""One row of the table: times of us and of a peer by turns, in one process, and counts beside them.

Times on a busy machine mean little, ratios of times taken by turns mean something, and counts do not change at all.
"""

from __future__ import annotations

import gc
import signal
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.peers import Peer
from benchmarks.workloads import Row
from symgraph.calculus.compact import Compact
from symgraph.calculus.graph import Graph, build
from symgraph.calculus.patterns import forget
from symgraph.calculus.quantities import Model, functions
from symgraph.calculus.sweeps import forward, reverse
from symgraph.language.program import Program
from symgraph.limits import Limits
from symgraph.parsing.recording import enter
from symgraph.parsing.recording import functions as recorded
from symgraph.parsing.tape import Tape

__all__ = ["LIMITS", "TooSlow", "calls", "compared", "deadline", "derived", "measured", "memory", "swept", "written"]

LIMITS = Limits(statements=10**6, nodes=10**7, arguments=10**6)
_ROUNDS = 5
_TURN = 0.02  # seconds that a turn takes at least
_ENOUGH = 1.0  # seconds of measuring after which three rounds are enough


class TooSlow(Exception):
    """A peer took longer than its time limit."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise TooSlow after so many seconds, where the system can interrupt us; elsewhere wait."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def late(*_: Any) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def derived(row: Row, *, thorough: bool = False) -> Compact:
    """What we do: build the function, differentiate it, and have the result as named assignments."""
    model = Model(LIMITS)
    inputs = [model.input(name) for name in row.names]
    outputs = {f"f{place}": value for place, value in enumerate(row.compute(functions, inputs))}
    return model.compact(outputs, row.varying, value=False, thorough=thorough)


def written(row: Row) -> Program:
    """The workload as a Program, as if it had been typed."""
    tape = Tape(LIMITS)
    outputs = row.compute(recorded, [enter(tape, name) for name in row.names])
    return tape.program([(f"f{place}", value) for place, value in enumerate(outputs)])


def swept(program: Program) -> Graph:
    """Program to graph, local derivatives on every edge, both sweeps: all derivatives by the one with fewer of them."""
    graph = build(program, "operation")
    starts, ends = graph.graph["inputs"], graph.graph["outputs"]
    for end in ends if len(ends) <= len(starts) else ends[:1]:
        reverse(graph, end)
    for start in starts if len(starts) < len(ends) else starts[:1]:
        forward(graph, start)
    return graph


@dataclass(frozen=True)
class Task:
    """Something to be timed; `forget` empties before each run whatever remembers earlier ones, and is not timed."""

    run: Callable[[], Any]
    forget: Callable[[], None] | None = None


def by_turns(*tasks: Task) -> list[float]:
    """Median seconds of the processor for each of several tasks, timed by turns.

    What is fast is repeated within a turn, so that the clock and cold caches do not decide.
    """
    start = time.perf_counter()
    firsts = [_time(task, 1) for task in tasks]
    repeats = [min(1000, 1 + int(_TURN / first)) for first in firsts]
    times = [[first] if repeat == 1 else [] for first, repeat in zip(firsts, repeats, strict=True)]
    for done in range(_ROUNDS):
        spent = time.perf_counter() - start
        if (all(times) and spent > 5 * _ENOUGH) or (done >= 3 and spent > _ENOUGH):
            break
        for task, repeat, taken in zip(tasks, repeats, times, strict=True):
            taken.append(_time(task, repeat))
    return [statistics.median(taken) for taken in times]


def _time(task: Task, repeat: int) -> float:
    """Seconds of the processor for one run, the garbage collector waiting."""
    run, forget, clock = task.run, task.forget, time.process_time
    total = 0.0
    gc.collect()
    gc.disable()
    try:
        start = clock()
        for _ in range(repeat):
            if forget:
                total += clock() - start
                forget()
                start = clock()
            run()
        return max(total + clock() - start, 1e-7) / repeat
    finally:
        gc.enable()


def calls(task: Callable[[], Any]) -> int:
    """How many Python functions a task calls."""
    total = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal total
        total += event == "call"

    task()  # what is loaded or remembered once is not counted
    before = sys.getprofile()
    gc.disable()  # a collection may call functions of whoever asked to be told of it
    sys.setprofile(count)
    try:
        task()
    finally:
        sys.setprofile(before)
        gc.enable()
    return total


def memory(task: Callable[[], Any]) -> int:
    """Bytes that the result of a task holds."""
    task()
    gc.collect()
    tracemalloc.start()
    try:
        kept = task()
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
        del kept
    finally:
        tracemalloc.stop()
    return held


def measured(row: Row) -> dict[str, Any]:
    """What we are, alone: operations, Python calls and bytes an edge, for the graph and for the compact result."""
    program = written(row)
    graph = swept(program)
    best, sweep = derived(row, thorough=True), derived(row)
    edges = graph.number_of_edges()
    return {
        "function": best.own,
        "gradient": best.operations,
        "sweep": sweep.operations,
        "edges": edges,
        "calls": {
            "graph": round(calls(lambda: swept(program)) / edges, 1),
            "compact": round(calls(lambda: derived(row)) / edges, 1),
        },
        "bytes": {
            "graph": round(memory(lambda: swept(program)) / edges),
            "compact": round(memory(lambda: derived(row)) / edges),
        },
    }


def compared(row: Row, peer: Peer, seconds: float) -> dict[str, Any] | None:
    """Seconds to build and differentiate, ours and a peer's, and the peer's counts; None where it takes too long.

    Of SymPy, whose `diff` is what our graph replaces, also: Program to graph and sweeps against `diff` alone. Where
    the peer remembers what it did, its caches are emptied before every run, of ours as of its own: our graph is made of
    SymPy's objects. What we remember ourselves are patterns (the local derivatives of a formula, whatever its names
    are) and one Symbol for a name; `diff` is given its Symbols, too. `first` is the graph with these forgotten as well.
    """
    try:
        with deadline(seconds):
            built = peer.build(row)
            result = peer.differentiate(built)
        counted = peer.count(built, result)
        with deadline(10 * seconds):
            both = Task(lambda: peer.differentiate(peer.build(row)), peer.forget)
            found = dict(zip(("ours", "theirs"), by_turns(Task(lambda: derived(row), peer.forget), both), strict=True))
            if peer.name == "SymPy":
                found |= _graphs(row, Task(lambda: peer.differentiate(built), peer.forget))
    except (TooSlow, RecursionError, OverflowError, MemoryError):
        return None
    if counted:
        found["function"], found["gradient"] = counted
    return found


def _graphs(row: Row, diff: Task) -> dict[str, float]:
    """Seconds for our graph and its sweeps, for the first such graph of all, and for SymPy's `diff`."""
    program = written(row)

    def nothing_known() -> None:
        forget()
        if diff.forget:
            diff.forget()

    ours = (Task(lambda: swept(program), before) for before in (diff.forget, nothing_known))
    return dict(zip(("graph", "first", "diff"), by_turns(*ours, diff), strict=True))
