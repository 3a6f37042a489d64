"""The table of mistakes: every row explains the answers that it stands for, and nothing explains a right one."""

from __future__ import annotations

from collections import Counter

import pytest
from test_lines import WRONG as OF_TANGENTS

from symgraph.calculus.equality import Outcome as Known
from symgraph.calculus.equality import equal
from symgraph.explanation import renderer
from symgraph.marking.candidates import candidates, fitting
from symgraph.marking.checker import check
from symgraph.marking.mistakes import MISTAKES, edits
from symgraph.marking.question import ask
from symgraph.marking.telling import Telling
from symgraph.marking.verdicts import Outcome, Verdict

NAMES = """missing_path repeated_path missing_edge edge_sign outer_at_input outer_at_derivative product_of_derivatives
quotient_of_derivatives quotient_order quotient_sign quotient_square exponent_kept coefficient_lost
power_rule_on_exponential exponential_rule_on_power wrong_elementary constant_as_variable variable_as_constant
other_input wrong_order not_differentiated integrated reciprocal unfinished slip two_edits""".split()  # noqa: SIM905

# What a teacher would foresee, written by hand: function, wrong answer, the mistake, where ("" for the whole).
FORESEEN = [
    # paths
    ("(a+b)*(b+1)", "b+1", "missing_path", "b → d → e", {"wrt": "b"}),
    ("(a+b)*(b+1)", "a+b", "missing_path", "b → c → e", {"wrt": "b"}),
    ("(a+b)*(b+1)", "b+1", "other_input", "a → e", {"wrt": "b"}),
    ("(a+b)*(b+1)", "a+3b+2", "repeated_path", "b → c → e", {"wrt": "b"}),
    ("x^2*sin(x)", "2x*sin(x)", "missing_path", "x → v → y", {}),
    ("x^2*sin(x)", "x^2*cos(x)", "missing_path", "x → u → y", {}),
    ("x*e^x*sin(x)", "e^x*sin(x)", "missing_path", None, {}),
    ("x^x", "x*x^(x-1)", "missing_path", "x → y", {}),
    # the chain rule
    ("sin(x^3)", "cos(x^3)", "missing_edge", "x → u", {}),
    ("(x^2+1)^5", "5(x^2+1)^4", "missing_edge", "x → v", {}),
    ("e^(-x^2)", "e^(-x^2)", "missing_edge", "x → v", {}),
    ("ln(x^2+1)", "1/(x^2+1)", "missing_edge", "x → v", {}),
    ("sqrt(1-x^2)", "1/(2sqrt(1-x^2))", "missing_edge", "x → v", {}),
    ("cos(5x)", "-sin(5x)", "missing_edge", "x → u", {}),
    ("sin(cos(x^2))", "-cos(cos(x^2))*sin(x^2)", "missing_edge", "x → u", {}),
    ("arctan(3x)", "1/(1+9x^2)", "missing_edge", "x → u", {}),
    ("sin(x^3)", "3x^2*cos(x)", "outer_at_input", "u → y", {}),
    ("(2x+1)^3", "6x^2", "outer_at_input", "v → y", {}),
    ("e^(2x)", "2e^x", "outer_at_input", "u → y", {}),
    ("sin(x^2)", "cos(2x)", "outer_at_derivative", "u → y", {}),
    ("ln(x^3)", "1/(3x^2)", "outer_at_derivative", "u → y", {}),
    ("sin(x^2)", "cos(x^2)+2x", "sum_along_path", "u → y", {}),
    ("sin(x^2)", "sin(2x)", "inside_differentiated", "u → y", {}),
    ("sin(x)^2", "cos(x)^2", "inside_differentiated", "u → y", {}),
    # products and quotients
    ("x^2*sin(x)", "2x*cos(x)", "product_of_derivatives", "v → y", {}),
    ("e^x*ln(x)", "e^x/x", "product_of_derivatives", "v → y", {}),
    ("x^2*sin(x)", "2x+cos(x)", "sum_of_derivatives", "v → y", {}),
    ("x^2*sin(x)", "2x*sin(x)-x^2*cos(x)", "edge_sign", "v → y", {}),
    ("x^2/sin(x)", "2x*sin(x)+x^2*cos(x)", "product_rule_on_quotient", "v → y", {}),
    ("x/(x^2+1)", "x^2+1-2x^2", "quotient_square", "v → y", {}),
    ("x/(x^2+1)", "1/(2x)", "quotient_of_derivatives", "v → y", {}),
    ("sin(x)/x", "cos(x)", "quotient_of_derivatives", None, {}),
    ("x/(x^2+1)", "(x^2-1)/(x^2+1)^2", "quotient_order", "v → y", {}),
    ("sin(x)/x", "(x*cos(x)+sin(x))/x^2", "quotient_sign", None, {}),
    ("x/(x^2+1)", "(1-x^2)/(x^2+1)", "quotient_square", "v → y", {}),
    ("(x+1)/(x-1)", "-2/(x+1)^2", "quotient_square", None, {}),
    # powers
    ("x^5", "5x^5", "exponent_kept", "x → y", {}),
    ("1/x^3", "-3/x^3", "exponent_kept", "x → y", {}),
    ("x^5", "x^4", "coefficient_lost", "x → y", {}),
    ("x^5", "4x^4", "slip", "", {}),
    ("x^5", "x^6/6", "integrated", "", {}),
    ("5x^2+sin(x)", "10x-cos(x)", "wrong_elementary", "x → w", {}),
    ("7x^2", "2x", "coefficient_lost", "u → y", {}),
    ("5x+2", "1", "coefficient_lost", "x → u", {}),
    ("x^(1/3)", "1/x^(2/3)", "coefficient_lost", "x → y", {}),
    ("x^(-2)", "-2/x", "exponent_raised", "x → y", {}),
    ("x^5", "4x^5", "exponent_lowered", "x → y", {}),
    ("x^5", "4x^4", "exponent_lowered", "x → y", {}),
    ("x^(-3)", "-4/x^3", "exponent_lowered", "x → y", {}),
    ("(2x+1)^3", "6(2x+1)", "exponent_lowered", "v → y", {}),
    ("e^(4x)", "4e^(3x)", "power_rule_on_exponential", "u → y", {}),
    ("3e^(-2x)", "-6e^(-3x)", "power_rule_on_exponential", "u → v", {}),
    ("2^(x^3)", "3x^2*ln(2)*2^(x^2)", "power_rule_on_exponential", "u → y", {}),
    ("2^x", "x*2^(x-1)", "power_rule_on_exponential", "x → y", {}),
    ("e^x", "x*e^(x-1)", "power_rule_on_exponential", "x → y", {}),
    ("e^(3x)", "3x*e^(3x-1)", "power_rule_on_exponential", "u → y", {}),
    ("x^3", "x^3*ln(x)", "exponential_rule_on_power", "x → y", {}),
    ("x^4", "4^x*ln(4)", None, None, {}),
    # elementary derivatives
    ("sin(x)", "-cos(x)", "wrong_elementary", "x → y", {}),
    ("cos(x)", "sin(x)", "wrong_elementary", "x → y", {}),
    ("tan(x)", "cot(x)", "wrong_elementary", "x → y", {}),
    ("tan(x)", "1/(1+x^2)", "wrong_elementary", "x → y", {}),
    ("ln(x)", "1/x^2", "wrong_elementary", "x → y", {}),
    ("arcsin(x)", "1/sqrt(1+x^2)", "wrong_elementary", "x → y", {}),
    ("arcsin(x)", "-cos(x)/sin(x)^2", "wrong_elementary", "x → y", {}),
    ("arctan(x)", "1/(1-x^2)", "wrong_elementary", "x → y", {}),
    ("arcsin(x)", "-1/(1+x^2)", "wrong_elementary", "x → y", {}),
    ("arccos(2x)", "2/(1+4x^2)", "wrong_elementary", "u → y", {}),
    ("arctan(x)", "-1/sqrt(1-x^2)", "wrong_elementary", "x → y", {}),
    ("e^x", "x*e^x", "wrong_elementary", "x → y", {}),
    ("e^(x^2)", "2x^3*e^(x^2)", "wrong_elementary", "u → y", {}),
    ("e^x", "ln(x)*e^x", "wrong_elementary", "x → y", {}),
    ("2^x", "2^x", "wrong_elementary", "x → y", {}),
    ("sqrt(x)", "1/sqrt(x)", "wrong_elementary", "x → y", {}),
    ("cosh(x)", "-sinh(x)", "wrong_elementary", "x → y", {}),
    ("cos(4x)*cos(6x)", "6cos(4x)sin(6x)+4sin(4x)cos(6x)", "wrong_elementary", "", {}),
    # signs
    ("1-x^2", "2x", "edge_sign", "u → y", {}),
    ("(1-x^2)^4", "8x*(1-x^2)^3", "edge_sign", "u → v", {}),
    ("x^2-5x", "2x+5", "edge_sign", "v → y", {}),
    ("1/x", "1/x^2", "edge_sign", "x → y", {}),
    # constants
    ("x^2+7", "2x+7", "constant_kept", "u → y", {}),
    ("a*x^2", "2a*x+x^2", "constant_as_variable", "a → y", {"wrt": "x"}),
    ("pi*x^2", "2pi*x+x^2", "constant_as_variable", None, {}),
    ("x*y^2", "y^2+2x*y", "constant_as_variable", None, {"wrt": "x"}),
    ("x*sin(x)", "x*cos(x)", "variable_as_constant", "x → y", {}),
    ("x^2", "0", "variable_as_constant", "", {}),
    ("x*y^2", "2x*y", "other_input", None, {"wrt": "x"}),
    # not a derivative, or another one
    ("x^3", "6x", "wrong_order", "", {}),
    ("x^4", "4x^3", "wrong_order", "", {"order": 2}),
    ("cos(3t)-1/(3t)", "cos(3t)-1/(3t)", "not_differentiated", "", {}),
    ("x^2+sin(x)", "x^2+cos(x)", "not_differentiated", "u → y", {}),
    ("x^2+sin(x)", "2x+sin(x)", "not_differentiated", "v → y", {}),
    ("x^3", "x^4/4", "integrated", "", {}),
    ("cos(2x)", "sin(2x)/2", "integrated", "", {}),
    ("x^2", "1/(2x)", "reciprocal", "", {}),
    ("c = a+b; d = b+1; e = c*d", "b+1", "unfinished", None, {"wrt": "b"}),
    ("(1-x^2)^4", "4(1+x^2)^3*2x", "misread", "u → v", {}),
    ("sin(ln(3x))", "cos(ln(x))/x", "misread", "x → u", {}),
    ("sin((2x)^2)", "4x*cos(2x^2)", "misread", "u → v", {}),
    ("sqrt(1+(3x)^2)", "3x/sqrt(1+3x^2)", "misread", "u → v", {}),
    ("4x^3/3", "2x^2", "brackets", "", {}),
    ("(x+3)^2", "2x", "split_over_sum", "u → y", {}),
    ("sqrt(x^2+9)", "1", "split_over_sum", "v → y", {}),
    ("sqrt(x^2+9)", "3", None, None, {}),
    # slips, and two at once
    ("x^3", "6x^2", "slip", "", {}),
    ("sin(x^2)", "-2x*cos(x^2)", "slip", "", {}),
    ("x^3+x^2", "3x^2+2x+1", "slip", "", {}),
    ("x^3+x^2", "3x^2+5x", "slip", "x → v → y", {}),
    ("sin(x)", "pi/180*cos(x)", "slip", "", {}),
    ("5sin(5x)+3/x^3", "5cos(5x)-3/x^4", "two_edits", None, {}),
    ("x^2*cos(3x)", "2x*cos(3x)+x^2*sin(3x)", "two_edits", None, {}),
    # curves
    ("x^2+y^2=25", "-2x", "unfinished", "", {}),
    ("x^2+y^2=25", "x/y", "edge_sign", "", {}),
    ("x^2+y^2=25", "-y/x", "reciprocal", "", {}),
    ("x^3+y^3=6x*y", "(6y-3x^2)/(3y^2)", "missing_path", None, {}),
    ("x^2+x*y+y^2=7", "-(3x+y)/(2y)", "forgotten_rate", "y → v", {}),
    ("x^2+x*y+y^2=7", "-(2x+3y)/x", "forgotten_rate", "y → p", {}),
    ("x^3+y^3=6x*y", "(6y+6x-3x^2)/(3y^2)", "forgotten_rate", None, {}),
    ("sin(x*y)=x+y^2", "(1-y*cos(x*y)+2y)/(x*cos(x*y))", "forgotten_rate", None, {}),
    ("x^2+y^2=25", "2x+2y", "forgotten_rate", "y → v", {}),
    ("x*y+y^2=7", "y+x+2y", "forgotten_rate", None, {}),
    ("x^2+x*y+y^2=7", "-x/y", "taken_for_constant", "v → w", {}),
    ("x^2+x*y+y^2=7", "-2x/(1+2y)", "product_of_derivatives", "x → v", {}),
    ("x^3+y^3=6x*y", "x^2/(2-y^2)", "product_of_derivatives", None, {}),
    ("x^2*y^3+y=2", "-2x*y^3/(3x^2*y^2)", "missing_path", None, {}),
    ("x^2+x*y+y^2=7", "4/5", "edge_sign", "", {"at": "x=1, y=2"}),
    ("x^2+x*y+y^2=7", "-0.4", "missing_path", None, {"at": "x=1, y=2"}),
    ("x^2+x*y+y^2=7", "-5/4", "reciprocal", "", {"at": "x=1, y=2"}),
    ("x^2+x*y+y^2=7", "-7/4", None, None, {"at": "x=1, y=2"}),
    ("x = t^2; y = t^3", "3t^2", "unfinished", "", {"wrt": "x", "of": "y"}),
    ("x = t^2; y = t^3", "6t^3", "slope_multiplied", "", {"wrt": "x", "of": "y"}),
]
# What a teacher would say first, and how.
SAID = [
    ("x*ln(x)", "ln x + 1/x", "leaving out the other factor of a product, the edge u → y.", {}),
    ("x*ln(x)", "ln x + x", "leaving out the derivative of ln x, the edge x → u.", {}),
    ("ln(x)/x", "(1/x - ln x)/x^2", "a factor in the numerator of the quotient rule, for y = ln(x)/x.", {}),
    ("x/(x^2+1)", "(x^2+1-2x)/(x^2+1)^2", "a factor in the numerator of the quotient rule, for y = x/(x² + 1).", {}),
    ("sin(x)/x", "x cos x - sin x", "leaving out the denominator in the quotient rule, for y = sin(x)/x.", {}),
    ("sin(3x)", "3x cos(3x)", "multiplying by the inside, u = 3x, and not by its derivative.", {}),
    ("e^(x*y)", "x*y*e^(x*y)", "multiplying by the inside, u = x·y, and not by its derivative.", {"wrt": "x"}),
    ("sin(x^2)", "x^2*cos(x^2)", "leaving u = x² as it was, not differentiated.", {}),
    ("x^2*y + y^3", "2x*y + 3y^2", "differentiating a constant, y³, as if it moved.", {"wrt": "x"}),
    ("x^2*y + y^3", "2x*y + y^3", "keeping a constant term, y³.", {"wrt": "x"}),
    ("t^3 - 6t^2 + 9t", "3", "the right derivative with the opposite sign.", {"at": "t=2"}),
    (
        "x^2*e^x",
        "2e",
        "taking the product of the derivatives for the derivative of a product, y = x²·e^x.",
        {"at": "x=1"},
    ),
    # the power rule
    ("(3x+1)^2", "2(3x+1)^2*3", "not lowering the exponent in y = (3x + 1)².", {}),
    ("sqrt(x^2+1)", "x*sqrt(x^2+1)", "not lowering the exponent in y = √(x² + 1).", {}),
    ("ln(x)^2", "2ln(x)^2/x", "not lowering the exponent in y = (ln x)².", {}),
    ("(x+3)^2", "2x", "taking a function of a sum for the sum of its values on the edge u → y.", {}),
    ("1/(x^2+1)", "2x/(x^2+1)^2", "a wrong sign on the edge v → y.", {}),
    ("4/x^2", "-2/x^3", "losing the constant factor of the edge u → y.", {}),
    ("x^5", "4x^5", "lowering the factor, and not the exponent, in y = x⁵.", {}),
    ("x^5", "4x^4", "lowering the exponent before it is brought down, in y = x⁵.", {}),
    ("x^5", "5x^3", "lowering the exponent twice, in y = x⁵.", {}),
    ("e^(4x)", "4e^(3x)", "lowering a number in the exponent, as if by the power rule, in y = e^(4x).", {}),
    # chains
    ("cos(x)^3", "-3sin(x)^2", "taking the outer derivative at the derivative of the inside on the edge u → y.", {}),
    ("sin(3x+2)^4", "12cos(3x+2)^3", "at the derivative of the inside on the edge w → y.", {}),
    ("abs(x^2-4)", "abs(2x)", "differentiating the inside in its place, the outer function left as it was", {}),
    # whatever coincides: the product rule, a base, a path
    ("x*sin(x)*e^x", "sin(x)*e^x+x*cos(x)*e^x", "leaving out the path x → w → y.", {}),
    ("x*sin(x)*e^x", "sin(x)*e^x", "leaving out the paths x → u → v → y and x → w → y.", {}),
    ("2^x", "2^x", "a wrong derivative of an elementary function on the edge x → y.", {}),
    ("x^x", "x*x^(x-1)", "leaving out the path x → y.", {}),
    ("x^2*y", "0", "taking y for a constant everywhere.", {"wrt": "y"}),
    ("x*e^x", "e^x+x*e^x", "the derivative of order 1.", {"order": 2}),
    ("x^3*e^x", "6x*e^x+3x^2*e^x+x^3*e^x", "leaving out the path", {"order": 2}),
    ("pi^2*x+e^2", "pi^2+2e", "differentiating a constant, e², as if it moved.", {"wrt": "x"}),
    ("piecewise(x^2, x<1, 2x-1)", "piecewise(2x, x<1, 2x-1)", "leaving w as it was, not differentiated", {}),
    ("arcsin(x/3)", "1/(3sqrt(1-x^2/3))", "brackets that are missing in typing.", {}),
    ("(x^2+3x)^4", "4(x^2+3x)^3*2x+3", "brackets that are missing in typing.", {}),
    ("(e^x+e^(-x))/2", "e^x-e^(-x)/2", "brackets that are missing in typing.", {}),
    ("5/(2x+1)", "5ln(2x+1)", "integrating where a derivative is asked for on the edge v → y.", {}),
    ("1/x^3", "-3/x^3", "not lowering the exponent in y = 1/x³.", {}),
    (
        "x^(sin(x))",
        "sin(x)*x^(sin(x)-1)*cos(x)",
        "using the power rule where the exponent moves, in y = x^(sin x).",
        {},
    ),
    ("arctan(1/x)", "1/(1+x^2)", "a wrong sign on the edge x → u.", {}),
    ("x^(2x)", "2x*x^(2x-1)*2", "using the power rule where the exponent moves, in y = x^(2x).", {}),
    ("e^(x*y)*sin(y)", "y*e^(x*y)*sin(y)+e^(x*y)*cos(y)", "letting y move, too.", {"wrt": "x"}),
    ("sin(2x)", "-sin(2x)", "leaving out the inner derivative, everywhere.", {"order": 2}),
    ("(x^2+1)^3", "6(x^2+1)", "leaving out the inner derivative, everywhere.", {"order": 2}),
    ("ln(x)", "-1/x", "in the quotient rule, for dy/dx = 1/x.", {"order": 2}),
    ("sin(y) = x", "-cos(y)", "the reciprocal of the derivative, dx/dy, with the opposite sign.", {}),
    # curves
    ("x = cos(t); y = sin(t)", "tan(t)", "dividing y by x, and not dy/dt by dx/dt.", {"wrt": "x", "of": "y"}),
    ("x = t^2; y = t^3 + t", "t + 1/t", "dividing y by x, and not dy/dt by dx/dt.", {"wrt": "x", "of": "y"}),
    ("x = t^2; y = e^t", "-2t/e^t", "dx/dy, with the opposite sign.", {"wrt": "x", "of": "y"}),
    (
        "x = t - sin(t); y = 1 - cos(t)",
        "(1-cos(t))/sin(t)",
        "the reciprocal of the derivative, dx/dy.",
        {"wrt": "x", "of": "y"},
    ),
    (
        "x = t - sin(t); y = 1 - cos(t)",
        "sin(t)/(1+cos(t))",
        "−cos t for the derivative of sin t",
        {"wrt": "x", "of": "y"},
    ),
    ("x = sec(t); y = tan(t)", "tan(t)/sec(t)", "dividing y by x", {"wrt": "x", "of": "y"}),
    ("x*y = 1", "-1/x", "leaving out the other factor of a product, the edge x → u.", {}),
    ("x*y = 1", "-y", "stopping before the division: ∂F/∂x alone.", {}),
    ("sin(x*y) = x", "(1-y*cos(x*y))/cos(x*y)", "leaving out the other factor of a product, the edge y → u.", {}),
    (
        "x^2*y+y^3 = 4",
        "-2x/(3y^2)",
        "taking the product of the derivatives for the derivative of a product, v = x²·y.",
        {},
    ),
    (
        "x = t^2; y = t^3",
        "6t^3",
        "multiplying dy/dt and dx/dt, where the slope is their quotient.",
        {"wrt": "x", "of": "y"},
    ),
]


def diagnosed(verdict: Verdict) -> dict[str, str]:
    """The mistakes that were named, and all places where each could have been made."""
    return {
        each.mistake: " | ".join("" if where is None else str(where) for where in (each.where, *each.elsewhere))
        for each in verdict.diagnoses
    }


@pytest.mark.parametrize(("source", "answer", "mistake", "where", "options"), FORESEEN)
def test_what_teachers_foresee_is_named(
    source: str, answer: str, mistake: str | None, where: str | None, options: dict[str, object]
) -> None:
    verdict = check(source, answer, **options)  # type: ignore[arg-type] # options of several kinds
    assert verdict.outcome is Outcome.WRONG
    found = diagnosed(verdict)
    if mistake is None:
        assert not set(found) - {"slip", "two_edits"}, "nothing of the table explains it, and nothing is invented"
        return
    assert mistake in found
    if where is not None:
        assert where in found[mistake].split(" | ")


@pytest.mark.parametrize(("source", "answer", "sentence", "options"), SAID)
def test_what_a_teacher_would_say_comes_first(
    source: str, answer: str, sentence: str, options: dict[str, object]
) -> None:
    verdict = check(source, answer, **options)  # type: ignore[arg-type] # options of several kinds
    assert sentence in verdict.diagnoses[0].sentence


def test_every_mistake_is_foreseen_above() -> None:
    named = {mistake for _, _, mistake, _, _ in FORESEEN} | {row[2] for row in OF_TANGENTS} - {"rounded"}
    assert set(MISTAKES) - named == {"transposed", "rounded"}  # these are in test_checker.py


def test_the_names_are_those_that_others_count() -> None:
    assert set(NAMES) <= set(MISTAKES)


def test_every_row_has_its_two_sentences() -> None:
    words = renderer.macros()
    missing = [name for row in MISTAKES for name in (row, f"{row}_advice") if name not in words]
    assert missing == []


def test_scores_are_parts_of_the_points() -> None:
    assert all(0 <= row.score < 1 for row in MISTAKES.values())


def test_olahs_example_has_both_readings() -> None:
    verdict = check("(a+b)*(b+1)", "b+1", wrt="b")
    found = diagnosed(verdict)
    assert found["missing_path"] == "b → d → e"
    assert "other_input" in found
    assert verdict.diagnoses[0].mistake == "missing_path", "the likelier one comes first"
    assert verdict.diagnoses[0].sentence == "Consistent with leaving out the path b → d → e."


# Textbook functions, with every edit of their graphs made: what is made must be found again.
TEXTBOOK = [
    ("sin(x^3)", "x"),
    ("(3x+1)^5", "x"),
    ("x^2*sin(x)", "x"),
    ("x/(x^2+1)", "x"),
    ("e^(-x^2)", "x"),
    ("ln(x^2+1)", "x"),
    ("tan(x)/x", "x"),
    ("2^x", "x"),
    ("x^x", "x"),
    ("a*x^2+b*x+c", "x"),
    ("(a+b)*(b+1)", "b"),
    ("1/x^3+5", "x"),
    ("u = x^2+1; v = sin(u); y = u*v", "x"),
]


@pytest.mark.parametrize(("source", "wrt"), TEXTBOOK)
def test_every_edit_is_found_again(source: str, wrt: str) -> None:
    question = ask(source, wrt)
    table = candidates(question)
    made: Counter[str] = Counter()
    for edit in table.all_edits:
        answer = table.expression(edit)
        if equal(answer, question.answer, heavy=False).outcome is Known.DIFFERENT:
            found = fitting(question, answer)
            assert edit.mistake in {fit.edit.mistake for fit in found}, f"{edit.mistake} at {edit.where} gives {answer}"
            for fit in found:
                assert equal(fit.expression, answer, heavy=False).outcome is Known.PROVED
            made[edit.mistake] += 1
    assert sum(made.values()) > 5


def test_a_right_answer_has_no_diagnosis() -> None:
    for source, wrt in TEXTBOOK:
        question = ask(source, wrt)
        assert fitting(question, question.answer) == []


def test_what_only_agrees_at_some_points_is_not_reported() -> None:
    verdict = check("sin(x^3)", "cos(x^3)*(1+10^(-25))")
    assert verdict.outcome is Outcome.WRONG
    assert verdict.diagnoses == ()


def test_every_edit_can_be_said() -> None:
    for source, wrt in TEXTBOOK:
        question = ask(source, wrt)
        for edit in edits(question):
            for verdict in (check(source, str(candidates(question).expression(edit)), wrt=wrt),):
                for diagnosis in verdict.diagnoses[:1]:
                    for reader in ("student", "teacher"):
                        telling = Telling(diagnosis, reader)
                        assert renderer.say("consistent_with", telling).startswith("Consistent with ")
                        assert "None" not in renderer.say("advice", telling)
        break  # one function with all its edits; the others are said in the tests of documents


@pytest.mark.parametrize("a", [1, 5, 9, 20])
def test_a_mistake_is_named_where_its_answer_has_few_values(a: int) -> None:
    """1/√(1 − a²x²) has values near 0 alone, arctan(ax) everywhere."""
    verdict = check(f"arctan({a}x)", f"{a}/sqrt(1-{a * a}x^2)", "x")
    assert [each.mistake for each in verdict.diagnoses] == ["wrong_elementary"]


BENDS = [
    ("x^2+y^2=25", "-1/y", "variable_as_constant", "taking y for a constant everywhere.", {}),
    ("x^2+y^2=25", "-1/y + x/y^2", "forgotten_rate", "leaving out dy/dx where y is differentiated.", {}),
    ("x^2+y^2=25", "-x/y", "wrong_order", "the derivative of order 1.", {}),
    ("x^2+y^2=25", "25/y^3", "edge_sign", "a wrong sign.", {}),
    ("x^2+y^2=25", "y/x", "quotient_of_derivatives", "for the derivative of a quotient.", {}),
    ("x^2+y^2=25", "-1", "product_of_derivatives", "for the derivative of a product.", {}),
    ("x^2+y^2=25", "(x^2-y^2)/y^3", "quotient_sign", "a plus where the quotient rule has a minus.", {}),
    ("x^2+y^2=25", "-(1+y')/y", "forgotten_rate", "leaving out dy/dx where y is differentiated.", {}),
    ("x^2+y^2=25", "(y^2-x^2)/y^3", "edge_sign", "a wrong sign, in the derivative before; after it all is right.", {}),
    ("x^2+y^2=25", "-1/4", "variable_as_constant", "taking y for a constant everywhere.", {"at": "x=3, y=4"}),
    ("x=t^2; y=t^3", "3/2", "unfinished", "it is how fast dy/dx changes with t.", {}),
    ("x=t^2; y=t^3", "3t", "quotient_of_derivatives", "dividing d²y/dt² by d²x/dt².", {}),
    ("x=t^2; y=t^3", "6t", "other_input", "d²y/dt² in the place of d²y/dx².", {}),
    ("x=t^2; y=t^3", "6t/(2t)^2", "variable_as_constant", "taking dx/dt for a constant.", {}),
    (
        "x=t+t^2; y=t^3",
        "(6t^2+6t)/(1+2t)",
        "slope_multiplied",
        "multiplying by dx/dt and not dividing by it.",
        {},
    ),
    ("x=t^2; y=t^3", "t^3", None, "", {}),
]


@pytest.mark.parametrize(("source", "answer", "mistake", "said", "options"), BENDS)
def test_second_derivatives_of_curves(
    source: str, answer: str, mistake: str | None, said: str, options: dict[str, str]
) -> None:
    names = {} if "t" not in source else {"wrt": "x", "of": "y"}
    verdict = check(source, answer, order=2, **names, **options)  # type: ignore[arg-type] # options of several kinds
    assert verdict.outcome is Outcome.WRONG
    assert [each.mistake for each in verdict.diagnoses][:1] == ([mistake] if mistake else [])
    assert all(said in each.sentence for each in verdict.diagnoses[:1])
    assert "d²y/dx²" in verdict.render("txt")
    assert "None" not in verdict.render("html", reader="teacher")


def test_a_second_derivative_in_which_the_slope_still_stands_has_the_right_value_and_another_form() -> None:
    for answer in ("-(1 + y'^2)/y", "-(y - x*dy/dx)/y^2", r"-\frac{1 + (\frac{dy}{dx})^2}{y}"):
        verdict = check("x^2+y^2=25", answer, order=2)
        assert verdict.outcome is Outcome.WRONG_FORM
        assert "dy/dx still stands in it." in " ".join(verdict.render("txt").split())
    assert check("x^2+y^2=25", "-25/y^3", order=2).outcome is Outcome.RIGHT
    assert check("x*y=1", "2/x^3", order=2).outcome is Outcome.RIGHT
    assert check("x=t^2; y=t^3", "3/(4t)", wrt="x", of="y", order=2).outcome is Outcome.RIGHT


@pytest.mark.parametrize(
    ("source", "answer", "mistake"),
    [
        ("(x^2+1)^3", "12x(x^2+1)", "missing_edge"),
        ("x*sin(x)", "-sin(x)", "product_of_derivatives"),
        ("x/(x^2+1)", "-1/(2x^2)", "quotient_of_derivatives"),
        ("ln(cos(x))", "sec(x)tan(x)", "missing_edge"),
    ],
)
def test_a_slip_in_the_first_derivative_is_found_behind_a_wrong_second_one(
    source: str, answer: str, mistake: str
) -> None:
    verdict = check(source, answer, order=2)
    first = verdict.diagnoses[0]
    assert first.mistake == mistake and first.sentence.endswith("in the derivative before; after it all is right.")
    assert first.question is not None and first.question.order == 1
    assert verdict.score == MISTAKES[mistake].score  # what is right after it earns no more than that
    assert "Look at the derivative that comes before this one" in verdict.render("html")


def test_a_teachers_page_on_a_slip_in_the_lower_part_of_a_slope() -> None:
    verdict = check("x=sin(t^2); y=t^3", "3t^2/(2t*sin(t^2))", wrt="x", of="y")
    assert verdict.diagnoses[0].mistake == "not_differentiated"
    assert "<svg" in verdict.render("html", reader="teacher")


def test_mixed_derivatives_have_their_names() -> None:
    assert "∂²z/∂x∂y" in check("x^2*y^3", "[[0, 0], [0, 0]]", ["x", "y"], order=2).render("txt")


@pytest.mark.parametrize(
    ("source", "answer", "told", "options"),
    [
        ("x^2*y", "[x^2, 2x*y]", "right entries in each other's places.", {}),
        ("x^2*y", "[4, 12]", "right entries in each other's places.", {"at": "x=2, y=3"}),
        ("u=x^2*y; v=x+3y", "[[1, 3], [2x*y, x^2]]", "rows in each other's places.", {"of": ["u", "v"]}),
        ("u=x^2*y; v=x+3y", "[[x^2, 2x*y], [3, 1]]", "columns in each other's places.", {"of": ["u", "v"]}),
        ("u=x^2*y; v=x+3y", "[[2x*y, 1], [x^2, 3]]", "rows and columns exchanged.", {"of": ["u", "v"]}),
        ("x^2*y^3", "[[6x^2*y, 6x*y^2], [6x*y^2, 2y^3]]", "right entries in each other's places.", {"order": 2}),
        ("x^2*y", "[x^2, x*y]", None, {}),
    ],
)
def test_right_entries_in_other_places(source: str, answer: str, told: str | None, options: dict[str, object]) -> None:
    verdict = check(source, answer, ["x", "y"], **options)  # type: ignore[arg-type] # options of several kinds
    assert [each.sentence for each in verdict.diagnoses] == ([] if told is None else [f"Consistent with {told}"])


def test_the_order_of_differentiation_makes_no_difference() -> None:
    told = check("x^2*y^3", "[[2y^3, 6x*y^2], [5x*y, 6x^2*y]]", ["x", "y"], order=2).render("txt")
    assert "The order makes no difference: it comes to the same as ∂²z/∂x∂y." in " ".join(told.split())


def test_two_slips_that_leave_one_over_one_are_looked_at_without_floats() -> None:
    assert check("sin(x)/x", "1/(2sqrt(sin(2x)))", order=2).diagnoses == ()
