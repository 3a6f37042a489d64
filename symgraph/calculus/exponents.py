"""Powers, roots, logarithms and exponentials in kernels.

Wherever an expression is real, the radicand of a root and the argument of a logarithm have one sign, so that each of
their factors p may be taken as |p|: √(x²−9) is |x−3|^½·|x+3|^½, and ln(x²−9) is ln|x−3| + ln|x+3|. A power u^v with a
positive base is e^(v ln u); a logarithm in an exponent becomes a power again.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

from symgraph.calculus import polynomials
from symgraph.calculus.bases import content, in_basis, lone_terms
from symgraph.calculus.kernels import Kernel, TooHard, Tower
from symgraph.calculus.polynomials import Polynomial, Quotient

__all__ = ["absolute_power", "exponential", "general_power", "integer_power", "logarithm", "number_power", "root"]

_SMALL_PRIMES = 1_000


def magnitude(tower: Tower, polynomial: Polynomial, exponent: Fraction) -> Quotient:
    """|p| to a rational power."""
    kernel = tower.single(polynomial)
    if kernel is not None and kernel.kind == "sign":
        return tower.ring.one
    if kernel is not None and kernel.kind == "root":
        return magnitude(tower, kernel.of, exponent / kernel.scale)
    if kernel is not None and kernel.kind == "exp":
        whole = exponent.denominator == 1
        return tower.unknown(kernel) ** int(exponent) if whole else _split(tower, kernel, exponent)
    if exponent.denominator == 1:
        power = tower.ring.whole(polynomial) ** int(exponent)
        return power if exponent % 2 == 0 else power * tower.sign_kernel(polynomial)
    kernel = tower.kernel("root", str(polynomial), of=polynomial)
    wholes, rest = divmod(tower.scaled(kernel, exponent), kernel.scale)
    return magnitude(tower, polynomial, Fraction(wholes)) * tower.unknown(kernel) ** rest


def _split(tower: Tower, kernel: Kernel, exponent: Fraction) -> Quotient:
    """A fractional power of e^(b/scale)."""
    tower.scaled(kernel, exponent / kernel.scale)
    raise TooHard("a scale that does not fit")  # not reached: `scaled` begins again


def number_power(tower: Tower, number: Fraction, exponent: Fraction) -> Quotient:
    """|c| to a rational power, by the prime factors of c."""
    product = tower.ring.one
    for prime, count in _primes(abs(number)):
        power = exponent * count
        if power.denominator == 1:
            product = product * Fraction(prime) ** int(power)
            continue
        kernel = tower.kernel("root", str(prime), of=tower.ring.number(prime).top)
        wholes, rest = divmod(tower.scaled(kernel, power), kernel.scale)
        product = product * Fraction(prime) ** wholes * tower.unknown(kernel) ** rest
    return product


def root(tower: Tower, value: Quotient, exponent: Fraction) -> Quotient:
    """A fractional power: real, so that its base is not negative, and every factor may be taken as |p|."""
    if value.is_zero():
        if exponent > 0:
            return tower.ring.zero
        raise TooHard("a division by what is always zero")
    tower.note(value)
    return absolute_power(tower, value, exponent)


def absolute_power(tower: Tower, value: Quotient, exponent: Fraction) -> Quotient:
    """|u| to a rational power."""
    if value.is_zero():
        return tower.ring.zero
    number, parts = tower.parts(value)
    product = number_power(tower, number, exponent)
    tower.fence(value)
    for part, count in parts:
        product = product * magnitude(tower, part, exponent * count)
    return product


def logarithm(tower: Tower, value: Quotient) -> Quotient:
    """ln u: real, so that u is positive, and the sum of the logarithms of the magnitudes of its factors."""
    if value.is_zero():
        raise TooHard("the logarithm of zero")
    tower.note(value)
    number, parts = tower.parts(value)
    total = tower.ring.zero
    for prime, count in _primes(abs(number)):
        kernel = tower.kernel("log", str(prime), of=tower.ring.number(prime).top)
        total = total + tower.unknown(kernel) * count
    for part, count in parts:
        total = total + _log_magnitude(tower, part) * count
    return total


def _log_magnitude(tower: Tower, polynomial: Polynomial) -> Quotient:
    """ln|p|."""
    kernel = tower.single(polynomial)
    if kernel is not None and kernel.kind == "sign":
        return tower.ring.zero
    if kernel is not None and kernel.kind == "exp" and kernel.basis is not None:
        return kernel.basis / kernel.scale
    if kernel is not None and kernel.kind == "root":
        return _log_magnitude(tower, kernel.of) / kernel.scale
    if kernel is not None and kernel.kind == "power":
        base, exponent = kernel.arguments
        return exponent * logarithm(tower, absolute_power(tower, base, Fraction(1))) / kernel.scale
    return tower.unknown(tower.kernel("log", str(polynomial), of=polynomial))


def exponential(tower: Tower, exponent: Quotient) -> Quotient:
    """e^u: logarithms in the exponent become powers, the rest is written in the basis of exponents."""
    product, rest = tower.ring.one, exponent
    for kernel, coefficient in lone_terms(tower, exponent, ("log", "function")):
        lambert = kernel.source == "LambertW" and coefficient.denominator == 1 and kernel.smooth
        if kernel.kind == "function" and not lambert:
            continue
        rest = rest - tower.unknown(kernel) * coefficient
        if kernel.kind == "function":  # e^W(u) = u/W(u)
            product = product * integer_power(tower, kernel.arguments[-1] / tower.unknown(kernel), int(coefficient))
            continue
        if polynomials.is_constant(kernel.of):
            product = product * number_power(tower, polynomials.leading_coefficient(kernel.of), coefficient)
        else:
            product = product * magnitude(tower, kernel.of, coefficient)
    for basis, coefficient in in_basis(tower, "exp", rest):
        power = tower.scaled(basis, coefficient)
        if abs(power) > 10_000:
            raise TooHard("a very high power of an exponential")
        product = product * tower.unknown(basis) ** power
    return product


def general_power(tower: Tower, source: Any, base: Quotient, exponent: Quotient) -> Quotient:
    """u^v, where `source` is u as SymPy has it."""
    number = exponent.constant()
    if number is not None:
        if number.denominator == 1:
            return integer_power(tower, base, int(number))
        return root(tower, base, number)
    if _base_is_positive(tower, source, base):
        if not base.is_zero():
            tower.note(base)
        return exponential(tower, exponent * logarithm(tower, base))
    return _unknown_power(tower, base, exponent)


def _base_is_positive(tower: Tower, source: Any, base: Quotient) -> bool:
    if source in tower.certain_bases or base.constant() is not None:
        return base.constant() is None or bool(base.constant() > 0)  # type: ignore[operator]
    number, parts = tower.parts(base)
    return number > 0 and all(exponent % 2 == 0 or tower.sign(part) == 1 for part, exponent in parts)


def _unknown_power(tower: Tower, base: Quotient, exponent: Quotient) -> Quotient:
    """u^v where u may be negative (and v then whole): a kernel for each term of v, whole parts of v taken out.

    That is the principal power e^(v ln u) with a complex logarithm, which is additive in v for one u.
    """
    wholes = 0
    rest = [exponent]
    if exponent.is_whole():
        terms = dict(polynomials.terms_of(exponent.top))
        wholes = floor(terms.pop((0,) * tower.ring.size, Fraction(0)))
        rest = [tower.ring.whole(tower.ring.polynomial({m: c})) for m, c in terms.items()]
        rest.append(tower.ring.number(_constant_term(tower, exponent) - wholes))
    product = integer_power(tower, base, wholes)
    for term in rest:
        if not term.is_zero():
            number = content(term)
            primitive = term * (1 / number)
            kernel = tower.kernel("power", f"{base.key} ^ {primitive.key}", arguments=(base, primitive))
            product = product * tower.unknown(kernel) ** tower.scaled(kernel, number)
    return product


def integer_power(tower: Tower, base: Quotient, exponent: int) -> Quotient:
    """u^n; a power too high to be multiplied out has its base as a kernel."""
    if exponent < 0 and base.is_zero():
        raise TooHard("a division by what is always zero")
    try:
        return base**exponent
    except TooHard:
        kernel = tower.kernel("function", f"({base.key})", arguments=(base,), source="base")
        return tower.unknown(kernel) ** exponent


def _primes(number: Fraction) -> list[tuple[int, int]]:
    """Small prime factors with their exponents; what is left of a large number counts as one factor."""
    found: dict[int, int] = {}
    for whole, sign in ((number.numerator, 1), (number.denominator, -1)):
        rest, divisor = whole, 2
        while rest > 1 and divisor <= _SMALL_PRIMES:
            if divisor * divisor > rest:
                break
            while rest % divisor == 0:
                rest //= divisor
                found[divisor] = found.get(divisor, 0) + sign
            divisor += 1 if divisor == 2 else 2
        if rest > 1:
            found[rest] = found.get(rest, 0) + sign
    return sorted((prime, count) for prime, count in found.items() if count)


def _constant_term(tower: Tower, exponent: Quotient) -> Fraction:
    return dict(polynomials.terms_of(exponent.top)).get((0,) * tower.ring.size, Fraction(0))
