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

from dataclasses import dataclass, field
from typing import NamedTuple

from sympy import Add, Expr, Integer, Mul, Symbol

from symgraph.calculus.graph import Edge, Graph, Node, all_edges, find_node, only, outputs

__all__ = ["Row", "Term", "forward", "reverse"]


class Term(NamedTuple):
    """One edge's part of a row: the rate at its other end, times its local derivative."""

    edge: Edge
    row: Row


@dataclass(frozen=True, slots=True, eq=False)
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
    _value: list[Expr] = field(default_factory=list, repr=False)

    @property
    def value(self) -> Expr:
        """The rate in the symbols of nodes, merged where paths meet: (α+β+γ)(δ+ε+ζ), not nine products."""
        stack = [self]
        while stack:
            row = stack[-1]
            missing = [term.row for term in row.terms if not term.row._value]
            if row._value or not missing:
                stack.pop()
                if not row._value:
                    row._value.append(_merged(row))
            else:
                stack.extend(missing)
        return self._value[0]

    def call(self, name: Symbol) -> None:
        """Give the rate a name, with which it stands in rows that are worked out from now on."""
        self._value[:] = [name]


def _merged(row: Row) -> Expr:
    """Σ over neighbours of their rate times the sum of the edges to them."""
    if not row.terms:
        return Integer(1 if row.seed else 0)
    bundles: dict[Row, list[Expr]] = {}
    for term in row.terms:
        bundles.setdefault(term.row, []).append(term.edge.partial)
    return Add(*(Mul(near._value[0], Add(*partials)) for near, partials in bundles.items()))


def forward(graph: Graph, wrt: str | Symbol | Node) -> tuple[Row, ...]:
    """How fast every node moves when `wrt` moves at speed 1, in an order of computation; zeros are there, too."""
    start = find_node(graph, wrt)
    rows: dict[Node, Row] = {}
    for node, edges in all_edges(graph).items():
        terms = []
        if node is not start:
            for edge in edges:
                before = rows[edge.tail]
                if before.terms or before.seed:
                    terms.append(Term(edge, before))
        rows[node] = Row(node, tuple(terms), node is start)
    return tuple(rows.values())


def reverse(graph: Graph, of: str | Symbol | Node | None = None) -> tuple[Row, ...]:
    """How fast `of` (the only output, if None) moves with every node, from the output down to the inputs."""
    start = only(outputs(graph), "output", "of") if of is None else find_node(graph, of)
    rows: list[Row] = []
    terms: dict[Node, list[Term]] = {}
    for node, edges in reversed(all_edges(graph).items()):
        row = Row(node, tuple(reversed(terms.pop(node, ()))), node is start)
        rows.append(row)
        if row.terms or row.seed:
            for edge in reversed(edges):
                terms.setdefault(edge.tail, []).append(Term(edge, row))
    return tuple(rows)
