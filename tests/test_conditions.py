"""Conditions on the inputs as one would say them, and no others than were there."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
import sympy
from sympy import And, Eq, Ge, Gt, Le, Lt, Ne, Or, Rational, Symbol

from symgraph.calculus.balls import Tape
from symgraph.explanation.conditions import excludes, in_chains, plainly, together, tree_of
from symgraph.explanation.explainer import explain
from symgraph.explanation.typesetting import text
from symgraph.parsing.text import parse_condition

X, Y = Symbol("x"), Symbol("y")


def said(*conditions: Any) -> list[str]:
    told = together([part for each in conditions for part in plainly(each)])
    return [text(tree_of(each)) for each in in_chains(told)]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (X**2 - 4 > 0, ["x < −2 ∨ x > 2"]),
        (X**2 - 6 >= 0, ["x ≤ −√6 ∨ x ≥ √6"]),
        (4 - X**2 > 0, ["−2 < x < 2"]),
        (X**2 + 2 * X + 1 > 0, ["x ≠ −1"]),
        (X**3 - X >= 0, ["−1 ≤ x ≤ 0 ∨ x ≥ 1"]),
        (X**2 * (X - 1) >= 0, ["x = 0 ∨ x ≥ 1"]),
        ((X + 1) / (X - 1) > 0, ["x < −1 ∨ x > 1"]),
        ((X - 1) / (X**2 - 4) >= 0, ["−2 < x ≤ 1 ∨ x > 2"]),
        (1 / X - 1 >= 0, ["0 < x ≤ 1"]),
        (Ne(sympy.exp(X) - 1, 0), ["x ≠ 0"]),
        (Ne(sympy.log(X), 0), ["x > 0", "x ≠ 1"]),
        (sympy.log(sympy.log(X)) > 0, ["x > e"]),
        (1 - sympy.exp(X) >= 0, ["x ≤ 0"]),
        (2 - sympy.sqrt(X) > 0, ["0 ≤ x < 4"]),
        (sympy.sqrt(sympy.sqrt(X) - 1) > 1, ["x > 4"]),
        (Ne(abs(X) - 1, 0), ["x ≠ −1", "x ≠ 1"]),
        (1 - abs(X) > 0, ["−1 < x < 1"]),
        (2**X - 4 > 0, ["x > 2"]),
        (Rational(1, 2) ** X - 4 > 0, ["x < −2"]),
        (X**3 + 8 > 0, ["x > −2"]),
        (X**3 - 2 > 0, ["x > 2^(1/3)"]),
        (3 - 2 * X > 0, ["x < 3/2"]),
        (Ne(2 * X * Y, 0), ["x ≠ 0", "y ≠ 0"]),
        # what no exact step tells stays as it is
        (sympy.sin(X) > 0, ["sin(x) > 0"]),
        (X**5 - X - 1 > 0, ["x⁵ − x − 1 > 0"]),
        (X**2 + Y**2 - 1 > 0, ["x² + y² − 1 > 0"]),
        (X - Y > 0, ["x − y > 0"]),
    ],
)
def test_how_a_condition_is_said(condition: Any, words: list[str]) -> None:
    assert said(condition) == words


def test_conditions_are_said_together() -> None:
    assert said(X >= 0, Ne(X, 0), X > -3) == ["x > 0"]
    assert said(X >= 0, Ne(sympy.sqrt(X) - 2, 0)) == ["x ≥ 0", "x ≠ 4"]
    assert said(X > 0, Y > 0, 1 - X > 0) == ["0 < x < 1", "y > 0"]
    assert said(X**2 - 4 > 0, Ne(X - 5, 0), Ne(Y, 0)) == ["x ≠ 5", "y ≠ 0", "x < −2 ∨ x > 2"]
    assert said(X**2 - 4 > 0, X > 0) == ["x > 2"]
    assert said(X > 0, X < 0) == ["x > 0", "x < 0"]  # nowhere: then nothing is joined


def test_what_a_condition_excludes() -> None:
    assert excludes([X < 1], Eq(X, 1)) and not excludes([X <= 1], Eq(X, 1))
    assert excludes([Or(X < -1, X > 1)], Eq(X, 0)) and excludes([X + Y > 0], Eq(X + Y, 0))
    assert not excludes([X > 0], Eq(Y, 0)) and not excludes([X > 0], X > 0)


def polynomial(chance: random.Random) -> Any:
    roots = [Rational(chance.randint(-6, 6), chance.choice([1, 1, 2])) for _ in range(chance.randint(1, 3))]
    extra = chance.choice([1, 1, X**2 + 1, X**2 - 3, 2, -1])
    return sympy.prod([X - root for root in roots]) * extra


@pytest.mark.parametrize("seed", range(60))
def test_the_same_numbers_satisfy_it(seed: int) -> None:
    chance = random.Random(seed)
    u: Any = polynomial(chance)
    if chance.random() < 0.5:
        u = u / polynomial(chance)
    around: Any = chance.choice([lambda v: v, lambda v: v, sympy.expand, sympy.exp, abs, lambda v: 2**v])
    u = around(u) - chance.randint(0, 2)
    comparison = chance.choice([Gt, Ge, Lt, Le, Ne])
    condition = comparison(u, 0, evaluate=False)
    told = together(plainly(condition))
    before, after = Tape(condition), [Tape(each) for each in told]
    for k in range(-60, 61):
        at = {"x": Fraction(k, 8)}
        (wanted,) = before.run(at, 128)
        if wanted.real:
            assert all(tape.run(at, 128)[0].number is True for tape in after) is wanted.number, (condition, told, at)


@pytest.mark.parametrize(
    "chain", ["-2 < x < 2", "0 <= x < 1", "3 > x >= y", "-1 < x < 1 and y > 0", "x < 2 or 3 < x < 4"]
)
def test_a_chain_is_printed_as_it_is_read(chain: str) -> None:
    assert text(parse_condition(chain), ascii=True) == (f"({chain[:10]}) and y > 0" if "and" in chain else chain)
    assert parse_condition(text(parse_condition(chain))) == parse_condition(chain)


def test_no_chain_is_made_of_what_is_none() -> None:
    for other in ("x > -2 and x < 2", "x < 2 and x < 3", "x < 1 and y < 2"):
        assert text(parse_condition(other), ascii=True) == other
    assert text(tree_of(And(X > 1, X < 2))) == "1 < x < 2"


def test_the_words() -> None:
    def where(source: str, lang: str = "en") -> str:
        return " ".join(explain(source, lang=lang).render("txt").split())

    assert "only where −2 < x < 2." in where("ln(4 - x^2)")
    assert "only where x < −2, −1 < x < 1 or x > 2." in where("ln(x^4 - 5x^2 + 4)")
    assert "only where x ≠ 5 and either x < −2 or x > 2." in where("ln(x^2 - 4)/(x - 5)")
    assert "nur, wo x ≠ 5 und entweder x < −2 oder x > 2." in where("ln(x^2 - 4)/(x - 5)", "de")
    assert "Where x = e⁻¹ or x = e," in where("arcsin(ln(x))")
