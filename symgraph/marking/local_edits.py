"""Slips at one operation: a factor left out, a wrong rule, a sign, an exponent, a quotient the wrong way round.

Each function here is one row of the table in `mistakes.py`: it goes through the operations between the input and the
output and yields an `Edit` for each place at which the slip could have been made. Rules read like the slip: the product
of derivatives is `lambda at: at.rate(0) * at.rate(1)`.

>>> from symgraph.marking.edits import in_formulas
>>> from symgraph.marking.question import ask
>>> question = ask("x*sin(x)")
>>> [in_formulas(question).total(edit) for edit in product_of_derivatives(question)]
[cos(x)]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from symgraph.calculus.graph import Edge, Node
from symgraph.language.tree import Apply, Number
from symgraph.marking.edits import At, Edit, Rule
from symgraph.marking.powers import Power, powers
from symgraph.marking.question import Operation, Question, spanning
from symgraph.marking.wrong_rules import WRONG_RULES, WrongRule

__all__ = [
    "coefficient_lost",
    "constant_kept",
    "edge_sign",
    "exponent_kept",
    "exponent_raised",
    "exponential_rule_on_power",
    "inside_differentiated",
    "locally_integrated",
    "misread",
    "missing_edge",
    "outer_at_derivative",
    "outer_at_input",
    "power_rule_on_exponential",
    "product_of_derivatives",
    "product_rule_on_quotient",
    "quotient_of_derivatives",
    "quotient_order",
    "quotient_sign",
    "quotient_square",
    "split_over_sum",
    "sum_along_path",
    "sum_of_derivatives",
    "term_not_differentiated",
    "wrong_elementary",
]

_SUMS = frozenset({"add", "subtract"})
_PASSING = frozenset({"add", "subtract", "negate", "identity"})  # their local derivatives are 1 and −1


# What an operation looks like ----------------------------------------------------------------------------------------


def _arguments(question: Question) -> Iterator[tuple[Operation, int, Edge]]:
    """Every argument that moves, with its operation and its edge."""
    for operation in question.operations:
        for place, edge in enumerate(operation.edges):
            if edge is not None:
                yield operation, place, edge


def _scales(operation: Operation) -> bool:
    """A constant times something, or something over a constant."""
    if operation.row == "multiply":
        return len(operation.moving) == 1
    return operation.row == "divide" and operation.moving == [0]


def _composes(operation: Operation) -> bool:
    """A function of one thing that moves: what the chain rule is about."""
    return (
        operation.row not in _PASSING
        and operation.row not in ("multiply", "whole")
        and len(operation.moving) == 1
        and not _scales(operation)
    )


def _compositions(question: Question) -> Iterator[tuple[Operation, int, Edge]]:
    for operation, place, edge in _arguments(question):
        if _composes(operation):
            yield operation, place, edge


def _before(question: Question, node: Node) -> frozenset[Edge]:
    """The edges on the ways from the input to a node."""
    return frozenset(question.between(question.wrt, node))


def _into(operation: Operation) -> frozenset[Edge]:
    return frozenset(edge for edge in operation.edges if edge is not None)


def _one(at: At) -> Any:
    return at.f.number(Fraction(1))


# A factor left out ---------------------------------------------------------------------------------------------------


def missing_edge(question: Question) -> Iterator[Edit]:
    """The chain rule forgotten: a factor of the product along a path is not there."""
    for operation, place, edge in _arguments(question):
        if operation.row in _PASSING or _scales(operation):
            continue
        if edge.tail is not question.wrt:
            inside = spanning(question, question.wrt, edge.tail)
            chain = _composes(operation)
            yield Edit(
                "missing_edge",
                inside,
                100 if chain else 40,
                inner={edge: _one},
                touched=_before(question, edge.tail),
                kind="inside" if chain else "factor",
            )
        if edge.head is not question.of or edge.tail is not question.wrt:
            product = operation.row == "multiply"
            kind = "cofactor" if product else "input" if edge.tail is question.wrt else "outside"
            yield Edit(
                "missing_edge",
                edge,
                95 if product else 60 if _composes(operation) else 35,
                outer={edge: _one},
                touched=frozenset({edge}),
                kind=f"{kind} {place}",
            )
    for operation in _quotients(question):
        yield _rate_edit("missing_edge", operation, 93, lambda at: _numerator(at, 0) / at.argument(1) ** 2, "numerator")
        yield _rate_edit("missing_edge", operation, 93, lambda at: _numerator(at, 1) / at.argument(1) ** 2, "numerator")


def coefficient_lost(question: Question) -> Iterator[Edit]:
    """A constant factor is not there: that of a multiple, or that which the power rule brings down."""
    straight = _straight(question)
    for chain in _scalings(question):
        outside = "outside" if chain[-1].head in straight else "inside"
        yield Edit(
            "coefficient_lost",
            chain[0] if len(chain) == 1 else spanning(question, chain[0].tail, chain[-1].head),
            90,
            outer=dict.fromkeys(chain, _one),
            touched=frozenset(chain),
            kind=f"multiple {outside}" if len(chain) == 1 else f"multiples {outside}",
        )
    for power in powers(question):
        yield _power_edit(question, "coefficient_lost", power, 92, lambda at, p: p.raised(at, -1), "exponent")
        if power.exponent_is_negative:
            yield _power_edit(question, "coefficient_lost", power, 84, lambda at, p: -p.raised(at, -1), "size")


def _scalings(question: Question) -> Iterator[list[Edge]]:
    """The edges of constant multiples, one by one and in chains: 3z/4 is two of them."""
    chain: list[Edge] = []
    for operation in question.operations:
        if not _scales(operation):
            continue
        edge = next(edge for edge in operation.edges if edge is not None)
        yield [edge]
        if chain and chain[-1].head is edge.tail:
            chain = [*chain, edge]
            yield chain
        else:
            chain = [edge]


# Signs ---------------------------------------------------------------------------------------------------------------

# Functions whose derivative has a minus.
_FALLING = frozenset(
    {
        *("cosine", "cotangent", "cosecant", "inverse_cosine", "inverse_cotangent", "inverse_cosecant"),
        *("hyperbolic_cotangent", "hyperbolic_secant", "hyperbolic_cosecant"),
        *("inverse_hyperbolic_secant", "inverse_hyperbolic_cosecant"),
    }
)


def edge_sign(question: Question) -> Iterator[Edit]:
    """The sign of one edge."""
    for operation, place, edge in _arguments(question):
        negative = (
            operation.row in ("negate", *_FALLING)
            or (operation.row in ("subtract", "divide") and place == 1)
            or (operation.row in ("multiply", "divide") and _negative_constant(operation))
            or (operation.row == "power" and place == 0 and _negative_constant(operation))
        )
        yield Edit(
            "edge_sign",
            edge,
            88 if negative else 57 if _composes(operation) else 55,
            outer={edge: _negated(place)},
            touched=frozenset({edge}),
            kind=f"{operation.row} {place}",
        )


def _negated(place: int) -> Rule:
    return lambda at: -at.partial(place)


def _negative_constant(operation: Operation) -> bool:
    """Whether an argument is a negative number, as written."""
    return any(
        (isinstance(argument, Number) and argument.value < 0)
        or (isinstance(argument, Apply) and argument.operator == "negate")
        for argument in operation.arguments
    )


# The chain rule ------------------------------------------------------------------------------------------------------


def outer_at_input(question: Question) -> Iterator[Edit]:
    """The outer derivative taken at x and not at the inside: cos x · 2x for sin(x²)."""
    for _, place, edge in _compositions(question):
        if edge.tail is question.wrt:
            continue
        inside = next(each for each in question.operations if each.node is edge.tail)
        deeper = dict.fromkeys((question.wrt.name, *(inner.tail.name for inner in inside.edges if inner is not None)))
        for name in deeper:
            yield Edit(
                "outer_at_input",
                edge,
                85 if name == question.wrt.name else 80,
                outer={edge: _taken_at(place, name)},
                touched=frozenset({edge}),
                kind="input" if name == question.wrt.name else "deeper",
                detail=name,
            )


def _taken_at(place: int, name: str) -> Rule:
    return lambda at: at.partial_at(place, at.value_of(name))


def outer_at_derivative(question: Question) -> Iterator[Edit]:
    """f′(g′(x)): the outer derivative taken at the inner one."""
    for _, place, edge in _compositions(question):
        if edge.tail is not question.wrt:
            rule = _taken_at_rate(place)
            touched = frozenset({edge}) | _before(question, edge.tail)
            yield Edit("outer_at_derivative", edge, 75, {edge: rule}, {edge: _one}, touched=touched, kind="alone")
            yield Edit("outer_at_derivative", edge, 70, {edge: rule}, touched=frozenset({edge}), kind="times")


def _taken_at_rate(place: int) -> Rule:
    return lambda at: at.partial_at(place, at.rate(place))


def inside_differentiated(question: Question) -> Iterator[Edit]:
    """f(g′(x)): the inside differentiated in its place, and the outer function left as it was."""
    for _, place, edge in _compositions(question):
        if edge.tail is not question.wrt:
            yield Edit(
                "inside_differentiated",
                edge,
                74,
                outer={edge: _function_at_rate(place)},
                inner={edge: _one},
                touched=frozenset({edge}),
                kind="alone",
            )


def _function_at_rate(place: int) -> Rule:
    def rule(at: At) -> Any:
        values = [at.argument(each) for each in range(len(at.operation.arguments))]
        rate = at.rate(place)
        values[place] = at.f.number(Fraction(rate) if isinstance(rate, int) else rate)  # the start moves at 1
        return at.f.apply(at.operation.row, *values)

    return rule


def sum_along_path(question: Question) -> Iterator[Edit]:
    """The two derivatives of a chain added, not multiplied."""
    for operation, place, edge in _compositions(question):
        if edge.tail is not question.wrt:
            yield Edit(
                "sum_along_path",
                edge,
                45,
                rates={operation.node.name: _added(place)},
                touched=frozenset({edge}) | _before(question, edge.tail),
            )


def _added(place: int) -> Rule:
    return lambda at: at.partial(place) + at.rate(place)


# Products and quotients ----------------------------------------------------------------------------------------------


def product_of_derivatives(question: Question) -> Iterator[Edit]:
    """u′v′ for (uv)′."""
    for operation in question.operations:
        if operation.row == "multiply" and len(operation.moving) == 2:
            yield _rate_edit("product_of_derivatives", operation, 91, lambda at: at.rate(0) * at.rate(1))


def sum_of_derivatives(question: Question) -> Iterator[Edit]:
    """u′ + v′ for (uv)′."""
    for operation in question.operations:
        if operation.row == "multiply" and len(operation.moving) == 2:
            yield _rate_edit("sum_of_derivatives", operation, 76, lambda at: at.rate(0) + at.rate(1))


def quotient_of_derivatives(question: Question) -> Iterator[Edit]:
    """u′/v′ for (u/v)′."""
    for operation in question.operations:
        if operation.row == "divide" and operation.edges[1] is not None:
            if operation.edges[0] is not None:
                yield _rate_edit("quotient_of_derivatives", operation, 91, lambda at: at.rate(0) / at.rate(1))
            else:
                yield _rate_edit("quotient_of_derivatives", operation, 82, _numerator_over_rate, "over")


def _numerator_over_rate(at: At) -> Any:
    return at.argument(0) / at.rate(1)


def _quotients(question: Question) -> Iterator[Operation]:
    """Quotients whose both parts move."""
    for operation in question.operations:
        if operation.row == "divide" and len(operation.moving) == 2:
            yield operation


def _numerator(at: At, without: int | None = None) -> Any:
    """u′v − uv′; in one of the two terms, perhaps, without the function that is not differentiated."""
    top, bottom = (_one(at) if place == without else at.argument(1 - place) for place in (0, 1))
    return at.rate(0) * top - at.rate(1) * bottom


def quotient_order(question: Question) -> Iterator[Edit]:
    """(uv′ − u′v)/v² for (u/v)′."""
    for operation in _quotients(question):
        yield _rate_edit("quotient_order", operation, 92, lambda at: -_numerator(at) / at.argument(1) ** 2)


def quotient_sign(question: Question) -> Iterator[Edit]:
    """(u′v + uv′)/v² for (u/v)′."""
    for operation in _quotients(question):
        yield _rate_edit(
            "quotient_sign",
            operation,
            92,
            lambda at: (at.rate(0) * at.argument(1) + at.argument(0) * at.rate(1)) / at.argument(1) ** 2,
        )


def product_rule_on_quotient(question: Question) -> Iterator[Edit]:
    """u′v + uv′ for (u/v)′."""
    for operation in _quotients(question):
        yield _rate_edit(
            "product_rule_on_quotient",
            operation,
            77,
            lambda at: at.rate(0) * at.argument(1) + at.argument(0) * at.rate(1),
        )


def quotient_square(question: Question) -> Iterator[Edit]:
    """The denominator not squared, or the wrong function squared."""
    for operation in question.operations:
        if operation.row != "divide" or operation.edges[1] is None:
            continue
        yield _rate_edit("quotient_square", operation, 92, lambda at: _numerator(at) / at.argument(1), "not squared")
        yield _rate_edit("quotient_square", operation, 78, _numerator, "left out")
        yield _rate_edit("quotient_square", operation, 70, lambda at: _numerator(at) / at.rate(1) ** 2, "derivative")
        if operation.edges[0] is not None:
            yield _rate_edit("quotient_square", operation, 91, lambda at: _numerator(at) / at.argument(0) ** 2, "other")


def _rate_edit(mistake: str, operation: Operation, likelihood: float, rule: Rule, kind: str = "") -> Edit:
    """An edit of a node's whole rate; it is told at the edge of the last argument that moves."""
    edge = operation.edges[operation.moving[-1]]
    return Edit(
        mistake, edge, likelihood, rates={operation.node.name: rule}, touched=_into(operation), kind=kind, detail=kind
    )


# Powers and exponentials ---------------------------------------------------------------------------------------------


def _power_edit(question: Question, mistake: str, power: Power, likelihood: float, rule: Any, kind: str = "") -> Edit:
    return Edit(
        mistake,
        power.where(question),
        likelihood - power.depth,
        rates={power.node.name: lambda at: rule(at, power) * at.rate_of(power.base)},
        touched=power.edges,
        kind=kind,
        detail=kind,
    )


def exponent_kept(question: Question) -> Iterator[Edit]:
    """n·u^n: the exponent is not lowered."""
    for power in powers(question):
        yield _power_edit(question, "exponent_kept", power, 92, lambda at, p: p.exponent(at) * p.raised(at, 0))


def exponent_raised(question: Question) -> Iterator[Edit]:
    """n·u^(n+1): the exponent goes the wrong way, as in an integral."""
    for power in powers(question):
        yield _power_edit(question, "exponent_raised", power, 83, lambda at, p: p.exponent(at) * p.raised(at, 1))


def locally_integrated(question: Question) -> Iterator[Edit]:
    """u^(n+1)/(n+1), −cos for sin, sin for cos, ln for 1/u: an integral where a derivative was asked."""
    for power in powers(question):
        yield _power_edit(
            question, "integrated", power, 66, lambda at, p: p.raised(at, 1) / (p.exponent(at) + 1), "power"
        )
    for operation, place, edge in _compositions(question):
        rule = _INTEGRALS.get(operation.row)
        if rule is not None:
            yield Edit(
                "integrated",
                edge,
                52,
                outer={edge: _at_argument(rule, place)},
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
            yield _rate_edit(name, operation, 89, _times_rate(lowered))
            yield _rate_edit(name, operation, 79, lowered, "alone")
            continue
        yield Edit(name, edge, 79, {edge: lowered}, touched=frozenset({edge}), kind="times")
        if edge.tail is not question.wrt:
            touched = frozenset({edge}) | _before(question, edge.tail)
            yield Edit(name, edge, 78, {edge: lowered}, {edge: _one}, touched=touched, kind="alone")
            halfway = _lowered_halfway(operation.edges.index(edge), base)
            yield Edit(name, edge, 66, {edge: halfway}, {edge: _one}, touched=touched, kind="inner")


def _lowered(place: int, base: Rule) -> Rule:
    """v·a^(v−1)."""
    return lambda at: at.argument(place) * at.f.apply("power", base(at), at.argument(place) - 1)


def _lowered_halfway(place: int, base: Rule) -> Rule:
    """k·x·a^(kx−1): the inner derivative and the letter both brought down."""
    return lambda at: at.rate(place) * at.input * at.f.apply("power", base(at), at.argument(place) - 1)


def _times_rate(rule: Rule) -> Rule:
    return lambda at: rule(at) * at.rate(0)


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
            yield _rate_edit(name, operation, 77, lambda at: at.value * _ln(at, 0) * at.rate(1))
            continue
        yield Edit(name, edge, 78, {edge: _grown(0)}, touched=frozenset({edge}), kind="base")
        yield Edit(name, edge, 72, {edge: _grown(1)}, touched=frozenset({edge}), kind="exponent")
        if edge.tail is not question.wrt:
            touched = frozenset({edge}) | _before(question, edge.tail)
            yield Edit(name, edge, 70, {edge: _grown(0)}, {edge: _one}, touched=touched, kind="alone")


def _grown(place: int) -> Rule:
    """u^n·ln u, or u^n·ln n."""
    return lambda at: at.value * _ln(at, place)


def _ln(at: At, place: int) -> Any:
    return at.f.apply("logarithm", at.argument(place))


# Elementary derivatives ----------------------------------------------------------------------------------------------


def wrong_elementary(question: Question) -> Iterator[Edit]:
    """Another function's derivative, or a sign: −cos for sin′, 1/√(1+u²) for arcsin′; ln a lost from (a^u)′."""
    for operation, place, edge in _arguments(question):
        for number, (rule, detail) in enumerate(_wrong_rules(operation, place)):
            yield Edit(
                "wrong_elementary",
                edge,
                94 - number / 2,
                outer={edge: rule},
                touched=frozenset({edge}),
                kind=f"{operation.row} {number}",
                detail=detail,
            )


def _wrong_rules(operation: Operation, place: int) -> list[tuple[Rule, WrongRule | str]]:
    """What an operation's derivative is taken for, each with what the words show of it."""
    if operation.row == "power" and place == 1:
        found = (lambda at: at.value, lambda at: at.value / _ln(at, 0), lambda at: at.value * _ln(at, 1))
        return [(rule, "base") for rule in found]
    if operation.row == "logarithm_base" and place == 0:
        return [
            (lambda at: 1 / at.argument(0), "base"),
            (lambda at: _ln(at, 1) / at.argument(0), "base"),
            (lambda at: 1 / (at.argument(0) * at.argument(1)), "base"),
        ]
    return [(_at_argument(rule, place), rule) for rule in WRONG_RULES.get(operation.row, ())]


def _at_argument(rule: WrongRule, place: int) -> Rule:
    return lambda at: rule(at.f, at.argument(place))


# Terms and constants -------------------------------------------------------------------------------------------------


def term_not_differentiated(question: Question) -> Iterator[Edit]:
    """A part left as it was: a term of a sum, a factor, or the outer function of a chain."""
    for operation, place, edge in _arguments(question):
        if operation.row in (*_SUMS, "multiply", "divide") and not _scales(operation):
            yield Edit(
                "not_differentiated",
                edge,
                62 if operation.row in _SUMS else 46,
                inner={edge: _argument(place)},
                touched=_before(question, edge.tail) or frozenset({edge}),
                kind=operation.row,
            )
        if _composes(operation) and edge.tail is not question.wrt:
            touched = _before(question, edge.tail)
            yield Edit("not_differentiated", edge, 61, inner={edge: _argument(place)}, touched=touched, kind="inside")
        if _composes(operation) and operation.row != "exponential" and operation.node is not question.wrt:
            alone = edge.head is question.of and edge.tail is question.wrt
            yield Edit(
                "not_differentiated",
                edge,
                48 if alone else 63,
                outer={edge: lambda at: at.value},
                touched=frozenset({edge}),
                kind="inner" if edge.tail is question.wrt else "outside",
            )


def _argument(place: int) -> Rule:
    return lambda at: at.argument(place)


def _rate(place: int) -> Rule:
    return lambda at: at.rate(place)


def constant_kept(question: Question) -> Iterator[Edit]:
    """A constant term still there, or counted as 1."""
    for operation in question.operations:
        if operation.row not in _SUMS or len(operation.moving) != 1:
            continue
        place = 1 - operation.moving[0]
        sign = -1 if operation.row == "subtract" and place == 1 else 1
        moving = operation.moving[0]

        for term, likelihood, kind in ((_argument(place), 74, "kept"), (_one, 50, "one")):
            if kind == "one" and operation.arguments[place] == Number(1):
                continue  # that is keeping it
            yield Edit(
                "constant_kept",
                operation.edges[moving],
                likelihood,
                rates={operation.node.name: _with_constant(moving, sign, term)},
                touched=_into(operation),
                kind=kind,
                detail=operation.arguments[place],
            )


def _with_constant(moving: int, sign: int, term: Rule) -> Rule:
    return lambda at: at.partial(moving) * at.rate(moving) + sign * term(at)


def split_over_sum(question: Question) -> Iterator[Edit]:
    """A function of a sum taken for the sum of its values: (a + b)² for a² + b²."""
    inside = {operation.node: operation for operation in question.operations if operation.row in _SUMS}
    for operation, place, edge in _compositions(question):
        summed = inside.get(edge.tail)
        if summed is None:
            continue
        sign = -1 if summed.row == "subtract" else 1
        terms = [(each.tail.name, sign if index else 1) for index, each in enumerate(summed.edges) if each is not None]

        def rule(at: At, place: int = place, terms: list[tuple[str, int]] = terms) -> Any:
            return sum(at.partial_at(place, at.value_of(name)) * at.rate_of(name) * sign for name, sign in terms)

        yield Edit(
            "split_over_sum", edge, 47, rates={operation.node.name: rule}, touched=frozenset({edge}) | _into(summed)
        )


def misread(question: Question) -> Iterator[Edit]:
    """Another function differentiated: a sign or a constant factor changed in copying, or (2x)² taken for 2x²."""
    straight = _straight(question)
    made_by = {operation.node: operation for operation in question.operations}
    for operation in question.operations:
        name = operation.node.name
        if operation.node in straight:
            continue  # there the derivative of another function is this one's with another edge
        if operation.row in _SUMS:
            value, slope = _other_sum(1 if operation.row == "subtract" else -1)
        elif operation.row == "negate" or _scales(operation):
            value, slope = _argument(operation.moving[0]), _rate(operation.moving[0])
        elif (scaled := _scaled_base(operation, made_by)) is not None:
            value, slope = _without_brackets(scaled)
        else:
            continue
        yield Edit(
            "misread",
            operation.edges[operation.moving[-1]],
            58,
            rates={name: slope},
            values={name: value},
            kind=operation.row,
        )


def _other_sum(sign: int) -> tuple[Rule, Rule]:
    """The value and the rate of a sum with the other sign."""
    return (
        lambda at: at.argument(0) + sign * at.argument(1),
        lambda at: at.rate(0) + sign * at.rate(1),
    )


def _scaled_base(operation: Operation, made_by: Mapping[Node, Operation]) -> Operation | None:
    """The product c·w in the base of (c·w)^n; None where it is another base, or the exponent moves."""
    edge = operation.edges[0] if operation.row == "power" and operation.moving == [0] else None
    base = None if edge is None else made_by.get(edge.tail)
    return base if base is not None and base.row == "multiply" and base.moving == [1] else None


def _without_brackets(scaled: Operation) -> tuple[Rule, Rule]:
    """The value and the rate of c·w^n in the place of (c·w)^n."""

    def factor(at: At) -> Any:
        constant = At(at.sweep, scaled, {}).argument(0)
        return at.f.apply("power", constant, 1 - at.argument(1))

    return (
        lambda at: at.value * factor(at),
        lambda at: at.partial(0) * at.rate(0) * factor(at),
    )


def _straight(question: Question) -> frozenset[Node]:
    """The nodes of which the output is a sum of multiples."""
    found: set[Node] = set()
    users: dict[Node, list[Operation]] = {}
    for operation in reversed(question.operations):
        above = users.get(operation.node, [])
        if all(each.node in found and (each.row in _PASSING or _scales(each)) for each in above):
            found.add(operation.node)
        for edge in operation.edges:
            if edge is not None:
                users.setdefault(edge.tail, []).append(operation)
    return frozenset(found)
