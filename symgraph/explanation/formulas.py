"""The formulas that steps show: rates, products along a path, sums, numbers; as syntax trees, nothing worked out.

>>> from symgraph.explanation.typesetting import text
>>> from symgraph.explanation.typesetting import text
>>> from symgraph.language.tree import Number
>>> text(total([product([Number(1), Number(2)]), product([Number(1), Number(3)])]))
'1·2 + 1·3'
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from networkx import has_path, is_frozen
from sympy import Add, Basic, EulerGamma, Expr, Float, Function, Integral, Pow, Rational, S, exp, log

from symgraph.calculus.equality import Outcome, equal
from symgraph.calculus.evaluation import in_decimals
from symgraph.calculus.graph import Edge, Graph, Node, all_edges, find_node, named, places
from symgraph.calculus.substitution import tree_size
from symgraph.calculus.sweeps import Row
from symgraph.explanation.shown import STILL
from symgraph.explanation.typesetting import Chain as SidesChain
from symgraph.explanation.typesetting import Factors, Live, Marked, Shown, Terms
from symgraph.language.notation import from_sympy, number_tree
from symgraph.language.tree import Apply, Name, Number, Rate, Tree, Undefined, names_in, rebuild, size

__all__ = [
    "SHORT_RATE",
    "Slots",
    "WrittenOut",
    "company",
    "edge_key",
    "edge_rate",
    "equated",
    "factors",
    "is_one",
    "live",
    "live_edge",
    "live_node",
    "live_rate",
    "marked",
    "merged_rate",
    "numeral",
    "product",
    "rate_at",
    "rounded",
    "shown",
    "slotted",
    "still",
    "summed",
    "total",
    "total_rate",
    "without_constants",
    "without_minus",
]

ZERO, ONE = Number(0), Number(1)
WRITTEN_BITS = 4_000  # of a number that is written out to be compared
OTHERS = 4  # inputs that nobody asked about and that are shown all the same
RECOMPUTED = 400  # pieces of a formula that a page still works out
SHORT_RATE = 40  # pieces of a merged rate that is still shown
WRITTEN_OUT = 60  # pieces of a formula that is still shown written in the inputs before it is simplified


def is_one(tree: Shown) -> bool:
    """Whether a tree is the number 1."""
    return isinstance(tree, Number) and tree.value == 1


def without_minus(formula: Tree | None) -> Tree | None:
    """What a minus stands before.

    >>> without_minus(Apply("negate", (Name("x"),)))
    Name('x')
    """
    while isinstance(formula, Apply) and formula.operator == "negate":
        (formula,) = formula.arguments
    return formula


def without_constants(formula: Tree | None) -> Tree | None:
    """What a minus and constant factors stand before, or a constant under.

    >>> without_constants(Apply("negate", (Apply("multiply", (Number(3), Name("x"))),)))
    Name('x')
    """
    while isinstance(formula, Apply) and formula.operator in ("negate", "multiply", "divide"):
        varying = [part for part in formula.arguments if names_in(part)]
        if len(varying) != 1 or (formula.operator == "divide" and varying[0] is not formula.arguments[0]):
            break
        formula = varying[0]
    return formula


def edge_key(edge: Edge) -> str:
    """What the page calls the number on an edge: c>e.0, with the argument's place."""
    return f"{edge.tail.name}>{edge.head.name}.{edge.key}"


def live_node(node: Node, value: Expr) -> Live:
    """The value of a node, which the page works out again when an input moves."""
    return Live(numeral(value), node.name)


def live_edge(edge: Edge, value: Expr) -> Shown:
    """The local derivative on an edge at the point; one that never changes is a plain number."""
    return numeral(value) if edge.partial.is_number else Live(numeral(value), edge_key(edge))


def live_rate(of: Node, wrt: Node, value: Expr) -> Shown:
    """A whole derivative at the point; of a node by itself it is the plain number 1."""
    return numeral(value) if of is wrt else Live(numeral(value), f"{of.name}/{wrt.name}")


def live(value: Expr, formula: Tree | Expr, digits: int = 6, *, decimal: bool = False) -> Any:
    """A number that the page works out again by a formula, in the names of nodes and the keys of other numbers.

    It may stand wherever a number may, inside a vector as well.
    """
    tree = from_sympy(formula) if isinstance(formula, Basic) else formula
    body = numeral(value, digits, decimal=decimal)
    if size(tree) > RECOMPUTED:
        return Live(body, STILL)
    code = hashlib.sha256(repr(tree).encode()).hexdigest()[:10]
    return Live(body, f"={code}" if digits == 6 else f"={code}:{digits}", tree)


def still(tree: Tree) -> Any:
    """What holds at the given point alone and is not worked out again."""
    return Live(tree, STILL)


def rate_at(of: Node, wrt: Node) -> Tree:
    """A whole derivative in the formula of a number that moves; never shown."""
    return ONE if of is wrt else Name(f"{of.name}/{wrt.name}")


def summed(pairs: Iterable[tuple[Tree, Tree]]) -> Tree:
    """a·b + c·d + … as one formula of a number that moves."""
    found: Tree = ZERO
    for place, (left, right) in enumerate(pairs):
        term = Apply("multiply", (left, right))
        found = term if place == 0 else Apply("add", (found, term))
    return found


def product(parts: Sequence[Shown]) -> Shown:
    """A product as it stands, left to right; of nothing, 1."""
    return Factors(tuple(parts)) if len(parts) > 1 else parts[0] if parts else ONE


def factors(parts: Sequence[Tree]) -> Shown:
    """A product without its factors 1 (unless there is nothing else)."""
    return product([part for part in parts if not is_one(part)])


def total(terms: Sequence[Shown]) -> Shown:
    """A sum as it stands, left to right; of nothing, 0."""
    return Terms(tuple(terms)) if len(terms) > 1 else terms[0] if terms else ZERO


def marked(terms: Sequence[Shown], letters: Sequence[str], labels: Sequence[tuple[str, ...]] | None = None) -> Shown:
    """A sum whose terms carry the letters of their paths, and their names under a brace."""
    if len(terms) < 2:
        return total(terms)
    under = labels or [()] * len(terms)
    return Terms(tuple(Marked(term, letter, label) for term, letter, label in zip(terms, letters, under, strict=True)))


Slots = Mapping[tuple[str, str, int], int]  # tail, head and key of edges that are written by their slots, and those


def slotted(graph: Graph) -> Slots:
    """The edges beside which there is another way between the same two nodes, x·sin x, a·a, each with its slot.

    There ∂y/∂x would mean two things, the edge's local derivative and the sum over all the paths. One symbol, one
    value: such an edge is written by its slot, ∂₁y, its place among those that enter its head, counted from 1. Of a
    graph that cannot change, found once.
    """
    if not is_frozen(graph):
        return _slots(graph)
    known: Slots | None = graph.graph.get("slots")
    if known is None:
        known = graph.graph["slots"] = _slots(graph)
    return known


def _slots(graph: Graph) -> Slots:
    """Nodes are bits of whole numbers, by identity: everything that a node is computed from is one number."""
    bits: dict[int, int] = {}
    behind: dict[int, int] = {}
    found: dict[tuple[str, str, int], int] = {}
    for node, edges in all_edges(graph).items():
        once = twice = further = 0
        for tail, *_ in edges:
            bit = bits[id(tail)]
            twice |= once & bit
            once |= bit
            further |= behind[id(tail)]
        beside = twice | (once & further)
        if beside:
            for slot, edge in enumerate(edges, 1):
                if beside & bits[id(edge.tail)]:
                    found[edge.tail.symbol.name, node.symbol.name, edge.key] = slot
        bits[id(node)] = 1 << len(bits)
        behind[id(node)] = once | further
    return found


def company(graph: Graph, starts: Iterable[Node]) -> list[Node]:
    """The nodes that a telling shows: all of them, or, beside many other inputs, those that the starts reach.

    Y = αX + βX + γX is about X and Y; a picture with a node for each parameter would hide that.
    """
    asked = set(starts)
    others = [node for node in graph.graph["inputs"] if node not in asked]
    if len(others) <= OTHERS:
        return list(graph)
    reached = set(asked)
    for node in graph:
        if any(tail in reached for tail in graph.predecessors(node)):
            reached.add(node)
    return [node for node in graph if node in reached]


def edge_rate(edge: Edge, slots: Slots, graph: Graph) -> Rate:
    """The symbol of an edge's local derivative: ∂e/∂c; dy/du for a function of one variable; ∂₁y by slot."""
    tail, head = edge.tail.symbol.name, edge.head.symbol.name
    slot = slots.get((tail, head, edge.key))
    if slot is not None:
        return Rate(head, tail, slot=slot)
    alone = len(graph.graph["inputs"]) == 1 or _of_one_variable(edge.head)
    alone = alone and len(all_edges(graph)[edge.head]) == 1
    return Rate(head, tail, straight=alone, held=_held(edge.head, edge.tail, graph))


def _held(of: Node, wrt: Node, graph: Graph) -> tuple[str, ...]:
    """What is held still in this derivative and would move with `wrt` otherwise: then all that is, for (∂w/∂x)_y,z."""
    for name, follows in graph.graph["program"].held:
        if wrt.name in follows and has_path(graph, find_node(graph, name), of):
            return tuple(node.name for node in graph.graph["inputs"] if node is not wrt)
    return ()


def _of_one_variable(node: Node) -> bool:
    """Whether it was written as an unknown function of one thing, x = g(t): then dx/dt, whatever else there is."""
    return isinstance(node.formula, Undefined) and len(node.formula.arguments) == 1


def total_rate(of: Node, wrt: Node, graph: Graph) -> Rate:
    """The symbol of a whole derivative: dz/dt where t alone moves z, or all that does passes through t; else ∂e/∂b."""
    inputs = graph.graph["inputs"]
    alone = len(inputs) == 1 and (wrt is inputs[0] or _passes(wrt, of, graph))
    return Rate(of.name, wrt.name, straight=alone, held=_held(of, wrt, graph))


def _passes(wrt: Node, of: Node, graph: Graph) -> bool:
    """Whether every path from the only input to a node goes through another."""
    known: dict[Node | None, dict[Node, int]] = graph.graph.setdefault("ways", {})
    start = graph.graph["inputs"][0]
    if None not in known:
        known[None] = _ways(graph, start, graph, graph.successors)
    if of not in known:
        known[of] = _ways(graph, of, reversed(list(graph)), graph.predecessors)
    return known[None][wrt] * known[of][wrt] == known[of][start] > 0


def _ways(
    graph: Graph, start: Node, order: Iterable[Node], onward: Callable[[Node], Iterable[Node]]
) -> dict[Node, int]:
    """In how many ways each node is reached from one, parallel edges counted as one."""
    ways = dict.fromkeys(graph, 0)
    ways[start] = 1
    for node in order:
        for near in onward(node):
            ways[near] += ways[node]
    return ways


class WrittenOut:
    """Formulas in the names of nodes, with the nodes' formulas put in their places, as written.

    Args:
        kept: names that stay.
        limit: pieces of a formula that is not too long.
    """

    def __init__(self, graph: Graph, kept: Container[str] = (), limit: int = WRITTEN_OUT) -> None:
        self._nodes, self._place = named(graph), places(graph)
        self._kept, self._limit = kept, limit
        self._written: dict[str, Tree] = {}
        self._lengths: dict[str, int] = {}

    def __call__(self, tree: Tree) -> Tree | None:
        """A formula written out; None when it would be too long."""
        waiting = self._waiting(tree)
        for name in sorted(waiting or (), key=lambda name: self._place[self._nodes[name]]):
            formula = self._formula(name)
            if formula is not None:
                self._lengths[name] = size(formula, self._lengths)
                if self._lengths[name] > self._limit:
                    return None
            self._written[name] = Name(name) if formula is None else rebuild(formula, self._replacement)
        if waiting is None or size(tree, self._lengths) > self._limit:
            return None
        return rebuild(tree, self._replacement) if all(name in self._written for name in names_in(tree)) else None

    def _formula(self, name: str) -> Tree | None:
        return None if name in self._kept else self._nodes[name].formula

    def _waiting(self, tree: Tree) -> set[str] | None:
        """The names behind a tree, however deep, that are not written out yet; None when there are too many.

        Each formula that is no mere name has a piece of its own in what is written out: no more are looked at than
        that may have.
        """
        found: set[str] = set()
        looked_at: list[Tree] = [tree]
        for formula in looked_at:  # which grow meanwhile
            if len(looked_at) > 2 * self._limit:
                return None
            for name in names_in(formula):
                if name not in found and name not in self._written and name in self._nodes:
                    found.add(name)
                    behind = self._formula(name)
                    if behind is not None:
                        looked_at.append(behind)
        return found

    def _replacement(self, part: Tree) -> Tree | None:
        return self._written.get(part.name) if isinstance(part, Name) else None


def shown(expr: Expr, graph: Graph | None = None) -> Tree:
    """A SymPy expression in the order a textbook would print it; σ(u) stays σ(u) where the program says so."""
    if graph is not None and graph.graph["rules"] & {"sigmoid", "softplus"}:
        return rebuild(from_sympy(_sigmoids_named(expr)), _sigmoid)
    return from_sympy(expr)


def merged_rate(row: Row, graph: Graph) -> Tree | None:
    """What a row of a sweep comes to, in the names of nodes; None where that is too long to read."""
    if tree_size(row.value) > 4 * SHORT_RATE:  # before anything is written: it may have 10^12 pieces
        return None
    tree = shown(row.value, graph)
    return tree if size(tree) <= SHORT_RATE else None


_SIGMOID = Function("sigmoid")
_UNSEEN = Fraction(1, 10**60)  # beyond every digit that is looked at


def _sigmoids_named(expr: Expr) -> Expr:
    """1/(1 + e^−u) as σ(u), wherever it stands."""
    named = expr.replace(
        lambda part: isinstance(part, Pow) and part.exp.is_Integer and part.exp.is_negative and _is_logistic(part.base),
        lambda part: _SIGMOID(-next(term for term in part.base.args if term is not S.One).exp) ** -part.exp,
    )
    assert isinstance(named, Expr)
    return named


def _is_logistic(base: Expr) -> bool:
    """Whether it is 1 + e^u."""
    return isinstance(base, Add) and len(base.args) == 2 and base.args[0] is S.One and isinstance(base.args[1], exp)


def _sigmoid(part: Tree) -> Tree | None:
    """The row of the table in the place of the function that stood for it."""
    if isinstance(part, Undefined) and part.name == "sigmoid":
        return Apply("sigmoid", tuple(rebuild(argument, _sigmoid) for argument in part.arguments))
    return None


def numeral(value: Expr, digits: int = 6, *, decimal: bool = False) -> Tree:
    """A number as a reader sees it: exact where that is short and has no sin 2 in it, else rounded.

    A rounded Number keeps the value that it stands for, so that `rounded` can tell.

    >>> from sympy import Rational, pi, sqrt
    >>> from symgraph.explanation.typesetting import text
    >>> text(numeral(sqrt(3)/2)), text(numeral(pi)), rounded(numeral(Rational(1, 3)))
    ('√3/2', 'π', False)
    """
    if (
        not isinstance(value, Rational | Float)
        and not decimal
        and not value.has(EulerGamma, Function, exp, log, Integral)
    ):
        return from_sympy(value)
    carried_out = not value.has(Integral)
    precise = value.evalf(50) if carried_out else in_decimals(value)
    tree = number_tree(value if carried_out else precise, digits, decimal=decimal)
    if isinstance(tree, Number) and isinstance(precise, Float | Rational) and not value.is_Rational:
        exactly = Rational(precise)
        worth = Fraction(int(exactly.p), int(exactly.q))
        if worth == tree.value and not isinstance(value, Float) and not _is_proved(value, exactly):
            worth += _UNSEEN  # tanh 700 is not 1
        return Number(worth, tree.text)
    if isinstance(tree, Number) and isinstance(value, Rational):
        return Number(Fraction(int(value.p), int(value.q)), tree.text)
    return tree


def _is_proved(value: Expr, exactly: Rational) -> bool:
    """Whether a number is what its decimals seem to be: what is printed may not depend on how fast a machine is."""
    return equal(value, exactly, heavy=False).outcome is Outcome.PROVED


def rounded(tree: object) -> bool:
    """Whether a formula holds a number that is printed rounded, so that ≈ must stand before it."""
    stack = [tree]
    while stack:
        match stack.pop():
            case Number() as number:
                if _is_rounded(number):
                    return True
            case Factors(parts) | Terms(parts) | Apply(_, parts):
                stack += parts
            case Marked() | Live() as one:
                stack.append(one.body)
    return False


def _is_rounded(number: Number) -> bool:
    short = max(number.value.numerator.bit_length(), number.value.denominator.bit_length()) <= WRITTEN_BITS
    if short and number.text == str(number.value):
        return False
    try:
        return Fraction(number.text) != number.value
    except ValueError:
        return False


def equated(sides: Sequence[Shown]) -> SidesChain:
    """Sides joined by =, or by ≈ before one that is rounded."""
    return SidesChain(tuple(sides), tuple("about" if rounded(side) else "equals" for side in sides[1:]))
