"""What is asked, read and looked at once for all answers to it.

>>> task = pose("x^2*y", "x", at="x=2, y=1")
>>> task.questions[0].answer, task.value, task.shape
(2*x*y, 4, ())
>>> pose("x^2 + y^2 = 25").slope.answer
-x/y

Several names ask for a gradient, several outputs for a Jacobian: one question for each entry. Where an equation or a
parameter gives a curve, its slope is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias

from sympy import Expr, Symbol
from sympy.core.relational import Relational

from symgraph.calculus import equality
from symgraph.calculus.curves import is_equation
from symgraph.calculus.derivatives import several
from symgraph.calculus.equality import equal
from symgraph.calculus.evaluation import Point, read_point
from symgraph.calculus.graph import Source, keeping
from symgraph.calculus.substitution import replace_symbols
from symgraph.errors import SymgraphError
from symgraph.language.constructors import construct
from symgraph.language.program import Program
from symgraph.language.tree import Tree, names_in
from symgraph.limits import DEFAULT, Limits
from symgraph.marking.answers import Expected
from symgraph.marking.bends import bend_of
from symgraph.marking.domains import domain_conditions
from symgraph.marking.forms import FORMS
from symgraph.marking.lines import Tangent, tangent_of, tangent_of_curve
from symgraph.marking.question import Question, ask, mixed, read_source
from symgraph.marking.slopes import Slope, implicit_slope, parametric_slope
from symgraph.parsing import text

__all__ = ["Names", "Task", "pose"]

Names: TypeAlias = str | Symbol | Iterable[str | Symbol] | None


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
        if order not in (1, 2):
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
