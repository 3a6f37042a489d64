"""Tree -> calculator notation, for saying how something was read.

>>> from symgraph.language.tree import Apply, Name, Number
>>> echo(Apply("multiply", (Number(2), Apply("sine", (Name("x"),)))))
'2·sin(x)'
>>> echo(Apply("divide", (Apply("sine", (Name("x"),)), Number(2))), times="*")
'sin(x)/2'

Whatever it writes is read back by `text.parse_expression` as the same formula (a test does so): nothing is left to
precedence that a reader could doubt.
"""

from __future__ import annotations

from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Apply, Constant, Name, Number, Tree, Undefined, postorder

__all__ = ["echo"]

_ATOM, _POWER, _SIGN, _PRODUCT, _MINUS, _SUM, _COMPARE, _NOT, _AND, _OR = range(10, 0, -1)
_INFIX = {
    "add": (" + ", _SUM, _SUM, _PRODUCT),
    "subtract": (" - ", _SUM, _SUM, _PRODUCT),
    "multiply": ("·", _PRODUCT, _PRODUCT, _SIGN),
    "divide": ("/", _PRODUCT, _PRODUCT, _POWER),
    "matrix_multiply": (" @ ", _PRODUCT, _PRODUCT, _SIGN),
    "power": ("^", _POWER, _ATOM, _POWER),
    "less": (" < ", _COMPARE, _SUM, _SUM),
    "less_equal": (" <= ", _COMPARE, _SUM, _SUM),
    "greater": (" > ", _COMPARE, _SUM, _SUM),
    "greater_equal": (" >= ", _COMPARE, _SUM, _SUM),
    "equal": (" = ", _COMPARE, _SUM, _SUM),
    "equals": (" = ", _COMPARE, _SUM, _SUM),
    "unequal": (" != ", _COMPARE, _SUM, _SUM),
    "and": (" and ", _AND, _AND, _AND),
    "or": (" or ", _OR, _OR, _OR),
}
_CONSTANTS = {"pi": "pi", "e": "e", "infinity": "infinity", "i": "i"}
_CALLED = {"logarithm": "ln", "real_root": "root", "total": "sum", "product_of": "product"}


def echo(tree: Tree, *, times: str = "·", grouped: bool = False, length: int = 200) -> str:
    """A formula as one would type it; more than `length` characters are cut.

    Args:
        times: the sign of a product: · to be looked at, * to be typed.
        grouped: brackets around a quotient that is a factor, (1/2)*x.
    """
    done: dict[int, tuple[str, int]] = {}
    for piece in postorder(tree):
        parts = [done[id(part)] for part in piece.arguments] if isinstance(piece, Apply | Undefined) else []
        if grouped and isinstance(piece, Apply) and piece.operator == "multiply" and _is_quotient(piece.arguments[0]):
            parts[0] = f"({parts[0][0]})", _ATOM
        written, strength = _write(piece, parts, times)
        done[id(piece)] = (written if len(written) <= 4 * length else written[: 4 * length], strength)
    written = done[id(tree)][0]
    return written if len(written) <= length else written[: length - 1] + "…"


def _write(piece: Tree, parts: list[tuple[str, int]], times: str) -> tuple[str, int]:
    if isinstance(piece, Number):
        negative, fraction = piece.value < 0, "/" in piece.text
        return piece.text, _SIGN if negative else _PRODUCT if fraction else _ATOM
    if isinstance(piece, Constant):
        return _CONSTANTS.get(piece.name, piece.name), _ATOM
    if isinstance(piece, Name):
        return piece.name, _ATOM
    if isinstance(piece, Undefined):
        return f"{_differentiated(piece)}({', '.join(part for part, _ in parts)})", _ATOM
    if not isinstance(piece, Apply):
        return "…", _ATOM
    return _apply(piece.operator, parts, times)


def _differentiated(piece: Undefined) -> str:
    """f, f' and f'' of one variable; ∂1f, ∂1∂2f of several."""
    if len(piece.orders) == 1:
        return piece.name + "'" * piece.orders[0]
    return "".join(f"∂{place + 1}" * order for place, order in enumerate(piece.orders)) + piece.name


def _apply(operator: str, parts: list[tuple[str, int]], times: str) -> tuple[str, int]:
    inside = [part for part, _ in parts]
    if operator in _INFIX and len(parts) == 2:
        sign, own, left, right = _INFIX[operator]
        return f"{_at(parts[0], left)}{times if sign == '·' else sign}{_at(parts[1], right)}", own
    if operator == "negate":
        # -2*x is read as (-2)*x
        inner = f"({inside[0]})" if inside[0][:1].isdigit() else _at(parts[0], _PRODUCT)
        return f"-{inner}", _MINUS
    if operator == "not":
        return f"not {_at(parts[0], _COMPARE)}", _NOT
    if operator == "factorial":
        return f"{_at(parts[0], _ATOM)}!", _POWER
    if operator == "exponential":
        return f"e^{_at(parts[0], _ATOM)}", _POWER
    if operator == "logarithm_base":
        return f"log_{_at(parts[1], _ATOM)}({inside[0]})", _ATOM
    if operator in ("vector", "matrix"):
        return f"[{', '.join(inside)}]", _ATOM
    if operator == "piecewise":
        cases = [f"{inside[k]} if {inside[k + 1]}" for k in range(0, len(inside) - 1, 2)]
        rest = [f"{inside[-1]} otherwise"] if len(inside) % 2 else []
        return "{" + ", ".join([*cases, *rest]) + "}", _ATOM
    row = PRIMITIVES.get(operator)
    name = _CALLED.get(operator) or (row.spellings[0] if row and row.spellings else operator)
    return f"{name}({', '.join(inside)})", _ATOM


def _is_quotient(tree: Tree) -> bool:
    return isinstance(tree, Apply) and tree.operator == "divide"


def _at(part: tuple[str, int], least: int) -> str:
    return part[0] if part[1] >= least else f"({part[0]})"
