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
from functools import cached_property
from typing import Any

from sympy import Abs, Add, Basic, Expr, Symbol, arg, conjugate, diff, im, preorder_traversal, re, sign
from sympy.functions.elementary.hyperbolic import HyperbolicFunction

from symgraph.calculus import reals
from symgraph.calculus.balls import Tape
from symgraph.calculus.circuits import Circuit
from symgraph.calculus.equality import Outcome, equal
from symgraph.calculus.graph import Graph, Node, all_edges, places, reached_from
from symgraph.calculus.paths import count_all, find_paths
from symgraph.calculus.points import points
from symgraph.calculus.reals import CERTIFIED
from symgraph.calculus.standins import has_opaque, tree_with_known, unknown_functions, with_known
from symgraph.calculus.substitution import renamed, tree_size
from symgraph.errors import DisagreementError, SymgraphError, TooLargeToShow
from symgraph.language.constructors import construct
from symgraph.language.program import Program
from symgraph.language.tree import size
from symgraph.limits import DEFAULT, Limits

__all__ = ["Report", "crosscheck", "sympy_derivative"]

BITS = 192
LONG = 4 * BITS  # of an exact rate: a longer one goes on as a ball
STEP = Fraction(1, 2**40)
POINTS = 3
CANDIDATES = 24
DIFF_SIZE = 200  # pieces of an expression that SymPy still differentiates quickly
_GROWING = 2 * DIFF_SIZE  # pieces on the way to such an expression, beyond which it is not going to be small
WORK = 400_000  # edges touched by forward sweeps, at most


Partials = Sequence[Sequence[Any]] | Mapping[int, Sequence[Any]]  # balls of the edges into a node, by its place


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
    signs = {tail.name: "positive integer" for tail, _, _ in graph.graph.get("unknown", ())}
    if at is not None:
        yield dict(at)
    yield from points(names, seed=seed, count=CANDIDATES, signs=signs)
    yield from points(names, seed=f"{seed} far", count=POINTS, domain=tapes.is_real, signs=signs)


def sympy_derivative(expression: Expr, inputs: Iterable[Symbol], wrt: Symbol) -> Expr:
    """SymPy's own derivative; of what is not analytic (|x|) only where it knows that its names are real."""
    real = _real_names(expression, inputs)
    found = _by_sympy(expression, real, wrt)
    return renamed(found, {fresh: plain for plain, fresh in real.items()}) if real else found


def _by_sympy(expression: Expr, real: Mapping[Symbol, Symbol], wrt: Symbol) -> Expr:
    """The same, in real names where there are such.

    Taken by the method that `diff` calls: `diff` then asks whether the result is zero, which takes longer than all the
    rest, and its answer changes nothing here.
    """
    if real:
        return diff(renamed(expression, real), real[wrt])
    terms = [term for term in Add.make_args(expression) if wrt in term.free_symbols]  # of many terms few have the name
    return Add(*(_term_derivative(term, wrt) for term in terms))


_MANY = 12  # factors of a product, edges into a node


def _term_derivative(term: Expr, wrt: Symbol) -> Expr:
    factor, rest = term.as_coeff_Mul()
    if len(rest.args) > _MANY:  # SymPy multiplies the derivative of n factors together one by one, and sorts each time
        alone, rest = rest.as_independent(wrt, as_Add=False)
        factor *= alone
    found = rest._eval_derivative(wrt)
    return factor * (diff(rest, wrt) if found is None else found)


def _real_names(expression: Expr, inputs: Iterable[Symbol]) -> dict[Symbol, Symbol]:
    """Real names in the place of the inputs, where SymPy needs to know it, or takes forever without knowing."""
    if not any(isinstance(piece, _ABOUT_REALS) for piece in preorder_traversal(expression)):
        return {}
    return {symbol: Symbol(symbol.name, real=True) for symbol in inputs}


_ABOUT_REALS = (Abs, sign, re, im, arg, conjugate, HyperbolicFunction)


def _small_expression(graph: Graph, of: Node) -> Expr | None:
    """An output written in the inputs, as SymPy has it; None where it is not small, or SymPy is not asked.

    It is given up as soon as an assignment is too large in what SymPy has of its parts: a sum of n terms takes SymPy n²
    steps, and only what cancels could make it small again.
    """
    program: Program = graph.graph["program"]
    named = dict(zip(graph.graph["outputs"], program.outputs, strict=True)).get(of, of.name)
    if of.formula is None:
        return None
    environment: dict[str, Expr] = {name: program.symbol(name) for name in program.inputs}
    written: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for assignment in program.needed(named):
        name = assignment.name or ""
        written[name] = size(assignment.tree, written)
        if written[name] > program.limits.answer_operations or size(assignment.tree, sizes) > _GROWING:
            return None
        try:
            environment[name] = construct(assignment.tree, environment, program.limits)
        except SymgraphError:
            return None
        sizes[name] = tree_size(environment[name])
    return environment[named] if sizes.get(named, _GROWING) <= DIFF_SIZE else None


class _Tapes:
    """Everything compiled once, to be run at several points."""

    def __init__(
        self, graph: Graph, asked: Sequence[tuple[Node, Node]], answer: Callable[[str, str], Expr], limits: Limits
    ) -> None:
        self.graph, self.asked, self.limits = graph, asked, limits
        self.place = places(graph)
        self.nodes = list(graph)
        self.edges = list(all_edges(graph).values())
        self.tails = [[self.place[edge.tail] for edge in edges] for edges in self.edges]
        self.unknown = unknown_functions(graph.graph["program"])
        self.circuit = Circuit(
            (node.name, node.formula and self._known(node.formula), [self._known(edge.partial) for edge in edges])
            for node, edges in zip(self.nodes, self.edges, strict=True)
        )
        self._after: dict[Node, list[int]] = {}
        self._numbered: dict[int, dict[tuple[int, int], int]] = {}  # edges into a node, by tail and key
        counts = count_all(graph, asked)
        self.paths = {pair: self._listed(*pair) for pair, count in counts.items() if count <= limits.listed_paths}
        self.formulas: dict[tuple[Node, Node], list[tuple[str, Tape]]] = {}
        self._latest: tuple[Node, Expr | None] | None = None
        for of, wrt in asked:
            self.formulas[of, wrt] = list(self._formulas(of, wrt, answer))

    def _listed(self, of: Node, wrt: Node) -> list[list[tuple[int, int]]]:
        """The paths, their edges by place: that of the head, and that among the edges into it."""
        found = []
        for path in find_paths(self.graph, wrt, of):
            steps = []
            for edge in path.edges:
                head = self.place[edge.head]
                if head not in self._numbered:
                    edges = enumerate(self.edges[head])
                    self._numbered[head] = {(id(each.tail), each.key): number for number, each in edges}
                steps.append((head, self._numbered[head][id(edge.tail), edge.key]))
            found.append(steps)
        return found

    def _known(self, root: Any) -> Any:
        """A formula or an expression, unknown functions replaced by their stand-ins."""
        if not self.unknown:
            return root
        return with_known(root) if isinstance(root, Basic) else tree_with_known(root)

    def _formulas(self, of: Node, wrt: Node, answer: Callable[[str, str], Expr]) -> Iterator[tuple[str, Tape]]:
        """The formulas of one derivative: the printed one, and SymPy's own where it is small."""
        try:
            yield "answer", Tape(self._known(answer(of.name, wrt.name)))
        except TooLargeToShow:
            return
        if wrt.formula is not None:
            return
        if self._latest is None or self._latest[0] is not of:
            self._latest = (of, None if self._opaque else _small_expression(self.graph, of))
        if self._latest[1] is not None:
            # SymPy's own derivative of f(g(t), g(t)) by g(t) says two things; of what is deep there is none.
            with suppress(SymgraphError, RecursionError):
                real = _real_names(self._latest[1], [node.symbol for node in self.graph.graph["inputs"]])
                yield "diff", Tape(self._known(_by_sympy(self._latest[1], real, wrt.symbol)))

    @cached_property
    def _opaque(self) -> bool:
        return has_opaque(self.graph.graph["program"])

    def is_real(self, point: Mapping[str, Any]) -> bool:
        """Whether the program has values and derivatives at a point."""
        with reals.precision(BITS):
            return self.circuit.at(point) is not None

    def run(self, point: Mapping[str, Any]) -> list[str] | None:
        """Compare at one point; None where the program has no value or no derivative there."""
        with reals.precision(BITS):
            values = self.circuit.at(point)
            if values is None:
                return None
            partials = [list(map(values.__getitem__, slots)) for slots in self.circuit.partials]
            by_name = {node.name: values[slot] for node, slot in zip(self.nodes, self.circuit.values, strict=True)}
            routes: dict[str, None] = {}
            asked: dict[Node, list[Node]] = {}
            for of, wrt in self.asked:
                asked.setdefault(wrt, []).append(of)
            backward = {of: self._reverse(of, asked, partials) for of in dict.fromkeys(of for of, _ in self.asked)}
            budget = WORK
            for wrt, ends in asked.items():
                ahead, nudged = None, None
                if budget > 0:
                    after = self._reached_from(wrt)
                    budget -= sum([len(self.tails[place]) for place in after])
                    ahead = self._forward(after, partials, reals.exact(1))
                    nudged = self._nudge(after, ends, values)
                for of in ends:
                    found = {"reverse": backward[of][wrt]}
                    if ahead is not None:
                        found = {"forward": ahead.get(self.place[of], reals.exact(0)), **found}
                    if nudged is not None and of in nudged:
                        found["nudge"] = nudged[of]
                    found |= self._others(of, wrt, by_name, partials)
                    _compare(found, of, wrt, point)
                    routes |= dict.fromkeys(found)
            return list(routes)

    def _reached_from(self, wrt: Node) -> list[int]:
        """The places of a node and of those that are computed from it, in an order of computation."""
        if wrt not in self._after:
            self._after[wrt] = [self.place[node] for node in reached_from(self.graph, wrt)]
        return self._after[wrt]

    def _forward(self, after: Sequence[int], partials: Partials, one: Any) -> dict[int, Any]:
        """How fast each of these moves, by its place, when the first of them does at speed one; nothing else moves."""
        rates = {after[0]: one}
        zero = reals.exact(0)
        for place in after[1:]:
            rate = zero
            for tail, partial in zip(self.tails[place], partials[place], strict=True):
                if tail in rates:
                    rate = rate + rates[tail] * partial
            rates[place] = reals.capped(rate, LONG) if type(rate) is reals.EXACT else rate
        return rates

    def _reverse(self, of: Node, starts: Iterable[Node], partials: Partials) -> dict[Node, Any]:
        """How fast an output moves with each start; only what it is computed from is looked at."""
        zero = reals.exact(0)
        rates: dict[int, Any] = {self.place[of]: reals.exact(1)}
        for place in range(self.place[of], -1, -1):
            if place in rates and self.tails[place]:
                rate = rates[place]
                if type(rate) is reals.EXACT:
                    rate = rates[place] = reals.capped(rate, LONG)
                for tail, partial in zip(self.tails[place], partials[place], strict=True):
                    rates[tail] = rates.get(tail, zero) + rate * partial
        return {start: rates.get(self.place[start], zero) for start in starts}

    def _nudge(
        self, after: Sequence[int], ends: Sequence[Node], values: Sequence[Any]
    ) -> dict[Node, tuple[Any, Any]] | None:
        """For every output a difference quotient that must lie among the derivatives over the interval between.

        Only what is computed from the node that is pushed can move: an output that is not stays where it is.

        Each entry is a pair: the quotient, and the derivatives' ball.
        """
        slots = self.circuit.values
        here = values[slots[after[0]]]
        step = reals.exact(STEP.numerator, STEP.denominator)
        there = reals.lift(here + step)  # of an interval long exact numbers say no more than balls, and take longer
        # Of a product of n factors one moves: of its n local derivatives one is asked for.
        moving = set(after)
        only = {
            place: [number for number, tail in enumerate(self.tails[place]) if tail in moving]
            for place in after[1:]
            if len(self.tails[place]) > _MANY
        }
        between = self.circuit.moved(values, after, reals.lift(here).union(there), only=only)
        if between is None:
            return None
        moved = self.circuit.moved(values, after, there, derivatives=False)
        if moved is None:
            return None
        near = {place: list(map(between.__getitem__, self.circuit.partials[place])) for place in after}
        slopes = self._forward(after, near, reals.lift(reals.exact(1)))
        found = {}
        for of in ends:
            if self.place[of] != after[0]:
                slot = slots[self.place[of]]
                found[of] = ((moved[slot] - values[slot]) / step, slopes.get(self.place[of], reals.exact(0)))
        return found

    def _others(self, of: Node, wrt: Node, values: Mapping[str, Any], partials: Partials) -> dict[str, Any]:
        """The listed paths, and the formulas."""
        found: dict[str, Any] = {}
        paths = self.paths.get((of, wrt))
        if paths is not None:
            total = reals.exact(0)
            for path in paths:
                product = reals.exact(1)
                for head, number in path:
                    product = reals.multiply(product, partials[head][number])
                total = reals.add(total, product)
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
