"""What users wait for: pages, worked keys and their sizes, in seconds of processor time.

`python -m benchmarks.waits` prints the table; `python -m benchmarks.waits 100` with so many textbook problems.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sympy

from benchmarks.textbook import Problem, homework, problems
from symgraph import process
from symgraph.calculus.curves import equation_of, implicit
from symgraph.calculus.derivatives import find
from symgraph.explanation.explainer import explain
from symgraph.homework import problems as problem_sets
from symgraph.homework.items import parts_of, work_out
from symgraph.language.notation import from_sympy
from symgraph.language.tree import Apply, Tree, Undefined, postorder

__all__ = ["answers", "main", "model", "operations", "work_key"]


def operations(tree: Tree) -> int:
    """How many operations and functions are printed, a branch that stands in several places counted in each.

    >>> x = sympy.Symbol("x")
    >>> operations(from_sympy(2*x*sympy.cos(x**2)))
    4
    """
    counted: dict[int, int] = {}
    for piece in postorder(tree):
        parts = piece.arguments if isinstance(piece, Apply | Undefined) else ()
        own = isinstance(piece, Apply | Undefined)
        counted[id(piece)] = own + sum(counted[id(part)] for part in parts)
    return counted[id(tree)]


def answers(problem: Problem) -> tuple[int, int]:
    """The operations of our answers to a problem, and those of SymPy's `diff`, each printed the same way.

    Of an equation F = 0 it is dy/dx against -diff(F, x)/diff(F, y).
    """
    if problem.kind == "implicit":
        curve = equation_of(problem.text, ("x", "y")).program.expr
        ours = [implicit(problem.text, "x", "y")]
        theirs = [-sympy.diff(curve, sympy.Symbol("x")) / sympy.diff(curve, sympy.Symbol("y"))]
    else:
        found = find(problem.text, problem.wrt)
        ours = list(found.answers.values())
        real = {name: sympy.Symbol(str(name), real=True) for name in found.program.expr.free_symbols}
        function = found.program.expr.xreplace(real)
        theirs = [sympy.diff(function, sympy.Symbol(name, real=True)) for name in problem.wrt]
    return sum(operations(from_sympy(each)) for each in ours), sum(operations(from_sympy(each)) for each in theirs)


def work_key(count: int, *, pictures: bool) -> Iterator[dict[str, Any]]:
    """The items of a worked key in HTML, each proved."""
    made = problem_sets.read_text(homework(count))
    parts = parts_of(["worked"], ["html"], pictures=pictures)
    for problem in made.problems:
        yield work_out(problem.data(), made.seed, "1", parts)


def model(count: int) -> str:
    """A program of so many assignments, of five kinds."""
    lines = ["v1 = a*b + sin(a)"]
    for k in range(2, count + 1):
        near, far = f"v{k - 1}", f"v{max(1, k - 1 - 7 * k % 5)}"
        ways = (
            f"{near}*{far} + a",
            f"sin({near}) + b*{far}",
            f"{near} + {far}",
            f"2*exp(-{near}^2)",
            f"{near}/(1 + {far}^2)",
        )
        lines.append(f"v{k} = {ways[k % 5]}")
    return "\n".join(lines)


def _spent(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def _cold(*command: str, times: int = 10) -> float:
    """The median of a new process's processor time."""
    found = []
    for _ in range(times):
        before = os.times()
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        found.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return statistics.median(found)


def key(count: int) -> None:
    """Measure a worked key in this process, which was started as the command's own are."""
    explain("x^2*sin(x)").render("html")  # what is imported late, and fonts
    for pictures in (False, True):
        seconds, items = _spent(lambda pictures=pictures: list(work_key(count, pictures=pictures)))  # type: ignore[misc]
        claims = [claim["outcome"] for item in items for claim in item["proof"]["claims"]]
        size = sum(len(item[name]["text"].encode()) for item in items for name in item if name.startswith("worked"))
        print(f"{count} problems {'with' if pictures else 'without'} pictures: {seconds:.1f} s, "
              f"{claims.count('proved')} of {len(claims)} proved, {size / 1e6:.1f} MB")  # fmt: skip


_KEY = "from symgraph import process; process.prepare(); from benchmarks import waits"


def main(count: int = 500) -> None:
    """Measure and print."""
    process.prepare()
    with tempfile.TemporaryDirectory() as place:
        page = str(Path(place) / "page.html")
        print(f"import sympy: {_cold('-c', 'import sympy'):.2f} s")
        print(f"explain to a page, cold: {_cold('-m', 'symgraph', 'explain', 'x^2*sin(x)', '-o', page):.2f} s")
    subprocess.run([sys.executable, "-c", f"{_KEY}; waits.key({count})"], check=True)
    pairs = [answers(problem) for problem in problems(min(count, 250))]
    print(f"answers no longer than sympy.diff's: {sum(ours <= theirs for ours, theirs in pairs)} of {len(pairs)}")
    for nodes in (300, 3_000):
        seconds, explanation = _spent(lambda nodes=nodes: explain(model(nodes)))  # type: ignore[misc]
        drawn, text = _spent(lambda explanation=explanation: explanation.render("html"))  # type: ignore[misc]
        print(f"{nodes} assignments: {seconds:.1f} s, page {drawn:.1f} s, {len(text.encode()) / 1e3:.0f} kB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
