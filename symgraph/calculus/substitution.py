"""Back into the inputs: a memoised rebuild, guarded by an exact count of the size.

>>> from sympy import symbols
>>> a, b, c, d = symbols("a b c d")
>>> replace_symbols(c + d, {c: a + b, d: b + 1})
a + 2*b + 1

Why not `.subs`: it walks the expression as a tree and tries patterns; here every shared piece is rebuilt once.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sympy import Basic, Derivative, Expr, Integral, Product, Subs, Sum, Symbol

from symgraph.calculus.graph import Graph, Node
from symgraph.errors import TooLargeToShow
from symgraph.language.binders import substitute
from symgraph.language.constructors import construct
from symgraph.language.rows import rebuilt
from symgraph.language.tree import names_in, size
from symgraph.language.unknowns import applied, read_unknown
from symgraph.limits import DEFAULT, Limits

__all__ = ["in_inputs", "replace_symbols", "tree_size"]


def replace_symbols(expr: Expr, values: Mapping[Symbol, Expr]) -> Expr:
    """The expression with symbols replaced all at once, every shared piece rebuilt once, without recursion."""
    done: dict[Basic, Basic] = dict(values)
    stack: list[Basic] = [expr]
    while stack:
        piece = stack[-1]
        if piece in done:
            stack.pop()
            continue
        if not piece.args:
            done[piece] = piece
            continue
        if isinstance(piece, Sum | Product | Integral):
            done[piece] = substitute(piece, values)  # its bound name must catch none of the values'
            continue
        unknown = read_unknown(piece) if isinstance(piece, Subs | Derivative) else None
        if unknown is None and isinstance(piece, Subs | Derivative):
            done[piece] = piece.subs(dict(values))
            continue
        parts = piece.args if unknown is None else unknown[1]
        missing = [argument for argument in parts if argument not in done]
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        arguments = [done[argument] for argument in parts]
        if all(new is old for new, old in zip(arguments, parts, strict=True)):
            done[piece] = piece
        elif unknown is None:
            done[piece] = rebuilt(piece, arguments)
        else:
            done[piece] = applied(unknown[0], arguments, unknown[2])
    result = done[expr]
    assert isinstance(result, Expr)
    return result


def tree_size(expr: Basic, sizes: Mapping[Any, int] = MappingProxyType({})) -> int:
    """How many pieces an expression has when every shared one is written out, without writing it out.

    >>> from sympy import symbols
    >>> x, y = symbols("x y")
    >>> tree_size(x*y + 1)
    5
    """
    counted: dict[Basic, int] = dict(sizes)
    stack = [expr]
    while stack:
        piece = stack[-1]
        if piece in counted:
            stack.pop()
            continue
        missing = [argument for argument in piece.args if argument not in counted]
        if missing:
            stack.extend(missing)
        else:
            stack.pop()
            counted[piece] = 1 + sum(counted[argument] for argument in piece.args)
    return counted[expr]


def in_inputs(graph: Graph, expr: Expr, stop: Node | None = None, limits: Limits = DEFAULT) -> Expr:
    """An expression in the symbols of nodes, written in the inputs.

    Args:
        stop: a node that stays a symbol (a derivative with respect to an inner node is written in it).

    Raises:
        TooLargeToShow: the result would have more than `limits.answer_operations` pieces.
    """
    wanted = _needed(graph, expr, stop)
    sizes: dict[str, int] = {}
    for node in wanted:
        if node is not stop and node.formula is not None:
            sizes[node.name] = size(node.formula, sizes)
    total = tree_size(expr, {node.symbol: sizes[node.name] for node in wanted if node.name in sizes})
    if total > limits.answer_operations:
        about = str(total) if total < 10**9 else f"about 10^{int(total.bit_length() * 0.30103)}"
        raise TooLargeToShow(
            f"written in the inputs it has {about} parts: the limit is {limits.answer_operations} "
            "(limits.answer_operations)"
        )
    environment: dict[str, Expr] = {}
    for node in wanted:
        if node is stop or node.formula is None:
            environment[node.name] = node.symbol
        else:
            environment[node.name] = construct(node.formula, environment, limits)
    return replace_symbols(expr, {node.symbol: environment[node.name] for node in wanted})


def _needed(graph: Graph, expr: Expr, stop: Node | None) -> list[Node]:
    """The nodes that an expression is made of, in an order of computation."""
    wanted = {symbol.name for symbol in _symbols_in(expr)}
    ordered = []
    for node in reversed(list(graph)):
        if node.name in wanted:
            ordered.append(node)
            if node is not stop and node.formula is not None:
                wanted.update(names_in(node.formula))
    return ordered[::-1]


def _symbols_in(expr: Expr) -> set[Symbol]:
    """The symbols of an expression, walked as a graph."""
    found: set[Symbol] = set()
    seen: set[Basic] = set()
    stack: list[Basic] = [expr]
    while stack:
        piece = stack.pop()
        if piece not in seen:
            seen.add(piece)
            if isinstance(piece, Symbol):
                found.add(piece)
            stack.extend(piece.args)
    return found
