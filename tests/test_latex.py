"""LaTeX as people paste it, through the same checks, and SymPy's own LaTeX read back."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings
from strategies import programs
from sympy import latex

from symgraph.calculus.balls import evaluate, points
from symgraph.errors import SymgraphError, TooLargeToShow
from symgraph.language.program import Program
from symgraph.parsing import text
from symgraph.parsing.latex import parse


@pytest.mark.parametrize(
    ("source", "means"),
    [
        (r"\frac{x^2}{1+x}", "x**2/(x + 1)"),
        (r"\frac12 x", "x/2"),
        (r"\sqrt{x}", "sqrt(x)"),
        (r"\sin^{2}{x}", "sin(x)**2"),
        (r"2 \cdot x", "2*x"),
        (r"\left|x\right|", "Abs(x)"),
        (r"\operatorname{arctan}\left(x\right)", "atan(x)"),
        (r"\mathrm{e}^{-x}", "exp(-x)"),
        (r"\ln\left(x\,y\right)", "log(x*y)"),
        (r"x_{12}", "x_12"),
        (r"\alpha\beta", "alpha*beta"),
        (r"x^{\frac{1}{2}}", "sqrt(x)"),
        (r"\log_{2} x", "log(x)/log(2)"),
        (r"\begin{cases} x & x<0 \\ 0 & \text{otherwise}\end{cases}", "Piecewise((x, x < 0), (0, True))"),
        (r"\int_0^x t\,dt", "Integral(t, (t, 0, x))"),
    ],
)
def test_what_teachers_paste(source: str, means: str) -> None:
    assert str(parse(source).expr) == means
    assert str(text.parse(source).expr) == means  # the one door hands a backslash on


def test_cube_roots_are_real() -> None:
    assert parse(r"\sqrt[3]{x}").expr.subs(sympy.Symbol("x"), -8) == -2


@pytest.mark.parametrize(
    "source",
    [
        r"\input{/etc/passwd}",
        r"\write18{ls}",
        r"\def\x{1}\x",
        r"\frac{1}{x",
        r"\left(x",
        r"\csname x\endcsname",
        r"x^{2",
        r"\frac{\partial f}{\partial x}",
        r"\unknown{x}",
    ],
)
def test_what_is_no_formula_is_refused_with_its_place(source: str) -> None:
    with pytest.raises(SymgraphError) as caught:
        parse(source)
    assert "line 1" in str(caught.value)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=programs(most=2))
def test_what_sympy_writes_is_read_as_the_same_expression(program: Program) -> None:
    try:
        expr = program.expr
    except (SymgraphError, TooLargeToShow):
        assume(False)
    assume(expr.free_symbols and len(latex(expr)) < 1500)
    back = parse(latex(expr), inputs=program.inputs).expr
    if back != expr:
        compared = 0
        for point in points(program.inputs, seed=1, count=8):
            one, two = evaluate(expr, point), evaluate(back, point)
            assert one.real == two.real and not one.apart(two), (expr, back, point)
            compared += one.real
        assert compared or not expr.free_symbols
