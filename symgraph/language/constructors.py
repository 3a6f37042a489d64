"""Tree -> SymPy, sizes checked where the real arguments are seen.

>>> from symgraph.language.tree import Apply, Name, Number
>>> construct(Apply("power", (Name("x"), Number(2))))
x**2

Why here and not before: an estimate of a number's size before it is computed always has a hole (8^24! looks small). So
every operation that can make a number large sees its arguments first, as SymPy has them, and SymPy is called only when
the result is bounded. The walk has no recursion, and every object is built once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy
from sympy import Expr, Integer, Rational, S, Symbol

from symgraph.errors import DomainError, LimitExceeded, SymgraphError
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Apply, Constant, Name, Number, Tree, Undefined, postorder
from symgraph.limits import DEFAULT, Limits

__all__ = ["as_written", "construct"]

_CONSTANTS: Mapping[str, Expr] = {"pi": sympy.pi, "e": sympy.E, "infinity": S.Infinity}


def construct(tree: Tree, environment: Mapping[str, Any] | None = None, limits: Limits = DEFAULT) -> Any:
    """The SymPy expression that a tree means; a name that is not in `environment` becomes a plain Symbol.

    Raises:
        DomainError: a part has no value (1/0, log 0); `span` says where it stands in the text.
        LimitExceeded: a number would be larger than `limits` allow.

    >>> from symgraph.language.tree import Apply, Number
    >>> construct(Apply("divide", (Number(1), Number(0))))
    Traceback (most recent call last):
        ...
    symgraph.errors.DomainError: a division by zero has no value
    """
    names = environment or {}
    done: dict[int, Any] = {}
    for piece in postorder(tree):
        if isinstance(piece, Number):
            value: Any = Rational(piece.value.numerator, piece.value.denominator)
        elif isinstance(piece, Constant):
            value = _CONSTANTS[piece.name]
        elif isinstance(piece, Name):
            value = names[piece.name] if piece.name in names else Symbol(piece.name)
        elif isinstance(piece, Apply):
            value = _apply(piece, [done[id(part)] for part in piece.arguments], limits)
        elif isinstance(piece, Undefined):
            value = sympy.Function(piece.name)(*[done[id(part)] for part in piece.arguments])
        else:
            raise SymgraphError("this cannot be computed: it is only printed")
        done[id(piece)] = value
    return done[id(tree)]


def _apply(piece: Apply, arguments: list[Any], limits: Limits) -> Any:
    if piece.operator == "power":
        _check_power(arguments[0], arguments[1], limits)
    value = PRIMITIVES[piece.operator].construct(*arguments)
    if value in (S.ComplexInfinity, S.NaN, S.Infinity, S.NegativeInfinity):
        raise DomainError("a division by zero has no value" if piece.operator == "divide" else "there is no value here")
    return value


def _check_power(base: Any, exponent: Any, limits: Limits) -> None:
    if exponent.is_Integer and abs(int(exponent)) > limits.exponent:
        raise LimitExceeded("exponent", limits.exponent, int(exponent))
    if base.is_Rational and exponent.is_Rational:
        bits = abs(exponent) * max(int(base.p).bit_length(), int(base.q).bit_length())
        limits.check("bits", float(bits))


def as_written(tree: Tree, environment: Mapping[str, Any] | None = None, limits: Limits = DEFAULT) -> Any:
    """The expression with nothing evaluated: 1*2 + 1*3 stays a sum of two products."""
    names = environment or {}
    with sympy.evaluate(False):
        done: dict[int, Any] = {}
        for piece in postorder(tree):
            if isinstance(piece, Number):
                done[id(piece)] = Rational(piece.value.numerator, piece.value.denominator)
            elif isinstance(piece, Constant):
                done[id(piece)] = _CONSTANTS[piece.name]
            elif isinstance(piece, Name):
                done[id(piece)] = names[piece.name] if piece.name in names else Symbol(piece.name)
            elif isinstance(piece, Apply):
                done[id(piece)] = PRIMITIVES[piece.operator].construct(*[done[id(part)] for part in piece.arguments])
            elif isinstance(piece, Undefined):
                done[id(piece)] = sympy.Function(piece.name)(*[done[id(part)] for part in piece.arguments])
    return done[id(tree)]
