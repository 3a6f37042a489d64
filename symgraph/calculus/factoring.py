"""Expanded -> merged -> factored, read off a sweep.

The sum over the paths of X ⇉ Y ⇉ Z has nine products. Every path passes through Y, where the three ways from X merge
into one bracket before they go on; a forward sweep does just that, and the brackets are its rows:

>>> from symgraph.calculus.graph import build, find_node
>>> graph = build("Y = p*X + q*X + r*X; Z = s*Y + t*Y + u*Y")
>>> X, Z = find_node(graph, "X"), find_node(graph, "Z")
>>> factored = factor(graph, X, Z)
>>> factored.value, [row.node.name for row in factored.brackets]
((p + q + r)*(s + t + u), ['Y', 'Z'])
>>> factored.expanded, factored.merged
(Count(products=9, sums=8), Count(products=1, sums=4))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sympy import Expr

from symgraph.calculus.graph import Edge, Graph, Node
from symgraph.calculus.paths import ways_on
from symgraph.calculus.sweeps import Row, forward

__all__ = ["Count", "Factored", "factor"]


class Count(NamedTuple):
    """How many multiplications and additions a formula takes as it is written."""

    products: int
    sums: int


@dataclass(frozen=True, slots=True)
class Factored:
    """A sum over paths, merged at every node where paths meet.

    Args:
        last: the row of the forward sweep for the node where the paths end.
        brackets: the rows of the forward sweep in which several edges meet, in order.
        expanded, merged: what the sum over paths and what the sweep cost.
    """

    last: Row
    brackets: tuple[Row, ...]
    expanded: Count
    merged: Count

    @property
    def value(self) -> Expr:
        """The factored form, in the symbols of nodes; made when it is looked at, since it may be long."""
        return self.last.value


def factor(graph: Graph, wrt: Node, of: Node) -> Factored:
    """The sum over the paths from `wrt` to `of`, factored at every node where paths meet."""
    onward = ways_on(graph, wrt, of)
    rows = [row for row in forward(graph, wrt) if row.node in onward]
    brackets = tuple(row for row in rows if len(row.terms) > 1)
    return Factored(rows[-1], brackets, _expanded(onward, wrt, of), _merged(rows))


def _expanded(onward: Mapping[Node, Iterable[Edge]], wrt: Node, of: Node) -> Count:
    """One product for each path (a multiplication fewer than edges), one sum fewer than paths."""
    paths = dict.fromkeys(onward, 0)  # from each node on
    lengths = dict.fromkeys(onward, 0)
    paths[of] = 1
    for node, edges in onward.items():
        for edge in edges:
            paths[node] += paths[edge.head]
            lengths[node] += lengths[edge.head] + paths[edge.head]
    return Count(lengths[wrt] - paths[wrt], max(0, paths[wrt] - 1))


def _merged(rows: list[Row]) -> Count:
    """Each node: the edges from one neighbour are added and scaled by its rate (not by the seed's 1), then added."""
    products = sums = 0
    for row in rows:
        neighbours = {term.row.node: term.row for term in row.terms}
        sums += max(0, len(row.terms) - 1)
        products += sum(not near.seed for near in neighbours.values())
    return Count(products, sums)
