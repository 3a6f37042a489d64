"""The verdict on a formula: equal to the derivative wherever the function has values, or not, with a certificate.

>>> from symgraph.marking.checker import check
>>> print(check("ln(x)", "1/|x|").evidence)
proved: exact arithmetic
>>> print(check("ln(x+1)", "1/x+1").evidence)
at x = 22/7 the answer is 29/22, the derivative 7/29
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import Expr, Rational

from symgraph.calculus import equality
from symgraph.calculus.balls import Enclosure, Tape
from symgraph.calculus.equality import Result, equal
from symgraph.calculus.sides import sides
from symgraph.errors import SymgraphError
from symgraph.language.constructors import construct
from symgraph.language.notation import from_sympy
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Apply, Tree, postorder
from symgraph.marking.answers import Answer
from symgraph.marking.candidates import fitting
from symgraph.marking.decimals import ROUNDED, near, right_digits, shared_digits
from symgraph.marking.diagnoses import diagnosis, rounded, unbracketed
from symgraph.marking.forms import Fault, failing
from symgraph.marking.formulas import derivative_shown
from symgraph.marking.question import Question
from symgraph.marking.tasks import Task
from symgraph.marking.verdicts import Evidence, Outcome, Verdict

__all__ = ["formula_verdict"]


def formula_verdict(task: Task, question: Question, answer: Answer, tree: Tree, given: Expr) -> Verdict:
    """The verdict on a formula, where a derivative is asked for.

    Args:
        tree, given: the formula, as it was written and in the inputs.
    """
    right = question.answer
    result = equal(given, right, task.known, seed=question.seed, limits=task.limits)
    if result.outcome is equality.Outcome.DIFFERENT:
        return _different(task, question, answer, tree, given, result)
    if result.outcome is equality.Outcome.UNDECIDED:
        return Verdict(Outcome.UNDECIDED, Evidence(reason=result.reason), answer=answer, task=task)
    if task.at is not None:
        evidence = Evidence(result.method, fault=Fault(tree, "not_evaluated"), form="value")
        return Verdict(Outcome.WRONG_FORM, evidence, answer=answer, task=task)
    return _right(task, question, answer, tree, given, result)


def _right(task: Task, question: Question, answer: Answer, tree: Tree, given: Expr, result: Result) -> Verdict:
    """Right everywhere, or on a smaller domain; in the form asked for, or not."""
    fault = failing(tree, task.form, task.key or (derivative_shown(question) if task.form == "same-shape" else None))
    if fault is not None:
        evidence = Evidence(result.method, fault=fault, form=task.form)
        return Verdict(Outcome.WRONG_FORM, evidence, answer=answer, task=task)
    for point in question.lone_points:
        left, right = Tape(given, question.answer).run(point, 192)
        if left.apart(right):
            where = ", ".join(f"{name} = {value}" for name, value in point.items())
            reason = f"it differs from the formula at {where} alone, where only a limit tells the derivative"
            return Verdict(Outcome.UNDECIDED, Evidence(reason=reason), answer=answer, task=task)
    missing = [dict(gap.point) for gap in result.gaps if not gap.left_is_real]
    missing = [point for point in missing if _inside(question, point)]
    if missing:
        evidence = Evidence(result.method, missing[0], domain=_domain(tree, task, missing))
        return Verdict(Outcome.RIGHT_ON, evidence, answer=answer, task=task)
    corners = _corners(question, tree, given) if task.at is None else ()
    return Verdict(Outcome.RIGHT, Evidence(result.method, corners=corners), answer=answer, task=task)


def _corners(question: Question, tree: Tree, given: Expr) -> tuple[Mapping[str, Fraction], ...]:
    """Points at which an answer by cases has a value, and a function of one input is proved to have no derivative."""
    if question.order > 1 or len(question.names) != 1:
        return ()
    found: dict[Fraction, Mapping[str, Fraction]] = {}
    tape = Tape(given)
    for point in question.meeting_points(tree):
        exact = {name: Rational(value.numerator, value.denominator) for name, value in point.items()}
        if not tape.run(point)[0].real:
            continue
        try:
            if sides(question.graph, question.wrt.name, exact, question.of.name).has_no_slope:
                found[point[question.wrt.name]] = point
        except SymgraphError:
            continue
    return tuple(found[value] for value in sorted(found))


def _inside(question: Question, point: Mapping[str, Fraction]) -> bool:
    """Whether the function and its derivative have values at a point."""
    values: dict[str, Any] = dict(point)
    for node in question.computed:
        (found,) = Tape(node.formula).run(values)
        if not found.real:
            return False
        values[node.name] = found.number
    return all(found.real for found in Tape(*(edge.partial for edge in question.edges)).run(values))


def _domain(tree: Tree, task: Task, missing: Sequence[Mapping[str, Fraction]]) -> Tree | None:
    """The conditions of an answer's own domain that fail at the points where it has no value."""
    for piece in postorder(tree):
        if not isinstance(piece, Apply) or piece.operator not in PRIMITIVES:
            continue
        try:
            arguments = [construct(argument, task.definitions, task.limits) for argument in piece.arguments]
            conditions = PRIMITIVES[piece.operator].domain(*arguments)
        except SymgraphError:
            continue
        for condition in conditions:
            tape = Tape(condition)
            if any(tape.run(point)[0].number is False for point in missing):
                return from_sympy(condition)
    return None


def _different(task: Task, question: Question, answer: Answer, tree: Tree, given: Expr, result: Result) -> Verdict:
    """Wrong, with a certificate inside the function's domain; or close enough, where a tolerance was declared."""
    certificate = result.certificate
    assert certificate is not None
    elsewhere = dict(question.points[0]) if question.points else {}
    point, left, right = {**elsewhere, **dict(certificate.point)}, certificate.left, certificate.right
    if not certificate.functions and not _inside(question, point):
        inside = _certificate(question, given)
        if inside is None:
            reason = "it differs from the derivative only where the function has no value"
            return Verdict(Outcome.UNDECIDED, Evidence(reason=reason), answer=answer, task=task)
        point, left, right = inside
    if task.tolerance is not None and _within(task, question, given):
        evidence = Evidence(f"within the tolerance of {float(task.tolerance):g} at {len(question.points)} points")
        return Verdict(Outcome.RIGHT, evidence, answer=answer, task=task)
    if task.at is not None:
        point, left, right = _at_point(task, question, given) or (point, left, right)
    evidence = Evidence(point=point, answer=left, derivative=right, nearly=right_digits(tree, left, right))
    diagnoses = tuple(diagnosis(question, fit) for fit in fitting(question, given))
    if not diagnoses or diagnoses[0].mistake in ("two_edits", "slip", "repeated_path"):
        diagnoses = (*unbracketed(task, question, tree, question.answer), *diagnoses)
    if not diagnoses and evidence.nearly and task.tolerance is None and _close(question, given, evidence.nearly):
        diagnoses = rounded(question, given, evidence)
    return Verdict(Outcome.WRONG, evidence, diagnoses, answer, task)


def _close(question: Question, given: Expr, nearly: int) -> bool:
    """Whether an answer is off by no more than rounding at every point looked at; 0.33 has two digits."""
    enough = min(ROUNDED, nearly)
    tape = Tape(given, question.answer)
    found = [tape.run(point, 192) for point in question.points]
    return all(left.real and right.real and shared_digits(float(left), float(right)) >= enough for left, right in found)


def _certificate(question: Question, given: Expr) -> tuple[dict[str, Fraction], Enclosure, Enclosure] | None:
    """A point of the function's own domain at which an answer is wrong."""
    tape = Tape(given, question.answer)
    for point in question.points:
        left, right = tape.run(point, 192)
        if left.apart(right):
            return dict(point), left, right
    return None


def _at_point(task: Task, question: Question, given: Expr) -> tuple[dict[str, Fraction], Enclosure, Enclosure] | None:
    """The certificate at the point that the question names, if its coordinates are rational."""
    assert task.at is not None
    point = {
        name: Fraction(int(value.p), int(value.q)) for name, value in task.at.items() if isinstance(value, Rational)
    }
    if len(point) < len(task.at):
        return None
    left, right = Tape(given, question.answer).run(point, 192)
    return (point, left, right) if left.apart(right) else None


def _within(task: Task, question: Question, given: Expr) -> bool:
    """Whether an answer is close enough at every point looked at."""
    assert task.tolerance is not None
    tape = Tape(given, question.answer)
    for point in question.points:
        left, right = tape.run(point, 192)
        if not (left.real and right.real and near(left, right, task.tolerance)):
            return False
    return bool(question.points)
