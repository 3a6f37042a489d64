"""Is an answer right, and if not, which edge or path was forgotten.

>>> verdict = check("sin(x^2)", "y' = 2x cos(x^2)")
>>> verdict.outcome, verdict.evidence.method, verdict.answer.left_sides
(<Outcome.RIGHT: 'right'>, 'the same expression', ("y'",))
>>> wrong = check("sin(x^2)", "cos(x^2)")
>>> wrong.outcome, [(each.mistake, str(each.where)) for each in wrong.diagnoses]
(<Outcome.WRONG: 'wrong'>, [('missing_edge', 'x → u')])

Only a certificate makes WRONG: a rational point at which both have values and the two balls do not meet. What cannot be
read is UNREADABLE and what cannot be settled UNDECIDED; neither is ever called wrong. Points outside the domain of the
function itself say nothing: for ln x, 1/|x| is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from symgraph.calculus.evaluation import Point
from symgraph.calculus.graph import Source
from symgraph.errors import SymgraphError
from symgraph.language.constructors import construct
from symgraph.language.tree import Tree, names_in
from symgraph.limits import DEFAULT, Limits
from symgraph.marking.answers import Answer, Written, located, read, with_either_comma, with_power_of_ten
from symgraph.marking.curve_verdicts import slope_verdict, with_slope_left
from symgraph.marking.diagnoses import transposed
from symgraph.marking.equations import read_line
from symgraph.marking.formula_verdicts import formula_verdict
from symgraph.marking.line_verdicts import line_verdict
from symgraph.marking.question import Question
from symgraph.marking.tasks import Names, Task, pose
from symgraph.marking.value_verdicts import value_verdict
from symgraph.marking.verdicts import Evidence, Outcome, Verdict

__all__ = ["check", "mark"]


def check(
    source: Source,
    answer: Written,
    wrt: Names = None,
    *,
    of: Names = None,
    at: Point | None = None,
    form: str = "any",
    assuming: Any = None,
    order: int = 1,
    tolerance: float | str | Fraction | None = None,
    key: str | Tree | None = None,
    tangent: bool = False,
    limits: Limits = DEFAULT,
) -> Verdict:
    """Judge an answer to "what is the derivative of this?".

    Args:
        source: whatever `build` takes: text, a Program, a SymPy expression.
        answer: text, LaTeX, SymPy, a number, or a list (gradient) or matrix (Jacobian) of those. A left side such as
            `dy/dx =` is taken off and noted.
        wrt: by what; several names ask for the gradient, several outputs for the Jacobian.
        of: which outputs; None: all.
        at: a point; then a value is asked for.
        form: "any", or one of `forms.FORMS`: the value is judged first, then how it is written.
        assuming: what is known of the names: {"x": "positive"}, or "x > 0, y != 1".
        order: 2 asks for the second derivative (with several names: the Hessian).
        tolerance: how far a decimal may be off, as a part of the larger of 1 and the value; without one it is exact.
        key: for the form "same-shape", what the answer is compared with.
        tangent: an equation of the tangent at the point is asked for (the tangent plane, where two inputs move).

    Returns:
        A Verdict; compare its `outcome`.

    Raises:
        SymgraphError: the source (not the answer) cannot be read, or what is asked about is not there.

    >>> check("ln(x)", "1/|x|").outcome
    <Outcome.RIGHT: 'right'>
    >>> print(check("x^2", "2x+C").evidence)
    cannot be read: this is the constant of an antiderivative (column 4); a derivative has none: leave it out
    >>> check("2*(x+1)^2", "4*(x+1)", form="expanded").outcome
    <Outcome.WRONG_FORM: 'wrong-form'>
    >>> check("x^2", "y - 4 = 4(x - 2)", at="x=2", tangent=True).outcome
    <Outcome.RIGHT: 'right'>
    """
    asked = {"form": form, "assuming": assuming, "order": order, "tolerance": tolerance, "key": key, "tangent": tangent}
    return mark(pose(source, wrt, of=of, at=at, limits=limits, **asked), answer)


def mark(task: Task, answer: Written) -> Verdict:
    """Judge one answer to a task."""
    try:
        found = read(answer, task.expected) if task.tangent is None else read_line(answer, task.tangent)
    except SymgraphError as error:
        if (verdict := with_slope_left(task, answer)) is not None:
            return verdict
        tried = (_meant(task, answer, ways) for ways in (with_either_comma, with_power_of_ten))
        meant = next((verdict for verdict in tried if verdict is not None), None)
        return Verdict(Outcome.UNREADABLE, Evidence(error=error), task=task) if meant is None else meant
    if not task.shape:
        judged = _judged if task.tangent is None else line_verdict
        verdict = judged(task, task.questions[0], found, found.trees[0])
        if verdict.outcome is Outcome.WRONG and (meant := _meant(task, answer, with_power_of_ten)) is not None:
            return meant
        if verdict.outcome is Outcome.WRONG and found.restricted:  # 1 for x > 0 may be right as far as it goes
            return Verdict(Outcome.UNDECIDED, Evidence(reason=_RESTRICTED), answer=found, task=task)
        return verdict
    parts = tuple(
        _judged(replace(task, questions=(question,), shape=()), question, Answer((tree,)), tree)
        for question, tree in zip(task.questions, found.trees, strict=True)
    )
    worst = max(parts, key=lambda part: _WORST.index(part.outcome))
    diagnoses = transposed(task, found, parts)
    return Verdict(worst.outcome, worst.evidence, diagnoses, found, task, parts)


_RESTRICTED = "it is given with a condition, and is not right everywhere"


def _meant(task: Task, answer: Written, ways: Callable[[str], list[tuple[str, str]]]) -> Verdict | None:
    """An answer that can be read in two ways, where one of them, and not both, makes it right; None: ask."""
    if not isinstance(answer, str) or task.shape:
        return None
    read_so = [(text, reading) for text, reading in ways(answer) if text != answer]
    right = [(v, reading) for text, reading in read_so if (v := mark(task, text)).outcome is Outcome.RIGHT]
    if len(right) != 1:
        return None
    verdict, reading = right[0]
    assert verdict.answer is not None
    return replace(verdict, answer=replace(verdict.answer, readings=(reading, *verdict.answer.readings), text=answer))


_WORST = (
    Outcome.RIGHT,
    Outcome.RIGHT_ON,
    Outcome.WRONG_FORM,
    Outcome.UNDECIDED,
    Outcome.UNREADABLE,
    Outcome.WRONG,
)


def _judged(task: Task, question: Question, answer: Answer, tree: Tree) -> Verdict:
    """The verdict on one formula."""
    try:
        given = construct(tree, task.definitions, task.limits)
    except SymgraphError as error:
        return Verdict(Outcome.UNREADABLE, Evidence(error=located(error, answer)), answer=answer, task=task)
    if task.at is not None and not names_in(tree):
        return value_verdict(task, question, answer, tree, given)
    if task.slope is not None:
        return slope_verdict(task, task.slope, answer, tree, given)
    return formula_verdict(task, question, answer, tree, given)
