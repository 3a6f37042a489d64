"""What was asked: one derivative of one graph, its paths, its operations, and points to look at it.

>>> question = ask("(a+b)*(b+1)", "b")
>>> question.answer, [str(path) for path in question.paths]
(a + 2*b + 1, ['b → c → e', 'b → d → e'])

Marking uses the `operation` grain: a slip is made at one operation. A derivative of a higher order is asked of the
graph of the derivative before it, and `earlier` holds what was passed on the way: f, f', ….
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import islice

from sympy import Expr, Poly, Rational, Symbol

from symgraph.calculus.balls import Tape
from symgraph.calculus.domains import check
from symgraph.calculus.evaluation import worth
from symgraph.calculus.graph import (
    Edge,
    Graph,
    Node,
    Source,
    as_program,
    build,
    edges_into,
    find_node,
    inputs,
    keeping,
    known_derivative,
    only,
    outputs,
)
from symgraph.calculus.paths import Path, count_paths, find_paths
from symgraph.calculus.points import points
from symgraph.calculus.standins import unknown_functions
from symgraph.calculus.substitution import in_inputs, replace_symbols
from symgraph.calculus.sweeps import reverse
from symgraph.errors import SymgraphError
from symgraph.language.branches import computed
from symgraph.language.constructors import construct
from symgraph.language.notation import from_sympy
from symgraph.language.program import Assignment, Program, assemble
from symgraph.language.tree import Apply, Name, Tree, names_in, postorder
from symgraph.limits import DEFAULT, Limits

__all__ = ["Operation", "Question", "ask", "following", "mixed", "read_source", "spanning"]

POINTS = 12  # at which a question is looked at
CANDIDATES = 96  # points that are tried to find them
LISTED = 512  # paths that are looked at one by one
_COMPARISONS = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "unequal"})
LONE = 2  # points from which one is moved to where a formula holds at single points


@dataclass(frozen=True, slots=True)
class Operation:
    """A node with its row, its arguments as written, and the edges that stand at their places.

    `edges[k]` is the edge of argument k if that argument is a node through which the input acts, else None.
    """

    node: Node
    row: str
    arguments: tuple[Tree, ...]
    edges: tuple[Edge | None, ...]

    @property
    def moving(self) -> list[int]:
        """The places of the arguments that move with the input."""
        return [place for place, edge in enumerate(self.edges) if edge is not None]


@dataclass(frozen=True, eq=False)
class Question:
    """The derivative ∂of/∂wrt of a graph in the operation grain.

    Args:
        graph: of the function, or of its derivative of one order less.
        of, wrt: the nodes asked about.
        before: the question for one order less, if there is one.
        seed: what the points are drawn from.
        by: the names differentiated by, in order; all the same unless the derivative is mixed.
        named_output: the name that the function was given; "" if it has none.
    """

    graph: Graph
    of: Node
    wrt: Node
    before: Question | None = None
    seed: str = ""
    by: tuple[str, ...] = ()
    named_output: str = ""
    limits: Limits = field(default=DEFAULT, repr=False)

    @property
    def order(self) -> int:
        return 1 if self.before is None else self.before.order + 1

    @cached_property
    def earlier(self) -> tuple[Expr, ...]:
        """f, f', … as expressions in the inputs, without the one asked for."""
        if self.before is None:
            return (self.expression(self.of),)
        return (*self.before.earlier, self.before.answer)

    @cached_property
    def answer(self) -> Expr:
        """The derivative as the graph gives it, written in the inputs and not simplified."""
        row = next(row for row in reverse(self.graph, self.of) if row.node is self.wrt)
        return in_inputs(self.graph, row.value, self._held, self.limits)

    @property
    def _held(self) -> Node | None:
        """An inner node that is asked about stays a letter of its own."""
        return None if self.wrt.formula is None else self.wrt

    @cached_property
    def path_count(self) -> int:
        return count_paths(self.graph, self.wrt, self.of)

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The first paths, `LISTED` at most."""
        return tuple(islice(find_paths(self.graph, self.wrt, self.of), LISTED))

    @property
    def names(self) -> tuple[str, ...]:
        """The names in which an answer is written: the inputs, and an inner node that was asked about."""
        found = tuple(node.name for node in inputs(self.graph))
        return found if self._held is None else (*found, self._held.name)

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """What lies between the input and the output, in an order of computation."""
        reached = {self.wrt}
        for node in self.graph:
            if any(tail in reached for tail in self.graph.predecessors(node)):
                reached.add(node)
        between = [node for node in self.graph if node in reached and node in self.leading and node is not self.wrt]
        return tuple(_operation(self.graph, node, reached) for node in between)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The edges that some path runs along."""
        return tuple(edge for operation in self.operations for edge in operation.edges if edge is not None)

    @cached_property
    def further(self) -> Question:
        """The question for one order more."""
        return _next(self, self.graph.graph["program"], self.wrt.name)

    def between(self, tail: Node, head: Node) -> tuple[Edge, ...]:
        """The edges on the ways from one node to another."""
        ahead, back, found = {tail}, {head}, []
        for operation in self.operations:
            if any(edge is not None and edge.tail in ahead for edge in operation.edges):
                ahead.add(operation.node)
        for operation in reversed(self.operations):
            for edge in operation.edges:
                if operation.node in back and edge is not None and edge.tail in ahead:
                    back.add(edge.tail)
                    found.append(edge)
        return tuple(reversed(found))

    def users(self, node: Node) -> list[Edge]:
        """The edges of paths that leave a node."""
        return [edge for edge in self.edges if edge.tail is node]

    def expression(self, node: Node) -> Expr:
        """A node written in the inputs."""
        return in_inputs(self.graph, node.symbol, self._held, self.limits)

    @cached_property
    def leading(self) -> frozenset[Node]:
        """The nodes that the output is computed from, itself included."""
        return frozenset(_leading_to(self.graph, self.of))

    @cached_property
    def computed(self) -> tuple[Node, ...]:
        """Of these the ones with a formula, in an order of computation; a node that was asked about is given."""
        return tuple(
            node for node in self.graph if node.formula is not None and node in self.leading and node is not self._held
        )

    @cached_property
    def edges_downwards(self) -> tuple[Edge, ...]:
        """All edges that lead to the output, those of other inputs included, from the output down."""
        nodes = reversed([node for node in self.graph if node in self.leading])
        return tuple(edge for node in nodes if node is not self._held for edge in edges_into(self.graph, node))

    @cached_property
    def points(self) -> tuple[Mapping[str, Fraction], ...]:
        """Rational points at which the function and its derivative have values; fewer where those are rare."""
        tapes = [(node.name, Tape(node.formula)) for node in self.computed if node.formula is not None]
        slopes = Tape(*(edge.partial for edge in self.edges))

        def inside(point: dict[str, Fraction]) -> bool:
            values: dict[str, object] = dict(point)
            for name, tape in tapes:
                (found,) = tape.run(values)
                if not found.real:
                    return False
                values[name] = found.number
            return all(found.real for found in slopes.run(values))

        return tuple(islice(points(self.names, self.seed, CANDIDATES, inside), POINTS))

    @cached_property
    def lone_points(self) -> tuple[Mapping[str, Fraction], ...]:
        """Points on which u = v or u ≠ v decides between cases: a formula may hold there and nowhere beside."""
        found: list[Mapping[str, Fraction]] = []
        for node in self.computed:
            for part in () if node.formula is None else computed(node.formula, comparing=True):
                if isinstance(part.piece, Apply) and part.piece.operator in ("equal", "unequal"):
                    left, right = (construct(side) for side in part.piece.arguments)
                    gap = in_inputs(self.graph, left - right, self._held, self.limits)
                    found.extend(_roots(gap, self.points[:LONE]))
        return tuple(found)

    def meeting_points(self, tree: Tree) -> Iterator[Mapping[str, Fraction]]:
        """Points at which the cases of a formula in the inputs meet, where both sides of a comparison are the same."""
        for piece in postorder(tree):
            if isinstance(piece, Apply) and piece.operator in _COMPARISONS:
                left, right = (construct(side) for side in piece.arguments)
                yield from _roots(left - right, self.points[:1])

    def check_point(self, at: Mapping[str, Expr]) -> None:
        """Refuse a point at which what is asked for does not exist.

        Raises:
            DomainError: the function has no value or no derivative there.
        """
        if self._held is not None or unknown_functions(self.graph.graph["program"]):
            return
        values = dict(at)
        moving = {operation.node for operation in self.operations}
        for node in self.computed:
            assert node.formula is not None
            check(self.graph, node, values, self.limits, derivatives=node in moving)
            near = {name: values[name] for name in names_in(node.formula)}
            values[node.name] = worth(node, near, self.limits)

    @cached_property
    def is_named(self) -> bool:
        """Whether the inner nodes have names that a person gave them."""
        return not self.graph.graph["program"].is_expression


def _roots(gap: Expr, points: Iterable[Mapping[str, Fraction]]) -> Iterator[Mapping[str, Fraction]]:
    """Points at which a difference is 0: one of its names is moved there, where that is a fraction."""
    for point in points:
        for name in sorted(str(symbol) for symbol in gap.free_symbols):
            others = {Symbol(other): Rational(value) for other, value in point.items() if other != name}
            rest = replace_symbols(gap, others)
            if rest.is_polynomial(Symbol(name)) and rest.free_symbols == {Symbol(name)}:
                for root in Poly(rest, Symbol(name)).ground_roots():
                    yield {**point, name: Fraction(int(root.p), int(root.q))}


def _leading_to(graph: Graph, of: Node) -> set[Node]:
    """The nodes from which a path leads to `of`, itself included."""
    found = {of}
    for node in reversed(list(graph)):
        if node in found:
            found.update(graph.predecessors(node))
    return found


def _operation(graph: Graph, node: Node, reached: set[Node]) -> Operation:
    """A node's operation, its edges put at the places of the arguments that they stand for."""
    formula = node.formula
    if not isinstance(formula, Apply):
        edges = edges_into(graph, node)
        arguments: tuple[Tree, ...] = tuple(Name(edge.tail.name) for edge in edges)
        row = "identity" if isinstance(formula, Name) else "undefined"
        return Operation(node, row, arguments, tuple(edge if edge.tail in reached else None for edge in edges))
    places = [place for place, argument in enumerate(formula.arguments) if isinstance(argument, Name)]
    found: list[Edge | None] = [None] * len(formula.arguments)
    into = edges_into(graph, node)
    if len(places) != len(into) or formula.operator == "piecewise":  # it has conditions, or operations of its own in it
        moving = tuple(edge if edge.tail in reached else None for edge in into)
        return Operation(node, "whole", tuple(Name(edge.tail.name) for edge in into), moving)
    for place, edge in zip(places, into, strict=True):
        found[place] = edge if edge.tail in reached else None
    return Operation(node, formula.operator, formula.arguments, tuple(found))


def spanning(question: Question, tail: Node, head: Node) -> Edge:
    """All the ways from one node to another taken as one edge; it carries the whole derivative between the two.

    Where one edge is all there is, that edge itself.
    """
    direct = [edge for edge in question.edges if edge.tail is tail and edge.head is head]
    if len(direct) == 1 and count_paths(question.graph, tail, head) == 1:
        return direct[0]
    return following(question.graph, tail, head)


def following(graph: Graph, tail: Node, head: Node) -> Edge:
    """All the ways from one node to another as one edge that is drawn nowhere."""
    row = next(row for row in reverse(graph, head) if row.node is tail)
    return Edge(tail, head, 0, row.value, "merged")


def read_source(source: Source, limits: Limits = DEFAULT) -> Program:
    """Whatever describes a function, as a Program; a text is read once."""
    if isinstance(source, str) and limits is DEFAULT:
        return _read_text(source)
    return as_program(source, limits=limits)


@lru_cache(maxsize=128)
def _read_text(source: str) -> Program:
    return as_program(source)


def ask(
    source: Source,
    wrt: str | Symbol | None = None,
    of: str | Symbol | None = None,
    order: int = 1,
    limits: Limits = DEFAULT,
) -> Question:
    """The question for one derivative.

    Args:
        source: text, a Program, or a SymPy expression.
        wrt, of: None where there is only one input, one output; `wrt` may be any node before `of`.
        order: 2 asks for the derivative of the derivative, and so on.

    Raises:
        SymgraphError: the source cannot be read, or what is asked about is not there.

    >>> ask("x^3", order=2).answer
    6*x
    """
    if isinstance(source, str) and limits is DEFAULT:
        return _remembered(source, None if wrt is None else str(wrt), None if of is None else str(of), order)
    return _ask(source, wrt, of, order, limits)


@lru_cache(maxsize=128)
def _remembered(source: str, wrt: str | None, of: str | None, order: int) -> Question:
    """Ninety answers to one problem are ninety questions that are the same."""
    return _ask(source, wrt, of, order, DEFAULT)


def mixed(source: Source, one: str, other: str, of: str | None = None, limits: Limits = DEFAULT) -> Question:
    """The question for a second derivative, by one name and then by another.

    >>> mixed("x^2*y", "x", "y").answer
    2*x
    """
    first = ask(source, one, of, 1, limits)
    return _next(first, read_source(source, limits), other)


def _ask(source: Source, wrt: str | Symbol | None, of: str | Symbol | None, order: int, limits: Limits) -> Question:
    if order < 1:
        raise SymgraphError(f"the order of a derivative is 1, 2, …, not {order}")
    program = read_source(keeping(source, of, limits), limits)
    if wrt is not None and not program.inputs:  # a constant does not move with anything: its derivative is 0
        program = assemble(program.assignments, text=program.text, inputs=[str(wrt)], limits=limits)
    graph = build(program, "operation")
    end = only(outputs(graph), "output", "of") if of is None else find_node(graph, of)
    varying = [find_node(graph, name) for name in program.varying]
    start = only(varying, "input", "wrt") if wrt is None else find_node(graph, wrt)
    known_derivative(graph, start, end)
    seed = f"{program.text} {start.name} {end.name} {order}"
    named = end.name if end.name in program.outputs or end.name in {each.name for each in program.assignments} else ""
    question = Question(graph, end, start, None, seed, (start.name,), named, limits)
    for _ in range(order - 1):
        question = _next(question, program, start.name)
    return question


def _next(question: Question, program: Program, wrt: str) -> Question:
    """The question for the derivative of a question's answer."""
    derivative = question.answer
    names = [name for name in program.inputs if name != question.wrt.name]
    everything = (question.wrt.name, *names)
    symbols = {name: program.symbol(name) for name in everything}
    further = assemble(
        [Assignment(None, from_sympy(derivative))], inputs=everything, symbols=symbols, limits=question.limits
    )
    graph = build(further, "operation")
    return Question(
        graph,
        outputs(graph)[0],
        find_node(graph, wrt),
        question,
        question.seed,
        (*question.by, wrt),
        question.named_output,
        question.limits,
    )
