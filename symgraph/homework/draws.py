"""Numbers that differ from student to student: what may be drawn, drawing, and formulas with what was drawn.

A draw depends on (seed, problem, student) and on nothing else: neither on the order of problems nor on Python's own
generator. Hashing says which value it is:

>>> spaces = {"a": space("2..8"), "n": space([2, 3, 4])}
>>> [text_of_draw(draw(spaces, "MATH101", "chain-01", student)) for student in ("ann", "bob", "ann")]
['a = 8, n = 2', 'a = 4, n = 2', 'a = 8, n = 2']

What was drawn is put in and tidied as a person would: a drawn 1 never prints 1x¹, a drawn −3 never + −3. What the
teacher wrote without a drawn name stays as it was written.

>>> from symgraph.parsing.text import parse_expression
>>> from symgraph.explanation.typesetting import text
>>> tree = parse_expression("x^2 + b*x^n + c")
>>> text(put_in(tree, {"b": Number(-3), "n": Number(1), "c": Number(0)}))
'x² − 3x'
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, overload

from symgraph.errors import SymgraphError
from symgraph.explanation.typesetting import text as printed
from symgraph.homework.faults import shown
from symgraph.language.constructors import construct
from symgraph.language.tree import Apply, Name, Number, Tree, Undefined, names_in
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing.text import parse_expression

__all__ = ["TRIES", "Draw", "Space", "draw", "holds", "index", "put_in", "space", "text_of_draw"]

TRIES = 500  # draws that are rejected before a problem is given up
LARGEST = 10_000  # values of one parameter

Space = Sequence[Tree]
Draw = Mapping[str, Tree]

_RANGE = re.compile(r"\s*(-?\d{1,9})\s*\.\.\s*(-?\d{1,9})\s*(?:by\s+(\d{1,9})\s*)?")


def space(given: Any, limits: Limits = DEFAULT) -> Space:
    """What a parameter may be: "2..8", "0..20 by 5", a list of numbers, or of formulas in text.

    Raises:
        SymgraphError: it is nothing of the kind, or has no values, or more than 10,000.

    >>> tuple(space("2..8 by 3")), space([0.5, "1/3"])[0]
    ((Number('2'), Number('5'), Number('8')), Number('0.5'))
    """
    if isinstance(given, str):
        found = _RANGE.fullmatch(given)
        if found is None:
            raise SymgraphError(f'{shown(given)} is no range: write "2..8", "0..20 by 5", or a list')
        first, last, step = int(found[1]), int(found[2]), int(found[3] or 1)
        if last < first or step < 1:
            raise SymgraphError(f"{given!r} has no values: write the smaller number first")
        count = (last - first) // step + 1
        if count > LARGEST:
            raise SymgraphError(f"{given!r} has {count} values: the limit is {LARGEST}")
        return _Whole(range(first, last + 1, step))
    values = given if isinstance(given, list) else [given]
    if not values or len(values) > LARGEST:
        raise SymgraphError(f"a list of 1 to {LARGEST} values is wanted, not of {len(values)}")
    return tuple(_value(value, limits) for value in values)


@dataclass(frozen=True)
class _Whole(Sequence[Tree]):
    """Whole numbers, none of them made before it is drawn."""

    numbers: range

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, place: int) -> Tree: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Tree]: ...
    def __getitem__(self, place: int | slice) -> Tree | Sequence[Tree]:
        found = self.numbers[place]
        return _Whole(found) if isinstance(found, range) else Number(found)


def _value(value: Any, limits: Limits) -> Tree:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise SymgraphError(f"{shown(value)} is neither a number nor a formula in quotes")
    if isinstance(value, str):
        return put_in(parse_expression(value, limits=limits), {})
    if value != value or abs(value) == float("inf"):
        raise SymgraphError(f"{value} is no number that could be drawn")
    return Number(Fraction(repr(value)) if isinstance(value, float) else value, str(value))


def index(count: int, *parts: object) -> int:
    """A number below `count`, by hashing the parts: the same on every machine, under every version of Python.

    >>> index(7, "seed", 1), index(7, "seed", 2)
    (1, 6)
    """
    told = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()[:16], "big") % count


def draw(
    spaces: Mapping[str, Space],
    seed: str,
    problem: str,
    student: str,
    accepts: Callable[[Draw], bool] = lambda _: True,
    tries: int = TRIES,
) -> Draw:
    """Values for the parameters that are accepted, the first that are found.

    Raises:
        SymgraphError: none was accepted in so many tries.
    """
    for attempt in range(tries if spaces else 1):
        found = {
            name: values[index(len(values), seed, problem, student, name, attempt)]
            for name, values in sorted(spaces.items())
        }
        if accepts(found):
            return found
    raise SymgraphError(f"no draw of {', '.join(spaces) or 'nothing'} was accepted in {tries} tries")


def text_of_draw(found: Draw) -> str:
    """What was drawn, in one line."""
    return ", ".join(f"{name} = {printed(value)}" for name, value in found.items())


# Formulas with what was drawn ----------------------------------------------------------------------------------------


def put_in(tree: Tree, values: Draw) -> Tree:
    """A formula with values for names, tidied where they stand."""
    done: dict[int, tuple[Tree, bool]] = {}
    stack: list[tuple[Tree, bool]] = [(tree, False)]
    while stack:
        piece, ready = stack.pop()
        if not isinstance(piece, Apply | Undefined):
            value = values.get(piece.name) if isinstance(piece, Name) else None
            done[id(piece)] = (piece, False) if value is None else (value, True)
        elif not ready:
            stack.append((piece, True))
            stack.extend((argument, False) for argument in piece.arguments)
        else:
            done[id(piece)] = _rebuilt(piece, [done[id(argument)] for argument in piece.arguments])
    return done[id(tree)][0]


def _rebuilt(piece: Apply | Undefined, arguments: Sequence[tuple[Tree, bool]]) -> tuple[Tree, bool]:
    """A piece with its new arguments, and whether something drawn is in it."""
    trees, drawn = tuple(tree for tree, _ in arguments), any(flag for _, flag in arguments)
    if isinstance(piece, Undefined):
        return Undefined(piece.name, trees, piece.orders, piece.span, piece.row), drawn
    if not drawn:
        return (piece if trees == piece.arguments else Apply(piece.operator, trees, piece.span)), False
    tidy = _TIDY.get(piece.operator)
    return (tidy(*trees) if tidy is not None else Apply(piece.operator, trees)), True


def _number(tree: Tree) -> Fraction | None:
    """A tree's value, where it is one number or the opposite of one."""
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Apply) and tree.operator == "negate" and isinstance(tree.arguments[0], Number):
        return -tree.arguments[0].value
    if isinstance(tree, Apply) and tree.operator == "divide":
        top, bottom = _number(tree.arguments[0]), _number(tree.arguments[1])
        return top / bottom if top is not None and bottom else None
    return None


def _numeral(value: Fraction, *given: Tree) -> Tree:
    """A number as it is written: −3, 3/2; with decimals where one of those given has them."""
    if any(isinstance(tree, Number) and "." in tree.text for tree in given):
        decimal = f"{float(value):.12g}"
        if "e" not in decimal and Fraction(decimal) == value:
            return Number(value, decimal)
    return Number(value)


def _opposite(tree: Tree) -> Tree | None:
    """What a tree is the opposite of, if a person would see a minus in front of it."""
    value = _number(tree)
    if value is not None:
        return _numeral(-value, tree) if value < 0 else None
    if not isinstance(tree, Apply):
        return None
    if tree.operator == "negate":
        return tree.arguments[0]
    if tree.operator in ("multiply", "divide"):
        first = _opposite(tree.arguments[0])
        if first is not None:
            return (
                _multiply(first, tree.arguments[1])
                if tree.operator == "multiply"
                else _divide(first, tree.arguments[1])
            )
    return None


def _negate(tree: Tree) -> Tree:
    value = _number(tree)
    if value is not None:
        return _numeral(-value, tree)
    inner = _opposite(tree)
    return Apply("negate", (tree,)) if inner is None else inner


def _add(left: Tree, right: Tree) -> Tree:
    one, other = _number(left), _number(right)
    if one is not None and other is not None:
        return _numeral(one + other, left, right)
    if other == 0:
        return left
    if one == 0:
        return right
    inner = _opposite(right)
    return Apply("add", (left, right)) if inner is None else Apply("subtract", (left, inner))


def _subtract(left: Tree, right: Tree) -> Tree:
    one, other = _number(left), _number(right)
    if one is not None and other is not None:
        return _numeral(one - other, left, right)
    if other == 0:
        return left
    if one == 0:
        return _negate(right)
    inner = _opposite(right)
    return Apply("subtract", (left, right)) if inner is None else Apply("add", (left, inner))


def _multiply(left: Tree, right: Tree) -> Tree:
    one, other = _number(left), _number(right)
    if one is not None and other is not None:
        return _numeral(one * other, left, right)
    if one == 0 or other == 0:
        return Number(0)
    if one == 1:
        return right
    if one == -1:
        return _negate(right)
    if other is not None:  # x·3 is written 3x
        return _multiply(right, left)
    if one is not None and isinstance(right, Apply) and right.operator in ("multiply", "negate"):
        first, *rest = right.arguments
        inner = _number(first)
        if right.operator == "negate":
            return _multiply(_numeral(-one, left), first)
        if inner is not None:
            return _multiply(_numeral(one * inner, left, first), rest[0])
    inner_left = _opposite(left) if one is None else None
    if inner_left is not None:
        return _negate(_multiply(inner_left, right))
    return Apply("multiply", (left, right))


def _divide(left: Tree, right: Tree) -> Tree:
    one, other = _number(left), _number(right)
    if one is not None and other:
        return _numeral(one / other, left, right)
    if one == 0 and other != 0:
        return Number(0)
    if other == 1:
        return left
    if other == -1:
        return _negate(left)
    if other is not None and other < 0:
        return _negate(Apply("divide", (left, _numeral(-other, right))))
    inner = _opposite(left)
    if inner is not None:
        return Apply("negate", (_divide(inner, right),))
    return Apply("divide", (left, right))


def _power(base: Tree, exponent: Tree) -> Tree:
    one, other = _number(base), _number(exponent)
    if other == 1:
        return base
    if other == 0 and one != 0:
        return Number(1)
    if one == 1:
        return Number(1)
    if one is not None and other is not None and other.denominator == 1 and 0 < other <= 6 and abs(one) < 1000:
        return _numeral(one ** int(other), base)
    return Apply("power", (base, exponent))


_TIDY: Mapping[str, Callable[..., Tree]] = {
    "add": _add,
    "divide": _divide,
    "multiply": _multiply,
    "negate": _negate,
    "power": _power,
    "subtract": _subtract,
}


def holds(condition: Tree, values: Draw, limits: Limits = DEFAULT) -> bool:
    """Whether a condition on drawn values is true.

    Raises:
        SymgraphError: it is about something that was not drawn, or cannot be decided.
    """
    unknown = [name for name in names_in(condition) if name not in values]
    if unknown:
        raise SymgraphError(f"{unknown[0]} is not a parameter: they are {', '.join(values) or 'none'}")
    found = construct(condition, {name: construct(value, limits=limits) for name, value in values.items()}, limits)
    if found in (True, False):
        return bool(found == True)  # noqa: E712 # SymPy's true is not Python's
    raise SymgraphError("whether it holds cannot be decided")
