"""Between which numbers an expression lies: never too narrow, and no less decided than SymPy decides."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pytest
import sympy
from hypothesis import given
from hypothesis.strategies import SearchStrategy, builds, fractions, just, one_of, recursive, sampled_from, tuples
from sympy import Eq, Ge, Gt, Le, Lt, Ne, Rational

from symgraph.calculus.balls import evaluate
from symgraph.errors import SymgraphError
from symgraph.explanation.explainer import explain
from symgraph.language.constructors import construct
from symgraph.language.ranges import decided, range_of
from symgraph.language.tree import Apply, Name, Number, Tree

X, Y = sympy.symbols("x y", real=True)
FUNCTIONS: list[Callable[[Any], Any]] = [
    sympy.sin, sympy.cos, sympy.exp, sympy.log, sympy.sqrt, sympy.Abs, sympy.atan, sympy.tanh, sympy.cosh, sympy.acos,
    sympy.sign, sympy.asin, sympy.sinh, sympy.acosh, lambda u: u**2, lambda u: u**3, lambda u: 1 / u, lambda u: u**-2,
    lambda u: u ** Rational(3, 2), lambda u: 2**u,
]  # fmt: skip
NEAR = 1e-9


def made(chance: random.Random, depth: int) -> Any:
    """A random expression of real names."""
    if not depth:
        return chance.choice([X, X, Y, sympy.pi, Rational(chance.randint(-5, 5), chance.randint(1, 4))])
    kind = chance.random()
    if kind < 0.5:
        return chance.choice(FUNCTIONS)(made(chance, depth - 1))
    left, right = made(chance, depth - 1), made(chance, chance.randint(0, depth - 1))
    return (
        left + chance.randint(-4, 4) * right if kind < 0.75 else left * right if kind < 0.9 else sympy.Max(left, right)
    )


def value(expression: Any, at: tuple[float, float]) -> float:
    """Its value in floating point, each operation on real numbers; an error where one has none."""
    parts = [value(part, at) for part in expression.args]
    if expression in (X, Y):
        return at[expression == Y]
    if isinstance(expression, sympy.Pow):
        return math.pow(*parts)
    if isinstance(expression, sympy.Add | sympy.Mul):
        return math.fsum(parts) if isinstance(expression, sympy.Add) else math.prod(parts)
    if not parts:
        return float(expression)
    names = {"Abs": "fabs"}
    own: dict[str, Any] = {"sign": lambda u: (u > 0) - (u < 0), "Max": max}
    name = type(expression).__name__
    return float(own[name](*parts)) if name in own else float(getattr(math, names.get(name, name))(*parts))


@pytest.mark.parametrize("seed", range(150))
def test_no_value_lies_outside(seed: int) -> None:
    chance = random.Random(seed)
    expression = made(chance, chance.randint(1, 3))
    between = range_of(expression)
    if between is None or expression.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I):
        return
    for _ in range(40):
        try:
            found = value(expression, (chance.uniform(-4, 4), chance.uniform(-4, 4)))
        except (ValueError, OverflowError, ZeroDivisionError):
            continue
        room = NEAR * (1 + abs(found))
        assert between.low - room <= found <= between.high + room, (expression, between)


def trees() -> SearchStrategy[Tree]:
    numbers = fractions(-4, 4, max_denominator=3).map(Number)
    leaves: SearchStrategy[Tree] = one_of(just(Name("x")), just(Name("y")), numbers)
    unary = sampled_from(
        ["negate", "absolute_value", "square_root", "exponential", "sine", "inverse_tangent", "hyperbolic_cosine",
         "hyperbolic_secant", "sigmoid", "relu", "softplus", "inverse_cosine"]
    )  # fmt: skip
    binary = sampled_from(["add", "subtract", "multiply", "divide", "maximum", "minimum"])
    whole = sampled_from([Number(each) for each in (-3, -2, -1, 2, 3, 4)])

    def larger(inner: SearchStrategy[Tree]) -> SearchStrategy[Tree]:
        return one_of(
            builds(lambda name, u: Apply(name, (u,)), unary, inner),
            builds(lambda name, u, v: Apply(name, (u, v)), binary, inner, inner),
            builds(lambda u, n: Apply("power", (u, n)), inner, whole),
        )

    return recursive(leaves, larger, max_leaves=6)


places = tuples(fractions(-3, 3, max_denominator=4), fractions(-3, 3, max_denominator=4))


@given(trees(), places)
def test_no_value_of_a_formula_lies_outside(tree: Tree, place: tuple[object, object]) -> None:
    found = evaluate(tree, dict(zip("xy", place, strict=True)))
    try:
        between = range_of(construct(tree))
    except SymgraphError:
        return
    if not found.real or between is None:
        return
    near: Any = float(found.digits(20)) if found.exact is None else found.exact
    room = 0 if found.exact is not None else 1e-9 * max(1.0, abs(near))
    assert between.low - room <= near <= between.high + room
    assert not (between.leaves_out(0) and found.exact == 0)


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (X**2 + 2 * X + 3, "[2, ∞)"),
        (5 - X**2 + 2 * X - Y**2, "(−∞, 6]"),
        (sympy.cos(X) * (2 + sympy.sin(Y)), "[-3, 3]"),
        (1 / (1 + sympy.exp(-X)), "(0, 1)"),
        (1 - 1 / (1 + X**2), "[0, 1)"),
        (sympy.log(1 + sympy.sqrt(X)), "[0, ∞)"),
        (sympy.exp(-(X**2)), "(0, 1]"),
        (sympy.Min(X**2, 3), "[0, 3]"),
        (sympy.tanh(X**2), "[0, 1)"),
        (X**-3, "(−∞, ∞)"),
        ((2 + sympy.cos(X)) ** -2, "[1/9, 1]"),
        (((X**2 + 10**200) ** 60 + 1) ** 64, "[0, ∞)"),
        (sympy.exp(sympy.exp(X**2 + 1000)), "(1, ∞)"),
        (sympy.gamma(X), "None"),
        (X**Y, "None"),
    ],
)
def test_ranges(expression: Any, written: str) -> None:
    assert str(range_of(expression)) == written


@pytest.mark.parametrize(
    ("comparison", "expression", "number", "holds"),
    [
        (Ne, 4 + sympy.cos(X), 0, True),
        (Gt, X**4 - X + 1, 0, True),
        (Lt, -(X**6) + X - 1, 0, True),
        (Gt, X**4 - X, 0, None),
        (Gt, X**3 + 100, 0, None),
        (Ge, sympy.sqrt(X), -1, True),
        (Le, sympy.sqrt(X), 1, None),
        (Ne, 1 / X, 0, True),
        (Eq, 3 / (5 - 4 * X) ** 3, 0, False),
        (Ne, (X**3 + 9) ** 2, 0, None),
        (Gt, sympy.exp(X), 0, True),
        (Ne, X**2 + X * Y + Y**2 + 1, 0, True),
        (Ge, X**2 - 2 * X * Y + Y**2, 0, True),
        (Gt, X**2 - 2 * X * Y + Y**2, 0, None),
        (Lt, 2 * X * Y - X**2 - 2 * Y**2 + 2 * Y - 2, 0, True),
        (Gt, X**2 - 2 * X * Y + 2 * Y**2 - 2 * Y + 1, 0, None),
        (Ne, X**2 + 3 * X * Y + Y**2 + 1, 0, None),
        (Gt, X**2 + X * Y + 1, 0, None),
        (Gt, X**2 + Y + X * Y**2 + 1, 0, None),
        (Ge, -(X**2), 0, None),
        (Gt, -(X**2), 0, False),
        (Gt, sympy.gamma(X**2 + 1), 0, True),  # SymPy knows
        (Gt, 2 * Y**2 + sympy.sin(2), 0, True),  # the same: sin 2 is a number
        (Gt, sympy.sqrt(2) - Rational(141421, 100000), 0, True),
    ],
)
def test_comparisons(comparison: Any, expression: Any, number: int, holds: bool | None) -> None:
    found = decided(comparison, expression, number)
    if holds is None:
        assert isinstance(found, comparison) and found.args == (expression, number)
    else:
        assert found == holds


def test_what_always_holds_is_not_told() -> None:
    for text in (
        "1/(4 + cos(x))",
        "ln(x^2 + 2x + 3)",
        "sqrt(2 - sin(x))",
        "1/(x^4 - x + 1)",
        "(x^2 + x + 1)^(x + 2)",
        "1/(x^2 + x*y + y^2 + 1)",
    ):
        assert "only where" not in explain(text).render("txt"), text
    assert "only where 0 ≤ x ≤ 1." in " ".join(explain("arcsin(sqrt(x))").render("txt").split())
