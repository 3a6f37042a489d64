"""Partial credit: what is right is paid for, with a witness; coincidences are not, and never more than the total."""

from __future__ import annotations

from fractions import Fraction

import pytest
from test_mistakes import FORESEEN

from symgraph import award as public_award
from symgraph.errors import SymgraphError
from symgraph.homework.grading import mark_answers
from symgraph.homework.problems import read_text
from symgraph.marking.checker import check
from symgraph.marking.credit import award, scheme
from symgraph.marking.outcomes import Outcome


def earned(source: str, answer: str, wrt: str | None = None, at: str | None = None, **options: object) -> Fraction:
    verdict = check(source, answer, wrt, at=at)
    return award(verdict, 4, **options).earned  # type: ignore[arg-type] # options of several kinds


def test_right_answers_earn_everything() -> None:
    credit = award(check("(a+b)*(b+1)", "a+2b+1", "b"), 4)
    assert credit.earned == credit.total == 4
    assert all(part.earned == part.points and part.witness for part in credit.parts)
    assert str(credit) == "4 of 4"


def test_a_path_is_worth_its_share() -> None:
    assert earned("(a+b)*(b+1)", "b+1", "b") == 2
    assert earned("(a+b)*(b+1)", "a+b", "b") == 2
    assert earned("x^2*sin(x)", "2x*sin(x)") == 2
    assert earned("x^3+x^2+x", "3x^2+2x") == Fraction(8, 3)


def test_an_edge_is_worth_its_share_of_the_path() -> None:
    assert earned("sin(x^3)", "cos(x^3)") == 2
    assert earned("sin(x^3)", "-3x^2*cos(x^3)") == 2
    credit = award(check("sin(x^3)", "cos(x^3)"), 4)
    by_edge = {str(part.edge): (part.earned, bool(part.witness)) for part in credit.parts}
    assert by_edge == {"x → u": (0, False), "u → y": (2, True)}


def test_weights_are_the_teachers() -> None:
    assert earned("sin(x^3)", "cos(x^3)", weights={"x -> u": 3}) == 1
    assert earned("(a+b)*(b+1)", "b+1", "b", weights={"b → c → e": 3}) == 3
    parts = scheme("sin(x^2)", total=3, weights={"x → u": 2})
    assert [(str(part.edge), part.points) for part in parts] == [("x → u", 2), ("u → y", 1)]
    for weights in ({"x → z": 1}, {"x → u": -1}):
        with pytest.raises(SymgraphError):
            scheme("sin(x^2)", weights=weights)


def test_a_scheme_has_the_total_and_no_rows_for_sums() -> None:
    for source, wrt in (("(a+b)*(b+1)", "b"), ("x^2+3", "x"), ("a+b", "a"), ("x^3+sin(2x)-5", "x")):
        parts = scheme(source, wrt, total=7)
        assert sum(part.points for part in parts) == 7
        assert all(part.points > 0 for part in parts)


@pytest.mark.parametrize(("source", "answer", "mistake", "where", "options"), FORESEEN)
def test_a_wrong_answer_never_earns_everything(
    source: str, answer: str, mistake: str, where: str, options: dict[str, object]
) -> None:
    credit = award(check(source, answer, **options), 4)  # type: ignore[arg-type] # options of several kinds
    assert 0 <= credit.earned < 4
    for part in credit.parts:
        assert 0 <= part.earned <= part.points
        assert bool(part.witness) == (part.earned > 0)


def test_nothing_for_a_coincidence() -> None:
    assert earned("(a+b)*(b+1)", "17", "b") == 0
    assert earned("sin(x)*cos(x)", "x") == 0
    assert earned("sin(x)*e^x", "1/x") == 0
    assert earned("x^2 + sin(x)", "2 + pi", at="x=1") == 0, "a term of a number may be chance"


def test_a_number_earns_what_the_formula_with_its_mistake_earns() -> None:
    at_a_point = check("(a+b)*(b+1)", "2", "b", at="a=2, b=1")
    assert award(at_a_point, 4).earned == earned("(a+b)*(b+1)", "b+1", "b") == 2
    assert at_a_point.score == check("(a+b)*(b+1)", "b+1", "b").score == 0.5


def test_edges_that_are_right_count_in_a_wrong_rule() -> None:
    assert earned("x^2*sin(x)", "2x*cos(x)") == 2, "both factors are differentiated, only not put together"


def test_a_term_that_is_a_path_earns_it_where_nothing_explains_the_rest() -> None:
    verdict = check("x^2*sin(x)+e^x", "2x*sin(x)+7x^3*e^x")
    assert verdict.diagnoses == ()
    credit = award(verdict, 3)
    assert credit.earned == 1
    assert all("the term 2x sin x is the product along" in part.witness for part in credit.parts if part.earned)


def test_each_term_pays_for_one_path_only() -> None:
    assert earned("x*x*e^x + ln(x)", "x*e^x+5x^7") <= Fraction(4, 3)


def test_slips_and_what_is_added() -> None:
    assert earned("x^3", "6x^2") == 3
    assert earned("x^2+7", "2x+7") == 2


def test_a_gradient_is_paid_entry_by_entry() -> None:
    credit = award(check("(a+b)*(b+1)", "[b+1, b+1]"), 4)
    assert credit.earned == 3


def test_what_is_not_decided_is_not_paid_yet() -> None:
    for answer in ("2x+", "ln(-x)"):
        credit = award(check("x*ln(x)-x", answer), 4)
        assert not credit.decided
        assert credit.earned == 0


def test_slopes_of_curves() -> None:
    assert earned("x^2+y^2=25", "-x/y") == 4
    assert earned("x^2+y^2=25", "-2x") == 2, "one of the two derivatives"
    assert earned("x^2+y^2=25", "x/y") == 3


def test_the_public_name() -> None:
    assert public_award is award


@pytest.mark.parametrize(
    ("source", "answer", "score"),
    [
        ("x^2 + x^3 + sin(x)", "2x + cos(x)", 2 / 3),  # two of three paths: more than the mistake's own half
        ("x^3 + sin(2x)", "3x^2 + 2cos(x)/x", 1 / 2),  # nothing explains it, and one of two terms is right
        ("sin(x^2)", "cos(x^2)", 1 / 2),
        ("sin(x^2)", "5", 0),
        ("sqrt(x) + x", "1/(2*sqrt(x)) + 1", 1),
    ],
)
def test_an_answer_has_one_score_wherever_it_is_marked(source: str, answer: str, score: float) -> None:
    verdict = check(source, answer)
    homework = read_text(f'schema = 1\n[[problem]]\nid = "p"\nf = "{source}"')
    (mark,) = mark_answers(homework.problems[0].data(), "", "1", [answer])
    assert verdict.score == mark["score"] == pytest.approx(score)


@pytest.mark.parametrize(
    ("source", "answer", "score"),
    [
        ("sin(x^2)", "2x cos(x^2) + 5^x", 1 / 2),  # the one right term, and one that is too much
        ("x^3 + sin(x)", "3x^2 + cos(x) + 7^x", 2 / 3),
        ("x^3 + sin(x)", "3x^2 + 7^x", 1 / 2),
    ],
)
def test_what_is_added_to_a_right_answer_costs_points(source: str, answer: str, score: float) -> None:
    verdict = check(source, answer, "x")
    assert verdict.outcome is Outcome.WRONG and not verdict.diagnoses
    assert verdict.score == pytest.approx(score)
    assert award(verdict, 6).earned == pytest.approx(6 * score)


def test_a_constant_that_was_differentiated_costs_as_much_as_any_term_that_is_too_much() -> None:
    verdict = check("x^2*y + sin(y)", "2x*y + cos(y)", "x")
    assert [each.mistake for each in verdict.diagnoses] == ["constant_as_variable"]
    assert verdict.score == 1 / 2 and award(verdict, 6).earned == 3


def test_a_part_that_is_left_as_it_was_is_worth_more_than_the_whole() -> None:
    assert check("sin(3x^2)", "sin(3x^2)").score == 0
    assert check("sin(3x^2)", "6x*sin(3x^2)").score == 1 / 4


def test_no_two_slips_are_seen_in_a_mere_number() -> None:
    assert check("sqrt(1+x^2)", "3").diagnoses == ()


def test_a_smaller_domain_is_for_a_person() -> None:
    verdict = check("x*ln(x^2)-2x", "2*ln(x)")
    assert verdict.outcome is Outcome.RIGHT_ON
    assert verdict.score is None


def test_right_terms_are_told_to_both_readers_unless_one_is_the_whole_answer() -> None:
    verdict = check("x^3 + sin(2x)", "3x^2 + 2cos(x)/x")
    assert "Right already: 3x²." in verdict.render("txt")
    assert "Right already: 3x²." in verdict.render("txt", reader="teacher")
    spoiling = check("sin(x^2)", "2x cos(x^2) + 5^x")
    assert "Right already" not in spoiling.render("txt")
