"""What explains a wrong answer: the mistake that fits it, and those that are found in the answer itself.

>>> from symgraph.marking.checker import check
>>> for source, answer in (("ln(x+1)", "1/x+1"), ("x/3", "0.333"), ("x^2*y", "[x^2, 2*x*y]")):
...     print(*(each.mistake for each in check(source, answer).diagnoses))
brackets two_edits
rounded
transposed
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr

from symgraph.calculus import equality
from symgraph.calculus.equality import equal
from symgraph.errors import SymgraphError
from symgraph.language.constructors import construct
from symgraph.language.tree import Tree
from symgraph.language.tree import size as tree_size
from symgraph.marking.answers import Answer
from symgraph.marking.candidates import Fit
from symgraph.marking.edits import Edit
from symgraph.marking.entries import displaced
from symgraph.marking.question import Question
from symgraph.marking.slopes import compared
from symgraph.marking.tasks import Task
from symgraph.marking.unbracketed import readings
from symgraph.marking.verdicts import Diagnosis, Evidence, Outcome, Verdict

__all__ = ["diagnosis", "rounded", "transposed", "unbracketed"]

READ_AGAIN = 60  # pieces of an answer in which brackets may be missing


def diagnosis(question: Question, fit: Fit) -> Diagnosis:
    """What is said of a mistake that fits; one made on the way to a second derivative is one in the first."""
    made_in = question if fit.edit.asked is not question or question.before is None else question.before
    return Diagnosis(
        fit.edit.mistake,
        fit.edit.where,
        fit.proof,
        fit.expression,
        tuple(edit.where for edit in fit.elsewhere),
        made_in,
        fit,
    )


def unbracketed(task: Task, question: Question, tree: Tree, right: Expr) -> tuple[Diagnosis, ...]:
    """An answer that is right with one pair of brackets more, as brackets are forgotten in typing."""
    for other in readings(tree) if tree_size(tree) <= READ_AGAIN else ():
        try:
            meant = construct(other, task.definitions, task.limits)
        except SymgraphError:
            continue
        if task.slope is not None:
            result = compared(task.slope, meant, task.assuming, task.limits)[0]
        else:
            result = equal(meant, right, task.known, seed=question.seed, heavy=False, limits=task.limits)
        if result.outcome is equality.Outcome.PROVED:
            return (diagnosis(question, Fit(Edit("brackets", detail=other), meant, result.method)),)
    return ()


def rounded(question: Question, given: Expr, evidence: Evidence) -> tuple[Diagnosis, ...]:
    """The right answer in decimals, where it is to be exact."""
    edit = Edit("rounded", detail=evidence.nearly)
    return (diagnosis(question, Fit(edit, given, f"{evidence.nearly} digits are right")),)


def transposed(task: Task, answer: Answer, parts: Sequence[Verdict]) -> tuple[Diagnosis, ...]:
    """Right entries in other places: rows and columns exchanged, one row for the other, ∂z/∂y before ∂z/∂x."""
    if all(part.outcome is Outcome.RIGHT for part in parts):
        return ()
    right = [question.answer if task.at is None else task.worth(question) for question in task.questions]
    try:
        given = [construct(tree, task.definitions, task.limits) for tree in answer.trees]
    except SymgraphError:
        return ()
    kind = displaced(given, right, task.shape, task.known)
    if kind is None:
        return ()
    question = task.questions[0]
    return (diagnosis(question, Fit(Edit("transposed", kind=kind), question.answer, "every entry proved equal")),)
