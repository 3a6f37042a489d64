"""The same answer by every route that the size allows, compared before anything is printed.

At exact rational points, in certified balls:

forward     the forward sweep over the graph
reverse     the reverse sweep
paths       the listed paths, multiplied and added (under a limit on their number)
answer      the formula that is printed, written in the inputs
diff        SymPy's own derivative of the program's expression (under a limit on its size)
nudge       a difference quotient, against the derivative over the interval between (mean value theorem)

Functions about which nothing is known are compared with concrete ones in their places (`standins.py`).

Two balls that are apart prove that two routes differ: then nothing may be printed.

>>> from symgraph.calculus.graph import build, find_node
>>> graph = build("x^2*sin(x)")
>>> x, y = find_node(graph, "x"), find_node(graph, "y")
>>> crosscheck(graph, [(y, x)], lambda of, wrt: y.symbol)  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
symgraph.errors.DisagreementError: forward mode and the printed answer differ for ∂y/∂x at x = ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import Abs, Add, Basic, Expr, Function, Integer, Mul, Pow, S, Symbol, arg, conjugate, diff, im, re, sign
from sympy.core.function import AppliedUndef

from symgraph.calculus import reals
from symgraph.calculus.balls import CERTIFIED, Tape, points
from symgraph.calculus.equality import Outcome, equal
from symgraph.calculus.graph import Edge, Graph, Node, all_edges
from symgraph.calculus.paths import count_paths, find_paths
from symgraph.calculus.standins import has_opaque, tree_with_known, unknown_functions, with_known
from symgraph.calculus.substitution import replace_symbols, tree_size
from symgraph.errors import DisagreementError, SymgraphError, TooLargeToShow
from symgraph.limits import DEFAULT, Limits

__all__ = ["Report", "crosscheck", "sympy_derivative"]

BITS = 192
STEP = Fraction(1, 2**40)
POINTS = 3
CANDIDATES = 24
DIFF_SIZE = 200  # pieces of an expression that SymPy still differentiates quickly
WORK = 400_000  # edges touched by forward sweeps, at most


@dataclass(frozen=True, slots=True)
class Report:
    """Which routes agreed, at how many points, and whether the balls were certified (python-flint is there).

    `stand_ins` are the unknown functions that had concrete ones in their places.
    """

    routes: tuple[str, ...]
    points: int
    certified: bool
    stand_ins: tuple[str, ...] = ()


def crosscheck(
    graph: Graph,
    asked: Sequence[tuple[Node, Node]],
    answer: Callable[[str, str], Expr],
    at: Mapping[str, Any] | None = None,
    limits: Limits = DEFAULT,
) -> Report:
    """Compare every route for every (output, input) that is asked for.

    Args:
        answer: the printed formula of (output name, input name); may raise TooLargeToShow.
        at: a point to begin with (exact rationals), besides those that are drawn.

    Raises:
        DisagreementError: two routes are proved to differ; it names them, the derivative and the point.
    """
    tapes = _Tapes(graph, asked, answer, limits)
    routes: dict[str, None] = {}
    compared = 0
    for point in _points(graph, at, tapes):
        found = tapes.run(point)
        if found is None:
            continue
        compared += 1
        for route in found:
            routes.setdefault(route)
        if compared == POINTS:
            break
    if not compared:
        routes = dict.fromkeys(_as_formulas(graph, asked, answer, limits))
    return Report(tuple(routes), compared, CERTIFIED, tapes.unknown)


def _as_formulas(
    graph: Graph, asked: Sequence[tuple[Node, Node]], answer: Callable[[str, str], Expr], limits: Limits
) -> tuple[str, ...]:
    """Where nothing has a number (an integral that stays one), the printed formula against SymPy's own derivative."""
    program = graph.graph["program"]
    ends = dict(zip(graph.graph["outputs"], program.outputs, strict=True))
    if has_opaque(program):
        return ()
    for of, wrt in asked:
        if of not in ends:
            return ()
        named = ends[of]
        try:
            printed, expression = answer(of.name, wrt.name), program.expression_of(named)
        except SymgraphError:
            return ()
        if wrt.formula is not None or tree_size(expression) > DIFF_SIZE:
            return ()
        result = equal(printed, diff(expression, wrt.symbol), limits=limits)
        if result.outcome is Outcome.DIFFERENT:
            routes = f"{_SAID['answer']} and {_SAID['diff']}"
            raise DisagreementError(f"{routes} differ for ∂{of.name}/∂{wrt.name}: {result}")
        if result.outcome is not Outcome.PROVED:
            return ()
    return ("answer", "diff")


def _points(graph: Graph, at: Mapping[str, Any] | None, tapes: _Tapes) -> Iterator[dict[str, Fraction]]:
    """Points near 1 first; then, for what is real only far out (ω² > 10¹⁶π²/d²), points of any size that are."""
    names = [node.name for node in graph.graph["inputs"]]
    seed = str(graph.graph["program"].text)
    if at is not None:
        yield dict(at)
    yield from points(names, seed=seed, count=CANDIDATES)
    yield from points(names, seed=f"{seed} far", count=POINTS, domain=tapes.is_real)


def sympy_derivative(expression: Expr, inputs: Iterable[Symbol], wrt: Symbol) -> Expr:
    """SymPy's own derivative; of what is not analytic (|x|) only where it knows that its names are real.

    Taken by the method that `diff` calls, a factor at a time: `diff` then asks whether the result is zero, and so again
    for every term and factor within, which takes longer than all the rest, and its answers change nothing here.
    """
    if expression.has(*_NOT_ANALYTIC):
        real = {symbol: Symbol(symbol.name, real=True) for symbol in inputs}
        found = diff(replace_symbols(expression, real), real[wrt])
        return replace_symbols(found, {fresh: plain for plain, fresh in real.items()})
    return _by_factors(expression, wrt)


def _by_factors(expression: Any, wrt: Symbol) -> Expr:
    """The rules of sums, products, powers by a number, and of the chain; the derivatives of functions are SymPy's."""
    if not expression.args:
        return Integer(expression == wrt)
    if isinstance(expression, Add):
        return Add(*(_by_factors(term, wrt) for term in expression.args))
    if isinstance(expression, Mul):
        rates = ((place, _by_factors(factor, wrt)) for place, factor in enumerate(expression.args))
        factors = expression.args
        return Add(*(Mul(*factors[:place], rate, *factors[place + 1 :]) for place, rate in rates if rate is not S.Zero))
    if isinstance(expression, Pow) and expression.exp.is_Rational:
        base, exponent = expression.args
        return Mul(exponent, Pow(base, exponent - 1), _by_factors(base, wrt))
    plain = isinstance(expression, Function) and type(expression)._eval_derivative is Function._eval_derivative
    if plain and len(expression.args) == 1 and not isinstance(expression, AppliedUndef):
        return Mul(expression.fdiff(), _by_factors(expression.args[0], wrt))
    found = expression._eval_derivative(wrt)
    return diff(expression, wrt) if found is None else found


_NOT_ANALYTIC = (Abs, sign, re, im, arg, conjugate)


_Rates = list[Any]  # a ball for each node, by its place
_Partials = list[list[Any]]  # balls of the edges into each node


class _Tapes:
    """Everything compiled once, to be run at several points; nodes and edges are known by their places."""

    def __init__(
        self, graph: Graph, asked: Sequence[tuple[Node, Node]], answer: Callable[[str, str], Expr], limits: Limits
    ) -> None:
        self.graph, self.asked, self.limits = graph, asked, limits
        edges = all_edges(graph)
        self.nodes = list(edges)
        self.places = {id(node): place for place, node in enumerate(self.nodes)}
        self.tails = [[self.places[id(edge.tail)] for edge in into] for into in edges.values()]
        self.unknown = unknown_functions(graph.graph["program"])
        self.tapes = [
            None if node.formula is None else self._tape(node.formula, *(edge.partial for edge in into))
            for node, into in edges.items()
        ]
        self.paths: dict[tuple[Node, Node], list[list[tuple[int, int]]] | None] = {}
        self.formulas: dict[tuple[Node, Node], list[tuple[str, Tape]]] = {}
        self.expressions: dict[Node, Expr | None] = {}
        for of, wrt in asked:
            self.paths[of, wrt] = self._listed(of, wrt, edges)
            self.formulas[of, wrt] = list(self._formulas(of, wrt, answer))

    def _listed(self, of: Node, wrt: Node, edges: Mapping[Node, Sequence[Edge]]) -> list[list[tuple[int, int]]] | None:
        """The paths, their edges by place: that of the head, and that among the edges into it; None for too many."""
        if count_paths(self.graph, wrt, of) > self.limits.listed_paths:
            return None
        found = []
        for path in find_paths(self.graph, wrt, of):
            found.append([(self.places[id(edge.head)], edges[edge.head].index(edge)) for edge in path.edges])
        return found

    def _tape(self, *roots: Any) -> Tape:
        """A tape of formulas and expressions, unknown functions replaced by their stand-ins."""
        if not self.unknown:
            return Tape(*roots)
        return Tape(*(with_known(root) if isinstance(root, Basic) else tree_with_known(root) for root in roots))

    def _formulas(self, of: Node, wrt: Node, answer: Callable[[str, str], Expr]) -> Iterator[tuple[str, Tape]]:
        """The formulas of one derivative: the printed one, and SymPy's own where it is small."""
        try:
            yield "answer", self._tape(answer(of.name, wrt.name))
        except TooLargeToShow:
            return
        if of not in self.expressions:
            self.expressions[of] = self._expression(of)
        expression = self.expressions[of]
        if expression is not None and wrt.formula is None:
            # SymPy's own derivative of f(g(t), g(t)) by g(t) says two things; of what is deep there is none.
            with suppress(SymgraphError, RecursionError):
                symbols = [node.symbol for node in self.graph.graph["inputs"]]
                yield "diff", self._tape(sympy_derivative(expression, symbols, wrt.symbol))

    def _expression(self, of: Node) -> Expr | None:
        """What the program says of a node, where SymPy can differentiate it in the time there is."""
        program = self.graph.graph["program"]
        named = dict(zip(self.graph.graph["outputs"], program.outputs, strict=True)).get(of, of.name)
        if of.formula is None or has_opaque(program):
            return None
        if named not in [assignment.name or "" for assignment in program.assignments]:
            return None
        try:
            expression: Expr = program.expression_of(named)
        except SymgraphError:
            return None
        return expression if tree_size(expression) <= DIFF_SIZE else None

    def is_real(self, point: Mapping[str, Any]) -> bool:
        """Whether the program has values and derivatives at a point."""
        with reals.precision(BITS):
            exact = {name: reals.exact(value.numerator, value.denominator) for name, value in point.items()}
            return self._evaluate(exact) is not None

    def run(self, point: Mapping[str, Any]) -> list[str] | None:
        """Compare at one point; None where the program has no value or no derivative there."""
        with reals.precision(BITS):
            exact = {name: reals.exact(value.numerator, value.denominator) for name, value in point.items()}
            state = self._evaluate(exact)
            if state is None:
                return None
            values, partials = state
            routes: dict[str, None] = {}
            backward = {of: self._reverse(of, partials) for of in dict.fromkeys(of for of, _ in self.asked)}
            budget = WORK
            for wrt in dict.fromkeys(wrt for _, wrt in self.asked):
                ahead = nudged = None
                if budget > 0:
                    budget -= sum(map(len, partials))
                    ahead = self._forward(wrt, partials)
                    nudged = self._nudge(wrt, values)
                for of in (of for of, start in self.asked if start is wrt):
                    place = self.places[id(of)]
                    found = {"reverse": backward[of][self.places[id(wrt)]]}
                    if ahead is not None:
                        found = {"forward": ahead[place], **found}
                    if nudged is not None and of is not wrt:
                        found["nudge"] = nudged[place]
                    found |= self._others(of, wrt, values, partials)
                    _compare(found, of, wrt, point)
                    routes |= dict.fromkeys(found)
            return list(routes)

    def _evaluate(self, given: Mapping[str, Any], start: Node | None = None) -> tuple[dict[str, Any], _Partials] | None:
        """Balls of every node and edge; `start`'s value is taken as given even where it is computed."""
        values: dict[str, Any] = dict(given)
        partials: _Partials = []
        for node, tape in zip(self.nodes, self.tapes, strict=True):
            if tape is None:
                partials.append([])
                continue
            first, *rest = numbers = tape.execute(values)
            if reals.NotReal in map(type, numbers):
                return None
            if node is not start:
                values[node.name] = first
            partials.append(rest)
        return values, partials

    def _moved(self, given: Mapping[str, Any], start: Node) -> dict[str, Any] | None:
        """Balls of every node alone."""
        values: dict[str, Any] = dict(given)
        for node, tape in zip(self.nodes, self.tapes, strict=True):
            if tape is not None and node is not start:
                (values[node.name],) = tape.execute(values, 1)
                if isinstance(values[node.name], reals.NotReal):
                    return None
        return values

    def _forward(self, wrt: Node, partials: _Partials) -> _Rates:
        start, zero, one = self.places[id(wrt)], reals.exact(0), reals.exact(1)
        rates: _Rates = []
        for place, (tails, numbers) in enumerate(zip(self.tails, partials, strict=True)):
            rate = one if place == start else zero
            if place != start:
                for tail, number in zip(tails, numbers, strict=True):
                    rate = rate + rates[tail] * number
            rates.append(rate)
        return rates

    def _reverse(self, of: Node, partials: _Partials) -> _Rates:
        rates: _Rates = [reals.exact(0)] * len(self.nodes)
        rates[self.places[id(of)]] = reals.exact(1)
        for place in reversed(range(len(self.nodes))):
            for tail, number in zip(self.tails[place], partials[place], strict=True):
                rates[tail] = rates[tail] + rates[place] * number
        return rates

    def _nudge(self, wrt: Node, values: Mapping[str, Any]) -> list[tuple[Any, Any]] | None:
        """For every node a difference quotient that must lie among the derivatives over the interval between.

        Each entry is a pair: the quotient, and the derivatives' ball.
        """
        here = values[wrt.name]
        step = reals.exact(STEP.numerator, STEP.denominator)
        given = {node.name: values[node.name] for node in self.graph.graph["inputs"]}
        between = self._evaluate({**given, wrt.name: reals.lift(here).union(reals.lift(here + step))}, wrt)
        if between is None:
            return None
        moved = self._moved({**given, wrt.name: here + step}, wrt)  # the interval has this end: all is real there
        if moved is None:
            return None
        slopes = self._forward(wrt, between[1])
        return [
            ((moved[node.name] - values[node.name]) / step, slope)
            for node, slope in zip(self.nodes, slopes, strict=True)
        ]

    def _others(self, of: Node, wrt: Node, values: Mapping[str, Any], partials: _Partials) -> dict[str, Any]:
        """The listed paths, and the formulas."""
        found: dict[str, Any] = {}
        paths = self.paths[of, wrt]
        if paths is not None:
            total = reals.exact(0)
            for path in paths:
                product = reals.exact(1)
                for head, number in path:
                    product = product * partials[head][number]
                total = total + product
            found["paths"] = total
        for route, tape in self.formulas[of, wrt]:
            (number,) = tape.execute(values)
            if not isinstance(number, reals.NotReal):
                found[route] = number
        return found


_SAID = {
    "forward": "forward mode",
    "reverse": "reverse mode",
    "paths": "the sum over the listed paths",
    "answer": "the printed answer",
    "diff": "SymPy's own derivative",
    "nudge": "the difference quotient of a small push",
}


def _compare(found: dict[str, Any], of: Node, wrt: Node, point: Mapping[str, Any]) -> None:
    """Raise when two routes are proved to differ."""
    nudge = found.get("nudge")
    if nudge is not None and _apart(*nudge):
        _refuse("nudge", "forward", of, wrt, point)
    numbers = {route: value for route, value in found.items() if route != "nudge"}
    first = next(iter(numbers))
    for route, value in numbers.items():
        if _apart(numbers[first], value):
            _refuse(first, route, of, wrt, point)


def _refuse(one: str, other: str, of: Node, wrt: Node, point: Mapping[str, Any]) -> None:
    where = ", ".join(f"{name} = {value}" for name, value in point.items()) or "every point"
    raise DisagreementError(f"{_SAID[one]} and {_SAID[other]} differ for ∂{of.name}/∂{wrt.name} at {where}")


def _apart(left: Any, right: Any) -> bool:
    return bool(left < right or left > right)
