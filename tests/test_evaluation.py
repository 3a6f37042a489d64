"""Values at a point: exact while short, refused where there is none, with the reason."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sympy import Float, Rational, Symbol, pi, sqrt

from symgraph.calculus.evaluation import evaluate, rates, read_point
from symgraph.calculus.graph import build, find_node
from symgraph.calculus.sweeps import reverse
from symgraph.errors import DomainError, NameProblem, SymgraphError


def value(source: str, at: object, node: str = "y") -> object:
    graph = build(source)
    return evaluate(graph, at).nodes[find_node(graph, node)]  # type: ignore[arg-type]  # any kind of point


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("x=1e-3", Rational(1, 1000)),
        ("x = 1/3", Rational(1, 3)),
        ({"x": 0.1}, Rational(1, 10)),
        ({"x": Fraction(2, 7)}, Rational(2, 7)),
        ({Symbol("x"): 3}, 3),
        ({"x": "pi/6"}, pi / 6),
        ({"x": sqrt(2)}, sqrt(2)),
    ],
)
def test_points_are_read_exactly(at: object, expected: object) -> None:
    graph = build("x^2")
    assert read_point(graph, at)[find_node(graph, "x")] == expected  # type: ignore[arg-type]  # any kind of point


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ({"q": 1}, "q is not in this graph"),
        ({}, "no value for x"),
        ({"x": float("nan")}, "number"),
        ({"x": float("inf")}, "number"),
        ({"x": Symbol("t")}, "not a number"),
        ({"x": True}, "not true or false"),
        ({"x": 1, "y": 2}, "computed, not given"),
    ],
)
def test_points_that_are_none_are_refused(at: dict[str, object], message: str) -> None:
    with pytest.raises((NameProblem, SymgraphError), match=message):
        evaluate(build("x^2"), at)  # type: ignore[arg-type]  # that is the point


def test_short_numbers_stay_exact_and_long_ones_become_decimals() -> None:
    assert value("sin(x)", "x=pi/3") == sqrt(3) / 2
    assert value("x^2/3", "x=2") == Rational(4, 3)
    long = value("sin(sin(sin(x)) + x^3)*exp(x)*cos(x/7)*tan(x + 1)", "x=2/3")
    assert isinstance(long, Float)


@pytest.mark.parametrize(
    ("source", "at", "message"),
    [
        ("ln(x)", "x=0", "no value"),
        ("1/x", "x=0", "no value"),
        ("sqrt(x-2)", "x=1", "no value"),
        ("|x|", "x=0", "no derivative"),
        ("sqrt(x)", "x=0", "no derivative"),
        ("max(x, 2x)", "x=0", "no derivative"),
        ("asin(x)", "x=1", "no derivative"),
        ("asin(x)", "x=2", "no value"),
        ("tan(x)", "x=pi/2", "no value"),
        ("x^(-2)", "x=0", "no value"),
    ],
)
def test_where_there_is_nothing_the_point_is_refused(source: str, at: str, message: str) -> None:
    with pytest.raises(DomainError, match=message):
        evaluate(build(source), at)


def test_a_value_without_a_derivative_can_still_be_asked_for() -> None:
    graph = build("|x|")
    assert evaluate(graph, "x=0", derivatives=False).nodes[find_node(graph, "y")] == 0


def test_numbers_too_long_to_stay_exact_go_on_as_decimals() -> None:
    graph = build("; ".join(["u0 = x^2"] + [f"u{k} = u{k - 1}*u{k - 1}" for k in range(1, 30)]))
    values = evaluate(graph, "x=1.0001")
    last = find_node(graph, "u29")
    assert isinstance(values.nodes[last], Float)
    assert float(rates(reverse(graph), values)[find_node(graph, "x")]) > 0
