"""Slips at powers and exponentials: the exponent kept, raised or lost, the rule of the one used for the other.

Each function here is one row of the table in `mistakes.py`, or a part of one, as in `local_edits.py`.

>>> from symgraph.marking.edits import in_formulas
>>> from symgraph.marking.question import ask
>>> question = ask("(3*x + 1)^2")
>>> [in_formulas(question).total(edit) for edit in exponent_kept(question)]
[6*(3*x + 1)**2]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from symgraph.calculus.graph import Edge
from symgraph.language.tree import Number, Tree
from symgraph.marking.edits import At, Edit, Rule
from symgraph.marking.places import at_argument, compositions, edges_before, natural_logarithm, rate_edit, unit
from symgraph.marking.powers import Power, powers
from symgraph.marking.question import Operation, Question
from symgraph.marking.wrong_rules import WrongRule

__all__ = [
    "exponent_factor_lost",
    "exponent_kept",
    "exponent_lowered",
    "exponent_raised",
    "exponential_rule_on_power",
    "locally_integrated",
    "power_rule_on_exponential",
]


def _power_edit(question: Question, mistake: str, power: Power, likelihood: float, rule: Any, kind: str = "") -> Edit:
    return Edit(
        mistake,
        power.where(question),
        likelihood + (0.3 if power.depth and power.is_reciprocal else -power.depth),  # 1/u³ is rather u^(−3)
        rates={power.node.name: lambda at: rule(at, power) * at.rate_of(power.base)},
        touched=power.edges,
        kind=kind,
        detail=kind,
    )


def exponent_factor_lost(question: Question) -> Iterator[Edit]:
    """u^(n−1): the factor that the power rule brings down is not there; of 1/u it is a sign, and no factor."""
    for power in powers(question):
        if power.depth == 0 and power.is_reciprocal:
            continue
        yield _power_edit(question, "coefficient_lost", power, 90.5, lambda at, p: p.raised(at, -1), "exponent")
        if power.exponent_is_negative:
            yield _power_edit(question, "coefficient_lost", power, 84, lambda at, p: -p.raised(at, -1), "size")


def exponent_kept(question: Question) -> Iterator[Edit]:
    """n·u^n: the exponent is not lowered."""
    for power in powers(question):
        yield _power_edit(question, "exponent_kept", power, 92, lambda at, p: p.exponent(at) * p.raised(at, 0))


def exponent_raised(question: Question) -> Iterator[Edit]:
    """n·u^(n+1): the exponent goes the wrong way, as in an integral."""
    for power in powers(question):
        yield _power_edit(question, "exponent_raised", power, 83, lambda at, p: p.exponent(at) * p.raised(at, 1))


def exponent_lowered(question: Question) -> Iterator[Edit]:
    """(n−1)·u^(n−1), (n−1)·u^n, n·u^(n−2): lowered before it is brought down, or lowered twice.

    Of a square they are u, u² and 2, and there are likelier ways to those.
    """
    squares = {each.node for each in question.operations if each.row == "power" and _is_two(each.arguments[1])}
    for power in powers(question):
        if power.depth == 0 and not power.is_reciprocal and power.node not in squares:
            yield _power_edit(question, "exponent_lowered", power, 54, _brought_down(-1, -1), "first")
            yield _power_edit(question, "exponent_lowered", power, 53, _brought_down(-1, 0), "factor")
            yield _power_edit(question, "exponent_lowered", power, 52, _brought_down(0, -2), "twice")


def _is_two(tree: Tree) -> bool:
    return isinstance(tree, Number) and tree.value == 2


def _brought_down(factor: int, by: int) -> Callable[[At, Power], Any]:
    """(n + factor)·u^(n + by)."""
    return lambda at, power: (power.exponent(at) + factor) * power.raised(at, by)


def locally_integrated(question: Question) -> Iterator[Edit]:
    """u^(n+1)/(n+1), −cos for sin, sin for cos, ln for 1/u: an integral where a derivative was asked."""
    for power in powers(question):
        yield _power_edit(
            question, "integrated", power, 66, lambda at, p: p.raised(at, 1) / (p.exponent(at) + 1), "power"
        )
    for operation in question.operations:
        if operation.row == "divide" and operation.moving == [1]:
            yield rate_edit("integrated", operation, 51, lambda at: at.argument(0) * natural_logarithm(at, 1), "divide")
    for operation, place, edge in compositions(question):
        rule = _INTEGRALS.get(operation.row)
        if rule is not None:
            yield Edit(
                "integrated",
                edge,
                52,
                outer={edge: at_argument(rule, place)},
                touched=frozenset({edge}),
                kind=operation.row,
            )


_INTEGRALS: dict[str, WrongRule] = {
    "sine": lambda f, u: -f.apply("cosine", u),
    "cosine": lambda f, u: f.apply("sine", u),
    "logarithm": lambda f, u: u * f.apply("logarithm", u) - u,
    "hyperbolic_sine": lambda f, u: f.apply("hyperbolic_cosine", u),
    "hyperbolic_cosine": lambda f, u: f.apply("hyperbolic_sine", u),
    "exponential": lambda f, u: f.apply("exponential", u),
}


def power_rule_on_exponential(question: Question) -> Iterator[Edit]:
    """v·a^(v−1) for (a^v)′: the exponent moves, and is brought down all the same."""
    name = "power_rule_on_exponential"
    for operation, edge, base in _exponentials(question):
        lowered = _lowered(operation.edges.index(edge), base)
        if operation.row == "power" and operation.edges[0] is not None:
            yield rate_edit(name, operation, 89, _times_rate(lowered))
            yield rate_edit(name, operation, 79, lowered, "alone")
            yield rate_edit(name, operation, 77.5, _times_rate(lowered, 1), "inner")
            continue
        yield Edit(name, edge, 79, {edge: lowered}, touched=frozenset({edge}), kind="times")
        if edge.tail is not question.wrt:
            touched = frozenset({edge}) | edges_before(question, edge.tail)
            yield Edit(name, edge, 78, {edge: lowered}, {edge: unit}, touched=touched, kind="alone")
            halfway = _lowered_halfway(operation.edges.index(edge), base)
            yield Edit(name, edge, 66, {edge: halfway}, {edge: unit}, touched=touched, kind="inner")
            exponent = next(each for each in question.operations if each.node is edge.tail)
            if (number := _number_lowered(operation.edges.index(edge), exponent)) is not None:
                yield Edit(name, edge, 73, {edge: number}, touched=frozenset({edge}), kind="number")


def _lowered(place: int, base: Rule) -> Rule:
    """v·a^(v−1)."""
    return lambda at: at.argument(place) * at.f.apply("power", base(at), at.argument(place) - 1)


def _lowered_halfway(place: int, base: Rule) -> Rule:
    """k·x·a^(kx−1): the inner derivative and the letter both brought down."""
    return lambda at: at.rate(place) * at.input * at.f.apply("power", base(at), at.argument(place) - 1)


def _number_lowered(place: int, exponent: Operation) -> Rule | None:
    """e^((k−1)x) for e^(kx), e^(x^(n−1)) for e^(x^n): the number in the exponent is lowered."""
    alone = [edge.tail.name for edge in exponent.edges if edge is not None]
    if exponent.row == "multiply" and len(alone) == 1:
        return lambda at: at.partial_at(place, at.argument(place) - at.value_of(alone[0]))
    if exponent.row == "power" and exponent.moving == [0]:
        return lambda at: at.partial_at(place, at.argument(place) / at.value_of(alone[0]))
    return None


def _times_rate(rule: Rule, place: int = 0) -> Rule:
    return lambda at: rule(at) * at.rate(place)


def _exponentials(question: Question) -> Iterator[tuple[Operation, Edge, Rule]]:
    """Operations with an exponent that moves, with its edge and the base."""
    for operation in question.operations:
        if operation.row == "exponential" and operation.edges[0] is not None:
            yield operation, operation.edges[0], _euler
        elif operation.row == "power" and operation.edges[1] is not None:
            yield operation, operation.edges[1], lambda at: at.argument(0)


def _euler(at: At) -> Any:
    return at.f.apply("exponential", at.f.number(Fraction(1)))


def exponential_rule_on_power(question: Question) -> Iterator[Edit]:
    """u^n·ln u for (u^n)′: the exponent does not move, and the rule for a^x is used all the same."""
    name = "exponential_rule_on_power"
    for operation in question.operations:
        if operation.row != "power" or operation.edges[0] is None:
            continue
        edge = operation.edges[0]
        if operation.edges[1] is not None:
            yield rate_edit(name, operation, 77, lambda at: at.value * natural_logarithm(at, 0) * at.rate(1))
            continue
        yield Edit(name, edge, 78, {edge: _grown(0)}, touched=frozenset({edge}), kind="base")
        yield Edit(name, edge, 72, {edge: _grown(1)}, touched=frozenset({edge}), kind="exponent")
        if edge.tail is not question.wrt:
            touched = frozenset({edge}) | edges_before(question, edge.tail)
            yield Edit(name, edge, 70, {edge: _grown(0)}, {edge: unit}, touched=touched, kind="alone")


def _grown(place: int) -> Rule:
    """u^n·ln u, or u^n·ln n."""
    return lambda at: at.value * natural_logarithm(at, place)
