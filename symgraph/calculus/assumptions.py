"""What is assumed of names: signs, comparisons, and the bounds that follow.

>>> import sympy
>>> assume({"x": "positive"}).signs
{'x': 'positive'}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy
from sympy.core.relational import Relational

from symgraph.calculus.points import name_of
from symgraph.errors import SymgraphError

__all__ = ["Assumptions", "assume"]


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is known of the names.

    Args:
        signs: per name "positive", "negative", "nonnegative", "nonpositive", "integer" (several: with spaces).
        conditions: comparisons of SymPy that hold.
        bounds: per name the numbers between which it lies, where conditions say so.
    """

    signs: Mapping[str, str] = field(default_factory=dict)
    conditions: tuple[Any, ...] = ()
    bounds: Mapping[str, tuple[Fraction | None, Fraction | None]] = field(default_factory=dict)


_WORDS = ("positive", "negative", "nonnegative", "nonpositive", "integer", "real")


def assume(given: Any = None, symbols: Iterable[Any] = ()) -> Assumptions:
    """Assumptions from what people give: {"x": "positive"}, x > 2, a list of such, or nothing.

    Args:
        given: a mapping from names (or Symbols) to words; a comparison; a list of comparisons; Assumptions; None.
        symbols: Symbols that may know of themselves that they are positive or whole.

    >>> assume(sympy.Symbol("x") > 2).bounds
    {'x': (Fraction(2, 1), None)}
    """
    if isinstance(given, Assumptions):
        return given
    signs: dict[str, str] = {}
    for symbol in sorted(symbols, key=str):
        words = [word for word in _WORDS[:-1] if getattr(symbol, f"is_{word}", None)]
        if words:
            signs[name_of(symbol)] = " ".join(words)
    conditions: list[Any] = []
    if isinstance(given, Mapping):
        for name, words in given.items():
            unknown = [word for word in str(words).split() if word not in _WORDS]
            if unknown:
                raise SymgraphError(f"{unknown[0]} is not an assumption: choose from {', '.join(_WORDS)}")
            signs[str(name)] = f"{signs.get(str(name), '')} {words}".strip()
    elif given is not None and given not in (True, sympy.true):
        if not isinstance(given, sympy.Basic | Iterable) or isinstance(given, str):
            raise SymgraphError(f'assumptions are {{"x": "positive"}}, a comparison, or a list of such, not {given!r}')
        for condition in [given] if isinstance(given, sympy.Basic) else given:
            parts = condition.args if isinstance(condition, sympy.And) else (condition,)
            for part in parts:
                if part in (True, sympy.true):
                    continue
                if not isinstance(part, Relational):
                    raise SymgraphError(f"{part} is not a comparison")
                conditions.append(part)
    return _with_bounds(signs, conditions)


def _with_bounds(signs: dict[str, str], conditions: list[Any]) -> Assumptions:
    """Conditions like x > 2 as bounds, and x > 0 as a sign too."""
    bounds: dict[str, tuple[Fraction | None, Fraction | None]] = {}
    for condition in conditions:
        if isinstance(condition.lhs, sympy.Rational) and isinstance(condition.rhs, sympy.Symbol):
            condition = condition.reversed
        if not (isinstance(condition.lhs, sympy.Symbol) and isinstance(condition.rhs, sympy.Rational)):
            continue
        name, value = name_of(condition.lhs), Fraction(int(condition.rhs.p), int(condition.rhs.q))
        low, high = bounds.get(name, (None, None))
        if isinstance(condition, sympy.Gt | sympy.Ge):
            bounds[name] = (value if low is None else max(low, value), high)
            word = "positive" if value >= 0 else ""
        elif isinstance(condition, sympy.Lt | sympy.Le):
            bounds[name] = (low, value if high is None else min(high, value))
            word = "negative" if value <= 0 else ""
        else:
            continue
        if word and value == 0 and isinstance(condition, sympy.Ge | sympy.Le):
            word = f"non{'negative' if word == 'positive' else 'positive'}"
        signs[name] = f"{signs.get(name, '')} {word}".strip()
    return Assumptions({name: words for name, words in signs.items() if words}, tuple(conditions), bounds)
