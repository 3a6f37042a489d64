"""How each of SymPy's functions is written in kernels: one row a function.

>>> import sympy
>>> from symgraph.calculus.kernels import Tower
>>> x = sympy.Symbol("x")
>>> tower = Tower(REWRITING)
>>> (tower.normal(sympy.cosh(x) ** 2) - tower.normal(sympy.sinh(x) ** 2) - tower.normal(sympy.Integer(1))).is_zero()
True

A function without a row is a kernel of its own, the same for equal arguments.

A rule must hold on every interval of the common domain. Where it divides by something that the function itself does not
divide by (sinc u = sin u/u), it is used only where that is not zero on an interval: `_smooth`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from types import MappingProxyType
from typing import Any

import sympy
from sympy import S

from symgraph.calculus import polynomials
from symgraph.calculus.angles import angle
from symgraph.calculus.exponents import absolute_power, exponential, general_power, logarithm, number_power, root
from symgraph.calculus.kernels import Rule, Rules, TooHard, Tower
from symgraph.calculus.polynomials import Quotient

__all__ = ["REWRITING"]

_SHIFTS = 40  # of a gamma or Bessel function
_HALF = Fraction(1, 2)


# Arithmetic and conditions ---------------------------------------------------------------------------------------


def _sum(tower: Tower, *terms: Quotient) -> Quotient:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _product(tower: Tower, *factors: Quotient) -> Quotient:
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product


def _either(tower: Tower, *conditions: Quotient) -> Quotient:
    none = tower.ring.one
    for condition in conditions:
        none = none * (1 - condition)
    return 1 - none


def _condition(tower: Tower, piece: Any, left: Quotient, right: Quotient) -> Quotient:
    """A comparison as 1 or 0, apart from where both sides are equal."""
    gap = right - left
    if gap.is_zero():
        return tower.ring.number(1 if isinstance(piece, sympy.Eq | sympy.Le | sympy.Ge) else 0)
    if isinstance(piece, sympy.Eq | sympy.Ne):
        if not _smooth(tower, gap):
            raise TooHard("an equation that may hold on an interval")
        return tower.ring.number(0 if isinstance(piece, sympy.Eq) else 1)
    return (1 + tower.sign_of(gap if isinstance(piece, sympy.Lt | sympy.Le) else -gap)) * _HALF


def _piecewise(tower: Tower, *arguments: Quotient) -> Quotient:
    """The sum of the values, each times 1 where it is the one taken and 0 elsewhere."""
    total, left = tower.ring.zero, tower.ring.one
    for value, condition in zip(arguments[0::2], arguments[1::2], strict=True):
        if not tower.is_smooth(value.bottom):
            raise TooHard("a case that may be undefined where it is not taken")
        total = total + left * condition * value
        left = left * (1 - condition)
    return total


def _power(tower: Tower, piece: Any, base: Quotient, exponent: Quotient) -> Quotient:
    return general_power(tower, piece.base, base, exponent)


# Exponentials, hyperbolic and trigonometric functions ------------------------------------------------------------


def _cosh(tower: Tower, u: Quotient) -> Quotient:
    power = exponential(tower, u)
    return (power + power.inverse()) * _HALF


def _sinh(tower: Tower, u: Quotient) -> Quotient:
    power = exponential(tower, u)
    return (power - power.inverse()) * _HALF


def _tanh(tower: Tower, u: Quotient) -> Quotient:
    return _sinh(tower, u) / _cosh(tower, u)


def _cosine(tower: Tower, u: Quotient) -> Quotient:
    return angle(tower, u)[0]


def _sine(tower: Tower, u: Quotient) -> Quotient:
    return angle(tower, u)[1]


def _tangent(tower: Tower, u: Quotient) -> Quotient:
    cosine, sine = angle(tower, u)
    return sine / cosine


def _cotangent(tower: Tower, u: Quotient) -> Quotient:
    cosine, sine = angle(tower, u)
    return cosine / sine


def _sinc(tower: Tower, u: Quotient) -> Quotient:
    return _sine(tower, u) / u if _smooth(tower, u) and not u.is_zero() else tower.function("sinc", [u])


def _over(rule: Rule) -> Rule:
    """1/f(u)."""
    return lambda tower, u: rule(tower, u).inverse()


def _at_inverse(rule: Rule) -> Rule:
    """f(1/u)."""
    return lambda tower, u: rule(tower, u.inverse())


# Inverse functions -----------------------------------------------------------------------------------------------


def _root(tower: Tower, u: Quotient) -> Quotient:
    return root(tower, u, _HALF)


def _asinh(tower: Tower, u: Quotient) -> Quotient:
    return logarithm(tower, u + _root(tower, u * u + 1))


def _acosh(tower: Tower, u: Quotient) -> Quotient:
    if u == 1:
        return tower.ring.zero
    tower.note(u - 1)
    return logarithm(tower, u + _root(tower, u * u - 1))


def _atanh(tower: Tower, u: Quotient) -> Quotient:
    return logarithm(tower, (1 + u) / (1 - u)) * _HALF


def _asin(tower: Tower, u: Quotient) -> Quotient:
    if u.is_zero():
        return u
    for gap in (1 - u, 1 + u):
        if not gap.is_zero():
            tower.note(gap)
    return tower.function("asin", [u])


def _acos(tower: Tower, u: Quotient) -> Quotient:
    return tower.normal_inside(S.Pi) * _HALF - _asin(tower, u)


def _atan(tower: Tower, u: Quotient) -> Quotient:
    return u if u.is_zero() else tower.function("atan", [u])


def _atan2(tower: Tower, y: Quotient, x: Quotient) -> Quotient:
    """±π/2 − atan(x/y) where y ≠ 0; atan(y/x) where x is known to be positive."""
    if _smooth(tower, x) and tower.sign_of(x) == 1 and not x.is_zero():
        return _atan(tower, y / x)
    if y.is_zero() or not _smooth(tower, y):
        return tower.function("atan2", [y, x])
    return tower.sign_of(y) * tower.normal_inside(S.Pi) * _HALF - _atan(tower, x / y)


def _smooth(tower: Tower, *values: Quotient) -> bool:
    """They are not zero on an interval."""
    return all(tower.is_smooth(value.top) and tower.is_smooth(value.bottom) for value in values)


# Signs and choices -----------------------------------------------------------------------------------------------


def _absolute(tower: Tower, u: Quotient) -> Quotient:
    return absolute_power(tower, u, Fraction(1))


def _sign(tower: Tower, u: Quotient) -> Quotient:
    return u if u.is_zero() else tower.sign_of(u)


def _heaviside(tower: Tower, u: Quotient, at_zero: Quotient) -> Quotient:
    return at_zero if u.is_zero() else (1 + tower.sign_of(u)) * _HALF


def _max(tower: Tower, *values: Quotient) -> Quotient:
    best = values[0]
    for value in values[1:]:
        best = (best + value + _absolute(tower, best - value)) * _HALF
    return best


def _min(tower: Tower, *values: Quotient) -> Quotient:
    return -_max(tower, *(-value for value in values))


def _whole_part(tower: Tower, u: Quotient) -> tuple[Quotient, int]:
    """u without the whole part of its constant term, and that whole part."""
    if not u.is_whole():
        return u, 0
    constant = dict(polynomials.terms_of(u.top)).get((0,) * tower.ring.size, Fraction(0))
    return u - floor(constant), floor(constant)


def _floor(tower: Tower, u: Quotient) -> Quotient:
    rest, whole = _whole_part(tower, u)
    number = rest.constant()
    if number is not None:
        return tower.ring.number(whole + floor(number))
    return tower.function("floor", [rest]) + whole


def _ceiling(tower: Tower, u: Quotient) -> Quotient:
    return -_floor(tower, -u)


def _modulo(tower: Tower, u: Quotient, v: Quotient) -> Quotient:
    return u - v * _floor(tower, u / v)


# Gamma functions and their relatives -----------------------------------------------------------------------------


def _shifted(tower: Tower, u: Quotient) -> tuple[Quotient, int]:
    """u = v + n, with the same v for all that differ by whole numbers."""
    if not _smooth(tower, u):
        return u, 0
    rest, whole = _whole_part(tower, u)
    if rest.is_zero():
        rest, whole = rest + 1, whole - 1
    return (u, 0) if abs(whole) > _SHIFTS else (rest, whole)


def _gamma(tower: Tower, u: Quotient) -> Quotient:
    base, shift = _shifted(tower, u)
    value = tower.ring.one if base == 1 else tower.function("gamma", [base])
    for step in range(shift):
        value = value * (base + step)
    for step in range(shift, 0):
        value = value / (base + step)
    return value


def _log_gamma(tower: Tower, u: Quotient) -> Quotient:
    tower.note(u)
    base, shift = _shifted(tower, u)
    if shift < 0:
        return tower.function("loggamma", [u])
    value = tower.ring.zero if base == 1 else tower.function("loggamma", [base])
    for step in range(shift):
        value = value + logarithm(tower, base + step)
    return value


def _polygamma(tower: Tower, order: Quotient, u: Quotient) -> Quotient:
    number = order.constant()
    if number is None or number.denominator != 1 or not 0 <= number <= 20:
        return tower.function("polygamma", [order, u])
    n, factor = int(number), 1
    for k in range(1, n + 1):
        factor *= -k
    base, shift = _shifted(tower, u)
    value = tower.function("polygamma", [order, base])
    for step in range(shift):
        value = value + factor / (base + step) ** (n + 1)
    for step in range(shift, 0):
        value = value - factor / (base + step) ** (n + 1)
    return value


def _digamma(tower: Tower, u: Quotient) -> Quotient:
    return _polygamma(tower, tower.ring.zero, u)


def _beta(tower: Tower, u: Quotient, v: Quotient, *rest: Quotient) -> Quotient:
    return _gamma(tower, u) * _gamma(tower, v) / _gamma(tower, u + v)


def _binomial(tower: Tower, n: Quotient, k: Quotient) -> Quotient:
    number = k.constant()
    if number is not None and number.denominator == 1 and 0 <= number <= _SHIFTS:
        value = tower.ring.one
        for step in range(int(number)):
            value = value * (n - step) / (step + 1)
        return value
    return _gamma(tower, n + 1) / (_gamma(tower, k + 1) * _gamma(tower, n - k + 1))


def _lambert(tower: Tower, u: Quotient, branch: Quotient | None = None) -> Quotient:
    return tower.function("LambertW", [u] if branch is None or branch.is_zero() else [branch, u])


def _bessel(name: str, before: int, middle: int) -> Rule:
    """B(n+1) = before·B(n−1) + middle·(2n/u)·B(n): every order in terms of two neighbours."""

    def rule(tower: Tower, order: Quotient, u: Quotient) -> Quotient:
        base, steps = _whole_part(tower, order)
        if abs(steps) > _SHIFTS or u.is_zero() or not _smooth(tower, order, u):
            return tower.function(name, [order, u])
        low, high = tower.function(name, [base, u]), tower.function(name, [base + 1, u])
        for step in range(steps):
            low, high = high, before * low + middle * 2 * (base + step + 1) / u * high
        for step in range(0, steps, -1):
            low, high = before * (high - middle * 2 * (base + step) / u * low), low
        return low

    return rule


def _one_less(name: str) -> Rule:
    return lambda tower, u: 1 - tower.function(name, [u])


_PLAIN: Mapping[Any, Rule] = MappingProxyType(
    {
        sympy.Add: _sum,
        sympy.Piecewise: _piecewise,
        type(S.Exp1): lambda tower: exponential(tower, tower.ring.one),
        type(S.GoldenRatio): lambda tower: (1 + number_power(tower, Fraction(5), _HALF)) * _HALF,
        type(S.true): lambda tower: tower.ring.one,
        type(S.false): lambda tower: tower.ring.zero,
        sympy.ITE: lambda tower, test, yes, no: test * yes + (1 - test) * no,
        sympy.Mul: _product,
        sympy.And: _product,
        sympy.Or: _either,
        sympy.Not: lambda tower, condition: 1 - condition,
        sympy.exp: exponential,
        sympy.log: lambda tower, u, *base: (
            logarithm(tower, u) / logarithm(tower, base[0]) if base else logarithm(tower, u)
        ),
        sympy.sinh: _sinh,
        sympy.cosh: _cosh,
        sympy.tanh: _tanh,
        sympy.coth: _over(_tanh),
        sympy.sech: _over(_cosh),
        sympy.csch: _over(_sinh),
        sympy.sin: _sine,
        sympy.cos: _cosine,
        sympy.tan: _tangent,
        sympy.cot: _cotangent,
        sympy.sec: _over(_cosine),
        sympy.csc: _over(_sine),
        sympy.sinc: _sinc,
        sympy.asinh: _asinh,
        sympy.acosh: _acosh,
        sympy.atanh: _atanh,
        sympy.asech: _at_inverse(_acosh),
        sympy.acsch: _at_inverse(_asinh),
        sympy.acoth: _at_inverse(_atanh),
        sympy.asin: _asin,
        sympy.acos: _acos,
        sympy.atan: _atan,
        sympy.acot: _at_inverse(_atan),
        sympy.asec: _at_inverse(_acos),
        sympy.acsc: _at_inverse(_asin),
        sympy.atan2: _atan2,
        sympy.Abs: _absolute,
        sympy.sign: _sign,
        sympy.Heaviside: _heaviside,
        sympy.DiracDelta: lambda tower, u, *order: tower.ring.zero,
        sympy.Max: _max,
        sympy.Min: _min,
        sympy.floor: _floor,
        sympy.ceiling: _ceiling,
        sympy.frac: lambda tower, u: u - _floor(tower, u),
        sympy.Mod: _modulo,
        sympy.re: lambda tower, u: u,
        sympy.conjugate: lambda tower, u: u,
        sympy.im: lambda tower, u: tower.ring.zero,
        sympy.gamma: _gamma,
        sympy.factorial: lambda tower, u: _gamma(tower, u + 1),
        sympy.loggamma: _log_gamma,
        sympy.digamma: _digamma,
        sympy.polygamma: _polygamma,
        sympy.beta: _beta,
        sympy.binomial: _binomial,
        sympy.LambertW: _lambert,
        sympy.erfc: _one_less("erf"),
        sympy.besselj: _bessel("besselj", -1, 1),
        sympy.bessely: _bessel("bessely", -1, 1),
        sympy.besseli: _bessel("besseli", 1, -1),
        sympy.besselk: _bessel("besselk", 1, 1),
    }
)

_SOURCED: Mapping[Any, Rule] = MappingProxyType(
    {
        sympy.Pow: _power,
        **dict.fromkeys((sympy.Eq, sympy.Ne, sympy.Lt, sympy.Le, sympy.Gt, sympy.Ge), _condition),
    }
)

REWRITING = Rules(_PLAIN, _SOURCED)
