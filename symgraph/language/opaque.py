"""Building SymPy objects without the questions that SymPy asks, and takes forever to answer.

Whether sinh(z) is zero or positive, SymPy answers by splitting z into its real and imaginary part, and every function
that is applied to it asks. For a plain symbol the answer is always "not known", and the time doubles with every
function inside z: tanh(tanh(tanh(tanh(x)))) takes seconds, a network of tanh layers never ends. Whether a sum of roots
that looks like zero is zero, it answers by a minimal polynomial, whose degree doubles with every root.

So while something is built of them, hyperbolic functions, sums that look like zero, and what lies two functions deep
are replaced by names about which nothing can be asked. What comes out is what SymPy itself would give for a symbol.

>>> import sympy
>>> x = sympy.Symbol("x")
>>> deep = sympy.tanh(sympy.sinh(x))
>>> hidden, names = hide([1 - deep])
>>> len(names), show(sympy.sqrt(hidden[0]) / 2, names)
(1, sqrt(1 - tanh(sinh(x)))/2)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cmp_to_key, lru_cache
from itertools import repeat
from operator import is_
from typing import Any

import sympy
from sympy import Add, Basic, Dummy, Expr, Mul, Number, Piecewise, Pow, Tuple
from sympy.core.function import Function
from sympy.core.relational import Relational
from sympy.functions.elementary.hyperbolic import HyperbolicFunction
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import BooleanFunction

from symgraph.language.tree import Apply, Tree, Undefined

__all__ = ["DEEP", "height", "hide", "measured", "quietly", "show"]

DEEP = 3  # functions inside one another, from which on nothing is asked
_JOINING = frozenset({"add", "subtract", "multiply", "divide", "negate"})
_HIGH = 12
_IN_ORDER = cmp_to_key(Basic.compare)
_TINY = sympy.Float("1e-50")
_PLAIN = frozenset({"add", "subtract", "multiply", "divide", "negate", "square_root", "real_root"})


def height(piece: Tree, value: Any, heights: Mapping[int, int]) -> int:
    """How many functions stand inside one another; `DEEP` at once where something must be hidden.

    Args:
        heights: of the piece's arguments, by identity.

    >>> height(Apply("hyperbolic_sine", ()), sympy.sinh(sympy.Symbol("x")), {})
    3
    """
    if not isinstance(piece, Apply | Undefined):
        return measured(value) if isinstance(value, sympy.Basic) and value.args else 0
    inside = 0
    for part in piece.arguments:
        inside = max(inside, heights.get(id(part), 0))
    if isinstance(piece, Apply) and piece.operator.startswith("hyperbolic_"):
        return DEEP
    if isinstance(value, Add | Pow) and (_looks_zero(value) or _is_costly(value)):
        return DEEP
    if isinstance(piece, Apply) and piece.operator == "power":
        return inside + _is_nest(value)
    return inside + (isinstance(piece, Undefined) or piece.operator not in _PLAIN)


def measured(value: Any) -> int:
    """The height of an expression that was given: what a name stands for."""
    found: dict[Any, int] = {}
    stack: list[tuple[Any, bool]] = [(value, False)]
    while stack:
        part, ready = stack.pop()
        if part in found:
            continue
        inner = part.args
        if inner and not ready:
            stack.append((part, True))
            stack += zip(inner, repeat(False))
            continue
        inside = max(map(found.__getitem__, inner), default=0)
        if not isinstance(part, _WATCHED):
            found[part] = inside
        else:
            found[part] = DEEP if _must_hide(part) or _is_costly(part) else inside + _is_nest(part)
    return found[value]


def quietly(build: Callable[..., Any], piece: Apply, arguments: Sequence[Any], limits: Any) -> Any:
    """`build(piece, arguments, limits)`, with everything that must not be asked about hidden."""
    joins = piece.operator in _JOINING or (piece.operator == "power" and arguments[1].is_Integer)
    hidden, names = hide(arguments, joins=joins)
    return show(build(piece, hidden, limits), names)


def hide(arguments: Sequence[Any], *, joins: bool = False) -> tuple[list[Any], dict[Dummy, Any]]:
    """Arguments with names for what must not be asked about, and what the names mean.

    With `joins` high powers stay, for they are joined with others: x^2000·x is x^2001.
    """
    names: dict[Any, Dummy] = {}
    hidden = []
    for argument in arguments:
        for found in _to_hide(argument, joins):
            names.setdefault(found, Dummy(f"h{len(names)}", commutative=True))
        hidden.append(show(argument, names))
    return hidden, {name: found for found, name in names.items()}


def _to_hide(expr: Any, joins: bool) -> list[Any]:
    """The outermost parts of an expression that are to be hidden, each once."""
    found: dict[Any, None] = {}
    seen: set[Any] = set()
    stack = [(expr, False)]
    while stack:
        part, inside = stack.pop()
        if part in seen:
            continue
        seen.add(part)
        costly = not joins and _is_costly(part)
        if _must_hide(part) or costly or (inside and isinstance(part, Expr) and _has_nest(part)):
            found[part] = None
        else:
            stack.extend((inner, inside or _is_nest(part)) for inner in reversed(part.args))
    return list(found)


def _is_nest(part: Any) -> bool:
    """A function of something, or a power whose exponent has a name in it."""
    if isinstance(part, Pow):
        return not part.exp.is_Number and _has_name(part.exp)
    return isinstance(part, Function)


def _is_costly(part: Any) -> bool:
    """A high power, which SymPy multiplies out to split it into its real and imaginary part."""
    return isinstance(part, Pow) and part.exp.is_Rational and abs(part.exp.p) > _HIGH and _has_name(part.base)


def _has_nest(expr: Any) -> bool:
    stack, seen = [expr], set()
    while stack:
        part = stack.pop()
        if _is_nest(part) or _is_costly(part):
            return True
        if part not in seen:
            seen.add(part)
            stack.extend(part.args)
    return False


# What binds names inside itself is left whole.
_BINDING = (sympy.Subs, sympy.Derivative, sympy.Sum, sympy.Product, sympy.Integral)
_WATCHED = (Add, Pow, Function, *_BINDING)  # what may be hidden, or is one function more


def _must_hide(part: Any) -> bool:
    if isinstance(part, HyperbolicFunction):
        return _has_name(part)
    return isinstance(part, _BINDING) or _looks_zero(part)


def _has_name(expr: Any) -> bool:
    """Whether there is a symbol in an expression, however deep."""
    stack, seen = [expr], set()
    while stack:
        part = stack.pop()
        if part.is_Symbol:
            return True
        if part not in seen:
            seen.add(part)
            stack.extend(part.args)
    return False


def _looks_zero(value: Any) -> bool:
    """Whether this is a sum of constants that is zero to 60 digits (and was not found to be zero when it was built)."""
    return isinstance(value, Add) and bool(value.is_number) and _vanishes(value)


@lru_cache(maxsize=4096)
def _vanishes(value: Any) -> bool:
    if value.has(sympy.Sum, sympy.Product, sympy.Integral):
        return False
    try:
        found = value.evalf(2, maxn=60)
        return bool(found.is_zero or (found.is_Float and found._prec == 1) or abs(found) < _TINY)
    except (RecursionError, ValueError, TypeError, ArithmeticError, AttributeError, NotImplementedError):
        return True


def _ordered(part: Any, arguments: Sequence[Any]) -> Any:
    """An object like `part` with other arguments, put into SymPy's order and not simplified."""
    if isinstance(part, Add | Mul):
        flat = not any(isinstance(each, part.func) for each in arguments)
        if flat and not any(isinstance(each, Number) for each in arguments[1:]):
            return part.func._from_args(sorted(arguments, key=_IN_ORDER))
        return part.func(*arguments)
    if isinstance(part, Pow):
        base, exponent = arguments
        return Pow(base, exponent, evaluate=exponent.is_Integer and isinstance(base, Pow | Mul | Number | sympy.exp))
    if isinstance(part, ExprCondPair):
        return Tuple.__new__(ExprCondPair, *arguments)
    if isinstance(part, Piecewise):
        return Expr.__new__(Piecewise, *arguments)
    if isinstance(part, Function | Relational | BooleanFunction | sympy.Max | sympy.Min):
        return part.func(*arguments, evaluate=False)
    return part.func(*arguments)


def show(value: Any, names: Mapping[Any, Any], again: Callable[[Any, list[Any]], Any] = _ordered) -> Any:
    """Put one thing for another; nothing is asked again, since everything is rebuilt as it stands.

    Args:
        again: makes an object like another one, with other arguments.
    """
    if not names or not isinstance(value, Basic):
        return value
    done: dict[Any, Any] = dict(names)
    stack: list[tuple[Any, bool]] = [(value, False)]
    while stack:
        part, ready = stack.pop()
        if part in done:
            continue
        if not ready and part.args:
            stack.append((part, True))
            stack += zip(part.args, repeat(False))
            continue
        arguments = [done[inner] for inner in part.args]
        done[part] = part if all(map(is_, arguments, part.args)) else again(part, arguments)
    return done[value]
