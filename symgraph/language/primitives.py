"""The table of functions: name, spellings, arity, constructor, local derivatives, domain, kinks.

Add a function: one row in one of the modules that are put together here. A row knows mathematics and nothing of
graphs, text or pictures; the engine knows rows and no mathematics. Local derivatives are written in the row's own
arguments, one for each:

>>> import sympy
>>> u, v = sympy.symbols("u v")
>>> PRIMITIVES["multiply"].partials(u, v)
(v, u)
>>> PRIMITIVES["sine"].partials(u)
(cos(u),)

`domain` says where the function has a (real) value, `kinks` where it has one and no derivative; both give SymPy
conditions on the arguments. `ball` computes it on python-flint's `arb`, with certified bounds.
Every row is compared with SymPy in `tests/test_primitives.py`.

A caller's own functions make a larger table and leave this one as it is:

>>> f = sympy.Function("f")
>>> own = Primitive("f", (), (1, 1), f, lambda u: (2 * u,))
>>> TABLE.extended({f: own}).read(f(u))[0].name, "f" in PRIMITIVES
('f', False)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sympy import Expr, Symbol

from symgraph.language.binders import binder_rows, derivative
from symgraph.language.elementary_functions import (
    ARITHMETIC,
    COMPARISONS,
    EXPONENTIALS,
    HYPERBOLIC,
    POWERS,
    TRIGONOMETRIC,
)
from symgraph.language.rows import Primitive
from symgraph.language.special_functions import BESSEL, ERROR_AND_INTEGRAL_FUNCTIONS, GAMMA_FAMILY, STEPS, TERMS
from symgraph.language.structures import CASES, CONDITIONS, SHAPES
from symgraph.language.table import Table

__all__ = [
    "LETTERS",
    "OVER_TERMS",
    "PRIMITIVES",
    "SHORTHANDS",
    "SPELLINGS",
    "TABLE",
    "Primitive",
    "Table",
    "binder_partial",
]

_ORDINARY = (
    *ARITHMETIC,
    *POWERS,
    *EXPONENTIALS,
    *COMPARISONS,
    *TRIGONOMETRIC,
    *HYPERBOLIC,
    *STEPS,
    *GAMMA_FAMILY,
    *ERROR_AND_INTEGRAL_FUNCTIONS,
    *BESSEL,
    *TERMS,
    *CONDITIONS,
    *CASES,
    *SHAPES,
)

TABLE = Table.of((*_ORDINARY, *binder_rows(Table.of(_ORDINARY))))
PRIMITIVES: Mapping[str, Primitive] = TABLE.rows
SPELLINGS: Mapping[str, str] = TABLE.spellings

# Spellings that are a row with a number already in its place; None is where the typed argument goes.
SHORTHANDS: Mapping[str, tuple[str, tuple[int | None, ...]]] = MappingProxyType(
    {
        "lg": ("logarithm_base", (None, 10)),
        "log10": ("logarithm_base", (None, 10)),
        "lb": ("logarithm_base", (None, 2)),
        "ld": ("logarithm_base", (None, 2)),
        "log2": ("logarithm_base", (None, 2)),
        "trigamma": ("polygamma", (1, None)),
    }
)

# A binder's spelling before plain terms, sum(a, b, c), means the row over terms.
OVER_TERMS: Mapping[str, str] = MappingProxyType({"sum": "total", "product": "product_of"})

# Letters that books use for a function and that are names here: never read silently, good for a hint.
LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "σ": "sigmoid",
        "Γ": "gamma",
        "Β": "beta",
        "ψ": "digamma",
        "W": "lambert_w",
        "H": "heaviside",
        "J": "bessel_j",
        "Y": "bessel_y",
        "I": "bessel_i",
        "K": "bessel_k",
    }
)


def binder_partial(binder: Any, symbol: Symbol, table: Table = TABLE) -> Expr | None:
    """The derivative of a sum, product or integral by a name in its body or its limits; None where it is not known.

    `binders.binder_edges` has it piece by piece, each limit an edge of its own.

    >>> import sympy
    >>> t, x = sympy.symbols("t x")
    >>> binder_partial(sympy.Integral(sympy.sin(t * x), (t, 0, x)), x)
    sin(x**2) + Integral(t*cos(t*x), (t, 0, x))
    """
    return derivative(binder, symbol, table)
