"""What a row of the table of functions is, and the small tools with which rows are written.

The rows themselves are data: `elementary_functions.py` and its neighbours hold them, `primitives.py` is the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import (
    Abs,
    Dummy,
    Eq,
    Expr,
    Integer,
    Max,
    Min,
    Mul,
    Ne,
    Piecewise,
    Pow,
    S,
    beta,
    binomial,
    factorial,
    gamma,
    im,
    loggamma,
    polygamma,
    re,
    sign,
)
from sympy.core.relational import Relational

from symgraph.language.ranges import decided
from symgraph.limits import DEFAULT

__all__ = [
    "MINUS_ONE",
    "ONE",
    "TWO",
    "ZERO",
    "Primitive",
    "cases",
    "differ",
    "magnitude",
    "meet",
    "needs",
    "product_rule",
    "raised",
    "rebuilt",
    "scaled",
    "side_by_side",
    "signed_root",
    "stated",
    "too_large",
    "unary",
    "whole",
]

ZERO, ONE, TWO, MINUS_ONE = S.Zero, S.One, Integer(2), S.NegativeOne

Conditions = Callable[..., tuple[Any, ...]]


def _none(*arguments: Expr) -> tuple[Any, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Primitive:
    """One function: everything the engine knows about it.

    Args:
        name: the row's name, which is also its macro in `words.j2` (rule and formula).
        spellings: how it is typed as a function ("sin"); letters count as they stand, operators have none.
        arity: fewest and most arguments (None: any number).
        construct: SymPy's evaluated form of it (under `sympy.evaluate(False)`, the form as written).
        partials: the local derivative by each argument, as SymPy expressions of the arguments; None where it
            is not known (a Bessel function's derivative by its order).
        latex: its LaTeX command (r"\\sin"); empty for operators, which `typesetting.py` sets by shape.
        head: the SymPy class that reads back as this row, if there is one.
        domain: conditions on the arguments under which it has a (real) value; those that always hold are left out.
        kinks: conditions under which it has a value and no derivative; those that never hold are left out.
            An argument that does not move with the variable is passed as its value: x^n is then x^3.
        ball: the same function on `flint.arb`; None where there is none (then numbers come from mpmath).

    >>> import sympy
    >>> cube = Primitive("cube", ("cube",), (1, 1), lambda u: u**3, lambda u: (3 * u**2,))
    >>> cube.partials(sympy.Symbol("x"))
    (3*x**2,)
    """

    name: str
    spellings: tuple[str, ...]
    arity: tuple[int, int | None]
    construct: Callable[..., Any]
    partials: Callable[..., tuple[Expr | None, ...]]
    latex: str = ""
    head: type | None = None
    domain: Conditions = _none
    kinks: Conditions = _none
    ball: Callable[..., Any] | None = None


def unary(
    name: str,
    spellings: str,
    construct: Any,
    derivative: Callable[[Any], Expr],
    ball: Callable[..., Any] | None,
    *,
    latex: str = "",
    head: type | None = None,
    domain: Conditions = _none,
    kinks: Conditions = _none,
) -> Primitive:
    """A row for a function of one argument; `spellings` are separated by spaces.

    >>> import sympy
    >>> unary("sine", "sin", sympy.sin, sympy.cos, lambda u: u.sin()).head
    sin
    """
    if head is None and isinstance(construct, type):
        head = construct
    words, partials = tuple(spellings.split()), lambda u: (derivative(u),)
    return Primitive(name, words, (1, 1), construct, partials, latex, head, domain, kinks, ball)


def needs(*conditions: Any) -> tuple[Any, ...]:
    """Conditions that must hold, without those that always do.

    >>> import sympy
    >>> needs(sympy.Symbol("x") > 0, sympy.Integer(2) > 0)
    (x > 0,)
    """
    return tuple(condition for condition in conditions if condition is not S.true and condition is not True)


def stated(comparison: type, u: Any, v: Any) -> Any:
    """A comparison, decided where the range of u decides it, or SymPy.

    >>> import sympy
    >>> x = sympy.Symbol("x", real=True)
    >>> stated(sympy.Gt, 2 * x + 1, 0), stated(sympy.Gt, 1 - x**2, 0), stated(sympy.Gt, 2 + sympy.cos(x), 0)
    (2*x + 1 > 0, 1 - x**2 > 0, True)
    """
    return decided(comparison, u, v) if isinstance(v, int) and isinstance(u, Expr) else comparison(u, v)


def meet(u: Any, v: Any) -> tuple[Any, ...]:
    """The condition u = v as a tuple, empty when the two are numbers that differ.

    >>> import sympy
    >>> meet(sympy.Symbol("x"), 0), meet(sympy.Integer(1), 0)
    ((Eq(x, 0),), ())
    """
    condition = stated(Eq, u, v)
    return () if condition is S.false else (condition,)


def differ(u: Any, v: Any) -> tuple[Any, ...]:
    """The condition u ≠ v as a tuple, empty when it always holds.

    >>> import sympy
    >>> differ(sympy.Symbol("x"), 0), differ(sympy.Integer(1), 0)
    ((Ne(x, 0),), ())
    """
    condition = stated(Ne, u, v)
    return () if condition is S.true else (condition,)


def cases(*pieces: tuple[Any, Any]) -> Any:
    """A Piecewise, simplified only when its conditions are already decided (SymPy's own check is slow).

    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> cases((0, x < 0), (1, x > 0))
    Piecewise((0, x < 0), (1, x > 0))
    """
    if not pieces:
        return ZERO
    if len(pieces) == 1 or any(condition in (S.true, S.false) for _, condition in pieces[:-1]):
        return Piecewise(*pieces)
    return Piecewise(*pieces, evaluate=False)


def magnitude(u: Any) -> Any:
    """|u| without re and im, which SymPy makes of |e^x| when it does not know that x is real.

    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> magnitude(sympy.exp(x)), sympy.Abs(sympy.exp(x))
    (Abs(exp(x)), exp(re(x)))
    """
    value = Abs(u)
    if isinstance(value, Abs) or value.is_number or not value.has(re, im):
        return value
    return Abs(u, evaluate=False)


# What SymPy works out factor by factor or term by term as soon as it sees a whole number.
_COUNTED = frozenset({beta, binomial, factorial, gamma, loggamma, polygamma})
_DIGITS = 50


def too_large(head: Any, arguments: Sequence[Any]) -> bool:
    """Would SymPy work out an exact number beyond the default limits?

    >>> too_large(gamma, [Integer(10**9)]), too_large(Pow, [Integer(2), Integer(10)])
    (True, False)
    """
    if head is Pow:
        base, exponent = arguments
        if not (base.is_Rational and exponent.is_Rational):
            return False
        bits = max(int(base.p).bit_length(), int(base.q).bit_length())
        return abs(exponent) * bits > DEFAULT.bits or int(exponent.q) > DEFAULT.exponent
    return head in _COUNTED and any(part.is_Rational and abs(part) > DEFAULT.factorial for part in arguments)


def rebuilt(piece: Any, arguments: Sequence[Any]) -> Any:
    """A SymPy object with other arguments, evaluated: `func(*args)` without three of its dangers.

    |e^x| stays without re and im, what would be too large an exact number becomes a decimal, and a comparison of what
    is no real number is neither true nor false, its maximum no number.

    >>> import sympy
    >>> x, u = sympy.symbols("x u")
    >>> rebuilt(Abs(u), [sympy.exp(x)])
    Abs(exp(x))
    >>> rebuilt(2**u, [Integer(2), Integer(10) ** 30]) > 10**9
    True
    """
    head = piece.func
    if head is Abs:
        return magnitude(arguments[0])
    if too_large(head, arguments):
        arguments = [number.evalf(_DIGITS) if number.is_Rational else number for number in arguments]
    try:
        return head(*arguments)
    except (TypeError, ValueError):  # what is compared must be real; whether that matters shows where it is used
        if isinstance(piece, Relational):
            return Dummy("undecided")
        if isinstance(piece, Max | Min):
            return S.NaN
        raise


def raised(base: Any, exponent: Any) -> Any:
    """base**exponent, without the dear question whether the terms of a sum are infinite that SymPy asks first.

    A sum with names in it to a number other than 0 and 1 stays as it is, so that the result is SymPy's own.

    >>> import sympy
    >>> total = 1 + sympy.Symbol("x")
    >>> raised(total, MINUS_ONE) == 1 / total
    True
    """
    if base.is_Add and not base.is_number:
        return Pow(base, exponent, evaluate=False)
    return base**exponent


def side_by_side(first: Any, second: Any) -> Any:
    """The product of two sums, or powers of sums, that differ: SymPy's own, without its search for a common base.

    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> side_by_side(1 + x, raised(2 + x, MINUS_ONE)) == (1 + x) / (2 + x)
    True
    """
    if first.is_number or second.is_number or not (_of_a_sum(first) and _of_a_sum(second)):
        return first * second
    return Mul._from_args((first, second) if first.compare(second) < 0 else (second, first))


def _of_a_sum(factor: Any) -> bool:
    return bool(factor.is_Add or (factor.is_Pow and factor.base.is_Add))


def signed_root(u: Any, n: Any) -> Any:
    """The real n-th root of u, n odd: sign(u)·|u|^(1/n), real on both sides of 0.

    >>> signed_root(Integer(-8), Integer(3))
    -2
    """
    return sign(u) * magnitude(u) ** (ONE / n)


def whole(v: Any) -> bool:
    """Is this a number and an integer (2.0 included)?

    >>> import sympy
    >>> whole(sympy.Float(2)), whole(sympy.Rational(1, 2)), whole(sympy.Symbol("n"))
    (True, False, False)
    """
    return bool(v.is_Integer or (v.is_Float and v.num == int(v)))


def product_rule(factors: Sequence[Any]) -> list[Any]:
    """For each factor the product of the others, in one pass from each side.

    >>> import sympy
    >>> product_rule(sympy.symbols("a b c"))
    [b*c, a*c, a*b]
    """
    if not factors:
        return []
    before, after = [ONE], [ONE]
    for factor in factors[:-1]:
        before.append(before[-1] * factor)
    for factor in reversed(factors[1:]):
        after.append(factor * after[-1])
    return [left * right for left, right in zip(before, reversed(after), strict=True)]


def scaled(factor: Expr, expr: Expr) -> Expr:
    """A product that keeps 2·(a − y) as it is; SymPy would multiply the number into the sum.

    >>> from sympy import symbols
    >>> a, y = symbols("a y")
    >>> scaled(TWO, a - y)
    2*(a - y)
    """
    if factor.is_Number and expr.is_Add and factor is not ONE:
        return Mul(factor, expr, evaluate=False)
    return factor * expr
