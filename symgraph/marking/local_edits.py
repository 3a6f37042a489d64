"""Slips at one operation: a factor left out, a wrong rule, a sign, a quotient the wrong way round.

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
from typing import Any

from symgraph.calculus.graph import Edge, Node
from symgraph.language.tree import Apply, Number
from symgraph.marking.edits import At, Edit, Rule
from symgraph.marking.places import (
    PASSING,
    SUMS,
    at_argument,
    composes,
    compositions,
    edges_before,
    edges_of,
    moving_arguments,
    natural_logarithm,
    rate_edit,
    scales,
    unit,
)
from symgraph.marking.question import Operation, Question, spanning
from symgraph.marking.wrong_rules import WRONG_RULES, WrongRule

__all__ = [
    "coefficient_lost",
    "constant_kept",
    "edge_sign",
    "inside_differentiated",
    "misread",
    "missing_edge",
    "outer_at_derivative",
    "outer_at_input",
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

# A factor left out ---------------------------------------------------------------------------------------------------


def missing_edge(question: Question) -> Iterator[Edit]:
    """The chain rule forgotten: a factor of the product along a path is not there."""
    for operation, place, edge in moving_arguments(question):
        if operation.row in PASSING or scales(operation):
            continue
        if edge.tail is not question.wrt:
            inside = spanning(question, question.wrt, edge.tail)
            chain = composes(operation)
            yield Edit(
                "missing_edge",
                inside,
                100 if chain else 40,
                inner={edge: unit},
                touched=edges_before(question, edge.tail),
                kind="inside" if chain else "factor",
            )
        if edge.head is not question.of or edge.tail is not question.wrt:
            product = operation.row == "multiply"
            kind = "cofactor" if product else "input" if edge.tail is question.wrt else "outside"
            yield Edit(
                "missing_edge",
                edge,
                95 if product else 60 if composes(operation) else 35,
                outer={edge: unit},
                touched=frozenset({edge}),
                kind=f"{kind} {place}",
            )
    for operation in _quotients(question):
        yield rate_edit("missing_edge", operation, 93, lambda at: _numerator(at, 0) / at.argument(1) ** 2, "numerator")
        yield rate_edit("missing_edge", operation, 93, lambda at: _numerator(at, 1) / at.argument(1) ** 2, "numerator")


def coefficient_lost(question: Question) -> Iterator[Edit]:
    """A constant factor is not there: that of a multiple, or that which the power rule brings down."""
    straight = _straight(question)
    for chain in _scalings(question):
        outside = "outside" if chain[-1].head in straight else "inside"
        yield Edit(
            "coefficient_lost",
            chain[0] if len(chain) == 1 else spanning(question, chain[0].tail, chain[-1].head),
            90,
            outer=dict.fromkeys(chain, unit),
            touched=frozenset(chain),
            kind=f"multiple {outside}" if len(chain) == 1 else f"multiples {outside}",
        )
    for operation in question.operations:
        edge = operation.edges[1] if operation.row == "divide" and operation.moving == [1] else None
        if edge is not None and operation.arguments[0] != Number(1):
            rule = _over_numerator
            yield Edit("coefficient_lost", edge, 88, {edge: rule}, touched=frozenset({edge}), kind="numerator")


def _over_numerator(at: At) -> Any:
    return at.partial(1) / at.argument(0)


def _scalings(question: Question) -> Iterator[list[Edge]]:
    """The edges of constant multiples, one by one and in chains: 3z/4 is two of them."""
    chain: list[Edge] = []
    for operation in question.operations:
        if not scales(operation):
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
    for operation, place, edge in moving_arguments(question):
        negative = (
            operation.row in ("negate", *_FALLING)
            or (operation.row in ("subtract", "divide") and place == 1)
            or (operation.row in ("multiply", "divide") and _negative_constant(operation))
            or (operation.row == "power" and place == 0 and _negative_constant(operation))
        )
        yield Edit(
            "edge_sign",
            edge,
            88 if negative else 57 if composes(operation) else 55,
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
    for operation, place, edge in compositions(question):
        if edge.tail is question.wrt:
            continue
        inside = next(each for each in question.operations if each.node is edge.tail)
        deeper = dict.fromkeys((question.wrt.name, *(inner.tail.name for inner in inside.edges if inner is not None)))
        rare = 15 if operation.row == "absolute_value" else 0  # |g| has no derivative that is remembered as a formula
        for name in deeper:
            yield Edit(
                "outer_at_input",
                edge,
                (85 if name == question.wrt.name else 80) - rare,
                outer={edge: _taken_at(place, name)},
                touched=frozenset({edge}),
                kind="input" if name == question.wrt.name else "deeper",
                detail=name,
            )


def _taken_at(place: int, name: str) -> Rule:
    return lambda at: at.partial_at(place, at.value_of(name))


def outer_at_derivative(question: Question) -> Iterator[Edit]:
    """f′(g′(x)): the outer derivative taken at the inner one."""
    made_by = {operation.node: operation for operation in question.operations}
    for operation, place, edge in compositions(question):
        if edge.tail is question.wrt:
            continue
        rule, inside = _taken_at_rate(place), made_by[edge.tail]
        touched = frozenset({edge}) | edges_before(question, edge.tail)
        yield Edit("outer_at_derivative", edge, 75, {edge: rule}, {edge: unit}, touched=touched, kind="alone")
        yield Edit("outer_at_derivative", edge, 70, {edge: rule}, touched=frozenset({edge}), kind="times")
        if operation.row == "power" and inside.row in _FALLING:
            rates = {operation.node.name: _sign_outside(place)}
            yield Edit("outer_at_derivative", edge, 69, rates=rates, touched=touched, kind="sign outside")
        deeper = inside.edges[inside.moving[0]] if composes(inside) else None
        if deeper is not None and deeper.tail is not question.wrt:
            rates = {operation.node.name: _taken_halfway(place, deeper)}
            yield Edit("outer_at_derivative", edge, 68, rates=rates, touched=touched, kind="halfway")


def _taken_at_rate(place: int) -> Rule:
    return lambda at: at.partial_at(place, at.rate(place))


def _sign_outside(place: int) -> Rule:
    """−3 sin² x for (cos³ x)′."""
    return lambda at: -at.partial_at(place, -at.rate(place))


def _taken_halfway(place: int, deeper: Edge) -> Rule:
    """f′(g′(h))·h′ for f(g(h))."""
    return lambda at: at.partial_at(place, at.sweep.partial(deeper)) * at.rate_of(deeper.tail.name)


def inside_differentiated(question: Question) -> Iterator[Edit]:
    """f(g′(x)): the inside differentiated in its place, and the outer function left as it was."""
    for _, place, edge in compositions(question):
        if edge.tail is not question.wrt:
            yield Edit(
                "inside_differentiated",
                edge,
                74,
                outer={edge: _function_at_rate(place)},
                inner={edge: unit},
                touched=frozenset({edge}),
                kind="alone",
            )


def _function_at_rate(place: int) -> Rule:
    def rule(at: At) -> Any:
        values = [at.argument(each) for each in range(len(at.operation.arguments))]
        values[place] = at.rate(place)
        return at.f.apply(at.operation.row, *values)

    return rule


def sum_along_path(question: Question) -> Iterator[Edit]:
    """The two derivatives of a chain added, not multiplied."""
    for operation, place, edge in compositions(question):
        if edge.tail is not question.wrt:
            yield Edit(
                "sum_along_path",
                edge,
                45,
                rates={operation.node.name: _added(place)},
                touched=frozenset({edge}) | edges_before(question, edge.tail),
            )


def _added(place: int) -> Rule:
    return lambda at: at.partial(place) + at.rate(place)


# Products and quotients ----------------------------------------------------------------------------------------------


def product_of_derivatives(question: Question) -> Iterator[Edit]:
    """u′v′ for (uv)′."""
    products: set[Node] = set()
    for operation in question.operations:
        if operation.row == "multiply" and len(operation.moving) == 2:
            # where the product rule has been used once already, as in (u·v)·w, it is rather a term too few
            again = any(edge.tail in products for edge in operation.edges if edge is not None)
            likelihood = 89 if again or question.order > 1 else 91
            yield rate_edit("product_of_derivatives", operation, likelihood, lambda at: at.rate(0) * at.rate(1))
            products.add(operation.node)


def sum_of_derivatives(question: Question) -> Iterator[Edit]:
    """u′ + v′ for (uv)′."""
    for operation in question.operations:
        if operation.row == "multiply" and len(operation.moving) == 2:
            yield rate_edit("sum_of_derivatives", operation, 76, lambda at: at.rate(0) + at.rate(1))


def quotient_of_derivatives(question: Question) -> Iterator[Edit]:
    """u′/v′ for (u/v)′."""
    for operation in question.operations:
        if operation.row == "divide" and operation.edges[1] is not None:
            if operation.edges[0] is not None:
                yield rate_edit("quotient_of_derivatives", operation, 91, lambda at: at.rate(0) / at.rate(1))
            else:
                yield rate_edit("quotient_of_derivatives", operation, 82, _numerator_over_rate, "over")


def _numerator_over_rate(at: At) -> Any:
    return at.argument(0) / at.rate(1)


def _quotients(question: Question) -> Iterator[Operation]:
    """Quotients whose both parts move."""
    for operation in question.operations:
        if operation.row == "divide" and len(operation.moving) == 2:
            yield operation


def _numerator(at: At, without: int | None = None) -> Any:
    """u′v − uv′; in one of the two terms, perhaps, without the function that is not differentiated."""
    top, bottom = (unit(at) if place == without else at.argument(1 - place) for place in (0, 1))
    return at.rate(0) * top - at.rate(1) * bottom


def quotient_order(question: Question) -> Iterator[Edit]:
    """(uv′ − u′v)/v² for (u/v)′."""
    for operation in _quotients(question):
        yield rate_edit("quotient_order", operation, 92, lambda at: -_numerator(at) / at.argument(1) ** 2)


def quotient_sign(question: Question) -> Iterator[Edit]:
    """(u′v + uv′)/v² for (u/v)′."""
    for operation in _quotients(question):
        yield rate_edit(
            "quotient_sign",
            operation,
            92,
            lambda at: (at.rate(0) * at.argument(1) + at.argument(0) * at.rate(1)) / at.argument(1) ** 2,
        )


def product_rule_on_quotient(question: Question) -> Iterator[Edit]:
    """u′v + uv′ for (u/v)′."""
    for operation in _quotients(question):
        yield rate_edit(
            "product_rule_on_quotient",
            operation,
            77,
            lambda at: at.rate(0) * at.argument(1) + at.argument(0) * at.rate(1),
        )


def quotient_square(question: Question) -> Iterator[Edit]:
    """The denominator not squared, or the wrong function squared."""
    powered = {operation.node for operation in question.operations if operation.row == "power"}
    for operation in question.operations:
        if operation.row != "divide" or operation.edges[1] is None:
            continue
        plain = operation.edges[0] is None and operation.edges[1].tail in powered  # 4/x² goes by the power rule, too
        yield rate_edit(
            "quotient_square",
            operation,
            82 if plain else 92,
            lambda at: _numerator(at) / at.argument(1),
            "not squared",
        )
        yield rate_edit("quotient_square", operation, 78, _numerator, "left out")
        yield rate_edit("quotient_square", operation, 70, lambda at: _numerator(at) / at.rate(1) ** 2, "derivative")
        if operation.edges[0] is not None:
            yield rate_edit("quotient_square", operation, 91, lambda at: _numerator(at) / at.argument(0) ** 2, "other")


# Elementary derivatives ----------------------------------------------------------------------------------------------


def wrong_elementary(question: Question) -> Iterator[Edit]:
    """Another function's derivative, or a sign: −cos for sin′, 1/√(1+u²) for arcsin′; ln a lost from (a^u)′."""
    for operation, place, edge in moving_arguments(question):
        for number, (rule, detail) in enumerate(_wrong_rules(operation, place)):
            yield Edit(
                "wrong_elementary",
                edge,
                _likelihood(operation, number),
                outer={edge: rule},
                touched=frozenset({edge}),
                kind=f"{operation.row} {number}",
                detail=detail,
            )


def _likelihood(operation: Operation, number: int) -> float:
    """The first confusion of a function is as usual as any slip; the others are less so."""
    if number:
        return 81 - number
    if operation.row != "power":
        return 94
    return 97 if operation.edges[0] is None else 76  # 2^x for the derivative of 2^x is the rule for e^x


def _wrong_rules(operation: Operation, place: int) -> list[tuple[Rule, WrongRule | str]]:
    """What an operation's derivative is taken for, each with what the words show of it."""
    if operation.row == "power" and place == 1:
        found = (
            lambda at: at.value,
            lambda at: at.value / natural_logarithm(at, 0),
            lambda at: at.value * natural_logarithm(at, 1),
        )
        return [(rule, "base") for rule in found]
    if operation.row == "logarithm_base" and place == 0:
        return [
            (lambda at: 1 / at.argument(0), "base"),
            (lambda at: natural_logarithm(at, 1) / at.argument(0), "base"),
            (lambda at: 1 / (at.argument(0) * at.argument(1)), "base"),
        ]
    return [(at_argument(rule, place), rule) for rule in WRONG_RULES.get(operation.row, ())]


# Terms and constants -------------------------------------------------------------------------------------------------


def term_not_differentiated(question: Question) -> Iterator[Edit]:
    """A part left as it was: a term of a sum, a factor, or the outer function of a chain."""
    for operation, place, edge in moving_arguments(question):
        cases = operation.row == "whole" and _is_by_cases(operation)
        if cases or (operation.row in (*SUMS, "multiply", "divide") and not scales(operation)):
            yield Edit(
                "not_differentiated",
                edge,
                62 if cases or operation.row in SUMS else 46,
                inner={edge: _argument(place)},
                touched=edges_before(question, edge.tail) or frozenset({edge}),
                kind=operation.row,
            )
        if composes(operation) and edge.tail is not question.wrt:
            touched = edges_before(question, edge.tail)
            yield Edit("not_differentiated", edge, 61, inner={edge: _argument(place)}, touched=touched, kind="inside")
        if composes(operation) and operation.row != "exponential" and operation.node is not question.wrt:
            alone = edge.head is question.of and edge.tail is question.wrt
            yield Edit(
                "not_differentiated",
                edge,
                48 if alone else 63,
                outer={edge: lambda at: at.value},
                touched=frozenset({edge}),
                kind="inner" if edge.tail is question.wrt else "outside",
            )


def _is_by_cases(operation: Operation) -> bool:
    return isinstance(operation.node.formula, Apply) and operation.node.formula.operator == "piecewise"


def _argument(place: int) -> Rule:
    return lambda at: at.argument(place)


def _rate(place: int) -> Rule:
    return lambda at: at.rate(place)


def constant_kept(question: Question) -> Iterator[Edit]:
    """A constant term still there, or counted as 1."""
    for operation in question.operations:
        if operation.row not in SUMS or len(operation.moving) != 1:
            continue
        place = 1 - operation.moving[0]
        sign = -1 if operation.row == "subtract" and place == 1 else 1
        moving = operation.moving[0]

        for term, likelihood, kind in ((_argument(place), 74, "kept"), (unit, 50, "one")):
            if kind == "one" and operation.arguments[place] == Number(1):
                continue  # that is keeping it
            yield Edit(
                "constant_kept",
                operation.edges[moving],
                likelihood,
                rates={operation.node.name: _with_constant(moving, sign, term)},
                touched=edges_of(operation),
                kind=kind,
                detail=operation.arguments[place],
            )


def _with_constant(moving: int, sign: int, term: Rule) -> Rule:
    return lambda at: at.partial(moving) * at.rate(moving) + sign * term(at)


def split_over_sum(question: Question) -> Iterator[Edit]:
    """A function of a sum taken for the sum of its values: (a + b)² for a² + b²."""
    inside = {operation.node: operation for operation in question.operations if operation.row in SUMS}
    squares = {
        operation.node.name: operation.edges[0].tail.name
        for operation in question.operations
        if operation.row == "power" and operation.edges[0] is not None and operation.arguments[1] == Number(2)
    }
    for operation, place, edge in compositions(question):
        summed = inside.get(edge.tail)
        if summed is None:
            continue
        sign = -1 if summed.row == "subtract" else 1
        terms = [(each.tail.name, sign if index else 1) for index, each in enumerate(summed.edges) if each is not None]

        def rule(at: At, place: int = place, terms: list[tuple[str, int]] = terms) -> Any:
            return sum(at.partial_at(place, at.value_of(name)) * at.rate_of(name) * sign for name, sign in terms)

        likelihood = 86 if operation.row == "power" and not _negative_constant(operation) else 47  # (a + b)² = a² + b²
        touched = frozenset({edge}) | edges_of(summed)
        yield Edit("split_over_sum", edge, likelihood, rates={operation.node.name: rule}, touched=touched)
        bases = [(base, sign) for name, sign in terms if (base := squares.get(name)) is not None]
        if operation.row == "square_root" and len(bases) == len(terms):
            rates = {operation.node.name: _sum_of_bases(bases)}
            yield Edit("split_over_sum", edge, 85, rates=rates, touched=touched, kind="squares")


def _sum_of_bases(bases: list[tuple[str, int]]) -> Rule:
    """(a ± b)′ for √(a² ± b²)."""
    return lambda at: sum(sign * at.rate_of(base) for base, sign in bases)


def misread(question: Question) -> Iterator[Edit]:
    """Another function differentiated: a sign or a constant factor changed in copying, or (2x)² taken for 2x²."""
    straight = _straight(question)
    made_by = {operation.node: operation for operation in question.operations}
    for operation in question.operations:
        name = operation.node.name
        if operation.node in straight:
            continue  # there the derivative of another function is this one's with another edge
        if operation.row in SUMS:
            value, slope = _other_sum(1 if operation.row == "subtract" else -1)
        elif operation.row == "negate" or scales(operation):
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
        if all(each.node in found and (each.row in PASSING or scales(each)) for each in above):
            found.add(operation.node)
        for edge in operation.edges:
            if edge is not None:
                users.setdefault(edge.tail, []).append(operation)
    return frozenset(found)
