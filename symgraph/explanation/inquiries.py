"""The table of questions: what each is called, what it is asked with, and how it is told.

A question has one name everywhere: `symgraph.tangent(…)`, `explain(…, question="tangent")` and `symgraph tangent …`.
Naming what belongs to one question alone (order, hold, seed, …) asks that question without its name.

>>> named(None, {"order": 2}, "x^3").name, named(None, {}, "x^2 + y^2 = 25").name
('higher', 'implicit')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from symgraph.calculus.curves import is_equation
from symgraph.errors import SymgraphError
from symgraph.explanation.asking import Asking, Telling

__all__ = ["QUESTIONS", "Question", "named"]


@dataclass(frozen=True, slots=True)
class Question:
    """One row.

    Args:
        name: of the question, its function and its command.
        room: where it is told; empty for the derivative itself, which needs no telling of its own.
        takes: what it may be given.
        needs: what it must be given.
    """

    name: str
    room: str
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def tell(self, asking: Asking) -> Telling:
        """Its telling, by the function of its name; the rooms are opened when the first question is asked."""
        from symgraph.explanation import one_graph, several_graphs

        room = {"one graph": one_graph, "several graphs": several_graphs}[self.room]
        telling: Telling = getattr(room, self.name)(asking)
        return telling


_ROWS = (
    Question("derivative", ""),
    Question("gradient", "one graph"),
    Question("jacobian", "one graph"),
    Question("hessian", "several graphs"),
    Question("higher", "several graphs", ("order",), ("order",)),
    Question("mixed", "several graphs"),
    Question("directional", "one graph", ("direction", "unit"), ("direction",)),
    Question("related_rates", "one graph", ("rates",), ("rates",)),
    Question("vjp", "one graph", ("seed",), ("seed",)),
    Question("tangent", "one graph", ("near",)),
    Question("differential", "one graph", ("changes",)),
    Question("propagate", "one graph", ("errors",), ("errors",)),
    Question("steepest", "one graph", ("step",)),
    Question("critical", "one graph"),
    Question("held", "several graphs", ("hold",), ("hold",)),
    Question("implicit", "several graphs", ("order",)),
    Question("parametric", "several graphs", ("order",)),
    Question("logarithmic", "several graphs"),
)
QUESTIONS: Mapping[str, Question] = MappingProxyType({row.name: row for row in _ROWS})

# What asks a question without its name.
_IMPLIED: Mapping[str, str] = MappingProxyType(
    {
        "order": "higher",
        "hold": "held",
        "seed": "vjp",
        "direction": "directional",
        "rates": "related_rates",
        "changes": "differential",
        "errors": "propagate",
        "near": "tangent",
        "step": "steepest",
    }
)


def named(name: str | None, given: Mapping[str, Any], source: Any) -> Question:
    """The question that is meant.

    Raises:
        SymgraphError: there is no such question, or it is not asked with these.
    """
    if name is None:
        implied = [_IMPLIED[key] for key in given if key in _IMPLIED]
        curve = is_equation(source) and not set(implied) - {"higher"}
        name = "implicit" if curve else implied[0] if implied else "derivative"
    wanted = name.replace("-", "_")
    if wanted not in QUESTIONS:
        raise SymgraphError(f"there is no question {name!r}: the questions are {', '.join(QUESTIONS)}")
    question = QUESTIONS[wanted]
    for key in given:
        if key not in question.takes:
            takes = f"it takes {', '.join(question.takes)}" if question.takes else "it takes nothing more"
            raise SymgraphError(f"{key} does not belong to the question {question.name}: {takes}")
    for key in question.needs:
        if key not in given:
            raise SymgraphError(f"the question {question.name} needs {key}=")
    return question
