"""Multiple choice: every wrong option is wrong, the key is among them, and no entry gives it away."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from symgraph.homework.items import judge, proved_answer
from symgraph.homework.options import choices
from symgraph.homework.problems import Variant, read_text, vary
from symgraph.marking.outcomes import Outcome

SETS = [
    'f = "x^2*y + sin(x*y)"\nwrt = ["x", "y"]',
    'f = "x^2*y*z^3 + e^(x*z)"\nwrt = ["x", "y", "z"]',
    'f = "x^2*y + y^3"\nwrt = ["x", "y"]\nat = "x = 1, y = 2"',
    'f = "u = x^2*y; v = x*sin(y)"\nwrt = ["x", "y"]',
    'f = "x^3*y^2 + cos(x*y)"\nwrt = ["x", "y"]\norder = 2',
    'f = "x^2 + 3*y"\nwrt = ["x", "y"]',
    'f = "sin(x^2)"\nat = "x = 1"',
    'question = "implicit"\nf = "x^2 + x*y + y^2 = 7"\nat = "x = 1, y = 2"',
    'question = "implicit"\nf = "x^2 + y^2 = 25"\norder = 2',
    'question = "implicit"\nf = "x^2 + x*y + y^2 = 7"\nat = "x = 1, y = 2"\norder = 2',
    'question = "parametric"\nf = "x = t^2; y = t^3 - 3*t"\norder = 2',
    'question = "parametric"\nf = "x = cos(t); y = sin(2*t)"\nat = "t = pi/6"\norder = 2',
]


def variant_of(fields: str) -> Variant:
    return vary(read_text(f'schema = 1\n[[problem]]\nid = "p"\n{fields}').problems[0], "", "1")


def options_of(variant: Variant) -> list[dict[str, Any]]:
    return choices(variant, proved_answer(variant)[0], ["txt"])


@pytest.mark.parametrize("fields", SETS)
def test_the_wrong_options_are_wrong_and_named_and_one_is_the_key(fields: str) -> None:
    variant = variant_of(fields)
    options = options_of(variant)
    assert len(options) >= 4
    assert len({each["ascii"] for each in options}) == len(options)
    for each in options:
        outcome = judge(variant, each["ascii"]).outcome
        assert outcome is (Outcome.RIGHT if each["right"] else Outcome.WRONG), each
        assert bool(each["mistake"]) is not each["right"]
    assert sum(each["right"] for each in options) == 1


def test_no_option_of_a_gradient_is_the_middle_of_the_others() -> None:
    variant = variant_of(SETS[1])
    entries = [judge(variant, each["ascii"]).answer for each in options_of(variant)]
    for place in range(3):
        met = Counter(str(each.trees[place]) for each in entries if each is not None)
        assert set(met.values()) == {2}


def test_the_two_mixed_derivatives_of_a_hessian_are_wrong_together() -> None:
    variant = variant_of(SETS[4])
    for each in options_of(variant):
        parts = judge(variant, each["ascii"]).parts
        assert parts[1].outcome is parts[2].outcome


def test_exchanged_rows_and_columns_are_an_option_where_they_differ() -> None:
    assert "transposed" in {each["mistake"] for each in options_of(variant_of(SETS[3]))}
    same = variant_of('f = "u = x*y; v = x^2/2"\nwrt = ["x", "y"]')
    assert "transposed" not in {each["mistake"] for each in options_of(same)}
