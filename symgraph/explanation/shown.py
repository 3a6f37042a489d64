"""What can be shown as a formula: a syntax tree, or one of five ways of showing several.

A tree says what is computed and a printer may not change it; these say how a line of an explanation is laid out: a
sum over paths with a colour for each, a product not yet worked out, several sides of an equation.

>>> from symgraph.explanation.typesetting import text
>>> from symgraph.language.tree import Number
>>> text(Chain((Rate("e", "b"), Terms((Factors((Number(1), Number(2))), Factors((Number(1), Number(3))))), Number(5))))
'∂e/∂b = 1·2 + 1·3 = 5'
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from symgraph.language.tree import Apply, Name, Number, Rate, Tree, Undefined, postorder

__all__ = [
    "STILL",
    "Chain",
    "Factors",
    "Live",
    "Marked",
    "Shown",
    "Terms",
    "bare",
    "fingerprint",
    "trees_in",
    "uses_name",
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


def trees_in(shown: Shown) -> Iterator[Tree]:
    """The syntax trees of which something shown is made.

    >>> list(trees_in(Marked(Factors((Name("a"), Name("b"))), "A")))
    [Name('a'), Name('b')]
    """
    stack: list[Shown] = [shown]
    while stack:
        part = stack.pop()
        match part:
            case Marked() | Live():
                stack.append(part.body)
            case Factors(parts) | Terms(parts) | Chain(parts):
                stack.extend(reversed(parts))
            case _:
                yield part


_MOST_PIECES = 400  # of a formula that is worth recognising


def fingerprint(shown: Shown) -> tuple[Any, ...] | None:
    """What two formulas have in common that are printed alike; None for one that is large.

    Equal trees may be printed differently, for a number keeps the digits that were typed:

    >>> from fractions import Fraction
    >>> half = Number(Fraction(1, 2), "0.5"), Number(Fraction(1, 2), "0.50")
    >>> half[0] == half[1], fingerprint(half[0]) == fingerprint(half[1])
    (True, False)
    """
    looks: list[Any] = []
    stack: list[Shown] = [shown]
    while stack:
        part = stack.pop()
        if len(looks) > _MOST_PIECES:
            return None
        match part:
            case Apply(operator, arguments):
                looks += (operator, len(arguments))
                stack.extend(arguments)
            case Name(name):
                looks += (Name, name)
            case Number(value, text):
                looks += (Number, value, text)
            case Undefined():
                looks += (Undefined, part.name, part.orders, len(part.arguments))
                stack.extend(part.arguments)
            case Marked(body, path, label):
                looks += (Marked, path, label)
                stack.append(body)
            case Live(body, key):
                looks += (Live, key)
                stack.append(body)
            case Factors(parts) | Terms(parts):
                looks += (type(part), len(parts))
                stack.extend(parts)
            case Chain(sides, signs):
                looks += (Chain, len(sides), signs)
                stack.extend(sides)
            case _:
                looks.append(part)
    return tuple(looks)


def uses_name(shown: Shown, name: str) -> bool:
    """Does a name occur in a formula, as itself or in a rate?"""
    for tree in trees_in(shown):
        for piece in postorder(tree):
            if isinstance(piece, Name) and piece.name == name:
                return True
            if isinstance(piece, Rate) and name in (piece.of, piece.wrt, *piece.also):
                return True
    return False
