"""Trees -> Maxima, the notation in which STACK's questions are written.

>>> from symgraph.parsing.text import parse_expression
>>> write(parse_expression("2x cos(x^2) + sqrt(e^x) / ln x"))
'2*x*cos(x^2)+sqrt(%e^x)/log(x)'

What has no row here is refused by name: a question that means something else there is worse than none.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from symgraph.errors import SymgraphError
from symgraph.language.tree import Apply, Constant, Name, Number, Tree, postorder

__all__ = ["FUNCTIONS", "write"]

FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {
        "sine": "sin",
        "cosine": "cos",
        "tangent": "tan",
        "cotangent": "cot",
        "secant": "sec",
        "cosecant": "csc",
        "inverse_sine": "asin",
        "inverse_cosine": "acos",
        "inverse_tangent": "atan",
        "hyperbolic_sine": "sinh",
        "hyperbolic_cosine": "cosh",
        "hyperbolic_tangent": "tanh",
        "hyperbolic_cotangent": "coth",
        "hyperbolic_secant": "sech",
        "hyperbolic_cosecant": "csch",
        "inverse_hyperbolic_sine": "asinh",
        "inverse_hyperbolic_cosine": "acosh",
        "inverse_hyperbolic_tangent": "atanh",
        "logarithm": "log",
        "square_root": "sqrt",
        "absolute_value": "abs",
        "sign": "signum",
    }
)
_CONSTANTS = {"pi": "%pi", "e": "%e", "infinity": "inf"}
_SIGNS = {"add": ("+", 1), "subtract": ("-", 1), "multiply": ("*", 2), "divide": ("/", 2), "power": ("^", 4)}
_WHOLE = 5  # needs no brackets anywhere


def write(tree: Tree) -> str:
    """A tree in Maxima's notation.

    Raises:
        SymgraphError: it has something that is not in the table.
    """
    done: dict[int, tuple[str, int]] = {}
    for piece in postorder(tree):
        done[id(piece)] = _piece(piece, [done[id(each)] for each in getattr(piece, "arguments", ())])
    return done[id(tree)][0]


def _piece(piece: Tree, arguments: list[tuple[str, int]]) -> tuple[str, int]:
    """What is written for a piece, and how tightly it holds together."""
    if isinstance(piece, Number):
        return _number(piece.value)
    if isinstance(piece, Name):
        return piece.name, _WHOLE
    if isinstance(piece, Constant) and piece.name in _CONSTANTS:
        return _CONSTANTS[piece.name], _WHOLE
    if not isinstance(piece, Apply):
        raise SymgraphError(f"{type(piece).__name__} has no form in Maxima")
    if piece.operator in _SIGNS:
        sign, level = _SIGNS[piece.operator]
        left = level + 1 if piece.operator == "power" else level
        return _inside(arguments[0], left) + sign + _inside(arguments[1], level + 1), level
    if piece.operator == "negate":
        return "-" + _inside(arguments[0], 2), 1
    if piece.operator == "exponential":
        return "%e^" + _inside(arguments[0], 5), 4
    if piece.operator in ("cube_root", "real_root"):
        index = arguments[1][0] if len(arguments) > 1 else "3"
        return f"{_inside(arguments[0], 5)}^(1/{index})", 4
    if piece.operator in ("vector", "matrix"):
        return "[" + ",".join(text for text, _ in arguments) + "]", _WHOLE
    name = FUNCTIONS.get(piece.operator)
    if name is None:
        raise SymgraphError(f"{piece.operator.replace('_', ' ')} has no form in Maxima")
    return f"{name}({','.join(text for text, _ in arguments)})", _WHOLE


def _inside(argument: tuple[str, int], level: int) -> str:
    text, own = argument
    return text if own >= level else f"({text})"


def _number(value: Fraction) -> tuple[str, int]:
    text = str(value)
    if value.denominator != 1:
        return text, 1 if value < 0 else 2
    return text, 1 if value < 0 else _WHOLE
