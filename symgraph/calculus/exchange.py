"""SymPy expressions as JSON and back, safely: heads from a closed list, no text that is ever evaluated.

An expression is a list of its pieces, each once, arguments before what they are arguments of:

>>> import sympy
>>> x = sympy.Symbol("x")
>>> to_json(sympy.sin(x) + 1)
[['number', '1', '1'], ['symbol', 'x', []], ['sin', 1], ['Add', 0, 2]]
>>> from_json(to_json(sympy.sin(x) + 1))
sin(x) + 1
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy import S
from sympy.core.function import AppliedUndef
from sympy.functions.elementary.piecewise import ExprCondPair

from symgraph.calculus.heads import HEADS
from symgraph.errors import InputError

__all__ = ["from_json", "to_json"]

_PIECES = 100_000
_DIGITS = 20_000
_OTHERS = (
    *(sympy.Piecewise, ExprCondPair, sympy.Sum, sympy.Product, sympy.Integral, sympy.Tuple, sympy.ITE, sympy.Xor),
    *(sympy.Derivative, sympy.Subs, sympy.expint, sympy.polylog, sympy.dirichlet_eta, sympy.hyper, sympy.meijerg),
)
_CLASSES: Mapping[str, Any] = {head.__name__: head for head in (*HEADS, *_OTHERS)}
_ATOMS: Mapping[str, Any] = {
    "pi": S.Pi,
    "e": S.Exp1,
    "i": S.ImaginaryUnit,
    "EulerGamma": S.EulerGamma,
    "Catalan": S.Catalan,
    "GoldenRatio": S.GoldenRatio,
    "infinity": S.Infinity,
    "minus infinity": S.NegativeInfinity,
    "zoo": S.ComplexInfinity,
    "nan": S.NaN,
    "true": S.true,
    "false": S.false,
}
_ATOM_NAMES = {atom: name for name, atom in _ATOMS.items()}
_ASSUMPTIONS = ("real", "positive", "negative", "nonnegative", "nonpositive", "nonzero", "integer")


def to_json(expression: Any) -> list[list[Any]]:
    """The pieces of a SymPy expression as JSON values.

    Raises:
        InputError: a piece that has no form here (a matrix, a set, a class of the caller's own), or too many.
    """
    places: dict[Any, int] = {}
    rows: list[list[Any]] = []
    stack: list[tuple[Any, bool]] = [(expression, False)]
    while stack:
        piece, ready = stack.pop()
        if piece in places:
            continue
        if piece.args and not ready:
            stack.append((piece, True))
            stack.extend((argument, False) for argument in reversed(piece.args))
            continue
        rows.append(_row(piece, places))
        places[piece] = len(rows) - 1
        if len(rows) > _PIECES:
            raise InputError("an expression of very many pieces")
    return rows


def _row(piece: Any, places: Mapping[Any, int]) -> list[Any]:
    if isinstance(piece, sympy.Dummy):
        raise InputError("a symbol without a name of its own")
    if isinstance(piece, sympy.Symbol):
        return ["symbol", piece.name, [word for word in _ASSUMPTIONS if piece.assumptions0.get(word)]]
    if isinstance(piece, sympy.Rational):
        return ["number", str(piece.p), str(piece.q)]
    if isinstance(piece, sympy.Float):
        number = sympy.Rational(piece)
        return ["float", str(number.p), str(number.q), int(piece._prec)]
    if piece in _ATOM_NAMES:
        return ["constant", _ATOM_NAMES[piece]]
    arguments = [places[argument] for argument in piece.args]
    if isinstance(piece, AppliedUndef):
        return ["function", piece.func.__name__, *arguments]
    name = piece.func.__name__
    if _CLASSES.get(name) is not piece.func:
        raise InputError(f"a SymPy object of class {name} cannot be sent")
    return [name, *arguments]


def from_json(rows: Any) -> Any:
    """The SymPy expression that `to_json` wrote; anything else is an InputError.

    >>> from_json([["__import__", "os"]])
    Traceback (most recent call last):
        ...
    symgraph.errors.InputError: not an expression: row 0
    """
    if not isinstance(rows, list) or not rows or len(rows) > _PIECES:
        raise InputError("not an expression")
    pieces: list[Any] = []
    for number, row in enumerate(rows):
        try:
            pieces.append(_piece(row, pieces))
        except (TypeError, ValueError, IndexError, KeyError, AttributeError):
            raise InputError(f"not an expression: row {number}") from None
    return pieces[-1]


def _piece(row: list[Any], pieces: list[Any]) -> Any:
    head, *rest = row
    if head == "symbol":
        name, words = rest
        if not isinstance(name, str) or not 0 < len(name) <= 100:
            raise ValueError
        return sympy.Symbol(name, **{word: True for word in words if word in _ASSUMPTIONS})
    if head == "number":
        return sympy.Rational(_integer(rest[0]), _integer(rest[1]))
    if head == "float":
        return sympy.Float(sympy.Rational(_integer(rest[0]), _integer(rest[1])), precision=int(rest[2]))
    if head == "constant":
        return _ATOMS[rest[0]]
    if head == "function":
        name, *rest = rest
        if not isinstance(name, str) or not 0 < len(name) <= 100:
            raise ValueError
        return sympy.Function(name)(*[pieces[_place(place, pieces)] for place in rest])
    return _CLASSES[head](*[pieces[_place(place, pieces)] for place in rest])


def _place(place: Any, pieces: list[Any]) -> int:
    if type(place) is not int or not 0 <= place < len(pieces):
        raise ValueError
    return place


def _integer(digits: Any) -> int:
    if not isinstance(digits, str) or len(digits) > _DIGITS:
        raise ValueError
    return int(digits)
