"""What is a power in disguise: √u is u^(1/2), 1/u³ is u^(−3), 5/√u is 5·u^(−1/2).

A student who differentiates 1/x³ by the power rule makes the power rule's slips, whatever the graph divides by.

>>> from symgraph.marking.question import ask
>>> [(power.base, power.node.name, power.depth) for power in powers(ask("1/sqrt(x)"))]
[('x', 'u', 0), ('u', 'y', 0), ('x', 'y', 1)]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symgraph.calculus.graph import Edge, Node
from symgraph.language.tree import Apply, Name, Number, Tree
from symgraph.marking.edits import At, Place
from symgraph.marking.question import Operation, Question, spanning

__all__ = ["Power", "powers"]

_ROOTS = {"square_root": Fraction(1, 2), "cube_root": Fraction(1, 3)}


@dataclass(frozen=True, eq=False)
class Power:
    """coefficient · base^exponent, computed at `node` from an earlier node.

    Args:
        base: the name of the node that is raised.
        depth: how many operations lie between, the last one not counted.
        edges: those from the base to the node.
    """

    node: Node
    base: str
    depth: int
    edges: frozenset[Edge]
    exponent: Callable[[At], Any]
    coefficient: Callable[[At], Any]
    exponent_is_negative: bool
    is_reciprocal: bool = False  # c/u, or c/u^n

    def raised(self, at: At, by: int) -> Any:
        """coefficient · base^(exponent + by)."""
        return self.coefficient(at) * at.f.apply("power", at.value_of(self.base), self.exponent(at) + by)

    def where(self, question: Question) -> Place:
        """The edge from the base to the node, or all that lies between."""
        if len(self.edges) == 1:
            return next(iter(self.edges))
        base = next(edge.tail for edge in self.edges if edge.tail.name == self.base)
        return spanning(question, base, self.node)


def powers(question: Question) -> Iterator[Power]:
    """Every power between the input and the output, the direct ones and those through other powers."""
    known: dict[Node, list[Power]] = {}
    for operation in question.operations:
        direct = _direct(operation)
        if direct is None:
            continue
        found = [direct]
        edge = next(iter(direct.edges))
        for inner in known.get(edge.tail, ()):
            found.append(_through(direct, inner))
        known[operation.node] = found
        yield from found


def _direct(operation: Operation) -> Power | None:
    """The operation as a power of its argument."""
    node = operation.node
    if operation.row == "power" and operation.moving == [0]:
        edge = operation.edges[0]
        assert edge is not None
        negative = _is_negative(operation.arguments[1])
        return Power(node, edge.tail.name, 0, frozenset({edge}), _still(operation, 1), _unit, negative)
    if operation.row in _ROOTS and operation.moving == [0]:
        edge = operation.edges[0]
        assert edge is not None
        return Power(node, edge.tail.name, 0, frozenset({edge}), _fixed(_ROOTS[operation.row]), _unit, False)
    if operation.row == "real_root" and operation.moving == [0] and isinstance(operation.arguments[1], Number):
        edge = operation.edges[0]
        assert edge is not None
        index = operation.arguments[1].value
        return Power(node, edge.tail.name, 0, frozenset({edge}), _fixed(1 / index), _unit, index < 0)
    if operation.row == "divide" and operation.moving == [1]:
        edge = operation.edges[1]
        assert edge is not None
        return Power(node, edge.tail.name, 0, frozenset({edge}), _fixed(Fraction(-1)), _still(operation, 0), True, True)
    return None


def _through(outer: Power, inner: Power) -> Power:
    """(c·b^p)^q as c^q·b^(pq)."""

    def coefficient(at: At) -> Any:
        return outer.coefficient(at) * at.f.apply("power", inner.coefficient(at), outer.exponent(at))

    return Power(
        outer.node,
        inner.base,
        outer.depth + inner.depth + 1,
        outer.edges | inner.edges,
        lambda at: outer.exponent(at) * inner.exponent(at),
        coefficient,
        outer.exponent_is_negative != inner.exponent_is_negative,
        outer.is_reciprocal,
    )


def _fixed(value: Fraction) -> Callable[[At], Any]:
    return lambda at: at.f.number(value)


def _unit(at: At) -> Any:
    return at.f.number(Fraction(1))


def _still(operation: Operation, place: int) -> Callable[[At], Any]:
    """An argument that stands still, seen from any operation."""
    argument = operation.arguments[place]
    if isinstance(argument, Name):
        return lambda at: at.value_of(argument.name)
    return lambda at: at.f.constant(operation, place)


def _is_negative(tree: Tree) -> bool:
    if isinstance(tree, Number):
        return tree.value < 0
    return isinstance(tree, Apply) and tree.operator == "negate"
