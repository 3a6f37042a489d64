"""What is said at the edges: ends of domains, corners, jumps, poles, and numbers that are no numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis.strategies import SearchStrategy, just, recursive, sampled_from, tuples
from mpmath import atan, cbrt, cos, exp, floor, mpf, mpmathify, sign, sin, workdps
from mpmath import sqrt as root
from sympy import Integer, Matrix, Rational, Sum, Symbol, besselj, log, oo, sqrt

import symgraph
from symgraph.calculus.graph import build
from symgraph.calculus.paths import find_paths, path_sum
from symgraph.calculus.sides import sides
from symgraph.calculus.sweeps import forward, reverse
from symgraph.errors import DomainError
from symgraph.marking.verdicts import Outcome

Function = tuple[str, Callable[[mpf], mpf]]


def functions() -> SearchStrategy[Function]:
    """Formulas with corners, jumps and ends, and the same with mpmath: None where there is no value."""

    def one(row: Function, inner: Function) -> Function:
        return row[0].format(inner[0]), lambda x: None if (u := inner[1](x)) is None else row[1](u)

    def two(row: tuple[str, Callable[[mpf, mpf], mpf]], first: Function, second: Function) -> Function:
        def both(x: mpf) -> mpf:
            u, v = first[1](x), second[1](x)
            return None if u is None or v is None else row[1](u, v)

        return row[0].format(first[0], second[0]), both

    unary = sampled_from(
        [
            ("|{}|", abs),
            ("sqrt({})", lambda u: None if u < 0 else root(u)),
            ("cbrt({})", lambda u: sign(u) * cbrt(abs(u))),
            ("({})^2", lambda u: u * u),
            ("relu({})", lambda u: max(u, mpf(0))),
            ("sin({})", sin),
            ("cos({})", cos),
            ("exp({})", exp),
            ("arctan({})", atan),
            ("sign({})", sign),
            ("floor({})", floor),
        ]
    )
    binary = sampled_from(
        [
            ("({}) + ({})", lambda u, v: u + v),
            ("({})*({})", lambda u, v: u * v),
            ("({}) - ({})", lambda u, v: u - v),
            ("max({}, {})", max),
            ("min({}, {})", min),
        ]
    )
    leaves = just(("x", lambda x: x)) | just(("1", lambda x: mpf(1))) | just(("x^2", lambda x: x * x))
    return recursive(
        leaves,
        lambda f: tuples(unary, f).map(lambda t: one(*t)) | tuples(binary, f, f).map(lambda t: two(*t)),
        max_leaves=4,
    )


def test_conditions_are_said_in_german_too() -> None:
    assert "Wo x eine ganze Zahl ist, hat ⌊x⌋ keine Ableitung: dort ist ein Sprung." in told("floor(x)", lang="de")
    assert "Werte gibt es nur, wo x > 0 oder x keine ganze Zahl ist." in told("gamma(x)", lang="de")


def told(source: str, **options: object) -> str:
    """The words about a function, on one line."""
    return " ".join(symgraph.explain(source, **options).render("txt").split())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("0^x", "There are values only where x > 0."),
        ("(-2)^x", "has real values only where x is a whole number, so there is no rate of change"),
        ("arctan2(y, x)", "There are values only where x ≠ 0 or y ≠ 0. Where y = 0 and x < 0, atan2(y, x) has no"),
        ("floor(x)", "Where x is a whole number, ⌊x⌋ has no derivative: it jumps."),
        ("x*ceiling(2x + 1)", "Where 2x is a whole number, ⌈v⌉ has no derivative: it jumps."),
        ("gamma(x*y)", "There are values only where x·y > 0 or x·y is no whole number."),
        ("arccot(x)", "arccot(x) has no derivative: it jumps."),
        ("integral(1/t, t, 1, x)", "There are values only where x > 0."),
        ("integral(1/t, t, -1, x)", "There are values only where x < 0."),
        ("integral(1/(t^2 - 4), t, 0, x)", "There are values only where −2 < x < 2."),
        ("integral(sqrt(t), t, -1, x)", "has no real value anywhere"),
        ("integral(cos(t)/t, t, 1, x)", "There are values only where x > 0."),
        ("integral(sin(t)/(t^2 - t), t, 1/2, x)", "There are values only where x < 1 and x ≠ 0."),
        ("integral(ln(1 + t)/t, t, 0, x)", "There are values only where x > −1."),
        ("integral(|t|/t, t, 1, x)", "There are values only where x ≠ 0."),
        ("sum(k*x, k, 3, 1)", "has no real value anywhere"),
        ("{arcsin(2) if x > 0, 1 otherwise}", "In the case x > 0: arcsin 2 has no real value anywhere"),
        ("f(x) = c", "A second name changes exactly as the first: ∂f/∂c = 1. No path leads from x to f"),
    ],
)
def test_where_something_fails_is_said(source: str, sentence: str) -> None:
    assert sentence in told(source)


def test_a_sum_of_powers_has_a_value_at_zero() -> None:
    assert "only where" not in told("sum(x^k, k, 0, 3)")
    assert symgraph.explain("sum(x^k, k, 0, 3)", at={"x": 0}).value.doit() == 1  # type: ignore[union-attr]
    assert symgraph.explain("x + sum(k*x, k, 3, 2)", at={"x": 1}).value == 1


def test_that_nothing_changes_is_said_once() -> None:
    assert told("f(x) = 3").count("df/dx = 0") == 1


@pytest.mark.parametrize(
    ("source", "at"),
    [
        ("0^x", "x=0"),
        ("x^x", "x=0"),
        ("integral(1/t, t, 1, x)", "x=-1"),
        ("integral(1/sin(t), t, 1, x)", "x=4"),
        ("sum(k*x, k, 3, 1)", "x=1"),
    ],
)
def test_no_value_is_told_where_there_is_none(source: str, at: str) -> None:
    with pytest.raises(DomainError, match=r"no (certain )?value at this point"):
        symgraph.explain(source, at=at)


def test_a_logarithm_has_a_domain_of_its_own() -> None:
    words = " ".join(symgraph.explain("(x-1)^2*(x+2)^3", question="logarithmic").render("txt").split())
    assert "l has values only where x > 1." in words and "There are values only" not in words


def test_where_x_stands_still_a_curve_has_no_slope() -> None:
    with pytest.raises(DomainError, match="x does not move with t there"):
        symgraph.parametric("x = t^2; y = t^3", at="t=0")


# Seen from both sides -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "place", "slopes", "kind"),
    [
        ("|x|", 0, (-1, 1), "minimum"),
        ("x*|x|", 0, (0, 0), "neither"),
        ("sqrt(x^2)", 0, (-1, 1), "minimum"),
        ("sqrt(x^4)", 0, (0, 0), "minimum"),
        ("cbrt(x)^4", 0, (0, 0), "minimum"),
        ("cbrt(x)", 0, (oo, oo), "neither"),
        ("root(x, 5)^2", 0, (-oo, oo), "minimum"),
        ("x^(4/3)", 0, (None, 0), "minimum"),
        ("sqrt(4 - x^2)", 2, (-oo, None), "minimum"),
        ("arcsin(cos(x))", 0, (1, -1), "maximum"),
        ("arccos(1 - x^2)", 0, (-sqrt(2), sqrt(2)), "minimum"),
        ("sign(x)*x", 0, (-1, 1), "minimum"),
        ("x - floor(x)", 1, (None, 1), "minimum"),
        ("{x^2 if x < 1, 2 - x otherwise}", 1, (2, -1), "maximum"),
        ("{x if x != 0, 0 otherwise}", 0, (1, 1), "neither"),
        ("{x^2 if x != 0, 1 otherwise}", 0, (None, None), "maximum"),
        ("{sin(x)/x if x != 0, 1 otherwise}", 0, (0, 0), "maximum"),
        ("{(exp(x) - 1)/x if x != 0, 1 otherwise}", 0, (Rational(1, 2), Rational(1, 2)), "neither"),
        ("{(2^x - 1)/x if x != 0, ln(2) otherwise}", 0, (log(2) ** 2 / 2, log(2) ** 2 / 2), "neither"),
        ("{sin(|x|)/|x| if x != 0, 1 otherwise}", 0, (0, 0), "maximum"),
        ("{(1 - cos(x))/|x| if x != 0, 0 otherwise}", 0, (-Rational(1, 2), Rational(1, 2)), "minimum"),
        ("{(sqrt(1 + x) - 1)/x if x != 0, 1/2 otherwise}", 0, (-Rational(1, 8), -Rational(1, 8)), "neither"),
        ("sqrt(2 - 2cos(x))", 0, (-1, 1), "minimum"),
        ("{sin(1/x)/x if x != 0, 1 otherwise}", 0, (None, None), "undecided"),
        ("{sin(x)/x if x != 0, 2 otherwise}", 0, (None, None), "maximum"),
        ("|x| - x", 0, (-2, 0), "undecided"),
    ],
)
def test_both_sides_of_a_point(source: str, place: int, slopes: object, kind: str) -> None:
    found = sides(symgraph.build(source), "x", {"x": Integer(place)})
    assert (found.slopes, found.kind) == (slopes, kind)


@given(functions(), sampled_from([0, 1]))
@settings(max_examples=60, deadline=None)
def test_what_is_seen_beside_a_point_is_there(function: Function, place: int) -> None:
    """The leading term against values a little and a very little beside the point."""
    source, compute = function
    assume("x" in source)
    try:
        found = sides(symgraph.build(source), "x", {"x": Integer(place)})
    except symgraph.SymgraphError:
        assume(False)
    with workdps(120):
        for direction, side, ends in zip((-1, 1), (found.left, found.right), found.ends, strict=True):
            steps = [mpf(10) ** -digits for digits in (8, 10)]
            near = [compute(place + direction * step) for step in steps]
            if ends:
                assert near == [None, None]
            if side is None or side.coefficient is None:
                continue
            limit, rate = (mpmathify(each.evalf(110)) for each in (side.value, side.coefficient))
            order = mpf(side.order.p) / side.order.q
            close, closer = (abs((value - limit) / step**order - rate) for value, step in zip(near, steps, strict=True))
            assert closer <= close or closer < 1e-6


def test_corners_are_among_the_points_that_are_looked_at() -> None:
    words = " ".join(symgraph.explain("|x^2 - 1|", question="critical").render("txt").split())
    assert "Where x = 1, y has no derivative: its slope is −2 on the left and 2 on the right." in words
    assert "There y = 0: a minimum, lower than everything near it." in words
    level = symgraph.explain("x*|x|", question="critical").render("txt")
    assert "it is level there" in " ".join(level.split()) and "level nowhere" not in level


def test_a_function_without_slope_is_level_wherever_it_has_a_derivative() -> None:
    assert "This holds wherever y has a derivative." in symgraph.explain("0*x + 2", question="critical").render("txt")


@pytest.mark.parametrize("source", ["sqrt(x^2)", "|sin(x)|", "|x| + |y|", "relu(x)"])
def test_no_reason_names_a_type_of_the_language(source: str) -> None:
    assert "Error" not in symgraph.critical(source).reason


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("x*|x|", "seen from both sides, y has the slope 0 there"),
        (
            "sqrt(x^4)",
            "the rules give y no derivative at this point: .*; seen from both sides, y has the slope 0 there",
        ),
        ("max(x^2, 0)", "the rules give y no derivative"),
        ("max(x, x)", "the rules give y no derivative"),
        ("x^(3/2)", "this power ends there, with the slope 0 on the one side that it has"),
        ("|x|", "y has no derivative at this point: .*; y has the slope -1 on the left and 1 on the right"),
    ],
)
def test_a_refused_point_is_refused_with_the_truth(source: str, sentence: str) -> None:
    with pytest.raises(DomainError, match=sentence):
        symgraph.explain(source, at="x=0")


# What stops a sentence ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source", ["max(x, arcsin(2))", "{1 if x > arcsin(2), x otherwise}", "1/{x if x > arcsin(2), 1 otherwise}"]
)
def test_what_is_not_real_is_not_compared(source: str) -> None:
    with pytest.raises(DomainError, match="no real value here to be compared"):
        symgraph.explain(source)


def test_cases_inside_a_condition_are_printed() -> None:
    assert "ITE" not in told("ln({x if x > {1 if x > 2, 0 otherwise}, 1 otherwise})")


def test_a_number_of_thousands_of_digits_is_rounded() -> None:
    assert "y ≈ 9.38751×10⁹⁵⁶⁵" in told("exp(exp(x))", at="x=10")


def test_a_tangent_needs_no_derivative_of_floor_from_sympy() -> None:
    assert symgraph.tangent("floor(x) + x", at="x=1/2") == Symbol("x")


def test_a_message_about_an_answer_is_one_line() -> None:
    assert "u000a" not in symgraph.check("x", "(-2)^x ln(-2)").render()


def test_a_power_of_the_rate_of_the_start_is_a_number() -> None:
    assert symgraph.check("(exp(x))^(3/2)", "3*e^x*sqrt(e^x)/2*sign(x)").outcome is symgraph.Outcome.WRONG
    assert symgraph.check("x^(3/2)", "sign(x - 2)*x").outcome is symgraph.Outcome.WRONG


@pytest.mark.parametrize(
    ("source", "slope"),
    [
        ("{x^2*sin(1/x) if x != 0, 0 otherwise}", 0),
        ("{x + 2*x^2*sin(1/x) if x != 0, 0 otherwise}", 1),
        ("{x*sin(1/x) if x != 0, 0 otherwise}", None),
        ("{e^(-1/x^2) if x != 0, 0 otherwise}", 0),
        ("{x^2*arctan(1/x) if x != 0, 0 otherwise}", 0),
        ("{x^2/sin(1/x) if x != 0, 0 otherwise}", None),
        ("{x^2*sin(sqrt(x)/x) if x != 0, 0 otherwise}", None),
        ("{1/(1 + e^(1/x)) if x != 0, 0 otherwise}", None),
    ],
)
def test_what_has_no_limit_may_be_small(source: str, slope: int | None) -> None:
    assert sides(symgraph.build(source), "x", {"x": Integer(0)}).slope == slope
    assert ("which is the derivative" in told(source)) == (slope is not None)


def test_a_slip_that_sympy_cannot_write_is_no_slip() -> None:
    chosen = "{1 if max(0, x^2 - 1)^2 > 2*sqrt(2), 0 if max(0, x^2 - 1)^2 < 2*sqrt(2)}"
    answer = f"{{4*x*max(0, x^2 - 1)*{chosen} if x > 0, 0 otherwise}}"
    assert symgraph.check("max(2^(3/2), relu(x^2 - 1)^2)", answer).outcome is not symgraph.Outcome.RIGHT


@pytest.mark.parametrize(
    ("curve", "answer", "outcome"),
    [
        ("x^2 + y^2 = 25", "-x/sqrt(25 - x^2)", symgraph.Outcome.RIGHT_ON),  # the upper half
        ("x^2 + y^2 = 25", "x/sqrt(25 - x^2)", symgraph.Outcome.RIGHT_ON),  # the lower one
        ("y^2 = x", "1/(2*sqrt(x))", symgraph.Outcome.RIGHT_ON),
        ("x^2 + y^2 = 25", "-2*x/sqrt(25 - x^2)", symgraph.Outcome.WRONG),
        ("x^2 + y^2 = 25", "x/y", symgraph.Outcome.WRONG),
        ("x^2 + y^2 = 25", "-x/y", symgraph.Outcome.RIGHT),
    ],
)
def test_half_a_curve_is_not_wrong(curve: str, answer: str, outcome: symgraph.Outcome) -> None:
    assert symgraph.check(curve, answer).outcome is outcome


@pytest.mark.parametrize(
    ("source", "seen"),
    [("max(x, -x, -1)", [(0, (-1, 1))]), ("max(x, 1, -x) + x", [(1, (1, 2))])],
)
def test_corners_of_a_maximum_of_three(source: str, seen: list[tuple[int, tuple[int, int]]]) -> None:
    assert [(corner.place["x"], corner.slopes) for corner in symgraph.critical(source).corners] == seen


# Sums with an open number of terms


def test_a_sum_of_n_terms_is_differentiated_by_what_its_terms_depend_on():
    told = symgraph.explain("sum(x^k, k, 0, n) + n*x^2")
    assert [node.name for node in told.wrt] == ["x"]
    k, n, x = map(Symbol, "knx")
    assert told.answer == 2 * n * x + Sum(k * x ** (k - 1), (k, 1, n))
    assert told.report.points == 3
    assert set(told.report.routes) == {"forward", "reverse", "nudge", "paths", "answer", "diff"}
    text = told.render("txt").replace("\n", " ")
    assert "only where n is a whole number and n ≥ −1. By a whole number there is no derivative." in text
    assert "∂y/∂n" not in text.split("Forward mode")[1]
    at = symgraph.explain("sum(x^k, k, 0, n)", at="x=2, n=3")
    assert at.value == 17 and "makes y = 15." in at.render("txt")
    for form in ("html", "tex", "md", "json", "svg"):
        assert at.render(form)


def test_a_product_of_n_factors_is_differentiated():
    assert symgraph.differentiate("prod(x + k, k, 1, n)", at="x=1, n=3") == 3 * 4 + 2 * 4 + 2 * 3


def test_chains_into_the_number_of_terms_are_refused_and_the_others_told():
    source = "m = 2n; s = sum(x^k/k!, k, 0, m); y = s*z"
    assert [node.name for node in symgraph.explain(source).wrt] == ["x", "z"]
    assert symgraph.gradient(source, at="x=1, n=1, z=2") == Matrix([4, Rational(5, 2)])


@pytest.mark.parametrize(
    "ask",
    [
        lambda source: symgraph.explain(source, "n"),
        lambda source: symgraph.explain(source, "x, n"),
        lambda source: symgraph.differentiate(source, "n"),
        lambda source: symgraph.hessian(source, "x, n"),
        lambda source: symgraph.check(source, "0", wrt="n"),
        lambda source: path_sum(build(source), "n"),
        lambda source: next(find_paths(build(source), "n")),
    ],
)
def test_nothing_is_said_of_how_a_sum_moves_with_the_number_of_its_terms(ask):
    with pytest.raises(DomainError, match=r"a sum has no derivative by n, on which its limits depend.*by x there is"):
        ask("sum(x^k, k, 0, n) + n*x")


def test_sweeps_leave_out_what_is_not_known():
    graph = build("sum(x^k, k, 0, n) + n*x", "operation")
    assert [row.node.name for row in forward(graph, "n")] == ["x", "n", "v"]
    assert "n" not in [row.node.name for row in reverse(graph)]


def test_answers_about_sums_of_n_terms_are_marked():
    assert symgraph.check("sum(x^k, k, 0, n)", "sum(k*x^(k-1), k, 1, n)").outcome is Outcome.RIGHT
    assert symgraph.check("sum(x^k, k, 0, n)", "sum(x^(k-1), k, 1, n)").outcome is Outcome.WRONG


def test_a_bessel_function_is_differentiated_by_its_argument_alone():
    assert symgraph.differentiate("besselj(n, x)", "x").has(besselj)
    with pytest.raises(DomainError, match="by x there is one"):
        symgraph.explain("besselj(n, x)")


def test_the_value_of_a_derivative_that_is_told_in_one_line_is_told():
    assert "dy/dx = 3x² = 12\n" in symgraph.explain("x^3", at="x=2").render("txt")


# What both sides show where a case holds at one point alone


def said(source: str, **how: str) -> str:
    return " ".join(symgraph.explain(source, **how).render("txt").split())


@pytest.mark.parametrize(
    ("source", "f", "value", "slope"),
    [
        ("sin(x)/x", lambda x: sin(x) / x, "1", 0),
        ("(exp(x) - 1)/x", lambda x: (exp(x) - 1) / x, "1", mpf(1) / 2),
        ("(x - sin(x))/x^3", lambda x: (x - sin(x)) / x**3, "1/6", 0),
        ("(1 - cos(x))/x^2 + x", lambda x: (1 - cos(x)) / x**2 + x, "1/2", 1),
        ("(x^2 + x)/(exp(x) - 1)", lambda x: (x * x + x) / (exp(x) - 1), "1", mpf(1) / 2),
    ],
)
def test_a_quotient_that_is_completed_has_the_slope_of_a_difference_quotient(source, f, value, slope):
    with workdps(60):
        step = mpf(10) ** -12
        for h in (step, -step):
            assert abs((f(h) - mpmathify(value.split("/")[0]) / int((value + "/1").split("/")[1])) / h - slope) < 1e-10
    found = sides(symgraph.build(f"{{{source} if x != 0, {value} otherwise}}"), "x", {"x": Integer(0)})
    assert found.slope == (Rational(1, 2) if slope == mpf(1) / 2 else slope)


def test_a_page_says_what_both_sides_show():
    page = said("{(exp(x) - 1)/x if x != 0, 1 otherwise}")
    assert "the slope 1/2, which is the derivative (and not what the formula above has there)." in page
    assert "the slope 0, which is the derivative. Compared" in said("{sin(x)/x if x != 0, 1 otherwise}")
    for torn in ("1/x", "ln(|x|)", "sin(x)/x"):
        page = said(f"{{{torn} if x != 0, 0 otherwise}}")
        assert "they do not meet with equal values and slopes, so there is no derivative." in page
    assert "only a limit can tell" in said("{x*sin(1/x) if x != 0, 0 otherwise}")


def test_a_point_at_which_a_quotient_is_completed_is_refused_with_what_is_seen():
    with pytest.raises(DomainError, match="seen from both sides, y has the slope 1/2 there"):
        symgraph.explain("{(exp(x) - 1)/x if x != 0, 1 otherwise}", at="x=0")
    with pytest.raises(DomainError, match="beside it y does not come near its value there, so it has no derivative"):
        symgraph.explain("{1/x if x != 0, 0 otherwise}", at="x=0")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("sqrt(x - x)", "But √u has no derivative by its rule anywhere: the lines above divide by 0, or take the slope "
         "of a corner. Written out, y = 0, and so dy/dx = 0 all the same."),
        ("sin(sqrt(x - x)) + x", "Written out, y = x, and so dy/dx = 1 all the same."),
        ("max(x, x)", "Written out, y = x, and so dy/dx = 1 all the same."),
        ("sqrt(x^2 - x^2) + |x|", "But √v has no derivative by its rule anywhere: the lines above divide by 0, or take "
         "the slope of a corner. So they say nothing."),
        ("floor(0*x) + y", "no derivative by its rule anywhere"),
    ],
)  # fmt: skip
def test_what_has_no_derivative_by_its_rule_anywhere_is_written_out(source, told):
    assert told in said(source)


# What takes SymPy forever


@pytest.mark.parametrize("how", [{}, {"order": 2}, {"at": "x=1/2"}])
def test_nested_hyperbolic_functions_are_told(how):
    nest = "tanh(" * 16 + "x" + ")" * 16  # SymPy's own questions double with every one of them
    told = symgraph.explain(nest if not how.get("order") else nest[25:-5], **how)
    assert told.report.points == 3


@pytest.mark.parametrize(
    ("source", "at", "value"),
    [
        ("integral(|t|, t, -1, x)", "x=2", "5/2"),
        ("integral(|t^2 - 4|, t, 0, x)", "x=3", "23/3"),
        ("integral(max(t, 1), t, 0, x)", "x=2", "5/2"),
        ("integral(min(t, 1, -t), t, x, 1)", "x=-2", "-5/2"),
        ("integral(t^2, t, x, 0)", "x=2", "-8/3"),
    ],
)
def test_integrals_of_polynomials_in_pieces_have_exact_values(source, at, value):
    assert f"makes y = {value.replace('-', '−')}." in said(source, at=at)


@pytest.mark.parametrize(
    ("source", "at"),
    [
        ("sum(|x - k|, k, 1, 3)", "x=2"),  # −1 on the left, 1 on the right; the sum of signs is 0 there
        ("sum(|x - k|, k, 1, n)", "x=2, n=3"),
        ("sum(floor(k x), k, 1, 3)", "x=1/2"),
        ("sum(sum(|x - i - j|, i, 1, 2), j, 1, 2)", "x=3"),
        ("product(|x - k|, k, 1, 3)", "x=2"),
        ("sum(|x - k|, k, 1, 100)", "x=50"),
    ],
)
def test_a_term_with_a_corner_leaves_a_sum_without_a_derivative_by_the_rules(source, at):
    with pytest.raises(DomainError, match=r"the rules give y no derivative at this point: .* has a step without"):
        symgraph.explain(source, wrt="x", at=at)


def test_a_number_that_is_not_known_to_be_real_before_it_is_worked_out_is_a_value():
    assert abs(symgraph.differentiate("digamma(x arcsec(3))", order=2, at="x=1").evalf() + 2.0945) < 1e-4


@pytest.mark.parametrize(
    ("question", "source", "more", "at"),
    [
        (symgraph.differentiate, "x|x|", {"order": 2}, "x=0"),  # 2|x| has a corner, whatever 2 sgn 0 is
        (symgraph.differentiate, "floor(x)", {"order": 2}, "x=1"),
        (symgraph.hessian, "|x| y", {}, "x=0, y=1"),
        (symgraph.hessian, "max(max(x, y), x)", {}, "x=1, y=1"),
        (symgraph.hessian, "atan2(ln(x^2), x)", {}, "x=-1"),
        (symgraph.mixed, "|x| y", {"wrt": ["y", "x"]}, "x=0, y=1"),
    ],
)
def test_a_second_derivative_at_a_corner_has_no_value(question, source, more, at):
    with pytest.raises(DomainError, match="no derivative at this point"):
        question(source, at=at, **more)


def test_a_condition_names_nothing_that_is_computed_later():
    second = symgraph.differentiate(
        "sqrt(max(max(1, x), e^x))", order=2
    )  # e^x stands in a condition before it is named
    assert abs(second.subs(Symbol("x"), 2).evalf() - exp(1) / 4) < 1e-12
    assert symgraph.differentiate("sqrt(max(max(1, x), softplus(x)))", order=2, at="x=-3/5") == 0


def test_where_an_edge_has_no_value_it_is_the_rules_that_give_none():
    with pytest.raises(DomainError, match="the rules give z no derivative by y at x = 0, y = 2"):
        symgraph.explain("x^y", at="x=0, y=2")  # 0^y is 0 beside 2, so its derivative by y is 0
    assert "≈ −0.577216 " in said("x!", at="x=0")  # no −(−ψ(1))


@pytest.mark.parametrize("body", ["sin(t)/t", "(e^t - 1)/t", "(1 - cos(t))/t^2", "(t - sin(t))/t^3", "arctan(t)/t"])
def test_an_integrand_that_only_lacks_a_value_leaves_the_integral_one(body):
    assert "only where" not in said(f"integral({body}, t, 0, x)")  # at 0 it is 0
    with pytest.raises(DomainError, match="the rules give y no derivative by x at x = 0"):
        symgraph.explain(f"integral({body}, t, 0, x)", at="x=0")


def test_corners_of_terms_are_said_and_those_that_do_not_move_are_none():
    page = said("sum(|x - k|, k, 1, 3)")
    assert "Where x = 1, x = 2 or x = 3, a step inside sum(|x − k|, k, 1, 3) has no derivative, so that the" in page
    assert "Where a step inside sum(|x − k|, k, 1, 20) has no derivative, the" in said("sum(|x - k|, k, 1, 20)")
    assert "derivative, " not in said("sum(|k - 2| x, k, 1, 3)")
    assert symgraph.differentiate("sum(|k - 2| x, k, 1, 3)", "x", at="x=2") == 2
    assert symgraph.differentiate("sum(|x - k|, k, 1, 100)", at="x=1/2") == -100


def test_numbers_of_a_sum_of_very_many_terms_are_certain_or_not_there():
    with pytest.raises(DomainError, match=r"no certain value at this point: .* very many terms"):
        symgraph.explain("sum(|x - k|, k, 1, 100000)", at="x=1/2")


@pytest.mark.parametrize(
    ("source", "at"), [("x^y = y^x", "x=e, y=e"), ("(x - y)^2 = 0", "x=1, y=1"), ("(x - y)^3 = 0", "x=1, y=1")]
)
def test_where_both_derivatives_of_an_equation_are_0_there_is_no_slope_by_the_rules(source, at):
    with pytest.raises(DomainError, match="F does not change with y there"):  # at (e, e) two branches cross
        symgraph.explain(source, at=at)
    with pytest.raises(DomainError, match="F does not change with y there"):
        symgraph.implicit(source, at=at)


@pytest.mark.parametrize(
    ("source", "slope"),
    [
        ("integral(|sin(x - t)|, t, 0, 1)", "-0.291175"),  # sin(1/3) − sin(2/3); SymPy itself finds −0.291992
        ("integral(|x - t| e^t, t, 0, 1)", "-0.927057"),  # and −0.929688
        ("integral(|x - t|^3, t, 0, 1)", "-0.259259"),
    ],
)
def test_an_integral_of_what_jumps_has_the_digits_that_are_right(source, slope):
    assert f" ≈ {slope} Nudge".replace("-", "−") in said(source, at="x=1/3")


def test_an_integral_of_what_jumps_has_no_number_where_none_is_certain():
    with pytest.raises(DomainError, match="no certain value at this point: the derivative of y by x"):
        symgraph.explain("integral(max(x t, t^2), t, 0, 1)", at="x=1/3")  # SymPy finds 0.0553513, for 1/18


def test_the_value_of_an_integral_over_a_corner_has_the_digits_that_are_right():
    page = said("integral(|sin(t)|, t, 0, x)", at="x=5")  # SymPy itself finds 3.28363
    assert "makes y ≈ 3.28366." in page and "goes from 3.2836622 to 3.2884532: a slope of about 0.9582." in page
    with pytest.raises(DomainError, match="no certain value at this point"):
        symgraph.explain("integral({sin(t) if t < 1, t otherwise}, t, 0, x)", at="x=2")
