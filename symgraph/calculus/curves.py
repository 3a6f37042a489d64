"""The slopes of curves that are given by an equation, F(x, y) = 0, or by a parameter, x(t) and y(t).

>>> implicit("x^2 + y^2 = 25")
-x/y
>>> implicit("x^2 + y^2 = 25", order=2, at={"x": 3, "y": 4})
-25/64
>>> parametric("x = t^2; y = t^3")
3*t/2
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from sympy import Add, Expr, Integer, Mul, Pow, Rational, diff, together
from sympy.core.relational import Equality

from symgraph.calculus.agreement import agree
from symgraph.calculus.derivatives import Extra, Found, by_sympy, find, given_point, once_more, value_at
from symgraph.calculus.evaluation import Point, evaluate
from symgraph.calculus.graph import Source, build, find_node
from symgraph.calculus.simplifier import simplest
from symgraph.calculus.substitution import tree_size
from symgraph.errors import DomainError, NameProblem, SymgraphError, known_names
from symgraph.language.constructors import construct
from symgraph.language.notation import from_sympy
from symgraph.language.program import Assignment, Program, assemble
from symgraph.language.tree import Apply, Number, Tree, names_in
from symgraph.parsing import text

__all__ = [
    "Curve",
    "Equation",
    "EquationSource",
    "Implicit",
    "check_on_curve",
    "curve_of",
    "equation_of",
    "implicit",
    "implicit_of",
    "is_equation",
    "named_equation",
    "parametric",
    "value_along",
    "value_on_curve",
]

EquationSource: TypeAlias = str | Equality
SMALL = 100  # pieces of an expression that is still put over one denominator
ZERO_DIGITS = 40  # a value that rounds to 0 with so many digits is taken for 0 where it is not exact


@dataclass(frozen=True, slots=True)
class Equation:
    """left = right, and the program of F = left − right (F = left, where right is 0)."""

    left: Tree
    right: Tree
    program: Program
    name: str  # F


@dataclass(frozen=True, slots=True)
class Implicit:
    """The slope of a curve F(x, y) = 0.

    Args:
        slope: −F_x / F_y, in the inputs.
        across: F_y.
        second: the derivative of the slope along the curve; `through` are its two parts, ∂p/∂x and ∂p/∂y.
        shorter: `second`, where the equation itself makes it shorter.
    """

    wrt: str
    of: str
    slope: Expr
    across: Expr
    second: Expr | None = None
    through: tuple[Expr, Expr] | None = None
    shorter: Expr | None = None


def equation_of(source: EquationSource, names: Iterable[str] = ()) -> Equation:
    """An equation as two sides and one function.

    Args:
        names: what is meant as a name, where letters could be a product.

    >>> equation_of("x*y = 1").program.expr
    x*y - 1
    """
    if isinstance(source, Equality):
        return _equation(from_sympy(source.lhs), from_sympy(source.rhs))
    if isinstance(source, str):
        return _read_equation(source, tuple(names))
    raise SymgraphError(f"an equation is text or a SymPy Eq, not a {type(source).__name__}")


@lru_cache(maxsize=16)
def _read_equation(source: str, names: tuple[str, ...]) -> Equation:
    """A key asks three times for the same equation: to tell it, to find the slope and to judge the answer."""
    return _equation(*text.parse_equation(source, declared=names), source)


def _equation(left: Tree, right: Tree, written: str = "") -> Equation:
    tree = left if right == Number(0) else Apply("subtract", (left, right))
    used = names_in(tree)
    name = next(letter for letter in ("F", "G", "H", "K", "total") if letter not in used)
    return Equation(left, right, assemble([Assignment(name, tree)], text=written), name)


def implicit(
    source: EquationSource,
    wrt: str | None = None,
    of: str | None = None,
    at: Point | None = None,
    *,
    order: int = 1,
    extra: Extra = None,
) -> Expr:
    """dy/dx on a curve that is given by an equation: −F_x / F_y; the second derivative with order=2.

    Raises:
        DomainError: the point is not on the curve, or the slope has no value there.

    >>> implicit("x^3 + y^3 = 6*x*y", at="x=3, y=3")
    -1
    """
    equation, wrt, of = named_equation(source, wrt, of)
    found = find(equation.program, [wrt, of], equation.name, extra=extra)
    made = implicit_of(found, equation, wrt, of, order)
    result = made.slope if order == 1 else made.shorter or made.second
    assert result is not None
    if at is not None:
        check_on_curve(equation, at, extra)
        result = value_on_curve(result, made, equation, at)
    return result


def is_equation(source: Any) -> bool:
    """Whether a source is an equation between quantities, and no program.

    >>> is_equation("x^2 + y^2 = 25"), is_equation("xy = 1"), is_equation("y = x^2"), is_equation("x*y")
    (True, True, False, False)
    """
    if isinstance(source, Equality):
        return True
    if not isinstance(source, str) or "=" not in source or text.has_more_than_a_line(source):
        return False
    try:
        text.parse_equation(source)
    except SymgraphError:
        return False
    try:
        program = text.parse(source)
    except SymgraphError:
        return True
    return not program.inputs and _is_a_product(program.assignments[0].name)  # xy = 1 assigns nothing that varies


def _is_a_product(name: str | None) -> bool:
    """Whether a left side of two letters is their product: xy = 1 is a curve."""
    return name is not None and len(name) == 2 and name.isalpha()


def named_equation(source: EquationSource, wrt: str | None, of: str | None) -> tuple[Equation, str, str]:
    """The equation, the name that moves and the name that follows: x and y, where nothing is said.

    Raises:
        NameProblem: a name that is not in the equation, or too many to guess from.
    """
    equation = equation_of(source, [name for name in (wrt, of) if name])
    names = list(equation.program.inputs)
    if len(names) < 2:
        raise NameProblem("an equation between two quantities is wanted", hint="x^2 + y^2 = 25")
    if of is None:
        rest = [name for name in names if name != wrt]
        of = "y" if "y" in rest else "z" if "z" in rest else rest[-1] if len(rest) == 1 else None
    if wrt is None:
        rest = [name for name in names if name != of]
        wrt = "x" if "x" in rest else rest[0] if len(rest) == 1 else None
    for name in (of, wrt):
        if name is None or name not in names:
            raise NameProblem(
                f"{name} is not in this equation" if name else "say which name follows which: of= and wrt=",
                hint=known_names(names),
            )
    assert of is not None and wrt is not None
    if of == wrt:
        raise NameProblem(f"{of} cannot follow itself", hint="give two names: of= and wrt=")
    return equation, wrt, of


def implicit_of(found: Found, equation: Equation, wrt: str, of: str, order: int = 1) -> Implicit:
    """The slope from the two partial derivatives of F, compared with SymPy's and with a step along the curve."""
    name = equation.name
    across, along = found.answers[name, of], found.answers[name, wrt]
    if across == 0:
        raise DomainError(f"{of} does not occur in this equation in a way that moves it: it cannot follow {wrt}")
    slope = simplest(-along / across)
    plain = [by_sympy(found, name, [each]) for each in (wrt, of)]
    if plain[0] is not None and plain[1] is not None:
        agree({"minus the quotient of the path sums": slope, "SymPy": -plain[0] / plain[1]})
    if order == 1:
        return Implicit(wrt, of, slope, across)
    if order != 2:
        raise SymgraphError("an implicit derivative is found once or twice: order=1 or order=2")
    parts = (once_more(slope, found.program, wrt), once_more(slope, found.program, of))
    second = simplest(parts[0] + parts[1] * slope)
    if plain[0] is not None and plain[1] is not None:
        ratio = -plain[0] / plain[1]
        agree(
            {
                "the derivative of the slope along the curve": second,
                "SymPy": diff(ratio, found.program.symbol(wrt)) + diff(ratio, found.program.symbol(of)) * ratio,
            }
        )
    return Implicit(wrt, of, slope, across, second, parts, _shortened(second, equation))


def _shortened(expr: Expr, equation: Equation) -> Expr | None:
    """The expression, as one fraction, with the right side in the place of a factor that is the left side."""
    return _exchanged(expr, equation) or (_exchanged(together(expr), equation) if tree_size(expr) <= SMALL else None)


def _exchanged(expr: Expr, equation: Equation) -> Expr | None:
    left, right = construct(equation.left), construct(equation.right)
    if not isinstance(left, Add):
        return None
    terms = left.as_coefficients_dict()
    factors: list[Expr] = []
    changed = False
    for factor in Mul.make_args(expr):
        base, power = factor.as_base_exp() if isinstance(factor, Pow) else (factor, Integer(1))
        own = base.as_coefficients_dict() if isinstance(base, Add) else {}
        ratios = {coefficient / terms[term] for term, coefficient in own.items() if term in terms}
        if own and set(own) == set(terms) and len(ratios) == 1:
            factors.append((ratios.pop() * right) ** power)
            changed = True
        else:
            factors.append(factor)
    return Mul(*factors) if changed else None


def check_on_curve(equation: Equation, at: Point, extra: Extra = None) -> None:
    """Refuse a point that does not satisfy the equation."""
    graph = build(equation.program, extra=extra)
    value = evaluate(graph, given_point(at) or {}, derivatives=False).nodes[find_node(graph, equation.name)]
    if not _is_zero(value):
        shown = value if value.is_Rational else value.evalf(6)
        raise DomainError(f"this point is not on the curve: the two sides differ by {shown}")


def value_on_curve(expr: Expr, made: Implicit, equation: Equation, at: Point) -> Expr:
    """A slope at a point of the curve; where F does not change with y there is none, whatever can be cancelled.

    >>> implicit("(x - y)^3 = 0", at="x=1, y=1")
    Traceback (most recent call last):
    symgraph.errors.DomainError: dy/dx has no value at this point: F does not change with y there, \
where a curve may stand upright, cross itself or have a tip
    """
    try:
        if not _is_zero(value_at(made.across, equation.program, at)):
            return value_at(expr, equation.program, at)
    except DomainError:
        pass
    raise DomainError(
        f"d{made.of}/d{made.wrt} has no value at this point: {equation.name} does not change with {made.of} there, "
        "where a curve may stand upright, cross itself or have a tip"
    )


def _is_zero(value: Expr) -> bool:
    """Whether a number is 0, or is not exact and rounds to it: e^e − e·e^(e − 1) is 0, and SymPy does not see it."""
    if value.is_Rational or value.is_zero:
        return bool(value.is_zero)
    return bool(abs(value.evalf(ZERO_DIGITS + 10)) < Rational(1, 10**ZERO_DIGITS))


# Curves given by a parameter ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Curve:
    """The slope of a curve x(t), y(t): (dy/dt)/(dx/dt); `second` is the slope's own rate, divided by dx/dt again."""

    parameter: str
    wrt: str
    of: str
    rates: tuple[Expr, Expr]  # dx/dt, dy/dt
    slope: Expr
    slope_rate: Expr | None = None
    second: Expr | None = None


def parametric(
    source: Source,
    wrt: str = "x",
    of: str = "y",
    at: Point | None = None,
    *,
    order: int = 1,
    extra: Extra = None,
) -> Expr:
    """dy/dx on a curve whose x and y are given by a parameter, as a function of that parameter.

    >>> parametric("x = cos(t); y = sin(t)", at="t=pi/4")
    -1
    """
    found = find(source, None, [wrt, of], extra=extra)
    made = curve_of(found, wrt, of, order)
    result = made.slope if order == 1 else made.second
    assert result is not None
    return value_along(result, made, found.program, at)


def value_along(expr: Expr, made: Curve, program: Program, at: Point | None) -> Expr:
    """A slope at a point of a curve with a parameter; where x stands still there is none, whatever can be cancelled.

    >>> parametric("x = t^2; y = t^3", at="t=0")
    Traceback (most recent call last):
    symgraph.errors.DomainError: dy/dx has no value at this point: x does not move with t there
    """
    if at is not None and _is_zero(value_at(made.rates[0], program, at)):
        raise DomainError(
            f"d{made.of}/d{made.wrt} has no value at this point: {made.wrt} does not move with {made.parameter} there"
        )
    return value_at(expr, program, at)


def curve_of(found: Found, wrt: str, of: str, order: int = 1) -> Curve:
    """The slope of a curve, from the derivatives of its coordinates by the parameter."""
    if len(found.starts) != 1:
        raise SymgraphError(f"a curve has one parameter, and this has {len(found.starts)}: {', '.join(found.starts)}")
    (parameter,) = found.starts
    across, up = found.answers[wrt, parameter], found.answers[of, parameter]
    if across == 0:
        raise DomainError(f"{wrt} does not change with {parameter}: the curve stands upright everywhere")
    slope = simplest(up / across)
    plain = [by_sympy(found, each, [parameter]) for each in (wrt, of)]
    if plain[0] is not None and plain[1] is not None:
        agree({"the quotient of the rates": slope, "SymPy": plain[1] / plain[0]})
    if order == 1:
        return Curve(parameter, wrt, of, (across, up), slope)
    if order != 2:
        raise SymgraphError("a curve's slope is differentiated once more or not at all: order=1 or order=2")
    rate = once_more(slope, found.program, parameter)
    second = simplest(rate / across)
    if plain[0] is not None and plain[1] is not None:
        symbol = found.program.symbol(parameter)
        agree({"the slope's rate": second, "SymPy": diff(plain[1] / plain[0], symbol) / plain[0]})
    return Curve(parameter, wrt, of, (across, up), slope, rate, second)
