"""Random text and random formulas at the doors: only our errors come out, always the same, and quickly.

Longer runs are made outside (the same properties under atheris); what they found stands in `PAST`.
"""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgraph.errors import InputError, SymgraphError
from symgraph.language.constructors import construct
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Apply, Constant, Name, Number, Tree, names_in
from symgraph.parsing import latex
from symgraph.parsing.echo import echo
from symgraph.parsing.text import parse, parse_condition, parse_equation, parse_expression, parse_point

# what once crashed, hung, or was misread
PAST = [
    r"sin((x|+1)\begin{align*} c &= a+b \\ d &= c^2 \end{align*}^)",
    r"\int_0^x e\varphi  \phi^{-t^2} \mathrm{d}",
    "sum(1, cos(x), 3)",
    r"sum(1,\int_0^\infty e^{-t x} dt,3)",
    "2.\\sum_{k=1}^{n}e\\\\",
    "1.[(x+1)(x+2)]@22.3",
    "27E95e-3",
    "sin(" * 7 + "sinh(" + "sin(" * 30 + "x" + ")" * 38,
    "{heaviside(ln(floor(cosh({besselj(2,x) if x<0, 1 otherwise})))) if x<0, 1 otherwise}",
    "cos(ln({x if {x if sec(x)<0, y otherwise}<0, y otherwise}))",
    "{x if {floor(x) if x<0, 1 otherwise} < y, 2 otherwise}",
    "f0(x)=x+1;f1(x)=f0(x+1)*f0(x);f2(x)=f1(x+1)*f1(x);y=f2(z)",
    "\\left(\\begin{matrix}1\\end{matrix}",
    "x^{\\top",
    "\\bar{x",
    "\\operatorname{",
    "3 \\sec^{2}{\\left(x \\right)}",
    "{{x}}",
    "e-e^e!e^e^e^e^e-e^e!e^e^e^e^e^j@z^z@z^e^z@z",
    "sin(cos(e^e^e^e^e)) + 1",
    "3^32^r^3^32^r^-32^r^33^2r^2^3^32^r^33^2r^3",
    "sin + 1",
    "log₅(x)",
    "３．５",
    "Πx",
]


def doors(text: str) -> None:
    """Every way in; anything but our errors is a failure of the test."""
    for call in (parse, latex.parse, parse_expression, parse_condition, parse_equation, parse_point):
        try:
            call(text)
        except SymgraphError as problem:
            shown = str(problem)
            assert all(letter.isprintable() or letter.isspace() for letter in shown), ascii(shown)
            assert not set(shown) & set("\t\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), ascii(shown)
            if isinstance(problem, InputError) and problem.text:
                assert 0 <= problem.start <= len(text)


@pytest.mark.parametrize("text", PAST)
def test_past_crashes_stay_past(text: str) -> None:
    doors(text)


def test_past_misreadings_stay_past() -> None:
    assert parse_expression("sum(1, cos(x), 3)") == Apply(
        "total", (Number(1), Apply("cosine", (Name("x"),)), Number(3))
    )
    assert latex.parse_expression(r"3 \sec{x}") == Apply("multiply", (Number(3), Apply("secant", (Name("x"),))))


ALPHABET = [
    *"xyzabefghnkdtiTEIN0123456789.+-*/^()[]{}|,;=<>!_'\"\\ \n\t&%#@$~:?`",
    *"°′²³⁻¹ⁿₓ₁½√∛π·×÷−∞θαβΓ≤≥≠⌊⌋⌈⌉∂∑аο\u200b\u202e\u2061\x00\x1b",
    *("sin", "cos", "ln", "log_", "exp", "e^", "sqrt", "abs", "max(", "sum(", "integral(", "piecewise(", "if ", "else"),
    *("otherwise", "and", "not ", "\\frac", "\\sin", "\\left(", "\\right)", "\\begin{cases}", "\\end{cases}", "\\\\"),
    *(
        "\\sqrt",
        "\\int",
        "\\sum_{k=1}^{n}",
        "\\operatorname{",
        "\\text{",
        "\\begin{pmatrix}",
        "dx",
        "d/dx",
        "f(x)=",
        "1e-3",
    ),
    *(
        "2.5e-3",
        "pi",
        "theta",
        "x_1",
        "x_{",
        "w_ij",
        "10^",
        "gamma(",
        "factorial(",
        "!!",
        "^T",
        "[1,2]",
        "9^9",
        "^9999",
    ),
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(ALPHABET), max_size=25).map("".join))
def test_random_pieces_of_notation(text: str) -> None:
    doors(text)


@settings(max_examples=150)
@given(st.text(max_size=40))
def test_random_text(text: str) -> None:
    doors(text)


@settings(max_examples=150)
@given(st.lists(st.sampled_from(ALPHABET), max_size=20).map("".join))
def test_reading_is_deterministic_and_quick(text: str) -> None:
    def outcome() -> tuple[object, ...]:
        try:
            program = parse(text)
            return program.inputs, program.assignments, program.outputs, program.readings
        except SymgraphError as problem:
            return type(problem), str(problem)

    began = time.process_time()
    first = outcome()
    assert time.process_time() - began < 2
    assert outcome() == first


NAMES = st.sampled_from(["x", "y", "t", "x_1", "theta", "w_12", "a_prev", "h2"]).map(Name)
NUMBERS = st.integers(0, 99).map(Number)
ONE = [row.name for row in PRIMITIVES.values() if row.arity == (1, 1) and row.spellings and row.name != "transpose"]


def _larger(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    def apply(row: str, count: int) -> st.SearchStrategy[Tree]:
        return st.tuples(*[inner] * count).map(lambda parts: Apply(row, parts))

    condition = st.sampled_from(["less", "greater_equal", "unequal"]).flatmap(lambda row: apply(row, 2))
    return st.one_of(
        *(apply(row, 2) for row in ("add", "subtract", "multiply", "divide", "power", "maximum", "arctangent2")),
        apply("negate", 1),
        st.sampled_from(ONE).flatmap(lambda row: apply(row, 1)),
        st.tuples(inner, condition, inner).map(lambda parts: Apply("piecewise", parts)),
    )


FORMULAS = st.recursive(st.one_of(NAMES, NUMBERS, st.just(Constant("pi"))), _larger, max_leaves=12)


@settings(max_examples=300)
@given(FORMULAS)
def test_what_is_echoed_is_read_back(tree: Tree) -> None:
    """The printer of readings and the parser agree on every formula: they were written apart."""
    text = echo(tree, times="*", length=10**6)
    try:
        again = parse_expression(text, declared=[*names_in(tree), "x"])
    except SymgraphError as problem:
        # the door works numbers out, and may find that there are none
        assert not isinstance(problem, InputError), text
        return
    assert again == tree, text


@settings(max_examples=150)
@given(FORMULAS)
def test_random_formulas_are_built_or_refused_quickly(tree: Tree) -> None:
    began = time.process_time()
    with contextlib.suppress(SymgraphError):
        construct(tree)
    assert time.process_time() - began < 2
