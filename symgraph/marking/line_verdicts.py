"""The verdict on an equation, where that of the tangent is asked for.

>>> from symgraph.marking.checker import check
>>> check("x^2", "y - 4 = 4(x - 2)", at="x=2", tangent=True).outcome
<Outcome.RIGHT: 'right'>
>>> [each.mistake for each in check("x^2", "y = 4x", at="x=2", tangent=True).diagnoses]
['tangent_point']
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from sympy import Expr, Symbol

from symgraph.calculus import equality
from symgraph.calculus.balls import Enclosure, evaluate
from symgraph.calculus.equality import Result, equal
from symgraph.calculus.substitution import replace_symbols
from symgraph.errors import ReadingError, SymgraphError
from symgraph.language.constructors import construct
from symgraph.language.tree import Apply, Name, Tree
from symgraph.marking.answers import Answer, located
from symgraph.marking.decimals import ROUNDED, near, rational, right_digits, shared_digits
from symgraph.marking.diagnoses import diagnosis, rounded
from symgraph.marking.forms import Fault, failing
from symgraph.marking.lines import Tangent, fitting_line, on_the_tangent
from symgraph.marking.question import Question
from symgraph.marking.tasks import Task
from symgraph.marking.verdicts import Evidence, Outcome, Verdict

__all__ = ["line_verdict"]


def line_verdict(task: Task, question: Question, answer: Answer, tree: Tree) -> Verdict:
    """The verdict on an equation, where that of the tangent is asked for."""
    tangent = task.tangent
    assert tangent is not None and isinstance(tree, Apply)
    try:
        given = tangent.solved(tree)
        if not all(construct(side).is_finite is not False for side in tree.arguments):
            raise ReadingError("there is no value in this equation", answer.text)
    except SymgraphError as error:
        return Verdict(Outcome.UNREADABLE, Evidence(error=located(error, answer)), answer=answer, task=task)
    result = None if given is None else equal(given, tangent.right, seed=question.seed, limits=task.limits)
    if result is not None and result.outcome is equality.Outcome.PROVED:
        fault = _fault(task, tangent, tree)
        proof = Evidence(result.method, fault=fault, form=task.form if fault else "any", of="tangent")
        return Verdict(Outcome.WRONG_FORM if fault else Outcome.RIGHT, proof, answer=answer, task=task)
    evidence = _certificate(tangent, tree, given, result)
    if evidence is None:
        reason = result.reason if result is not None and result.reason else "it holds on the tangent, and is no line"
        return Verdict(Outcome.UNDECIDED, Evidence(reason=reason), answer=answer, task=task)
    allowed = task.tolerance
    if (
        given is not None
        and allowed is not None
        and _near(tangent, given, lambda one, other: near(one, other, allowed))
    ):
        told = Evidence(f"within the tolerance of {float(allowed):g}", of="tangent")
        return Verdict(Outcome.RIGHT, told, answer=answer, task=task)
    diagnoses = tuple(diagnosis(question, fit) for question, fit in fitting_line(tangent, tree, given))
    if evidence.nearly and allowed is None and given is not None:
        enough = min(ROUNDED, evidence.nearly)
        if _near(tangent, given, lambda one, other: shared_digits(float(one), float(other)) >= enough):
            diagnoses = rounded(question, given, evidence)
    return Verdict(Outcome.WRONG, evidence, diagnoses, answer, task)


def _fault(task: Task, tangent: Tangent, tree: Apply) -> Fault | None:
    """Where a right equation breaks the form that was asked for: on its right side, if the left is y alone."""
    left, right = tree.arguments
    if task.form == "same-shape":
        key = task.key if task.key is not None else tangent.equation
        return failing(tree, task.form, key)
    sides = (right,) if left == Name(tangent.solved_for) else (left, right)
    return next((fault for side in sides if (fault := failing(side, task.form, None)) is not None), None)


def _certificate(tangent: Tangent, tree: Apply, given: Expr | None, result: Result | None) -> Evidence | None:
    """Where an equation is not that of the tangent, and both values there; None where that is not certain."""
    certificate = None if result is None else result.certificate
    if certificate is not None:
        point = {name: Fraction(0) for name in tangent.point} if not tangent.is_upright else {tangent.up: Fraction(0)}
        left, right = certificate.left, certificate.right
        return Evidence(
            point={**point, **dict(certificate.point)}, answer=left, derivative=right, of="tangent",
            nearly=right_digits(tree, left, right),
        )  # fmt: skip
    found = on_the_tangent(tangent, tree) if given is None else None
    if found is not None:
        return Evidence(point={name: rational(value) for name, value in found[0].items()}, answer=found[1],
                        derivative=found[2], of="sides")  # fmt: skip
    return None


def _near(tangent: Tangent, given: Expr, is_near: Callable[[Enclosure, Enclosure], bool]) -> bool:
    """Whether two lines are as near as that at the point, and on both sides of it."""
    for step in (-1, 0, 1):
        point = {Symbol(name): value + step for name, value in tangent.contact.items()}
        left, right = (evaluate(replace_symbols(expr, point), {}) for expr in (given, tangent.right))
        if not (left.real and right.real and is_near(left, right)):
            return False
    return True
