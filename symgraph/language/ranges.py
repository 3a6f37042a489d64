"""Between which numbers an expression lies, whatever real numbers its names are: 4 + cos x is never 0.

SymPy answers such questions for less, and slowly: what it cannot decide takes it a thousand times as long to give up.
The bounds are exact or rounded outwards, and hold wherever the expression has a real value.

>>> x = sympy.Symbol("x")
>>> print(range_of(4 + sympy.cos(x)), range_of(x**2 + 2 * x + 3), range_of(1 / (1 + sympy.exp(-x))))
[3, 5] [2, ∞) (0, 1)
>>> decided(sympy.Ne, 4 + sympy.cos(x), 0), decided(sympy.Gt, x**2 - 1, 0), decided(sympy.Gt, x**4 - x + 1, 0)
(True, x**2 - 1 > 0, True)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import sympy
from sympy import Add, Expr, Mul, Pow, Rational, S, Symbol
from sympy.polys.domains import QQ
from sympy.polys.rootisolation import dup_count_real_roots

__all__ = ["Range", "decided", "range_of"]

PIECES = 300  # of an expression that is looked at
_HIGHEST = 64  # power that is worked out
_LONG = 1_000  # bits of a number that is still raised to a power
_DIGITS = 10**9  # to one part in so many a root or a logarithm is rounded outwards
_INFINITY = math.inf

Bound: TypeAlias = Fraction | float  # a float is one of the infinities


class Range(NamedTuple):
    """An interval; `low_taken` and `high_taken` say whether an end may itself be a value."""

    low: Bound
    high: Bound
    low_taken: bool = False
    high_taken: bool = False

    def __str__(self) -> str:
        low, high = ("∞" if end == _INFINITY else "−∞" if end == -_INFINITY else str(end) for end in self[:2])
        return f"{'(['[self.low_taken]}{low}, {high}{')]'[self.high_taken]}"

    def __neg__(self) -> Range:
        return Range(-self.high, -self.low, self.high_taken, self.low_taken)

    def __add__(self, other: Range) -> Range:  # type: ignore[override]  # a sum of intervals, not of tuples
        taken = self.low_taken and other.low_taken, self.high_taken and other.high_taken
        return Range(self.low + other.low, self.high + other.high, *taken)

    def leaves_out(self, value: int) -> bool:
        """Whether it is certain that no value is this one."""
        return bool(_is_above(self, value) or _is_below(self, value))

    def times(self, other: Range) -> Range:
        """The products of a value of each."""
        corners = [_corner(one, two) for one in _ends(self) for two in _ends(other)]
        low, high = min(value for value, _ in corners), max(value for value, _ in corners)
        return Range(low, high, (low, True) in corners, (high, True) in corners)

    def reciprocal(self) -> Range:
        """One divided by each value but 0."""
        if self.low < 0 < self.high:
            return _LINE
        if self.high <= 0:
            return -(-self).reciprocal()
        low = Fraction(0) if self.high == _INFINITY else 1 / self.high
        high = _INFINITY if self.low == 0 else 1 / self.low
        return Range(low, high, self.high_taken and self.high != _INFINITY, self.low_taken and self.low != 0)


_LINE = Range(-_INFINITY, _INFINITY)
_POSITIVE = Range(Fraction(0), _INFINITY)
_NOT_NEGATIVE = Range(Fraction(0), _INFINITY, True)
_UNIT = Range(Fraction(-1), Fraction(1), True, True)
_INSIDE = Range(Fraction(-1), Fraction(1))
_PI = Range(Fraction(314159, 100000), Fraction(314160, 100000))
_E = Range(Fraction(271828, 100000), Fraction(271829, 100000))
_RIGHT = Range(-_PI.high / 2, _PI.high / 2)  # of an inverse tangent
_ODD: Mapping[type, Range] = MappingProxyType(  # and positive where their argument is
    {
        sympy.asin: _RIGHT,
        sympy.atan: _RIGHT,
        sympy.sinh: _LINE,
        sympy.tanh: _INSIDE,
        sympy.asinh: _LINE,
        sympy.atanh: _LINE,
        sympy.erf: _INSIDE,
        sympy.sign: _UNIT,
    }
)
_FIXED: Mapping[type, Range] = MappingProxyType(
    {
        sympy.sin: _UNIT,
        sympy.cos: _UNIT,
        sympy.tan: _LINE,
        sympy.cot: _LINE,
        sympy.sec: _LINE,
        sympy.csc: _LINE,
        sympy.acos: Range(Fraction(0), _PI.high, True),
        sympy.cosh: Range(Fraction(1), _INFINITY, True),
        sympy.acosh: _NOT_NEGATIVE,
    }
)


def _ends(of: Range) -> tuple[tuple[Bound, bool], tuple[Bound, bool]]:
    return (of.low, of.low_taken), (of.high, of.high_taken)


def _corner(one: tuple[Bound, bool], two: tuple[Bound, bool]) -> tuple[Bound, bool]:
    """A product of two ends; with a value 0 it is 0, whatever the other is."""
    if one[0] == 0 or two[0] == 0:
        return Fraction(0), (one[0] == 0 and one[1]) or (two[0] == 0 and two[1])
    return one[0] * two[0], one[1] and two[1]


# An expression -------------------------------------------------------------------------------------------------------


def range_of(expression: Expr) -> Range | None:
    """The numbers between which all real values lie; None where a function is not known here, or it is too large.

    >>> x, y = sympy.symbols("x y")
    >>> print(range_of(sympy.sqrt(x**2 + y**2 + 1)), range_of(sympy.gamma(x)))
    [1, ∞) None
    """
    found: dict[int, Range | None] = {}
    stack: list[tuple[Any, bool]] = [(expression, False)]
    while stack:
        piece, ready = stack.pop()
        if id(piece) in found:
            continue
        if piece.args and not ready:
            if len(found) + len(stack) > PIECES:
                return None
            stack.append((piece, True))
            stack += [(part, False) for part in piece.args]
            continue
        parts = [found[id(part)] for part in piece.args]
        known = [part for part in parts if part is not None]
        result = _own(piece, known) if len(known) == len(parts) else None
        if result is None:
            return None
        found[id(piece)] = result
    return found[id(expression)]


def _own(piece: Any, parts: Sequence[Range]) -> Range | None:
    """The range of one operation, from those of its arguments."""
    if isinstance(piece, Rational):
        return _point(Fraction(piece.p, piece.q)) if piece.q else None
    if isinstance(piece, Symbol):
        return _LINE
    if isinstance(piece, Add):
        return _sum(piece.args, parts)
    if isinstance(piece, Mul):
        product = parts[0]
        for part in parts[1:]:
            product = product.times(part)
        return product
    if isinstance(piece, Pow):
        return _power(piece, parts[0])
    if type(piece) in _MONOTONE:
        return _MONOTONE[type(piece)](*parts)
    if piece is S.Exp1 or piece is S.Pi:
        return _E if piece is S.Exp1 else _PI
    if not parts or parts[0].low == parts[0].high:  # sin 2 is a number, which SymPy can tell
        return None
    return _odd(_ODD[type(piece)], *parts) if type(piece) in _ODD else _FIXED.get(type(piece))


def _point(value: Fraction) -> Range:
    return Range(value, value, True, True)


def _sum(terms: Sequence[Any], parts: Sequence[Range]) -> Range:
    """The sum of ranges; what belongs together as ax² + bx is taken together."""
    squares: dict[Any, list[Fraction]] = {}
    total = _point(Fraction(0))
    for term, part in zip(terms, parts, strict=True):
        factor, rest = term.as_coeff_Mul()
        base, exponent = rest.as_base_exp()
        if isinstance(base, Symbol) and isinstance(factor, Rational) and exponent in (S.One, 2):
            squares.setdefault(base, [Fraction(0)] * 2)[int(exponent) - 1] = Fraction(factor.p, factor.q)
        else:
            total += part
    for linear, square in squares.values():
        total += _quadratic(square, linear)
    return total


def _quadratic(square: Fraction, linear: Fraction) -> Range:
    """The range of ax² + bx."""
    if square < 0:
        return -_quadratic(-square, -linear)
    return _LINE if square == 0 else Range(-(linear**2) / (4 * square), _INFINITY, True)


def _power(piece: Pow, base: Range) -> Range | None:
    power = piece.exp
    if not isinstance(power, Rational):
        return _POSITIVE if base.low > 0 or (base.low == 0 and not base.low_taken) else None
    if power.p < 0:
        positive = _raised(base, -power)
        return None if positive is None else positive.reciprocal()
    return _raised(base, power)


def _raised(base: Range, power: Rational) -> Range | None:
    """A positive power."""
    if power.q == 1 and (power.p > _HIGHEST or any(map(_is_long, base[:2]))):
        return _LINE if power.p % 2 else _NOT_NEGATIVE
    if power.q > 1:
        return _growing(base, lambda value: value ** (power.p / power.q), Fraction(0), Fraction(0))
    ends = [(end**power.p, taken) for end, taken in _ends(base)]
    if power.p % 2 == 0 and base.low < 0:
        if base.high <= 0:
            ends.reverse()
        else:
            ends = [(Fraction(0), True), max(ends)]
    (low, low_taken), (high, high_taken) = ends
    return Range(low, high, low_taken, high_taken)


def _is_long(end: Bound) -> bool:
    return isinstance(end, Fraction) and max(end.numerator.bit_length(), end.denominator.bit_length()) > _LONG


def _growing(
    inside: Range, function: Callable[[float], float], least: Bound, at_least: Bound, at_one: Fraction = Fraction(1)
) -> Range | None:
    """A function that grows, of a range cut off at `least`, where it is `at_least`; ends are rounded outwards."""
    if inside.high < least:
        return None

    def end(value: Bound, taken: bool, outwards: int) -> tuple[Bound, bool]:
        if value <= least:
            return at_least, at_least != -_INFINITY and (taken or value < least)
        if value == 1:
            return at_one, taken
        if value == _INFINITY:
            return _INFINITY, False
        try:
            near = Fraction(function(float(value)))
        except OverflowError:
            return (_INFINITY if outwards > 0 else at_least), False
        return near + outwards * (abs(near) + 1) / _DIGITS, False

    low, low_taken = end(inside.low, inside.low_taken, -1)
    high, high_taken = end(inside.high, inside.high_taken, 1)
    return Range(max(low, at_least), high, low_taken, high_taken)


def _odd(whole: Range, inside: Range) -> Range:
    """What an odd function that grows has for values, if its argument has one sign."""
    if inside.high <= 0:
        return -_odd(whole, -inside)
    return whole if inside.low < 0 else Range(Fraction(0), whole.high, inside.low_taken, whole.high_taken)


def _exponential(inside: Range) -> Range:
    """e^u grows from 0, which it never is."""

    def end(value: Bound, taken: bool, outwards: int) -> tuple[Bound, bool]:
        if value == 0:
            return Fraction(1), taken
        try:
            near = Fraction(math.exp(value)) if abs(value) != _INFINITY else None
        except OverflowError:
            near = None
        if near is None:
            return (_INFINITY if value > 0 and outwards > 0 else Fraction(0)), False
        return max(Fraction(0), near + outwards * near / _DIGITS), False

    low, high = end(inside.low, inside.low_taken, -1), end(inside.high, inside.high_taken, 1)
    return Range(low[0], high[0] if high[0] else Fraction(1, _DIGITS), low[1], high[1])


def _logarithm(inside: Range) -> Range | None:
    return _growing(inside, math.log, Fraction(0), -_INFINITY, Fraction(0)) if inside.high > 0 else None


def _magnitude(inside: Range) -> Range:
    if inside.low >= 0:
        return inside
    if inside.high <= 0:
        return -inside
    high, taken = max(_ends(inside)[1], _ends(-inside)[1])
    return Range(Fraction(0), high, True, taken)


def _largest(*parts: Range) -> Range:
    (low, low_taken), (high, high_taken) = (max(_ends(part)[end] for part in parts) for end in (0, 1))
    return Range(low, high, low_taken, high_taken)


_MONOTONE: Mapping[type, Callable[..., Range | None]] = MappingProxyType(
    {
        sympy.exp: _exponential,
        sympy.log: _logarithm,
        sympy.Abs: _magnitude,
        sympy.Max: _largest,
        sympy.Min: lambda *parts: -_largest(*(-part for part in parts)),
    }
)


# A comparison --------------------------------------------------------------------------------------------------------


def decided(comparison: type, expression: Expr, value: int) -> Any:
    """A comparison as SymPy has it: true where it always holds, false where it never does, else as it stands.

    Args:
        comparison: Eq, Ne, Gt, Ge, Lt or Le.

    >>> x = sympy.Symbol("x")
    >>> decided(sympy.Ge, sympy.sqrt(x) + 4, 0), decided(sympy.Lt, x**2 + 1, 0), decided(sympy.Eq, sympy.exp(x), 0)
    (True, False, False)
    """
    between = range_of(expression)
    holds = None if between is None else _ANSWERS[comparison](between, value)
    if holds is None and value == 0 and _is_never_zero(expression):
        holds = _ANSWERS[comparison](_POSITIVE, 0) if comparison in (sympy.Eq, sympy.Ne) else None
    if holds is None and isinstance(expression, Add) and len(expression.free_symbols) > 1:
        bounds = _of_squares(expression)
        holds = None if bounds is None else _ANSWERS[comparison](bounds, value)
    if holds is None and isinstance(expression, Add):
        sign = _lasting_sign(expression - value)
        holds = _ANSWERS[comparison](_POSITIVE if sign > 0 else -_POSITIVE, 0) if sign else None
    if holds is None:
        known = between is not None and expression.free_symbols
        return comparison(expression, value, evaluate=False) if known else comparison(expression, value)
    return S.true if holds else S.false


def _is_above(between: Range, value: int) -> bool | None:
    if between.low > value or (between.low == value and not between.low_taken):
        return True
    return False if between.high <= value else None


def _is_below(between: Range, value: int) -> bool | None:
    return _is_above(-between, -value)


def _is_other(between: Range, value: int) -> bool | None:
    if between.leaves_out(value):
        return True
    return False if between.low == between.high == value else None


def _opposite(answer: Callable[[Range, int], bool | None]) -> Callable[[Range, int], bool | None]:
    def found(between: Range, value: int) -> bool | None:
        holds = answer(between, value)
        return None if holds is None else not holds

    return found


_ANSWERS: Mapping[type, Callable[[Range, int], bool | None]] = MappingProxyType(
    {
        sympy.Gt: _is_above,
        sympy.Ge: _opposite(_is_below),
        sympy.Lt: _is_below,
        sympy.Le: _opposite(_is_above),
        sympy.Ne: _is_other,
        sympy.Eq: _opposite(_is_other),
    }
)


def _is_never_zero(expression: Expr) -> bool:
    """Whether all factors are reciprocals, or of one sign: 1/x is not 0 wherever it is a number."""
    for factor in Mul.make_args(expression):
        if not (isinstance(factor, Pow) and isinstance(factor.exp, Rational) and factor.exp.p < 0):
            between = range_of(factor)
            if between is None or not between.leaves_out(0):
                return False
    return True


def _of_squares(expression: Expr) -> Range | None:
    """The range of a polynomial of the second degree in several names: x² + xy + y² + 1 as a sum of squares.

    >>> x, y = sympy.symbols("x y")
    >>> print(_of_squares(x**2 + x*y + y**2 + 1), _of_squares(2*x*y - x**2 - y**2), _of_squares(x*y + 1))
    [1, ∞) (−∞, 0] None
    """
    names = sorted(expression.free_symbols, key=str)
    places = {name: place for place, name in enumerate(names)}
    last = len(names)  # stands for 1
    matrix: dict[tuple[int, int], Fraction] = {}
    for term in Add.make_args(expression):
        factor, rest = term.as_coeff_Mul()
        powers = rest.as_powers_dict()
        slots = [places.get(base, -1) for base, power in powers.items() if base is not S.One for _ in _times(power)]
        if not isinstance(factor, Rational) or len(slots) > 2 or -1 in slots or not factor.q:
            return None
        one, two = sorted((*slots, last, last)[:2])
        matrix[one, two] = matrix.get((one, two), Fraction(0)) + Fraction(factor.p, factor.q)
    turned = next((square for (one, two), square in matrix.items() if one == two != last and square), None)
    if turned is None:
        return None
    if turned < 0:
        least = _least({pair: -entry for pair, entry in matrix.items()}, last)
        return None if least is None else Range(-_INFINITY, -least, False, True)
    least = _least(matrix, last)
    return None if least is None else Range(least, _INFINITY, True)


def _times(power: Any) -> range:
    """As often as a whole number says; for any other power more often than is looked at."""
    return range(int(power)) if power in (1, 2) else range(3)


def _least(matrix: dict[tuple[int, int], Fraction], last: int) -> Fraction | None:
    """The least value of a polynomial of the second degree, one name after the other made a square and left out."""
    for name in range(last):
        square = matrix.get((name, name), Fraction(0))
        beside = {two: entry for (one, two), entry in matrix.items() if one == name != two and entry}
        if square < 0 or (square == 0 and beside):
            return None
        for one in beside:
            for two in beside:
                if one <= two:
                    both = beside[one] * beside[two] / (4 * square) * (1 if one == two else 2)
                    matrix[one, two] = matrix.get((one, two), Fraction(0)) - both
    return matrix.get((last, last), Fraction(0))


def _lasting_sign(expression: Expr) -> int:
    """The sign that a polynomial of one name, of an even degree from 4 on, has everywhere; 0: not known, or it changes.

    >>> x = sympy.Symbol("x")
    >>> _lasting_sign(x**4 - x + 1), _lasting_sign(x**4 - x)
    (1, 0)
    """
    names = expression.free_symbols
    if len(names) != 1:
        return 0
    (name,) = names
    coefficients: dict[int, Any] = {}
    for term in Add.make_args(expression):
        factor, rest = term.as_coeff_Mul()
        base, exponent = rest.as_base_exp() if rest is not S.One else (name, S.Zero)
        if base != name or not exponent.is_Integer or not 0 <= exponent.p <= _HIGHEST or not factor.is_Rational:
            return 0
        coefficients[exponent.p] = QQ(factor.p, factor.q)
    degree = max(coefficients)
    if degree < 4 or degree % 2 or dup_count_real_roots(_dense(coefficients, degree), QQ):
        return 0
    return 1 if coefficients[degree] > 0 else -1


def _dense(coefficients: Mapping[int, Any], degree: int) -> list[Any]:
    return [coefficients.get(power, QQ(0)) for power in range(degree, -1, -1)]
