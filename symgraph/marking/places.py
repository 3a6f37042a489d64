"""Where a slip can be made: the arguments that move, chains, multiples; and edits of a whole operation.

>>> from symgraph.marking.question import ask
>>> [operation.row for operation, _, _ in compositions(ask("3*sin(x^2)"))]
['power', 'sine']
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from symgraph.calculus.graph import Edge, Node
from symgraph.marking.edits import At, Edit, Rule
from symgraph.marking.question import Operation, Question
from symgraph.marking.wrong_rules import WrongRule

__all__ = [
    "PASSING",
    "SUMS",
    "at_argument",
    "composes",
    "compositions",
    "edges_before",
    "edges_of",
    "moving_arguments",
    "natural_logarithm",
    "rate_edit",
    "scales",
    "unit",
]

SUMS = frozenset({"add", "subtract"})
PASSING = frozenset({"add", "subtract", "negate", "identity"})  # their local derivatives are 1 and −1


def moving_arguments(question: Question) -> Iterator[tuple[Operation, int, Edge]]:
    """Every argument that moves, with its operation and its edge."""
    for operation in question.operations:
        for place, edge in enumerate(operation.edges):
            if edge is not None:
                yield operation, place, edge


def scales(operation: Operation) -> bool:
    """A constant times something, or something over a constant."""
    if operation.row == "multiply":
        return len(operation.moving) == 1
    return operation.row == "divide" and operation.moving == [0]


def composes(operation: Operation) -> bool:
    """A function of one thing that moves: what the chain rule is about."""
    return (
        operation.row not in PASSING
        and operation.row not in ("multiply", "whole")
        and len(operation.moving) == 1
        and not scales(operation)
    )


def compositions(question: Question) -> Iterator[tuple[Operation, int, Edge]]:
    """Every argument of a function of one thing that moves, with its operation and its edge."""
    for operation, place, edge in moving_arguments(question):
        if composes(operation):
            yield operation, place, edge


def edges_before(question: Question, node: Node) -> frozenset[Edge]:
    """The edges on the ways from the input to a node."""
    return frozenset(question.between(question.wrt, node))


def edges_of(operation: Operation) -> frozenset[Edge]:
    """The edges by which what moves comes in."""
    return frozenset(edge for edge in operation.edges if edge is not None)


def unit(at: At) -> Any:
    """The number 1."""
    return at.f.number(Fraction(1))


def rate_edit(mistake: str, operation: Operation, likelihood: float, rule: Rule, kind: str = "") -> Edit:
    """An edit of a node's whole rate; it is told at the edge of the last argument that moves."""
    edge = operation.edges[operation.moving[-1]]
    return Edit(
        mistake,
        edge,
        likelihood,
        rates={operation.node.name: rule},
        touched=edges_of(operation),
        kind=kind,
        detail=kind,
    )


def at_argument(rule: WrongRule, place: int) -> Rule:
    """A rule for a function of one thing, at an argument."""
    return lambda at: rule(at.f, at.argument(place))


def natural_logarithm(at: At, place: int) -> Any:
    """The logarithm of an argument."""
    return at.f.apply("logarithm", at.argument(place))
