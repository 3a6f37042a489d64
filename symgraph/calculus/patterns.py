"""Local derivatives of a formula, by every place where an earlier node stands in it.

>>> from symgraph.language.tree import Apply, Name
>>> [(each.tail, each.key, each.partial) for each in occurrences(Apply("multiply", (Name("a"), Name("b"))), {})]
[('a', 0, b), ('b', 1, a)]

Why patterns: SymPy takes some 150 calls to make cos(u) and 50 for u·v, because it looks for something to simplify. What
it finds depends on how the names are ordered and never on what they are. So the local derivatives of a formula are made
by SymPy once for its pattern, the formula with its names numbered, and every formula of that pattern has the same ones
with its own names put in, piece by piece. The order of the names belongs to the pattern: cos(a − b) and cos(b − a) are
one expression to SymPy, and it writes the one that comes first. What comes out is equal to what SymPy would make, in
every argument and its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from sympy import Add, Basic, Expr, Function, Integer, Mul, Piecewise, Pow, Symbol, false, true
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair

from symgraph.errors import DomainError, SymgraphError
from symgraph.language.branches import COMPARED, stays_whole
from symgraph.language.constructors import construct, construct_pieces, plain
from symgraph.language.primitives import PRIMITIVES, binder_partial
from symgraph.language.rows import scaled
from symgraph.language.tree import (
    BINDERS,
    Apply,
    Constant,
    Name,
    Number,
    Tree,
    Undefined,
    is_condition,
    names_in,
    postorder,
)
from symgraph.limits import DEFAULT, Limits

__all__ = ["Occurrence", "Patterns", "forget", "occurrences", "worked_out"]

_ONE, _ZERO = Integer(1), Integer(0)
_NO_SYMBOLS: Mapping[str, Symbol] = MappingProxyType({})
_LONGEST = 200  # entries in the key of a pattern; longer formulas hardly come twice
_MOST = 20_000  # patterns that are kept


class Occurrence(NamedTuple):
    """One place in a formula where an earlier node stands: an edge.

    Where the local derivative is not known, `partial` is None and `rule` the sentence that says so.
    """

    tail: str
    key: int
    partial: Expr | None
    rule: str


def occurrences(formula: Tree, symbols: Mapping[str, Symbol]) -> list[Occurrence]:
    """Every occurrence of a node in a formula, left to right, with the derivative of the formula by it alone.

    Args:
        symbols: what names stand for; any other name is a plain Symbol.

    >>> from symgraph.language.tree import Apply, Name
    >>> [(each.tail, each.key, each.partial) for each in occurrences(Apply("multiply", (Name("a"), Name("a"))), {})]
    [('a', 0, a), ('a', 1, a)]
    """
    return Patterns({name: symbols.get(name) or plain[name] for name in names_in(formula)}).occurrences(formula)


class Patterns:
    """`occurrences` for all the formulas of a graph.

    Args:
        symbols: what their names stand for, all of them.
        own: the symbols among them about which something may be assumed.
    """

    def __init__(
        self, symbols: Mapping[str, Symbol], limits: Limits = DEFAULT, own: Mapping[str, Symbol] = _NO_SYMBOLS
    ) -> None:
        self._symbols, self._limits, self._own = symbols, limits, own
        self._known = _known(limits)

    def occurrences(self, formula: Tree) -> list[Occurrence]:
        """The occurrences of nodes in one of the formulas."""
        found = _keyed(formula, self._own)
        if found is None:
            return worked_out(formula, self._symbols, self._limits)
        key, names = found
        pattern = self._known.get(key, _NEW)
        if pattern is _NEW:
            if len(self._known) >= _MOST:
                self._known.clear()
            pattern = self._known[key] = _pattern(formula, names, self._own, self._limits)
        if pattern is None:
            return worked_out(formula, self._symbols, self._limits)
        return _cast(pattern, names, self._symbols)


# patterns -----------------------------------------------------------------------------------------------------------


class _Step(NamedTuple):
    """An object of a SymPy class, with the values at other places as its arguments."""

    head: Any
    places: tuple[int, ...]
    attribute: str  # what SymPy keeps on such an object beside its arguments; "" if nothing
    value: Any


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The occurrences of names that are numbered: values are the names', then constants, then what the steps make."""

    constants: tuple[Any, ...]
    steps: tuple[_Step, ...]
    entries: tuple[tuple[int, int, int, str], ...]  # number of the name, key, place of the local derivative, rule


_NEW = _Pattern((), (), ())


@lru_cache(maxsize=16)
def _known(limits: Limits) -> dict[Any, _Pattern | None]:
    """The patterns made under these limits; None: there is none, and every such formula is worked out by itself."""
    return {}


def forget() -> None:
    """Forget every pattern, and the Symbols of all names: the next formula is like the first one of all.

    >>> forget()
    """
    _known.cache_clear()
    plain.clear()


def _keyed(formula: Tree, own: Mapping[str, Symbol]) -> tuple[Any, dict[str, int]] | None:
    """What the pattern of a formula is known by, and its names, numbered as they come; None if it has no pattern.

    The formula as a flat list (an operator and its arguments: a name's number, a value in brackets, None for what comes
    further on), the numbers in the alphabetical order of the names, and what is assumed of them.
    """
    if not isinstance(formula, Apply):
        return None
    entries: list[Any] = []
    names: dict[str, int] = {}
    pieces = [formula]
    for piece in pieces:  # which grow meanwhile
        if piece.operator in BINDERS or len(entries) > _LONGEST:
            return None
        entries.append(piece.operator)
        for argument in piece.arguments:
            if type(argument) is Name:
                entries.append(names.setdefault(argument.name, len(names)))
            elif type(argument) is Apply:
                entries.append(None)
                pieces.append(argument)
            elif type(argument) is Number:
                entries.append(argument.value.as_integer_ratio())
            elif type(argument) is Constant:
                entries.append((argument.name,))
            else:
                return None
    assumed: list[Any] = []
    if own:
        for name, number in names.items():
            if name in own:
                if type(own[name]) is not Symbol:
                    return None
                assumed.append((number, *sorted(own[name].assumptions0.items())))
    order = tuple(map(names.__getitem__, sorted(names))) if len(names) > 1 else ()
    return (tuple(entries), order, tuple(assumed)), names


def _pattern(formula: Tree, names: Mapping[str, int], own: Mapping[str, Symbol], limits: Limits) -> _Pattern | None:
    """The occurrences of a formula with names that stand in for its own, in the same order; None if that fails."""
    standins: dict[str, Symbol] = {}
    for rank, name in enumerate(sorted(names)):
        standins[name] = Symbol(f"x{rank:04}", **(own[name].assumptions0 if name in own else {}))
    try:
        found = worked_out(formula, standins, limits)
    except SymgraphError:
        return None  # it is raised again with the formula's own names
    pieces: dict[Basic, None] = {}
    moving: set[Basic] = set(standins.values())
    for each in found:
        if each.partial is None or not _take_apart(each.partial, pieces, moving):
            return None
    constants = tuple(piece for piece in pieces if piece not in moving)
    made = [piece for piece in pieces if piece in moving and piece.args]
    place = {piece: number for number, piece in enumerate([*map(standins.__getitem__, names), *constants, *made])}
    steps = tuple(_step(piece, place) for piece in made)
    entries = tuple((names[each.tail], each.key, place[each.partial], each.rule) for each in found)
    return _Pattern(constants, steps, entries)


def _take_apart(expr: Basic, pieces: dict[Basic, None], moving: set[Basic]) -> bool:
    """Collect the pieces of an expression, arguments first; constants stay whole. False if one cannot be copied."""
    stack: list[tuple[Basic, bool]] = [(expr, False)]
    while stack:
        piece, ready = stack.pop()
        if piece in pieces:
            continue
        if not ready:
            stack.append((piece, True))
            stack.extend((part, False) for part in reversed(piece.args))
            continue
        if any(part in moving for part in piece.args):
            if not _can_be_copied(piece):
                return False
            moving.add(piece)
        pieces[piece] = None
    return True


def _can_be_copied(piece: Basic) -> bool:
    """Whether an object is its arguments and an attribute that does not depend on them."""
    if isinstance(piece, AppliedUndef):
        return False
    return isinstance(piece, Add | Mul | Pow | Function | Relational | ExprCondPair)


def _step(piece: Basic, place: Mapping[Basic, int]) -> _Step:
    attribute = ""
    if isinstance(piece, Add | Mul | Pow):
        attribute = "is_commutative"
    elif "nargs" in getattr(piece, "__dict__", ()):
        attribute = "nargs"
    value = getattr(piece, attribute) if attribute else None
    return _Step(piece.__class__, tuple(place[part] for part in piece.args), attribute, value)


def _cast(pattern: _Pattern, names: Mapping[str, int], symbols: Mapping[str, Symbol]) -> list[Occurrence]:
    """The occurrences of a pattern with names put in."""
    listed = list(names)
    values: list[Any] = list(map(symbols.__getitem__, listed))
    values += pattern.constants
    at = values.__getitem__
    for head, places, attribute, value in pattern.steps:
        made = Basic.__new__(head, *map(at, places))
        if attribute:
            setattr(made, attribute, value)
        values.append(made)
    found = []
    for number, key, place, rule in pattern.entries:
        found.append(tuple.__new__(Occurrence, (listed[number], key, values[place], rule)))
    return found


# one formula by itself ----------------------------------------------------------------------------------------------


def worked_out(formula: Tree, symbols: Mapping[str, Symbol], limits: Limits = DEFAULT) -> list[Occurrence]:
    """The same as `occurrences`, made by SymPy for this formula alone.

    >>> from symgraph.language.tree import Apply, Name
    >>> [str(each.partial) for each in worked_out(Apply("sine", (Name("a"),)), {})]
    ['cos(a)']
    """
    if isinstance(formula, Name):
        return [Occurrence(formula.name, 0, _ONE, "identity")]
    if not isinstance(formula, Apply | Undefined):
        return []
    values: dict[int, Expr] = {}
    rule = formula.operator if isinstance(formula, Apply) else "undefined" if formula.row is None else "own"
    flat = all(isinstance(argument, Name | Number | Constant) for argument in formula.arguments)
    found: list[Occurrence] = []
    stack: list[tuple[Tree, Expr, int]] = [(formula, _ONE, 0)]
    while stack:
        piece, above, position = stack.pop()
        if isinstance(piece, Name):
            found.append(Occurrence(piece.name, position if flat else len(found), above, rule))
        elif isinstance(piece, Apply | Undefined):
            entries = _differentiate(piece, symbols, values, limits)
            for index, (argument, partial) in reversed(list(enumerate(entries))):
                if partial is not None:
                    stack.append((argument, partial if above is _ONE else scaled(above, partial), index))
                else:
                    why = _not_known(piece, rule, argument, index)
                    found.extend(Occurrence(name, -1, None, why) for name in names_in(argument))
    return found


def _not_known(piece: Apply | Undefined, rule: str, argument: Tree, index: int) -> str:
    """What cannot be differentiated by what."""
    if isinstance(piece, Apply) and piece.operator in BINDERS and isinstance(argument, Name):
        limits = {name for end in piece.arguments[2:] for name in names_in(end)}
        if piece.operator != "integral" and argument.name in limits:
            what = "terms" if piece.operator == "sum" else "factors"
            return (
                f"a {piece.operator} has no derivative by {argument.name}, on which its limits depend: "
                f"the number of its {what} is a whole one"
            )
        return f"the derivative of this {piece.operator} by {argument.name} is not known here"
    return f"the derivative of {rule} by argument {index + 1} is not known here"


def _differentiate(
    piece: Apply | Undefined, symbols: Mapping[str, Symbol], values: dict[int, Expr], limits: Limits
) -> Sequence[tuple[Tree, Expr | None]]:
    """The pieces that a piece depends on, each with the local derivative by it."""

    def value(tree: Tree) -> Expr:
        if id(tree) not in values:
            values.update(construct_pieces(tree, symbols, limits))
        return values[id(tree)]

    if isinstance(piece, Undefined) and piece.row is not None:
        known: Sequence[Expr | None] = piece.row.partials(*(value(argument) for argument in piece.arguments))
        return list(zip(piece.arguments, known, strict=True))
    if isinstance(piece, Undefined):
        # Not through the memo: it is by identity, and these trees do not live on.
        return [
            (argument, construct(_derived(piece, index), symbols, limits))
            for index, argument in enumerate(piece.arguments)
        ]
    if piece.operator in BINDERS:
        whole = value(piece)
        names = names_in(piece)
        return [(first, binder_partial(whole, symbols.get(name) or Symbol(name))) for name, first in names.items()]
    if not any(isinstance(part, Name) for argument in piece.arguments for part in postorder(argument)):
        return []
    if stays_whole(piece):
        return _case_by_case(piece, symbols, values, limits)
    try:
        partials = PRIMITIVES[piece.operator].partials(*(value(argument) for argument in piece.arguments))
    except TypeError:  # max(x, arcsin 2)
        raise DomainError("there is no real value here to be compared") from None
    if piece.operator == "piecewise":
        # A condition decides which formula holds; it passes no change on.
        kept = [index for index in range(len(piece.arguments)) if not is_condition(index, piece)]
        return [(piece.arguments[index], partials[index]) for index in kept]
    return list(zip(piece.arguments, partials, strict=True))


def _case_by_case(
    cases_: Apply, symbols: Mapping[str, Symbol], values: dict[int, Expr], limits: Limits
) -> list[tuple[Tree, Expr]]:
    """Cases of which some are not always computed: by each name the derivative of the value that is taken."""
    rates: dict[int, dict[str, Expr]] = {}  # of each piece, by the names that it depends on
    for piece in postorder(cases_):
        if id(piece) in rates:
            continue
        rates[id(piece)] = found = {}
        if isinstance(piece, Name):
            found[piece.name] = _ONE
        elif isinstance(piece, Apply) and piece.operator == "piecewise":
            found.update(_of_cases(piece, rates, symbols, values, limits))
        elif isinstance(piece, Apply | Undefined) and not (isinstance(piece, Apply) and piece.operator in COMPARED):
            for argument, partial in _differentiate(piece, symbols, values, limits):
                for name, rate in rates[id(argument)].items():
                    if partial is None:
                        raise DomainError(f"a derivative by {name} inside cases is not known here")
                    found[name] = found.get(name, _ZERO) + rate * partial
    names = names_in(cases_)
    return [(names[name], rate) for name, rate in rates[id(cases_)].items()]


def _of_cases(
    piece: Apply,
    rates: Mapping[int, Mapping[str, Expr]],
    symbols: Mapping[str, Symbol],
    values: dict[int, Expr],
    limits: Limits,
) -> dict[str, Expr]:
    """The derivative of cases by every name: that of each value, under its own condition."""
    values.update(construct_pieces(piece, symbols, limits))
    pairs: list[tuple[Tree, Any]] = []
    for index in range(0, len(piece.arguments), 2):
        condition = values[id(piece.arguments[index + 1])] if index + 1 < len(piece.arguments) else true
        if condition not in (false, False):
            pairs.append((piece.arguments[index], condition))
        if condition in (true, True):
            break
    found: dict[str, Expr] = {}
    for name in dict.fromkeys(name for value, _ in pairs for name in rates[id(value)]):
        known = [(rates[id(value)].get(name, _ZERO), condition) for value, condition in pairs]
        alike = all(rate == known[0][0] for rate, _ in known) and known[-1][1] in (true, True)
        found[name] = known[0][0] if alike else Piecewise(*known, evaluate=False)
    return found


def _derived(piece: Undefined, index: int) -> Undefined:
    """The partial derivative of a function about which nothing is known, by one of its arguments."""
    orders = piece.orders or (0,) * len(piece.arguments)
    return replace(piece, orders=tuple(order + (place == index) for place, order in enumerate(orders)))
