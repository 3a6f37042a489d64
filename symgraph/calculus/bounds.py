"""Between which numbers a formula stays, wherever it has real values; and which equations nothing satisfies.

>>> from symgraph.parsing.text import parse_expression
>>> never_zero(parse_expression("x^2 + e^y")), never_zero(parse_expression("x^2 - 2x*y + y^2 + 1"))
(True, True)
>>> never_zero(parse_expression("x^2 + y^2 - 25")), smallest_at_zero(parse_expression("x^2 + y^2"))
(False, True)

All that is said is proved, by exact bounds of every operation or by completing squares; where neither shows anything,
nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from itertools import product
from math import inf, isqrt
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from sympy import Poly, Rational

from symgraph.errors import SymgraphError
from symgraph.language.constructors import construct
from symgraph.language.tree import Apply, Constant, Name, Number, Tree, names_in, postorder, size

__all__ = ["Range", "never_zero", "range_of", "smallest_at_zero"]

End: TypeAlias = Any  # a Fraction, or a float that is infinite
NAMES = 3  # in an equation that is looked at
LONG = 60  # pieces of one
POWER = 12  # exponents that are worked out
HUGE = 10**9  # ends beyond which only the sign is kept
_ZERO, _ONE = Fraction(0), Fraction(1)


class Range(NamedTuple):
    """No value is less than `low` or greater than `high`; `nonzero`: none is 0."""

    low: End
    high: End
    nonzero: bool = False

    @property
    def without_zero(self) -> bool:
        return self.nonzero or self.low > 0 or self.high < 0


ANYTHING = Range(-inf, inf)


def never_zero(tree: Tree) -> bool:
    """Whether it is proved that a formula is 0 for no real numbers."""
    if not _is_small(tree) or _changes_sign(tree):
        return False
    if range_of(tree).without_zero:
        return True
    least = _least(tree)
    return least is not None and least > 0


def smallest_at_zero(tree: Tree) -> bool:
    """Whether it is proved that a polynomial is nowhere negative, or nowhere positive, and somewhere perhaps 0.

    Where it is 0 all its derivatives are.
    """
    if not _is_small(tree) or not _is_polynomial(tree) or _changes_sign(tree):
        return False
    found = range_of(tree)
    return found.low >= 0 or found.high <= 0 or _least(tree) is not None


def range_of(tree: Tree, names: Mapping[str, Range] = MappingProxyType({})) -> Range:
    """Between which numbers a formula stays.

    Args:
        names: between which its names do; those that are not there can be anything.
    """
    found: dict[int, Range] = {}
    for piece in postorder(tree):
        found[id(piece)] = _range(piece, found, names)
    return found[id(tree)]


def _is_small(tree: Tree) -> bool:
    return 0 < len(names_in(tree)) <= NAMES and size(tree) <= LONG


def _is_polynomial(tree: Tree) -> bool:
    def one(piece: Tree) -> bool:
        if isinstance(piece, Apply) and piece.operator == "power":
            exponent = piece.arguments[1]
            return isinstance(exponent, Number) and exponent.value.denominator == 1 and 0 < exponent.value <= POWER
        known = ("add", "subtract", "multiply", "negate")
        return isinstance(piece, Name | Number) or (isinstance(piece, Apply) and piece.operator in known)

    return all(map(one, postorder(tree)))


def _changes_sign(tree: Tree) -> bool:
    """Whether some points near 0 show both signs: most curves that are asked about do."""
    names = list(names_in(tree))
    signs = set()
    for numbers in product((0, 3, -2, 7), repeat=len(names)):
        there = range_of(
            tree, {name: Range(Fraction(each), Fraction(each)) for name, each in zip(names, numbers, strict=True)}
        )
        signs.add(1 if there.low > 0 else -1 if there.high < 0 else 0)
        if {1, -1} <= signs:
            return True
    return False


# Completing squares --------------------------------------------------------------------------------------------------


def _least(tree: Tree) -> Rational | None:
    """What a quadratic polynomial never falls below, or its opposite; None where it does, or is none."""
    if not _is_polynomial(tree):
        return None
    names = list(names_in(tree))
    try:
        polynomial = Poly(construct(tree), *[construct(Name(name)) for name in names])
    except SymgraphError:
        return None
    if polynomial.total_degree() != 2:
        return None
    for whole in (polynomial, -polynomial):
        least = _without_squares(whole)
        if least is not None and least >= 0:
            return least
    return None


def _without_squares(polynomial: Poly) -> Rational | None:
    """What is left when the squares are completed, one name after the other; None where it is not bounded below."""
    rest = polynomial
    for name in polynomial.gens:
        square, straight, free = (Poly(rest.as_expr(), name).coeff_monomial(name**power) for power in (2, 1, 0))
        if square == 0 and straight == 0:
            continue
        if not square.is_Rational or square <= 0:
            return None
        rest = Poly(free - straight**2 / (4 * square), *polynomial.gens)
    value = rest.as_expr()
    return value if value.is_Rational else None


# Bounds --------------------------------------------------------------------------------------------------------------


def _range(piece: Tree, found: Mapping[int, Range], names: Mapping[str, Range]) -> Range:
    if isinstance(piece, Number):
        return Range(piece.value, piece.value)
    if isinstance(piece, Constant):
        return _CONSTANTS.get(piece.name, ANYTHING)
    if isinstance(piece, Name):
        return names.get(piece.name, ANYTHING)
    if not isinstance(piece, Apply):
        return ANYTHING
    arguments = [found[id(argument)] for argument in piece.arguments]
    if piece.operator == "multiply" and len(piece.arguments) == 2 and piece.arguments[0] == piece.arguments[1]:
        return _rounded(_whole_power(arguments[0], 2))
    rule = _RULES.get(piece.operator)
    return ANYTHING if rule is None else _rounded(rule(*arguments))


def _rounded(given: Range) -> Range:
    """The same range with ends that are not too long."""
    low, high, nonzero = given
    if abs(low) > HUGE:
        low = -inf if low < 0 else Fraction(HUGE)
    if abs(high) > HUGE:
        high = inf if high > 0 else -Fraction(HUGE)
    return Range(_short(low, -1), _short(high, 1), nonzero or low > 0 or high < 0)


def _short(end: End, direction: int) -> End:
    if not isinstance(end, Fraction) or end.denominator < HUGE:
        return end
    return Fraction((end.numerator * HUGE) // end.denominator + (direction > 0), HUGE)


def _sum(*terms: Range) -> Range:
    low, high = (sum((each[side] for each in terms), _ZERO) for side in (0, 1))
    alike = all(each.low >= 0 for each in terms) or all(each.high <= 0 for each in terms)
    return Range(low, high, alike and any(each.without_zero for each in terms))


def _negative(u: Range) -> Range:
    return Range(-u.high, -u.low, u.nonzero)


def _times(u: Range, v: Range) -> Range:
    ends = [_ZERO if 0 in (a, b) else a * b for a in u[:2] for b in v[:2]]
    return Range(min(ends), max(ends), u.without_zero and v.without_zero)


def _reciprocal(u: Range) -> Range:
    """Where it has a value, u is not 0."""
    if u.low == u.high == 0:
        return Range(-inf, inf, True)
    if u.low >= 0:
        return Range(_inverse(u.high), _inverse(u.low), True)
    if u.high <= 0:
        return _negative(_reciprocal(_negative(u)))
    return Range(-inf, inf, True)


def _inverse(end: End) -> End:
    return inf if end == 0 else _ZERO if end == inf else 1 / end


def _whole_power(u: Range, exponent: int) -> Range:
    if exponent < 0:
        return _reciprocal(_whole_power(u, -exponent))
    if exponent % 2 == 0:
        u = _size(u)
    return Range(u.low**exponent, u.high**exponent, u.without_zero)


def _power(u: Range, v: Range) -> Range:
    if v.low == v.high and isinstance(v.low, Fraction) and v.low.denominator == 1 and 0 < abs(v.low) <= POWER:
        return _whole_power(u, int(v.low))
    if u.low > 0:
        return Range(_ZERO, inf, True)
    return Range(_ZERO, inf) if u.low == 0 or (v.low == v.high and Fraction(v.low).denominator % 2 == 0) else ANYTHING


def _size(u: Range) -> Range:
    least = _ZERO if u.low <= 0 <= u.high else min(abs(u.low), abs(u.high))
    return Range(least, max(abs(u.low), abs(u.high)), u.without_zero)


def _root(u: Range) -> Range:
    low = _ZERO if u.low <= 0 else Fraction(isqrt(int(u.low)))
    high = inf if u.high == inf else Fraction(isqrt(max(0, int(u.high))) + 1)
    return Range(low, high, u.without_zero)


def _exponential(u: Range) -> Range:
    """1 + u at least; at most 1 where u is at most 0."""
    return Range(max(_ZERO, 1 + u.low), _ONE if u.high <= 0 else inf, True)


def _within(low: Any, high: Any, nonzero: bool = False) -> Callable[..., Range]:
    known = Range(low if low == -inf else Fraction(low), high if high == inf else Fraction(high), nonzero)
    return lambda *_: known


def _larger(*arguments: Range) -> Range:
    low, high = (max(each[side] for each in arguments) for side in (0, 1))
    return Range(low, high, all(each.without_zero for each in arguments))


def _smaller(*arguments: Range) -> Range:
    return _negative(_larger(*map(_negative, arguments)))


_CONSTANTS = {
    "pi": Range(Fraction(314159, 100000), Fraction(314160, 100000)),
    "e": Range(Fraction(271828, 100000), Fraction(271829, 100000)),
}

_RULES: Mapping[str, Callable[..., Range]] = MappingProxyType(
    {
        "add": _sum,
        "total": _sum,
        "subtract": lambda u, v: _sum(u, _negative(v)),
        "negate": _negative,
        "multiply": lambda *factors: reduce(_times, factors),
        "divide": lambda u, v: _times(u, _reciprocal(v)),
        "power": _power,
        "square_root": _root,
        "absolute_value": _size,
        "maximum": _larger,
        "minimum": _smaller,
        "exponential": _exponential,
        "sine": _within(-1, 1),
        "cosine": _within(-1, 1),
        "hyperbolic_cosine": _within(1, inf),
        "hyperbolic_secant": _within(0, 1, nonzero=True),
        "hyperbolic_tangent": _within(-1, 1),
        "inverse_tangent": _within(Fraction(-158, 100), Fraction(158, 100)),
        "inverse_sine": _within(Fraction(-158, 100), Fraction(158, 100)),
        "inverse_cosine": _within(0, Fraction(315, 100)),
        "sigmoid": _within(0, 1, nonzero=True),
        "softplus": _within(0, inf, nonzero=True),
        "relu": _within(0, inf),
        "sign": _within(-1, 1),
        "heaviside": _within(0, 1),
        "error_function": _within(-1, 1),
    }
)
