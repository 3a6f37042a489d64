"""A student's own steps, line by line."""

from __future__ import annotations

import json

import pytest

from symgraph import check_steps as public_check_steps
from symgraph.errors import SymgraphError
from symgraph.marking.decomposition import check_steps
from symgraph.marking.verdicts import Outcome

OLAH = "c = a+b; d = b+1; e = c*d"


def outcomes(source: str, steps: str, wrt: str | None = None) -> list[str]:
    return [line.outcome.value for line in check_steps(source, steps, wrt).lines]


@pytest.mark.parametrize(
    ("source", "steps", "wrt"),
    [
        ("sin(x^2)", "u = x^2; du = 2x; y' = cos(u)*du", None),
        ("sin(x^2)", "u = x^2; du/dx = 2x; dy/du = cos(u); dy/dx = dy/du*du/dx", None),
        ("sin(x^2)", "u = x^2; du = 2x dx; dy = cos(u) du", None),
        ("sin(x^2)", "u(x) = x^2; u'(x) = 2x; y'(x) = cos(u)*u'(x)", None),
        ("x^2*sin(x)", "u = x^2\nv = sin(x)\nu' = 2x\nv' = cos(x)\ny' = u'*v + u*v'", None),
        ("x/(x^2+1)", "u = x; v = x^2+1; u' = 1; v' = 2x; y' = (u'*v - u*v')/v^2", None),
        (OLAH, "dc/db = 1; dd/db = 1; ∂e/∂c = d; ∂e/∂d = c; ∂e/∂b = ∂e/∂c*dc/db + ∂e/∂d*dd/db", "b"),
        ("(x+1)^5", "u = x+1; y = u^5; y' = 5u^4", None),
        ("f(t) = e^(3t)", "u = 3t; du/dt = 3; f' = e^u*3", None),
    ],
)
def test_right_steps(source: str, steps: str, wrt: str | None) -> None:
    found = check_steps(source, steps, wrt)
    assert found.outcome is Outcome.RIGHT, str(found)
    assert {line.outcome for line in found.lines} == {Outcome.RIGHT}
    assert found.complete
    assert found.first_wrong is None


def test_the_first_wrong_line_is_named() -> None:
    found = check_steps("sin(x^2)", "u = x^2; du = 3x; y' = cos(u)*du")
    assert [line.outcome for line in found.lines] == [Outcome.RIGHT, Outcome.WRONG, Outcome.RIGHT]
    assert found.first_wrong is not None and found.first_wrong.number == 2
    assert "Line 2, du = 3x, is the first that is wrong." in found.render("txt")


def test_what_follows_from_a_slip_is_not_wrong_twice() -> None:
    put_in = check_steps("sin(x^2)", "u = x^2; du = 3x; y' = cos(x^2)*3x")
    assert [line.follows for line in put_in.lines] == [0, 0, 2]
    assert "Follows from the slip in line 2." in put_in.render("txt")
    outer = check_steps("sin(x^2)", "u = x^2; dy/du = -cos(u); y' = -cos(u)*2x")
    assert [line.follows for line in outer.lines] == [0, 0, 2]
    two = check_steps("x^2*sin(x)", "v = sin(x); v' = -cos(x); y' = 2x*sin(x) - x^2*cos(x)")
    assert [line.follows for line in two.lines] == [0, 0, 2]


def test_a_wrong_line_is_explained() -> None:
    found = check_steps("x^2*sin(x)", "u = x^2; v = sin(x); u' = 2x; v' = cos(x); y' = u'*v'")
    assert found.first_wrong is not None and found.first_wrong.number == 5
    assert [each.mistake for each in found.lines[4].diagnoses] == ["product_of_derivatives"]
    inner = check_steps("sin(x^3)", "u = x^3; du = x^2; y' = cos(u)*du")
    assert inner.lines[1].diagnoses[0].mistake == "coefficient_lost"


def test_a_quantity_of_the_students_own() -> None:
    harmless = check_steps("x^2*x^3", "u = x^5; y' = 5x^4")
    assert harmless.lines[0].outcome is Outcome.RIGHT, "the whole has that value"
    astray = check_steps("sin(x^2)", "u = x^3; du = 3x^2; y' = cos(u)*du")
    assert astray.first_wrong is not None
    assert astray.first_wrong.number == 1, "the rates are right for it; it is no step of the function"
    assert "where it goes off" in astray.render("txt")


def test_a_named_quantity_must_be_the_functions() -> None:
    assert outcomes(OLAH, "c = a+b; d = b-1; ∂e/∂b = c + d", "b") == ["right", "wrong", "right"]
    assert outcomes("sin(x^2)", "y = cos(x^2)") == ["wrong"]


def test_what_cannot_be_read() -> None:
    assert outcomes("sin(x^2)", "u = ; w' = 2x; 2x; x = 3; u = x^2") == ["unreadable"] * 4 + ["right"]
    found = check_steps("sin(x^2)", "u = x^2; du = 2x")
    assert found.outcome is Outcome.UNDECIDED
    assert "not among the steps yet" in found.render("txt")
    for steps in ("", " ; \n"):
        with pytest.raises(SymgraphError):
            check_steps("sin(x^2)", steps)
    with pytest.raises(SymgraphError, match="one derivative"):
        check_steps(OLAH, "c = a+b")


def test_nothing_is_evaluated() -> None:
    assert outcomes("x^2", "y' = __import__('os').getcwd()") == ["unreadable"]


def test_every_format() -> None:
    found = check_steps("sin(x^2)", "u = x^2; du = 3x; y' = cos(u)*du")
    data = json.loads(found.render("json"))
    assert data["first_wrong"] == 2 and [line["outcome"] for line in data["lines"]] == ["right", "wrong", "right"]
    assert found.render("html").count("<li") == 3
    assert found.render("tex").count(r"\item") == 3
    hostile = check_steps("x^2", "y' = <script>alert(1)</script>").render("html")
    assert "<script" not in hostile


def test_the_public_name() -> None:
    assert public_check_steps is check_steps
