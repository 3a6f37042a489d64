"""Equations that nothing satisfies."""

from __future__ import annotations

import pytest

import symgraph
from symgraph.calculus.bounds import never_zero, smallest_at_zero
from symgraph.parsing.text import parse_expression

EMPTY = [
    "x^2 + y^2 + 1",
    "x^2 + y^2 + 2x + 5",
    "x^2 - 2x*y + y^2 + 1",
    "3x^2 + 2x*y + y^2 - 2x + 5",
    "x^4 + y^2 + 1",
    "e^x + e^y",
    "e^(x*y)",
    "|x| + |y| + 1",
    "sqrt(x) + sqrt(y) + 1",
    "sin(x) + cos(y) - 3",
    "1/(x^2 + y^2)",
    "cosh(x) + y^2 - 1/2",
    "x^2*y^2 + 1",
    "-x^2 - y^2 - 1",
    "arctan(x) + arctan(y) - 4",
]
SOME = [
    "x^2 + y^2 - 25",
    "x*y - 1",
    "e^x - y",
    "sin(x) + cos(y) - 2",
    "x^2 - y^2 + 1",
    "x + y",
    "x^2 - 2x*y + y^2",
    "ln(x) + y",
]


@pytest.mark.parametrize("text", EMPTY)
def test_equations_that_nothing_satisfies(text: str) -> None:
    assert never_zero(parse_expression(text))


@pytest.mark.parametrize("text", [*SOME, "x^2 + y^2", "|x| + |y|", "sqrt(x) + sqrt(y)", "x^3 + y^3 + 1"])
def test_equations_that_something_satisfies(text: str) -> None:
    assert not never_zero(parse_expression(text))


@pytest.mark.parametrize(
    "text", ["x^2 + y^2", "x^2 - 2x*y + y^2", "(x-1)^2 + (y+2)^2", "x^4 + y^4", "-(x - y)^2", "x^2*y^2"]
)
def test_polynomials_that_are_smallest_where_they_are_zero(text: str) -> None:
    assert smallest_at_zero(parse_expression(text))


@pytest.mark.parametrize("text", [*SOME[:-2], "|x| + |y|", "x^2*y", "e^x + y^2"])
def test_of_others_nothing_is_said(text: str) -> None:
    assert not smallest_at_zero(parse_expression(text))


@pytest.mark.parametrize(
    ("equation", "said"),
    [
        ("x^2 + y^2 = -1", "But no real numbers make x² + y² = −1 true: there is no curve, and so no slope."),
        ("(x-1)^2 + y^2 = 0", "Where it is 0 it changes neither with x nor with y, and the lines above divide by 0"),
    ],
)
def test_a_page_says_that_there_is_no_curve(equation: str, said: str) -> None:
    for order in (1, 2):
        assert said in " ".join(symgraph.explain(equation, "x", "y", order=order).render("txt").split())
    german = " ".join(symgraph.explain(equation, "x", "y", lang="de").render("txt").split())
    assert "keine Kurve" in german or "teilen durch 0" in german
    for form in ("html", "tex", "md", "json"):
        assert symgraph.explain(equation, "x", "y").render(form)


def test_a_page_about_a_curve_does_not() -> None:
    assert "real numbers" not in symgraph.explain("x^2 + y^2 = 25", "x", "y").render("txt")
