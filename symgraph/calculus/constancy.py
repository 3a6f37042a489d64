"""Equal because the derivatives are equal, and the values at one point of every piece of the domain.

For what no rewriting relates: atan x + atan(1/x) = π/2 for x > 0, asin(x/√(1+x²)) = atan x. The difference has the
derivative zero (proved by kernels), so that it is constant on every interval on which it is differentiable; the ends of
those intervals are among the zeros of the polynomials that `Tower.edges` collects; and one point in each of the
intervals, where both sides come out exactly equal, settles that interval.

>>> import sympy
>>> x = sympy.Symbol("x")
>>> constant_proof(sympy.atan(x) + sympy.atan(1 / x), sympy.pi / 2, {"x": "positive"})
True
>>> constant_proof(sympy.atan(x) + sympy.atan(1 / x), sympy.pi / 2)
False
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy

from symgraph.calculus import polynomials, reals
from symgraph.calculus.balls import Tape
from symgraph.calculus.kernels import Kernel, TooHard, Tower
from symgraph.calculus.points import name_of
from symgraph.calculus.polynomials import Polynomial
from symgraph.calculus.substitution import replace_symbols
from symgraph.calculus.zeros import attempt, kernel_proof, kernel_zero, outline, reduced, simplest

__all__ = ["constant_proof"]

_SIZE = 150  # pieces of both sides together
_DEGREE = 40  # of an edge
_EDGES = 20
_SMOOTH = frozenset({"atan", "asin", "erf", "erfi", "Si", "Shi"})  # real-analytic, and zero only at zero
_TRIED = [
    Fraction(n, d) for n, d in ((0, 1), (1, 1), (-1, 1), (1, 2), (-1, 2), (2, 1), (-2, 1), (3, 1), (-3, 1), (4, 1))
]

Interval = tuple[Fraction | None, Fraction | None]


def constant_proof(
    left: Any,
    right: Any,
    signs: Mapping[str, str] | None = None,
    conditions: Sequence[Any] = (),
    *,
    seconds: float = 1.0,
) -> bool:
    """Whether two SymPy expressions of one name are proved equal by derivative and value; False says nothing."""
    deadline = time.monotonic() + seconds
    if outline(left).size + outline(right).size > _SIZE:
        return False
    names = sorted(left.free_symbols | right.free_symbols, key=str)
    if len(names) != 1:
        return False
    (name,) = names
    if left.has(sympy.Derivative, sympy.Subs, sympy.Integral, sympy.Sum, sympy.Product, sympy.floor, sympy.ceiling):
        return False
    try:
        intervals = list(_intervals(left, right, name, signs or {}, conditions, deadline))
        slopes = [_derivative(side, name) for side in (left, right)]
        left_over = max(0.0, deadline - time.monotonic())
        if kernel_zero((slopes[0], slopes[1]), signs, conditions, seconds=left_over) is None:
            return False
        settled = [_settled(left, right, name, interval, signs or {}, conditions) for interval in intervals]
    except TooHard:
        return False
    return any(verdict is True for verdict in settled) and False not in settled


def _derivative(expression: Any, name: Any) -> Any:
    """The derivative with the name taken as real: |x| has sign x."""
    real = sympy.Dummy("x", real=True)
    return replace_symbols(sympy.diff(replace_symbols(expression, {name: real}), real), {real: name})


def _intervals(
    left: Any, right: Any, name: Any, signs: Mapping[str, str], conditions: Sequence[Any], deadline: float
) -> Iterator[Interval]:
    """Open intervals that cover the line but for finitely many points; on each, both sides are smooth or undefined."""

    def read(tower: Tower) -> Tower:
        tower.normal(left)
        tower.normal(right)
        return tower

    tower = attempt(read, (left, right), signs, conditions, deadline=deadline)
    return _between(sorted(set(_ends(tower, name, signs))))


def _between(ends: Sequence[tuple[Fraction, Fraction]]) -> Iterator[Interval]:
    """The gaps between small brackets of points; brackets that overlap are too close to tell apart."""
    low: Fraction | None = None
    for bracket in ends:
        if low is not None and bracket[0] <= low and bracket[0] != bracket[1]:
            raise TooHard("roots that lie close together")
        if low is None or low < bracket[0]:
            yield low, bracket[0]
        low = bracket[1] if low is None else max(low, bracket[1])
    yield low, None


def _ends(tower: Tower, name: Any, signs: Mapping[str, str]) -> Iterator[tuple[Fraction, Fraction]]:
    """Brackets of every point where a piece of the domain may end."""
    for kernel in tower.kernels:
        if kernel.kind == "sign":
            tower.edges[str(kernel.of)] = kernel.of
        elif kernel.kind == "power" or (kernel.kind == "function" and kernel.source not in _SMOOTH):
            raise TooHard("a function whose pieces are not known")
    if signs.get(str(name)):
        yield Fraction(0), Fraction(0)
    if len(tower.edges) > _EDGES:
        raise TooHard("a domain of many pieces")
    for edge in tower.edges.values():
        yield from _roots(tower, edge)


def _roots(tower: Tower, edge: Polynomial) -> Iterator[tuple[Fraction, Fraction]]:
    """Brackets of all real zeros of a polynomial in x and roots over it, or in one e^(αx + β)."""
    edge = _norm(tower, edge)
    used = [tower.kernels[index] for index in polynomials.unknowns_of(edge)]
    if not used:
        if polynomials.is_zero(edge):
            raise TooHard("a root that vanishes everywhere")
        return
    if len(used) != 1 or polynomials.degrees_of(edge)[used[0].index] > _DEGREE:
        raise TooHard("a domain whose ends are not known")
    (kernel,) = used
    coefficients = tower.by_degree(edge, kernel.index)
    degree = max(coefficients)
    numbers = [
        polynomials.leading_coefficient(coefficients[power]) if power in coefficients else Fraction(0)
        for power in range(degree, -1, -1)
    ]
    if kernel.kind == "name":
        yield from _brackets(numbers)
    elif kernel.kind == "exp":
        yield from _logarithms(tower, kernel, _brackets(numbers))
    elif kernel.kind == "function" and kernel.source in _SMOOTH and degree == 1 and not numbers[-1]:
        yield from _roots(tower, kernel.arguments[-1].top)  # each of them is zero only at zero
    elif kernel.kind == "log" and degree == 1 and not numbers[-1]:
        yield from _roots(tower, kernel.of - 1)
        yield from _roots(tower, kernel.of + 1)
    else:
        raise TooHard("a domain whose ends are not known")


def _brackets(coefficients: Sequence[Fraction]) -> Iterator[tuple[Fraction, Fraction]]:
    """Small brackets of the real roots; the leading coefficient first."""
    rationals = [sympy.Rational(number.numerator, number.denominator) for number in coefficients]
    for (low, high), _ in sympy.Poly(rationals, sympy.Symbol("x")).intervals(eps=sympy.Rational(1, 10**6)):
        yield Fraction(int(low.p), int(low.q)), Fraction(int(high.p), int(high.q))


def _logarithms(
    tower: Tower, kernel: Kernel, brackets: Iterator[tuple[Fraction, Fraction]]
) -> Iterator[tuple[Fraction, Fraction]]:
    """Where e^((αx + β)/scale) takes the values in the brackets."""
    basis = kernel.basis
    if basis is None or not basis.is_whole() or not reals.CERTIFIED:
        raise TooHard("a domain whose ends are not known")
    used = [tower.kernels[index] for index in polynomials.unknowns_of(basis.top)]
    by_degree = tower.by_degree(basis.top, used[0].index) if used else {}
    if len(used) != 1 or used[0].kind != "name" or max(by_degree) != 1:
        raise TooHard("a domain whose ends are not known")
    alpha = polynomials.leading_coefficient(by_degree[1])
    beta = polynomials.leading_coefficient(by_degree[0]) if 0 in by_degree else Fraction(0)
    for bracket in brackets:
        if bracket[1] <= 0:
            continue
        if bracket[0] <= 0 or (bracket[0] != bracket[1] and bracket[0] <= 1 <= bracket[1]):
            raise TooHard("a root that lies close to another")
        ends = []
        for value in bracket:
            ends += [(end * kernel.scale - beta) / alpha for end in _logarithm_bracket(value)]
        yield min(ends), max(ends)


def _logarithm_bracket(value: Fraction) -> tuple[Fraction, Fraction]:
    if value == 1:
        return Fraction(0), Fraction(0)
    with reals.precision(96):
        ball = reals.lift(reals.logarithm(reals.exact(value.numerator, value.denominator)))
        return _dyadic(ball.lower()), _dyadic(ball.upper())


def _dyadic(ball: Any) -> Fraction:
    """An exact ball as a fraction."""
    mantissa, exponent = ball.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _norm(tower: Tower, polynomial: Polynomial) -> Polynomial:
    """A polynomial whose zeros include those of p, without roots: the product over all values of every root.

    For ρ = |u|^(1/q) the product over the q values of ρ, by resultants; |u| is u or −u, and both are tried.
    """
    polynomial = reduced(tower, polynomial)
    for kernel in reversed(tower.kernels):
        degrees = polynomials.degrees_of(polynomial)
        if kernel.kind != "root" or not degrees or not degrees[kernel.index]:
            continue
        unknown = tower.ring.generator(kernel.index)
        product = tower.ring.one.top
        for sign in _possible_signs(tower, kernel):
            relation = unknown**kernel.scale - sign * kernel.of
            product = polynomials.ring_product(tower.ring, product, _resultant(polynomial, relation, kernel.index))
        polynomial = product
    return polynomial


def _possible_signs(tower: Tower, kernel: Kernel) -> tuple[int, ...]:
    sign = tower.sign(kernel.of)
    return (sign,) if sign else (1, -1)


def _resultant(left: Polynomial, right: Polynomial, index: int) -> Polynomial:
    if len(left) > 40 or polynomials.degrees_of(left)[index] * polynomials.degrees_of(right)[index] > 12:
        raise TooHard("a domain whose ends are not known")
    if reals.CERTIFIED:
        return left.resultant(right, index)
    raise TooHard("resultants need python-flint")


# -- one interval -------------------------------------------------------------------------------------------------


def _settled(
    left: Any, right: Any, name: Any, interval: Interval, signs: Mapping[str, str], conditions: Sequence[Any]
) -> bool | None:
    """Both sides are equal in the interval (True), one is undefined in it (None), or neither is known (False)."""
    inside = _inside(interval)
    if not _allowed(name, inside, signs, conditions):
        return None
    values = Tape(left, right).run({name_of(name): inside}, 256)
    if any(value.undefined for value in values):
        return None
    if not all(value.real for value in values):
        return False
    tried = [point for point in _TRIED if _contains(interval, point)]
    return any(_equal_at(left, right, name, point) for point in [*tried, inside])


def _equal_at(left: Any, right: Any, name: Any, point: Fraction) -> bool:
    values = Tape(left, right).run({name_of(name): point}, 96)
    if not all(value.real for value in values) or values[0].apart(values[1]):
        return False
    if values[0].exact is not None and values[0].exact == values[1].exact:
        return True
    number = sympy.Rational(point.numerator, point.denominator)
    return bool(kernel_proof(replace_symbols(left, {name: number}), replace_symbols(right, {name: number})))


def _inside(interval: Interval) -> Fraction:
    low, high = interval
    if low is None:
        return Fraction(0) if high is None or high > 0 else Fraction(high.__floor__() - 1)
    return Fraction(low.__floor__() + 1) if high is None else simplest(low, high)


def _contains(interval: Interval, point: Fraction) -> bool:
    low, high = interval
    return (low is None or point > low) and (high is None or point < high)


def _allowed(name: Any, point: Fraction, signs: Mapping[str, str], conditions: Sequence[Any]) -> bool:
    """The point satisfies what is assumed."""
    words = signs.get(str(name), "").split()
    if ("positive" in words or "nonnegative" in words) and point <= 0:
        return False
    if ("negative" in words or "nonpositive" in words) and point >= 0:
        return False
    values = Tape(*conditions).run({name_of(name): point}, 256) if conditions else []
    if any(not value.real for value in values):
        raise TooHard("a condition that is not settled")
    return all(value.number for value in values)
