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

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sympy import Expr

from symgraph.calculus.graph import Graph, Node
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
    onward = {id(of)}
    rows = []
    for row in reversed(forward(graph, wrt)):
        if id(row.node) in onward and (row.terms or row.seed):
            rows.append(row)
            for edge, _ in row.terms:
                onward.add(id(edge.tail))
    rows.reverse()
    brackets = tuple([row for row in rows if len(row.terms) > 1])
    return Factored(rows[-1], brackets, _expanded(rows), _merged(rows))


def _expanded(rows: Sequence[Row]) -> Count:
    """One product for each path (a multiplication fewer than edges), one sum fewer than paths."""
    reached: dict[int, tuple[int, int]] = {}  # each rate, by identity: how many paths, and their edges together
    paths = lengths = 0
    for row in rows:
        paths, lengths = int(row.seed), 0
        for _, near in row.terms:
            before, edges = reached[id(near)]
            paths += before
            lengths += edges + before
        reached[id(row)] = paths, lengths
    return Count(lengths - paths, paths - 1)


def _merged(rows: Sequence[Row]) -> Count:
    """Each node: the edges from one neighbour are added and scaled by its rate (not by the seed's 1), then added."""
    products = sums = 0
    for row in rows:
        sums += max(0, len(row.terms) - 1)
        products += len({id(near) for _, near in row.terms if not near.seed})
    return Count(products, sums)
