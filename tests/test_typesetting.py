"""Formulas in LaTeX, MathML, text and ASCII: what is written, that it compiles, fits, and reads back."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from shorthand import (
    F,
    a,
    ap,
    b,
    bar,
    c,
    cbrt,
    chain,
    constant,
    cos,
    d,
    e,
    exp,
    f,
    factors,
    k,
    live,
    ln,
    marked,
    mu,
    n,
    name,
    number,
    one,
    pi,
    rate,
    root,
    shown,
    sigma,
    sigmoid,
    sin,
    sqrt,
    t,
    tan,
    terms,
    two,
    u,
    unknown,
    v,
    word,
    x,
    y,
    z,
)

from symgraph.errors import DomainError, LimitExceeded, MissingPart, NameProblem, TooLargeToShow
from symgraph.explanation import letters, pens, sizes, typesetting
from symgraph.explanation.pens import LatexPen
from symgraph.explanation.shown import Factors, Marked, Terms
from symgraph.explanation.sizes import outline
from symgraph.explanation.typesetting import (
    latex,
    latex_of,
    mathml,
    mathml_of,
    mathml_pieces,
    text,
    text_lines,
    text_of,
)
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Apply, Constant, Name, Number, Rate, Tree, Undefined, names_in, postorder
from symgraph.parsing.latex import parse_expression as parse_latex_expression
from symgraph.parsing.text import parse_expression

# What is written ----------------------------------------------------------------------------------------------------

ROWS: list[tuple[F, str, str, str]] = [
    # a bracket after a function that is written without brackets would be its argument
    (sin(x) * (sin(x) * x), r"\sin(x)(\sin(x) \cdot x)", "sin(x)(sin(x) · x)", "sin(x)*(sin(x)*x)"),
    # names, numbers, constants
    (x, "x", "x", "x"),
    (name("alpha"), r"\alpha", "α", "alpha"),
    (name("Gamma"), r"\Gamma", "Γ", "Gamma"),
    (name("varepsilon"), r"\varepsilon", "varepsilon", "varepsilon"),
    (name("x_1"), "x_{1}", "x₁", "x_1"),
    (name("x1"), "x_{1}", "x₁", "x1"),
    (name("w12"), "w_{12}", "w₁₂", "w12"),
    (name("x_i"), "x_{i}", "x_i", "x_i"),
    (name("a_prev"), r"a_{\mathrm{prev}}", "a_prev", "a_prev"),
    (name("w1_prev"), r"w_{1,\mathrm{prev}}", "w₁_prev", "w1_prev"),
    (name("theta_max"), r"\theta_{\mathrm{max}}", "θ_max", "theta_max"),
    (name("price"), r"\mathrm{price}", "price", "price"),
    (name("x_alpha"), r"x_{\alpha}", "x_α", "x_alpha"),
    (number(3), "3", "3", "3"),
    (number(-3), "-3", "−3", "-3"),
    (number(Fraction(1, 2), "0.50"), "0.50", "0.50", "0.50"),
    (number(Fraction(1, 2), ".5"), "0.5", "0.5", "0.5"),
    (number(Fraction(3, 4)), r"\frac{3}{4}", "3/4", "3/4"),
    (number(Fraction(-3, 4)), r"-\frac{3}{4}", "−3/4", "-3/4"),
    (number(Fraction(1, 10**7), "1e-7"), "10^{-7}", "10⁻⁷", "1.0e-7"),
    (number(Fraction(123, 10**9), "1.23e-7"), r"1.23 \times 10^{-7}", "1.23×10⁻⁷", "1.23e-7"),
    (number(2000, "2e3"), r"2 \times 10^{3}", "2×10³", "2e3"),
    (constant("pi"), r"\pi", "π", "pi"),
    (constant("e"), "e", "e", "e"),
    (constant("infinity"), r"\infty", "∞", "infinity"),
    (word("undefined"), r"\text{undefined}", "undefined", "undefined"),
    # sums
    (a + b, "a + b", "a + b", "a + b"),
    (a - b, "a - b", "a − b", "a - b"),
    (a + b + c, "a + b + c", "a + b + c", "a + b + c"),
    (a - b - c, "a - b - c", "a − b − c", "a - b - c"),
    (a - (b + c), "a - (b + c)", "a − (b + c)", "a - (b + c)"),
    (a - (b - c), "a - (b - c)", "a − (b − c)", "a - (b - c)"),
    (a + (b + c), "a + (b + c)", "a + (b + c)", "a + (b + c)"),
    (a + (-b), "a - b", "a − b", "a + (-b)"),
    (a - (-b), "a - (-b)", "a − (−b)", "a - (-b)"),
    (a + -3, "a - 3", "a − 3", "a + (-3)"),
    (a - -3, "a - (-3)", "a − (−3)", "a - (-3)"),
    (-a + b, "-a + b", "−a + b", "-a + b"),
    (-(a + b), "-(a + b)", "−(a + b)", "-(a + b)"),
    (ap("negate", -a), "-(-a)", "−(−a)", "-(-a)"),
    (a + -3 * b, "a + (-3)b", "a + (−3)b", "a + (-3)*b"),
    (a - b * c, r"a - b \cdot c", "a − b·c", "a - b*c"),
    (2 * (a + b) - c, "2(a + b) - c", "2(a + b) − c", "2*(a + b) - c"),
    # products
    (1 * two, r"1 \cdot 2", "1·2", "1*2"),
    (two * 3, r"2 \cdot 3", "2·3", "2*3"),
    (two * -3, r"2 \cdot (-3)", "2·(−3)", "2*(-3)"),
    (number(-3) * two, r"(-3) \cdot 2", "(−3)·2", "-3*2"),
    (number(-3) * x, "-3x", "−3x", "-3*x"),
    (-(two * x), "-2x", "−2x", "-2*x"),
    (1 * d, r"1 \cdot d", "1·d", "1*d"),
    (d * c, r"d \cdot c", "d·c", "d*c"),
    (3 * x, "3x", "3x", "3*x"),
    (x * 3, r"x \cdot 3", "x·3", "x*3"),
    (2 * x * y, r"2x \cdot y", "2x·y", "2*x*y"),
    (x**2 * y, r"x^{2} \cdot y", "x²·y", "x^2*y"),
    (2 * name("price"), r"2 \cdot \mathrm{price}", "2·price", "2*price"),
    (pi * x**2, r"\pi x^{2}", "πx²", "pi*x^2"),
    (2 * pi * x, r"2\pi x", "2πx", "2*pi*x"),
    (two * sin(x), r"2 \sin x", "2 sin x", "2*sin(x)"),
    (x * sin(x), r"x \sin x", "x sin x", "x*sin(x)"),
    (sin(x) * x, r"\sin(x) \cdot x", "sin(x) · x", "sin(x)*x"),
    (sin(x) * cos(x), r"\sin x \cos x", "sin x cos x", "sin(x)*cos(x)"),
    (sin(x) * cos(x) * tan(x), r"\sin x \cos x \tan x", "sin x cos x tan x", "sin(x)*cos(x)*tan(x)"),
    (x * sin(x) * 2, r"x \sin(x) \cdot 2", "x sin(x) · 2", "x*sin(x)*2"),
    (2 * (x + 1), "2(x + 1)", "2(x + 1)", "2*(x + 1)"),
    (x * (x + 1), r"x \cdot (x + 1)", "x·(x + 1)", "x*(x + 1)"),
    ((x + 1) * x, r"(x + 1) \cdot x", "(x + 1)·x", "(x + 1)*x"),
    ((a + b) * (b + 1), "(a + b)(b + 1)", "(a + b)(b + 1)", "(a + b)*(b + 1)"),
    (x**2 * (x + 1), "x^{2}(x + 1)", "x²(x + 1)", "x^2*(x + 1)"),
    ((x + 1) * sin(x), r"(x + 1) \sin x", "(x + 1) sin x", "(x + 1)*sin(x)"),
    (a * (b * c), r"a \cdot (b \cdot c)", "a·(b·c)", "a*(b*c)"),
    (1 * (2 * x), r"1 \cdot 2x", "1·2x", "1*(2*x)"),
    (two * sqrt(x), r"2\sqrt{x}", "2√x", "2*sqrt(x)"),
    (x * sqrt(y), r"x\sqrt{y}", "x√y", "x*sqrt(y)"),
    (sqrt(x) * y, r"\sqrt{x}y", "√x·y", "sqrt(x)*y"),
    (two * bar(x), r"2\left|x\right|", "2·|x|", "2*abs(x)"),
    (x * exp(x), "xe^{x}", "x·e^x", "x*exp(x)"),
    (two * exp(x), "2e^{x}", "2e^x", "2*exp(x)"),
    (exp(x) * sin(x), r"e^{x} \sin x", "e^x · sin x", "exp(x)*sin(x)"),
    (
        sigmoid(z) * (1 - sigmoid(z)),
        r"\sigma(z)(1 - \sigma(z))",
        "sigmoid(z)(1 − sigmoid(z))",
        "sigmoid(z)*(1 - sigmoid(z))",
    ),
    (2 * 3**two, r"2 \cdot 3^{2}", "2·3²", "2*3^2"),
    (a * -b, r"a \cdot (-b)", "a·(−b)", "a*(-b)"),
    ((-a) * b, r"-a \cdot b", "−a·b", "(-a)*b"),
    (-(a * b), r"-a \cdot b", "−a·b", "-a*b"),
    (2 * f(x), "2f(x)", "2f(x)", "2*f(x)"),
    (x * f(x), r"x \cdot f(x)", "x·f(x)", "x*f(x)"),
    (number(Fraction(1, 2)) * x, r"\frac{1}{2}x", "(1/2)·x", "(1/2)*x"),
    ((a / b) * c, r"\frac{a}{b} \cdot c", "(a/b)·c", "(a/b)*c"),
    (2 * (x / y), r"2 \cdot \frac{x}{y}", "2(x/y)", "2*(x/y)"),
    # quotients
    (a / b, r"\frac{a}{b}", "a/b", "a/b"),
    (1 / x, r"\frac{1}{x}", "1/x", "1/x"),
    ((a + b) / (c + d), r"\frac{a + b}{c + d}", "(a + b)/(c + d)", "(a + b)/(c + d)"),
    (a * b / (c * d), r"\frac{a \cdot b}{c \cdot d}", "a·b/(c·d)", "a*b/(c*d)"),
    (a / b / c, r"\frac{\frac{a}{b}}{c}", "(a/b)/c", "(a/b)/c"),
    (a / (b / c), r"\frac{a}{\frac{b}{c}}", "a/(b/c)", "a/(b/c)"),
    (-(a / b), r"-\frac{a}{b}", "−a/b", "-a/b"),
    (-a / b, r"\frac{-a}{b}", "−a/b", "(-a)/b"),
    (a - b / c, r"a - \frac{b}{c}", "a − b/c", "a - b/c"),
    (1 / (2 * sqrt(x)), r"\frac{1}{2\sqrt{x}}", "1/(2√x)", "1/(2*sqrt(x))"),
    (sin(x) / x, r"\frac{\sin x}{x}", "sin(x)/x", "sin(x)/x"),
    (x / sin(x), r"\frac{x}{\sin x}", "x/sin(x)", "x/sin(x)"),
    (2 * x / 3, r"\frac{2x}{3}", "2x/3", "2*x/3"),
    (1 / x**2, r"\frac{1}{x^{2}}", "1/x²", "1/x^2"),
    ((a + b / c) / d, r"\frac{a + \frac{b}{c}}{d}", "(a + b/c)/d", "(a + b/c)/d"),
    # powers and roots
    (x**2, "x^{2}", "x²", "x^2"),
    (x**-2, "x^{-2}", "x⁻²", "x^(-2)"),
    (x**-n, "x^{-n}", "x^(−n)", "x^(-n)"),
    ((-x) ** 2, "(-x)^{2}", "(−x)²", "(-x)^2"),
    (-(x**2), "-x^{2}", "−x²", "-x^2"),
    (number(-2) ** 2, "(-2)^{2}", "(−2)²", "(-2)^2"),
    (number(Fraction(1, 2)) ** 2, r"\left(\frac{1}{2}\right)^{2}", "(1/2)²", "(1/2)^2"),
    (number(Fraction(2, 5), "0.4") ** 2, "0.4^{2}", "0.4²", "0.4^2"),
    (x**n, "x^{n}", "x^n", "x^n"),
    (x ** (n + 1), "x^{n+1}", "x^(n + 1)", "x^(n + 1)"),
    (x**y**z, "x^{y^{z}}", "x^(y^z)", "x^(y^z)"),
    ((x**y) ** z, "(x^{y})^{z}", "(x^y)^z", "(x^y)^z"),
    (x ** number(Fraction(2, 3)), "x^{2/3}", "x^(2/3)", "x^(2/3)"),
    (x ** (a / b), "x^{a/b}", "x^(a/b)", "x^(a/b)"),
    ((a / b) ** 2, r"\left(\frac{a}{b}\right)^{2}", "(a/b)²", "(a/b)^2"),
    ((a + b) ** 2, "(a + b)^{2}", "(a + b)²", "(a + b)^2"),
    (sin(x) ** 2, r"\sin^{2} x", "sin² x", "sin(x)^2"),
    (sin(x) ** 2 * cos(x), r"\sin^{2} x \cos x", "sin² x cos x", "sin(x)^2*cos(x)"),
    (sin(3 * x) ** 2, r"\sin^{2}(3x)", "sin²(3x)", "sin(3*x)^2"),
    (sin(x) ** -1, r"(\sin x)^{-1}", "(sin x)⁻¹", "sin(x)^(-1)"),
    (sin(x) ** n, r"(\sin x)^{n}", "(sin x)^n", "sin(x)^n"),
    (ln(x) ** 2, r"(\ln x)^{2}", "(ln x)²", "ln(x)^2"),
    (f(x) ** 2, "f(x)^{2}", "f(x)²", "f(x)^2"),
    (sigmoid(x) ** 2, r"\sigma(x)^{2}", "sigmoid(x)²", "sigmoid(x)^2"),
    (exp(x) ** 2, "(e^{x})^{2}", "(e^x)²", "exp(x)^2"),
    (2**x, "2^{x}", "2^x", "2^x"),
    (sqrt(x + 1), r"\sqrt{x + 1}", "√(x + 1)", "sqrt(x + 1)"),
    (sqrt(x), r"\sqrt{x}", "√x", "sqrt(x)"),
    (sqrt(x) ** 2, r"(\sqrt{x})^{2}", "(√x)²", "sqrt(x)^2"),
    (sqrt(two), r"\sqrt{2}", "√2", "sqrt(2)"),
    (sqrt(x / y), r"\sqrt{\frac{x}{y}}", "√(x/y)", "sqrt(x/y)"),
    (cbrt(x), r"\sqrt[3]{x}", "∛x", "cbrt(x)"),
    (cbrt(x + 1), r"\sqrt[3]{x + 1}", "∛(x + 1)", "cbrt(x + 1)"),
    (root(x, 4), r"\sqrt[4]{x}", "∜x", "root(x, 4)"),
    (root(x, 5), r"\sqrt[5]{x}", "root(x, 5)", "root(x, 5)"),
    (root(x, n), r"\sqrt[n]{x}", "root(x, n)", "root(x, n)"),
    (ap("factorial", n), "n!", "n!", "n!"),
    (ap("factorial", n + 1), "(n + 1)!", "(n + 1)!", "(n + 1)!"),
    (ap("factorial", n) ** 2, "(n!)^{2}", "(n!)²", "(n!)^2"),
    # functions
    (sin(x), r"\sin x", "sin x", "sin(x)"),
    (sin(u), r"\sin u", "sin u", "sin(u)"),
    (sin(3 * x + 1), r"\sin(3x + 1)", "sin(3x + 1)", "sin(3*x + 1)"),
    (sin(two), r"\sin 2", "sin 2", "sin(2)"),
    (sin(name("price")), r"\sin(\mathrm{price})", "sin(price)", "sin(price)"),
    (sin(-x), r"\sin(-x)", "sin(−x)", "sin(-x)"),
    (sin(x / 2), r"\sin\left(\frac{x}{2}\right)", "sin(x/2)", "sin(x/2)"),
    (ln(2), r"\ln 2", "ln 2", "ln(2)"),
    (ln(bar(x)), r"\ln \left|x\right|", "ln |x|", "ln(abs(x))"),
    (ln(x + 1), r"\ln(x + 1)", "ln(x + 1)", "ln(x + 1)"),
    (2**x * ln(2), r"2^{x} \ln 2", "2^x · ln 2", "2^x*ln(2)"),
    (ap("logarithm_base", x, number(2)), r"\log_{2}(x)", "log_2(x)", "log_2(x)"),
    (ap("logarithm_base", x + 1, b), r"\log_{b}(x + 1)", "log_b(x + 1)", "log_b(x + 1)"),
    (exp(x), "e^{x}", "e^x", "exp(x)"),
    (exp((x + 1) ** 2), "e^{(x+1)^{2}}", "e^((x + 1)²)", "exp((x + 1)^2)"),
    (exp(-x), "e^{-x}", "e^(−x)", "exp(-x)"),
    (exp(-(x**2) / 2), "e^{-x^{2}/2}", "e^(−x²/2)", "exp((-x^2)/2)"),
    (
        exp(-((x - mu) ** 2) / (2 * sigma**2)),
        r"e^{-(x-\mu)^{2}/(2\sigma^{2})}",
        "e^(−(x − μ)²/(2σ²))",
        "exp((-(x - mu)^2)/(2*sigma^2))",
    ),
    (exp(e), r"\exp(e)", "exp(e)", "exp(e)"),
    (bar(x - y), r"\left|x - y\right|", "|x − y|", "abs(x - y)"),
    (ap("floor", x / 2), r"\left\lfloor \frac{x}{2}\right\rfloor", "⌊x/2⌋", "floor(x/2)"),
    (ap("ceiling", x), r"\lceil x\rceil", "⌈x⌉", "ceil(x)"),
    (ap("maximum", a, b), r"\max(a, b)", "max(a, b)", "max(a, b)"),
    (ap("maximum", a, b, number(0)), r"\max(a, b, 0)", "max(a, b, 0)", "max(a, b, 0)"),
    (ap("relu", x), r"\operatorname{ReLU}(x)", "ReLU(x)", "relu(x)"),
    (sigmoid(a * x + b), r"\sigma(a \cdot x + b)", "sigmoid(a·x + b)", "sigmoid(a*x + b)"),
    (ap("sign", x), r"\operatorname{sgn}(x)", "sgn(x)", "sign(x)"),
    (ap("inverse_sine", x), r"\arcsin x", "arcsin x", "arcsin(x)"),
    (ap("inverse_hyperbolic_sine", x), r"\operatorname{arsinh}(x)", "arsinh(x)", "arsinh(x)"),
    (ap("gamma", x), r"\Gamma(x)", "Γ(x)", "gamma(x)"),
    (ap("log_gamma", x), r"\operatorname{ln\Gamma}(x)", "loggamma(x)", "loggamma(x)"),
    (ap("digamma", x), r"\psi(x)", "digamma(x)", "digamma(x)"),
    (ap("polygamma", number(1), x), r"\psi^{(1)}(x)", "polygamma(1, x)", "polygamma(1, x)"),
    (ap("bessel_j", number(0), x), r"\operatorname{J}_{0}(x)", "besselj(0, x)", "besselj(0, x)"),
    (ap("beta", x, y), r"\mathrm{B}(x, y)", "beta(x, y)", "beta(x, y)"),
    (ap("error_function", x), r"\operatorname{erf}(x)", "erf(x)", "erf(x)"),
    (ap("lambert_w", x), r"\operatorname{W}(x)", "lambertw(x)", "lambertw(x)"),
    (ap("binomial", n, k), r"\binom{n}{k}", "binomial(n, k)", "binomial(n, k)"),
    (ap("arctangent2", y, x), r"\operatorname{atan2}(y, x)", "atan2(y, x)", "atan2(y, x)"),
    (ap("logsumexp", x, y), r"\operatorname{logsumexp}(x, y)", "logsumexp(x, y)", "logsumexp(x, y)"),
    (ap("my_own", x), r"\operatorname{myown}(x)", "my_own(x)", "my_own(x)"),
    # functions about which nothing is known, rates
    (f(x), "f(x)", "f(x)", "f(x)"),
    (unknown(x, y), "f(x, y)", "f(x, y)", "f(x, y)"),
    (unknown(u, orders=(1,)), "f'(u)", "f'(u)", "f'(u)"),
    (unknown(u, orders=(3,)), "f'''(u)", "f'''(u)", "f'''(u)"),
    (unknown(u, orders=(4,)), "f^{(4)}(u)", "f⁽⁴⁾(u)", "f^(4)(u)"),
    (unknown(x, y, orders=(1, 0)), r"\partial_{1}f(x, y)", "∂₁f(x, y)", "d_1f(x, y)"),
    (unknown(x, y, orders=(1, 2)), r"\partial_{1}\partial_{2}^{2}f(x, y)", "∂₁∂₂²f(x, y)", "d_1d_2^2f(x, y)"),
    (rate("e", "b"), r"\frac{\partial e}{\partial b}", "∂e/∂b", "de/db"),
    (rate("y", "x", straight=True), r"\frac{dy}{dx}", "dy/dx", "dy/dx"),
    (rate("y", "x", slot=1), r"\partial_{1}y", "∂₁y", "d_1y"),
    (rate("y", "x", order=2), r"\frac{\partial^{2}y}{\partial x^{2}}", "∂²y/∂x²", "d^2y/dx^2"),
    (rate("y", "x", straight=True, order=3), r"\frac{d^{3}y}{dx^{3}}", "d³y/dx³", "d^3y/dx^3"),
    (rate("f", "x", also=("y",)), r"\frac{\partial^{2}f}{\partial x\partial y}", "∂²f/∂x∂y", "d^2f/(dx dy)"),
    (
        rate("f", "x", order=2, also=("y", "x")),
        r"\frac{\partial^{4}f}{\partial x^{3}\partial y}",
        "∂⁴f/∂x³∂y",
        "d^4f/(dx^3 dy)",
    ),
    (rate("loss", "w_1"), r"\frac{\partial\, \mathrm{loss}}{\partial w_{1}}", "∂loss/∂w₁", "dloss/dw_1"),
    (
        rate("c", "b") * rate("e", "c"),
        r"\frac{\partial c}{\partial b} \cdot \frac{\partial e}{\partial c}",
        "∂c/∂b · ∂e/∂c",
        "dc/db*de/dc",
    ),
    (2 * rate("e", "c"), r"2 \cdot \frac{\partial e}{\partial c}", "2 · ∂e/∂c", "2*de/dc"),
    (rate("e", "c") ** 2, r"\left(\frac{\partial e}{\partial c}\right)^{2}", "(∂e/∂c)²", "(de/dc)^2"),
    (rate("e", "c") / 2, r"\frac{\frac{\partial e}{\partial c}}{2}", "(∂e/∂c)/2", "(de/dc)/2"),
    (-rate("e", "c"), r"-\frac{\partial e}{\partial c}", "−∂e/∂c", "-de/dc"),
    (rate("y", "x", slot=1) * rate("y", "x", slot=2), r"\partial_{1}y \cdot \partial_{2}y", "∂₁y·∂₂y", "d_1y*d_2y"),
    # conditions, cases, vectors, binders
    (ap("equals", y, x + 1), "y = x + 1", "y = x + 1", "y = x + 1"),
    (
        ap("and", ap("less", number(0), x), ap("less_equal", x, number(1))),
        r"0 < x \le 1",
        "0 < x ≤ 1",
        "0 < x <= 1",
    ),
    (
        ap("or", ap("not", ap("equal", x, y)), ap("unequal", x, number(0))),
        r"\lnot (x = y) \lor x \ne 0",
        "¬(x = y) ∨ x ≠ 0",
        "not (x = y) or x != 0",
    ),
    (
        ap("piecewise", x, ap("greater", x, number(0)), number(0)),
        r"\begin{cases}x & \text{if } x > 0 \\ 0 & \text{otherwise}\end{cases}",
        "{x if x > 0, 0 otherwise}",
        "piecewise(x, x > 0, 0)",
    ),
    (
        ap("piecewise", x**2, ap("less", x, number(1)), x / 2, ap("greater_equal", x, number(1))),
        r"\begin{cases}x^{2} & \text{if } x < 1 \\ \frac{x}{2} & \text{if } x \ge 1\end{cases}",
        "{x² if x < 1, x/2 if x ≥ 1}",
        "piecewise(x^2, x < 1, x/2, x >= 1)",
    ),
    (
        2 * ap("piecewise", x, ap("greater", x, number(0)), -x),
        r"2\left(\begin{cases}x & \text{if } x > 0 \\ -x & \text{otherwise}\end{cases}\right)",
        "2{x if x > 0, −x otherwise}",
        "2*piecewise(x, x > 0, -x)",
    ),
    (ap("vector", x, y + 1), r"\begin{pmatrix}x \\ y + 1\end{pmatrix}", "[x, y + 1]", "[x, y + 1]"),
    (
        ap("matrix", ap("vector", number(1), x), ap("vector", number(0), x / 2)),
        r"\begin{pmatrix}1 & x \\ 0 & \frac{x}{2}\end{pmatrix}",
        "[[1, x], [0, x/2]]",
        "[[1, x], [0, x/2]]",
    ),
    (ap("matrix_multiply", name("A"), name("B")), r"A\, B", "A @ B", "A @ B"),
    (ap("transpose", name("A")), r"A^{\mathsf{T}}", "Aᵀ", "transpose(A)"),
    (ap("dot", u, v), r"u \cdot v", "u · v", "dot(u, v)"),
    (ap("sum", k**2, k, number(1), n), r"\sum_{k=1}^{n} k^{2}", "sum(k², k, 1, n)", "sum(k^2, k, 1, n)"),
    (
        ap("sum", k + 1, k, number(1), n) + 1,
        r"\left(\sum_{k=1}^{n} (k + 1)\right) + 1",
        "sum(k + 1, k, 1, n) + 1",
        "sum(k + 1, k, 1, n) + 1",
    ),
    (ap("product", k, k, number(1), n), r"\prod_{k=1}^{n} k", "product(k, k, 1, n)", "product(k, k, 1, n)"),
    (
        ap("integral", exp(-(t**2)), t, number(0), x),
        r"\int_{0}^{x} e^{-t^{2}}\, dt",
        "integral(e^(−t²), t, 0, x)",
        "integral(exp(-t^2), t, 0, x)",
    ),
    (ap("integral", x**2, x), r"\int x^{2}\, dx", "integral(x², x)", "integral(x^2, x)"),
    # several trees together
    (factors((number(1), number(2))), r"1 \cdot 2", "1·2", "1*2"),
    (factors((c, d)), r"c \cdot d", "c·d", "c*d"),
    (factors((2 * x, cos(u))), r"2x \cdot \cos u", "2x · cos u", "2*x*cos(u)"),
    (
        factors((rate("c", "b"), rate("e", "c"))),
        r"\frac{\partial c}{\partial b} \cdot \frac{\partial e}{\partial c}",
        "∂c/∂b · ∂e/∂c",
        "dc/db*de/dc",
    ),
    (factors((number(-4), number(1), number(-2))), r"(-4) \cdot 1 \cdot (-2)", "(−4)·1·(−2)", "(-4)*1*(-2)"),
    (factors((a + b, x / 2, x)), r"(a + b) \cdot \frac{x}{2} \cdot x", "(a + b) · (x/2) · x", "(a + b)*(x/2)*x"),
    (
        terms((factors((number(1), number(2))), factors((number(1), number(3))))),
        r"1 \cdot 2 + 1 \cdot 3",
        "1·2 + 1·3",
        "1*2 + 1*3",
    ),
    (terms((b + 1, a + b)), "(b + 1) + (a + b)", "(b + 1) + (a + b)", "(b + 1) + (a + b)"),
    (
        terms((factors((number(1), number(-4))), number(-2), -x)),
        r"1 \cdot (-4) + (-2) + (-x)",
        "1·(−4) + (−2) + (−x)",
        "1*(-4) + (-2) + (-x)",
    ),
    (terms((-a, b)), "-a + b", "−a + b", "-a + b"),
    (chain((name("e"), c * d, number(6))), r"e = c \cdot d = 6", "e = c·d = 6", "e = c*d = 6"),
    (
        chain((name("e"), number(Fraction(6005, 1000), "6.005")), ("about",)),
        r"e \approx 6.005",
        "e ≈ 6.005",
        "e ~ 6.005",
    ),
    (chain((b, c, name("e")), ("to", "to")), r"b \to c \to e", "b→c→e", "b->c->e"),
    (marked(1 * two, "A"), r"\pathA{1 \cdot 2}", "1·2", "1*2"),
    (
        terms((marked(1 * two, "A", ("b", "c", "e")), marked(number(-3), "B", ("b", "d", "e")))),
        r"\pathA{\underbrace{1 \cdot 2}_{b \to c \to e}} + \pathB{\underbrace{(-3)}_{b \to d \to e}}",
        "1·2 + (−3)",
        "1*2 + (-3)",
    ),
    (terms((live(number(2), "a>c"), live(number(-3), "b"))), "2 + (-3)", "2 + (−3)", "2 + (-3)"),
]


@pytest.mark.parametrize(("formula", "tex", "line", "plain"), ROWS, ids=[row[3] for row in ROWS])
def test_what_is_written(formula: F, tex: str, line: str, plain: str) -> None:
    each = shown(formula)
    assert (latex(each), text(each), text(each, ascii=True)) == (tex, line, plain)


@pytest.mark.parametrize("plain", [row[3] for row in ROWS])
def test_ascii_is_ascii(plain: str) -> None:
    assert plain.isascii()


FLAT = 'stretchy="false"'
MATHML = [
    (x, "<mi>x</mi>"),
    (name("Gamma"), '<mi mathvariant="normal">Γ</mi>'),
    (name("x_12"), "<msub><mi>x</mi><mn>12</mn></msub>"),
    (name("w1_prev"), "<msub><mi>w</mi><mrow><mn>1</mn><mo>,</mo><mi>prev</mi></mrow></msub>"),
    (number(-3), '<mo form="prefix">−</mo><mn>3</mn>'),
    (number(Fraction(1, 2)), "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
    (2 * x, "<mn>2</mn><mo>\u2062</mo><mi>x</mi>"),
    (c * d, '<mi>c</mi><mo lspace="0.1667em" rspace="0.1667em">⋅</mo><mi>d</mi>'),
    (
        2 * (x + 1),
        f'<mn>2</mn><mo>\u2062</mo><mrow><mo form="prefix" {FLAT}>(</mo><mi>x</mi><mo>+</mo><mn>1</mn>'
        f'<mo form="postfix" {FLAT}>)</mo></mrow>',
    ),
    (
        (x / y) ** 2,
        '<msup><mrow><mo form="prefix">(</mo><mfrac><mi>x</mi><mi>y</mi></mfrac><mo form="postfix">)</mo></mrow>'
        "<mn>2</mn></msup>",
    ),
    (sin(x), '<mi>sin</mi><mo>\u2061</mo><mspace width="0.1667em"></mspace><mi>x</mi>'),
    (sin(x) ** 2, '<msup><mi>sin</mi><mn>2</mn></msup><mo>\u2061</mo><mspace width="0.1667em"></mspace><mi>x</mi>'),
    (
        exp(-x / 2),
        '<msup><mi>e</mi><mrow><mo form="prefix">−</mo><mi>x</mi><mo lspace="0" rspace="0">/</mo><mn>2</mn></mrow>'
        "</msup>",
    ),
    (sqrt(x + 1), "<msqrt><mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow></msqrt>"),
    (cbrt(x), "<mroot><mi>x</mi><mn>3</mn></mroot>"),
    (rate("e", "b"), "<mfrac><mrow><mi>∂</mi><mi>e</mi></mrow><mrow><mi>∂</mi><mi>b</mi></mrow></mfrac>"),
    (rate("y", "x", slot=2), "<msub><mi>∂</mi><mn>2</mn></msub><mi>y</mi>"),
    (
        unknown(u, orders=(1,)),
        '<mi>f</mi><mo lspace="0.1em" rspace="0">′</mo><mo>\u2061</mo>'
        f'<mrow><mo form="prefix" {FLAT}>(</mo><mi>u</mi><mo form="postfix" {FLAT}>)</mo></mrow>',
    ),
    (ap("less", x, number(0)), "<mi>x</mi><mo>&lt;</mo><mn>0</mn>"),
    (
        ap("heaviside", x),
        '<mi mathvariant="normal">H</mi><mo>\u2061</mo>'
        f'<mrow><mo form="prefix" {FLAT}>(</mo><mi>x</mi><mo form="postfix" {FLAT}>)</mo></mrow>',
    ),
    (word('a < "b" & c'), "<mtext>a\u00a0&lt;\u00a0&quot;b&quot;\u00a0&amp;\u00a0c</mtext>"),
    (
        marked(one * two, "A"),
        '<mrow class="path-A"><mn>1</mn><mo lspace="0.1667em" rspace="0.1667em">⋅</mo><mn>2</mn></mrow>',
    ),
    (
        marked(d, "B", ("b", "e")),
        '<mrow class="path-B"><munder><mrow class="braced"><mi>d</mi></mrow>'
        '<mrow class="under"><mi>b</mi><mo>→</mo><mi>e</mi></mrow></munder></mrow>',
    ),
    (live(number(-3), "a>c"), '<mn data-v="a&gt;c">−3</mn>'),
    (
        factors((two, live(number(-3), "b"))),
        '<mn>2</mn><mo lspace="0.1667em" rspace="0.1667em">⋅</mo>'
        f'<mrow><mo form="prefix" {FLAT}>(</mo><mn data-v="b">−3</mn><mo form="postfix" {FLAT}>)</mo></mrow>',
    ),
]


@pytest.mark.parametrize(("formula", "markup"), MATHML)
def test_mathml(formula: F, markup: str) -> None:
    assert mathml(shown(formula)) == f"<math>{markup}</math>"
    assert mathml(shown(formula), display=True) == f'<math display="block">{markup}</math>'


# MathML Core, without what browsers draw badly (stretched accents, menclose) or not at all (mfenced).
CHILDREN = {"mfrac": 2, "msup": 2, "msub": 2, "msubsup": 3, "mroot": 2, "munder": 2, "mover": 2, "munderover": 3}
CORE = {"math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msqrt", "mtable", "mtr", "mtd", *CHILDREN}


@pytest.mark.parametrize("formula", [row[0] for row in ROWS], ids=[row[3] for row in ROWS])
def test_mathml_is_core(formula: F) -> None:
    for element in ElementTree.fromstring(mathml(shown(formula))).iter():
        assert element.tag in CORE
        assert len(element) == CHILDREN.get(element.tag, len(element)), element.tag
        assert "accent" not in element.attrib
        assert not len(element) or not (element.text or "").strip()


def test_dots_may_be_left_out_between_letters() -> None:
    formulas = (2 * x * y, name("alpha") * name("delta"), name("price") * x, x * (x + 1), x**2 * y, c * d * sin(x))
    assert [latex(shown(each), dots=False) for each in formulas] == [
        "2xy",
        r"\alpha\delta",
        r"\mathrm{price} \cdot x",
        "x(x + 1)",
        "x^{2}y",
        r"cd \sin x",
    ]
    assert [text(shown(each), dots=False) for each in formulas[:4]] == ["2xy", "αδ", "price·x", "x·(x + 1)"]


def test_eulers_number_is_never_mistaken_for_a_name() -> None:
    both = shown(e * exp(x))
    assert (latex(both), text(both)) == (r"e \exp(x)", "e exp(x)")
    assert latex(shown(name("e") + constant("e"))) == r"e + \mathrm{e}"
    assert latex(shown(exp(x)), euler=False) == r"\exp(x)"
    assert latex(shown(chain((rate("e", "b"), exp(x))))) == r"\frac{\partial e}{\partial b} = \exp(x)"


def test_words_of_another_language() -> None:
    formula = shown(ap("piecewise", x, ap("greater", x, number(0)), number(0)))
    assert text(formula, words={"if": "falls", "otherwise": "sonst"}) == "{x falls x > 0, 0 sonst}"


def test_labels_stand_under_their_terms() -> None:
    terms_ = terms((marked(one * 2, "A", ("b", "c", "e")), marked(one * 3, "B", ("b", "d", "e"))))
    line, labels = text_lines(shown(chain((rate("e", "b"), terms_, number(5)))))
    assert line == "∂e/∂b = 1·2   + 1·3   = 5"
    assert labels == "        b→c→e   b→d→e"
    assert text_lines(shown(x + 1)) == ["x + 1"]


def test_sympy_objects_are_printed_in_textbook_order() -> None:
    symbol = sympy.Symbol("x")
    assert latex_of(1 - symbol**2) == "1 - x^{2}"
    assert text_of(-symbol / 2, ascii=True) == "-x/2"
    assert mathml_of(symbol, display=True) == '<math display="block"><mi>x</mi></math>'


def test_every_row_of_the_table_of_functions_can_be_written() -> None:
    for operator, row in PRIMITIVES.items():
        arguments: list[Any] = [x, y, number(1), n][: max(row.arity[0], 1)]
        if operator in ("sum", "product", "integral"):
            arguments = [x, name("k"), number(1), n]
        if operator in ("matrix", "transpose", "matrix_multiply"):
            arguments = [ap("matrix", ap("vector", x, y), ap("vector", y, x))] * row.arity[0]
        each = shown(ap(operator, *arguments))
        ElementTree.fromstring(mathml(each))
        assert latex(each)
        assert text(each)
        assert text(each, ascii=True).isascii()


# Names and words from outside ---------------------------------------------------------------------------------------

HOSTILE = [
    r"x}\input{secret}",
    r"\immediate\write18{ls}",
    "x y",
    "x<script>",
    "x&y",
    "",
    "1x",
    "x" * 31,
    "x_" + "y" * 11,
    "x\u202ey",
    "x\n",
    "a__b",
    "_x",
    "é",
    "а",  # Cyrillic
    "x'",
    "$x$",
    "%x",
]


@pytest.mark.parametrize("name_", HOSTILE)
def test_what_is_no_name_is_never_printed(name_: str) -> None:
    for write in (latex, mathml, text, lambda each: text(each, ascii=True)):
        for tree in (Name(name_), shown(rate(name_, "x")), Undefined(name_, (Name("x"),))):
            with pytest.raises(NameProblem):
                write(tree)
        with pytest.raises(NameProblem):
            write(shown(marked(x, "A", ("x", name_))))


def test_sympy_symbols_pass_the_same_door() -> None:
    with pytest.raises(NameProblem):
        latex_of(sympy.Symbol(r"x}\input{secret}") + 1)


def test_paths_are_marked_by_letters() -> None:
    for path in ('A"><script>', "A}", "1", "ABCD"):
        with pytest.raises(ValueError, match="letters"):
            mathml(shown(marked(x, path)))


def test_words_are_escaped() -> None:
    hostile = word(r"50% \input{x} $ & # _ ^ ~ {} <b> \" '`|-" + "\x1b[31m\u202e")
    assert latex(shown(hostile)) == (
        r"\text{50\% \textbackslash{}input\{x\} \$ \& \# \_ \textasciicircum{} \textasciitilde{} \{\} "
        r"\textless{}b\textgreater{} \textbackslash{}\textquotedbl{} {'}\textasciigrave{}\textbar{}{-} [31m }"
    )
    assert "<b>" not in mathml(shown(hostile))
    assert "\x1b" not in text(shown(hostile))
    assert text(shown(hostile), ascii=True).isascii()


def test_numbers_are_printed_only_as_digits() -> None:
    assert latex(Number(2, r"\input{x}")) == "2"
    assert text(Number(Fraction(1, 3), "1/3; rm")) == "1/3"


def test_a_function_of_ones_own_is_printed_by_its_name() -> None:
    assert latex(shown(ap("my_own", x))) == r"\operatorname{myown}(x)"
    with pytest.raises(ValueError, match="command"):
        LatexPen().function(r"\sin}\input{x")


# Size ---------------------------------------------------------------------------------------------------------------


def test_deep_formulas_are_no_trouble() -> None:
    tree: Tree = Name("x")
    for _ in range(5_000):
        tree = Apply("sine", (tree,))
    assert text(tree).count("sin") == 5_000
    for _ in range(5_000):
        tree = Apply("add", (tree, Name("y")))
    assert latex(tree).endswith("+ y") and len(mathml_pieces(tree, 30)) == 5_001
    kept = [look for look in typesetting._LOOKS._memory.known.values() if look.written]
    assert max(look.size for look in kept) <= 500, "of parts that lie in one another not each holds the next in memory"


def test_a_formula_is_broken_where_a_teacher_would() -> None:
    def lines(formula: str, room: int = 20) -> list[str]:
        pieces = mathml_pieces(parse_expression(formula), room)
        return [re.sub("<[^>]*>|[\u2061\u2062]", "", piece) for piece in pieces]

    assert lines("x + 1") == ["x+1"]
    assert lines("3x^5 - 4x^4 + 7x^3 - 12x") == ["3x5", "−4x4", "+7x3", "−12x"]
    assert lines("(x+1)*(x+2)*(x+3)*(x+4)") == ["(x+1)", "(x+2)", "(x+3)", "(x+4)"]
    assert lines("2 ln(3x + 5y - 4z + 10w - 6v)") == ["2ln(3x", "+5y", "−4z", "+10w", "−6v)"]
    assert lines("2(3x + 5y - 4z + 10w - x/y)") == ["2(3x", "+5y", "−4z", "+10w", "−xy)"]
    assert lines("(3x + 5y - 4z + 10w)/(x + 1)", 10) == ["3x+5y−4z+10wx+1"]  # a fraction is drawn in one piece
    term = Factors(tuple(Rate(f"u{k + 1}", f"u{k}") for k in range(5)))
    marked = mathml_pieces(Terms((Marked(term, "A"), Marked(Name("x"), "B"))), 10)
    assert len(marked) == 6 and all(piece.count("path-A") == 1 for piece in marked[:5])


def test_shared_branches_are_not_written_out_for_ever() -> None:
    tree: Tree = Name("x")
    for _ in range(100):
        tree = Apply("multiply", (tree, tree))
    with pytest.raises(TooLargeToShow, match=r"more than 10\^12"):
        latex(tree)


# TeX and the browser ------------------------------------------------------------------------------------------------


def test_the_latex_compiles(pdflatex: str, tmp_path: Path) -> None:
    lines = [rf"\[ {latex(shown(formula))} \]" for formula, *_ in ROWS]
    macros = "".join(rf"\newcommand{{\path{letter}}}[1]{{{{\color{{red}}#1}}}}" for letter in "AB")
    source = (
        r"\documentclass{article}\usepackage{amsmath,xcolor}" + macros + r"\begin{document}" + "\n".join(lines)
    ) + r"\end{document}"
    (tmp_path / "formulas.tex").write_text(source, encoding="ascii")
    command = [pdflatex, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "formulas.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout


FONTS = Path(__file__).parents[1] / "templates" / "html" / "fonts"
PAGE = """<!doctype html><meta charset=utf-8><title>formulas</title><style>
@font-face{{font-family:"Symgraph Math";src:url(symgraph-math.woff2) format("woff2")}}
math{{font-family:"Symgraph Math";font-size:17px}}mfrac{{padding-inline:.08em}}
mtable.cases mtd{{text-align:left;padding:.12em .5em .12em .1em}}mtable.matrix mtd{{padding:.15em .4em}}
</style>{}"""


@pytest.mark.parametrize("display", [False, True])
def test_no_browser_needs_more_room_than_is_given(browser: Any, display: bool, tmp_path: Path) -> None:
    formulas = [shown(formula) for formula, *_ in ROWS if isinstance(shown(formula), Tree)]
    style = f'<math displaystyle="{str(display).lower()}">'
    page = browser.new_page()
    (tmp_path / "symgraph-math.woff2").write_bytes((FONTS / "symgraph-math.woff2").read_bytes())
    body = "".join(f"<p>{mathml(each).replace('<math>', style)}</p>" for each in formulas)
    (tmp_path / "page.html").write_text(PAGE.format(body), encoding="utf-8")
    page.goto((tmp_path / "page.html").as_uri())
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('17px \"Symgraph Math\"'))")
    boxes = page.evaluate(
        "[...document.querySelectorAll('math')].map(m => m.getBoundingClientRect()).map(r => [r.width, r.height])"
    )
    assert len(boxes) == len(formulas)
    for each, (width, height) in zip(formulas, boxes, strict=True):
        given_ = sizes.size(each, 17, display=display)
        assert width <= 1.05 * given_.width, text(each)
        assert height <= 1.05 * given_.height, text(each)
        assert given_.width <= 1.6 * width + 8, text(each)


def test_a_broken_formula_takes_as_much_room_as_a_whole_one(browser: Any, tmp_path: Path) -> None:
    formulas = [shown(formula) for formula, *_ in ROWS]
    page = browser.new_page()
    (tmp_path / "symgraph-math.woff2").write_bytes((FONTS / "symgraph-math.woff2").read_bytes())
    body = "".join(f"<p><b>{mathml(each)}</b></p><p><b>{''.join(mathml_pieces(each, 4))}</b></p>" for each in formulas)
    (tmp_path / "page.html").write_text(PAGE.format("<style>p{white-space:nowrap}</style>" + body), encoding="utf-8")
    page.goto((tmp_path / "page.html").as_uri())
    page.evaluate("document.fonts.ready")
    widths = page.evaluate("[...document.querySelectorAll('b')].map(at => at.getBoundingClientRect().width)")
    for each, whole, broken in zip(formulas, widths[::2], widths[1::2], strict=True):
        assert broken == pytest.approx(whole, abs=2.5), text(each)


def test_the_font_has_every_character() -> None:
    ttlib = pytest.importorskip("fontTools.ttLib", reason="needs fontTools")
    covered = set(ttlib.TTFont(FONTS / "symgraph-math.otf").getBestCmap())
    signs = {letter for sign in letters.SIGNS.values() for letter in sign[1]} | set("()[]{}|⌊⌋⌈⌉√∑∏∫∂∞⏟,′″‴\u00a0")
    upright = set("ABCXYZabcxyz0123456789") | {letter for word_, letter in letters.GREEK.items() if word_[0].isupper()}
    needed = {ord(letter) for letter in signs | upright} - {0x2061, 0x2062}  # invisible ones are not drawn
    italic = [0x1D434 + place for place in range(52) if place != 33] + [0x210E]
    greek = [0x1D6FC + place for place in range(25)] + [0x1D715, 0x1D716, 0x1D717, 0x1D719, 0x1D71A]
    assert sorted(needed.union(italic, greek) - covered) == []


def test_outlines_have_no_ids_and_the_colour_of_the_text() -> None:
    drawn = outline(shown(rate("e", "b")))
    assert "id=" not in drawn.markup
    assert "black" not in drawn.markup
    assert drawn.markup.startswith('<g fill="currentColor">')
    assert drawn.size.depth > 0
    assert drawn == outline(shown(rate("e", "b")))


def test_without_ziamath_sizes_are_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [sizes.size(shown(each), 20) for each in (x, x / y, a + b + c)]
    monkeypatch.setattr(sizes, "_ziamath", lambda: None)
    sizes._size.cache_clear()
    sizes._outline.cache_clear()
    guessed = [sizes.size(shown(each), 20) for each in (x, x / y, a + b + c)]
    sizes._size.cache_clear()
    for right, guess in zip(wanted, guessed, strict=True):
        assert 0.5 < guess.width / right.width < 4
        assert 0.5 < guess.height / right.height < 2
    with pytest.raises(MissingPart, match="ziamath"):
        outline(shown(x))


# What is written reads back -----------------------------------------------------------------------------------------

ONE_ARGUMENT = sorted(
    operator
    for operator, row in PRIMITIVES.items()
    if row.arity == (1, 1) and row.spellings and operator != "transpose" and not operator.startswith("no")
)
# Two have a number for the second, one conditions; and those of vectors and matrices have a test of their own.
WRITTEN_OTHERWISE = {"real_root", "logarithm_base", "piecewise", "dot", "vector", "matrix", "matrix_multiply"}
TWO_ARGUMENTS = sorted(
    operator
    for operator, row in PRIMITIVES.items()
    if row.arity[0] <= 2 <= (row.arity[1] or 9) and row.spellings and operator not in WRITTEN_OTHERWISE
)
BINDERS = ("sum", "product", "integral")
NAMES = ("x", "y", "n", "t", "x_1", "x_i", "alpha", "theta_0", "a_prev", "price", "e")


@st.composite
def written(draw: st.DrawFn, depth: int = 3) -> Tree:
    """A tree as the parser makes them, over most of what can be written."""
    if depth == 0 or draw(st.integers(0, 7)) == 0:
        return draw(leaves())
    part = written(depth - 1)
    kind = draw(st.integers(0, 12))
    if kind < 6:
        operator = draw(st.sampled_from(["add", "subtract", "multiply", "multiply", "divide", "power"]))
        return Apply(operator, (draw(part), draw(part)))
    if kind == 6:
        return Apply("negate", (draw(part),))
    if kind < 9:
        operator = draw(st.sampled_from(["sine", "cosine", "exponential", "logarithm", "square_root", *ONE_ARGUMENT]))
        return Apply(operator, (draw(part),))
    if kind == 9:
        return Apply(draw(st.sampled_from(TWO_ARGUMENTS)), (draw(part), draw(part)))
    if kind == 10:
        extra = Number(draw(st.integers(2, 9)))
        return Apply(draw(st.sampled_from(["real_root", "logarithm_base"])), (draw(part), extra))
    if kind == 11:
        return Apply("piecewise", (draw(part), draw(conditions(part)), draw(part)))
    if draw(st.booleans()):
        return Undefined("f", (draw(part),))
    return Apply(draw(st.sampled_from(BINDERS)), (draw(part), Name("k"), Number(1), Name("n")))


@st.composite
def conditions(draw: st.DrawFn, part: st.SearchStrategy[Tree]) -> Tree:
    """A comparison, two joined, or none of one."""
    signs = ["less", "less_equal", "greater", "greater_equal", "equal", "unequal"]
    one, other = (Apply(draw(st.sampled_from(signs)), (draw(part), draw(part))) for _ in range(2))
    joined = [one, Apply("and", (one, other)), Apply("or", (one, other)), Apply("not", (one,))]
    return draw(st.sampled_from(joined))


@st.composite
def leaves(draw: st.DrawFn) -> Tree:
    kind = draw(st.integers(0, 9))
    if kind < 5:
        return Name(draw(st.sampled_from(NAMES)))
    if kind < 8:
        return Number(draw(st.integers(0, 20)))
    if kind == 8:
        return draw(st.sampled_from([Constant("pi"), Number(Fraction(1, 2), "0.50"), Number(Fraction(9, 4), "2.25")]))
    return draw(st.sampled_from([Number(-3), Number(Fraction(2, 3)), Number(Fraction(1, 10**7), "1e-7")]))


def minus(tree: Tree) -> Tree:
    """−tree, with the minus on its first factor, where the parser finds it in −2·x."""
    if isinstance(tree, Number):
        return Number(-tree.value, tree.text[1:] if tree.value < 0 else f"-{tree.text}")
    if isinstance(tree, Apply) and tree.operator in ("multiply", "divide"):
        return Apply(tree.operator, (minus(tree.arguments[0]), tree.arguments[1]))
    return Apply("negate", (tree,))


def folded(tree: Tree, change: Any) -> Tree:
    """The tree rebuilt from below, each piece changed."""
    done: dict[int, Tree] = {}
    for piece in postorder(tree):
        new: Tree = piece
        if isinstance(piece, Apply):
            new = Apply(piece.operator, tuple(done[id(argument)] for argument in piece.arguments))
        elif isinstance(piece, Undefined):
            new = replace(piece, arguments=tuple(done[id(argument)] for argument in piece.arguments))
        done[id(piece)] = change(new)
    return done[id(tree)]


def same_formula(piece: Tree) -> Tree:
    """What the parser cannot know apart: 2/3 and two thirds, −(2x) and (−2)x, root(x, 3) and ∛x."""
    match piece:
        case Number() if piece.value.denominator != 1 and "/" in piece.text:
            return Apply("divide", (Number(piece.value.numerator), Number(piece.value.denominator)))
        case Apply("negate", (inner,)):
            return minus(inner)
        case Apply("real_root", (inner, Number(value=Fraction() as index))) if index in (2, 3):
            return Apply("square_root" if index == 2 else "cube_root", (inner,))
        case _:
            return piece


def same_value(piece: Tree) -> Tree:
    """What looks the same on paper besides: a + (−b) and a − b, a·(bc) and a·b·c, 1e-7 and 10⁻⁷."""
    match piece:
        case Number() if piece.text == "1e-7":
            return Apply("power", (Number(10), Number(-7)))
        case Apply("subtract", (left, right)):
            return Apply("add", (left, same_value(positive(minus(right)))))
        case Apply("multiply", (left, Apply("multiply", (middle, right)))):
            return same_value(Apply("multiply", (same_value(Apply("multiply", (left, middle))), right)))
        case Apply("negate", _):
            return positive(same_formula(piece))
        case _:
            return same_formula(piece)


def positive(tree: Tree) -> Tree:
    """Two signs on the first factor of a product are none."""
    if isinstance(tree, Apply) and tree.operator in ("multiply", "divide"):
        return Apply(tree.operator, (positive(tree.arguments[0]), tree.arguments[1]))
    inner = tree.arguments[0] if isinstance(tree, Apply) and tree.operator == "negate" else None
    return inner.arguments[0] if isinstance(inner, Apply) and inner.operator == "negate" else tree


def read(line: str, tree: Tree, parse: Any = parse_expression) -> Tree:
    """The line parsed, with the tree's names declared; what no limit lets through is no case here."""
    try:
        found: Tree = parse(line, inputs=(*names_in(tree), "k", "n", "f(x)"))
        return found
    except (DomainError, LimitExceeded):
        assume(False)
        raise


MANY = settings(max_examples=300, suppress_health_check=list(HealthCheck))


@MANY
@given(written())
def test_ascii_reads_back_as_an_equal_tree(tree: Tree) -> None:
    again = read(text(tree, ascii=True), tree)
    assert folded(again, same_formula) == folded(tree, same_formula)


@MANY
@given(written(), st.integers(1, 30))
def test_a_broken_formula_is_the_same_formula(tree: Tree, room: int) -> None:
    pieces = [ElementTree.fromstring(piece) for piece in mathml_pieces(tree, room)]
    assert "".join("".join(piece.itertext()) for piece in pieces) == "".join(
        ElementTree.fromstring(mathml(tree)).itertext()
    )


@MANY
@given(written())
def test_folded_latex_is_the_same_but_for_where_lines_may_end(tree: Tree) -> None:
    found = re.sub(r"\\penalty\d+ ", "", pens.folded(latex(tree)))
    assert found.replace(r"\Bigl(", r"\left(").replace(r"\Bigr)", r"\right)") == latex(tree)


@MANY
@given(written())
def test_text_reads_back_with_the_same_value(tree: Tree) -> None:
    again = read(text(tree), tree)
    assert folded(again, same_value) == folded(tree, same_value)


@MANY
@given(written())
def test_latex_reads_back_with_the_same_value(tree: Tree) -> None:
    again = read(latex(tree), tree, parse_latex_expression)
    assert folded(again, same_value) == folded(tree, same_value)


@pytest.mark.parametrize(
    "formula",
    [
        ap("vector", a, ap("divide", x, y)),
        ap("matrix", ap("vector", a, b), ap("vector", x, number(2))),
        ap("transpose", name("W")),
        ap("transpose", ap("matrix", ap("vector", a, b), ap("vector", x, y))),
    ],
)
def test_vectors_and_matrices_read_back(formula: F) -> None:
    tree = shown(formula)
    for line, parse in ((text(tree), parse_expression), (latex(tree), parse_latex_expression)):
        assert read(line, tree, parse) == tree


def test_a_product_of_each_with_each_is_read_as_a_product() -> None:
    tree = shown(ap("elementwise", a, ap("add", x, y)))
    for line, parse in ((text(tree), parse_expression), (latex(tree), parse_latex_expression)):
        assert read(line, tree, parse) == shown(a * (x + y))


@MANY
@given(written())
def test_signs_never_meet(tree: Tree) -> None:
    for line in (text(tree), latex(tree)):
        assert not re.search(r"[+−-]\s*[+−-]", line)


def test_an_exponent_stands_at_a_flat_bracket_and_not_above_what_is_in_it() -> None:
    """(x² + 1)³: Chromium raises it over the whole base, and over exponents of exponents ever higher."""
    written = mathml(parse_expression("(x^2+1)^3"))
    assert written.endswith('<msup><mo form="postfix" stretchy="false">)</mo><mn>3</mn></msup></mrow></math>')
    assert "<msup><mrow>" in mathml(parse_expression("((x+1)/x)^3"))  # brackets that grow are as high as what they hold
