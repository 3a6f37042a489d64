"""Questions about derivatives: the answers exactly, the telling's facts, and what is refused."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Function, Matrix, Rational, cos, exp, log, pi, sin, sqrt, symbols

import symgraph
from symgraph.calculus.agreement import agree
from symgraph.calculus.crosscheck import crosscheck
from symgraph.calculus.curves import is_equation
from symgraph.calculus.derivatives import Answers, find, pairs
from symgraph.calculus.domains import troubles
from symgraph.calculus.evaluation import evaluate
from symgraph.calculus.extrema import critical
from symgraph.calculus.graph import build, find_node
from symgraph.calculus.logarithms import logarithm_of
from symgraph.calculus.standins import tree_with_known, unknown_functions, with_known
from symgraph.errors import DisagreementError, DomainError, NameProblem, SymgraphError
from symgraph.explanation.explainer import Explanation, explain
from symgraph.explanation.inquiries import QUESTIONS, named
from symgraph.explanation.steps import (
    HeldStill,
    LevelPoints,
    LocalDerivatives,
    SumPaths,
    WhereItFails,
)
from symgraph.explanation.typesetting import text
from symgraph.language.primitives import Primitive
from symgraph.language.unknowns import applied, read_unknown
from symgraph.limits import DEFAULT
from symgraph.parsing.text import parse, parse_expression

x, y, z, t, a, b = symbols("x y z t a b")


def lines(explanation: Explanation, kind: str) -> list[str]:
    """The formulas of a question's step, one a line."""
    for document in (explanation, *explanation.parts):
        for step in document.steps:
            if type(step).__name__ == kind:
                return [
                    " = ".join(text(part) for part in (chain.left, *chain.lines))
                    for chain in step.chains  # type: ignore[union-attr]  # the steps of questions have chains
                ]
    raise AssertionError(f"no {kind} in {[type(step).__name__ for step in explanation.steps]}")


def told(explanation: Explanation) -> str:
    return " ".join(explanation.render("txt").split())


# Several derivatives at once ----------------------------------------------------------------------------------------

B14 = "h1 = x1 + x2; h2 = 2*x2; y1 = -h1; y2 = h1 + h2"


def test_b14_the_jacobian_of_a_linear_graph() -> None:
    assert symgraph.jacobian(B14, wrt=["x1", "x2"]) == Matrix([[-1, -1], [1, 3]])
    explanation = explain(B14, question="jacobian")
    assert explanation.answer == Matrix([[-1, -1], [1, 3]])
    assert lines(explanation, "JacobianMatrix") == ["J = [[∂y₁/∂x₁, ∂y₁/∂x₂], [∂y₂/∂x₁, ∂y₂/∂x₂]] = [[−1, −1], [1, 3]]"]
    (sums,) = [step for step in explanation.steps if isinstance(step, SumPaths) and len(step.paths) == 2]
    assert text(sums.chain.lines[-2]) == "1·1 + 2·1"
    assert text(sums.chain.lines[-1]) == "3"


def test_the_gradient() -> None:
    assert Matrix([[2 * x * y, x**2]]) == symgraph.gradient("x^2*y").T
    assert Matrix([[4, 1]]) == symgraph.gradient("x^2*y", at="x=1, y=2").T
    explanation = explain("x^2*y", question="gradient", at="x=1, y=2")
    assert lines(explanation, "GradientVector") == ["∇z = [∂z/∂x, ∂z/∂y] = [2x·y, x²] = [4, 1]"]
    assert "Here it is zero" in told(explain("x^2 + y^2", question="gradient", at="x=0, y=0"))


def test_the_gradient_of_several_outputs_asks_which() -> None:
    with pytest.raises(SymgraphError, match=r"there are 2 outputs \(c, d\): say which"):
        symgraph.gradient("c = a + b; d = a*b")


def test_the_hessian_is_found_on_the_derivatives_graphs() -> None:
    matrix = symgraph.hessian("x^3*y + sin(x*y)")
    assert sympy.simplify(matrix - sympy.hessian(x**3 * y + sin(x * y), (x, y))) == sympy.zeros(2)
    assert symgraph.hessian("x^3*y", at="x=1, y=2") == Matrix([[12, 3], [3, 0]])
    explanation = explain("x^3*y + y^2", question="hessian")
    assert [(part.role, [str(name) for name in part.program.outputs]) for part in explanation.parts] == [
        ("first", [""]),
        ("again", ["p"]),
        ("again", ["q"]),
    ]
    assert lines(explanation, "HessianMatrix") == [
        "H = [[∂²z/∂x², ∂²z/∂y∂x], [∂²z/∂x∂y, ∂²z/∂y²]] = [[6x·y, 3x²], [3x², 2]]"
    ]


def test_higher_derivatives() -> None:
    assert symgraph.differentiate("x^4", order=3) == 24 * x
    assert symgraph.differentiate("x^2*sin(x)", order=2, at="x=0") == 0
    explanation = explain("x^2*sin(x)", order=2)
    assert sympy.expand(explanation.answer - sympy.diff(x**2 * sin(x), x, 2)) == 0
    assert text(explanation.parts[1].meaning) == "p = dy/dx"
    assert lines(explanation, "HigherDerivative")[0].startswith("d²y/dx² = dp/dx = ")
    third = explain("x^5", order=3, at="x=2")
    assert [text(part.meaning) for part in third.parts[1:]] == ["p = dy/dx", "q = d²y/dx²"]
    assert third.answer == 240


def test_an_order_that_is_none() -> None:
    for order in (0, -1):
        with pytest.raises(SymgraphError, match="the order of a derivative is 1, 2, 3"):
            explain("x^2", order=order)


def test_mixed_derivatives() -> None:
    assert symgraph.mixed("x^3*y^2", ["x", "x", "y"]) == 12 * x * y
    explanation = explain("x^3*y^2", question="mixed", wrt="x, y", at="x=1, y=2")
    assert explanation.answer == 12
    assert lines(explanation, "HigherDerivative") == ["∂²z/∂y∂x = ∂p/∂y = 6x²·y = 12"]


# Directions and seeds -----------------------------------------------------------------------------------------------


def test_the_directional_derivative() -> None:
    assert symgraph.directional("x^2*y", [3, 4], at={"x": 1, "y": 2}) == Rational(16, 5)
    assert symgraph.directional("x^2*y", "x=3, y=4", at={"x": 1, "y": 2}, unit=False) == 16
    assert sympy.expand(symgraph.directional("x*y", [1, 0]) - y) == 0
    explanation = explain("x^2*y", direction=[3, 4], at="x=1, y=2")
    assert lines(explanation, "UnitDirection") == ["u = (1/5)[3, 4] = [3/5, 4/5]"]
    assert lines(explanation, "DirectionalDerivative") == [
        "dz/ds = ∂z/∂x · (3/5) + ∂z/∂y · (4/5) = 4 · (3/5) + 1 · (4/5) = 16/5"
    ]


def test_the_forward_sweep_of_a_direction_has_every_node() -> None:
    explanation = explain("(x+y)*z", direction=[1, 2, 2], at="x=1, y=1, z=1")
    assert lines(explanation, "SeedSweep") == [
        "dx/ds = 1/3",
        "dy/ds = 2/3",
        "dz/ds = 2/3",
        "du/ds = (1/3) · 1 + (2/3) · 1 = 1",
        "df/ds = 1·1 + (2/3) · 2 = 7/3",
    ]


def test_a_direction_that_points_nowhere() -> None:
    with pytest.raises(SymgraphError, match="it points nowhere"):
        symgraph.directional("x*y", [0, 0], at="x=1, y=1")


def test_related_rates() -> None:
    assert symgraph.related_rates("pi*r^2*h", {"r": 2, "h": -1}, at={"r": 3, "h": 5}) == 51 * pi
    explanation = explain("pi*r^2*h", rates="r=2, h=-1", at="r=3, h=5")
    assert lines(explanation, "GivenRates") == ["dr/dt = 2", "dh/dt = −1"]
    assert lines(explanation, "RelatedRates") == ["dy/dt = ∂y/∂r · dr/dt + ∂y/∂h · dh/dt = 30π · 2 + 9π · (−1) = 51π"]


def test_related_rates_on_a_curve() -> None:
    explanation = explain("x^2 + y^2 = 25", rates="x=2", at="x=3, y=4")
    assert explanation.answer == Rational(-3, 2)
    assert lines(explanation, "RelatedRates") == [
        "∂F/∂x · dx/dt + ∂F/∂y · dy/dt = 0",
        "6·2 + 8 · dy/dt = 0",
        "dy/dt = −12/8 = −3/2",
    ]
    assert "How fast does y move when x² + y² = 25?" in told(explanation)


def test_a_rate_that_is_missing() -> None:
    with pytest.raises(NameProblem, match="rates has no number for h") as error:
        symgraph.related_rates("pi*r^2*h", {"r": 2}, at={"r": 3, "h": 5})
    assert "give 0 for what stands still" in str(error.value)


def test_c2_the_vector_jacobian_product() -> None:
    assert symgraph.vjp("u = x*y; v = x + y", [2, 3]) == {"x": 2 * y + 3, "y": 2 * x + 3}
    assert symgraph.vjp("u = x*y; v = x + y", {"u": 1, "v": 0}, at="x=4, y=5") == {"x": 5, "y": 4}
    explanation = explain("u = x*y; v = x + y", seed=[2, 3])
    assert lines(explanation, "WeightedOutputs") == ["l = 2·u + 3·v"]
    assert lines(explanation, "VectorJacobian") == ["∇l = [∂l/∂x, ∂l/∂y] = [2y + 3, 2x + 3]"]


def test_a_seed_of_zero_and_a_seed_of_another_length() -> None:
    with pytest.raises(SymgraphError, match="nothing flows back"):
        symgraph.vjp("u = x*y; v = x + y", 0)
    with pytest.raises(NameProblem, match="seed has 3 numbers for 2 names"):
        symgraph.vjp("u = x*y; v = x + y", [1, 2, 3])


def test_e4_a_step_along_the_gradient() -> None:
    explanation = explain("x*y", step="0.01", at={"x": -2, "y": 3})
    assert lines(explanation, "StepUphill") == [
        "x + 0.01 · ∂z/∂x = −2 + 0.01·3 = −1.97",
        "y + 0.01 · ∂z/∂y = 3 + 0.01·(−2) = 2.98",
    ]
    assert "There z is −5.8706, in the place of −6" in told(explanation)
    direction, rate = symgraph.steepest("x*y", at={"x": 4, "y": 3})
    assert (direction, rate) == (Matrix([Rational(3, 5), Rational(4, 5)]), 5)
    with pytest.raises(DomainError, match="no direction is steeper than another"):
        symgraph.steepest("x^2 + y^2", at="x=0, y=0")


def test_e7_a_step_along_the_gradient_of_three_inputs() -> None:
    explanation = explain("(x+y)*z", step="0.01", at={"x": -2, "y": 5, "z": -4})
    assert [line.rpartition(" = ")[2] for line in lines(explanation, "StepUphill")] == ["−2.04", "4.96", "−3.97"]
    assert "There f is −11.5924" in told(explanation)


# Straight lines -----------------------------------------------------------------------------------------------------


def test_the_tangent() -> None:
    assert symgraph.tangent("x^2", at="x=3") == 6 * x - 9
    assert symgraph.tangent("x*y", at={"x": 2, "y": 3}) == 3 * x + 2 * y - 6
    explanation = explain("x^2", question="tangent", at="x=3", near="x=3.1")
    assert lines(explanation, "TangentLine") == ["L = 9 + 6 · (x − 3) = 6x − 9"]
    assert lines(explanation, "NearPoint") == ["L = 9 + 6·0.1 = 9.6"]
    assert "There y is 9.61, so the tangent is off by 0.01" in told(explanation)
    assert "dy/dx = 2x = 6" in told(explanation)
    with pytest.raises(SymgraphError, match="a tangent touches at a point"):
        explain("x^2", question="tangent")


def test_the_differential() -> None:
    assert symgraph.differential("x^2*y", {"x": 0.1, "y": -0.2}, at={"x": 3, "y": 5}) == Rational(6, 5)
    explanation = explain("x^2*y", changes="x=0.1, y=-0.2", at="x=3, y=5")
    assert lines(explanation, "TotalDifferential") == [
        "dz = ∂z/∂x · dx + ∂z/∂y · dy = 2x·y · dx + x² · dy = 30 · dx + 9 · dy = 30·0.1 + 9·(−0.2) = 1.2"
    ]
    assert "The change itself is Δz = 1.128" in told(explanation)


def test_errors_pass_on() -> None:
    assert symgraph.propagate("x*y", {"x": 0.1, "y": 0.2}, at={"x": 3, "y": -5}) == Rational(11, 10)
    explanation = explain("x*y", errors=[0.1, 0.2], at="x=3, y=-5")
    assert lines(explanation, "ErrorPropagation") == [
        "Δz = |∂z/∂x| · Δx + |∂z/∂y| · Δy = 5·0.1 + 3·0.2 = 1.1",
        "√((∂z/∂x · Δx)² + (∂z/∂y · Δy)²) = √((5·0.1)² + (3·0.2)²) = 0.781025",
    ]
    with pytest.raises(SymgraphError, match="an error is a size"):
        symgraph.propagate("x*y", [-1, 1], at="x=1, y=1")


# Critical points ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "points"),
    [
        ("x^3 - 3x", [({"x": -1}, 2, "maximum"), ({"x": 1}, -2, "minimum")]),
        ("x^2 + x*y + y^2 - 3y", [({"x": -1, "y": 2}, -3, "minimum")]),
        ("x^2 - y^2", [({"x": 0, "y": 0}, 0, "saddle")]),
        ("x^3 + y^3 - 3*x*y", [({"x": 0, "y": 0}, 0, "saddle"), ({"x": 1, "y": 1}, -1, "minimum")]),
        ("x^4", [({"x": 0}, 0, "minimum")]),
        ("x^3", [({"x": 0}, 0, "neither")]),
        ("x^4 + y^4", [({"x": 0, "y": 0}, 0, "undecided")]),
        ("e^(-x^2 - y^2)", [({"x": 0, "y": 0}, 1, "maximum")]),
        ("x*exp(-x)", [({"x": 1}, exp(-1), "maximum")]),
        ("ln(x) - x", [({"x": 1}, -1, "maximum")]),
        ("exp(x)", []),
    ],
)
def test_critical_points(source: str, points: list[Any]) -> None:
    level = critical(source)
    assert level.complete
    assert [(dict(point.place), point.value, point.kind) for point in level.points] == points


def test_critical_points_that_are_not_all_or_not_found() -> None:
    waves = critical("sin(x)")
    assert not waves.complete
    assert {point.kind for point in waves.points} == {"minimum", "maximum"}
    assert critical("x^2*y").free
    assert critical("f(x)").reason == "nothing is known about f"
    assert critical("x^2 + a*x", "x").reason == "the answer would depend on a"


@pytest.mark.parametrize(
    ("source", "points", "doubtful"),
    [
        ("ln(x) + x", [], []),  # −1 solves 1/x + 1 = 0, outside the domain
        ("x^3/x", [], []),
        ("|x|", [], [0]),
        ("x*|x|", [], [0]),
        ("|x^2 - 1|", [0], [-1, 1]),
        ("sqrt(x)*(x - 3)", [1], []),
        ("a + x^2", [0], []),
        ("x^2 + ln(a - 2)", [0], []),
    ],
)
def test_a_level_point_is_one_where_every_step_has_a_derivative(
    source: str, points: list[int], doubtful: list[int]
) -> None:
    level = critical(source, "x")
    assert level.complete
    assert [point.place["x"] for point in level.points] == points
    assert [place["x"] for place in level.doubtful] == doubtful


def test_a_rule_is_not_named_without_its_formula_where_another_derivative_follows() -> None:
    words = told(explain("3x^2", order=2))
    assert "A constant factor stays: dy/dx = 6x." in words and "A constant factor stays: dp/dx = 6." in words
    assert "A constant factor stays: dy/dx = 3." in told(explain("3x", question="tangent", at="x=1"))


def test_points_without_a_derivative_are_not_called_level() -> None:
    assert "y is level nowhere." in told(explain("ln(x) + x", question="critical"))
    assert "Only x = 0 would solve this, and there a step of y has no derivative" in told(
        explain("|x|", question="critical")
    )
    assert "The formula is 0 for x = −1 or x = 1 too" in told(explain("|x^2 - 1|", question="critical"))


def test_what_second_derivatives_do_not_tell_both_sides_do() -> None:
    page = told(explain("x^4 (x - 1)^3", question="critical"))
    assert "x = 0, where y = 0. There d²y/dx² = 0: that does not tell, but both sides do: a maximum, higher" in page
    assert "x = 1, where y = 0. There d²y/dx² = 0: that does not tell, but both sides do: neither a minimum" in page
    assert "second derivatives do not tell" in told(explain("x^4 + y^4", question="critical"))
    page = told(explain("x^3", question="critical", lang="de"))
    assert "das entscheidet nichts, wohl aber ein Blick auf beide Seiten: weder ein Minimum noch ein Maximum." in page


def test_factors_that_are_never_0_leave_no_doubt_that_all_points_are_found() -> None:
    assert critical("x y e^(-x^2 - y^2)").complete and len(critical("x y e^(-x^2 - y^2)").points) == 5
    assert "The only solution is x = 0 and y = 0" in told(explain("e^(-x^2 - y^2)", question="critical"))


def test_critical_points_are_told() -> None:
    explanation = explain("x^3 - 3x", question="critical")
    (step,) = [each for each in explanation.steps if isinstance(each, LevelPoints)]
    assert [text(fact.point[0]) for fact in step.points] == ["x = −1", "x = 1"]
    assert "d²y/dx² = −6: a maximum" in told(explanation)
    assert "There are no others." in told(explanation)
    assert "There may be others." in told(explain("sin(x)", question="critical"))


# Curves -------------------------------------------------------------------------------------------------------------


def test_an_implicit_derivative() -> None:
    assert symgraph.implicit("x^2 + y^2 = 25") == -x / y
    assert symgraph.implicit("x^3 + y^3 = 6*x*y", at="x=3, y=3") == -1
    assert symgraph.implicit("x^2 + y^2 = 25", wrt="y", of="x") == -y / x
    explanation = explain("x^2 + y^2 = 25", at="x=3, y=4")
    assert explanation.question == "implicit"
    assert explanation.answer == Rational(-3, 4)
    assert lines(explanation, "AlongTheCurve") == ["∂F/∂x + ∂F/∂y · dy/dx = 0"]
    assert lines(explanation, "ImplicitSlope") == ["dy/dx = −(∂F/∂x)/(∂F/∂y) = −2x/(2y) = −x/y = −3/4"]
    assert "How does y change with x when x² + y² = 25?" in told(explanation)


def test_a_second_implicit_derivative() -> None:
    second = symgraph.implicit("x^2 + y^2 = 25", order=2)
    assert second == -25 / y**3
    explanation = explain("x^2 + y^2 = 25", order=2, at="x=3, y=4")
    assert explanation.answer == Rational(-25, 64)
    (line,) = lines(explanation, "SlopeAlongTheCurve")
    assert line.startswith("d²y/dx² = ∂p/∂x + ∂p/∂y · dy/dx = −1/y + (x/y²) · (−x/y) = ")
    assert line.endswith(" = −25/y³ = −25/64")


def test_an_implicit_derivative_with_three_names_is_partial() -> None:
    explanation = explain("x^2 + y^2 + z^2 = 9", question="implicit", wrt="x", of="z")
    assert explanation.answer == -x / z
    assert lines(explanation, "ImplicitSlope") == ["∂z/∂x = −(∂F/∂x)/(∂F/∂z) = −2x/(2z) = −x/z"]


def test_implicit_derivatives_that_do_not_exist() -> None:
    with pytest.raises(DomainError, match="this point is not on the curve: the two sides differ by 9"):
        explain("x^2 + y^2 = 25", at="x=3, y=5")
    with pytest.raises(DomainError, match="may stand upright"):
        explain("x^2 + y^2 = 25", at="x=5, y=0")
    with pytest.raises(NameProblem, match="q is not in this equation"):
        symgraph.implicit("x^2 + y^2 = 25", of="q")


def test_a_point_with_roots_is_on_the_curve() -> None:
    assert symgraph.implicit("x^2 + y^2 = 2", at={"x": "sqrt(2)*cos(1)", "y": "sqrt(2)*sin(1)"}).is_real


def test_equations_and_programs_are_told_apart() -> None:
    assert is_equation("x^2 + y^2 = 25")
    assert is_equation("y = x^2 + y")
    assert is_equation("sin(y) = 8x") and is_equation("e^y = x^2 + 1") and is_equation("exp(y) = x^2 + 1")
    assert not is_equation("y = x^2")
    assert not is_equation("c = a + b; d = c^2")
    assert is_equation(sympy.Eq(x**2 + y**2, 25))


def test_a_parametric_curve() -> None:
    assert symgraph.parametric("x = t^2; y = t^3") == 3 * t / 2
    assert symgraph.parametric("x = cos(t); y = sin(t)", at="t=pi/4", order=2) == -2 * sqrt(2)
    explanation = explain("x = t^2; y = t^3", question="parametric", order=2, at="t=2")
    assert explanation.answer == Rational(3, 8)
    first, second = lines(explanation.parts[0], "ParametricSlope"), lines(explanation, "ParametricSlope")
    assert first == ["dy/dx = (dy/dt)/(dx/dt) = 3t²/(2t) = 3t/2 = 3"]
    assert second == ["d²y/dx² = (dp/dt)/(dx/dt) = (3/2)/(2t) = 3/(4t) = 3/8"]
    with pytest.raises(SymgraphError, match="a curve has one parameter, and this has 2"):
        symgraph.parametric("x = s*t; y = t")
    with pytest.raises(DomainError, match="the curve stands upright everywhere"):
        symgraph.parametric("x = 3 + 0*t; y = t")


def test_logarithmic_differentiation() -> None:
    assert symgraph.logarithmic("x^x") == x**x * (log(x) + 1)
    assert text(logarithm_of(parse_expression("(x+1)^2*sqrt(x-2)/e^x"))) == "2 ln(x + 1) + (1/2) ln(x − 2) − x"
    explanation = explain("x^x", question="logarithmic", at="x=2")
    assert lines(explanation, "TakeLogarithms") == ["l = ln y = x ln x"]
    assert lines(explanation, "LogarithmicSlope")[0] == "(dy/dx)/y = dl/dx"
    assert explanation.answer == 4 * log(2) + 4
    with pytest.raises(SymgraphError, match="this is none of them"):
        symgraph.logarithmic("x + 1")


@settings(max_examples=15)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
def test_logarithms_give_the_derivative(m: int, n: int, k: int) -> None:
    expr = (x + 1) ** m * (x**2 + 1) ** n / (x + 3) ** k
    assert sympy.simplify(symgraph.logarithmic(f"(x+1)^{m}*(x^2+1)^{n}/(x+3)^{k}") - sympy.diff(expr, x)) == 0


# Held still ---------------------------------------------------------------------------------------------------------

OLAH = "c = a + b; d = b + 1; e = c*d"


def test_partial_against_total() -> None:
    assert symgraph.held(OLAH, wrt="b", hold="c", at={"a": 2, "b": 1}) == 3
    assert symgraph.held("w = x^2 + y^2 + z^2; z = x*y", "x", "z") == 2 * x
    assert sympy.expand(symgraph.held("w = x^2 + y^2 + z^2; z = x*y", "x", "y") - 2 * x - 2 * x * y**2) == 0
    explanation = explain(OLAH, wrt="b", hold=["c"], at={"a": 2, "b": 1})
    assert lines(explanation, "HeldStill") == ["(∂e/∂b)_(a, c) = c = 3", "∂e/∂b = a + 2b + 1 = 5"]
    assert [part.role for part in explanation.parts] == ["held", "total"]


def test_what_is_held_and_what_is_free_never_share_a_symbol() -> None:
    page = explain(OLAH, wrt="b", hold="c", at={"a": 2, "b": 1}).render("txt")
    held_part = page[page.index("c held still") : page.index("Everything free to move")]
    assert "(∂e/∂b)_(a, c) = 1·3 = 3" in held_part
    assert "\n    ∂e/∂b" not in held_part


def test_a_node_that_nobody_named_can_be_held() -> None:
    explanation = explain("(a+b)*(b+1)", wrt="b", hold="c", at="a=2, b=1")
    assert explanation.answer == 3


def test_what_is_not_on_the_way_makes_no_difference() -> None:
    explanation = explain("u = x^2; v = y^2; w = u + v", wrt="x", hold="v")
    (step,) = [each for each in explanation.steps if isinstance(each, HeldStill)]
    assert step.same
    with pytest.raises(NameProblem, match="q is not in this program"):
        symgraph.held(OLAH, "b", "q")
    with pytest.raises(NameProblem, match="it cannot be held still"):
        symgraph.held(OLAH, "b", "e")


# The tree diagram, and functions about which nothing is known ------------------------------------------------------


def test_the_tree_diagram_with_nothing_known() -> None:
    explanation = explain("z = f(x, y); x = g(t); y = h(t)")
    (sums,) = [step for step in explanation.steps if isinstance(step, SumPaths)]
    assert [text(line) for line in (sums.chain.left, *sums.chain.lines[:3])] == [
        "dz/dt",
        "dx/dt · ∂z/∂x + dy/dt · ∂z/∂y",
        "g'(t) · ∂₁f(x, y) + h'(t) · ∂₂f(x, y)",
        "g'(t) · ∂₁f(g(t), h(t)) + h'(t) · ∂₂f(g(t), h(t))",
    ]
    assert explanation.report.stand_ins == ("f", "g", "h")
    assert explanation.report.points == 3
    assert "with sample functions in the places of f, g and h" in told(explanation)


def test_the_tree_diagram_with_two_inputs() -> None:
    explanation = explain("z = f(x, y); x = g(s, t); y = h(t)", wrt="t")
    (sums,) = [step for step in explanation.steps if isinstance(step, SumPaths)]
    assert text(sums.chain.left) == "∂z/∂t"
    assert text(sums.chain.lines[0]) == "∂x/∂t · ∂z/∂x + dy/dt · ∂z/∂y"


def test_the_tree_diagram_with_formulas() -> None:
    explanation = explain("z = x^2*y; x = cos(t); y = sin(t)")
    (sums,) = [step for step in explanation.steps if isinstance(step, SumPaths)]
    assert text(sums.chain.left) == "dz/dt"
    assert text(sums.chain.lines[0]) == "dx/dt · ∂z/∂x + dy/dt · ∂z/∂y"
    assert sympy.simplify(explanation.answer - sympy.diff(cos(t) ** 2 * sin(t), t)) == 0


def test_a_composition_of_unknown_functions_never_prints_subs() -> None:
    explanation = explain("f(g(x))")
    f, g = Function("f"), Function("g")
    assert explanation.answer == sympy.diff(f(g(x)), x)
    assert "dy/dx = du/dx · dy/du = g'(x) · f'(u) = g'(x) · f'(g(x))" in told(explanation)
    for ending in ("txt", "tex", "html", "md", "json"):
        assert "Subs" not in explain("f(x^2, x*y) + f(x, x)").render(ending)


def test_each_slot_of_an_unknown_function_has_its_own_derivative() -> None:
    partials = {tail.name: data["partial"] for tail, _, data in build("z = f(x, y); x = 2t; y = 3t").edges(data=True)}
    f = Function("f")
    assert partials["x"] == f(x, y).diff(x)
    assert partials["y"] == f(x, y).diff(y)


@pytest.mark.parametrize(
    "source",
    [
        "f(x, x)",
        "z = f(x, y); x = g(t); y = g(t)",
        "z = f(x, y); x = s + t; y = s + t",
        "f(x^2, x*y) + ln(f(x, x)^2 + 1)",
        "f(f(x))*g(x^3)",
        "x*f(x, g(x))",
    ],
)
def test_unknown_functions_agree_by_every_route(source: str) -> None:
    graph = build(source)
    asked = pairs(graph)
    answers = Answers(graph, asked, DEFAULT)
    report = crosscheck(graph, asked, answers.summed)
    assert report.points == 3
    assert {"forward", "reverse", "paths", "answer", "nudge"} <= set(report.routes)


def test_a_wrong_formula_with_unknown_functions_is_found() -> None:
    graph = build("f(g(x))")
    f, g = Function("f"), Function("g")
    with pytest.raises(DisagreementError, match="the printed answer"):
        crosscheck(graph, pairs(graph), lambda of, wrt: g(x) * f(g(x)).diff(g(x)))


def test_values_of_unknown_functions_are_refused() -> None:
    with pytest.raises(DomainError, match="nothing is known about f and g"):
        explain("f(g(x))", at="x=1")


def test_unknown_functions_are_read_back() -> None:
    for arguments, orders in (((x,), (1,)), ((x, y), (1, 2)), ((x, x), (0, 1)), ((2 * x, x), (1, 0))):
        assert read_unknown(applied("f", arguments, orders)) == ("f", arguments, orders)


def test_stand_ins_commute_with_differentiation() -> None:
    f, g = Function("f"), Function("g")
    for expr in (f(x), f(x) * g(x), f(g(x)), f(x**2), f(x, sin(x)), f(x, x**2) / (g(x) ** 2 + 1)):
        assert sympy.simplify(with_known(sympy.diff(expr, x)) - sympy.diff(with_known(expr), x)) == 0
    assert unknown_functions(parse("g(f(x)) + sin(x)")) == ("f", "g")
    assert "f(" not in text(tree_with_known(parse_expression("f(x) + x")))


def test_mixed_derivatives_of_an_unknown_function_are_equal() -> None:
    f = Function("f")
    assert symgraph.hessian("f(x, y)") == sympy.hessian(f(x, y), (x, y))


# A function of one's own --------------------------------------------------------------------------------------------

CUBE = Primitive("cube", ("cube",), (1, 1), lambda u: u**3, lambda u: (3 * u**2,))


def test_a_primitive_of_ones_own() -> None:
    explanation = explain("cube(sin(x))*x", extra={"cube": CUBE})
    assert sympy.simplify(explanation.answer - sympy.diff(sin(x) ** 3 * x, x)) == 0
    assert "v = cube(u)" in told(explanation)
    assert "A function of the author's own comes with its derivative: dv/du = 3u²" in told(explanation)


def test_one_that_sympy_knows_nothing_about() -> None:
    f = Function("f")
    own = Primitive("f", (), (1, 1), f, lambda u: (2 * u,))
    explanation = explain(f(x) * x, extra={f: own})
    assert explanation.answer == 2 * x**2 + f(x)


def test_a_wrong_derivative_of_ones_own_is_found() -> None:
    wrong = Primitive("cube", ("cube",), (1, 1), lambda u: u**3, lambda u: (2 * u**2,))
    with pytest.raises(DisagreementError):
        explain("cube(x)", extra={"cube": wrong})


def test_the_table_itself_stays_as_it_is() -> None:
    explain("cube(x)", extra={"cube": CUBE})
    with pytest.raises(SymgraphError):
        explain("cube(x)")
    with pytest.raises(NameProblem, match="cube takes 1 values and gets 2"):
        explain("cube(x, y)", extra={"cube": CUBE})
    with pytest.raises(NameProblem):
        explain("sin(x)", extra={"sin": CUBE})


# Where a derivative does not exist ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "at", "reason"),
    [
        ("|x|", "x=0", "a corner"),
        ("max(a, b)", "a=2, b=2", "it is not settled whose change is passed on"),
        ("min(a, b, 3)", "a=3, b=5", "it is not settled whose change is passed on"),
        ("relu(x)", "x=0", "a corner at 0"),
        ("sqrt(x)", "x=0", "rises straight up at 0"),
        ("cbrt(x)", "x=0", "rises straight up at 0"),
        ("arcsin(x)", "x=1", "straight up at the end of its domain"),
        ("floor(x)", "x=2", "jumps at whole numbers"),
        ("{-x if x < 0, x otherwise}", "x=0", "do not meet with equal values and slopes"),
        ("{x^2 + 1 if x < 0, x^3 otherwise}", "x=0", "do not meet with equal values and slopes"),
        ("{1 if x < 0, x if x < 1, 2x - 1 otherwise}", "x=1", "do not meet with equal values and slopes"),
        ("{x*y if x < y, x^2 otherwise}", "x=1, y=1", "do not meet with equal values and slopes"),
    ],
)
def test_a_point_without_a_derivative_is_refused_with_the_reason(source: str, at: str, reason: str) -> None:
    with pytest.raises(DomainError, match="has no derivative at this point") as error:
        explain(source, at=at)
    assert reason in str(error.value)


@pytest.mark.parametrize("source", ["ln(x)", "1/x", "sqrt(x - 2)", "arcsin(x - 3)", "tan(x + pi/2)"])
def test_a_point_outside_the_domain_is_refused(source: str) -> None:
    with pytest.raises(DomainError, match="has no value at this point"):
        explain(source, at="x=0")


@pytest.mark.parametrize("grain", ["operation", "textbook"])
@pytest.mark.parametrize(
    ("source", "at", "slope"),
    [
        ("{x^2 if x < 0, x^3 otherwise}", "x=0", 0),
        ("{x if x < 1, x^2/2 + 1/2 otherwise}", "x=1", 1),
        ("{sin(x) if x <= 0, x otherwise}", "x=0", 1),
    ],
)
def test_a_smooth_seam_has_a_derivative(source: str, at: str, slope: int, grain: Any) -> None:
    assert explain(source, at=at, grain=grain).value == slope


def test_the_document_says_where_and_why() -> None:
    assert "Where x = 0, |x| has no derivative: it has a corner" in told(explain("|x|"))
    assert "Where a = b, max(a, b) has no derivative" in told(explain("max(a, b)"))
    assert "they meet with equal values and slopes" in told(explain("{x^2 if x < 0, x^3 otherwise}"))
    assert "they do not meet with equal values and slopes" in told(explain("{-x if x < 0, x otherwise}"))
    (step,) = [each for each in explain("ln(x)/sqrt(x - 1)").steps if isinstance(each, WhereItFails)]
    assert [text(condition) for condition in step.needed] == ["x > 1"]
    assert [each for each in explain("(a+b)*(b+1)").steps if isinstance(each, WhereItFails)] == []


def test_what_always_holds_is_not_said() -> None:
    assert troubles(build("sqrt(x^2 + 1)/(1 + e^x)")) == []


# One way to ask -----------------------------------------------------------------------------------------------------


def test_every_question_has_a_function_a_macro_and_a_command() -> None:
    from symgraph.__main__ import commands

    functions = set(symgraph.__all__)
    for name in QUESTIONS:
        if name in ("derivative", "higher"):
            continue
        assert name in functions
        assert name.replace("_", "-") in commands.commands


def test_a_question_may_be_implied_or_named() -> None:
    assert named(None, {"seed": 1}, "x").name == "vjp"
    assert named("related-rates", {"rates": "x=1"}, "x").name == "related_rates"
    assert named(None, {"order": 2}, "x^2 + y^2 = 1").name == "implicit"
    with pytest.raises(SymgraphError, match="there is no question 'limit'"):
        explain("x", question="limit")
    with pytest.raises(SymgraphError, match="seed does not belong to the question tangent: it takes near"):
        explain("x", question="tangent", seed=1, at="x=1")
    with pytest.raises(SymgraphError, match="the question held needs hold="):
        explain("x", question="held")


QUESTION_DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("x^2*y", {"question": "gradient", "at": "x=1, y=2"}),
    (B14, {"question": "jacobian", "at": "x1=1, x2=1"}),
    ("x^3*y + y^2", {"question": "hessian", "at": "x=1, y=2"}),
    ("x^2*sin(x)", {"order": 3}),
    ("x^3*y^2", {"question": "mixed", "wrt": "x, y"}),
    ("x^2*y", {"direction": [3, 4], "at": "x=1, y=2"}),
    ("pi*r^2*h", {"rates": "r=2, h=-1", "at": "r=3, h=5"}),
    ("x^2 + y^2 = 25", {"rates": "x=2", "at": "x=3, y=4"}),
    ("u = x*y; v = x + y", {"seed": [2, 3], "at": "x=1, y=2"}),
    ("x^2", {"near": "x=3.1", "at": "x=3"}),
    ("x^2*y", {"changes": "x=0.1, y=-0.2", "at": "x=3, y=5"}),
    ("x*y", {"errors": [0.1, 0.2], "at": "x=3, y=-5"}),
    ("x*y", {"step": "0.01", "at": "x=-2, y=3"}),
    ("x^3 - 3x", {"question": "critical"}),
    (OLAH, {"wrt": "b", "hold": "c", "at": "a=2, b=1"}),
    ("x^2 + y^2 = 25", {"order": 2, "at": "x=3, y=4"}),
    ("x = cos(t); y = sin(t)", {"question": "parametric", "order": 2}),
    ("x^x", {"question": "logarithmic"}),
    ("z = f(x, y); x = g(t); y = h(t)", {}),
    ("z = x@w; L = sum(z^2)", {"shapes": {"x": (2,), "w": (2, 3)}}),
    ("|x| + sqrt(x)", {}),
]


@pytest.mark.parametrize("detail", ["answer", "main", "all"])
@pytest.mark.parametrize(("source", "given"), QUESTION_DOCUMENTS, ids=lambda each: str(each)[:30])
def test_every_question_is_told_in_every_format(source: str, given: dict[str, Any], detail: str) -> None:
    explanation = explain(source, detail=detail, **given)
    for ending in ("html", "tex", "txt", "md", "json"):
        page = explanation.render(ending)
        assert page
        for fault in ("+ -", "+ −", "Subs(", "Derivative(", "1 paths", "None", "<<", "Undefined"):
            assert fault not in page or ending == "html", (ending, fault)


def test_the_same_page_under_every_hash_seed() -> None:
    code = (
        "from symgraph.explanation.explainer import explain\n"
        "print(explain('x^3*y+sin(x*y)', question='hessian').render('txt'))\n"
        "print(explain('z = x@w; L = sum(z^2)', shapes={'x': (2,), 'w': (2, 3)}).render('html'))\n"
        "print(explain('f(x, g(x*y))', question='gradient').render('tex'))\n"
    )
    pages = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            cwd=Path(__file__).parent.parent,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(pages) == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["tangent", "x^2", "--at", "x=3"], "    L = 9 + 6 · (x − 3) = 6x − 9"),
        (["implicit", "x^2 + y^2 = 25", "--detail", "answer"], "    dy/dx = −(∂F/∂x)/(∂F/∂y) = −2x/(2y) = −x/y"),
        (["explain", "x^2 + y^2 = 25", "--at", "x=3,y=4"], "    ∂F/∂x + ∂F/∂y · dy/dx = 0"),
        (["vjp", "y = W@x", "--shape", "W=2x2, x=2", "--seed", "1"], "    l = sum(y)"),
        (["directional", "x*y", "--direction", "-3,4", "--at", "x=1,y=1"], "    u = (1/5)[−3, 4] = [−3/5, 4/5]"),
        (["explain", "-x^3", "--order", "2"], "    d²y/dx² = dp/dx = −6x"),
        (["held", OLAH, "--hold", "c", "--wrt", "b"], "    (∂e/∂b)_(a, c) = c"),
    ],
)
def test_the_command_line(arguments: list[str], line: str) -> None:
    from click.testing import CliRunner

    from symgraph.__main__ import commands

    result = CliRunner().invoke(commands, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert line in result.output.splitlines()


def test_a_shape_that_is_none() -> None:
    from click.testing import CliRunner

    from symgraph.__main__ import commands

    result = CliRunner().invoke(commands, ["explain", "sum(x)", "--shape", "x=a"])
    assert result.exit_code == 2
    assert "a shape is a length or rows x columns" in result.output


# Two routes ---------------------------------------------------------------------------------------------------------


def test_routes_that_differ_are_found() -> None:
    with pytest.raises(DisagreementError, match="one and the other differ"):
        agree({"one": sin(x) ** 2, "the other": sin(x) ** 2 + Rational(1, 10**20)})
    assert agree({"one": sin(x) ** 2 + cos(x) ** 2, "the other": sympy.Integer(1)}) == 3


def random_polynomial(generator: random.Random) -> sympy.Expr:
    terms = [generator.randint(-3, 3) * x ** generator.randint(0, 3) * y ** generator.randint(0, 2) for _ in range(4)]
    return sum(terms, start=x * y + 1)


@pytest.mark.parametrize("seed", range(6))
def test_the_law_for_questions(seed: int) -> None:
    """Gradient, Hessian, direction, product and tangent of random functions, against SymPy."""
    generator = random.Random(seed)
    inner, outer = random_polynomial(generator), random_polynomial(generator)
    expr = sin(inner) + outer
    point = {"x": Rational(generator.randint(1, 5), 3), "y": Rational(generator.randint(1, 5), 4)}
    at = {x: point["x"], y: point["y"]}
    slopes = [sympy.diff(expr, symbol).subs(at) for symbol in (x, y)]
    for found, expected in zip(symgraph.gradient(expr, at=point), slopes, strict=True):
        assert abs((found - expected).evalf(30)) < 1e-20
    second = sympy.hessian(expr, (x, y)).subs(at)
    assert max(abs(value.evalf(30)) for value in symgraph.hessian(expr, at=point) - second) < 1e-20
    direction = symgraph.directional(expr, [1, -2], at=point, unit=False)
    assert abs((direction - slopes[0] + 2 * slopes[1]).evalf(30)) < 1e-20
    tangent = symgraph.tangent(expr, at=point)
    assert abs((tangent - expr).subs(at).evalf(30)) < 1e-20
    for symbol, slope in zip((x, y), slopes, strict=True):
        assert abs((tangent.coeff(symbol) - slope).evalf(20)) < 1e-15


def test_values_by_hand_of_the_graph() -> None:
    graph = build("x^2*y")
    values = evaluate(graph, "x=3, y=5")
    assert values.nodes[find_node(graph, "z")] == 45
    assert find("x^2*y", at="x=3, y=5").numbers == {("z", "x"): 30, ("z", "y"): 9}
    steps = explain("x^2*y", at="x=3, y=5").steps
    assert any(isinstance(step, LocalDerivatives) for step in steps)


CALLED = "f(x) = x^2 + 1; y = f(3t)"


def test_a_function_that_is_only_called_can_be_asked_about() -> None:
    assert str(symgraph.differentiate(CALLED, of="f")) == "2*x"
    assert symgraph.explain(CALLED, of="f", order=2).answer == 2
    assert str(symgraph.differentiate(CALLED, of="y")) == "18*t"
    assert symgraph.check(CALLED, "2x", of="f").outcome is symgraph.Outcome.RIGHT
    both = symgraph.explain(CALLED, of=["f", "y"], wrt=["x", "t"]).answers
    assert [str(both[pair]) for pair in (("f", "x"), ("y", "t"), ("f", "t"))] == ["2*x", "18*t", "0"]
    with pytest.raises(symgraph.SymgraphError, match="sin is not in this graph"):
        symgraph.explain("y = sin(x)", of="sin")
