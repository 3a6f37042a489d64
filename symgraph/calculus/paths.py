"""Paths: counted exactly, listed lazily, multiplied edge by edge, and summed.

>>> from symgraph.calculus.graph import build
>>> graph = build("(a+b)*(b+1)")
>>> for path in find_paths(graph, wrt="b"):
...     print(path, "   product", path.product)
b → c → e    product d
b → d → e    product c
>>> path_sum(graph, wrt="b")
c + d

Why counting comes first: 91 nodes can hold 2³⁰ paths. Counting is dynamic programming, one addition for each edge;
listing is worth it only below a limit.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from networkx import is_frozen
from sympy import Add, Expr, Mul, Symbol

from symgraph.calculus.graph import (
    Edge,
    Graph,
    Node,
    all_edges,
    find_node,
    inputs,
    known_derivative,
    only,
    outputs,
    places,
)
from symgraph.errors import LimitExceeded
from symgraph.limits import DEFAULT, Limits

__all__ = ["Path", "count_all", "count_paths", "find_paths", "largest_paths", "path_sum"]


@dataclass(frozen=True, slots=True)
class Path:
    """A walk along edges from one node to another; edges keep their keys, so that parallel ones differ.

    A path from a node to itself has no edges, and its product is 1.
    """

    edges: tuple[Edge, ...]
    start: Node

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.start, *(edge.head for edge in self.edges))

    @property
    def product(self) -> Expr:
        """The local derivatives along the path, multiplied, in the symbols of nodes."""
        return Mul(*(edge.partial for edge in self.edges))

    def __str__(self) -> str:
        return " → ".join(node.name for node in self.nodes)


def count_paths(graph: Graph, wrt: str | Symbol | Node | None = None, of: str | Symbol | Node | None = None) -> int:
    """How many paths lead from `wrt` to `of`, exactly; None means every input, every output.

    >>> from symgraph.calculus.graph import build
    >>> count_paths(build("(a+b)*(b+1)")), count_paths(build("(a+b)*(b+1)"), wrt="b")
    (3, 2)
    """
    starts = inputs(graph) if wrt is None else (find_node(graph, wrt),)
    ends = outputs(graph) if of is None else (find_node(graph, of),)
    found = _ways_to(graph, ends, starts)
    return sum(found[start] for start in starts)


def count_all(graph: Graph, pairs: Iterable[tuple[Node, Node]]) -> dict[tuple[Node, Node], int]:
    """How many paths lead to each (output, input): one pass for an output or one for an input, whichever are fewer.

    >>> from symgraph.calculus.graph import build
    >>> graph = build("(a+b)*(b+1)")
    >>> list(count_all(graph, [(of, wrt) for of in outputs(graph) for wrt in inputs(graph)]).values())
    [1, 2]
    """
    counts = dict.fromkeys(pairs, 0)
    ends, starts = (dict.fromkeys(each) for each in zip(*counts, strict=True)) if counts else ({}, {})
    known = (
        {end: _ways_to(graph, (end,), starts) for end in ends}
        if len(ends) <= len(starts)
        else {start: _ways_from(graph, start, ends) for start in starts}
    )
    for of, wrt in counts:
        counts[of, wrt] = known[of][wrt] if len(ends) <= len(starts) else known[wrt][of]
    return counts


# Both passes push a node's number on and drop it: the numbers of a long chain together fill gigabytes.


def _ways_to(graph: Graph, ends: Iterable[Node], starts: Iterable[Node]) -> dict[Node, int]:
    """In how many ways the ends are reached from each start."""
    into = all_edges(graph)
    found = dict.fromkeys(starts, 0)
    waiting: dict[int, int] = {}
    for end in ends:
        waiting[id(end)] = waiting.get(id(end), 0) + 1
    unasked = {id(node) for node, edges in into.items() if not edges and node not in found}
    for node, edges in reversed(into.items()):
        count = waiting.pop(id(node), 0)
        if not count:
            continue
        if node in found:
            found[node] = count
        for edge in edges:
            tail = id(edge.tail)
            if tail not in unasked:
                waiting[tail] = waiting.get(tail, 0) + count
    return found


def _ways_from(graph: Graph, start: Node, ends: Iterable[Node]) -> dict[Node, int]:
    """In how many ways each end is reached from the start."""
    found = dict.fromkeys(ends, 0)
    waiting = {id(start): 1}
    for node, heads in graph.adjacency():
        count = waiting.pop(id(node), 0)
        if not count:
            continue
        if node in found:
            found[node] = count
        for head, parallel in heads.items():
            waiting[id(head)] = waiting.get(id(head), 0) + len(parallel) * count
    return found


def find_paths(
    graph: Graph,
    wrt: str | Symbol | Node | None = None,
    of: str | Symbol | Node | None = None,
    limit: int | None = None,
) -> Iterator[Path]:
    """Yield the paths from `wrt` to `of`, in the order in which the nodes were named.

    Args:
        wrt, of: None where the graph has only one input, one output.
        limit: stop after so many; None: all of them, however many there are.

    >>> from symgraph.calculus.graph import build
    >>> [str(path) for path in find_paths(build("x*sin(x)"))]
    ['x → u → y', 'x → y']
    """
    start = only(inputs(graph), "input", "wrt") if wrt is None else find_node(graph, wrt)
    end = only(outputs(graph), "output", "of") if of is None else find_node(graph, of)
    known_derivative(graph, start, end)
    return islice(_walk(graph, start, end), limit)


def _walk(graph: Graph, start: Node, end: Node) -> Iterator[Path]:
    onward = _ways_on(graph, end)
    if start is end:
        yield Path((), start)
    if start not in onward:
        return
    trail: list[Edge] = []
    stack = [iter(onward[start])]
    while stack:
        edge = next(stack[-1], None)
        if edge is None:
            stack.pop()
            if trail:
                trail.pop()
            continue
        trail.append(edge)
        if edge.head is end:
            yield Path(tuple(trail), start)
        stack.append(iter(onward[edge.head]))


def _ways_on(graph: Graph, end: Node) -> dict[Node, list[Edge]]:
    """The edges on to the end from every node that it is computed from; the end's own are none.

    Of a graph that cannot change, those for the end that was asked about last are kept: it is asked about for every
    input in turn.
    """
    frozen = is_frozen(graph)
    if frozen:
        known: tuple[Node, dict[Node, list[Edge]]] | None = graph.graph.get("onward")
        if known is not None and known[0] is end:
            return known[1]
    into, place = all_edges(graph), places(graph)
    onward: dict[Node, list[Edge]] = {end: []}
    waiting = [end]
    while waiting:
        for edge in into[waiting.pop()]:
            if edge.tail in onward:
                onward[edge.tail].append(edge)
            else:
                onward[edge.tail] = [edge]
                waiting.append(edge.tail)
    for edges in onward.values():
        if len(edges) > 1:
            edges.sort(key=lambda edge: (place[edge.head], edge.key))
    if frozen:
        graph.graph["onward"] = (end, onward)
    return onward


def path_sum(
    graph: Graph,
    wrt: str | Symbol | Node | None = None,
    of: str | Symbol | Node | None = None,
    limits: Limits = DEFAULT,
) -> Expr:
    """The sum over the paths of their products, in the symbols of nodes.

    Raises:
        LimitExceeded: there are more paths than `limits.marked_paths`; a sweep gives the same sum.
    """
    start = only(inputs(graph), "input", "wrt") if wrt is None else find_node(graph, wrt)
    end = only(outputs(graph), "output", "of") if of is None else find_node(graph, of)
    known_derivative(graph, start, end)
    count = count_paths(graph, start, end)
    if count > limits.marked_paths:
        raise LimitExceeded("marked_paths", limits.marked_paths, count, "use forward() or reverse(), which merge them")
    return Add(*(path.product for path in _walk(graph, start, end)))


def largest_paths(
    graph: Graph, sizes: Mapping[Edge, float], wrt: Node, of: Node, limit: int
) -> list[tuple[float, Path]]:
    """The paths whose products are largest in absolute value, largest first, without listing the others.

    Args:
        sizes: the absolute value of every edge's local derivative.

    Each node keeps the `limit` best ways on to `of`; the best through an edge are those of its head, scaled.
    """
    chains: dict[Node, list[tuple[float, Edge | None, int]]] = {of: [(1.0, None, 0)]}
    for node in reversed(list(graph)):
        if node is not of:
            ways = [
                (size * sizes[edge], edge, rank)
                for edge in _edges_from(graph, node)
                for rank, (size, _, _) in enumerate(chains.get(edge.head, ()))
            ]
            chains[node] = heapq.nlargest(limit, ways, key=lambda way: way[0])
    found = []
    for size, first, first_rank in chains.get(wrt, []):
        trail: list[Edge] = []
        edge, rank = first, first_rank
        while edge is not None:
            trail.append(edge)
            _, edge, rank = chains[edge.head][rank]
        found.append((size, Path(tuple(trail), wrt)))
    return found


def _edges_from(graph: Graph, node: Node) -> list[Edge]:
    return [
        tuple.__new__(Edge, (node, head, key, data["partial"], data["rule"]))
        for head, parallel in graph._adj[node].items()
        for key, data in parallel.items()
    ]
