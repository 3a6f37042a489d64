"""Exponents and angles in a basis over the rational numbers: e^(x+y) and e^x·e^y have the same kernels.

A sum of rational multiples of basis elements is a product of powers of kernels; what is outside the span joins the
basis. That is linear algebra on the coefficients of the exponents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd, lcm

from symgraph.calculus import polynomials
from symgraph.calculus.kernels import Kernel, Tower
from symgraph.calculus.polynomials import Quotient

__all__ = ["ANGLE_MULTIPLES", "content", "in_basis", "lone_terms"]

ANGLE_MULTIPLES = 40  # of half an angle


def lone_terms(tower: Tower, value: Quotient, kinds: Iterable[str]) -> list[tuple[Kernel, Fraction]]:
    """The terms of a sum that are a rational number times one kernel of these kinds."""
    found: list[tuple[Kernel, Fraction]] = []
    if not value.is_whole() or not any(kernel.kind in kinds for kernel in tower.kernels):
        return found
    for exponents, coefficient in polynomials.terms_of(value.top):
        if sum(exponents) == 1:
            kernel = tower.kernels[exponents.index(1)]
            if kernel.kind in kinds:
                found.append((kernel, coefficient))
    return found


def in_basis(tower: Tower, kind: str, value: Quotient) -> list[tuple[Kernel, Fraction]]:
    """value = Σ coefficient·basis element; a value outside the span joins the basis."""
    if value.is_zero():
        return []
    basis = [kernel for kernel in tower.kernels if kernel.kind == kind]
    for kernel in basis:
        ratio = _ratio(value, kernel.basis)
        if ratio is not None and _is_handy(kind, ratio):
            return [(kernel, ratio)]
    if len(basis) > 1 or (basis and len(value.top) + len(value.bottom) > 2):
        combination = _combination(value, [kernel.basis for kernel in basis if kernel.basis is not None])
        if combination is not None and all(_is_handy(kind, c) for c in combination):
            return [(kernel, c) for kernel, c in zip(basis, combination, strict=True) if c]
    number = content(value)
    if kind == "tan":  # sin 200x by half of 200x: its multiples are dear
        number = Fraction(1 if number > 0 else -1)
    primitive = value * (1 / number)
    return [(tower.kernel(kind, primitive.key, basis=primitive), number)]


def content(value: Quotient) -> Fraction:
    """The rational factor that makes a quotient's coefficients whole, coprime and the first one positive."""
    coefficients = [coefficient for _, coefficient in polynomials.terms_of(value.top)]
    numerator, denominator = 0, 1
    for coefficient in coefficients:
        numerator = gcd(numerator, abs(coefficient.numerator))
        denominator = lcm(denominator, coefficient.denominator)
    content = Fraction(numerator, denominator)
    return -content if polynomials.leading_coefficient(value.top) < 0 else content


def _is_handy(kind: str, coefficient: Fraction) -> bool:
    """Few enough multiples and parts of an angle; others count as unrelated, which proves less and nothing false."""
    return kind != "tan" or abs(coefficient.numerator) * coefficient.denominator <= ANGLE_MULTIPLES // 2


def _ratio(value: Quotient, basis: Quotient | None) -> Fraction | None:
    """value/basis, when that is a rational number."""
    if basis is None or value.bottom != basis.bottom or len(value.top) != len(basis.top):
        return None
    ratio = polynomials.leading_coefficient(value.top) / polynomials.leading_coefficient(basis.top)
    return ratio if value.top == polynomials.scaled(basis.top, ratio) else None


def _combination(value: Quotient, basis: Sequence[Quotient]) -> list[Fraction] | None:
    """Rational numbers c with value = Σ c·basis, if there are any: linear equations for the coefficients."""
    ring = value.ring
    bottom = value.bottom
    for element in basis:
        common = bottom.gcd(element.bottom)
        bottom = polynomials.ring_product(ring, bottom, polynomials.exact_quotient(element.bottom, common))
    rows = [
        dict(polynomials.terms_of(element.top * polynomials.exact_quotient(bottom, element.bottom)))
        for element in (*basis, value)
    ]
    monomials = sorted({monomial for row in rows for monomial in row})
    matrix = [[row.get(monomial, Fraction(0)) for row in rows] for monomial in monomials]
    return _solved(matrix, len(basis))


def _solved(matrix: list[list[Fraction]], count: int) -> list[Fraction] | None:
    """The solution of linear equations whose unknowns are independent; the last column is the right side."""
    pivots: list[int] = []
    row = 0
    for column in range(count):
        pivot = next((r for r in range(row, len(matrix)) if matrix[r][column]), None)
        if pivot is None:
            return None
        matrix[row], matrix[pivot] = matrix[pivot], matrix[row]
        lead = matrix[row][column]
        matrix[row] = [entry / lead for entry in matrix[row]]
        for other in range(len(matrix)):
            if other != row and matrix[other][column]:
                factor = matrix[other][column]
                matrix[other] = [a - factor * b for a, b in zip(matrix[other], matrix[row], strict=True)]
        pivots.append(row)
        row += 1
    if any(line[count] for line in matrix[row:]):
        return None
    return [matrix[place][count] for place in pivots]
