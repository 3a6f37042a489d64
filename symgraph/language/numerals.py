"""Numbers -> trees: exact where that is short, else to so many digits.

>>> number_tree(Fraction(1, 3)), number_tree(0.1234567), number_tree(2**4000)
(Number('1/3'), Number('0.123457'), Apply('power', (Number('2'), Number('4000'))))
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped]
import sympy
from sympy import S

from symgraph.language.tree import Apply, Constant, Number, Text, Tree

__all__ = ["digit_count", "in_short", "number_tree"]

_SHORT = 1000  # the largest denominator that is shown as a fraction
_LONG = 40  # digits of the longest integer that is written out
_SMALLEST = -4  # the smallest power of ten that needs no ×10^k


def number_tree(value: Any, digits: int = 6, *, decimal: bool = False, exact: bool = False) -> Tree:
    """A number as it is shown: short fractions and integers as they are, everything else to `digits` digits.

    Args:
        value: an int, Fraction or float; a SymPy number; an mpmath mpf.
        digits: significant digits of what is not shown exactly.
        decimal: fractions as decimals too.
        exact: fractions as they are, however long.

    The value of the Number returned is the value that is printed, so that `tree.value == value` says whether what
    is printed is exact. What is no number is a Text.

    >>> number_tree(Fraction(1, 3)), number_tree(Fraction(1, 3), decimal=True), number_tree(0.88079707797)
    (Number('1/3'), Number('0.333333'), Number('0.880797'))
    >>> number_tree(1.2345e-7), number_tree(3**200)
    (Number('1.2345e-7'), Apply('power', (Number('3'), Number('200'))))
    """
    if isinstance(value, sympy.Rational):
        value = Fraction(int(value.p), int(value.q))
    elif value in (S.Infinity, S.NegativeInfinity) or value in (mpmath.inf, -mpmath.inf):
        return Constant("infinity") if value > 0 else Apply("negate", (Constant("infinity"),))
    fraction, floating = _as_fraction(value)
    if fraction is None:
        return Text("undefined")
    if fraction.denominator == 1 and not floating:
        return _integer(fraction.numerator, digits)
    short = fraction.denominator <= _SHORT and abs(fraction.numerator) < 1000 * _SHORT
    if not floating and (exact or (short and not decimal)) and digit_count(fraction.denominator) <= _LONG:
        return Number(fraction)
    return _rounded(fraction, digits)


def _as_fraction(value: Any) -> tuple[Fraction | None, bool]:
    """The exact value, and whether it is a floating-point number."""
    if isinstance(value, int | Fraction):
        return Fraction(value), False
    number = value._to_mpmath(value._prec) if isinstance(value, sympy.Float) else value
    if isinstance(number, sympy.Basic):
        number = number.evalf(30)
        if not isinstance(number, sympy.Float):
            return None, True
        number = number._to_mpmath(number._prec)
    number = mpmath.mpf(number) if isinstance(number, float) else number
    if not isinstance(number, mpmath.mpf) or not mpmath.isfinite(number):
        return None, True
    sign, mantissa, exponent, _ = number._mpf_
    fraction = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return (-fraction if sign else fraction), True


def digit_count(value: int) -> int:
    """How many decimal digits a positive integer has, without writing it.

    >>> digit_count(3**200)
    96
    """
    guess = int(value.bit_length() * 0.30102999566398120) - 1
    while 10 ** (guess + 1) <= value:
        guess += 1
    return guess + 1


def in_short(number: int) -> str:
    """A count for the message of an error.

    >>> in_short(125), in_short(3**200)
    ('125', 'about 10^95')
    """
    return str(number) if number < 10**9 else f"about 10^{digit_count(number) - 1}"


def _integer(value: int, digits: int) -> Tree:
    """An integer: written out, as a power, or to some digits; Python writes none of more than 4,300 digits."""
    size = abs(value)
    if size == 0 or digit_count(size) <= _LONG:
        return Number(value)
    for base in range(2, 37):
        power = _exponent(size, base)
        if base**power == size:
            tree: Tree = Apply("power", (Number(base), Number(power)))
            return tree if value > 0 else Apply("negate", (tree,))
    return _rounded(Fraction(value), digits)


def _exponent(size: int, base: int) -> int:
    """The power of `base` nearest to an integer too long for a float."""
    shift = max(0, size.bit_length() - 60)
    return round(float((mpmath.log(size >> shift) + shift * mpmath.log(2)) / mpmath.log(base)))


def _rounded(value: Fraction, digits: int) -> Number:
    """A number to so many significant digits, without zeros at the end."""
    if value == 0:
        return Number(0)
    size = abs(value)
    power = digit_count(size.numerator) - digit_count(size.denominator)
    top, bottom = size.numerator, size.denominator
    power -= top < bottom * 10**power if power >= 0 else top * 10**-power < bottom
    # In integers: a Fraction would look for common factors of numbers with a million digits.
    shift = digits - 1 - power
    top, bottom = (top * 10**shift, bottom) if shift >= 0 else (top, bottom * 10**-shift)
    scaled = (2 * top + bottom) // (2 * bottom)
    if scaled == 10**digits:
        scaled, power = scaled // 10, power + 1
    sign = "-" if value < 0 else ""
    scale = power - digits + 1
    shown = Fraction(scaled * 10**scale) if scale >= 0 else Fraction(scaled, 10**-scale)
    if _SMALLEST <= power < digits:
        written = _plain(scaled, power)
    else:
        mantissa = str(scaled)
        written = (mantissa[0] + "." + mantissa[1:]).rstrip("0").rstrip(".") + f"e{power}"
    return Number(-shown if value < 0 else shown, sign + written)


def _plain(scaled: int, power: int) -> str:
    """Digits with the point in its place."""
    written = str(scaled)
    if power < 0:
        return ("0." + "0" * (-power - 1) + written).rstrip("0")
    return (written[: power + 1] + "." + written[power + 1 :]).rstrip("0").rstrip(".")
