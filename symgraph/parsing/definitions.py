"""Functions that a text defines and applies, f(x) = x^2; y = f(2x): what they would grow to, checked before they do.

A definition is put in wherever it is applied (`language/program.py`), so that forty of them, each applying the one
before twice, would be a trillion pieces; and one that applies itself never ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symgraph.errors import ProgramError
from symgraph.language.program import Assignment
from symgraph.language.tree import BINDERS, Apply, Name, Tree, Undefined, names_in, postorder
from symgraph.limits import Limits

__all__ = ["check_definitions"]


def check_definitions(statements: Sequence[Assignment], text: str, limits: Limits) -> None:
    """Raise when the functions that a text defines cannot be put into each other.

    Raises:
        ProgramError: one applies itself, or an argument has the name that a sum inside the function binds.
        LimitExceeded: with every definition written out there are more pieces than `limits.nodes`, or they are nested
            more deeply than `limits.depth`.

    >>> from symgraph.limits import DEFAULT
    >>> check_definitions([Assignment("f", Undefined("f", (Name("x"),)), (0, 11), ("x",))], "f(x) = f(x)", DEFAULT)
    Traceback (most recent call last):
        ...
    symgraph.errors.ProgramError: f is defined by itself (line 1, column 1)
      f(x) = f(x)
      ^^^^^^^^^^^
    """
    defined = {each.name: each for each in statements if each.parameters and each.name}
    if not defined:
        return
    pieces = 0
    known: dict[str, _Grown] = {}
    for name in _callees_first(defined, text):
        known[name] = _grown(defined[name], known, text)
        limits.check("depth", known[name].depth, "functions applied inside functions")
        limits.check("nodes", known[name].pieces, "with every function written out")
    for statement in statements:
        pieces += known[statement.name].pieces if statement.name in known else _grown(statement, known, text).pieces
        limits.check("nodes", pieces, "with every function written out")


class _Grown:
    """A definition with everything put in: how many pieces, how deep, and which names its sums bind."""

    def __init__(self, pieces: int, depth: int, bound: frozenset[str]) -> None:
        self.pieces, self.depth, self.bound = pieces, depth, bound


def _grown(statement: Assignment, known: Mapping[str, _Grown], text: str) -> _Grown:
    pieces, depth = 0, 0
    bound: set[str] = set()
    for piece in postorder(statement.tree):
        pieces += 1
        if isinstance(piece, Apply) and piece.operator in BINDERS and isinstance(piece.arguments[1], Name):
            bound.add(piece.arguments[1].name)
        if isinstance(piece, Undefined) and piece.name in known:
            inner = known[piece.name]
            pieces += inner.pieces * max(1, max(map(_size, piece.arguments), default=1))
            depth = max(depth, 1 + inner.depth)
            bound |= inner.bound
            _refuse_capture(piece, inner, text)
    for name in bound & set(statement.parameters):
        raise ProgramError(f"{name} is a parameter and the name of a sum", text, *statement.span, hint="rename one")
    return _Grown(pieces, depth, frozenset(bound))


def _size(tree: Tree) -> int:
    return sum(1 for _ in postorder(tree))


def _refuse_capture(piece: Undefined, inner: _Grown, text: str) -> None:
    for argument in piece.arguments:
        for name in names_in(argument):
            if name in inner.bound:
                message = f"{name} is the name of a sum or an integral inside {piece.name}"
                raise ProgramError(message, text, *piece.span, hint="rename one of the two")


def _callees_first(defined: Mapping[str, Assignment], text: str) -> list[str]:
    """The names of the functions, each after those that it applies."""
    called = {
        name: sorted({p.name for p in postorder(each.tree) if isinstance(p, Undefined) and p.name in defined})
        for name, each in defined.items()
    }
    done: dict[str, None] = {}
    for first in defined:
        stack = [(first, False)]
        waiting: set[str] = set()
        while stack:
            name, ready = stack.pop()
            if ready:
                waiting.discard(name)
                done[name] = None
            elif name in waiting:
                raise ProgramError(f"{name} is defined by itself", text, *defined[name].span)
            elif name not in done:
                waiting.add(name)
                stack.append((name, True))
                stack.extend((each, False) for each in reversed(called[name]))
    return list(done)
