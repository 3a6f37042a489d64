"""The table of questions: what each is called, what it is asked with, and how it is told.

A question has one name everywhere: `symgraph.tangent(…)`, `explain(…, question="tangent")` and `symgraph tangent …`.
Naming what belongs to one question alone (order, hold, seed, …) asks that question without its name.

>>> named(None, {"order": 2}, "x^3").name, named(None, {}, "x^2 + y^2 = 25").name
('higher', 'implicit')
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from symgraph.calculus.curves import is_equation
from symgraph.errors import SymgraphError
from symgraph.explanation import one_graph, several_graphs
from symgraph.explanation.asking import Asking, Telling

__all__ = ["QUESTIONS", "Question", "named"]


@dataclass(frozen=True, slots=True)
class Question:
    """One row.

    Args:
        name: of the question, its function and its command.
        tell: makes its telling; None for the derivative itself, which needs none.
        takes: what it may be given.
        needs: what it must be given.
    """

    name: str
    tell: Callable[[Asking], Telling] | None
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


_ROWS = (
    Question("derivative", None),
    Question("gradient", one_graph.gradient),
    Question("jacobian", one_graph.jacobian),
    Question("hessian", several_graphs.hessian),
    Question("higher", several_graphs.higher, ("order",), ("order",)),
    Question("mixed", several_graphs.mixed),
    Question("directional", one_graph.directional, ("direction", "unit"), ("direction",)),
    Question("related_rates", one_graph.related_rates, ("rates",), ("rates",)),
    Question("vjp", one_graph.vjp, ("seed",), ("seed",)),
    Question("tangent", one_graph.tangent, ("near",)),
    Question("differential", one_graph.differential, ("changes",)),
    Question("propagate", one_graph.propagate, ("errors",), ("errors",)),
    Question("steepest", one_graph.steepest, ("step",)),
    Question("critical", one_graph.critical),
    Question("held", several_graphs.held, ("hold",), ("hold",)),
    Question("implicit", several_graphs.implicit, ("order",)),
    Question("parametric", several_graphs.parametric, ("order",)),
    Question("logarithmic", several_graphs.logarithmic),
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
