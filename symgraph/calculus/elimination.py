"""Derivatives as operations of an arena: by reverse mode, forward mode, or vertex by vertex.

All three add up the same products along the same paths and differ in what they work out first:

>>> from symgraph.calculus.arena import Arena
>>> arena = Arena()
>>> x = arena.input("x")
>>> f = arena.multiply(arena.apply("sine", (x,)), x)
>>> net = linearize(arena, [f], [x])
>>> (slope,) = reverse(arena, net)  # sin(x) + x·cos(x)
>>> arena.operation(slope), [arena.operation(term) for term in arena.operation(slope)[1:]]
(('add', 8, 14), [('sine', 6), ('multiply', 6, 12)])
>>> reverse(arena, net) == forward(arena, net) == eliminate(arena, net)
True

A quotient y = u/v has two vertices, dw = du − y·dv and dy = dw/v: then no order of elimination works out more than the
fused rule t = ȳ/v, ū = t, v̄ = −y·t. With plain labels 1/v and −u/v² the bounds on the cost of a gradient fail.

Eliminating a vertex multiplies every edge into it with every edge out of it (Griewank and Reese 1991); Markowitz's
rule takes the vertex with the fewest such pairs next. Fewest operations in all is an NP-complete question (Naumann
2008), so that whoever asks tries several orders and keeps the smallest result.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sympy import Expr, Rational, Symbol

from symgraph.calculus.arena import MINUS_ONE, ONE, ZERO, Arena, Reference
from symgraph.errors import DomainError
from symgraph.language.notation import from_sympy
from symgraph.language.primitives import PRIMITIVES, Primitive
from symgraph.language.tree import Apply, Name, Number, Tree, postorder

__all__ = ["Net", "eliminate", "forward", "linearize", "reverse"]

Edges = tuple[tuple[int, Reference], ...]


@dataclass(frozen=True, slots=True)
class Net:
    """The linearised graph: its vertices in an order of computation, and for each the edges into it.

    Args:
        before: for every vertex its tails, each once, with the local derivative as a reference.
        starts: the vertices of the inputs, in the order asked for.
        ends: for every output its vertex (−1 where no input reaches it), and the sign with which it is meant.
    """

    before: list[Edges]
    starts: tuple[int, ...]
    ends: tuple[tuple[int, Reference], ...]


def linearize(arena: Arena, outputs: Sequence[Reference], inputs: Sequence[Reference]) -> Net:
    """The local derivatives between the inputs and the outputs, parallel edges merged.

    Raises:
        DomainError: a local derivative that is not known, such as a Bessel function's by its order.
    """
    operations, last = arena.operations, len(arena)
    reached = _reached(arena, outputs)
    vertex = [-1] * last  # of each place; -1 where no input moves it
    before: list[Edges] = []
    for reference in inputs:
        vertex[reference >> 1] = len(before)
        before.append(())
    partials = _Partials(arena, vertex)
    for place in range(last):
        if not reached[place] or vertex[place] >= 0:
            continue
        operation = operations[place]
        row = operation[0]
        if row == "add":
            u, v = operation[1], operation[2]
            left, right = vertex[u >> 1], vertex[v >> 1]
            if left >= 0:
                one = (left, MINUS_ONE if u & 1 else ONE)
                edges: Edges = (one,) if right < 0 else (one, (right, MINUS_ONE if v & 1 else ONE))
            elif right >= 0:
                edges = ((right, MINUS_ONE if v & 1 else ONE),)
            else:
                continue
        elif row == "multiply":
            u, v = operation[1], operation[2]
            left, right = vertex[u >> 1], vertex[v >> 1]
            if left >= 0 and right >= 0:
                edges = ((left, arena.add(u, u)),) if u == v else ((left, v), (right, u))
            elif left >= 0 or right >= 0:
                edges = ((left, v) if left >= 0 else (right, u),)
            else:
                continue
        else:
            edges = partials.edges(place)
            if not edges:
                continue
            if row == "divide":
                before.append(edges)
                edges = ((len(before) - 1, arena.divide(ONE, operation[2])),)
        vertex[place] = len(before)
        before.append(edges)
    ends = tuple((vertex[output >> 1], MINUS_ONE if output & 1 else ONE) for output in outputs)
    return Net(before, tuple(range(len(inputs))), ends)


def _reached(arena: Arena, outputs: Sequence[Reference]) -> bytearray:
    """Which places the outputs are computed from."""
    operations = arena.operations
    reached = bytearray(len(operations))
    for output in outputs:
        reached[output >> 1] = 1
    for place in range(max((output >> 1 for output in outputs), default=-1), -1, -1):
        if reached[place] and not arena.is_leaf(place):
            for argument in operations[place][1:]:
                reached[argument >> 1] = 1
    return reached


class _Partials:
    """The local derivatives of operations, from the table of primitives; each row's formula is read once."""

    def __init__(self, arena: Arena, vertex: list[int]) -> None:
        self._arena, self._vertex = arena, vertex
        self._recipes: dict[Any, Sequence[_Recipe | None]] = {}

    def edges(self, place: int) -> Edges:
        """The edges into any operation but sums and products; of a quotient y = u/v, those of dw = du − y·dv."""
        arena, vertex = self._arena, self._vertex
        row, *arguments = arena.operations[place]
        found: dict[int, Reference] = {}
        for index, argument in enumerate(arguments if not arena.is_leaf(place) else ()):
            tail = vertex[argument >> 1]
            if tail >= 0:
                partial = self._partial(place, row, arguments, index) ^ (argument & 1)
                known = found.get(tail)
                found[tail] = partial if known is None else arena.add(known, partial)
        return tuple(edge for edge in found.items() if edge[1] & -2)

    def _partial(self, place: int, row: Any, arguments: Sequence[Reference], index: int) -> Reference:
        arena = self._arena
        if row == "divide":
            return 2 * place + 1 if index else ONE
        own = _OWN.get(row)
        if own is not None:
            return own(arena, place, arguments, index)
        if not isinstance(row, str) and row not in arena.rows:
            return _unknown(arena, row, arguments, index)
        return self._from_table(row, arguments, index)

    def _from_table(self, row: Any, arguments: Sequence[Reference], index: int) -> Reference:
        values = tuple(map(self._arena.value, arguments))
        recipes = self._recipes.get((row, values))
        if recipes is None:
            known = PRIMITIVES[row] if isinstance(row, str) else self._arena.rows[row]
            recipes = self._recipes[row, values] = _recipes(known, values)
        recipe = recipes[index]
        if recipe is None:
            name = row if isinstance(row, str) else row[0]
            raise DomainError(f"the derivative of {name} by argument {index + 1} is not known here")
        return recipe.follow(self._arena, arguments)


class _Recipe:
    """A formula in _0, _1, … as a list of operations, ready to be repeated with other arguments."""

    __slots__ = ("_leaves", "_result", "_steps")

    def __init__(self, formula: Expr, arity: int) -> None:
        slots: dict[int, int] = {}
        pieces = list(postorder(from_sympy(formula)))
        self._leaves: list[Tree] = []
        self._steps: list[tuple[str, tuple[int, ...]]] = []
        for piece in pieces:
            if isinstance(piece, Name):
                slots[id(piece)] = int(piece.name[1:])
            elif not isinstance(piece, Apply):
                slots[id(piece)] = arity + len(self._leaves)
                self._leaves.append(piece)
        for piece in pieces:
            if isinstance(piece, Apply):
                slots[id(piece)] = arity + len(self._leaves) + len(self._steps)
                self._steps.append((piece.operator, tuple(slots[id(part)] for part in piece.arguments)))
        self._result = slots[id(pieces[-1])]

    def follow(self, arena: Arena, arguments: Sequence[Reference]) -> Reference:
        slots = list(arguments)
        for leaf in self._leaves:
            slots.append(arena.number(leaf.value) if isinstance(leaf, Number) else arena.enter(leaf, {}))
        for row, places in self._steps:
            slots.append(arena.apply(row, [slots[place] for place in places]))
        return slots[self._result]


@lru_cache(maxsize=4096)
def _recipes(known: Primitive, values: tuple[int | Fraction | None, ...]) -> list[_Recipe | None]:
    """The formulas of a row of the table; arguments that are numbers stand as such."""
    symbols = [
        Symbol(f"_{place}") if value is None else Rational(value.numerator, value.denominator)
        for place, value in enumerate(values)
    ]
    formulas = known.partials(*symbols)
    return [None if formula is None else _Recipe(formula, len(values)) for formula in formulas]


# What the table's formula would not share with what is there already.


def _of_power(arena: Arena, place: int, arguments: Sequence[Reference], index: int) -> Reference:
    u, v = arguments
    if index:
        return arena.multiply(2 * place, arena.apply("logarithm", (u,)))
    return arena.multiply(v, arena.power(u, arena.add(v, MINUS_ONE)))


def _of_sigmoid(arena: Arena, place: int, arguments: Sequence[Reference], index: int) -> Reference:
    return arena.multiply(2 * place, arena.add(ONE, 2 * place ^ 1))


def _of_softplus(arena: Arena, place: int, arguments: Sequence[Reference], index: int) -> Reference:
    return arena.apply("sigmoid", arguments)


def _of_cases(arena: Arena, place: int, arguments: Sequence[Reference], index: int) -> Reference:
    """1 where this value is the one taken; a condition decides and passes no change on."""
    if index % 2 and index < len(arguments) - 1:
        return ZERO
    chosen = [
        argument if which % 2 and which < len(arguments) - len(arguments) % 2 else ONE if which == index else ZERO
        for which, argument in enumerate(arguments)
    ]
    return arena.apply("piecewise", chosen)


def _unknown(arena: Arena, row: Any, arguments: Sequence[Reference], index: int) -> Reference:
    """The partial derivative of a function of which nothing is known."""
    name, orders = row
    orders = orders or (0,) * len(arguments)
    return arena.apply((name, tuple(order + (place == index) for place, order in enumerate(orders))), arguments)


_OWN: Mapping[Any, Callable[[Arena, int, Sequence[Reference], int], Reference]] = {
    "power": _of_power,
    "sigmoid": _of_sigmoid,
    "softplus": _of_softplus,
    "piecewise": _of_cases,
}


# The three ways


def reverse(arena: Arena, net: Net) -> list[Reference]:
    """∂output/∂input for each output and input, row by row, by a sweep from each output down."""
    found: list[Reference] = []
    multiply, add = arena.multiply, arena.add
    for end, seed in net.ends:
        adjoints: dict[int, Reference] = {end: seed}
        for vertex in range(end, -1, -1):
            adjoint = adjoints.get(vertex, ZERO)
            if adjoint != ZERO:
                for tail, partial in net.before[vertex]:
                    one = partial <= MINUS_ONE  # 1 or −1
                    term = adjoint ^ (partial & 1) if one else multiply(adjoint, partial)
                    known = adjoints.get(tail)
                    adjoints[tail] = term if known is None else add(known, term)
        found += [adjoints.get(start, ZERO) for start in net.starts]
    return found


def forward(arena: Arena, net: Net) -> list[Reference]:
    """The same by a sweep from each input up."""
    columns: list[list[Reference]] = []
    for start in net.starts:
        rates: dict[int, Reference] = {start: ONE}
        for vertex, edges in enumerate(net.before):
            rate = ZERO
            for tail, partial in edges:
                if tail in rates:
                    rate = arena.add(rate, arena.multiply(rates[tail], partial))
            if rate != ZERO and vertex != start:
                rates[vertex] = rate
        columns.append([arena.multiply(rates.get(end, ZERO), sign) for end, sign in net.ends])
    return [column[row] for row in range(len(net.ends)) for column in columns]


def eliminate(
    arena: Arena, net: Net, order: Sequence[int] | None = None, *, late: bool = True, most: int | None = None
) -> list[Reference] | None:
    """The same by eliminating vertices, in a given order or by Markowitz's rule (`late` breaks its ties).

    None where it takes more than `most` new operations.

    >>> from symgraph.calculus.arena import Arena
    >>> arena = Arena()
    >>> x = arena.input("x")
    >>> f = arena.apply("sine", (arena.apply("exponential", (x,)),))
    >>> net = linearize(arena, [f], [x])
    >>> eliminate(arena, net, [1, 2]) == eliminate(arena, net)
    True
    """
    before = [dict(edges) for edges in net.before]
    kept = set(net.starts)
    ends = []
    for end, sign in net.ends:  # an output of its own for each, so that every vertex can go
        ends.append(len(before))
        kept.add(len(before))
        before.append({end: sign} if end >= 0 else {})
    after: list[dict[int, None]] = [{} for _ in before]
    for vertex, edges in enumerate(before):
        for tail in edges:
            after[tail][vertex] = None
    inner = [vertex for vertex in range(len(before)) if vertex not in kept]
    room = None if most is None else len(arena) + most
    for vertex in order if order is not None else _markowitz(before, after, inner, late):
        _remove(arena, before, after, vertex)
        if room is not None and len(arena) > room:
            return None
    return [before[end].get(start, ZERO) for end in ends for start in net.starts]


def _remove(arena: Arena, before: list[dict[int, Reference]], after: list[dict[int, None]], vertex: int) -> None:
    """Every edge into a vertex times every edge out of it."""
    into = before[vertex]
    for head in after[vertex]:
        out = before[head].pop(vertex)
        for tail, partial in into.items():
            term = arena.multiply(out, partial)
            known = before[head].get(tail)
            before[head][tail] = term if known is None else arena.add(known, term)
            after[tail][head] = None
    for tail in into:
        del after[tail][vertex]
    before[vertex], after[vertex] = {}, {}


def _markowitz(
    before: list[dict[int, Reference]], after: list[dict[int, None]], inner: list[int], late: bool
) -> Iterator[int]:
    """The vertices, each when it has the fewest pairs of edges in and out among those left."""
    side = -1 if late else 1
    degree = {vertex: len(before[vertex]) * len(after[vertex]) for vertex in inner}
    heap = [(pairs, side * vertex) for vertex, pairs in degree.items()]
    heapq.heapify(heap)
    while heap:
        pairs, place = heapq.heappop(heap)
        vertex = side * place
        if degree.get(vertex) != pairs:
            continue
        del degree[vertex]
        near = [*before[vertex], *after[vertex]]
        yield vertex
        for other in near:
            if other in degree:
                pairs = len(before[other]) * len(after[other])
                if pairs != degree[other]:
                    degree[other] = pairs
                    heapq.heappush(heap, (pairs, side * other))
