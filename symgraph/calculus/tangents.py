"""A straight line in the place of a curve: tangents, differentials, and how errors pass on.

>>> tangent("x^2", at="x=3")
6*x - 9
>>> differential("x^2*y", {"x": 0.1, "y": -0.2}, at={"x": 3, "y": 5})
6/5
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Abs, Add, Expr, Mul, Symbol, sqrt

from symgraph.calculus.agreement import agree
from symgraph.calculus.derivatives import Extra, Found, Names, Shapes, by_sympy, find
from symgraph.calculus.directions import seeded
from symgraph.calculus.evaluation import Point, evaluate, tidy
from symgraph.calculus.given import Numbers, numbers_for, point_values
from symgraph.calculus.graph import Source, find_node
from symgraph.calculus.substitution import replace_symbols
from symgraph.errors import DomainError, SymgraphError

__all__ = ["Differential", "Line", "differential", "differential_of", "line_of", "propagate", "propagate_of", "tangent"]


@dataclass(frozen=True, slots=True)
class Line:
    """A tangent line or plane: f(a) + Σ slope·(x − a).

    Args:
        base: the output at the point.
        point: the point, by input.
        slopes: the derivatives there.
        result: the line, as an expression in the inputs.
        near: another point; `guess` is the line there and `truth` the output.
    """

    of: str
    base: Expr
    point: Mapping[str, Expr]
    slopes: Mapping[str, Expr]
    result: Expr
    near: Mapping[str, Expr] | None = None
    guess: Expr | None = None
    truth: Expr | None = None


def tangent(
    source: Source,
    at: Point,
    wrt: Names = None,
    of: Names = None,
    *,
    shapes: Shapes = None,
    extra: Extra = None,
) -> Expr:
    """The tangent line, or plane, at a point: the linear function that touches there.

    >>> tangent("x*y", at={"x": 2, "y": 3})
    3*x + 2*y - 6
    """
    return line_of(find(source, wrt, of, at, shapes=shapes, extra=extra)).result


def line_of(found: Found, near: Point | None = None) -> Line:
    """The tangent, from derivatives already found; compared with the slopes that SymPy finds.

    Raises:
        SymgraphError: no point was given.
    """
    values = point_values(found)
    of = found.only_end()
    point = {node.name: value for node, value in values.point.items() if node.name in found.starts}
    base = values.nodes[find_node(found.graph, of)]
    slopes = {name: found.numbers[of, name] for name in found.starts}
    steps = [Mul(slopes[name], Symbol(name) - point[name], evaluate=True) for name in point]
    result = Add(base, *(step.expand(deep=False) for step in steps))
    for name in point:
        plain = by_sympy(found, of, [name])
        if plain is not None:
            there = replace_symbols(plain, {node.symbol: value for node, value in values.point.items()})
            agree({"the slope of the tangent": slopes[name], "SymPy": there})
    if near is None:
        return Line(of, base, point, slopes, result)
    elsewhere = evaluate(found.graph, _all_inputs(found, near), derivatives=False)
    other = {node.name: value for node, value in elsewhere.point.items()}
    guess = tidy(Add(base, *(Mul(slopes[name], other[name] - point[name]) for name in point)))
    truth = elsewhere.nodes[find_node(found.graph, of)]
    return Line(of, base, point, slopes, result, {name: other[name] for name in point}, guess, truth)


def _all_inputs(found: Found, near: Point) -> dict[str, Any]:
    """A second point; inputs that it leaves out stay where they are."""
    values = point_values(found)
    given = numbers_for(None, near, found.program, "point")
    return {node.name: given.get(node.name, value) for node, value in values.point.items()} | dict(given)


@dataclass(frozen=True, slots=True)
class Differential:
    """What small changes of the inputs do: slope · change for each, and their sum.

    Args:
        slopes: the derivatives, numbers at a point.
        changes: of the inputs; None: only as letters dx.
        result: the estimated change (`differential`), or the largest (`propagate`).
        truth: the change itself, for comparison.
        independent: for errors: the root of the sum of squares.
    """

    of: str
    slopes: Mapping[str, Expr]
    changes: Mapping[str, Expr] | None
    result: Expr | None
    truth: Expr | None = None
    independent: Expr | None = None


def differential(
    source: Source,
    changes: Numbers | None = None,
    at: Point | None = None,
    wrt: Names = None,
    of: Names = None,
    *,
    shapes: Shapes = None,
    extra: Extra = None,
) -> Expr:
    """The differential dy = Σ ∂y/∂x · dx; with changes at a point, the number that estimates the change.

    >>> differential("x^2*y")
    2*dx*x*y + dy*x**2
    >>> differential("x^2*y", {"x": 0.1, "y": -0.2}, at={"x": 3, "y": 5})
    6/5
    """
    found = find(source, wrt, of, at, shapes=shapes, extra=extra)
    made = differential_of(found, changes)
    if made.result is not None:
        return made.result
    return Add(*(Mul(slope, Symbol(f"d{name}")) for name, slope in made.slopes.items()))


def differential_of(found: Found, changes: Numbers | None = None) -> Differential:
    """The differential, from derivatives already found; with changes, beside the change itself."""
    of = found.only_end()
    slopes = {name: found.value(of, name) for name in found.starts}
    if changes is None:
        return Differential(of, slopes, None, None)
    values = point_values(found)
    steps = numbers_for(found.starts, changes, found.program, "changes")
    result = tidy(Add(*(Mul(slopes[name], steps[name]) for name in slopes)))
    rows = seeded(found.graph, steps, values)
    agree({"the differential": result, "a forward sweep": next(row.value for row in rows if row.node.name == of)})
    moved = {node.name: value + steps.get(node.name, 0) for node, value in values.point.items()}
    node = find_node(found.graph, of)
    try:
        truth = tidy(evaluate(found.graph, moved, derivatives=False).nodes[node] - values.nodes[node])
    except DomainError:
        return Differential(of, slopes, steps, result)
    return Differential(of, slopes, steps, result, truth)


def propagate(
    source: Source,
    errors: Numbers,
    at: Point,
    wrt: Names = None,
    of: Names = None,
    *,
    shapes: Shapes = None,
    extra: Extra = None,
) -> Expr:
    """How far an output may be wrong when each input may be wrong by so much, to first order: Σ |∂y/∂x|·Δx.

    >>> propagate("x*y", {"x": 0.1, "y": 0.2}, at={"x": 3, "y": -5})
    11/10
    """
    made = propagate_of(find(source, wrt, of, at, shapes=shapes, extra=extra), errors)
    assert made.result is not None
    return made.result


def propagate_of(found: Found, errors: Numbers) -> Differential:
    """The largest error to first order, and the one that independent errors make: the root of the sum of squares.

    Raises:
        SymgraphError: an error is negative, or there is no point.
    """
    of = found.only_end()
    point_values(found)
    sizes = numbers_for(found.starts, errors, found.program, "errors")
    if any(size.is_negative for size in sizes.values()):
        raise SymgraphError("an error is a size: it is not negative")
    slopes = {name: found.numbers[of, name] for name in found.starts}
    result = tidy(Add(*(Mul(Abs(slopes[name]), sizes[name]) for name in slopes)))
    signed = {name: sizes[name] * (-1 if slopes[name].is_negative else 1) for name in slopes}
    worst = seeded(found.graph, signed, point_values(found))
    agree({"the largest error": result, "a sweep from it": next(row.value for row in worst if row.node.name == of)})
    independent = tidy(sqrt(Add(*((slopes[name] * sizes[name]) ** 2 for name in slopes))))
    return Differential(of, slopes, sizes, result, None, independent)
