"""The table of functions: name, spellings, arity, constructor, local derivatives, domain, kinks.

Add a function: one row in one of the modules beside this one. A row knows mathematics and nothing of graphs, text
or pictures; the engine knows rows and no mathematics. Local derivatives are written in the row's own arguments:

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

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from symgraph.language.elementary_functions import (
    ARITHMETIC,
    COMPARISONS,
    EXPONENTIALS,
    HYPERBOLIC,
    POWERS,
    TRIGONOMETRIC,
)
from symgraph.language.rows import Primitive

__all__ = ["PRIMITIVES", "SHORTHANDS", "SPELLINGS", "Primitive"]


def _table(rows: Iterable[Primitive]) -> Mapping[str, Primitive]:
    table: dict[str, Primitive] = {}
    for row in rows:
        if row.name in table:
            raise ValueError(f"two rows are called {row.name}")
        table[row.name] = row
    return MappingProxyType(table)


PRIMITIVES: Mapping[str, Primitive] = _table(
    (*ARITHMETIC, *POWERS, *EXPONENTIALS, *COMPARISONS, *TRIGONOMETRIC, *HYPERBOLIC)
)

SPELLINGS: Mapping[str, str] = MappingProxyType(
    {spelling: row.name for row in PRIMITIVES.values() for spelling in row.spellings}
)

# Spellings that are a row with a number already in its place; None is where the typed argument goes.
SHORTHANDS: Mapping[str, tuple[str, tuple[int | None, ...]]] = MappingProxyType(
    {
        "lg": ("logarithm_base", (None, 10)),
        "log10": ("logarithm_base", (None, 10)),
        "lb": ("logarithm_base", (None, 2)),
        "ld": ("logarithm_base", (None, 2)),
        "log2": ("logarithm_base", (None, 2)),
    }
)
