"""Functions that explain themselves, and recordings and functions as sources of an explanation."""

from __future__ import annotations

import math
from types import ModuleType

import pytest
from sympy import Symbol

import symgraph
from symgraph.errors import ProgramError

# mypy: disable-error-code="no-untyped-def,no-untyped-call" # the functions are written as a teacher would


@symgraph.explained
def loss(w, x=3.0, *, y=1):
    """How far off we are."""
    z = w * x
    e = (z - y) ** 2
    return e


def test_an_explained_function_is_what_it_was() -> None:
    assert loss(2) == 25
    assert loss(2, 1, y=0) == 4
    assert (loss.__name__, loss.__doc__) == ("loss", "How far off we are.")


def test_it_explains_itself() -> None:
    explanation = loss.explain()
    assert [str(node.symbol) for node in explanation.graph] == ["w", "z", "e"]
    w = Symbol("w")
    assert (explanation.answer - 6 * (3 * w - 1)).expand() == 0
    assert loss.explain(2).value == 30
    assert loss.explain(2, 1, wrt="x").value == 4
    assert loss.explain(at={"w": 2, "y": 7}, wrt="y").value == 2
    with pytest.raises(ProgramError, match="more values than it has parameters"):
        loss.explain(1, 2, 3, 4)
    with pytest.raises(ProgramError, match="more values"):
        loss.explain(1, at={"w": 1})


def test_methods_explain_themselves() -> None:
    class Model:
        rate = 2

        @symgraph.explained
        def cost(self, w):
            return self.rate * w**2

    assert Model().cost(3) == 18
    assert Model().cost.explain(3).value == 12
    assert Model.cost(Model(), 1) == 2


def test_branches_and_lists_are_followed_at_the_point() -> None:
    def score(w, x):
        s = sum(a * b for a, b in zip(w, x, strict=True))
        return s if s > 0 else math.exp(s)

    explanation = symgraph.explain(score, wrt="w", at={"w": [1, 2], "x": [3, -1]})
    assert {pair: explanation.answers[pair] for pair in explanation.answers} == {
        ("s", "w_1"): Symbol("x_1"), ("s", "w_2"): Symbol("x_2")
    }  # fmt: skip
    text = explanation.render("txt")
    assert "because the point is there" in " ".join(text.split())
    assert "because the point is there" not in symgraph.explain(lambda x: x**2, at="x=1").render("txt")


def test_a_recording_is_explained_at_its_point_and_by_what_varies(torch: ModuleType) -> None:
    x, w = torch.tensor(2.0), torch.tensor(0.5, requires_grad=True)
    with symgraph.record() as recording:
        z = w * x
        y = torch.tanh(z)
        y.backward()
    explanation = symgraph.explain(recording)
    assert [node.name for node in explanation.wrt] == ["w"]
    assert float(explanation.value) == pytest.approx(float(w.grad))
    assert float(symgraph.explain(recording, wrt="x", at="w=0, x=3").value) == 0
