"""The tangent as a question: equations of the same line, what is behind those of another, hints and credit."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy

from symgraph import files
from symgraph.errors import DomainError, SymgraphError
from symgraph.explanation.renderer import speaking
from symgraph.explanation.typesetting import text
from symgraph.homework.answer_key import answer_key
from symgraph.homework.grading import mark_answers
from symgraph.homework.items import judge, work_out
from symgraph.homework.problems import read_text, vary
from symgraph.marking.checker import check
from symgraph.marking.credit import award
from symgraph.marking.hints import hint
from symgraph.marking.tasks import pose
from symgraph.marking.verdicts import Outcome, Verdict

SQUARE = ("x^2", {"x": 2})
CIRCLE = ("x^2 + y^2 = 25", {"x": 3, "y": 4})
LOGARITHM = ("ln(x)", {"x": 1})
UPRIGHT = ("x^2 + y^2 = 25", {"x": 5, "y": 0})
CURVE = ("x = t^2; y = t^3", {"t": 1})
PLANE = ("x*y^2", {"x": 2, "y": 3})
EXPONENTIAL = ("f(x) = e^x", {"x": 1})
X, Y = sympy.symbols("x y")

RIGHT = [
    (SQUARE, "y = 4x - 4"),
    (SQUARE, "y - 4 = 4(x - 2)"),
    (SQUARE, "4x - y = 4"),
    (SQUARE, "y=4*(x-1)"),
    (SQUARE, "4x − 4"),
    (SQUARE, "f(x) = 4x - 4"),
    (SQUARE, "t(x) = 4x - 4"),
    (SQUARE, "T: y = 4x - 4"),
    (SQUARE, "y_T = 4x - 4"),
    (SQUARE, "The tangent is y = 4x - 4."),
    (SQUARE, "Tangente: y = 4,0x - 4"),
    (SQUARE, r"$y = 4\left(x - 1\right)$"),
    (SQUARE, r"\(y-4 = \frac{8}{2}(x-2)\)"),
    (SQUARE, "y = 4(x-2) + 4 = 4x - 4"),
    (SQUARE, "0 = 8x - 2y - 8"),
    (SQUARE, "y = 8/2(x-1)"),
    (SQUARE, "(y - 4)/(x - 2) = 4"),
    (SQUARE, 4 * X - 4),
    (SQUARE, sympy.Eq(Y, 4 * X - 4)),
    (EXPONENTIAL, "y = e x"),
    (EXPONENTIAL, "f(x) = ex"),
    (("s = t^2", {"t": 2}), "s = 4t - 4"),
    (("area = r^2", {"r": 2}), "area = 4r - 4"),
    (("a*b", {"a": 1, "b": 2}), "y = 2a + b - 2"),
    (("ln(x)", {"x": 1}), "y = x - 1"),
    (("y = sin(x^2)", {"x": "sqrt(pi)/2"}), "y = sqrt(pi/2)(x - sqrt(pi)/2) + sqrt(2)/2"),
    (CIRCLE, "3x + 4y = 25"),
    (CIRCLE, "y = -3/4x + 6.25"),
    (UPRIGHT, "x = 5"),
    (UPRIGHT, "2x - 10 = 0"),
    (CURVE, "y = 3/2(x-1) + 1"),
    (CURVE, "2y = 3x - 1"),
    (PLANE, "z = 9x + 12y - 36"),
    (PLANE, "z - 18 = 9(x-2) + 12(y-3)"),
]
WRONG = [
    (SQUARE, "y = 2x(x-2) + 4", "slope_not_evaluated", 0.5),
    (SQUARE, "y = 2x", "slope_alone", 0.25),
    (SQUARE, "4", "slope_alone", 0.5),
    (SQUARE, "y = 4x", "tangent_point", 0.5),
    (SQUARE, "y = 4x + 4", "tangent_point", 0.5),
    (SQUARE, "y = 4(x+2) + 4", "tangent_point", 0.5),
    (SQUARE, "y = 4x - 5", "tangent_point", 0.5),
    (SQUARE, "y = 2(x-2) + 4", "tangent_slope", 0.5),
    (SQUARE, "y = -(x-2)/4 + 4", "tangent_normal", 0.5),
    (SQUARE, "y = x^2", "not_a_line", 0),
    (SQUARE, "y = sin(x)", "not_a_line", 0),
    (SQUARE, "x = 2", None, 0),
    (LOGARITHM, "y = |x| - 1", None, 0),
    (SQUARE, "y = 5x + 1", None, 0),
    (EXPONENTIAL, "y = 2.718x", "rounded", 0.5),
    (CIRCLE, "y = 3/4(x-3) + 4", "tangent_slope", 0.875),
    (CIRCLE, "y = 4/3x", "tangent_normal", 0.5),
    (CIRCLE, "y = -3/4x", "tangent_point", 0.5),
    (CIRCLE, "y = 4", None, 0),
    (UPRIGHT, "y = 0", "tangent_normal", 0.5),
    (UPRIGHT, "x = 4", "tangent_point", 0.5),
    (UPRIGHT, "y = x - 5", "tangent_slope", 0.5),
    (CURVE, "y = 3x - 2", "tangent_slope", 0.75),
    (PLANE, "z = 9x + 12y", "tangent_point", 0.5),
    (PLANE, "z = 12(x-2) + 9(y-3) + 18", "tangent_slope", 0.75),
    (PLANE, "z = y^2*(x-2) + 2x*y*(y-3) + 18", "slope_not_evaluated", 0.5),
]
UNREADABLE = [
    "",
    "y = 4x -",
    "y' = 4",
    "dy/dx = 4x - 4",
    "y = 4x + c",
    "y = 4z - 4",
    "[4, -4]",
    "y = 1/0*x",
    "y",
    "y - 4x + 4",
]


def asked(problem: tuple[str, dict[str, Any]], answer: Any, **more: Any) -> Verdict:
    return check(problem[0], answer, at=problem[1], tangent=True, **more)


@pytest.mark.parametrize(("problem", "answer"), RIGHT)
def test_every_equation_of_the_line_is_right(problem: Any, answer: Any) -> None:
    verdict = asked(problem, answer)
    assert verdict.outcome is Outcome.RIGHT and verdict.score == 1
    assert "the tangent" in award(verdict).parts[0].witness


@pytest.mark.parametrize(("problem", "answer", "mistake", "score"), WRONG)
def test_other_lines_are_wrong_with_a_certificate(problem: Any, answer: str, mistake: str | None, score: float) -> None:
    verdict = asked(problem, answer)
    assert verdict.outcome is Outcome.WRONG
    assert [each.mistake for each in verdict.diagnoses] == ([] if mistake is None else [mistake])
    assert verdict.score == score
    left, right = verdict.evidence.answer, verdict.evidence.derivative
    assert verdict.evidence.point and left is not None and right is not None and left.apart(right)


@pytest.mark.parametrize("answer", UNREADABLE)
def test_what_is_no_equation_is_not_called_wrong(answer: str) -> None:
    assert asked(SQUARE, answer).outcome is Outcome.UNREADABLE


@pytest.mark.parametrize("answer", ["(y - 4x + 4)(y - 1) = 0", "(y - 4x + 4)(x - 1) = 0", "0 = 0", "y^2 = 16(x-1)^2"])
def test_what_holds_on_the_tangent_and_is_no_line_is_for_a_person(answer: str) -> None:
    assert asked(SQUARE, answer).outcome is Outcome.UNDECIDED


@pytest.mark.parametrize(
    ("source", "at"),
    [
        ("|x|", "x=0"),
        ("x^2 = y^2", "x=0, y=0"),
        ("x = t^2; y = t^3", "t=0"),
        ("x^2 + y^2 = 25", "x=1, y=1"),
        ("x^2", None),
    ],
)
def test_where_there_is_no_tangent_is_said(source: str, at: str | None) -> None:
    with pytest.raises(SymgraphError):
        pose(source, at=at, tangent=True)


def test_a_tip_of_a_curve_has_no_tangent_that_derivatives_tell() -> None:
    with pytest.raises(DomainError, match="stands still"):
        pose("x = t^2; y = t^3", at="t=0", tangent=True)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("problem", "answer", "mistake", "score"), WRONG)
def test_a_student_is_never_told_the_tangent(
    problem: Any, answer: str, mistake: str | None, score: float, language: str
) -> None:
    with speaking(language):
        verdict = asked(problem, answer)
        assert verdict.task is not None and verdict.task.tangent is not None
        told = " ".join(verdict.render("txt").split())
        full = " ".join(verdict.render("txt", "teacher").split())
        assert all(verdict.render(to) for to in ("html", "md", "tex", "json"))
    line = text(verdict.task.tangent.equation)
    assert line in full
    assert problem is UPRIGHT or line not in told  # there the question says x = 5 itself


def test_what_lies_behind_a_wrong_slope_is_told() -> None:
    verdict = check("sin(x^2)", "y = cos(1)(x-1) + sin(1)", at="x=1", tangent=True)
    assert "Does the inside move, too?" in " ".join(verdict.render("txt").split())
    parts = {str(part.edge): part.earned for part in award(verdict, 8).parts}
    assert parts == {"x → u": 0, "u → y": 2, "None": 4}


def test_a_slope_that_is_met_by_chance_is_not_explained() -> None:
    verdict = check("x^2", "y = 4x + 12", at="x=-2", tangent=True)  # f(−2) is 4, and −4 was meant
    assert "This is still the function" not in verdict.render("txt")
    assert verdict.diagnoses[0].mistake == "tangent_slope"


def test_a_minus_behind_an_equals_sign_stands_without_brackets() -> None:
    assert check("x^2", "y = -4x", at="x=-2", tangent=True).render("txt").startswith("Your answer y = −4x is not")


def test_a_form_is_asked_of_the_right_side() -> None:
    assert asked(SQUARE, "y = 4(x-1)", form="expanded").outcome is Outcome.WRONG_FORM
    assert asked(SQUARE, "y = 4x - 4", form="expanded").outcome is Outcome.RIGHT


def test_decimals_are_right_within_a_tolerance() -> None:
    assert asked(EXPONENTIAL, "y = 2.718x", tolerance=0.001).outcome is Outcome.RIGHT
    assert asked(EXPONENTIAL, "y = 2.7x", tolerance=0.001).outcome is Outcome.WRONG


def test_hints_lead_from_the_point_and_the_slope_to_the_line() -> None:
    kinds = [hint("sin(x^2)", at="x=1", tangent=True, given=given) for given in range(7)]
    assert [each.kind for each in kinds] == ["line", "paths", "nodes", "edge", "product", "through", "total"]
    assert all("cos 1" not in each.sentence for each in kinds[:-1]) and "y = 2x cos 1" in kinds[-1].sentence
    attempts = {"y = 4x": "through", "y = 2(x-2) + 4": "edge", "y = 4x - 4": "done", "y = x + ": "unreadable"}
    for attempt, kind in attempts.items():
        assert hint("x^2", at="x=2", tangent=True, attempt=attempt).kind == kind


def test_point_and_slope_are_half_of_the_points_each() -> None:
    credit = award(asked(SQUARE, "y = 4x"), total=4)
    assert [(part.path is None, part.earned) for part in credit.parts] == [(False, Fraction(2)), (True, Fraction(0))]


# Homework ------------------------------------------------------------------------------------------------------------

SET = """
schema = 1
seed = "s"
[defaults]
points = 4
[[problem]]
id = "drawn"
f = "x^2 - a*x"
question = "tangent"
at = "x = b"
params = { a = "2..5", b = "1..4" }
nice = "integer-coefficients"
key = "(2*b - a)*x - b^2"
  [[problem.feedback]]
  when = "y = (2*b - a)*x + 77"
  score = 0.25
  say = "Where do these 77 come from?"
  [[problem.test]]
  answer = "y - b^2 + a*b = (2*b - a)*(x - b)"
  score = 1
  [[problem.test]]
  answer = "y = (2*b - a)*x + b^2 - a*b"
  score = 0.5
[[problem]]
id = "curve"
f = "x^2 + y^2 = 25"
question = "tangent"
at = "x = 3, y = 4"
[[problem]]
id = "upright"
f = "x^2 + y^2 = 25"
question = "tangent"
at = "x = 5, y = 0"
key = "x = 5"
[[problem]]
id = "parametric"
f = "x = t^2; y = t^3 + t"
question = "tangent"
at = "t = 1"
[[problem]]
id = "plane"
f = "x*y^2"
question = "tangent"
at = "x = 2, y = 3"
[[problem]]
id = "named"
f = "s = 20t - 5t^2"
question = "tangent"
at = "t = 1"
key = "10t + 5"
[[problem]]
id = "called"
f = "f(x) = x^2"
question = "tangent"
at = "x = 2"
key = "t(x) = 4x - 4"
"""
STATEMENTS = {
    "curve": "Find an equation of the tangent to x² + y² = 25 at x = 3, y = 4.",
    "plane": "Find an equation of the tangent plane to z = x·y² at x = 2, y = 3.",
    "called": "Find an equation of the tangent to y = x² at x = 2.",
    "named": "Find an equation of the tangent to s = 20t − 5t² at t = 1.",
}
KEYS = {
    "curve": "y = −3x/4 + 25/4",
    "upright": "x = 5",
    "parametric": "y = 2x",
    "plane": "z = 9x + 12y − 36",
    "named": "s = 10t + 5",
    "called": "y = 4x − 4",
}


def worked(name: str, *parts: str, label: str = "1") -> dict[str, Any]:
    (problem,) = (each for each in read_text(SET).problems if each.id == name)
    return work_out(problem.data(), "s", label, parts)


@pytest.mark.parametrize("name", ["drawn", *KEYS])
def test_homework_asks_for_a_tangent(name: str) -> None:
    item = worked(name, "statement:txt", "answer:txt", "proof", "worked:md", "scheme:md", "choice:txt")
    assert {claim["outcome"] for claim in item["proof"]["claims"]} == {"proved"}
    assert item["statement:txt"] == STATEMENTS.get(name, item["statement:txt"])
    assert item["answer:txt"] == KEYS.get(name, item["answer:txt"])
    assert "### The tangent" in item["worked:md"]["text"]
    scheme = item["scheme:md"]
    assert sum(
        float(row["points"]) for kind in ("edges", "paths", "touching") for row in scheme[kind]
    ) == pytest.approx(4, abs=0.01)


@pytest.mark.parametrize("name", ["drawn", "curve", "parametric", "plane", "named"])
def test_wrong_choices_are_named_mistakes(name: str) -> None:
    options = worked(name, "choice:txt")["choice:txt"]
    (problem,) = (each for each in read_text(SET).problems if each.id == name)
    variant = vary(problem, "s", "1")
    assert len(options) == 5 and sum(option["right"] for option in options) == 1
    for option in options:
        verdict = judge(variant, option["ascii"])
        assert verdict.outcome is (Outcome.RIGHT if option["right"] else Outcome.WRONG)
        if not option["right"]:
            assert [each.mistake for each in verdict.diagnoses][:1] == [option["mistake"]]


def test_a_german_key_to_choices_names_mistakes_in_german(tmp_path: Path) -> None:
    path = files.write(tmp_path / "hw.toml", SET)
    with speaking("de"):
        answer_key(path, tmp_path / "out", make=["choice"], formats=["md"], workers=1)
    key = (tmp_path / "out" / "choice-key.md").read_text("utf-8")
    assert "Normale statt Tangente" in key and "tangent normal" not in key


def test_a_class_is_marked_and_equal_lines_are_one_answer() -> None:
    (problem,) = (each for each in read_text(SET).problems if each.id == "curve")
    answers = ["3x + 4y = 25", "y = 6.25 - 0.75x", "y = -3/4x", "idk"]
    marks = mark_answers(problem.data(), "s", "1", answers)
    assert [mark["score"] for mark in marks] == [1, 1, 0.5, None]
    assert marks[0]["group"] == marks[1]["group"] != marks[2]["group"]
    assert marks[2]["mistake"] == "tangent_point"


def test_what_a_teacher_says_to_a_line_is_found_by_value() -> None:
    (problem,) = (each for each in read_text(SET).problems if each.id == "drawn")
    variant = vary(problem, "s", "1")
    when = variant.replies("feedback")[0].answer
    (mark,) = mark_answers(problem.data(), "s", "1", [when.removeprefix("y = ")])
    assert (mark["score"], mark["feedback"]) == (0.25, "Where do these 77 come from?")


@pytest.mark.parametrize(
    ("field", "told"),
    [('order = 2\nat = "x = 1"', "first derivative"), ("", "touches at a point"), ('at = "x"', "a point")],
)
def test_what_a_tangent_needs_is_said(field: str, told: str) -> None:
    with pytest.raises(SymgraphError, match=told):
        read_text(f'schema = 1\n[[problem]]\nid = "p"\nf = "x^2"\nquestion = "tangent"\n{field}')


def test_a_height_has_a_name_beside_any_letters() -> None:
    written = (
        'schema = 1\n[[problem]]\nid = "p"\nf = "y*z*w*v"\nwrt = "y"\nquestion = "tangent"\nat = "y=1, z=1, w=1, v=1"'
    )
    (problem,) = read_text(written).problems
    variant = vary(problem, "S", "1")
    assert "tangent = {{f}}" in problem.fields["text"]
    assert variant.tangent is not None and variant.tangent.up == "tangent"
    assert judge(variant, "tangent = y").outcome is Outcome.RIGHT
