"""What a line of typing leaves out: the brackets around a numerator, a denominator, an exponent or a base.

>>> from symgraph.explanation.typesetting import text
>>> from symgraph.parsing.text import parse_expression
>>> [text(other) for other in readings(parse_expression("e^-3x"))]
['e^(−3x)']
>>> [text(other) for other in readings(parse_expression("x - 1/x + 2"))]
['(x − 1)/x + 2', 'x − 1/(x + 2)']
>>> [text(other) for other in readings(parse_expression("2x^2"))]
['(2x)²']
>>> [text(other) for other in readings(parse_expression("x^-1/2"))]
['x^(−1/2)', '(x/2)⁻¹']
>>> [text(other) for other in readings(parse_expression("5x*2y + 3"))]
['5x·2(y + 3)', '5x·(2y + 3)', '5(x·2y + 3)']

On paper the bar of a fraction and the height of an exponent say what belongs to them; typed in one line, brackets do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from symgraph.language.tree import Apply, Tree, postorder, rebuild

__all__ = ["readings"]

MOST = 24  # readings of one answer
_JOINING = frozenset({"add", "subtract", "multiply"})
_OPEN = frozenset({"divide", "power", "exponential"})  # their last argument ends where the brackets do
_SPINE = _JOINING | _OPEN | {"negate"}


def readings(tree: Tree) -> list[Tree]:
    """What a formula could be with one pair of brackets more, the pieces nearest to the left and bottom first."""
    return list(islice(_readings(tree), MOST))


def _readings(tree: Tree) -> Iterator[Tree]:
    for piece in postorder(tree):
        if isinstance(piece, Apply) and piece.operator in _JOINING and len(piece.arguments) == 2:
            ways = (_into_numerator, _into_what_is_open, _into_base, _into_last_factors)
            for other in (each for way in ways for each in way(piece)):
                yield _replaced(tree, piece, other)
        elif isinstance(piece, Apply) and piece.operator == "divide":
            for other in (*_into_what_is_open(piece), *_into_divided_base(piece)):
                yield _replaced(tree, piece, other)


def _replaced(tree: Tree, piece: Tree, other: Tree) -> Tree:
    return rebuild(tree, lambda each: other if each is piece else None)


def _into_what_is_open(piece: Apply) -> Iterator[Tree]:
    """a/b + c as a/(b + c), x^1/2 as x^(1/2): what follows belongs to the last denominator or exponent."""
    left, right = piece.arguments
    growing = _OPEN - {"divide"} if piece.operator == "divide" else _OPEN  # a/b/c is read in one way
    each = left
    while isinstance(each, Apply) and each.operator in _SPINE:
        last = each.arguments[-1]
        if each.operator in growing:
            grown = replace(piece, arguments=(last, right))
            yield _replaced(left, each, replace(each, arguments=(*each.arguments[:-1], grown)))
        each = last


def _into_numerator(piece: Apply) -> Iterator[Tree]:
    """a − b/c as (a − b)/c: what comes before belongs to the first numerator."""
    left, right = piece.arguments
    each = right
    while piece.operator != "multiply" and isinstance(each, Apply) and each.operator in ("divide", "multiply"):
        first, rest = each.arguments[0], each.arguments[1:]
        if each.operator == "divide":
            grown = replace(piece, arguments=(left, first))
            yield _replaced(right, each, replace(each, arguments=(grown, *rest)))
        each = first


def _into_base(piece: Apply) -> Iterator[Tree]:
    """a·b^n as (a·b)^n, c·a·b^n as c·(a·b)^n: what stands before it belongs to the base."""
    before, power = piece.arguments
    if piece.operator != "multiply" or not (isinstance(power, Apply) and power.operator == "power"):
        return
    base, exponent = power.arguments
    yield replace(power, arguments=(replace(piece, arguments=(before, base)), exponent))
    if isinstance(before, Apply) and before.operator == "multiply":
        first, last = before.arguments
        raised = replace(power, arguments=(replace(piece, arguments=(last, base)), exponent))
        yield replace(piece, arguments=(first, raised))


def _into_last_factors(piece: Apply) -> Iterator[Tree]:
    """a·b·c + d as a·b·(c + d) and a·(b·c + d): a sum that is a factor."""
    left, right = piece.arguments
    if piece.operator == "multiply":
        return
    inner: Tree | None = None  # the last factors of the product
    before = left
    while isinstance(before, Apply) and before.operator == "multiply":
        before, last = before.arguments
        inner = last if inner is None else Apply("multiply", (last, inner))
        yield Apply("multiply", (before, replace(piece, arguments=(inner, right))))


def _into_divided_base(piece: Apply) -> Iterator[Tree]:
    """a^n/b as (a/b)^n."""
    power, below = piece.arguments
    if isinstance(power, Apply) and power.operator == "power":
        base, exponent = power.arguments
        yield replace(power, arguments=(replace(piece, arguments=(base, below)), exponent))
