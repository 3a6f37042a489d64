"""Functions about which nothing is known, with a concrete one in the place of each, so that routes can be compared.

Two formulas with f' and f in them that differ in truth differ for almost every f; so each unknown function gets a fixed
one, smooth on the whole line and with no symmetry that could hide a mistake, chosen by its name:

>>> import sympy
>>> f, x = sympy.Function("f"), sympy.Symbol("x")
>>> with_known(f(x).diff(x)) == with_known(f(x)).diff(x)
True

What is compared in this way is shown to be right for those functions, not proved for all; the document says so.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from sympy import Basic, Derivative, Expr, Integer, Rational, Subs, Symbol, diff, sin
from sympy.core.function import AppliedUndef

from symgraph.errors import SymgraphError
from symgraph.language.notation import from_sympy
from symgraph.language.program import Program
from symgraph.language.rows import rebuilt
from symgraph.language.tree import Name, Tree, Undefined, postorder, rebuild
from symgraph.language.unknowns import read_unknown

__all__ = ["has_opaque", "tree_with_known", "unknown_functions", "with_known"]


def unknown_functions(program: Program) -> tuple[str, ...]:
    """The names of the functions about which a program says nothing, sorted.

    >>> from symgraph.parsing.text import parse
    >>> unknown_functions(parse("g(f(x)) + sin(x)"))
    ('f', 'g')
    """
    return tuple(
        sorted(
            {
                piece.name
                for assignment in program.assignments
                for piece in postorder(assignment.tree)
                if isinstance(piece, Undefined) and piece.row is None
            }
        )
    )


def has_opaque(program: Program) -> bool:
    """Whether a caller's own function is used of which SymPy knows no formula, and so no derivative either."""
    rows = [
        (piece.row, len(piece.arguments))
        for assignment in program.assignments
        for piece in postorder(assignment.tree)
        if isinstance(piece, Undefined) and piece.row is not None
    ]
    return any(row.construct(*_slots(count)).atoms(AppliedUndef) for row, count in rows)


def with_known(expr: Expr) -> Expr:
    """The expression with every unknown function, and every derivative of one, replaced by its stand-in.

    Raises:
        SymgraphError: SymPy wrote a derivative in a form that says two things (by g(t) in f(g(t), g(t))).
    """
    done: dict[Basic, Basic] = {}
    stack: list[Basic] = [expr]
    while stack:
        piece = stack[-1]
        if piece in done or not piece.args:
            done.setdefault(piece, piece)
            stack.pop()
            continue
        unknown = read_unknown(piece)
        if unknown is None and isinstance(piece, Derivative | Subs):
            raise SymgraphError("SymPy's form of this derivative of an unknown function cannot be read")
        parts = piece.args if unknown is None else unknown[1]
        missing = [part for part in parts if part not in done]
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        values = [done[part] for part in parts]
        done[piece] = rebuilt(piece, values) if unknown is None else _applied(unknown[0], unknown[2], values)
    result = done[expr]
    assert isinstance(result, Expr)
    return result


def tree_with_known(tree: Tree) -> Tree:
    """The same for a syntax tree."""

    def known(piece: Tree) -> Tree | None:
        if not isinstance(piece, Undefined) or piece.row is not None:
            return None
        arguments = [rebuild(argument, known) for argument in piece.arguments]
        orders = piece.orders or (0,) * len(arguments)
        places = {slot.name: argument for slot, argument in zip(_slots(len(arguments)), arguments, strict=True)}
        body = from_sympy(_derivative(piece.name, orders))
        return rebuild(body, lambda part: places.get(part.name) if isinstance(part, Name) else None)

    return rebuild(tree, known)


def _applied(name: str, orders: tuple[int, ...], values: list[Any]) -> Expr:
    slots = _slots(len(values))
    body: Expr = _derivative(name, orders).subs(dict(zip(slots, values, strict=True)), simultaneous=True)
    return body


def _slots(count: int) -> tuple[Symbol, ...]:
    return tuple(Symbol(f"slot{place}") for place in range(1, count + 1))


@cache
def _derivative(name: str, orders: tuple[int, ...]) -> Expr:
    """The stand-in of that name, differentiated so often by each of its slots."""
    slots = _slots(len(orders))
    numbers = iter(hashlib.sha256(name.encode()).digest() * (len(orders) ** 2 + 1))
    body: Expr = Integer(3)
    for place, slot in enumerate(slots):
        body += _number(numbers) * sin(_number(numbers) * slot + _number(numbers)) + _number(numbers) * slot**2
        for other in slots[:place]:
            body += _number(numbers) * slot * other
    for slot, order in zip(slots, orders, strict=True):
        body = diff(body, slot, order)
    return body


def _number(numbers: Any) -> Rational:
    """A small fraction, never 0."""
    return Rational(next(numbers) % 19 + 1, 11)
