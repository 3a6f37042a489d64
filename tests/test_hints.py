"""Hints lead there in four steps, depend on the attempt, and never hold the answer before the last."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sympy import Add, Expr, Mul, Symbol
from test_checker import run

from symgraph import hint as public_hint
from symgraph.calculus.equality import Outcome as Known
from symgraph.calculus.equality import equal
from symgraph.calculus.substitution import replace_symbols
from symgraph.errors import SymgraphError
from symgraph.explanation.typesetting import latex, text
from symgraph.language.constructors import construct
from symgraph.language.notation import from_sympy
from symgraph.language.tree import Apply, Name, Tree
from symgraph.marking.formulas import derivative_shown
from symgraph.marking.hints import KINDS, Hint, hint

FUNCTIONS = [
    ("sin(x^2)", "x", None),
    ("(a+b)*(b+1)", "b", None),
    ("(a+b)*(b+1)", "b", "a=2, b=1"),
    ("sin(x)", "x", None),
    ("e^x", "x", None),
    ("x^2+3", "x", None),
    ("5x+2", "x", None),
    ("x^2/2", "x", "x=3"),
    ("x*sin(x)*e^x", "x", None),
    ("x/(x^2+1)", "x", None),
    ("ln(1+e^(2x))", "x", None),
    ("x^x", "x", None),
    ("arctan(sqrt(x))", "x", None),
    ("c = a+b; d = b+1; e = c*d", "b", None),
]


def hints_of(source: str, wrt: str, at: str | None) -> list[Hint]:
    return [hint(source, wrt, at=at, given=given) for given in range(len(KINDS))]


@pytest.mark.parametrize(("source", "wrt", "at"), FUNCTIONS)
def test_the_order_of_the_hints(source: str, wrt: str, at: str | None) -> None:
    hints = hints_of(source, wrt, at)
    assert [each.kind for each in hints] == list(KINDS)
    assert [each.last for each in hints] == [False] * 4 + [True]
    assert [each.number for each in hints] == [1, 2, 3, 4, 5]
    assert hint(source, wrt, at=at, given=9).kind == "total", "there is nothing after the last"


def is_the_answer(tree: Tree, question_answer: Expr, values: dict[Symbol, Expr]) -> bool:
    """Whether a formula that was shown is the answer, with the nodes' formulas put in."""
    shown = replace_symbols(construct(tree), values)
    return equal(shown, question_answer, heavy=False).outcome is Known.PROVED


@pytest.mark.parametrize(("source", "wrt", "at"), FUNCTIONS)
def test_no_hint_before_the_last_holds_the_answer_or_its_value(source: str, wrt: str, at: str | None) -> None:
    hints = hints_of(source, wrt, at)
    question = hints[0].question
    trees = [derivative_shown(question), from_sympy(question.answer)]
    value = hints[0].task.value
    hidden = {form(tree) for tree in trees for form in (text, latex)}
    if value is not None:
        hidden.add(text(from_sympy(value)))
    for each in hints[:-1]:
        for said in (each.sentence, each.render("tex")):
            for formula in hidden - {wrt}:
                assert not re.search(rf"(?<![\w.\\]){re.escape(formula)}(?![\w²³^(])", said), (each.kind, formula)
    values = {node.symbol: question.expression(node) for node in question.computed}
    for told in [hints[2].edge, *hints[3].edges]:
        if told.partial is not None and not isinstance(told.partial, Name):
            assert not is_the_answer(told.partial, question.answer, values)
    last = hints[-1].render("txt")
    assert text(from_sympy(value)) in last if value is not None else text(trees[0]) in " ".join(last.split())


@pytest.mark.parametrize(("source", "wrt", "at"), FUNCTIONS)
def test_whoever_does_what_the_hints_say_is_there_after_four(source: str, wrt: str, at: str | None) -> None:
    """A reader who knows only what the four hints told: paths, names, and for each edge a derivative or a rule."""
    first, second, third, fourth = hints_of(source, wrt, at)[:4]
    assert first.count == len(second.routes)
    told = {(each.edge.tail.name, each.edge.head.name, each.edge.key): each for each in fourth.edges}
    formulas = {node.name: node.formula for node in second.question.computed}  # named in the second hint, or given
    products = []
    for path in second.question.paths:
        factors = []
        for edge in path.edges:
            each = told[edge.tail.name, edge.head.name, edge.key]
            if each.partial is not None:
                factors.append(construct(each.partial))
            else:  # the rule, its letters replaced by what stands in their places
                formula = formulas[edge.head.name]
                assert isinstance(formula, Apply) and isinstance(each.function, Apply)
                places = {
                    Symbol(letter.name): construct(part)
                    for letter, part in zip(each.function.arguments, formula.arguments, strict=True)
                    if isinstance(letter, Name)
                }
                factors.append(replace_symbols(construct(each.slope), places))
        products.append(Mul(*factors))
    total: Expr = Add(*products)
    for node in reversed(list(second.question.computed)):
        assert node.formula is not None
        total = replace_symbols(total, {node.symbol: construct(node.formula)})
    assert equal(total, second.question.answer, heavy=False).outcome is Known.PROVED
    assert third.edge.edge in second.question.edges


def test_the_next_hint_depends_on_the_attempt() -> None:
    forgotten = hint("sin(x^3)", attempt="cos(x^3)")
    assert forgotten.kind == "edge"
    assert (forgotten.edge.edge.tail.name, forgotten.edge.edge.head.name) == ("x", "u")
    outer = hint("sin(x^3)", attempt="-3x^2*cos(x^3)")
    assert (outer.edge.edge.tail.name, outer.edge.edge.head.name) == ("u", "y")
    assert hint("x^2*sin(x)", attempt="2x*sin(x)").kind == "paths"
    assert hint("x^2*sin(x)", attempt="2x*sin(x)", given=1).kind == "nodes"
    assert hint("sin(x^3)", attempt="17").kind == "paths"
    assert hint("sin(x^3)", attempt="3x^2*cos(x^3)").kind == "done"
    assert hint("sin(x^3)", attempt="3x^2*cos(x^3").kind == "unreadable"
    assert hint("(a+b)*(b+1)", "b", at="a=2, b=1", attempt="5").kind == "done"


def test_an_attempt_still_ends_with_the_total() -> None:
    kinds = [hint("sin(x^3)", attempt="cos(x^3)", given=given).kind for given in range(5)]
    assert kinds == ["edge", "nodes", "product", "total", "total"]


def test_words_and_data() -> None:
    assert str(hint("(a+b)*(b+1)", "b")) == (
        "There are two paths from b to e, so the derivative is a sum of two products."
    )
    data = json.loads(hint("sin(x^2)").render("json"))
    assert data == {
        "schema": 1,
        "number": 1,
        "kind": "paths",
        "last": False,
        "sentence": "There is one path from x to y, so the derivative is one product.",
    }
    assert hint("sin(x^2)").render("html").startswith('<p class="hint">')
    assert public_hint is hint


def test_many_paths_are_counted_and_not_listed() -> None:
    wide = hint("(x+1)*(x+2)*(x+3)*(x+4)*(x+5)*(x+6)*(x+7)*(x+8)*(x+9)*(x+10)", given=1)
    assert wide.count == 10 and len(wide.routes) == 8
    assert "and two others" in " ".join(str(wide).split())


def test_what_a_hint_cannot_be_about() -> None:
    with pytest.raises(SymgraphError, match="one derivative"):
        hint("(a+b)*(b+1)")
    with pytest.raises(SymgraphError):
        hint("sin(x", "x")
    with pytest.raises(SymgraphError):
        hint("sin(x)", given=-1)


def test_the_command_line() -> None:
    done = run("hint", "sin(x^2)", "--given", "2")
    assert done.returncode == 0
    assert done.stdout == "On the edge x → u the local derivative is 2x.\n"
    assert json.loads(run("hint", "sin(x^2)", "--attempt", "cos(x^2)", "--to", "json").stdout)["kind"] == "edge"


def test_an_attempt_that_cannot_be_read_is_told_so_in_a_sentence() -> None:
    told = hint("x^2*sin(x)", attempt="(sin").render("txt")
    assert told == "This could not be read: a bracket is not closed: ( (column 1); add ) where it\nends.\n"


def test_a_mistake_at_another_input_has_a_hint_about_an_edge_of_this_one() -> None:
    for given in range(5):
        told = hint("a*x^2", wrt="x", attempt="2a*x + x^2", given=given)
        assert told.render("txt") and told.edge.edge in told.question.edges


def test_hints_lead_to_the_slope_of_a_curve() -> None:
    def told(*arguments: str, **options: Any) -> list[str]:
        found = []
        while not found or not found[-1].last:
            found.append(hint(*arguments, given=len(found), **options))
        return [each.sentence for each in found]

    curve, quotient, total = told("x^2 + y^2 = 25", "x", attempt="2x + 2y")
    assert "F = x² + y² − 25" in curve and "∂F/∂x, with y held still, and ∂F/∂y, with x held still" in curve
    assert "∂F/∂x + ∂F/∂y · dy/dx = 0" in quotient and total == "The derivative is −x/y."
    assert told("x = t^2; y = t^3", "x", of="y")[1:] == [
        "Divide dy/dt by dx/dt: that is dy/dx.",
        "The derivative is 3t/2.",
    ]
    again = told("x = t^2; y = t^3", "x", of="y", order=2)[-2:]
    assert again == [
        "Differentiate dy/dx with respect to t, and divide by dx/dt once more.",
        "The derivative is 3/(4t).",
    ]
    assert told("x^2 + y^2 = 25", "x", order=2)[2].endswith("Then put dy/dx in.")
    line = told("x^2 + y^2 = 25", "x", at="x=3, y=4", tangent=True)
    assert len(line) == 5 and line[-1] == "The tangent is y = −3x/4 + 25/4."
    assert hint("x^2 + y^2 = 25", "x", at="x=3, y=4", given=9).sentence == "The derivative is −3/4."
