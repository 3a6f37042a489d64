"""Derivatives written in the inputs: every one that is asked for, simplified, and checked before it is given out.

>>> differentiate("x^2*sin(x)", "x")
x**2*cos(x) + 2*x*sin(x)
>>> differentiate("x^3*y", "x", order=2, at="x=2, y=5")
60
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sympy import Add, Derivative, Expr, Symbol

from symgraph.calculus.crosscheck import Report, crosscheck, sympy_derivative
from symgraph.calculus.evaluation import Point, Values, by_name, evaluate, is_a_number, rates, read_point, tidy
from symgraph.calculus.graph import (
    Grain,
    Graph,
    Node,
    Source,
    as_program,
    build,
    find_node,
    keeping,
    known_derivative,
    outputs,
)
from symgraph.calculus.paths import count_all, count_paths, find_paths, path_sum
from symgraph.calculus.sides import seen_from_both_sides
from symgraph.calculus.simplifier import simplest
from symgraph.calculus.substitution import InInputs, in_inputs, replace_symbols, tree_size
from symgraph.calculus.sweeps import reverse
from symgraph.errors import DomainError, SymgraphError, TooLargeToShow
from symgraph.language.components import Shape, components_of, shapes_of
from symgraph.language.primitives import Primitive
from symgraph.language.program import Program
from symgraph.language.unknowns import read_unknown
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing.pytorch import Recording

__all__ = [
    "Answers",
    "Extra",
    "Found",
    "Names",
    "Shapes",
    "by_sympy",
    "derivative",
    "differentiate",
    "expression",
    "find",
    "given_point",
    "last_at",
    "once_more",
    "pairs",
    "repeated",
    "several",
    "value_at",
]

Names: TypeAlias = str | Symbol | Iterable[str | Symbol] | None
Extra: TypeAlias = Mapping[Any, Primitive] | None
Shapes: TypeAlias = Mapping[str, Shape] | None

SYMPY_SIZE = 200  # pieces of an expression that SymPy still differentiates quickly


class Answers(Mapping[tuple[str, str], Expr]):
    """Every derivative that was asked for, by (output, input); worked out when looked at.

    >>> graph = build("(a+b)*(b+1)")
    >>> answers = Answers(graph, pairs(graph), DEFAULT)
    >>> list(answers), answers["e", "a"]
    ([('e', 'a'), ('e', 'b')], b + 1)
    """

    def __init__(self, graph: Graph, asked: Iterable[tuple[Node, Node]], limits: Limits) -> None:
        self._graph, self._limits = graph, limits
        self._asked = {(of.name, wrt.name): (of, wrt) for of, wrt in asked}
        counts = count_all(graph, self._asked.values())
        self._listed = {pair for pair, count in counts.items() if count <= limits.listed_paths}
        self._summed: dict[tuple[str, str], Expr | TooLargeToShow] = {}
        self._sweeps: dict[Node, InInputs] = {}
        self._written: dict[str, Expr] = {}  # nodes in the inputs
        self._found: dict[tuple[str, str], Expr] = {}

    def __getitem__(self, key: tuple[str | Symbol, str | Symbol]) -> Expr:
        names = (str(key[0]), str(key[1]))
        if names not in self._found:
            self._found[names] = simplest(self.summed(*names), limits=self._limits)
        return self._found[names]

    def summed(self, of: str, wrt: str) -> Expr:
        """The derivative as the sum over the paths gives it, written in the inputs and not simplified."""
        if (of, wrt) not in self._summed:
            end, start = self._asked[of, wrt]
            try:
                self._summed[of, wrt] = self._in_inputs(start, end)
            except TooLargeToShow as error:
                self._summed[of, wrt] = error
        summed = self._summed[of, wrt]
        if isinstance(summed, TooLargeToShow):
            raise summed
        return summed

    def _in_inputs(self, wrt: Node, of: Node) -> Expr:
        """The sum over few paths, or that of a sweep over many: one sweep for all that an output moves with."""
        if (of, wrt) in self._listed:
            summed = Add(*(path.product for path in find_paths(self._graph, wrt, of)))
            return in_inputs(self._graph, summed, wrt, self._limits, self._written)
        if of not in self._sweeps:
            self._sweeps[of] = InInputs(self._graph, of, self._limits)
        return self._sweeps[of].rate(wrt)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._asked)

    def __len__(self) -> int:
        return len(self._asked)

    def __repr__(self) -> str:
        return f"Answers({list(self._asked)})"


def derivative(graph: Graph, wrt: Node, of: Node, limits: Limits = DEFAULT) -> Expr:
    """∂of/∂wrt in the symbols of nodes: the sum over few paths, or the merged sum of a sweep over many."""
    if count_paths(graph, wrt, of) <= limits.listed_paths:
        return path_sum(graph, wrt, of, limits)
    return next(row.value for row in reverse(graph, of) if row.node is wrt)


def pairs(graph: Graph, wrt: Names = None, of: Names = None) -> list[tuple[Node, Node]]:
    """The (output, input) pairs that are asked for; a vector is all its components.

    Nothing said, all inputs are meant; of h(t) = A e^(−kt) only t, and never how many terms a sum has.

    >>> [(str(of.symbol), str(wrt.symbol)) for of, wrt in pairs(build("c = a + b; d = a*b"), "a")]
    [('c', 'a'), ('d', 'a')]
    """
    starts = tuple(_nodes(graph, graph.graph["program"].varying if wrt is None else wrt))
    ends = outputs(graph) if of is None else tuple(_nodes(graph, of))
    if not starts:
        raise SymgraphError("nothing varies here: there is no input to differentiate by")
    asked = [(end, start) for end in ends for start in starts]
    for end, start in asked if graph.graph["unknown"] else ():
        known_derivative(graph, start, end)
    return asked


def _nodes(graph: Graph, names: str | Symbol | Iterable[str | Symbol]) -> Iterator[Node]:
    program: Program = graph.graph["program"]
    for name in several(names):
        for component in components_of(program, name):
            yield find_node(graph, component)


def several(names: str | Symbol | Iterable[str | Symbol]) -> list[str]:
    """Names as a list: "a, b" is two of them.

    >>> several("a, b"), several(Symbol("x"))
    (['a', 'b'], ['x'])
    """
    if isinstance(names, str):
        return [name.strip() for name in names.split(",")]
    if isinstance(names, Symbol):
        return [str(names)]
    if not isinstance(names, Iterable):
        raise SymgraphError(f'names are text, "a, b", a Symbol, or a list of them, not {names!r}')
    return [str(name) for name in names]


def given_point(at: Point | None) -> dict[str, Any] | None:
    """A point by name: text is read, vectors stay together.

    >>> given_point("a=2, b=[1, 2]")
    {'a': 2, 'b': Matrix([
    [1],
    [2]])}
    """
    if at is None:
        return None
    return by_name(at)


@dataclass(frozen=True)
class Found:
    """Derivatives that were asked for, checked: what every question starts from.

    Args:
        pairs: (output, input), in the order asked for.
        answers: each as an expression in the inputs, by name.
        numbers: each at the point, by name; empty without a point.
    """

    program: Program
    graph: Graph
    pairs: list[tuple[Node, Node]]
    answers: Answers
    report: Report
    values: Values | None
    numbers: Mapping[tuple[str, str], Expr]

    def value(self, of: str, wrt: str) -> Expr:
        """The derivative at the point, if there is one; else as an expression."""
        return self.numbers[of, wrt] if self.values is not None else self.answers[of, wrt]

    @property
    def ends(self) -> list[str]:
        return list(dict.fromkeys(of.name for of, _ in self.pairs))

    @property
    def starts(self) -> list[str]:
        return list(dict.fromkeys(wrt.name for _, wrt in self.pairs))

    def only_end(self) -> str:
        """The only output asked for, or an error that asks which."""
        if len(self.ends) != 1:
            raise SymgraphError(f"there are {len(self.ends)} outputs ({', '.join(self.ends)}): say which, with of=")
        return self.ends[0]


def find(
    source: Source,
    wrt: Names = None,
    of: Names = None,
    at: Point | None = None,
    *,
    grain: Grain | None = None,
    shapes: Shapes = None,
    extra: Extra = None,
    limits: Limits = DEFAULT,
) -> Found:
    """Every derivative of `of` by `wrt`, crosschecked; at a point, if one is given.

    >>> found = find("x1*x2", at={"x1": 2, "x2": 3})
    >>> found.value("y", "x1"), found.answers["y", "x1"]
    (3, x2)
    """
    if isinstance(source, Recording):  # it has a point of its own, and inputs that are meant to vary
        at, wrt = (source.point if at is None else at), (source.varying if wrt is None else wrt)
    point = given_point(at)
    known = {**(shapes_of(point) if point else {}), **(shapes or {})}
    program = as_program(keeping(source, of, limits), shapes=known, extra=extra, at=point, limits=limits)
    graph = build(program, grain)
    asked = pairs(graph, wrt, of)
    answers = Answers(graph, asked, limits)
    report = crosscheck(graph, asked, answers.summed)
    values = None if point is None else _evaluated(graph, point, asked, limits)
    return Found(program, graph, asked, answers, report, values, numbers(graph, asked, values))


def _evaluated(graph: Graph, point: Point, asked: Sequence[tuple[Node, Node]], limits: Limits) -> Values:
    """Every node and edge at a point; where the rules end, with what is seen from both sides of it."""
    try:
        return evaluate(graph, point, limits=limits)
    except DomainError as error:
        given = {node.name: value for node, value in read_point(graph, point).items()}
        also = seen_from_both_sides(graph, given, asked[0][0].name) if len(asked) == 1 else ""
        if not also:
            raise
        raise DomainError(f"{error}; {also}") from None


def numbers(graph: Graph, asked: Iterable[tuple[Node, Node]], values: Values | None) -> dict[tuple[str, str], Expr]:
    """The derivatives at a point, by the reverse sweep."""
    if values is None:
        return {}
    found: dict[tuple[str, str], Expr] = {}
    asked = list(asked)
    for of in dict.fromkeys(of for of, _ in asked):
        at_point = rates(reverse(graph, of), values)
        found |= {(end.name, wrt.name): at_point[wrt] for end, wrt in asked if end is of}
    return found


def differentiate(
    source: Source,
    wrt: str | Symbol | None = None,
    of: str | Symbol | None = None,
    *,
    order: int = 1,
    at: Point | None = None,
    shapes: Shapes = None,
    extra: Extra = None,
) -> Expr:
    """The derivative as a SymPy expression in the inputs, checked by every route that its size allows.

    Args:
        order: how often; each time on the graph of the derivative before.
        at: a point; then the result is a number.

    >>> differentiate("x^4", order=3)
    24*x
    """
    if not isinstance(order, int):
        raise SymgraphError(f"the order of a derivative is 1, 2, 3, …, not {order!r}")
    found = find(source, wrt, of, at if order == 1 else None, shapes=shapes, extra=extra)
    if len(found.pairs) != 1:
        raise SymgraphError(f"there are {len(found.pairs)} derivatives here: say which, with wrt= and of=")
    ((end, start),) = found.pairs
    if order == 1:
        return found.value(end.name, start.name)
    return last_at(found, repeated(found, end.name, [start.name] * order), at)


def repeated(found: Found, of: str, names: Iterable[str]) -> list[Expr]:
    """The derivative by the first name, then by the second, …: each on the graph of the one before.

    Raises:
        SymgraphError: an order that is no positive whole number.
    """
    first, *rest = list(names) or [""]
    if not first:
        raise SymgraphError("the order of a derivative is 1, 2, 3, …")
    done = [found.answers[of, first]]
    for name in rest:
        done.append(once_more(done[-1], found.program, name))
    return done


def once_more(expr: Expr, program: Program, wrt: str) -> Expr:
    """The derivative of an expression in a program's inputs, on a graph of its own."""
    again = find(as_program(expr, inputs=program.inputs), wrt)
    return again.answers[again.only_end(), wrt]


def value_at(expr: Expr, program: Program, at: Point | None) -> Expr:
    """An expression in a program's inputs at a point of the program; without one, the expression.

    Raises:
        DomainError: it has no real value there.
    """
    if at is None:
        return expr
    graph = build(program)
    values = evaluate(graph, given_point(at) or {}, derivatives=False)
    value = tidy(replace_symbols(expr, {node.symbol: worth for node, worth in values.point.items()}))
    if not is_a_number(value):
        raise DomainError("the derivative has no value at this point")
    return value


def last_at(found: Found, derivatives: Sequence[Expr], at: Point | None) -> Expr:
    """The last of several derivatives, each that of the one before, at a point; where all steps of all have one.

    >>> cube = find("x^3", "x")
    >>> last_at(cube, repeated(cube, "y", "xx"), "x=2")
    12
    """
    if at is not None:
        point = evaluate(found.graph, given_point(at) or {}).point
        values = {node.symbol: value for node, value in point.items()}
        for each in derivatives[:-1]:
            again = build(as_program(each, inputs=found.program.inputs))
            evaluate(again, values)
    return value_at(derivatives[-1], found.program, at)


def expression(found: Found, of: str) -> Expr | None:
    """An output written in the inputs, where it is small enough for SymPy to work with."""
    named = dict(zip([node.name for node in found.graph.graph["outputs"]], found.program.outputs, strict=True))
    try:
        whole = found.program.expression_of(named.get(of, of))
    except (SymgraphError, TooLargeToShow, KeyError):
        return None
    return whole if tree_size(whole) <= SYMPY_SIZE else None


def by_sympy(found: Found, of: str, names: Sequence[str]) -> Expr | None:
    """SymPy's own derivative of a small output by inputs, one after the other; None where it is no second way."""
    whole = expression(found, of)
    if whole is None or any(name not in found.program.inputs for name in names):
        return None
    symbols = [found.program.symbol(name) for name in found.program.inputs]
    for name in names:
        whole = sympy_derivative(whole, symbols, found.program.symbol(name))
    unknown = any(not read_unknown(each) for each in whole.atoms(Derivative))  # SymPy knows none of ⌊x⌋
    return None if unknown else whole
