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

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import networkx
from sympy import Expr, Integer, Symbol
from sympy.matrices import MatrixBase

from symgraph.calculus.grains import constant_pieces, textbook_nodes
from symgraph.errors import DomainError, NameProblem, SymgraphError
from symgraph.language.components import Shape, components_of, expand
from symgraph.language.constructors import as_written, construct
from symgraph.language.notation import from_sympy
from symgraph.language.primitives import PRIMITIVES, TABLE, Primitive, binder_partial
from symgraph.language.program import Assignment, Program, assemble
from symgraph.language.rows import scaled
from symgraph.language.tree import (
    BINDERS,
    Apply,
    Constant,
    Name,
    Number,
    Tree,
    Undefined,
    names_in,
    postorder,
    rebuild,
)
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing import function, text
from symgraph.parsing.pytorch import Recording

__all__ = [
    "Edge",
    "Grain",
    "Graph",
    "Node",
    "Occurrence",
    "Source",
    "as_program",
    "build",
    "edges_into",
    "find_node",
    "inputs",
    "occurrences",
    "only",
    "operations",
    "outputs",
]

Grain = Literal["operation", "statement", "textbook"]
Graph: TypeAlias = networkx.MultiDiGraph
Source: TypeAlias = str | Program | Expr | Callable[..., Any] | Recording

_ONE = Integer(1)


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
        return hash(self.symbol)

    def __str__(self) -> str:
        return self.name if self.formula is None else f"{self.name} = {self.definition}"

    def __repr__(self) -> str:
        return f"Node({self})"


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
        has `program`, `grain`, `inputs`, `outputs` and `rules` (every row that an edge uses).

    Raises:
        SymgraphError: see `errors.py`.
    """
    program = as_program(source, of=of, shapes=shapes, extra=extra, at=at)
    chosen: Grain = grain or ("textbook" if program.is_expression and not program.layers else "statement")
    pieces = _Pieces(program)
    graph: Graph = networkx.MultiDiGraph(program=program, grain=chosen)
    nodes: dict[str, Node] = {}
    for name in program.inputs:
        nodes[name] = Node(program.symbol(name))
    graph.add_nodes_from(nodes.values())
    symbols = {name: program.symbol(name) for name in (*program.inputs, *pieces.names)}
    for name, formula in pieces.formulas(chosen):
        node = Node(symbols[name], formula, symbols)
        nodes[name] = node
        graph.add_node(node)
        graph.add_edges_from(
            (nodes[occurrence.tail], node, occurrence.key, {"partial": occurrence.partial, "rule": occurrence.rule})
            for occurrence in occurrences(formula, symbols, program.limits)
        )
    graph.graph["rules"] = frozenset(
        piece.operator for node in graph if node.formula is not None for piece in _applied(node.formula)
    )
    graph.graph["inputs"] = tuple(nodes[name] for name in program.inputs)
    graph.graph["outputs"] = tuple(nodes[pieces.named(name)] for name in program.outputs)
    return networkx.freeze(graph)


def _applied(formula: Tree) -> Iterator[Apply]:
    return (piece for piece in postorder(formula) if isinstance(piece, Apply))


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


@dataclass(frozen=True, slots=True)
class Edge:
    """An argument of an operation: `head` is computed from `tail`, which stands at position `key`.

    `partial` is the local derivative of head by that argument alone, in the symbols of nodes.
    """

    tail: Node
    head: Node
    key: int
    partial: Expr = field(compare=False)
    rule: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.tail.name} → {self.head.name}"


def edges_into(graph: Graph, node: Node) -> list[Edge]:
    """The edges that end in a node, in the order of the arguments."""
    found = [
        Edge(tail, head, key, data["partial"], data["rule"])
        for tail, head, key, data in graph.in_edges(node, keys=True, data=True)
    ]
    return sorted(found, key=lambda edge: edge.key)


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
    wanted = str(name)
    for node in graph:
        if node.name == wanted:
            found: Node = node
            return found
    raise NameProblem(f"{wanted} is not in this graph", hint="its nodes are " + ", ".join(node.name for node in graph))


def only(nodes: Sequence[Node], what: str, argument: str) -> Node:
    """The only one of several nodes, or an error that asks which."""
    if len(nodes) != 1:
        names = ", ".join(node.name for node in nodes) or "none"
        raise NameProblem(f"there are {len(nodes)} {what}s ({names}): say which, with {argument}=")
    return nodes[0]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place in a formula where an earlier node stands: an edge."""

    tail: str
    key: int
    partial: Expr
    rule: str


def occurrences(formula: Tree, symbols: Mapping[str, Symbol], limits: Limits = DEFAULT) -> list[Occurrence]:
    """Every occurrence of a node in a formula, left to right, with the derivative of the formula by it alone.

    >>> from symgraph.language.tree import Apply, Name
    >>> [(each.tail, each.key, each.partial) for each in occurrences(Apply("multiply", (Name("a"), Name("a"))), {})]
    [('a', 0, a), ('a', 1, a)]
    """
    if isinstance(formula, Name):
        return [Occurrence(formula.name, 0, _ONE, "identity")]
    if not isinstance(formula, Apply | Undefined):
        return []
    values: dict[int, Expr] = {}
    rule = formula.operator if isinstance(formula, Apply) else "undefined" if formula.row is None else "own"
    flat = all(isinstance(argument, Name | Number | Constant) for argument in formula.arguments)
    found: list[Occurrence] = []
    stack: list[tuple[Tree, Expr, int]] = [(formula, _ONE, 0)]
    while stack:
        piece, above, position = stack.pop()
        if isinstance(piece, Name):
            found.append(Occurrence(piece.name, position if flat else len(found), above, rule))
        elif isinstance(piece, Apply | Undefined):
            entries = _differentiate(piece, symbols, values, limits)
            for index, (argument, partial) in reversed(list(enumerate(entries))):
                if partial is not None:
                    stack.append((argument, partial if above is _ONE else scaled(above, partial), index))
                elif names_in(argument):
                    raise DomainError(f"the derivative of {rule} by argument {index + 1} is not known here")
    return found


def _differentiate(
    piece: Apply | Undefined, symbols: Mapping[str, Symbol], values: dict[int, Expr], limits: Limits
) -> Sequence[tuple[Tree, Expr | None]]:
    """The pieces that a piece depends on, each with the local derivative by it."""

    def value(tree: Tree) -> Expr:
        if id(tree) not in values:
            values[id(tree)] = construct(tree, symbols, limits)
        return values[id(tree)]

    if isinstance(piece, Undefined) and piece.row is not None:
        known: Sequence[Expr | None] = piece.row.partials(*(value(argument) for argument in piece.arguments))
        return list(zip(piece.arguments, known, strict=True))
    if isinstance(piece, Undefined):
        # Not through the memo: it is by identity, and these trees do not live on.
        return [
            (argument, construct(_derived(piece, index), symbols, limits))
            for index, argument in enumerate(piece.arguments)
        ]
    if piece.operator in BINDERS:
        whole = value(piece)
        names = names_in(piece)
        return [(first, binder_partial(whole, symbols.get(name) or Symbol(name))) for name, first in names.items()]
    if not any(isinstance(part, Name) for argument in piece.arguments for part in postorder(argument)):
        return []
    partials = PRIMITIVES[piece.operator].partials(*(value(argument) for argument in piece.arguments))
    if piece.operator == "piecewise":
        # A condition decides which formula holds; it passes no change on.
        kept = [index for index in range(len(piece.arguments)) if not is_condition(index, piece)]
        return [(piece.arguments[index], partials[index]) for index in kept]
    return list(zip(piece.arguments, partials, strict=True))


def _derived(piece: Undefined, index: int) -> Undefined:
    """The partial derivative of a function about which nothing is known, by one of its arguments."""
    orders = piece.orders or (0,) * len(piece.arguments)
    return replace(piece, orders=tuple(order + (place == index) for place, order in enumerate(orders)))


def is_condition(index: int, piece: Tree) -> bool:
    """Whether argument `index` is a condition of a piecewise (value, condition, …, value otherwise)."""
    return isinstance(piece, Apply) and piece.operator == "piecewise" and index % 2 == 1


class _Pieces:
    """The operations of a program's trees, equal ones counted as one, numbered in an order of computation."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._number_of: dict[int, int] = {}  # id(piece) -> its number
        self._piece: list[Tree] = []  # number -> the first piece that has it
        self._roots: dict[str, int] = {}  # assigned name -> number
        self._claimed: set[int] = set()  # numbers that an assigned name has
        numbers: dict[Any, int] = {}
        for assignment in program.assignments:
            self._enter(assignment, numbers)
        program.limits.check("nodes", len(self._piece) + len(program.inputs))
        self.names = self._named()

    def _enter(self, assignment: Assignment, numbers: dict[Any, int]) -> None:
        """Number the operations of one assignment; equal ones get the same number."""
        tree = assignment.tree
        constant = constant_pieces(tree)

        def reference(part: Tree) -> Any:
            if isinstance(part, Name):
                return self._roots.get(part.name, part.name)
            return self._number_of.get(id(part), part)

        for piece in operations(tree):
            if id(piece) in constant:
                continue
            own = piece.operator if isinstance(piece, Apply) else (piece.name, piece.orders)
            references = (piece,) if _is_whole(piece) else tuple(reference(argument) for argument in piece.arguments)
            number = numbers.setdefault((own, references), len(self._piece))
            if number == len(self._piece) or (piece is tree and number in self._claimed):
                number = self._append(piece)  # what the user named is a node of its own, even when equal
            self._number_of[id(piece)] = number
        root = self._number_of[id(tree)] if id(tree) in self._number_of else self._append(tree)
        self._claimed.add(root)
        self._roots[assignment.name or ""] = root

    def _append(self, piece: Tree) -> int:
        self._piece.append(piece)
        return len(self._piece) - 1

    def _named(self) -> list[str]:
        """User names first; then the next letters of the alphabet, or u, v, w, …."""
        owner = {number: name for name, number in self._roots.items()}
        taken = set(self.program.inputs) | set(self._roots) | _reserved(self.program)
        fresh, last = _fresh_names(self.program.inputs, taken)
        if "" in self._roots and last is not None:
            owner[self._roots[""]] = last()
        return [owner.get(number) or next(fresh) for number in range(len(self._piece))]

    def named(self, name: str) -> str:
        """The node's name of an assigned name ("" is the unnamed expression)."""
        return self.names[self._roots[name]] if name in self._roots else name

    def formulas(self, grain: Grain) -> Iterator[tuple[str, Tree]]:
        """Each node's name and formula, in an order of computation."""
        roots = set(self._roots.values())
        nodes = roots | self._chosen(grain)
        inner = set() if grain == "statement" else nodes
        for number in sorted(nodes):
            yield self.names[number], self._formula(self._piece[number], inner)

    def _chosen(self, grain: Grain) -> set[int]:
        """The operations that are nodes besides the assigned names."""
        if grain == "operation":
            return set(range(len(self._piece)))
        if grain == "statement":
            return set()
        chosen: set[int] = set()
        for assignment in self.program.assignments:
            nodes = textbook_nodes(assignment.tree)
            chosen |= {self._number_of[identity] for identity in nodes if identity in self._number_of}
        return chosen

    def _formula(self, piece: Tree, nodes: set[int]) -> Tree:
        """What was written, down to the next nodes."""

        def name_of(part: Tree) -> Tree | None:
            number = self._number_of.get(id(part))
            if part is piece or number is None or number not in nodes:
                return None
            return Name(self.names[number], part.span) if isinstance(part, Apply | Undefined) else None

        return rebuild(piece, name_of)


def operations(tree: Tree) -> Iterator[Apply | Undefined]:
    """The pieces that are operations with arguments of their own: not conditions, nor what a binder binds."""
    seen: set[int] = set()
    stack: list[tuple[Tree, bool]] = [(tree, False)]
    while stack:
        piece, ready = stack.pop()
        if not isinstance(piece, Apply | Undefined):
            continue
        if ready:
            yield piece
        elif id(piece) not in seen:
            seen.add(id(piece))
            stack.append((piece, True))
            if not _is_whole(piece):
                stack.extend(
                    (argument, False)
                    for index, argument in reversed(list(enumerate(piece.arguments)))
                    if not is_condition(index, piece)
                )


def _is_whole(piece: Tree) -> bool:
    """Whether a piece is one operation with everything in it: what binds a name of its own."""
    return isinstance(piece, Apply) and piece.operator in BINDERS


def _reserved(program: Program) -> set[str]:
    """Names that no node may take: constants and undefined functions in use."""
    reserved: set[str] = set()
    for assignment in program.assignments:
        for piece in postorder(assignment.tree):
            if isinstance(piece, Undefined | Name):
                reserved.add(piece.name)
            elif isinstance(piece, Constant) or (isinstance(piece, Apply) and piece.operator == "exponential"):
                reserved.add("e")
    return reserved


_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def _fresh_names(used: Iterable[str], taken: set[str]) -> tuple[Iterator[str], Callable[[], str] | None]:
    """Names for what the user did not name, and the one for the unnamed output if it is not simply the next.

    a, b continue with c, d, e; anything else with u, v, w, …, then u1, u2, …, and the output is y.
    """
    names = sorted(used)
    alphabetical = bool(names) and names == list(_ALPHABET[: len(names)])
    letters = _ALPHABET[len(names) :] if alphabetical else "uvwpqrst"

    def fresh() -> Iterator[str]:
        for letter in letters:
            if letter not in taken:
                yield letter
        number = 1
        while True:
            if f"u{number}" not in taken:
                yield f"u{number}"
            number += 1

    def last() -> str:
        choice = next(letter for letter in "yzfFYZ" if letter not in taken) if set("yzfFYZ") - taken else "y0"
        taken.add(choice)
        return choice

    return fresh(), None if alphabetical else last
