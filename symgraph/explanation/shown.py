"""What can be shown as a formula: a syntax tree, or one of five ways of showing several.

A tree says what is computed and a printer may not change it; these say how a line of an explanation is laid out: a
sum over paths with a colour for each, a product not yet worked out, several sides of an equation.

>>> from symgraph.explanation.typesetting import text
>>> from symgraph.language.tree import Number
>>> text(Chain((Rate("e", "b"), Terms((Factors((Number(1), Number(2))), Factors((Number(1), Number(3))))), Number(5))))
'∂e/∂b = 1·2 + 1·3 = 5'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from symgraph.language.tree import Apply, Name, Number, Rate, Tree, Undefined

__all__ = [
    "STILL",
    "Chain",
    "Factors",
    "Live",
    "Look",
    "Looks",
    "Marked",
    "Shown",
    "Terms",
    "bare",
]


STILL = "!"


@dataclass(frozen=True, slots=True)
class Marked:
    """A part that belongs to a path: coloured by `path` (a letter), with `label` (node names) under a brace.

    >>> from symgraph.explanation.typesetting import latex
    >>> latex(Marked(Name("d"), "A", ("b", "c", "e")))
    '\\\\pathA{\\\\underbrace{d}_{b \\\\to c \\\\to e}}'
    """

    body: Shown
    path: str = ""
    label: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Factors:
    """A product that is shown and not yet worked out: a dot between all factors.

    >>> from symgraph.explanation.typesetting import text
    >>> text(Factors((Rate("c", "b"), Rate("e", "c"))))
    '∂c/∂b · ∂e/∂c'
    """

    factors: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """A sum that is shown and not yet worked out: every term that is itself a sum, or negative, in brackets.

    >>> from symgraph.explanation.typesetting import text
    >>> from symgraph.language.tree import Number
    >>> text(Terms((Factors((Number(1), Number(2))), Factors((Number(1), Number(3))))))
    '1·2 + 1·3'
    """

    terms: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """Several sides joined by signs: = unless `signs` says "about" (≈), "less", … between each two.

    >>> from symgraph.explanation.typesetting import text
    >>> from symgraph.language.tree import Number
    >>> text(Chain((Name("e"), Factors((Name("c"), Name("d"))), Number(6))))
    'e = c·d = 6'
    """

    sides: tuple[Shown, ...]
    signs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Live:
    """A number that the page recomputes; `key` is its name there. Elsewhere it is the number: 2, 1/3, √3/2.

    `formula` says how, where the key alone does not: in the names of nodes, and in keys of other numbers, such as
    Name("e/b"), which is never shown. What the page cannot recompute has the key STILL: it is hidden once inputs move.
    """

    body: Tree
    key: str
    formula: Tree | None = None


Shown = Tree | Marked | Factors | Terms | Chain | Live


def bare(part: Shown) -> Shown:
    """What is shown, without its marks."""
    while isinstance(part, Marked | Live):
        part = part.body
    return part


class Look:
    """What parts of formulas have in common that are printed alike, however often they were made.

    Args:
        size: how many pieces there are when every branch is written out; from 10^12 on it does not grow.
        names_e: whether e is a name in it, as itself or in a rate; then e^x cannot stand for exp(x).
    """

    __slots__ = ("names_e", "size", "written")

    def __init__(self, size: int, names_e: bool) -> None:
        self.size, self.names_e = size, names_e
        self.written: dict[Any, Any] = {}  # by how and where it is written: what stands there


class _Memory(NamedTuple):
    """The looks by what they are made of, those of parts by their ids, and these parts, whose ids stay theirs here."""

    known: dict[tuple[Any, ...], Look]
    met: dict[int, Look]
    parts: list[Shown]


class Looks:
    """Knows parts of formulas again, so that each is written once; when it is full, it forgets all of them.

    Equal trees may be printed differently, for a number keeps the digits that were typed:

    >>> from fractions import Fraction
    >>> short, long, again = (Number(Fraction(1, 2), digits) for digits in ("0.5", "0.50", "0.5"))
    >>> looks = Looks()
    >>> short == long, looks.of(short) is looks.of(long), looks.of(short) is looks.of(again)
    (True, False, True)
    """

    def __init__(self, room: int = 300_000) -> None:
        """With room for so many pieces: of all looks, each written out, and of what was asked about."""
        self._room = self._left = room
        self._memory = _Memory({}, {}, [])

    def of(self, shown: Shown) -> Look:
        """The look of a formula, or of a part of one."""
        known, met, parts = self._memory
        if id(shown) in met:
            return met[id(shown)]
        if self._left < 0:
            self._left = self._room
            known, met, parts = self._memory = _Memory({}, {}, [])
        stack = [(shown, *_own(shown))]
        while stack:
            part, own, inner = stack[-1]
            below: list[Look] = []
            for piece in inner:
                look = met.get(id(piece))
                if look is None:
                    stack.append((piece, *_own(piece)))
                else:
                    below.append(look)
            if len(below) == len(inner):
                stack.pop()
                key = (*own, *below)
                look = known.get(key)
                if look is None:
                    look = known[key] = _new(part, below)
                    self._left -= look.size
                parts.append(part)
                met[id(part)] = look
                self._left -= 1
        return met[id(shown)]


def _own(part: Any) -> tuple[tuple[Any, ...], tuple[Shown, ...]]:
    """What a part adds to the looks of the parts in it, and these."""
    kind = type(part)
    if kind is Name:
        return (Name, part.name), ()
    if kind is Apply:
        return (part.operator,), part.arguments
    if kind is Number:
        return (Number, *part.value.as_integer_ratio(), part.text), ()
    if kind is Chain:
        return (Chain, part.signs), part.sides
    if kind is Factors:
        return (Factors,), part.factors
    if kind is Terms:
        return (Terms,), part.terms
    if kind is Live:
        return (Live, part.key), (part.body,)
    if kind is Marked:
        return (Marked, part.path, part.label), (part.body,)
    if kind is Undefined:
        return (Undefined, part.name, part.orders), part.arguments
    return (part,), ()


_AROUND = frozenset({Marked, Live, Factors, Terms, Chain})  # which are no pieces of their own


def _new(part: Any, below: list[Look]) -> Look:
    """The look of a part that was not met before, from those of the parts in it."""
    kind = type(part)
    names_e = False
    if kind is Rate:
        names_e = "e" in (part.of, part.wrt, *part.also)
    elif kind is Name:
        names_e = part.name == "e"
    size = 0 if kind in _AROUND else 1
    for look in below:
        size += look.size
        names_e = names_e or look.names_e
    return Look(min(size, 10**12), names_e)
