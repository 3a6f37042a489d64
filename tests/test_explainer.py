"""Explanations: which steps are told, the answers, and what is refused."""

from __future__ import annotations

import re

import pytest
from sympy import Symbol, cos, sin, symbols

from symgraph.calculus.derivatives import differentiate
from symgraph.errors import NameProblem, SymgraphError, TooLargeToShow
from symgraph.explanation.explainer import explain
from symgraph.explanation.pens import SUBSCRIPTS
from symgraph.explanation.steps import (
    Answer,
    Checks,
    Evaluate,
    FollowPaths,
    Ledger,
    LocalDerivatives,
    ManyPaths,
    NameNodes,
    NoPath,
    Nudge,
    SubstituteBack,
    SumPaths,
    SweepTable,
    TooLarge,
)
from symgraph.explanation.typesetting import text
from symgraph.explanation.views import View

a, b, x = symbols("a b x")
MANY = "; ".join(["u0 = x"] + [f"u{k} = 2*u{k - 1} + u{k - 1}*y + u{k - 1}" for k in range(1, 41)])


def kinds(*arguments: object, **options: object) -> list[type]:
    return [type(step) for step in explain(*arguments, **options).steps]  # type: ignore[arg-type]  # passed through


def test_the_order_of_the_article() -> None:
    assert kinds("(a+b)*(b+1)", "b", at="a=2,b=1") == [
        NameNodes,
        Evaluate,
        LocalDerivatives,
        FollowPaths,
        SumPaths,
        SubstituteBack,
        SweepTable,
        SweepTable,
        Ledger,
        Nudge,
        Checks,
    ]


def test_the_page_is_as_long_as_the_question() -> None:
    assert SweepTable not in kinds("sin(x^2)")
    assert SweepTable in kinds("sin(x^2)", modes=True)
    assert NameNodes not in kinds("sin(3x+1)")
    assert kinds("x^2*sin(x)", detail="answer")[-1] is Checks
    assert LocalDerivatives not in kinds("x^2*sin(x)", detail="main")


def test_answers_by_output_and_input() -> None:
    explanation = explain("(a+b)*(b+1)")
    assert dict(explanation.answers) == {("e", "a"): b + 1, ("e", "b"): a + 2 * b + 1}
    assert explanation.answers["e", a] == b + 1
    for name in ("answer", "value", "paths"):
        with pytest.raises(SymgraphError, match="there are 2 answers"):
            getattr(explanation, name)


def test_wrt_may_name_any_node() -> None:
    explanation = explain("c = a+b; d = b+1; e = c*d", wrt="c, d", at={"a": 3, "b": 1})
    assert {names: int(value) for names, value in explanation.numbers.items()} == {("e", "c"): 2, ("e", "d"): 4}


def test_the_callers_own_symbols_come_back() -> None:
    t = Symbol("t", positive=True)
    assert explain(t**2 * sin(t)).answer.free_symbols == {t}
    assert differentiate(t**2, t) == 2 * t
    assert differentiate("x^2*sin(x)", "x").expand() == x**2 * cos(x) + 2 * x * sin(x)


def test_no_path_means_no_change() -> None:
    explanation = explain("z = x + y; q = t^2", wrt="t", of="z")
    assert explanation.answer == 0
    assert NoPath in [type(step) for step in explanation.steps]
    assert "0" in explanation.render("txt")


def test_many_paths_are_counted_and_not_listed() -> None:
    explanation = explain(MANY, wrt="x", at="x=1, y=1/10")
    (many,) = [step for step in explanation.steps if isinstance(step, ManyPaths)]
    assert many.count == 3**40 and len(many.largest) == 3
    assert "not listed" in " ".join(explanation.render("txt").split())


def test_an_answer_too_large_leaves_the_rest_to_work() -> None:
    explanation = explain(MANY, wrt="y")
    assert any(isinstance(step, TooLarge) for step in explanation.steps)
    with pytest.raises(TooLargeToShow, match="parts"):
        _ = explanation.answer
    assert len(explanation.render("html")) > 1000


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"source": "x^2", "wrt": "q"}, NameProblem),
        ({"source": "3 + 4"}, SymgraphError),
        ({"source": "x^2", "detail": "everything"}, SymgraphError),
        ({"source": ""}, SymgraphError),
    ],
)
def test_what_cannot_be_explained(arguments: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        explain(**arguments)  # type: ignore[arg-type]  # that is the point


def test_a_chain_of_three_thousand_assignments_is_explained() -> None:
    explanation = explain("\n".join(["u0 = x + 1"] + [f"u{k} = u{k - 1}*x + {k}" for k in range(1, 3000)]))
    document = explanation.render("txt")
    assert "3000 paths" in document and "left out" in document
    assert explanation.report.points == 3
    page = explanation.render("html")
    assert len(page.encode()) < 700_000
    assert page.count("<tbody><tr>") + page.count("<tbody>\n<tr>") >= 10 and page.count("JSON of this document") == 10


def test_what_is_too_deep_for_sympy_is_explained_without_it() -> None:
    deep = explain(
        "\n".join(["u0 = a + x"] + [f"u{k} = sin(u{k - 1}) + a" for k in range(1, 60)]), "x", detail="answer"
    )
    assert "diff" not in deep.report.routes and {"forward", "reverse", "paths", "answer"} <= set(deep.report.routes)


def test_every_document_has_its_check() -> None:
    for source in ("x^2", "x^x", "|x-1|", "max(x, 1)", "e^(-x^2/2)", "log_2 x", "x/(1+x^2)", "atan(x)/x"):
        explanation = explain(source)
        assert explanation.report.points == 3, source
        assert {"forward", "reverse", "nudge", "paths", "answer", "diff"} <= set(explanation.report.routes), source


def told(source: str, wrt: str | None = None) -> str:
    return " ".join(explain(source, wrt).render("txt").split())


@pytest.mark.parametrize(
    ("source", "wrt", "sentence"),
    [
        (
            "x^n",
            "x",
            "Here x^n is taken for x > 0; with a whole number as its exponent the derivative holds for x < 0 as well.",
        ),
        ("x^x^x", None, "A power whose exponent moves needs a positive base: x^x has a derivative only where x > 0."),
        ("x^(3/2)", None, "Where x = 0, x^(3/2) ends: its slope is 0 there, on the one side that it has."),
        (
            "sqrt(x)",
            None,
            "There are values only where x ≥ 0. Where x = 0, √x has no derivative: its slope is without bound.",
        ),
        ("1/sqrt(x)", None, "There are values only where x > 0. Compared"),
        ("(x^2+1)/(x^2-1)", None, "There are values only where x ≠ −1 and x ≠ 1. Compared"),
        ("ln(3-2x)", None, "There are values only where x < 3/2. Compared"),
        ("|x-1|", None, "Where x = 1, |u| has no derivative: it has a corner"),
        ("max(x, x^2)", None, "Where x = 0 or x = 1, max(x, u) has no derivative"),
        ("1/sqrt(x-1)", None, "There are values only where x > 1. Compared"),
        ("1/(2 s^2 t)", None, "There are values only where t ≠ 0 and s ≠ 0. Compared"),
        ("ln(x^2)", None, "There are values only where x ≠ 0. Compared"),
        ("ln|x|", None, "There are values only where x ≠ 0. Compared"),
        ("ln(-x^2)", None, "But ln v has no real value anywhere, so there is no rate of change"),
        ("x*sqrt(-x^2 - 1)", None, "But √w has no real value anywhere, so there is no rate of change"),
    ],
)
def test_where_it_fails_is_said_as_a_course_says_it(source: str, wrt: str | None, sentence: str) -> None:
    assert sentence in told(source, wrt)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("-x/y", "A minus in front is kept. A quotient f/g changes at 1/g with f and at −f/g² with g: ∂z/∂x = −1/y"),
        ("3(sin(x)/(x^2+1))", "A constant factor is kept. A quotient f/g changes"),
        ("-(sin(x)*e^x)", "A minus in front is kept. A product scales"),
        ("5 sin(x)", "dy/dx = 5 cos x"),
        ("y = x^2; z = sin(y)*y", "A product scales each factor's change by the other factor: ∂₁z = y cos y"),
        ("integral(sin(t), t, 0, x^2)", "which is the fundamental theorem: dy/du = sin u."),
        ("3 integral(sin(t), t, 0, x^2)", "A constant factor is kept. An integral changes with its upper limit"),
        ("integral(e^(-t^2), t, x, 3x)", "With its lower limit an integral changes at minus the integrand there: ∂₁y"),
        ("integral(sin(x t), t, 0, x)", "together that is Leibniz's rule: dy/dx = sin(x²) + integral"),
        ("sum(x^k/k, k, 1, 5)", "A long sum is differentiated term by term: dy/dx = sum(x^(k − 1), k, 1, 5) Compared"),
        ("max(x, x^2)", "ignores the other: ∂₁y = {1 if x > u, 0 if x < u}"),
    ],
)
def test_a_constant_in_front_does_not_hide_the_rule(source: str, sentence: str) -> None:
    assert sentence in told(source)


def test_only_a_product_is_told_by_the_product_rule() -> None:
    rule = "Two paths through one product: that is the product rule."
    assert rule in told("-3(sin(x)*e^x)")
    assert rule not in told("3(sin(x)/(x^2+1))")
    assert "Two paths through one quotient: that is the quotient rule." in told("3(sin(x)/(x^2+1))")


def test_e_under_an_exponent_is_no_guess() -> None:
    assert "can be read in more than one way" not in told("x*e^(-x)")


def test_a_definition_says_what_moves() -> None:
    assert explain("h(t) = A*e^(-k*t)").answer == differentiate("A*e^(-k*t)", "t")
    assert list(explain("f(x, y) = a*x^2*y").answers) == [("f", "x"), ("f", "y")]
    assert list(explain("f(x) = a*x", "a").answers) == [("f", "a")]


def test_what_is_only_nearly_a_whole_number_is_not_said_to_be_one() -> None:
    for source, at in (("tanh(x)", "x=-648"), ("1+e^(-x)", "x=300"), ("cos(x)", "x=1e-30"), ("tanh(x)", "x=5000")):
        told = explain(source, at=at).render("txt")
        assert "that makes y ≈ " in told and "that makes y = " not in told
    assert "y = 9." in explain("e^(2*ln(x))", at="x=3").render("txt")


def test_a_push_that_shows_nothing_is_not_told() -> None:
    assert "Nudge" not in explain("tanh(x)", at="x=20").render("txt")
    assert "Nudge" in explain("tanh(x)", at="x=2").render("txt")


def test_a_long_sum_is_abridged_in_its_node() -> None:
    terms = [f"w_{place}*x_{place}" for place in range(1, 13)]
    page = explain("y = " + " - ".join(terms) + "; z = tanh(y)", wrt="w_1")
    assert r"w_{1} \cdot x_{1} - w_{2} \cdot x_{2} + \text{…} - w_{12} \cdot x_{12}$};" in page.render("tex")
    assert " − w₇·x₇ − " in page.render("txt")


def test_a_page_about_a_long_product_grows_with_its_names_and_not_with_their_square() -> None:
    told = [explain("*".join(f"x{k}" for k in range(1, count + 1))) for count in (30, 60, 90)]
    short, middle, long = (len(each.render("html")) for each in told)
    assert long - middle < 1.2 * (middle - short)
    assert "∂y/∂x₂₀ = x₁·…·x₁₉·x₂₁·…·x₃₀" in told[0].render("txt")
    assert "·".join(f"x{k}".translate(SUBSCRIPTS) for k in range(1, 20)) in told[0].render("json")


def test_what_the_edges_have_shown_stands_among_the_answers_once() -> None:
    assert kinds("x*y").count(Answer) == 2 and SubstituteBack not in kinds("x*y")
    assert SubstituteBack in kinds("x*y", "x")


def test_rates_too_long_for_a_node_are_their_names_in_the_picture() -> None:
    """A net of three layers has sums of products of sums, which written into its nodes are wider than any page."""
    lines, before = [], ["x1", "x2", "x3", "x4"]
    for layer in "fgh":
        now = [f"{layer}{k}" for k in range(1, 5)]
        lines += [f"{name} = tanh({'+'.join(map('{}*{}'.format, 'abcd', before))})" for name in now]
        before = now
    told = explain("; ".join([*lines, "y = h1+h2+h3+h4"]), "x1")
    drawn = View(told).picture("forward", told.graph.graph["inputs"][0])
    assert drawn is not None and drawn.drawing.width < 2000
    assert max(len(text(line)) for own in drawn.nodes.values() for line in own) < 150


def test_large_counts_are_set_as_tex() -> None:
    """A narrow no-break space, and 10^28 outside of a formula, stop pdflatex."""
    written = explain(MANY, "x").render("tex")
    assert "\u202f" not in written and re.search(r"about \$10\^\{\d+\}\$ paths", written)
    half = "; ".join(["u0 = x"] + [f"u{k} = sin(u{k - 1}) + x*u{k - 1}" for k in range(1, 20)])
    assert re.search(r"lead \d+\\,\d{3}\\,\d{3} paths|lead \d+\\,\d{3} paths", explain(half, "x").render("tex"))


def test_of_many_edges_into_a_node_a_block_tells_some() -> None:
    lines, before = [], [f"x{k}" for k in range(1, 11)]
    for layer in "fgh":
        now = [f"{layer}{k}" for k in range(1, 11)]
        lines += [f"{name} = sin({'+'.join(map('{}*{}'.format, 'abcdpqrstu', before))})" for name in now]
        before = now
    view = View(explain("; ".join([*lines, "y = h1 + h2"]), "x1"))
    assert {len(edges) for block in view.blocks for _, edges in block.rows} == {0, 2, 5}  # inputs, y, and all between
