"""Does one condition follow from others? Proved by looking between the zeros, or not known.

>>> from sympy import Symbol
>>> x, y = Symbol("x", real=True), Symbol("y", real=True)
>>> follows(x >= 0, [x > 0]), follows(x > 0, [x >= 0]), follows(1 - x**2 >= 0, [x < 1, x > -1])
(True, False, True)
>>> follows(x - y >= 0, [y < x])
True

Comparisons of polynomials (and absolute values of them) in one quantity whose zeros are rational do not change between
those zeros: one number from each interval, and the zeros themselves, decide. The quantity is a name, or whatever stands
in the condition beside numbers: x − y, sin x. A comparison of anything else may hold or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise, product
from typing import Any

from sympy import Abs, And, Dummy, Eq, Expr, Mul, Ne, Not, Or, Poly, Rational, S, expand, log
from sympy.core.relational import Relational
from sympy.polys.polyerrors import BasePolynomialError

__all__ = ["follows", "opposite"]

DEGREE = 6  # of a polynomial whose zeros are looked for
ABSOLUTE = 3  # absolute values in one comparison


def follows(condition: Any, given: Iterable[Any]) -> bool:
    """Whether a condition on real numbers is proved to hold wherever all the given ones do; False: not known."""
    if condition in (S.true, True):
        return True
    conditions = [each for each in given if each not in (S.true, True)]
    if any(each in (S.false, False) for each in conditions):
        return True
    if isinstance(condition, Ne) and condition.rhs == 0 and (condition.lhs.is_Mul or condition.lhs.is_Pow):
        bases = [factor.as_base_exp()[0] for factor in Mul.make_args(condition.lhs) if not factor.is_number]
        return all(follows(Ne(base, 0), conditions) for base in bases)
    if isinstance(condition, Ne) and condition.rhs == 0 and isinstance(condition.lhs, log):
        return follows(Ne(condition.lhs.args[0], 1), conditions)
    names = sorted(condition.free_symbols, key=str) if condition not in (S.false, False) else []
    if not names and conditions:
        names = sorted(set().union(*(each.free_symbols for each in conditions)), key=str)
    if len(names) == 1 and _holds_between(condition, conditions, names[0], names[0]):
        return True
    gaps = [each.lhs - each.rhs for each in _atoms(condition)]
    quantities = dict.fromkeys(_quantity(gap)[0] for gap in gaps)
    return len(quantities) == 1 and _holds_between(condition, conditions, next(iter(quantities)), Dummy("t", real=True))


def opposite(condition: Any) -> Any:
    """The opposite of a condition, carried into its comparisons.

    >>> from sympy import Symbol
    >>> opposite(And(Symbol("x") > 0, Symbol("y") < 1)).args
    (y >= 1, x <= 0)
    """
    if condition in (S.true, True):
        return S.false
    if condition in (S.false, False):
        return S.true
    if isinstance(condition, Not):
        return condition.args[0]
    if isinstance(condition, And | Or):
        return (Or if isinstance(condition, And) else And)(*(opposite(part) for part in condition.args))
    return condition.negated


def _atoms(condition: Any) -> list[Any]:
    return sorted(condition.atoms(Relational), key=str) if hasattr(condition, "atoms") else []


def _quantity(gap: Expr) -> tuple[Expr, Rational, Rational]:
    """p, k and c of a difference k·p + c, with p in one form for all its multiples; p is 0 for a number."""
    number, rest = expand(gap).as_coeff_Add()
    scale, plain = rest.primitive() if rest.is_Add else rest.as_coeff_Mul()
    if not (number.is_Rational and scale.is_Rational):
        return gap, S.One, S.Zero
    if plain.could_extract_minus_sign():
        scale, plain = -scale, -plain
    return plain, scale, number


def _holds_between(condition: Any, given: Sequence[Any], quantity: Expr, name: Any) -> bool:
    """Whether it holds wherever they do, as far as they are comparisons of one quantity, which is called `name`."""
    written: dict[Any, Expr] = {}
    zeros: set[Any] = set()
    for atom in dict.fromkeys(atom for each in (condition, *given) for atom in _atoms(each)):
        gap = atom.lhs - atom.rhs
        if quantity is not name:
            plain, scale, number = _quantity(gap)
            if plain != quantity:
                continue
            gap = scale * name + number
        found = _zeros(gap, name)
        if found is not None:
            written[atom] = gap
            zeros |= found
    ordered = sorted(zeros)
    between = [(left + right) / 2 for left, right in pairwise(ordered)]
    ends = [ordered[0] - 1, ordered[-1] + 1] if ordered else [S.Zero]
    for value in (*ordered, *between, *ends):
        signs = {atom: gap.xreplace({name: value}) for atom, gap in written.items()}
        if all(_truth(each, signs) is not False for each in given) and _truth(condition, signs) is not True:
            return False
    return True


def _zeros(gap: Expr, name: Any) -> set[Any] | None:
    """Where a comparison may turn; None where that is not known exactly."""
    if gap.free_symbols - {name}:
        return None
    insides = sorted(gap.atoms(Abs), key=str)
    if len(insides) > ABSOLUTE:
        return None
    found: set[Any] = set()
    parts = [each.args[0] for each in insides]
    for signs in product((1, -1), repeat=len(insides)):
        parts.append(gap.xreplace({each: sign * each.args[0] for each, sign in zip(insides, signs, strict=True)}))
    for part in parts:
        if not part.is_polynomial(name):
            return None
        try:
            polynomial = Poly(part, name)
        except BasePolynomialError:
            return None
        if polynomial.is_zero:
            continue
        if polynomial.degree() > DEGREE or not all(each.is_Rational for each in polynomial.all_coeffs()):
            return None
        roots = polynomial.ground_roots()
        if len(roots) < polynomial.count_roots():
            return None
        found.update(roots)
    return found


def _truth(condition: Any, gaps: Any) -> bool | None:
    """Whether a condition holds where its comparisons' differences have these signs; None: not known."""
    if condition in (S.true, True):
        return True
    if condition in (S.false, False):
        return False
    if isinstance(condition, And | Or):
        answers = [_truth(part, gaps) for part in condition.args]
        decisive = isinstance(condition, Or)
        return decisive if decisive in answers else None if None in answers else not decisive
    if isinstance(condition, Not):
        answer = _truth(condition.args[0], gaps)
        return None if answer is None else not answer
    if condition not in gaps:
        return None
    gap = gaps[condition]
    if isinstance(condition, Eq | Ne):
        return bool(gap == 0) == isinstance(condition, Eq)
    return bool(condition.func(gap, 0))
