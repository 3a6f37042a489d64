"""Slips of implicit differentiation, which are made in both parts of the slope −F_x/F_y at once.

Where y moves with x, every path that begins at y brings the factor dy/dx with it. A path without it stands in F_x
instead of F_y; where all are without it there is nothing to solve for, and F_x + F_y is the answer. A term whose paths
are all left out was taken for a constant; of a product x·y the product of the derivatives, 1·dy/dx, is left where there
should be y + x·dy/dx; and a letter that is a constant factor of one part is none of the curve: who leaves it out has
left out the other factor of a product.

>>> from symgraph.marking.edits import in_formulas
>>> from symgraph.marking.question import ask
>>> x_part, y_part = ask("x^2 + x*y + y^2", "x"), ask("x^2 + x*y + y^2", "y")
>>> for _, edit, slope in implicit_edits(x_part, y_part):
...     print(edit.mistake, edit.where, slope(in_formulas(x_part), in_formulas(y_part)))
forgotten_rate y → v 3*x + 3*y
forgotten_rate y → v (-3*x - y)/(2*y)
forgotten_rate y → p (-2*x - 3*y)/x
taken_for_constant v → w -x/y
product_of_derivatives x → v -2*x/(2*y + 1)
product_of_derivatives x → v (-2*x - 1)/(2*y)
missing_edge x → v (-2*x - 1)/(x + 2*y)
missing_edge y → v (-2*x - y)/(2*y + 1)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any, TypeAlias

from symgraph.calculus.graph import Edge
from symgraph.calculus.paths import Path
from symgraph.marking.edits import Edit, Rule, Sweep
from symgraph.marking.places import unit
from symgraph.marking.question import Operation, Question
from symgraph.marking.whole_edits import nothing

__all__ = ["Row", "implicit_edits", "is_about_a_shared_product"]

Make: TypeAlias = Callable[[Sweep, Sweep], Any]
Row: TypeAlias = tuple[Question, Edit, Make]

_SUBSETS = 4  # paths of which every selection is tried
_TERMS = frozenset({"add", "subtract", "negate"})  # a sum is no term


def implicit_edits(top: Question, bottom: Question) -> Iterator[Row]:
    """The slips with the part that they are told of, and with what they make of both parts' sweeps.

    Args:
        top, bottom: for F_x and F_y, of graphs that are the same.
    """
    yield from _forgotten_rate(bottom, (top.wrt.name, bottom.wrt.name))
    yield from _taken_for_constant(top, bottom)
    yield from _product_of_derivatives(top, bottom)
    yield from _missing_cofactor(top, bottom)


def is_about_a_shared_product(edit: Edit, top: Question, bottom: Question) -> bool:
    """Whether an edit of one part takes x or y for the constant factor of a product x·y of which both move."""
    if edit.mistake != "coefficient_lost":
        return False
    shared = {one.node.name for one, _ in _shared_products(top, bottom)}
    return any(edge.head.name in shared for edge in edit.outer)


def _forgotten_rate(bottom: Question, names: tuple[str, str]) -> Iterator[Row]:
    """Some paths from y without the factor dy/dx, or all of them."""
    paths = bottom.paths
    if not paths or bottom.path_count != len(paths):
        return
    everything = Edit("forgotten_rate", paths[0].edges[0], 75, paths=paths, kind="quotient", detail=names)
    yield bottom, everything, lambda a, b: a.derivative + b.derivative
    for count in range(1, len(paths) if len(paths) <= _SUBSETS else 2):
        for some in combinations(paths, count):
            start = some[0].edges[0]
            edit = Edit("forgotten_rate", start, 89 - 3 * count, paths=some, kind="quotient", detail=names)
            yield bottom, edit, _without_rate(some)


def _without_rate(paths: tuple[Path, ...]) -> Make:
    def make(a: Sweep, b: Sweep) -> Any:
        moved = sum(b.product(path) for path in paths)
        return -(a.derivative + moved) / (b.derivative - moved)

    return make


def _taken_for_constant(top: Question, bottom: Question) -> Iterator[Row]:
    """A term in which both names stand, as if it stood still."""
    for operation in top.operations:
        for edge in operation.edges:
            other = None if edge is None else _same(edge, bottom)
            if edge is None or other is None or _row_of(top, edge) in _TERMS:
                continue
            one, another = (
                Edit("taken_for_constant", each, 80, outer={each: nothing}, kind="quotient") for each in (edge, other)
            )
            yield top, one, _in_both(one, another)


def _product_of_derivatives(top: Question, bottom: Question) -> Iterator[Row]:
    """u′v′ for (uv)′, where of u and v at least one is without y; else (dy/dx)² would be left."""
    for one, other in _shared_products(top, bottom):
        where = next(edge for edge in (*one.edges, *other.edges) if edge is not None)
        for likelihood, forgotten in ((90, False), (84, True)):  # with dy/dx, and without
            edit = Edit("product_of_derivatives", where, likelihood, kind="quotient")
            yield top, edit, _rates_multiplied(one, other, forgotten)


def _missing_cofactor(top: Question, bottom: Question) -> Iterator[Row]:
    """1 + x·dy/dx for (x·y)′: one of the two derivatives is not multiplied by the other factor."""
    for products in _shared_products(top, bottom):
        for question, operation in zip((top, bottom), products, strict=True):
            moving = [edge for edge in operation.edges if edge is not None]
            if len(moving) == 1:
                edit = Edit("missing_edge", moving[0], 101, {moving[0]: unit}, kind="cofactor")
                yield question, edit, _in_one(edit, question is top)


def _in_one(edit: Edit, of_top: bool) -> Make:
    if of_top:
        return lambda a, b: -a.total(edit) / b.derivative
    return lambda a, b: -a.derivative / b.total(edit)


def _shared_products(top: Question, bottom: Question) -> Iterator[tuple[Operation, Operation]]:
    """Products of which every factor moves with x or y, and not each with y."""
    for one in top.operations:
        other = next((each for each in bottom.operations if each.node.name == one.node.name), None)
        if one.row != "multiply" or other is None or all(edge is not None for edge in other.edges):
            continue
        if all(mine is not None or its is not None for mine, its in zip(one.edges, other.edges, strict=True)):
            yield one, other


def _rates_multiplied(one: Operation, other: Operation, forgotten: bool) -> Make:
    def make(a: Sweep, b: Sweep) -> Any:
        by_x, by_y = ([_rate(sweep, edge) for edge in each.edges] for sweep, each in ((a, one), (b, other)))
        alone, along = by_x[0] * by_x[1], by_x[0] * by_y[1] + by_x[1] * by_y[0]
        if forgotten:
            alone, along = alone + along, 0
        top_edit, bottom_edit = (Edit("", rates={one.node.name: _fixed(rate)}) for rate in (alone, along))
        return -a.total(top_edit) / b.total(bottom_edit)

    return make


def _fixed(rate: Any) -> Rule:
    return lambda _: rate


def _rate(sweep: Sweep, edge: Edge | None) -> Any:
    return 0 if edge is None else sweep.rates[edge.tail.name]


def _in_both(one: Edit, other: Edit) -> Make:
    return lambda a, b: -a.total(one) / b.total(other)


def _same(edge: Edge, question: Question) -> Edge | None:
    """The edge of another question that stands at the same place."""
    place = (edge.tail.name, edge.head.name, edge.key)
    return next((each for each in question.edges if (each.tail.name, each.head.name, each.key) == place), None)


def _row_of(question: Question, edge: Edge) -> str:
    """The operation from which an edge comes."""
    return next((each.row for each in question.operations if each.node.name == edge.tail.name), "")
