r"""LaTeX through the same grammar: what SymPy, Word, MathQuill and textbooks write, and what is refused."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sympy
from sympy import (
    Expr,
    Function,
    Integral,
    Matrix,
    Max,
    Piecewise,
    Product,
    Rational,
    Sum,
    Symbol,
    acos,
    asinh,
    atan,
    atan2,
    binomial,
    cos,
    erf,
    exp,
    factorial,
    floor,
    gamma,
    log,
    pi,
    root,
    sin,
    sqrt,
    symbols,
    tan,
)

from symgraph.errors import NameProblem, ReadingError
from symgraph.language.constructors import construct
from symgraph.language.tree import Apply, Name
from symgraph.parsing import latex
from symgraph.parsing.text import is_latex, parse

a, b, k, n, r, t, x, y = symbols("a b k n r t x y")
theta, mu, sigma = symbols("theta mu sigma")

READ: list[tuple[str, Expr]] = [
    (r"\frac{x-2}{x+2}", (x - 2) / (x + 2)),
    (r"\frac{2}{3}y^3", 2 * y**3 / 3),
    (r"\frac34 y", 3 * y / 4),
    (r"\frac ab", a / b),
    (r"\frac{1}{x} \frac{1}{y}", 1 / (x * y)),
    (r"\tfrac12", Rational(1, 2)),
    (r"\frac\pi4", pi / 4),
    (r"x^{3n}", x ** (3 * n)),
    (r"x^2y", x**2 * y),
    (r"x^\frac12", sqrt(x)),
    (r"\sqrt{y+1}", sqrt(y + 1)),
    (r"\sqrt3 x", sqrt(3) * x),
    (r"\sqrt[4]{x}", root(x, 4)),
    (r"\sqrt[n]{x}", x ** (1 / n)),
    (r"\cos y", cos(y)),
    (r"\cos^2 y", cos(y) ** 2),
    (r"\cos^{3}\theta", cos(theta) ** 3),
    (r"\cos^{-1}(y)", acos(y)),
    (r"\sinh^{-1} y", asinh(y)),
    (r"3\sin y\cos y", 3 * sin(y) * cos(y)),
    (r"\sin\frac{x}{2}", sin(x / 2)),
    (r"\cos\frac{\pi}{2}t", cos(pi * t / 2)),
    (r"\ln\left(x+1\right)", log(x + 1)),
    (r"\ln{x}", log(x)),
    (r"\log_3 y", log(y) / log(3)),
    (r"\log_{10}\left(y\right)", log(y) / log(10)),
    (r"\tan^{-1}\left(\frac{y}{3}\right)", atan(y / 3)),
    (r"\operatorname{arctan}(y)", atan(y)),
    (r"\operatorname{arsinh} y", asinh(y)),
    (r"\exp\left(-\frac{(x-\mu)^2}{2\sigma^2}\right)", exp(-((x - mu) ** 2) / (2 * sigma**2))),
    (r"\mathrm{e}^{-t}", exp(-t)),
    (r"e^{2x}\sin x", exp(2 * x) * sin(x)),
    (r"\left|y-1\right|", abs(y - 1)),
    (r"\lvert y\rvert^2", abs(y) ** 2),
    (r"|x||y|", abs(x) * abs(y)),
    (r"3\times y\cdot x", 3 * x * y),
    (r"y\div 2", y / 2),
    (r"\pi r^3", pi * r**3),
    (r"2\pi\sqrt{\frac{r}{g}}", 2 * pi * sqrt(r / Symbol("g"))),
    (r"\theta_{1}^{2}", Symbol("theta_1") ** 2),
    (r"x_{\text{max}} + x_{max}", 2 * Symbol("x_max")),
    (r"w_{12} w_1", Symbol("w_12") * Symbol("w_1")),
    (r"\rho_{c_0}", Symbol("rho_c0")),
    (r"\varphi + \phi", Symbol("varphi") + Symbol("phi")),
    (r"\bar{x} + \vec{v}", Symbol("x_bar") + Symbol("v")),
    (r"\mathrm{mass}\, a", Symbol("mass") * a),
    (r"\gamma(y+1)", Symbol("gamma") * (y + 1)),
    (r"\Gamma(y+1)", gamma(y + 1)),
    (r"\Gamma^2\left(y\right)", gamma(y) ** 2),
    (r"\left\lfloor{y}\right\rfloor", floor(y)),
    (r"\max\left(x, y\right)", Max(x, y)),
    (r"{\binom{n}{k}}", binomial(n, k)),
    (r"\left(y + 1\right)!", factorial(y + 1)),
    (r"\operatorname{atan}_{2}{\left(y,x \right)}", atan2(y, x)),
    (r"f{\left(x \right)}", Function("f")(x)),
    (r"\left\{x+1\right\}", x + 1),
    (r"\displaystyle \; x \quad y\,", x * y),
    (r"\(x^3\)", x**3),
    (r"\[\frac{x}{4}\]", x / 4),
    (r"$x^2$", x**2),
    (r"$$\frac{1}{x}$$", 1 / x),
    (
        r"\begin{cases} y^2 & \text{if } y < 0 \\ y & \text{otherwise} \end{cases}",
        Piecewise((y**2, y < 0), (y, True)),
    ),
    (
        r"\begin{cases} y & y < 0, \\ 2y & y \geq 0. \end{cases}".replace("0.", "0"),
        Piecewise((y, y < 0), (2 * y, y >= 0), evaluate=False),
    ),
    (
        r"\left\{\begin{array}{ll} y & \text{for } y > 1 \\ 1 & \text{else}\end{array}\right.",
        Piecewise((y, y > 1), (1, True)),
    ),
    (r"\sum_{k=1}^{n} k^{2}", Sum(k**2, (k, 1, n))),
    (r"\prod_{k=1}^{3} (x+k)", Product(x + k, (k, 1, 3))),
    (r"\int_{0}^{x} t^{2}\, dt", Integral(t**2, (t, 0, x))),
    (r"\int_0^\infty e^{-xt} \mathrm{d}t", Integral(exp(-x * t), (t, 0, sympy.oo))),
    (r"\int_1^x \frac{1}{t} dt + x", Integral(1 / t, (t, 1, x)) + x),
]


# Letters that are functions where the problem has no such name, and what stands upright anywhere.
LETTERED = [
    (r"\sigma(x)", 1 / (1 + exp(-x))),
    (r"\psi(x)", sympy.digamma(x)),
    (r"\psi^{(3)}(x)", sympy.polygamma(3, x)),
    (r"W(x)", sympy.LambertW(x)),
    (r"J_{2}(x)", sympy.besselj(2, x)),
    (r"K_y(x)", sympy.besselk(y, x)),
    (r"\operatorname{I}_{y+1}(x)", sympy.besseli(y + 1, x)),
    (r"\operatorname{Y}_0\left(x\right)", sympy.bessely(0, x)),
    (r"\operatorname{W}(x)", sympy.LambertW(x)),
    (r"\operatorname{ln\Gamma}(x)", sympy.loggamma(x)),
    (r"\ln\Gamma(x)", log(gamma(x))),
]


@pytest.mark.parametrize(("text", "expected"), LETTERED, ids=[text for text, _ in LETTERED])
def test_a_letter_is_a_function_where_it_is_no_name(text: str, expected: Expr) -> None:
    assert latex.parse(text, inputs=("x", "y")).expr == expected


def test_a_letter_that_is_a_name_is_no_function() -> None:
    assert latex.parse(r"\sigma(x)", inputs=("x", "sigma")).expr == sigma * x
    assert latex.parse("J_0(x)", inputs=("x", "J_0")).expr == Symbol("J_0") * x
    assert latex.parse(r"\sigma(x) = x^2; y = \sigma(3x)", of="y").expr == 9 * x**2
    assert latex.parse(r"A^{\mathsf{T}}", inputs=("A",)).assignments[0].tree == Apply("transpose", (Name("A"),))


@pytest.mark.parametrize(("text", "expected"), READ, ids=[text for text, _ in READ])
def test_reads(text: str, expected: Expr) -> None:
    assert latex.parse(text).expr == expected


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        (r"\sin 2\theta \cos x", r"read \sin 2\theta \cos x as sin(2·theta)·cos(x)"),
        (r"\tan^{-1}(y)", r"read \tan^{-1}(y) as arctan(y)"),
        (r"\log y", r"read log as the natural logarithm, ln"),
        (r"\sum_{k=1}^n k + 1", r"read \sum_{k=1}^n k as sum(k, k, 1, n)"),
        (r"\sigma(y)", r"read \sigma as the sigmoid function"),
        (r"2\sigma + \sigma(y)", r"read \sigma(y) as sigma·y"),
        (r"\psi^{(2)}(y)", r"read \psi as the polygamma function"),
        (r"\operatorname{H}(y)", r"read \operatorname{H} as the step function"),
        (r"W(y)", r"read W(y) as W·y"),
        (r"\psi(y)", r"read \psi as a function about which nothing is known"),
        (r"\text{speed}\, t", r"read \text{speed} as the name speed"),
        (r"ab", "read ab as a·b"),
        (r"\mathrm{e}y", "read e as Euler's number"),
    ],
)
def test_every_guess_is_reported(text: str, reading: str) -> None:
    readings = latex.parse(text).readings
    assert any(each.replace("\\log", "log") == reading for each in readings), readings


# text, column of the caret, a part of the message, a part of the hint
REFUSED = [
    (r"\foo{x}", 1, r"unknown command: \foo", ""),
    (r"\arctn x", 1, r"unknown command: \arctn", r"did you mean \arctan?"),
    (r"x\y", 2, r"unknown command: \y", ""),
    (r"\input{x}", 1, r"unknown command: \input", "only formulas are read"),
    (r"\def\a{\a\a}\a", 1, r"unknown command: \def", "only formulas are read"),
    (r"\operatorname{foo}(x)", 1, "unknown function: foo", "did you mean"),
    (r"\text{the rest}", 1, "words are not read", "formulas"),
    (r"\frac{x}{", 9, "a bracket is not closed: {", "add }"),
    (r"\frac{x}", 8, "a command without its argument", "{…}"),
    (r"\sqrt", 1, "the root of what?", r"\sqrt{x}"),
    (r"\sqrt34", 6, "its first digit", "{…}"),
    (r"y^34", 2, "in LaTeX this is ^3 and then 4", "^{34}"),
    (r"2\frac{1}{3}", 2, "a mixed number", "3 + 1/2"),
    (r"\frac{d}{dt} t^2", 1, "a derivative is not read", "what to differentiate by"),
    (r"\frac{dy}{dx}", 1, "a derivative is not read", "what to differentiate by"),
    (r"1 + \frac{\partial f}{\partial x}", 5, "a derivative is not read", "what to differentiate by"),
    (r"f'(x)\cdot 2", 2, "a prime", "what to differentiate by"),
    (r"x^{\prime}", 4, r"\prime is a derivative", "the function itself"),
    (r"x^2\, dx", 7, "dx is not read", "leave it out"),
    (r"x^2\, \mathrm{d}x", 7, "is not read", "leave it out"),
    (r"\int x\, dx", 1, r"\int needs both ends", r"\int_{…}^{…}"),
    (r"\int_0^1 x", 1, r"\int by what?", "end it with dx"),
    (r"\sum_{k}^{n} k", 1, r"\sum over what?", r"\sum_{k=1}^{n}"),
    (r"\lim_{x\to 0} x", 1, r"\lim is not read", ""),
    (r"x \pm 1", 3, r"\pm is two expressions", "one with +"),
    (r"90^\circ", 4, r"\circ is not read", "radians"),
    (r"1 + \dots", 5, r"\dots is not read", "every term"),
    (r"\left(x", 1, "a bracket is not closed: (", "add )"),
    (r"\left(x\right]", 8, "( (column 1) is closed by ]", "write )"),
    (r"\begin{cases}x\end{cases}", 1, "a value without a condition", ""),
    (r"\begin{cases}x & x<0", 1, "a bracket is not closed: {", ""),
    (r"\begin{tabular}x\end{tabular}", 1, "tabular is not read", "cases and matrix"),
    (r"\end{cases}", 1, r"\end{cases} closes nothing", r"\begin{cases}"),
    (r"x & \pi", 3, "& is not read here", "cases and matrices"),
    (r"x_{i,j} \cdot 2", 2, "a subscript is letters and digits", "w_{12}"),
    (r"\frac{1}{2}x_", 13, "a subscript is missing", "x_{1}"),
    (r"0{,}5\pi", 2, "a decimal comma", "0.5"),
    (r"\sin x/2", 1, "sin without brackets", "sin(x)/2 or sin(x/2)?"),
    (r"1/2x\cdot y", 1, "two ways", "1/(2*x)"),
    (r"\begin{pmatrix}1&2\end{pmatrix}\begin{pmatrix}1\\2\end{pmatrix}", 32, "which product", "@"),
]


@pytest.mark.parametrize(("text", "column", "message", "hint"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refuses_with_a_caret_and_a_hint(text: str, column: int, message: str, hint: str) -> None:
    with pytest.raises((ReadingError, NameProblem)) as caught:
        latex.parse(text)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.column == column


def test_statements() -> None:
    for text in (
        r"c = a+b \\ d = b^{2} \\ e = c\cdot d",
        r"\begin{aligned} c &= a+b \\ d &= b^{2} \\ e &= c d \end{aligned}",
        "c = a + b\nd = b^{2}\ne = c \\cdot d",
    ):
        program = latex.parse(text)
        assert (program.inputs, program.outputs) == (("a", "b"), ("e",))
        assert program.expr == (a + b) * b**2
    assert latex.parse("\\frac{x}{2}\n+ y").expr == x / 2 + y


def test_definitions() -> None:
    for text in (r"f(x) = x^{2}", r"f\left(x\right) = x^{2}", r"f{\left(x \right)} = x^{2}"):
        program = latex.parse(text)
        assert (program.inputs, program.outputs, program.expr) == (("x",), ("f",), x**2)


def test_matrices() -> None:
    expected = Matrix([[1, x], [3, 4]])
    for text in (
        r"\begin{pmatrix}1 & x\\3 & 4\end{pmatrix}",
        r"\left[\begin{matrix}1 & x\\3 & 4\end{matrix}\right]",
        r"\left(\begin{array}{cc}1 & x\\3 & 4\\\end{array}\right)",
        r"[\begin{smallmatrix}1 & x\\3 & 4\end{smallmatrix}]",
    ):
        assert construct(latex.parse_expression(text)) == expected
    assert construct(latex.parse_expression(r"\begin{bmatrix}1\\x\end{bmatrix}")) == Matrix([1, x])
    for transposed in (r"A^\top", r"A^{\top}"):
        assert construct(latex.parse_expression(transposed), {"A": expected}) == expected.T


def test_text_hands_on_what_has_a_backslash() -> None:
    assert is_latex(r"\pi")
    assert not is_latex("x^2")
    assert not is_latex("${x")
    assert parse(r"\frac{x}{2}").expr == x / 2
    assert latex.parse("x^{2}").expr == x**2


def _formulas(seed: int) -> Any:
    """A random SymPy expression of elementary functions, real on part of the line."""
    draw = random.Random(seed)
    names = [x, y, a, Symbol("x_1"), theta, Symbol("lambda"), Symbol("mass")]
    heads: list[Any] = [sin, cos, tan, exp, log, sqrt, sympy.sinh, sympy.cosh, sympy.tanh, acos, atan, asinh]
    heads += [sympy.sec, sympy.csc, sympy.cot, sympy.acot, sympy.asec, erf, gamma, floor, sympy.Abs, factorial]

    def formula(depth: int) -> Any:
        if depth == 0:
            return draw.choice([*names, *names, Rational(draw.randint(-9, 9), draw.choice([1, 1, 2, 7])), pi, sympy.E])
        kind = draw.random()
        if kind < 0.3:
            return formula(depth - 1) + formula(depth - 1)
        if kind < 0.5:
            return formula(depth - 1) * formula(depth - 1)
        if kind < 0.6:
            return formula(depth - 1) / (1 + formula(depth - 1) ** 2)
        if kind < 0.7:
            return formula(depth - 1) ** draw.choice([2, 3, -1, -2, Rational(1, 2), Rational(-3, 4)])
        if kind < 0.75:
            return sympy.exp(draw.choice(names)) ** draw.choice(names)
        return draw.choice(heads)(formula(depth - 1))

    return formula(3)


@pytest.mark.parametrize("block", range(8))
def test_what_sympy_writes_is_read_back(block: int) -> None:
    names = ["x", "y", "a", "x_1", "theta", "lambda", "mass"]
    compared = 0
    for seed in range(50 * block, 50 * block + 50):
        expr = _formulas(seed)
        complex_or_infinite = (sympy.zoo, sympy.nan, sympy.oo, sympy.I, sympy.re, sympy.im)
        negative_base = any(p.base.is_negative for p in expr.atoms(sympy.Pow) if p.exp.is_Rational and p.exp.q > 1)
        if expr.has(*complex_or_infinite) or negative_base or expr.has(sympy.AccumBounds):
            continue
        read = construct(latex.parse_expression(sympy.latex(expr), inputs=names))
        # SymPy multiplies 2·(x + 1) out as it builds it, inside a denominator too
        assert read == expr or sympy.expand(sympy.numer(sympy.together(read - expr))) == 0, sympy.latex(expr)
        compared += 1
    assert compared >= 30
