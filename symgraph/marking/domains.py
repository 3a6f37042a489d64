"""Where a function has values: the conditions that say it, as far as they are listed.

>>> from symgraph.marking.question import ask
>>> domain_conditions(ask("x*ln(x)")), domain_conditions(ask("piecewise(x*ln(x), x > 0, 0)"))
([x > 0], [])

What stands in a case or under a sum is computed in a part of the domain alone: it says nothing of the whole.
"""

from __future__ import annotations

from typing import Any, TypeGuard

from symgraph.calculus.graph import Node
from symgraph.language.branches import PARTLY, row_of
from symgraph.language.constructors import construct_pieces
from symgraph.language.tree import BINDERS, Apply, Name, Tree, Undefined
from symgraph.marking.question import Question

__all__ = ["domain_conditions"]


def domain_conditions(question: Question) -> list[Any]:
    """What holds wherever a function has values, as SymPy conditions on the inputs."""
    found: dict[Any, None] = {}
    symbols = {node.name: node.symbol for node in question.graph}
    values: dict[str, Any] = {name: symbols[name] for name in question.names}
    needed = {question.of.name}
    for node in reversed(question.computed):
        if node.name in needed:
            needed |= {piece.name for piece in _always_used(node) if isinstance(piece, Name)}
    asked = {node: [piece for piece in _always_used(node) if _is_asked(piece)] for node in question.computed}
    if not any(asked[node] for node in question.computed if node.name in needed):
        return []
    for node in question.computed:
        assert node.formula is not None
        built = construct_pieces(node.formula, values, question.limits)
        values[node.name] = built[id(node.formula)]
        for piece in asked[node] if node.name in needed else ():
            found |= dict.fromkeys(row_of(piece).domain(*[built[id(part)] for part in piece.arguments]))
    return [each for each in found if each not in (True, False)]


def _always_used(node: Node) -> list[Tree]:
    """The pieces of a node's formula that have values wherever it has: none of what stands in cases or under a sum."""
    pieces = [node.formula] if node.formula is not None else []
    for piece in pieces:
        if isinstance(piece, Apply) and piece.operator in BINDERS:
            pieces += piece.arguments[2:]
        elif isinstance(piece, Undefined) or (isinstance(piece, Apply) and piece.operator != "piecewise"):
            pieces += piece.arguments
    return pieces


def _is_asked(piece: Tree) -> TypeGuard[Apply]:
    """Whether an operation says something of the domain that is listed."""
    row = row_of(piece) if isinstance(piece, Apply) else None
    return row is not None and row.name not in _NOT_ASKED


_NOT_ASKED = PARTLY | {"divide"}
