"""Calculator and textbook notation: what is understood, what is noted, what is refused, and where the caret stands."""

from __future__ import annotations

import time

import pytest

from symgraph.errors import InputError, LimitExceeded, NameProblem, ReadingError, SymgraphError
from symgraph.limits import Limits
from symgraph.parsing.text import parse, parse_equation, parse_expression, parse_point


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2x", "2*x"),
        ("3(x+1)", "3*x + 3"),
        ("(x+1)(x-1)", "(x - 1)*(x + 1)"),
        ("2πr", "2*pi*r"),
        ("x²", "x**2"),
        ("√x", "sqrt(x)"),
        ("x·y", "x*y"),
        ("x×y", "x*y"),
        ("x÷2", "x/2"),
        ("x−1", "x - 1"),
        ("½x", "x/2"),
        ("|x|", "Abs(x)"),
        ("||x|-1|", "Abs(Abs(x) - 1)"),
        ("x_1 + x_2", "x_1 + x_2"),
        ("w₁₂", "w_12"),
        ("5!", "120"),
        ("0.1x", "x/10"),
        ("2e3x", "2000*x"),
        ("x^2^3", "x**8"),
        ("-x^2", "-x**2"),
        ("2^-x", "2**(-x)"),
        ("θ^2", "theta**2"),
        ("x**2", "x**2"),
        ("cos^3(2x)", "cos(2*x)**3"),
        ("{x^2 if x < 0, x otherwise}", "Piecewise((x**2, x < 0), (x, True))"),
        ("x1*x2", "x1*x2"),
        ("lambda*x", "lambda*x"),
    ],
)
def test_what_everybody_reads_one_way_is_read_without_a_note(text: str, means: str) -> None:
    program = parse(text)
    assert str(program.expr) == means
    assert program.readings == ()


@pytest.mark.parametrize(
    ("text", "means", "reading"),
    [
        ("sin 2x", "sin(2*x)", "sin(2·x)"),
        ("sin x cos x", "sin(x)*cos(x)", "sin(x)·cos(x)"),
        ("2 sin x cos 3x", "2*sin(x)*cos(3*x)", "2·sin(x)·cos(3·x)"),
        ("sin^2 x", "sin(x)**2", "sin(x)^2"),
        ("sin^-1 x", "asin(x)", "arcsin(x)"),
        ("log_2 x", "log(x)/log(2)", "log_2(x)"),
        ("e^-x", "exp(-x)", "Euler"),
        ("log(x)", "log(x)", "natural"),
        ("x^1/2", "x/2", "(x^1)/2"),
        ("e^2x", "x*exp(2)", "e^2·x"),
        ("xy", "x*y", "x·y"),
        ("f(x)", "f(x)", "nothing is known"),
    ],
)
def test_every_guess_is_reported(text: str, means: str, reading: str) -> None:
    program = parse(text)
    assert str(program.expr) == means
    assert any(reading in said for said in program.readings)


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("sin x/2", 1, "sin(x)/2 or sin(x/2)"),
        ("1/2x", 1, "(1/2)*x or 1/(2*x)"),
        ("1/(x+1)(x-1)", 1, "write the one you mean"),
        ("abc", 1, "a*b*c"),
        ("log(2,x)", 1, "write the one you mean"),
        ("3 4", 3, "*"),
        ("x'", 2, "differentiate"),
        ("45°", 3, "pi/180"),
        ("5 km", 3, "number"),
        ("sin", 1, "sin(x)"),
        ("(x", 1, "add )"),
        ("2 + x)", 6, "delete"),
        ("siin(x)", 1, "sin"),
        ("d/dx x^2", 1, "differentiate by"),
        ("x + \u0445", 5, "type the letter again"),
    ],
)
def test_what_is_unclear_is_refused_with_a_caret_and_a_hint(text: str, column: int, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    assert caught.value.column == column
    assert hint in caught.value.hint
    assert "^" in str(caught.value)


def test_declared_names_are_the_only_ones_and_are_never_split() -> None:
    assert str(parse("rate*t", inputs=("rate", "t")).expr) == "rate*t"
    assert str(parse("xy", inputs=("xy",)).expr) == "xy"
    with pytest.raises(NameProblem):
        parse("x + z", inputs=("x", "y"))
    assert str(parse("e + x", inputs=("e", "x")).expr) == "e + x"


def test_positions_are_those_of_the_line() -> None:
    with pytest.raises(ReadingError) as caught:
        parse("c = a + b\nd = (b + 1\ne = c*d")
    assert (caught.value.line, caught.value.column) == (2, 5)


def test_points_and_equations() -> None:
    point = parse_point("a=2, b=1/3, x=1e-3, t=pi/6")
    assert {name: str(value) for name, value in point.items()} == {"a": "2", "b": "1/3", "x": "1/1000", "t": "pi/6"}
    left, right = parse_equation("x^2 + y^2 = 25")
    assert (left, right) == (parse_expression("x^2 + y^2"), parse_expression("25"))
    for bad in ("a", "a=", "a=1,a=2", "=1", "a=x"):
        with pytest.raises(SymgraphError):
            parse_point(bad)


def test_limits_are_named_and_met_at_once() -> None:
    started = time.monotonic()
    for text, limit in [
        ("x" + " " * 3000 + "+ 1", "characters"),
        ("(" * 900 + "x" + ")" * 900, "depth"),
        ("1" * 60 + "x", "digits"),
        ("x + 9**9**9**9", "bits"),
        ("x^99999", "exponent"),
        ("x + 3000!", "factorial"),
        ("x*12^(10000000/10000001)", "bits"),
    ]:
        with pytest.raises(LimitExceeded) as caught:
            parse(text)
        assert caught.value.limit == limit, text
    with pytest.raises(LimitExceeded):
        parse_expression("(" * 10_000 + "x" + ")" * 10_000, limits=Limits(characters=50_000))
    assert time.monotonic() - started < 5
    assert parse("x" + "+x" * 1500, limits=Limits(characters=50_000, tokens=50_000)).inputs == ("x",)
