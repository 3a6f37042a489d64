"""Is an answer right? Outcomes, certificates, forms, shapes of answers, and what each reader is shown."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy
from test_mistakes import FORESEEN

import symgraph
from benchmarks.measure import calls
from symgraph import check as public_check
from symgraph.calculus.balls import Tape
from symgraph.calculus.curves import is_equation
from symgraph.calculus.graph import Edge
from symgraph.errors import SymgraphError
from symgraph.explanation.typesetting import latex, mathml, text
from symgraph.language.notation import from_sympy
from symgraph.marking.answers import Expected, read
from symgraph.marking.checker import check, mark
from symgraph.marking.forms import FORMS, failing
from symgraph.marking.formulas import derivative_shown
from symgraph.marking.tasks import pose
from symgraph.marking.verdicts import Outcome, Verdict
from symgraph.parsing.text import parse_expression

X, Y, A, B = sympy.symbols("x y a b")

RIGHT = [
    ("sin((x+1)^9)", "9(x+1)^8*cos((x+1)^9)"),
    ("sin(x)^2", "sin(2x)"),
    ("tan(x)", "1/cos(x)^2"),
    ("tan(x)", "1+tan(x)^2"),
    ("ln(x)", "1/|x|"),
    ("abs(x)", "x/|x|"),
    ("floor(x)", "0"),
    ("sqrt(x^2)", "x/sqrt(x^2)"),
    ("atan((1+x)/(1-x))", "1/(1+x^2)"),
    ("ln(sec(x)+tan(x))", "sec(x)"),
    ("cos(8x)^x", "cos(8x)^x*(ln(cos(8x))-8x*tan(8x))"),
    ("(81x^8+1)^399", "258552*x^7*(81x^8+1)^398"),
    ("x/(1-x^2)", "1/(1-x^2)+2x^2/(1-x^2)^2"),
    ("x^(1/4)", "1/(4x^(3/4))"),
    ("ln(1/(sqrt(3)*sqrt(x)))", "-1/(2x)"),
    ("e^2", "0"),
]
WRONG = [
    ("sin(10(x+5)^4)", "40(x+5)^3*cos(40(x+5)^3)"),
    ("abs(x)", "1"),
    ("ln|x|", "1/|x|"),
    ("asec(x)", "1/(x*sqrt(x^2-1))"),
    ("sin(x)", "cos(x)*(1+10^(-30))"),
    ("exp(x)", "exp(x)+exp(-1000)"),
    ("x*cos(x^2)", "2.001*x*cos(x^2)"),
    ("pi*x^3/3", "3.142*x^2"),
    ("5x+2", "1"),
]
UNREADABLE = [
    ("x^2", ""),
    ("x^2", "2x+"),
    ("x^2", "2x+C"),
    ("x^2", "2*x dx"),
    ("x^2", "2x=0"),
    ("x^2", "y = 2x"),
    ("x^2", "y' = 2x = 3"),
    ("x^2", "dy/dt = 2x"),
    ("x^2", "y'' = 2"),
    ("x^2", "2x*(x-x)/(x-x)"),
    ("x^2", "__import__('os').getcwd()"),
    ("x^2", "9**9**9**9"),
    ("x^2", "[2x, 1]"),
]


# Outcomes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "answer"), RIGHT)
def test_right_answers(source: str, answer: str) -> None:
    verdict = check(source, answer, "x")
    assert verdict.outcome is Outcome.RIGHT
    assert verdict.evidence.method
    assert verdict.diagnoses == ()
    assert verdict.score == 1.0


@pytest.mark.parametrize(("source", "answer"), WRONG)
def test_wrong_answers_have_a_certificate_in_the_domain(source: str, answer: str) -> None:
    verdict = check(source, answer)
    assert verdict.outcome is Outcome.WRONG
    evidence = verdict.evidence
    assert evidence.answer is not None and evidence.derivative is not None
    assert evidence.answer.apart(evidence.derivative)
    assert all(isinstance(value, Fraction) for value in evidence.point.values())
    (again,) = Tape(parse_expression(source)).run(evidence.point)
    assert again.real, "the function has a value there"
    first, second, rest = re.findall(r"answer is (.*), the derivative (.*?)(?: \((.*)\))?$", str(evidence))[0]
    assert first != second or "they differ by" in rest, "the two can be told apart"


@pytest.mark.parametrize(("source", "answer"), UNREADABLE)
def test_what_cannot_be_read_is_never_wrong(source: str, answer: str) -> None:
    verdict = check(source, answer)
    assert verdict.outcome is Outcome.UNREADABLE
    assert verdict.evidence.error is not None
    assert verdict.score is None
    for reader in ("student", "teacher"):
        assert "wrong" not in verdict.render("txt", reader)


def test_a_position_and_a_hint_come_with_what_cannot_be_read() -> None:
    verdict = check("x^2", "y' = 2x +")
    assert verdict.render("txt").splitlines()[-2:] == ["  y' = 2x +", "          ^"]
    assert "its only name is x" in check("x^2", "2x+b").render("txt")


@pytest.mark.parametrize(
    "answer",
    ["", "idk", "IMG_1.jpg", "(2x", "2x)", "2x+", "*2x", "0,5,2", "1,000x", "2x=0", "y''=2", "[2x,1]", "2x;3", "weiß",
     "x<3", "x'", "f(x)", "sin", "√", "2x...", "-68%", "1/2x", "|2x", "x/0", "sin(x,2)", "log()", "2x, 3", "2x dx",
     "2x ± 1", "cos(60°)", r"\lim x", "2x==3", "3 4", "d/dx x^2", "x&y", "0^0", "ln(-1)", "sqrt(-1)", ".",
     "1,609", "2e-3*x", "x+C"],
)  # fmt: skip
def test_why_an_answer_cannot_be_read_is_said_in_german_too(answer: str) -> None:
    english = check("x^2", answer).render("txt")
    with symgraph.speaking("de"):
        german = check("x^2", answer).render("txt")
    words = set(re.findall(r"[a-z]{2,}", german.split("\n\n")[1]))
    assert not words & {"is", "not", "the", "this", "write", "where", "read", "has", "of", "or", "its", "with", "add"}
    assert german != english and "\\u000a" not in english + german


@pytest.mark.parametrize(("source", "meant"), [("1.609*x", "1.609"), ("1609*x", "1609")])
def test_a_comma_before_three_digits_is_what_makes_the_answer_right(source: str, meant: str) -> None:
    verdict = check(source, "1,609")
    assert verdict.outcome is Outcome.RIGHT
    assert verdict.answer is not None and verdict.answer.readings == (f"read 1,609 as {meant}",)


def test_a_comma_before_three_digits_that_is_right_neither_way_is_asked_about() -> None:
    verdict = check("3x", "1,609")
    assert verdict.outcome is Outcome.UNREADABLE
    assert "is it 1.609 or 1609?" in verdict.render("txt")
    with symgraph.speaking("de"):
        assert "gemeint ist 1.609 oder 1609?" in verdict.render("txt")


def test_right_on_a_smaller_domain_says_which() -> None:
    verdict = check("x*ln(x^2)-2x", "2*ln(x)")
    assert verdict.outcome is Outcome.RIGHT_ON
    assert text(verdict.evidence.domain) == "x > 0"  # type: ignore[arg-type] # there is one
    assert "where x > 0" in verdict.render("txt")


@pytest.mark.parametrize(
    ("source", "answer", "corners"),
    [
        ("|x|", "{1 if x >= 0, -1 otherwise}", "At x = 0 the function has no derivative: leave that point out."),
        ("max(x, x^2)", "piecewise(1, x <= 1 and x >= 0, 2x)", "At x = 0 and x = 1 the function has no derivative"),
        ("|x|", "{1 if x > 0, -1 if x < 0}", ""),
        ("|x|", "sign(x)", ""),
        ("x*|x|", "piecewise(2x, x >= 0, -2x)", ""),
    ],
)
def test_an_answer_that_has_a_value_at_a_corner_is_right_with_a_remark(source: str, answer: str, corners: str) -> None:
    verdict = check(source, answer)
    assert verdict.outcome is Outcome.RIGHT and verdict.score == 1
    told = " ".join(verdict.render("txt").split())
    assert corners in told if corners else "no derivative" not in told


@pytest.mark.parametrize(
    ("source", "answer", "part"),
    [
        ("x^2 + y^2 = 25", "-x/sqrt(25-x^2)", "y = √(25 − x²)"),
        ("x^2 + y^2 = 25", "x/sqrt(25-x^2)", "y = −√(25 − x²)"),
        ("x^2 + x*y + y^2 = 7", "-1/2-3x/(2sqrt(28-3x^2))", "y = √(7 − 3x²/4) − x/2"),
        ("y^2 + 2*y = sin(x)", "cos(x)/(2*sqrt(1+sin(x)))", "y = √(1 + sin x) − 1"),
    ],
)
def test_a_slope_without_y_is_right_on_the_part_of_the_curve_that_is_said(source: str, answer: str, part: str) -> None:
    verdict = check(source, answer, wrt="x", of="y")
    assert verdict.outcome is Outcome.RIGHT_ON and verdict.score is None
    assert f"right on one part of the curve: where {part}." in " ".join(verdict.render("txt").split())
    with symgraph.speaking("de"):
        assert "auf einem Teil der Kurve richtig" in " ".join(verdict.render("txt").split())


@pytest.mark.parametrize(
    ("source", "answer", "options"),
    [
        ("x^2*y + y", "2xy i + (x^2+1) j", {}),
        ("x^2*y + y", "∇f = 2xyi + x^2 j + j", {}),
        ("x^2*y + y", r"2xy\hat{i} + (x^2+1)\hat{\jmath}", {}),
        ("x^2*y + y*z", r"2xy\mathbf{i} + (x^2+z)\mathbf{j} + y\mathbf{k}", {}),
        ("x^2 + y^2", "2(x î + y ĵ)", {}),
        ("x^2 + 3", "2x i", {"wrt": ["x"]}),
        ("2*y*x + y", "2y i + (2x + 1) j", {}),  # i is the direction of x, whichever name stands first
        ("r = [t^2, sin(t)]", "2t i + cos(t) j", {"wrt": "t"}),
        ("r(t) = t^2 i + sin(t) j", "2t i + cos(t) j", {}),
        ("r(t) = t^2 i + sin(t) j", "(2t, cos t)", {}),
    ],
)
def test_vectors_are_read_in_unit_vectors(source: str, answer: str, options: dict[str, Any]) -> None:
    verdict = check(source, answer, **options)
    assert verdict.outcome is (Outcome.UNREADABLE if options == {"wrt": ["x"]} else Outcome.RIGHT)


@pytest.mark.parametrize("answer", ["2x i + 3", "2x i j", "sin(2x i) + j", "2/i + j", "2x k"])
def test_what_is_no_vector_stays_unreadable(answer: str) -> None:
    assert check("x^2 + 3y", answer).outcome is Outcome.UNREADABLE


@pytest.mark.parametrize("answer", ["2x + C", "y' = x^3/3 + c", "2x + const", "2x + konst"])
def test_the_constant_of_an_antiderivative_is_called_by_its_name(answer: str) -> None:
    verdict = check("x^2", answer)
    assert verdict.outcome is Outcome.UNREADABLE
    assert "this is the constant of an antiderivative" in " ".join(verdict.render("txt").split())
    with symgraph.speaking("de"):
        assert "das ist die Konstante einer Stammfunktion" in " ".join(verdict.render("txt").split())
    assert check("x^2 + C*x", "2x + C", wrt="x").outcome is Outcome.RIGHT


@pytest.mark.parametrize(
    ("source", "answer", "mistake"),
    [
        ("sin(x^2)", "0.5403", "missing_edge"),  # cos 1, as the formula cos(x²) is worth
        ("sin(x^2)", "-1.0806", "edge_sign"),
        ("sin(x^2)", "0.54", None),  # two digits are met by chance
        ("sin(x^2)", "1.081", "rounded"),
    ],
)
def test_decimals_of_a_mistake_are_that_mistake(source: str, answer: str, mistake: str | None) -> None:
    verdict = check(source, answer, at="x=1")
    assert verdict.outcome is Outcome.WRONG
    assert [each.mistake for each in verdict.diagnoses][:1] == ([mistake] if mistake else [])


@pytest.mark.parametrize(
    ("source", "answer", "outcome", "reading"),
    [
        ("x^2/1000", "2e-3*x", "right", "read 2e-3 as 2·10^-3"),
        ("x/500", "2e-3", "right", "read 2e-3 as 2·10^-3"),
        ("x/500", "2E-3", "right", "read 2E-3 as 2·10^-3"),
        ("2e*x - 3x^2/2", "2e-3*x", "right", "read 2e-3 as 2·e - 3, not as a power of ten"),
        ("2e*x - 3x", "2e-3", "right", "read 2e-3 as 2·e - 3, not as a power of ten"),
        ("x^2", "2e-3*x", "unreadable", ""),
    ],
)
def test_a_power_of_ten_is_read_where_it_makes_the_answer_right(
    source: str, answer: str, outcome: str, reading: str
) -> None:
    verdict = check(source, answer)
    assert verdict.outcome.value == outcome
    assert (verdict.answer.readings[:1] if verdict.answer else ()) == ((reading,) if reading else ())


@pytest.mark.parametrize(
    "answer", ["[1 2; 3 4*y]", "[1 2 ; 3 4y]", "[1 2; 3 3*y + y]", "[1, 2; 3, 4y]", "[1 2; 3 -(-4)*y]"]
)
def test_matrices_with_spaces_are_read(answer: str) -> None:
    assert check("u = x + 2y; v = 3x + 2y^2", answer, "x, y").outcome is Outcome.RIGHT


@pytest.mark.parametrize("answer", ["[1 2; 3 4 y]", "[1 2 3 4]", "[1 2; 3]"])
def test_a_matrix_whose_spaces_make_other_rows_is_for_a_person(answer: str) -> None:
    assert check("u = x + 2y; v = 3x + 2y^2", answer, "x, y").outcome is Outcome.UNREADABLE


def test_a_constant_derivative_may_be_rounded_to_two_digits() -> None:
    assert [each.mistake for each in check("x/3", "0.33").diagnoses] == ["rounded"]


@pytest.mark.parametrize(
    "answer",
    [
        "Answer: 2x",
        "Die Ableitung ist 2x.",
        "Ergebnis = 2x",
        "ans = 2x",
        "Out[3]= 2 x",
        "(%o3) 2*x",
        "die Lösung lautet: 2x",
    ],
)
def test_what_people_and_programs_write_before_an_answer_is_harmless(answer: str) -> None:
    assert check("x^2", answer).outcome is Outcome.RIGHT


@pytest.mark.parametrize("answer", ["-1/x^2, x ≠ 0", "-1/x^2 (x ≠ 0)", "-1/x^2 für x ≠ 0", "y' = -1/x^2 where x ≠ 0"])
def test_a_condition_behind_an_answer_is_left_out_and_noted(answer: str) -> None:
    verdict = check("1/x", answer)
    assert verdict.outcome is Outcome.RIGHT
    assert "without x ≠ 0." in verdict.render("txt")
    with symgraph.speaking("de"):
        assert "ohne x ≠ 0." in verdict.render("txt")


@pytest.mark.parametrize("answer", ["2x, x ∈ ℝ", "2x für alle x ∈ R", "2x for all x ∈ ℝ", r"2x, x \in \mathbb{R}"])
def test_all_numbers_are_no_condition(answer: str) -> None:
    assert check("x^2", answer).outcome is Outcome.RIGHT
    assert check("x^2", answer.replace("2x", "3x")).outcome is Outcome.WRONG


def test_an_answer_for_a_part_is_never_called_wrong_for_it() -> None:
    assert check("|x|", "1 for x > 0").outcome is Outcome.UNDECIDED
    assert check("ln(x)", "1/x, x > 0").outcome is Outcome.RIGHT
    assert check("1/x", "1/x^2, x != 0").outcome is Outcome.WRONG
    assert check("1/x", "1/x^2, x <> 0").outcome is Outcome.WRONG


@pytest.mark.parametrize("answer", ["y' = 2x ln(x^2+1) + 2x", "dy/dx = 2x ln(x^2+1) + 2x", "2x ln(x^2+1) + 2x"])
def test_the_output_of_a_program_may_stand_on_the_left(answer: str) -> None:
    program = "u = x^2 + 1; v = ln(u); y = u*v"
    assert check(program, answer).outcome is Outcome.RIGHT
    assert check(program, "dv/dx = 2x/(x^2+1)").outcome is Outcome.UNREADABLE


def test_exchanged_rows_and_columns_are_one_mistake_and_not_one_in_every_entry() -> None:
    verdict = check("u = x*y; v = x + y^2", "[[y,1],[x,2y]]", wrt=["x", "y"])
    assert verdict.score == 0.5
    told = " ".join(verdict.render("txt").split())
    assert told.startswith("Your answer does not give the derivatives") and "constant factor" not in told
    assert told.endswith("Rows and columns seem to be exchanged: which belongs to a row, an output or an input?")
    assert "At x" not in verdict.render("txt", reader="teacher"), "at a point every entry has a value of its own"


@pytest.mark.parametrize(("source", "answer"), [("3x", "5"), ("5", "1"), ("7x + 2", "12")])
def test_a_number_is_no_slip_of_another_number(source: str, answer: str) -> None:
    verdict = check(source, answer, wrt="x")
    assert verdict.diagnoses == () and verdict.score == 0


def test_another_input_is_said_first_where_nothing_else_is_said() -> None:
    told = " ".join(check("2x + 3y", "3", wrt="x").render("txt").split())
    assert told.endswith("That is ∂z/∂y. Asked for is ∂z/∂x: which letter moves?")


@pytest.mark.parametrize("answer", ["fx = 2x", "f‘(x) = 2x", "dy = 2x dx", "df = 2x*dx", "Df = 2x"])
def test_more_left_sides_are_harmless(answer: str) -> None:
    assert check("x^2", answer).outcome is Outcome.RIGHT
    assert check("x^2", answer.replace("2x", "3x")).outcome is Outcome.WRONG


def test_a_fraction_in_an_exponent_needs_brackets_in_typing() -> None:
    for answer in ("1/2*x^-1/2", "0.5x^-1/2"):
        assert [each.mistake for each in check("sqrt(x)", answer).diagnoses][:1] == ["brackets"]


def test_outside_the_functions_own_domain_nothing_counts() -> None:
    assert check("ln(x)", "1/|x|").outcome is Outcome.RIGHT
    assert check("sqrt(x)", "1/(2*sqrt(|x|))").outcome is Outcome.RIGHT


def test_what_cannot_be_settled_is_for_a_person() -> None:
    verdict = check("x*ln(x)-x", "ln(-x)")
    assert verdict.outcome is Outcome.UNDECIDED
    assert verdict.evidence.reason
    assert verdict.score is None
    assert "a person will look at it" in verdict.render("txt")


def test_a_verdict_has_no_truth_value() -> None:
    for answer in ("2x", "3x"):
        with pytest.raises(TypeError, match="compare its outcome"):
            bool(check("x^2", answer))


def test_the_public_name() -> None:
    assert public_check is check


def test_assumptions() -> None:
    assert check("x*sqrt(x^2)/2", "x", assuming={"x": "positive"}).outcome is Outcome.RIGHT
    assert check("x*sqrt(x^2)/2", "x", assuming="x > 0").outcome is Outcome.RIGHT
    assert check("x*sqrt(x^2)/2", "x").outcome is Outcome.WRONG


def test_a_faulty_question_is_an_error_and_no_verdict() -> None:
    for source, options in (("x^", {}), ("x^2", {"wrt": "t"}), ("x^2", {"form": "nice"}), ("x^2", {"order": 0})):
        with pytest.raises(SymgraphError):
            check(source, "2x", **options)  # type: ignore[arg-type] # options of several kinds


# What answers look like ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ("2x cos(x^2)", ""),
        ("y' = 2x cos(x^2)", "y'"),
        ("y’ = 2x cos(x^2)", "y’"),
        ("dy/dx = 2x cos(x^2)", "dy/dx"),
        ("f'(x) = 2x cos(x^2)", "f'(x)"),
        ("d/dx f(x) = 2x cos(x^2)", "d/dx f(x)"),
        (r"\frac{dy}{dx} = 2x\cos\left(x^{2}\right)", r"\frac{dy}{dx}"),
        (r"$\frac{\mathrm{d}y}{\mathrm{d}x} = 2x\cos(x^{2})$", r"\frac{\mathrm{d}y}{\mathrm{d}x}"),
        (2 * X * sympy.cos(X**2), ""),
    ],
)
def test_the_same_answer_in_many_dresses(answer: Any, left: str) -> None:
    verdict = check("sin(x^2)", answer)
    assert verdict.outcome is Outcome.RIGHT
    assert verdict.answer is not None
    assert verdict.answer.left_sides == ((left,) if left else ())
    assert ("was taken off" in verdict.render("txt")) == bool(left)


def test_values_at_a_point() -> None:
    assert check("(a+b)*(b+1)", "5", "b", at="a=2, b=1").outcome is Outcome.RIGHT
    assert check("(a+b)*(b+1)", 5, "b", at={"a": 2, "b": 1}).outcome is Outcome.RIGHT
    assert check("sin(x)", "sqrt(3)/2", at="x=pi/6").outcome is Outcome.RIGHT
    wrong = check("(a+b)*(b+1)", "2", "b", at="a=2, b=1")
    assert wrong.outcome is Outcome.WRONG
    assert wrong.diagnoses[0].mistake == "missing_path"
    assert str(wrong.evidence) == "at a = 2 and b = 1 the answer is 2, the derivative 5"
    unfinished = check("x^2/2", "x", at="x=3")
    assert unfinished.outcome is Outcome.WRONG_FORM
    assert check("x^2/2", "x+1", at="x=3").outcome is Outcome.WRONG


def test_gradients_and_jacobians() -> None:
    gradient = "(a+b)*(b+1)"
    for answer in ("[b+1, a+2b+1]", "(b+1, a+2b+1)", "b+1, a+2b+1", ["b+1", "a+2b+1"], [B + 1, A + 2 * B + 1]):
        assert check(gradient, answer).outcome is Outcome.RIGHT
    assert check(gradient, sympy.Matrix([B + 1, A + 2 * B + 1])).outcome is Outcome.RIGHT
    assert check(gradient, "∂e/∂a = b+1; ∂e/∂b = a+2b+1").outcome is Outcome.RIGHT
    half = check(gradient, "[b+1, b+1]")
    assert [part.outcome for part in half.parts] == [Outcome.RIGHT, Outcome.WRONG]
    assert half.outcome is Outcome.WRONG
    assert half.parts[1].diagnoses[0].mistake == "missing_path"
    program = "u = x*y; v = x + y"
    assert check(program, "[[y, x], [1, 1]]").outcome is Outcome.RIGHT
    turned = check(program, "[[y, 1], [x, 1]]")
    assert turned.outcome is Outcome.WRONG
    assert [each.mistake for each in turned.diagnoses] == ["transposed"]
    assert check("x^2*y", "[[2y, 2x], [2x, 0]]", order=2).outcome is Outcome.RIGHT
    assert check(gradient, "b+1").outcome is Outcome.UNREADABLE
    assert check(gradient, "[1, 2, 3]").outcome is Outcome.UNREADABLE


def test_higher_orders() -> None:
    assert check("x^4", "12x^2", order=2).outcome is Outcome.RIGHT
    assert check("cos(5x)", "-25cos(5x)", order=2).outcome is Outcome.RIGHT
    assert check("x^4", "y'' = 12x^2", order=2).outcome is Outcome.RIGHT


def test_curves() -> None:
    assert check("x^2+y^2=25", "dy/dx = -x/y").outcome is Outcome.RIGHT
    assert check("x^2+y^2=25", "-x*y/(25-x^2)").outcome is Outcome.RIGHT, "it uses the equation"
    assert check("x^2+y^2=25", "-3/4", at="x=3, y=4").outcome is Outcome.RIGHT
    assert check("sin(x*y)=x", "1/(x*cos(x*y))-y/x").outcome is Outcome.RIGHT
    assert check("x=t^2; y=t^3", "3t/2", "x", of="y").outcome is Outcome.RIGHT
    wrong = check("x^2+y^2=25", "x/y")
    assert wrong.outcome is Outcome.WRONG
    with pytest.raises(SymgraphError, match="not on the curve"):
        check("x^2+y^2=25", "1", at="x=1, y=1")
    assert [is_equation(each) for each in ("x*y = 1", "y = x", "f(x) = x", "cos(y) = x")] == [True, False, False, True]


@pytest.mark.parametrize(
    ("source", "answer"), [("xy = 1", "-y/x"), ("y = x*e^y", "e^y/(1-x*e^y)"), ("y = sin(xy)", "y")]
)
def test_a_curve_that_explain_takes_for_one_is_one_here(source: str, answer: str) -> None:
    assert is_equation(source)
    right = Outcome.WRONG if answer == "y" else Outcome.RIGHT
    assert check(source, answer, "x").outcome is right


def test_decimals_need_a_declared_tolerance() -> None:
    exact = check("x/3", "0.333")
    assert exact.outcome is Outcome.WRONG
    assert "3 digits are right, and no tolerance is declared" in str(exact.evidence)
    assert check("x/3", "0.333", tolerance=0.001).outcome is Outcome.RIGHT
    assert check("x/3", "0.33", tolerance="0.001").outcome is Outcome.WRONG
    assert check("pi*x", "3.14159", tolerance=1e-5).outcome is Outcome.RIGHT
    assert check("x^3", "12.0", at="x=2").outcome is Outcome.RIGHT
    assert check("x^3", "12.01", at="x=2", tolerance=0.001).outcome is Outcome.RIGHT
    assert check("x^3", "12.1", at="x=2", tolerance=0.001).outcome is Outcome.WRONG


@pytest.mark.parametrize(
    ("source", "at", "answer", "digits"),
    [
        ("cos(x)^2 + x/pi", "x=pi/4", "-0.6817", 4),
        ("cos(x)^2 + x/pi", "x=pi/4", "-0.68", 2),
        ("x^3/9", "x=1", "0.33", 2),
        ("5^x", None, "5^x*1.609", 4),
        ("x^3/9", "x=1", "0.34", 0),
        ("x^3/9", "x=1", "0.3", 0),
        ("5^x", None, "5^x*1.7", 0),
    ],
)
def test_a_rounded_answer_is_told_so(source: str, at: str | None, answer: str, digits: int) -> None:
    verdict = check(source, answer, at=at)
    assert verdict.outcome is Outcome.WRONG
    assert [each.mistake for each in verdict.diagnoses] == (["rounded"] if digits else [])
    assert verdict.score == (0.5 if digits else 0.0)
    assert (f"The first {digits} digits are right." in verdict.render("txt")) == bool(digits)
    with_tolerance = check(source, answer, at=at, tolerance="1e-9")
    assert not with_tolerance.diagnoses, "the teacher has said how close is close enough"


@pytest.mark.parametrize(
    ("source", "answer", "meant"),
    [
        ("e^(-3x)", "-3e^-3x", "−3e^(−3x)"),
        ("(x^2+1)/(3x-1)", "2x*(3x-1)-3(x^2+1)/(3x-1)^2", "(2x·(3x − 1) − 3(x² + 1))/(3x − 1)²"),
        ("x^2+x*y+y^2=7", "-(2x+y)/x+2y", "−(2x + y)/(x + 2y)"),
        ("x^2+x*y+y^2=7", "-2x-y/(x+2y)", "(−2x − y)/(x + 2y)"),
    ],
)
def test_brackets_that_are_missing_in_typing(source: str, answer: str, meant: str) -> None:
    verdict = check(source, answer)
    assert verdict.outcome is Outcome.WRONG
    assert verdict.diagnoses[0].mistake == "brackets" and verdict.score == 0.75
    assert meant in " ".join(verdict.render("txt", "teacher").split())
    student = " ".join(verdict.render("txt").split())
    assert "needs brackets" in student and meant not in student


def test_answers_are_judged_one_after_the_other() -> None:
    task = pose("(a+b)*(b+1)", "b")
    outcomes = [mark(task, answer).outcome for answer in ("a+2b+1", "b+1", "b+", "2b+a+1")]
    assert outcomes == [Outcome.RIGHT, Outcome.WRONG, Outcome.UNREADABLE, Outcome.RIGHT]


@pytest.mark.parametrize(
    ("source", "answer", "at"),
    [
        ("x^2", "y' = 2x.", None),
        ("x^2", "= 2x", None),
        ("x^2", "≈ 2x", None),
        ("x^2", "f´(x) = 2x", None),
        ("x^2", "f'(x) = x + x = 2x", None),
        ("x^2", "f'(2) = 4", "x=2"),
        ("cos(x)^2+x/pi", r"f'\left(\frac{\pi}{4}\right) = \frac{1}{\pi}-1.", "x=pi/4"),
        ("x^2+y^2=25", "dy/dx = -x/y = -3/4", "x=3, y=4"),
        ("x^2*y", "(2xy | x^2)", None),
        ("x^2*y", "{2xy, x^2}", None),
        ("x^2*y", "∇f(1,2) = (4; 1)", "x=1, y=2"),
    ],
)
def test_what_people_write_around_a_formula_is_harmless(source: str, answer: str, at: str | None) -> None:
    assert check(source, answer, at=at).outcome is Outcome.RIGHT


@pytest.mark.parametrize(
    ("answer", "at"),
    [("f'(3) = 4", "x=2"), ("f'(2) = 4", None), ("2x + ...", None), ("x = 2x", None), (r"\left(2x\right.", None)],
)
def test_what_is_not_harmless_is_left_to_a_person(answer: str, at: str | None) -> None:
    assert check("x^2", answer, at=at).outcome is Outcome.UNREADABLE


def test_a_decimal_comma_is_read_where_only_that_can_be_meant() -> None:
    verdict = check("sqrt(2x^2+1)", "0,5*(2x^2+1)^(-0,5)*4x")
    assert verdict.outcome is Outcome.RIGHT
    assert verdict.answer is not None and verdict.answer.readings == ("read 0,5 as 0.5",)
    assert check("e^(x/2)", "e^{0,5x}*0,5").outcome is Outcome.RIGHT
    colon = check("sqrt(2x^2+1)", "2x:sqrt(2x^2+1)")
    assert colon.outcome is Outcome.RIGHT and colon.answer is not None and colon.answer.readings == ("read : as /",)
    for unclear in ("1,000x", "log(2,8)+0,5", "[0,5x, 1]", "1,5,2", "x::2", "x:"):
        assert check("x^2", unclear).outcome is Outcome.UNREADABLE


def test_left_sides_name_what_is_asked_for() -> None:
    expected = Expected(("x", "t"), of="y", wrt=("x",))
    for left in ("dx/dt", "dt/dx", "∂y/∂t", "y_t", "d^2y/dx^2"):
        with pytest.raises(SymgraphError, match="the left side names"):
            read(f"{left} = 2x", expected)
    for left in ("y_x", "D_x y", "∂y/∂x", "(dy)/(dx)", "dy(x)/dx"):
        assert read(f"{left} = 2x", expected).left_sides == (left,)


# Forms --------------------------------------------------------------------------------------------------------------

IN_FORM = {
    "any": ["2*(x+1)*1"],
    "expanded": ["2x + 2", "x^2*cos(x) + 1", "sin(2(x+1))", "x^2/2 + x"],
    "factored": ["2(x+1)", "(x-1)(x+1)", "3x^2", "e^x(x+1)", "2x/(x^2+1)^2"],
    "single-fraction": ["(x+1)/x", "(3/4)*cos(x)", "1/(4x^(3/4))", "x + 1"],
    "lowest-terms": ["(x+1)/x", "2x/3", "x/(2x+2)"],
    "simplified": ["2x + 1", "x^2*cos(x) + 2x", "(3/4)cos(x)", "2^(1/2)*x", "(x+1)(x-1)"],
}
OUT_OF_FORM = {
    "expanded": {"2(x+1)": "2(x + 1)", "(x+1)^2": "(x + 1)²", "1-(x+1)": "1 − (x + 1)", "(x+1)/2": "(x + 1)/2"},
    "factored": {"2x+2": "2x + 2", "(x^2-1)^2": "x² − 1", "x*cos(x)+x": "x cos x + x"},
    "single-fraction": {"1/x+1": "1/x + 1", "1/(1+1/x)": "1 + 1/x", "x^(-1)+2": "x⁻¹ + 2"},
    "lowest-terms": {"2x/4": "2x/4", "(x^2-1)/(x-1)": "(x² − 1)/(x − 1)"},
    "simplified": {
        "2*3*x": "2·3",
        "1*x": "1·x",
        "x+0": "x + 0",
        "x*x": "x·x",
        "x+2x": "x + 2x",
        "x^1": "x¹",
        "-(-x)": "−(−x)",
        "ln(e)*x": "ln e",
        "2x/4": "2x/4",
        "sin(x)+x+sin(x)": "sin x + x + sin x",
    },
}  # fmt: skip


@pytest.mark.parametrize(("form", "answer"), [(form, each) for form, answers in IN_FORM.items() for each in answers])
def test_answers_in_form(form: str, answer: str) -> None:
    assert failing(parse_expression(answer), form) is None


@pytest.mark.parametrize(
    ("form", "answer", "part"), [(form, *row) for form, rows in OUT_OF_FORM.items() for row in rows.items()]
)
def test_the_part_that_breaks_a_form_is_named(form: str, answer: str, part: str) -> None:
    fault = failing(parse_expression(answer), form)
    assert fault is not None
    assert text(fault.part) == part


def test_every_form_is_tested() -> None:
    assert set(IN_FORM) == set(FORMS) - {"same-shape"}
    assert set(OUT_OF_FORM) == set(FORMS) - {"any", "same-shape"}


def test_the_value_is_judged_before_the_form() -> None:
    assert check("2*(x+1)^2", "4*(x+2)", form="expanded").outcome is Outcome.WRONG
    verdict = check("2*(x+1)^2", "4*(x+1)", form="expanded")
    assert verdict.outcome is Outcome.WRONG_FORM
    assert "4(x + 1) is a product with a sum in it" in " ".join(verdict.render("txt").split())
    assert check("2*(x+1)^2", "4x+4", form="expanded").outcome is Outcome.RIGHT


def test_the_shape_of_a_key() -> None:
    assert check("(x+1)^2", "2x+2", form="same-shape", key="2 + 2*x").outcome is Outcome.RIGHT
    assert check("(x+1)^2", "2(x+1)", form="same-shape", key="2x+2").outcome is Outcome.WRONG_FORM
    assert failing(parse_expression("-3*x*y"), "same-shape", parse_expression("-(3*y*x)")) is None


# What each reader is shown -------------------------------------------------------------------------------------------


def derivatives_of(verdict: Verdict) -> set[str]:
    """The derivative as text, LaTeX and MathML, simplified and as the graph gives it."""
    assert verdict.task is not None
    if verdict.task.slope is not None:
        trees = [from_sympy(verdict.task.slope.answer)]
    else:
        question = verdict.task.questions[0]
        trees = [derivative_shown(question), from_sympy(question.answer)]
    inside = [re.sub(r"^<math>(.*)</math>$", r"\1", mathml(tree)) for tree in trees]
    return {each for tree in trees for each in (text(tree), latex(tree))} | set(inside)


@pytest.mark.parametrize(("source", "answer", "mistake", "where", "options"), FORESEEN)
def test_a_student_is_never_shown_the_answer(
    source: str, answer: str, mistake: str, where: str, options: Mapping[str, Any]
) -> None:
    verdict = check(source, answer, **options)
    for form in ("txt", "html", "tex", "md", "json"):
        page = verdict.render(form, "student")
        for formula in derivatives_of(verdict):
            if formula.isdecimal() and form in ("html", "tex"):
                continue  # a page is full of numbers: sizes and places
            assert not re.search(rf"(?<![\w.\\>]){re.escape(formula)}(?![\w²³^(<])", page), (form, formula)


def test_a_student_is_never_shown_the_value() -> None:
    for answer in ("2", "b+1", "6", "a+b"):
        verdict = check("(a+b)*(b+1)", answer, "b", at="a=2, b=1")
        assert verdict.outcome is Outcome.WRONG
        for form in ("txt", "json"):
            assert not re.search(r"\b5\b", verdict.render(form, "student"))
        assert re.search(r"\b5\b", verdict.render("txt", "teacher"))


@pytest.mark.parametrize(
    ("source", "answer", "order", "told"),
    [
        ("sqrt(2x^2+1)", "4x", 1, "Which one does the edge w → y give, where w = 2x² + 1?"),
        ("sqrt(2x^2+1)", "2x/sqrt(2x^2)", 1, "at the inside, w = 2x² + 1, and not at v = 2x²."),
        ("t^3*sin(2t)", "3t^2 sin(2t)", 1, "the path t → u → y, where u = t³."),
        ("5^x + ln(x)", "x*5^(x-1) + 1/x", 1, "What moves in u = 5^x: the base, the exponent, or both?"),
        ("x^2+x*y+y^2=7", "-2x/(x+2y)", 1, "∂F/∂x, for F = x² + x·y + y² − 7. Does x reach F another way?"),
        ("x*exp(-x^2)", "-6x e^(-x^2)", 2, "it is a part of the sum. Go through dy/dx term by term"),
    ],
)
def test_a_student_reads_of_no_name_that_nobody_introduced(source: str, answer: str, order: int, told: str) -> None:
    verdict = check(source, answer, order=order)
    assert told in " ".join(verdict.render("txt").split())


def test_olahs_example_for_the_student_and_for_the_teacher() -> None:
    verdict = check("(a+b)*(b+1)", "b+1", "b", at="a=2, b=1")
    student = " ".join(verdict.render("txt", "student").split())
    told = "Your b + 1 is right as far as it goes: it is the product along the path b → c → e, where c = a + b."
    assert told in student
    assert "Does b reach e another way?" in student
    assert "(It is also what ∂e/∂a would be, if that is what you had in mind.)" in student
    assert "d" not in re.findall(r"\bd\b", student), "the missing path is not named"
    teacher = " ".join(verdict.render("txt", "teacher").split())
    assert "Consistent with leaving out the path b → d → e (product a + b); or with ∂e/∂a" in teacher
    assert "At a = 2 and b = 1 the answer is 2, the derivative 5." in teacher
    assert "Worth by default: 1/2 of the points." in teacher


@pytest.mark.parametrize("reader", ["student", "teacher"])
@pytest.mark.parametrize(("source", "answer", "mistake", "where", "options"), FORESEEN[::3])
def test_every_document_is_whole(
    source: str, answer: str, mistake: str, where: str, options: Mapping[str, Any], reader: str
) -> None:
    verdict = check(source, answer, **options)
    page = verdict.render("html", reader)
    assert page.count("<html") == 1 and page.rstrip().endswith("</html>")
    assert "None" not in page
    assert re.search(r'(?:src|href)="http', page) is None
    data = json.loads(verdict.render("json", reader))
    assert data["outcome"] == "wrong"
    for form in ("txt", "tex", "md"):
        written = verdict.render(form, reader)
        assert "None" not in written and "<<" not in written
    for diagnosis in verdict.diagnoses:
        assert diagnosis.sentence.startswith("Consistent with ")
        assert str(diagnosis) == diagnosis.sentence


def test_the_picture_lights_what_is_missing() -> None:
    verdict = check("(a+b)*(b+1)", "b+1", "b")
    teacher, student = verdict.render("html", "teacher"), verdict.render("html", "student")
    lit = re.compile(r'class="edge marked" data-tail="(\w)" data-head="(\w)"')
    assert set(lit.findall(teacher)) == {("b", "d"), ("d", "e")}
    assert set(lit.findall(student)) == {("b", "c"), ("c", "e")}
    assert '<g class="label"' in teacher and "∂" not in student.split('<g class="labels">')[1]


def test_a_teachers_page_puts_the_terms_side_by_side() -> None:
    page = check("(a+b)*(b+1)", "b+1", "b").render("html", "teacher")
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page)
    assert len(rows) == 2 and sum("missing" in row for row in rows) == 1


def test_hostile_answers_come_out_harmless() -> None:
    for answer in ("<script>alert(1)</script>", r"\input{/etc/passwd}", "x\x1b[2J", "}{$%&#", "x" * 3000):
        verdict = check("x^2", answer)
        assert verdict.outcome is Outcome.UNREADABLE
        page = verdict.render("html", "teacher")
        assert "<script" not in page
        assert r"\input{" not in verdict.render("tex", "teacher")
        assert "\x1b" not in verdict.render("txt", "teacher")


def test_readers_and_formats_are_named_when_they_are_not_known() -> None:
    verdict = check("x^2", "2x")
    for form in ("svg", "ipynb"):
        with pytest.raises(SymgraphError, match="the formats are"):
            verdict.render(form)
    with pytest.raises(SymgraphError, match="student or a teacher"):
        verdict.render("txt", "parent")
    with pytest.raises(SymgraphError, match="the formats are"):
        verdict.render("docx")


def test_a_diagnosis_points_into_the_graph() -> None:
    (diagnosis,) = check("sin(x^3)", "cos(x^3)").diagnoses
    assert isinstance(diagnosis.where, Edge)
    assert (diagnosis.where.tail.name, diagnosis.where.head.name) == ("x", "u")
    assert diagnosis.proof
    assert diagnosis.score == 0.5


# The command line, order, speed ---------------------------------------------------------------------------------------


def run(*words: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parent.parent
    environment = {"PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8", "PYTHONHASHSEED": seed, "PATH": ""}
    command = [sys.executable, "-m", "symgraph", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, cwd=root)


def test_the_command_line() -> None:
    done = run("check", "(a+b)*(b+1)", "--wrt", "b", "--answer", "b+1", "--json", "--reader", "teacher")
    assert done.returncode == 0
    data = json.loads(done.stdout)
    assert data["outcome"] == "wrong"
    assert [each["mistake"] for each in data["diagnoses"]] == ["missing_path", "other_input"]
    plain = run("check", "x^2", "--answer", "-2x")
    assert plain.returncode == 0 and "Check the signs" in plain.stdout
    assert run("check", "x^", "--answer", "2x").returncode == 2


def test_the_same_bytes_under_every_hash_seed() -> None:
    words = ("check", "x^2*sin(x)*e^x", "--answer", "2x*sin(x)*e^x", "--to", "html", "--reader", "teacher")
    first, second = (run(*words, seed=seed).stdout for seed in ("1", "2"))
    assert first == second and "</html>" in first


def test_an_answer_takes_few_calls() -> None:
    check("x", "1")
    spent = [calls(lambda row=row: check(row[0], row[1])) for row in FORESEEN if not row[4]]  # type: ignore[misc] # now
    assert sorted(spent)[len(spent) // 2] < 6_000


def test_a_definition_says_what_it_is_differentiated_by() -> None:
    assert check("h(t) = A e^(-k t)", "-k A e^(-k t)").outcome is Outcome.RIGHT


def test_an_integral_that_is_real_on_half_of_the_line_is_recognised() -> None:
    assert [each.mistake for each in check("1/x", "ln x", "x").diagnoses] == ["integrated"]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: public_check("x^2", "2x", wrt=3), "names are text"),
        (lambda: symgraph.differentiate("x^2", 3), "names are text"),
        (lambda: public_check("x^2", "4", at=2), "a point is text"),  # type: ignore[arg-type]
        (lambda: symgraph.explain("x^2", at=[2]), "a point is text"),  # type: ignore[arg-type]
        (lambda: public_check("x^2", "2x", tolerance="some"), "a tolerance is a number"),
        (lambda: public_check("x^2", "2x", order="2"), "the order of a derivative"),  # type: ignore[arg-type]
        (lambda: symgraph.differentiate("x^2", order="2"), "the order of a derivative"),  # type: ignore[arg-type]
        (lambda: public_check("x^2", "2x", assuming=3), "assumptions are"),
        (lambda: symgraph.hint("x^2", given="2"), "hints cannot have been given"),  # type: ignore[arg-type]
        (lambda: symgraph.explain("x^2", grain="fine"), "the grain is operation, statement, textbook"),  # type: ignore[arg-type]
        (lambda: symgraph.explain("x^2").save(3), "saved to a path"),  # type: ignore[arg-type]
    ],
)
def test_what_a_caller_can_do_wrong_is_said_in_a_sentence(call: Callable[[], object], told: str) -> None:
    with pytest.raises(SymgraphError, match=told):
        call()


def test_a_program_of_a_thousand_lines_is_judged_without_writing_all_of_them_out() -> None:
    lines = ["u0 = x", *(f"u{k} = u{k - 1}*{k % 7 + 2} + x" for k in range(1, 1000))]
    task = pose("\n".join(lines))
    assert mark(task, "1").outcome is Outcome.WRONG
    assert len(task.definitions._known) <= 1  # type: ignore[attr-defined]  # of its thousand names


def test_values_larger_than_any_float_are_judged() -> None:
    assert check("10^400*x", "1.5*10^399").outcome is Outcome.WRONG
    assert check("10^400*x", "10^400").outcome is Outcome.RIGHT


@pytest.mark.parametrize("order", [0, -1, 3])
def test_a_curve_has_no_derivative_of_that_order_here(order: int) -> None:
    with pytest.raises(SymgraphError, match="order=1 and order=2 alone"):
        check("x^2 + y^2 = 25", "-x/y", order=order)
