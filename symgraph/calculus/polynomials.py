"""Polynomials and their quotients with exact rational coefficients, never larger than a limit.

The unknowns are k0, k1, …; what they stand for is the business of `kernels.py`. The work is done by python-flint, or
by SymPy's own rings where that is missing. Every operation that can grow is bounded before it is done: too many terms
raise `TooHard`.

>>> ring = Ring(4)
>>> x, y = ring.unknown(0), ring.unknown(1)
>>> (x * x - y * y) / (x - y) == x + y
True
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from fractions import Fraction
from math import comb, prod
from typing import Any

import sympy

try:
    import flint
except ImportError:
    flint = None

__all__ = [
    "Budget",
    "Polynomial",
    "Quotient",
    "Ring",
    "TooHard",
    "degrees_of",
    "exact_quotient",
    "factors_of",
    "is_constant",
    "is_zero",
    "power_terms",
    "terms_of",
]

Polynomial = Any  # fmpq_mpoly, or SymPy's PolyElement: + - * ** == len()

_BITS = 20_000  # of one coefficient
_WORK = 15_000_000  # term products, all in all: about half a second
_FACTORED_TERMS, _FACTORED_DEGREE = 200, 60  # larger ones are left as they are


class TooHard(Exception):
    """More work than is allowed, or nothing that this method can say."""


class Budget:
    """How much work is left, counted in products of terms: the same on every machine, as no clock is.

    >>> budget = Budget(10)
    >>> budget.spend(7)
    >>> budget.spend(7)
    Traceback (most recent call last):
        ...
    symgraph.calculus.polynomials.TooHard: more work than is allowed
    """

    def __init__(self, work: int = _WORK) -> None:
        self.left = work

    def spend(self, work: int) -> None:
        """Count some work; TooHard when no more is left."""
        self.left -= work
        if self.left < 0:
            raise TooHard("more work than is allowed")


class Ring:
    """The polynomials in so many unknowns.

    Args:
        size: how many unknowns.
        terms: the most terms that any polynomial may have.
        budget: the work that may be done in it.
    """

    def __init__(self, size: int, terms: int = 1_000, budget: Budget | None = None) -> None:
        self.size, self.terms = size, terms
        self.budget = budget or Budget()
        self._ring = _ring(size)
        self.one_polynomial = self._constant(Fraction(1))
        self.zero = self.number(0)
        self.one = self.number(1)

    def _constant(self, value: Fraction) -> Polynomial:
        if flint is not None:
            return self._ring.constant(flint.fmpq(value.numerator, value.denominator))
        return self._ring.ground_new(sympy.QQ(value.numerator, value.denominator))

    def number(self, value: int | Fraction) -> Quotient:
        """A rational number as a quotient."""
        return Quotient(self, self._constant(Fraction(value)), self.one_polynomial)

    def generator(self, index: int) -> Polynomial:
        """The unknown of that number as a polynomial."""
        return self._ring.gen(index) if flint is not None else self._ring.gens[index]

    def unknown(self, index: int) -> Quotient:
        """The unknown of that number as a quotient."""
        return Quotient(self, self.generator(index), self.one_polynomial)

    def whole(self, polynomial: Polynomial) -> Quotient:
        """A polynomial as a quotient."""
        return Quotient(self, polynomial, self.one_polynomial)

    def quotient(self, top: Polynomial, bottom: Polynomial) -> Quotient:
        """top/bottom in lowest terms, the leading coefficient of the bottom 1; TooHard when the bottom is 0."""
        if is_zero(bottom):
            raise TooHard("a division by what is always zero")
        if not is_constant(bottom):
            self.check(top)
            self.check(bottom)
            top, bottom = self.lowest(top, bottom)
        leading = leading_coefficient(bottom)
        if leading != 1:
            top, bottom = scaled(top, 1 / leading), scaled(bottom, 1 / leading)
        return Quotient(self, top, bottom)

    def polynomial(self, terms: Mapping[tuple[int, ...], Fraction]) -> Polynomial:
        """The polynomial with these terms: exponents of all unknowns -> coefficient."""
        if flint is not None:
            return self._ring.from_dict({m: flint.fmpq(c.numerator, c.denominator) for m, c in terms.items() if c})
        return self._ring.from_dict({m: sympy.QQ(c.numerator, c.denominator) for m, c in terms.items() if c})

    def check(self, polynomial: Polynomial) -> None:
        """TooHard when it has too many terms."""
        self.budget.spend(10 + len(polynomial))
        if len(polynomial) > self.terms:
            raise TooHard("an expression with very many terms")

    def lowest(self, top: Polynomial, bottom: Polynomial) -> tuple[Polynomial, Polynomial]:
        """Both without their greatest common divisor."""
        if is_constant(bottom):
            return top, bottom
        self.budget.spend(100 + len(top) * len(bottom))
        common = top.gcd(bottom)
        if is_constant(common):
            return top, bottom
        return exact_quotient(top, common), exact_quotient(bottom, common)

    def factors(self, polynomial: Polynomial) -> tuple[Fraction, list[tuple[Polynomial, int]]]:
        """`factors_of`, counted as work."""
        self.budget.spend(500 + 20 * len(polynomial) * sum(degrees_of(polynomial)))
        return factors_of(polynomial)


@functools.lru_cache(maxsize=16)
def _ring(size: int) -> Any:
    names = [f"k{number}" for number in range(size)]
    if flint is not None:
        return flint.fmpq_mpoly_ctx.get(names, flint.Ordering.lex)
    return sympy.polys.rings.ring(names, sympy.QQ, sympy.polys.orderings.lex)[0]


def is_zero(polynomial: Polynomial) -> bool:
    """Is it the zero polynomial?"""
    return len(polynomial) == 0


def is_constant(polynomial: Polynomial) -> bool:
    """Is it a number?"""
    return bool(polynomial.is_constant() if flint is not None else polynomial.is_ground)


def exact_quotient(top: Polynomial, bottom: Polynomial) -> Polynomial:
    """top/bottom, where it is known to come out even."""
    return top / bottom if flint is not None else top.exquo(bottom)


def leading_coefficient(polynomial: Polynomial) -> Fraction:
    """The coefficient of the leading term (0 for the zero polynomial)."""
    if is_zero(polynomial):
        return Fraction(0)
    return fraction(polynomial.coefficient(0) if flint is not None else polynomial.LC)


def fraction(coefficient: Any) -> Fraction:
    """A coefficient of either kind of ring as a Fraction."""
    return Fraction(int(coefficient.numerator), int(coefficient.denominator))


def scaled(polynomial: Polynomial, factor: Fraction) -> Polynomial:
    """The polynomial times a number."""
    if flint is not None:
        return polynomial * flint.fmpq(factor.numerator, factor.denominator)
    return polynomial.mul_ground(sympy.QQ(factor.numerator, factor.denominator))


def terms_of(polynomial: Polynomial) -> list[tuple[tuple[int, ...], Fraction]]:
    """(exponents, coefficient) of every term."""
    return [(tuple(map(int, monomial)), fraction(c)) for monomial, c in polynomial.terms()]


def unknowns_of(polynomial: Polynomial) -> list[int]:
    """The numbers of the unknowns that occur."""
    if is_zero(polynomial):
        return []
    return [index for index, degree in enumerate(polynomial.degrees()) if degree]


def degrees_of(polynomial: Polynomial) -> list[int]:
    """The degree in every unknown (nothing for the zero polynomial)."""
    return [] if is_zero(polynomial) else [int(degree) for degree in polynomial.degrees()]


def factors_of(polynomial: Polynomial) -> tuple[Fraction, list[tuple[Polynomial, int]]]:
    """A number, and polynomials with exponents, whose product this is; large ones are not split.

    >>> ring = Ring(2)
    >>> number, parts = factors_of((2 * ring.unknown(0) ** 2 - 2).top)
    >>> number, sorted(str(part) for part, _ in parts)
    (Fraction(2, 1), ['k0 + 1', 'k0 - 1'])
    """
    if is_constant(polynomial):
        return (leading_coefficient(polynomial), [])
    degrees = [degree for degree in degrees_of(polynomial) if degree]
    most = _FACTORED_DEGREE if len(degrees) == 1 else _FACTORED_DEGREE // 3
    if len(polynomial) == 1 or (len(polynomial) <= _FACTORED_TERMS and sum(degrees) <= most):
        number, parts = polynomial.factor() if flint is not None else polynomial.factor_list()
        return fraction(number), [(part, int(exponent)) for part, exponent in parts]
    leading = leading_coefficient(polynomial)
    return leading, [(scaled(polynomial, 1 / leading), 1)]


class Quotient:
    """A quotient of two polynomials in lowest terms; equal ones look the same."""

    __slots__ = ("bottom", "ring", "top")

    def __init__(self, ring: Ring, top: Polynomial, bottom: Polynomial) -> None:
        self.ring, self.top, self.bottom = ring, top, bottom

    def __repr__(self) -> str:
        return f"({self.top})/({self.bottom})"

    @property
    def key(self) -> str:
        """The same for equal quotients of one ring, and for no others."""
        return f"{self.top}/{self.bottom}" if not is_constant(self.bottom) else str(self.top)

    def is_zero(self) -> bool:
        return is_zero(self.top)

    def is_whole(self) -> bool:
        """There is nothing below the line."""
        return is_constant(self.bottom)

    def constant(self) -> Fraction | None:
        """The number that this is, if it is one."""
        return leading_coefficient(self.top) if is_constant(self.top) and is_constant(self.bottom) else None

    def _operand(self, other: Any) -> Quotient:
        return other if isinstance(other, Quotient) else self.ring.number(other)

    def __eq__(self, other: object) -> bool:
        right = self._operand(other)
        return bool(self.top == right.top and self.bottom == right.bottom)

    def __hash__(self) -> int:
        return hash(self.key)

    def __neg__(self) -> Quotient:
        return Quotient(self.ring, -self.top, self.bottom)

    def __add__(self, other: Quotient | int | Fraction) -> Quotient:
        right = self._operand(other)
        ring = self.ring
        if self.bottom == right.bottom:
            top, bottom = self.top + right.top, self.bottom
            ring.check(top)
            return Quotient(ring, top, bottom) if is_constant(bottom) else ring.quotient(top, bottom)
        top = ring_product(ring, self.top, right.bottom) + ring_product(ring, right.top, self.bottom)
        return ring.quotient(top, ring_product(ring, self.bottom, right.bottom))

    __radd__ = __add__

    def __sub__(self, other: Quotient | int | Fraction) -> Quotient:
        return self + -self._operand(other)

    def __rsub__(self, other: int | Fraction) -> Quotient:
        return self._operand(other) - self

    def __mul__(self, other: Quotient | int | Fraction) -> Quotient:
        right = self._operand(other)
        ring = self.ring
        if is_constant(self.bottom) and is_constant(right.bottom):
            return Quotient(ring, ring_product(ring, self.top, right.top), self.bottom)
        left_top, right_bottom = ring.lowest(self.top, right.bottom)
        right_top, left_bottom = ring.lowest(right.top, self.bottom)
        top, bottom = ring_product(ring, left_top, right_top), ring_product(ring, left_bottom, right_bottom)
        leading = leading_coefficient(bottom)
        if leading != 1:
            top, bottom = scaled(top, 1 / leading), scaled(bottom, 1 / leading)
        return Quotient(ring, top, bottom)

    __rmul__ = __mul__

    def inverse(self) -> Quotient:
        return self.ring.quotient(self.bottom, self.top)

    def __truediv__(self, other: Quotient | int | Fraction) -> Quotient:
        return self * self._operand(other).inverse()

    def __rtruediv__(self, other: int | Fraction) -> Quotient:
        return self._operand(other) / self

    def __pow__(self, exponent: int) -> Quotient:
        if exponent < 0:
            return self.inverse() ** -exponent
        return Quotient(self.ring, self._power(self.top, exponent), self._power(self.bottom, exponent))

    def _power(self, polynomial: Polynomial, exponent: int) -> Polynomial:
        terms = power_terms(polynomial, exponent)
        if terms > self.ring.terms:
            raise TooHard("a high power of a sum")
        self.ring.budget.spend(10 + terms * len(polynomial))
        return polynomial**exponent


def power_terms(polynomial: Polynomial, exponent: int) -> int:
    """At most so many terms has its power; a huge number when its coefficients would be too long."""
    terms = len(polynomial)
    if terms == 0:
        return 1
    if exponent > 1:
        bits = max(max(c.numerator.bit_length(), c.denominator.bit_length()) for _, c in polynomial.terms())
        if int(bits) * exponent > _BITS:
            return 1 << 62
    if terms == 1:
        return 1
    if exponent > 10_000:
        return 1 << 62
    return min(comb(exponent + terms - 1, terms - 1), prod(d * exponent + 1 for d in degrees_of(polynomial)))


def ring_product(ring: Ring, left: Polynomial, right: Polynomial) -> Polynomial:
    """The product, its size bounded before it is made."""
    if len(left) * len(right) > 20 * ring.terms:
        raise TooHard("a product with very many terms")
    ring.budget.spend(len(left) * len(right))
    product = left * right
    ring.check(product)
    return product
