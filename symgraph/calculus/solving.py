"""Solving equations: what may run away, and is therefore done in a worker only.

A task of `worker.TASKS`: JSON in, JSON out.

>>> import sympy
>>> from symgraph.calculus.exchange import from_json, to_json
>>> x = sympy.Symbol("x")
>>> found = level([to_json(x**2 - 4)], ["x"])
>>> found["complete"], [[str(from_json(value)) for value in point] for point in found["points"]]
(True, [['-2'], ['2']])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy import Expr, Mul, Poly, S, Symbol
from sympy.polys.polyerrors import BasePolynomialError

from symgraph.calculus.exchange import from_json, to_json
from symgraph.errors import SymgraphError
from symgraph.language.ranges import decided

__all__ = ["level"]

MOST = 50  # points that are still worth telling


def level(expressions: Sequence[Any], names: Sequence[str]) -> dict[str, Any]:
    """The real points at which all expressions are zero, as far as they can be solved for.

    Returns:
        `points`, each a list of numbers in the order of the names, sorted; `complete`, whether there are no others;
        `free`, whether there are infinitely many.

    Raises:
        SymgraphError: it is not known how to solve them.
    """
    symbols = [Symbol(name, real=True) for name in names]
    plain = {Symbol(name): symbol for name, symbol in zip(names, symbols, strict=True)}
    equations = [from_json(expression).xreplace(plain) for expression in expressions]
    tops = [_that_may_be_zero(sympy.fraction(sympy.together(equation))[0]) for equation in equations]
    tops = [top for top in tops if top != 0]
    if not tops:
        return {"points": [], "complete": True, "free": True}
    try:
        points, complete = _polynomial(tops, symbols)
    except (BasePolynomialError, NotImplementedError, ValueError):
        try:
            points, complete = _anything(tops, symbols)
        except (NotImplementedError, TypeError, ValueError):
            raise SymgraphError("SymPy does not know how") from None
    if points is None:
        return {"points": [], "complete": False, "free": True}
    kept = [point for point in points if _is_good(point, equations, symbols)]
    kept = sorted(dict.fromkeys(kept), key=lambda point: tuple(float(value.evalf(20)) for value in point))
    return {
        "points": [[to_json(value) for value in point] for point in kept[:MOST]],
        "complete": complete and len(kept) <= MOST,
        "free": False,
    }


def _that_may_be_zero(top: Expr) -> Expr:
    """A product without the factors that no real numbers make 0.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> _that_may_be_zero(-2 * x * sympy.exp(-(x**2) - y**2))
    x
    """
    factors = [each for each in Mul.make_args(sympy.factor_terms(top)) if decided(sympy.Ne, each, 0) != True]  # noqa: E712 (SymPy's true is not Python's)
    return Mul(*factors)


Points = list[tuple[Expr, ...]]


def _polynomial(tops: Sequence[Expr], symbols: Sequence[Symbol]) -> tuple[Points | None, bool]:
    """All real solutions of polynomial equations; None where there are infinitely many."""
    if len(symbols) == 1:
        (symbol,) = symbols
        polynomials = [Poly(top, symbol, domain="QQ") for top in tops]
        common = polynomials[0]
        for polynomial in polynomials[1:]:
            common = common.gcd(polynomial)
        roots = list(dict.fromkeys(common.real_roots()))
        return [(sympy.radsimp(root) if root.is_Rational else root,) for root in roots], True
    for top in tops:
        Poly(top, *symbols, domain="QQ")
    basis = sympy.groebner(tops, *symbols, order="lex")
    if basis.exprs == [1]:
        return [], True
    if not basis.is_zero_dimensional:
        return None, False
    return [tuple(point) for point in sympy.solve_poly_system(tops, *symbols)], True


def _anything(tops: Sequence[Expr], symbols: Sequence[Symbol]) -> tuple[Points | None, bool]:
    """What SymPy's solver finds; it does not say whether that is all, but for a finite set of one variable."""
    if len(symbols) == 1 and len(tops) == 1:
        found = sympy.solveset(tops[0], symbols[0], S.Reals)
        if isinstance(found, sympy.FiniteSet):
            return [(root,) for root in found], True
        if found is S.EmptySet:
            return [], True
    solutions = sympy.solve(list(tops), list(symbols), dict=True)
    points = [tuple(solution.get(symbol, symbol) for symbol in symbols) for solution in solutions]
    if any(value.free_symbols for point in points for value in point):
        return None, False
    return points, False


def _is_good(point: tuple[Expr, ...], equations: Sequence[Expr], symbols: Sequence[Symbol]) -> bool:
    """Whether a point is real, and every equation has a value there."""
    if not all(value.is_real and value.is_finite for value in point):
        return False
    values = [equation.subs(dict(zip(symbols, point, strict=True))) for equation in equations]
    if not all(value.is_number and value.is_finite is not False and value is not S.NaN for value in values):
        return False
    return all(abs(value.evalf(30)) < 10**-20 for value in values)
