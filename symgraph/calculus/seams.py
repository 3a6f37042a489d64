"""Where one formula of a function given by cases ends and the next begins: do they meet smoothly there?

>>> from symgraph.calculus.graph import build, find_node
>>> from sympy import Integer
>>> graph = build("piecewise(x^2, x < 1, 2x - 1)")
>>> cases = find_node(graph, "y").formula
>>> is_on_a_seam(cases.arguments[1], {"x": Integer(1)}), is_smooth(graph, cases, {"x": Integer(1)})
(True, True)
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from sympy import Expr, Rational, Symbol, diff

from symgraph.calculus.graph import Graph
from symgraph.calculus.substitution import in_inputs, replace_symbols, tree_size
from symgraph.errors import SymgraphError
from symgraph.language import structures
from symgraph.language.branches import computed, row_of, stays_whole
from symgraph.language.constructors import construct
from symgraph.language.tree import Apply, Tree, Undefined, names_in

__all__ = ["is_on_a_seam", "is_smooth"]

STEP = Rational(1, 2**40)  # how far beside a seam the pieces are looked at
DIGITS = 50
SMALL = Rational(1, 10**40)
SIZE = 300  # pieces of a formula that is still compared at a seam


def is_on_a_seam(condition: Tree, values: Mapping[str, Expr]) -> bool:
    """Whether the two sides of one of a condition's comparisons are equal at a point."""
    seams = structures.seams(construct(condition))
    at = {symbol: values[str(symbol)] for seam in seams for symbol in seam.free_symbols if str(symbol) in values}
    return any(seam.xreplace(at) == True for seam in seams)  # noqa: E712 (SymPy's true is not Python's)


def is_smooth(graph: Graph, piece: Apply | Undefined, values: Mapping[str, Expr]) -> bool | None:
    """Whether the pieces that meet at a point have one value there, and one slope by every input; None: not known."""
    try:
        return _is_smooth(graph, piece, values)
    except (TypeError, ValueError):  # SymPy compares no complex numbers
        return None


def _is_smooth(graph: Graph, piece: Apply | Undefined, values: Mapping[str, Expr]) -> bool | None:
    """The same, where every piece can be worked out.

    Which pieces meet is seen a little beside the point, in all directions. The one that holds at the point itself may
    be another, which says what the value is; its slope is what the rules make of it.
    """
    values_of = list(piece.arguments[0::2])
    conditions = [*piece.arguments[1::2], None][: len(values_of)]
    inputs = [node.symbol for node in graph.graph["inputs"]]
    here = {symbol: values[str(symbol)] for symbol in inputs}
    try:
        names = {name: in_inputs(graph, Symbol(name)) for part in piece.arguments for name in names_in(part)}
        branches = [construct(value, names) for value in values_of]
        tests = [None if test is None else construct(test, names) for test in conditions]
    except SymgraphError:
        return None
    if any(tree_size(branch) > SIZE for branch in branches):
        return None
    own = _branch(tests, here)
    meeting = {_branch(tests, point) for point in _around(here)}
    if own is None or None in meeting:
        return None
    beside = sorted(place for place in meeting if place is not None)
    everywhere = sorted({own, *beside})
    meet = _agree([branches[place] for place in everywhere], here)
    if not meet:
        return meet
    if any(_is_infinite(diff(branches[place], symbol), here) for place in beside for symbol in inputs):
        return False
    if stays_whole(piece) and any(_has_a_kink(values_of[place], names, here) for place in everywhere):
        return None
    slopes = [[diff(branches[place], symbol) for place in beside] for symbol in inputs]
    agreed = [_agree(each, here) for each in slopes]
    if not all(agreed):
        return False if False in agreed else None
    owns = [diff(branches[own], symbol) for symbol in inputs]
    return all(_agree([each[0], slope], here) for each, slope in zip(slopes, owns, strict=True)) or None


def _around(here: Mapping[Symbol, Expr]) -> list[dict[Symbol, Expr]]:
    """Points a little beside a point: every input up, down, or where it is, unevenly so that no seam runs through."""
    symbols = list(here)[:4]
    sizes = [STEP * Rational(7 + 3 * place, 5) for place in range(len(symbols))]
    found = []
    for moves in product((-1, 0, 1), repeat=len(symbols)):
        if any(moves):
            steps = zip(symbols, moves, sizes, strict=True)
            found.append({**here, **{symbol: here[symbol] + move * size for symbol, move, size in steps}})
    return found


def _branch(tests: list[Any], point: Mapping[Symbol, Expr]) -> int | None:
    """Which formula holds at a point; None where that is not decided."""
    for place, test in enumerate(tests):
        if test is None:
            return place
        answer = replace_symbols(test, point)
        if answer == True:  # noqa: E712 (SymPy's true is not Python's)
            return place
        if answer != False:  # noqa: E712 (the same)
            return None
    return None


def _agree(forms: list[Expr], here: Mapping[Symbol, Expr]) -> bool | None:
    """Whether expressions have one value at a point; None where one of them has none."""
    numbers = [replace_symbols(form, here) for form in forms]
    if not all(number.is_number and number.is_real and number.is_finite for number in numbers):
        return None
    return all(number == numbers[0] or abs((number - numbers[0]).evalf(DIGITS)) < SMALL for number in numbers)


def _is_infinite(form: Expr, here: Mapping[Symbol, Expr]) -> bool:
    return replace_symbols(form, here).is_infinite is True


def _has_a_kink(value: Tree, names: Mapping[str, Expr], here: Mapping[Symbol, Expr]) -> bool:
    """Whether something in a formula has no value or no slope at a point, or may have none."""
    for piece, guards, deciding in computed(value):
        row = row_of(piece)
        if row is None or any(replace_symbols(construct(guard, names), here) == False for guard in guards):  # noqa: E712 (the same)
            continue
        if row.name == "piecewise":
            seams = [seam for each in piece.arguments[1::2] for seam in structures.seams(construct(each, names))]
            if any(replace_symbols(seam, here) != False for seam in seams):  # noqa: E712 (SymPy's false is not Python's)
                return True
            continue
        arguments = [replace_symbols(construct(argument, names), here) for argument in piece.arguments]
        if any(condition != True for condition in row.domain(*arguments)):  # noqa: E712 (the same)
            return True
        if not deciding and any(condition != False for condition in row.kinks(*arguments)):  # noqa: E712 (the same)
            return True
    return False
