"""The verdict on the slope of a curve, or on its second derivative.

>>> from symgraph.marking.checker import check
>>> check("x^2 + y^2 = 25", "-x/y").outcome, check("x = t^2; y = t^3", "3t/2", "x").outcome
(<Outcome.RIGHT: 'right'>, <Outcome.RIGHT: 'right'>)
>>> check("x^2 + y^2 = 25", "-(1 + y'^2)/y", order=2).outcome
<Outcome.WRONG_FORM: 'wrong-form'>
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from symgraph.calculus import equality
from symgraph.errors import SymgraphError
from symgraph.language.constructors import construct
from symgraph.language.notation import from_sympy
from symgraph.language.tree import Name, Tree, rebuild
from symgraph.marking.answers import Answer, Written, read
from symgraph.marking.bends import Bend, fitting_bend, with_letter
from symgraph.marking.diagnoses import diagnosis, unbracketed
from symgraph.marking.forms import Fault, failing
from symgraph.marking.slopes import Slope, compared, fitting_slope, part_of_curve
from symgraph.marking.tasks import Task
from symgraph.marking.verdicts import Evidence, Outcome, Verdict

__all__ = ["slope_verdict", "with_slope_left"]


def with_slope_left(task: Task, answer: Written) -> Verdict | None:
    """The verdict on a second derivative in which dy/dx still stands; None where that is not what it is."""
    slope = task.slope
    if not isinstance(slope, Bend) or not isinstance(answer, str) or (found := with_letter(slope, answer)) is None:
        return None
    written, letter = found
    try:
        said = read(written, replace(task.expected, names=(*task.names, letter)))
        tree = said.trees[0]
        given = construct(tree, {**task.definitions, letter: slope.first}, task.limits)
    except SymgraphError:
        return None
    shown = rebuild(tree, lambda piece: slope.rate if piece == Name(letter) else None)
    said = replace(said, trees=(shown,), text=answer)
    verdict = slope_verdict(task, slope, said, shown, given)
    if verdict.outcome is not Outcome.RIGHT:
        return verdict
    evidence = Evidence(verdict.evidence.method, fault=Fault(slope.rate, "slope_left"), form="inputs")
    return replace(verdict, outcome=Outcome.WRONG_FORM, evidence=evidence)


def slope_verdict(task: Task, slope: Slope, answer: Answer, tree: Tree, given: Expr) -> Verdict:
    """The verdict on the slope of a curve."""
    result, point, values = compared(slope, given, task.assuming, task.limits)
    if result.outcome is equality.Outcome.DIFFERENT:
        evidence = Evidence(point=point, answer=values[0], derivative=values[1])
        fits = fitting_bend(slope, given) if isinstance(slope, Bend) else fitting_slope(slope, given)
        diagnoses = tuple(diagnosis(question, fit) for question, fit in fits)
        diagnoses = diagnoses or unbracketed(task, slope.top, tree, slope.answer)
        return Verdict(Outcome.WRONG, evidence, diagnoses, answer, task)
    if result.outcome is equality.Outcome.UNDECIDED:
        part = None if task.at is not None else part_of_curve(slope, given)
        if part is not None:
            return Verdict(Outcome.RIGHT_ON, Evidence(domain=part), answer=answer, task=task)
        return Verdict(Outcome.UNDECIDED, Evidence(reason=result.reason), answer=answer, task=task)
    if task.at is not None:
        evidence = Evidence(result.method, fault=Fault(tree, "not_evaluated"), form="value")
        return Verdict(Outcome.WRONG_FORM, evidence, answer=answer, task=task)
    fault = failing(tree, task.form, task.key or (from_sympy(slope.answer) if task.form == "same-shape" else None))
    evidence = Evidence(result.method, fault=fault, form=task.form if fault else "any")
    return Verdict(Outcome.WRONG_FORM if fault else Outcome.RIGHT, evidence, answer=answer, task=task)
