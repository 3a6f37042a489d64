"""The syntax tree: what was written, every piece with its span.

Seven kinds and no more, so that "is every kind handled?" is a loop in a test:

>>> Apply("add", (Name("b"), Number(1)))
Apply('add', (Name('b'), Number('1')))

Number      an exact number as it was typed: 3, 0.25
Constant    pi, e, infinity, i
Name        an input or an assigned name
Apply       a row of `primitives.py` applied to arguments; `operator` is the row's name ("add", "sine")
Undefined   a function about which nothing is known, f(x, y), or one of its partial derivatives
Rate        the symbol of a derivative itself (∂e/∂b, dy/dx, ∂₁y): only in what we print
Text        a word inside a formula ("undefined"): only in what we print

Arithmetic is binary as written: `a+b+c` is add(add(a, b), c); there are rows for subtract, divide and negate, so
nothing is rewritten. Brackets leave no trace but the shape. Conditions (`less`, `equal`, `and`), vectors
(`vector`), matrices (`matrix` of `vector`s), `piecewise` (value, condition, value, condition, …, value otherwise)
and binders (`sum`, `product`, `integral`: body, Name, from, to) are rows applied like any other.

Spans are half-open character ranges in the text that was read; they never take part in comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

__all__ = [
    "BINDERS",
    "Apply",
    "Constant",
    "Name",
    "Number",
    "Rate",
    "Span",
    "Text",
    "Tree",
    "Undefined",
    "is_condition",
    "names_in",
    "operands",
    "postorder",
    "rebuild",
    "same",
    "size",
]

Span = tuple[int, int]
_NOWHERE: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number; `text` is how it was typed (0.50 stays 0.50), `value` what it is."""

    value: Fraction
    text: str = field(default="", compare=False)
    span: Span = field(default=_NOWHERE, compare=False)

    def __init__(self, value: int | Fraction, text: str = "", span: Span = _NOWHERE) -> None:
        exact = value if type(value) is Fraction else Fraction(value)
        object.__setattr__(self, "value", exact)
        object.__setattr__(self, "text", text or str(exact))
        object.__setattr__(self, "span", span)

    def __repr__(self) -> str:
        return f"Number({self.text!r})"


@dataclass(frozen=True, slots=True)
class Constant:
    """`name` is one of pi, e, infinity, i."""

    name: str
    span: Span = field(default=_NOWHERE, compare=False, repr=False)

    def __repr__(self) -> str:
        return f"Constant({self.name!r})"


@dataclass(frozen=True, slots=True)
class Name:
    """An input or an assigned name, in its plain spelling: `x`, `x_1`, `alpha`, `a_prev`."""

    name: str
    span: Span = field(default=_NOWHERE, compare=False)

    def __repr__(self) -> str:
        return f"Name({self.name!r})"


@dataclass(frozen=True, slots=True)
class Apply:
    """A row of the table of primitives applied to arguments."""

    operator: str
    arguments: tuple[Tree, ...]
    span: Span = field(default=_NOWHERE, compare=False)

    def __repr__(self) -> str:
        return f"Apply({self.operator!r}, {self.arguments!r})"


@dataclass(frozen=True, slots=True)
class Undefined:
    """f(x, y), or a partial derivative of it: `orders[k]` counts derivatives by argument k (empty: none).

    `row` is what a caller's own table knows about f (a Primitive); None where nothing is known.
    """

    name: str
    arguments: tuple[Tree, ...]
    orders: tuple[int, ...] = ()
    span: Span = field(default=_NOWHERE, compare=False)
    row: Any = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"Undefined({self.name!r}, {self.arguments!r}{f', {self.orders!r}' if self.orders else ''})"


@dataclass(frozen=True, slots=True)
class Rate:
    """The symbol of a derivative: ∂of/∂wrt; with `slot` k the local derivative by argument k, ∂ₖof.

    `straight` asks for d instead of ∂ (a function of one variable); `order` 2 gives ∂²of/∂wrt²;
    `also` are further variables of a mixed derivative, ∂²of/∂wrt ∂also; `held` are names that are held still and
    could move too, (∂w/∂x)_y.
    """

    of: str
    wrt: str
    slot: int | None = None
    straight: bool = False
    order: int = 1
    also: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A word that stands inside a formula."""

    text: str


Tree = Number | Constant | Name | Apply | Undefined | Rate | Text

_APPLIED = (Apply, Undefined)


def postorder(tree: Tree, parts: Callable[[Apply | Undefined], Sequence[Tree]] | None = None) -> list[Tree]:
    """Every piece, arguments before what they are arguments of, left to right, without recursion.

    Args:
        parts: the arguments that are walked into; all, if None.

    A piece that stands in several places as one and the same object comes once, so a tree that shares its
    branches (as those read from SymPy do) is walked in its size as a graph.

    >>> [type(piece).__name__ for piece in postorder(Apply("sine", (Name("x"),)))]
    ['Name', 'Apply']
    """
    found: list[Tree] = []
    seen: set[int] = set()
    stack: list[Tree | None] = [tree]  # None: the piece below it comes now, its arguments are done
    while stack:
        piece = stack.pop()
        if piece is None:
            applied = stack.pop()
            assert applied is not None
            found.append(applied)
        elif id(piece) not in seen:
            seen.add(id(piece))
            if isinstance(piece, _APPLIED):
                stack += (piece, None)
                stack += reversed(piece.arguments if parts is None else parts(piece))
            else:
                found.append(piece)
    return found


def same(left: object, right: object) -> bool:
    """Whether two trees are equal, without recursion: of a product of a thousand factors == is too deep.

    >>> same(Apply("sine", (Name("x"),)), Apply("sine", (Name("x"),))), same(Name("x"), Name("y"))
    (True, False)
    """
    stack = [(left, right)]
    while stack:
        one, other = stack.pop()
        if one is other:
            continue
        if isinstance(one, Apply) and isinstance(other, Apply):
            if one.operator != other.operator or len(one.arguments) != len(other.arguments):
                return False
            stack += zip(one.arguments, other.arguments, strict=True)
        elif one != other:
            return False
    return True


def size(tree: Tree, names: Mapping[str, int] = MappingProxyType({})) -> int:
    """How many pieces a tree has when every branch is written out (and every name in `names`, that large).

    >>> size(Apply("multiply", (Name("a"), Name("a"))))
    3
    """
    counted: dict[int, int] = {}
    for piece in postorder(tree):
        count = names.get(piece.name, 1) if isinstance(piece, Name) else 1
        if isinstance(piece, _APPLIED):
            for argument in piece.arguments:
                count += counted[id(argument)]
        counted[id(piece)] = count
    return counted[id(tree)]


def names_in(tree: Tree) -> dict[str, Name]:
    """The names used in a tree, in the order in which they appear, each with its first occurrence.

    Names bound by a sum, product or integral are not used.

    >>> list(names_in(Apply("add", (Name("b"), Apply("multiply", (Name("a"), Name("b")))))))
    ['b', 'a']
    """
    found: dict[str, Name] = {}
    nothing: frozenset[str] = frozenset()
    seen: set[tuple[int, frozenset[str]]] = set()
    stack: list[tuple[Tree, frozenset[str]]] = [(tree, nothing)]
    while stack:
        piece, bound = stack.pop()
        if isinstance(piece, Name):
            if piece.name not in bound:
                found.setdefault(piece.name, piece)
        elif isinstance(piece, _APPLIED) and (id(piece), bound) not in seen:
            seen.add((id(piece), bound))
            if isinstance(piece, Apply) and piece.operator in BINDERS:
                body, variable, *ends = piece.arguments
                stack += [(end, bound) for end in reversed(ends)]
                stack.append((body, bound | {variable.name} if isinstance(variable, Name) else bound))
            else:
                for argument in reversed(piece.arguments):
                    stack.append((argument, bound))
    return found


BINDERS = frozenset({"sum", "product", "integral"})


def is_condition(index: int, piece: Tree) -> bool:
    """Whether argument `index` is a condition of a piecewise (value, condition, …, value otherwise)."""
    return isinstance(piece, Apply) and piece.operator == "piecewise" and index % 2 == 1


def operands(piece: Apply | Undefined) -> tuple[Tree, ...]:
    """The arguments that are operations like any others: not conditions, nor what stands under a binder.

    >>> operands(Apply("integral", (Name("t"), Name("t"), Number(0), Name("x"))))
    (Number('0'), Name('x'))
    """
    if isinstance(piece, Apply) and piece.operator in BINDERS:
        bound = set(names_in(piece.arguments[1]))
        # ∫ t² dt up to t²: an object that stands in both places is two things
        return tuple(end for end in piece.arguments[2:] if bound.isdisjoint(names_in(end)))
    return tuple(argument for index, argument in enumerate(piece.arguments) if not is_condition(index, piece))


def rebuild(tree: Tree, change: Callable[[Tree], Tree | None]) -> Tree:
    """The tree with every piece for which `change` returns something replaced by it, from the top down.

    >>> rebuild(Apply("sine", (Name("x"),)), lambda piece: Name("u") if piece == Name("x") else None)
    Apply('sine', (Name('u'),))
    """
    done: dict[int, Tree] = {}
    stack: list[tuple[Tree, bool]] = [(tree, False)]
    while stack:
        piece, ready = stack.pop()
        if ready:
            assert isinstance(piece, _APPLIED)
            arguments = []
            same = True
            for argument in piece.arguments:
                new = done[id(argument)]
                same = same and new is argument
                arguments.append(new)
            if same:
                done[id(piece)] = piece
            elif isinstance(piece, Apply):
                done[id(piece)] = Apply(piece.operator, tuple(arguments), piece.span)
            else:
                done[id(piece)] = replace(piece, arguments=tuple(arguments))
        elif id(piece) not in done:
            changed = change(piece)
            if changed is not None:
                done[id(piece)] = changed
            elif isinstance(piece, _APPLIED) and piece.arguments:
                stack.append((piece, True))
                for argument in reversed(piece.arguments):
                    stack.append((argument, False))
            else:
                done[id(piece)] = piece
    return done[id(tree)]
