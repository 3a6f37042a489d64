"""What a question's telling is made from: what was asked, derivatives already explained, and formulas to put together.

A telling is a function of an `Asking`; it explains the derivatives that it needs, each as a document of its own, and
adds steps of its own. `one_graph.py` and `several_graphs.py` have them, `inquiries.py` is their table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr

from symgraph.calculus.derivatives import Found, Names
from symgraph.calculus.evaluation import Point
from symgraph.calculus.graph import Graph, Node, Source, outputs
from symgraph.explanation.formulas import live_rate, product, shown, total, total_rate
from symgraph.explanation.steps import (
    Answer,
    Chain,
    Checks,
    Failure,
    LocalDerivatives,
    Nudge,
    Step,
    SubstituteBack,
    WhereItFails,
)
from symgraph.explanation.typesetting import Shown, text
from symgraph.language.notation import from_sympy
from symgraph.language.program import Assignment, Program, assemble
from symgraph.language.tree import Apply, Rate, Tree, names_in

__all__ = [
    "Asking",
    "Telling",
    "chain_of",
    "entries",
    "found_in",
    "fresh",
    "matrix",
    "number_at",
    "parts_merged",
    "program_named",
    "rate_of",
    "told",
    "vector",
    "weighted_sum",
    "with_names",
]

Telling = Any  # an Explanation: made by the explainer, which is below this room in the map


@dataclass(frozen=True)
class Asking:
    """A question as it was asked.

    Args:
        given: what belongs to this question alone: order, hold, seed, direction, rates, changes, errors, near, step.
        derive: explains derivatives: (source, wrt, of, at) and options -> Explanation.
    """

    source: Source
    wrt: Names
    of: Names
    at: Point | None
    given: Mapping[str, Any]
    derive: Callable[..., Telling]
    options: Mapping[str, Any] = field(default_factory=dict)  # shapes, extra, limits

    def explained(self, **changes: Any) -> Telling:
        """The derivatives of the question itself, explained; `changes` are other arguments of `derive`."""
        arguments = {"source": self.source, "wrt": self.wrt, "of": self.of, "at": self.at, **changes}
        return self.derive(**arguments)


def found_in(base: Telling) -> Found:
    """The derivatives of an explanation, as questions take them."""
    pairs = [(of, wrt) for of in base.of for wrt in base.wrt]
    return Found(base.program, base.graph, pairs, base.answers, base.report, base.values, base.numbers)


def told(
    base: Telling, question: str, steps: Iterable[Step], result: Any, parts: Sequence[Telling] = (), before: int = 0
) -> Telling:
    """An explanation that goes on to answer a question; with parts, only the question's own steps follow them.

    Args:
        before: how many of the steps come before those of the explanation.
    """
    mine = list(steps)
    if parts:
        kept: list[Step] = []
        ends: list[Step] = [*_failing(parts), parts_merged(parts)]
        parts = [
            replace(part, steps=tuple(_without(_in_short(part.steps), Nudge, Checks, WhereItFails))) for part in parts
        ]
    else:
        kept = _without(_in_short(base.steps), Nudge, Checks, WhereItFails)
        ends = _of_kind(base.steps, Nudge, Checks, WhereItFails)
    whole = (*mine[:before], *kept, *mine[before:], *ends)
    return replace(base, steps=whole, question=question, result=result, parts=tuple(parts))


def _in_short(steps: Sequence[Step]) -> list[Step]:
    """The steps without those that say again what an edge has said, or what the question's own steps will."""
    told_edges = any(isinstance(step, LocalDerivatives) for step in steps)
    if not told_edges and not any(isinstance(step, Answer) for step in steps):
        return list(steps)
    kept = _without(steps, Answer) if told_edges else steps
    return [step for step in kept if not (isinstance(step, SubstituteBack) and len(step.chain.lines) == 1)]


def _failing(parts: Sequence[Telling]) -> list[Step]:
    """Where the first derivative fails; formulas that meet smoothly there may have a next derivative that does not."""
    first, *others = [[step for step in part.steps if isinstance(step, WhereItFails)] for part in parts]
    later = {
        each.conditions: each
        for steps in others
        for step in steps
        for each in step.failures
        if isinstance(each, Failure) and each.kind in ("seam", "open") and not each.smooth
    }
    return [
        replace(
            step,
            failures=tuple(
                later.get(each.conditions, each) if isinstance(each, Failure) and each.smooth else each
                for each in step.failures
            ),
        )
        for step in first
    ]


def _of_kind(steps: Iterable[Step], *kinds: type) -> list[Step]:
    return [step for step in steps if isinstance(step, kinds)]


def _without(steps: Iterable[Step], *kinds: type) -> list[Step]:
    return [step for step in steps if not isinstance(step, kinds)]


def parts_merged(parts: Sequence[Telling]) -> Checks:
    """One remark on how all the parts were checked."""
    checks = [step for part in parts for step in part.steps if isinstance(step, Checks)]
    routes = dict.fromkeys(route for check in checks for route in check.routes)
    first = checks[0]
    return replace(first, routes=tuple(routes), points=min(check.points for check in checks))


def fresh(graph: Graph | Program, *letters: str) -> str:
    """The first of these letters that is no name in use; else the last, with the first free number.

    >>> from symgraph.calculus.graph import build
    >>> fresh(build("s*t"), "s", "r")
    'r'
    """
    if isinstance(graph, Program):
        taken = {*graph.inputs, *(assignment.name for assignment in graph.assignments)}
    else:
        taken = {node.name for node in graph}
    for letter in letters:
        if letter not in taken:
            return letter
    numbered = (f"{letters[-1]}{number}" for number in range(1, len(taken) + 2))
    return next(name for name in numbered if name not in taken)


def with_names(graph: Graph) -> Program:
    """A graph's nodes as the assignments of a program, those that nobody named included.

    >>> from symgraph.calculus.graph import build
    >>> [str(assignment.name) for assignment in with_names(build("(a+b)*(b+1)")).assignments]
    ['c', 'd', 'e']
    """
    program: Program = graph.graph["program"]
    statements = [Assignment(node.name, node.formula) for node in graph if node.formula is not None]
    made = assemble(
        statements,
        text=program.text,
        of=[node.name for node in outputs(graph)],
        inputs=program.inputs,
        readings=program.readings,
        symbols=program.symbols,
        limits=program.limits,
    )
    return replace(made, layers=program.layers)


def program_named(name: str, expr: Expr, program: Program, wanted: Iterable[str] = ()) -> Program:
    """A program that gives an expression a name; its inputs are those that occur, and the wanted ones."""
    tree = from_sympy(expr, program.inputs)
    used = {*names_in(tree), *wanted}
    return assemble(
        [Assignment(name, tree)],
        inputs=[each for each in program.inputs if each in used],
        symbols=program.symbols,
        limits=program.limits,
    )


# Formulas -----------------------------------------------------------------------------------------------------------


def rate_of(base: Telling, of: Node, wrt: Node) -> Rate:
    """∂of/∂wrt, or dy/dx, as the explanation writes it."""
    return total_rate(of, wrt, base.graph)


def number_at(base: Telling, of: Node, wrt: Node) -> Any:
    """A derivative at the point; it may stand wherever a number may."""
    return live_rate(of, wrt, base.numbers[of.name, wrt.name])


def chain_of(left: Shown, *lines: Shown | None) -> Chain:
    """left = … = …, without what is missing and what repeats the line before."""
    kept: list[Shown] = []
    for line in lines:
        if line is not None and not (kept and text(kept[-1]) == text(line)):
            kept.append(line)
    return Chain(left, tuple(kept))


def vector(parts: Iterable[Tree]) -> Tree:
    """A vector of its components."""
    return Apply("vector", tuple(parts))


def matrix(rows: Iterable[Iterable[Tree]]) -> Tree:
    """A matrix of its rows."""
    return Apply("matrix", tuple(vector(row) for row in rows))


def entries(base: Telling) -> tuple[list[list[Tree]], list[list[Tree]], list[list[Tree]] | None]:
    """Rates, derivatives and, at a point, numbers: rows by output, columns by input."""
    rates: list[list[Tree]] = [[rate_of(base, of, wrt) for wrt in base.wrt] for of in base.of]
    answers = [[shown(base.answers[of.name, wrt.name], base.graph) for wrt in base.wrt] for of in base.of]
    numbers = None
    if base.values is not None:
        numbers = [[number_at(base, of, wrt) for wrt in base.wrt] for of in base.of]
    return rates, answers, numbers


def weighted_sum(pairs: Iterable[tuple[Shown, Shown]]) -> Shown:
    """a·b + c·d + …, nothing worked out."""
    return total([product(list(pair)) for pair in pairs])
