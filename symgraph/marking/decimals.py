"""How near one number is to another: within a tolerance, or in so many digits.

>>> from symgraph.calculus.balls import evaluate
>>> from symgraph.language.constructors import construct
>>> from symgraph.parsing.text import parse_expression
>>> third = evaluate(construct(parse_expression("1/3")), {})
>>> for written in ("0.3333", "0.33", "0.34", "333/1000"):
...     tree = parse_expression(written)
...     print(written, right_digits(tree, evaluate(construct(tree), {}), third))
0.3333 4
0.33 2
0.34 0
333/1000 0
"""

from __future__ import annotations

import re
from fractions import Fraction
from math import isfinite
from typing import Any

from sympy import Expr, Float, Rational

from symgraph.calculus.balls import Enclosure
from symgraph.language.tree import Apply, Number, Tree, postorder

__all__ = ["ROUNDED", "half_a_unit", "near", "rational", "right_digits", "shared_digits"]

ROUNDED = 3  # digits of a decimal answer that must be right for it to be called nearly right


def near(left: Enclosure, right: Enclosure, tolerance: Fraction) -> bool:
    """Whether a value is within the tolerance of the right one, as a part of the larger of 1 and its size."""
    scale = max(1.0, abs(float(right)))
    return abs(float(left) - float(right)) <= float(tolerance) * scale * (1 + 1e-12)


def right_digits(tree: Tree, left: Enclosure, right: Enclosure) -> int:
    """How many digits of an answer with decimals are right; 0 where it has none, or too few are."""
    if not any(isinstance(piece, Number) and "." in piece.text for piece in postorder(tree)):
        return 0
    digits = shared_digits(float(left), float(right))
    alone = tree.arguments[0] if isinstance(tree, Apply) and tree.operator == "negate" else tree
    if isinstance(alone, Number):
        whole, _, decimals = alone.text.partition(".")
        said = len((whole + decimals).lstrip("-0"))
        digits = min(digits, said)
        if digits == said == ROUNDED - 1:  # 0.33 for 1/3: all that it says is right
            return digits if abs(float(left) - float(right)) <= 0.5000001 * 10 ** -len(decimals) else 0
    return digits if digits >= ROUNDED else 0


def shared_digits(one: float, other: float) -> int:
    """How many leading digits two numbers share."""
    if not (isfinite(one) and isfinite(other)):
        return 0
    if other == 0:
        return 15 if one == 0 else 0
    digits, error = 0, abs(one - other) / abs(other)
    while error < 0.5 and digits < 15:
        digits, error = digits + 1, error * 10
    return digits


def half_a_unit(tree: Tree) -> Fraction | None:
    """Half a unit of the last decimal of a number with decimals and digits enough not to be met by chance."""
    alone = tree.arguments[0] if isinstance(tree, Apply) and tree.operator == "negate" else tree
    if not isinstance(alone, Number) or not re.fullmatch(r"-?\d*\.\d+", alone.text):
        return None
    whole, _, decimals = alone.text.partition(".")
    return Fraction(1, 2 * 10 ** len(decimals)) if len((whole + decimals).lstrip("-0")) >= ROUNDED else None


def rational(value: Expr) -> Any:
    """A coordinate as a fraction where it is one."""
    if isinstance(value, Rational):
        return Fraction(int(value.p), int(value.q))
    return value if not isinstance(value, Float) else Fraction(str(value))
