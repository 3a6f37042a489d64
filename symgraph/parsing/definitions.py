"""Functions that a text defines and applies, f(x) = x^2; y = f(2x): what they would grow to, checked before they do.

A definition is put in wherever it is applied (`language/program.py`), so that forty of them, each applying the one
before twice, would be a trillion pieces; and one that applies itself never ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from symgraph.errors import ProgramError
from symgraph.language.program import Assignment
from symgraph.language.tree import BINDERS, Apply, Name, Undefined, names_in, postorder
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
        limits.check("nodes", known[name].total, "with every function written out")
    for statement in statements:
        whole = known[statement.name] if statement.name in known else _grown(statement, known, text)
        pieces += whole.total
        limits.check("nodes", pieces, "with every function written out")


@dataclass(frozen=True, slots=True)
class _Grown:
    """A definition with everything put in.

    Args:
        pieces: how many there are, its parameters not counted.
        uses: how often each parameter stands in it.
        depth: how many functions are applied inside one another.
        bound: the names that its sums and integrals bind.
    """

    pieces: int
    uses: Mapping[str, int]
    depth: int = 0
    bound: frozenset[str] = frozenset()

    @property
    def total(self) -> int:
        """How many pieces there are, parameters counted."""
        return self.pieces + sum(self.uses.values())


def _grown(statement: Assignment, known: Mapping[str, _Grown], text: str) -> _Grown:
    parts: dict[int, _Grown] = {}
    bound: set[str] = set()
    for piece in postorder(statement.tree):
        inside = [parts[id(part)] for part in piece.arguments] if isinstance(piece, Apply | Undefined) else []
        if isinstance(piece, Apply) and piece.operator in BINDERS and isinstance(piece.arguments[1], Name):
            bound.add(piece.arguments[1].name)
        inner = known.get(piece.name) if isinstance(piece, Undefined) else None
        if isinstance(piece, Name) and piece.name in statement.parameters:
            parts[id(piece)] = _Grown(0, {piece.name: 1})
        elif inner is not None and isinstance(piece, Undefined) and len(inside) == len(inner.uses):
            bound |= inner.bound
            _refuse_capture(piece, inner, text)
            depth = 1 + inner.depth + max((each.depth for each in inside), default=0)
            parts[id(piece)] = _sum(inner.pieces, zip(inner.uses.values(), inside, strict=True), depth)
        else:
            depth = max((each.depth for each in inside), default=0)
            parts[id(piece)] = _sum(1, ((1, each) for each in inside), depth)
    for name in bound & set(statement.parameters):
        raise ProgramError(f"{name} is a parameter and the name of a sum", text, *statement.span, hint="rename one")
    whole = parts[id(statement.tree)]
    uses = {name: whole.uses.get(name, 0) for name in statement.parameters}
    return _Grown(whole.pieces, uses, whole.depth, frozenset(bound))


def _sum(own: int, parts: Iterable[tuple[int, _Grown]], depth: int) -> _Grown:
    """Pieces put together, each so many times."""
    pieces, uses = own, Counter[str]()
    for times, part in parts:
        pieces += times * part.pieces
        for name, count in part.uses.items():
            uses[name] += times * count
    return _Grown(pieces, uses, depth)


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
