"""Algebraic numbers that are zero: proved by a ball and a bound below which no other number of that kind can be.

√(5 + 2√6) − √2 − √3 is a number of degree 8 at most; were it not zero, it would not be smaller than 2^−40 or so (the
root bound of Burnikel, Funke, Mehlhorn, Schirra and Schmitt); its ball is far smaller: it is zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import sympy

from symgraph.calculus import polynomials, reals
from symgraph.calculus.kernels import Kernel, Tower
from symgraph.calculus.polynomials import Polynomial

__all__ = ["constants_vanish"]

_ALGEBRAIC_BITS = 40_000  # of an algebraic number that is proved to be zero


def constants_vanish(tower: Tower, polynomial: Polynomial) -> bool:
    """Every coefficient, by the kernels that are not constant, is an algebraic number proved to be zero."""
    used = [tower.kernels[index] for index in polynomials.unknowns_of(polynomial)]
    constant = {kernel.index for kernel in used if kernel.constant}
    if not any(tower.kernels[index].kind in ("root", "tan") for index in constant):
        return False
    groups: dict[tuple[int, ...], dict[tuple[int, ...], Fraction]] = {}
    for exponents, coefficient in polynomials.terms_of(polynomial):
        moving = tuple(0 if index in constant else e for index, e in enumerate(exponents))
        still = tuple(e if index in constant else 0 for index, e in enumerate(exponents))
        groups.setdefault(moving, {})[still] = coefficient
    return all(_algebraic_zero(tower, tower.ring.polynomial(terms)) for terms in groups.values())


def _algebraic_zero(tower: Tower, polynomial: Polynomial) -> bool:
    """An algebraic number that is not zero is not smaller than its root bound; a ball below that proves zero."""
    number = _algebraic(tower, polynomial) if reals.CERTIFIED else None
    if number is None:
        return False
    bits = number.least() + 64
    if bits > _ALGEBRAIC_BITS:
        return False
    with reals.precision(2 * bits):
        ball = tower.ball(polynomial)
        return ball is not None and bool(abs(ball) < reals.power(reals.exact(2), reals.exact(-bits + 32)))


@dataclass(frozen=True, slots=True)
class _Bound:
    """Root bound of Burnikel, Funke, Mehlhorn, Schirra and Schmitt: log2 of u and l, and the degree by radicals."""

    upper: float
    lower: float
    radicals: Mapping[str, int]

    def least(self) -> int:
        """The number is zero, or at least 2 to the power of minus this."""
        degree = prod(self.radicals.values())
        return int((degree - 1) * self.upper + self.lower) + 2

    def plus(self, other: _Bound) -> _Bound:
        first, second = self.upper + other.lower, self.lower + other.upper
        return _Bound(max(first, second) + 1, self.lower + other.lower, {**self.radicals, **other.radicals})

    def times(self, other: _Bound) -> _Bound:
        radicals = {**self.radicals, **other.radicals}
        return _Bound(self.upper + other.upper, self.lower + other.lower, radicals)

    def over(self, other: _Bound) -> _Bound:
        return self.times(_Bound(other.lower, other.upper, other.radicals))

    def root(self, order: int, name: str) -> _Bound:
        radicals = {**self.radicals, name: order}
        if self.upper >= self.lower:
            return _Bound((self.upper + (order - 1) * self.lower) / order, self.lower, radicals)
        return _Bound(self.upper, ((order - 1) * self.upper + self.lower) / order, radicals)


def _rational_bound(number: Fraction) -> _Bound:
    return _Bound(float(abs(number.numerator).bit_length()), float(number.denominator.bit_length()), {})


def _algebraic(tower: Tower, polynomial: Polynomial) -> _Bound | None:
    """The bound of a polynomial in roots of numbers and tangents of rational parts of π; None for anything else."""
    kernels: dict[int, _Bound] = {}
    total: _Bound | None = None
    for exponents, coefficient in polynomials.terms_of(polynomial):
        term = _rational_bound(coefficient)
        for index, exponent in enumerate(exponents):
            if exponent and index not in kernels:
                found = _kernel_bound(tower, tower.kernels[index])
                if found is None:
                    return None
                kernels[index] = found
            for _ in range(exponent):
                term = term.times(kernels[index])
        total = term if total is None else total.plus(term)
    return total


def _kernel_bound(tower: Tower, kernel: Kernel) -> _Bound | None:
    if kernel.kind == "root":
        inner = _algebraic(tower, kernel.of)
        return None if inner is None else inner.root(kernel.scale, f"root {kernel.index}")
    if kernel.kind == "tan" and kernel.basis is not None and kernel.basis.is_whole():
        terms = polynomials.terms_of(kernel.basis.top)
        used = [tower.kernels[index] for index in polynomials.unknowns_of(kernel.basis.top)]
        if len(terms) == 1 and sum(terms[0][0]) == 1 and used[0].source is sympy.pi:
            # tan(π r) = (z − 1)/(i(z + 1)) with z a root of unity of that order: |z ± 1| ≤ 2
            order = (terms[0][1] / (2 * kernel.scale)).denominator
            two = _Bound(1.0, 0.0, {f"tan {kernel.index}": order, "i": 2})
            return two.over(two)
    return None
