"""Functions about which nothing is known, f(u, v), and their derivatives, as SymPy writes them.

>>> import sympy
>>> t, g = sympy.Symbol("t"), sympy.Function("g")
>>> applied("f", [t], [1]), applied("f", [g(t)], [1])
(Derivative(f(t), t), Derivative(f(g(t)), g(t)))
>>> read_unknown(applied("f", [2 * t, t], [1, 0]))
('f', (2*t, t), (1, 0))

SymPy has two forms for f'(u): Derivative where u can be differentiated by, Subs of a Derivative where it cannot. Its
own substitution mixes them up where two arguments become equal (f(x, y) at x = y = t, by x alone), so that whoever puts
values into such an expression takes it apart here and builds it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sympy import Basic, Derivative, Dummy, Function, Subs, Symbol
from sympy.core.function import AppliedUndef

__all__ = ["applied", "read_unknown"]

# A place in an unknown function's list of arguments, while it is differentiated by it.
_SLOTS = tuple(Dummy(f"xi_{place}") for place in range(1, 33))

Unknown = tuple[str, tuple[Any, ...], tuple[int, ...]]  # name, arguments, how often differentiated by each


def applied(name: str, arguments: Sequence[Any], orders: Sequence[int] = ()) -> Any:
    """f(u, v), or its derivative, so many times by each argument, at (u, v)."""
    head = Function(name)
    wanted = [place for place, order in enumerate(orders) if order]
    if not wanted:
        return head(*arguments)
    if all(_stands_alone(place, arguments) for place in wanted):
        return Derivative(head(*arguments), *[(arguments[place], orders[place]) for place in wanted])
    inside = list(arguments)
    for place in wanted:
        inside[place] = _SLOTS[place]
    derivative = Derivative(head(*inside), *[(_SLOTS[place], orders[place]) for place in wanted])
    return Subs(derivative, [_SLOTS[place] for place in wanted], [arguments[place] for place in wanted])


def _stands_alone(place: int, arguments: Sequence[Any]) -> bool:
    """Whether an argument is a symbol, or an unknown function's value, that no other argument has in it."""
    argument = arguments[place]
    others = [other for k, other in enumerate(arguments) if k != place]
    return isinstance(argument, Symbol | AppliedUndef) and not any(other.has(argument) for other in others)


def read_unknown(piece: Basic) -> Unknown | None:
    """The function, its arguments and the orders of differentiation; None for anything else."""
    if isinstance(piece, AppliedUndef):
        return str(piece.func.__name__), tuple(piece.args), (0,) * len(piece.args)
    if isinstance(piece, Derivative) and isinstance(piece.expr, AppliedUndef):
        return _by_arguments(piece.expr, piece.variable_count)
    if isinstance(piece, Subs):
        inner = read_unknown(piece.expr)
        places = dict(zip(piece.variables, piece.point, strict=True))
        if inner is not None and all(_stays(argument, places) for argument in inner[1]):
            return inner[0], tuple(places.get(argument, argument) for argument in inner[1]), inner[2]
    return None


def _stays(argument: Any, places: dict[Any, Any]) -> bool:
    """Whether a substitution replaces an argument as a whole, or not at all."""
    return argument in places or not argument.free_symbols & set(places)


def _by_arguments(function: AppliedUndef, counts: Iterable[Any]) -> Unknown | None:
    orders = [0] * len(function.args)
    for variable, count in counts:
        found = [place for place, argument in enumerate(function.args) if argument == variable]
        if len(found) != 1:
            return None
        orders[found[0]] += int(count)
    return str(function.func.__name__), tuple(function.args), tuple(orders)
