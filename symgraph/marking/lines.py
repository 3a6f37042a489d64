"""The tangent as an answer: the line or plane that touches at a point, and what other equations may have come from.

>>> from sympy import Integer
>>> from symgraph.marking.question import ask
>>> tangent = tangent_of([ask("x^2", "x")], {"x": Integer(2)})
>>> tangent.right, tangent.up
(4*x - 4, 'y')
>>> (x,) = tangent.right.free_symbols
>>> [fit.edit.mistake for _, fit in fitting_line(tangent, tangent.written(4 * x), 4 * x)]
['tangent_point']

An answer is an equation. It is solved for y where y stands in it alone, and compared with y = f(a) + f′(a)·(x − a); for
a tangent that stands upright it is solved for x. So every equation of the same line is right, whatever it looks like.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Add, Expr, Integer, Rational, Symbol, diff, expand, fraction, together

from symgraph.calculus.balls import Enclosure, evaluate
from symgraph.calculus.equality import Outcome, equal
from symgraph.calculus.substitution import at_point, replace_symbols
from symgraph.errors import DomainError, SymgraphError
from symgraph.language.constructors import construct
from symgraph.language.notation import from_sympy
from symgraph.language.program import Program
from symgraph.language.tree import Apply, Name, Tree, size
from symgraph.limits import DEFAULT, Limits
from symgraph.marking.candidates import Fit, fitting_value
from symgraph.marking.edits import Edit
from symgraph.marking.question import Question
from symgraph.marking.slopes import Slope, fitting_slope_value

__all__ = [
    "FUNCTIONS",
    "NO_SLOPES",
    "Aim",
    "Tangent",
    "fitting_line",
    "free_height",
    "height_of",
    "likely_lines",
    "on_the_tangent",
    "tangent_of",
    "tangent_of_curve",
]

_STEPS = (Integer(1), Integer(-1), Rational(1, 2), Rational(7, 3))  # from the point, where two equations are compared


@dataclass(frozen=True, eq=False)
class Aim:
    """What the words about a wrong tangent need: whether it is a plane, and what gives its wrong slope."""

    is_plane: bool
    behind: Fit | None = None
    slope: Expr | None = None


@dataclass(frozen=True, eq=False)
class Tangent:
    """The tangent at a point: up = base + Σ slope·(x − a); one that stands upright is x = a.

    Args:
        questions: the derivatives that its slopes are; for a curve that of which a slip is told.
        up: the name of the height.
        point: the other coordinates of the point, by the names in which the line is written.
        base: the height there.
        slopes: by name; empty: it stands upright.
        rates: the slopes as formulas in which nothing is put in; empty where they are written in other names.
        at: the point that was asked about, as it was given.
        slope: for a curve: what its two derivatives make.
        others: names that stand for the height, too, as f does for y in f(x).
        held: names of the problem that do not move, with their values.
    """

    questions: tuple[Question, ...]
    up: str
    point: Mapping[str, Expr]
    base: Expr
    slopes: Mapping[str, Expr]
    rates: Mapping[str, Expr]
    at: Mapping[str, Expr]
    slope: Slope | None = None
    others: tuple[str, ...] = ()
    held: Mapping[str, Expr] = field(default_factory=dict)
    limits: Limits = field(default=DEFAULT, repr=False)

    @property
    def is_upright(self) -> bool:
        return not self.slopes

    @property
    def is_plane(self) -> bool:
        return len(self.point) > 1

    @property
    def names(self) -> tuple[str, ...]:
        """The names in which an equation may be written."""
        return (*self.point, self.up, *self.held)

    @property
    def solved_for(self) -> str:
        """The name that stands alone on the left side."""
        return next(iter(self.point)) if self.is_upright else self.up

    @cached_property
    def right(self) -> Expr:
        """The right side of the tangent's equation."""
        if self.is_upright:
            return self.point[self.solved_for]
        return expand(self.through(self.slopes))

    @property
    def equation(self) -> Tree:
        """The tangent's equation, y = … or x = …, as we print it."""
        return self.written(self.right)

    @property
    def contact(self) -> dict[str, Expr]:
        """The point where it touches, with its height."""
        return {**self.point, self.up: self.base}

    @property
    def touched(self) -> tuple[Tree, ...]:
        """The same as equations: x = 2, y = 4."""
        return tuple(Apply("equals", (Name(name), from_sympy(value))) for name, value in self.contact.items())

    def written(self, right: Expr) -> Tree:
        """An equation with this right side."""
        return Apply("equals", (Name(self.solved_for), self.side(right)))

    def side(self, right: Expr) -> Tree:
        """A right side as lines are written, −(3/4)x + 25/4: the letters first, and then what stands alone."""
        rates = {name: diff(right, Symbol(name)) for name in self.point}
        alone = replace_symbols(right, {Symbol(name): Integer(0) for name in self.point})
        changing, level = any(rate.free_symbols for rate in rates.values()), not any(rates.values())
        if alone.is_Add or changing or level:
            return from_sympy(right)
        tree: Tree | None = None
        for part in (*(rate * Symbol(name) for name, rate in rates.items()), alone):
            if part == 0:
                continue
            if tree is None:
                tree = from_sympy(part)
            elif part.could_extract_minus_sign():
                tree = Apply("subtract", (tree, from_sympy(-part)))
            else:
                tree = Apply("add", (tree, from_sympy(part)))
        assert tree is not None
        return tree

    def through(self, slopes: Mapping[str, Expr], sign: int = 1) -> Expr:
        """What has these slopes and goes through the point; with sign −1 through x = −a."""
        return Add(self.base, *(slopes[name] * (Symbol(name) - sign * a) for name, a in self.point.items()))

    def gap(self, tree: Tree) -> Expr:
        """Left side − right side of an equation."""
        left, right = tree.arguments if isinstance(tree, Apply) else ()
        values = {name: self.held.get(name, Symbol(name)) for name in self.names}
        difference: Expr = construct(left, values, self.limits) - construct(right, values, self.limits)
        return difference

    def solved(self, tree: Tree) -> Expr | None:
        """The right side of an equation that is solved for the tangent's left side; None where it cannot be."""
        letter, gap = Symbol(self.solved_for), self.gap(tree)
        for difference in (gap, expand(gap)):
            rate = diff(difference, letter)
            if rate == 0 or letter in rate.free_symbols:
                continue
            if not fraction(together(rate))[0].free_symbols & self._moving:  # (y − 4)/(x − 2) = 4, too
                return -replace_symbols(difference, {letter: Integer(0)}) / rate
        return None

    @property
    def _moving(self) -> set[Symbol]:
        return {Symbol(name) for name in (*self.point, self.up)}


def tangent_of(questions: Sequence[Question], at: Mapping[str, Expr]) -> Tangent:
    """The tangent to a function: a line, or a plane where two inputs move.

    Args:
        questions: a derivative for each input that moves.
        at: a value for every input, at which all of them exist.
    """
    first = questions[0]
    moving = [question.wrt.name for question in questions]
    up = height_of(first.graph.graph["program"], first.of.name)
    others = ["y"] if up == first.of.name else [first.of.name]
    rates = {question.wrt.name: _plain(question.answer) for question in questions}
    return Tangent(
        tuple(questions),
        up,
        {name: at[name] for name in moving},
        at_point(first.earlier[0], at),
        {name: at_point(rate, at) for name, rate in rates.items()},
        rates,
        at,
        None,
        tuple(each for each in others if each not in (up, *at)),
        {name: value for name, value in at.items() if name not in moving},
        first.limits,
    )


def height_of(program: Program, of: str) -> str:
    """The name of the height in the equation of a tangent: the output's, or y where it has none, or that of a function.

    >>> from symgraph.parsing.text import parse
    >>> [height_of(parse(text), of) for text, of in (("s = t^2", "s"), ("f(x) = x^2", "f"), ("a*b", "c"))]
    ['s', 'y', 'y']
    """
    assigned = next((each for each in program.assignments if each.name == of), None)
    if assigned is not None and of not in FUNCTIONS and not assigned.parameters:
        return of
    return free_height(program.inputs)


FUNCTIONS = frozenset("fgFGp")  # letters of functions, and not of quantities


def free_height(letters: Collection[str]) -> str:
    """A name for the height beside these letters."""
    return next(name for name in ("y", "z", "w", "v", "tangent") if name not in letters)


def _plain(expr: Expr) -> Expr:
    """An expression in symbols of which nothing is assumed."""
    return replace_symbols(expr, {each: Symbol(each.name) for each in expr.free_symbols})


def tangent_of_curve(slope: Slope, at: Mapping[str, Expr]) -> Tangent:
    """The tangent to a curve, at a point of it or at a value of its parameter; it may stand upright.

    Raises:
        DomainError: the curve has no tangent there that its derivatives tell, or that is not known.

    >>> from sympy import Integer
    >>> from symgraph.marking.slopes import implicit_slope
    >>> tangent_of_curve(implicit_slope("x^2 + y^2 = 25"), {"x": Integer(5), "y": Integer(0)}).solved_for
    'x'
    """
    for part in (slope.top, slope.bottom):
        part.check_point({name: at[name] for name in part.names})
    top, bottom = at_point(slope.top.answer, at), at_point(slope.bottom.answer, at)
    across, up = at.get(slope.wrt), at.get(slope.of)
    if across is None or up is None:
        across, up = at_point(slope.bottom.earlier[0], at), at_point(slope.top.earlier[0], at)
    slopes: dict[str, Expr] = {}
    rates: dict[str, Expr] = {}
    outcome = equal(bottom, Integer(0), limits=slope.limits).outcome
    if outcome is Outcome.UNDECIDED:
        raise DomainError("it is not known whether the curve stands upright at this point")
    if outcome is Outcome.DIFFERENT:
        slopes, rates = {slope.wrt: slope.sign * top / bottom}, {slope.wrt: _plain(slope.answer)}
    elif _is_zero(top):
        raise DomainError(_SINGULAR if slope.sides else _STILL)
    return Tangent((slope.top,), slope.of, {slope.wrt: across}, up, slopes, rates, at, slope, limits=slope.limits)


_SINGULAR = (
    "there is no tangent at this point that the derivatives tell: both sides of the equation change alike there, "
    "where a curve may cross itself or have a tip"
)
_STILL = (
    "there is no tangent at this point that the derivatives tell: the curve stands still there, "
    "where it may turn round or have a tip"
)


def _is_zero(value: Expr) -> bool:
    return equal(value, Integer(0), heavy=False).outcome is Outcome.PROVED


# Wrong ---------------------------------------------------------------------------------------------------------------


def on_the_tangent(tangent: Tangent, tree: Tree) -> tuple[dict[str, Any], Enclosure, Enclosure] | None:
    """A point of the tangent at which the two sides of an equation are certified to differ, and their values."""
    assert isinstance(tree, Apply)
    free = {name: value for name, value in tangent.contact.items() if name != tangent.solved_for}
    values = {name: tangent.held.get(name, Symbol(name)) for name in tangent.names}
    sides = [construct(side, values, tangent.limits) for side in tree.arguments]
    for step in _STEPS:
        point = {name: value + step for name, value in free.items()}
        solved = replace_symbols(tangent.right, {Symbol(name): value for name, value in point.items()})
        point[tangent.solved_for] = solved
        put = {Symbol(name): value for name, value in point.items()}
        try:
            left, right = (evaluate(replace_symbols(side, put), {}) for side in sides)
        except SymgraphError:
            continue
        if left.apart(right):
            return point, left, right
    return None


def likely_lines(tangent: Tangent) -> Iterator[tuple[Edit, Expr]]:
    """The right sides that the usual mistakes give, the likeliest first; some may be the tangent's own."""
    if tangent.is_upright:
        return
    k, base = tangent.slopes, tangent.base
    level = Add(*(k[name] * Symbol(name) for name in tangent.point))

    def wrong(mistake: str, kind: str, right: Expr) -> tuple[Edit, Expr]:
        return Edit(mistake, kind=kind, detail=Aim(tangent.is_plane)), right

    yield wrong("tangent_point", "intercept", level + base)
    yield wrong("tangent_point", "origin", level)
    if not tangent.is_plane:
        (name,) = tangent.point
        if not _is_zero(k[name]):
            yield wrong("tangent_normal", "", base - (Symbol(name) - tangent.point[name]) / k[name])
        yield wrong("slope_alone", "value", k[name])
        if _written_in(tangent, tangent.rates[name]):
            yield wrong("slope_alone", "derivative", tangent.rates[name])
    yield wrong("tangent_point", "sign", tangent.through(k, -1))
    yield wrong("tangent_point", "value", tangent.through(k) - base)
    yield wrong("tangent_point", "base", tangent.through(k) - 2 * base)
    if not tangent.is_plane:
        yield wrong("tangent_point", "exchanged", k[name] * (Symbol(name) - base) + tangent.point[name])
    if all(_written_in(tangent, rate) for rate in tangent.rates.values()):
        rates = {name: replace_symbols(rate, _held(tangent)) for name, rate in tangent.rates.items()}
        yield wrong("slope_not_evaluated", "", tangent.through(rates))
        yield wrong("slope_not_evaluated", "", Add(*(rates[name] * Symbol(name) for name in rates), base))
        start = {Symbol(name): Integer(0) for name in tangent.point}
        right = replace_symbols(tangent.right, start)
        yield wrong("slope_not_evaluated", "", Add(*(rates[name] * Symbol(name) for name in rates), right))
    if tangent.slope is None:
        yield wrong("not_a_line", "function", replace_symbols(tangent.questions[0].earlier[0], _held(tangent)))


def _held(tangent: Tangent) -> dict[Symbol, Expr]:
    return {Symbol(name): value for name, value in tangent.held.items()}


def _written_in(tangent: Tangent, expr: Expr) -> bool:
    """Whether an expression has no letters but those that move, and those that are held."""
    return {each.name for each in expr.free_symbols} <= {*tangent.point, *tangent.held}


def fitting_line(tangent: Tangent, tree: Tree, given: Expr | None) -> list[tuple[Question, Fit]]:
    """The explanations of a wrong equation that are proved: one, where there is one.

    Args:
        tree: the equation.
        given: its right side, solved; None where it could not be.
    """
    first = tangent.questions[0]
    assert isinstance(tree, Apply)
    if given is not None:
        for edit, right in likely_lines(tangent):
            if edit.mistake == "slope_alone" and size(tree.arguments[1]) > size(from_sympy(right)):
                continue  # 2(x − 2) + 4 is 2x, and not meant for it
            result = equal(given, right, heavy=False)
            if result.outcome is Outcome.PROVED:
                return [(first, Fit(edit, right, result.method))]
    gap = tangent.gap(tree)
    shape = _linear(tangent, gap)
    if shape is None:
        return []
    if not shape:
        proof = "its rates are not constant"
        return [(first, Fit(Edit("not_a_line", detail=Aim(tangent.is_plane)), gap, proof))]
    return _of_line(tangent, shape, gap)


def _linear(tangent: Tangent, gap: Expr) -> dict[str, Expr] | None:
    """The rates of an equation's two sides apart, by name; empty where they are not constant, None: not known."""
    found: dict[str, Expr] = {}
    start = {Symbol(name): Integer(1) for name in (*tangent.point, tangent.up)}
    for name in (*tangent.point, tangent.up):
        rate = diff(gap, Symbol(name))
        constant = replace_symbols(rate, start)
        if rate.free_symbols:
            outcome = equal(rate, constant, heavy=False).outcome
            if outcome is not Outcome.PROVED:
                return {} if outcome is Outcome.DIFFERENT else None
        found[name] = constant
    if all(_is_zero(rate) for rate in found.values()):
        return {}
    return found


def _of_line(tangent: Tangent, rates: Mapping[str, Expr], gap: Expr) -> list[tuple[Question, Fit]]:
    """What is wrong with the equation of a line or plane: its slope, or the point that it goes through."""
    first, aim = tangent.questions[0], Aim(tangent.is_plane)
    there = {Symbol(name): value for name, value in tangent.contact.items()}
    passes = _is_zero(replace_symbols(gap, there))
    is_upright = _is_zero(rates[tangent.up])
    slopes = {} if is_upright else {name: -rates[name] / rates[tangent.up] for name in tangent.point}
    if slopes.keys() == tangent.slopes.keys() and all(_is_zero(slopes[name] - tangent.slopes[name]) for name in slopes):
        kind = "upright" if is_upright else ""
        return [(first, Fit(Edit("tangent_point", kind=kind, detail=aim), gap, "the slope is proved equal"))]
    if not passes:
        return []
    across = next(iter(tangent.point))
    level = tangent.slopes if is_upright else slopes if tangent.is_upright else {across: Integer(1)}
    if not tangent.is_plane and _is_zero(level.get(across, Integer(1))):
        return [(first, Fit(Edit("tangent_normal", detail=aim), gap, "the slope is proved to be that of the normal"))]
    apart = (name for name in slopes if name in tangent.slopes)
    if is_upright or all(_is_zero(steep) for steep in slopes.values()):
        return []  # x = 2, or y = 4, is what the point says already
    wrong = next((name for name in apart if not _is_zero(slopes[name] - tangent.slopes[name])), None)
    question, behind = (first, None) if wrong is None else _behind(tangent, wrong, slopes[wrong])
    aim = Aim(tangent.is_plane, behind, slopes.get(wrong or ""))
    edit = Edit("tangent_slope", None if behind is None else behind.edit.where, detail=aim)
    return [(question, Fit(edit, gap, "the line is proved to go through the point"))]


def _behind(tangent: Tangent, name: str, steep: Expr) -> tuple[Question, Fit | None]:
    """The likeliest mistake that gives this number for a slope."""
    question = next((each for each in tangent.questions if each.wrt.name == name), tangent.questions[0])
    if tangent.slope is not None:
        found = fitting_slope_value(tangent.slope, tangent.at, steep)
        return found[0] if found else (question, None)
    fits = [fit for fit in fitting_value(question, tangent.at, steep) if fit.edit.mistake not in NO_SLOPES]
    return question, fits[0] if fits else None


# Numbers that are worth as much by chance, and that nobody takes for a slope: f(a), say.
NO_SLOPES = frozenset({"not_differentiated", "integrated", "wrong_order"})
