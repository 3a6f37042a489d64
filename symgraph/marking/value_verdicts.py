"""The verdict on a number, where the value of a derivative at a point is asked for.

>>> from symgraph.marking.checker import check
>>> check("x^2", "4", at="x=2").outcome, check("x/3", "0.33", at="x=1", tolerance="0.01").outcome
(<Outcome.RIGHT: 'right'>, <Outcome.RIGHT: 'right'>)
>>> [each.mistake for each in check("x/3", "0.333", at="x=1").diagnoses]
['rounded']
"""

from __future__ import annotations

from sympy import Expr

from symgraph.calculus import equality
from symgraph.calculus.balls import evaluate
from symgraph.calculus.equality import equal
from symgraph.language.tree import Tree
from symgraph.marking.answers import Answer
from symgraph.marking.bends import Bend, fitting_bend_value
from symgraph.marking.candidates import fitting_value
from symgraph.marking.decimals import half_a_unit, near, rational, right_digits
from symgraph.marking.diagnoses import diagnosis, rounded, unbracketed
from symgraph.marking.forms import failing
from symgraph.marking.question import Question
from symgraph.marking.slopes import fitting_slope_value
from symgraph.marking.tasks import Task
from symgraph.marking.verdicts import Diagnosis, Evidence, Outcome, Verdict

__all__ = ["value_verdict"]


def value_verdict(task: Task, question: Question, answer: Answer, tree: Tree, given: Expr) -> Verdict:
    """The verdict on a number, where the value at a point is asked for.

    Args:
        tree, given: the number, as it was written and as it is computed.
    """
    assert task.at is not None
    if not given.is_number:
        return Verdict(Outcome.UNDECIDED, Evidence(reason="it is no number"), answer=answer, task=task)
    right = task.worth(question)
    result = equal(given, right, seed=question.seed, limits=task.limits)
    if result.outcome is equality.Outcome.PROVED:
        fault = failing(tree, task.form, task.key) if task.form != "same-shape" or task.key is not None else None
        if fault is not None:
            evidence = Evidence(result.method, fault=fault, form=task.form)
            return Verdict(Outcome.WRONG_FORM, evidence, answer=answer, task=task)
        return Verdict(Outcome.RIGHT, Evidence(result.method), answer=answer, task=task)
    left, value = evaluate(given, {}), evaluate(right, {})
    if task.tolerance is not None and left.real and value.real and near(left, value, task.tolerance):
        evidence = Evidence(f"within the tolerance of {float(task.tolerance):g}")
        return Verdict(Outcome.RIGHT, evidence, answer=answer, task=task)
    if result.outcome is equality.Outcome.UNDECIDED:
        return Verdict(Outcome.UNDECIDED, Evidence(reason=result.reason), answer=answer, task=task)
    evidence = Evidence(
        point={name: rational(value) for name, value in task.at.items()},
        answer=left,
        derivative=value,
        nearly=right_digits(tree, left, value),
    )
    diagnoses = _explained(task, question, tree, given, exactly=bool(evidence.nearly))
    if not diagnoses and task.slope is None:
        diagnoses = unbracketed(task, question, tree, right)
    if not diagnoses and evidence.nearly and task.tolerance is None:
        diagnoses = rounded(question, given, evidence)
    return Verdict(Outcome.WRONG, evidence, diagnoses, answer, task)


def _explained(task: Task, question: Question, tree: Tree, given: Expr, *, exactly: bool) -> tuple[Diagnosis, ...]:
    """The mistakes that give this number; where none gives it exactly, those that do with its decimals."""
    assert task.at is not None
    if task.slope is not None:
        slope, at = task.slope, task.at
        found = (
            fitting_bend_value(slope, at, given) if isinstance(slope, Bend) else fitting_slope_value(slope, at, given)
        )
        return tuple(diagnosis(part, fit) for part, fit in found)
    fits = fitting_value(question, task.at, given)
    if not fits and not exactly and (off := half_a_unit(tree)):
        fits = fitting_value(question, task.at, given, off)
    return tuple(diagnosis(question, fit) for fit in fits)
