"""Programs: what is an input, what an output, in which order; and every way in which statements do not fit."""

from __future__ import annotations

import pytest
from sympy import Symbol, symbols

from symgraph.errors import LimitExceeded, NameProblem, ProgramError, SymgraphError, TooLargeToShow
from symgraph.language.program import Program
from symgraph.limits import Limits
from symgraph.parsing.text import parse


def names(program: Program) -> list[str | None]:
    return [assignment.name for assignment in program.assignments]


def test_inputs_are_used_and_never_assigned_outputs_assigned_and_never_used() -> None:
    program = parse("c = a+b; d = b+1; e = c*d; f = c - 1")
    assert (program.inputs, program.outputs, names(program)) == (("a", "b"), ("e", "f"), ["c", "d", "e", "f"])


def test_statements_stand_in_any_order() -> None:
    program = parse("e = c*d\nd = b+1\nc = a+b")
    assert names(program) == ["d", "c", "e"]
    a, b = symbols("a b")
    assert program.expr == (a + b) * (b + 1)


def test_of_names_the_outputs() -> None:
    assert parse("c = a+b; e = c*2", of="c").outputs == ("c",)
    with pytest.raises(NameProblem, match="q is not assigned here"):
        parse("c = a+b", of="q")


def test_a_definition_names_its_output_and_its_inputs() -> None:
    program = parse("f(y, x) = x^2*y")
    assert (program.inputs, program.outputs) == (("y", "x"), ("f",))


def test_a_function_of_the_program_can_be_applied() -> None:
    x = Symbol("x")
    assert parse("f(x) = x^2; g(x) = f(x) + 1").expr == x**2 + 1
    assert parse("f(x) = x^2; g(x) = f(2x)", of="g").expr == 4 * x**2


def test_a_function_that_is_only_called_is_no_output_and_its_parameters_no_inputs() -> None:
    program = parse("g(t) = sin(t)\nf(x) = g(x^2)")
    assert (program.inputs, program.outputs, names(program)) == (("x",), ("f",), ["f"])
    program = parse("y = f(3x) + 1; f(t) = g(t)^2; g(t) = t + a")  # of g, too, nothing is left
    assert (program.inputs, program.outputs, names(program)) == (("x", "a"), ("y",), ["y"])
    program = parse("f(x) = x^2; g(x) = sin(x); h(x) = f(g(x))")  # g stands there as it was defined
    assert (program.inputs, program.outputs, names(program)) == (("x",), ("h",), ["g", "h"])
    program = parse("f(x) = x^2; y = f(2t)", of=("f", "y"))
    assert (program.inputs, program.outputs) == (("x", "t"), ("f", "y"))
    assert parse("f(x) = x^2; y = f(3)").outputs == ("f", "y")  # without f nothing would vary


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("c = d + 1\nd = c*2", r"c \(line 1\) and d \(line 2\) need each other"),
        ("c = c + 1", r"c \(line 1\) is defined by itself"),
        ("c = a\nb = 1\nc = b", r"c is assigned twice: line 1 and line 3"),
        ("f(x) = x*c\nx = 3\nc = 2", r"x is an input of f \(line 1\) and is assigned \(line 2\)"),
    ],
)
def test_statements_that_do_not_fit_are_named_by_their_lines(text: str, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        parse(text)


def test_declared_inputs_are_the_only_ones() -> None:
    assert parse("x + 1", inputs=("x", "y")).inputs == ("x", "y")
    with pytest.raises(SymgraphError):
        parse("x + t", inputs=("x", "y"))
    with pytest.raises(ProgramError, match="x is an input and is assigned"):
        parse("x = 2", inputs=("x",))


def test_several_outputs_ask_which() -> None:
    with pytest.raises(ProgramError, match="2 outputs"):
        _ = parse("c = a; d = b").expr


def test_an_expression_too_large_to_write_out_says_how_large() -> None:
    program = parse("; ".join(["u0 = x"] + [f"u{k} = u{k - 1}*u{k - 1} + u{k - 1}" for k in range(1, 60)]))
    with pytest.raises(TooLargeToShow, match=r"about 10\^\d+ parts"):
        _ = program.expr


def test_thousands_of_statements_are_a_normal_program() -> None:
    program = parse("\n".join(["u0 = x"] + [f"u{k} = u{k - 1} + {k}" for k in range(1, 3000)]))
    assert len(program.assignments) == 3000
    with pytest.raises(LimitExceeded, match="statements"):
        parse("a = x; b = a; c = b", limits=Limits(statements=2))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("f(x) = x^2 + 1; y = f(f(f(t)))", "((t**2 + 1)**2 + 1)**2 + 1"),
        ("g(x) = x^3; f(x) = g(2x) + x; y = f(f(t))", "8*t**3 + t + (16*t**3 + 2*t)**3"),
        ("f(x) = x + 1; g(x) = f(x)^2; y = g(f(g(3t)))", "((3*t + 1)**2 + 2)**2"),
    ],
)
def test_a_function_may_be_applied_to_what_it_gives(text: str, value: str) -> None:
    assert str(parse(text).expr) == value
