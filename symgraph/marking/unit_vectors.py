"""Vectors as sums of unit vectors, 2x i + 3 j: taken apart into their entries, and put together.

>>> from symgraph.explanation.typesetting import text
>>> from symgraph.parsing.text import parse_expression
>>> [text(entry) for entry in components(parse_expression("2x*i + 3(j + i)/y", inputs="xyij"), UNITS[:2])]
['2x + 3/y', '3/y']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from symgraph.language.tree import Apply, Name, Number, Tree, postorder

__all__ = ["UNITS", "combined", "components", "with_plain_units"]

UNITS = ("i", "j", "k")
_HATS = {"î": "i", "ĵ": "j", "𝐢": "i", "𝐣": "j", "𝐤": "k"}
_LATEX = re.compile(
    r"\\(?:mathbf|boldsymbol|mathbb|hat|widehat|vec|bm|overrightarrow)\s*\{?\s*(?:\\(?:mathbf|boldsymbol)\s*\{)?\s*"
    r"\\?([ij]math|[ijk])\s*\}*"
)

Entries: TypeAlias = dict[str, Tree]


def with_plain_units(text: str) -> str:
    r"""A text with hats, arrows and bold letters on i, j, k taken off; each stands apart.

    >>> with_plain_units(r"2x\hat{i} + ĵ")
    '2x i  +  j '
    """
    text = re.sub("([ijk])[\u0302\u20d7]", r" \1 ", text)  # with a hat or an arrow above it
    for written, letter in _HATS.items():
        text = text.replace(written, f" {letter} ")
    return _LATEX.sub(lambda found: f" {found[1][0]} ", text)


def combined(entries: Sequence[Tree]) -> Tree:
    """A list as a sum of unit vectors."""
    terms: list[Tree] = [Apply("multiply", (entry, Name(unit))) for entry, unit in zip(entries, UNITS, strict=False)]
    whole = terms[0]
    for term in terms[1:]:
        whole = Apply("add", (whole, term))
    return whole


def components(tree: Tree, units: Sequence[str]) -> tuple[Tree, ...] | None:
    """The entries of a sum of multiples of unit vectors; None where it is something else."""
    found: dict[int, Entries] = {}  # of every piece in which there is a unit vector
    for piece in postorder(tree):
        if isinstance(piece, Name) and piece.name in units:
            found[id(piece)] = {piece.name: Number(1)}
        elif isinstance(piece, Apply) and any(id(part) in found for part in piece.arguments):
            entries = _of_operation(piece, [found.get(id(part)) for part in piece.arguments])
            if entries is None:
                return None
            found[id(piece)] = entries
    entries = found.get(id(tree))
    return None if entries is None else tuple(entries.get(unit, Number(0)) for unit in units)


def _of_operation(piece: Apply, parts: Sequence[Entries | None]) -> Entries | None:
    """The entries of a sum, a difference, a multiple; None of what is no vector."""
    if piece.operator == "negate":
        return _each(parts[0], lambda entry: Apply("negate", (entry,)))
    if piece.operator == "divide" and parts[1] is None:
        return _each(parts[0], lambda entry: Apply("divide", (entry, piece.arguments[1])))
    if piece.operator == "multiply" and None in parts:
        vector, number = (parts[0], piece.arguments[1]) if parts[1] is None else (parts[1], piece.arguments[0])
        return _each(vector, lambda entry: number if entry == Number(1) else Apply("multiply", (number, entry)))
    if piece.operator not in ("add", "subtract"):
        return None
    left, right = parts
    if left is None or right is None:
        return None
    merged = dict(left)
    for unit, entry in right.items():
        if unit in merged:
            merged[unit] = Apply(piece.operator, (merged[unit], entry))
        else:
            merged[unit] = entry if piece.operator == "add" else Apply("negate", (entry,))
    return merged


def _each(entries: Entries | None, change: Callable[[Tree], Tree]) -> Entries | None:
    return None if entries is None else {unit: change(entry) for unit, entry in entries.items()}
