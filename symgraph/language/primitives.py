"""The table of functions: name, spellings, arity, constructor, local derivatives, domain, kinks.

Add a function: one row. A row knows mathematics and nothing of graphs, text or pictures; the engine knows
rows and no mathematics. Its local derivatives are written in its own arguments, one for each:

>>> import sympy
>>> u, v = sympy.symbols("u v")
>>> PRIMITIVES["multiply"].partials(u, v)
(v, u)
>>> PRIMITIVES["sine"].partials(u)
(cos(u),)

`domain` says where the function has a (real) value, `kinks` where it has one and no derivative; both give SymPy
conditions on the arguments. `ball` computes it on python-flint's `arb`, with certified bounds.
Every row is compared with SymPy in `tests/test_primitives.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sympy
from sympy import Expr, Integer, Rational, S

__all__ = ["PRIMITIVES", "SPELLINGS", "Primitive"]

Conditions = Callable[..., tuple[Any, ...]]


def _none(*arguments: Expr) -> tuple[Any, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Primitive:
    """One function: everything the engine knows about it.

    Args:
        name: the row's name, which is also its macro in `words.j2` (rule and formula).
        spellings: how it is typed as a function ("sin"), all lower case; operators have none.
        arity: fewest and most arguments (None: any number).
        construct: SymPy's evaluated form of it.
        partials: the local derivative by each argument, as SymPy expressions of the arguments.
        latex: its LaTeX command (r"\\sin"); empty for operators, which `typesetting.py` sets by shape.
        head: the SymPy class that reads back as this row, if there is one.
        domain: conditions on the arguments under which it has a value.
        kinks: conditions under which it has a value and no derivative.
        ball: the same function on `flint.arb`; None where there is none (then numbers come from mpmath).
    """

    name: str
    spellings: tuple[str, ...]
    arity: tuple[int, int | None]
    construct: Callable[..., Expr]
    partials: Callable[..., tuple[Expr, ...]]
    latex: str = ""
    head: type | None = None
    domain: Conditions = _none
    kinks: Conditions = _none
    ball: Callable[..., Any] | None = None


def _table(rows: Iterable[Primitive]) -> Mapping[str, Primitive]:
    table: dict[str, Primitive] = {}
    for row in rows:
        if row.name in table:
            raise ValueError(f"two rows are called {row.name}")
        table[row.name] = row
    return MappingProxyType(table)


def _function(
    name: str,
    spellings: str,
    head: Any,
    derivative: Callable[[Expr], Expr],
    latex: str,
    ball: Callable[..., Any],
    domain: Conditions = _none,
    kinks: Conditions = _none,
) -> Primitive:
    """A row for a function of one argument."""
    return Primitive(
        name, tuple(spellings.split()), (1, 1), head, lambda u: (derivative(u),), latex, head, domain, kinks, ball
    )


ONE, TWO = Integer(1), Integer(2)

PRIMITIVES: Mapping[str, Primitive] = _table(
    [
        Primitive("add", (), (2, 2), lambda u, v: u + v, lambda u, v: (ONE, ONE), ball=lambda u, v: u + v),
        Primitive(
            "subtract", (), (2, 2), lambda u, v: u - v, lambda u, v: (ONE, S.NegativeOne), ball=lambda u, v: u - v
        ),
        Primitive("multiply", (), (2, 2), lambda u, v: u * v, lambda u, v: (v, u), ball=lambda u, v: u * v),
        Primitive(
            "divide",
            (),
            (2, 2),
            lambda u, v: u / v,
            lambda u, v: (1 / v, -u / v**2),
            domain=lambda u, v: (sympy.Ne(v, 0),),
            ball=lambda u, v: u / v,
        ),
        Primitive("negate", (), (1, 1), lambda u: -u, lambda u: (S.NegativeOne,), ball=lambda u: -u),
        _function(
            "sine", "sin", sympy.sin, sympy.cos, r"\sin", lambda u: u.sin()
        ),
    ]
)

SPELLINGS: Mapping[str, str] = MappingProxyType(
    {spelling: row.name for row in PRIMITIVES.values() for spelling in row.spellings}
)
