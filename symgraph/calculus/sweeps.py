"""Forward and reverse mode: the sum over the paths, merged at every node.

Both touch each edge once. Forward mode starts at one input and says how fast every node moves; reverse mode starts at
one output and says how fast it moves with every node:

>>> from symgraph.calculus.graph import build
>>> graph = build("(a+b)*(b+1)")
>>> [(row.node.name, row.value) for row in forward(graph, wrt="b")]
[('a', 0), ('b', 1), ('c', 1), ('d', 1), ('e', c + d)]
>>> [(row.node.name, row.value) for row in reverse(graph, of="e")]
[('e', 1), ('d', c), ('c', d), ('b', c + d), ('a', d)]

Why rows refer to rows and not to finished sums: written out, a chain of sixteen stages sin(f)·f + x already swells past
printing. A row's terms name the rates of other rows; `value` works the sum out only when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import networkx
from sympy import Add, Expr, Integer, Mul, S, Symbol

from symgraph.calculus.graph import Edge, Graph, Node, all_edges, find_node, only, outputs, unknown_between

__all__ = ["Row", "Term", "forward", "reverse"]


_AT_ONCE = 64  # factors of a rate that are multiplied in one go: those of the rates between are not made


class Term(NamedTuple):
    """One edge's part of a row: the rate at its other end, times its local derivative."""

    edge: Edge
    row: Row


@dataclass(slots=True, eq=False)
class Row:
    """One line of a sweep: how fast a node moves (forward), or how fast the output moves with it (reverse).

    Args:
        node: the node.
        terms: one for each edge that passes a change on to it, none for the seed and for what nothing reaches.
        seed: the 1 from which the sweep starts.
    """

    node: Node
    terms: tuple[Term, ...]
    seed: bool = False
    _value: Expr | None = field(default=None, init=False, repr=False)

    @property
    def value(self) -> Expr:
        """The rate in the symbols of nodes, merged where paths meet: (α+β+γ)(δ+ε+ζ), not nine products."""
        stack = [self]
        while stack:
            row = stack[-1]
            near, factors = _strand(row)
            missing = [near] if factors else [term.row for term in row.terms]
            missing = [row for row in missing if row._value is None]
            if row._value is not None or not missing:
                stack.pop()
                if row._value is None:
                    row._value = _multiplied(near._value, factors) if factors else _merged(row)
            else:
                stack.extend(missing)
        return self._value


def _strand(row: Row) -> tuple[Row, list[Expr]]:
    """The rates that a rate is a product of, each by the one before it: where they end, and the factors from there.

    SymPy multiplies many at once as it would one by one, but for numbers, which it multiplies into sums on the way.
    """
    factors: list[Expr] = []
    while row._value is None and row.terms and len(factors) < _AT_ONCE:
        near = row.terms[0].row
        partials = []
        for edge, other in row.terms:
            if other is not near:
                return row, factors[::-1]
            partials.append(edge.partial)
        factor = Add(*partials)
        if _has_number(factor):
            break
        factors.append(factor)
        row = near
    return row, factors[::-1]


def _has_number(product: Expr) -> bool:
    """Whether a number is one of the factors."""
    return bool(product.is_number) or (product.is_Mul and any(part.is_number for part in product.args))


def _multiplied(rate: Expr, factors: Sequence[Expr]) -> Expr:
    if rate is S.One or not _has_number(rate):
        return Mul(rate, *factors)
    for factor in factors:
        rate = Mul(rate, factor)
    return rate


def _merged(row: Row) -> Expr:
    """Σ over neighbours of their rate times the sum of the edges to them."""
    if not row.terms:
        return Integer(1 if row.seed else 0)
    bundles: dict[Row, list[Expr]] = {}
    for term in row.terms:
        bundles.setdefault(term.row, []).append(term.edge.partial)
    return Add(*(Mul(near._value, Add(*partials)) for near, partials in bundles.items()))


# Both sweeps are loops without calls of Python functions but one for a row that something reaches: nodes are known by
# their identity (their own hash is such a call), and a term is made as NamedTuple makes it.


def forward(graph: Graph, wrt: str | Symbol | Node) -> tuple[Row, ...]:
    """How fast every node moves when `wrt` moves at speed 1, in an order of computation; zeros are there, too.

    Nodes that move in a way that is not known have no row.
    """
    start = find_node(graph, wrt)
    into = all_edges(graph)
    still = _still(graph, len(into))
    rows: list[Row] = []
    moving: dict[int, Row] = {}
    for node, edges in into.items():
        terms = []
        for edge in edges:
            tail = id(edge.tail)
            if tail in moving:
                terms.append(tuple.__new__(Term, (edge, moving[tail])))
        if terms or node is start:
            moving[id(node)] = row = Row(node, tuple(terms), node is start)
        else:
            row = still[len(rows)] = still[len(rows)] or Row(node, ())
        rows.append(row)
    if graph.graph.get("unknown"):
        rows = [row for row in rows if not unknown_between(graph, start, row.node)]
    return tuple(rows)


def reverse(graph: Graph, of: str | Symbol | Node | None = None) -> tuple[Row, ...]:
    """How fast `of` (the only output, if None) moves with every node, from the output down to the inputs.

    Nodes with which it moves in a way that is not known have no row.
    """
    start = only(outputs(graph), "output", "of") if of is None else find_node(graph, of)
    into = all_edges(graph)
    still = _still(graph, len(into))
    rows: list[Row] = []
    moving: dict[int, list[Term]] = {}
    for node, edges in reversed(into.items()):
        terms = moving.get(id(node))
        if terms is not None:
            row = Row(node, tuple(terms[::-1]))
        elif node is start:
            row = Row(node, (), True)
        else:
            place = -1 - len(rows)
            row = still[place] = still[place] or Row(node, ())
            rows.append(row)
            continue
        rows.append(row)
        for edge in edges[::-1]:
            term = tuple.__new__(Term, (edge, row))
            known = moving.get(id(edge.tail))
            if known is None:
                moving[id(edge.tail)] = [term]
            else:
                known.append(term)
    if graph.graph.get("unknown"):
        rows = [row for row in rows if not unknown_between(graph, row.node, start)]
    return tuple(rows)


def _still(graph: Graph, size: int) -> list[Row | None]:
    """The rows of nodes that a sweep does not reach: in a graph that cannot change, all sweeps share them."""
    nothing: list[Row | None] = [None] * size
    rows: list[Row | None] = graph.graph.setdefault("still", nothing) if networkx.is_frozen(graph) else nothing
    return rows
