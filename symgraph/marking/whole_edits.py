"""Slips about the whole: a path left out or counted twice, another derivative, no derivative at all.

Each function here is one row of the table in `mistakes.py`, as in `local_edits.py`.

>>> from symgraph.marking.edits import in_formulas
>>> from symgraph.marking.question import ask
>>> question = ask("(a+b)*(b+1)", "b")
>>> [(str(edit.where), in_formulas(question).total(edit)) for edit in missing_path(question)]
[('b → c → e', a + b), ('b → d → e', b + 1)]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import combinations
from typing import Any

from sympy import E, Expr, Integer, diff

from symgraph.calculus import reals
from symgraph.calculus.balls import Tape
from symgraph.calculus.graph import Edge, Node, inputs
from symgraph.calculus.paths import Path
from symgraph.language.constructors import construct
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Apply, Constant, Name, Tree
from symgraph.marking.edits import BITS, At, Edit, Finish, Formula, Sweep, Unusable
from symgraph.marking.question import Operation, Question, following, spanning

__all__ = [
    "constant_as_variable",
    "missing_path",
    "not_differentiated",
    "nothing",
    "other_input",
    "reciprocal",
    "repeated_path",
    "slope",
    "unfinished",
    "variable_as_constant",
    "wrong_order",
]

_SUBSETS = 6  # paths of which every selection is tried
SHORT = 40  # nodes of a graph whose terms are written out


def missing_path(question: Question) -> Iterator[Edit]:
    """Some of the paths are not in the sum."""
    paths = question.paths
    if len(paths) < 2:
        return
    for path in paths:
        yield _without(question, (path,), 90)
    if len(paths) <= _SUBSETS:
        for count in range(2, len(paths)):
            for missing in combinations(paths, count):
                yield _without(question, missing, 88 - 3 * count)
    elif question.path_count == len(paths):
        for kept in paths:
            others = tuple(path for path in paths if path is not kept)
            yield _without(question, others, 70)
    for edge in question.edges:
        through = tuple(path for path in paths if edge in path.edges)
        if 1 < len(through) < len(paths) and question.path_count == len(paths):
            yield Edit("missing_path", edge, 87, outer={edge: nothing}, paths=through, touched=frozenset())


def _without(question: Question, missing: tuple[Path, ...], likelihood: float) -> Edit:
    def finish(sweep: Sweep) -> Any:
        return sweep.derivative - sum(sweep.product(path) for path in missing)

    return Edit("missing_path", missing[0], likelihood, finish=finish, paths=missing, touched=frozenset())


def nothing(at: At) -> Any:
    """The local derivative of an edge that is left out."""
    return 0


def repeated_path(question: Question) -> Iterator[Edit]:
    """A path counted twice."""
    if len(question.paths) < 2:
        return
    for path in question.paths:
        yield Edit("repeated_path", path, 61, finish=_with_path(path), paths=(path,), touched=frozenset())


def _with_path(path: Path) -> Finish:
    return lambda sweep: sweep.derivative + sweep.product(path)


def variable_as_constant(question: Question) -> Iterator[Edit]:
    """One place where the variable stands taken for a constant, or all of them."""
    leaving = question.users(question.wrt)
    if len(leaving) > 1:
        for edge in leaving:
            yield Edit("variable_as_constant", edge, 69, outer={edge: nothing}, touched=frozenset({edge}))
    yield Edit("variable_as_constant", None, 72.5, finish=lambda sweep: 0 * sweep.derivative)


def constant_as_variable(question: Question) -> Iterator[Edit]:
    """A letter or a number that stands still, differentiated as if it moved."""
    others = [node for node in inputs(question.graph) if node is not question.wrt]
    for node in others:
        if node in question.leading:
            finish = _with_inputs([node.name])
            yield Edit("constant_as_variable", _reaching(question, node), 67, finish=finish, detail=node.name)
        yield from _moving_terms(question, node)
        yield from _moving_in_one_place(question, node)
    if len(others) > 1:
        yield Edit("constant_as_variable", None, 60, finish=_with_inputs([node.name for node in others]))
    for operation in question.operations:
        for place, argument in enumerate(operation.arguments):
            rate = None if operation.edges[place] is not None else _constant_rate(argument)
            if rate is not None and operation.row in ("add", "subtract", "multiply"):
                yield _moving_constant(operation, place, rate)


def _moving_terms(question: Question, other: Node) -> Iterator[Edit]:
    """The terms of the output that stand still, one by one differentiated as if another letter moved in them."""
    if len(question.graph) > SHORT:
        return
    signs = {question.of: 1}
    for operation in reversed(question.operations):
        sign = signs.get(operation.node)
        if sign is None or operation.row not in ("add", "subtract"):
            continue
        for place, (argument, edge) in enumerate(zip(operation.arguments, operation.edges, strict=True)):
            here = -sign if operation.row == "subtract" and place == 1 else sign
            if edge is not None:
                signs.setdefault(edge.tail, here)
            elif isinstance(argument, Name) and (term := _term(question, argument.name)).has(other.symbol):
                formula = partial(_with_term, question, term, other, here)
                yield Edit("constant_as_variable", None, 66, formula=formula, kind="number", detail=argument)


def _moving_in_one_place(question: Question, other: Node) -> Iterator[Edit]:
    """Another letter let move in one of the places where it stands."""
    leaving = [edge for edge in question.edges_downwards if edge.tail is other] if len(question.graph) <= SHORT else []
    for edge in leaving if len(leaving) > 1 else ():
        yield Edit("constant_as_variable", edge, 63, finish=_along_too(edge), detail=other.name)


def _along_too(edge: Edge) -> Finish:
    return lambda sweep: sweep.derivative + sweep.adjoints[edge.head.name] * sweep.partial(edge)


def _term(question: Question, name: str) -> Expr:
    """A quantity of a small graph, written in the inputs."""
    written: dict[str, Expr] = {}
    for node in question.graph:
        written[node.name] = node.symbol if node.formula is None else construct(node.formula, written)
        if node.name == name:
            break
    return written[name]


def _with_term(question: Question, term: Expr, other: Node, sign: int) -> Expr:
    return question.answer + sign * diff(term, other.symbol)


def _with_inputs(names: Sequence[str]) -> Finish:
    return lambda sweep: sweep.derivative + sum(sweep.adjoints[name] for name in names)


def _adjoint(name: str) -> Finish:
    return lambda sweep: sweep.adjoints[name]


def _rate(name: str) -> Finish:
    return lambda sweep: sweep.rates[name]


def _constant_rate(argument: Tree) -> Any:
    """How fast π² or ln 2 would move, if its own inside moved at speed 1."""
    if isinstance(argument, Constant):
        return Integer(1) if argument.name in ("pi", "e") else None
    if not isinstance(argument, Apply):
        return None
    inside = [construct(part) for part in argument.arguments]
    if not all(value.is_number for value in inside):
        return None
    if argument.operator == "exponential":
        return inside[0] * E ** (inside[0] - 1)  # e² is taken for x²
    partials = PRIMITIVES[argument.operator].partials(*inside)
    return partials[0]


def _moving_constant(operation: Operation, place: int, rate: Any) -> Edit:
    moving = operation.moving[0]

    def rule(at: At) -> Any:
        speed = at.f.number(rate)
        sign = -1 if operation.row == "subtract" and place == 1 else 1
        across = at.argument(moving) if operation.row == "multiply" else sign
        return at.partial(moving) * at.rate(moving) + across * speed

    edge = operation.edges[moving]
    touched = frozenset({edge}) if edge is not None else frozenset()
    return Edit(
        "constant_as_variable",
        edge,
        59,
        rates={operation.node.name: rule},
        touched=touched,
        kind="number",
        detail=operation.arguments[place],
    )


def _reaching(question: Question, node: Node) -> Edge:
    """All the ways from another node to the output, as one edge."""
    return following(question.graph, node, question.of)


def other_input(question: Question) -> Iterator[Edit]:
    """The derivative with respect to another input, or to an inner node that has a name."""
    for node in inputs(question.graph):
        if node is not question.wrt and node in question.leading:
            yield Edit("other_input", _reaching(question, node), 64, finish=_adjoint(node.name), detail=node.name)


def unfinished(question: Question) -> Iterator[Edit]:
    """Stopped before the input was reached, or before the output was: ∂e/∂c for ∂e/∂b."""
    if not question.is_named:
        return
    named = question.graph.graph["program"].assigned
    for operation in question.operations:
        name = operation.node.name
        if operation.node is question.of or name not in named:
            continue
        yield _stopped(question, operation.node, "after", 63, _adjoint(name))
        yield _stopped(question, operation.node, "before", 57, _rate(name))


def _stopped(question: Question, node: Node, kind: str, likelihood: float, finish: Finish) -> Edit:
    """An answer that is right for one side of a node, and has nothing of the other."""
    missing = (question.wrt, node) if kind == "after" else (node, question.of)
    return Edit(
        "unfinished",
        spanning(question, *missing),
        likelihood,
        finish=finish,
        touched=frozenset(question.between(*missing)),
        kind=kind,
        detail=node.name,
    )


def not_differentiated(question: Question) -> Iterator[Edit]:
    """The function itself."""
    last = question.operations[-1] if question.operations else None
    itself = last is not None and last.row == "power" and len(last.moving) == 2  # x·x^(x − 1) is x^x, and a path
    yield Edit("not_differentiated", None, 88 if itself else 96, formula=lambda: question.earlier[0])


def wrong_order(question: Question) -> Iterator[Edit]:
    """Differentiated once too often, or not often enough."""
    for order, earlier in enumerate(question.earlier[1:], 1):
        yield Edit("wrong_order", None, 91, formula=_given(earlier), detail=order)
    yield Edit(
        "wrong_order",
        None,
        72,
        formula=lambda: question.further.answer,
        rough=lambda sweep: slope(Tape(question.answer), sweep),
        detail=question.order + 1,
    )


def _given(expression: Expr) -> Formula:
    return lambda: expression


def slope(tape: Tape, sweep: Sweep) -> Any:
    """How fast an expression moves with the input at a sweep's point, from two points very near to it: a rough ball."""
    name = sweep.question.wrt.name
    values = {each: sweep.values[each] for each in tape.names if each != name}
    with reals.precision(4 * BITS):
        step = reals.lift(reals.exact(1, 1 << BITS))
        ends = []
        for by in (step, -step):
            moved = {name: reals.lift(sweep.values[name]) + by} if name in tape.names else {}
            (found,) = tape.execute({**values, **moved})
            if isinstance(found, reals.NotReal):
                raise Unusable(found.reason)
            ends.append(reals.lift(found))
        quotient = (ends[0] - ends[1]) / (2 * step)
        return quotient + (abs(quotient) + 1) * reals.BALL(0, 2.0**-60)


def reciprocal(question: Question) -> Iterator[Edit]:
    """1 over the derivative: dx/dy."""

    def finish(sweep: Sweep) -> Any:
        if sweep.derivative == 0:
            raise Unusable
        return 1 / sweep.derivative

    yield Edit("reciprocal", None, 56, finish=finish)
