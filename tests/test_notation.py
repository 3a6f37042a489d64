"""SymPy read as trees in textbook order, and numbers as they are shown."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped]
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    Add,
    And,
    Derivative,
    E,
    Eq,
    EulerGamma,
    Float,
    Function,
    Heaviside,
    I,
    Integer,
    Integral,
    Matrix,
    Max,
    Mul,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    acosh,
    besselj,
    binomial,
    cos,
    erf,
    exp,
    factorial,
    floor,
    gamma,
    log,
    nan,
    oo,
    pi,
    polygamma,
    sign,
    sin,
    sqrt,
    symbols,
    tan,
    tanh,
    zoo,
)

from symgraph.errors import DomainError, LimitExceeded, SymgraphError
from symgraph.explanation.typesetting import text
from symgraph.language.constructors import construct
from symgraph.language.notation import from_sympy
from symgraph.language.numerals import number_tree
from symgraph.language.tree import Apply, Name, Number, Text, Tree, Undefined, size

a, b, c, k, n, t, x, y, z = symbols("a b c k n t x y z")
alpha, mu, x2, x10 = symbols("alpha mu x_2 x_10")
f, g = Function("f"), Function("g")
half = Rational(1, 2)

# Terms --------------------------------------------------------------------------------------------------------------

ROWS: list[tuple[Any, str]] = [
    (x**2 + 2 * x + 1, "x² + 2x + 1"),
    (a + 2 * b + 1, "a + 2b + 1"),
    (1 - x, "1 − x"),
    (x - 1, "x − 1"),
    (-x - 1, "−x − 1"),
    (y - x, "y − x"),
    (-x - y, "−x − y"),
    (1 - x**2, "1 − x²"),
    (-(x**2) + 2 * x + 3, "−x² + 2x + 3"),
    (-a + b - c, "b − a − c"),
    (x - x * y, "x − x·y"),
    (x**3 / 6 + x**2 / 2 + x + 1, "x³/6 + x²/2 + x + 1"),
    (x**2 + 2 * x * y + y**2, "x² + 2x·y + y²"),
    (x * y**2 + x**2 * y, "x²·y + x·y²"),
    (a * b + a * c + b * c, "a·b + a·c + b·c"),
    (a * x**2 + b * x + c, "a·x² + b·x + c"),
    (x10 + x2 + x, "x + x₂ + x₁₀"),
    (Symbol("B") + a + b + Symbol("A"), "a + A + b + B"),
    (x + 1 / x, "x + 1/x"),
    (x + sqrt(x) + 1, "x + √x + 1"),
    (x**n + x + 1, "x^n + x + 1"),
    (x + sin(x), "x + sin x"),
    (x**2 * cos(x) + 2 * x * sin(x), "x² cos x + 2x sin x"),
    (sin(x) + cos(x), "sin x + cos x"),
    (cos(3 * x) + cos(x) + cos(2 * x), "cos x + cos(2x) + cos(3x)"),
    (1 + log(x), "1 + ln x"),
    (1 + exp(x), "1 + e^x"),
    (1 - tanh(x) ** 2, "1 − tanh² x"),
    (1 - sqrt(x), "1 − √x"),
    (2 * x - 3 * (x + 1) ** 2, "2x − 3(x + 1)²"),
    (3 * x / 2 + Rational(1, 3), "3x/2 + 1/3"),
    (1 + I, "1 + i"),
    # factors
    (y * x * 3, "3x·y"),
    (x * pi, "πx"),
    (2 * E * x, "2e·x"),
    (sqrt(2) * x, "√2·x"),
    ((-1) ** n * x, "(−1)^n·x"),
    (alpha * mu * x, "α·μ·x"),
    (2 * x * cos(x**2), "2x cos(x²)"),
    (sin(x) ** 2 * cos(x), "sin² x cos x"),
    (tan(x) * sin(x), "sin x tan x"),
    (x * exp(-x), "x·e^(−x)"),
    (exp(x) * sin(x) * x, "x·e^x · sin x"),
    ((a + b) * (b + 1), "(a + b)(b + 1)"),
    (x * (x + 1) * sin(x), "x·(x + 1) sin x"),
    (2**x * log(2), "2^x · ln 2"),
    (y * x ** (y - 1), "y·x^(y − 1)"),
    (n * x ** (n - 1), "n·x^(n − 1)"),
    (x**x * (log(x) + 1), "x^x·(1 + ln x)"),
    (x * Abs(y), "x·|y|"),
    # signs and quotients
    (-x, "−x"),
    (-2 * x, "−2x"),
    (-x * y, "−x·y"),
    (-sin(x), "−sin x"),
    (x / 2, "x/2"),
    (-x / 2, "−x/2"),
    (1 / x, "1/x"),
    (-1 / x**2, "−1/x²"),
    (1 / (2 * sqrt(x)), "1/(2√x)"),
    (a / b, "a/b"),
    (-a / (b * c), "−a/(b·c)"),
    (sin(x) / x, "sin(x)/x"),
    (x / sqrt(x**2 + 1), "x/√(x² + 1)"),
    ((x + 1) / (x - 1), "(x + 1)/(x − 1)"),
    (exp(-x) / (1 + exp(-x)) ** 2, "e^(−x)/(1 + e^(−x))²"),
    (exp(-((x - mu) ** 2) / (2 * alpha**2)), "e^(−(x − μ)²/(2α²))"),
    (x ** (-n), "x^(−n)"),
    (2 ** (-x), "2^(−x)"),
    (log(x) / log(10), "ln(x)/ln(10)"),
    (Mul(x, -2, evaluate=False), "−2x"),
    # powers and roots
    (x**2, "x²"),
    (x ** Rational(2, 3), "x^(2/3)"),
    (x ** Rational(-2, 3), "1/x^(2/3)"),
    (sqrt(x), "√x"),
    (1 / sqrt(1 - x**2), "1/√(1 − x²)"),
    (sign(x) * Abs(x) ** Rational(1, 3), "∛x"),
    (2 * sign(x) * Abs(x) ** Rational(1, 5) / y, "2 root(x, 5)/y"),
    (exp(1), "e"),
    (exp(2), "e²"),
    (x**x, "x^x"),
    # functions, conditions, vectors
    (Max(x, 0), "max(0, x)"),
    (Abs(x - y), "|x − y|"),
    (gamma(x) * polygamma(0, x), "Γ(x) · digamma(x)"),
    (polygamma(2, x), "polygamma(2, x)"),
    (besselj(0, x), "besselj(0, x)"),
    (binomial(n, 2), "binomial(n, 2)"),
    (floor(x), "⌊x⌋"),
    (factorial(n) / factorial(k), "n!/k!"),
    (erf(x).diff(x), "2e^(−x²)/√π"),
    (acosh(x).diff(x), "1/(√(x + 1)·√(x − 1))"),
    (1 / sqrt(2 * pi), "1/√(2π)"),
    (3 * sqrt(2) * x / (4 * sqrt(pi)), "3x/(2√(2π))"),
    (sqrt(2) / sqrt(pi), "√2/√π"),
    (-sqrt(6 * pi) * x, "−√(6π)·x"),
    (EulerGamma, "−digamma(1)"),
    (Heaviside(x), "heaviside(x)"),
    (Heaviside(x, 1), "{1 if x = 0 ∨ x > 0, 0 otherwise}"),
    (Piecewise((x, x > 0), (0, True)), "{x if x > 0, 0 otherwise}"),
    (Piecewise((x, x > 0), (-x, x < 0)), "{x if x > 0, −x if x < 0}"),
    (And(x > 0, y < 1), "x > 0 ∧ y < 1"),
    (Eq(x, y + 1), "x = y + 1"),
    (Sum(x**n / factorial(n), (n, 0, oo)), "sum(x^n/n!, n, 0, ∞)"),
    (Sum(a * b, (a, 1, n), (b, 1, n)), "sum(sum(a·b, a, 1, n), b, 1, n)"),
    (Integral(exp(-(t**2)), (t, -oo, x)), "integral(e^(−t²), t, −∞, x)"),
    (Matrix([[1, x], [0, -x / 2]]), "[[1, x], [0, −x/2]]"),
    (Matrix([x, y]), "[x, y]"),
    # functions about which nothing is known
    (f(x), "f(x)"),
    (f(x).diff(x), "f'(x)"),
    (f(x, y).diff(x, y, y), "∂₁∂₂²f(x, y)"),
    (f(g(x)).diff(x), "g'(x) · f'(g(x))"),
    (f(x**2).diff(x), "2x·f'(x²)"),
    # numbers
    (Integer(-3), "−3"),
    (Rational(-3, 2), "−3/2"),
    (Float("0.5"), "0.5"),
    (Float("1.2e-9") * x, "1.2×10⁻⁹·x"),
    (pi, "π"),
    (2 * E, "2e"),
    (-oo, "−∞"),
    (nan, "undefined"),
    (zoo, "undefined"),
    # as written
    (Mul(1, 2, evaluate=False), "1·2"),
    (Add(Mul(1, 2, evaluate=False), Mul(1, 3, evaluate=False), evaluate=False), "1·2 + 1·3"),
]


@pytest.mark.parametrize(("expr", "line"), ROWS, ids=[row[1] for row in ROWS])
def test_textbook_order(expr: Any, line: str) -> None:
    assert text(from_sympy(expr)) == line


def test_the_order_of_names_may_be_given() -> None:
    assert text(from_sympy(a + b + c, order=("c", "a"))) == "c + a + b"
    assert text(from_sympy(a * b * c, order=("c", "a"))) == "c·a·b"
    assert text(from_sympy(a * x**2 + b * x, order=("x",))) == "x²·a + x·b"


def test_minus_and_division_are_recognised_here() -> None:
    assert from_sympy(-x) == Apply("negate", (Name("x"),))
    assert from_sympy(1 - x) == Apply("subtract", (Number(1), Name("x")))
    assert from_sympy(x / y) == Apply("divide", (Name("x"), Name("y")))
    assert from_sympy(f(x).diff(x)) == Undefined("f", (Name("x"),), (1,))


def test_numbers_of_python_are_numbers() -> None:
    assert from_sympy(3) == Number(3)
    assert from_sympy(Fraction(1, 2)) == Number(Fraction(1, 2))


def test_what_has_no_form_in_print_is_an_error() -> None:
    for thing in (Derivative(floor(x), x), "x + 1", object(), sympy.Interval(0, 1)):
        with pytest.raises(SymgraphError, match="no form in print"):
            from_sympy(thing)


SMALL = st.sampled_from([x, y, n, Integer(2), Integer(-3), half, pi, Integer(1)])


def larger(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    two = st.tuples(parts, parts)
    return st.one_of(
        two.map(lambda pair: pair[0] + pair[1]),
        two.map(lambda pair: pair[0] * pair[1]),
        two.map(lambda pair: pair[0] - pair[1] / 3),
        st.tuples(parts, st.sampled_from([2, -1, -2, half, -half, Rational(2, 3)])).map(
            lambda pair: pair[0] ** pair[1]
        ),
        st.tuples(st.sampled_from([sin, exp, Abs, sympy.atan, sqrt, tanh]), parts).map(lambda pair: pair[0](pair[1])),
    )


@settings(max_examples=200)
@given(st.recursive(SMALL, larger, max_leaves=8))
def test_a_tree_is_what_it_was_read_from(expr: Any) -> None:
    if expr.has(zoo, nan, oo, sympy.re, sympy.im, I):
        return
    try:
        again = construct(from_sympy(expr))
    except (DomainError, LimitExceeded):
        assume(False)  # (−3)^(2/3) is no real number
        raise
    point = {x: Rational(13, 10), y: Rational(7, 10), n: 3}
    difference = (expr - again).subs(point).evalf(30)
    assert abs(difference) < 1e-12 or difference.has(zoo, nan), (expr, again)


# Size and order -----------------------------------------------------------------------------------------------------


def test_deep_and_shared_objects_are_no_trouble() -> None:
    deep, shared = x, x
    for _ in range(3_000):
        deep = sin(deep, evaluate=False)
    for _ in range(200):
        shared = Mul(sin(shared, evaluate=False), shared, evaluate=False)
    assert size(from_sympy(deep)) == 3_001
    assert size(from_sympy(shared)) > 10**50
    many = Add(*(Symbol(f"x_{place}") for place in range(2_000)))
    tree: Tree = from_sympy(many)
    assert isinstance(tree, Apply)
    assert tree.arguments[1] == Name("x_1999")


PRINT = """
from sympy import *
from symgraph.language.notation import from_sympy
from symgraph.explanation.typesetting import text
x, y, z, w, a, b = symbols("x y z w a b")
for expr in (sin(x)*cos(y)*exp(z) + a*b*w + log(x)/y, (x+y+z)*(a+b)*(x*y+1), Max(x, y, a, b), And(x > y, a < b, w > 1)):
    print(text(from_sympy(expr), ascii=True))
"""


def test_the_order_does_not_depend_on_the_hash_seed() -> None:
    found = set()
    for seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", PRINT], env=environment, capture_output=True, text=True, check=True
        )
        found.add(done.stdout)
    assert len(found) == 1
    assert found.pop().startswith("a*b*w + exp(z)*sin(x)*cos(y) + ln(x)/y\n")


# Numbers ------------------------------------------------------------------------------------------------------------

NUMBERS: list[tuple[Any, str]] = [
    (0, "0"),
    (-7, "−7"),
    (Fraction(1, 3), "1/3"),
    (Fraction(-22, 7), "−22/7"),
    (Fraction(999, 1000), "999/1000"),
    (Fraction(1, 1001), "0.000999001"),
    (Fraction(228313, 250000), "0.913252"),
    (Rational(5, 2), "5/2"),
    (0.1, "0.1"),
    (-0.5, "−0.5"),
    (5.0, "5"),
    (0.880797077977882, "0.880797"),
    (0.99999999, "1"),
    (123456.7, "123457"),
    (1234567.8, "1.23457×10⁶"),
    (999999.9, "10⁶"),
    (0.00012345, "0.00012345"),
    (0.000012345, "1.2345×10⁻⁵"),
    (1e20, "10²⁰"),
    (1e-300, "10⁻³⁰⁰"),
    (Float("-2.5e-9"), "−2.5×10⁻⁹"),
    (mpmath.mpf(2) / 3, "0.666667"),
    (mpmath.mpf(10) ** -3000, "10⁻³⁰⁰⁰"),
    (sqrt(2), "1.41421"),
    (pi, "3.14159"),
    (10**30, "1000000000000000000000000000000"),
    (3**200, "3²⁰⁰"),
    (-(3**200), "−3²⁰⁰"),
    (2**20_000, "2²⁰⁰⁰⁰"),
    (10**50, "10⁵⁰"),
    (10**50 + 1, "10⁵⁰"),
    (7**6_000 + 1, "3.87472×10⁵⁰⁷⁰"),
    (float("nan"), "undefined"),
    (float("inf"), "∞"),
    (-oo, "−∞"),
    (zoo, "undefined"),
    (I, "undefined"),
]


@pytest.mark.parametrize(("value", "line"), NUMBERS, ids=[row[1] for row in NUMBERS])
def test_a_number_as_it_is_shown(value: Any, line: str) -> None:
    assert text(number_tree(value)) == line


def test_fractions_as_decimals() -> None:
    assert text(number_tree(Fraction(1, 2), decimal=True)) == "0.5"
    assert text(number_tree(Fraction(1, 3), 3, decimal=True)) == "0.333"
    assert text(number_tree(Fraction(14, 25), decimal=True)) == "0.56"
    assert text(number_tree(7, decimal=True)) == "7"
    assert text(number_tree(Fraction(1, 10**6 + 3), exact=True)) == "1/1000003"


@given(st.fractions(max_denominator=10**9), st.integers(1, 12))
def test_the_value_of_the_tree_is_the_value_that_is_printed(value: Fraction, digits: int) -> None:
    tree = number_tree(value, digits)
    assert isinstance(tree, Number)
    printed = tree.text if "/" not in tree.text else str(Fraction(tree.text))
    assert tree.value == Fraction(printed)
    if value:
        assert abs(tree.value - value) <= abs(value) * Fraction(1, 10 ** (digits - 1)) / 2


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_printed_to_six_digits(value: float) -> None:
    tree = number_tree(value)
    assert isinstance(tree, Number)
    assert float(f"{value:.6g}") == pytest.approx(float(tree.value), rel=1e-15, abs=0)


def test_a_complex_number_is_no_real_number() -> None:
    assert number_tree(1 + I) == Text("undefined")
