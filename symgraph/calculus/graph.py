"""Program -> frozen MultiDiGraph: a node for an operation, an edge for every argument, a local derivative on each edge.

>>> graph = build("(a+b)*(b+1)")
>>> print(*graph, sep="\\n")
a
b
c = a + b
d = b + 1
e = c*d
>>> [(str(tail.symbol), str(head.symbol), data["partial"]) for tail, head, data in graph.edges(data=True)][-2:]
[('c', 'e', d), ('d', 'e', c)]

Why a MultiDiGraph keyed by argument position: in `a*a` two edges run from a to the product, one for each argument, and
the derivative is the sum over both. With a plain digraph they would merge into one and the answer would be wrong.

The three grains are one mechanism. A grain says which pieces of the syntax tree become nodes; a node's formula is the
tree down to the next nodes; every occurrence of a node in it is an edge, whose local derivative is the product of the
table's local derivatives on the way up from that occurrence:

operation   every operation is a node; marking and golden facts use it
statement   every assignment is a node; the default for programs
textbook    what a teacher would name (`grains.py`); the default for one expression
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias, get_args

import networkx
from sympy import Expr, Symbol
from sympy.matrices import MatrixBase

from symgraph.calculus.patterns import Patterns
from symgraph.calculus.pieces import Grain, Pieces
from symgraph.errors import DomainError, NameProblem, SymgraphError
from symgraph.language.components import Shape, components_of, expand
from symgraph.language.constructors import as_written, plain
from symgraph.language.notation import from_sympy
from symgraph.language.primitives import PRIMITIVES, TABLE, Primitive
from symgraph.language.program import Assignment, Program, assemble
from symgraph.language.tree import Tree, Undefined, rebuild
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing import function, text
from symgraph.parsing.pytorch import Recording

__all__ = [
    "Edge",
    "Grain",
    "Graph",
    "Node",
    "Source",
    "all_edges",
    "as_program",
    "build",
    "edges_into",
    "find_node",
    "inputs",
    "keeping",
    "known_derivative",
    "named",
    "only",
    "outputs",
    "places",
    "reached_from",
    "unknown_between",
]

Graph: TypeAlias = networkx.MultiDiGraph
Source: TypeAlias = str | Program | Expr | Callable[..., Any] | Recording


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A quantity with a name: an input, or one formula of earlier nodes.

    Args:
        symbol: its name, as a SymPy Symbol.
        formula: what was written, as a syntax tree over earlier nodes' names; None for an input.
    """

    symbol: Symbol
    formula: Tree | None = None
    symbols: Mapping[str, Symbol] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return str(self.symbol.name)

    @property
    def definition(self) -> Expr | None:
        """The formula as an unevaluated SymPy expression (`a*a` stays a product of two); None for an input."""
        return None if self.formula is None else as_written(self.formula, self.symbols)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Node):
            return NotImplemented
        return self is other or (self.symbol == other.symbol and self.formula == other.formula)

    def __hash__(self) -> int:
        return hash(self.symbol.name)  # not the symbol's own, which costs another call for each of many look-ups

    def __str__(self) -> str:
        return self.name if self.formula is None else f"{self.name} = {self.definition}"

    def __repr__(self) -> str:
        return f"Node({self})"


_GRAINS = (None, *get_args(Grain))


def build(
    source: Source,
    grain: Grain | None = None,
    of: str | Symbol | Iterable[str | Symbol] | None = None,
    *,
    shapes: Mapping[str, Shape] | None = None,
    extra: Mapping[Any, Primitive] | None = None,
    at: Mapping[Any, Any] | str | None = None,
) -> Graph:
    """The graph of a program, frozen, nodes in an order of computation (inputs first).

    Args:
        source: text, a Program, a SymPy expression, a Python function, or a recording of torch.
        grain: "operation", "statement" or "textbook"; None: "textbook" for one expression, else "statement".
        of: the outputs; None: what is assigned and never used.
        shapes: those of inputs that are vectors or matrices: {"x": (5,), "w": (5, 3)}.
        extra: functions of your own: {"f": Primitive(...)}.
        at: the point at which the branches of a Python function are followed.

    Returns:
        A MultiDiGraph of `Node`s; each edge has `partial` (its local derivative, a SymPy expression in the symbols
        of the nodes that its head is computed from) and `rule` (the row of the table that gave it); `graph.graph`
        has `program`, `grain`, `inputs`, `outputs`, `edges` (those into each node, as `Edge`s), `rules` (every row of
        the table that stands in a formula) and `unknown` (tail, head and why: there the local derivative is not known,
        and there is no edge; nothing that leads over it is answered).

    Raises:
        SymgraphError: see `errors.py`.
    """
    if grain not in _GRAINS:
        raise SymgraphError(f"the grain is {', '.join(get_args(Grain))}, not {grain!r}")
    program = as_program(source, of=of, shapes=shapes, extra=extra, at=at)
    chosen: Grain = grain or ("textbook" if program.is_expression and not program.layers else "statement")
    pieces = Pieces(program)
    own = program.symbols
    symbols = {name: own[name] if name in own else plain[name] for name in (*program.inputs, *pieces.names)}
    patterns = Patterns(symbols, program.limits, own)
    nodes = {name: Node(symbols[name]) for name in program.inputs}
    edges: dict[Node, tuple[Edge, ...]] = dict.fromkeys(nodes.values(), ())
    unknown: list[tuple[Node, Node, str]] = []
    for name, formula in pieces.formulas(chosen):
        nodes[name] = node = Node(symbols[name], formula, symbols)
        into = []
        for tail, key, partial, rule in patterns.occurrences(formula):
            if partial is None:
                unknown.append((nodes[tail], node, rule))
                continue
            into.append(tuple.__new__(Edge, (nodes[tail], node, key, partial, rule)))
        edges[node] = tuple(into)
    graph = _filled(edges)
    graph.graph |= {
        "program": program,
        "grain": chosen,
        "inputs": tuple(map(nodes.__getitem__, program.inputs)),
        "outputs": tuple(map(nodes.__getitem__, map(pieces.named, program.outputs))),
        "edges": edges,
        "unknown": tuple(unknown),
        "rules": frozenset(pieces.rules),
    }
    return networkx.freeze(graph)


def _filled(edges: Mapping[Node, Iterable[Edge]]) -> Graph:
    """The graph of these nodes and the edges into each, as `add_node` and `add_edge` would make it, without a call."""
    graph: Graph = networkx.MultiDiGraph()
    nodes, heads, tails = graph._node, graph._adj, graph._pred
    leaving: dict[int, dict[Node, Any]] = {}  # the same as `heads`, by identity: a node's own hash is a call
    for node, into in edges.items():
        nodes[node] = {}
        heads[node] = leaving[id(node)] = {}
        tails[node] = before = {}
        for tail, _, key, partial, rule in into:
            data = {"partial": partial, "rule": rule}
            parallel = leaving[id(tail)].setdefault(node, {})
            if not parallel:
                before[tail] = parallel
            parallel[key] = data
    return graph


def as_program(
    source: Source,
    *,
    of: str | Symbol | Iterable[str | Symbol] | None = None,
    inputs: Iterable[str | Symbol] | None = None,
    shapes: Mapping[str, Shape] | None = None,
    extra: Mapping[Any, Primitive] | None = None,
    at: Mapping[Any, Any] | str | None = None,
    limits: Limits = DEFAULT,
) -> Program:
    """Whatever describes a function, as a Program of numbers: vectors and matrices are taken apart.

    `at` is the point at which the branches of a Python function are followed; nothing else depends on it.
    """
    wanted = None if of is None else tuple(str(each) for each in ((of,) if isinstance(of, str | Symbol) else of))
    declared = None if inputs is None else tuple(str(each) for each in inputs)
    own = _own_rows(extra)
    if isinstance(source, Recording):
        source = source.program
    if isinstance(source, str):
        meant = (*(f"{name}()" for name in own), *(shapes or ()))
        program = text.parse(source, of=wanted, inputs=declared, declared=meant, limits=limits)
    elif isinstance(source, Program):
        program = source if wanted is None else _with_outputs(source, wanted)
    elif isinstance(source, Expr | MatrixBase):
        symbols = {str(symbol): symbol for symbol in sorted(source.free_symbols, key=str) if isinstance(symbol, Symbol)}
        for name in symbols:
            text.check_name(name)
        program = assemble([Assignment(None, from_sympy(source))], inputs=declared, symbols=symbols, limits=limits)
    elif callable(source):
        program = function.trace(source, at=at, shapes=shapes, limits=limits)
        program = program if wanted is None else _with_outputs(program, wanted)
        shapes = None  # its lists are components already
    else:
        what = "text, a Program, a SymPy expression, a Python function or a recording"
        raise SymgraphError(f"a function is {what}, not a {type(source).__name__}")
    return expand(_with_rows(program, own), shapes)


def keeping(
    source: Source,
    of: str | Symbol | Node | Iterable[str | Symbol | Node] | None,
    limits: Limits = DEFAULT,
    declared: Iterable[str] = (),
) -> Source:
    """A text as the program of a function that it defines and otherwise only calls, if that is asked about.

    Anything else is returned as it is.

    >>> keeping("f(x) = x^2; y = f(3t)", "f").inputs, keeping("f(x) = x^2; y = f(3t)", "y")
    (('x',), 'f(x) = x^2; y = f(3t)')
    """
    if of is None or not isinstance(source, str):
        return source
    wanted = [str(each) for each in ((of,) if isinstance(of, str | Symbol | Node) else of)]
    if not any(re.search(rf"(?<!\w){re.escape(name)}\s*\(", source) for name in wanted):
        return source
    try:
        if set(wanted) <= text.parse(source, declared=declared, limits=limits).assigned:
            return source
        kept = text.parse(source, of=wanted, declared=declared, limits=limits)
    except SymgraphError:  # what is wrong is said by whoever reads it next
        return source
    if not set(wanted) <= kept.assigned:
        return source
    needed = list({id(each): each for name in wanted for each in kept.needed(name)}.values())
    return assemble(needed, text=source, of=wanted, readings=kept.readings, limits=limits)


def _with_outputs(program: Program, wanted: Iterable[str]) -> Program:
    """The same program, asked for other outputs; a vector is all its components."""
    made = assemble(
        program.assignments,
        text=program.text,
        of=[each for name in wanted for each in components_of(program, name)],
        inputs=program.inputs,
        readings=program.readings,
        symbols=program.symbols,
        limits=program.limits,
    )
    return replace(made, layers=program.layers)


def _own_rows(extra: Mapping[Any, Primitive] | None) -> dict[str, Primitive]:
    """A caller's own functions, by the name with which they are typed."""
    if not extra:
        return {}
    table = TABLE.extended(extra)
    own = {typed: name for typed, name in table.spellings.items() if name not in PRIMITIVES}
    return {text.check_name(typed): table.rows[name] for typed, name in own.items()}


def _with_rows(program: Program, own: Mapping[str, Primitive]) -> Program:
    """The program in which those functions are no longer unknown."""
    if not own:
        return program

    def known(piece: Tree) -> Tree | None:
        row = own.get(piece.name) if isinstance(piece, Undefined) and piece.row is None else None
        if not isinstance(piece, Undefined) or row is None:
            return None
        fewest, most = row.arity
        if len(piece.arguments) < fewest or (most is not None and len(piece.arguments) > most):
            wanted = str(fewest) if fewest == most else f"{fewest} or more"
            message = f"{piece.name} takes {wanted} values and gets {len(piece.arguments)}"
            raise NameProblem(message, program.text, *piece.span)
        return replace(piece, arguments=tuple(rebuild(argument, known) for argument in piece.arguments), row=row)

    assignments = tuple(replace(each, tree=rebuild(each.tree, known)) for each in program.assignments)
    return replace(program, assignments=assignments)


class Edge(NamedTuple):
    """An argument of an operation: `head` is computed from `tail`, which stands at position `key`.

    `partial` is the local derivative of head by that argument alone, in the symbols of nodes.
    """

    tail: Node
    head: Node
    key: int
    partial: Expr
    rule: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Edge) and self[:3] == other[:3]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.tail.symbol.name, self.head.symbol.name, self.key))  # without a call of a node's own

    def __str__(self) -> str:
        return f"{self.tail.name} → {self.head.name}"


def all_edges(graph: Graph) -> dict[Node, tuple[Edge, ...]]:
    """Every node, in an order of computation, with the edges that end in it, in the order of the arguments.

    >>> for node, edges in all_edges(build("(a+b)*(b+1)")).items():
    ...     print(node.name, *edges)
    a
    b
    c a → c b → c
    d b → d
    e c → e d → e
    """
    if networkx.is_frozen(graph):
        kept: dict[Node, tuple[Edge, ...]] = graph.graph["edges"]
        return kept
    found: dict[Node, list[Edge]] = {node: [] for node in graph}  # somebody's own copy, which may have been changed
    for tail, heads in graph.adjacency():
        for head, parallel in heads.items():
            found[head] += [Edge(tail, head, key, data["partial"], data["rule"]) for key, data in parallel.items()]
    return {node: tuple(sorted(edges, key=attrgetter("key"))) for node, edges in found.items()}


def named(graph: Graph) -> dict[str, Node]:
    """Every node by its name; of a graph that cannot change, found once."""
    if not networkx.is_frozen(graph):
        return {node.symbol.name: node for node in graph}
    if "named" not in graph.graph:
        graph.graph["named"] = {node.symbol.name: node for node in graph}
    found: dict[str, Node] = graph.graph["named"]
    return found


def places(graph: Graph) -> dict[Node, int]:
    """The place of every node in the order of computation; of a graph that cannot change, found once."""
    if not networkx.is_frozen(graph):
        return {node: place for place, node in enumerate(graph)}
    if "places" not in graph.graph:
        graph.graph["places"] = {node: place for place, node in enumerate(graph)}
    found: dict[Node, int] = graph.graph["places"]
    return found


def reached_from(graph: Graph, start: Node) -> list[Node]:
    """A node and those that are computed from it, in an order of computation; nothing else is looked at.

    >>> graph = build("c = a + b; d = b + 1; e = c*d")
    >>> [node.name for node in reached_from(graph, find_node(graph, "a"))]
    ['a', 'c', 'e']
    """
    found = {start: None}
    waiting = [start]
    while waiting:
        for head in graph._adj[waiting.pop()]:
            if head not in found:
                found[head] = None
                waiting.append(head)
    return sorted(found, key=places(graph).__getitem__)


def unknown_between(graph: Graph, start: Node, end: Node) -> str:
    """Why nothing is known of how `end` moves with `start`; empty where every local derivative on the way is known.

    >>> graph = build("sum(x^k, k, 0, n)")
    >>> x, n, y = graph
    >>> unknown_between(graph, x, y), unknown_between(graph, n, y)[:35]
    ('', 'a sum has no derivative by n, on wh')
    """
    unknown: tuple[tuple[Node, Node, str], ...] = graph.graph.get("unknown", ())
    if unknown:
        moved = {id(node) for node in reached_from(graph, start)}
        for tail, head, why in unknown:
            if id(tail) in moved and any(node is end for node in reached_from(graph, head)):
                return why
    return ""


def known_derivative(graph: Graph, start: Node, end: Node) -> None:
    """Refuse to ask for a derivative of which nothing is known.

    Raises:
        DomainError: with the operation and the name at fault, and what can be differentiated by.
    """
    why = unknown_between(graph, start, end)
    if why:
        others = [node.name for node in inputs(graph) if not unknown_between(graph, node, end)]
        instead = f"; by {' or '.join(others)} there is one" if others else "; put a number in"
        raise DomainError(why + instead)


def edges_into(graph: Graph, node: Node) -> list[Edge]:
    """The edges that end in a node, in the order of the arguments."""
    return list(all_edges(graph)[node])


def inputs(graph: Graph) -> tuple[Node, ...]:
    """The input nodes, in the program's order."""
    found: tuple[Node, ...] = graph.graph["inputs"]
    return found


def outputs(graph: Graph) -> tuple[Node, ...]:
    """The output nodes."""
    found: tuple[Node, ...] = graph.graph["outputs"]
    return found


def find_node(graph: Graph, name: str | Symbol | Node) -> Node:
    """The node of that name.

    Raises:
        NameProblem: there is none; the names there are come with it.
    """
    if isinstance(name, Node):
        name = name.symbol
    wanted = name.name if isinstance(name, Symbol) else name
    nodes = named(graph)
    if wanted in nodes:
        return nodes[wanted]
    raise NameProblem(f"{wanted} is not in this graph", hint="its nodes are " + ", ".join(node.name for node in graph))


def only(nodes: Sequence[Node], what: str, argument: str) -> Node:
    """The only one of several nodes, or an error that asks which."""
    if len(nodes) != 1:
        names = ", ".join(node.name for node in nodes) or "none"
        raise NameProblem(f"there are {len(nodes)} {what}s ({names}): say which, with {argument}=")
    return nodes[0]
