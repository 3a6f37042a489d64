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

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from math import isfinite
from typing import Any, TypeAlias, TypeGuard

from sympy import Expr, Float, Rational, Symbol
from sympy.core.relational import Relational

from symgraph.calculus import equality
from symgraph.calculus.balls import Enclosure, Tape, evaluate
from symgraph.calculus.curves import is_equation
from symgraph.calculus.derivatives import several
from symgraph.calculus.equality import Result, equal
from symgraph.calculus.evaluation import Point, read_point
from symgraph.calculus.graph import Node, Source, keeping
from symgraph.calculus.sides import sides
from symgraph.calculus.substitution import replace_symbols
from symgraph.errors import InputError, ReadingError, SymgraphError
from symgraph.language.branches import PARTLY, row_of
from symgraph.language.constructors import construct, construct_pieces, span_of
from symgraph.language.notation import from_sympy
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.program import Program
from symgraph.language.tree import BINDERS, Apply, Name, Number, Rate, Tree, Undefined, names_in, postorder, rebuild
from symgraph.language.tree import size as tree_size
from symgraph.limits import DEFAULT, Limits
from symgraph.marking.answers import Answer, Expected, Written, read, with_either_comma, with_power_of_ten
from symgraph.marking.bends import Bend, bend_of, fitting_bend, fitting_bend_value, with_letter
from symgraph.marking.candidates import Fit, fitting, fitting_value
from symgraph.marking.edits import Edit
from symgraph.marking.entries import displaced
from symgraph.marking.equations import read_line
from symgraph.marking.forms import FORMS, Fault, failing
from symgraph.marking.formulas import derivative_shown
from symgraph.marking.lines import Tangent, fitting_line, on_the_tangent, tangent_of, tangent_of_curve
from symgraph.marking.question import Question, ask, mixed, read_source
from symgraph.marking.slopes import (
    Slope,
    compared,
    fitting_slope,
    fitting_slope_value,
    implicit_slope,
    parametric_slope,
    part_of_curve,
)
from symgraph.marking.unbracketed import readings
from symgraph.marking.verdicts import Diagnosis, Evidence, Outcome, Verdict
from symgraph.parsing import text

__all__ = ["Task", "check", "domain_conditions", "mark", "pose"]

Names: TypeAlias = str | Symbol | Iterable[str | Symbol] | None
READ_AGAIN = 60  # pieces of an answer in which brackets may be missing
ROUNDED = 3  # digits of a decimal answer that must be right for it to be called nearly right


@dataclass(frozen=True, eq=False)
class Task:
    """What is asked, once for all answers to it.

    Args:
        program: the function.
        questions: a derivative each, row by row.
        shape: () for one, (n,) for a gradient, (m, n) for a Jacobian or Hessian.
        at: the point, if values are asked for.
        form: how an answer is to be written.
        assuming: what is known of the names.
        tolerance: how far a value may be off, as a part of the larger of 1 and the value's size.
        key: what "same-shape" compares with.
        slope: for a curve that an equation or a parameter gives: what its two derivatives make.
        tangent: where an equation of the tangent is asked for.
    """

    program: Program
    questions: tuple[Question, ...]
    shape: tuple[int, ...] = ()
    at: Mapping[str, Expr] | None = None
    form: str = "any"
    assuming: Any = None
    tolerance: Fraction | None = None
    key: Tree | None = None
    slope: Slope | None = None
    tangent: Tangent | None = None
    limits: Limits = field(default=DEFAULT, repr=False)

    @property
    def expected(self) -> Expected:
        """What an answer may look like."""
        first = self.questions[0]
        if self.slope is not None:
            slope, at = self.slope, self.at or {}
            return Expected(self.names, slope.of, (slope.wrt,), slope.order, limits=self.limits, curve=True, at=at)
        across = list(dict.fromkeys(question.wrt.name for question in self.questions))
        ends = list(dict.fromkeys(question.named_output for question in self.questions))
        return Expected(
            self.names,
            first.named_output,
            tuple(across),
            first.order,
            self.shape,
            tuple(ends) if len(self.shape) == 2 and first.order == 1 else (),
            self.limits,
            at=self.at or {},
        )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names that an answer may use: inputs, and what the program itself names."""
        first = self.questions[0]
        if self.slope is not None:
            return self.slope.names
        named = [each.name for each in self.program.assignments if each.name]
        return tuple(dict.fromkeys((*first.names, *(named if not self.program.is_expression else ()))))

    @cached_property
    def definitions(self) -> Mapping[str, Expr]:
        """The names that an answer may use, written in the inputs: each when it is first used."""
        return _Definitions(self)

    @cached_property
    def value(self) -> Expr | None:
        """The derivative's value at the point, for one question."""
        if self.at is None or len(self.questions) != 1 or (self.tangent is not None and self.tangent.is_upright):
            return None
        return self.worth(self.questions[0])

    def worth(self, question: Question) -> Expr:
        """A derivative's value at the point."""
        assert self.at is not None
        answer = question.answer if self.slope is None else self.slope.answer
        return replace_symbols(answer, {self.program.symbol(name): value for name, value in self.at.items()})

    @cached_property
    def conditions(self) -> list[Any]:
        """The comparisons that hold in the domain of the function; those with "or" in them are not among them."""
        return [each for each in domain_conditions(self.questions[0]) if isinstance(each, Relational)]

    @cached_property
    def known(self) -> equality.Assumptions:
        """What is assumed, and what holds wherever the function has values."""
        given, domain = equality.assume(self.assuming), equality.assume(self.conditions)
        signs = dict(given.signs)
        for name, words in domain.signs.items():
            signs[name] = f"{signs.get(name, '')} {words}".strip()
        bounds = dict(domain.bounds)
        for name, (low, high) in given.bounds.items():
            least, most = bounds.get(name, (None, None))
            lows = [each for each in (low, least) if each is not None]
            highs = [each for each in (high, most) if each is not None]
            bounds[name] = (max(lows, default=None), min(highs, default=None))
        return equality.Assumptions(signs, (*given.conditions, *domain.conditions), bounds)


def domain_conditions(question: Question) -> list[Any]:
    """What holds wherever a function has values, as SymPy conditions on the inputs.

    >>> domain_conditions(ask("x*ln(x)")), domain_conditions(ask("piecewise(x*ln(x), x > 0, 0)"))
    ([x > 0], [])
    """
    found: dict[Any, None] = {}
    symbols = {node.name: node.symbol for node in question.graph}
    values: dict[str, Any] = {name: symbols[name] for name in question.names}
    needed = {question.of.name}
    for node in reversed(question.computed):
        if node.name in needed:
            needed |= {piece.name for piece in _always_used(node) if isinstance(piece, Name)}
    asked = {node: [piece for piece in _always_used(node) if _is_asked(piece)] for node in question.computed}
    if not any(asked[node] for node in question.computed if node.name in needed):
        return []
    for node in question.computed:
        assert node.formula is not None
        built = construct_pieces(node.formula, values, question.limits)
        values[node.name] = built[id(node.formula)]
        for piece in asked[node] if node.name in needed else ():
            found |= dict.fromkeys(row_of(piece).domain(*[built[id(part)] for part in piece.arguments]))
    return [each for each in found if each not in (True, False)]


def _always_used(node: Node) -> list[Tree]:
    """The pieces of a node's formula that have values wherever it has: none of what stands in cases or under a sum."""
    pieces = [node.formula] if node.formula is not None else []
    for piece in pieces:
        if isinstance(piece, Apply) and piece.operator in BINDERS:
            pieces += piece.arguments[2:]
        elif isinstance(piece, Undefined) or (isinstance(piece, Apply) and piece.operator != "piecewise"):
            pieces += piece.arguments
    return pieces


def _is_asked(piece: Tree) -> TypeGuard[Apply]:
    """Whether an operation says something of the domain that is listed."""
    row = row_of(piece) if isinstance(piece, Apply) else None
    return row is not None and row.name not in _NOT_ASKED


_NOT_ASKED = PARTLY | {"divide"}


class _Definitions(Mapping[str, Expr]):
    """What the names of a task stand for; those that would be too large to write stand for nothing."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._known: dict[str, Expr | None] = {}

    def __getitem__(self, name: str) -> Expr:
        if name not in self._known:
            self._known[name] = self._written(name)
        found = self._known[name]
        if found is None:
            raise KeyError(name)
        return found

    def _written(self, name: str) -> Expr | None:
        task = self._task
        if name not in task.names:
            return None
        try:
            given = name in task.questions[0].names
            return task.program.symbol(name) if given else task.program.expression_of(name)
        except SymgraphError:
            return None

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._task.names if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return bool(self._task.names)  # what is only asked whether there is any need not be written


def pose(
    source: Source,
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
) -> Task:
    """What is asked, read and looked at once; the arguments are those of `check`."""
    if not isinstance(order, int):
        raise SymgraphError(f"the order of a derivative is 1, 2, …, not {order!r}")
    if form not in FORMS:
        raise SymgraphError(f"there is no form {form!r}: the forms are {', '.join(FORMS)}")
    shared = {"form": form, "assuming": _assumed(assuming), "limits": limits}
    shared["tolerance"] = None if tolerance is None else _fraction(tolerance)
    shared["key"] = text.parse_expression(key, limits=limits) if isinstance(key, str) else key
    if tangent and at is None:
        raise SymgraphError("a tangent touches at a point: give it, with at=")
    if tangent and order != 1:
        raise SymgraphError("a tangent has the first derivative for its slope: order=1")
    source = keeping(source, of, limits)
    slope = _slope(source, wrt, of, limits, tangent=tangent)
    if slope is not None:
        if order > 2:
            raise SymgraphError("the derivatives of a curve are marked for order=1 and order=2 alone")
        point = _curve_point(slope, at)
        shared["tangent"] = tangent_of_curve(slope, point) if tangent and point is not None else None
        slope = slope if order == 1 else bend_of(slope)
        return Task(slope.top.graph.graph["program"], (slope.top,), (), point, slope=slope, **shared)
    program = read_source(source, limits)
    ends: list[str | None] = [*(_several(of) or (name or None for name in program.outputs))]
    starts = _several(wrt) or list(program.varying)
    if not starts:
        raise SymgraphError("nothing varies here: there is no input to differentiate by")
    given = source if isinstance(source, str) else program
    single = len(starts) == 1
    if order == 2 and not single:
        shape: tuple[int, ...] = (len(starts), len(starts))
        questions = tuple(mixed(given, one, other, ends[0], limits) for one in starts for other in starts)
    else:
        shape = () if single and len(ends) == 1 else (len(starts) * len(ends),) if 1 in (len(starts), len(ends)) else ()
        if len(starts) > 1 and len(ends) > 1:
            shape = (len(ends), len(starts))
        questions = tuple(ask(given, start, end, order, limits) for end in ends for start in starts)
    point = None if at is None else {node.name: value for node, value in read_point(questions[0].graph, at).items()}
    if point is not None:
        for question in questions:
            question.check_point(point)
    if tangent and point is not None:
        if len(ends) != 1:
            raise SymgraphError(f"there are {len(ends)} outputs ({', '.join(map(str, ends))}): say which, with of=")
        return Task(program, questions, (), point, tangent=tangent_of(questions, point), **shared)
    return Task(program, questions, shape, point, **shared)


def _slope(source: Source, wrt: Names, of: Names, limits: Limits, *, tangent: bool = False) -> Slope | None:
    """The slope asked for, if the source is an equation, or a curve with one parameter; None for anything else.

    Args:
        tangent: the tangent of a curve is asked for: then x is what moves, where nothing else is said.
    """
    across, up = (names[0] if (names := _several(each)) is not None and len(names) == 1 else None for each in (wrt, of))
    if is_equation(source):
        return implicit_slope(source, across, up, limits)
    if isinstance(source, Expr) or (across is None and not (tangent and wrt is None)):
        return None
    across = across or "x"
    program = read_source(source, limits)
    assigned = {each.name: names_in(each.tree) for each in program.assignments if each.name}
    if across not in assigned or len(program.inputs) != 1:
        return None
    end = up or next((name for name in program.outputs if name != across), None)
    if end is None or end not in assigned or _depends(end, across, assigned):
        return None
    return parametric_slope(source, across, end, program.inputs[0], limits)


def _depends(name: str, other: str, assigned: Mapping[str, Iterable[str]]) -> bool:
    """Whether one assigned name is computed from another."""
    stack, seen = [name], set()
    while stack:
        each = stack.pop()
        if each == other:
            return True
        if each not in seen:
            seen.add(each)
            stack.extend(assigned.get(each, ()))
    return False


def _curve_point(slope: Slope, at: Point | None) -> Mapping[str, Expr] | None:
    """The point asked about, which must lie on the curve."""
    if at is None:
        return None
    point = {node.name: value for node, value in read_point(slope.top.graph, at).items()}
    if slope.sides:
        symbols = {node.name: node.symbol for node in slope.top.graph}
        value = replace_symbols(slope.function, {symbols[name]: each for name, each in point.items()})
        if equal(value, 0, heavy=False).outcome is not equality.Outcome.PROVED:
            raise SymgraphError("this point is not on the curve: the two sides of the equation differ there")
    return point


def _several(names: Names) -> list[str] | None:
    return None if names is None else [name for name in several(names) if name]


def _fraction(tolerance: float | str | Fraction) -> Fraction:
    try:
        value = Fraction(str(tolerance)) if isinstance(tolerance, float) else Fraction(tolerance)
    except (ValueError, TypeError, ZeroDivisionError):
        raise SymgraphError(f'a tolerance is a number, 0.001 or "1/1000", not {tolerance!r}') from None
    if value < 0:
        raise SymgraphError("a tolerance is not negative")
    return value


def _assumed(assuming: Any) -> Any:
    """Assumptions, those in text read: "x > 0, y != 1"."""
    if not isinstance(assuming, str):
        return assuming
    return [construct(text.parse_condition(part)) for part in assuming.split(",") if part.strip()]


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
        if (verdict := _with_slope(task, answer)) is not None:
            return verdict
        tried = (_meant(task, answer, ways) for ways in (with_either_comma, with_power_of_ten))
        meant = next((verdict for verdict in tried if verdict is not None), None)
        return Verdict(Outcome.UNREADABLE, Evidence(error=error), task=task) if meant is None else meant
    if not task.shape:
        judged = _judged if task.tangent is None else _line_judged
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
    diagnoses = _displaced(task, found, parts)
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
        return Verdict(Outcome.UNREADABLE, Evidence(error=_placed(error, answer)), answer=answer, task=task)
    if task.at is not None and not names_in(tree):
        return _value_judged(task, question, answer, tree, given)
    if task.slope is not None:
        return _slope_judged(task, task.slope, answer, tree, given)
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


def _placed(error: SymgraphError, answer: Answer) -> SymgraphError:
    """A fault in an answer's mathematics, with its place in the text."""
    span = span_of(error)
    if isinstance(error, InputError) or span is None or not answer.text:
        return error
    return ReadingError(str(error), answer.text, *span)


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


# Wrong ---------------------------------------------------------------------------------------------------------------


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
    evidence = Evidence(point=point, answer=left, derivative=right, nearly=_nearly(tree, left, right))
    diagnoses = tuple(_diagnosis(question, fit) for fit in fitting(question, given))
    if not diagnoses or diagnoses[0].mistake in ("two_edits", "slip", "repeated_path"):
        diagnoses = (*_unbracketed(task, question, tree, question.answer), *diagnoses)
    if not diagnoses and evidence.nearly and task.tolerance is None and _close(question, given, evidence.nearly):
        diagnoses = _rounded(question, given, evidence)
    return Verdict(Outcome.WRONG, evidence, diagnoses, answer, task)


def _unbracketed(task: Task, question: Question, tree: Tree, right: Expr) -> tuple[Diagnosis, ...]:
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
            return (_diagnosis(question, Fit(Edit("brackets", detail=other), meant, result.method)),)
    return ()


def _close(question: Question, given: Expr, nearly: int) -> bool:
    """Whether an answer is off by no more than rounding at every point looked at; 0.33 has two digits."""
    enough = min(ROUNDED, nearly)
    tape = Tape(given, question.answer)
    found = [tape.run(point, 192) for point in question.points]
    return all(left.real and right.real and _digits(float(left), float(right)) >= enough for left, right in found)


def _rounded(question: Question, given: Expr, evidence: Evidence) -> tuple[Diagnosis, ...]:
    """The right answer in decimals, where it is to be exact."""
    edit = Edit("rounded", detail=evidence.nearly)
    return (_diagnosis(question, Fit(edit, given, f"{evidence.nearly} digits are right")),)


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
    tape = Tape(given, question.answer)
    for point in question.points:
        left, right = tape.run(point, 192)
        if not (left.real and right.real and _near(task, left, right)):
            return False
    return bool(question.points)


def _near(task: Task, left: Enclosure, right: Enclosure) -> bool:
    assert task.tolerance is not None
    scale = max(1.0, abs(float(right)))
    return abs(float(left) - float(right)) <= float(task.tolerance) * scale * (1 + 1e-12)


def _nearly(tree: Tree, left: Enclosure, right: Enclosure) -> int:
    """How many digits of an answer with decimals are right; 0 where it has none, or too few are."""
    if not any(isinstance(piece, Number) and "." in piece.text for piece in postorder(tree)):
        return 0
    digits = _digits(float(left), float(right))
    alone = tree.arguments[0] if isinstance(tree, Apply) and tree.operator == "negate" else tree
    if isinstance(alone, Number):
        whole, _, decimals = alone.text.partition(".")
        said = len((whole + decimals).lstrip("-0"))
        digits = min(digits, said)
        if digits == said == ROUNDED - 1:  # 0.33 for 1/3: all that it says is right
            return digits if abs(float(left) - float(right)) <= 0.5000001 * 10 ** -len(decimals) else 0
    return digits if digits >= ROUNDED else 0


def _digits(one: float, other: float) -> int:
    """How many leading digits two numbers share."""
    if not (isfinite(one) and isfinite(other)):
        return 0
    if other == 0:
        return 15 if one == 0 else 0
    digits, error = 0, abs(one - other) / abs(other)
    while error < 0.5 and digits < 15:
        digits, error = digits + 1, error * 10
    return digits


def _diagnosis(question: Question, fit: Fit) -> Diagnosis:
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


def _displaced(task: Task, answer: Answer, parts: Sequence[Verdict]) -> tuple[Diagnosis, ...]:
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
    return (_diagnosis(question, Fit(Edit("transposed", kind=kind), question.answer, "every entry proved equal")),)


# Curves --------------------------------------------------------------------------------------------------------------


def _with_slope(task: Task, answer: Written) -> Verdict | None:
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
    left = Rate(slope.of, slope.wrt, straight=True)
    shown = rebuild(tree, lambda piece: left if piece == Name(letter) else None)
    said = replace(said, trees=(shown,), text=answer)
    verdict = _slope_judged(task, slope, said, shown, given)
    if verdict.outcome is not Outcome.RIGHT:
        return verdict
    evidence = Evidence(verdict.evidence.method, fault=Fault(left, "slope_left"), form="inputs")
    return replace(verdict, outcome=Outcome.WRONG_FORM, evidence=evidence)


def _slope_judged(task: Task, slope: Slope, answer: Answer, tree: Tree, given: Expr) -> Verdict:
    """The verdict on the slope of a curve."""
    result, point, values = compared(slope, given, task.assuming, task.limits)
    if result.outcome is equality.Outcome.DIFFERENT:
        evidence = Evidence(point=point, answer=values[0], derivative=values[1])
        fits = fitting_bend(slope, given) if isinstance(slope, Bend) else fitting_slope(slope, given)
        diagnoses = tuple(_diagnosis(question, fit) for question, fit in fits)
        diagnoses = diagnoses or _unbracketed(task, slope.top, tree, slope.answer)
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


# Tangents ------------------------------------------------------------------------------------------------------------


def _line_judged(task: Task, question: Question, answer: Answer, tree: Tree) -> Verdict:
    """The verdict on an equation, where that of the tangent is asked for."""
    tangent = task.tangent
    assert tangent is not None and isinstance(tree, Apply)
    try:
        given = tangent.solved(tree)
        if not all(construct(side).is_finite is not False for side in tree.arguments):
            raise ReadingError("there is no value in this equation", answer.text)
    except SymgraphError as error:
        return Verdict(Outcome.UNREADABLE, Evidence(error=_placed(error, answer)), answer=answer, task=task)
    result = None if given is None else equal(given, tangent.right, seed=question.seed, limits=task.limits)
    if result is not None and result.outcome is equality.Outcome.PROVED:
        fault = _line_fault(task, tangent, tree)
        proof = Evidence(result.method, fault=fault, form=task.form if fault else "any", of="tangent")
        return Verdict(Outcome.WRONG_FORM if fault else Outcome.RIGHT, proof, answer=answer, task=task)
    evidence = _line_certificate(tangent, tree, given, result)
    if evidence is None:
        reason = result.reason if result is not None and result.reason else "it holds on the tangent, and is no line"
        return Verdict(Outcome.UNDECIDED, Evidence(reason=reason), answer=answer, task=task)
    if given is not None and task.tolerance is not None and _line_near(tangent, given, lambda *two: _near(task, *two)):
        told = Evidence(f"within the tolerance of {float(task.tolerance):g}", of="tangent")
        return Verdict(Outcome.RIGHT, told, answer=answer, task=task)
    diagnoses = tuple(_diagnosis(question, fit) for question, fit in fitting_line(tangent, tree, given))
    if evidence.nearly and task.tolerance is None and given is not None:
        enough = min(ROUNDED, evidence.nearly)
        if _line_near(tangent, given, lambda one, other: _digits(float(one), float(other)) >= enough):
            diagnoses = _rounded(question, given, evidence)
    return Verdict(Outcome.WRONG, evidence, diagnoses, answer, task)


def _line_fault(task: Task, tangent: Tangent, tree: Apply) -> Fault | None:
    """Where a right equation breaks the form that was asked for: on its right side, if the left is y alone."""
    left, right = tree.arguments
    if task.form == "same-shape":
        key = task.key if task.key is not None else tangent.equation
        return failing(tree, task.form, key)
    sides = (right,) if left == Name(tangent.solved_for) else (left, right)
    return next((fault for side in sides if (fault := failing(side, task.form, None)) is not None), None)


def _line_certificate(tangent: Tangent, tree: Apply, given: Expr | None, result: Result | None) -> Evidence | None:
    """Where an equation is not that of the tangent, and both values there; None where that is not certain."""
    certificate = None if result is None else result.certificate
    if certificate is not None:
        point = {name: Fraction(0) for name in tangent.point} if not tangent.is_upright else {tangent.up: Fraction(0)}
        left, right = certificate.left, certificate.right
        return Evidence(
            point={**point, **dict(certificate.point)}, answer=left, derivative=right, of="tangent",
            nearly=_nearly(tree, left, right),
        )  # fmt: skip
    found = on_the_tangent(tangent, tree) if given is None else None
    if found is not None:
        return Evidence(point={name: _rational(value) for name, value in found[0].items()}, answer=found[1],
                        derivative=found[2], of="sides")  # fmt: skip
    return None


def _line_near(tangent: Tangent, given: Expr, near: Callable[[Enclosure, Enclosure], bool]) -> bool:
    """Whether two lines are as near as that at the point, and on both sides of it."""
    for step in (-1, 0, 1):
        point = {Symbol(name): value + step for name, value in {**tangent.point, tangent.up: tangent.base}.items()}
        left, right = (evaluate(replace_symbols(expr, point), {}) for expr in (given, tangent.right))
        if not (left.real and right.real and near(left, right)):
            return False
    return True


# Values --------------------------------------------------------------------------------------------------------------


def _value_judged(task: Task, question: Question, answer: Answer, tree: Tree, given: Expr) -> Verdict:
    """A number, where the value at a point is asked for."""
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
    if task.tolerance is not None and left.real and value.real and _near(task, left, value):
        evidence = Evidence(f"within the tolerance of {float(task.tolerance):g}")
        return Verdict(Outcome.RIGHT, evidence, answer=answer, task=task)
    if result.outcome is equality.Outcome.UNDECIDED:
        return Verdict(Outcome.UNDECIDED, Evidence(reason=result.reason), answer=answer, task=task)
    evidence = Evidence(
        point={name: _rational(value) for name, value in task.at.items()},
        answer=left,
        derivative=value,
        nearly=_nearly(tree, left, value),
    )
    diagnoses = _of_value(task, question, tree, given, exactly=bool(evidence.nearly))
    if not diagnoses and task.slope is None:
        diagnoses = _unbracketed(task, question, tree, right)
    if not diagnoses and evidence.nearly and task.tolerance is None:
        diagnoses = _rounded(question, given, evidence)
    return Verdict(Outcome.WRONG, evidence, diagnoses, answer, task)


def _of_value(task: Task, question: Question, tree: Tree, given: Expr, *, exactly: bool) -> tuple[Diagnosis, ...]:
    """The mistakes that give this number; where none gives it exactly, those that do with its decimals."""
    assert task.at is not None
    if task.slope is not None:
        slope, at = task.slope, task.at
        found = (
            fitting_bend_value(slope, at, given) if isinstance(slope, Bend) else fitting_slope_value(slope, at, given)
        )
        return tuple(_diagnosis(part, fit) for part, fit in found)
    fits = fitting_value(question, task.at, given)
    if not fits and not exactly and (off := _half_a_unit(tree)):
        fits = fitting_value(question, task.at, given, off)
    return tuple(_diagnosis(question, fit) for fit in fits)


def _half_a_unit(tree: Tree) -> Fraction | None:
    """Half a unit of the last decimal of a number with decimals and digits enough not to be met by chance."""
    alone = tree.arguments[0] if isinstance(tree, Apply) and tree.operator == "negate" else tree
    if not isinstance(alone, Number) or not re.fullmatch(r"-?\d*\.\d+", alone.text):
        return None
    whole, _, decimals = alone.text.partition(".")
    return Fraction(1, 2 * 10 ** len(decimals)) if len((whole + decimals).lstrip("-0")) >= ROUNDED else None


def _rational(value: Expr) -> Any:
    """A coordinate as a fraction where it is one."""
    if isinstance(value, Rational):
        return Fraction(int(value.p), int(value.q))
    return value if not isinstance(value, Float) else Fraction(str(value))
