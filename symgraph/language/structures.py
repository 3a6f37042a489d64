"""Rows for conditions, functions defined by cases, vectors and matrices.

A condition is true or false; no change passes through it, so that its local derivatives are 0, but where a
comparison turns, at equality, it has a kink: a derivative of what is defined by cases exists at such a seam only if
both pieces and both slopes agree, which one operation cannot see.

Vectors and matrices are shapes: `Program` expands them into their components before anything is differentiated,
so that their rows have constructors and no local derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import And, Eq, Expr, ImmutableDenseMatrix, Ne, Not, Or, Piecewise, S, default_sort_key
from sympy.core.relational import Relational

from symgraph.language.rows import ONE, ZERO, Primitive, cases, meet, needs

__all__ = ["CASES", "CONDITIONS", "SHAPES", "seams"]


# Conditions ---------------------------------------------------------------------------------------------------------


def _no_change(*arguments: Any) -> tuple[Expr, ...]:
    return (ZERO,) * len(arguments)


def _decide(yes: bool, no: bool) -> bool | None:
    """True or False where balls decide it, None where they do not."""
    return True if yes else False if no else None


def _condition(name: str, construct: Any, head: Any, latex: str, ball: Callable[..., bool | None]) -> Primitive:
    return Primitive(name, (), (2, 2), construct, _no_change, latex, head, kinks=meet, ball=ball)


def _equal_ball(u: Any, v: Any) -> bool | None:
    return _decide(u == v, not u.overlaps(v))


def _negated(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _all(*answers: bool | None) -> bool | None:
    return False if False in answers else None if None in answers else True


def _any(*answers: bool | None) -> bool | None:
    return True if True in answers else None if None in answers else False


CONDITIONS = (
    _condition("less", lambda u, v: u < v, sympy.StrictLessThan, "<", lambda u, v: _decide(u < v, u >= v)),
    _condition("less_equal", lambda u, v: u <= v, sympy.LessThan, r"\le", lambda u, v: _decide(u <= v, u > v)),
    _condition("greater", lambda u, v: u > v, sympy.StrictGreaterThan, ">", lambda u, v: _decide(u > v, u <= v)),
    _condition("greater_equal", lambda u, v: u >= v, sympy.GreaterThan, r"\ge", lambda u, v: _decide(u >= v, u < v)),
    _condition("equal", Eq, sympy.Equality, "=", _equal_ball),
    _condition("unequal", Ne, sympy.Unequality, r"\ne", lambda u, v: _negated(_equal_ball(u, v))),
    Primitive("and", (), (2, None), And, _no_change, r"\land", And, ball=_all),
    Primitive("or", (), (2, None), Or, _no_change, r"\lor", Or, ball=_any),
    Primitive("not", (), (1, 1), Not, _no_change, r"\lnot", Not, ball=_negated),
)


# Defined by cases ---------------------------------------------------------------------------------------------------


def _split(arguments: tuple[Any, ...]) -> list[tuple[Any, Any]]:
    """(value, condition) pairs of value, condition, …, and of the value otherwise, if there is one."""
    pairs = list(zip(arguments[0::2], arguments[1::2], strict=False))
    return [*pairs, (arguments[-1], S.true)] if len(arguments) % 2 else pairs


def _piecewise_partials(*arguments: Any) -> tuple[Expr, ...]:
    """1 for a value where it is the one taken, 0 elsewhere; 0 for a condition."""
    pairs = _split(arguments)
    found: list[Expr] = []
    for chosen in range(len(pairs)):
        first = [(ZERO, Or(*[condition for _, condition in pairs[:chosen]]))] if chosen else []
        pieces = [*first, (ONE, pairs[chosen][1])]
        if pairs[chosen][1] is not S.true:
            pieces.append((ZERO, Or(*[condition for _, condition in pairs[chosen + 1 :]])))
        found += [cases(*[piece for piece in pieces if piece[1] is not S.false]), ZERO]
    return tuple(found[: len(arguments)])


def seams(condition: Any) -> tuple[Any, ...]:
    """Where a condition may turn from true to false: both sides of one of its comparisons are equal.

    >>> x, y = sympy.symbols("x y")
    >>> seams(And(sympy.Lt(1, x, evaluate=False), y < x))
    (Eq(x, 1), Eq(y, x))
    """
    parts = sorted(condition.atoms(Relational), key=default_sort_key)
    found = [Eq(part.rhs, part.lhs) if part.lhs.is_number else Eq(part.lhs, part.rhs) for part in parts]
    return tuple(dict.fromkeys(seam for seam in found if seam is not S.false))


def _piecewise_kinks(*arguments: Any) -> tuple[Any, ...]:
    found = [seam for _, condition in _split(arguments) for seam in seams(condition)]
    return tuple(dict.fromkeys(found))


def _piecewise_domain(*arguments: Any) -> tuple[Any, ...]:
    return () if len(arguments) % 2 else needs(Or(*arguments[1::2]))


def _piecewise_ball(*arguments: Any) -> Any:
    """The piece taken; where the balls do not decide which, the hull of those that may be."""
    possible: list[Any] = []
    for value, condition in _split(arguments):
        answer = True if condition is S.true else condition
        if answer is not False:
            possible.append(value)
        if answer is True:
            break
    else:
        possible.append(arguments[0] / 0)
    hull = possible[0]
    for value in possible[1:]:
        hull = hull.union(value)
    return hull


CASES = (
    Primitive(
        "piecewise",
        ("piecewise", "Piecewise"),
        (2, None),
        lambda *arguments: Piecewise(*_split(arguments)),
        _piecewise_partials,
        head=Piecewise,
        domain=_piecewise_domain,
        kinks=_piecewise_kinks,
        ball=_piecewise_ball,
    ),
)


# Vectors and matrices -----------------------------------------------------------------------------------------------


def _not_known(*arguments: Any) -> tuple[None, ...]:
    return (None,) * len(arguments)


def _vector(*components: Any) -> ImmutableDenseMatrix:
    return ImmutableDenseMatrix([[component] for component in components])


def _matrix(*rows: Any) -> ImmutableDenseMatrix:
    """A matrix of its rows; a row is a vector, which SymPy stands upright."""
    return ImmutableDenseMatrix([list(row) for row in rows])


SHAPES = (
    Primitive("vector", ("vector",), (1, None), _vector, _not_known),
    Primitive("matrix", ("matrix", "Matrix"), (1, None), _matrix, _not_known),
    Primitive("transpose", ("transpose",), (1, 1), lambda a: a.T, _not_known),
    Primitive("matrix_multiply", ("matmul",), (2, 2), lambda a, b: a * b, _not_known),
)
