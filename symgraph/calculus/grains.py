"""Which pieces of an expression a teacher would give a name to: the textbook grain.

Products, quotients and compositions are nodes. What a teacher differentiates at a glance stays in one node: a linear
inside (3x+1), a table function or power of a linear inside (sin 3x, (2x+1)⁵), a monomial (3x²y), a constant multiple,
and a sum of such terms, with an edge for each term.

>>> from symgraph.language.tree import Apply, Name, Number
>>> square = Apply("power", (Name("x"), Number(2)))
>>> tree = Apply("sine", (square,))
>>> [piece for piece in (tree, square) if id(piece) in textbook_nodes(tree)]
[Apply('power', (Name('x'), Number('2')))]
"""

from __future__ import annotations

from dataclasses import dataclass

from symgraph.language.branches import own_operands
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import BINDERS, Apply, Name, Tree, Undefined, postorder

__all__ = ["textbook_nodes"]

_SUMS = frozenset({"add", "subtract"})
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a piece looks like to a teacher."""

    names: frozenset[str] = _NOTHING  # the names in it; none: a constant
    linear: bool = False  # a·x + b in one name that occurs once
    monomial: bool = False  # a constant times powers of different names
    table: bool = False  # a constant times a table function of something linear
    sum: bool = False  # a sum of such terms

    @property
    def constant(self) -> bool:
        return not self.names

    @property
    def term(self) -> bool:
        return self.constant or self.monomial or self.table


def textbook_nodes(tree: Tree) -> set[int]:
    """The pieces below the root that become nodes of their own, by identity."""
    shapes: dict[int, _Shape] = {}
    for piece in postorder(tree):
        shapes[id(piece)] = _shape(piece, shapes)
    nodes: set[int] = set()
    seen: set[int] = set()
    stack: list[Tree] = [tree]
    while stack:
        piece = stack.pop()
        if id(piece) in seen or not isinstance(piece, Apply | Undefined):
            continue
        seen.add(id(piece))
        for argument in _kept(piece, shapes):
            nodes.add(id(argument))
            stack.append(argument)
    return nodes


def _kept(piece: Apply | Undefined, shapes: dict[int, _Shape]) -> list[Tree]:
    """The nodes right below a node: what is not absorbed into its formula."""
    kept: list[Tree] = []
    stack: list[Tree] = [piece]
    first = True
    seen: set[int] = set()
    while stack:
        part = stack.pop()
        if id(part) in seen:
            kept.append(part)  # a second occurrence of something that is not small: name it
            continue
        if not isinstance(part, Apply | Undefined) or shapes[id(part)].term or shapes[id(part)].sum:
            continue
        if not first:
            seen.add(id(part))
        first = False
        for argument in own_operands(part):
            shape = shapes[id(argument)]
            if isinstance(argument, Name) or shape.constant:
                continue
            if _absorbs(part, argument, shapes):
                stack.append(argument)
            else:
                kept.append(argument)
    return kept


def _absorbs(part: Apply | Undefined, argument: Tree, shapes: dict[int, _Shape]) -> bool:
    """Whether the formula of `part` goes on into `argument`."""
    shape = shapes[id(argument)]
    if isinstance(part, Undefined):
        return False
    if part.operator in _SUMS:
        return shape.term or shape.sum or _is_sum(argument) or (_multiple(argument, shapes) and not _product(argument))
    if part.operator == "piecewise":
        return shape.term or shape.sum
    return _multiple(part, shapes)


def _is_sum(piece: Tree) -> bool:
    return isinstance(piece, Apply) and piece.operator in _SUMS


def _product(piece: Tree) -> bool:
    return isinstance(piece, Apply) and piece.operator == "multiply" and isinstance(piece.arguments[1], Apply)


def _multiple(piece: Tree, shapes: dict[int, _Shape]) -> bool:
    """Whether a piece is a constant times something: −f, 3f, f/3."""
    if not isinstance(piece, Apply):
        return False
    if piece.operator == "negate":
        return True
    if piece.operator == "multiply":
        return any(shapes[id(argument)].constant for argument in piece.arguments)
    return piece.operator == "divide" and shapes[id(piece.arguments[1])].constant


def _shape(piece: Tree, shapes: dict[int, _Shape]) -> _Shape:
    """The shape of a piece, from those of its arguments."""
    if isinstance(piece, Name):
        return _Shape(frozenset({piece.name}), linear=True, monomial=True)
    if not isinstance(piece, Apply | Undefined):
        return _Shape()
    parts = [shapes[id(argument)] for argument in piece.arguments]
    names = frozenset().union(*(part.names for part in parts))
    if not names:
        return _Shape()
    if isinstance(piece, Undefined) or piece.operator in BINDERS:
        return _Shape(names)
    if _multiple(piece, shapes):
        inner = next(part for part in parts if not part.constant)
        return _Shape(names, inner.linear, inner.monomial, inner.table, inner.sum)
    if piece.operator in _SUMS:
        linear = len([part for part in parts if part.constant]) == 1 and all(
            part.linear or part.constant for part in parts
        )
        return _Shape(names, linear=linear, sum=all(part.term or part.sum or part.linear for part in parts))
    if piece.operator == "multiply":
        left, right = parts
        return _Shape(names, monomial=left.monomial and right.monomial and not left.names & right.names)
    return _Shape(names, monomial=_is_power_of_name(piece, parts), table=_is_table(piece, parts))


def _is_power_of_name(piece: Apply, parts: list[_Shape]) -> bool:
    return piece.operator == "power" and isinstance(piece.arguments[0], Name) and parts[1].constant


def _is_table(piece: Apply, parts: list[_Shape]) -> bool:
    """A function of one thing that varies, and that thing is linear."""
    varying = [part for part in parts if not part.constant]
    if len(varying) != 1 or not varying[0].linear or piece.operator not in PRIMITIVES:
        return False
    row = PRIMITIVES[piece.operator]
    return bool(row.latex) or piece.operator in ("power", "divide", "exponential", "logarithm_base")
