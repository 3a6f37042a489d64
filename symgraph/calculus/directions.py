"""Several inputs that move at once, and several outputs that are weighted: directions, rates in time, seeds.

A forward sweep can start at every input with a speed of its own, a reverse sweep at every output with a weight: seeds.

>>> directional("x^2*y", [3, 4], at={"x": 1, "y": 2})
16/5
>>> related_rates("pi*r^2*h", {"r": 2, "h": -1}, at={"r": 3, "h": 5})
51*pi
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sympy import Add, Expr, ImmutableDenseMatrix, Integer, Mul, Symbol, diff, sqrt

from symgraph.calculus.agreement import agree
from symgraph.calculus.derivatives import Extra, Found, Names, Shapes, expression, find
from symgraph.calculus.evaluation import Point, Values, evaluate, exact_number, tidy
from symgraph.calculus.given import Numbers, by_layer, numbers_for, point_values
from symgraph.calculus.graph import Edge, Graph, Node, Source, edges_into, find_node
from symgraph.calculus.substitution import replace_symbols
from symgraph.errors import DomainError, SymgraphError
from symgraph.language.notation import from_sympy
from symgraph.language.program import Assignment, Program, assemble
from symgraph.language.tree import Apply, Name, Tree

__all__ = [
    "Direction",
    "SeedRow",
    "Slope",
    "check_weighted",
    "direction_of",
    "directional",
    "extended",
    "related_rates",
    "seeded",
    "slope_of",
    "steepest",
    "vjp",
    "weighted",
]

ENTRIES = 64  # of a Jacobian that is still worked out only to compare


@dataclass(frozen=True, slots=True)
class SeedRow:
    """One line of a forward sweep from several inputs at once: (rate of the tail, edge) for every edge, and the sum."""

    node: Node
    terms: tuple[tuple[Expr, Edge], ...]
    value: Expr


def seeded(graph: Graph, seeds: Mapping[str, Expr], values: Values) -> tuple[SeedRow, ...]:
    """How fast every node moves when each input moves at its seed, at a point.

    >>> from symgraph.calculus.graph import build
    >>> graph = build("x*y")
    >>> rows = seeded(graph, {"x": Integer(1), "y": Integer(2)}, evaluate(graph, "x=3, y=4"))
    >>> [(row.node.name, row.value) for row in rows]
    [('x', 1), ('y', 2), ('z', 10)]
    """
    rates: dict[Node, Expr] = {}
    rows: list[SeedRow] = []
    for node in graph:
        terms = tuple((rates[edge.tail], edge) for edge in edges_into(graph, node) if rates[edge.tail] != 0)
        rate = seeds.get(node.name, Integer(0))
        if node.formula is not None:
            rate = tidy(Add(*(Mul(speed, values.edges[edge]) for speed, edge in terms)))
        rates[node] = rate
        rows.append(SeedRow(node, terms, rate))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class Direction:
    """A derivative in a direction: given, made as long as 1, its entries times the derivatives, their sum.

    Args:
        given: by input.
        length: of the given direction.
        unit: what the derivatives are multiplied by.
        slopes: the derivatives.
        result: the sum of the products.
        rows: the same by a forward sweep, if there is a point.
    """

    given: Mapping[str, Expr]
    length: Expr
    unit: Mapping[str, Expr]
    slopes: Mapping[str, Expr]
    result: Expr
    rows: tuple[SeedRow, ...]


def directional(
    source: Source,
    direction: Numbers,
    at: Point | None = None,
    of: Names = None,
    *,
    unit: bool = True,
    shapes: Shapes = None,
    extra: Extra = None,
) -> Expr:
    """How fast an output changes in a direction; `unit` makes the direction as long as 1 first.

    Args:
        direction: a number for each input: {"x": 3, "y": 4}, [3, 4], or "x=3, y=4".

    >>> directional("x^2*y", [3, 4], at={"x": 1, "y": 2})
    16/5
    """
    found = find(source, None, of, at, shapes=shapes, extra=extra)
    return direction_of(found, direction, unit=unit).result


def direction_of(found: Found, direction: Numbers, *, unit: bool = True, what: str = "direction") -> Direction:
    """The derivative in a direction, from derivatives already found; by a forward sweep with that seed as well.

    Args:
        unit: whether the direction is made as long as 1 first.
        what: what its numbers are called in an error.

    Raises:
        SymgraphError: the direction is the zero vector.
    """
    of = found.only_end()
    given = numbers_for(found.starts, direction, found.program, what)
    length = sqrt(Add(*(number**2 for number in given.values())))
    if length == 0:
        raise SymgraphError("the direction is the zero vector: it points nowhere")
    steps = {name: number / length if unit else number for name, number in given.items()}
    slopes = {name: found.value(of, name) for name in given}
    result = tidy(Add(*(Mul(slopes[name], steps[name]) for name in given)))
    rows: tuple[SeedRow, ...] = ()
    if found.values is not None:
        rows = seeded(found.graph, steps, found.values)
        (last,) = (row.value for row in rows if row.node.name == of)
        agree({"the gradient": result, "a forward sweep in that direction": last})
    else:
        whole = expression(found, of)
        if whole is not None:
            along = Symbol("along_the_line")
            moved = replace_symbols(whole, {Symbol(name): Symbol(name) + along * step for name, step in steps.items()})
            agree({"the gradient": result, "the slope along the line": diff(moved, along).subs(along, 0)})
    return Direction(given, length, steps, slopes, result, rows)


def related_rates(
    source: Source,
    rates: Numbers,
    at: Point,
    of: Names = None,
    *,
    shapes: Shapes = None,
    extra: Extra = None,
) -> Expr:
    """How fast an output changes in time when each input changes at a given rate.

    Args:
        rates: one for each input, 0 for what stands still.

    >>> related_rates("pi*r^2*h", {"r": 2, "h": -1}, at={"r": 3, "h": 5})
    51*pi
    """
    found = find(source, None, of, at, shapes=shapes, extra=extra)
    return direction_of(found, rates, unit=False, what="rates").result


def vjp(
    source: Source,
    seed: Numbers,
    wrt: Names = None,
    of: Names = None,
    at: Point | None = None,
    *,
    shapes: Shapes = None,
    extra: Extra = None,
) -> dict[str, Any]:
    """The vector–Jacobian product: how fast the outputs, weighted by a seed and added, change with each input.

    Args:
        seed: a number for each output, or one for all of them.

    Returns:
        By name of input: a number or expression, or a matrix in the shape of an input that is one.

    >>> vjp("u = x*y; v = x + y", [2, 3])
    {'x': 2*y + 3, 'y': 2*x + 3}
    """
    found = find(source, wrt, of, at, shapes=shapes, extra=extra)
    program, name, seeds = weighted(found, seed)
    whole = find(program, wrt if wrt is not None else list(found.starts), name, at)
    check_weighted(found, whole, name, seeds)
    return by_layer(whole.program, {start: whole.value(name, start) for start in whole.starts})


def weighted(found: Found, seed: Numbers) -> tuple[Program, str, Mapping[str, Expr]]:
    """The program with one more node, the outputs weighted by the seed and added; its name, and the weights."""
    program, ends = found.program, found.ends
    seeds = numbers_for(ends, seed, program, "seed")
    taken = {node.name for node in found.graph}
    name = next(letter for letter in ("l", "L", "s", "S", "total") if letter not in taken)
    terms: list[Tree] = []
    for end in ends:
        if seeds[end] != 0:
            terms.append(Name(end) if seeds[end] == 1 else Apply("multiply", (from_sympy(seeds[end]), Name(end))))
    if not terms:
        raise SymgraphError("the seed is zero everywhere: nothing flows back")
    tree = terms[0]
    for term in terms[1:]:
        tree = Apply("add", (tree, term))
    return extended(program, found.graph, Assignment(name, tree)), name, seeds


def extended(program: Program, graph: Graph, extra: Assignment) -> Program:
    """A program with one more assignment, which is its only output; an unnamed expression gets its node's name."""
    ends = dict(zip(program.outputs, graph.graph["outputs"], strict=True))
    named = [
        Assignment(each.name or ends[""].name, each.tree, each.span, each.parameters) for each in program.assignments
    ]
    made = assemble(
        [*named, extra],
        text=program.text,
        of=extra.name,
        inputs=program.inputs,
        readings=program.readings,
        symbols=program.symbols,
        limits=program.limits,
    )
    return replace(made, layers=program.layers)


def check_weighted(found: Found, whole: Found, name: str, seeds: Mapping[str, Expr]) -> None:
    """Compare the reverse sweep from the weighted sum with the Jacobian's rows, weighted and added."""
    if len(found.pairs) > ENTRIES:
        return
    for start in found.starts:
        summed = Add(*(Mul(seeds[end], found.value(end, start)) for end in found.ends))
        agree({"reverse mode from the weighted sum": whole.value(name, start), "the weighted Jacobian": summed})


@dataclass(frozen=True, slots=True)
class Slope:
    """The direction of steepest ascent: the gradient, its length, and where a step along it leads.

    Args:
        gradient: by input.
        length: of the gradient: the rate in that direction.
        step: how far along the gradient; `moved` is the point there, and `after` the output.
    """

    of: str
    gradient: Mapping[str, Expr]
    length: Expr
    before: Expr | None = None
    step: Expr | None = None
    moved: Mapping[str, Expr] | None = None
    after: Expr | None = None


def steepest(
    source: Source,
    at: Point,
    wrt: Names = None,
    of: Names = None,
    *,
    shapes: Shapes = None,
    extra: Extra = None,
) -> tuple[ImmutableDenseMatrix, Expr]:
    """The direction of steepest ascent at a point, as long as 1, and the rate in it.

    >>> direction, rate = steepest("x*y", at={"x": 4, "y": 3})
    >>> direction.T, rate
    (Matrix([[3/5, 4/5]]), 5)
    """
    made = slope_of(find(source, wrt, of, at, shapes=shapes, extra=extra))
    if made.length == 0:
        raise DomainError("the gradient is zero here: no direction is steeper than another")
    return ImmutableDenseMatrix([[slope / made.length] for slope in made.gradient.values()]), made.length


def slope_of(found: Found, step: Any = None) -> Slope:
    """Steepest ascent, from derivatives already found; with a step, the point that far along the gradient."""
    of = found.only_end()
    values = point_values(found)
    slopes = {name: found.numbers[of, name] for name in found.starts}
    length = tidy(sqrt(Add(*(slope**2 for slope in slopes.values()))))
    before = values.nodes[find_node(found.graph, of)]
    if length != 0:
        unit = {name: slope / length for name, slope in slopes.items()}
        rows = seeded(found.graph, unit, values)
        agree({"the gradient's length": length, "the rate along it": next(r.value for r in rows if r.node.name == of)})
    if step is None:
        return Slope(of, slopes, length, before)
    size = exact_number(step)
    moved = {node.name: tidy(value + size * slopes.get(node.name, 0)) for node, value in values.point.items()}
    after = evaluate(found.graph, moved, derivatives=False).nodes[find_node(found.graph, of)]
    return Slope(of, slopes, length, before, size, {name: moved[name] for name in slopes}, after)
