"""What may run away, and is therefore done in a worker only: SymPy's own simplification.

Tasks of `worker.TASKS`: JSON in, JSON out. The symbols are made real before SymPy sees them.

>>> import sympy
>>> x = sympy.Symbol("x")
>>> from symgraph.calculus.exchange import to_json
>>> is_zero(to_json(sympy.sin(x)**2 + sympy.cos(x)**2 - 1))
True
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import sympy

from symgraph.calculus.exchange import from_json, to_json

__all__ = ["FORMS", "form", "is_zero"]

FORMS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "simplify": sympy.simplify,
        "trigsimp": sympy.trigsimp,
        "radsimp": sympy.radsimp,
        "powsimp": sympy.powsimp,
        "logcombine": lambda expression: sympy.logcombine(expression, force=False),
        "factor": sympy.factor,
    }
)


def is_zero(expression: Any, signs: Mapping[str, str] | None = None) -> bool:
    """Whether `simplify` makes a literal 0 of an expression; False says nothing."""
    real, _ = _with_real_symbols(from_json(expression), signs or {})
    return sympy.simplify(real) is sympy.S.Zero


def form(name: str, expression: Any, signs: Mapping[str, str] | None = None) -> Any:
    """The expression in one of the forms of `FORMS`; not proved to be equal."""
    real, back = _with_real_symbols(from_json(expression), signs or {})
    return to_json(FORMS[name](real).xreplace(back))


def _with_real_symbols(expression: Any, signs: Mapping[str, str]) -> tuple[Any, dict[Any, Any]]:
    """The expression in real symbols, and the way back to the plain ones."""
    there, back = {}, {}
    for symbol in sorted(expression.free_symbols, key=str):
        words = [word for word in signs.get(symbol.name, "").split() if word != "real"]
        real = sympy.Symbol(symbol.name, real=True, **dict.fromkeys(words, True))
        there[symbol], back[real] = real, symbol
    return expression.xreplace(there), back
