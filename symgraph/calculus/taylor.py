"""Functions of t beside t = 0 as the first terms of their Taylor series, with exact coefficients.

A list of numbers c₀, c₁, …, cₙ stands for c₀ + c₁t + … + cₙtⁿ and something smaller than tⁿ. Dividing where both are 0
costs terms and nothing else, so that sin(t)/t has a value and a slope at 0:

>>> from sympy import Integer
>>> t = [Integer(each) for each in (0, 1, 0, 0, 0)]
>>> expanded("divide", [expanded("sine", [t]), t])
[1, 0, -1/6, 0]

None is said of what is no such series, and where it is not certain whether a coefficient is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from types import MappingProxyType
from typing import Any, TypeAlias

from sympy import Add, Expr, Integer, Mul, Rational, Symbol, diff, expand

from symgraph.calculus.substitution import replace_symbols, tree_size
from symgraph.language.primitives import PRIMITIVES

__all__ = ["TERMS", "Terms", "certain_sign", "expanded"]

Terms: TypeAlias = list[Expr]
TERMS = 6  # coefficients beyond the first
LARGE = 60  # pieces of a coefficient with which nothing more is worked out
DIGITS = 50
SMALL = Rational(1, 10**40)
ONE, ZERO = Integer(1), Integer(0)
_X = Symbol("x")


def certain_sign(number: Expr) -> int | None:
    """The sign of a number; None where it is not certain."""
    if number.is_Rational:
        return int(bool(number > 0)) - int(bool(number < 0))
    precise = number.evalf(DIGITS)
    if precise.is_real and precise.is_finite and abs(precise) > SMALL:
        return 1 if precise > 0 else -1
    return 0 if number.is_zero else None


def expanded(operator: str, arguments: Sequence[Terms]) -> Terms | None:
    """The first terms of an operation on such functions; None where they are not known."""
    rule = _RULES.get(operator)
    if rule is not None:
        found = rule(*arguments)
    elif len(arguments) == 1 and operator in PRIMITIVES:
        found = _composed(operator, arguments[0])
    else:
        return None
    return None if found is None else _plain(found)


def _plain(terms: Terms) -> Terms | None:
    """The terms, each in one form; None where one is too large."""
    plain = [each if each.is_Rational else expand(each) for each in terms]
    return None if any(tree_size(each) > LARGE for each in plain) else plain


def _sum(*functions: Terms) -> Terms:
    return [Add(*terms) for terms in zip(*functions, strict=False)]


def _negative(u: Terms) -> Terms:
    return [-each for each in u]


def _product(u: Terms, v: Terms) -> Terms:
    return [Add(*(Mul(u[i], v[place - i]) for i in range(place + 1))) for place in range(min(len(u), len(v)))]


def _quotient(u: Terms, v: Terms) -> Terms | None:
    """Term by term, after as many powers of t as the denominator has are taken out of both."""
    signs = [certain_sign(each) for each in v]
    first = next((place for place, sign in enumerate(signs) if sign != 0), None)
    if first is None or signs[first] is None or any(certain_sign(each) != 0 for each in u[:first]):
        return None
    u, v = u[first:], v[first:]
    found: Terms = []
    for place in range(min(len(u), len(v))):
        rest = Add(u[place], *(-found[i] * v[place - i] for i in range(place)))
        found.append(expand(rest / v[0]))
    return found or None


def _power(u: Terms, v: Terms) -> Terms | None:
    exponent = v[0]
    if not exponent.is_Rational or any(each != 0 for each in v[1:]):
        logarithm = _composed("logarithm", u) if certain_sign(u[0]) == 1 else None
        return None if logarithm is None else _composed("exponential", _product(v, logarithm))
    if exponent.is_Integer and 0 <= exponent <= TERMS:
        return reduce(_product, [u] * int(exponent), [ONE, *[ZERO] * (len(u) - 1)])
    if exponent.is_Integer and -TERMS <= exponent < 0:
        positive = _power(u, [-exponent])
        assert positive is not None
        return _quotient([ONE, *[ZERO] * (len(u) - 1)], positive)
    if certain_sign(u[0]) != 1:
        return None
    return _series(u, lambda place: _binomial(exponent, place) * u[0] ** (exponent - place))


def _binomial(exponent: Expr, place: int) -> Expr:
    found: Expr = ONE
    for k in range(place):
        found = found * (exponent - k) / (k + 1)
    return found


def _composed(operator: str, u: Terms) -> Terms | None:
    """f(u) by the derivatives of f, where it has a value and derivatives."""
    row = PRIMITIVES[operator]
    if any(condition != True for condition in row.domain(u[0])):  # noqa: E712 (SymPy's true is not Python's)
        return None
    if any(condition != False for condition in row.kinks(u[0])):  # noqa: E712 (the same)
        return None
    rates: list[Expr] = [row.construct(_X)]

    def coefficient(place: int) -> Expr:
        while len(rates) <= place:
            rates.append(diff(rates[-1], _X) / len(rates))
        return replace_symbols(rates[place], {_X: u[0]})

    found = _series(u, coefficient)
    return found if all(each.is_number and each.is_finite for each in found) else None


def _series(u: Terms, coefficient: Callable[[int], Expr]) -> Terms:
    """Σ coefficient(k)·hᵏ, where h is u without its value."""
    rest = [ZERO, *u[1:]]
    power: Terms = [ONE, *[ZERO] * (len(u) - 1)]
    found: Terms = [ZERO] * len(u)
    for place in range(len(u)):
        if any(each != 0 for each in power):
            factor = coefficient(place)
            found = [Add(known, factor * each) for known, each in zip(found, power, strict=True)]
        power = _product(power, rest)
    return found


_RULES: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "add": _sum,
        "total": _sum,
        "subtract": lambda u, v: _sum(u, _negative(v)),
        "negate": _negative,
        "multiply": lambda *factors: reduce(_product, factors),
        "divide": _quotient,
        "power": _power,
        "square_root": lambda u: _power(u, [Rational(1, 2)]),
        "cube_root": lambda u: _power(u, [Rational(1, 3)]),
    }
)
