"""Trees to SymPy: what is built, what is left as written, and every guard that sees the real arguments."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest
import sympy
from sympy import (
    Derivative,
    E,
    Expr,
    Function,
    Integral,
    Matrix,
    Piecewise,
    Rational,
    Subs,
    Sum,
    Symbol,
    cos,
    exp,
    log,
    pi,
    sin,
    sqrt,
    symbols,
    tanh,
)

from symgraph.errors import DomainError, LimitExceeded, SymgraphError, TooLargeToShow
from symgraph.language.constructors import as_written, check_numbers, construct, span_of
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Apply, Constant, Name, Number, Text, Tree, Undefined
from symgraph.limits import Limits
from symgraph.parsing import text as door
from symgraph.parsing.text import parse_expression

x, y, k, n, t = symbols("x y k n t")


def read(text: str) -> Tree:
    """A tree as it is written, without the checks of the door: the constructors' own are what is tested here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door, "check_numbers", lambda *given, **limits: None)
        return door.parse_expression(text, declared=("f(x)", "g(x)"))


def power(base: Tree, exponent: Tree) -> Apply:
    return Apply("power", (base, exponent))


def test_names_are_plain_symbols_or_what_they_stand_for() -> None:
    tree = read("x*y + x")
    assert construct(tree) == x * y + x
    assert all(not symbol.assumptions0.get("real") for symbol in construct(tree).free_symbols)
    assert construct(tree, {"x": Rational(1, 2)}) == y / 2 + Rational(1, 2)
    mine = Symbol("x", positive=True)
    assert construct(tree, {"x": mine}) == mine * y + mine


def test_constants() -> None:
    assert construct(Constant("pi")) == pi
    assert construct(Constant("e")) == E
    assert construct(read("integral(e^(-t), t, 0, infinity)")) == Integral(exp(-t), (t, 0, sympy.oo))


def test_nothing_is_worked_out_as_written() -> None:
    assert str(as_written(read("1*2 + 1*3"))) == "1*2 + 1*3"
    assert as_written(read("x - x")) != 0
    assert str(as_written(read("(x-1)^2/(x-1)"))) == "(x - 1)**2/(x - 1)"
    assert str(as_written(read("2*(x+1)"))) == "2*(x + 1)"
    assert as_written(read("sin(0)")) == sin(0, evaluate=False)
    with pytest.raises(LimitExceeded):
        as_written(power(Number(9), power(Number(9), Number(9))))


def test_a_shared_piece_is_built_once() -> None:
    tree: Tree = Name("x")
    for _ in range(200):
        tree = Apply("add", (Apply("multiply", (tree, Number(1))), tree))
    assert construct(tree) == 2**200 * x


def test_a_deep_tree_needs_no_recursion() -> None:
    tree: Tree = Name("x")
    for _ in range(5_000):
        tree = Apply("negate", (Apply("negate", (tree,)),))
    assert construct(tree) == x


def test_what_sympy_cannot_hold_is_said() -> None:
    tree: Tree = Name("x")
    for _ in range(2_000):
        tree = Apply("square_root", (Apply("add", (tree, Number(1))),))
    with pytest.raises(TooLargeToShow, match="more deeply than SymPy can hold"):
        construct(tree)
    number: Tree = Number(2)
    for _ in range(2_000):
        number = Apply("square_root", (Apply("add", (number, Number(1))),))
    with pytest.raises(TooLargeToShow):
        check_numbers(number)


def test_a_chain_of_functions_is_built_however_long() -> None:
    tree: Tree = Name("x")
    for _ in range(1_000):
        tree = Apply("hyperbolic_tangent", (tree,))
    built, links = construct(tree), 0
    while built != x:
        built, links = built.args[0], links + 1
    assert links == 1_000


def test_what_is_only_printed_cannot_be_computed() -> None:
    with pytest.raises(SymgraphError, match="printed only"):
        construct(Text("undefined"))


def test_every_row_is_built_from_names() -> None:
    letters = [Name(each) for each in ("x", "y", "z", "w")]
    for row in PRIMITIVES.values():
        if row.name in ("sum", "product", "integral"):
            arguments: tuple[Tree, ...] = (Name("x"), Name("k"), Number(1), Name("n"))
        elif row.name == "piecewise":
            arguments = (Name("x"), Apply("less", (Name("x"), Name("y"))), Name("y"))
        elif row.name in ("and", "or", "not"):
            arguments = tuple(Apply("less", (letter, Number(1))) for letter in letters[: row.arity[0]])
        elif row.name in ("matrix", "transpose", "matrix_multiply"):
            shape = Apply("vector", (Name("x"),)) if row.name == "matrix" else read("[[1, 2], [3, 4]]")
            arguments = (shape,) * row.arity[0]
        else:
            arguments = tuple(letters[: max(1, row.arity[0])])
        for build in (construct, as_written):
            assert isinstance(build(Apply(row.name, arguments)), sympy.Basic | Matrix), row.name


# unknown functions and bound names ------------------------------------------------------------------------------------


def test_derivatives_of_unknown_functions() -> None:
    f = Function("f")
    assert construct(Undefined("f", (Name("x"), Name("y")), (1, 0))) == Derivative(f(x, y), x)
    assert construct(Undefined("f", (Name("x"), Name("y")), (1, 2))) == Derivative(f(x, y), x, (y, 2))
    slope = construct(Undefined("f", (read("2x"),), (1,)))
    assert isinstance(slope, Subs)
    assert slope.subs(f, sympy.Lambda(t, t**3)).doit() == 12 * x**2


def test_a_bound_name_is_not_the_name_outside() -> None:
    tree = read("k + sum(k*x, k, 1, 3)")
    assert construct(tree, {"k": sympy.Integer(7)}) == 7 + Sum(k * x, (k, 1, 3))


def test_a_value_is_not_caught_by_a_sum() -> None:
    built = construct(read("sum(k*x, k, 1, 3)"), {"x": k + 1})
    assert built.doit() == 6 * (k + 1)
    inside = construct(read("integral(sum(k*t, k, 1, 2), t, 0, x)"), {"x": t})
    assert inside.doit() == 3 * t**2 / 2


# no value -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("1/0", "y/0", "0/(1-1)", "1/(x-x)", "0^-2", "0^0", "ln(0)", "ln(1-1)", "tan(pi/2)", "cot(0)", "gamma(-3)"),
        *("digamma(0)", "sqrt(-4)", "(-8)^(1/3)", "(-1)^0.5", "ln(-2)", "ln(ln(1/2))", "log(3, 1)", "atanh(1)"),
        *("1/sin(pi)", "root(-16, 4)", "Ci(0)", "factorial(-1)", "x^(1/0)", "max(1/0, 2)", "{1/0 if x<0, 1 otherwise}"),
    ],
)
def test_no_value_is_an_error_and_never_a_symbol(text: str) -> None:
    with pytest.raises(DomainError) as caught:
        construct(read(text))
    assert caught.value.args


def test_an_error_knows_where_its_piece_stands() -> None:
    tree = Apply("add", (Name("x"), Apply("divide", (Number(1), Number(0)), (4, 7))), (0, 7))
    with pytest.raises(DomainError) as caught:
        construct(tree)
    assert span_of(caught.value) == (4, 7)
    big = Apply("add", (Name("x"), Apply("power", (Number(2), Number(10**6)), (4, 9))), (0, 9))
    with pytest.raises(LimitExceeded) as exceeded:
        check_numbers(big)
    assert span_of(exceeded.value) == (4, 9)


# too large ------------------------------------------------------------------------------------------------------------

BOMBS: list[tuple[str, str]] = [
    ("9^9^9", "bits"),
    ("(((9^9)^9)^9)^9", "bits"),
    ("2^(10^9)", "bits"),
    ("2^-(10^9)", "bits"),
    ("(1 + 1/10^15)^(10^15)", "bits"),
    ("(3/7)^5000", "bits"),
    ("sqrt(2)^(10^9)", "bits"),
    ("(2sqrt(3))^(10^8)", "bits"),
    ("2^(10^9 + 1/2)", "bits"),
    ("2^(x + 10^9)", "bits"),
    ("(2x)^9000", "bits"),
    ("(x/3)^9000", "bits"),
    ("(2 pi x)^9999", "bits"),
    ("x^(10^18)", "exponent"),
    ("(x^9000)^9000", "exponent"),
    ("x^-20000", "exponent"),
    ("e^(10^9*ln(2))", "bits"),
    ("exp(x + 10^9*ln(2))", "bits"),
    ("exp(10^9*ln(2) + ln(3))", "bits"),
    ("factorial(10^6)", "factorial"),
    ("((6!)!)!", "factorial"),
    ("gamma(10^9)", "factorial"),
    ("gamma(10^9+1/2)", "factorial"),
    ("loggamma(10^7)", "factorial"),
    ("digamma(10^8)", "factorial"),
    ("polygamma(10^6, 1)", "factorial"),
    ("binomial(10^9, 5*10^8)", "factorial"),
    ("binomial(1/2, 10^8)", "factorial"),
    ("sqrt(10^700+1)", "root_bits"),
    ("(10^700+1)^(1/3)", "root_bits"),
    ("cbrt(10^700+1)", "root_bits"),
    ("root(10^700+1, 5)", "root_bits"),
    ("sin(e^(e^(e^100)))", "bits"),
    ("floor(e^(10^9))", "bits"),
    ("e^(e^(e^(e^100)))", "bits"),
    ("ln(2^(10^8))", "bits"),
    ("abs(e^(e^(10^6)) - 1)", "bits"),
]


@pytest.mark.parametrize(("text", "limit"), BOMBS, ids=[text for text, _ in BOMBS])
def test_a_number_is_bounded_before_it_is_computed(text: str, limit: str) -> None:
    tree = read(text)
    began = time.process_time()
    with pytest.raises(LimitExceeded) as caught:
        construct(tree)
    assert caught.value.limit == limit
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("170!*x", sympy.factorial(170) * x),
        ("x^9999", x**9999),
        ("(x+1)^5000", (x + 1) ** 5000),
        ("exp(10^12)", exp(10**12)),
        ("sin(10^40)", sin(sympy.Integer(10) ** 40)),
        ("2^4000*y", 2**4000 * y),
        ("sqrt(10^600)", sympy.Integer(10) ** 300),
        ("cbrt(10^600)", sympy.Integer(10) ** 200),
        ("2^(1/10^30)", sympy.Integer(2) ** Rational(1, 10**30)),
        ("pi^20", pi**20),
        ("e^(ln(2)*10)", sympy.Integer(1024)),
        ("binomial(10^9, 10^9-2)", sympy.binomial(10**9, 2)),
        ("floor(1000*pi)", sympy.Integer(3141)),
    ],
)
def test_what_is_bounded_is_built(text: str, expected: Expr) -> None:
    assert construct(parse_expression(text)) == expected


def test_a_trusted_caller_moves_the_limits() -> None:
    tree = power(Number(2), Number(10_000))
    with pytest.raises(LimitExceeded):
        construct(tree)
    assert construct(tree, limits=Limits(bits=20_000)) == 2**10_000


def test_numbers_grow_no_longer_through_a_program_than_through_a_text() -> None:
    value: Any = sympy.Integer(3)
    square = Apply("multiply", (Name("c"), Name("c")))
    with pytest.raises(LimitExceeded):
        for _ in range(40):
            value = construct(square, {"c": value})


# what SymPy would take forever over -----------------------------------------------------------------------------------


def _denested(p: int, q: int) -> str:
    return f"sqrt({p + q}+2*sqrt({p * q}))-sqrt({p})-sqrt({q})"


HIDDEN_ZERO = "+".join(_denested(p, q) for p, q in [(2, 3), (5, 7), (11, 13), (17, 19), (23, 29), (31, 37)])


@pytest.mark.parametrize(
    "text",
    [
        *("tanh(" * 30 + "x" + ")" * 30, "sinh(cosh(" * 20 + "x" + "))" * 20, "sin(sinh(" * 20 + "x" + "))" * 20),
        *("sin(" * 30 + "sinh(x)" + ")" * 30, "sinh(" + "sin(" * 30 + "x" + ")" * 31),
        "3^(2^(r^(" * 8 + "x" + ")))" * 8,
        *("heaviside(x^2000+1)", "abs(e^(x^2000))", "sqrt((x^300+y^300)^300)", "abs(r^(-32^(r^1089)))"),
        "1/(1+tanh(" * 15 + "x" + "))" * 15,
        "sqrt(1+csch(" * 15 + "x" + "))" * 15,
        "0*" + "tanh(" * 20 + "x" + ")" * 20,
        "{1 if " * 12 + "x" + " < y, x otherwise}" * 12,
        "{1 if {x if x<0, -x otherwise} < 1, sin({x if x<1, 2 otherwise}) otherwise}",
        "max(" * 8 + "x" + ", y+1, sin(x))" * 8,
        *(f"{head}({HIDDEN_ZERO})" for head in ("abs", "sin", "sign", "acosh", "floor", "heaviside", "ln", "cosh")),
        *(f"atan2({HIDDEN_ZERO}, x)", f"max({HIDDEN_ZERO}, 0)", f"sin(pi*({HIDDEN_ZERO}))", f"1/({HIDDEN_ZERO})"),
        f"{{1 if {HIDDEN_ZERO} < 0, 2 otherwise}}",
        "besselj(2, lambertw(asec(Ci(erf(floor(gamma(sec(acosh(atan2(x, 1+x))))))))))",
    ],
    ids=lambda text: text[:40],
)
def test_what_sympy_would_take_forever_over(text: str) -> None:
    tree = parse_expression(text)
    began = time.process_time()
    with contextlib.suppress(SymgraphError):
        construct(tree)
    assert time.process_time() - began < 2


def test_hiding_changes_nothing() -> None:
    """Where SymPy itself is quick, what is built behind hidden names is what SymPy builds."""
    deep = tanh(sympy.sinh(x))
    for text, expected in (
        ("sqrt(tanh(sinh(x))^2)", sqrt(deep**2)),
        ("-sin(-tanh(sinh(x)))", sin(deep)),
        ("exp(ln(tanh(sinh(x))))", deep),
        ("(2tanh(sinh(x)))^3", 8 * deep**3),
        ("cos(sin(cos(x)) - sin(cos(x)))", sympy.Integer(1)),
        ("tanh(sinh(x))/tanh(sinh(x))", sympy.Integer(1)),
        ("ln(exp(sin(cos(x))))", log(exp(sin(cos(x))))),
        ("1/(1+e^(-tanh(sinh(x))))", 1 / (1 + exp(-deep))),
    ):
        assert construct(parse_expression(text)) == expected, text


def test_conditions_stay_as_they_are_written() -> None:
    built = construct(parse_expression("{x if x < 1, y otherwise}"))
    assert built == Piecewise((x, x < 1), (y, True))
    assert construct(parse_expression("{x if 1 < 2, y otherwise}")) == x
    assert construct(parse_expression("{x if 2 < 1, y otherwise}")) == y
    assert construct(parse_expression("{x if x < x, y otherwise}")) == y


def test_cases_inside_a_condition_are_written_out() -> None:
    built = construct(parse_expression("{1 if {x if x<0, -x otherwise} < -1, 0 otherwise}"))
    assert not any(condition.has(Piecewise) for _, condition in built.args)
    for value in (-2, Rational(-1, 2), 0, 3):
        expected = 1 if (value if value < 0 else -value) < -1 else 0
        assert built.subs(x, value) == expected
    combined = "+".join(f"{{x if x<{number}, 1 otherwise}}" for number in range(10))
    with pytest.raises(LimitExceeded):
        construct(parse_expression(f"{{1 if {combined} < 0, 0 otherwise}}"))
