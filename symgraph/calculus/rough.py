"""Numbers with estimated errors, for where python-flint is not installed.

A `Rough` number has the methods of python-flint's `arb` that `reals.py` calls, computed with mpmath. Its radius is
an estimate (the function is evaluated at both ends of its argument), not a proof: whatever rests on it says so.

>>> print(Rough(2).sqrt())
1.4142135623731 (estimated)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped]

__all__ = ["Rough"]

_Real = Any  # mpmath ships no types
_COMPARED = 10_000  # bits


def _number(value: Any) -> _Real:
    if isinstance(value, Fraction):
        return mpmath.mpf(value.numerator) / value.denominator
    return mpmath.mpf(value)


class Rough:
    """A midpoint and an estimated radius."""

    __slots__ = ("middle", "radius")
    middle: _Real
    radius: _Real

    def __init__(self, value: Any, radius: _Real = None) -> None:
        if isinstance(value, Rough):
            self.middle, self.radius = value.middle, value.radius
            return
        self.middle = _number(value)
        whole = isinstance(value, int) and abs(value) < 1 << 50
        self.radius = mpmath.mpf(0) if whole else self._grain(self.middle)
        if radius is not None:
            self.radius = self.radius + radius

    @staticmethod
    def _grain(middle: _Real) -> _Real:
        return abs(middle) * mpmath.mpf(2) ** (4 - mpmath.mp.prec)

    @staticmethod
    @contextmanager
    def precision(bits: int) -> Iterator[None]:
        """Compute with that many bits in a `with` block."""
        with mpmath.workprec(bits):
            yield

    def __str__(self) -> str:
        return f"{mpmath.nstr(self.middle, 14)} (estimated)"

    def str(self, digits: int = 15, radius: bool = True) -> str:
        """Digits that can be trusted as far as the estimate goes."""
        shown = mpmath.nstr(self.middle, digits)
        return f"{shown} ± {mpmath.nstr(self.radius, 2)}" if radius else f"{shown}"

    def __float__(self) -> float:
        return float(self.middle)

    def is_finite(self) -> bool:
        return bool(mpmath.isfinite(self.middle) and mpmath.isfinite(self.radius))

    def is_exact(self) -> bool:
        return bool(self.radius == 0)

    def mid(self) -> Rough:
        return Rough(self.middle, -self._grain(self.middle))

    def rad(self) -> Rough:
        return Rough(self.radius, -self._grain(self.radius))

    def lower(self) -> Rough:
        return Rough(self.middle - self.radius)

    def upper(self) -> Rough:
        return Rough(self.middle + self.radius)

    def rel_accuracy_bits(self) -> int:
        if self.radius == 0:
            return 1 << 30
        if self.middle == 0:
            return -(1 << 30)
        return int(mpmath.floor(mpmath.log(abs(self.middle) / self.radius, 2)))

    def contains(self, number: Any) -> bool:
        return bool(abs(self.middle - _number(number)) <= self.radius)

    def contains_integer(self) -> bool:
        return bool(mpmath.ceil(self.middle - self.radius) <= self.middle + self.radius)

    def overlaps(self, other: Rough) -> bool:
        return bool(abs(self.middle - other.middle) <= self.radius + other.radius)

    def union(self, other: Rough) -> Rough:
        low = min(self.middle - self.radius, other.middle - other.radius)
        high = max(self.middle + self.radius, other.middle + other.radius)
        return Rough((low + high) / 2, (high - low) / 2)

    def _of(self, other: Any) -> Rough:
        return other if isinstance(other, Rough) else Rough(other)

    def __neg__(self) -> Rough:
        return Rough(-self.middle, self.radius - self._grain(self.middle))

    def __abs__(self) -> Rough:
        return -self if self.middle < 0 else self

    def __add__(self, other: Any) -> Rough:
        right = self._of(other)
        return Rough(self.middle + right.middle, self.radius + right.radius)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Rough:
        return self + -self._of(other)

    def __rsub__(self, other: Any) -> Rough:
        return self._of(other) + -self

    def __mul__(self, other: Any) -> Rough:
        right = self._of(other)
        spread = abs(self.middle) * right.radius + abs(right.middle) * self.radius + self.radius * right.radius
        return Rough(self.middle * right.middle, spread)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Rough:
        right = self._of(other)
        return self * right._through(lambda value: 1 / value)

    def __rtruediv__(self, other: Any) -> Rough:
        return self._of(other) / self

    def __pow__(self, other: Any) -> Rough:
        if isinstance(other, int):
            return self._through(lambda value: value**other)
        return self._through(mpmath.log).__mul__(other)._through(mpmath.exp)

    def __gt__(self, other: Any) -> bool:
        right = self._of(other)
        with mpmath.workprec(_COMPARED):  # two numbers are compared as they are, whatever the precision has become
            return bool(self.middle - self.radius > right.middle + right.radius)

    def __lt__(self, other: Any) -> bool:
        return self._of(other) > self

    def __ge__(self, other: Any) -> bool:
        right = self._of(other)
        with mpmath.workprec(_COMPARED):
            return bool(self.middle - self.radius >= right.middle + right.radius)

    def __le__(self, other: Any) -> bool:
        return self._of(other) >= self

    def __eq__(self, other: object) -> bool:
        right = self._of(other)
        return self.radius == 0 and right.radius == 0 and bool(self.middle == right.middle)

    __hash__ = None  # type: ignore[assignment]  # equality of balls is not an equivalence

    def _through(self, function: Callable[[_Real], _Real]) -> Rough:
        """The function at the middle and at both ends: how far apart they are is the estimate."""
        try:
            values = [function(self.middle + step * self.radius) for step in (0, -1, 1)]
        except (ValueError, ZeroDivisionError, OverflowError, mpmath.libmp.NoConvergence):
            return Rough(mpmath.nan)
        if any(isinstance(value, mpmath.mpc) for value in values):
            return Rough(mpmath.nan)
        return Rough(values[0], 2 * max(abs(value - values[0]) for value in values))

    def max(self, other: Rough) -> Rough:
        low = max(self.middle - self.radius, other.middle - other.radius)
        high = max(self.middle + self.radius, other.middle + other.radius)
        return Rough((low + high) / 2, (high - low) / 2)

    def floor(self) -> Rough:
        low, high = mpmath.floor(self.middle - self.radius), mpmath.floor(self.middle + self.radius)
        return Rough((low + high) / 2, (high - low) / 2)

    def root(self, order: int) -> Rough:
        return self._through(lambda value: mpmath.root(value, order))

    def lambertw(self, branch: int = 0) -> Rough:
        return self._through(lambda value: mpmath.lambertw(value, branch).real)

    def bessel_j(self, order: Any) -> Rough:
        return self._through(lambda value: mpmath.besselj(order.middle, value))

    def bessel_y(self, order: Any) -> Rough:
        return self._through(lambda value: mpmath.bessely(order.middle, value))

    def bessel_i(self, order: Any) -> Rough:
        return self._through(lambda value: mpmath.besseli(order.middle, value))

    def bessel_k(self, order: Any) -> Rough:
        return self._through(lambda value: mpmath.besselk(order.middle, value))

    def polygamma(self, order: int) -> Rough:
        return self._through(lambda value: mpmath.polygamma(order, value))

    def gamma_upper(self, order: Any) -> Rough:
        return self._through(lambda value: mpmath.gammainc(order.middle, value))

    def gamma_lower(self, order: Any) -> Rough:
        return self._through(lambda value: mpmath.gammainc(order.middle, 0, value))

    def expint(self, order: Any) -> Rough:
        return self._through(lambda value: mpmath.expint(order.middle, value))

    def airy(self) -> tuple[Rough, Rough, Rough, Rough]:
        return (
            self._through(mpmath.airyai),
            self._through(lambda value: mpmath.airyai(value, derivative=1)),
            self._through(mpmath.airybi),
            self._through(lambda value: mpmath.airybi(value, derivative=1)),
        )

    @staticmethod
    def atan2(y: Rough, x: Rough) -> Rough:
        spread = (y.radius + x.radius) / (abs(y.middle) + abs(x.middle))
        return Rough(mpmath.atan2(y.middle, x.middle), 2 * spread)

    @staticmethod
    def pi() -> Rough:
        return Rough(mpmath.pi)

    @staticmethod
    def const_euler() -> Rough:
        return Rough(mpmath.euler)

    @staticmethod
    def const_catalan() -> Rough:
        return Rough(mpmath.catalan)


def _plain(name: str) -> Callable[[Rough], Rough]:
    function = getattr(mpmath, name)

    def method(self: Rough) -> Rough:
        return self._through(function)

    return method


_NAMES = (
    "sqrt exp log sin cos tan cot sec csc asin acos atan sinh cosh tanh coth sech csch asinh acosh atanh "
    "erf erfc erfi gamma rgamma digamma si ci chi shi ei zeta sinc fresnels fresnelc"
)
for _name in _NAMES.split():
    setattr(Rough, {"fresnels": "fresnel_s", "fresnelc": "fresnel_c"}.get(_name, _name), _plain(_name))
Rough.lgamma = _plain("loggamma")  # type: ignore[attr-defined]
