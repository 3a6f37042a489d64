"""Sines and cosines as rational functions of half-angle tangents, with multiples and sums of angles.

cos θ + i sin θ = (1 + it)²/(1 + t²) with t = tan(θ/2); a sum of angles is a product of such numbers. Quarter turns,
atan v and asin v are angles that need no kernel of their own.
"""

from __future__ import annotations

from fractions import Fraction

from sympy import S

from symgraph.calculus.bases import ANGLE_MULTIPLES, in_basis, lone_terms
from symgraph.calculus.exponents import absolute_power, root
from symgraph.calculus.kernels import Kernel, TooHard, Tower
from symgraph.calculus.polynomials import Quotient, Ring

__all__ = ["angle"]


def angle(tower: Tower, value: Quotient) -> tuple[Quotient, Quotient]:
    """(cos u, sin u)."""
    key = value.key
    if key not in tower.angles:
        tower.angles[key] = _angle(tower, value)
    return tower.angles[key]


def _angle(tower: Tower, value: Quotient) -> tuple[Quotient, Quotient]:
    cosine, sine, rest = tower.ring.one, tower.ring.zero, value
    for kernel, coefficient in lone_terms(tower, value, ("constant", "function")):
        known = _known_angle(tower, kernel, coefficient)
        if known is not None:
            rest = rest - tower.unknown(kernel) * coefficient
            cosine, sine = _turned(cosine, sine, *known)
    for basis, coefficient in in_basis(tower, "tan", rest):
        multiple = tower.scaled(basis, coefficient)
        if 2 * abs(multiple) > ANGLE_MULTIPLES:
            raise TooHard("a high multiple of an angle")
        cosine, sine = _turned(cosine, sine, *_multiple(tower, basis, multiple))
    return cosine, sine


def _known_angle(tower: Tower, kernel: Kernel, coefficient: Fraction) -> tuple[Quotient, Quotient] | None:
    """Quarter turns, and whole multiples of inverse functions."""
    if kernel.source is S.Pi:
        if (2 * coefficient).denominator != 1:
            return None
        quarter = int(2 * coefficient) % 4
        return tower.ring.number((1, 0, -1, 0)[quarter]), tower.ring.number((0, 1, 0, -1)[quarter])
    if kernel.source not in ("atan", "asin") or coefficient.denominator != 1 or abs(coefficient) > ANGLE_MULTIPLES:
        return None
    (inner,) = kernel.arguments
    if kernel.source == "atan":
        shrink = absolute_power(tower, inner * inner + 1, Fraction(-1, 2))
        once = shrink, inner * shrink
    else:
        once = root(tower, 1 - inner * inner, Fraction(1, 2)), inner
    return _multiplied(tower.ring, once, int(coefficient))


def _multiple(tower: Tower, kernel: Kernel, multiple: int) -> tuple[Quotient, Quotient]:
    """(cos, sin) of a multiple of the angle b/scale, by t = tan(b/(2·scale)): (1 + it)² / (1 + t²)."""
    t = tower.unknown(kernel)
    below = (t * t + 1).inverse()
    return _multiplied(tower.ring, ((1 - t * t) * below, 2 * t * below), multiple)


def _turned(cosine: Quotient, sine: Quotient, by_cosine: Quotient, by_sine: Quotient) -> tuple[Quotient, Quotient]:
    """(cos, sin) of a sum of two angles."""
    return cosine * by_cosine - sine * by_sine, sine * by_cosine + cosine * by_sine


def _multiplied(ring: Ring, once: tuple[Quotient, Quotient], multiple: int) -> tuple[Quotient, Quotient]:
    """(cos, sin) of a multiple of an angle, by squaring."""
    cosine, sine = once
    if multiple < 0:
        sine, multiple = -sine, -multiple
    result = ring.one, ring.zero
    while multiple:
        if multiple % 2:
            result = _turned(*result, cosine, sine)
        cosine, sine = _turned(cosine, sine, cosine, sine) if multiple > 1 else (cosine, sine)
        multiple //= 2
    return result
