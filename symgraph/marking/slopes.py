"""Answers about curves: dy/dx where an equation or a parameter gives the curve.

>>> slope = implicit_slope("x^2 + y^2 = 25")
>>> slope.answer
-x/y
>>> x = slope.top.wrt.symbol
>>> fitting_slope(slope, -2 * x)[0][1].edit.mistake
'unfinished'

Both are a quotient of two derivatives that a graph gives: −F_x/F_y, or (dy/dt)/(dx/dt). So every slip in one of the
two is a slip of the quotient; besides there are those of the quotient itself: not divided, turned round, the sign. On
a curve that an equation gives, an answer may use the equation: it is right when its difference from ours is a
multiple of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Any, TypeAlias

from sympy import Expr, Poly, expand, sqrt
from sympy.core.relational import Equality

from symgraph.calculus import equality, reals
from symgraph.calculus.balls import Enclosure, Tape
from symgraph.calculus.curves import named_equation
from symgraph.calculus.equality import Result, equal
from symgraph.calculus.points import points
from symgraph.calculus.polynomials import TooHard, is_constant
from symgraph.calculus.substitution import at_point, replace_symbols
from symgraph.errors import DomainError, SymgraphError
from symgraph.language.notation import from_sympy
from symgraph.language.tree import Apply, Name, Rate, Tree
from symgraph.limits import DEFAULT, Limits
from symgraph.marking.candidates import Fit, candidates
from symgraph.marking.edits import BITS, Edit, Sweep, Unusable
from symgraph.marking.forms import Letters
from symgraph.marking.implicit_edits import Row, implicit_edits, is_about_a_shared_product
from symgraph.marking.question import Question, ask

__all__ = [
    "Slope",
    "compared",
    "curve_point",
    "fitting_slope",
    "fitting_slope_value",
    "implicit_slope",
    "likely_slopes",
    "on_the_curve",
    "parametric_slope",
    "part_of_curve",
    "wrong_slopes",
]

_VALUES = 3  # explanations of a bare number that are reported at most: it is met by chance more often than a formula
_BISECTIONS = 160
POINTS, BRANCHES = 8, 4  # of a curve, at which an answer that is wrong somewhere is looked at again
_GRID = [Fraction(numerator, 2) + Fraction(1, 7) for numerator in range(-16, 17)]


@dataclass(frozen=True, eq=False)
class Slope:
    """dy/dx as a quotient of two derivatives: sign · top / bottom.

    Args:
        top, bottom: F_x and F_y of an equation, or dy/dt and dx/dt of a parameter.
        wrt, of: x and y.
        sides: the two sides of the equation; empty for a parameter.
    """

    top: Question
    bottom: Question
    sign: int
    wrt: str
    of: str
    sides: tuple[Tree, ...] = ()
    limits: Limits = field(default=DEFAULT, repr=False)

    @cached_property
    def answer(self) -> Expr:
        """The slope."""
        if self.bottom.answer == 0:
            raise DomainError(f"{self.of} does not move with {self.wrt} on this curve: it has no slope")
        return self.sign * self.top.answer / self.bottom.answer

    @property
    def order(self) -> int:
        """How often is differentiated."""
        return 1

    @property
    def rate(self) -> Rate:
        """The symbol of the slope, dy/dx."""
        return Rate(self.of, self.wrt, straight=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in which an answer is written."""
        return self.top.names

    @property
    def function(self) -> Expr:
        """F, which is 0 on the curve."""
        return self.top.earlier[0]


def implicit_slope(
    source: str | Equality, wrt: str | None = None, of: str | None = None, limits: Limits = DEFAULT
) -> Slope:
    """The slope of the curve that an equation gives."""
    equation, wrt, of = named_equation(source, wrt, of)
    top = ask(equation.program, wrt, equation.name, limits=limits)
    bottom = ask(equation.program, of, equation.name, limits=limits)
    return Slope(top, bottom, -1, wrt, of, (equation.left, equation.right), limits)


def parametric_slope(source: Any, wrt: str, of: str, parameter: str, limits: Limits = DEFAULT) -> Slope:
    """The slope of the curve that two quantities run through with one parameter.

    >>> parametric_slope("x = t^2; y = t^3", "x", "y", "t").answer
    3*t/2
    """
    top, bottom = (ask(source, parameter, each, limits=limits) for each in (of, wrt))
    return Slope(top, bottom, 1, wrt, of, (), limits)


# Right ---------------------------------------------------------------------------------------------------------------


def on_the_curve(slope: Slope, given: Expr, right: Expr | None = None) -> bool:
    """Whether an answer differs from the right one by a multiple of the equation: then they agree wherever it holds.

    Args:
        right: what is right; None: the slope.

    >>> slope = implicit_slope("x^2 + y^2 = 25")
    >>> x, y = slope.top.wrt.symbol, slope.bottom.wrt.symbol
    >>> on_the_curve(slope, -x*y/(25 - x**2)), on_the_curve(slope, x/y)
    (True, False)
    """
    if not slope.sides:
        return False
    difference, function = from_sympy(given - (slope.answer if right is None else right)), from_sympy(slope.function)
    try:
        letters = Letters(difference, function)
        top, equation = letters.quotient(difference), letters.quotient(function)
        rest = letters.ring.whole(top.top) / letters.ring.whole(equation.top)
    except TooHard:
        return False
    return is_constant(rest.bottom)


def curve_point(slope: Slope, seed: object = 0) -> Iterator[dict[str, Any]]:
    """Points of the curve: rational numbers for every name but `of`, whose ball is proved to hold a value."""
    tape = Tape(slope.function)
    others = [name for name in slope.names if name != slope.of]
    for point in points(others, seed, 24):
        for found in _roots(tape, point, slope.of, 1):
            yield {**point, slope.of: found}


def _points_of_all_branches(slope: Slope) -> Iterator[dict[str, Any]]:
    """Points of the curve, above one another, too."""
    tape = Tape(slope.function)
    others = [name for name in slope.names if name != slope.of]
    for point in islice(points(others, 0, 24), POINTS):
        for found in _roots(tape, point, slope.of, BRANCHES):
            yield {**point, slope.of: found}


def _roots(tape: Tape, point: Mapping[str, Fraction], name: str, most: int) -> list[Any]:
    """Balls that hold a zero of a function of one name each: its sign changes, and it has values all the way."""
    found: list[Any] = []
    with reals.precision(4 * BITS):

        def value(at: Any) -> Any:
            (worth,) = tape.execute({**point, name: at})
            return None if isinstance(worth, reals.NotReal) else reals.lift(worth)

        before = None
        for place in _GRID:
            here = value(place)
            if before is not None and here is not None and _opposite(before[1], here):
                low, high = _narrowed(value, before, (place, here))
                ball = reals.lift(reals.exact(low.numerator, low.denominator))
                ball = ball.union(reals.lift(reals.exact(high.numerator, high.denominator)))
                there = value(ball)
                found += [ball] if there is not None and there.is_finite() else []
                if len(found) == most:
                    break
            before = (place, here) if here is not None else None
    return found


def _opposite(one: Any, other: Any) -> bool:
    return bool((one < 0 and other > 0) or (one > 0 and other < 0))


def _narrowed(
    value: Callable[[Any], Any], low: tuple[Fraction, Any], high: tuple[Fraction, Any]
) -> tuple[Fraction, Fraction]:
    """The two ends of a change of sign, drawn together."""
    for _ in range(_BISECTIONS):
        middle = (low[0] + high[0]) / 2
        here = value(middle)
        if here is None or not (here < 0 or here > 0):
            break
        if _opposite(low[1], here):
            high = (middle, here)
        else:
            low = (middle, here)
    return low[0], high[0]


def compared(
    slope: Slope, given: Expr, known: Any, limits: Limits = DEFAULT, right: Expr | None = None
) -> tuple[Result, dict[str, Any], Sequence[Enclosure]]:
    """What is known of an answer; for one that is wrong, a point of the curve and both values there.

    Args:
        right: what is right; None: the slope. It may be the second derivative, say.
    """
    right = slope.answer if right is None else right
    result = equal(given, right, known, limits=limits)
    if result.outcome is equality.Outcome.PROVED or not slope.sides:
        certificate = result.certificate
        if certificate is None:
            return result, {}, ()
        return result, dict(certificate.point), (certificate.left, certificate.right)
    if on_the_curve(slope, given, right):
        return Result(equality.Outcome.PROVED, "exact arithmetic, with the equation of the curve"), {}, ()
    tape = Tape(given, right)
    here = ((point, tape.run(point, 4 * BITS)) for point in curve_point(slope))
    found = next((each for each in here if each[1][0].apart(each[1][1])), None)
    reason = "it is another formula than ours, and no point of the curve was found where the two differ"
    if found is not None:
        # what is said without y, such as −x/√(1 − x²), may be meant for a part of the curve
        partly = slope.of not in {symbol.name for symbol in given.free_symbols}
        elsewhere = (tape.run(point, 4 * BITS) for point in _points_of_all_branches(slope))
        if not partly or not any(one.real and other.real and not one.apart(other) for one, other in elsewhere):
            return Result(equality.Outcome.DIFFERENT), *found
        reason = "it is right on one part of the curve and wrong on another"
    return Result(equality.Outcome.UNDECIDED, reason=reason), {}, ()


def part_of_curve(slope: Slope, given: Expr) -> Tree | None:
    """The part of a curve, y = …, on which an answer without y is proved right, where the curve has two such parts.

    >>> from symgraph.explanation.typesetting import text
    >>> slope = implicit_slope("x^2 + y^2 = 25")
    >>> text(part_of_curve(slope, -slope.top.wrt.symbol/sqrt(25 - slope.top.wrt.symbol**2)))
    'y = √(25 − x²)'
    """
    of = slope.bottom.wrt.symbol
    if not slope.sides or of in given.free_symbols or not slope.function.is_polynomial(of):
        return None
    coefficients = Poly(slope.function, of).all_coeffs()
    if len(coefficients) != 3:
        return None
    a, b, c = coefficients
    middle, reach = expand(-b / (2 * a)), sqrt(expand(b**2 / (4 * a**2) - c / a))
    right = []
    for branch in (middle + reach, middle - reach):
        there = replace_symbols(slope.answer, {of: branch})
        if equal(given, there, heavy=False).outcome is equality.Outcome.PROVED:
            right.append(branch)
    return Apply("equals", (Name(of.name), from_sympy(right[0]))) if len(right) == 1 else None


# Wrong ---------------------------------------------------------------------------------------------------------------


def fitting_slope(slope: Slope, given: Expr) -> list[tuple[Question, Fit]]:
    """The explanations of a wrong slope that are proved, the likeliest first."""
    known = _known(slope, given)
    return _fitting(slope, given, known) if known else []


def fitting_slope_value(slope: Slope, point: Mapping[str, Any], value: Expr) -> list[tuple[Question, Fit]]:
    """The explanations of a number that was given for the slope at a point, the likeliest first; a few at most.

    >>> from sympy import Integer, Rational
    >>> slope, at = implicit_slope("x^2 + y^2 = 25"), {"x": Integer(3), "y": Integer(4)}
    >>> [fit.edit.mistake for _, fit in fitting_slope_value(slope, at, Rational(3, 4))]
    ['edge_sign']
    """
    parts = (slope.top, slope.bottom)
    try:
        with reals.precision(BITS):
            one, other = (candidates(part).at({name: point[name] for name in part.names}) for part in parts)
            known = (reals.lift(one.algebra.number(value)), one, other)
    except (KeyError, Unusable):
        return []
    return _fitting(slope, value, [known], point)[:_VALUES]


def _fitting(
    slope: Slope, given: Expr, known: Sequence[Known], point: Mapping[str, Any] | None = None
) -> list[tuple[Question, Fit]]:
    """The slips that may give these values, and are proved to give the answer, one of each kind."""
    try:
        a, b = candidates(slope.top).formulas, candidates(slope.bottom).formulas
    except SymgraphError:
        return []
    with reals.precision(BITS):
        near = [row for row in wrong_slopes(slope) if all(_near(slope, row, each) for each in known)]
    fits: dict[str, tuple[Question, Fit]] = {}
    for question, edit, make in sorted(near, key=_likeliest):
        if edit.mistake in fits:
            continue
        try:
            made = make(a, b)
            here = made if point is None else at_point(made, point)
            result = equal(here, given, heavy=False)
        except (SymgraphError, KeyError, ZeroDivisionError, Unusable):
            continue
        if result.outcome is equality.Outcome.PROVED:
            fits[edit.mistake] = question, Fit(edit, made, result.method)
    # Where several slips give the same, as y/x and dx/dy do for some curves, it is rather the one that looks the same.
    return sorted(fits.values(), key=lambda found: found[1].expression != given)


def _likeliest(row: Row) -> tuple[float, str, str]:
    _, edit, _ = row
    return -edit.likelihood, edit.mistake, str(edit.where)


def likely_slopes(slope: Slope, count: int) -> list[tuple[Edit, Expr]]:
    """The likeliest wrong slopes, a mistake once; whether they are wrong is for `compared` to say.

    >>> slope = implicit_slope("x^2 + y^2 = 25")
    >>> [(edit.mistake, str(wrong)) for edit, wrong in likely_slopes(slope, 3)]
    [('unfinished', '-2*x'), ('edge_sign', 'x/y'), ('exponent_kept', '-x**2/y')]
    """
    tables = candidates(slope.top), candidates(slope.bottom)
    found: dict[str, tuple[Edit, Expr]] = {}
    for _, edit, make in sorted(wrong_slopes(slope), key=_likeliest):
        if len(found) == count:
            break
        if edit.mistake in found:
            continue
        try:
            found[edit.mistake] = edit, make(tables[0].formulas, tables[1].formulas)
        except (SymgraphError, ZeroDivisionError, Unusable):
            continue
    return list(found.values())


Known: TypeAlias = tuple[Any, Sweep, Sweep]  # an answer's value at a point, and both parts' sweeps there


def _known(slope: Slope, given: Expr) -> list[Known]:
    """An answer's values, and the sweeps of both parts, at the same points."""
    tape, found = Tape(given), []
    with reals.precision(BITS):
        for one in candidates(slope.top).sweeps:
            try:
                other = candidates(slope.bottom).at({name: one.values[name] for name in slope.bottom.names})
            except Unusable:
                continue
            (value,) = tape.execute({name: one.values[name] for name in tape.names})
            if not isinstance(value, reals.NotReal):
                found.append((reals.lift(value), one, other))
    return found


def _near(slope: Slope, row: Row, known: Known) -> bool:
    """Whether an edit may give this value at a point, and changes anything there."""
    value, one, other = known
    try:
        found = reals.lift(row[2](one, other))
        right = reals.lift(slope.sign * one.derivative / other.derivative)
    except (Unusable, ZeroDivisionError, SymgraphError):
        return False
    return bool(found.is_finite() and found.overlaps(value) and not found.overlaps(right))


def wrong_slopes(slope: Slope) -> Iterator[Row]:
    """The slips of the quotient, and those of its two parts."""
    sign, names = slope.sign, (slope.wrt, slope.of)

    def whole(mistake: str, likelihood: float, kind: str, make: Callable[[Any, Any], Any]) -> Row:
        question = slope.bottom if kind == "bottom" else slope.top
        return question, Edit(mistake, None, likelihood, kind=kind, detail=names), make

    yield whole("unfinished", 102, "top", lambda a, b: sign * a.derivative)
    yield whole("unfinished", 101.5, "top", lambda a, b: a.derivative)
    yield whole("unfinished", 80, "bottom", lambda a, b: b.derivative)
    yield whole("edge_sign", 93, "quotient", lambda a, b: -sign * a.derivative / b.derivative)
    yield whole("reciprocal", 90, "quotient", lambda a, b: sign * b.derivative / a.derivative)
    yield whole("reciprocal", 85, "quotient negative", lambda a, b: -sign * b.derivative / a.derivative)
    if slope.sides:
        yield from implicit_edits(slope.top, slope.bottom)
    else:
        yield whole("slope_multiplied", 92, "quotient", lambda a, b: a.derivative * b.derivative)
        yield whole("not_differentiated", 91, "quotient", lambda a, b: a.values[slope.of] / b.values[slope.wrt])
    for part, edited in ((slope.top, _top_edited), (slope.bottom, _bottom_edited)):
        for edit in candidates(part).all_edits:
            if edit.formula is not None or edit.mistake in ("reciprocal", "other_input"):  # of no use in a part
                continue
            if not slope.sides or not is_about_a_shared_product(edit, slope.top, slope.bottom):
                yield part, edit, edited(sign, edit)


def _top_edited(sign: int, edit: Edit) -> Callable[[Any, Any], Any]:
    return lambda a, b: sign * a.total(edit) / b.derivative


def _bottom_edited(sign: int, edit: Edit) -> Callable[[Any, Any], Any]:
    return lambda a, b: sign * a.derivative / b.total(edit)
