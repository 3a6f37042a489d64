"""Back into the inputs: a memoised rebuild, guarded by an exact count of the size.

>>> from sympy import symbols
>>> a, b, c, d = symbols("a b c d")
>>> replace_symbols(c + d, {c: a + b, d: b + 1})
a + 2*b + 1

Why not `.subs`: it walks the expression as a tree and tries patterns; here every shared piece is rebuilt once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import repeat
from operator import is_
from types import MappingProxyType
from typing import Any

from sympy import (
    Add,
    Basic,
    Derivative,
    Expr,
    Function,
    Integral,
    Mul,
    Piecewise,
    Pow,
    Product,
    Subs,
    Sum,
    Symbol,
)
from sympy.core.function import AppliedUndef

from symgraph.calculus.graph import Graph, Node
from symgraph.calculus.sweeps import reverse
from symgraph.calculus.swelling import Swelling, counted
from symgraph.errors import TooLargeToShow
from symgraph.language.binders import substitute
from symgraph.language.constructors import construct
from symgraph.language.numerals import in_short
from symgraph.language.opaque import DEEP, hide, measured, show
from symgraph.language.rows import rebuilt
from symgraph.language.tree import names_in, size
from symgraph.language.unknowns import applied, read_unknown
from symgraph.limits import DEFAULT, Limits

__all__ = ["InInputs", "at_point", "in_inputs", "renamed", "replace_symbols", "tree_size"]

_HOPELESS = 10**9  # pieces, about so many: not to be made only to be counted exactly


def at_point(expr: Expr, point: Mapping[str, Expr]) -> Expr:
    """The expression with values put in by name, for every symbol in it.

    >>> from sympy import Integer
    >>> from sympy.abc import x, y
    >>> at_point(x**2 + y, {"x": Integer(3), "y": Integer(1), "z": Integer(7)})
    10
    """
    return replace_symbols(expr, {symbol: point[symbol.name] for symbol in expr.free_symbols})


def replace_symbols(
    expr: Expr, values: Mapping[Symbol, Expr], build: Callable[[Basic, Sequence[Any]], Any] = rebuilt
) -> Expr:
    """The expression with symbols replaced all at once, every shared piece rebuilt once, without recursion.

    Args:
        build: makes a piece anew with other arguments.
    """
    done: dict[Basic, Basic] = dict(values)  # what is not in it after its parts were seen stays
    stack: list[tuple[Basic, bool]] = [(expr, False)]
    while stack:
        piece, ready = stack.pop()
        parts = piece.args
        if not parts or piece in done:
            continue
        if isinstance(piece, Sum | Product | Integral):
            done[piece] = substitute(piece, values)  # its bound name must catch none of the values'
            continue
        unknown = None
        if isinstance(piece, Subs | Derivative):
            unknown = read_unknown(piece)
            if unknown is None:
                done[piece] = piece.subs(dict(values))
                continue
            parts = unknown[1]
        if not ready:
            stack.append((piece, True))
            stack += zip(parts, repeat(False))
            continue
        arguments = [done.get(argument, argument) for argument in parts]
        if all(map(is_, arguments, parts)):
            done[piece] = piece
        elif unknown is None:
            done[piece] = build(piece, arguments)
        else:
            done[piece] = applied(unknown[0], arguments, unknown[2])
    result: Any = done.get(expr, expr)
    return result  # an expression, or a condition where one was given


def renamed(expr: Expr, names: Mapping[Symbol, Symbol]) -> Expr:
    """An expression with other names of the same spelling, which SymPy is not asked about again.

    >>> from sympy import sqrt, symbols
    >>> x, real = Symbol("x"), Symbol("x", real=True)
    >>> renamed(sqrt(x**2), {x: real}), replace_symbols(sqrt(x**2), {x: real})
    (sqrt(x**2), Abs(x))
    """
    found: Expr = show(expr, names, _alike)
    return found


def _alike(piece: Basic, arguments: list[Any]) -> Any:
    """A piece with these arguments, as it is; made by SymPy where more belongs to it than its arguments."""
    if isinstance(piece, Add | Mul | Pow | Function) and not isinstance(piece, AppliedUndef | Piecewise):
        made = Basic.__new__(type(piece), *arguments)
        if isinstance(piece, Add | Mul | Pow):
            made.is_commutative = piece.is_commutative
        elif "nargs" in getattr(piece, "__dict__", ()):
            made.nargs = piece.nargs
        return made
    return rebuilt(piece, arguments)


def tree_size(expr: Basic, sizes: Mapping[Any, int] = MappingProxyType({})) -> int:
    """How many pieces an expression has when every shared one is written out, without writing it out.

    >>> from sympy import symbols
    >>> x, y = symbols("x y")
    >>> tree_size(x*y + 1)
    5
    """
    return counted(expr, dict(sizes))


def in_inputs(
    graph: Graph,
    expr: Expr,
    stop: Node | None = None,
    limits: Limits = DEFAULT,
    written: dict[str, Expr] | None = None,
) -> Expr:
    """An expression in the symbols of nodes, written in the inputs.

    Args:
        stop: a node that stays a symbol (a derivative with respect to an inner node is written in it).
        written: what nodes are in the inputs, as far as that is known; what is worked out is added.

    Raises:
        TooLargeToShow: the result would have more than `limits.answer_operations` pieces.
    """
    wanted = _needed(graph, expr, stop)
    total = counted(expr, _sizes(wanted, stop))
    if total > limits.answer_operations:
        raise _too_large(total, limits)
    environment = written if written is not None and (stop is None or stop.formula is None) else {}
    for node in wanted:
        if node.name in environment:
            continue
        if node is stop or node.formula is None:
            environment[node.name] = node.symbol
        else:
            environment[node.name] = construct(node.formula, environment, limits)
    return replace_symbols(expr, {node.symbol: environment[node.name] for node in wanted}, _quietly_rebuilt)


def _quietly_rebuilt(piece: Basic, arguments: Sequence[Any]) -> Any:
    """A piece with other arguments; what SymPy must not ask about in those is hidden from it."""
    if isinstance(piece, Function | Mul) and any(measured(argument) >= DEEP for argument in arguments):
        hidden, names = hide(arguments, joins=isinstance(piece, Mul))
        return show(rebuilt(piece, hidden), names)
    return rebuilt(piece, arguments)


class InInputs:
    """The rates of one output written in the inputs; one that is far too large is found out before it is made.

    >>> from symgraph.calculus.graph import build, find_node
    >>> graph = build("u = x^2; y = u*u + u")
    >>> InInputs(graph, find_node(graph, "y")).rate(find_node(graph, "x"))
    2*x*(2*x**2 + 1)
    """

    def __init__(self, graph: Graph, of: Node, limits: Limits = DEFAULT) -> None:
        self._graph, self._limits = graph, limits
        self._rows = {row.node: row for row in reverse(graph, of)}

    @cached_property
    def _swelling(self) -> Swelling:
        return Swelling(_sizes(self._graph, None))

    def rate(self, wrt: Node) -> Expr:
        """The rate by a node, which stays a symbol.

        Raises:
            TooLargeToShow: it would have more than `limits.answer_operations` pieces.
        """
        row = self._rows[wrt]
        swelling = self._swelling if wrt.formula is None else Swelling(_sizes(self._graph, wrt))
        total = swelling.of(row)
        if total > max(_HOPELESS, self._limits.answer_operations):
            raise _too_large(total, self._limits)
        return in_inputs(self._graph, row.value, wrt, self._limits)


def _sizes(nodes: Iterable[Node], stop: Node | None) -> dict[Basic, int]:
    """How many pieces the names of nodes have when they are written in the inputs."""
    sizes: dict[str, int] = {}
    for node in nodes:
        if node is not stop and node.formula is not None:
            sizes[node.name] = size(node.formula, sizes)
    return {node.symbol: sizes[node.name] for node in nodes if node.name in sizes}


def _too_large(total: int, limits: Limits) -> TooLargeToShow:
    return TooLargeToShow(
        f"written in the inputs it has {in_short(total)} parts: the limit is {limits.answer_operations} "
        "(limits.answer_operations)"
    )


def _needed(graph: Graph, expr: Expr, stop: Node | None) -> list[Node]:
    """The nodes that an expression is made of, in an order of computation."""
    wanted = {symbol.name for symbol in _symbols_in(expr)}
    ordered = []
    for node in reversed(list(graph)):
        if node.symbol.name in wanted:
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
