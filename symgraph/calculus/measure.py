"""How long an expression is in print, as a textbook would count: what "the shortest form" means.

Every sign that is printed counts 1: a digit, a letter, a plus, a bar, a root, a pair of brackets, a minus in front. A
name of a function counts 2, whatever its letters, and what stands between two factors a quarter. A fraction inside a
fraction costs 2 more, a function, a root or an exponential that is printed again a quarter more, the same base twice in
one product 1½ more. So √(x² + 1) is shorter than (x² + 1)^(1/2), 1/x² than x^(−2), sin 2x than 2 sin x cos x, and
(2x + 1)e^x than 2x e^x + e^x.

>>> import sympy
>>> x = sympy.Symbol("x")
>>> length(x**2 + 2*x + 1) > length((x + 1) ** 2)
True
>>> length(2*x*sympy.exp(x) + sympy.exp(x)) > length((2*x + 1) * sympy.exp(x))
True
>>> length(12*x**3 + 6*x**2) < length(6*x**2*(2*x + 1))
True
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy import Add, Mul, Pow, S

__all__ = ["is_negative", "length"]

_BESIDE = 0.25  # between two factors
_AGAIN = 0.25  # a function that is printed again
_BRACKETS = 1.0


def length(expression: Any) -> float:
    """The printed length of an expression that is not deep (a few hundred pieces)."""
    return _length(expression) + _AGAIN * _repeated(expression)


def _repeated(expression: Any) -> int:
    """How many functions, roots and exponentials are printed more than once, counting every time but the first."""
    seen: set[Any] = set()
    repeated = 0
    stack = [expression]
    while stack:
        piece = stack.pop()
        root = isinstance(piece, Pow) and not isinstance(piece.exp, sympy.Integer)
        if root or (isinstance(piece, sympy.Function) and piece.args):
            repeated += piece in seen
            seen.add(piece)
        stack.extend(piece.args)
    return repeated


def _length(expression: Any) -> float:
    if isinstance(expression, sympy.Symbol):
        return 1 + 0.5 * (len(expression.name.replace("_", "")) - 1) if len(expression.name) < 4 else 2.0
    if isinstance(expression, sympy.Integer):
        return float(len(str(abs(int(expression)))) + is_negative(expression))
    if isinstance(expression, sympy.Rational):
        top, bottom = len(str(abs(int(expression.p)))), len(str(int(expression.q)))
        return _fraction(float(top), float(bottom)) + is_negative(expression)
    if isinstance(expression, Add):
        return _sum(expression)
    if isinstance(expression, Mul):
        return _product(expression.args)
    if isinstance(expression, Pow):
        return _power(*expression.args)
    if isinstance(expression, sympy.exp):
        return 1 + _length(expression.args[0])
    if isinstance(expression, sympy.Abs):
        return 2 + _length(expression.args[0])
    if not expression.args:
        return 1.0
    if isinstance(expression, sympy.Piecewise):
        return 2 + sum(2 + _length(pair.args[0]) + _length(pair.args[1]) for pair in expression.args)
    if isinstance(expression, sympy.Function) and len(expression.args) == 1:
        return 2 + _argument(expression.args[0])
    return 3 + sum(1 + _length(argument) for argument in expression.args)


def is_negative(expression: Any) -> bool:
    """Printed with a minus sign in front."""
    number = expression.args[0] if isinstance(expression, Mul) else expression
    return isinstance(number, sympy.Rational) and int(number.p) < 0


def _argument(argument: Any) -> float:
    """sin x, sin 2x, but sin(x + 1)."""
    plain = not argument.args or (isinstance(argument, Mul) and all(not factor.args for factor in argument.args))
    return _length(argument) + (0 if plain and not is_negative(argument) else _BRACKETS)


def _sum(expression: Any) -> float:
    total, leading = 0.0, True
    for term in expression.args:
        negative = is_negative(term)
        total += (_without_sign(term) if negative else _length(term)) + 1
        leading = leading and negative
    return total - 1 + (1.25 if leading else 0)


def _without_sign(term: Any) -> float:
    """The length of −term, which starts with a negative number; SymPy would multiply a number into a sum."""
    number, *rest = Mul.make_args(term)
    if not rest or (len(rest) == 1 and isinstance(rest[0], Add)):
        return _length(-term)
    if number is not S.NegativeOne:
        return _product((-number, *rest))
    return _product(rest) if len(rest) > 1 else _length(rest[0])


def _product(factors: Sequence[Any]) -> float:
    above: list[float] = []
    below: list[float] = []
    negative = False
    sums_above = sums_below = 0
    bases: list[Any] = []
    for factor in factors:
        base, exponent = factor.args if isinstance(factor, Pow) else (factor, S.One)
        bases.append(base)
        if isinstance(factor, sympy.Rational):
            negative = is_negative(factor)
            if abs(factor.p) != 1:
                above.append(_length(sympy.Integer(abs(factor.p))))
            if factor.q != 1:
                below.append(_length(sympy.Integer(factor.q)))
        elif is_negative(exponent):
            last = exponent is S.NegativeOne
            below.append(_length(base) if last else _power(base, -exponent))
            sums_below += isinstance(base, Add) and last
        else:
            above.append(_length(factor))
            sums_above += isinstance(factor, Add)
    top = _beside(above, sums_above)
    bottom = _beside(below, sums_below)
    again = 1.5 * (len(bases) - len(set(bases)))
    nested = 2 if below and any(map(_has_bar, bases)) else 0
    return (_fraction(top, bottom) if below else top) + negative + nested + again


def _beside(lengths: list[float], sums: int) -> float:
    """Factors beside each other; sums among several stand in brackets."""
    if not lengths:
        return 1.0
    brackets = _BRACKETS * sums if len(lengths) > 1 else 0
    return sum(lengths) + _BESIDE * (len(lengths) - 1) + brackets


def _fraction(top: float, bottom: float) -> float:
    return top + 1 + bottom


def _has_bar(base: Any) -> bool:
    """A sum with a fraction in it."""
    if not isinstance(base, Add):
        return False
    return any(isinstance(part, Pow) and is_negative(part.exp) for term in base.args for part in Mul.make_args(term))


def _power(base: Any, exponent: Any) -> float:
    if is_negative(exponent):
        inner = _length(base) if exponent is S.NegativeOne else _power(base, -exponent)
        return _fraction(1.0, inner)
    if exponent is S.Half:
        return 1 + _length(base)
    fraction = isinstance(base, sympy.Rational) and base.q != 1
    brackets = _BRACKETS if fraction or isinstance(base, Add | Mul | Pow | sympy.exp) else 0
    return _length(base) + brackets + _length(exponent)
