"""Cases whose values have domains of their own: what is not taken need not have a value."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import And, Eq, Ge, Gt, Le, Lt, Ne, Not, Or, Piecewise, Symbol, default_sort_key, log, sin, sqrt
from test_scripting import every_key

from symgraph.calculus.balls import Tape
from symgraph.calculus.compact import compact
from symgraph.calculus.curves import is_equation
from symgraph.calculus.domains import troubles
from symgraph.calculus.evaluation import evaluate, rates
from symgraph.calculus.graph import build, inputs, outputs
from symgraph.calculus.implication import follows, opposite
from symgraph.calculus.sweeps import reverse
from symgraph.errors import DomainError, SymgraphError
from symgraph.explanation.explainer import explain
from symgraph.explanation.scripting import write
from symgraph.marking.checker import check
from symgraph.marking.question import ask
from symgraph.marking.verdicts import Outcome

ROOT = "piecewise(sqrt(x), x > 0, x^2)"
LN = "piecewise(x*ln(x), x > 0, 0)"
WAVES = "piecewise(x^2*sin(1/x), x != 0, 0)"
x, y = Symbol("x"), Symbol("y")


# Values and derivatives -----------------------------------------------------------------------------------------------

FUNCTIONS: dict[str, tuple[Callable[[float], float], tuple[float, ...]]] = {  # and where their formulas change
    ROOT: (lambda t: math.sqrt(t) if t > 0 else t * t, (0,)),
    LN: (lambda t: t * math.log(t) if t > 0 else 0.0, (0,)),
    "piecewise(sqrt(x), x >= 0, sqrt(-x))": (lambda t: math.sqrt(abs(t)), (0,)),
    WAVES: (lambda t: t * t * math.sin(1 / t) if t else 0.0, (0,)),
    "piecewise(ln(x), x > 1, x - 1)": (lambda t: math.log(t) if t > 1 else t - 1, (1,)),
    "piecewise(1/x, x > 1, 2 - x)": (lambda t: 1 / t if t > 1 else 2 - t, (1,)),
    "piecewise(sqrt(1-x^2), x < 1 and x > -1, 0)": (lambda t: math.sqrt(1 - t * t) if abs(t) < 1 else 0.0, (-1, 1)),
    "2*piecewise(sqrt(x), x > 0, x^2) + x": (lambda t: 2 * (math.sqrt(t) if t > 0 else t * t) + t, (0,)),
    "exp(piecewise(x*ln(x), x > 0, 0))": (lambda t: t**t if t > 0 else 1.0, (0,)),
    "piecewise(x^x, x > 0, 1)": (lambda t: t**t if t > 0 else 1.0, (0,)),
    "piecewise(x^2/2, |x| < 1, |x| - 1/2)": (lambda t: t * t / 2 if abs(t) < 1 else abs(t) - 0.5, (-1, 1)),
    "piecewise(ln(x), x > 2, x, x > 0, 1/x)": (lambda t: math.log(t) if t > 2 else t if t > 0 else 1 / t, (0, 2)),
    "piecewise(piecewise(sqrt(x), x > 1, x), x > 0, x^2)": (
        lambda t: math.sqrt(t) if t > 1 else t if t > 0 else t * t,
        (0, 1),
    ),
    "piecewise(x, x > 0 and ln(x) < 1, x^2)": (lambda t: t if t > 0 and math.log(t) < 1 else t * t, (0, math.e)),
    "piecewise(2, x < 0, 3, ln(x) < 0, arcsin(1/x))": (
        lambda t: 2 if t < 0 else 3 if math.log(t) < 0 else math.asin(1 / t),
        (0, 1),
    ),
}


@pytest.mark.parametrize("grain", ["operation", "textbook", "statement"])
@pytest.mark.parametrize("text", FUNCTIONS)
def test_values_and_derivatives_on_both_sides_of_every_seam(text: str, grain: str) -> None:
    function, seams = FUNCTIONS[text]
    graph = build(text, grain)  # type: ignore[arg-type]  # one of the three
    (start,), (end,) = inputs(graph), outputs(graph)
    draw = random.Random(text)
    for seam, side in product(seams, (-1, 1)):
        for _ in range(3):
            at = Fraction(round((seam + side * draw.uniform(0.02, 0.9)) * 1000), 1000)
            values = evaluate(graph, {"x": at})
            assert float(values.nodes[end]) == pytest.approx(function(float(at)), rel=1e-12, abs=1e-14)
            step = 1e-6
            quotient = (function(float(at) + step) - function(float(at) - step)) / (2 * step)
            rate = rates(reverse(graph, end), values)[start]
            assert float(rate) == pytest.approx(quotient, rel=1e-5, abs=1e-5), at


@pytest.mark.parametrize("text", FUNCTIONS)
def test_the_page_is_checked_at_every_point(text: str) -> None:
    told = explain(text)
    assert told.report.points == 3
    assert {"forward", "reverse", "answer"} <= set(told.report.routes)


def test_every_edge_has_the_derivative_of_the_value_that_is_taken() -> None:
    graph = build(ROOT)
    ((tail, head, data),) = graph.edges(data=True)
    assert (tail.name, head.name) == ("x", "y")
    assert data["partial"] == Piecewise((1 / (2 * sqrt(x)), x > 0), (2 * x, True))


def test_what_is_smooth_everywhere_is_taken_apart_as_before() -> None:
    assert [node.name for node in build("piecewise(x^2*sin(x), x < 1, e^x)")] == ["x", "u", "v", "w", "y"]
    assert [node.name for node in build("piecewise(ln(x^2+1), x < 1, x)", "operation")] == ["x", "u", "v", "w", "y"]


def test_a_name_that_somebody_gave_has_a_value_or_there_is_none() -> None:
    """u = √x is computed before anything decides whether it is wanted, as in any program."""
    graph = build("u = sqrt(x); y = piecewise(u, x > 0, x^2)")
    with pytest.raises(DomainError, match="u has no value"):
        evaluate(graph, {"x": -1})
    assert evaluate(graph, {"x": 4}).nodes[outputs(graph)[0]] == 2
    told = explain("u = sqrt(x); y = piecewise(u, x > 0, x^2)").render("txt")
    assert "There are values only where x ≥ 0." in told


def test_a_python_function_with_a_choice_inside() -> None:
    numpy = pytest.importorskip("numpy")

    def f(x: float) -> float:
        return numpy.where(x > 0, numpy.sqrt(x), x**2)  # type: ignore[no-any-return]

    told = explain(f, at="x=-1")
    assert told.answers["f", "x"] == Piecewise((1 / (2 * sqrt(x)), x > 0), (2 * x, True))


def test_a_sum_of_cases() -> None:
    graph = build("sum(piecewise(sqrt(x-k), x > k, 0), k, 1, 3)")
    (start,), (end,) = inputs(graph), outputs(graph)
    values = evaluate(graph, "x=5/2")
    assert float(values.nodes[end]) == pytest.approx(math.sqrt(1.5) + math.sqrt(0.5))
    assert float(rates(reverse(graph, end), values)[start]) == pytest.approx(
        0.5 / math.sqrt(1.5) + 0.5 / math.sqrt(0.5)
    )
    assert not [each for each in troubles(graph) if each.kind == "domain"]


@pytest.mark.parametrize(
    ("text", "at", "reason"),
    [
        (ROOT, "x=0", "y has no derivative at this point: .* they do not meet"),
        (LN, "x=0", "the rules give y no derivative at this point: .* only a limit"),
        (WAVES, "x=0", "the rules give y no derivative at this point: .* only a limit"),
        ("piecewise(|x|, x >= 0, x)", "x=0", "the rules give y no derivative at this point: .* only a limit"),
        ("piecewise(2x, x != 0, 0)", "x=0", "the rules give y no derivative at this point: .* only a limit"),
        ("piecewise(x^2, x != 0, 5)", "x=0", "y has no derivative at this point: .* they do not meet"),
        ("piecewise(sqrt(x), x > -1, x^2)", "x=-1/2", "y has no value at this point"),
        ("piecewise(ln(x), x > 2, sqrt(x), x > 0)", "x=-1", "y has no value at this point"),
        ("piecewise(x, ln(x) > 0, 1)", "x=-1", "y has no value at this point"),
        ("piecewise(|x-3|, x > 0, x)", "x=3", "y has no derivative at this point: .* a corner"),
    ],
)
def test_a_point_is_refused_for_its_own_reason(text: str, at: str, reason: str) -> None:
    with pytest.raises(DomainError, match=reason):
        evaluate(build(text), at)


def test_a_point_where_formulas_meet_smoothly() -> None:
    graph = build("piecewise(ln(x), x > 1, x - 1)")
    (start,), (end,) = inputs(graph), outputs(graph)
    assert rates(reverse(graph, end), evaluate(graph, "x=1"))[start] == 1


# What is said ---------------------------------------------------------------------------------------------------------


def fails(text: str, **how: str) -> str:
    """What a page says of where it does not hold, on one line."""
    lines = explain(text, **how).render("txt").split()  # type: ignore[arg-type]  # the language alone
    whole = " ".join(lines)
    ends = [whole.find(word) for word in ("Compared at", "Vor dem Drucken") if word in whole]
    starts = [
        place
        for word in ("There are values", "Where ", "In the case", "Wo x", "Im Fall")
        if (place := whole.find(word, whole.find("dy/dx ="))) >= 0
    ]
    return whole[min(starts) : ends[0]].strip() if starts else ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ROOT, "Where x = 0, one formula ends and the next begins: they do not meet with equal values and slopes, so "
         "there is no derivative."),
        (LN, "Where x = 0, one formula ends and the next begins: there is a derivative if both have the same value and "
         "the same slopes there, and where one of them has none, only a limit can tell."),
        (WAVES, "Where x = 0, one formula ends and the next begins: the rules say nothing there, but both sides show "
         "one value and the slope 0, which is the derivative."),
        ("piecewise(ln(x), x > 1, x - 1)", "Where x = 1, one formula ends and the next begins: they meet with equal "
         "values and slopes, so there is a derivative."),
        ("piecewise(1/x, x > 1, 2 - x)", "Where x = 1, one formula ends and the next begins: they meet with equal "
         "values and slopes, so there is a derivative."),
        ("piecewise(sqrt(x), x > -1, x^2)", "Where x = −1, one formula ends and the next begins: they do not meet "
         "with equal values and slopes, so there is no derivative. In the case x > −1, there are values "
         "only where x ≥ 0. In the case x > −1: Where x = 0, √x has no "
         "derivative: its slope is without bound."),
        ("piecewise(x, ln(x) > 0, 1)", "There are values only where x > 0. Where x = 1, one formula ends and the "
         "next begins: there is a derivative only if both have the same value and the same slopes there."),
        ("{x^2 if -1 < x < 1, |x| otherwise}", "Where x = −1, one formula ends and the next begins: they do not meet "
         "with equal values and slopes, so there is no derivative. Where x = 1, one formula ends and the next begins: "
         "they do not meet with equal values and slopes, so there is no derivative."),
        ("{x^2 if -1 < x < 1, 2|x| - 1 otherwise}", "Where x = −1, one formula ends and the next begins: the rules say "
         "nothing there, but both sides show one value and the slope −2, which is the derivative. Where x = 1, one "
         "formula ends and the next begins: the rules say nothing there, but both sides show one value and the slope "
         "2, which is the derivative."),
        ("{1/(x - 3) if 0 < x < 5, 1/(x + 1) otherwise}", "Where x = 0, one formula ends and the next begins: they do "
         "not meet with equal values and slopes, so there is no derivative. Where x = 5, one formula ends and the next "
         "begins: they do not meet with equal values and slopes, so there is no derivative. In the case 0 < x < 5, "
         "there are values only where x ≠ 3. In the case x ≤ 0 or x ≥ 5, there are values only where x ≠ −1."),
        ("piecewise(x^2, x != 0, 5)", "Where x = 0, one formula ends and the next begins: they do not meet with equal "
         "values and slopes, so there is no derivative."),
    ],
)  # fmt: skip
def test_where_a_page_says_it_does_not_hold(text: str, said: str) -> None:
    assert fails(text) == said


def test_it_is_said_in_german() -> None:
    assert fails("piecewise(x*ln(x), x > 0, 0)", lang="de").endswith("sagt es nur ein Grenzwert.")
    assert fails("piecewise(sqrt(x), x > -1, x^2)", lang="de").endswith(
        "also gibt es keine Ableitung. Im Fall x > −1 gibt es Werte nur, wo x ≥ 0. Im Fall x > −1: Wo x = 0, hat √x "
        "keine Ableitung: die Steigung ist dort unbeschränkt."
    )


def test_a_page_for_a_point_that_one_formula_alone_covers() -> None:
    told = explain(ROOT, at="x=-1").render("txt")
    assert "At x = −1 that makes y = 1." in told
    assert "dy/dx = {1/(2√x) if x > 0, 2x otherwise}" in told


def test_a_second_derivative_may_fail_where_the_first_does_not() -> None:
    told = explain("piecewise(ln(x), x > 1, x - 1)", question="higher", order=2).render("txt")
    assert "Where x = 1, one formula ends and the next begins: they do not meet" in " ".join(told.split())


def test_a_question_about_one_edge_shows_its_derivative() -> None:
    told = explain(ROOT, question="tangent", at="x=-1").render("txt")
    assert "differentiated: dy/dx = {1/(2√x) if x > 0, 2x otherwise} = −2 " in " ".join(told.split())


@pytest.mark.parametrize("text", FUNCTIONS)
def test_nothing_is_said_to_be_needed_where_the_function_has_a_value(text: str) -> None:
    function, seams = FUNCTIONS[text]
    conditions = [each for each in troubles(build(text)) if each.kind == "domain"]
    for seam, offset in product(seams, (-0.7, -0.1, 0.1, 0.7)):
        at = {x: Fraction(round((seam + offset) * 10), 10)}
        assert math.isfinite(function(float(at[x])))
        for each in conditions:
            reached = all(guard.subs(at) == True for guard in each.guards)  # noqa: E712 (SymPy's true is not Python's)
            assert not reached or all(condition.subs(at) == True for condition in each.conditions)  # noqa: E712


# The page's own arithmetic --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [ROOT, LN, "piecewise(2, x < 0, 3, ln(x) < 0, arcsin(1/x))",
                                  "piecewise(x, x > 0 and ln(x) < 1, x^2)"])  # fmt: skip
def test_sliders_show_what_python_computes(text: str) -> None:
    function, _ = FUNCTIONS[text]
    graph, of, keys = every_key(text)
    script = write(graph, evaluate(graph, "x=3/2"), keys)
    for at in (-3.25, -0.5, 0.25, 0.75, 1.5, 3.75):
        values = script.run([at])
        assert values[script.keys[of.name]] == pytest.approx(function(at), rel=1e-12)
        quotient = (function(at + 1e-6) - function(at - 1e-6)) / 2e-6
        assert values[script.keys[f"{of.name}/x"]] == pytest.approx(quotient, rel=1e-5, abs=1e-5)


def test_sliders_have_no_number_where_the_function_has_none() -> None:
    graph, of, keys = every_key("piecewise(sqrt(x), x > -1, x^2)")
    script = write(graph, evaluate(graph, "x=2"), keys)
    shown = [script.run([at])[script.keys[of.name]] for at in (-2, -0.5, 4)]
    assert shown[0] == 4 and math.isnan(shown[1]) and shown[2] == 2


# Marking --------------------------------------------------------------------------------------------------------------

VERDICTS = [
    (ROOT, "piecewise(1/(2*sqrt(x)), x > 0, 2x)", Outcome.RIGHT),
    (ROOT, "piecewise(2x, x <= 0, 1/(2sqrt(x)))", Outcome.RIGHT),
    (ROOT, "piecewise(sqrt(x)/(2x), x > 0, 2x)", Outcome.RIGHT),
    (ROOT, "piecewise(1/(2*sqrt(x)), x > 0, 3x)", Outcome.WRONG),
    (ROOT, "piecewise(1/sqrt(x), x > 0, 2x)", Outcome.WRONG),
    (ROOT, "1/(2*sqrt(x))", Outcome.RIGHT_ON),
    (ROOT, "2x", Outcome.WRONG),
    (LN, "piecewise(ln(x) + 1, x > 0, 0)", Outcome.RIGHT),
    (LN, "piecewise(ln(x) + 1, x > 0, 1)", Outcome.WRONG),
    (LN, "ln(x) + 1", Outcome.RIGHT_ON),
    ("piecewise(sqrt(x), x >= 0, sqrt(-x))", "piecewise(1/(2sqrt(x)), x > 0, -1/(2sqrt(-x)))", Outcome.RIGHT),
    ("piecewise(sqrt(x), x >= 0, sqrt(-x))", "sign(x)/(2sqrt(|x|))", Outcome.RIGHT),
    ("piecewise(sqrt(x), x >= 0, sqrt(-x))", "1/(2sqrt(|x|))", Outcome.WRONG),
    (WAVES, "piecewise(2x*sin(1/x) - cos(1/x), x != 0, 0)", Outcome.RIGHT),
    (WAVES, "piecewise(2x*sin(1/x) + cos(1/x), x != 0, 0)", Outcome.WRONG),
    (WAVES, "2x*sin(1/x) - cos(1/x)", Outcome.RIGHT),
    (WAVES, "piecewise(2x*sin(1/x) - cos(1/x), x != 0, 1)", Outcome.UNDECIDED),
    ("piecewise(ln(x), x > 1, x - 1)", "1/max(x, 1)", Outcome.RIGHT),
    ("piecewise(ln(x), x > 1, x - 1)", "1/x", Outcome.WRONG),
    ("piecewise(1/x, x > 1, 2 - x)", "piecewise(-1/x^2, x > 1, 1)", Outcome.WRONG),
    ("piecewise(sqrt(1-x^2), x < 1 and x > -1, 0)", "piecewise(-x/sqrt(1-x^2), |x| < 1, 0)", Outcome.RIGHT),
    ("piecewise(sqrt(1-x^2), x < 1 and x > -1, 0)", "piecewise(x/sqrt(1-x^2), |x| < 1, 0)", Outcome.WRONG),
    ("2*piecewise(sqrt(x), x > 0, x^2) + x", "piecewise(1/sqrt(x) + 1, x > 0, 4x + 1)", Outcome.RIGHT),
    ("2*piecewise(sqrt(x), x > 0, x^2) + x", "piecewise(1/sqrt(x), x > 0, 2x) + 1", Outcome.WRONG),
    ("exp(piecewise(x*ln(x), x > 0, 0))", "piecewise((ln(x)+1)*x^x, x > 0, 1)", Outcome.WRONG),
    ("piecewise(sqrt(x), x > 0, x)", "piecewise(1/(2*sqrt(x)), x > 0, 2)", Outcome.WRONG),
    ("u = sqrt(x); y = piecewise(u, x > 0, x^2)", "1/(2sqrt(x))", Outcome.RIGHT),
]


@pytest.mark.parametrize(("text", "answer", "outcome"), VERDICTS)
def test_verdicts(text: str, answer: str, outcome: Outcome) -> None:
    assert check(text, answer).outcome is outcome


def test_a_wrong_gradient_is_told_part_by_part() -> None:
    """Each derivative has the edges of its own input, though one node depends on both."""
    source = "piecewise(ln(x), x > y, y*sqrt(-x))"
    second = "piecewise(0, x > y, sqrt(-x))"
    assert check(source, ["piecewise(1/x, x > y, -y/(2sqrt(-x)))", second]).outcome is Outcome.RIGHT
    wrong = check(source, ["piecewise(1/x, x > y, y/(2sqrt(-x)))", second])
    assert [part.outcome for part in wrong.parts] == [Outcome.WRONG, Outcome.RIGHT]


@pytest.mark.parametrize(
    "text", [*FUNCTIONS, "ln(1 + piecewise(sqrt(x), x > 0, x^2))*x", "piecewise(e^(-1/x), x > 0, 0)"]
)
def test_no_answer_with_one_wrong_formula_is_right(text: str) -> None:
    answer = ask(text).answer
    assert check(text, answer).outcome is Outcome.RIGHT
    tried = 0
    for cases in sorted(answer.atoms(Piecewise), key=default_sort_key):
        for place, wrong in product(range(len(cases.args)), (lambda value: value + 1, lambda value: x - 2 * value)):
            pieces = [(wrong(old) if each == place else old, holds) for each, (old, holds) in enumerate(cases.args)]
            other = answer.xreplace({cases: Piecewise(*pieces, evaluate=False)})
            tape = Tape(answer, other)
            if any(one.apart(two) for one, two in (tape.run({"x": Fraction(n, 3)}) for n in range(-10, 11))):
                tried += 1
                assert check(text, other).outcome in (Outcome.WRONG, Outcome.UNDECIDED), other
    assert tried


def test_a_wrong_answer_to_cases_with_a_number_among_them() -> None:
    assert check("piecewise(x^2, x < 1, 2)", "3x").outcome is Outcome.WRONG
    verdict = check("piecewise(sin(x^2), x < 1, 2)", "piecewise(cos(x^2), x < 1, 0)")
    assert [each.mistake for each in verdict.diagnoses] == ["missing_edge"]


def test_a_forgotten_edge_beside_cases_is_found() -> None:
    verdict = check(f"sin({ROOT})", f"cos({ROOT})")
    assert [each.mistake for each in verdict.diagnoses] == ["missing_edge"]


@pytest.mark.parametrize(
    ("text", "at"),
    [(ROOT, "x=0"), (WAVES, "x=0"), ("|x|", "x=0"), ("piecewise(x^2, x < 1, x)", "x=1"), ("ln(x)", "x=-1")],
)
def test_no_number_is_right_where_there_is_no_derivative(text: str, at: str) -> None:
    with pytest.raises(DomainError):
        check(text, "0", at=at)


def test_a_number_where_one_formula_alone_has_a_value() -> None:
    assert check(ROOT, "-2", at="x=-1").outcome is Outcome.RIGHT
    assert check(ROOT, "2", at="x=-1").outcome is Outcome.WRONG
    assert check("|y|*x", "0", "x", at="x=1, y=0").outcome is Outcome.RIGHT  # the corner is y's alone


def test_a_condition_is_no_equation() -> None:
    assert not is_equation("piecewise(x, x >= 0, 0)") and not is_equation("piecewise(x, x != 0, 0)")
    assert not is_equation("piecewise(x, x = 0, 1)")
    assert is_equation("piecewise(x, x >= 0, 0) = y")


def test_no_short_program_is_made_of_them() -> None:
    with pytest.raises(SymgraphError, match="no named steps"):
        compact(ROOT)


# What follows from what -----------------------------------------------------------------------------------------------

_real = Symbol("x", real=True)
_COMPARED = st.tuples(
    st.sampled_from([Lt, Le, Gt, Ge, Eq, Ne]),
    st.sampled_from([_real, _real**2, abs(_real), _real**2 - _real, _real**3 - _real, abs(_real - 1), sin(_real)]),
    st.integers(-2, 4),
).map(lambda parts: parts[0](parts[1], parts[2]))
_CONDITIONS = st.recursive(
    _COMPARED,
    lambda inner: st.one_of(st.tuples(inner, inner).map(lambda two: And(*two)), st.tuples(inner, inner).map(
        lambda two: Or(*two)), inner.map(Not)),
    max_leaves=3,
)  # fmt: skip
_NUMBERS = sorted({Fraction(n, d) for n in range(-16, 17) for d in (1, 2, 3, 5)})


@given(_CONDITIONS, st.lists(_CONDITIONS, max_size=2))
def test_what_is_said_to_follow_does(condition: object, known: list[object]) -> None:
    if follows(condition, known):
        for number in _NUMBERS:
            at = {_real: number}
            holds = [each.subs(at) == True for each in known]  # type: ignore[attr-defined]  # noqa: E712
            assert not all(holds) or condition.subs(at) == True, number  # type: ignore[attr-defined]  # noqa: E712


@given(_CONDITIONS)
def test_the_opposite_holds_where_a_condition_does_not(condition: object) -> None:
    for number in _NUMBERS[::7]:
        at = {_real: number}
        assert condition.subs(at) != opposite(condition).subs(at)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("condition", "known"),
    [
        (Ne(_real, 0), [_real > 1]),
        (1 - _real**2 >= 0, [abs(_real) < 1]),
        (2 - _real**2 >= 0, [_real**2 < 2]),
        (sin(_real) > 0, [sin(_real) > 0, _real > 2]),
        (_real**2 + _real >= 0, [_real > 0, log(_real) > 1]),
        (Ne(sqrt(_real) * (_real + 1), 0), [_real > 0]),
        (Ne(log(_real), 0), [_real > 1]),
    ],
)
def test_what_textbooks_need_is_found_to_follow(condition: object, known: list[object]) -> None:
    assert follows(condition, known)
    assert not follows(opposite(condition), known)


def test_the_order_of_conditions_does_not_matter() -> None:
    parts = sorted([_real > 0, _real < 2, Ne(_real, 1)], key=default_sort_key)
    assert follows(_real**2 < 4, parts) and follows(_real**2 < 4, parts[::-1])
