"""Two ways to the same expression, compared in certified balls before either is given out.

>>> import sympy
>>> x = sympy.Symbol("x")
>>> agree({"one": (x + 1) ** 2, "other": x**2 + 2 * x + 1})
3
>>> agree({"the quotient": x**2, "SymPy": 2 * x})
Traceback (most recent call last):
    ...
symgraph.errors.DisagreementError: the quotient and SymPy differ at x = 20/7
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Expr, Symbol

from symgraph.calculus import reals
from symgraph.calculus.balls import Tape
from symgraph.calculus.points import points
from symgraph.calculus.standins import with_known
from symgraph.errors import DisagreementError

__all__ = ["agree"]

BITS = 192
POINTS = 3
CANDIDATES = 24


def agree(routes: Mapping[str, Expr], seed: object = 0) -> int:
    """At how many points these expressions were found to agree, three if they can be computed at so many.

    Args:
        routes: each with the words that name it in an error.

    Raises:
        DisagreementError: two of them are proved to differ; it names them and the point.
    """
    names = sorted({str(symbol) for expr in routes.values() for symbol in expr.atoms(Symbol)})
    tape = Tape(*(with_known(expr) for expr in routes.values()))
    compared = 0
    for point in points(names, seed=seed, count=CANDIDATES):
        with reals.precision(BITS):
            values = tape.execute(point)
            known = {name: value for name, value in zip(routes, values, strict=True) if _is_real(value)}
            _compare(known, point)
        compared += len(known) == len(routes)
        if compared == POINTS:
            break
    return compared


def _is_real(value: Any) -> bool:
    return not isinstance(value, reals.NotReal)


def _compare(known: Mapping[str, Any], point: Mapping[str, Any]) -> None:
    if not known:
        return
    first, *others = known
    for other in others:
        if known[first] < known[other] or known[first] > known[other]:
            where = ", ".join(f"{name} = {value}" for name, value in point.items())
            raise DisagreementError(f"{first} and {other} differ{f' at {where}' if where else ''}")
