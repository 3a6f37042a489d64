"""What of a formula is computed where: the values and conditions of cases are, only where nothing before them held.

>>> from symgraph.language.tree import Apply, Name, Number
>>> x = Name("x")
>>> cases = Apply("piecewise", (Apply("square_root", (x,)), Apply("greater", (x, Number(0))), Number(1)))
>>> [(each.piece.operator, [str(guard) for guard in each.guards]) for each in computed(cases)]
[('square_root', ["Apply('greater', (Name('x'), Number('0')))"]), ('piecewise', [])]
>>> stays_whole(cases)
True

Every node of a graph has a value; a value that is not taken need have none. So cases with a value, or a later
condition, that is not smooth everywhere stay in one node, and are differentiated value by value: no node is made of
what is not always computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from sympy import S, Symbol

from symgraph.errors import SymgraphError
from symgraph.language.constructors import construct
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import BINDERS, Apply, Tree, Undefined, is_condition, names_in, operands, postorder
from symgraph.limits import DEFAULT, Limits

__all__ = [
    "COMPARED",
    "PARTLY",
    "Computed",
    "computed",
    "holds",
    "is_restricted",
    "is_sure",
    "may_fail",
    "operations",
    "own_operands",
    "row_of",
    "stays_whole",
    "taken",
]

PARTLY = BINDERS | {"piecewise"}  # operations of whose arguments some are no nodes
COMPARED = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "unequal", "and", "or", "not"})


class Computed(NamedTuple):
    """An operation of a formula, and the conditions under which it is computed: all of them hold.

    `deciding`: it stands in a condition, so that no change passes through it.
    """

    piece: Apply | Undefined
    guards: tuple[Tree, ...]
    deciding: bool


def computed(
    tree: Tree, limits: Limits = DEFAULT, *, deciding: bool = False, comparing: bool = False
) -> list[Computed]:
    """The operations of a formula, arguments first; not comparisons, nor what stands under a binder.

    Args:
        deciding: whether the formula is a condition itself.
        comparing: whether comparisons, "and", "or" and "not" are listed, too.
    """
    if not deciding and not has_cases(tree):
        return [Computed(piece, (), False) for piece in operations(tree)]
    found: list[Computed] = []
    seen: set[tuple[int, tuple[int, ...], bool]] = set()
    always: set[int] = set()  # what is computed anyway need not be looked at in a case
    kept: dict[int, Tree] = {}  # opposites: one object for each, so that guards are told apart by identity
    stack: list[tuple[Tree, tuple[Tree, ...], bool, bool]] = [(tree, (), deciding, False)]
    while stack:
        piece, guards, deciding, ready = stack.pop()
        if not isinstance(piece, Apply | Undefined):
            continue
        operator = piece.operator if isinstance(piece, Apply) else ""
        if ready:
            if comparing or operator not in COMPARED:
                found.append(Computed(piece, guards, deciding))
                limits.check("nodes", len(found))
            continue
        key = (id(piece), tuple(map(id, guards)), deciding)
        if key in seen or id(piece) in always:
            continue
        seen.add(key)
        if not guards and not deciding:
            always.add(id(piece))
        stack.append((piece, guards, deciding, True))
        if operator == "piecewise" or operator in ("and", "or"):
            stack += reversed(_in_order(piece, guards, deciding, kept))
        elif operator in BINDERS:
            stack += [(part, guards, deciding, False) for part in reversed(operands(piece))]
        else:
            stack += [(part, guards, deciding, False) for part in reversed(piece.arguments)]
    return found


def has_cases(tree: Tree) -> bool:
    """Whether something in a formula depends on a condition."""
    return any(isinstance(piece, Apply) and piece.operator == "piecewise" for piece in postorder(tree))


def operations(tree: Tree) -> list[Apply | Undefined]:
    """The pieces that may be nodes: not conditions, nor what stands under a binder or is not always computed."""
    return [piece for piece in postorder(tree, own_operands) if isinstance(piece, Apply | Undefined)]


def _in_order(
    piece: Any, guards: tuple[Tree, ...], deciding: bool, kept: dict[int, Tree]
) -> list[tuple[Tree, tuple[Tree, ...], bool, bool]]:
    """The arguments of cases, or of "and" and "or", each with the conditions under which it is looked at."""

    def opposite(condition: Tree) -> Tree:
        return kept.setdefault(id(condition), Apply("not", (condition,)))

    found: list[tuple[Tree, tuple[Tree, ...], bool, bool]] = []
    if piece.operator != "piecewise":
        for condition in piece.arguments:
            found.append((condition, guards, True, False))
            guards = (*guards, condition if piece.operator == "and" else opposite(condition))
        return found
    for index in range(0, len(piece.arguments) - 1, 2):
        value, condition = piece.arguments[index : index + 2]
        found.append((condition, guards, True, False))
        found.append((value, (*guards, condition), deciding, False))
        guards = (*guards, opposite(condition))
    if len(piece.arguments) % 2:
        found.append((piece.arguments[-1], guards, deciding, False))
    return found


def row_of(piece: Tree) -> Any:
    """What the table says of an operation that has no value, or no derivative, somewhere; None for any other."""
    row = None
    if isinstance(piece, Apply):
        row = PRIMITIVES.get(piece.operator)
    elif isinstance(piece, Undefined):
        row = piece.row
    return None if row is None or row.domain is row.kinks else row


_UNSURE = frozenset(name for name, row in PRIMITIVES.items() if row.domain is not row.kinks)


def is_sure(tree: Tree) -> bool:
    """Whether the table says of every operation of a formula that it has a value and a derivative everywhere."""
    for piece in postorder(tree):
        if isinstance(piece, Apply):
            if piece.operator in _UNSURE:
                return False
        elif isinstance(piece, Undefined) and row_of(piece) is not None:
            return False
    return True


def is_restricted(piece: Apply | Undefined, deciding: bool) -> bool:
    """Whether an operation has no value for some real numbers, or, unless it only decides, no derivative."""
    row = row_of(piece)
    if row is None:
        return False
    real = {name: Symbol(name, real=True) for name in names_in(piece)}
    try:
        arguments = [construct(argument, real) for argument in piece.arguments]
        kinks = () if deciding else row.kinks(*arguments)
    except (SymgraphError, TypeError, ValueError):  # SymPy compares no complex numbers
        return True
    return any(each not in (S.true, True) for each in row.domain(*arguments)) or any(
        each not in (S.false, False) for each in kinks
    )


def may_fail(condition: Tree) -> bool:
    """Whether something in a condition has no value for some real numbers."""
    return any(is_restricted(part.piece, True) for part in computed(condition, deciding=True))


def stays_whole(piece: Tree) -> bool:
    """Whether these are cases with something in them that is not always computed and not smooth everywhere."""
    if not isinstance(piece, Apply) or piece.operator != "piecewise":
        return False
    for index, argument in enumerate(piece.arguments):
        if is_condition(index, piece):
            if index > 1 and may_fail(argument):  # the first condition is always looked at
                return True
        elif any(is_restricted(part.piece, part.deciding) for part in computed(argument)):
            return True
    return False


def own_operands(piece: Apply | Undefined) -> tuple[Tree, ...]:
    """The arguments that may be nodes of their own."""
    return () if stays_whole(piece) else operands(piece)


def taken(tree: Tree, values: Mapping[str, Any], limits: Limits = DEFAULT) -> Tree:
    """A formula with the value that is taken in the place of cases, as far as these values decide it.

    >>> from symgraph.language.tree import Apply, Name, Number
    >>> x, zero = Name("x"), Number(0)
    >>> taken(Apply("piecewise", (Apply("divide", (zero, x)), Apply("unequal", (x, zero)), zero)), {"x": S.Zero})
    Number('0')
    """
    if not has_cases(tree):
        return tree
    done: dict[int, Tree] = {}
    chosen: dict[int, Tree] = {}
    stack: list[tuple[Tree, bool]] = [(tree, False)]
    while stack:
        piece, ready = stack.pop()
        if id(piece) in done:
            continue
        if not isinstance(piece, Apply | Undefined) or (isinstance(piece, Apply) and piece.operator in BINDERS):
            done[id(piece)] = piece
        elif isinstance(piece, Apply) and piece.operator == "piecewise":
            value = chosen.get(id(piece)) if ready else chosen.setdefault(id(piece), _chosen(piece, values, limits))
            assert value is not None
            if value is piece or ready:
                done[id(piece)] = done.get(id(value), value)
            else:
                stack += [(piece, True), (value, False)]
        elif not ready:
            stack.append((piece, True))
            stack += [(argument, False) for argument in piece.arguments]
        else:
            arguments = tuple(done[id(argument)] for argument in piece.arguments)
            same = all(new is old for new, old in zip(arguments, piece.arguments, strict=True))
            done[id(piece)] = piece if same else replace(piece, arguments=arguments)
    return done[id(tree)]


def _chosen(piece: Apply, values: Mapping[str, Any], limits: Limits) -> Tree:
    """The value of cases that is taken; the cases themselves where that is not decided."""
    for index in range(1, len(piece.arguments), 2):
        answer = holds(piece.arguments[index], values, limits)
        if answer is None:
            return piece
        if answer:
            return piece.arguments[index - 1]
    return piece.arguments[-1] if len(piece.arguments) % 2 else piece


def holds(condition: Tree, values: Mapping[str, Any], limits: Limits = DEFAULT) -> bool | None:
    """Whether a condition holds for these values; None where they do not decide it.

    >>> from symgraph.language.tree import Apply, Name, Number
    >>> x, zero = Name("x"), Number(0)
    >>> either = Apply("or", (Apply("less", (x, zero)), Apply("less", (Apply("logarithm", (x,)), zero))))
    >>> holds(either, {"x": S.NegativeOne})
    True
    """
    operator = condition.operator if isinstance(condition, Apply) else ""
    if operator in ("and", "or"):
        for part in condition.arguments:  # type: ignore[union-attr]  # "and" and "or" are Apply
            answer = holds(part, values, limits)
            if answer is None or answer == (operator == "or"):
                return answer
        return operator == "and"
    if operator == "not":
        answer = holds(condition.arguments[0], values, limits)  # type: ignore[union-attr]  # the same
        return None if answer is None else not answer
    try:
        decided = construct(taken(condition, values, limits), values, limits)
    except SymgraphError:
        return None
    return True if decided in (S.true, True) else False if decided in (S.false, False) else None
