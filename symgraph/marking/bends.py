"""Answers to the second derivative of a curve: d²y/dx² where an equation or a parameter gives the curve.

>>> from sympy import Symbol
>>> from symgraph.marking.slopes import implicit_slope
>>> bend = bend_of(implicit_slope("x^2 + y^2 = 25"))
>>> [fit.edit.mistake for _, fit in fitting_bend(bend, Symbol("y") / Symbol("x"))]
['quotient_of_derivatives', 'product_of_derivatives']

It is the derivative of dy/dx along the curve, and no graph of its own: with y moving as dy/dx says, or divided by dx/dt
once more. So its slips are listed here as formulas: y taken for a constant, dy/dx left out as a factor, y″(t)/x″(t),
not divided, and so on; besides, a slip in dy/dx itself may be carried on, and everything after it done right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any, TypeAlias

from sympy import Expr, diff, fraction, together

from symgraph.calculus import equality
from symgraph.calculus.balls import Tape
from symgraph.calculus.equality import equal
from symgraph.calculus.simplifier import simplest
from symgraph.calculus.substitution import at_point
from symgraph.errors import SymgraphError
from symgraph.marking.candidates import Fit, candidates
from symgraph.marking.edits import BITS, Edit, Unusable
from symgraph.marking.question import Question
from symgraph.marking.slopes import Slope, curve_point, likely_slopes, on_the_curve, wrong_slopes

__all__ = ["AGAIN", "Bend", "bend_of", "fitting_bend", "fitting_bend_value", "likely_bends", "with_letter"]

Wrong: TypeAlias = tuple[Question, Edit, Expr]

POINTS = 3  # at which an answer is compared
VALUES = 3  # explanations of a bare number that are reported at most
AGAIN = "quotient again"  # the kind of what goes wrong in the second step alone, and has words of its own


class Bend(Slope):
    """d²y/dx² of a curve."""

    @property
    def order(self) -> int:
        return 2

    @cached_property
    def first(self) -> Expr:
        """dy/dx."""
        found: Expr = simplest(Slope(self.top, self.bottom, self.sign, self.wrt, self.of, self.sides).answer)
        return found

    @cached_property
    def answer(self) -> Expr:
        """The derivative of dy/dx along the curve."""
        return self.carried_on(self.first)

    def carried_on(self, slope: Expr) -> Expr:
        """What comes out of a slope, a wrong one, too, if everything after it is right."""
        if not self.sides:
            return diff(slope, self.top.wrt.symbol) / self.bottom.answer
        across, up = (diff(slope, part.wrt.symbol) for part in (self.top, self.bottom))
        return across + up * slope

    @cached_property
    def second_slips(self) -> list[tuple[Question, Edit, Expr, Tape]]:
        """What goes wrong in the second step, the likeliest first: kept for the next answer."""
        return _ranked(_wrong_bends(self))

    @cached_property
    def first_slips(self) -> list[tuple[Question, Edit, Expr, Tape]]:
        """What goes wrong in dy/dx and is carried on."""
        return _ranked(_carried(self))


def bend_of(slope: Slope) -> Bend:
    """The question for the second derivative, from that for the first."""
    return Bend(slope.top, slope.bottom, slope.sign, slope.wrt, slope.of, slope.sides, slope.limits)


def with_letter(bend: Bend, written: str) -> tuple[str, str] | None:
    """A text in which dy/dx still stands, with a letter in its place, and that letter; None where it does not.

    >>> from symgraph.marking.slopes import implicit_slope
    >>> with_letter(bend_of(implicit_slope("x^2 + y^2 = 25")), "y'' = -(1 + y'^2)/y")
    ("y'' = -(1 + (p)^2)/y", 'p')
    """
    x, y = re.escape(bend.wrt), re.escape(bend.of)
    fraction_line = rf"\\frac\s*{{\s*d\s*{y}\s*}}\s*{{\s*d\s*{x}\s*}}"
    symbol = rf"(?<![A-Za-z])(?:{y}\s*['′’](?!['′’])|d{y}\s*/\s*d{x}(?![A-Za-z]))|{fraction_line}"
    left, equals, body = written.rpartition("=")
    letter = next(name for name in ("p", "q", "m", "s", "slope") if name not in bend.names)
    found, count = re.subn(symbol, f"({letter})", body)
    return (left + equals + found, letter) if count else None


# Wrong ---------------------------------------------------------------------------------------------------------------


def fitting_bend(bend: Bend, given: Expr) -> list[tuple[Question, Fit]]:
    """The explanations of a wrong second derivative that are proved, the likeliest first."""
    points, answer = list(islice(_points(bend), POINTS)), Tape(given)
    fits: dict[str, tuple[Question, Fit]] = {}
    for step in ("second", "first"):
        for question, edit, expression, tape in bend.second_slips if step == "second" else bend.first_slips:
            if edit.mistake in fits or not _meets(tape, answer, points):
                continue
            method = _proof(bend, expression, given)
            if method is not None:
                fits[edit.mistake] = question, Fit(edit, expression, method)
        if fits:
            break  # a slip in the first step is looked for where none in the second explains the answer
    return list(fits.values())


def fitting_bend_value(bend: Bend, point: Mapping[str, Any], value: Expr) -> list[tuple[Question, Fit]]:
    """The explanations of a number that was given for the second derivative at a point, the likeliest first.

    >>> from sympy import Integer, Rational
    >>> from symgraph.marking.slopes import implicit_slope
    >>> bend, at = bend_of(implicit_slope("x^2 + y^2 = 25")), {"x": Integer(3), "y": Integer(4)}
    >>> [fit.edit.mistake for _, fit in fitting_bend_value(bend, at, Rational(-1, 4))]
    ['variable_as_constant', 'missing_path']
    """
    fits: dict[str, tuple[Question, Fit]] = {}
    for question, edit, expression, _ in bend.second_slips:
        if edit.mistake in fits or len(fits) == VALUES:
            continue
        try:
            result = equal(at_point(expression, point), value, heavy=False)
        except SymgraphError:
            continue
        if result.outcome is equality.Outcome.PROVED:
            fits[edit.mistake] = question, Fit(edit, expression, result.method)
    return list(fits.values())


def likely_bends(slope: Slope) -> Iterator[tuple[str, Expr]]:
    """The likeliest wrong second derivatives of a curve; whether they are wrong is for `compared` to say.

    >>> from symgraph.marking.slopes import parametric_slope
    >>> dict(likely_bends(parametric_slope("x = t^2; y = t^4", "x", "y", "t")))["quotient_of_derivatives"]
    6*t**2
    """
    bend = bend_of(slope)
    named: set[str] = set()
    for _, edit, wrong, _ in bend.second_slips:
        if edit.mistake not in named:
            named.add(edit.mistake)
            yield edit.mistake, wrong
    for edit, first in likely_slopes(slope, 3):  # a slip in the slope, and then no other
        if edit.mistake not in named:
            yield edit.mistake, bend.carried_on(first)


def _points(bend: Bend) -> Iterator[Mapping[str, Any]]:
    """Points of the curve, or values of its parameter."""
    return curve_point(bend) if bend.sides else iter(bend.top.points)


def _meets(wrong: Tape, answer: Tape, points: Sequence[Mapping[str, Any]]) -> bool:
    """Whether two formulas may be worth the same at all points at which both have values, two at least."""
    met = 0
    for point in points:
        values = []
        for tape in (wrong, answer):
            values += tape.run({name: point[name] for name in tape.names}, 2 * BITS)
        if all(value.real for value in values):
            if values[0].apart(values[1]):
                return False
            met += 1
    return met >= min(2, len(points)) > 0


def _proof(bend: Bend, expression: Expr, given: Expr) -> str | None:
    """How a wrong second derivative is proved to be the answer, with the curve's equation, if need be."""
    try:
        result = equal(expression, given, heavy=False)
        if result.outcome is equality.Outcome.PROVED:
            return result.method
        return "exact arithmetic, with the equation of the curve" if on_the_curve(bend, given, expression) else None
    except SymgraphError:
        return None


_SAID_OF_EQUATIONS = frozenset({"missing_path", "forgotten_rate"})
_SAID_OF_PARAMETERS = frozenset(
    {"unfinished", "quotient_of_derivatives", "slope_multiplied", "variable_as_constant", "other_input"}
)


def _wrong_bends(bend: Bend) -> Iterator[Wrong]:
    """The slips of the second step."""
    names = (bend.wrt, bend.of)

    def row(mistake: str, likelihood: float, wrong: Expr, part: Question = bend.top) -> Wrong:
        kind = AGAIN if mistake in (_SAID_OF_EQUATIONS if bend.sides else _SAID_OF_PARAMETERS) else "quotient"
        return part, Edit(mistake, None, likelihood, kind=kind, detail=1 if mistake == "wrong_order" else names), wrong

    yield row("wrong_order", 96, bend.first)
    yield row("edge_sign", 93, -bend.answer)
    for mistake, likelihood, wrong in _of_equation(bend) if bend.sides else _of_parameter(bend):
        of_y = bend.sides and mistake in ("variable_as_constant", "forgotten_rate")
        yield row(mistake, likelihood, wrong, bend.bottom if of_y else bend.top)


def _of_parameter(bend: Bend) -> Iterator[tuple[str, float, Expr]]:
    """Slips with a parameter: y″(t)/x″(t), or dy/dx differentiated and not divided."""
    start = bend.top.wrt.symbol
    moves, along = bend.bottom.answer, diff(bend.first, start)
    twice = [diff(part.answer, start) for part in (bend.top, bend.bottom)]
    yield "unfinished", 95, along
    if twice[1] != 0:
        yield "quotient_of_derivatives", 94, twice[0] / twice[1]
    yield "slope_multiplied", 92, along * moves
    yield "variable_as_constant", 90, twice[0] / moves**2
    yield "other_input", 88, twice[0]


def _of_equation(bend: Bend) -> Iterator[tuple[str, float, Expr]]:
    """Slips with an equation: in differentiating dy/dx, or in differentiating the equation twice."""
    x, y, slope = bend.top.wrt.symbol, bend.bottom.wrt.symbol, bend.first
    across, up = diff(slope, x), diff(slope, y)
    yield "forgotten_rate", 92, across + up  # without dy/dx
    yield "variable_as_constant", 91, across  # y stands still
    yield "missing_path", 85, up * slope
    yield "edge_sign", 70, across - up * slope
    above, below = fraction(together(slope))
    if below.free_symbols:
        rates = [diff(part, x) + diff(part, y) * slope for part in (above, below)]
        if rates[1] != 0:
            yield "quotient_of_derivatives", 90, rates[0] / rates[1]
        yield "quotient_square", 88, (rates[0] * below - above * rates[1]) / below
        yield "quotient_sign", 86, (rates[0] * below + above * rates[1]) / below**2
    through = bend.bottom.answer
    straight, mixed, bent = diff(bend.top.answer, x), diff(bend.top.answer, y), diff(through, y)
    turned = mixed + bent * slope
    if turned != 0:
        yield "product_of_derivatives", 87, -(straight + mixed * slope) / turned
    if bent != 0:
        yield "product_of_derivatives", 80, -straight / bent  # 2 + 2y″ = 0
    yield "missing_path", 84, -(straight + mixed * slope) / through  # F_y·dy/dx has two factors
    yield "forgotten_rate", 83, -(straight + 2 * mixed * slope + bent * slope) / through  # dy/dx for its square


def _ranked(wrong: Iterator[Wrong]) -> list[tuple[Question, Edit, Expr, Tape]]:
    rows = sorted(wrong, key=lambda row: -row[1].likelihood)
    return [(question, edit, expression, Tape(expression)) for question, edit, expression in rows]


def _carried(bend: Bend) -> Iterator[Wrong]:
    """A slip in dy/dx, and everything after it right."""
    tops, bottoms = candidates(bend.top), candidates(bend.bottom)
    for question, edit, make in wrong_slopes(bend):
        try:
            wrong = bend.carried_on(make(tops.formulas, bottoms.formulas))
        except (SymgraphError, Unusable, ZeroDivisionError):
            continue
        yield question, replace(edit, asked=question), wrong
