"""Values of every node and edge at a point, and the rates of a sweep there.

>>> from symgraph.calculus.graph import build, find_node
>>> graph = build("(a+b)*(b+1)")
>>> values = evaluate(graph, {"a": 2, "b": 1})
>>> values.nodes[find_node(graph, "e")]
6

Numbers stay exact as long as they are short (2/3, √3/2, ln 2); a longer one becomes a decimal with 50 digits. A point
where a node has no value, or where an edge has no derivative, is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import isfinite
from typing import Any, TypeAlias

from networkx import ancestors
from sympy import (
    Abs,
    Add,
    Expr,
    Float,
    Heaviside,
    Integer,
    Integral,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Product,
    Rational,
    Sum,
    Symbol,
    ceiling,
    expand,
    floor,
    sign,
)

from symgraph.calculus import balls, domains, reals
from symgraph.calculus.graph import Edge, Graph, Node, edges_into, find_node, inputs
from symgraph.calculus.standins import unknown_functions
from symgraph.calculus.substitution import replace_symbols, tree_size
from symgraph.calculus.sweeps import Row
from symgraph.errors import DomainError, LimitExceeded, NameProblem, SymgraphError
from symgraph.language.binders import carried_out
from symgraph.language.branches import taken
from symgraph.language.components import spread
from symgraph.language.constructors import construct
from symgraph.language.tree import names_in
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing import text

__all__ = [
    "Number",
    "Point",
    "Values",
    "by_name",
    "evaluate",
    "exact_number",
    "in_decimals",
    "is_a_number",
    "rates",
    "read_point",
    "tidy",
    "worth",
]

Number: TypeAlias = int | float | str | Fraction | Expr
Point: TypeAlias = Mapping[str, Number] | Mapping[Symbol, Number] | str

DIGITS = 50  # of a number that is not kept exact
_BALLS = ((170, DIGITS), (64, 18))  # bits and digits of an integral: many of a smooth one, fewer over a corner
_FEW = 20  # digits of an integral that no ball is found for
_NOT_SMOOTH = (sign, floor, ceiling, Heaviside, Piecewise, Abs, Max, Min)
_SHORT = 12  # pieces of an exact number that is still pleasant to read
_LONG = 60  # pieces of a number with integrals in it that is still kept
_POWER = 4  # an exponent up to which a short number is multiplied out
_BITS = 128  # of a fraction that is kept exact


@dataclass(frozen=True, slots=True)
class Values:
    """What every node and every edge is worth at a point: SymPy numbers."""

    point: Mapping[Node, Expr]
    nodes: Mapping[Node, Expr]
    edges: Mapping[Edge, Expr]


def read_point(graph: Graph, at: Point) -> dict[Node, Expr]:
    """The inputs' values, exact: text ("1e-3", "pi/6") is read as people mean it, a float as its shortest decimal.

    Raises:
        NameProblem: a name that is not an input, or an input without a value.
    """
    point: dict[Node, Expr] = {}
    for name, value in spread(graph.graph["program"], by_name(at)).items():
        node = find_node(graph, name)
        if node.formula is not None:
            raise NameProblem(f"{name} is computed, not given: a point has values for the inputs alone")
        point[node] = tidy(exact_number(value))
    missing = [node.name for node in inputs(graph) if node not in point]
    if missing:
        raise NameProblem(f"the point has no value for {', '.join(missing)}")
    return point


def by_name(at: Point) -> dict[str, Any]:
    """The values of a point by name; text is read.

    >>> by_name("a=2, b=1/3")
    {'a': 2, 'b': 1/3}
    """
    if isinstance(at, str):
        return dict(text.parse_point(at))
    if not isinstance(at, Mapping):
        raise SymgraphError(f'a point is text, "x=2, y=1/3", or numbers by name, {{"x": 2}}, not {at!r}')
    return {str(name): value for name, value in at.items()}


def exact_number(value: Number) -> Expr:
    """A number as people give it, exact: "1/3", 0.1 as one tenth, pi/6.

    >>> exact_number("1e-3"), exact_number(0.1)
    (1/1000, 1/10)
    """
    if isinstance(value, str):
        read = text.parse_point(f"x = {value}")
        if list(read) != ["x"]:
            raise NameProblem(f"{value} is not one number")
        value = read["x"]
    if isinstance(value, bool):
        raise NameProblem("a point has numbers, not true or false")
    if isinstance(value, int):
        return Integer(value)
    if isinstance(value, float):
        if not isfinite(value):
            raise NameProblem(f"{value} is not a number that an input can have")
        return Rational(repr(value))
    if isinstance(value, Fraction):
        return Rational(value.numerator, value.denominator)
    if not isinstance(value, Expr) or value.free_symbols or not value.is_number:
        raise NameProblem(f"{value} is not a number")
    if not value.is_finite and value.is_finite is not None:
        raise NameProblem(f"{value} is not a finite number")
    return value


def evaluate(
    graph: Graph, at: Point, *, derivatives: bool = True, of: Node | None = None, limits: Limits = DEFAULT
) -> Values:
    """The value of every node, and of every edge's local derivative, at a point.

    Args:
        at: a value for each input, by name or Symbol; or text such as "a=2, b=1".
        derivatives: whether to evaluate the edges, too.
        of: a node: nothing is evaluated that it is not computed from.

    Raises:
        DomainError: a node has no value there, or an edge no derivative; it says where and why.
    """
    point = read_point(graph, at)
    nodes: dict[Node, Expr] = dict(point)
    edges: dict[Edge, Expr] = {}
    environment: dict[str, Expr] = {node.name: value for node, value in point.items()}
    unknown = unknown_functions(graph.graph["program"])
    if unknown:
        raise DomainError(f"there are no values at a point: nothing is known about {' and '.join(unknown)}")
    wanted = graph if of is None else {of, *ancestors(graph, of)}
    for node in graph:
        if node.formula is None or node not in wanted:
            continue
        near = {name: environment[name] for name in names_in(node.formula)}
        domains.check(graph, node, environment, limits, derivatives=derivatives)
        nodes[node] = environment[node.name] = worth(node, near, limits)
        if derivatives:
            values = {Symbol(name): value for name, value in near.items()}
            values |= {tail.symbol: nodes[tail] for tail in graph.predecessors(node)}
            for edge in edges_into(graph, node):
                edges[edge] = _rate(edge, values)
    return Values(point, nodes, edges)


def worth(node: Node, near: Mapping[str, Expr], limits: Limits) -> Expr:
    """A node's value, from those it is computed from.

    Raises:
        DomainError: it has none there.
    """
    assert node.formula is not None
    try:
        value = tidy(construct(taken(node.formula, near, limits), near, limits))
    except LimitExceeded:
        # Too large to stay exact is not too large to be computed.
        decimals = {name: value.evalf(DIGITS) for name, value in near.items()}
        value = tidy(construct(taken(node.formula, decimals, limits), decimals, limits))
    if value.has(Integral) or _is_uncertain(value):  # SymPy gives wrong digits where an integrand is not smooth
        enclosed = balls.evaluate(value, {})
        if not enclosed.real and reals.CERTIFIED:
            raise DomainError(f"no certain value at this point: {domains.where(node, near)}: {enclosed.reason}")
    if not is_a_number(value):
        raise DomainError(f"{node.name} has no value at this point: {domains.where(node, near)}")
    return value


def is_a_number(value: Expr) -> bool:
    """Whether a value is real and finite; SymPy does not know it of every function (J₀(1)), its decimals do."""
    if value.is_real is None or value.is_finite is None:
        value = in_decimals(value)
    return bool(value.is_real and value.is_finite)


def _rate(edge: Edge, values: Mapping[Symbol, Expr]) -> Expr:
    value = tidy(replace_symbols(edge.partial, values))
    if _is_uncertain(value):
        raise DomainError(f"no certain value at this point: the derivative of {edge.head.name} by {edge.tail.name}")
    if not is_a_number(value):
        where = ", ".join(f"{symbol} = {domains.said(number)}" for symbol, number in sorted(values.items(), key=str))
        raise DomainError(f"the rules give {edge.head.name} no derivative by {edge.tail.name} at {where}")
    return value


def tidy(value: Expr) -> Expr:
    """A number kept exact while it is short, else a decimal with 50 digits.

    >>> from sympy import sqrt
    >>> tidy(sqrt(3)/2)
    sqrt(3)/2
    """
    if isinstance(value, Rational):
        return value if value.p.bit_length() + value.q.bit_length() <= _BITS else value.evalf(DIGITS)
    if isinstance(value, Float) or not isinstance(value, Expr) or not value.is_number:
        return value
    if value.has(Sum, Product, Integral):
        worked_out = carried_out(value)
        if worked_out is not value:
            return tidy(worked_out)
        if value.has(Integral):
            return in_decimals(value) if tree_size(value) > _LONG and balls.evaluate(value, {}).real else value
        return in_decimals(value) if balls.evaluate(value, {}).real else value
    if value.has(Float) or tree_size(value) > _SHORT:
        return value.evalf(DIGITS)
    if any(power.exp.is_Integer and abs(power.exp) > _POWER for power in value.atoms(Pow)):
        return value
    spread = expand(value)  # one number, one form, whichever way it was computed: −2 − 2√3
    return spread if tree_size(spread) <= _SHORT else value


def in_decimals(value: Expr) -> Expr:
    """A number as a decimal; one with integrals by way of balls, where these are found.

    >>> from sympy import Integral, exp, symbols
    >>> t = symbols("t")
    >>> round(in_decimals(Integral(exp(t), (t, 0, 1))), 6)
    1.718282
    """
    return _in_balls(value) if value.has(Integral, Sum, Product) else value.evalf(DIGITS)


@lru_cache(maxsize=64)  # a page shows a number many times, and an integral takes long
def _in_balls(value: Expr) -> Expr:
    found = [(balls.evaluate(value, {}, bits=bits), digits) for bits, digits in _BALLS]
    known = [(enclosed, digits) for enclosed, digits in found if enclosed.real]
    if known and known[0][0].exact is not None:
        return Rational(*known[0][0].exact.as_integer_ratio()).evalf(DIGITS)
    if not known:
        return value.evalf(_FEW if reals.CERTIFIED else DIGITS)
    enclosed, digits = max(known, key=lambda each: int(each[0].number.rel_accuracy_bits()))
    return Float(enclosed.digits(digits), digits)


def _is_uncertain(value: Expr) -> bool:
    """Whether it has no certain digits, nor any to be trusted: SymPy's are wrong where an integrand or a term jumps."""
    if not value.has(Integral, Sum, Product) or not reals.CERTIFIED or not value.has(*_NOT_SMOOTH):
        return False
    return not any(balls.evaluate(value, {}, bits=bits).real for bits, _ in _BALLS)


def rates(rows: Iterable[Row], values: Values) -> dict[Node, Expr]:
    """The rate of every row of a sweep at a point."""
    found: dict[Node, Expr] = {}
    for row in rows:
        if row.seed:
            found[row.node] = Integer(1)
        else:
            terms = (Mul(found[term.row.node], values.edges[term.edge]) for term in row.terms)
            found[row.node] = tidy(Add(*terms))
    return found
