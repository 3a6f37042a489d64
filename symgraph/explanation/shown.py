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
from operator import attrgetter
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


def _own(part: Shown) -> tuple[tuple[Any, ...], tuple[Shown, ...]]:
    """What a part adds to the looks of the parts in it, and these."""
    match part:
        case Name(name):
            return (Name, name), ()
        case Apply(operator, arguments):
            return (operator,), arguments
        case Number(value, text):
            return (Number, *value.as_integer_ratio(), text), ()
        case Undefined(name, arguments, orders):
            return (Undefined, name, orders), arguments
        case Marked(body, path, label):
            return (Marked, path, label), (body,)
        case Live(body, key):
            return (Live, key), (body,)
        case Factors(parts) | Terms(parts):
            return (type(part),), parts
        case Chain(sides, signs):
            return (Chain, signs), sides
        case _:
            return (part,), ()


def _new(part: Shown, below: list[Look]) -> Look:
    """The look of a part that was not met before, from those of the parts in it."""
    match part:
        case Marked() | Live() | Factors() | Terms() | Chain():
            own, names_e = 0, False
        case Rate():
            own, names_e = 1, "e" in (part.of, part.wrt, *part.also)
        case Name(name):
            own, names_e = 1, name == "e"
        case _:
            own, names_e = 1, False
    size = min(own + sum([look.size for look in below]), 10**12)
    return Look(size, names_e or any(map(_NAMES_E, below)))


_NAMES_E = attrgetter("names_e")
