"""What is said at the edges: ends of domains, corners, jumps, poles, and numbers that are no numbers."""

from __future__ import annotations

import pytest

import symgraph
from symgraph.errors import DomainError


def told(source: str, **options: object) -> str:
    """The words about a function, on one line."""
    return " ".join(symgraph.explain(source, **options).render("txt").split())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("0^x", "There are values only where x > 0."),
        ("(-2)^x", "has real values only where x = ⌊x⌋, so there is no rate of change"),
        ("arctan2(y, x)", "Where y = 0 ∧ x < 0, atan2(y, x) has no derivative: it jumps."),
        ("arccot(x)", "arccot(x) has no derivative: it jumps."),
        ("integral(1/t, t, 1, x)", "There are values only where x > 0."),
        ("integral(1/t, t, -1, x)", "There are values only where x < 0."),
        ("integral(1/(t^2 - 4), t, 0, x)", "There are values only where x > −2 and x < 2."),
        ("integral(sqrt(t), t, -1, x)", "has no real value anywhere"),
        ("sum(k*x, k, 3, 1)", "has no real value anywhere"),
        ("{arcsin(2) if x > 0, 1 otherwise}", "In the case x > 0: arcsin 2 has no real value anywhere"),
        ("f(x) = c", "A second name changes exactly as the first: ∂f/∂c = 1. No path leads from x to f"),
    ],
)
def test_where_something_fails_is_said(source: str, sentence: str) -> None:
    assert sentence in told(source)


def test_a_sum_of_powers_has_a_value_at_zero() -> None:
    assert "only where" not in told("sum(x^k, k, 0, 3)")
    assert symgraph.explain("sum(x^k, k, 0, 3)", at={"x": 0}).value.doit() == 1  # type: ignore[union-attr]
    assert symgraph.explain("x + sum(k*x, k, 3, 2)", at={"x": 1}).value == 1


def test_that_nothing_changes_is_said_once() -> None:
    assert told("f(x) = 3").count("df/dx = 0") == 1


@pytest.mark.parametrize(
    ("source", "at"),
    [
        ("0^x", "x=0"),
        ("x^x", "x=0"),
        ("integral(1/t, t, 1, x)", "x=-1"),
        ("integral(1/sin(t), t, 1, x)", "x=4"),
        ("sum(k*x, k, 3, 1)", "x=1"),
    ],
)
def test_no_value_is_told_where_there_is_none(source: str, at: str) -> None:
    with pytest.raises(DomainError, match=r"no (certain )?value at this point"):
        symgraph.explain(source, at=at)


def test_a_logarithm_has_a_domain_of_its_own() -> None:
    words = " ".join(symgraph.explain("(x-1)^2*(x+2)^3", question="logarithmic").render("txt").split())
    assert "l has values only where x > 1." in words and "There are values only" not in words


def test_where_x_stands_still_a_curve_has_no_slope() -> None:
    with pytest.raises(DomainError, match="x does not move with t there"):
        symgraph.parametric("x = t^2; y = t^3", at="t=0")
