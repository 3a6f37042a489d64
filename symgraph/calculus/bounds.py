"""Equations that nothing satisfies, and polynomials that are smallest where they are zero.

>>> from symgraph.parsing.text import parse_expression
>>> never_zero(parse_expression("x^2 + e^y")), never_zero(parse_expression("x^2 - 2x*y + y^2 + 1"))
(True, True)
>>> never_zero(parse_expression("x^2 + y^2 - 25")), smallest_at_zero(parse_expression("x^2 + y^2"))
(False, True)

All that is said is proved, by the bounds of every operation or by completing squares; where neither shows anything,
nothing is said.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from sympy import Poly, Rational

from symgraph.calculus.balls import Tape
from symgraph.errors import SymgraphError
from symgraph.language.constructors import construct
from symgraph.language.ranges import Range, range_of
from symgraph.language.tree import Apply, Name, Number, Tree, names_in, postorder, size

__all__ = ["never_zero", "smallest_at_zero"]

NAMES = 3  # in an equation that is looked at
LONG = 60  # pieces of one
POWER = 12  # exponents of a polynomial


def never_zero(tree: Tree) -> bool:
    """Whether it is proved that a formula is 0 for no real numbers."""
    if not _is_small(tree) or _changes_sign(tree):
        return False
    between, least = _between(tree), _least(tree)
    return (between is not None and between.leaves_out(0)) or (least is not None and least > 0)


def smallest_at_zero(tree: Tree) -> bool:
    """Whether it is proved that a polynomial is nowhere negative, or nowhere positive, and somewhere perhaps 0.

    Where it is 0 all its derivatives are.
    """
    if not _is_small(tree) or not _is_polynomial(tree) or _changes_sign(tree):
        return False
    between = _between(tree)
    return (between is not None and (between.low >= 0 or between.high <= 0)) or _least(tree) is not None


def _is_small(tree: Tree) -> bool:
    return 0 < len(names_in(tree)) <= NAMES and size(tree) <= LONG


def _between(tree: Tree) -> Range | None:
    try:
        return range_of(construct(tree))
    except SymgraphError:
        return None


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
    tape, names = Tape(tree), list(names_in(tree))
    signs = set()
    for numbers in product((0, 3, -2, 7), repeat=len(names)):
        (there,) = tape.run(dict(zip(names, map(Fraction, numbers), strict=True)))
        if there.real and (there.number > 0 or there.number < 0):
            signs.add(bool(there.number > 0))
        if len(signs) == 2:
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
