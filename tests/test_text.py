"""Calculator notation: what is read, what is reported, what is refused, and where the caret stands.

The expected formulas are written in SymPy, by hand: an oracle that knows nothing of the parser.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from sympy import (
    E,
    Expr,
    Function,
    Integral,
    Matrix,
    Max,
    Min,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    acos,
    asin,
    asinh,
    atan,
    atan2,
    ceiling,
    cos,
    exp,
    factorial,
    floor,
    gamma,
    log,
    pi,
    root,
    sec,
    sin,
    sinh,
    sqrt,
    symbols,
    tan,
    tanh,
)

from benchmarks.measure import calls
from symgraph.errors import DomainError, LimitExceeded, NameProblem, ProgramError, ReadingError, SymgraphError
from symgraph.language.constructors import construct
from symgraph.language.tree import Apply, Name, Number, Undefined
from symgraph.limits import Limits
from symgraph.parsing import signs, words
from symgraph.parsing.echo import echo
from symgraph.parsing.text import (
    check_name,
    parse,
    parse_condition,
    parse_equation,
    parse_expression,
    parse_point,
)

a, b, k, n, r, t, u, w, x, y, z = symbols("a b k n r t u w x y z")
theta, lam, sigma, omega, beta = symbols("theta lambda sigma omega beta")
f, g = Function("f"), Function("g")

READ: list[tuple[str, Expr]] = [
    # numbers
    ("17", sympy.Integer(17)),
    ("0.125", Rational(1, 8)),
    (".75x", 3 * x / 4),
    ("4.", sympy.Integer(4)),
    ("3e4", sympy.Integer(30000)),
    ("1.5e2x", 150 * x),
    ("½x", x / 2),
    ("⅔", Rational(2, 3)),
    ("３．５", Rational(7, 2)),
    # sums, products, powers, signs
    ("x+y-3", x + y - 3),
    ("a - (b - x)", a - b + x),
    ("5x^3 - 4x + 7", 5 * x**3 - 4 * x + 7),
    ("x^-3", x**-3),
    ("-x^4", -(x**4)),
    ("(-x)^4", (-x) ** 4),
    ("2^-x", 2**-x),
    ("3^2^x", 3 ** (2**x)),
    ("x**3**2", x**9),
    ("a/b/x", a / (b * x)),
    ("a/b*x", a * x / b),
    ("x*-y", -x * y),
    ("y--2", y + 2),
    ("+x", x),
    ("x×y÷a", x * y / a),
    ("x·y∙a⋅b", a * b * x * y),
    ("x − y – a", x - y - a),
    ("(x+2)!", factorial(x + 2)),
    ("2n!", 2 * factorial(n)),
    # implied products
    ("4(y+1)", 4 * (y + 1)),
    ("(x+1)(y-2)(a+3)", (x + 1) * (y - 2) * (a + 3)),
    ("x y", x * y),
    ("x y^2 a", a * x * y**2),
    ("x^3y", x**3 * y),
    ("3a(b-1)", 3 * a * (b - 1)),
    ("[x+1]^3", (x + 1) ** 3),
    ("{x+1}^3", (x + 1) ** 3),
    ("2πr", 2 * pi * r),
    ("λe^(-λt)", lam * exp(-lam * t)),
    ("σθ", sigma * theta),
    ("(1/3)y^2", y**2 / 3),
    # functions
    ("cos(x^2)", cos(x**2)),
    ("5tan(y)", 5 * tan(y)),
    ("x^2cos(x)", x**2 * cos(x)),
    ("cos(x)sin(y)", cos(x) * sin(y)),
    ("sin(x)^3", sin(x) ** 3),
    ("sec(x)(x+1)", sec(x) * (x + 1)),
    ("arcsin(x)", asin(x)),
    ("acos(x/2)", acos(x / 2)),
    ("arctan2(y, x)", atan2(y, x)),
    ("arsinh(x)", asinh(x)),
    ("sh(x)", sinh(x)),
    ("max(x, y, 2)", Max(x, y, 2)),
    ("min(x,-x)", Min(x, -x)),
    ("ceil(x/2)", ceiling(x / 2)),
    ("root(x,4)", root(x, 4)),
    ("√(x+2)", sqrt(x + 2)),
    ("3√y", 3 * sqrt(y)),
    ("√√y", root(y, 4)),
    ("⌊x/2⌋ + ⌈y⌉", floor(x / 2) + ceiling(y)),
    ("lg(x)", log(x) / log(10)),
    ("log_3(x)", log(x) / log(3)),
    ("log_{a}(x)", log(x) / log(a)),
    ("log₅(x)", log(x) / log(5)),
    ("gamma*x", Symbol("gamma") * x),
    ("β+1", beta + 1),
    # absolute values
    ("|x-2|", abs(x - 2)),
    ("3|y|x", 3 * x * abs(y)),
    ("|a||b|", abs(a) * abs(b)),
    ("|a|b|x|", b * abs(a) * abs(x)),
    ("||y|-2|", abs(abs(y) - 2)),
    ("x|x|", x * abs(x)),
    ("|x|^2/|y|", abs(x) ** 2 / abs(y)),
    ("|(x+1)(y-1)|", abs((x + 1) * (y - 1))),
    # superscripts, subscripts, other letters
    ("y⁴ − 2y³", y**4 - 2 * y**3),
    ("x⁻²", x**-2),
    ("2ⁿ", 2**n),
    ("x⁽²ⁿ⁺¹⁾", x ** (2 * n + 1)),
    ("x₁ + x₁₂", Symbol("x_1") + Symbol("x_12")),
    ("w_ij a_prev", Symbol("w_ij") * Symbol("a_prev")),
    ("x_{12}^2", Symbol("x_12") ** 2),
    ("x1*h2", Symbol("x1") * Symbol("h2")),
    ("theta1 + ω", Symbol("theta1") + omega),
    ("𝑥² + 𝜃", x**2 + theta),
    ("ｘ＋２", x + 2),
    ("ϵ + ϕ", Symbol("epsilon") + Symbol("phi")),
    # cases, sums, integrals
    ("{x^3 if x < 0, x otherwise}", Piecewise((x**3, x < 0), (x, True))),
    ("{1, x<0; 2, x>=0}", Piecewise((1, x < 0), (2, x >= 0), evaluate=False)),
    ("piecewise(x, x > y, y)", Piecewise((x, x > y), (y, True))),
    ("Piecewise((x, x < 1), (2, True))", Piecewise((x, x < 1), (2, True))),
    (
        "{1 when 0 ≤ x < 1, 0 else}",
        Piecewise((1, sympy.And(sympy.Le(0, x, evaluate=False), x < 1, evaluate=False)), (0, True), evaluate=False),
    ),
    ("{1 if not x = 0, 0 otherwise}", Piecewise((1, sympy.Ne(x, 0)), (0, True))),
    ("sum(k^2, k, 1, n)", Sum(k**2, (k, 1, n))),
    ("Sum(k*x, (k, 1, 3))", Sum(k * x, (k, 1, 3))),
    ("integral(sin(t), t, 0, x)", Integral(sin(t), (t, 0, x))),
    ("int(1/t^2, t, x, ∞)", Integral(t**-2, (t, x, sympy.oo))),
    ("sum(x, y, 3)", x + y + 3),
    ("mean(x, y)", (x + y) / 2),
    # unknown functions
    ("f(x)", f(x)),
    ("x f(g(x))", x * f(g(x))),
    ("f(x, y)^2", f(x, y) ** 2),
]


@pytest.mark.parametrize(("text", "expected"), READ, ids=[text for text, _ in READ])
def test_reads(text: str, expected: Expr) -> None:
    assert parse(text).expr == expected


@pytest.mark.parametrize(("text", "expected"), READ, ids=[text for text, _ in READ])
def test_what_is_echoed_is_read_back_as_the_same_formula(text: str, expected: Expr) -> None:
    tree = parse_expression(text)
    again = parse_expression(echo(tree, times="*"), declared=("f(x)", "g(x)"))
    assert construct(again) == construct(tree)


GUESSED: list[tuple[str, Expr, str]] = [
    ("sin 3x", sin(3 * x), "read sin 3x as sin(3·x)"),
    ("sin y cos y", sin(y) * cos(y), "read sin y cos y as sin(y)·cos(y)"),
    ("cos pi y", cos(pi * y), "read cos pi y as cos(pi·y)"),
    ("cos -x", cos(x), "read cos -x as cos(-x)"),
    ("sin 2*x", sin(2) * x, "read sin 2*x as sin(2)·x"),
    ("tan y^2", tan(y**2), "read tan y^2 as tan(y^2)"),
    ("xcosx", x * cos(x), "read xcosx as x·cos(x)"),
    ("sinxcosx", sin(x) * cos(x), "read sinxcosx as sin(x)·cos(x)"),
    ("sinhx", sinh(x), "read sinhx as sinh(x)"),
    ("lnlnx", log(log(x)), "read lnlnx as ln(ln(x))"),
    ("cos4x", cos(4 * x), "read cos4x as cos(4·x)"),
    ("exp -x", exp(-x), "read exp -x as e^(-x)"),
    ("√3 x", sqrt(3) * x, "read √3 x as sqrt(3)·x"),
    ("√(x+1)²", x + 1, "read √(x+1)² as sqrt(x + 1)^2"),
    ("sin^2 x tan x", sin(x) ** 2 * tan(x), "read sin^2 x tan x as sin(x)^2·tan(x)"),
    ("cos^-1(x)", acos(x), "read cos^-1(x) as arccos(x)"),
    ("sinh⁻¹ x", asinh(x), "read sinh⁻¹ x as arsinh(x)"),
    ("cos^-2(x)", cos(x) ** -2, "read cos^-2(x) as cos(x)^(-2)"),
    ("log(y)", log(y), "read log as the natural logarithm, ln"),
    ("log(y, 3)", log(y) / log(3), "read log(y, 3) as the logarithm of y to base 3"),
    ("e^3y", exp(3) * y, "read e^3y as e^3·y"),
    ("2^3y", 8 * y, "read 2^3y as 2^3·y"),
    ("y^1/3", y / 3, "read y^1/3 as (y^1)/3, not y^(1/3)"),
    ("2e-5", 2 * E - 5, "read 2e-5 as 2·e - 5, not as a power of ten"),
    ("6.6e-3*y", Rational(33, 5000) * y, "read 6.6e-3 as 6.6·10^-3"),
    ("1e-3*y", y / 1000, "read 1e-3 as 1·10^-3"),
    ("y/1e−3", 1000 * y, "read 1e−3 as 1·10^-3"),
    ("y*2e-3", y / 500, "read 2e-3 as 2·10^-3"),
    ("1e-3y", E - 3 * y, "read 1e-3 as 1·e - 3, not as a power of ten"),
    ("uw", u * w, "read uw as u·w"),
    ("x^2 + 2xyz + z^2", x**2 + 2 * x * y * z + z**2, "read xyz as x·y·z"),
    ("arsin(2y)", Symbol("a") * r * sin(2 * y), "read arsin as a·r·sin"),
    ("abk + a + b + k", a * b * k + a + b + k, "read abk as a·b·k"),
    ("(y+1)4", 4 * (y + 1), "read (y+1)4 as (y + 1)·4"),
    ("y¼", y / 4, "read y¼ as y·(1/4)"),
    ("y(x)", x * y, "read y(x) as y·x"),
    ("sigma(x+1)", sigma * (x + 1), "read sigma(x+1) as sigma·(x + 1)"),
    ("COS(x)", cos(x), "read COS as cos"),
    ("Cos[x]", cos(x), "read Cos[x] as cos(x)"),
    ("Pi x", pi * x, "read Pi as pi"),
    ("root(4, x)", root(x, 4), "read root(4, x) as root(x, 4)"),
    ("2 e y", 2 * sympy.E * y, "read e as Euler's number"),
    ("E y", Symbol("E") * y, "read E as a name, not as Euler's number"),
    ("I y", Symbol("I") * y, "read I as a name, not as the imaginary unit"),
    ("gamma(y)", gamma(y), "read gamma as the gamma function"),
    ("f(y)", f(y), "read f as a function about which nothing is known"),
    ("y + y2", y + Symbol("y2"), "read y2 as a name of its own, not as y^2 or 2·y"),
    ("gamma_*y", Symbol("gamma") * y, "read gamma_ as the name gamma"),
    ("rho_c_0", Symbol("rho_c0"), "read rho_c_0 as the name rho_c0"),
    ("%e^(2*y)", exp(2 * y), ""),
]


@pytest.mark.parametrize(("text", "expected", "reading"), GUESSED, ids=[text for text, _, _ in GUESSED])
def test_every_guess_is_reported(text: str, expected: Expr, reading: str) -> None:
    program = parse(text)
    assert program.expr == expected
    assert reading in program.readings or not reading


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 tan x + 1", 3 * tan(x) + 1),
        ("cos sin x", cos(sin(x))),
        ("ln |y|", log(abs(y))),
        ("cos^2 x", cos(x) ** 2),
        ("cos²y", cos(y) ** 2),
        ("log_3 y", log(y) / log(3)),
        ("e^x sin x - ln x", exp(x) * sin(x) - log(x)),
    ],
)
def test_what_nobody_reads_in_another_way_is_not_reported(text: str, expected: Expr) -> None:
    program = parse(text)
    assert program.expr == expected and program.readings == ()


@pytest.mark.parametrize("text", ["2x+1", "x^2/4", "(a+b)*(b+1)", "3(x+1)", "sin(x)/x", "x y", "|x|", "x_1^2", "x/2"])
def test_what_is_plain_is_not_remarked_upon(text: str) -> None:
    assert parse(text).readings == ()


# text, keyword arguments, column of the caret (from 1), a part of the message, a part of the hint
REFUSED: list[tuple[str, dict[str, object], int, str, str]] = [
    # where does it end?
    ("1/3x", {}, 1, "two ways", "(1/3)*x or 1/(3*x)?"),
    ("a/2 b", {}, 1, "two ways", "(a/2)*b or a/(2*b)?"),
    ("x + 1/(y+1)(y-1)", {}, 5, "two ways", "(1/(y + 1))*(y - 1) or 1/((y + 1)*(y - 1))?"),
    ("1/2 sin x", {}, 1, "two ways", "1/(2*sin(x))"),
    ("cos y/3", {}, 1, "cos without brackets", "cos(y)/3 or cos(y/3)?"),
    ("2 cos y(y+1)", {}, 3, "cos without brackets", "cos(y)*(y + 1) or cos(y*(y + 1))?"),
    ("√3y", {}, 1, "where does √ end?", "sqrt(3)"),
    ("√y²", {}, 1, "where does √ end?", "sqrt(y)"),
    ("log4x", {}, 1, "log(4x) or log_4(x)", "the one you mean"),
    ("log(3, x)", {}, 1, "log_3(x) or log_(x)(3)", "the one you mean"),
    ("acosx", {}, 1, "acos(x) or a*cos(x)", "the one you mean"),
    ("ln^-1(x)", {}, 1, "1/ln(x) or e^x", "the one you mean"),
    ("cos^y^2(x)", {}, 1, "a tower of powers", "(cos(x))^"),
    ("y!!", {}, 2, "double factorial", "(x!)!"),
    ("e3", {}, 1, "e^3 or 3*e", "the one you mean"),
    ("2.5e-3y", {}, 1, "a power of ten", "write *"),
    ("2e-3*y", {}, 1, "2e-3 could be a power of ten or 2*e - 3…", "2*10^(-3) or 2*e - 3"),
    ("2e+3/y", {}, 1, "2e+3 could be a power of ten or 2*e + 3…", "2*10^3 or 2*e + 3"),
    ("2½", {}, 2, "two numbers", "write *"),
    # numbers
    ("5 7", {}, 3, "two numbers", "write *"),
    ("1,5", {}, 2, "a comma inside a number", "1.5"),
    ("2,000y", {}, 2, "is it 2.000 or 2000?", "2000"),
    ("3.1.4", {}, 4, "two points", ""),
    ("2_500", {}, 2, "underscore", "without a separator"),
    ("y.^2", {}, 2, "a point before an operation", "write ^"),
    ("1 + ...", {}, 5, "dots are not read", "every term"),
    # names
    ("uvw", {}, 1, "u*v*w or one name", "u*v*w"),
    ("speed*t", {}, 1, "or one name", "declare speed"),
    ("uv_1", {}, 1, "uv_1", "declare"),
    ("sine(x)", {}, 1, "unknown function: sine", "did you mean sin?"),
    ("arctg2(x)", {}, 1, "unknown function", "did you mean arctg?"),
    ("foo(x)", {"inputs": ("x",)}, 1, "unknown function: foo", ""),
    ("f(x)", {"inputs": ("x",)}, 1, "f is a function that this problem does not have", "its only name is x"),
    ("x+q", {"inputs": ("x", "y")}, 3, "q is not a name of this problem", "its names are x, y"),
    ("Y", {"inputs": ("y",)}, 1, "Y is not a name of this problem", "did you mean y?"),
    ("3x2", {"inputs": ("x",)}, 2, "x2 is not a name of this problem", "x^2, 2*x or x_2?"),
    ("omeg", {"inputs": ("omega",)}, 1, "omeg is not a name", "did you mean omega?"),
    ("E^t", {"inputs": ("t",)}, 1, "E is not a name", "Euler's number is e"),
    ("lambda: 1", {}, 7, ": is not read", ""),
    ("in + 1", {}, 1, "a word of programs", ""),
    ("sin + 1", {}, 1, "sin of what?", "sin(x)"),
    ("cos*n", {"inputs": ("n",)}, 1, "cos of what?", "cos(x)"),
    ("min x", {}, 1, "min needs brackets", "min(x, y)"),
    ("cos(x, y)", {}, 1, "cos takes one value, and gets 2", ""),
    ("atan2(y)", {}, 1, "atan2 takes 2 values, and gets 1", ""),
    # what is not an expression
    ("y = 2x + 1 = 3", {}, 12, "an equation, where an expression is wanted", ""),
    ("2x = 4", {}, 4, "an equation, where an expression is wanted", "one side"),
    ("x < 3", {}, 3, "a condition, where an expression is wanted", "{x if x < 0"),
    ("x and y", {}, 3, "and stands in conditions only", ""),
    ("x^3;", {}, 4, "a semicolon beside an expression", "delete it"),
    ("(x, y)", {}, 3, "a comma is not expected here", "[x, y]"),
    ("y[1]", {}, 2, "a component is not read like this", "y_1"),
    # derivatives, units, signs with a meaning of their own
    ("y'", {}, 2, "a prime", "what to differentiate by"),
    ("g′(x)", {}, 2, "a prime", "what to differentiate by"),
    ("d/dt t^2", {}, 1, "a derivative is not read", "what to differentiate by"),
    ("3 + dy/dx", {}, 5, "a derivative is not read", "what to differentiate by"),
    ("t^2 dt", {}, 5, "dt is not read", "leave it out"),
    ("sin 45°", {}, 7, "degrees are not read", "x*pi/180"),
    ("5 kg", {}, 3, "units are not read", "the number alone"),
    ("20%", {}, 3, "a percent sign", "5/100"),
    ("3 ± x", {}, 3, "two expressions", "one with +"),
    ("t squared", {}, 3, "squared is not read", "^2"),
    ("∞ - 1", {}, 1, "infinity is not a number", "the ends"),
    ("oo", {}, 1, "infinity is not a number", "the ends"),
    ("∑ k", {}, 1, "the sum sign", "sum(k^2, k, 1, n)"),
    ("x — y", {}, 3, "em dash", "write -"),
    ("f: x → 2x", {}, 2, ": is not read", ""),
    ("x // y", {}, 3, "// is not read", "floor(x/y)"),
    ("x := 2", {}, 3, ":= is not read", "="),
    # letters that only look right
    ("а + 1", {}, 1, "Cyrillic a looks like Latin a", "type the letter again"),
    ("x + ο", {}, 5, "Greek o looks like Latin o", "type the letter again"),
    ("x\u200b+1", {}, 2, "an invisible character (U+200B", "delete it"),
    ("\u202ex", {}, 1, "an invisible character (U+202E", "delete it"),
    ("x\u0301", {}, 2, "an accent", "without it"),
    ("৪x", {}, 1, "not one of the digits", "again"),
    ("x\x1b[2J", {}, 2, "an invisible character (U+001B", "delete it"),
    # brackets and operands
    ("", {}, 1, "nothing here", "(a+b)*(b+1)"),
    ("  \n ", {}, 1, "nothing here", ""),
    ("y - ", {}, 3, "something is missing after -", ""),
    ("y**", {}, 2, "something is missing after ^", ""),
    ("/y", {}, 1, "/ has nothing before it", ""),
    ("y*/3", {}, 3, "/ has nothing before it", ""),
    ("y + ()", {}, 5, "nothing in these brackets", ""),
    ("(y+(2)", {}, 1, "a bracket is not closed: (", "add )"),
    ("y)+1", {}, 2, "this ) closes nothing", ""),
    ("[y)", {}, 3, "[ (column 1) is closed by )", "write ]"),
    ("|y", {}, 1, "this | is not closed", "abs(x)"),
    ("y_", {}, 2, "a subscript is missing", "x_1"),
    ("y__z", {}, 2, "a subscript is missing", ""),
    ("_y", {}, 1, "_ has nothing before it", ""),
    ("log_{}(y)", {}, 4, "the base is missing", "log_2(x)"),
    ("sin_2(y)", {}, 1, "unknown function: sin_2", "did you mean sin?"),
    ("{y if y < 0, }", {}, 12, "something is missing after ,", ""),
    ("{y, 3}", {}, 6, "a condition is wanted here", ""),
    ("integral(t, 2, 0, 1)", {}, 1, "a formula, a name and two ends", "integral(k^2, k, 1, n)"),
]


@pytest.mark.parametrize(
    ("text", "given", "column", "message", "hint"),
    REFUSED,
    ids=[repr(row[0]) for row in REFUSED],
)
def test_refuses_with_a_caret_and_a_hint(
    text: str, given: dict[str, object], column: int, message: str, hint: str
) -> None:
    with pytest.raises((ReadingError, NameProblem)) as caught:
        parse(text, **given)  # type: ignore[arg-type]
    problem = caught.value
    assert message in problem.message
    assert hint in problem.hint
    assert problem.column == column
    shown = str(problem)
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_an_error_shows_the_line_and_points_at_the_column() -> None:
    with pytest.raises(ReadingError) as caught:
        parse("c = a+b\nd = 3*(c+")
    assert str(caught.value).splitlines() == [
        "a bracket is not closed: ( (line 2, column 7)",
        "  d = 3*(c+",
        "        ^",
        "hint: add ) where it ends",
    ]


# names ----------------------------------------------------------------------------------------------------------------


def test_letters_are_a_product_unless_they_are_declared() -> None:
    assert parse("xy", inputs=("x", "y")).expr == x * y
    assert parse("xyx", inputs=("x", "y")).expr == x**2 * y
    assert parse("mass*t", declared=("mass",)).expr == Symbol("mass") * t
    assert parse("2mass", inputs=("mass",)).expr == 2 * Symbol("mass")
    assert parse("ab", inputs=("a", "b", "ab")).expr == Symbol("ab")
    assert parse("speed = 3t; s = speed*t").expr == 3 * t**2
    for run in ("abk + a + b", "mass*t", "xxyz"):  # k stands nowhere alone, and no letter twice is a guess
        with pytest.raises(ReadingError, match="could be the product"):
            parse(run)


def test_a_comma_between_assignments_ends_a_statement() -> None:
    assert parse("x = t^2, y = t^3").outputs == ("x", "y")
    assert parse("c = a + b, d = b + 1; e = c*d").expr == (a + b) * (b + 1)
    for point in ("y = 2x, x = 3", "y = 2x, x > 0"):
        with pytest.raises(ReadingError, match="a comma is not expected"):
            parse(point)


def test_the_sine_of_other_languages() -> None:
    assert parse("sen x + arcsen(x)").expr == sin(x) + asin(x)
    assert parse("arcos(x)").expr == acos(x)


def test_declared_letters_that_could_be_a_function_are_an_error() -> None:
    assert parse("sinhx", inputs=("x",)).expr == sinh(x)
    with pytest.raises(ReadingError, match=r"sinh\(x\) or sin\(h\)"):
        parse("sinhx", inputs=("h", "x"))
    assert parse("acosx", inputs=("x",)).expr == acos(x)


@pytest.mark.parametrize(
    "name", ["lambda", "in", "None", "I", "S", "E", "N", "beta", "Sum", "e", "pi_1", "constructor"]
)
def test_a_declared_name_is_only_a_name(name: str) -> None:
    program = parse(f"{name}*x", inputs=(name, "x"))
    assert program.expr == Symbol(name) * x
    assert program.readings == ()


def test_e_is_a_number_until_it_is_a_name() -> None:
    assert parse("e^x").expr == exp(x)
    assert parse("e = 2; y = e^x", of="y").expr == 2**x
    assert parse("e^x", inputs=("e", "x")).expr == Symbol("e") ** x
    with pytest.raises(ReadingError, match="have the name e in it"):
        parse("c = 2e3; e = c")


def test_names_are_checked() -> None:
    assert check_name("θ₁") == "theta_1"
    assert check_name("w_12") == "w_12"
    for wrong in ("", "1x", "x y", "x;y", "x_", "x_{", "<b>x</b>", 'x" fill="url(a)', "x" * 31, "x_" + "1" * 11, "é"):
        with pytest.raises(NameProblem, match="cannot be a name"):
            check_name(wrong)
    with pytest.raises(NameProblem):
        parse("x", inputs=("x", "y z"))


def test_functions_and_constants_are_not_assigned() -> None:
    for text in ("sin = 2; y = sin*x", "pi = 3", "exp(x) = 1", "if = 2"):
        with pytest.raises(NameProblem):
            parse(text)


# statements -----------------------------------------------------------------------------------------------------------


def test_assignments_stand_on_lines_or_between_semicolons() -> None:
    for text in ("c = a+b\nd = b+1\ne = c*d", "c = a+b; d = b+1; e = c*d", "c = a+b;\r\n\r\nd = b+1\ne = c*d;"):
        program = parse(text)
        assert (program.inputs, program.outputs) == (("a", "b"), ("e",))
        assert program.expr == (a + b) * (b + 1)


def test_a_bracket_may_span_lines() -> None:
    assert parse("y = (x +\n  1)*2").expr == 2 * (x + 1)


def test_definitions() -> None:
    program = parse("f(x) = x^2 sin x")
    assert (program.inputs, program.outputs, program.expr) == (("x",), ("f",), x**2 * sin(x))
    assert parse("f(x, y) = x*y; z = f(2a, a+1)", of="z").expr == 2 * a * (a + 1)
    assert parse("f(x) = x + 1; f").outputs == ("",)


def test_unknown_functions_stand_before_a_bracket_and_never_alone() -> None:
    program = parse("z = f(x, y); x = g(t); y = h(t)")
    assert program.assignments[-1].tree == Undefined("f", (Name("x"), Name("y")))
    assert parse("f(x) + f").expr == Symbol("f") * x + Symbol("f")
    assert parse("total(t) + 1", declared=("height(t)",)).expr == t + 1
    assert parse("height(t) + 1", declared=("height(t)",)).expr == Function("height")(t) + 1
    assert parse_expression("φ(x)") == Undefined("phi", (Name("x"),))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("g(x) = g(x-1)*x", "g is defined by itself"),
        ("f(x) = g(x); g(x) = f(2x)", "is defined by itself"),
        ("f(x) = sum(k*x, k, 1, 3); y = f(2k)", "k is the name of a sum or an integral inside f"),
        ("f(k) = sum(k, k, 1, 3)", "k is a parameter and the name of a sum"),
        ("f(x, x) = 2", "a parameter stands here twice"),
    ],
)
def test_definitions_that_do_not_fit(text: str, message: str) -> None:
    with pytest.raises((ProgramError, ReadingError), match=message):
        parse(text)


def test_definitions_that_grow_without_end_are_refused() -> None:
    text = "f0(x) = x+1;" + ";".join(f"f{k}(x) = f{k - 1}(x+1)*f{k - 1}(2x)" for k in range(1, 40)) + "; y = f39(t)"
    with pytest.raises(LimitExceeded, match="with every function written out"):
        parse(text)
    chain = "f0(x) = x+1;" + ";".join(f"f{k}(x) = f{k - 1}(2x)" for k in range(1, 300)) + "; y = f299(t)"
    with pytest.raises(LimitExceeded, match="functions applied inside functions"):
        parse(chain)


# shapes ---------------------------------------------------------------------------------------------------------------


def test_vectors_and_matrices() -> None:
    assert construct(parse_expression("[x, 2]")) == Matrix([x, 2])
    for text in ("[[1, 2], [3, x]]", "[1, 2; 3, x]"):
        assert construct(parse_expression(text)) == Matrix([[1, 2], [3, x]])
    assert construct(parse_expression("[[1, 2], [3, 4]] @ [x, y]")) == Matrix([x + 2 * y, 3 * x + 4 * y])
    assert construct(parse_expression("[[1, 2]]ᵀ")) == Matrix([1, 2])
    assert parse_expression("[1; 2]") == parse_expression("[1, 2]")
    assert parse("W = [[1,2],[3,4]]; y = W^T").readings == ("read ^T as the transpose",)
    assert parse_expression("a^T") == Apply("power", (Name("a"), Name("T")))
    with pytest.raises(ReadingError, match="differ in length"):
        parse("[1, 2; 3]")
    with pytest.raises(ReadingError, match="which product"):
        parse("[1, 2][3, 4]")


# the other doors ------------------------------------------------------------------------------------------------------


def test_points_are_exact() -> None:
    point = parse_point("a=2, b = 1/3; x=1e-3\nt=pi/6, θ=-0.25, r=sqrt(2), w=2.5e+2")
    assert point == {
        "a": 2,
        "b": Rational(1, 3),
        "x": Rational(1, 1000),
        "t": pi / 6,
        "theta": Rational(-1, 4),
        "r": sqrt(2),
        "w": 250,
    }


@pytest.mark.parametrize("text", ["", "3", "a=b", "a=1, a=2", "a=1/0", "a=0,5", "f(x)=2", "a=10^10^10", "a==1", "a=1,"])
def test_points_are_made_of_values(text: str) -> None:
    if text == "a=1,":
        assert parse_point(text) == {"a": 1}
        return
    with pytest.raises(SymgraphError):
        parse_point(text)


def test_equations_have_two_sides() -> None:
    left, right = parse_equation("x^2 + x y = 25")
    assert (construct(left), construct(right)) == (x**2 + x * y, 25)
    left, right = parse_equation("y = 2x")
    assert (left, construct(right)) == (Name("y"), 2 * x)
    for wrong in ("x^2", "x = y = 2", "x =", "= 2"):
        with pytest.raises(ReadingError):
            parse_equation(wrong)


def test_conditions() -> None:
    assert parse_condition("a != n and 2 < a") == Apply(
        "and", (Apply("unequal", (Name("a"), Name("n"))), Apply("less", (Number(2), Name("a"))))
    )
    assert parse_condition("0 <= x < 1 or not (x > 2)").operator == "or"  # type: ignore[union-attr]
    assert parse_condition("a = 2") == parse_condition("a == 2")
    for wrong in ("a", "a <", "a < 1 and", "(a < 1", "a if b"):
        with pytest.raises(ReadingError):
            parse_condition(wrong)


def test_an_expression_is_one_side_and_one_statement() -> None:
    for wrong in ("y = x", "x; y", "x\ny"):
        with pytest.raises(ReadingError):
            parse_expression(wrong)


def test_a_lenient_reading_takes_the_nearer_end_and_says_so() -> None:
    program = parse("1/3x", lenient=True)
    assert (program.expr, program.readings) == (x / 3, ("read 1/3x as (1/3)*x, not 1/(3*x)",))
    program = parse("cos x/3", lenient=True)
    assert program.expr == cos(x) / 3
    assert "read cos x/3 as cos(x)/3, not cos(x/3)" in program.readings


def test_log_is_a_setting() -> None:
    assert parse("log(x)").expr == log(x)
    program = parse("log x", logarithm="decimal")
    assert program.expr == log(x) / log(10)
    assert "read log as the logarithm to base 10" in program.readings
    with pytest.raises(ReadingError, match="natural or decimal"):
        parse("log(x)", logarithm="binary")


def test_numbers_without_a_value_are_found_where_they_stand() -> None:
    with pytest.raises(DomainError, match="line 1, column 5"):
        parse("x + 1/(2-2)")
    with pytest.raises(DomainError, match="line 2, column 5"):
        parse("c = x\nd = ln(0)*c")


def test_a_text_must_be_text() -> None:
    with pytest.raises(ReadingError, match="text is wanted here, not a int"):
        parse(3)  # type: ignore[arg-type]


# the tables check themselves ------------------------------------------------------------------------------------------


def test_no_word_has_two_meanings() -> None:
    assert not words.UNITS & words.FUNCTIONS
    assert not words.CONDITION_WORDS & words.FUNCTIONS
    assert words.BARE <= words.FUNCTIONS
    assert not words.BARE & signs.GREEK_NAMES


def test_a_sign_means_one_thing() -> None:
    tables = (
        *(signs.GREEK, signs.LETTERS, signs.DIGITS, signs.OPERATORS, signs.SUPERSCRIPTS, signs.SUBSCRIPTS),
        *(signs.FRACTIONS, signs.ROOTS, signs.CONFUSABLES, dict.fromkeys(signs.SPACES | signs.IGNORED)),
    )
    seen: set[str] = set()
    for table in tables:
        assert not seen & set(table)
        seen |= set(table)


@pytest.mark.parametrize("letter", sorted(signs.CONFUSABLES))
def test_letters_that_look_like_others_are_refused_by_name(letter: str) -> None:
    with pytest.raises(ReadingError) as caught:
        parse(f"{letter}+1")
    assert signs.CONFUSABLES[letter].startswith(caught.value.message)
    assert caught.value.hint


@pytest.mark.parametrize(("letter", "name"), sorted(signs.GREEK.items()))
def test_greek_letters_are_their_names(letter: str, name: str) -> None:
    assert parse(f"{letter}*1").expr == (pi if name == "pi" else Symbol(name))


@pytest.mark.parametrize(("letter", "value"), sorted(signs.FRACTIONS.items()))
def test_fractions_in_one_sign(letter: str, value: Fraction) -> None:
    assert parse(letter).expr == Rational(value.numerator, value.denominator)


# time -----------------------------------------------------------------------------------------------------------------


def test_a_long_expression_is_read_with_few_calls_a_character() -> None:
    text = "+".join(f"x^{k % 9}*sin({k}x)" for k in range(150))[:1990].rpartition("+")[0]
    limits = Limits(tokens=2_000)
    assert calls(lambda: parse_expression(text, limits=limits)) < 36 * len(text)


def test_three_thousand_assignments_are_a_normal_program() -> None:
    text = "\n".join(["c0 = a + b", *(f"c{k} = c{k - 1}*a + sin(c{k - 1})" for k in range(1, 3000))])
    program = parse(text)
    assert (len(program.assignments), program.inputs, program.outputs) == (3000, ("a", "b"), ("c2999",))


def test_shapes_of_functions_are_read_the_same_everywhere() -> None:
    assert parse("tanh(x)").expr == tanh(x)
    assert parse("atan x").expr == atan(x)
