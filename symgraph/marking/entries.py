"""Gradients, Jacobians and Hessians whose entries are right and stand in other places.

>>> from sympy.abc import x, y
>>> displaced([x**2, 2*x*y], [2*x*y, x**2], (2,))
'order'
>>> displaced([x, y, 1, 1], [1, 1, x, y], (2, 2)), displaced([y, 1, x, 1], [y, x, 1, 1], (2, 2))
('rows', 'transposed')
>>> displaced([x, 3], [2*x*y, x**2], (2,))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Expr

from symgraph.calculus.equality import Outcome, equal

__all__ = ["displaced"]

MOST = 16  # entries


def displaced(given: Sequence[Expr], right: Sequence[Expr], shape: Sequence[int], known: Any = None) -> str | None:
    """How right entries changed places: "transposed", "rows", "columns" or "order"; None where they did not.

    Args:
        given, right: row by row, of this shape.
        known: what is assumed of the names.
    """
    if len(given) > MOST:
        return None
    wrong = [place for place, (one, other) in enumerate(zip(given, right, strict=True)) if not _is(one, other, known)]
    free = set(wrong)
    found: dict[int, int] = {}
    for place in wrong:
        for other in sorted(free):
            if other != place and _is(given[place], right[other], known):
                found[place] = other
                free.discard(other)
                break
        else:
            return None
    return _kind(found, shape) if found else None


def _is(one: Expr, other: Expr, known: Any) -> bool:
    return equal(one, other, known, heavy=False).outcome is Outcome.PROVED


def _kind(found: dict[int, int], shape: Sequence[int]) -> str:
    """What the places have in common, from which each entry was taken and to which it was brought."""
    if len(shape) == 1:
        return "order"
    across = shape[1]
    moves = [(divmod(place, across), divmod(other, across)) for place, other in found.items()]
    if shape[0] == across and all(here == (column, row) for here, (row, column) in moves):
        return "transposed"
    rows, columns = ({here[place] for here, _ in moves} for place in (0, 1))
    if len(columns) > 1 and all(here[1] == there[1] for here, there in moves):
        return "rows"
    return "columns" if len(rows) > 1 and all(here[0] == there[0] for here, there in moves) else "order"
