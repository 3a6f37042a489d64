"""Trees -> the notations of course sites: STACK's Maxima, PrairieLearn's SymPy, WeBWorK's MathObjects.

>>> from symgraph.parsing.text import parse_expression
>>> tree = parse_expression("-x^2 e^(2x) + ln(abs(x))/artanh(x)")
>>> for notation in NOTATIONS.values():
...     print(notation.write(tree))
-x^2*%e^(2*x)+log(abs(x))/atanh(x)
-x**2*exp(2*x)+ln(abs(x))/atanh(x)
-x^2*exp(2*x)+ln(abs(x))/atanh(x)

Every product has its sign and every function its brackets; what a site has no name for, and names that it would take
for something of its own, are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

from symgraph.errors import SymgraphError
from symgraph.language.tree import Apply, Constant, Name, Number, Tree, postorder

__all__ = ["MAXIMA", "NOTATIONS", "PRAIRIELEARN", "WEBWORK", "Notation"]

_SIGNS = {"add": ("+", 1), "subtract": ("-", 1), "multiply": ("*", 2), "divide": ("/", 2), "power": ("^", 4)}
_WHOLE = 5  # needs no brackets anywhere
_SHARED = {
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
    "inverse_hyperbolic_sine": "asinh",
    "inverse_hyperbolic_cosine": "acosh",
    "inverse_hyperbolic_tangent": "atanh",
    "square_root": "sqrt",
    "absolute_value": "abs",
}
_HYPERBOLIC = {"hyperbolic_cotangent": "coth", "hyperbolic_secant": "sech", "hyperbolic_cosecant": "csch"}


@dataclass(frozen=True)
class Notation:
    """How one site writes formulas.

    Args:
        site: what messages call it.
        functions: its name for each row of the table of functions.
        constants: its names for our constants.
        power: the sign of a power.
        lists: what stands around a vector and around a matrix; empty where one formula is wanted in one place.
        real_roots: whether a cube root may be written as a power: not where that is computed in decimals.
        taken: names that mean something else there.
        longest: how many letters a name may have.
    """

    site: str
    functions: Mapping[str, str]
    constants: Mapping[str, str]
    power: str = "^"
    lists: Mapping[str, str] = field(default_factory=dict)
    real_roots: bool = True
    taken: frozenset[str] = frozenset()
    longest: int = 30

    def write(self, tree: Tree) -> str:
        """A tree in this notation.

        Raises:
            SymgraphError: it has something that is not in the table.
        """
        done: dict[int, tuple[str, int]] = {}
        for piece in postorder(tree):
            done[id(piece)] = self._piece(piece, [done[id(each)] for each in getattr(piece, "arguments", ())])
        return done[id(tree)][0]

    def name(self, name: str) -> str:
        """A name, if it can be one there."""
        if name in self.taken or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or len(name) > self.longest:
            raise SymgraphError(f"{self.site} cannot have {name} as a name")
        return name

    def _piece(self, piece: Tree, arguments: list[tuple[str, int]]) -> tuple[str, int]:
        """What is written for a piece, and how tightly it holds together."""
        if isinstance(piece, Number):
            return _number(piece.value)
        if isinstance(piece, Name):
            return self.name(piece.name), _WHOLE
        if isinstance(piece, Constant) and piece.name in self.constants:
            return self.constants[piece.name], _WHOLE
        if not isinstance(piece, Apply):
            raise SymgraphError(f"{type(piece).__name__.lower()} has no form in {self.site}")
        if piece.operator in _SIGNS:
            sign, level = _SIGNS[piece.operator]
            left = level + 1 if piece.operator == "power" else level
            sign = self.power if sign == "^" else sign
            return _inside(arguments[0], left) + sign + _inside(arguments[1], level + 1), level
        if piece.operator == "negate":
            return "-" + _inside(arguments[0], 2), 1
        if piece.operator == "exponential" and "exponential" not in self.functions:
            return f"{self.constants['e']}{self.power}{_inside(arguments[0], 5)}", 4
        if piece.operator in ("cube_root", "real_root") and self.real_roots:
            index = arguments[1][0] if len(arguments) > 1 else "3"
            return f"{_inside(arguments[0], 5)}{self.power}(1/{index})", 4
        if piece.operator in self.lists:
            return f"{self.lists[piece.operator]}{','.join(text for text, _ in arguments)}{self._end(piece)}", _WHOLE
        name = self.functions.get(piece.operator)
        if name is None:
            raise SymgraphError(f"{piece.operator.replace('_', ' ')} has no form in {self.site}")
        return f"{name}({','.join(text for text, _ in arguments)})", _WHOLE

    def _end(self, piece: Apply) -> str:
        return ")" if self.lists[piece.operator].endswith("(") else "]"


def _inside(argument: tuple[str, int], level: int) -> str:
    text, own = argument
    return text if own >= level else f"({text})"


def _number(value: Fraction) -> tuple[str, int]:
    text = str(value)
    if value.denominator != 1:
        return text, 1 if value < 0 else 2
    return text, 1 if value < 0 else _WHOLE


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MAXIMA = Notation(
    "STACK",
    {**_SHARED, **_HYPERBOLIC, "logarithm": "log", "sign": "signum"},
    {"pi": "%pi", "e": "%e", "infinity": "inf"},
    lists={"vector": "[", "matrix": "matrix("},
    taken=_words(
        "e i j pi if then else elseif for from step next thru while unless do in and or not true false "
        "unknown inf minf und ind gamma beta zeta lambda diff int integrate sum product limit taylor solve "
        "subst ev at block return all lambert_w erf sin cos tan cot sec csc sinh cosh tanh asin acos atan "
        "sqrt abs log ln exp signum max min lg"
    ),
)
PRAIRIELEARN = Notation(
    "PrairieLearn",
    {**_SHARED, "exponential": "exp", "logarithm": "ln", "sign": "sgn", "maximum": "max", "minimum": "min"},
    {"pi": "pi", "e": "e"},
    power="**",
    taken=_words(
        "e i j pi infty exp log ln sqrt factorial abs sgn max min sign Abs Max Min cos sin tan sec cot csc "
        "cosh sinh tanh arccos arcsin arctan acos asin atan arctan2 atan2 atanh acosh asinh Interval "
        "FiniteSet Union Intersection U cup cap and as assert async await break class continue def del elif "
        "else except finally for from global if import in is lambda nonlocal not or pass raise return try "
        "while with yield None True False"
    ),
)
WEBWORK = Notation(
    "WeBWorK",
    {
        **_SHARED,
        **_HYPERBOLIC,
        "exponential": "exp",
        "logarithm": "ln",
        "sign": "sgn",
        "inverse_secant": "asec",
        "inverse_cosecant": "acsc",
        "inverse_cotangent": "acot",
    },
    {"pi": "pi", "e": "e"},
    real_roots=False,
    taken=_words(
        "e pi inf infinity NONE DNE sin cos tan sec csc cot asin acos atan asec acsc acot arcsin arccos "
        "arctan sinh cosh tanh sech csch coth asinh acosh atanh ln log logten exp sqrt abs int sgn atan2 "
        "norm unit arg mod Re Im conj fact step P C"
    ),
)
NOTATIONS: Mapping[str, Notation] = MappingProxyType(
    {"maxima": MAXIMA, "prairielearn": PRAIRIELEARN, "webwork": WEBWORK}
)
